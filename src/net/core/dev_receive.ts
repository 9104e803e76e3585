/**
 * net/core/dev.c: a packet on its way up. Drivers without polling give it to the backlog (netif_rx), which the NET_RX
 * softirq empties; __netif_receive_skb_core() then asks, in this order: taps, VLAN devices, the device's rx_handler
 * (bridge, bond, macvlan …), the handlers of its protocol. Each may take it, or send it round again for another device.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { local_bh_disable, local_bh_enable, NET_RX_SOFTIRQ, open_softirq, raise_softirq } from '../../kernel/softirq.ts'
import { IFF_UP } from '../../uapi/linux/if.ts'
import { ETH_HLEN } from '../../uapi/linux/if_ether.ts'
import { eth_type_trans } from '../ethernet/eth.ts'
import type { packet_type } from './dev_ptype.ts'
import type { napi_struct, softnet_data } from './dev_softnet.ts'
import { dev_core_stats_rx_dropped_inc, dev_core_stats_rx_nohandler_inc } from './dev_stats.ts'
import { SKB_DROP_REASON_CPU_BACKLOG, SKB_DROP_REASON_DEV_READY, SKB_DROP_REASON_UNHANDLED_PROTO } from './dropreason.ts'
import { netif_running } from './link_watch.ts'
import { type net_device, RX_HANDLER_ANOTHER, RX_HANDLER_CONSUMED, RX_HANDLER_EXACT } from './netdevice.ts'
import { __vlan_hwaccel_clear_tag, eth_type_vlan, skb_vlan_tag_get_id, skb_vlan_untag, VLAN_HLEN } from './skb_vlan.ts'
import { get_rps_cpu } from './rps.ts'
import {
  consume_skb,
  kfree_skb,
  kfree_skb_reason,
  PACKET_OTHERHOST,
  type sk_buff,
  skb_clone,
  skb_orphan,
  skb_scrub_packet,
} from './skbuff.ts'

export const NET_RX_SUCCESS = 0
export const NET_RX_DROP = 1

/** vlan_do_receive(): no VLAN device of that id; one has it now; one has it and is down. */
export const VLAN_NONE = 0
export const VLAN_TAKEN = 1
export const VLAN_DROPPED = 2

const default_budget = 300
const default_weight = 64
const default_max_backlog = 1000

/** From a driver; `protocol` and `pkt_type` are set (eth_type_trans), `data` stands behind the link header. */
export function netif_rx(skb: sk_buff): number {
  const dev = skb.dev as net_device
  const { kernel } = dev.nd_net
  local_bh_disable(kernel)
  const { netdev } = kernel
  const ret = enqueue_to_backlog(kernel, skb, get_rps_cpu(dev, skb) ?? netdev.this_cpu)
  local_bh_enable(kernel)
  return ret
}
function enqueue_to_backlog(kernel: Kernel, skb: sk_buff, cpu: number): number {
  const dev = skb.dev as net_device
  const sd = kernel.netdev.softnet[cpu]
  if (kernel.netdev.netstamp_needed > 0 && skb.tstamp === 0) skb.tstamp = kernel.now()
  const queue = sd.input_pkt_queue
  const running = netif_running(dev)
  if (!running || queue.length > (kernel.net_core?.netdev_max_backlog ?? default_max_backlog)) {
    if (running) sd.dropped++
    dev_core_stats_rx_dropped_inc(dev)
    kfree_skb_reason(skb, running ? SKB_DROP_REASON_CPU_BACKLOG : SKB_DROP_REASON_DEV_READY)
    return NET_RX_DROP
  }
  queue.push(skb)
  // another CPU is told by an interrupt (rps_trigger_softirq), once until it has polled
  if (cpu !== kernel.netdev.this_cpu && !sd.backlog.scheduled) sd.received_rps++
  __napi_schedule(kernel, sd, sd.backlog)
  return NET_RX_SUCCESS
}

function __napi_schedule(kernel: Kernel, sd: softnet_data, napi: napi_struct): void {
  if (napi.scheduled || napi.disabled) return
  napi.scheduled = true
  sd.poll_list.push(napi)
  raise_softirq(kernel, NET_RX_SOFTIRQ)
}
/** A driver has packets to be polled for. */
export function napi_schedule(napi: napi_struct): void {
  const { kernel } = (napi.dev as net_device).nd_net
  __napi_schedule(kernel, kernel.netdev.softnet[0], napi)
}
/** The driver has no more: it is polled no longer. */
export function napi_complete_done(napi: napi_struct): void {
  napi.scheduled = false
}

