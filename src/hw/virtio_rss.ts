/**
 * Receive-side scaling of a virtio network device (virtio 1.2, 5.1.6.5.6.4 and 5.1.6.5.7): a Toeplitz hash over addresses
 * and ports picks a queue from a table that the driver gives.
 */
import { get16, get32 } from '../lib/bytes.ts'

export const RSS_KEY_SIZE = 40
export const RSS_TABLE_SIZE = 128
/** IP, TCP and UDP of both versions; those of IPv6 with extension headers (bits 6 to 8) are not in this model. */
export const RSS_HASH_TYPES = 0x3f
const IPV4 = 1
const TCPV4 = 2
const UDPV4 = 4
const TCP = 6
const UDP = 17

export class virtio_rss {
  hash_types: number
  unclassified_queue: number
  table: number[]
  max_tx_vq: number
  key: Uint8Array
  constructor(hash_types: number, unclassified_queue: number, table: number[], max_tx_vq: number, key: Uint8Array) {
    this.hash_types = hash_types
    this.unclassified_queue = unclassified_queue
    this.table = table
    this.max_tx_vq = max_tx_vq
    this.key = key
  }
}

/** struct virtio_net_rss_config; undefined: it makes no sense for so many pairs of queues. */
export function rss_parse(data: Uint8Array, pairs: number): virtio_rss | undefined {
  if (data.length < 8) return undefined
  const types = get32(data, 0)
  const size = get16(data, 4) + 1
  const after = 8 + 2 * size
  if (types & ~RSS_HASH_TYPES || size > RSS_TABLE_SIZE || size & (size - 1) || after + 3 > data.length) return undefined
  const table = Array.from({ length: size }, (_, i) => get16(data, 8 + 2 * i))
  const unclassified = get16(data, 6)
  const max_tx = get16(data, after)
  const key_length = data[after + 2]
  const wrong_queue = table.some((queue) => queue >= pairs) || unclassified >= pairs || max_tx === 0 || max_tx > pairs
  if (wrong_queue || key_length > RSS_KEY_SIZE || after + 3 + key_length > data.length) return undefined
  // a key without bytes leaves nothing to hash with
  if (types !== 0 && key_length === 0) return undefined
  return new virtio_rss(types, unclassified, table, max_tx, data.slice(after + 3, after + 3 + key_length))
}

/** The queue for a frame. */
export function rss_queue(rss: virtio_rss, frame: Uint8Array): number {
  const fields = hashed_fields(rss.hash_types, frame)
  if (fields === undefined) return rss.unclassified_queue
  return rss.table[(toeplitz(rss.key, fields) >>> 0) % rss.table.length]
}
/** The bytes of the frame that are hashed: addresses, and ports where that kind is asked for and the packet is whole. */
function hashed_fields(types: number, frame: Uint8Array): Uint8Array | undefined {
  const type = frame.length < 34 ? 0 : (frame[12] << 8) | frame[13]
  if (type === 0x0800) {
    const header = (frame[14] & 15) * 4
    const piece = ((frame[20] << 8) | frame[21]) & 0x3fff
    return pick(types, frame, { from: 26, length: 8, protocol: piece ? 0 : frame[23], ports: 14 + header })
  }
  if (type !== 0x86dd || frame.length < 54) return undefined
  return pick(types >> 3, frame, { from: 22, length: 32, protocol: frame[20], ports: 54 })
}
interface packet_fields {
  from: number
  length: number
  protocol: number
  ports: number
}
/** `types` with the bits of this version of IP where those of IPv4 are. */
function pick(types: number, frame: Uint8Array, { from, length, protocol, ports }: packet_fields): Uint8Array | undefined {
  const addresses = frame.subarray(from, from + length)
  const wanted = (protocol === TCP && types & TCPV4) || (protocol === UDP && types & UDPV4)
  if (!wanted || ports + 4 > frame.length) return types & IPV4 ? addresses : undefined
  const all = new Uint8Array(length + 4)
  all.set(addresses)
  all.set(frame.subarray(ports, ports + 4), length)
  return all
}
/** For each bit that is set: 32 bits of the key from there on. */
export function toeplitz(key: Uint8Array, input: Uint8Array): number {
  const at = (i: number) => (i < key.length ? key[i] : 0)
  let window = (at(0) << 24) | (at(1) << 16) | (at(2) << 8) | at(3)
  let result = 0
  for (let i = 0; i < input.length; i++) {
    const next = at(i + 4)
    for (let bit = 7; bit >= 0; bit--) {
      if ((input[i] >> bit) & 1) result ^= window
      window = (window << 1) | ((next >> bit) & 1)
    }
  }
  return result >>> 0
}
