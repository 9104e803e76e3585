/** A likely value for a declared attribute or a header's field, by its type and its name. */
import type { Attr, AttrSet } from '../../src/lib/attrs.ts'
import { put16, put32, putBe16, putBe32 } from '../../src/lib/bytes.ts'
import type { RandomStream } from '../../src/lib/random.ts'
import type { Struct } from '../../src/lib/struct.ts'
import { AF_INET, AF_INET6 } from '../../src/uapi/linux/socket.ts'
import * as words from './vocabulary.ts'

export interface Context {
  random: RandomStream
  /** Of the message's header. */
  family: number
  kinds: readonly string[]
  /** IFLA_INFO_DATA and IFLA_INFO_SLAVE_DATA of a kind. */
  data: (kind: string, slave: boolean) => AttrSet | undefined
}

export function pick<T>(random: RandomStream, list: readonly T[]): T {
  return list[random.below(list.length)]
}
export function chance(random: RandomStream, probability: number): boolean {
  return random.real() < probability
}

export function numberFor(random: RandomStream, name: string): number {
  if (chance(random, 0.02)) return random.u32()
  if (/(IIF|OIF|_LINK|MASTER|IFINDEX|ifindex|ifi_index|ifa_index|LOWER|BRPORT_.*PORT)$/.test(name)) return pick(random, words.indexes)
  if (/TABLE/i.test(name)) return pick(random, words.tables)
  if (/NH_ID|NHA_ID|GOTO/.test(name)) return pick(random, words.ids)
  if (/PRIORITY/.test(name)) return pick(random, words.priorities)
  if (/MTU/.test(name)) return pick(random, words.mtus)
  if (/NETNSID|NETNSA_NSID/.test(name)) return pick(random, [0, 1, 2, 0xffffffff])
  if (/QUEUES/.test(name)) return pick(random, [0, 1, 2, 4, 16, 4096, 4097])
  if (/TXQLEN|BUCKETS|HASH_MAX|MAX_SIZE|MAX_SEGS/.test(name)) return pick(random, [0, 1, 2, 8, 32, 100, 1000, 65535, 65536, 0xffffffff])
  if (/ENCAP_TYPE/.test(name)) return random.below(11)
  return chance(random, 0.6) ? random.below(5) : pick(random, words.numbers)
}
function textFor(ctx: Context, name: string): string {
  const { random } = ctx
  if (/KIND/.test(name)) return chance(random, 0.95) ? pick(random, ctx.kinds) : pick(random, words.odd_names)
  if (/NAME|LABEL/.test(name)) return chance(random, 0.9) ? pick(random, words.names) : pick(random, words.odd_names)
  if (/CC_ALGO/.test(name)) return pick(random, ['cubic', 'reno', 'bbr', 'none', 'nosuch'])
  if (/ALIAS/.test(name)) return pick(random, ['', 'text', 'x'.repeat(255), 'x'.repeat(256)])
  return pick(random, words.odd_names)
}
export function addressFor(random: RandomStream, family: number): Uint8Array {
  if (family === AF_INET) return pick(random, words.v4)
  if (family === AF_INET6) return pick(random, words.v6)
  return chance(random, 0.5) ? pick(random, words.v4) : pick(random, words.v6)
}

function pair16(random: RandomStream): Uint8Array {
  const b = new Uint8Array(4)
  put16(b, 0, pick(random, [0, 1, 80, 1000, 65535]))
  put16(b, 2, pick(random, [0, 1, 80, 1000, 65535]))
  return b
}
function pair32(random: RandomStream): Uint8Array {
  const b = new Uint8Array(8)
  put32(b, 0, pick(random, [0, 1, 1000, 0xffffffff]))
  put32(b, 4, pick(random, [0, 1, 1000, 2000, 0xffffffff]))
  return b
}
function groupOf(random: RandomStream): Uint8Array {
  const count = random.below(4)
  const b = new Uint8Array(count * 8)
  for (let i = 0; i < count; i++) {
    put32(b, i * 8, pick(random, words.ids))
    b[i * 8 + 4] = pick(random, [0, 1, 2, 9, 255])
    if (chance(random, 0.05)) b[i * 8 + 5 + random.below(3)] = 1
  }
  return b
}
function viaOf(random: RandomStream): Uint8Array {
  const family = pick(random, [AF_INET, AF_INET6, AF_INET6, 0, 7])
  const address = addressFor(random, family)
  const b = new Uint8Array(2 + address.length)
  put16(b, 0, family)
  b.set(address, 2)
  return b
}
function be16Of(random: RandomStream): Uint8Array {
  const b = new Uint8Array(2)
  putBe16(b, 0, pick(random, [0, 53, 80, 4789, 65535]))
  return b
}
function binaryFor(ctx: Context, name: string): Uint8Array {
  const { random } = ctx
  if (name === 'RTA_VIA') return viaOf(random)
  if (name === 'NHA_GROUP') return groupOf(random)
  if (/PORT_RANGE/.test(name)) return pair16(random)
  if (name === 'FRA_UID_RANGE') return pair32(random)
  if (name === 'RTA_SPORT' || name === 'RTA_DPORT') return be16Of(random)
  if (name === 'RTA_EXPIRES') return pair32(random).slice(0, 4)
  if (/ADDR|DST|SRC|GATEWAY|LOCAL|REMOTE|GROUP/.test(name)) return addressFor(random, ctx.family)
  return random.bytes(pick(random, [0, 1, 2, 4, 8, 12, 16, 20]))
}

