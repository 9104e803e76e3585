/**
 * net/sched/cls_api.c: blocks of filters: one a discipline that takes filters, or one by number that several share; each has
 * chains by number. Kinds of filters register elsewhere (cls_api.ts).
 *
 *   a chain comes                          | it is told | a chain goes                           | it is told
 *   RTM_NEWCHAIN                           | yes        | RTM_DELCHAIN, and no filter is in it   | yes
 *   with a filter that is added to it      | yes        | with its last filter                   | yes
 *   with a filter that is refused          | yes        | at once                                | yes
 *   -                                      |            | with its block                         | yes
 */
import { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, type Errno, EOPNOTSUPP } from '../../uapi/errno.ts'
import { NLM_F_CREATE, NLM_F_EXCL } from '../../uapi/linux/netlink.ts'
import { RTM_DELCHAIN, RTM_NEWCHAIN, RTNLGRP_TC, TCA_CHAIN, tcmsg } from '../../uapi/linux/rtnetlink.ts'
import type { net } from '../core/net_namespace.ts'
import { rtnl_notify } from '../core/rtnetlink.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { type tcf_proto, tcf_filter_release, tcf_walk } from './cls.ts'
import type { Qdisc, sched_state } from './qdisc.ts'

/** tcm_ifindex of a shared block, whose number stands for the parent. */
export const TCM_IFINDEX_MAGIC_BLOCK = -1

export class tcf_chain {
  readonly block: tcf_block
  readonly index: number
  /** RTM_NEWCHAIN made it: it stays without filters. */
  explicitly_created = false
  /** By priority, and by age where that is the same. */
  filters: tcf_proto[] = []
  constructor(block: tcf_block, index: number) {
    this.block = block
    this.index = index
  }
}
export class tcf_block {
  readonly net: net
  /** 0: the discipline's own. */
  readonly index: number
  /** Undefined for a shared one. */
  readonly q: Qdisc | undefined
  chains: tcf_chain[] = []
  refcnt = 1
  constructor(net: net, q: Qdisc, index: number) {
    this.net = net
    this.index = index
    this.q = index === 0 ? q : undefined
  }
}

export function tcf_block_lookup(sched: sched_state, net: net, index: number): tcf_block | undefined {
  return sched.blocks.find((block) => block.index === index && block.net === net)
}
/** The discipline's own block, or the one of this number, which comes with its first user. */
export function tcf_block_get(sch: Qdisc, index = 0): tcf_block {
  const net = (sch.dev as { nd_net: net }).nd_net
  const { sched } = net.kernel.netdev
  const found = index === 0 ? undefined : tcf_block_lookup(sched, net, index)
  if (found !== undefined) {
    found.refcnt++
    return found
  }
  const block = new tcf_block(net, sch, index)
  if (index !== 0) sched.blocks.push(block)
  return block
}
export function tcf_block_put(block: tcf_block | undefined): void {
  if (block === undefined || --block.refcnt > 0) return
  for (const chain of block.chains) {
    tcf_chain_flush(chain)
    tc_chain_notify(chain, RTM_DELCHAIN)
  }
  block.chains = []
  const { sched } = block.net.kernel.netdev
  sched.blocks = sched.blocks.filter((other) => other !== block)
}

export function tcf_chain_lookup(block: tcf_block, index: number): tcf_chain | undefined {
  return block.chains.find((chain) => chain.index === index)
}
export function tcf_chain_create(block: tcf_block, index: number): tcf_chain {
  const chain = new tcf_chain(block, index)
  block.chains.push(chain)
  return chain
}
export function tcf_chain_destroy(chain: tcf_chain): void {
  chain.block.chains = chain.block.chains.filter((other) => other !== chain)
}

export function tc_chain_fill_node(
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
/** RTM_NEWCHAIN or RTM_DELCHAIN, to all who listen. */
export function tc_chain_notify(chain: tcf_chain, type: number): void {
  const skb = new MessageBuilder()
  const flags = type === RTM_NEWCHAIN ? NLM_F_CREATE | NLM_F_EXCL : 0
  tc_chain_fill_node(skb, chain, { portid: 0, seq: 0, flags }, type)
  rtnl_notify(chain.block.net, skb, 0, RTNLGRP_TC, false)
}

/** tcf_chain_flush() */
export function tcf_chain_flush(chain: tcf_chain): void {
  for (const tp of chain.filters.splice(0)) tcf_proto_destroy(tp)
}
export function tcf_proto_destroy(tp: tcf_proto): void {
  for (const f of tp.filters.splice(0)) tcf_filter_release(f)
  tp.ops.destroy?.(tp)
}

/** qdisc_class_in_use(): a filter of the discipline's own blocks sends packets to the class. */
export function qdisc_class_in_use(blocks: readonly (tcf_block | undefined)[], classid: number): boolean {
  const names = (block: tcf_block | undefined) =>
    block?.q !== undefined && block.chains.some((chain) => chain.filters.some((tp) => tcf_walk(tp).some((f) => f.classid === classid)))
  return blocks.some(names)
}

/** __tcf_block_find(): the block of a discipline's class. One that is shared is asked for by its number only. */
export function tcf_block_of(q: Qdisc, cl: number, extack: netlink_ext_ack): tcf_block | Errno {
  const block = q.ops.cl_ops?.tcf_block?.(q, cl)
  if (block === undefined) return EINVAL
  if (block.index === 0) return block
  return extack.fail(EOPNOTSUPP, 'This filter block is shared. Please use the block index to manipulate the filters')
}
