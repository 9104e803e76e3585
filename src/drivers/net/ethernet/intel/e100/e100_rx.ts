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
import { KERN_DEBUG } from '../../../../../kernel/printk.ts'
import { NETIF_MSG_RX_STATUS, netif_printk } from '../../../../../net/core/dev_printk.ts'
import { netif_receive_skb } from '../../../../../net/core/dev_receive.ts'
import * as F from '../../../../../net/core/netdev_features_bits.ts'
import { SKB_DROP_REASON_NOT_SPECIFIED } from '../../../../../net/core/dropreason.ts'
import { kfree_skb_reason, type sk_buff, skb_free_frag } from '../../../../../net/core/skbuff.ts'
import { napi_alloc_frag, napi_build_skb } from '../../../../../net/core/skbuff_cache.ts'
import { eth_type_trans } from '../../../../../net/ethernet/eth.ts'
import { dma_map_single, dma_unmap_single, ioread8, iowrite8 } from '../../../../pci/pci.ts'
import * as e from './e100.ts'
import type { nic } from './e100.ts'
import { e100_exec_cmd } from './e100_hw.ts'

/** Fields of a descriptor: their places in the buffer. */
const STATUS = e.RFD_AT
const COMMAND = e.RFD_AT + 2
const LINK = e.RFD_AT + 4
const RBD = e.RFD_AT + 8
const ACTUAL_SIZE = e.RFD_AT + 12
const SIZE = e.RFD_AT + 14
const FRAME = e.RFD_AT + e.RFD_SIZE
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
  const bytes = napi_alloc_frag(nic.pdev.kernel)
  bytes.fill(0, STATUS, FRAME)
  put32(bytes, RBD, 0xffffffff)
  put16(bytes, SIZE, e.RX_FRAME)
  rx.bytes = bytes
  rx.dma_addr = dma_map_single(nic.pdev, bytes) + e.RFD_AT
  const previous = nic.rxs[place(nic, i - 1)].bytes
  if (previous !== undefined) put32(previous, LINK, rx.dma_addr)
}
/** The device stops in front of it. */
function set_end({ bytes }: e.rx): void {
  if (bytes === undefined) return
  put16(bytes, SIZE, 0)
  put16(bytes, COMMAND, get16(bytes, COMMAND) | e.cb_el)
}
function clear_end({ bytes }: e.rx): void {
  if (bytes === undefined) return
  put16(bytes, COMMAND, get16(bytes, COMMAND) & ~e.cb_el)
  put16(bytes, SIZE, e.RX_FRAME)
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
  for (const { bytes, dma_addr } of nic.rxs) {
    if (bytes === undefined) continue
    dma_unmap_single(nic.pdev, dma_addr - e.RFD_AT)
    skb_free_frag(nic.pdev.kernel, bytes)
  }
  nic.rxs = []
  nic.rx_to_use = 0
  nic.rx_to_clean = 0
}
export function e100_start_receiver(nic: nic): void {
  const rx = nic.rxs[nic.rx_to_clean]
  if (nic.ru_running !== e.RU_SUSPENDED || rx?.bytes === undefined) return
  e100_exec_cmd(nic, e.ruc_start, rx.dma_addr)
  nic.ru_running = e.RU_RUNNING
}

/** Hands up to `budget` frames on, fills the ring up again, and starts a device that had run out. Frames, and one for a start. */
export function e100_rx_clean(nic: nic, budget: number): number {
  let work = 0
  let empty = false
  while (nic.rxs.length > 0 && nic.rxs[nic.rx_to_clean].bytes !== undefined && work < budget) {
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
  while (nic.rxs[nic.rx_to_use].bytes === undefined) {
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
  const bytes = rx.bytes as Uint8Array
  const status = get16(bytes, STATUS)
  if (nic.msg_enable & NETIF_MSG_RX_STATUS)
    netif_printk(nic, NETIF_MSG_RX_STATUS, KERN_DEBUG, nic.netdev, `status=0x${e.upper_hex(status, 4)}`)
  notice_stop(nic, bytes)
  if (!(status & e.cb_complete)) return undefined
  const actual = Math.min(get16(bytes, ACTUAL_SIZE) & 0x3fff, e.RX_FRAME)
  dma_unmap_single(nic.pdev, rx.dma_addr - e.RFD_AT)
  rx.bytes = undefined
  return deliver(nic, napi_build_skb(nic.netdev, bytes, FRAME, FRAME + actual, FRAME + e.RX_FRAME), status, actual)
}
/** It may have stopped here while interrupts were off: so the next poll starts it again. */
function notice_stop(nic: nic, bytes: Uint8Array): void {
  const last = (get16(bytes, COMMAND) & e.cb_el) !== 0 && nic.ru_running === e.RU_RUNNING
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
