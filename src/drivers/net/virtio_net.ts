/**
 * drivers/net/virtio_net.c: the driver of virtio network devices. Each pair of queues has a NAPI instance; frames that are
 * sent are freed by those that follow, or by the queue's interrupt. XDP is not there.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { cancel_delayed_work, delayed_work, schedule_work } from '../../kernel/workqueue.ts'
import { get16, put16 } from '../../lib/bytes.ts'
import {
  free_netdev,
  netif_carrier_off,
  netif_carrier_on,
  netif_queue_stopped,
  netif_set_real_num_rx_queues,
  netif_set_real_num_tx_queues,
  netif_running,
  netif_tx_stop_all_queues,
  netif_tx_wake_all_queues,
  register_netdev,
  unregister_netdev,
} from '../../net/core/dev.ts'
import { netif_device_attach, netif_device_detach, netif_stop_subqueue, netif_wake_subqueue } from '../../net/core/dev_queue.ts'
import { netdev_err } from '../../net/core/dev_printk.ts'
import { napi_complete_done, napi_disable, napi_enable, napi_schedule, netif_receive_skb } from '../../net/core/dev_receive.ts'
import { napi_struct, NAPI_POLL_WEIGHT } from '../../net/core/dev_softnet.ts'
import * as F from '../../net/core/netdev_features_bits.ts'
import {
  IFF_LIVE_ADDR_CHANGE,
  IFF_UNICAST_FLT,
  NET_NAME_ENUM,
  NETDEV_TX_OK,
  NETIF_MAX_MTU_ETH,
  type net_device,
  type net_device_ops,
  netdev_priv,
} from '../../net/core/netdevice.ts'
import {
  dev_alloc_skb,
  kfree_skb,
  NET_SKB_PAD,
  type sk_buff,
  skb_bytes,
  skb_cow,
  skb_free_frag,
  skb_put,
  skb_push,
} from '../../net/core/skbuff.ts'
import { skb_tx_timestamp } from '../../net/core/skb_tstamp.ts'
import { napi_alloc_frag, napi_build_skb, napi_consume_skb } from '../../net/core/skbuff_cache.ts'
import {
  alloc_etherdev,
  eth_hw_addr_random,
  eth_hw_addr_set,
  eth_type_trans,
  eth_validate_addr,
  is_valid_ether_addr,
} from '../../net/ethernet/eth.ts'
import { EADDRNOTAVAIL, type Errno, isErrno } from '../../uapi/errno.ts'
import { ETH_HLEN, ETH_MIN_MTU } from '../../uapi/linux/if_ether.ts'
import { NETDEV_XDP_ACT_BASIC, NETDEV_XDP_ACT_REDIRECT, NETDEV_XDP_ACT_RX_SG } from '../../uapi/linux/netdev.ts'
import * as N from '../../uapi/linux/virtio_net.ts'
import {
  register_virtio_driver,
  unregister_virtio_driver,
  virtio_cread,
  type virtio_device,
  virtio_device_ready,
  type virtio_driver,
  virtio_has_feature,
  virtio_name,
  type vq_info,
} from '../virtio/virtio.ts'
import {
  virtqueue_add_inbuf,
  virtqueue_add_outbuf,
  virtqueue_detach_unused_buf,
  virtqueue_disable_cb,
  virtqueue_enable_cb,
  virtqueue_enable_cb_delayed,
  virtqueue_get_buf,
  virtqueue_kick_prepare,
  type vring_virtqueue,
} from '../virtio/virtio_ring.ts'
import {
  NO_OFFLOADS,
  virtnet_ack_announce,
  virtnet_set_guest_offloads,
  virtnet_set_queues,
  virtnet_set_rx_mode,
  virtnet_vlan_rx_add_vid,
  virtnet_vlan_rx_kill_vid,
  virtnet_change_mac,
} from './virtio_net_ctrl.ts'
import { virtnet_ethtool_ops } from './virtio_net_ethtool.ts'
import { virtnet_init_default_rss, virtnet_rss } from './virtio_net_rss.ts'

/** What a buffer takes: a frame of 1500 bytes and its header (GOOD_PACKET_LEN); larger ones come in several. */
const RX_ROOM = N.VIRTIO_NET_HDR_SIZE + ETH_HLEN + 4 + 1500
/** Descriptors that a packet may need; with fewer the queue stops. */
export const MAX_SKB_FRAGS = 17
const TX_TIMEOUT = 5e9

