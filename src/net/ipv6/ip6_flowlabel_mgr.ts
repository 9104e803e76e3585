/**
 * net/ipv6/ip6_flowlabel.c: flow labels that programs lease (IPV6_FLOWLABEL_MGR).
 *
 *   label            | asked for by              | then
 *   is free          | anybody, with CREATE      | it is leased
 *   is free          | without CREATE            | ENOENT
 *   is leased        | with EXCL                 | EEXIST
 *   is leased        | who shares it as its owner does | one user more, and its time is the longer one
 *   is leased        | others                    | EPERM
 *   has users        | the last one lets go      | it lingers, and is free when its time is over
 */
import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import { capable, type task_struct } from '../../kernel/task.ts'
import { HZ, mod_timer, NSEC_PER_JIFFY, timer_list } from '../../kernel/time.ts'
import { hex, putBe32 } from '../../lib/bytes.ts'
import { EEXIST, EINVAL, ENOBUFS, ENOENT, ENOPROTOOPT, EPERM, ERANGE, ESRCH, type Errno, isErrno } from '../../uapi/errno.ts'
import { IPPROTO_TCP } from '../../uapi/linux/in.ts'
import * as IN6 from '../../uapi/linux/in6.ts'
import type { net } from '../core/net_namespace.ts'
import { for_each_cmsg } from '../core/sock_cmsg.ts'
import type { inet6_sock } from './inet6_sock.ts'
import { type ipv6_txoptions, send_ctl_header } from './ipv6_txoptions.ts'

/** Seconds that a label lingers at least, and for others than root at most. */
const FL_MIN_LINGER = 6
const FL_MAX_LINGER = 150
const FL_MAX_PER_SOCK = 32
const FL_MAX_SIZE = 4096
/** Of flr_label in the request. */
const LABEL_AT = 16
const LONGEST_OPTIONS = 64 * 1024

/** struct ip6_flowlabel */
export class ip6_flowlabel {
  label: number
  readonly dst: IN6.in6_addr
  readonly share: number
  /** Process or user, by `share`. */
  readonly owner: number
  opt: ipv6_txoptions | undefined = undefined
  users = 1
  /** Jiffies. */
  linger = 0
  lastuse = 0
  expires: number
  constructor(label: number, dst: IN6.in6_addr, share: number, owner: number, now: number) {
    this.label = label
    this.dst = dst
    this.share = share
    this.owner = owner
    this.expires = now
  }
}
/** Labels of a namespace, and the timer that frees them. */
export class ip6_flowlabels {
  readonly net: net
  table = new Map<number, ip6_flowlabel>()
  /** One was leased that not all may use: from then on only leased ones are sent. */
  has_excl = false
  timer: timer_list
  constructor(net: net) {
    this.net = net
    this.timer = new timer_list(net.kernel.events, ip6_fl_gc, this)
  }
}
function labels_of(net: net): ip6_flowlabels {
  net.ipv6.flowlabels ??= new ip6_flowlabels(net)
  return net.ipv6.flowlabels
}
function over_at(fl: ip6_flowlabel): number {
  fl.expires = Math.max(fl.expires, fl.lastuse + fl.linger)
  return fl.expires
}
export function ip6_fl_gc(labels: ip6_flowlabels): void {
  const now = labels.net.kernel.jiffies()
  let next = Number.POSITIVE_INFINITY
  for (const [label, fl] of labels.table) {
    if (fl.users > 0) continue
    if (now >= over_at(fl)) labels.table.delete(label)
    else next = Math.min(next, over_at(fl))
  }
  if (next < Number.POSITIVE_INFINITY) mod_timer(labels.timer, next * NSEC_PER_JIFFY)
}
function fl_release(net: net, fl: ip6_flowlabel): void {
  fl.lastuse = net.kernel.jiffies()
  if (--fl.users > 0) return
  over_at(fl)
  ip6_fl_gc(labels_of(net))
}
export function fl6_free_socklist(sk: inet6_sock): void {
  for (const fl of sk.fl_list) fl_release(sk.sk_net, fl)
  sk.fl_list = []
}
/** fl6_sock_lookup(): the lease by which the socket sends with the label; ENOENT: it needs one. Undefined: it needs none. */
export function fl6_sock_lookup(sk: inet6_sock, label: number): ip6_flowlabel | Errno | undefined {
  if (!sk.sk_net.ipv6.flowlabels?.has_excl) return undefined
  const fl = sk.fl_list.find((held) => held.label === (label & IN6.IPV6_FLOWLABEL_MASK))
  if (fl !== undefined) fl.lastuse = sk.sk_net.kernel.jiffies()
  return fl ?? ENOENT
}
/** fl6_merge_options(): of the headers up to the route the label decides; those behind it are the packet's own. */
export function fl6_merge_options(fl: ip6_flowlabel, own: ipv6_txoptions | undefined): ipv6_txoptions | undefined {
  return own?.dst1opt === undefined ? fl.opt : { ...fl.opt, dst1opt: own.dst1opt }
}