/** The device goes down: a poll that waits is given up. */
export function napi_disable(napi: napi_struct): void {
  const { kernel } = (napi.dev as net_device).nd_net
  const sd = kernel.netdev.softnet[0]
  sd.poll_list = sd.poll_list.filter((other) => other !== napi)
  napi.scheduled = false
  napi.disabled = true
}
export function napi_enable(napi: napi_struct): void {
  napi.disabled = false
}

/** The softirq's function: the CPUs one after the other, as if each were as fast as the first. */
export function net_rx_action(kernel: Kernel): void {
  const { netdev } = kernel
  for (const sd of netdev.softnet) {
    if (sd.poll_list.length === 0) continue
    netdev.this_cpu = sd.cpu
    poll_all(kernel, sd)
  }
  netdev.this_cpu = 0
}
/** net_rx_action(): each source in turn, until the budget is used up. */
function poll_all(kernel: Kernel, sd: softnet_data): void {
  let budget = kernel.net_core?.netdev_budget ?? default_budget
  const list = sd.poll_list
  sd.poll_list = []
  while (list.length > 0) {
    const napi = list.shift() as napi_struct
    const weight = napi === sd.backlog ? backlog_weight(kernel) : napi.weight
    const work = napi === sd.backlog ? process_backlog(sd, weight) : (napi.poll?.(napi, weight) ?? 0)
    budget -= work
    if (work >= weight) list.push(napi)
    if (budget > 0) continue
    if (list.length > 0) sd.time_squeeze++
    break
  }
  // what is left comes before what was raised meanwhile
  sd.poll_list.unshift(...list)
  if (sd.poll_list.length > 0) raise_softirq(kernel, NET_RX_SOFTIRQ)
}
function backlog_weight({ net_core }: Kernel): number {
  return net_core === undefined ? default_weight : net_core.dev_weight * net_core.dev_weight_rx_bias
}
/** Takes what has come so far, then what came meanwhile, up to `quota` packets. */
function process_backlog(sd: softnet_data, quota: number): number {
  for (let work = 0; ; ) {
    while (sd.process_queue.length > 0) {
      if (work === quota) return work
      work++
      __netif_receive_skb(sd.process_queue.shift() as sk_buff)
    }
    if (sd.input_pkt_queue.length === 0) {
      sd.backlog.scheduled = false
      return work
    }
    const empty = sd.process_queue
    sd.process_queue = sd.input_pkt_queue
    sd.input_pkt_queue = empty
  }
}
/** flush_all_backlogs(): nothing that came in by a device that goes is kept. */
export function flush_all_backlogs(kernel: Kernel, devs: readonly net_device[]): void {
  for (const sd of kernel.netdev.softnet) flush_backlog(sd, devs)
}
function flush_backlog(sd: softnet_data, devs: readonly net_device[]): void {
  if (sd.input_pkt_queue.length === 0 && sd.process_queue.length === 0) return
  const stays = (skb: sk_buff) => !devs.includes(skb.dev as net_device)
  sd.input_pkt_queue = sd.input_pkt_queue.filter(stays)
  sd.process_queue = sd.process_queue.filter(stays)
}

/** From a driver that is polled, or from a handler that has changed the packet's device: at once, unless it is steered. */
export function netif_receive_skb(skb: sk_buff): number {
  const dev = skb.dev as net_device
  const cpu = get_rps_cpu(dev, skb)
  return cpu === undefined ? __netif_receive_skb(skb) : enqueue_to_backlog(dev.nd_net.kernel, skb, cpu)
}
function __netif_receive_skb(skb: sk_buff): number {
  const { kernel } = (skb.dev as net_device).nd_net
  kernel.netdev.softnet[kernel.netdev.this_cpu].processed++
  skb.network_header = skb.data
  skb.transport_header = skb.data
  skb.mac_len = skb.network_header - skb.mac_header
  return __netif_receive_skb_core(kernel, skb)
}

/** __netif_receive_skb_core(): rounds until the packet's device does not change any more. */
function __netif_receive_skb_core(kernel: Kernel, skb: sk_buff): number {
  const orig_dev = skb.dev as net_device
  for (let round = 0; ; round++) {
    const dev = skb.dev as net_device
    skb.skb_iif = dev.ifindex
    // every round but the first is another device's
    if (round > 0) kernel.netdev.softnet[kernel.netdev.this_cpu].processed++
    if (eth_type_vlan(skb.protocol) && !skb_vlan_untag(skb)) return drop(skb, NET_RX_DROP)
    kernel.trace.netif_receive_skb?.(skb, dev)
    let tapped = kernel.netdev.ptypes.all.length > 0 && deliver_to_taps(kernel, skb, dev, orig_dev)
    const ingress = kernel.netdev.sch_handle_ingress
    if (ingress !== undefined && !ingress(skb, dev)) return NET_RX_DROP
    if (skb.vlan_present) {
      tapped = false
      const vlan = kernel.netdev.vlan_do_receive?.(skb) ?? VLAN_NONE
      if (vlan === VLAN_TAKEN) continue
      if (vlan === VLAN_DROPPED) return NET_RX_DROP
    }
    let exact = false
    if (dev.rx_handler !== undefined) {
      tapped = false
      const result = dev.rx_handler(skb, dev)
      if (result === RX_HANDLER_CONSUMED) return NET_RX_SUCCESS
      if (result === RX_HANDLER_ANOTHER) continue
      exact = result === RX_HANDLER_EXACT
    }
    if (skb.vlan_present && !vlan_left_over(kernel, skb)) continue
    return deliver(kernel, skb, orig_dev, exact, tapped)
  }
}
/**
 * check_vlan_id: a tag with an id that nobody here has is somebody else's packet; one with a priority only is none. True
 * when the packet stays with its device.
 */
