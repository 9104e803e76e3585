/**
 * A split virtqueue as the device sees it (virtio 1.2, 2.7): three rings in the driver's memory, reached by bus addresses.
 * What does not make sense there breaks the device, which then asks for a reset.
 */
import { type dma_region, dma_region_of } from '../kernel/dma_mapping.ts'
import { get16, get32, get64, put16, put32 } from '../lib/bytes.ts'
import type { pci_function } from './pci.ts'

const DESC_SIZE = 16
const DESC_NEXT = 1
const DESC_WRITE = 2
const DESC_INDIRECT = 4
const AVAIL_NO_INTERRUPT = 1
export const NO_VECTOR = 0xffff

export class virtqueue {
  /** Largest size, and the one that the driver has chosen. */
  readonly max: number
  size: number
  enabled = false
  vector = NO_VECTOR
  /** Bus addresses of descriptor table, available ring and used ring. */
  desc = 0
  avail = 0
  used = 0
  last_avail = 0
  used_idx = 0
  /** used_idx when the driver was last interrupted. */
  signalled = 0
  /** The chain that was popped last. */
  readonly element = new virtqueue_element()
  constructor(max: number) {
    this.max = max
    this.size = max
  }
  reset(): void {
    this.size = this.max
    this.enabled = false
    this.vector = NO_VECTOR
    this.desc = 0
    this.avail = 0
    this.used = 0
    this.last_avail = 0
    this.used_idx = 0
    this.signalled = 0
  }
}

/** A part of the driver's memory. */
export class virtqueue_buffer {
  bytes: Uint8Array
  at: number
  length: number
  constructor(bytes: Uint8Array, at: number, length: number) {
    this.bytes = bytes
    this.at = at
    this.length = length
  }
}
/** A chain of buffers: what the device reads, then what it may write. Each queue has one, used again for the next chain. */
export class virtqueue_element {
  head = 0
  out_num = 0
  in_num = 0
  readonly out: virtqueue_buffer[] = []
  readonly in: virtqueue_buffer[] = []
}
function append(list: virtqueue_buffer[], n: number, bytes: Uint8Array, at: number, length: number): void {
  if (n === list.length) {
    list.push(new virtqueue_buffer(bytes, at, length))
    return
  }
  const buffer = list[n]
  buffer.bytes = bytes
  buffer.at = at
  buffer.length = length
}

function region(fn: pci_function, address: number, length: number): dma_region | undefined {
  return fn.bus === undefined ? undefined : dma_region_of(fn.bus.memory, address, length)
}
/** The next chain that the driver offers. undefined: there is none; false: what it offers is broken. */
export function virtqueue_pop(fn: pci_function, vq: virtqueue): virtqueue_element | undefined | false {
  const ring = region(fn, vq.avail, 6 + 2 * vq.size)
  if (ring === undefined) return false
  const at = vq.avail - ring.addr
  const offered = (get16(ring.bytes, at + 2) - vq.last_avail) & 0xffff
  if (offered === 0) return undefined
  // more than there are descriptors
  if (offered > vq.size) return false
  const head = get16(ring.bytes, at + 4 + 2 * (vq.last_avail % vq.size))
  if (head >= vq.size) return false
  vq.last_avail = (vq.last_avail + 1) & 0xffff
  return chain(fn, vq, head)
}
/** Takes the last chain back: the driver has not been told of it. */
export function virtqueue_unpop(vq: virtqueue, count = 1): void {
  vq.last_avail = (vq.last_avail - count) & 0xffff
}

function chain(fn: pci_function, vq: virtqueue, head: number): virtqueue_element | false {
  const { element } = vq
  element.head = head
  element.out_num = 0
  element.in_num = 0
  let table = vq.desc
  let size = vq.size
  let i = head
  let left = size
  for (;;) {
    const descs = region(fn, table + DESC_SIZE * i, DESC_SIZE)
    // a chain that is longer than the table bites its tail
    if (descs === undefined || left-- === 0) return false
    const o = table + DESC_SIZE * i - descs.addr
    const address = get64(descs.bytes, o)
    const length = get32(descs.bytes, o + 8)
    const flags = get16(descs.bytes, o + 12)
    if (flags & DESC_INDIRECT) {
      // one table, whole, and not within another
      if (table !== vq.desc || flags & DESC_NEXT || length === 0 || length % DESC_SIZE !== 0) return false
      table = address
      size = length / DESC_SIZE
      left = size
      i = 0
      continue
    }
    const memory = region(fn, address, length)
    if (memory === undefined || length === 0) return false
    if (flags & DESC_WRITE) append(element.in, element.in_num++, memory.bytes, address - memory.addr, length)
    // what is read stands in front of what is written
    else if (element.in_num > 0) return false
    else append(element.out, element.out_num++, memory.bytes, address - memory.addr, length)
    if (!(flags & DESC_NEXT)) return element
    i = get16(descs.bytes, o + 14)
    if (i >= size) return false
  }
}

/** The chain is the driver's again, with so many bytes written. It is told by virtqueue_flush(). */
export function virtqueue_fill(fn: pci_function, vq: virtqueue, head: number, written: number, ahead = 0): boolean {
  const ring = region(fn, vq.used, 6 + 8 * vq.size)
  if (ring === undefined) return false
  const o = vq.used - ring.addr + 4 + 8 * ((vq.used_idx + ahead) % vq.size)
  put32(ring.bytes, o, head)
  put32(ring.bytes, o + 4, written)
  return true
}
/** So many chains are used now; whether the driver wants to be interrupted for them. */
export function virtqueue_flush(fn: pci_function, vq: virtqueue, count: number, event_idx: boolean): boolean {
  const ring = region(fn, vq.used, 6 + 8 * vq.size)
  const avail = region(fn, vq.avail, 6 + 2 * vq.size)
  if (ring === undefined || avail === undefined) return false
  vq.used_idx = (vq.used_idx + count) & 0xffff
  put16(ring.bytes, vq.used - ring.addr + 2, vq.used_idx)
  const at = vq.avail - avail.addr
  if (!event_idx) return (get16(avail.bytes, at) & AVAIL_NO_INTERRUPT) === 0
  const wanted = get16(avail.bytes, at + 4 + 2 * vq.size)
  const old = vq.signalled
  vq.signalled = vq.used_idx
  return vring_need_event(wanted, vq.used_idx, old)
}
/** Tells the driver from which chain on the device wants to hear of new ones (VIRTIO_F_EVENT_IDX). */
export function virtqueue_want(fn: pci_function, vq: virtqueue): void {
  const ring = region(fn, vq.used, 6 + 8 * vq.size)
  if (ring !== undefined) put16(ring.bytes, vq.used - ring.addr + 4 + 8 * vq.size, vq.last_avail)
}
/** virtio 1.2, 2.7.10: the index that the other side waits for lies between the old one and the new. */
export function vring_need_event(event: number, now: number, old: number): boolean {
  return ((now - event - 1) & 0xffff) < ((now - old) & 0xffff)
}