/** check_linger(): jiffies; undefined: not for everybody. */
function check_linger(seconds: number, task: task_struct): number | undefined {
  if (seconds < FL_MIN_LINGER) return FL_MIN_LINGER * HZ
  return seconds > FL_MAX_LINGER && !capable(task, CAP_NET_ADMIN) ? undefined : seconds * HZ
}
function fl6_renew(net: net, fl: ip6_flowlabel, req: request, task: task_struct): Errno | undefined {
  const linger = check_linger(req.flr_linger, task)
  const expires = check_linger(req.flr_expires, task)
  if (linger === undefined || expires === undefined) return EPERM
  fl.lastuse = net.kernel.jiffies()
  fl.linger = Math.max(fl.linger, linger)
  fl.expires = Math.max(fl.expires, fl.lastuse + Math.max(expires, fl.linger))
  return undefined
}
type request = ReturnType<typeof IN6.in6_flowlabel_req.get>

/** ipv6_flowlabel_opt(): `optval` gets the label that was drawn. */
export function ipv6_flowlabel_opt(sk: inet6_sock, optval: Uint8Array, task: task_struct): Errno | undefined {
  if (optval.length < IN6.in6_flowlabel_req.size) return EINVAL
  const req = IN6.in6_flowlabel_req.get(optval, 0)
  switch (req.flr_action) {
    case IN6.IPV6_FL_A_PUT:
      return flowlabel_put(sk, req)
    case IN6.IPV6_FL_A_RENEW:
      return flowlabel_renew(sk, req, task)
    case IN6.IPV6_FL_A_GET:
      return flowlabel_get(sk, req, optval, task)
    default:
      return EINVAL
  }
}
function flowlabel_put(sk: inet6_sock, req: request): Errno | undefined {
  if (req.flr_flags & IN6.IPV6_FL_F_REFLECT) return sk.sk_protocol !== IPPROTO_TCP ? ENOPROTOOPT : ESRCH
  const fl = sk.fl_list.find((held) => held.label === req.flr_label)
  if (fl === undefined) return ESRCH
  if (sk.flow_label === req.flr_label) sk.flow_label = 0
  sk.fl_list.splice(sk.fl_list.indexOf(fl), 1)
  fl_release(sk.sk_net, fl)
  return undefined
}
function flowlabel_renew(sk: inet6_sock, req: request, task: task_struct): Errno | undefined {
  const held = sk.fl_list.find((fl) => fl.label === req.flr_label)
  const any = req.flr_share === IN6.IPV6_FL_S_NONE && capable(task, CAP_NET_ADMIN)
  const fl = held ?? (any ? labels_of(sk.sk_net).table.get(req.flr_label) : undefined)
  return fl === undefined ? ESRCH : fl6_renew(sk.sk_net, fl, req, task)
}
function reflect(sk: inet6_sock): Errno | undefined {
  if (sk.sk_net.ipv6.sysctl.flowlabel_consistency !== 0) return EPERM
  if (sk.sk_protocol !== IPPROTO_TCP) return ENOPROTOOPT
  sk.sk_net.kernel.unsupported.count('setsockopt', 'IPV6_FL_F_REFLECT')
  return undefined
}
function flowlabel_get(sk: inet6_sock, req: request, optval: Uint8Array, task: task_struct): Errno | undefined {
  const net = sk.sk_net
  if (req.flr_flags & IN6.IPV6_FL_F_REFLECT) return reflect(sk)
  if (req.flr_label & ~IN6.IPV6_FLOWLABEL_MASK) return EINVAL
  if (net.ipv6.sysctl.flowlabel_state_ranges !== 0 && req.flr_label & IN6.IPV6_FLOWLABEL_STATELESS_FLAG) return ERANGE
  const fl = fl_create(sk, req, optval.subarray(IN6.in6_flowlabel_req.size), task)
  if (isErrno(fl)) return fl
  const known = req.flr_label === 0 ? undefined : labels_of(net).table.get(req.flr_label)
  if (known !== undefined) return share(sk, req, known, fl, task)
  if (!(req.flr_flags & IN6.IPV6_FL_F_CREATE)) return ENOENT
  if (no_room(sk, task)) return ENOBUFS
  lease(sk, fl)
  putBe32(optval, LABEL_AT, fl.label)
  return undefined
}
function lease(sk: inet6_sock, fl: ip6_flowlabel): void {
  const labels = labels_of(sk.sk_net)
  while (fl.label === 0 || labels.table.has(fl.label)) fl.label = sk.sk_net.kernel.random.below(IN6.IPV6_FLOWLABEL_MASK + 1)
  if (fl.share !== IN6.IPV6_FL_S_ANY || fl.opt !== undefined) labels.has_excl = true
  labels.table.set(fl.label, fl)
  sk.fl_list.unshift(fl)
}
/** Somebody has the label already. */
function share(sk: inet6_sock, req: request, known: ip6_flowlabel, fl: ip6_flowlabel, task: task_struct): Errno | undefined {
  if (req.flr_flags & IN6.IPV6_FL_F_EXCL) return EEXIST
  if (known.share === IN6.IPV6_FL_S_EXCL || known.share !== fl.share || known.owner !== fl.owner) return EPERM
  if (sk.fl_list.length >= FL_MAX_PER_SOCK && !capable(task, CAP_NET_ADMIN)) return ENOBUFS
  known.linger = Math.max(known.linger, fl.linger)
  known.expires = Math.max(known.expires, fl.expires)
  known.users++
  sk.fl_list.unshift(known)
  return undefined
}
function fl_create(sk: inet6_sock, req: request, options: Uint8Array, task: task_struct): ip6_flowlabel | Errno {
  if (options.length > LONGEST_OPTIONS) return EINVAL
  const { flr_share, flr_dst } = req
  const owner = flr_share === IN6.IPV6_FL_S_PROCESS ? task.tgid : flr_share === IN6.IPV6_FL_S_USER ? task.uid : 0
  const fl = new ip6_flowlabel(req.flr_label, flr_dst, flr_share, owner, sk.sk_net.kernel.jiffies())
  const opt: ipv6_txoptions = {}
  const wrong = for_each_cmsg(options, (level, type, data) => {
    if (level !== IN6.SOL_IPV6) return undefined
    const done = send_ctl_header(opt, type, data, capable(task, CAP_NET_ADMIN))
    return isErrno(done) ? done : undefined
  })
  if (wrong !== undefined) return wrong
  if (opt.dst1opt !== undefined) return EINVAL
  if (Object.keys(opt).length > 0) fl.opt = opt
  const late = fl6_renew(sk.sk_net, fl, req, task)
  if (late !== undefined) return late
  const type = IN6.ipv6_addr_type(flr_dst)
  if (type & IN6.IPV6_ADDR_MAPPED || type === IN6.IPV6_ADDR_ANY) return EINVAL
  const kinds = [IN6.IPV6_FL_S_EXCL, IN6.IPV6_FL_S_ANY, IN6.IPV6_FL_S_PROCESS, IN6.IPV6_FL_S_USER]
  return kinds.includes(flr_share) ? fl : EINVAL
}
/** mem_check() */
function no_room(sk: inet6_sock, task: task_struct): boolean {
  const room = FL_MAX_SIZE - labels_of(sk.sk_net).table.size
  const held = sk.fl_list.length
  if (room > FL_MAX_SIZE - FL_MAX_PER_SOCK) return false
  const scarce = held >= FL_MAX_PER_SOCK || (held > 0 && room < FL_MAX_SIZE / 2) || room < FL_MAX_SIZE / 4
  return room <= 0 || (scarce && !capable(task, CAP_NET_ADMIN))
}