/** struct send_queue, struct receive_queue */
export class send_queue {
  readonly vi: virtnet_info
  readonly vq: vring_virtqueue
  readonly napi: napi_struct
  kicks = 0
  tx_timeouts = 0
  constructor(vi: virtnet_info, vq: vring_virtqueue) {
    this.vi = vi
    this.vq = vq
    this.napi = new napi_struct(vi.dev, NAPI_POLL_WEIGHT, virtnet_poll_tx, this)
  }
}
export class receive_queue {
  readonly vi: virtnet_info
  readonly vq: vring_virtqueue
  readonly napi: napi_struct
  kicks = 0
  drops = 0
  constructor(vi: virtnet_info, vq: vring_virtqueue) {
    this.vi = vi
    this.vq = vq
    this.napi = new napi_struct(vi.dev, NAPI_POLL_WEIGHT, virtnet_poll, this)
  }
}
export class virtnet_info {
  readonly vdev: virtio_device
  readonly dev: net_device
  readonly config_work: delayed_work
  readonly max_queue_pairs: number
  curr_queue_pairs = 1
  sq: send_queue[] = []
  rq: receive_queue[] = []
  cvq: vring_virtqueue | undefined = undefined
  readonly rss = new virtnet_rss()
  status = 0
  speed = -1
  duplex = 0xff
  constructor(vdev: virtio_device, dev: net_device, pairs: number) {
    this.vdev = vdev
    this.dev = dev
    this.max_queue_pairs = pairs
    this.config_work = new delayed_work(vdev.kernel.events, virtnet_config_changed_work, this)
  }
}
export function virtnet_priv(dev: net_device): virtnet_info {
  return netdev_priv<virtnet_info>(dev)
}
/** virtqueue_kick() */
export function virtnet_kick(vi: virtnet_info, vq: vring_virtqueue): boolean {
  if (!virtqueue_kick_prepare(vq)) return false
  vi.vdev.config.notify(vi.vdev, vq)
  return true
}

/** Buffers for as many frames as the ring holds. */
export function try_fill_recv({ vi, vq }: receive_queue): void {
  const { kernel } = vi.vdev
  while (vq.num_free > 0) {
    const frag = napi_alloc_frag(kernel)
    virtqueue_add_inbuf(vq, frag, NET_SKB_PAD, RX_ROOM, frag)
  }
}
function fill_and_kick(rq: receive_queue): void {
  try_fill_recv(rq)
  if (virtnet_kick(rq.vi, rq.vq)) rq.kicks++
}

/** A receive queue's interrupt: no more of them, polling takes over. */
export function skb_recv_done(rq: receive_queue): void {
  virtqueue_disable_cb(rq.vq)
  napi_schedule(rq.napi)
}
/** A send queue's. */
export function skb_xmit_done(sq: send_queue): void {
  virtqueue_disable_cb(sq.vq)
  napi_schedule(sq.napi)
}
/** NAPI's function of a receive queue. */
export function virtnet_poll(napi: napi_struct, budget: number): number {
  const rq = napi.owner as receive_queue
  const { vq } = rq
  let received = 0
  while (received < budget) {
    const frag: Uint8Array | undefined = virtqueue_get_buf(vq)
    if (frag === undefined) break
    receive_buf(rq, frag, vq.used_length)
    received++
  }
  if (vq.num_free > Math.min(budget, vq.num) / 2) fill_and_kick(rq)
  if (received >= budget) return budget
  napi_complete_done(napi)
  if (!virtqueue_enable_cb(vq)) {
    virtqueue_disable_cb(vq)
    napi_schedule(napi)
  }
  return received
}
/** The header off, more buffers of the same frame behind it, and up. */
function receive_buf(rq: receive_queue, frag: Uint8Array, length: number): void {
  const { dev } = rq.vi
  const { stats } = dev
  if (length < N.VIRTIO_NET_HDR_SIZE + ETH_HLEN) {
    stats.rx_length_errors = (stats.rx_length_errors ?? 0) + 1
    stats.rx_errors = (stats.rx_errors ?? 0) + 1
    skb_free_frag(dev.nd_net.kernel, frag)
    return
  }
  const buffers = get16(frag, NET_SKB_PAD + N.VIRTIO_NET_HDR_NUM_BUFFERS)
  const tail = NET_SKB_PAD + Math.min(length, RX_ROOM)
  const first = napi_build_skb(dev, frag, NET_SKB_PAD + N.VIRTIO_NET_HDR_SIZE, tail, NET_SKB_PAD + RX_ROOM)
  const skb = buffers > 1 ? receive_mergeable(rq, first, buffers) : first
  if (skb === undefined) return
  stats.rx_packets = (stats.rx_packets ?? 0) + 1
  stats.rx_bytes = (stats.rx_bytes ?? 0) + skb.len
  skb.protocol = eth_type_trans(skb, dev)
  // skb_record_rx_queue(): even queues receive
  skb.queue_mapping = (rq.vq.index >> 1) + 1
  netif_receive_skb(skb)
}
/** One packet out of several buffers; undefined: some were missing. */
function receive_mergeable({ vi, vq }: receive_queue, first: sk_buff, buffers: number): sk_buff | undefined {
  const { kernel } = vi.vdev
  const skb = dev_alloc_skb(vi.dev, RX_ROOM * buffers)
  skb.buf.set(skb_bytes(first), skb_put(skb, first.len))
  napi_consume_skb(kernel, first)
  for (let i = 1; i < buffers; i++) {
    const part: Uint8Array | undefined = virtqueue_get_buf(vq)
    if (part === undefined) {
      vi.dev.stats.rx_length_errors = (vi.dev.stats.rx_length_errors ?? 0) + 1
      kfree_skb(skb)
      return undefined
    }
    const count = Math.min(vq.used_length, RX_ROOM)
    skb.buf.set(part.subarray(NET_SKB_PAD, NET_SKB_PAD + count), skb_put(skb, count))
    skb_free_frag(kernel, part)
  }
  return skb
}

