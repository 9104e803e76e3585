/**
 * net/sched/cls_api.c: RTM_{NEW,DEL,GET}TFILTER and RTM_{NEW,DEL,GET}CHAIN. No kind of filter is built, so that each one is
 * asked for in vain, as on a kernel without its module; chains can be made, shown and deleted.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { request_module } from '../../kernel/kmod.ts'
import type { AttrTable } from '../../lib/attrs.ts'
import { MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { EEXIST, EINVAL, ENODEV, ENOENT, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
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
import {
  type tcf_block,
  tcf_block_lookup,
  tcf_block_of,
  type tcf_chain,
  tcf_chain_create,
  tcf_chain_destroy,
  tcf_chain_lookup,
} from './cls_block.ts'
import type { Qdisc } from './qdisc.ts'
import { qdisc_lookup } from './qdisc_hash.ts'
import { rtm_tca_policy, tca_kind, tcm_of } from './sch_api.ts'

/** Instead of a device: the request is for the block whose number stands in the parent's place. */
const TCM_IFINDEX_MAGIC_BLOCK = -1
const MAX_CHAIN = 0x0fffffff
const IFNAMSIZ = 16

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

/** tc_chain_fill_node() */
function fill_chain(
  skb: MessageBuilder,
  { block, index }: tcf_chain,
  head: { portid: number; seq: number; flags: number },
  type: number,
): boolean {
  skb.begin(type, head.flags, head.seq, head.portid)
  const of_q = { tcm_ifindex: block.q?.dev?.ifindex, tcm_parent: block.q?.handle }
  skb.struct(tcmsg, block.q === undefined ? { tcm_ifindex: TCM_IFINDEX_MAGIC_BLOCK, tcm_parent: block.index } : of_q)
  skb.put(TCA_CHAIN, index)
  return skb.end()
}
function notify_chain(req: Request, chain: tcf_chain, type: number, asked: boolean): void {
  const skb = new MessageBuilder()
  const flags = type === R.RTM_NEWCHAIN ? NLM_F_CREATE | NLM_F_EXCL : 0
  fill_chain(skb, chain, { portid: asked ? req.portid : 0, seq: asked ? req.seq : 0, flags }, type)
  rtnl_notify(req.net, skb, asked ? req.portid : 0, R.RTNLGRP_TC, asked && (req.flags & NLM_F_ECHO) !== 0)
}

/** What the three filter messages look at before their chain, in Linux's order. */
function find_for_filter(req: Request, tb: AttrTable): { block: tcf_block; index: number } | Errno {
  const tcm = tcm_of(req)
  const q = find_qdisc(req, tcm)
  if (isErrno(q)) return q
  if (tca_kind(tb).length >= IFNAMSIZ) return req.extack.fail(EINVAL, 'Specified TC filter name too long')
  const block = find_block(req, tcm, q)
  if (isErrno(block)) return block
  const index = chain_index(req, tb)
  return isErrno(index) ? index : { block, index }
}

/** RTM_NEWTFILTER: a chain that does not exist yet comes for the filter, and goes again when it is refused. */
export function tc_new_tfilter(req: Request): Errno | undefined {
  const tb = nlmsg_parse_deprecated(req, tcmsg.size, rtm_tca_policy)
  if (isErrno(tb)) return tb
  const { tcm_info } = tcm_of(req)
  if (TC_H_MAJ(tcm_info) === 0 && !(req.flags & NLM_F_CREATE))
    return req.extack.fail(ENOENT, 'Invalid filter command with priority of zero')
  const place = find_for_filter(req, tb)
  if (isErrno(place)) return place
  const existing = tcf_chain_lookup(place.block, place.index)
  const chain = existing ?? tcf_chain_create(place.block, place.index)
  if (existing === undefined) notify_chain(req, chain, R.RTM_NEWCHAIN, false)
  const error = create_filter(req, tb, TC_H_MIN(tcm_info))
  if (existing === undefined) {
    tcf_chain_destroy(chain)
    notify_chain(req, chain, R.RTM_DELCHAIN, false)
  }
  return error
}
function create_filter(req: Request, tb: AttrTable, protocol: number): Errno {
  const { extack } = req
  if (!tb.has(TCA_KIND) || protocol === 0) return extack.fail(EINVAL, 'Filter kind and protocol must be specified')
  if (!(req.flags & NLM_F_CREATE)) return extack.fail(ENOENT, 'Need both RTM_NEWTFILTER and NLM_F_CREATE to create a new filter')
  const { kernel } = req.net
  request_module(kernel, `net-cls-${tca_kind(tb)}`)
  kernel.unsupported.count('tc', `filter ${tca_kind(tb)}`)
  return extack.fail(ENOENT, 'TC classifier not found')
}

