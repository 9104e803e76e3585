/**
 * The 82559's command unit: it walks a list of command blocks in memory, does what each says, and writes back that it has.
 * 8255x manual 6.4.2. Its states, by what happens:
 *
 *   state     | event                         | next      | interrupt
 *   idle      | start                         | active    |
 *   suspended | start, resume                 | active    |
 *   active    | a block is done, none of S EL | active    | CX if I
 *   active    | … with S                      | suspended | CX if I, CNA
 *   active    | … with EL                     | idle      | CX if I, CNA
 *   active    | the cable takes no more       | active    | goes on when it does
 *   active    | memory does not answer        | active    | none: it hangs until a reset
 *   any       | reset                         | idle      |
 */
import { mod_timer } from '../kernel/time.ts'
import { get16, get32, put16, put32 } from '../lib/bytes.ts'
import type { i82559 } from './i82559.ts'
import { CAUSE_CNA, CAUSE_CX, SCB_POINTER } from './i82559_csr.ts'
import { etherHash } from './i82559_hash.ts'
import { pci_dma_read, pci_dma_region, pci_dma_write } from './pci.ts'

export const CU_IDLE = 0
export const CU_SUSPENDED = 1
export const CU_ACTIVE = 2

// commands of the SCB
const CU_START = 1
const CU_RESUME = 2
const CU_DUMP_ADDRESS = 4
const CU_DUMP = 5
const CU_LOAD_BASE = 6
const CU_DUMP_RESET = 7

// bits of a block's command word, and its commands
const CB_EL = 0x8000
const CB_S = 0x4000
const CB_I = 0x2000
const CB_NC = 0x10
const CB_SF = 0x08
const CMD_NOP = 0
const CMD_ADDRESS = 1
const CMD_CONFIGURE = 2
const CMD_MULTICAST = 3
const CMD_TRANSMIT = 4
const CMD_MICROCODE = 5
const CMD_DIAGNOSE = 7
const STATUS_C = 0x8000
const STATUS_OK = 0x2000

/** Blocks in one turn; the next comes a microsecond later, so that a ring without an end cannot stop the clock. */
const TURN = 64
const TURN_PAUSE = 1000
const MAX_FRAME = 2600
const MIN_FRAME = 60

const STAT_TX_GOOD = 0
const DUMPED = 0xa005
const DUMPED_RESET = 0xa007

export class cu_state_machine {
  state = CU_IDLE
  base = 0
  offset = 0
  dump_address = 0
  /** A frame that the cable does not take yet: the block's address and command. */
  waiting: { block: number; command: number; frame: Uint8Array } | undefined = undefined
  reset(): void {
    this.state = CU_IDLE
    this.base = 0
    this.offset = 0
    this.waiting = undefined
  }
}

export function cu_command(nic: i82559, command: number): void {
  const { cu, csr } = nic
  if (command === CU_START) {
    cu.offset = get32(csr, SCB_POINTER)
    activate(nic)
  } else if (command === CU_RESUME) {
    if (cu.state !== CU_ACTIVE) activate(nic)
  } else if (command === CU_DUMP_ADDRESS) cu.dump_address = (get32(csr, SCB_POINTER) & ~3) >>> 0
  else if (command === CU_LOAD_BASE) cu.base = get32(csr, SCB_POINTER)
  else if (command === CU_DUMP || command === CU_DUMP_RESET) dump(nic, command === CU_DUMP_RESET)
}
function activate(nic: i82559): void {
  nic.cu.state = CU_ACTIVE
  cu_continue(nic)
}

/** Goes on with the list. */
export function cu_continue(nic: i82559): void {
  const { cu } = nic
  for (let i = 0; i < TURN; i++) {
    if (cu.state !== CU_ACTIVE) return
    if (!step(nic)) return
  }
  if (cu.state === CU_ACTIVE) mod_timer(nic.turn, nic.turn.queue.now + TURN_PAUSE)
}
/** One block. False when it cannot be ended now. */
function step(nic: i82559): boolean {
  const { cu } = nic
  if (cu.waiting !== undefined) return retry(nic)
  const block = (cu.base + cu.offset) >>> 0
  const head = pci_dma_region(nic.fn, block, 16)
  if (head === undefined) return false
  const at = block - head.addr
  const command = get16(head.bytes, at + 2)
  cu.offset = get32(head.bytes, at + 4)
  const ok = act(nic, block, command, head.bytes, at)
  if (ok === undefined) return false
  done(nic, block, command, ok)
  return true
}
/** The cable has room again. */
function retry(nic: i82559): boolean {
  const { waiting } = nic.cu
  if (waiting === undefined || !put_on_cable(nic, waiting.frame)) return false
  nic.cu.waiting = undefined
  done(nic, waiting.block, waiting.command, true)
  return true
}
/** The frame before has left. */
export function i82559_tx_done(nic: i82559): void {
  if (nic.cu.waiting !== undefined) cu_continue(nic)
}

function done(nic: i82559, block: number, command: number, ok: boolean): void {
  const status = pci_dma_region(nic.fn, block, 2)
  if (status !== undefined) put16(status.bytes, block - status.addr, STATUS_C | (ok ? STATUS_OK : 0))
  if (command & CB_I) nic.raise(CAUSE_CX)
  if ((command & (CB_EL | CB_S)) === 0) return
  nic.cu.state = command & CB_EL ? CU_IDLE : CU_SUSPENDED
  nic.raise(CAUSE_CNA)
}

