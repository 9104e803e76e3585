/** drivers/net/veth.c: pairs of devices; what one sends the other receives. They have carrier while both are up. */
import type { Kernel } from '../../kernel/kernel.ts'
import type { AttrTable } from '../../lib/attrs.ts'
import {
  dev_forward_skb,
  dev_get_lstats,
  dev_lstats_add,
  NET_RX_SUCCESS,
  NET_XMIT_DROP,
  netdev_update_features,
  netif_carrier_off,
  netif_carrier_on,
  netif_set_real_num_rx_queues,
  netif_set_real_num_tx_queues,
  netif_set_tso_max_size,
  register_netdevice,
  unregister_netdevice,
} from '../../net/core/dev.ts'
import type { net } from '../../net/core/net_namespace.ts'
import * as F from '../../net/core/netdev_features_bits.ts'
import {
  IFF_LIVE_ADDR_CHANGE,
  IFF_NO_QUEUE,
  IFF_PHONY_HEADROOM,
  IFF_TX_SKB_SHARING,
  NETDEV_TX_OK,
  NETIF_MAX_MTU_ETH,
  type net_device,
  type net_device_ops,
  netdev_priv,
  TSO_MAX_SIZE,
} from '../../net/core/netdevice.ts'
import { rtnl_link_register } from '../../net/core/rtnetlink.ts'
import type { rtnl_link_ops } from '../../net/core/rtnl_link_ops.ts'
import { kfree_skb, type sk_buff } from '../../net/core/skbuff.ts'
import { skb_tx_timestamp } from '../../net/core/skb_tstamp.ts'
import { xdp_clear_features_flag, xdp_set_features_flag } from '../../net/core/xdp.ts'
import { eth_hw_addr_random, eth_mac_addr, eth_validate_addr, ether_setup } from '../../net/ethernet/eth.ts'
import type { netlink_ext_ack } from '../../net/netlink/extack.ts'
import { NLA_UNSPEC, policy } from '../../net/netlink/policy.ts'
import { EINVAL, ENOTCONN, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_UP } from '../../uapi/linux/if.ts'
import { ETH_HLEN, ETH_MIN_MTU } from '../../uapi/linux/if_ether.ts'
import {
  IFLA_ADDRESS,
  IFLA_IFNAME,
  IFLA_MTU,
  IFLA_NUM_RX_QUEUES,
  IFLA_NUM_TX_QUEUES,
  VETH_INFO,
  VETH_INFO_PEER,
} from '../../uapi/linux/if_link.ts'
import {
  NETDEV_XDP_ACT_BASIC,
  NETDEV_XDP_ACT_NDO_XMIT,
  NETDEV_XDP_ACT_NDO_XMIT_SG,
  NETDEV_XDP_ACT_REDIRECT,
  NETDEV_XDP_ACT_RX_SG,
  NETDEV_XDP_RX_METADATA_HASH,
  NETDEV_XDP_RX_METADATA_TIMESTAMP,
  NETDEV_XDP_RX_METADATA_VLAN_TAG,
} from '../../uapi/linux/netdev.ts'
import { ifinfomsg } from '../../uapi/linux/rtnetlink.ts'
import { veth_ethtool_ops } from './veth_ethtool.ts'
import { validate_ether_address } from './link_address.ts'
import { create_peer, parse_peer, peer_dellink, peer_get_link_net, peer_of, type peer_request } from './peer_link.ts'

const VETH_MAX_QUEUES = 4096
const VLAN_OFFLOADS = F.NETIF_F_HW_VLAN_CTAG_TX | F.NETIF_F_HW_VLAN_CTAG_RX | F.NETIF_F_HW_VLAN_STAG_TX | F.NETIF_F_HW_VLAN_STAG_RX
const VETH_FEATURES =
  F.NETIF_F_SG |
  F.NETIF_F_FRAGLIST |
  F.NETIF_F_HW_CSUM |
  F.NETIF_F_RXCSUM |
  F.NETIF_F_SCTP_CRC |
  F.NETIF_F_HIGHDMA |
  F.NETIF_F_GSO_SOFTWARE |
  F.NETIF_F_GSO_ENCAP_ALL |
  VLAN_OFFLOADS

export class veth_priv {
  /** Undefined while the pair is made, and from the moment that it is deleted. */
  peer: net_device | undefined = undefined
  dropped = 0
}

