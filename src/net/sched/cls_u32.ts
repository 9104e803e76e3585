/**
 * net/sched/cls_u32.c: words of the packet, compared under masks. Filters stand in tables; one that fits may send the
 * packet on into another table, by words of the packet again. A discipline's filters of all priorities share their tables.
 *
 *   a filter that fits has        | the packet
 *   no other table, and is an end | is the filter's: its class, its actions
 *   another table                 | goes through it; what nobody wants there comes back, and is the filter's if that is an end
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { KERN_INFO, KERN_WARNING } from '../../kernel/printk.ts'
import type { AttrTable } from '../../lib/attrs.ts'
import { getBe16, getBe32, put64 } from '../../lib/bytes.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EBUSY, EINVAL, ENOMEM, ENOSPC, type Errno, isErrno } from '../../uapi/errno.ts'
import { TC_ACT_UNSPEC, TCA_CLS_FLAGS_NOT_IN_HW } from '../../uapi/linux/pkt_cls.ts'
import * as U from '../../uapi/linux/pkt_cls_kinds.ts'
import { TCA_OPTIONS } from '../../uapi/linux/rtnetlink.ts'
import { __dev_get_by_index, __dev_get_by_name, net_ratelimit } from '../core/dev_state.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { nla_parse_nested_deprecated } from '../netlink/attr.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { NLA_STRING, NLA_U32, NLA_UNSPEC, policy } from '../netlink/policy.ts'
import { tcf_action_exec } from './act.ts'
import {
  register_tcf_proto_ops,
  type tcf_change,
  tcf_filter,
  tcf_filter_release,
  tcf_flags,
  type tcf_proto,
  type tcf_proto_ops,
  type tcf_result,
} from './cls.ts'
import type { tcf_block } from './cls_block.ts'
import { tcf_exts_dump, tcf_exts_validate } from './cls_exts.ts'
import type { Qdisc, sched_state } from './qdisc.ts'

const IFNAMSIZ = 16
const MAX_BUCKETS = 256
const u32_policy = policy(
  U.TCA_U32,
  {
    TCA_U32_CLASSID: NLA_U32,
    TCA_U32_HASH: NLA_U32,
    TCA_U32_LINK: NLA_U32,
    TCA_U32_DIVISOR: NLA_U32,
    TCA_U32_SEL: NLA_UNSPEC(U.tc_u32_sel.size),
    TCA_U32_INDEV: NLA_STRING(IFNAMSIZ),
    TCA_U32_MARK: NLA_UNSPEC(U.tc_u32_mark.size),
    TCA_U32_FLAGS: NLA_U32,
  },
  { name: 'u32_policy' },
)

type u32_key = ReturnType<typeof U.tc_u32_key.get>
type u32_sel = ReturnType<typeof U.tc_u32_sel.get>

/** A filter. */
export class tc_u_knode extends tcf_filter {
  readonly ht_up: tc_u_hnode
  ht_down: tc_u_hnode | undefined = undefined
  sel: u32_sel
  keys: u32_key[]
  /** TCA_U32_SEL as it came. */
  readonly sel_bytes: Uint8Array
  ifindex = 0
  mark: { val: number; mask: number } | undefined = undefined
  success = 0
  rcnt = 0
  rhit = 0
  kcnts: number[]
  constructor(handle: number, ht_up: tc_u_hnode, sel_bytes: Uint8Array) {
    super(handle)
    this.ht_up = ht_up
    this.sel_bytes = sel_bytes
    this.sel = U.tc_u32_sel.get(sel_bytes, 0)
    const at = (i: number) => U.tc_u32_sel.size + i * U.tc_u32_key.size
    this.keys = Array.from({ length: this.sel.nkeys }, (_, i) => U.tc_u32_key.get(sel_bytes, at(i)))
    this.kcnts = this.keys.map(() => 0)
  }
}
/** A table: a list of filters in each bucket. */
export class tc_u_hnode extends tcf_filter {
  readonly prio: number
  readonly is_root: boolean
  /** By filters that lead to it. */
  links = 0
  ht: tc_u_knode[][]
  constructor(handle: number, prio: number, buckets: number, is_root: boolean) {
    super(handle)
    this.prio = prio
    this.is_root = is_root
    this.ht = Array.from({ length: buckets }, () => [])
  }
}
/** The tables of a discipline, or of a block that several share; the newest is first. */
export class tc_u_common {
  readonly ptr: Qdisc | tcf_block
  hlist: tc_u_hnode[] = []
  /** Kinds of one priority that use them. */
  refcnt = 0
  last_id = 0
  constructor(ptr: Qdisc | tcf_block) {
    this.ptr = ptr
  }
}
interface u32_priv {
  common: tc_u_common
  root: tc_u_hnode
}
function priv(tp: tcf_proto): u32_priv {
  return tp.priv as u32_priv
}
function sched(tp: tcf_proto): sched_state {
  return tp.chain.block.net.kernel.netdev.sched
}
function id2handle(id: number): number {
  return ((id | 0x800) << 20) >>> 0
}
/** gen_new_htid(): the one after the last, round and round. */
function gen_new_htid(common: tc_u_common): number {
  const used = new Set(common.hlist.map((ht) => ht.handle))
  for (let i = 0; i < 0x7fe; i++) {
    const id = ((common.last_id + i) % 0x7fe) + 1
    if (used.has(id2handle(id))) continue
    common.last_id = id
    return id2handle(id)
  }
  return 0
}