/** Whether the block's command went well; undefined: memory did not answer, or the cable is full. */
function act(nic: i82559, block: number, command: number, head: Uint8Array, at: number): boolean | undefined {
  switch (command & 7) {
    case CMD_NOP:
    case CMD_MICROCODE:
    case CMD_DIAGNOSE:
      return true
    case CMD_ADDRESS:
      nic.address.set(head.subarray(at + 8, at + 14))
      return true
    case CMD_CONFIGURE:
      return configure(nic, block)
    case CMD_MULTICAST:
      return multicast(nic, block, get16(head, at + 8) & 0x3fff)
    case CMD_TRANSMIT:
      return transmit(nic, block, command, head, at)
    default:
      return false
  }
}
/** The first byte says how many there are; those that are not given stay. */
function configure(nic: i82559, block: number): boolean | undefined {
  const bytes = pci_dma_read(nic.fn, block + 8, nic.configuration.length)
  if (bytes === undefined) return undefined
  nic.configuration.set(bytes.subarray(0, Math.min(bytes.length, Math.max(1, bytes[0] & 0x3f))))
  return true
}
function multicast(nic: i82559, block: number, length: number): boolean | undefined {
  const list = pci_dma_read(nic.fn, block + 10, length)
  if (list === undefined) return undefined
  nic.hash.fill(0)
  for (let i = 0; i + 6 <= length; i += 6) {
    const bit = etherHash(list.subarray(i, i + 6))
    nic.hash[bit >> 3] |= 1 << (bit & 7)
  }
  return true
}

function transmit(nic: i82559, block: number, command: number, head: Uint8Array, at: number): boolean | undefined {
  // a frame with a checksum of its own: not in this model
  if (command & CB_NC) return false
  const size = Math.min(get16(head, at + 12) & 0x3fff, MAX_FRAME)
  const descriptors = get32(head, at + 8)
  const count = command & CB_SF && descriptors !== 0xffffffff ? head[at + 15] : 0
  const frame = size === 0 && count === 1 ? one_buffer(nic, descriptors) : gather(nic, block, size, descriptors, count)
  if (frame === undefined) return undefined
  if (put_on_cable(nic, frame)) return true
  nic.cu.waiting = { block, command, frame }
  return undefined
}
/** As drivers send most frames. */
function one_buffer(nic: i82559, descriptor: number): Uint8Array | undefined {
  const memory = pci_dma_region(nic.fn, descriptor, 8)
  if (memory === undefined) return undefined
  const at = descriptor - memory.addr
  const address = get32(memory.bytes, at)
  const length = Math.min(get16(memory.bytes, at + 4) & 0x3fff, MAX_FRAME)
  const buffer = pci_dma_region(nic.fn, address, length)
  if (buffer === undefined) return undefined
  const from = address - buffer.addr
  if (length >= shortest(nic)) return buffer.bytes.slice(from, from + length)
  const frame = new Uint8Array(shortest(nic))
  frame.set(buffer.bytes.subarray(from, from + length))
  return frame
}
/** Byte 18, bit 1: short frames are padded. */
function shortest(nic: i82559): number {
  return nic.configuration[18] & 2 ? MIN_FRAME : 0
}
/** A frame's bytes: those behind the block (simplified mode), then what the buffer descriptors name (flexible mode). */
function gather(nic: i82559, block: number, behind: number, descriptors: number, count: number): Uint8Array | undefined {
  const frame = new Uint8Array(MAX_FRAME)
  let size = behind
  if (size > 0) {
    const bytes = pci_dma_read(nic.fn, block + 16, size)
    if (bytes === undefined) return undefined
    frame.set(bytes)
  }
  for (let i = 0; i < count; i++) {
    const descriptor = pci_dma_read(nic.fn, descriptors + 8 * i, 8)
    if (descriptor === undefined) return undefined
    const length = Math.min(get16(descriptor, 4) & 0x3fff, MAX_FRAME - size)
    const last = (descriptor[6] & 1) !== 0
    const bytes = pci_dma_read(nic.fn, get32(descriptor, 0), length)
    if (bytes === undefined) return undefined
    frame.set(bytes, size)
    size += length
    if (last) break
  }
  return frame.slice(0, Math.max(size, shortest(nic)))
}
/** False when it must wait. Without a cable the frame is gone. */
function put_on_cable(nic: i82559, frame: Uint8Array): boolean {
  const { end } = nic
  if (end !== undefined && !end.transmit(frame)) return false
  nic.statistics[STAT_TX_GOOD]++
  return true
}

/** 64 bytes as the 82557 has, 76 with the counters of flow control, 80 with those of TCO: bits of byte 6. */
function dump(nic: i82559, reset: boolean): void {
  const byte6 = nic.configuration[6]
  const size = byte6 & 0x04 ? 80 : byte6 & 0x20 ? 64 : 76
  const bytes = new Uint8Array(size + 4)
  for (let i = 0; i < size / 4; i++) put32(bytes, 4 * i, nic.statistics[i])
  put32(bytes, size, reset ? DUMPED_RESET : DUMPED)
  pci_dma_write(nic.fn, nic.cu.dump_address, bytes)
  if (reset) nic.statistics.fill(0)
}
