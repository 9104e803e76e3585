/**
 * drivers/net/wireguard/device.c: the kind of link. Its keys, peers and addresses are all there; handshakes and
 * encryption are not built: packets for a peer wait as for one that does not answer, and are counted.
 *
 * | a packet for | |
 * |---|---|
 * | no peer's addresses | ENOKEY, the sender is told "host unreachable", tx_errors |
 * | a peer without an endpoint | EDESTADDRREQ, the same |
 * | any other | staged; beyond 128 the oldest is dropped (tx_dropped) |
 */
import type { Kernel } from '../../../kernel/kernel.ts'
import type { AttrTable } from '../../../lib/attrs.ts'
import { netif_carrier_off, register_netdevice } from '../../../net/core/dev.ts'
import { DEV_STATS_INC, dev_get_tstats64 } from '../../../net/core/dev_stats.ts'
import type { inet_ops } from '../../../net/core/inet_ops.ts'
import { type net, type pernet_operations, register_pernet_device } from '../../../net/core/net_namespace.ts'
import * as F from '../../../net/core/netdev_features_bits.ts'
import { IFF_NO_QUEUE, IFF_XMIT_DST_RELEASE, NETDEV_TX_OK, type net_device, type net_device_ops } from '../../../net/core/netdevice.ts'
import { rtnl_link_register } from '../../../net/core/rtnetlink.ts'
import type { rtnl_link_ops } from '../../../net/core/rtnl_link_ops.ts'
import { kfree_skb, type sk_buff } from '../../../net/core/skbuff.ts'
import { genl_register_family } from '../../../net/netlink/genetlink.ts'
import type { Errno } from '../../../uapi/errno.ts'
import { IFF_NOARP, IFF_POINTOPOINT } from '../../../uapi/linux/if.ts'
import { ARPHRD_NONE } from '../../../uapi/linux/if_arp.ts'
import { ETH_DATA_LEN, ETH_P_IP, ETH_P_IPV6 } from '../../../uapi/linux/if_ether.ts'
import { IN6_ADDR_GEN_MODE_NONE } from '../../../uapi/linux/if_link.ts'
import { ICMP_DEST_UNREACH, ICMP_HOST_UNREACH } from '../../../uapi/linux/icmp.ts'
import { ICMPV6_ADDR_UNREACH, ICMPV6_DEST_UNREACH } from '../../../uapi/linux/icmpv6.ts'
import { IPV4_DEVCONF_SEND_REDIRECTS } from '../../../uapi/linux/ip.ts'
import { DEVCONF_ADDR_GEN_MODE } from '../../../uapi/linux/ipv6.ts'
import { wg_allowedips_lookup, wg_device, wg_peer_remove_all, wg_priv } from './device_types.ts'
import { wg_genl_family } from './netlink.ts'
import { wg_socket_init, wg_socket_reinit } from './socket.ts'

/** Headers of a data message (32), UDP (8) and IPv6 (40). */
const OVERHEAD = 80
const MAX_MTU = (0x7fffffff & ~15) - OVERHEAD
const MAX_STAGED_PACKETS = 128

export function wg_open(dev: net_device): Errno | undefined {
  const wg = wg_priv(dev)
  if (dev.ip_ptr !== undefined) {
    dev.ip_ptr.cnf.set(IPV4_DEVCONF_SEND_REDIRECTS, 0)
    dev.nd_net.ipv4.devconf_all.set(IPV4_DEVCONF_SEND_REDIRECTS, 0)
  }
  dev.ip6_ptr?.cnf.set(DEVCONF_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE)
  return wg_socket_init(wg, wg.incoming_port)
}
export function wg_stop(dev: net_device): undefined {
  const wg = wg_priv(dev)
  for (const peer of wg.peer_list) peer.staged_packet_queue = []
  wg_socket_reinit(wg, undefined, undefined)
}

