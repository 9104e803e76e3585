/** net/ipv6/route.c rt6_multipath_hash: a flow's place among the hops of a multipath route. */
import type { net } from '../core/net_namespace.ts'
import type { flowi6 } from './ip6_fib_lookup.ts'

function mix(hash: number, value: number): number {
  const x = Math.imul(hash ^ value, 0x85ebca6b)
  return Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
}
function mix_bytes(hash: number, bytes: Uint8Array): number {
  let h = hash
  for (let i = 0; i < bytes.length; i += 4) h = mix(h, bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24))
  return h
}

/** 31 bits, never 0, by addresses, flow label and protocol (policy 0). Linux draws the key at boot: no value can be relied on. */
export function rt6_multipath_hash(net: net, fl6: flowi6): number {
  const { fib6 } = net.ipv6
  if (fib6.hash_seed === 0) fib6.hash_seed = net.kernel.random.u32() | 1
  let h = mix_bytes(mix_bytes(fib6.hash_seed, fl6.saddr), fl6.daddr)
  h = mix(mix(h, fl6.flowlabel & 0xfffff), fl6.flowi6_proto)
  return (h ^ (h >>> 16)) >>> 1 || 1
}
