/**
 * net/ipv6/ndisc.c ndisc_recv_ns, ndisc_recv_na: what a probe of duplicate address detection brings about. There is no
 * packet path yet: a probe reaches the device at the other end of a pair, which is as far as it would get.
 */
import { addrconf_dad_failure } from './addrconf_dad.ts'
import { INET6_IFADDR_STATE_DAD, type inet6_ifaddr } from './if_inet6.ts'
import { IFA_F_OPTIMISTIC, IFA_F_TENTATIVE } from '../../uapi/linux/if_addr.ts'
import type { in6_addr } from '../../uapi/linux/in6.ts'
import { dev_get_iflink, netif_carrier_ok, netif_running } from '../core/dev.ts'
import type { net_device } from '../core/netdevice.ts'
import { ipv6_get_ifaddr } from './addrconf_core.ts'

/** %pM */
export function hwaddr_text(lladdr: Uint8Array): string {
  return Array.from(lladdr.subarray(0, 6), (byte) => byte.toString(16).padStart(2, '0')).join(':')
}

/** The device that hears what `dev` sends: the other one of a pair, each of which names the other as its link. */
function other_end(dev: net_device): net_device | undefined {
  const peer_net = dev.rtnl_link_ops?.get_link_net?.(dev)
  const peer = peer_net?.dev_index_head.get(dev_get_iflink(dev))
  if (peer === undefined || peer === dev || dev_get_iflink(peer) !== dev.ifindex || peer.type !== dev.type) return undefined
  return netif_running(dev) && netif_running(peer) && netif_carrier_ok(peer) ? peer : undefined
}
function address_of(dev: net_device, target: in6_addr): inet6_ifaddr | undefined {
  if (dev.ip6_ptr === undefined) return undefined
  const ifp = ipv6_get_ifaddr(dev.nd_net, target, dev, true)
  return ifp?.idev.dev === dev ? ifp : undefined
}

/** Length of a packet with its Ethernet header. */
const NS_WITH_NONCE = 86

/** What both ends count of a packet that goes from one to the other. */
export function probe_sent(dev: net_device, length: number): net_device | undefined {
  const peer = other_end(dev)
  if (peer === undefined) return undefined
  dev.stats.tx_packets = (dev.stats.tx_packets ?? 0) + 1
  dev.stats.tx_bytes = (dev.stats.tx_bytes ?? 0) + length
  peer.stats.rx_packets = (peer.stats.rx_packets ?? 0) + 1
  peer.stats.rx_bytes = (peer.stats.rx_bytes ?? 0) + length
  return peer
}

/** From the unspecified address: does anybody have `target`? Whoever probes for it too has lost it as well (RFC 4862 5.4.3). */
export function dad_probe(dev: net_device, target: in6_addr, nonce: number): void {
  const peer = probe_sent(dev, NS_WITH_NONCE)
  const theirs = peer && address_of(peer, target)
  if (peer === undefined || theirs === undefined) return
  const tentative = (theirs.flags & IFA_F_TENTATIVE) !== 0
  if (!tentative || theirs.flags & IFA_F_OPTIMISTIC) {
    const own = address_of(dev, target)
    if (own !== undefined) addrconf_dad_failure(own, peer.dev_addr)
  } else if (theirs.state === INET6_IFADDR_STATE_DAD && (nonce === 0 || theirs.dad_nonce !== nonce)) {
    addrconf_dad_failure(theirs, dev.dev_addr)
  }
}
