/** net/core/dev.c struct softnet_data: what each CPU keeps of packets under way (/proc/net/softnet_stat). */
import type { Kernel } from '../../kernel/kernel.ts'
import type { Qdisc } from '../sched/qdisc.ts'
import type { net_device } from './netdevice.ts'
import type { sk_buff } from './skbuff.ts'
import { napi_alloc_cache } from './skbuff_cache.ts'

/** struct napi_struct: a source of packets that is polled. */
export class napi_struct {
  readonly dev: net_device | undefined
  readonly weight: number
  /** The number of packets handled; below the budget only after napi_complete_done(). */
  readonly poll: ((napi: napi_struct, budget: number) => number) | undefined
  /** What the driver polls: the structure that this one is in (container_of). */
  readonly owner: any
  scheduled = false
  /** The device is down: it is not polled, whatever it asks for. */
  disabled = false
  constructor(dev: net_device | undefined, weight: number, poll: napi_struct['poll'], owner?: unknown) {
    this.dev = dev
    this.weight = weight
    this.poll = poll
    this.owner = owner
  }
}

export const NAPI_POLL_WEIGHT = 64

export class softnet_data {
  readonly cpu: number
  online = true
  /** Packets that drivers without NAPI handed over; processing takes them into process_queue at once. */
  input_pkt_queue: sk_buff[] = []
  process_queue: sk_buff[] = []
  poll_list: napi_struct[] = []
  /** Polls the queues above. */
  backlog = new napi_struct(undefined, NAPI_POLL_WEIGHT, undefined)
  /** Disciplines that wait to be run, and packets sent that wait to be freed. */
  output_queue: Qdisc[] = []
  completion_queue: sk_buff[] = []
  alloc_cache = new napi_alloc_cache()
  processed = 0
  dropped = 0
  time_squeeze = 0
  received_rps = 0
  /** Devices that hand a packet on to one another right now. */
  xmit_recursion = 0
  /** Redirections by tc that the packet is in. */
  mirred_nest_level = 0
  constructor(cpu: number) {
    this.cpu = cpu
  }
}

/** dev_cpu_dead(): what a CPU going offline held goes on on a living one. */
export function dev_cpu_dead(kernel: Kernel, cpu: number): void {
  const from = kernel.netdev.softnet[cpu]
  from.online = false
  const to = kernel.netdev.softnet.find((sd) => sd.online)
  if (to === undefined) return
  to.completion_queue.push(...from.completion_queue.splice(0))
  to.output_queue.push(...from.output_queue.splice(0))
  to.poll_list.push(...from.poll_list.splice(0).filter((napi) => napi !== from.backlog))
  to.input_pkt_queue.push(...from.process_queue.splice(0), ...from.input_pkt_queue.splice(0))
}
