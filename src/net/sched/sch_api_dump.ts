/** net/sched/sch_api.c tc_dump_qdisc(), tc_dump_tclass(): lists of disciplines and classes. */
import type { MessageBuilder } from '../../lib/message.ts'
import { NLMSG_HDRLEN } from '../../lib/message.ts'
import { type Errno, isErrno } from '../../uapi/errno.ts'
import { NLM_F_MULTI } from '../../uapi/linux/netlink.ts'
import { TC_H_MAJ } from '../../uapi/linux/pkt_sched.ts'
import { RTM_NEWQDISC, RTM_NEWTCLASS, TCA_DUMP_INVISIBLE, tcmsg } from '../../uapi/linux/rtnetlink.ts'
import { __dev_get_by_index } from '../core/dev_state.ts'
import type { net_device } from '../core/netdevice.ts'
import { nlmsg_parse_deprecated } from '../netlink/attr.ts'
import type { netlink_callback } from '../netlink/types.ts'
import type { Qdisc } from './qdisc.ts'
import { qdisc_match_from_root, qdiscs_below } from './qdisc_hash.ts'
import { rtm_tca_policy, tcm_of } from './sch_api.ts'
import { type message_head, tc_fill_qdisc, tc_fill_tclass, tc_qdisc_dump_ignore } from './sch_api_fill.ts'

function head_of(cb: netlink_callback): message_head {
  return { portid: cb.portid, seq: cb.seq, flags: NLM_F_MULTI }
}
/** All of a device: its root, what hangs below, and what stands at ingress. */
function all_of(dev: net_device): Qdisc[] {
  return [dev.qdisc, ...qdiscs_below(dev), dev.ingress_queue].filter((q) => q !== undefined)
}

/** cb.args: devices that are done, and disciplines of the next one. The device that a request names is not looked at. */
export function tc_dump_qdisc(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const tb = nlmsg_parse_deprecated(cb, tcmsg.size, rtm_tca_policy)
  if (isErrno(tb)) return tb
  const invisible = tb.has(TCA_DUMP_INVISIBLE)
  const devices = cb.net.dev_base_head
  for (; cb.args[0] < devices.length; cb.args[0]++, cb.args[1] = 0) {
    const list = all_of(devices[cb.args[0]])
    for (; cb.args[1] < list.length; cb.args[1]++) {
      const q = list[cb.args[1]]
      if (tc_qdisc_dump_ignore(q, invisible)) continue
      if (!tc_fill_qdisc(skb, q, q.parent, head_of(cb), RTM_NEWQDISC)) return true
    }
  }
  return undefined
}

/** Of one device; with a parent only the classes of that discipline. cb.args: disciplines that are done, and classes. */
export function tc_dump_tclass(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  if (cb.buf.length < NLMSG_HDRLEN + tcmsg.size) return undefined
  const { tcm_ifindex, tcm_parent } = tcm_of(cb)
  const dev = __dev_get_by_index(cb.net, tcm_ifindex)
  if (dev === undefined) return undefined
  const list = tcm_parent === 0 ? all_of(dev) : named(dev, TC_H_MAJ(tcm_parent))
  for (; cb.args[0] < list.length; cb.args[0]++, cb.args[1] = 0) {
    const q = list[cb.args[0]]
    const { cl_ops } = q.ops
    if (tc_qdisc_dump_ignore(q, false) || cl_ops === undefined) continue
    const classes = cl_ops.walk(q)
    for (; cb.args[1] < classes.length; cb.args[1]++) {
      if (!tc_fill_tclass(skb, q, classes[cb.args[1]], head_of(cb), RTM_NEWTCLASS)) return true
    }
  }
  return undefined
}
function named(dev: net_device, handle: number): Qdisc[] {
  const found = dev.qdisc === undefined ? undefined : qdisc_match_from_root(dev.qdisc, handle)
  return [found, dev.ingress_queue].filter((q) => q !== undefined && q.handle === handle) as Qdisc[]
}