/** The payload of an attribute that is no nest. */
export function payloadFor(ctx: Context, attr: Attr<any>): Uint8Array {
  const { random } = ctx
  const { kind, size } = attr.type
  switch (true) {
    case kind.startsWith('string'):
      return new Uint8Array(Buffer.from(`${textFor(ctx, attr.name)}${chance(random, 0.95) ? '\0' : ''}`, 'latin1'))
    case kind === 'lladdr':
      return chance(random, 0.9) ? pick(random, words.lladdrs.slice(0, 6)) : pick(random, words.lladdrs)
    case kind === 'address':
      return addressFor(random, ctx.family)
    case kind === 'ipv4':
      return pick(random, words.v4)
    case size === undefined:
      return binaryFor(ctx, attr.name)
  }
  const out = new Uint8Array(size as number)
  if ('fields' in attr.type) return headFor(ctx, attr.type as unknown as Struct<any>)
  if (kind.startsWith('bytes[16]') && chance(random, 0.8)) return pick(random, words.v6)
  const value = numberFor(random, attr.name)
  const big = /^be/.test(kind)
  if (out.length === 1) out[0] = value
  else if (out.length === 2) (big ? putBe16 : put16)(out, 0, value & 0xffff)
  else if (out.length === 4) (big ? putBe32 : put32)(out, 0, value >>> 0)
  else if (out.length === 8) put32(out, big ? 4 : 0, value >>> 0)
  else if (out.length > 0) return random.bytes(out.length)
  return out
}

/** A struct, each field by its name. */
export function headFor(ctx: Context, type: Struct<any>): Uint8Array {
  const out = new Uint8Array(type.size)
  for (const f of type.fields) {
    if (f.name.startsWith('__') || chance(ctx.random, 0.3)) continue
    const value = fieldFor(ctx, f.name)
    if (f.type.size === 1) out[f.offset] = value
    else if (f.type.size === 2) put16(out, f.offset, value & 0xffff)
    else if (f.type.size >= 4) put32(out, f.offset, value >>> 0)
  }
  return out
}
function fieldFor(ctx: Context, name: string): number {
  const { random, family } = ctx
  if (/family$/.test(name)) return family
  if (/(dst_len|src_len|prefixlen)$/.test(name)) return pick(random, family === AF_INET ? words.prefixes4 : words.prefixes6)
  if (/scope$/.test(name)) return pick(random, [0, 0, 0, 200, 253, 254, 255, 7])
  if (/^rtm_type$/.test(name)) return pick(random, [0, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
  if (/protocol$/.test(name)) return pick(random, [0, 2, 3, 4, 186])
  if (/^rtm_flags$/.test(name)) return pick(random, [0, 0, 1, 2, 4, 8, 16, 0x100, 0x200, 0x1000, 0x2000])
  if (/(tos|table)$/.test(name)) return pick(random, [0, 0, 4, 8, 254, 255, 100, 1])
  if (/ndm_state/.test(name)) return pick(random, [0, 1, 2, 4, 8, 16, 32, 64, 128, 0x80, 0x81, 0x100])
  if (/ndm_flags/.test(name)) return pick(random, [0, 0, 1, 2, 4, 8, 16, 32, 64, 128])
  if (/ifi_(flags|change)/.test(name)) return pick(random, [0, 1, 0x100, 0x200, 0x1000, 0x80, 0xffffffff, 0x41])
  return numberFor(random, name)
}