/** RTM_DELTFILTER: all of a chain, or one; there are none. */
export function tc_del_tfilter(req: Request): Errno | undefined {
  const tb = nlmsg_parse_deprecated(req, tcmsg.size, rtm_tca_policy)
  if (isErrno(tb)) return tb
  const { tcm_info, tcm_handle } = tcm_of(req)
  const all = TC_H_MAJ(tcm_info) === 0
  if (all && (TC_H_MIN(tcm_info) !== 0 || tcm_handle !== 0 || tb.has(TCA_KIND))) {
    return req.extack.fail(ENOENT, 'Cannot flush filters with protocol, handle or kind set')
  }
  const place = find_for_filter(req, tb)
  if (isErrno(place)) return place
  if (all) return undefined
  const chain = tcf_chain_lookup(place.block, place.index)
  return req.extack.fail(
    ENOENT,
    chain === undefined ? 'Cannot find specified filter chain' : 'Filter with specified priority/protocol not found',
  )
}
export function tc_get_tfilter(req: Request): Errno | undefined {
  const tb = nlmsg_parse_deprecated(req, tcmsg.size, rtm_tca_policy)
  if (isErrno(tb)) return tb
  if (TC_H_MAJ(tcm_of(req).tcm_info) === 0) return req.extack.fail(ENOENT, 'Invalid filter command with priority of zero')
  const place = find_for_filter(req, tb)
  if (isErrno(place)) return place
  if (tcf_chain_lookup(place.block, place.index) === undefined) return req.extack.fail(EINVAL, 'Cannot find specified filter chain')
  return req.extack.fail(ENOENT, 'Filter with specified priority/protocol not found')
}
export function tc_dump_tfilter(_skb: MessageBuilder, cb: netlink_callback): Errno | undefined {
  if (cb.buf.length < NLMSG_HDRLEN + tcmsg.size) return undefined
  const tb = nlmsg_parse_deprecated(cb, tcmsg.size, rtm_tca_policy)
  return isErrno(tb) ? tb : undefined
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
    tcf_chain_destroy(chain)
    notify_chain(req, chain, R.RTM_DELCHAIN, false)
    return undefined
  }
  const skb = new MessageBuilder()
  fill_chain(skb, chain, req, type)
  return rtnl_unicast(req.net, skb, req.portid)
}
/** A template is a filter's, and there are no filters. */
function new_chain(req: Request, tb: AttrTable, block: tcf_block, existing: tcf_chain | undefined, index: number): Errno | undefined {
  const { extack } = req
  if (existing !== undefined) return extack.fail(EEXIST, 'Filter chain already exists')
  if (!(req.flags & NLM_F_CREATE)) return extack.fail(ENOENT, 'Need both RTM_NEWCHAIN and NLM_F_CREATE to create a new chain')
  if (tb.has(TCA_KIND)) return create_filter(req, tb, 1)
  const chain = tcf_chain_create(block, index)
  chain.explicitly_created = true
  notify_chain(req, chain, R.RTM_NEWCHAIN, false)
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
    if (!fill_chain(skb, chains[cb.args[0]], { portid: cb.portid, seq: cb.seq, flags: NLM_F_MULTI }, R.RTM_NEWCHAIN)) return true
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
