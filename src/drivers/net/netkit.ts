/**
 * drivers/net/netkit.c: pairs of devices for BPF programs. Without a program packets pass or are dropped as the policy
 * says; programs cannot be attached here.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import type { AttrTable } from '../../lib/attrs.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import {
  dev_change_flags,
  dev_forward_skb,
  dev_get_tstats64,
  dev_sw_netstats_rx_add,
  dev_sw_netstats_tx_add,
  NET_RX_SUCCESS,
  NET_XMIT_DROP,
  netif_carrier_off,
  netif_carrier_on,
  netif_set_tso_max_size,
  register_netdevice,
  unregister_netdevice,
} from '../../net/core/dev.ts'
import { dev_core_stats_tx_dropped_inc } from '../../net/core/dev_stats.ts'
import type { ethtool_drvinfo, ethtool_ops } from '../../net/core/ethtool_ops.ts'
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
import { eth_hw_addr_random, eth_mac_addr, ether_setup } from '../../net/ethernet/eth.ts'
import type { netlink_ext_ack } from '../../net/netlink/extack.ts'
import { max, NLA_REJECT, NLA_U32, NLA_UNSPEC, policy } from '../../net/netlink/policy.ts'
import { EACCES, EINVAL, ENOTCONN, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_NOARP, IFF_UP } from '../../uapi/linux/if.ts'
import * as L from '../../uapi/linux/if_link.ts'
import { ifinfomsg } from '../../uapi/linux/rtnetlink.ts'
import { UTS_RELEASE } from '../../uapi/linux/utsname.ts'
import { validate_ether_address } from './link_address.ts'
import { create_peer, parse_peer, peer_dellink, peer_get_link_net, type peer_request } from './peer_link.ts'

const VLAN_OFFLOADS = F.NETIF_F_HW_VLAN_CTAG_TX | F.NETIF_F_HW_VLAN_CTAG_RX | F.NETIF_F_HW_VLAN_STAG_TX | F.NETIF_F_HW_VLAN_STAG_RX
const NETKIT_FEATURES =
  VLAN_OFFLOADS |
  F.NETIF_F_SG |
  F.NETIF_F_FRAGLIST |
  F.NETIF_F_HW_CSUM |
  F.NETIF_F_RXCSUM |
  F.NETIF_F_SCTP_CRC |
  F.NETIF_F_HIGHDMA |
  F.NETIF_F_GSO_SOFTWARE |
  F.NETIF_F_GSO_ENCAP_ALL

export class netkit {
  peer: net_device | undefined = undefined
  policy = L.NETKIT_PASS
  mode = L.NETKIT_L3
  scrub = L.NETKIT_SCRUB_DEFAULT
  primary = false
}
export function netkit_priv(dev: net_device): netkit {
  return netdev_priv<netkit>(dev)
}

export function netkit_xmit(skb: sk_buff, dev: net_device): number {
  const { peer, policy: verdict } = netkit_priv(dev)
  const { len } = skb
  if (peer === undefined || (peer.flags & IFF_UP) === 0 || verdict === L.NETKIT_DROP) {
    kfree_skb(skb)
    dev_core_stats_tx_dropped_inc(dev)
    return NET_XMIT_DROP
  }
  if (dev_forward_skb(peer, skb) !== NET_RX_SUCCESS) {
    dev_core_stats_tx_dropped_inc(dev)
    return NET_XMIT_DROP
  }
  dev_sw_netstats_tx_add(dev, 1, len)
  dev_sw_netstats_rx_add(peer, len)
  return NETDEV_TX_OK
}
export function netkit_open(dev: net_device): Errno | undefined {
  const { peer } = netkit_priv(dev)
  if (peer === undefined) return ENOTCONN
  if (peer.flags & IFF_UP) {
    netif_carrier_on(dev)
    netif_carrier_on(peer)
  }
  return undefined
}
export function netkit_close(dev: net_device): undefined {
  const { peer } = netkit_priv(dev)
  netif_carrier_off(dev)
  if (peer !== undefined) netif_carrier_off(peer)
}
export function netkit_get_iflink(dev: net_device): number {
  return netkit_priv(dev).peer?.ifindex ?? 0
}
export function netkit_set_multicast(_dev: net_device): void {}
export function netkit_set_macaddr(dev: net_device, addr: Uint8Array): Errno | undefined {
  return netkit_priv(dev).mode === L.NETKIT_L2 ? eth_mac_addr(dev, addr) : EOPNOTSUPP
}
export function netkit_get_drvinfo(): ethtool_drvinfo {
  return { driver: 'netkit', version: UTS_RELEASE }
}
export const netkit_ethtool_ops: ethtool_ops = { name: 'netkit_ethtool_ops', get_drvinfo: netkit_get_drvinfo }
export const netkit_netdev_ops: net_device_ops = {
  name: 'netkit_netdev_ops',
  ndo_open: netkit_open,
  ndo_stop: netkit_close,
  ndo_start_xmit: netkit_xmit,
  ndo_set_rx_mode: netkit_set_multicast,
  ndo_set_mac_address: netkit_set_macaddr,
  ndo_get_iflink: netkit_get_iflink,
  ndo_get_stats64: dev_get_tstats64,
}

export function netkit_setup(dev: net_device): void {
  ether_setup(dev)
  dev.priv = new netkit()
  dev.max_mtu = NETIF_MAX_MTU_ETH
  dev.flags |= IFF_NOARP
  dev.priv_flags &= ~IFF_TX_SKB_SHARING
  dev.priv_flags |= IFF_LIVE_ADDR_CHANGE | IFF_PHONY_HEADROOM | IFF_NO_QUEUE
  dev.lltx = true
  dev.ethtool_ops = netkit_ethtool_ops
  dev.netdev_ops = netkit_netdev_ops
  dev.features |= NETKIT_FEATURES
  dev.hw_features = NETKIT_FEATURES
  dev.hw_enc_features = NETKIT_FEATURES
  dev.mpls_features = F.NETIF_F_HW_CSUM | F.NETIF_F_GSO_SOFTWARE
  dev.vlan_features = dev.features & ~VLAN_OFFLOADS
  dev.needs_free_netdev = true
  netif_set_tso_max_size(dev, TSO_MAX_SIZE)
}

/** What a request says of both devices; or why not. */
function netkit_config(data: AttrTable | undefined, extack: netlink_ext_ack) {
  const mode = data?.get(L.IFLA_NETKIT_MODE) ?? L.NETKIT_L3
  if (mode !== L.NETKIT_L2 && mode !== L.NETKIT_L3)
    return extack.fail(EINVAL, 'Provided device mode can only be L2 or L3', L.IFLA_NETKIT_MODE.nr)
  return {
    mode,
    scrub: data?.get(L.IFLA_NETKIT_SCRUB) ?? L.NETKIT_SCRUB_DEFAULT,
    peer_scrub: data?.get(L.IFLA_NETKIT_PEER_SCRUB) ?? L.NETKIT_SCRUB_DEFAULT,
    policy: data?.get(L.IFLA_NETKIT_POLICY) ?? L.NETKIT_PASS,
    peer_policy: data?.get(L.IFLA_NETKIT_PEER_POLICY) ?? L.NETKIT_PASS,
  }
}
function netkit_check_policy(value: number | undefined, extack: netlink_ext_ack, attribute: number): Errno | undefined {
  if (value === undefined || value === L.NETKIT_PASS || value === L.NETKIT_DROP) return undefined
  return extack.fail(EINVAL, 'Provided default xmit policy not supported', attribute)
}
function peer_of_request(src_net: net, tb: AttrTable, data: AttrTable | undefined, extack: netlink_ext_ack): peer_request | Errno {
  const request = parse_peer(src_net, tb, data, L.IFLA_NETKIT_PEER_INFO, extack)
  if (isErrno(request) || request.ifm === undefined) return request
  return validate_ether_address(request.tb) ?? request
}

