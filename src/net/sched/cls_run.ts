/**
 * net/core/dev.c sch_handle_ingress(), sch_handle_egress(), and tcf_classify(): the filters of a device's ingress and clsact.
 *
 *   the filters say         | the packet
 *   unspec, ok, reclassify  | goes on
 *   shot                    | is dropped, and counted as a drop
 *   stolen, queued, trap    | ends here
 *   consumed, redirect      | is elsewhere already
 */
import { consume_skb, kfree_skb_reason, type sk_buff } from '../core/skbuff.ts'
import { SKB_DROP_REASON_TC_EGRESS, SKB_DROP_REASON_TC_INGRESS } from '../core/dropreason.ts'
import type { net_device } from '../core/netdevice.ts'
import { ETH_P_ALL } from '../../uapi/linux/if_ether.ts'
import * as P from '../../uapi/linux/pkt_cls.ts'
import { TC_H_MIN_EGRESS, TC_H_MIN_INGRESS } from '../../uapi/linux/pkt_sched.ts'
import { tc_pkt_len } from './act.ts'
import type { tcf_result } from './cls.ts'
import { type tcf_block, type tcf_chain, tcf_chain_lookup } from './cls_block.ts'
import type { Qdisc } from './qdisc.ts'

/** Chains that a packet may be sent to, one after the other. */
const MAX_RECLASSIFY = 16

/** tcf_classify(): the first filter that says something, from chain 0 on. */
export function tcf_classify(skb: sk_buff, block: tcf_block, at_ingress: boolean, res: tcf_result): number {
  let chain = tcf_chain_lookup(block, 0)
  const first = chain
  for (let round = 0; round <= MAX_RECLASSIFY; round++) {
    const ret = chain === undefined ? P.TC_ACT_UNSPEC : classify_chain(skb, chain, at_ingress, res)
    if (ret === P.TC_ACT_RECLASSIFY) chain = first
    else if (ret > 0 && (ret & ~P.TC_ACT_EXT_VAL_MASK) === P.TC_ACT_GOTO_CHAIN) chain = tcf_chain_lookup(block, ret & P.TC_ACT_EXT_VAL_MASK)
    else return ret
  }
  return P.TC_ACT_SHOT
}
function classify_chain(skb: sk_buff, chain: tcf_chain, at_ingress: boolean, res: tcf_result): number {
  const protocol = skb.vlan_present ? skb.vlan_proto : skb.protocol
  for (const tp of chain.filters) {
    if (tp.protocol !== protocol && tp.protocol !== ETH_P_ALL) continue
    const ret = tp.ops.classify(skb, tp, at_ingress, res)
    if (ret >= 0) return ret
  }
  return P.TC_ACT_UNSPEC
}

/** tc_run(): false when the packet does not go on. */
function run(skb: sk_buff, q: Qdisc, block: tcf_block, at_ingress: boolean): boolean {
  if (block.chains.every((chain) => chain.filters.length === 0)) return true
  if (skb.tc_skip_classify) return true
  q.bstats.bytes += tc_pkt_len(skb, at_ingress)
  q.bstats.packets += skb.gso_segs > 1 ? skb.gso_segs : 1
  switch (tcf_classify(skb, block, at_ingress, { classid: 0 })) {
    case P.TC_ACT_SHOT:
      q.qstats.drops++
      kfree_skb_reason(skb, at_ingress ? SKB_DROP_REASON_TC_INGRESS : SKB_DROP_REASON_TC_EGRESS)
      return false
    case P.TC_ACT_STOLEN:
    case P.TC_ACT_QUEUED:
    case P.TC_ACT_TRAP:
      consume_skb(skb)
      return false
    case P.TC_ACT_CONSUMED:
    case P.TC_ACT_REDIRECT:
      return false
  }
  return true
}
export function sch_handle_ingress(skb: sk_buff, dev: net_device): boolean {
  const q = dev.ingress_queue
  const of = q?.ops.cl_ops?.tcf_block
  const block = q === undefined ? undefined : of?.(q, q.ops.id === 'clsact' ? TC_H_MIN_INGRESS : 0)
  return q === undefined || block === undefined || run(skb, q, block, true)
}
export function sch_handle_egress(skb: sk_buff, dev: net_device): boolean {
  const q = dev.ingress_queue
  if (q?.ops.id !== 'clsact') return true
  const block = q.ops.cl_ops?.tcf_block?.(q, TC_H_MIN_EGRESS)
  return block === undefined || run(skb, q, block, false)
}
