/** net/sched/sch_api.c register_qdisc(), qdisc_set_default(): which kinds of disciplines a kernel has. */
import type { Kernel } from '../../kernel/kernel.ts'
import { request_module } from '../../kernel/kmod.ts'
import { EEXIST, ENOENT, type Errno } from '../../uapi/errno.ts'
import type { Qdisc_ops } from './qdisc.ts'

export function register_qdisc(kernel: Kernel, ops: Qdisc_ops): Errno | undefined {
  const { qdisc_base } = kernel.netdev.sched
  if (qdisc_base.some((other) => other.id === ops.id)) return EEXIST
  qdisc_base.push(ops)
  return undefined
}
export function qdisc_lookup_ops(kernel: Kernel, id: string): Qdisc_ops | undefined {
  return kernel.netdev.sched.qdisc_base.find((ops) => ops.id === id)
}
/** A module may bring the kind. One that does not exist here is counted: Linux may have it. */
export function request_qdisc_module(kernel: Kernel, id: string): Qdisc_ops | undefined {
  const known = qdisc_lookup_ops(kernel, id)
  if (known !== undefined || id === '') return known
  request_module(kernel, `net-sch-${id}`)
  const found = qdisc_lookup_ops(kernel, id)
  if (found === undefined) kernel.unsupported.count('tc', `qdisc ${id}`)
  return found
}
/** net.core.default_qdisc: devices that come up later get it. */
export function qdisc_set_default(kernel: Kernel, id: string): Errno | undefined {
  const ops = request_qdisc_module(kernel, id)
  if (ops === undefined) return ENOENT
  kernel.netdev.sched.default_qdisc_ops = ops
  return undefined
}
