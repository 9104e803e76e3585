/** net/sched/cls_api.c: RTM_{NEW,DEL,GET}TFILTER and RTM_{NEW,DEL,GET}CHAIN. */
import type { Kernel } from '../../kernel/kernel.ts'
import { request_module } from '../../kernel/kmod.ts'
import type { AttrTable } from '../../lib/attrs.ts'
import { ntohs } from '../../lib/bytes.ts'
import { MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { EAGAIN, EEXIST, EINVAL, ENODEV, ENOENT, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { NLM_F_CREATE, NLM_F_ECHO, NLM_F_EXCL, NLM_F_MULTI } from '../../uapi/linux/netlink.ts'
import { TC_H_MAJ, TC_H_MIN } from '../../uapi/linux/pkt_sched.ts'
import * as R from '../../uapi/linux/rtnetlink.ts'
import { TCA_CHAIN, TCA_KIND, tcmsg } from '../../uapi/linux/rtnetlink.ts'
import { AF_UNSPEC } from '../../uapi/linux/socket.ts'
import { __dev_get_by_index } from '../core/dev_state.ts'
import { rtnl_notify, rtnl_register, rtnl_unicast } from '../core/rtnetlink.ts'
import { nlmsg_parse_deprecated } from '../netlink/attr.ts'
import { netlink_ext_ack } from '../netlink/extack.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'
import { tcf_delete, type tcf_filter, tcf_get, tcf_proto, tcf_proto_is_empty, type tcf_proto_ops, tcf_walk } from './cls.ts'
import {
  type filter_place,
  tcf_auto_prio,
  tcf_chain_tp_find,
  tcf_chain_tp_insert,
  tcf_chain_tp_remove,
  tcf_fill_node,
  tfilter_notify,
} from './cls_proto.ts'
import {
  TCM_IFINDEX_MAGIC_BLOCK,
  tc_chain_fill_node,
  tc_chain_notify,
  type tcf_block,
  tcf_block_lookup,
  tcf_block_of,
  type tcf_chain,
  tcf_chain_create,
  tcf_chain_destroy,
  tcf_chain_flush,
  tcf_chain_lookup,
} from './cls_block.ts'
import { type Qdisc, TCQ_F_INGRESS } from './qdisc.ts'
import { qdisc_lookup } from './qdisc_hash.ts'
import { rtm_tca_policy, tca_kind, tcm_of } from './sch_api.ts'

/** Instead of a device: the request is for the block whose number stands in the parent's place. */
const MAX_CHAIN = 0x0fffffff
const IFNAMSIZ = 16
/** A request is looked at again after each module that it made come. */
const MAX_REPLAYS = 40

type tcm = ReturnType<typeof tcmsg.get>

/** __tcf_qdisc_find(): undefined for a block by number. */
function find_qdisc(req: Request, { tcm_ifindex, tcm_parent }: tcm): Qdisc | Errno | undefined {
  const { extack } = req
  if (tcm_ifindex === TCM_IFINDEX_MAGIC_BLOCK) return undefined
  const dev = __dev_get_by_index(req.net, tcm_ifindex)
  if (dev === undefined) return ENODEV
  const q = tcm_parent === 0 ? dev.qdisc : qdisc_lookup(dev, TC_H_MAJ(tcm_parent))
  if (q === undefined) return extack.fail(EINVAL, "Parent Qdisc doesn't exists")
  const { cl_ops } = q.ops
  if (cl_ops === undefined) return extack.fail(EINVAL, 'Qdisc not classful')
  return cl_ops.tcf_block === undefined ? extack.fail(EOPNOTSUPP, "Class doesn't support blocks") : q
}
/** The block that a request is for. */
function find_block(req: Request, tcm: tcm, q: Qdisc | undefined): tcf_block | Errno {
  const { extack } = req
  if (q === undefined) {
    const shared = tcf_block_lookup(req.net.kernel.netdev.sched, req.net, tcm.tcm_parent)
    return shared ?? extack.fail(EINVAL, 'Block of given index was not found')
  }
  const cl = TC_H_MIN(tcm.tcm_parent) === 0 ? 0 : (q.ops.cl_ops?.find(q, tcm.tcm_parent) ?? 0)
  if (cl === 0 && TC_H_MIN(tcm.tcm_parent) !== 0) return extack.fail(ENOENT, "Specified class doesn't exist")
  return tcf_block_of(q, cl, extack)
}
function chain_index(req: Request, tb: AttrTable): number | Errno {
  const index = tb.get(TCA_CHAIN) ?? 0
  return index > MAX_CHAIN ? req.extack.fail(EINVAL, 'Specified chain index exceeds upper limit') : index
}

/** What the three filter messages look at before their chain, in Linux's order. */
function find_for_filter(req: Request, tb: AttrTable): filter_place | Errno {
  const tcm = tcm_of(req)
  const q = find_qdisc(req, tcm)
  if (isErrno(q)) return q
  if (tca_kind(tb).length >= IFNAMSIZ) return req.extack.fail(EINVAL, 'Specified TC filter name too long')
  const block = find_block(req, tcm, q)
  if (isErrno(block)) return block
  const index = chain_index(req, tb)
  if (isErrno(index)) return index
  return { block, index, q, parent: q !== undefined && tcm.tcm_parent === 0 ? q.handle : tcm.tcm_parent }
}

/** RTM_NEWTFILTER: a chain that does not exist yet comes for the filter, and goes again when it is refused. */
export function tc_new_tfilter(req: Request): Errno | undefined {
  for (let replays = 0; ; replays++) {
    const error = new_tfilter(req)
    if (error !== EAGAIN || replays > MAX_REPLAYS) return error
  }
}
function new_tfilter(req: Request): Errno | undefined {
  const tb = nlmsg_parse_deprecated(req, tcmsg.size, rtm_tca_policy)
  if (isErrno(tb)) return tb
  if (TC_H_MAJ(tcm_of(req).tcm_info) === 0 && !(req.flags & NLM_F_CREATE))
    return req.extack.fail(ENOENT, 'Invalid filter command with priority of zero')
  const place = find_for_filter(req, tb)
  if (isErrno(place)) return place
  // where filters need no lock of the discipline's, a kind's module comes before the chain
  const unlocked = place.q === undefined || (place.q.flags & TCQ_F_INGRESS) !== 0
  if (unlocked && !tcf_proto_is_known(req, tca_kind(tb))) request_module(req.net.kernel, `net-cls-${tca_kind(tb)}`)
  const existing = tcf_chain_lookup(place.block, place.index)
  const chain = existing ?? tcf_chain_create(place.block, place.index)
  if (existing === undefined) tc_chain_notify(chain, R.RTM_NEWCHAIN)
  const error = create_filter(req, tb, place, chain)
  if (error !== undefined) chain_put(chain)
  return error
}
/** tcf_chain_put(): a chain that nobody made goes with its last filter. */
function chain_put(chain: tcf_chain): void {
  if (chain.filters.length > 0 || chain.explicitly_created) return
  tcf_chain_destroy(chain)
  tc_chain_notify(chain, R.RTM_DELCHAIN)
}

function create_filter(req: Request, tca: AttrTable, place: filter_place, chain: tcf_chain): Errno | undefined {
  const { extack } = req
  const { tcm_info, tcm_handle } = tcm_of(req)
  const found = tcf_chain_tp_find(chain, TC_H_MAJ(tcm_info), TC_H_MIN(tcm_info))
  if (isErrno(found)) return extack.fail(found, 'Filter with specified priority/protocol not found')
  const tp = found ?? create_proto(req, tca, chain)
  if (isErrno(tp)) return tp
  if (tca.has(TCA_KIND) && tca_kind(tca) !== tp.ops.kind) return extack.fail(EINVAL, 'Specified filter kind does not match existing one')
  const old = tcf_get(tp, tcm_handle)
  if (old === undefined && !(req.flags & NLM_F_CREATE))
    return extack.fail(ENOENT, 'Need both RTM_NEWTFILTER and NLM_F_CREATE to create a new filter')
  if (old !== undefined && req.flags & NLM_F_EXCL) return extack.fail(EEXIST, 'Filter already exists')
  if (found === undefined) tcf_chain_tp_insert(chain, tp)
  const f = tp.ops.change(tp, { req, tca, handle: tcm_handle, old })
  if (!isErrno(f)) {
    tfilter_notify(req, tp, place, tp.ops.hides_new ? undefined : f, R.RTM_NEWTFILTER)
    return undefined
  }
  if (found === undefined) tcf_chain_tp_remove(tp)
  return f
}
function create_proto(req: Request, tca: AttrTable, chain: tcf_chain): tcf_proto | Errno {
  const { extack } = req
  const { tcm_info } = tcm_of(req)
  const protocol = TC_H_MIN(tcm_info)
  if (!tca.has(TCA_KIND) || protocol === 0) return extack.fail(EINVAL, 'Filter kind and protocol must be specified')
  if (!(req.flags & NLM_F_CREATE)) return extack.fail(ENOENT, 'Need both RTM_NEWTFILTER and NLM_F_CREATE to create a new filter')
  const ops = tcf_proto_lookup_ops(req, tca_kind(tca))
  if (isErrno(ops)) return ops
  const prio = TC_H_MAJ(tcm_info) === 0 ? tcf_auto_prio(chain) : TC_H_MAJ(tcm_info)
  const tp = new tcf_proto(chain, ops, prio, ntohs(protocol))
  return ops.init?.(tp) ?? tp
}
function tcf_proto_is_known(req: Request, kind: string): boolean {
  return kind === '' || req.net.kernel.netdev.sched.tcf_proto_base.some((ops) => ops.kind === kind)
}
function tcf_proto_lookup_ops(req: Request, kind: string): tcf_proto_ops | Errno {
  const { kernel } = req.net
  const known = kernel.netdev.sched.tcf_proto_base.find((ops) => ops.kind === kind)
  if (known !== undefined) return known
  request_module(kernel, `net-cls-${kind}`)
  if (tcf_proto_is_known(req, kind)) return EAGAIN
  kernel.unsupported.count('tc', `filter ${kind}`)
  return req.extack.fail(ENOENT, 'TC classifier not found')
}

/** RTM_DELTFILTER: all of a chain, all of one priority, or one. */
export function tc_del_tfilter(req: Request): Errno | undefined {
  const tb = nlmsg_parse_deprecated(req, tcmsg.size, rtm_tca_policy)
  if (isErrno(tb)) return tb
  const { extack } = req
  const { tcm_info, tcm_handle } = tcm_of(req)
  const all = TC_H_MAJ(tcm_info) === 0
  if (all && (TC_H_MIN(tcm_info) !== 0 || tcm_handle !== 0 || tb.has(TCA_KIND))) {
    return extack.fail(ENOENT, 'Cannot flush filters with protocol, handle or kind set')
  }
  const place = find_for_filter(req, tb)
  if (isErrno(place)) return place
  const chain = tcf_chain_lookup(place.block, place.index)
  if (chain === undefined) return all ? undefined : extack.fail(ENOENT, 'Cannot find specified filter chain')
  const error = all ? flush(req, place, chain) : delete_filters(req, tb, place, chain)
  if (error === undefined) chain_put(chain)
  return error
}
function flush(req: Request, place: filter_place, chain: tcf_chain): undefined {
  for (const tp of chain.filters) tfilter_notify(req, tp, place, undefined, R.RTM_DELTFILTER)
  tcf_chain_flush(chain)
}
function find_tp(req: Request, tb: AttrTable, chain: tcf_chain): tcf_proto | Errno {
  const { tcm_info } = tcm_of(req)
  const tp = tcf_chain_tp_find(chain, TC_H_MAJ(tcm_info), TC_H_MIN(tcm_info))
  if (tp === undefined || isErrno(tp)) return req.extack.fail(tp ?? ENOENT, 'Filter with specified priority/protocol not found')
  if (!tb.has(TCA_KIND) || tca_kind(tb) === tp.ops.kind) return tp
  return req.extack.fail(EINVAL, 'Specified filter kind does not match existing one')
}
function delete_filters(req: Request, tb: AttrTable, place: filter_place, chain: tcf_chain): Errno | undefined {
  const { tcm_handle } = tcm_of(req)
  const tp = find_tp(req, tb, chain)
  if (isErrno(tp)) return tp
  if (tcm_handle === 0) {
    tcf_chain_tp_remove(tp)
    tfilter_notify(req, tp, place, undefined, R.RTM_DELTFILTER)
    return undefined
  }
  const f = tcf_get(tp, tcm_handle)
  if (f === undefined) return req.extack.fail(ENOENT, 'Specified filter handle not found')
  const skb = new MessageBuilder()
  tcf_fill_node(skb, tp, place, f, { portid: req.portid, seq: req.seq, flags: req.flags }, R.RTM_DELTFILTER)
  const error = tcf_delete(tp, f, req.extack)
  if (error !== undefined) return error
  rtnl_notify(req.net, skb, req.portid, R.RTNLGRP_TC, (req.flags & NLM_F_ECHO) !== 0)
  if (tcf_proto_is_empty(tp)) tcf_chain_tp_remove(tp)
  return undefined
}
export function tc_get_tfilter(req: Request): Errno | undefined {
  const tb = nlmsg_parse_deprecated(req, tcmsg.size, rtm_tca_policy)
  if (isErrno(tb)) return tb
  const { extack } = req
  if (TC_H_MAJ(tcm_of(req).tcm_info) === 0) return extack.fail(ENOENT, 'Invalid filter command with priority of zero')
  const place = find_for_filter(req, tb)
  if (isErrno(place)) return place
  const chain = tcf_chain_lookup(place.block, place.index)
  if (chain === undefined) return extack.fail(EINVAL, 'Cannot find specified filter chain')
  const tp = find_tp(req, tb, chain)
  if (isErrno(tp)) return tp
  const f = tcf_get(tp, tcm_of(req).tcm_handle)
  if (f === undefined) return extack.fail(ENOENT, 'Specified filter handle not found')
  const skb = new MessageBuilder()
  tcf_fill_node(skb, tp, place, f, { portid: req.portid, seq: req.seq, flags: req.flags }, R.RTM_NEWTFILTER)
  return rtnl_unicast(req.net, skb, req.portid)
}

/** cb.args: chains, kinds and filters that are done; of each kind one message stands before its filters. */
export function tc_dump_tfilter(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  if (cb.buf.length < NLMSG_HDRLEN + tcmsg.size) return undefined
  const tb = nlmsg_parse_deprecated(cb, tcmsg.size, rtm_tca_policy)
  if (isErrno(tb)) return tb
  const tcm = tcm_of(cb)
  const block = dumped_block(cb)
  if (block === undefined) return undefined
  const wanted = tb.get(TCA_CHAIN)
  const [prio, protocol] = [TC_H_MAJ(tcm.tcm_info), TC_H_MIN(tcm.tcm_info)]
  const q = block.q
  const place = { block, index: 0, q, parent: q !== undefined && tcm.tcm_parent === 0 ? q.handle : tcm.tcm_parent }
  const all = block.chains
    .filter((chain) => wanted === undefined || chain.index === wanted)
    .flatMap((chain) => chain.filters)
    .filter((tp) => (prio === 0 || prio === tp.prio) && (protocol === 0 || ntohs(protocol) === tp.protocol))
    .flatMap((tp) => [{ tp, f: undefined as tcf_filter | undefined }, ...tcf_walk(tp).map((f) => ({ tp, f }))])
  for (; cb.args[0] < all.length; cb.args[0]++) {
    const { tp, f } = all[cb.args[0]]
    if (!tcf_fill_node(skb, tp, place, f, { portid: cb.portid, seq: cb.seq, flags: NLM_F_MULTI }, R.RTM_NEWTFILTER)) return true
  }
  return undefined
}

/** RTM_NEWCHAIN, RTM_DELCHAIN and RTM_GETCHAIN of one. */
export function tc_ctl_chain(req: Request): Errno | undefined {
  const { extack, type } = req
  const tb = nlmsg_parse_deprecated(req, tcmsg.size, rtm_tca_policy)
  if (isErrno(tb)) return tb
  const tcm = tcm_of(req)
  const q = find_qdisc(req, tcm)
  if (isErrno(q)) return q
  const block = find_block(req, tcm, q)
  if (isErrno(block)) return block
  const index = chain_index(req, tb)
  if (isErrno(index)) return index
  const chain = tcf_chain_lookup(block, index)
  if (type === R.RTM_NEWCHAIN) return new_chain(req, tb, block, chain, index)
  if (chain === undefined) return extack.fail(EINVAL, 'Cannot find specified filter chain')
  if (type === R.RTM_DELCHAIN) {
    flush(req, { block, index, q, parent: q !== undefined && tcm.tcm_parent === 0 ? q.handle : tcm.tcm_parent }, chain)
    tcf_chain_destroy(chain)
    tc_chain_notify(chain, R.RTM_DELCHAIN)
    return undefined
  }
  const skb = new MessageBuilder()
  tc_chain_fill_node(skb, chain, req, type)
  return rtnl_unicast(req.net, skb, req.portid)
}
/** A template is a filter's, and there are no filters. */
function new_chain(req: Request, tb: AttrTable, block: tcf_block, existing: tcf_chain | undefined, index: number): Errno | undefined {
  const { extack } = req
  if (existing !== undefined) return extack.fail(EEXIST, 'Filter chain already exists')
  if (!(req.flags & NLM_F_CREATE)) return extack.fail(ENOENT, 'Need both RTM_NEWCHAIN and NLM_F_CREATE to create a new chain')
  if (tb.has(TCA_KIND)) {
    req.net.kernel.unsupported.count('tc', 'template of a chain')
    return extack.fail(EOPNOTSUPP, 'Chain templates are not supported with specified classifier')
  }
  const chain = tcf_chain_create(block, index)
  chain.explicitly_created = true
  tc_chain_notify(chain, R.RTM_NEWCHAIN)
  return undefined
}

/** cb.args: chains that are done. */
export function tc_dump_chain(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  if (cb.buf.length < NLMSG_HDRLEN + tcmsg.size) return undefined
  const tb = nlmsg_parse_deprecated(cb, tcmsg.size, rtm_tca_policy)
  if (isErrno(tb)) return tb
  const wanted = tb.get(TCA_CHAIN)
  const chains = dumped_block(cb)?.chains.filter((chain) => wanted === undefined || chain.index === wanted) ?? []
  for (; cb.args[0] < chains.length; cb.args[0]++) {
    if (!tc_chain_fill_node(skb, chains[cb.args[0]], { portid: cb.portid, seq: cb.seq, flags: NLM_F_MULTI }, R.RTM_NEWCHAIN)) return true
  }
  return undefined
}
/** A dump of what is not there is empty, and no error. */
function dumped_block(cb: netlink_callback): tcf_block | undefined {
  const tcm = tcm_of(cb)
  const { net } = cb
  if (tcm.tcm_ifindex === TCM_IFINDEX_MAGIC_BLOCK) return tcf_block_lookup(net.kernel.netdev.sched, net, tcm.tcm_parent)
  const dev = __dev_get_by_index(net, tcm.tcm_ifindex)
  if (dev === undefined) return undefined
  const q = tcm.tcm_parent === 0 ? dev.qdisc : qdisc_lookup(dev, TC_H_MAJ(tcm.tcm_parent))
  if (q?.ops.cl_ops?.tcf_block === undefined) return undefined
  const nr = TC_H_MIN(tcm.tcm_parent)
  const cl = nr === 0 ? 0 : q.ops.cl_ops.find(q, tcm.tcm_parent)
  const block = nr !== 0 && cl === 0 ? undefined : tcf_block_of(q, cl, new netlink_ext_ack())
  return isErrno(block) ? undefined : block
}

export function tc_filter_init(kernel: Kernel): Errno | undefined {
  rtnl_register(kernel, AF_UNSPEC, R.RTM_NEWTFILTER, { doit: tc_new_tfilter })
  rtnl_register(kernel, AF_UNSPEC, R.RTM_DELTFILTER, { doit: tc_del_tfilter })
  rtnl_register(kernel, AF_UNSPEC, R.RTM_GETTFILTER, { doit: tc_get_tfilter, dumpit: tc_dump_tfilter })
  rtnl_register(kernel, AF_UNSPEC, R.RTM_NEWCHAIN, { doit: tc_ctl_chain })
  rtnl_register(kernel, AF_UNSPEC, R.RTM_DELCHAIN, { doit: tc_ctl_chain })
  rtnl_register(kernel, AF_UNSPEC, R.RTM_GETCHAIN, { doit: tc_ctl_chain, dumpit: tc_dump_chain })
  return undefined
}