export function veth_open(dev: net_device): Errno | undefined {
  const peer = peer_of(dev)
  if (peer === undefined) return ENOTCONN
  if (peer.flags & IFF_UP) {
    netif_carrier_on(dev)
    netif_carrier_on(peer)
  }
  veth_set_xdp_features(dev)
  return undefined
}
export function veth_close(dev: net_device): Errno | undefined {
  netif_carrier_off(dev)
  const peer = peer_of(dev)
  if (peer !== undefined) netif_carrier_off(peer)
  return undefined
}
/** 0 without a peer: not the own index, so that IFLA_LINK is shown. */
export function veth_get_iflink(dev: net_device): number {
  return peer_of(dev)?.ifindex ?? 0
}
export function veth_set_multicast_list(_dev: net_device): void {}
/** The packet is at the other end at once; one that is not wanted there was dropped here. */
export function veth_xmit(skb: sk_buff, dev: net_device): number {
  const priv = netdev_priv<veth_priv>(dev)
  const rcv = priv.peer
  if (rcv === undefined || skb.len < ETH_HLEN) {
    kfree_skb(skb)
    priv.dropped++
    return NET_XMIT_DROP
  }
  const length = skb.len
  skb_tx_timestamp(skb)
  if (dev_forward_skb(rcv, skb) === NET_RX_SUCCESS) {
    dev_lstats_add(dev, length)
    return NETDEV_TX_OK
  }
  priv.dropped++
  return NET_XMIT_DROP
}
/** What the peer sent is what this one received. */
export function veth_get_stats64(dev: net_device) {
  const { tx_packets, tx_bytes } = dev_get_lstats(dev)
  const peer = peer_of(dev)
  const sent = peer === undefined ? { tx_packets: 0, tx_bytes: 0 } : dev_get_lstats(peer)
  return {
    rx_packets: sent.tx_packets,
    rx_bytes: sent.tx_bytes,
    tx_packets,
    tx_bytes,
    tx_dropped: netdev_priv<veth_priv>(dev).dropped,
  }
}

/** XDP programs can run here when each queue of the sender has one of ours. */
export function veth_set_xdp_features(dev: net_device): void {
  const peer = peer_of(dev)
  if (peer === undefined || peer.real_num_tx_queues > dev.real_num_rx_queues) {
    xdp_clear_features_flag(dev)
    return
  }
  // a peer that polls can be sent to from elsewhere
  const target = peer.wanted_features & F.NETIF_F_GRO ? NETDEV_XDP_ACT_NDO_XMIT | NETDEV_XDP_ACT_NDO_XMIT_SG : 0
  xdp_set_features_flag(dev, NETDEV_XDP_ACT_BASIC | NETDEV_XDP_ACT_REDIRECT | NETDEV_XDP_ACT_RX_SG | target)
}
/** GRO goes with polling, and that with what the peer may be for XDP. */
export function veth_set_features(dev: net_device, features: bigint): undefined {
  const peer = peer_of(dev)
  if (((features ^ dev.features) & F.NETIF_F_GRO) === 0n || !(dev.flags & IFF_UP) || peer === undefined) return
  const target = NETDEV_XDP_ACT_NDO_XMIT | NETDEV_XDP_ACT_NDO_XMIT_SG
  xdp_set_features_flag(peer, features & F.NETIF_F_GRO ? peer.xdp_features | target : peer.xdp_features & ~target)
}

export const veth_netdev_ops: net_device_ops = {
  name: 'veth_netdev_ops',
  ndo_open: veth_open,
  ndo_stop: veth_close,
  ndo_start_xmit: veth_xmit,
  ndo_set_features: veth_set_features,
  ndo_validate_addr: eth_validate_addr,
  ndo_set_rx_mode: veth_set_multicast_list,
  ndo_set_mac_address: eth_mac_addr,
  ndo_get_stats64: veth_get_stats64,
  ndo_get_iflink: veth_get_iflink,
}

