/**
 * drivers/virtio/virtio_ring.c: split rings as the driver sees them. Buffers are added to the available ring with a token;
 * the device gives them back in the used ring, and the token comes out again. Who waits for whom is told by event indexes.
 */
import { KERN_ERR } from '../../kernel/printk.ts'
import { get16, get32, put16, put32, put64 } from '../../lib/bytes.ts'
import { ENOSPC, type Errno } from '../../uapi/errno.ts'
import { type dma_buffer, dma_alloc_coherent, dma_free_coherent, dma_map_single, dma_unmap_single, type pci_dev } from '../pci/pci.ts'

const DESC_SIZE = 16
const VRING_DESC_F_NEXT = 1
const VRING_DESC_F_WRITE = 2
const VRING_DESC_F_INDIRECT = 4
const VRING_AVAIL_F_NO_INTERRUPT = 1

/** struct vring_desc_extra and state: of the descriptor at the head of a chain. */
export class desc_state {
  token: unknown = undefined
  /** Bus addresses of the chain's buffers. */
  mapped: number[] = []
  /** The chain's own table of descriptors, when it has one. */
  table: dma_buffer | undefined = undefined
}

export class vring_virtqueue {
  readonly pdev: pci_dev
  readonly index: number
  readonly name: string
  readonly event_idx: boolean
  /** Chains may have a table of their own, and take one descriptor then. */
  readonly indirect: boolean
  num: number
  desc!: dma_buffer
  avail!: dma_buffer
  used!: dma_buffer
  states: desc_state[] = []
  /** Which descriptor comes after which, in chains and among the free: what stands in shared memory is not believed. */
  next = new Uint16Array(0)
  free_head = 0
  num_free = 0
  avail_idx = 0
  /** avail_idx when the device was last told. */
  told_idx = 0
  last_used = 0
  /** Of what was taken out of the used ring last. */
  used_length = 0
  /** The device has done what it must not. */
  broken = false
  constructor(pdev: pci_dev, index: number, name: string, num: number, event_idx: boolean, indirect: boolean) {
    this.pdev = pdev
    this.index = index
    this.name = name
    this.num = num
    this.event_idx = event_idx
    this.indirect = indirect
    vring_alloc(this)
  }
}

/** Memory for the three rings, all descriptors free. */
export function vring_alloc(vq: vring_virtqueue): void {
  const { pdev, num } = vq
  vq.desc = dma_alloc_coherent(pdev, DESC_SIZE * num)
  vq.avail = dma_alloc_coherent(pdev, 6 + 2 * num)
  vq.used = dma_alloc_coherent(pdev, 6 + 8 * num)
  vq.next = Uint16Array.from({ length: num }, (_, i) => i + 1)
  vq.states = Array.from({ length: num }, () => new desc_state())
  vq.free_head = 0
  vq.num_free = num
  vq.avail_idx = vq.told_idx = vq.last_used = 0
  vq.broken = false
}
export function vring_free(vq: vring_virtqueue): void {
  for (const buffer of [vq.desc, vq.avail, vq.used]) dma_free_coherent(vq.pdev, buffer)
}

/** A part of memory that is mapped whole: a view of its own would not be the same memory in a saved state. */
export interface vring_room {
  bytes: Uint8Array
  at: number
  length: number
}
/**
 * virtqueue_add_sgs(): what the device reads, then what it writes. Several parts go into a table of their own where the
 * device has agreed to that. ENOSPC: there are too few descriptors.
 */
