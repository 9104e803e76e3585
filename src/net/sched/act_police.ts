/**
 * net/sched/act_police.c: a rate that packets may not exceed. Tokens are time, as in a token bucket.
 *
 *   a packet                                      | the verdict
 *   as long as the bucket holds time for, or less | what conforming packets get (TCA_POLICE_RESULT, ok by default)
 *   for which it lacks some, or above the MTU     | the action's own; counted as over the limit
 */
import type { Kernel } from '../../kernel/kernel.ts'
import type { AttrTable } from '../../lib/attrs.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, ENOMEM, type Errno, isErrno } from '../../uapi/errno.ts'
import { TC_ACT_EXT_VAL_MASK, TC_ACT_GOTO_CHAIN, TC_ACT_OK, TC_ACT_RECLASSIFY, TC_ACT_SHOT } from '../../uapi/linux/pkt_cls.ts'
import { TC_LINKLAYER_UNAWARE } from '../../uapi/linux/pkt_sched.ts'
import * as T from '../../uapi/linux/tc_act.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { nla_parse_nested_deprecated_at } from '../netlink/attr.ts'
import { netlink_ext_ack } from '../netlink/extack.ts'
import { NLA_U32, NLA_U64, NLA_UNSPEC, policy } from '../netlink/policy.ts'
import { type tc_action, type tc_action_ops, type tc_action_request, tc_pkt_len, tcf_action_used, tcf_register_action } from './act.ts'
import { tcf_action_valid } from './act_check.ts'
import { tcf_action_take } from './act_take.ts'
import {
  detect_linklayer,
  PSCHED_NS2TICKS,
  PSCHED_TICKS2NS,
  psched_l2t_ns,
  type psched_ratecfg,
  psched_ratecfg_getrate,
  psched_ratecfg_precompute,
  type ratespec,
} from './sch_rate.ts'

const TC_RTAB_SIZE = 1024
const NSEC_PER_SEC = 1e9
const police_policy = policy(
  T.TCA_POLICE,
  {
    TCA_POLICE_RATE: NLA_UNSPEC(TC_RTAB_SIZE),
    TCA_POLICE_PEAKRATE: NLA_UNSPEC(TC_RTAB_SIZE),
    TCA_POLICE_AVRATE: NLA_U32,
    TCA_POLICE_RESULT: NLA_U32,
    TCA_POLICE_RATE64: NLA_U64,
    TCA_POLICE_PEAKRATE64: NLA_U64,
    TCA_POLICE_PKTRATE64: NLA_U64,
    TCA_POLICE_PKTBURST64: NLA_U64,
  },
  { name: 'police_policy' },
)

/** State; times in ns. */
export interface police_priv {
  result: number
  mtu: number
  rate: psched_ratecfg | undefined
  peak: psched_ratecfg | undefined
  burst: number
  mtu_ptoks: number
  ewma_rate: number
  /** Packets a second, and how many at once. */
  pps: number
  pkt_burst: number
  toks: number
  ptoks: number
  pkttoks: number
  t_c: number
}
type parms = ReturnType<typeof T.tc_police.get> & { rate: ratespec; peakrate: ratespec }

function rate_of(conf: ratespec, rtab: Uint8Array, rate64: number | undefined): psched_ratecfg {
  const spec = conf.linklayer === TC_LINKLAYER_UNAWARE ? { ...conf, linklayer: detect_linklayer(conf, rtab) } : conf
  return psched_ratecfg_precompute(spec, rate64 ?? 0)
}
/** What the request says besides the verdict. */
function check({ req }: tc_action_request, tb: AttrTable, parm: parms): Errno | undefined {
  const { extack } = req
  // qdisc_get_rtab(): a rate comes with its table
  if (parm.rate.rate !== 0 && !tb.has(T.TCA_POLICE_RATE)) return ENOMEM
  if (parm.rate.rate !== 0 && parm.peakrate.rate !== 0 && !tb.has(T.TCA_POLICE_PEAKRATE)) return ENOMEM
  if (tb.has(T.TCA_POLICE_AVRATE)) return EINVAL
  const result = tb.get(T.TCA_POLICE_RESULT) ?? TC_ACT_OK
  if (!tcf_action_valid(result)) return extack.fail(EINVAL, 'invalid fallback control action')
  if ((result & ~TC_ACT_EXT_VAL_MASK) === TC_ACT_GOTO_CHAIN) return extack.fail(EINVAL, 'goto chain not allowed on fallback')
  if (tb.has(T.TCA_POLICE_PKTRATE64) !== tb.has(T.TCA_POLICE_PKTBURST64)) {
    return extack.fail(EINVAL, 'Both or neither packet-per-second burst and rate must be provided')
  }
  if (tb.has(T.TCA_POLICE_PKTRATE64) && parm.rate.rate !== 0) {
    return extack.fail(EINVAL, 'packet-per-second and byte-per-second rate limits not allowed in same action')
  }
  return undefined
}
export function tcf_police_init(request: tc_action_request): tc_action | Errno {
  const { req, options } = request
  if (options === 0) return EINVAL
  const tb = nla_parse_nested_deprecated_at({ ...req, extack: new netlink_ext_ack() }, options, police_policy)
  if (isErrno(tb)) return tb
  const bytes = tb.payload(T.TCA_POLICE_TBF)
  if (bytes === undefined || (bytes.length !== T.tc_police.size && bytes.length !== T.TC_POLICE_COMPAT_SIZE)) return EINVAL
  const whole = new Uint8Array(T.tc_police.size)
  whole.set(bytes)
  const parm = T.tc_police.get(whole, 0) as parms
  const taken = tcf_action_take(request, act_police_ops, parm.index, parm.action, () => check(request, tb, parm))
  if (isErrno(taken) || taken.bound) return isErrno(taken) ? taken : taken.a
  const { a } = taken
  const rtab = tb.payload(T.TCA_POLICE_RATE)
  const ptab = tb.payload(T.TCA_POLICE_PEAKRATE)
  const rate = parm.rate.rate === 0 || rtab === undefined ? undefined : rate_of(parm.rate, rtab, tb.get(T.TCA_POLICE_RATE64))
  const peaks = rate !== undefined && parm.peakrate.rate !== 0 && ptab !== undefined
  const peak = peaks ? rate_of(parm.peakrate, ptab, tb.get(T.TCA_POLICE_PEAKRATE64)) : undefined
  const mtu = parm.mtu || (rate === undefined ? 0xffffffff : 255 * 2 ** parm.rate.cell_log)
  const burst = PSCHED_TICKS2NS(parm.burst)
  const mtu_ptoks = peak === undefined ? 0 : psched_l2t_ns(peak, mtu)
  a.priv = {
    result: tb.get(T.TCA_POLICE_RESULT) ?? TC_ACT_OK,
    mtu,
    rate,
    peak,
    burst,
    mtu_ptoks,
    ewma_rate: 0,
    pps: tb.get(T.TCA_POLICE_PKTRATE64) ?? 0,
    pkt_burst: PSCHED_TICKS2NS(tb.get(T.TCA_POLICE_PKTBURST64) ?? 0),
    toks: burst,
    ptoks: mtu_ptoks,
    pkttoks: 0,
    t_c: a.net.kernel.now(),
  } satisfies police_priv
  return a
}