export function u32_init(tp: tcf_proto): Errno | undefined {
  const ptr = tp.chain.block.q ?? tp.chain.block
  const all = sched(tp).tc_u_commons
  let common = all.find((other) => other.ptr === ptr)
  if (common === undefined) all.push((common = new tc_u_common(ptr)))
  const handle = common.hlist.length === 0 ? id2handle(0) : gen_new_htid(common)
  if (handle === 0) return ENOMEM
  const root = new tc_u_hnode(handle, tp.prio, 1, true)
  common.refcnt++
  common.hlist.unshift(root)
  tp.priv = { common, root } satisfies u32_priv
  return undefined
}
function destroy_hnode(common: tc_u_common, ht: tc_u_hnode): void {
  for (const list of ht.ht) for (const n of list.splice(0)) destroy_key(n)
  common.hlist = common.hlist.filter((other) => other !== ht)
}
function destroy_key(n: tc_u_knode): void {
  if (n.ht_down !== undefined) n.ht_down.links--
  tcf_filter_release(n)
}
export function u32_destroy(tp: tcf_proto): void {
  const { common, root } = priv(tp)
  destroy_hnode(common, root)
  if (--common.refcnt > 0) return
  for (const ht of common.hlist) destroy_hnode(common, ht)
  const state = sched(tp)
  state.tc_u_commons = state.tc_u_commons.filter((other) => other !== common)
}
function lookup_ht(tp: tcf_proto, handle: number): tc_u_hnode | undefined {
  const id = U.TC_U32_HTID(handle)
  return id === U.TC_U32_ROOT ? priv(tp).root : priv(tp).common.hlist.find((ht) => ht.handle === id)
}
export function u32_get(tp: tcf_proto, handle: number): tcf_filter | undefined {
  const ht = lookup_ht(tp, handle)
  if (ht === undefined || U.TC_U32_KEY(handle) === 0) return ht
  return ht.ht[U.TC_U32_HASH(handle)]?.find((n) => U.TC_U32_NODE(n.handle) === U.TC_U32_NODE(handle))
}
export function u32_walk(tp: tcf_proto): tcf_filter[] {
  return priv(tp)
    .common.hlist.filter((ht) => ht.prio === tp.prio)
    .flatMap((ht) => [ht, ...ht.ht.flat()])
}
export function u32_delete(tp: tcf_proto, f: tcf_filter, extack: netlink_ext_ack): Errno | undefined {
  if (f instanceof tc_u_knode) {
    const list = f.ht_up.ht[U.TC_U32_HASH(f.handle)]
    list.splice(list.indexOf(f), 1)
    destroy_key(f)
    return undefined
  }
  const ht = f as tc_u_hnode
  if (ht.is_root) return extack.fail(EINVAL, 'cls_u32: Not allowed to delete root node')
  if (ht.links > 0) return extack.fail(EBUSY, 'cls_u32: Can not delete in-use filter')
  destroy_hnode(priv(tp).common, ht)
  return undefined
}
export function u32_is_empty(tp: tcf_proto): boolean {
  const { common } = priv(tp)
  return common.refcnt === 1 && common.hlist.every((ht) => ht.ht.every((list) => list.length === 0))
}

