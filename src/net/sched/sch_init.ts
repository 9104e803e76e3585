/** net/sched/sch_api.c pktsched_init(): kinds that are always there, and who answers messages of disciplines and classes. */
import type { Kernel } from '../../kernel/kernel.ts'
import type { Errno } from '../../uapi/errno.ts'
import { RTM_DELQDISC, RTM_DELTCLASS, RTM_GETQDISC, RTM_GETTCLASS, RTM_NEWQDISC, RTM_NEWTCLASS } from '../../uapi/linux/rtnetlink.ts'
import { AF_UNSPEC } from '../../uapi/linux/socket.ts'
import { rtnl_register } from '../core/rtnetlink.ts'
import { register_qdisc } from './qdisc_kinds.ts'
import { tc_get_qdisc, tc_modify_qdisc } from './sch_api.ts'
import { tc_ctl_tclass } from './sch_api_class.ts'
import { tc_dump_qdisc, tc_dump_tclass } from './sch_api_dump.ts'
import { bfifo_qdisc_ops, pfifo_head_drop_qdisc_ops, pfifo_qdisc_ops } from './sch_fifo.ts'
import { mq_qdisc_ops } from './sch_mq.ts'
import { noqueue_qdisc_ops } from './sch_noop.ts'
import { pfifo_fast_ops } from './sch_pfifo_fast.ts'

export function pktsched_init(kernel: Kernel): Errno | undefined {
  for (const ops of [pfifo_fast_ops, pfifo_qdisc_ops, bfifo_qdisc_ops, pfifo_head_drop_qdisc_ops, mq_qdisc_ops, noqueue_qdisc_ops]) {
    register_qdisc(kernel, ops)
  }
  rtnl_register(kernel, AF_UNSPEC, RTM_NEWQDISC, { doit: tc_modify_qdisc })
  rtnl_register(kernel, AF_UNSPEC, RTM_DELQDISC, { doit: tc_get_qdisc })
  rtnl_register(kernel, AF_UNSPEC, RTM_GETQDISC, { doit: tc_get_qdisc, dumpit: tc_dump_qdisc })
  rtnl_register(kernel, AF_UNSPEC, RTM_NEWTCLASS, { doit: tc_ctl_tclass })
  rtnl_register(kernel, AF_UNSPEC, RTM_DELTCLASS, { doit: tc_ctl_tclass })
  rtnl_register(kernel, AF_UNSPEC, RTM_GETTCLASS, { doit: tc_ctl_tclass, dumpit: tc_dump_tclass })
  return undefined
}
