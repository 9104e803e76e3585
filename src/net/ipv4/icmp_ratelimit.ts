/** net/ipv4/icmp.c icmp_global_allow, inetpeer.c inet_peer_xrlim_allow: how many errors are told, to all and to one host. */
import { HZ } from '../../kernel/time.ts'
import type { net } from '../core/net_namespace.ts'

/** Answers that a host may have at once before it waits. */
const XRLIM_BURST_FACTOR = 6
/** Hosts that are remembered; the oldest gives way. */
const MAX_PEERS = 4096

/** struct inet_peer, as far as errors are concerned: a bucket of jiffies. */
export interface rate_bucket {
  tokens: number
  last: number
}
/** icmp_global: a bucket of messages for the whole namespace. */
export class icmp_limits {
  /** net.ipv4.icmp_msgs_per_sec, icmp_msgs_burst */
  msgs_per_sec = 1000
  msgs_burst = 50
  credit = 50
  stamp = 0
  peers = new Map<string, rate_bucket>()
}

export function icmp_global_allow(net: net): boolean {
  const limits = net.ipv4.icmp_limits
  const now = net.kernel.jiffies()
  const delta = Math.min(now - limits.stamp, HZ)
  if (delta >= HZ / 50) {
    limits.credit = Math.min(limits.credit + Math.floor((limits.msgs_per_sec * delta) / HZ), limits.msgs_burst)
    limits.stamp = now
  }
  if (limits.credit <= 0) return false
  limits.credit--
  return true
}
/** One message each `timeout` ms to a host, XRLIM_BURST_FACTOR of them at once. */
export function xrlim_allow(net: net, peer: string, timeout: number): boolean {
  const { peers } = net.ipv4.icmp_limits
  const now = net.kernel.jiffies()
  const ticks = Math.ceil((timeout * HZ) / 1000)
  let bucket = peers.get(peer)
  if (bucket === undefined) {
    if (peers.size >= MAX_PEERS) peers.delete(peers.keys().next().value as string)
    bucket = { tokens: XRLIM_BURST_FACTOR * ticks, last: now }
    peers.set(peer, bucket)
  }
  bucket.tokens = Math.min(bucket.tokens + now - bucket.last, XRLIM_BURST_FACTOR * ticks)
  bucket.last = now
  if (bucket.tokens < ticks) return false
  bucket.tokens -= ticks
  return true
}