export function veth_setup(dev: net_device): void {
  ether_setup(dev)
  dev.priv = new veth_priv()
  dev.priv_flags &= ~IFF_TX_SKB_SHARING
  dev.priv_flags |= IFF_LIVE_ADDR_CHANGE | IFF_NO_QUEUE | IFF_PHONY_HEADROOM
  dev.netdev_ops = veth_netdev_ops
  dev.xdp_rx_metadata_features = NETDEV_XDP_RX_METADATA_TIMESTAMP | NETDEV_XDP_RX_METADATA_HASH | NETDEV_XDP_RX_METADATA_VLAN_TAG
  dev.ethtool_ops = veth_ethtool_ops
  dev.lltx = true
  dev.features |= VETH_FEATURES
  dev.vlan_features = dev.features & ~VLAN_OFFLOADS
  dev.needs_free_netdev = true
  dev.max_mtu = NETIF_MAX_MTU_ETH
  dev.hw_features = VETH_FEATURES
  dev.hw_enc_features = VETH_FEATURES
  dev.mpls_features = F.NETIF_F_HW_CSUM | F.NETIF_F_GSO_SOFTWARE
  netif_set_tso_max_size(dev, TSO_MAX_SIZE)
}

/** veth_validate(): also of the peer's attributes. */
export function veth_validate(tb: AttrTable): Errno | undefined {
  const error = validate_ether_address(tb)
  if (isErrno(error)) return error
  const mtu = tb.get(IFLA_MTU)
  return mtu !== undefined && (mtu < ETH_MIN_MTU || mtu > NETIF_MAX_MTU_ETH) ? EINVAL : undefined
}

/** Without a number of queues in the request one of those there is used (`tb`: the request for the first device). */
function veth_init_queues(dev: net_device, tb: AttrTable): void {
  if (!tb.has(IFLA_NUM_TX_QUEUES) && dev.num_tx_queues > 1) netif_set_real_num_tx_queues(dev, 1)
  if (!tb.has(IFLA_NUM_RX_QUEUES) && dev.num_rx_queues > 1) netif_set_real_num_rx_queues(dev, 1)
}
/** veth_disable_gro(): off until asked for. */
function veth_disable_gro(dev: net_device): void {
  dev.features &= ~F.NETIF_F_GRO
  dev.wanted_features &= ~F.NETIF_F_GRO
  netdev_update_features(dev)
}

/** The peer's part of the request. */
function peer_of_request(src_net: net, tb: AttrTable, data: AttrTable | undefined, extack: netlink_ext_ack): peer_request | Errno {
  const request = parse_peer(src_net, tb, data, VETH_INFO_PEER, extack)
  if (isErrno(request) || request.ifm === undefined) return request
  return veth_validate(request.tb) ?? request
}

export function veth_newlink(
  src_net: net,
  dev: net_device,
  tb: AttrTable,
  data: AttrTable | undefined,
  extack: netlink_ext_ack,
): Errno | undefined {
  const request = peer_of_request(src_net, tb, data, extack)
  if (isErrno(request)) return request
  const random = request.ifm === undefined || !request.tb.has(IFLA_ADDRESS)
  const kind = { ops: veth_link_ops, template: 'veth%d', registered: veth_disable_gro, ...(random ? { prepare: eth_hw_addr_random } : {}) }
  const peer = create_peer(src_net, dev, request, kind, extack)
  if (isErrno(peer)) return peer
  if (!tb.has(IFLA_ADDRESS)) eth_hw_addr_random(dev)
  dev.name = tb.get(IFLA_IFNAME) ?? 'veth%d'
  const error = register_netdevice(dev)
  if (isErrno(error)) {
    unregister_netdevice(peer)
    return error
  }
  netif_carrier_off(dev)
  netdev_priv<veth_priv>(dev).peer = peer
  netdev_priv<veth_priv>(peer).peer = dev
  veth_init_queues(dev, tb)
  veth_init_queues(peer, tb)
  veth_disable_gro(dev)
  veth_set_xdp_features(dev)
  veth_set_xdp_features(peer)
  return undefined
}

export function veth_get_num_queues(kernel: Kernel): number {
  return Math.min(kernel.params.nr_cpus, VETH_MAX_QUEUES)
}

export const veth_policy = policy(VETH_INFO, { VETH_INFO_PEER: NLA_UNSPEC(ifinfomsg.size) })

export const veth_link_ops: rtnl_link_ops = {
  kind: 'veth',
  policy: veth_policy,
  setup: veth_setup,
  validate: veth_validate,
  newlink: veth_newlink,
  dellink: peer_dellink,
  get_link_net: peer_get_link_net,
  get_num_tx_queues: veth_get_num_queues,
  get_num_rx_queues: veth_get_num_queues,
}

export function veth_init(kernel: Kernel): Errno | undefined {
  return rtnl_link_register(kernel, veth_link_ops)
}
