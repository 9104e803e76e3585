/** include/net/sch_generic.h psched_ratecfg: how long a packet takes at a rate, as a multiplication and a shift. */
import { get32 } from '../../lib/bytes.ts'
import { TC_LINKLAYER_ATM, TC_LINKLAYER_ETHERNET, TC_LINKLAYER_MASK, TC_RTAB_SIZE, type tc_ratespec } from '../../uapi/linux/pkt_sched.ts'

export type ratespec = ReturnType<typeof tc_ratespec.get>
/** State: bytes a second, and what belongs to the link below. */
export interface psched_ratecfg {
  rate_bytes_ps: number
  mult: number
  shift: number
  overhead: number
  mpu: number
  linklayer: number
}
/** Ticks of struct tc_*qopt are 64 ns. */
export function PSCHED_TICKS2NS(ticks: number): number {
  return ticks * 64
}
export function PSCHED_NS2TICKS(ns: number): number {
  return Math.floor(ns / 64)
}

/** The largest multiplier that 32 bits hold, so that the division loses least. */
export function psched_ratecfg_precompute(conf: ratespec, rate64: number): psched_ratecfg {
  const rate_bytes_ps = Math.max(conf.rate, rate64)
  const out = { rate_bytes_ps, mult: 1, shift: 0, overhead: conf.overhead, mpu: conf.mpu, linklayer: conf.linklayer & TC_LINKLAYER_MASK }
  if (rate_bytes_ps === 0) return out
  for (let factor = 1_000_000_000n; ; factor <<= 1n, out.shift++) {
    out.mult = Number(factor / BigInt(rate_bytes_ps))
    if (out.mult >= 2 ** 31 || factor >= 1n << 63n) break
  }
  out.mult %= 2 ** 32
  return out
}
/** ATM carries 48 bytes in each cell of 53. */
export function psched_l2t_ns(r: psched_ratecfg, bytes: number): number {
  const len = Math.max(bytes + r.overhead, r.mpu)
  const sent = r.linklayer === TC_LINKLAYER_ATM ? Math.ceil(len / 48) * 53 : len
  return Math.floor((sent * r.mult) / 2 ** r.shift)
}
/** psched_ns_t2l(): bytes that a time is enough for. */
export function psched_ns_t2l(r: psched_ratecfg, ns: number): number {
  let len = Math.floor((ns * r.rate_bytes_ps) / 1e9)
  if (r.linklayer === TC_LINKLAYER_ATM) len = Math.floor(len / 53) * 48
  return Math.max(len - r.overhead, 0)
}
export function psched_ratecfg_getrate(r: psched_ratecfg): Partial<ratespec> {
  return { rate: Math.min(r.rate_bytes_ps, 0xffffffff), overhead: r.overhead, mpu: r.mpu, linklayer: r.linklayer & TC_LINKLAYER_MASK }
}

/** __detect_linklayer(): old programs say it only by the shape of their table. `rtab`: 256 times. */
export function detect_linklayer(conf: ratespec, rtab: Uint8Array | undefined): number {
  const table = rtab?.length === TC_RTAB_SIZE && conf.rate !== 0 && conf.cell_log !== 0 ? rtab : undefined
  if (table === undefined) return conf.linklayer
  const low = Math.ceil(conf.mpu / 48) * 48
  const high = Math.ceil((low + 1) / 48) * 48
  const [first, last] = [low >> conf.cell_log, (high >> conf.cell_log) - 1]
  const time = (cell: number) => get32(table, (cell & 255) * 4)
  const atm = conf.rate <= 12_500_000 && conf.cell_align === -1 && last > first && time(first) === time(last)
  return atm ? TC_LINKLAYER_ATM : TC_LINKLAYER_ETHERNET
}