/** Whether the packet conforms; its time is then taken out of the buckets. */
function conforms(p: police_priv, len: number, now: number): boolean {
  const passed = now - p.t_c
  const toks = p.rate === undefined ? 0 : Math.min(Math.min(passed, p.burst) + p.toks, p.burst) - psched_l2t_ns(p.rate, len)
  const ptoks = p.peak === undefined ? 0 : Math.min(Math.min(passed, p.burst) + p.ptoks, p.mtu_ptoks) - psched_l2t_ns(p.peak, len)
  const pkttoks = p.pps === 0 ? 0 : Math.min(Math.min(passed, p.pkt_burst) + p.pkttoks, p.pkt_burst) - Math.floor(NSEC_PER_SEC / p.pps)
  if (toks < 0 || ptoks < 0 || pkttoks < 0) return false
  Object.assign(p, { t_c: now, toks, ptoks, pkttoks })
  return true
}
export function tcf_police_act(skb: sk_buff, a: tc_action, at_ingress: boolean): number {
  const p = a.priv as police_priv
  const len = tc_pkt_len(skb, at_ingress)
  tcf_action_used(a, skb, len)
  let verdict = a.action
  if (len <= p.mtu && p.rate === undefined && p.pps === 0) return p.result
  if (len <= p.mtu && conforms(p, len, a.net.kernel.now())) verdict = p.result
  else a.qstats.overlimits++
  if (verdict === TC_ACT_SHOT) a.qstats.drops++
  return verdict
}
export function tcf_police_dump(skb: MessageBuilder, a: tc_action, refcnt: number): void {
  const { index, action, bindcnt } = a
  const { rate, peak, mtu, burst, result, pps, pkt_burst } = a.priv as police_priv
  if (rate !== undefined && rate.rate_bytes_ps >= 2 ** 32) skb.put(T.TCA_POLICE_RATE64, rate.rate_bytes_ps)
  if (peak !== undefined && peak.rate_bytes_ps >= 2 ** 32) skb.put(T.TCA_POLICE_PEAKRATE64, peak.rate_bytes_ps)
  if (pps !== 0) {
    skb.put(T.TCA_POLICE_PKTRATE64, pps)
    skb.put(T.TCA_POLICE_PKTBURST64, PSCHED_NS2TICKS(pkt_burst))
  }
  const spec = (r: psched_ratecfg | undefined) => ({ ...no_rate, ...(r === undefined ? {} : psched_ratecfg_getrate(r)) })
  const opt = { index, action, bindcnt, refcnt, mtu, burst: PSCHED_NS2TICKS(burst), rate: spec(rate), peakrate: spec(peak) }
  skb.putBytes(T.TCA_POLICE_TBF.nr, T.tc_police.encode(opt))
  if (result !== 0) skb.put(T.TCA_POLICE_RESULT, result)
}
const no_rate = { cell_log: 0, linklayer: 0, overhead: 0, cell_align: 0, mpu: 0, rate: 0 }
/** Hardware cannot look at a packet again. */
export function tcf_police_offload(a: tc_action): boolean | string {
  const verdicts = [a.action, (a.priv as police_priv).result]
  return !verdicts.includes(TC_ACT_RECLASSIFY) || 'act_api: Failed to setup tc actions for offload'
}
export const act_police_ops: tc_action_ops = {
  kind: 'police',
  init: tcf_police_init,
  act: tcf_police_act,
  dump: tcf_police_dump,
  offload: tcf_police_offload,
  tm: T.TCA_POLICE_TM.nr,
}

/** The module act_police. */
export function police_init_module(kernel: Kernel): Errno | undefined {
  tcf_register_action(kernel.netdev.sched, act_police_ops)
  return undefined
}