export function u32_change(tp: tcf_proto, change: tcf_change): tcf_filter | Errno {
  const { req, tca, handle, old } = change
  const { extack } = req
  if (!tca.has(TCA_OPTIONS)) {
    return handle === 0 ? priv(tp).root : extack.fail(EINVAL, 'cls_u32: Filter handle requires options')
  }
  const tb = nla_parse_nested_deprecated(req, tca, TCA_OPTIONS, u32_policy)
  if (isErrno(tb)) return tb
  const flags = tcf_flags(tb.get(U.TCA_U32_FLAGS))
  if (flags === EINVAL) return extack.fail(EINVAL, 'cls_u32: Invalid filter flags')
  if (isErrno(flags)) return flags
  if (old !== undefined) return change_knode(tp, change, tb, old, flags)
  return tb.has(U.TCA_U32_DIVISOR) ? new_table(tp, change, tb) : new_knode(tp, change, tb, flags)
}
function change_knode(tp: tcf_proto, { req }: tcf_change, tb: AttrTable, old: tcf_filter, flags: number): tcf_filter | Errno {
  const { extack } = req
  if (!(old instanceof tc_u_knode)) return extack.fail(EINVAL, 'cls_u32: Key node id cannot be zero')
  if ((old.flags | TCA_CLS_FLAGS_NOT_IN_HW) !== flags) {
    return extack.fail(EINVAL, 'cls_u32: Key node flags do not match passed flags')
  }
  const fresh = new tc_u_knode(old.handle, old.ht_up, old.sel_bytes)
  const { ifindex, mark, ht_down } = old
  Object.assign(fresh, { flags, ifindex, mark, ht_down, success: old.success, rcnt: old.rcnt, rhit: old.rhit, kcnts: old.kcnts })
  if (ht_down !== undefined) ht_down.links++
  const error = set_parms(tp, fresh, req, tb)
  if (error !== undefined) {
    destroy_key(fresh)
    return error
  }
  const list = old.ht_up.ht[U.TC_U32_HASH(old.handle)]
  list[list.indexOf(old)] = fresh
  destroy_key(old)
  return fresh
}
function new_table(tp: tcf_proto, { req, handle }: tcf_change, tb: AttrTable): tcf_filter | Errno {
  const { extack } = req
  const { common } = priv(tp)
  const buckets = tb.get(U.TCA_U32_DIVISOR) as number
  if (buckets === 0 || (buckets & (buckets - 1)) !== 0) return extack.fail(EINVAL, 'cls_u32: Divisor is not a power of 2')
  if (buckets > MAX_BUCKETS) return extack.fail(EINVAL, 'cls_u32: Exceeded maximum 256 hash buckets')
  if (U.TC_U32_KEY(handle) !== 0) return extack.fail(EINVAL, 'cls_u32: Divisor can only be used on a hash table')
  if (handle !== 0 && common.hlist.some((ht) => ht.handle === handle)) return ENOSPC
  const id = handle || gen_new_htid(common)
  if (id === 0) return ENOMEM
  const ht = new tc_u_hnode(id, tp.prio, buckets, false)
  common.hlist.unshift(ht)
  return ht
}
/** The number of a filter: table and bucket from TCA_U32_HASH, the rest from the handle, or the next that is free. */
function knode_handle(ht: tc_u_hnode, htid: number, { req, handle }: tcf_change): number | Errno {
  const { extack } = req
  if (U.TC_U32_HTID(handle) !== 0 && U.TC_U32_HTID(handle) !== U.TC_U32_HTID(htid)) {
    return extack.fail(EINVAL, 'cls_u32: Handle specified hash table address mismatch')
  }
  const used = new Set(ht.ht.flat().map((n) => n.handle))
  const place = (htid & 0xfffff000) >>> 0
  const node = U.TC_U32_NODE(handle)
  if (node !== 0) return used.has(place + node) ? ENOSPC : place + node
  for (let i = 0; i < 0xfff; i++) {
    const id = place + (i < 0x800 ? 0x800 + i : i - 0x7ff)
    if (!used.has(id)) return id
  }
  return extack.fail(ENOSPC, 'cls_u32: Hash table node ID pool exhausted')
}
function new_knode(tp: tcf_proto, change: tcf_change, tb: AttrTable, flags: number): tcf_filter | Errno {
  const { req } = change
  const { extack } = req
  const { root } = priv(tp)
  const asked = tb.get(U.TCA_U32_HASH) ?? root.handle
  const ht = lookup_ht(tp, asked)
  if (ht === undefined) return extack.fail(EINVAL, 'cls_u32: Specified hash table not found')
  const htid = U.TC_U32_HTID(asked) === U.TC_U32_ROOT ? root.handle : asked
  if (U.TC_U32_HASH(htid) >= ht.ht.length) {
    return extack.fail(EINVAL, 'cls_u32: Specified hash table buckets exceed configured value')
  }
  const handle = knode_handle(ht, htid, change)
  if (isErrno(handle)) return handle
  const sel = tb.payload(U.TCA_U32_SEL)
  if (sel === undefined) return extack.fail(EINVAL, 'cls_u32: Selector not specified')
  const { nkeys, offshift } = U.tc_u32_sel.get(sel, 0)
  const size = U.tc_u32_sel.size + nkeys * U.tc_u32_key.size
  if (sel.length < size) return EINVAL
  if (offshift >= 16) return extack.fail(EINVAL, 'cls_u32: offshift must be less than 16')
  const n = new tc_u_knode(handle, ht, sel.slice(0, size))
  n.flags = flags
  const mark = tb.get(U.TCA_U32_MARK)
  if (mark !== undefined) n.mark = { val: mark.val as number, mask: mark.mask as number }
  const error = set_parms(tp, n, req, tb)
  if (error !== undefined) {
    destroy_key(n)
    return error
  }
  const list = ht.ht[U.TC_U32_HASH(handle)]
  const at = list.findIndex((other) => U.TC_U32_NODE(handle) < U.TC_U32_NODE(other.handle))
  list.splice(at < 0 ? list.length : at, 0, n)
  return n
}
/** u32_set_parms(), u32_bind_filter() */
function set_parms(tp: tcf_proto, n: tc_u_knode, req: tcf_change['req'], tb: AttrTable): Errno | undefined {
  const { extack } = req
  const actions = tcf_exts_validate(req, tb, U.TCA_U32_ACT, n.flags, U.TCA_U32_POLICE)
  if (isErrno(actions)) return actions
  n.actions = actions
  const indev = tb.get(U.TCA_U32_INDEV)
  if (indev !== undefined) {
    const dev = __dev_get_by_name(req.net, indev)
    if (dev === undefined) return extack.fail(EINVAL, 'Network device not found', tb.at(U.TCA_U32_INDEV))
    n.ifindex = dev.ifindex
  }
  const link = tb.get(U.TCA_U32_LINK)
  if (link !== undefined) {
    const error = set_link(tp, n, link, extack)
    if (error !== undefined) return error
  }
  n.classid = tb.get(U.TCA_U32_CLASSID) ?? 0
  return undefined
}
function set_link(tp: tcf_proto, n: tc_u_knode, link: number, extack: netlink_ext_ack): Errno | undefined {
  if (U.TC_U32_KEY(link) !== 0) return extack.fail(EINVAL, 'cls_u32: u32 Link handle must be a hash table')
  const down = link === 0 ? undefined : priv(tp).common.hlist.find((ht) => ht.handle === U.TC_U32_HTID(link))
  if (link !== 0 && down === undefined) return extack.fail(EINVAL, 'cls_u32: Link hash table not found')
  if (down?.is_root) return extack.fail(EINVAL, 'cls_u32: Not linking to root node')
  if (n.ht_down !== undefined) n.ht_down.links--
  if (down !== undefined) down.links++
  n.ht_down = down
  return undefined
}

