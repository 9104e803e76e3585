/** net/sched/sch_htb.c htb_change_class(): RTM_NEWTCLASS of a hierarchy of token buckets. */
import type { AttrTable } from '../../lib/attrs.ts'
import { EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import { TC_H_MAJ, TC_LINKLAYER_UNAWARE } from '../../uapi/linux/pkt_sched.ts'
import * as P from '../../uapi/linux/pkt_sched_kinds.ts'
import { TCA_OPTIONS, TCA_RATE } from '../../uapi/linux/rtnetlink.ts'
import type { net_device } from '../core/netdevice.ts'
import { nla_parse_nested_deprecated } from '../netlink/attr.ts'
import { tcf_block_get, tcf_block_put } from './cls_block.ts'
import { gen_new_estimator } from './gen_estimator.ts'
import { HTB_CAN_SEND, htb_class, htb_deactivate, htb_feeds, htb_forget_wait } from './htb_class.ts'
import { type Qdisc, sched_of, TC_H_ROOT, type tclass_change } from './qdisc.ts'
import { qdisc_hash_add } from './qdisc_hash.ts'
import { qdisc_purge_queue } from './qdisc_tree.ts'
import { pfifo_qdisc_ops } from './sch_fifo.ts'
import { qdisc_create_dflt, qdisc_put } from './sch_generic.ts'
import { htb_policy, htb_priv } from './sch_htb.ts'
import { detect_linklayer, PSCHED_TICKS2NS, type psched_ratecfg, psched_ratecfg_precompute, type ratespec } from './sch_rate.ts'

type htb_opt = ReturnType<typeof P.tc_htb_opt.get> & { rate: ratespec; ceil: ratespec }

function rate_of(conf: ratespec, rtab: Uint8Array | undefined, rate64: number | undefined): psched_ratecfg {
  const spec = conf.linklayer === TC_LINKLAYER_UNAWARE ? { ...conf, linklayer: detect_linklayer(conf, rtab) } : conf
  return psched_ratecfg_precompute(spec, rate64 ?? 0)
}

export function htb_change_class(sch: Qdisc, change: tclass_change): number | Errno {
  const { req, tca, parentid } = change
  if (!tca.has(TCA_OPTIONS)) return EINVAL
  const tb = nla_parse_nested_deprecated(req, tca, TCA_OPTIONS, htb_policy)
  if (isErrno(tb)) return tb
  const hopt = tb.get(P.TCA_HTB_PARMS) as htb_opt | undefined
  if (hopt === undefined || hopt.rate.rate === 0 || hopt.ceil.rate === 0) return EINVAL
  const q = htb_priv(sch)
  const parent = parentid === TC_H_ROOT ? undefined : q.clhash.find(parentid)
  const existing = change.cl === 0 ? undefined : q.clhash.find(change.cl)
  const cl = existing ?? new_class(sch, change, parent, hopt)
  if (isErrno(cl)) return cl
  if (existing !== undefined && tca.has(TCA_RATE)) {
    const error = gen_new_estimator(cl, req.net.kernel, tca)
    if (error !== undefined) return error
  }
  set_rates(sch, cl, tb, hopt, change)
  q.clhash.grow()
  return cl.classid
}
/** A leaf's quantum is what it may send before the next one's turn. */
function set_rates(sch: Qdisc, cl: htb_class, tb: AttrTable, hopt: htb_opt, { req }: tclass_change): void {
  cl.rate = rate_of(hopt.rate, tb.payload(P.TCA_HTB_RTAB), tb.get(P.TCA_HTB_RATE64))
  cl.ceil = rate_of(hopt.ceil, tb.payload(P.TCA_HTB_CTAB), tb.get(P.TCA_HTB_CEIL64))
  cl.buffer = PSCHED_TICKS2NS(hopt.buffer)
  cl.cbuffer = PSCHED_TICKS2NS(hopt.cbuffer)
  if (cl.level > 0) return
  const fair = Math.min(Math.floor(cl.rate.rate_bytes_ps / htb_priv(sch).rate2quantum), 0x7fffffff)
  cl.quantum = hopt.quantum || Math.max(1000, Math.min(200000, fair))
  cl.prio = Math.min(hopt.prio, P.TC_HTB_NUMPRIO - 1)
  if (hopt.quantum !== 0 || cl.quantum === fair) return
  const name = cl.classid.toString(16).toUpperCase()
  req.extack.warn(`sch_htb: quantum of class ${name} is ${fair < 1000 ? 'small' : 'big'}. Consider r2q change.`)
}
function new_class(sch: Qdisc, change: tclass_change, parent: htb_class | undefined, hopt: htb_opt): htb_class | Errno {
  const { req, tca, classid } = change
  const q = htb_priv(sch)
  const dev = sch.dev as net_device
  if (classid === 0 || TC_H_MAJ(classid) !== sch.handle || q.clhash.find(classid) !== undefined) return EINVAL
  if (parent?.parent !== undefined && parent.parent.level < 2) return req.extack.fail(EINVAL, 'sch_htb: tree is too deep')
  const noop = sched_of(dev).noop_qdisc
  const cl = new htb_class(classid, parent, noop)
  cl.block = tcf_block_get(sch)
  const error = tca.has(TCA_RATE) ? gen_new_estimator(cl, req.net.kernel, tca) : undefined
  if (error !== undefined) {
    tcf_block_put(cl.block)
    return error
  }
  cl.leaf = qdisc_create_dflt(dev, pfifo_qdisc_ops, classid, sch.queue) ?? noop
  if (parent?.level === 0) leaf_to_parent(sch, parent)
  cl.tokens = PSCHED_TICKS2NS(hopt.buffer)
  cl.ctokens = PSCHED_TICKS2NS(hopt.cbuffer)
  cl.t_c = req.net.kernel.now()
  q.clhash.insert(cl)
  if (parent !== undefined) parent.children++
  if (cl.leaf !== noop) qdisc_hash_add(cl.leaf, true)
  return cl
}
/** The first child makes its parent an inner class: what waited there is gone. */
function leaf_to_parent(sch: Qdisc, parent: htb_class): void {
  const { levels } = htb_priv(sch)
  qdisc_purge_queue(parent.leaf)
  htb_deactivate(levels, parent)
  htb_forget_wait(levels, parent)
  parent.cmode = HTB_CAN_SEND
  parent.level = (parent.parent?.level ?? P.TC_HTB_MAXDEPTH) - 1
  parent.feeds = htb_feeds()
  qdisc_put(parent.leaf)
}
