/**
 * net/ipv6/route.c rt6_multipath_hash: a flow's place among the hops of a multipath route, by
 * net.ipv6.fib_multipath_hash_policy (as IPv4's, where addresses go with flow label and protocol). Linux draws the key at
 * boot: no value can be relied on.
 */
import { getBe32 } from '../../lib/bytes.ts'
import { flow_hash } from '../core/flow_keys.ts'
import type { net } from '../core/net_namespace.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { FIB_HASH, multipath_hash_skb, multipath_seed } from '../ipv4/route_hash.ts'
import type { flowi6 } from './ip6_fib_lookup.ts'

const IPPROTO_ICMPV6 = 58

/** An error goes the way of the flow that it is about (ip6_multipath_l3_keys): where the header is that counts. */
function l3_header(buf: Uint8Array, at: number, tail: number): number {
  if (buf[at + 6] !== IPPROTO_ICMPV6 || at + 48 + 40 > tail) return at
  const type = buf[at + 40]
  return type >= 1 && type <= 4 ? at + 48 : at
}
function of_skb(hash: flow_hash, skb: sk_buff, policy: number, fields: number): void {
  if (multipath_hash_skb(hash, skb, policy, fields)) return
  const { buf, network_header: at, tail } = skb
  const about = l3_header(buf, at, tail)
  hash
    .bytes(buf.subarray(about + 8, about + 40))
    .word(getBe32(buf, about) & 0xfffff)
    .word(buf[about + 6])
}
function of_flow(hash: flow_hash, fl6: flowi6, policy: number, fields: number): void {
  const ports = FIB_HASH.SRC_IP | FIB_HASH.DST_IP | FIB_HASH.IP_PROTO | FIB_HASH.SRC_PORT | FIB_HASH.DST_PORT
  const l3 = FIB_HASH.SRC_IP | FIB_HASH.DST_IP | FIB_HASH.IP_PROTO | FIB_HASH.FLOWLABEL
  const wanted = policy === 3 ? fields : policy === 1 ? ports : l3
  if (wanted & FIB_HASH.SRC_IP) hash.bytes(fl6.saddr)
  if (wanted & FIB_HASH.DST_IP) hash.bytes(fl6.daddr)
  if (wanted & FIB_HASH.IP_PROTO) hash.word(fl6.flowi6_proto)
  if (wanted & FIB_HASH.FLOWLABEL) hash.word(fl6.flowlabel & 0xfffff)
  if (wanted & FIB_HASH.SRC_PORT) hash.word(fl6.fl6_sport)
  if (wanted & FIB_HASH.DST_PORT) hash.word(fl6.fl6_dport)
}
/** 31 bits, never 0. `skb`: the packet, where it has come in, or is answered. */
export function rt6_multipath_hash(net: net, fl6: flowi6, skb?: sk_buff): number {
  const { multipath_hash_policy: policy, multipath_hash_fields: fields } = net.ipv6.sysctl
  const hash = new flow_hash(multipath_seed(net))
  if (skb === undefined) of_flow(hash, fl6, policy, fields)
  else of_skb(hash, skb, policy, fields)
  return hash.value >>> 1 || 1
}