/** free_old_xmit(): what the device has sent is counted and freed. */
function free_old_xmit({ vi, vq }: send_queue): void {
  const { stats } = vi.dev
  for (;;) {
    const skb: sk_buff | undefined = virtqueue_get_buf(vq)
    if (skb === undefined) return
    stats.tx_packets = (stats.tx_packets ?? 0) + 1
    stats.tx_bytes = (stats.tx_bytes ?? 0) + skb.len - N.VIRTIO_NET_HDR_SIZE
    napi_consume_skb(vi.vdev.kernel, skb)
  }
}
function room(vq: vring_virtqueue): boolean {
  return vq.num_free >= 2 + MAX_SKB_FRAGS
}
/** NAPI's function of a send queue. */
export function virtnet_poll_tx(napi: napi_struct, _budget: number): number {
  const sq = napi.owner as send_queue
  const { vi } = sq
  free_old_xmit(sq)
  if (room(sq.vq) && netif_running(vi.dev)) netif_wake_subqueue(vi.dev, sq.vq.index >> 1)
  napi_complete_done(napi)
  if (!virtqueue_enable_cb_delayed(sq.vq)) {
    virtqueue_disable_cb(sq.vq)
    napi_schedule(napi)
  }
  return 0
}
/** ndo_start_xmit: the header stands in front of the frame, in the packet's headroom. */
export function virtnet_start_xmit(skb: sk_buff, dev: net_device): number {
  const vi = virtnet_priv(dev)
  const sq = vi.sq[skb.queue_mapping < vi.curr_queue_pairs ? skb.queue_mapping : 0]
  free_old_xmit(sq)
  skb_tx_timestamp(skb)
  skb_cow(skb, N.VIRTIO_NET_HDR_SIZE)
  const at = skb_push(skb, N.VIRTIO_NET_HDR_SIZE)
  skb.buf.fill(0, at, at + N.VIRTIO_NET_HDR_SIZE)
  if (isErrno(virtqueue_add_outbuf(sq.vq, skb.buf, at, skb.len, skb))) {
    dev.stats.tx_fifo_errors = (dev.stats.tx_fifo_errors ?? 0) + 1
    dev.stats.tx_dropped = (dev.stats.tx_dropped ?? 0) + 1
    kfree_skb(skb)
    return NETDEV_TX_OK
  }
  if (!room(sq.vq)) netif_stop_subqueue(dev, sq.vq.index >> 1)
  if (virtnet_kick(vi, sq.vq)) sq.kicks++
  if (!virtqueue_enable_cb_delayed(sq.vq)) free_old_xmit(sq)
  if (room(sq.vq) && netif_queue_stopped(dev)) netif_wake_subqueue(dev, sq.vq.index >> 1)
  return NETDEV_TX_OK
}

