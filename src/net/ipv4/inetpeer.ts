/** net/ipv4/inetpeer.c: hosts that we have told of errors or redirects, and how often. */
import { HZ } from '../../kernel/time.ts'
import type { net } from '../core/net_namespace.ts'

/** Errors that a host may have at once before it waits. */
const XRLIM_BURST_FACTOR = 6

/** struct inet_peer: a bucket of jiffies, and redirects that it has not heeded. */
export class inet_peer {
  rate_tokens = 0
  rate_last: number
  n_redirects = 0
  /** Pieces of packets that have come from it. */
  rid = 0
  constructor(now: number) {
    // full at once
    this.rate_last = now - 60 * HZ
  }
}
/** inet_getpeer_v4(), inet_getpeer_v6(): by address and L3 domain. Where too many are remembered the oldest gives way. */
export function inet_getpeer(net: net, addr: number | Uint8Array, vif: number): inet_peer {
  const { peers } = net.ipv4
  const key = `${typeof addr === 'number' ? addr : String.fromCharCode(...addr)} ${vif}`
  let peer = peers.get(key)
  if (peer === undefined) {
    if (peers.size >= net.kernel.inet.host_sysctls.inet_peer_threshold) peers.delete(peers.keys().next().value as string)
    peer = new inet_peer(net.kernel.jiffies())
    peers.set(key, peer)
  }
  return peer
}
/** inet_peer_xrlim_allow(): one message each `timeout` jiffies to a host, XRLIM_BURST_FACTOR of them at once. */
export function inet_peer_xrlim_allow(net: net, peer: inet_peer, timeout: number): boolean {
  return peer_take(net, peer, XRLIM_BURST_FACTOR * timeout, timeout)
}
/** A bucket of `burst` jiffies, of which each message costs `cost`. */
export function peer_take(net: net, peer: inet_peer, burst: number, cost: number): boolean {
  const now = net.kernel.jiffies()
  peer.rate_tokens = Math.min(peer.rate_tokens + now - peer.rate_last, burst)
  peer.rate_last = now
  if (peer.rate_tokens < cost) return false
  peer.rate_tokens -= cost
  return true
}