function destination(skb: sk_buff): Uint8Array {
  const at = skb.network_header
  return skb.protocol === ETH_P_IP ? skb.buf.subarray(at + 16, at + 20) : skb.buf.subarray(at + 24, at + 40)
}
export function wg_xmit(skb: sk_buff, dev: net_device): number {
  const wg = wg_priv(dev)
  const is_ip = skb.protocol === ETH_P_IP || skb.protocol === ETH_P_IPV6
  const peer = is_ip ? wg_allowedips_lookup(wg, destination(skb)) : undefined
  if (peer === undefined || peer.endpoint.length === 0) {
    if (is_ip) unreachable(skb, dev)
    DEV_STATS_INC(dev, 'tx_errors')
    kfree_skb(skb)
    return NETDEV_TX_OK
  }
  while (peer.staged_packet_queue.length > MAX_STAGED_PACKETS) {
    peer.staged_packet_queue.shift()
    DEV_STATS_INC(dev, 'tx_dropped')
  }
  skb.dst = undefined
  peer.staged_packet_queue.push(skb)
  dev.nd_net.kernel.unsupported.count('wireguard', 'handshake')
  return NETDEV_TX_OK
}
function unreachable(skb: sk_buff, dev: net_device): void {
  const ops = dev.nd_net.kernel.inet_ops as inet_ops
  if (skb.protocol === ETH_P_IP) ops.icmp_send(skb, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0)
  else ops.icmpv6_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH, 0)
}

export const wg_netdev_ops: net_device_ops = {
  name: 'wg_netdev_ops',
  ndo_open: wg_open,
  ndo_stop: wg_stop,
  ndo_start_xmit: wg_xmit,
  ndo_get_stats64: dev_get_tstats64,
}

export function wg_destruct(dev: net_device): void {
  const wg = wg_priv(dev)
  wg_list(dev.nd_net.kernel).delete(wg)
  wg_socket_reinit(wg, undefined, undefined)
  wg.creating_net = undefined
  wg.incoming_port = 0
  wg_peer_remove_all(wg)
}

export function wg_setup(dev: net_device): void {
  const wg = new wg_device()
  const features = F.NETIF_F_HW_CSUM | F.NETIF_F_RXCSUM | F.NETIF_F_SG | F.NETIF_F_GSO | F.NETIF_F_GSO_SOFTWARE | F.NETIF_F_HIGHDMA
  dev.netdev_ops = wg_netdev_ops
  dev.type = ARPHRD_NONE
  dev.flags = IFF_POINTOPOINT | IFF_NOARP
  dev.priv_flags &= ~IFF_XMIT_DST_RELEASE
  dev.priv_flags |= IFF_NO_QUEUE
  dev.lltx = true
  dev.features |= features
  dev.hw_features |= features
  dev.hw_enc_features |= features
  dev.mtu = ETH_DATA_LEN - OVERHEAD
  dev.max_mtu = MAX_MTU
  dev.needs_free_netdev = true
  dev.priv = wg
  wg.dev = dev
}
export function wg_newlink(src_net: net, dev: net_device, _tb: AttrTable): Errno | undefined {
  const wg = wg_priv(dev)
  wg.creating_net = src_net
  const error = register_netdevice(dev)
  if (error !== undefined) return error
  wg_list(src_net.kernel).add(wg)
  dev.priv_destructor = wg_destruct
  return undefined
}
export const wg_link_ops: rtnl_link_ops = { kind: 'wireguard', setup: wg_setup, newlink: wg_newlink }

/** device_list: the devices of all namespaces. */
function wg_list(kernel: Kernel): Set<wg_device> {
  const { gen } = kernel.init_net
  let list = gen.get('wireguard') as Set<wg_device> | undefined
  if (list === undefined) gen.set('wireguard', (list = new Set()))
  return list
}
/** A device lives on in another namespace, but without sockets: they were in this one. */
export function wg_netns_pre_exit(net: net): void {
  for (const wg of wg_list(net.kernel)) {
    if (wg.creating_net !== net) continue
    netif_carrier_off(wg.dev)
    wg_socket_reinit(wg, undefined, undefined)
    wg.creating_net = undefined
  }
}
export const wg_net_ops: pernet_operations = { name: 'wg_net_ops', pre_exit: wg_netns_pre_exit }

export function wg_mod_init(kernel: Kernel): Errno | undefined {
  return (
    register_pernet_device(kernel, wg_net_ops) ?? rtnl_link_register(kernel, wg_link_ops) ?? genl_register_family(kernel, wg_genl_family)
  )
}
