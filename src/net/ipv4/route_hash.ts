/**
 * net/ipv4/route.c fib_multipath_hash: a flow's place among next hops, by net.ipv4.fib_multipath_hash_policy: addresses (0),
 * ports too (1), those of what a tunnel carries (2), or the fields that fib_multipath_hash_fields names (3). Linux draws its
 * key at boot, unless fib_multipath_hash_seed gives one: no value can be relied on, only that a flow keeps to one way.
 */
import { type flow_addrs, flow_dissect, flow_hash, icmp_flow_header } from '../core/flow_keys.ts'
import type { net } from '../core/net_namespace.ts'
import type { sk_buff } from '../core/skbuff.ts'
import type { flowi4 } from './fib_lookup.ts'

/** FIB_MULTIPATH_HASH_FIELD_*, for both families. */
export const FIB_HASH = {
  SRC_IP: 1,
  DST_IP: 2,
  IP_PROTO: 4,
  FLOWLABEL: 8,
  SRC_PORT: 16,
  DST_PORT: 32,
  INNER_SRC_IP: 64,
  INNER_DST_IP: 128,
  INNER_IP_PROTO: 256,
  INNER_FLOWLABEL: 512,
  INNER_SRC_PORT: 1024,
  INNER_DST_PORT: 2048,
} as const
const OUTER_MASK = 0x3f
const INNER_MASK = 0xfc0

/** The key: the one that is set, or drawn once. */
export function multipath_seed(net: net): number {
  const { ipv4 } = net
  if (ipv4.fib_multipath_hash_seed !== 0) return ipv4.fib_multipath_hash_seed
  if (net.kernel.inet.multipath_key === 0) net.kernel.inet.multipath_key = net.kernel.random.u32() | 1
  return net.kernel.inet.multipath_key
}
/** The fields of one header that `fields` has, `shift` bits up for what is inside. */
function hash_fields(hash: flow_hash, keys: flow_addrs, fields: number, shift: number): void {
  const has = (bit: number) => (fields & (bit << shift)) !== 0
  if (has(FIB_HASH.SRC_IP)) hash.bytes(keys.src)
  if (has(FIB_HASH.DST_IP)) hash.bytes(keys.dst)
  if (has(FIB_HASH.IP_PROTO)) hash.word(keys.ip_proto)
  if (has(FIB_HASH.FLOWLABEL)) hash.word(keys.flow_label)
  if (has(FIB_HASH.SRC_PORT)) hash.word(keys.sport)
  if (has(FIB_HASH.DST_PORT)) hash.word(keys.dport)
}
/** fib_multipath_custom_hash_skb(), rt6_multipath_custom_hash_skb() */
function multipath_custom_hash(hash: flow_hash, skb: sk_buff, fields: number): void {
  const { buf, network_header: at, tail } = skb
  if (fields & OUTER_MASK) hash_fields(hash, flow_dissect(buf, at, tail, true), fields, 0)
  const inner = fields & INNER_MASK ? flow_dissect(buf, at, tail, false) : undefined
  if (inner?.encap) hash_fields(hash, inner, fields, 6)
}

function of_flow(hash: flow_hash, fl: flowi4, policy: number, fields: number): void {
  const all = policy === 1 ? FIB_HASH.SRC_IP | FIB_HASH.DST_IP | FIB_HASH.IP_PROTO | FIB_HASH.SRC_PORT | FIB_HASH.DST_PORT : 3
  const wanted = policy === 3 ? fields : all
  if (wanted & FIB_HASH.SRC_IP) hash.word(fl.saddr)
  if (wanted & FIB_HASH.DST_IP) hash.word(fl.daddr)
  if (wanted & FIB_HASH.IP_PROTO) hash.word(fl.proto)
  if (wanted & FIB_HASH.SRC_PORT) hash.word(fl.sport)
  if (wanted & FIB_HASH.DST_PORT) hash.word(fl.dport)
}
/**
 * The policies that both families share: 1, 3, and 2 where the packet carries another.
 * Returns false where only the packet's own addresses are left to count.
 */
export function multipath_hash_skb(hash: flow_hash, skb: sk_buff, policy: number, fields: number): boolean {
  const { buf, network_header: at, tail } = skb
  if (policy === 3) {
    multipath_custom_hash(hash, skb, fields)
    return true
  }
  if (policy === 1) {
    const keys = flow_dissect(buf, at, tail, true)
    hash.bytes(keys.src).bytes(keys.dst).word(keys.ip_proto).word(keys.sport).word(keys.dport)
    return true
  }
  const inner = policy === 2 ? flow_dissect(buf, at, tail, false) : undefined
  if (inner === undefined || inner.version === 0) return false
  hash.bytes(inner.src).bytes(inner.dst)
  if (inner.version === 6) hash.word(inner.flow_label).word(inner.ip_proto)
  return true
}
function of_skb(hash: flow_hash, skb: sk_buff, policy: number, fields: number): void {
  if (multipath_hash_skb(hash, skb, policy, fields)) return
  const { buf, network_header: at, tail } = skb
  const about = icmp_flow_header(buf, at, tail)
  hash.bytes(buf.subarray(about + 12, about + 20))
}
/** 31 bits. `skb`: the packet, where it has come in. */
export function fib_multipath_hash(net: net, fl: flowi4, skb: sk_buff | undefined): number {
  const { sysctl_fib_multipath_hash_policy: policy, fib_multipath_hash_fields: fields } = net.ipv4
  const hash = new flow_hash(multipath_seed(net))
  if (skb === undefined) of_flow(hash, fl, policy, fields)
  else of_skb(hash, skb, policy, fields)
  return hash.value >>> 1
}
