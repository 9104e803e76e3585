/**
 * e100.c: the ring of receive buffers. The device fills them in order; the last but one has size 0 and the end-of-list bit,
 * so that the device stops in front of it while the driver links new buffers behind.
 *
 *   ru_running    | event                                        | next
 *   uninitialized | the ring is made                             | suspended
 *   suspended     | start, with a buffer at the place to start   | running
 *   running       | RNR interrupt, or "no resources" at the end  | suspended
 *   any           | the ring goes                                | uninitialized
 */
import { get16, put16, put32 } from '../../../../../lib/bytes.ts'
import { netif_receive_skb } from '../../../../../net/core/dev_receive.ts'
import * as F from '../../../../../net/core/netdev_features_bits.ts'
import { SKB_DROP_REASON_NOT_SPECIFIED } from '../../../../../net/core/dropreason.ts'
import { consume_skb, dev_alloc_skb, kfree_skb_reason, type sk_buff, skb_put, skb_reserve } from '../../../../../net/core/skbuff.ts'
import { eth_type_trans } from '../../../../../net/ethernet/eth.ts'
import { dma_map_single, dma_unmap_single, ioread8, iowrite8 } from '../../../../pci/pci.ts'
import * as e from './e100.ts'
import type { nic } from './e100.ts'
import { e100_exec_cmd } from './e100_hw.ts'

/** Offsets in a descriptor. */
const STATUS = 0
const COMMAND = 2
const LINK = 4
const RBD = 8
const ACTUAL_SIZE = 12
const SIZE = 14
/** So that the IP header is aligned. */
const NET_IP_ALIGN = 2
/** A frame without checksum, with a VLAN tag. */
const LONGEST = 1518

function place(nic: nic, i: number): number {
  const n = nic.rxs.length
  return (i + n) % n
}
function before_last(nic: nic): e.rx {
  return nic.rxs[place(nic, nic.rx_to_use - 2)]
}

function alloc_buffer(nic: nic, i: number): void {
  const rx = nic.rxs[i]
  const skb = dev_alloc_skb(nic.netdev, e.RFD_SIZE + e.RX_FRAME + NET_IP_ALIGN)
  skb_reserve(skb, NET_IP_ALIGN)
  rx.skb = skb
  rx.bytes = skb.buf.subarray(skb.data, skb.data + e.RFD_SIZE + e.RX_FRAME)
  put32(rx.bytes, RBD, 0xffffffff)
  put16(rx.bytes, SIZE, e.RX_FRAME)
  rx.dma_addr = dma_map_single(nic.pdev, rx.bytes)
  const previous = nic.rxs[place(nic, i - 1)]
  if (previous.skb !== undefined) put32(previous.bytes, LINK, rx.dma_addr)
}
/** The device stops in front of it. */
function set_end(rx: e.rx): void {
  put16(rx.bytes, SIZE, 0)
  put16(rx.bytes, COMMAND, get16(rx.bytes, COMMAND) | e.cb_el)
}
function clear_end(rx: e.rx): void {
  put16(rx.bytes, COMMAND, get16(rx.bytes, COMMAND) & ~e.cb_el)
  put16(rx.bytes, SIZE, e.RX_FRAME)
}

export function e100_rx_alloc_list(nic: nic): void {
  const { count } = nic.rfds
  nic.rxs = Array.from({ length: count }, () => new e.rx())
  for (let i = 0; i < count; i++) alloc_buffer(nic, i)
  nic.rx_to_use = 0
  nic.rx_to_clean = 0
  set_end(before_last(nic))
  nic.ru_running = e.RU_SUSPENDED
}
export function e100_rx_clean_list(nic: nic): void {
  nic.ru_running = e.RU_UNINITIALIZED
  for (const rx of nic.rxs) {
    if (rx.skb === undefined) continue
    dma_unmap_single(nic.pdev, rx.dma_addr)
    consume_skb(rx.skb)
  }
  nic.rxs = []
  nic.rx_to_use = 0
  nic.rx_to_clean = 0
}
export function e100_start_receiver(nic: nic): void {
  const rx = nic.rxs[nic.rx_to_clean]
  if (nic.ru_running !== e.RU_SUSPENDED || rx?.skb === undefined) return
  e100_exec_cmd(nic, e.ruc_start, rx.dma_addr)
  nic.ru_running = e.RU_RUNNING
}

/** Hands up to `budget` frames on, fills the ring up again, and starts a device that had run out. Frames, and one for a start. */
export function e100_rx_clean(nic: nic, budget: number): number {
  let work = 0
  let empty = false
  while (nic.rxs.length > 0 && nic.rxs[nic.rx_to_clean].skb !== undefined && work < budget) {
    const taken = indicate(nic, nic.rxs[nic.rx_to_clean])
    empty = taken === undefined
    if (empty) break
    if (taken) work++
    nic.rx_to_clean = place(nic, nic.rx_to_clean + 1)
  }
  // a restart before all is cleaned up would meet buffers that are full
  const restart = (empty || work < budget) && nic.ru_running === e.RU_SUSPENDED
  refill(nic)
  if (!restart) return work
  iowrite8(nic.csr, e.SCB_STAT_ACK, e.stat_ack_rnr)
  e100_start_receiver(nic)
  return work + 1
}
function refill(nic: nic): void {
  if (nic.rxs.length === 0) return
  const old = before_last(nic)
  while (nic.rxs[nic.rx_to_use].skb === undefined) {
    alloc_buffer(nic, nic.rx_to_use)
    nic.rx_to_use = place(nic, nic.rx_to_use + 1)
  }
  const end = before_last(nic)
  if (end === old) return
  set_end(end)
  clear_end(old)
}

/** Whether the frame went up; undefined: the device has not filled this buffer yet. */
function indicate(nic: nic, rx: e.rx): boolean | undefined {
  const status = get16(rx.bytes, STATUS)
  notice_stop(nic, rx)
  if (!(status & e.cb_complete)) return undefined
  const actual = Math.min(get16(rx.bytes, ACTUAL_SIZE) & 0x3fff, e.RX_FRAME)
  dma_unmap_single(nic.pdev, rx.dma_addr)
  const skb = rx.skb as sk_buff
  rx.skb = undefined
  skb_reserve(skb, e.RFD_SIZE)
  skb_put(skb, actual)
  return deliver(nic, skb, status, actual)
}
/** It may have stopped here while interrupts were off: so the next poll starts it again. */
function notice_stop(nic: nic, rx: e.rx): void {
  const last = (get16(rx.bytes, COMMAND) & e.cb_el) !== 0 && nic.ru_running === e.RU_RUNNING
  if (last && ioread8(nic.csr, e.SCB_STATUS) & e.rus_no_res) nic.ru_running = e.RU_SUSPENDED
}
function deliver(nic: nic, skb: sk_buff, status: number, actual: number): boolean {
  const dev = nic.netdev
  const fcs = dev.features & F.NETIF_F_RXFCS ? 4 : 0
  const oversized = actual > LONGEST + fcs
  if (oversized) nic.rx_over_length_errors++
  const all = (dev.features & F.NETIF_F_RXALL) !== 0n
  if (!all && (!(status & e.cb_ok) || oversized)) {
    kfree_skb_reason(skb, SKB_DROP_REASON_NOT_SPECIFIED)
    return false
  }
  dev.stats.rx_packets = (dev.stats.rx_packets ?? 0) + 1
  dev.stats.rx_bytes = (dev.stats.rx_bytes ?? 0) + actual - fcs
  skb.protocol = eth_type_trans(skb, dev)
  netif_receive_skb(skb)
  return true
}
