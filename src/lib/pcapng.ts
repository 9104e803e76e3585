/**
 * pcapng, the file format of captures (draft-ietf-opsawg-pcapng): the blocks that a writer of packets needs, in
 * little-endian order, with times in ns.
 */
import { put16, put32 } from './bytes.ts'

const SECTION_HEADER = 0x0a0d0d0a
const BYTE_ORDER_MAGIC = 0x1a2b3c4d
const INTERFACE_DESCRIPTION = 1
const INTERFACE_STATISTICS = 5
const ENHANCED_PACKET = 6

const opt_endofopt = 0
const opt_comment = 1
const shb_userappl = 4
const if_name = 2
const if_tsresol = 9
const epb_flags = 2
const isb_ifdrop = 5
/** if_tsresol: 10^-9 s. */
const NANOSECONDS = 9

/** epb_flags, bits 0 and 1. */
export const INBOUND = 1
export const OUTBOUND = 2

export interface PcapngPacket {
  /** Number of the interface: the how-many-eth of the section's, from 0. */
  interfaceId: number
  /** Ns since 1970. */
  at: bigint
  bytes: Uint8Array
  direction?: typeof INBOUND | typeof OUTBOUND
  comment?: string
}

/** The first block of a file; `application` is who wrote it. */
export function sectionHeader(application: string): Uint8Array {
  const head = new Uint8Array(16)
  put32(head, 0, BYTE_ORDER_MAGIC)
  put16(head, 4, 1)
  // the length of the section is not known: -1
  head.fill(0xff, 8)
  return block(SECTION_HEADER, head, [textOption(shb_userappl, application)])
}

/** Interfaces have numbers in the order of their blocks. `linkType` is a LINKTYPE_* of tcpdump's registry. */
export function interfaceDescription(linkType: number, name: string): Uint8Array {
  const head = new Uint8Array(8)
  put16(head, 0, linkType)
  return block(INTERFACE_DESCRIPTION, head, [textOption(if_name, name), option(if_tsresol, Uint8Array.of(NANOSECONDS))])
}

export function enhancedPacket({ interfaceId, at, bytes, direction, comment }: PcapngPacket): Uint8Array {
  const head = new Uint8Array(20 + padded(bytes.length))
  put32(head, 0, interfaceId)
  putTime(head, 4, at)
  put32(head, 12, bytes.length)
  put32(head, 16, bytes.length)
  head.set(bytes, 20)
  const options: Uint8Array[] = []
  if (comment !== undefined) options.push(textOption(opt_comment, comment))
  if (direction !== undefined) options.push(option(epb_flags, u32(direction)))
  return block(ENHANCED_PACKET, head, options)
}

/** How many packets were not kept, up to the time given. */
export function interfaceStatistics(interfaceId: number, at: bigint, dropped: number): Uint8Array {
  const head = new Uint8Array(12)
  put32(head, 0, interfaceId)
  putTime(head, 4, at)
  const count = new Uint8Array(8)
  put32(count, 0, dropped)
  return block(INTERFACE_STATISTICS, head, [option(isb_ifdrop, count)])
}

const padded = (length: number) => (length + 3) & ~3

/** Its upper half comes first, whatever the byte order. */
function putTime(out: Uint8Array, offset: number, at: bigint): void {
  put32(out, offset, Number(at >> 32n))
  put32(out, offset + 4, Number(at & 0xffffffffn))
}
function u32(value: number): Uint8Array {
  const out = new Uint8Array(4)
  put32(out, 0, value)
  return out
}
function option(code: number, value: Uint8Array): Uint8Array {
  const out = new Uint8Array(4 + padded(value.length))
  put16(out, 0, code)
  put16(out, 2, value.length)
  out.set(value, 4)
  return out
}
function textOption(code: number, text: string): Uint8Array {
  return option(code, new TextEncoder().encode(text))
}

/** Type and length before what it holds, and the length once more behind it. */
function block(type: number, head: Uint8Array, options: readonly Uint8Array[]): Uint8Array {
  const parts = options.length === 0 ? [head] : [head, ...options, option(opt_endofopt, new Uint8Array(0))]
  const length = 12 + parts.reduce((sum, part) => sum + part.length, 0)
  const out = new Uint8Array(length)
  put32(out, 0, type)
  put32(out, 4, length)
  let offset = 8
  for (const part of parts) {
    out.set(part, offset)
    offset += part.length
  }
  put32(out, offset, length)
  return out
}