export function netkit_new_link(
  src_net: net,
  dev: net_device,
  tb: AttrTable,
  data: AttrTable | undefined,
  extack: netlink_ext_ack,
): Errno | undefined {
  const config = netkit_config(data, extack)
  if (isErrno(config)) return config
  const request = peer_of_request(src_net, tb, data, extack)
  if (isErrno(request)) return request
  const refused =
    netkit_check_policy(data?.get(L.IFLA_NETKIT_POLICY), extack, L.IFLA_NETKIT_POLICY.nr) ??
    netkit_check_policy(data?.get(L.IFLA_NETKIT_PEER_POLICY), extack, L.IFLA_NETKIT_PEER_POLICY.nr)
  if (isErrno(refused)) return refused
  const { mode } = config
  if (mode !== L.NETKIT_L2 && (tb.has(L.IFLA_ADDRESS) || request.tb.has(L.IFLA_ADDRESS))) return EOPNOTSUPP
  const peer = create_peer(
    src_net,
    dev,
    request,
    {
      ops: netkit_link_ops,
      template: 'nk%d',
      prepare: (made) => {
        if (mode === L.NETKIT_L2 && !(request.ifm !== undefined && request.tb.has(L.IFLA_ADDRESS))) eth_hw_addr_random(made)
        Object.assign(netkit_priv(made), { primary: false, policy: config.peer_policy, scrub: config.peer_scrub, mode })
      },
      registered: (made) => asks_for_addresses(made, mode),
      ignores_flags: true,
    },
    extack,
  )
  if (isErrno(peer)) return peer
  if (mode === L.NETKIT_L2 && !tb.has(L.IFLA_ADDRESS)) eth_hw_addr_random(dev)
  dev.name = tb.get(L.IFLA_IFNAME) ?? 'nk%d'
  Object.assign(netkit_priv(dev), { primary: true, policy: config.policy, scrub: config.scrub, mode })
  const error = register_netdevice(dev)
  if (isErrno(error)) {
    unregister_netdevice(peer)
    return error
  }
  netif_carrier_off(dev)
  asks_for_addresses(dev, mode)
  netkit_priv(dev).peer = peer
  netkit_priv(peer).peer = dev
  return undefined
}
function asks_for_addresses(dev: net_device, mode: number): void {
  if (mode === L.NETKIT_L2) dev_change_flags(dev, dev.flags & ~IFF_NOARP)
}

