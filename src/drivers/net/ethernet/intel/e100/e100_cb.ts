/**
 * e100.c: the ring of command blocks. Each goes to the device as soon as it is written: the last carries the suspend bit,
 * and the device is resumed to go on from there. What it has marked complete is cleaned up and free again.
 */
import { get16, hex, put16, put32 } from '../../../../../lib/bytes.ts'
import { KERN_DEBUG } from '../../../../../kernel/printk.ts'
import { NETIF_MSG_HW, NETIF_MSG_TX_DONE, NETIF_MSG_TX_ERR, netif_printk } from '../../../../../net/core/dev_printk.ts'
import { netif_queue_stopped, netif_running, netif_stop_queue, netif_wake_queue } from '../../../../../net/core/dev.ts'
import * as F from '../../../../../net/core/netdev_features_bits.ts'
import { NETDEV_TX_BUSY, NETDEV_TX_OK, type net_device, netdev_priv } from '../../../../../net/core/netdevice.ts'
import { skb_tx_timestamp } from '../../../../../net/core/skb_tstamp.ts'
import { consume_skb, type sk_buff } from '../../../../../net/core/skbuff.ts'
import { napi_consume_skb } from '../../../../../net/core/skbuff_cache.ts'
import { schedule_work } from '../../../../../kernel/workqueue.ts'
import { ENOMEM, ENOSPC, type Errno, isErrno } from '../../../../../uapi/errno.ts'
import { IFF_ALLMULTI, IFF_PROMISC } from '../../../../../uapi/linux/if.ts'
import { dma_alloc_coherent, dma_free_coherent, dma_map_single, dma_unmap_single } from '../../../../pci/pci.ts'
import * as e from './e100.ts'
import type { nic } from './e100.ts'
import { e100_exec_cmd } from './e100_hw.ts'

/** Offsets in a block. */
const STATUS = 0
const COMMAND = 2
const LINK = 4
const BODY = 8
// of a transmit block: descriptor array, byte count, threshold, number of descriptors, the descriptor
const TBD_ARRAY = 8
const TX_THRESHOLD = 14
const TBD_COUNT = 15
const TBD = 16
const E100_MAX_MULTICAST_ADDRS = 64
/** Of 8 bytes each: how much is fetched before a frame begins. */
const tx_threshold = 0xe0

export function e100_alloc_cbs(nic: nic): void {
  const { count } = nic.cbs_param
  const mem = dma_alloc_coherent(nic.pdev, count * e.CB_SIZE)
  nic.cbs_mem = mem
  for (const pool of nic.pdev.dma_pools) pool.blocks = pool.active = 1
  nic.cbs = []
  for (let i = 0; i < count; i++) {
    const cb = new e.cb()
    cb.dma_addr = mem.addr + i * e.CB_SIZE
    put32(mem.bytes, i * e.CB_SIZE + LINK, mem.addr + ((i + 1) % count) * e.CB_SIZE)
    nic.cbs.push(cb)
  }
  nic.cuc_cmd = e.cuc_start
  nic.cb_to_use = 0
  nic.cb_to_send = 0
  nic.cb_to_clean = 0
  nic.cbs_avail = count
}
export function e100_clean_cbs(nic: nic): void {
  for (const [i, { skb }] of nic.cbs.entries()) {
    if (skb === undefined) continue
    unmap(nic, i)
    consume_skb(skb)
  }
  if (nic.cbs_mem !== undefined) dma_free_coherent(nic.pdev, nic.cbs_mem)
  for (const pool of nic.pdev.dma_pools) pool.active = 0
  nic.cbs_mem = undefined
  nic.cbs = []
  nic.cbs_avail = 0
  nic.cuc_cmd = e.cuc_start
  nic.cb_to_use = 0
  nic.cb_to_send = 0
  nic.cb_to_clean = 0
}
function bytes_of(nic: nic): Uint8Array {
  return (nic.cbs_mem as NonNullable<nic['cbs_mem']>).bytes
}
/** The frame's mapping begins at a page, and the frame somewhere in it. */
function unmap(nic: nic, i: number): void {
  dma_unmap_single(nic.pdev, nic.cbs[i].frame_addr)
}

/** Fills the command word and body of a block, which begins at `at`. */
type cb_prepare = (nic: nic, bytes: Uint8Array, at: number, cb: e.cb) => void

/**
 * Puts the next block into the ring and sends what has not been sent. ENOMEM: there is none, nothing was done; ENOSPC:
 * this was the last.
 */