function vlan_left_over(kernel: Kernel, skb: sk_buff): boolean {
  if (skb_vlan_tag_get_id(skb) !== 0) {
    skb.pkt_type = PACKET_OTHERHOST
  } else if (eth_type_vlan(skb.protocol)) {
    // a priority tag around another tag
    __vlan_hwaccel_clear_tag(skb)
    if (skb_vlan_untag(skb) && (kernel.netdev.vlan_do_receive?.(skb) ?? VLAN_NONE) === VLAN_TAKEN) return false
  }
  __vlan_hwaccel_clear_tag(skb)
  return true
}

/** Whether any had it. */
function deliver_to_taps(kernel: Kernel, skb: sk_buff, dev: net_device, orig_dev: net_device): boolean {
  let any = false
  for (const pt of kernel.netdev.ptypes.all) {
    if ((pt.dev !== undefined && pt.dev !== dev) || (pt.net !== undefined && pt.net !== dev.nd_net)) continue
    pt.func(skb_clone(skb), dev, pt, orig_dev)
    any = true
  }
  return any
}

/**
 * To the handlers of the protocol: those of all devices first (unless only those who ask for this very device may have
 * it), then those of the device by which it came in, then of the one that it has now. Each but the last gets a clone.
 * What no protocol takes is not lost where a tap had it last (`tapped`).
 */
function deliver(kernel: Kernel, skb: sk_buff, orig_dev: net_device, exact: boolean, tapped: boolean): number {
  const dev = skb.dev as net_device
  let last: packet_type | undefined
  for (const pt of kernel.netdev.ptypes.base) {
    if (pt.type !== skb.protocol || (pt.net !== undefined && pt.net !== dev.nd_net)) continue
    if (pt.dev === undefined ? exact : pt.dev !== dev && pt.dev !== orig_dev) continue
    if (last !== undefined) last.func(skb_clone(skb), dev, last, orig_dev)
    last = pt
  }
  if (last !== undefined) return last.func(skb, dev, last, orig_dev)
  if (tapped) {
    consume_skb(skb)
    return NET_RX_SUCCESS
  }
  if (exact) dev_core_stats_rx_nohandler_inc(dev)
  else dev_core_stats_rx_dropped_inc(dev)
  return drop(skb, NET_RX_DROP)
}
function drop(skb: sk_buff, ret: number): number {
  kfree_skb_reason(skb, SKB_DROP_REASON_UNHANDLED_PROTO)
  return ret
}

/** is_skb_forwardable(): the other end is up and the packet not longer than it takes. */
export function is_skb_forwardable(dev: net_device, skb: sk_buff): boolean {
  if (!(dev.flags & IFF_UP)) return false
  return skb.len <= dev.mtu + dev.hard_header_len + VLAN_HLEN || skb.gso_size > 0
}
/** ____dev_forward_skb(): the packet as `dev` would receive it from a wire; false when it was dropped. */
export function ____dev_forward_skb(dev: net_device, skb: sk_buff): boolean {
  skb_orphan(skb)
  if (!is_skb_forwardable(dev, skb)) {
    dev_core_stats_rx_dropped_inc(dev)
    kfree_skb(skb)
    return false
  }
  skb_scrub_packet(skb, dev.nd_net !== (skb.dev as net_device).nd_net)
  skb.priority = 0
  skb.protocol = eth_type_trans(skb, dev)
  return true
}
/** dev_forward_skb(): into `dev`, as if it had been received there; `data` stands on the Ethernet header. */
export function dev_forward_skb(dev: net_device, skb: sk_buff): number {
  if (skb.len < ETH_HLEN) {
    kfree_skb(skb)
    return NET_RX_DROP
  }
  return ____dev_forward_skb(dev, skb) ? netif_rx(skb) : NET_RX_DROP
}

export function net_rx_init(kernel: Kernel): void {
  open_softirq(kernel, NET_RX_SOFTIRQ, net_rx_action)
}
