/**
 * net/ipv4/udp.c __udp4_lib_lookup: the socket that a datagram is for. Of those of its port that it fits, the one that says
 * most about it: its own family, peer, peer's port and device count; of equal ones the last to come.
 */
import type { net } from '../core/net_namespace.ts'
import { type sk_buff, skb_bytes } from '../core/skbuff.ts'
import { sk_filter_run } from '../sockopt_filter.ts'
import { AF_INET } from '../../uapi/linux/socket.ts'
import { hears_no_ipv4 } from './inet_ports.ts'
import { type inet_sock, TCP_ESTABLISHED } from './inet_sock.ts'

/** Of a port, in order of coming. */
export function udp_holders(net: net, protocol: number, port: number): Iterable<inet_sock> {
  return (net.ipv4.ports.get(protocol)?.get(port) ?? []) as Iterable<inet_sock>
}
/** udp_sk_bound_dev_eq(): a packet of a VRF is for sockets of the VRF or of its port; others' only with udp_l3mdev_accept. */
export function udp_sk_bound_dev_eq(sk: inet_sock, dif: number, sdif: number): boolean {
  const { sk_bound_dev_if: bound } = sk
  if (bound === 0) return sdif === 0 || sk.sk_net.ipv4.kept_sysctls.udp_l3mdev_accept !== 0
  return bound === dif || bound === sdif
}

/** Where a datagram comes from and goes to; addresses and ports in host order. */
export interface udp_key {
  saddr: number
  sport: number
  daddr: number
  dport: number
  dif: number
  sdif: number
}
/** compute_score(); -1: not for it. */
function score_of(sk: inet_sock, k: udp_key, local: number): number {
  if (hears_no_ipv4(sk) || sk.inet_rcv_saddr !== local) return -1
  let score = sk.sk_family === AF_INET ? 2 : 1
  if (sk.inet_daddr !== 0) {
    if (sk.inet_daddr !== k.saddr) return -1
    score += 4
  }
  if (sk.inet_dport !== 0) {
    if (sk.inet_dport !== k.sport) return -1
    score += 4
  }
  if (!udp_sk_bound_dev_eq(sk, k.dif, k.sdif)) return -1
  return sk.sk_bound_dev_if !== 0 ? score + 4 : score
}
/** The best by score; of a group that shares the port (SO_REUSEPORT) the one that the flow falls to. */
export function udp_best(
  candidates: Iterable<inet_sock>,
  score: (sk: inet_sock) => number,
  hash: number,
  skb?: sk_buff,
): inet_sock | undefined {
  let best: inet_sock | undefined
  let most = -1
  const group: inet_sock[] = []
  for (const sk of candidates) {
    const points = score(sk)
    if (points < 0 || points < most) continue
    if (points > most) group.length = 0
    most = points
    best = sk
    if (sk.sk_reuseport && sk.sk_state !== TCP_ESTABLISHED) group.push(sk)
  }
  if (best === undefined || group.length < 2 || !group.includes(best)) return best
  return reuseport_select(group, hash, skb)
}
/** reuseport_select_sock(): by the group's program, if it names a member, else by the flow. */
function reuseport_select(group: inet_sock[], hash: number, skb?: sk_buff): inet_sock {
  const prog = group.find((sk) => sk.reuseport_prog !== undefined)?.reuseport_prog
  if (prog !== undefined && skb !== undefined) {
    const index = sk_filter_run(prog, skb_bytes(skb).subarray(8), skb.protocol, skb)
    if (index < group.length) return group[index]
  }
  return group[Math.floor((hash / 0x100000000) * group.length)]
}
export function flow_hash(...words: number[]): number {
  let h = 0x9e3779b9
  for (const word of words) {
    h = Math.imul(h ^ word, 0x85ebca6b)
    h ^= h >>> 13
  }
  return Math.imul(h, 0xc2b2ae35) >>> 0
}
/** Bound to the very address first, then to all. */
export function __udp4_lib_lookup(net: net, protocol: number, k: udp_key, skb?: sk_buff): inet_sock | undefined {
  const hash = flow_hash(k.saddr, k.sport, k.daddr, k.dport)
  const holders = udp_holders(net, protocol, k.dport)
  return udp_best(holders, (sk) => score_of(sk, k, k.daddr), hash, skb) ?? udp_best(holders, (sk) => score_of(sk, k, 0), hash, skb)
}
