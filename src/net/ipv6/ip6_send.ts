/** net/ipv6/ip6_output.c ip6_make_skb, ip6_send_skb: a payload of a socket becomes a packet. */
import { getBe16, putBe16 } from '../../lib/bytes.ts'
import { EMSGSIZE, ENOBUFS, type Errno, isErrno } from '../../uapi/errno.ts'
import { IP_PMTUDISC_PROBE } from '../../uapi/linux/in.ts'
import { IPV6_MTU_DISCOVER, IPV6_RECVERR } from '../../uapi/linux/in6.ts'
import { IPSTATS_MIB_OUTDISCARDS, IPSTATS_MIB_OUTREQUESTS } from '../../uapi/linux/snmp.ts'
import { csum_ipv6_magic, csum_partial } from '../core/checksum.ts'
import { skb_set_owner_w, sock_alloc_send_error } from '../core/datagram.ts'
import { __neigh_lookup_noref } from '../core/neighbour_table.ts'
import { NET_XMIT_CN } from '../core/dev_xmit.ts'
import { skb_set_udp_gso } from '../core/gso.ts'
import type { net_device } from '../core/netdevice.ts'
import type { net } from '../core/net_namespace.ts'
import { skb_setup_tx_timestamp } from '../core/skb_tstamp.ts'
import { skb_put } from '../core/skbuff.ts'
import type { inet6_sock } from './inet6_sock.ts'
import { ip6_dst_mtu, ip6_local_out, rt6_nexthop } from './ip6_output.ts'
import { IP6_INC_STATS } from './ip6_stats.ts'
import { ip6_alloc_skb, ip6_push_hdr, IPV6_HLEN } from './ipv6_hdr.ts'
import { ipv6_push_opts } from './ipv6_txoptions.ts'
import { nd_tbl } from './ndisc.ts'
import { ipv6_local_rxpmtu } from './ipv6_sockglue_rare.ts'
import { type ipcm6, ipv6_local_error, opt6 } from './sock6.ts'

export const MSG_PROBE = 0x10
export const MSG_CONFIRM = 0x800

/** The program says that the neighbour on the way has just answered (dst_confirm_neigh). */
function confirm(net: net, dev: net_device, nexthop: Uint8Array): void {
  const neigh = __neigh_lookup_noref(nd_tbl(net.kernel), nexthop, dev)
  if (neigh !== undefined) neigh.confirmed = net.kernel.jiffies()
}

/** What the device takes counts, whatever is known of the path. */
export function ip6_sk_uses_dev_mtu(sk: inet6_sock): boolean {
  return (sk.options6.get(IPV6_MTU_DISCOVER) ?? 0) >= IP_PMTUDISC_PROBE
}
/** Sends `payload`; its checksum goes to `csum_at`, if that is not negative; `gso_size`: bytes of each datagram that it stands for. */
export function ip6_send_payload(
  sk: inet6_sock,
  ipc: ipcm6,
  payload: Uint8Array,
  proto: number,
  csum_at: number,
  flags: number,
  dport = 0,
  gso_size = 0,
): Errno | undefined {
  const net = sk.sk_net
  const { rt, fl6 } = ipc
  if (flags & MSG_CONFIRM) confirm(net, rt.dev, rt6_nexthop(rt, fl6.daddr))
  if (flags & MSG_PROBE) return undefined
  const dev_mtu = ip6_sk_uses_dev_mtu(sk)
  const path = dev_mtu ? rt.dev.mtu : ip6_dst_mtu(rt, rt.dev)
  const mtu = sk.frag_size > 0 ? Math.min(sk.frag_size, path) : path
  const ext = ipc.opt === undefined ? undefined : ipv6_push_opts(ipc.opt, fl6.daddr, proto)
  const extlen = ext?.headers.length ?? 0
  // Linux counts those that fragments would have once too often
  const most = (ipc.dontfrag && gso_size === 0 ? mtu : IPV6_HLEN + 0xffff) - (ipc.opt?.dst1opt?.length ?? 0)
  if (IPV6_HLEN + extlen + payload.length > most && ipc.rxpmtu) ipv6_local_rxpmtu(sk, fl6, mtu - extlen)
  if (IPV6_HLEN + extlen + payload.length > most) return ipv6_local_error(sk, fl6, Math.max(mtu - extlen, 0), dport)
  const skb = ip6_alloc_skb(rt.dev, extlen + payload.length)
  const at = skb_put(skb, extlen + payload.length) + extlen
  if (ext !== undefined) skb.buf.set(ext.headers, at - extlen)
  skb.buf.set(payload, at)
  if (csum_at >= 0) {
    // what a program leaves there counts too
    const sum = csum_ipv6_magic(fl6.saddr, fl6.daddr, payload.length, proto, csum_partial(skb.buf, at, payload.length))
    putBe16(skb.buf, at + csum_at, sum || 0xffff)
  }
  const { hop_limit, tclass, flowlabel } = ipc
  ip6_push_hdr(skb, { saddr: fl6.saddr, daddr: ipc.first, nexthdr: ext?.first ?? proto, hop_limit, tclass, flowlabel })
  skb.transport_header = at
  if (gso_size > 0) skb_set_udp_gso(skb, gso_size)
  skb.priority = sk.sk_priority
  skb.mark = ipc.mark
  skb.dst = rt
  skb_set_owner_w(skb, sk)
  skb_setup_tx_timestamp(skb, sk, ipc.sockc)
  IP6_INC_STATS(net, rt.dev.ip6_ptr, IPSTATS_MIB_OUTREQUESTS)
  return sent(sk, rt.dev, ip6_local_out(net, skb, { mc_loop: ipc.mc_loop, dontfrag: ipc.dontfrag, frag_size: sk.frag_size, dev_mtu }))
}
/** A queue that is full is no error to a socket that does not ask for errors (net_xmit_errno). */
function sent(sk: inet6_sock, dev: net_device, result: number | Errno): Errno | undefined {
  if (isErrno(result)) return result === EMSGSIZE ? result : undefined
  if (result <= 0 || result === NET_XMIT_CN) return undefined
  IP6_INC_STATS(sk.sk_net, dev.ip6_ptr, IPSTATS_MIB_OUTDISCARDS)
  return opt6(sk, IPV6_RECVERR) !== 0 ? ENOBUFS : undefined
}
/** A packet with its own header (IPV6_HDRINCL). */
export function ip6_send_hdrinc(sk: inet6_sock, ipc: ipcm6, packet: Uint8Array): Errno | undefined {
  const net = sk.sk_net
  const { rt } = ipc
  if (packet.length > rt.dev.mtu) return ipv6_local_error(sk, ipc.fl6, rt.dev.mtu)
  const refused = sock_alloc_send_error(sk)
  if (refused !== undefined) return refused
  const skb = ip6_alloc_skb(rt.dev, packet.length)
  skb.network_header = skb_put(skb, packet.length)
  skb.buf.set(packet, skb.network_header)
  skb.protocol = 0x86dd
  skb.dst = rt
  skb.priority = sk.sk_priority
  skb.mark = ipc.mark
  skb_set_owner_w(skb, sk)
  skb_setup_tx_timestamp(skb, sk, ipc.sockc)
  IP6_INC_STATS(net, rt.dev.ip6_ptr, IPSTATS_MIB_OUTREQUESTS)
  if (getBe16(skb.buf, skb.network_header + 4) === 0) putBe16(skb.buf, skb.network_header + 4, packet.length - IPV6_HLEN)
  return sent(sk, rt.dev, ip6_local_out(net, skb))
}