export function virtnet_open(dev: net_device): Errno | undefined {
  const vi = virtnet_priv(dev)
  virtnet_enable_queues(vi)
  // the carrier follows the administrator: while the device is down there is none, and no change is looked at
  if (vi.status & N.VIRTIO_NET_S_LINK_UP) netif_carrier_on(dev)
  if (virtio_has_feature(vi.vdev, N.VIRTIO_NET_F_STATUS)) schedule_work(vi.config_work)
  return undefined
}
export function virtnet_enable_queues(vi: virtnet_info): void {
  for (let i = 0; i < vi.curr_queue_pairs; i++) virtnet_enable_pair(vi, i)
}
/** What came before the queue was polled is polled for now. */
export function virtnet_enable_pair(vi: virtnet_info, i: number): void {
  fill_and_kick(vi.rq[i])
  napi_enable(vi.rq[i].napi)
  napi_enable(vi.sq[i].napi)
  if (!virtqueue_enable_cb(vi.rq[i].vq)) napi_schedule(vi.rq[i].napi)
  netif_wake_subqueue(vi.dev, i)
}
export function virtnet_close(dev: net_device): undefined {
  virtnet_disable_queues(virtnet_priv(dev))
  netif_carrier_off(dev)
}
export function virtnet_disable_queues(vi: virtnet_info): void {
  netif_tx_stop_all_queues(vi.dev)
  for (let i = 0; i < vi.curr_queue_pairs; i++) {
    napi_disable(vi.rq[i].napi)
    napi_disable(vi.sq[i].napi)
  }
}
export function virtnet_set_mac_address(dev: net_device, addr: Uint8Array): Errno | undefined {
  if (!is_valid_ether_addr(addr)) return EADDRNOTAVAIL
  const error = virtnet_change_mac(virtnet_priv(dev), addr)
  if (isErrno(error)) return EADDRNOTAVAIL
  eth_hw_addr_set(dev, addr)
  return undefined
}
export function virtnet_tx_timeout(dev: net_device, txqueue: number): void {
  const sq = virtnet_priv(dev).sq[txqueue]
  sq.tx_timeouts++
  dev.stats.tx_errors = (dev.stats.tx_errors ?? 0) + 1
  const { name, index } = sq.vq
  const ago = Math.floor((dev.nd_net.kernel.now() - dev.trans_start) / 1000)
  netdev_err(dev, `TX timeout on queue: ${txqueue}, sq: ${name}, vq: 0x${index.toString(16)}, name: ${name}, ${ago} usecs ago`)
}
/** Segments that the device would put together: none that it has agreed to. The device may refuse to hear of it all the same. */
export function virtnet_set_features(dev: net_device, features: bigint): Errno | undefined {
  if (!((dev.features ^ features) & F.NETIF_F_GRO_HW)) return undefined
  return virtnet_set_guest_offloads(virtnet_priv(dev), NO_OFFLOADS)
}

/** The device tells of a change: an interrupt. What follows is work. */
export function virtnet_config_changed(vdev: virtio_device): void {
  const vi = vdev.priv as virtnet_info
  if (netif_running(vi.dev)) schedule_work(vi.config_work)
}
export function virtnet_config_changed_work(vi: virtnet_info): void {
  let status = virtio_cread(vi.vdev, N.VIRTIO_NET_CONFIG_STATUS, 2)
  if (status & N.VIRTIO_NET_S_ANNOUNCE) virtnet_ack_announce(vi)
  status &= N.VIRTIO_NET_S_LINK_UP
  if (vi.status === status) return
  vi.status = status
  if (status & N.VIRTIO_NET_S_LINK_UP) {
    netif_carrier_on(vi.dev)
    netif_tx_wake_all_queues(vi.dev)
  } else {
    netif_carrier_off(vi.dev)
    netif_tx_stop_all_queues(vi.dev)
  }
}

export const virtnet_netdev: net_device_ops = {
  name: 'virtnet_netdev',
  ndo_open: virtnet_open,
  ndo_stop: virtnet_close,
  ndo_start_xmit: virtnet_start_xmit,
  ndo_validate_addr: eth_validate_addr,
  ndo_set_mac_address: virtnet_set_mac_address,
  ndo_set_rx_mode: virtnet_set_rx_mode,
  ndo_vlan_rx_add_vid: virtnet_vlan_rx_add_vid,
  ndo_vlan_rx_kill_vid: virtnet_vlan_rx_kill_vid,
  ndo_tx_timeout: virtnet_tx_timeout,
  ndo_set_features: virtnet_set_features,
}