/** Its keys, from where the packet has been eaten to; undefined: the packet is too short. */
function fits(skb: sk_buff, n: tc_u_knode, off: number, off2: number): boolean | undefined {
  n.rcnt++
  if (n.mark !== undefined) {
    if ((skb.mark & n.mark.mask) >>> 0 !== n.mark.val) return false
    n.success++
  }
  for (const [i, key] of n.keys.entries()) {
    const at = off + (key.off as number) + (off2 & (key.offmask as number))
    if (at < 0 || at + 4 > skb.tail) return undefined
    if (((getBe32(skb.buf, at) ^ (key.val as number)) & (key.mask as number)) !== 0) return false
    n.kcnts[i]++
  }
  return true
}
function bucket_of(skb: sk_buff, n: tc_u_knode, ht: tc_u_hnode, off: number): number | undefined {
  if (ht.ht.length === 1) return 0
  const at = off + (n.sel.hoff as number)
  if (at < 0 || at + 4 > skb.tail) return undefined
  const hmask = n.sel.hmask as number
  const shift = hmask === 0 ? 0 : 31 - Math.clz32(hmask & -hmask)
  return (ht.ht.length - 1) & ((getBe32(skb.buf, at) & hmask) >>> shift)
}
/** Where the next table's offsets begin; undefined: the packet is too short. */
function eat(skb: sk_buff, { sel }: tc_u_knode, off: number, off2: number): [number, number] | undefined {
  const flags = sel.flags as number
  let more = off2
  if (flags & (U.TC_U32_OFFSET | U.TC_U32_VAROFFSET)) {
    more = (sel.off as number) + 3
    if (flags & U.TC_U32_VAROFFSET) {
      const at = off + (sel.offoff as number)
      if (at < 0 || at + 2 > skb.tail) return undefined
      more += ((sel.offmask as number) & getBe16(skb.buf, at)) >> (sel.offshift as number)
    }
    more &= ~3
  }
  return flags & U.TC_U32_EAT ? [off + more, 0] : [off, more]
}
interface u32_walk_state {
  readonly skb: sk_buff
  readonly tp: tcf_proto
  readonly at_ingress: boolean
  readonly res: tcf_result
}
/** One list; undefined: nobody has taken the packet, and the rest is looked at; TC_ACT_UNSPEC: nobody may. */
function classify_list(w: u32_walk_state, list: tc_u_knode[], off: number, off2: number, depth: number): number | undefined {
  for (const n of list) {
    const fit = fits(w.skb, n, off, off2)
    if (fit === undefined) return TC_ACT_UNSPEC
    if (!fit) continue
    if (n.ht_down !== undefined) {
      const below = classify_below(w, n, n.ht_down, off, off2, depth)
      if (below !== undefined) return below
    }
    const ret = finish(w, n)
    if (ret >= 0) return ret
  }
  return undefined
}
function classify_below(w: u32_walk_state, n: tc_u_knode, ht: tc_u_hnode, off: number, off2: number, depth: number): number | undefined {
  if (depth >= U.TC_U32_MAXDEPTH) {
    const { kernel } = w.tp.chain.block.net
    if (net_ratelimit(kernel)) kernel.printk(KERN_WARNING, 'cls_u32: dead loop')
    return TC_ACT_UNSPEC
  }
  const sel = bucket_of(w.skb, n, ht, off)
  const next = eat(w.skb, n, off, off2)
  if (sel === undefined || next === undefined) return TC_ACT_UNSPEC
  return next[0] < w.skb.tail ? classify_list(w, ht.ht[sel], next[0], next[1], depth + 1) : undefined
}
/** An end: its class and actions. */
function finish({ skb, res, at_ingress }: u32_walk_state, n: tc_u_knode): number {
  if (!((n.sel.flags as number) & U.TC_U32_TERMINAL)) return TC_ACT_UNSPEC
  res.classid = n.classid
  if (n.ifindex !== 0 && skb.skb_iif !== n.ifindex) return TC_ACT_UNSPEC
  n.rhit++
  return tcf_action_exec(skb, n.actions, at_ingress)
}
export function u32_classify(skb: sk_buff, tp: tcf_proto, at_ingress: boolean, res: tcf_result): number {
  const w: u32_walk_state = { skb, tp, at_ingress, res }
  return classify_list(w, priv(tp).root.ht[0], skb.network_header, 0, 0) ?? TC_ACT_UNSPEC
}

