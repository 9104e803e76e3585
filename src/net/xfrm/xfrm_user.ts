/**
 * net/xfrm/xfrm_user.c: NETLINK_XFRM. Associations and policies are state here: they are made, found, told of, and expire by
 * the clock. Packets are neither transformed by them nor held to them. What only makes sense with packets is refused and
 * counted: ACQUIRE and MIGRATE.
 */
import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import type { task_struct } from '../../kernel/task.ts'
import type { AttrTable } from '../../lib/attrs.ts'
import { put32 } from '../../lib/bytes.ts'
import { MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { EINVAL, EOPNOTSUPP, EPERM, type Errno, isErrno } from '../../uapi/errno.ts'
import { NETLINK_XFRM, NLM_F_DUMP } from '../../uapi/linux/netlink.ts'
import * as X from '../../uapi/linux/xfrm.ts'
import { type net, type pernet_operations, register_pernet_subsys } from '../core/net_namespace.ts'
import { nlmsg_parse_deprecated } from '../netlink/attr.ts'
import { netlink_dump_start } from '../netlink/netlink_dump.ts'
import { nlmsg_unicast } from '../netlink/netlink_multicast.ts'
import { netlink_net_capable, netlink_rcv_skb } from '../netlink/netlink_rcv.ts'
import {
  type netlink_kernel_cfg,
  netlink_kernel_create,
  netlink_kernel_release,
  netlink_lookup,
  type netlink_sock,
} from '../netlink/netlink_sock.ts'
import type { Request } from '../netlink/types.ts'
import { netns_xfrm_of } from './netns_xfrm.ts'
import { xfrm_policy_delete } from './xfrm_policy.ts'
import { xfrm_state_delete } from './xfrm_state.ts'
import { xfrm_user_mgr } from './xfrm_user_fill.ts'
import { xfrma_policy, xfrma_spd_policy } from './xfrm_user_policies.ts'
import {
  xfrm_add_pol_expire,
  xfrm_add_policy,
  xfrm_dump_policy,
  xfrm_flush_policy,
  xfrm_get_default,
  xfrm_get_policy,
  xfrm_set_default,
} from './xfrm_user_policy.ts'
import {
  xfrm_add_sa,
  xfrm_add_sa_expire,
  xfrm_alloc_userspi,
  xfrm_del_sa,
  xfrm_dump_sa,
  xfrm_flush_sa,
  xfrm_get_ae,
  xfrm_get_sa,
  xfrm_new_ae,
} from './xfrm_user_sa.ts'

/** Buckets of the tables that a namespace begins with, and the most that they may grow to. */
const XFRM_STATE_HASH = 8
const XFRM_POLICY_HMASK = 7
const XFRM_HASH_MAX = 1024 * 1024

export function xfrm_netlink_rcv(data: Uint8Array, sk: netlink_sock, task: task_struct): void {
  netlink_rcv_skb(sk.sk_net, data, sk, task, xfrm_user_rcv_msg)
}

/** All of it needs the permission, also what only asks. */
export function xfrm_user_rcv_msg(req: Request): Errno | undefined {
  const { type } = req
  if (type > X.XFRM_MSG_MAX) return EINVAL
  if (!netlink_net_capable(req, req.task, CAP_NET_ADMIN)) return EPERM
  if ((req.flags & NLM_F_DUMP) !== 0) {
    if (type === X.XFRM_MSG_GETSA) return netlink_dump_start(req, xfrm_dump_sa)
    if (type === X.XFRM_MSG_GETPOLICY) return netlink_dump_start(req, xfrm_dump_policy)
  }
  if (type === X.XFRM_MSG_NEWSPDINFO) return xfrm_set_spdinfo(req)
  const tb = nlmsg_parse_deprecated(req, X.xfrm_msg_min[type - X.XFRM_MSG_BASE], xfrma_policy)
  if (isErrno(tb)) return tb
  const doit = xfrm_dispatch[type]
  if (doit !== undefined) return doit(req, tb)
  const from_kernel_only = type === X.XFRM_MSG_NEWSADINFO || type === X.XFRM_MSG_REPORT || type === X.XFRM_MSG_MAPPING
  if (from_kernel_only) return EINVAL
  req.net.kernel.unsupported.count('xfrm', `message ${type}`)
  return EOPNOTSUPP
}

/** The answers begin with the number that the request began with. */
function info_answer(req: Request, type: number): MessageBuilder {
  const skb = new MessageBuilder(4096, 256)
  skb.begin(type, 0, req.seq, req.portid)
  const at = skb.room(4)
  skb.buf.set(req.buf.subarray(NLMSG_HDRLEN, NLMSG_HDRLEN + 4), at)
  return skb
}
function answer(req: Request, skb: MessageBuilder): Errno | undefined {
  skb.end()
  return nlmsg_unicast(req.net, NETLINK_XFRM, req.portid, skb.bytes())
}
function numbers(...values: number[]): Uint8Array {
  const out = new Uint8Array(values.length * 4)
  for (const [i, value] of values.entries()) put32(out, i * 4, value)
  return out
}
function xfrm_get_sadinfo(req: Request): Errno | undefined {
  const skb = info_answer(req, X.XFRM_MSG_NEWSADINFO)
  skb.put(X.XFRMA_SAD_CNT, netns_xfrm_of(req.net).state_all.length)
  skb.put(X.XFRMA_SAD_HINFO, numbers(XFRM_STATE_HASH, XFRM_HASH_MAX))
  return answer(req, skb)
}
function xfrm_get_spdinfo(req: Request): Errno | undefined {
  const { policy_all, hthresh4, hthresh6 } = netns_xfrm_of(req.net)
  const count = (dir: number) => policy_all.filter((xp) => xp.dir === dir).length
  const skb = info_answer(req, X.XFRM_MSG_NEWSPDINFO)
  skb.put(X.XFRMA_SPD_INFO, numbers(count(X.XFRM_POLICY_IN), count(X.XFRM_POLICY_OUT), count(X.XFRM_POLICY_FWD), 0, 0, 0))
  skb.put(X.XFRMA_SPD_HINFO, numbers(XFRM_POLICY_HMASK, XFRM_HASH_MAX))
  skb.put(X.XFRMA_SPD_IPV4_HTHRESH, Uint8Array.from(hthresh4))
  skb.put(X.XFRMA_SPD_IPV6_HTHRESH, Uint8Array.from(hthresh6))
  return answer(req, skb)
}

/** XFRM_MSG_NEWSPDINFO */
function xfrm_set_spdinfo(req: Request): Errno | undefined {
  const tb = nlmsg_parse_deprecated(req, 4, xfrma_spd_policy)
  if (isErrno(tb)) return tb
  const four = tb.payload(X.XFRMA_SPD_IPV4_HTHRESH)
  const six = tb.payload(X.XFRMA_SPD_IPV6_HTHRESH)
  const above = (bits: Uint8Array | undefined, most: number) => bits !== undefined && (bits[0] > most || bits[1] > most)
  if (above(four, 32)) return req.extack.fail(EINVAL, 'Invalid hash threshold (must be <= 32 for IPv4)')
  if (above(six, 128)) return req.extack.fail(EINVAL, 'Invalid hash threshold (must be <= 128 for IPv6)')
  const all = netns_xfrm_of(req.net)
  if (four !== undefined) all.hthresh4 = [four[0], four[1]]
  if (six !== undefined) all.hthresh6 = [six[0], six[1]]
  return undefined
}

const xfrm_dispatch: Readonly<Record<number, (req: Request, tb: AttrTable) => Errno | undefined>> = {
  [X.XFRM_MSG_NEWSA]: xfrm_add_sa,
  [X.XFRM_MSG_DELSA]: xfrm_del_sa,
  [X.XFRM_MSG_GETSA]: xfrm_get_sa,
  [X.XFRM_MSG_UPDSA]: xfrm_add_sa,
  [X.XFRM_MSG_NEWPOLICY]: xfrm_add_policy,
  [X.XFRM_MSG_DELPOLICY]: xfrm_get_policy,
  [X.XFRM_MSG_GETPOLICY]: xfrm_get_policy,
  [X.XFRM_MSG_UPDPOLICY]: xfrm_add_policy,
  [X.XFRM_MSG_ALLOCSPI]: xfrm_alloc_userspi,
  [X.XFRM_MSG_EXPIRE]: xfrm_add_sa_expire,
  [X.XFRM_MSG_POLEXPIRE]: xfrm_add_pol_expire,
  [X.XFRM_MSG_FLUSHSA]: xfrm_flush_sa,
  [X.XFRM_MSG_FLUSHPOLICY]: xfrm_flush_policy,
  [X.XFRM_MSG_NEWAE]: xfrm_new_ae,
  [X.XFRM_MSG_GETAE]: xfrm_get_ae,
  [X.XFRM_MSG_GETSADINFO]: xfrm_get_sadinfo,
  [X.XFRM_MSG_GETSPDINFO]: xfrm_get_spdinfo,
  [X.XFRM_MSG_SETDEFAULT]: xfrm_set_default,
  [X.XFRM_MSG_GETDEFAULT]: xfrm_get_default,
}

export const xfrm_user_cfg: netlink_kernel_cfg = { name: 'xfrm', groups: X.XFRMNLGRP_MAX, input: xfrm_netlink_rcv }

export function xfrm_user_net_init(net: net): Errno | undefined {
  netlink_kernel_create(net, NETLINK_XFRM, xfrm_user_cfg)
  netns_xfrm_of(net).km = xfrm_user_mgr
  return undefined
}
/** Timers of what is left would hold the namespace. */
export function xfrm_user_net_exit(net: net): void {
  const all = netns_xfrm_of(net)
  for (const x of all.state_all) xfrm_state_delete(x)
  for (const xp of all.policy_all) xfrm_policy_delete(xp)
  const sk = netlink_lookup(net, NETLINK_XFRM, 0)
  if (sk !== undefined) netlink_kernel_release(sk)
}
export const xfrm_user_net_ops: pernet_operations = { name: 'xfrm_user_net_ops', init: xfrm_user_net_init, exit: xfrm_user_net_exit }

export function xfrm_user_init(kernel: Kernel): Errno | undefined {
  return register_pernet_subsys(kernel, xfrm_user_net_ops)
}