export function virtqueue_add_sgs(
  vq: vring_virtqueue,
  out: readonly vring_room[],
  into: readonly vring_room[],
  token: unknown,
): Errno | undefined {
  const total = out.length + into.length
  const own = vq.indirect && total > 1
  if (vq.num_free < (own ? 1 : total)) return ENOSPC
  const head = vq.free_head
  const state = vq.states[head]
  if (own) state.table = dma_alloc_coherent(vq.pdev, DESC_SIZE * total)
  let i = own ? 0 : head
  for (let n = 0; n < total; n++) {
    const { bytes, at, length } = n < out.length ? out[n] : into[n - out.length]
    const next = own ? n + 1 : vq.next[i]
    const flags = (n < out.length ? 0 : VRING_DESC_F_WRITE) | (n + 1 < total ? VRING_DESC_F_NEXT : 0)
    add_desc(vq, state, i, bytes, at, length, flags)
    if (flags & VRING_DESC_F_NEXT) put16((state.table ?? vq.desc).bytes, DESC_SIZE * i + 14, next)
    i = next
  }
  if (own) name_table(vq, state, head)
  else vq.num_free -= total
  offer(vq, head, token, own ? vq.next[head] : i)
  return undefined
}
/** The ring's descriptor only says where the table is. */
function name_table(vq: vring_virtqueue, { table }: desc_state, head: number): void {
  if (table === undefined) return
  const { bytes } = vq.desc
  put64(bytes, DESC_SIZE * head, table.addr)
  put32(bytes, DESC_SIZE * head + 8, table.bytes.length)
  put16(bytes, DESC_SIZE * head + 12, VRING_DESC_F_INDIRECT)
  vq.num_free--
}
/** virtqueue_add_outbuf(): one buffer that the device reads. */
export function virtqueue_add_outbuf(
  vq: vring_virtqueue,
  bytes: Uint8Array,
  at: number,
  length: number,
  token: unknown,
): Errno | undefined {
  return add_buf(vq, bytes, at, length, 0, token)
}
/** virtqueue_add_inbuf(): one that it writes. */
export function virtqueue_add_inbuf(vq: vring_virtqueue, bytes: Uint8Array, at: number, length: number, token: unknown): Errno | undefined {
  return add_buf(vq, bytes, at, length, VRING_DESC_F_WRITE, token)
}
function add_buf(vq: vring_virtqueue, bytes: Uint8Array, at: number, length: number, flags: number, token: unknown): Errno | undefined {
  if (vq.num_free < 1) return ENOSPC
  const head = vq.free_head
  add_desc(vq, vq.states[head], head, bytes, at, length, flags)
  vq.num_free--
  offer(vq, head, token, vq.next[head])
  return undefined
}
/** Fills a descriptor of the ring, or of the chain's own table. */
function add_desc(vq: vring_virtqueue, state: desc_state, i: number, bytes: Uint8Array, at: number, length: number, flags: number): void {
  const addr = dma_map_single(vq.pdev, bytes)
  state.mapped.push(addr)
  const table = (state.table ?? vq.desc).bytes
  const o = DESC_SIZE * i
  put64(table, o, addr + at)
  put32(table, o + 8, length)
  put16(table, o + 12, flags)
}
function offer(vq: vring_virtqueue, head: number, token: unknown, next: number): void {
  vq.states[head].token = token
  vq.free_head = next
  const ring = vq.avail.bytes
  put16(ring, 4 + 2 * (vq.avail_idx % vq.num), head)
  vq.avail_idx = (vq.avail_idx + 1) & 0xffff
  put16(ring, 2, vq.avail_idx)
}
/** virtqueue_kick_prepare(): whether the device wants to hear of what was added since it was last told. */
export function virtqueue_kick_prepare(vq: vring_virtqueue): boolean {
  const { avail_idx: now, told_idx: old } = vq
  vq.told_idx = now
  if (!vq.event_idx) return (get16(vq.used.bytes, 0) & 1) === 0
  const wanted = get16(vq.used.bytes, 4 + 8 * vq.num)
  return ((now - wanted - 1) & 0xffff) < ((now - old) & 0xffff)
}

function more_used(vq: vring_virtqueue): boolean {
  return vq.last_used !== get16(vq.used.bytes, 2)
}
/**
 * virtqueue_get_buf(): the token of the next chain that the device has given back; vq.used_length is how much it has
 * written. One that was not out breaks the queue.
 */
export function virtqueue_get_buf(vq: vring_virtqueue): any {
  if (vq.broken || !more_used(vq)) return undefined
  const ring = vq.used.bytes
  const o = 4 + 8 * (vq.last_used % vq.num)
  const head = get32(ring, o)
  const token = head < vq.num ? vq.states[head].token : undefined
  if (token === undefined) {
    vq.broken = true
    vq.pdev.kernel.printk(KERN_ERR, `virtio_net ${vq.name}:id ${head} is not a head!`)
    return undefined
  }
  vq.used_length = get32(ring, o + 4)
  detach_buf(vq, head, vq.states[head])
  vq.last_used = (vq.last_used + 1) & 0xffff
  return token
}
function detach_buf(vq: vring_virtqueue, head: number, state: desc_state): void {
  const { mapped, table } = state
  const count = table === undefined ? mapped.length : 1
  let last = head
  for (let i = 1; i < count; i++) last = vq.next[last]
  vq.num_free += count
  while (mapped.length > 0) dma_unmap_single(vq.pdev, mapped.pop() as number)
  if (table !== undefined) dma_free_coherent(vq.pdev, table)
  state.table = undefined
  vq.next[last] = vq.free_head
  vq.free_head = head
  state.token = undefined
}
/** virtqueue_detach_unused_buf(): takes back what the device has not used; only when it is stopped. */
export function virtqueue_detach_unused_buf(vq: vring_virtqueue): any {
  const head = vq.states.findIndex((state) => state.token !== undefined)
  if (head < 0) return undefined
  const { token } = vq.states[head]
  detach_buf(vq, head, vq.states[head])
  return token
}

/** The device need not interrupt: with indexes, one is named that is not reached for long. */
export function virtqueue_disable_cb(vq: vring_virtqueue): void {
  put16(vq.avail.bytes, 0, vq.event_idx ? 0 : VRING_AVAIL_F_NO_INTERRUPT)
  if (vq.event_idx) put16(vq.avail.bytes, 4 + 2 * vq.num, (vq.last_used - 1) & 0xffff)
}
/** virtqueue_enable_cb(): it shall from the next one on. False: there are some already. */
export function virtqueue_enable_cb(vq: vring_virtqueue): boolean {
  put16(vq.avail.bytes, 0, 0)
  if (vq.event_idx) put16(vq.avail.bytes, 4 + 2 * vq.num, vq.last_used)
  return !more_used(vq)
}
/** virtqueue_enable_cb_delayed(): when three quarters of what is out have been used. */
export function virtqueue_enable_cb_delayed(vq: vring_virtqueue): boolean {
  if (!vq.event_idx) return virtqueue_enable_cb(vq)
  const waiting = (((vq.avail_idx - vq.last_used) & 0xffff) * 3) >> 2
  put16(vq.avail.bytes, 4 + 2 * vq.num, (vq.last_used + waiting) & 0xffff)
  return ((get16(vq.used.bytes, 2) - vq.last_used) & 0xffff) <= waiting
}
