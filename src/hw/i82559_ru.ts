/**
 * The 82559's receive unit: it puts frames into a list of receive frame descriptors (RFD) in memory. 8255x manual 6.4.3.
 *
 *   state        | event                                | next         | interrupt
 *   idle         | start                                | ready        |
 *   no resources | start                                | ready        |
 *   suspended    | start, resume                        | ready        |
 *   ready        | a frame, RFD without S and EL        | ready        | FR
 *   ready        | a frame, RFD with S                  | suspended    | FR, RNR
 *   ready        | a frame, RFD with EL                 | no resources | FR, RNR
 *   ready        | a frame, RFD with EL and size 0      | no resources | RNR; the frame is lost, the RFD untouched
 *   ready        | abort                                | idle         | RNR
 *   not ready    | a frame                              | the same     | RNR; the frame is lost and counted
 *   any          | reset                                | idle         |
 */
import { get16, get32, put16 } from '../lib/bytes.ts'
import type { i82559 } from './i82559.ts'
import { CAUSE_FR, CAUSE_RNR, SCB_POINTER } from './i82559_csr.ts'
import { etherHash } from './i82559_hash.ts'
import { i82559_wake } from './i82559_wake.ts'
import { pci_asleep, pci_dma_region, pci_dma_write } from './pci.ts'

export const RU_IDLE = 0
export const RU_SUSPENDED = 1
export const RU_NO_RESOURCES = 2
export const RU_READY = 4

const RU_START = 1
const RU_RESUME = 2
const RU_ABORT = 4
const RU_LOAD_BASE = 6

const RFD_EL = 0x8000
const RFD_S = 0x4000
const RFD_SIZE = 16
const STATUS_DONE = 0xa000
const STATUS_GROUP = 0x0002
const STATUS_PROMISCUOUS = 0x0004
/** In front of the count: end of frame, and the count is valid. */
const COUNT_FLAGS = 0xc000

const STAT_RX_GOOD = 9
const STAT_RX_RESOURCE = 12
const MIN_FRAME = 60
const MAX_FRAME = 1518

export class ru_state_machine {
  state = RU_IDLE
  base = 0
  offset = 0
  reset(): void {
    this.state = RU_IDLE
    this.base = 0
    this.offset = 0
  }
}

export function ru_command(nic: i82559, command: number): void {
  const { ru, csr } = nic
  if (command === RU_START) {
    ru.offset = get32(csr, SCB_POINTER)
    ru.state = RU_READY
  } else if (command === RU_RESUME) {
    if (ru.state === RU_SUSPENDED) ru.state = RU_READY
  } else if (command === RU_ABORT) {
    if (ru.state === RU_READY) nic.raise(CAUSE_RNR)
    ru.state = RU_IDLE
  } else if (command === RU_LOAD_BASE) ru.base = get32(csr, SCB_POINTER)
}

/** A frame has come over the cable. What is shorter than any wire carries has been padded on the way. */
export function i82559_receive(nic: i82559, bytes: Uint8Array): void {
  if (pci_asleep(nic.fn)) return i82559_wake(nic, bytes)
  const status = accept(nic, bytes)
  if (status === undefined) return
  if (nic.ru.state !== RU_READY) return no_resources(nic)
  const frame = bytes.length < MIN_FRAME ? padded(bytes) : bytes
  store(nic, frame, status)
}
function padded(bytes: Uint8Array): Uint8Array {
  const frame = new Uint8Array(MIN_FRAME)
  frame.set(bytes)
  return frame
}
function no_resources(nic: i82559): void {
  nic.statistics[STAT_RX_RESOURCE]++
  nic.raise(CAUSE_RNR)
}
function store(nic: i82559, frame: Uint8Array, status: number): void {
  const { ru, fn } = nic
  const rfd = (ru.base + ru.offset) >>> 0
  const head = pci_dma_region(fn, rfd, RFD_SIZE)
  // memory does not answer: the unit hangs, as the command unit does
  if (head === undefined) return
  const { bytes } = head
  const at = rfd - head.addr
  const command = get16(bytes, at + 2)
  const room = get16(bytes, at + 14) & 0x3fff
  if (command & RFD_EL && room === 0) {
    ru.state = RU_NO_RESOURCES
    no_resources(nic)
    return
  }
  ru.offset = get32(bytes, at + 4)
  const count = Math.min(frame.length, room)
  pci_dma_write(fn, rfd + RFD_SIZE, count === frame.length ? frame : frame.subarray(0, count))
  put16(bytes, at + 12, COUNT_FLAGS | count)
  put16(bytes, at, status)
  nic.statistics[STAT_RX_GOOD]++
  if (command & RFD_EL) ru.state = RU_NO_RESOURCES
  else if (command & RFD_S) ru.state = RU_SUSPENDED
  nic.raise(ru.state === RU_READY ? CAUSE_FR : CAUSE_FR | CAUSE_RNR)
}

/** The RFD's status for a frame that passes the filters; undefined for others. Bytes of the configuration, 8255x manual 6.4.2.3. */
function accept(nic: i82559, bytes: Uint8Array): number | undefined {
  const { configuration } = nic
  const promiscuous = (configuration[15] & 0x01) !== 0
  const csma_disabled = (configuration[8] & 0x80) !== 0
  const long_ok = (configuration[18] & 0x08) !== 0
  if (bytes.length < 14 || csma_disabled || (bytes.length + 4 > MAX_FRAME && !long_ok)) return undefined
  if (bytes[0] & 1) {
    if (wants_group(nic, bytes)) return STATUS_DONE | STATUS_GROUP
    return promiscuous ? STATUS_DONE | STATUS_GROUP | STATUS_PROMISCUOUS : undefined
  }
  if (is_ours(nic.address, bytes)) return STATUS_DONE
  return promiscuous ? STATUS_DONE | STATUS_PROMISCUOUS : undefined
}
function is_ours(address: Uint8Array, bytes: Uint8Array): boolean {
  for (let i = 0; i < address.length; i++) if (address[i] !== bytes[i]) return false
  return true
}
function wants_group(nic: i82559, bytes: Uint8Array): boolean {
  const broadcast = (bytes[0] & bytes[1] & bytes[2] & bytes[3] & bytes[4] & bytes[5]) === 0xff
  if (broadcast) return (nic.configuration[15] & 0x02) === 0
  if (nic.configuration[21] & 0x08) return true
  const bit = etherHash(bytes)
  return (nic.hash[bit >> 3] & (1 << (bit & 7))) !== 0
}