/** Names of queues as their interrupts show them; the control queue has none. */
function find_vqs(vi: virtnet_info): Errno | undefined {
  const { vdev, max_queue_pairs } = vi
  const infos: vq_info[] = []
  const late: { rq?: receive_queue; sq?: send_queue }[] = []
  for (let i = 0; i < max_queue_pairs; i++) {
    for (const way of ['input', 'output']) {
      const holder = {}
      late.push(holder)
      infos.push({ name: `${way}.${i}`, callback: way === 'input' ? virtnet_rx_interrupt : virtnet_tx_interrupt, data: holder })
    }
  }
  const control = virtio_has_feature(vdev, N.VIRTIO_NET_F_CTRL_VQ)
  if (control) infos.push({ name: 'control', callback: undefined, data: undefined })
  const vqs = vdev.config.find_vqs(vdev, infos)
  if (isErrno(vqs)) return vqs
  for (let i = 0; i < max_queue_pairs; i++) {
    vi.rq.push(new receive_queue(vi, vqs[2 * i]))
    vi.sq.push(new send_queue(vi, vqs[2 * i + 1]))
    late[2 * i].rq = vi.rq[i]
    late[2 * i + 1].sq = vi.sq[i]
  }
  if (control) vi.cvq = vqs[2 * max_queue_pairs]
  return undefined
}
export function virtnet_rx_interrupt({ rq }: { rq?: receive_queue }): void {
  if (rq !== undefined) skb_recv_done(rq)
}
export function virtnet_tx_interrupt({ sq }: { sq?: send_queue }): void {
  if (sq !== undefined) skb_xmit_done(sq)
}