export function netkit_change_link(
  dev: net_device,
  _tb: AttrTable,
  data: AttrTable | undefined,
  extack: netlink_ext_ack,
): Errno | undefined {
  const nk = netkit_priv(dev)
  if (!nk.primary) return extack.fail(EACCES, 'netkit link settings can be changed only through the primary device')
  if (data?.has(L.IFLA_NETKIT_MODE))
    return extack.fail(EACCES, 'netkit link operating mode cannot be changed after device creation', L.IFLA_NETKIT_MODE.nr)
  for (const scrub of [L.IFLA_NETKIT_SCRUB, L.IFLA_NETKIT_PEER_SCRUB])
    if (data?.has(scrub)) return extack.fail(EACCES, 'netkit scrubbing cannot be changed after device creation', scrub.nr)
  if (data?.has(L.IFLA_NETKIT_PEER_INFO))
    return extack.fail(EINVAL, 'netkit peer info cannot be changed after device creation', L.IFLA_NETKIT_PEER_INFO.nr)
  const own = data?.get(L.IFLA_NETKIT_POLICY)
  const refused = netkit_check_policy(own, extack, L.IFLA_NETKIT_POLICY.nr)
  if (isErrno(refused)) return refused
  if (own !== undefined) nk.policy = own
  const theirs = data?.get(L.IFLA_NETKIT_PEER_POLICY)
  if (theirs === undefined) return undefined
  if (nk.peer === undefined) return EOPNOTSUPP
  const wrong = netkit_check_policy(theirs, extack, L.IFLA_NETKIT_PEER_POLICY.nr)
  if (isErrno(wrong)) return wrong
  netkit_priv(nk.peer).policy = theirs
  return undefined
}

export function netkit_fill_info(skb: MessageBuilder, dev: net_device): void {
  const nk = netkit_priv(dev)
  skb.put(L.IFLA_NETKIT_PRIMARY, nk.primary ? 1 : 0)
  skb.put(L.IFLA_NETKIT_POLICY, nk.policy)
  skb.put(L.IFLA_NETKIT_MODE, nk.mode)
  skb.put(L.IFLA_NETKIT_SCRUB, nk.scrub)
  if (nk.peer === undefined) return
  const peer = netkit_priv(nk.peer)
  skb.put(L.IFLA_NETKIT_PEER_POLICY, peer.policy)
  skb.put(L.IFLA_NETKIT_PEER_SCRUB, peer.scrub)
}
export const netkit_policy = policy(L.IFLA_NETKIT, {
  IFLA_NETKIT_PEER_INFO: NLA_UNSPEC(ifinfomsg.size),
  IFLA_NETKIT_MODE: NLA_U32,
  IFLA_NETKIT_POLICY: NLA_U32,
  IFLA_NETKIT_PEER_POLICY: NLA_U32,
  IFLA_NETKIT_PRIMARY: NLA_REJECT('Primary attribute is read-only'),
  IFLA_NETKIT_SCRUB: max(NLA_U32, L.NETKIT_SCRUB_DEFAULT),
  IFLA_NETKIT_PEER_SCRUB: max(NLA_U32, L.NETKIT_SCRUB_DEFAULT),
})
export const netkit_link_ops: rtnl_link_ops = {
  kind: 'netkit',
  policy: netkit_policy,
  setup: netkit_setup,
  validate: validate_ether_address,
  newlink: netkit_new_link,
  changelink: netkit_change_link,
  dellink: peer_dellink,
  fill_info: netkit_fill_info,
  get_link_net: peer_get_link_net,
}

export function netkit_init(kernel: Kernel): Errno | undefined {
  return rtnl_link_register(kernel, netkit_link_ops)
}
