/**
 * net/core/dev.c dev_queue_xmit(): a packet on its way down. What takes it depends on the queue's discipline:
 *
 *   device                         | discipline | the packet
 *   down, or without carrier       | noop       | dropped: NET_XMIT_CN
 *   up, needs no queue             | noqueue    | to the driver at once; one that is too deep or busy is dropped: -ENETDOWN
 *   up                             | any other  | enqueued, then the queue is run while the driver takes packets
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { KERN_CRIT } from '../../kernel/printk.ts'
import { local_bh_disable, local_bh_enable } from '../../kernel/softirq.ts'
import { ENETDOWN } from '../../uapi/errno.ts'
import { IFF_UP } from '../../uapi/linux/if.ts'
import { SCM_TSTAMP_SCHED } from '../../uapi/linux/net_tstamp.ts'
import type { Qdisc } from '../sched/qdisc.ts'
import { qdisc_bypass, qdisc_run } from '../sched/qdisc_run.ts'
import { NET_XMIT_CN, NET_XMIT_DROP, NET_XMIT_SUCCESS } from '../sched/sch_fifo.ts'
import type { packet_type } from './dev_ptype.ts'
import { netif_tx_queue_stopped } from './dev_queue.ts'
import { netif_rx } from './dev_receive.ts'
import { dev_core_stats_tx_dropped_inc, dev_lstats_add } from './dev_stats.ts'
import { net_ratelimit } from './dev_state.ts'
import { SKB_DROP_REASON_DEV_READY, SKB_DROP_REASON_NOT_SPECIFIED, SKB_DROP_REASON_QDISC_DROP } from './dropreason.ts'
import { netif_carrier_ok, netif_running } from './link_watch.ts'
import { NETDEV_TX_BUSY, NETDEV_TX_OK, type net_device } from './netdevice.ts'
import { __skb_tstamp_tx, SKBTX_SCHED_TSTAMP } from './skb_tstamp.ts'
import { validate_xmit_skb } from './skb_offload.ts'
import {
  CHECKSUM_NONE,
  CHECKSUM_UNNECESSARY,
  consume_skb,
  kfree_skb_reason,
  PACKET_LOOPBACK,
  PACKET_OUTGOING,
  type sk_buff,
  skb_clone,
  skb_orphan,
} from './skbuff.ts'

export { NET_XMIT_CN, NET_XMIT_DROP, NET_XMIT_SUCCESS }

/** Devices upon devices upon devices, and loops of them. */
const XMIT_RECURSION_LIMIT = 8

/** Hands the packet to skb.dev; NET_XMIT_* or a negative errno. The packet is gone either way. */
export function dev_queue_xmit(skb: sk_buff): number {
  const dev = skb.dev as net_device
  const { kernel } = dev.nd_net
  skb.mac_header = skb.data
  if (skb.tx_flags & SKBTX_SCHED_TSTAMP) __skb_tstamp_tx(skb, SCM_TSTAMP_SCHED)
  local_bh_disable(kernel)
  const rc = __dev_queue_xmit(kernel, skb, dev)
  local_bh_enable(kernel)
  return rc
}

function __dev_queue_xmit(kernel: Kernel, skb: sk_buff, dev: net_device): number {
  const egress = kernel.netdev.sch_handle_egress
  const recorded = skb.queue_mapping
  if (egress !== undefined && !egress(skb, dev)) return NET_XMIT_DROP
  const queue = skb.queue_mapping === recorded ? netdev_pick_tx(dev, recorded) : skb.queue_mapping
  skb.queue_mapping = queue
  const q = dev.tx_qdiscs[queue]
  if (!dev.tx_active || q === kernel.netdev.sched.noop_qdisc) return noop_xmit(skb, dev)
  return q.ops.enqueue === undefined ? direct_xmit(kernel, skb, dev, queue) : __dev_xmit_skb(skb, q, dev, queue)
}
/** The queue that it came in by, as far as there are so many (`recorded` is one more). What the host sends itself goes to the first. */
function netdev_pick_tx({ real_num_tx_queues }: net_device, recorded: number): number {
  return recorded === 0 || real_num_tx_queues === 1 ? 0 : (recorded - 1) % real_num_tx_queues
}
function noop_xmit(skb: sk_buff, dev: net_device): number {
  // a device that never was up has no discipline either
  dev_core_stats_tx_dropped_inc(dev)
  kfree_skb_reason(skb, SKB_DROP_REASON_QDISC_DROP)
  return NET_XMIT_CN
}

function __dev_xmit_skb(skb: sk_buff, q: Qdisc, dev: net_device, queue: number): number {
  if (qdisc_bypass(q, skb, dev, queue)) {
    if (q.qstats.qlen > 0) qdisc_run(q, dev, queue)
    return NET_XMIT_SUCCESS
  }
  const rc = q.ops.enqueue?.(skb, q) ?? NET_XMIT_DROP
  if (rc === NET_XMIT_DROP) kfree_skb_reason(skb, SKB_DROP_REASON_QDISC_DROP)
  qdisc_run(q, dev, queue)
  return rc
}