export function u32_dump(skb: MessageBuilder, tp: tcf_proto, f: tcf_filter): void {
  if (!(f instanceof tc_u_knode)) {
    skb.put(U.TCA_U32_DIVISOR, (f as tc_u_hnode).ht.length)
    return
  }
  skb.putBytes(U.TCA_U32_SEL.nr, f.sel_bytes)
  skb.put(U.TCA_U32_HASH, (f.handle & 0xfffff000) >>> 0)
  if (f.classid !== 0) skb.put(U.TCA_U32_CLASSID, f.classid)
  if (f.ht_down !== undefined) skb.put(U.TCA_U32_LINK, f.ht_down.handle)
  if (f.flags !== 0) skb.put(U.TCA_U32_FLAGS, f.flags)
  if (f.mark !== undefined && (f.mark.val !== 0 || f.mark.mask !== 0)) skb.put(U.TCA_U32_MARK, { ...f.mark, success: f.success })
  tcf_exts_dump(skb, U.TCA_U32_ACT, f.actions, U.TCA_U32_POLICE)
  const indev = f.ifindex === 0 ? undefined : __dev_get_by_index(tp.chain.block.net, f.ifindex)
  if (indev !== undefined) skb.put(U.TCA_U32_INDEV, indev.name)
  const counts = new Uint8Array(U.tc_u32_pcnt.size + f.kcnts.length * 8)
  U.tc_u32_pcnt.put(counts, 0, { rcnt: f.rcnt, rhit: f.rhit })
  for (const [i, count] of f.kcnts.entries()) put64(counts, U.tc_u32_pcnt.size + i * 8, count)
  skb.putBytes(U.TCA_U32_PCNT.nr, counts)
}
export const cls_u32_ops: tcf_proto_ops = {
  kind: 'u32',
  classify: u32_classify,
  init: u32_init,
  destroy: u32_destroy,
  get: u32_get,
  change: u32_change,
  delete: u32_delete,
  walk: u32_walk,
  is_empty: u32_is_empty,
  dump: u32_dump,
}

/** The module cls_u32, which says what it was built with. */
export function init_u32(kernel: Kernel): Errno | undefined {
  register_tcf_proto_ops(kernel.netdev.sched, cls_u32_ops)
  const built = ['u32 classifier', '    Performance counters on', '    input device check on', '    Actions configured']
  for (const line of built) kernel.printk(KERN_INFO, line)
  return undefined
}