export function e100_exec_cb(nic: nic, skb: sk_buff | undefined, prepare: cb_prepare): Errno | undefined {
  if (nic.cbs_avail === 0) return ENOMEM
  const count = nic.cbs.length
  const i = nic.cb_to_use
  const cb = nic.cbs[i]
  nic.cb_to_use = (i + 1) % count
  nic.cbs_avail--
  cb.skb = skb
  const bytes = bytes_of(nic)
  const at = i * e.CB_SIZE
  prepare(nic, bytes, at, cb)
  const full = nic.cbs_avail === 0
  // the new end first, then the old one opens: the device may be reading
  put16(bytes, at + COMMAND, get16(bytes, at + COMMAND) | e.cb_s)
  const previous = ((i + count - 1) % count) * e.CB_SIZE
  put16(bytes, previous + COMMAND, get16(bytes, previous + COMMAND) & ~e.cb_s)
  send(nic, full)
  return full ? ENOSPC : undefined
}
/** A device that is too busy gets the rest with the next command; one that stays so is reset. */
function send(nic: nic, full: boolean): void {
  while (nic.cb_to_send !== nic.cb_to_use) {
    if (isErrno(e100_exec_cmd(nic, nic.cuc_cmd, nic.cbs[nic.cb_to_send].dma_addr))) {
      if (full) schedule_work(nic.tx_timeout_task)
      return
    }
    nic.cuc_cmd = e.cuc_resume
    nic.cb_to_send = (nic.cb_to_send + 1) % nic.cbs.length
  }
}

/** Configuration bytes as the 8255x manual (6.4.2.3) recommends, and what the device's state asks for. */
export function e100_configure(nic: nic, bytes: Uint8Array, at: number): void {
  put16(bytes, at + COMMAND, e.cb_config)
  const c = bytes.subarray(at + BODY, at + BODY + 32)
  c.fill(0)
  const extended = nic.mac >= e.mac_82558_D101_A4
  const tco = nic.mac >= e.mac_82559_D101M
  const d102 = nic.mac >= e.mac_82551_10
  const all = (nic.netdev.features & F.NETIF_F_RXALL) !== 0n
  c[0] = d102 ? 0x20 : 0x16 // how many bytes
  c[1] = 0x08 // receive FIFO limit
  c[2] = nic.adaptive_ifs
  c[3] = extended ? 0x01 : 0 // memory write and invalidate
  c[6] = 0x02 | (tco ? 0x04 : 0) | (extended ? 0 : 0x10) | (extended && !tco ? 0 : 0x20) | (all ? 0x40 : 0)
  c[7] = 0x06 // three retries after an underrun
  c[8] = 0x01 // MII
  c[10] = 0x2e | (nic.loopback << 6) // preamble of 7 bytes, source addresses are ours
  c[12] = 0x60 // space between frames
  c[14] = 0xf2
  c[15] = 0x48
  c[17] = 0x40 // delay of flow control
  c[18] = 0xf2 | (extended ? 0x08 : 0) | (nic.netdev.features & F.NETIF_F_RXFCS ? 0x04 : 0) // padding, long frames
  c[19] = 0x80 | (extended ? 0x04 : 0) | (nic.mii.force_media && nic.mii.full_duplex ? 0x40 : 0)
  if (netif_running(nic.netdev) || !nic.wol_magic) c[19] |= 0x02
  c[20] = 0x3f
  c[21] = 0x05 | (nic.multicast_all ? 0x08 : 0)
  if (d102) c[22] = 0x01
  // what is looped back goes to nobody's address
  const promiscuous = nic.promiscuous || nic.loopback !== e.lb_none
  if (promiscuous) c[15] |= 0x01
  if (promiscuous || all) c[6] |= 0x80
  else c[7] |= 0x01 // short frames are discarded
  if (nic.msg_enable & NETIF_MSG_HW) log_configuration(nic, c)
}
function log_configuration(nic: nic, c: Uint8Array): void {
  for (const [at, range] of ['00-07', '08-15', '16-23'].entries())
    netif_printk(nic, NETIF_MSG_HW, KERN_DEBUG, nic.netdev, `[${range}]=${hex(c.subarray(8 * at, 8 * at + 8)).replace(/..(?=.)/g, '$& ')}`)
}
/** All registers of the controller go to memory. */
export function e100_dump(nic: nic, bytes: Uint8Array, at: number): void {
  put16(bytes, at + COMMAND, e.cb_dump)
  put32(bytes, at + BODY, nic.mem.addr + e.MEM_DUMP)
}
export function e100_setup_iaaddr(nic: nic, bytes: Uint8Array, at: number): void {
  put16(bytes, at + COMMAND, e.cb_iaaddr)
  bytes.set(nic.netdev.dev_addr.subarray(0, 6), at + BODY)
}
function e100_multi(nic: nic, bytes: Uint8Array, at: number): void {
  const list = nic.netdev.mc.slice(0, E100_MAX_MULTICAST_ADDRS)
  put16(bytes, at + COMMAND, e.cb_multi)
  put16(bytes, at + BODY, list.length * 6)
  for (const [i, ha] of list.entries()) bytes.set(ha.addr.subarray(0, 6), at + BODY + 2 + 6 * i)
}
export function e100_set_multicast_list(dev: net_device): void {
  const nic = netdev_priv<nic>(dev)
  netif_printk(nic, NETIF_MSG_HW, KERN_DEBUG, dev, `mc_count=${dev.mc.length}, flags=0x${e.upper_hex(dev.flags, 4)}`)
  nic.promiscuous = (dev.flags & IFF_PROMISC) !== 0
  nic.multicast_all = (dev.flags & IFF_ALLMULTI) !== 0 || dev.mc.length > E100_MAX_MULTICAST_ADDRS
  e100_exec_cb(nic, undefined, e100_configure)
  e100_exec_cb(nic, undefined, e100_multi)
}