/** getsockopt(): the lease of the label that the socket is connected with. */
export function ipv6_flowlabel_opt_get(sk: inet6_sock, input: Uint8Array): Uint8Array | Errno {
  const req = IN6.in6_flowlabel_req.get(input, 0)
  if (req.flr_action !== IN6.IPV6_FL_A_GET) return EINVAL
  if (req.flr_flags & IN6.IPV6_FL_F_REMOTE) return IN6.in6_flowlabel_req.encode({})
  const fl = sk.fl_list.find((held) => held.label === sk.flow_label)
  if (fl === undefined) return ENOENT
  const seconds = (jiffies: number) => Math.trunc(jiffies / HZ) & 0xffff
  return IN6.in6_flowlabel_req.encode({
    flr_label: fl.label,
    flr_dst: fl.dst,
    flr_share: fl.share,
    flr_expires: seconds(fl.expires - sk.sk_net.kernel.jiffies()),
    flr_linger: seconds(fl.linger),
  })
}

/** /proc/net/ip6_flowlabel */
export function ip6fl_seq_show(net: net): string {
  const now = net.kernel.jiffies()
  let out = 'Label S Owner  Users  Linger Expires  Dst                              Opt\n'
  for (const fl of net.ipv6.flowlabels?.table.values() ?? []) {
    const opt = Object.values(fl.opt ?? {}).reduce((sum: number, part: Uint8Array) => sum + part.length, 0)
    const numbers = [fl.owner, fl.users, Math.trunc(fl.linger / HZ), Math.trunc((fl.expires - now) / HZ)]
    const [owner, users, linger, expires] = numbers.map(String)
    out += `${fl.label.toString(16).toUpperCase().padStart(5, '0')} ${String(fl.share).padEnd(1)} ${owner.padEnd(6)} `
    out += `${users.padEnd(6)} ${linger.padEnd(6)} ${expires.padEnd(8)} ${hex(fl.dst)} ${String(opt).padEnd(4)}\n`
  }
  return out
}
