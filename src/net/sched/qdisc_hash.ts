/** net/sched/sch_api.c qdisc_hash_add(), qdisc_lookup(): a device's disciplines by handle. The order of its lists is what dumps show. */
import type { net_device } from '../core/netdevice.ts'
import { type Qdisc, TC_H_ROOT, TCQ_F_BUILTIN, TCQ_F_INGRESS, TCQ_F_INVISIBLE } from './qdisc.ts'

const HASH_BITS = 4
const GOLDEN_RATIO_32 = 0x61c88647

function bucket(handle: number): number {
  return Math.imul(handle, GOLDEN_RATIO_32) >>> (32 - HASH_BITS)
}

/** The newest is first in its list. Roots are the device's own and are not here. */
export function qdisc_hash_add(sch: Qdisc, invisible: boolean): void {
  if (sch.parent === TC_H_ROOT || sch.flags & TCQ_F_INGRESS) return
  const dev = sch.dev as net_device
  dev.qdisc_hash ??= Array.from({ length: 1 << HASH_BITS }, () => [])
  dev.qdisc_hash[bucket(sch.handle)].unshift(sch)
  if (invisible) sch.flags |= TCQ_F_INVISIBLE
}
export function qdisc_hash_del(sch: Qdisc): void {
  const list = sch.dev?.qdisc_hash?.[bucket(sch.handle)]
  const at = list?.indexOf(sch) ?? -1
  if (at >= 0) list?.splice(at, 1)
}
/** In the order of a dump. */
export function qdiscs_below(dev: net_device): Qdisc[] {
  return dev.qdisc_hash?.flat() ?? []
}

export function qdisc_match_from_root(root: Qdisc, handle: number): Qdisc | undefined {
  if (!(root.flags & TCQ_F_BUILTIN) && root.handle === handle) return root
  return root.dev?.qdisc_hash?.[bucket(handle)].find((sch) => sch.handle === handle)
}
export function qdisc_lookup(dev: net_device, handle: number): Qdisc | undefined {
  if (handle === 0) return undefined
  const found = dev.qdisc === undefined ? undefined : qdisc_match_from_root(dev.qdisc, handle)
  return found ?? (dev.ingress_queue === undefined ? undefined : qdisc_match_from_root(dev.ingress_queue, handle))
}
