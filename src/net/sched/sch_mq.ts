/** net/sched/sch_mq.c: the root of a device with several transmit queues: one default discipline a queue. */
import type { Errno } from '../../uapi/errno.ts'
import type { net_device } from '../core/netdevice.ts'
import { Qdisc, type Qdisc_ops, TCQ_F_NOPARENT, TCQ_F_ONETXQUEUE } from './qdisc.ts'

export function mq_init(sch: Qdisc): Errno | undefined {
  const dev = sch.dev as net_device
  const ops = dev.nd_net.kernel.netdev.sched.default_qdisc_ops
  sch.priv = Array.from({ length: dev.num_tx_queues }, (_, i) => {
    const child = new Qdisc(ops, dev, ((sch.handle & 0xffff0000) | (i + 1)) >>> 0, TCQ_F_ONETXQUEUE | TCQ_F_NOPARENT)
    ops.init?.(child)
    return child
  })
  return undefined
}
export function mq_attach(sch: Qdisc): void {
  const dev = sch.dev as net_device
  dev.tx_qdiscs = sch.priv as Qdisc[]
}
export const mq_qdisc_ops: Qdisc_ops = { id: 'mq', init: mq_init, attach: mq_attach }