function direct_xmit(kernel: Kernel, skb: sk_buff, dev: net_device, queue: number): number {
  const sd = kernel.netdev.softnet[0]
  if (dev.flags & IFF_UP) {
    if (sd.xmit_recursion > XMIT_RECURSION_LIMIT) {
      if (net_ratelimit(kernel)) kernel.printk(KERN_CRIT, `Dead loop on virtual device ${dev.name}, fix it urgently!`)
    } else if (!validate_xmit_skb(skb, dev)) {
      return NET_XMIT_SUCCESS
    } else if (!netif_tx_queue_stopped(dev, queue)) {
      sd.xmit_recursion++
      const rc = dev_hard_start_xmit(skb, dev)
      sd.xmit_recursion--
      if (rc !== NETDEV_TX_BUSY) return rc
      if (net_ratelimit(kernel)) kernel.printk(KERN_CRIT, `Virtual device ${dev.name} asks to queue packet!`)
    } else if (net_ratelimit(kernel)) {
      kernel.printk(KERN_CRIT, `Virtual device ${dev.name} asks to queue packet!`)
    }
  }
  dev_core_stats_tx_dropped_inc(dev)
  kfree_skb_reason(skb, SKB_DROP_REASON_NOT_SPECIFIED)
  return -ENETDOWN.code
}

/** dev_hard_start_xmit(): taps see it, then the driver has it. */
export function dev_hard_start_xmit(skb: sk_buff, dev: net_device): number {
  const { kernel } = dev.nd_net
  kernel.trace.net_dev_start_xmit?.(skb, dev)
  if (kernel.netdev.ptypes.all.length > 0) dev_queue_xmit_nit(kernel, skb, dev)
  const { ndo_start_xmit } = dev.netdev_ops
  // when it was to go is over: what comes in has a time of its own
  skb.tstamp = 0
  // what the driver has the socket counts no longer: no driver here tells of the end of a transfer
  if (skb.destructor !== undefined) sock_uncharge(skb)
  if (ndo_start_xmit === undefined) return no_driver_xmit(kernel, skb, dev)
  const rc = ndo_start_xmit(skb, dev)
  if (rc === NETDEV_TX_OK) dev.trans_start = kernel.now()
  return rc
}
function sock_uncharge(skb: sk_buff): void {
  const { destructor } = skb
  skb.destructor = undefined
  destructor?.(skb)
}
/** A kind whose sending is not built: it counts what it is given. */
function no_driver_xmit(kernel: Kernel, skb: sk_buff, dev: net_device): number {
  kernel.unsupported.count('xmit', dev.rtnl_link_ops?.kind ?? dev.netdev_ops.name)
  dev_lstats_add(dev, skb.len)
  consume_skb(skb)
  return NETDEV_TX_OK
}

/** dev_queue_xmit_nit(): each tap gets a packet of its own; not the one that sent it. */
export function dev_queue_xmit_nit(kernel: Kernel, skb: sk_buff, dev: net_device): void {
  for (const pt of kernel.netdev.ptypes.all) {
    if ((pt.dev !== undefined && pt.dev !== dev) || (pt.net !== undefined && pt.net !== dev.nd_net)) continue
    if (pt.ignore_outgoing || skb_loop_sk(pt, skb)) continue
    const seen = skb_clone(skb)
    seen.mac_header = seen.data
    if (seen.network_header < seen.data || seen.network_header > seen.tail) seen.network_header = seen.data
    seen.transport_header = seen.network_header
    seen.pkt_type = PACKET_OUTGOING
    pt.func(seen, dev, pt, dev)
  }
}

/** The tap is the sender's own, or of its group (fanout). */
function skb_loop_sk(pt: packet_type, skb: sk_buff): boolean {
  if (pt.af_packet_priv === undefined || skb.sk === undefined) return false
  return pt.id_match === undefined ? pt.af_packet_priv === skb.sk : pt.id_match(pt, skb.sk)
}

/** dev_direct_xmit(): past the discipline (packet sockets that ask for it). */
export function dev_direct_xmit(skb: sk_buff, queue_id: number): number {
  const dev = skb.dev as net_device
  const { kernel } = dev.nd_net
  if (!netif_running(dev) || !netif_carrier_ok(dev)) {
    dev_core_stats_tx_dropped_inc(dev)
    kfree_skb_reason(skb, SKB_DROP_REASON_DEV_READY)
    return NET_XMIT_DROP
  }
  if (!validate_xmit_skb(skb, dev)) return NET_XMIT_DROP
  local_bh_disable(kernel)
  const rc = netif_tx_queue_stopped(dev, queue_id) ? NETDEV_TX_BUSY : dev_hard_start_xmit(skb, dev)
  local_bh_enable(kernel)
  if (rc === NETDEV_TX_BUSY) kfree_skb_reason(skb, SKB_DROP_REASON_NOT_SPECIFIED)
  return rc
}

/** dev_loopback_xmit(): a copy of what was sent, for the sender's own host (multicast). `data` stands on the link header. */
export function dev_loopback_xmit(skb: sk_buff): number {
  skb.mac_header = skb.data
  skb.data = skb.network_header
  skb.pkt_type = PACKET_LOOPBACK
  if (skb.ip_summed === CHECKSUM_NONE) skb.ip_summed = CHECKSUM_UNNECESSARY
  skb_orphan(skb)
  netif_rx(skb)
  return 0
}
