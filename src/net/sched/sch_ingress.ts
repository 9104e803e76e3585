/**
 * net/sched/sch_ingress.c: ingress and clsact hold filters for what a device receives (and sends); packets do not wait in
 * them. Both stand on the device's ingress queue; either side's filters may be a block that devices share.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EOPNOTSUPP, type Errno } from '../../uapi/errno.ts'
import { TC_H_INGRESS, TC_H_MIN, TC_H_MIN_EGRESS, TC_H_MIN_INGRESS } from '../../uapi/linux/pkt_sched.ts'
import { TCA_OPTIONS } from '../../uapi/linux/rtnetlink.ts'
import { type tcf_block, tcf_block_get, tcf_block_put } from './cls_block.ts'
import { sch_handle_egress, sch_handle_ingress } from './cls_run.ts'
import { type block_accessor, type Qdisc, type Qdisc_class_ops, type Qdisc_ops, TCQ_F_INGRESS } from './qdisc.ts'
import { register_qdisc } from './qdisc_kinds.ts'

/** State: the numbers asked for, and the blocks. */
export interface clsact_sched_data {
  ingress_index: number
  egress_index: number
  ingress_block: tcf_block | undefined
  egress_block: tcf_block | undefined
}
function priv(sch: Qdisc): clsact_sched_data {
  sch.priv ??= { ingress_index: 0, egress_index: 0, ingress_block: undefined, egress_block: undefined }
  return sch.priv as clsact_sched_data
}

export function ingress_init(sch: Qdisc): Errno | undefined {
  if (sch.parent !== TC_H_INGRESS) return EOPNOTSUPP
  const data = priv(sch)
  data.ingress_block = tcf_block_get(sch, data.ingress_index)
  if (sch.ops.id === 'clsact') data.egress_block = tcf_block_get(sch, data.egress_index)
  return undefined
}
export function ingress_destroy(sch: Qdisc): void {
  const data = priv(sch)
  tcf_block_put(data.ingress_block)
  tcf_block_put(data.egress_block)
  data.ingress_block = data.egress_block = undefined
}
export function ingress_dump(_sch: Qdisc, skb: MessageBuilder): void {
  skb.nestEnd(skb.nestNoflag(TCA_OPTIONS))
}
export function ingress_block_set(sch: Qdisc, index: number): void {
  priv(sch).ingress_index = index
}
export function ingress_block_get(sch: Qdisc): number {
  return priv(sch).ingress_index
}
export function egress_block_set(sch: Qdisc, index: number): void {
  priv(sch).egress_index = index
}
export function egress_block_get(sch: Qdisc): number {
  return priv(sch).egress_index
}
export const ingress_block: block_accessor = { set: ingress_block_set, get: ingress_block_get }
export const egress_block: block_accessor = { set: egress_block_set, get: egress_block_get }

export function ingress_leaf(): undefined {
  return undefined
}
/** Any number is the one side that there is. */
export function ingress_find(_sch: Qdisc, classid: number): number {
  return TC_H_MIN(classid) + 1
}
export function clsact_find(_sch: Qdisc, classid: number): number {
  const nr = TC_H_MIN(classid)
  return nr === TC_H_MIN_INGRESS || nr === TC_H_MIN_EGRESS ? nr : 0
}
export function ingress_walk(): number[] {
  return []
}
export function ingress_tcf_block(sch: Qdisc): tcf_block | undefined {
  return priv(sch).ingress_block
}
export function clsact_tcf_block(sch: Qdisc, cl: number): tcf_block | undefined {
  if (cl === TC_H_MIN_INGRESS) return priv(sch).ingress_block
  return cl === TC_H_MIN_EGRESS ? priv(sch).egress_block : undefined
}

export const ingress_class_ops: Qdisc_class_ops = {
  leaf: ingress_leaf,
  find: ingress_find,
  walk: ingress_walk,
  tcf_block: ingress_tcf_block,
}
export const clsact_class_ops: Qdisc_class_ops = {
  leaf: ingress_leaf,
  find: clsact_find,
  walk: ingress_walk,
  tcf_block: clsact_tcf_block,
}
const common = { static_flags: TCQ_F_INGRESS, init: ingress_init, destroy: ingress_destroy, dump: ingress_dump, ingress_block }
export const ingress_qdisc_ops: Qdisc_ops = { id: 'ingress', cl_ops: ingress_class_ops, ...common }
export const clsact_qdisc_ops: Qdisc_ops = { id: 'clsact', cl_ops: clsact_class_ops, ...common, egress_block }

/** The module sch_ingress. */
export function ingress_module_init(kernel: Kernel): Errno | undefined {
  kernel.netdev.sch_handle_ingress = sch_handle_ingress
  kernel.netdev.sch_handle_egress = sch_handle_egress
  return register_qdisc(kernel, ingress_qdisc_ops) ?? register_qdisc(kernel, clsact_qdisc_ops)
}