export function virtnet_probe(vdev: virtio_device): Errno | undefined {
  const has = (bit: number) => virtio_has_feature(vdev, bit)
  const pairs = has(N.VIRTIO_NET_F_MQ) ? virtio_cread(vdev, N.VIRTIO_NET_CONFIG_MAX_PAIRS, 2) : 1
  const { kernel } = vdev
  const dev = alloc_etherdev(kernel.init_net, virtnet_netdev, { name_assign_type: NET_NAME_ENUM, txqs: pairs, rxqs: pairs })
  const vi = new virtnet_info(vdev, dev, pairs)
  vdev.priv = vi
  dev.priv = vi
  describe(vi)
  const error = find_vqs(vi)
  if (isErrno(error)) {
    free_netdev(dev)
    return error
  }
  netif_set_real_num_tx_queues(dev, vi.curr_queue_pairs)
  netif_set_real_num_rx_queues(dev, vi.curr_queue_pairs)
  const refused = register_netdev(dev)
  if (isErrno(refused)) {
    vdev.config.reset(vdev)
    vdev.config.del_vqs(vdev)
    free_netdev(dev)
    return refused
  }
  virtio_device_ready(vdev)
  virtnet_init_default_rss(vi)
  virtnet_set_queues(vi, vi.curr_queue_pairs)
  netif_carrier_off(dev)
  vi.status = has(N.VIRTIO_NET_F_STATUS)
    ? virtio_cread(vdev, N.VIRTIO_NET_CONFIG_STATUS, 2) & N.VIRTIO_NET_S_LINK_UP
    : N.VIRTIO_NET_S_LINK_UP
  return undefined
}
/** What programs see of the device before it runs. */
function describe({ vdev, dev }: virtnet_info): void {
  dev.ethtool_ops = virtnet_ethtool_ops
  // as the driver names them; a program for it is refused as for all devices
  const in_parts = virtio_has_feature(vdev, N.VIRTIO_NET_F_MRG_RXBUF) ? NETDEV_XDP_ACT_RX_SG : 0
  dev.xdp_features = NETDEV_XDP_ACT_BASIC | NETDEV_XDP_ACT_REDIRECT | in_parts
  dev.priv_flags |= IFF_UNICAST_FLT | IFF_LIVE_ADDR_CHANGE
  dev.features |= F.NETIF_F_HIGHDMA | F.NETIF_F_RXCSUM
  if (virtio_has_feature(vdev, N.VIRTIO_NET_F_CTRL_GUEST_OFFLOADS)) dev.hw_features |= F.NETIF_F_GRO_HW
  if (virtio_has_feature(vdev, N.VIRTIO_NET_F_CTRL_VLAN)) dev.features |= F.NETIF_F_HW_VLAN_CTAG_FILTER
  dev.vlan_features = dev.features
  dev.min_mtu = ETH_MIN_MTU
  dev.max_mtu = NETIF_MAX_MTU_ETH
  dev.watchdog_timeo = TX_TIMEOUT
  const { kernel } = vdev
  dev.parent = {
    name: virtio_name(vdev),
    bus: 'virtio',
    driver: 'virtio_net',
    path: `pci0000:00/${vdev.config.bus_name(vdev)}/${virtio_name(vdev)}`,
  }
  if (!virtio_has_feature(vdev, N.VIRTIO_NET_F_MAC)) {
    eth_hw_addr_random(dev)
    kernel.pr_info(`virtio_net ${virtio_name(vdev)}: Assigned random MAC address`)
    return
  }
  const address = new Uint8Array(6)
  for (let i = 0; i < 3; i++) put16(address, 2 * i, virtio_cread(vdev, N.VIRTIO_NET_CONFIG_MAC + 2 * i, 2))
  eth_hw_addr_set(dev, address)
}
export function virtnet_remove(vdev: virtio_device): void {
  const vi = vdev.priv as virtnet_info
  unregister_netdev(vi.dev)
  remove_vq_common(vi)
  vdev.priv = undefined
}
/** The device is reset, what it still had is freed. */
function remove_vq_common(vi: virtnet_info): void {
  const { vdev } = vi
  vdev.config.reset(vdev)
  for (const { vq } of vi.rq) while (virtqueue_detach_unused_buf(vq) !== undefined);
  for (const { vq } of vi.sq) {
    for (let skb = virtqueue_detach_unused_buf(vq); skb !== undefined; skb = virtqueue_detach_unused_buf(vq)) kfree_skb(skb)
  }
  vdev.config.del_vqs(vdev)
  vi.rq = []
  vi.sq = []
  vi.cvq = undefined
}
/** virtnet_freeze(): without queues until it is restored. */
export function virtnet_freeze(vdev: virtio_device): undefined {
  const vi = vdev.priv as virtnet_info
  cancel_delayed_work(vi.config_work)
  netif_device_detach(vi.dev)
  if (netif_running(vi.dev)) virtnet_close(vi.dev)
  remove_vq_common(vi)
}
/** virtnet_restore(): the device has forgotten all, its filters too: after a reset it takes every frame. */
export function virtnet_restore(vdev: virtio_device): Errno | undefined {
  const vi = vdev.priv as virtnet_info
  const error = find_vqs(vi)
  if (isErrno(error)) return error
  virtio_device_ready(vdev)
  if (netif_running(vi.dev)) virtnet_open(vi.dev)
  netif_device_attach(vi.dev)
  virtnet_set_queues(vi, vi.curr_queue_pairs)
  return undefined
}
const bit = (n: number) => 1n << BigInt(n)
export const virtio_net_driver: virtio_driver = {
  name: 'virtio_net',
  id: N.VIRTIO_ID_NET,
  features: [
    N.VIRTIO_NET_F_CTRL_GUEST_OFFLOADS,
    N.VIRTIO_NET_F_MAC,
    N.VIRTIO_NET_F_MRG_RXBUF,
    N.VIRTIO_NET_F_STATUS,
    N.VIRTIO_NET_F_CTRL_VQ,
    N.VIRTIO_NET_F_CTRL_RX,
    N.VIRTIO_NET_F_CTRL_VLAN,
    N.VIRTIO_NET_F_GUEST_ANNOUNCE,
    N.VIRTIO_NET_F_MQ,
    N.VIRTIO_NET_F_CTRL_MAC_ADDR,
    N.VIRTIO_NET_F_RSS,
  ].reduce((all, n) => all | bit(n), 0n),
  probe: virtnet_probe,
  remove: virtnet_remove,
  config_changed: virtnet_config_changed,
  freeze: virtnet_freeze,
  restore: virtnet_restore,
}
/** The module's init and exit. */
export function virtio_net_driver_init(kernel: Kernel): undefined {
  register_virtio_driver(kernel, virtio_net_driver)
}
export function virtio_net_driver_exit(kernel: Kernel): void {
  unregister_virtio_driver(kernel, virtio_net_driver)
}
