/**
 * include/net/rps.h, net/core/net-sysfs.c, dev.c: receive packet steering. What comes in by a queue that has a map of CPUs
 * goes on on one of them, the same for all packets of a flow: it waits in the backlog of that CPU. Which CPU an
 * application reads on (rps_flow_cnt, RFS) is not followed: all programs of a host run on the first.
 */
import { cpumask_parse, cpumask_text } from '../../kernel/cpumask.ts'
import { kstrtoul } from '../../kernel/kstrtox.ts'
import { ENOMEM, type Errno, isErrno } from '../../uapi/errno.ts'
import { reciprocal_scale, skb_get_hash_perturb } from './flow_keys.ts'
import type { net_device } from './netdevice.ts'
import type { sk_buff } from './skbuff.ts'

/** struct netdev_rx_queue: what is set of one. */
export class netdev_rx_queue {
  rps_cpus: readonly number[] = []
  rps_flow_cnt = 0
}

/** Its settings, made when they are first changed. */
function rx_queue_of(dev: net_device, index: number): netdev_rx_queue {
  dev.rx_queues ??= new Map()
  const found = dev.rx_queues.get(index) ?? new netdev_rx_queue()
  dev.rx_queues.set(index, found)
  return found
}
const nr_cpus = (dev: net_device) => dev.nd_net.kernel.params.nr_cpus

/** get_rps_cpu(): where a packet of this device goes on; undefined: here. `data` stands on the network header. */
export function get_rps_cpu(dev: net_device, skb: sk_buff): number | undefined {
  // a receive queue that was recorded is one more than its number; none: the first is meant
  const queue = dev.rx_queues?.get(skb.queue_mapping === 0 ? 0 : skb.queue_mapping - 1)
  if (queue === undefined || queue.rps_cpus.length === 0) return undefined
  skb.network_header = skb.data
  const cpu = queue.rps_cpus[reciprocal_scale(skb_get_hash_perturb(skb, 0), queue.rps_cpus.length)]
  return dev.nd_net.kernel.netdev.softnet[cpu].online ? cpu : undefined
}

/** rps_default_mask: what new devices begin with. */
export function rps_init_queues(dev: net_device): void {
  const cpus = dev.nd_net.core?.rps_default_mask ?? []
  if (cpus.length === 0) return
  for (let i = 0; i < dev.num_rx_queues; i++) rx_queue_of(dev, i).rps_cpus = cpus
}

export function show_rps_map(dev: net_device, index: number): string {
  return `${cpumask_text(dev.rx_queues?.get(index)?.rps_cpus ?? [], nr_cpus(dev))}\n`
}
/** store_rps_map(): no CPU turns it off. */
export function store_rps_map(dev: net_device, index: number, text: string): Errno | undefined {
  const cpus = cpumask_parse(text, nr_cpus(dev))
  if (isErrno(cpus)) return cpus
  rx_queue_of(dev, index).rps_cpus = cpus
  return undefined
}
export function show_rps_dev_flow_table_cnt(dev: net_device, index: number): string {
  return `${dev.rx_queues?.get(index)?.rps_flow_cnt ?? 0}\n`
}
/** Entries of a flow table that fit into the kernel's memory. */
const MOST_FLOWS = 2 ** 30
/** store_rps_dev_flow_table_cnt(): rounded up to a power of two. It is shown and followed by nobody, which is counted. */
export function store_rps_dev_flow_table_cnt(dev: net_device, index: number, text: string): Errno | undefined {
  const count = kstrtoul(text)
  if (isErrno(count)) return count
  if (count > MOST_FLOWS) return ENOMEM
  rx_queue_of(dev, index).rps_flow_cnt = count === 0 ? 0 : 2 ** Math.ceil(Math.log2(count))
  if (count > 0) dev.nd_net.kernel.unsupported.count('sysfs', 'queues/rps_flow_cnt')
  return undefined
}