/** An interrupt with every 16th frame, or when the device has waited long enough (82558 and later). */
function e100_xmit_prepare(nic: nic, bytes: Uint8Array, at: number, cb: e.cb): void {
  const skb = cb.skb as sk_buff
  let command = e.cb_tx | e.cb_tx_sf | (nic.mac >= e.mac_82558_D101_A4 ? e.cb_cid : e.cb_i)
  if ((nic.cbs_avail & 15) === 0) command |= e.cb_i
  put16(bytes, at + COMMAND, command)
  put32(bytes, at + TBD_ARRAY, cb.dma_addr + TBD)
  put16(bytes, at + TBD_ARRAY + 4, 0)
  bytes[at + TX_THRESHOLD] = tx_threshold
  bytes[at + TBD_COUNT] = 1
  cb.frame_addr = dma_map_single(nic.pdev, skb.buf)
  put32(bytes, at + TBD, cb.frame_addr + skb.data)
  put32(bytes, at + TBD + 4, skb.len)
  skb_tx_timestamp(skb)
}
/** ndo_start_xmit */
export function e100_xmit_frame(skb: sk_buff, dev: net_device): number {
  const nic = netdev_priv<nic>(dev)
  const error = e100_exec_cb(nic, skb, e100_xmit_prepare)
  if (error === undefined) return NETDEV_TX_OK
  const text = error === ENOMEM ? 'Out of Tx resources, returning skb' : 'No space for CB'
  netif_printk(nic, NETIF_MSG_TX_ERR, KERN_DEBUG, dev, text)
  netif_stop_queue(dev)
  return error === ENOMEM ? NETDEV_TX_BUSY : NETDEV_TX_OK
}
/** Frees what the device has completed; whether frames were among it. */
export function e100_tx_clean(nic: nic): boolean {
  const { stats } = nic.netdev
  let cleaned = false
  while (nic.cbs.length > 0) {
    const i = nic.cb_to_clean
    const bytes = bytes_of(nic)
    const status = i * e.CB_SIZE + STATUS
    if (!(get16(bytes, status) & e.cb_complete)) break
    if (nic.msg_enable & NETIF_MSG_TX_DONE)
      netif_printk(nic, NETIF_MSG_TX_DONE, KERN_DEBUG, nic.netdev, `cb[${i}]->status = 0x${e.upper_hex(get16(bytes, status), 4)}`)
    const { skb } = nic.cbs[i]
    if (skb !== undefined) {
      stats.tx_packets = (stats.tx_packets ?? 0) + 1
      stats.tx_bytes = (stats.tx_bytes ?? 0) + skb.len
      unmap(nic, i)
      nic.cbs[i].skb = undefined
      napi_consume_skb(nic.pdev.kernel, skb)
      cleaned = true
    }
    put16(bytes, status, 0)
    nic.cbs_avail++
    nic.cb_to_clean = (i + 1) % nic.cbs.length
  }
  if (cleaned && netif_queue_stopped(nic.netdev)) netif_wake_queue(nic.netdev)
  return cleaned
}
