/**
 * drivers/net/tun.c: devices whose far end programs hold: packets (tun) or frames (tap). They are made through
 * /dev/net/tun (tun_chr.ts), not by rtnetlink.
 */
import type { device_attribute } from '../../fs/sysfs.ts'
import type { AttrTable } from '../../lib/attrs.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { dev_get_tstats64, netif_carrier_off, netif_carrier_on } from '../../net/core/dev.ts'
import {
  type ethtool_channels,
  type ethtool_drvinfo,
  type ethtool_link_ksettings,
  type ethtool_ops,
  type ethtool_coalesce,
  ethtool_op_get_link,
  ethtool_op_get_ts_info,
} from '../../net/core/ethtool_ops.ts'
import * as F from '../../net/core/netdev_features_bits.ts'
import {
  type header_ops,
  IFF_LIVE_ADDR_CHANGE,
  IFF_TX_SKB_SHARING,
  type net_device,
  type net_device_ops,
} from '../../net/core/netdevice.ts'
import type { rtnl_link_ops } from '../../net/core/rtnl_link_ops.ts'
import { eth_hw_addr_random, eth_mac_addr, eth_validate_addr, ether_setup } from '../../net/ethernet/eth.ts'
import type { netlink_ext_ack } from '../../net/netlink/extack.ts'
import { EOPNOTSUPP, EPERM, type Errno } from '../../uapi/errno.ts'
import { ETHTOOL_COALESCE_RX_MAX_FRAMES } from '../../uapi/linux/ethtool.ts'
import { IFF_MULTICAST, IFF_NOARP, IFF_POINTOPOINT } from '../../uapi/linux/if.ts'
import { ARPHRD_NONE } from '../../uapi/linux/if_arp.ts'
import { ETH_MIN_MTU } from '../../uapi/linux/if_ether.ts'
import * as T from '../../uapi/linux/if_tun.ts'
import { is_tap, MAX_TAP_QUEUES, TUN_TYPE_MASK, tun_flags, tun_priv, type tun_struct } from './tun_private.ts'
import { tun_net_xmit, tun_queue_purge } from './tun_queue.ts'

/** TUN_READQ_SIZE: packets that wait for a reader. */
const TUN_READQ_SIZE = 500
const MAX_MTU = 65535
const NAPI_POLL_WEIGHT = 64

/** The device goes: files stay open, of no device. */
export function tun_net_uninit(dev: net_device): void {
  const tun = tun_priv(dev)
  for (const tfile of [...tun.tfiles, ...tun.disabled]) {
    tfile.tun = tfile.detached = undefined
    tun_queue_purge(tfile)
    tfile.sk_socket?.watcher?.dataReady()
  }
  tun.tfiles = []
  tun.disabled = []
}
/** A reader is needed for carrier. */
export function tun_net_change_carrier(dev: net_device, carrier: boolean): Errno | undefined {
  if (!carrier) netif_carrier_off(dev)
  else if (tun_priv(dev).tfiles.length === 0) return EPERM
  else netif_carrier_on(dev)
  return undefined
}
export function tun_fix_features(dev: net_device, features: bigint): bigint {
  const user = F.NETIF_F_HW_CSUM | F.NETIF_F_TSO_ECN | F.NETIF_F_TSO | F.NETIF_F_TSO6 | F.NETIF_F_GSO_UDP_L4
  return (features & offload_features(tun_priv(dev))) | (features & ~user)
}
/** What the reader has said that it takes (set_offload). */
function offload_features({ offload }: tun_struct): bigint {
  if (!(offload & T.TUN_F_CSUM)) return 0n
  let features = F.NETIF_F_HW_CSUM
  if (offload & (T.TUN_F_TSO4 | T.TUN_F_TSO6)) {
    if (offload & T.TUN_F_TSO_ECN) features |= F.NETIF_F_TSO_ECN
    if (offload & T.TUN_F_TSO4) features |= F.NETIF_F_TSO
    if (offload & T.TUN_F_TSO6) features |= F.NETIF_F_TSO6
  }
  if (offload & T.TUN_F_USO4 && offload & T.TUN_F_USO6) features |= F.NETIF_F_GSO_UDP_L4
  return features
}

function shown(value: number | undefined): string {
  return `${value === undefined ? -1 : value}\n`
}
export function tun_flags_show(dev: net_device): string {
  return `0x${tun_flags(tun_priv(dev)).toString(16)}\n`
}
export function owner_show(dev: net_device): string {
  return shown(tun_priv(dev).owner)
}
export function group_show(dev: net_device): string {
  return shown(tun_priv(dev).group)
}
export const tun_dev_attrs: readonly device_attribute<net_device>[] = [
  { name: 'tun_flags', mode: 0o444, show: tun_flags_show },
  { name: 'owner', mode: 0o444, show: owner_show },
  { name: 'group', mode: 0o444, show: group_show },
]

const common_ops = {
  ndo_uninit: tun_net_uninit,
  ndo_start_xmit: tun_net_xmit,
  ndo_fix_features: tun_fix_features,
  ndo_get_stats64: dev_get_tstats64,
  ndo_change_carrier: tun_net_change_carrier,
  sysfs_attrs: tun_dev_attrs,
}
export const tun_netdev_ops: net_device_ops = { name: 'tun_netdev_ops', ...common_ops }
export function tun_net_mclist(): void {}
export const tap_netdev_ops: net_device_ops = {
  name: 'tap_netdev_ops',
  ...common_ops,
  ndo_set_rx_mode: tun_net_mclist,
  ndo_set_mac_address: eth_mac_addr,
  ndo_validate_addr: eth_validate_addr,
}
export const ip_tunnel_header_ops: header_ops = { name: 'ip_tunnel_header_ops' }

export function tun_get_drvinfo(dev: net_device): ethtool_drvinfo {
  return { driver: 'tun', version: '1.6', bus_info: is_tap(tun_priv(dev)) ? 'tap' : 'tun' }
}
export function tun_get_link_ksettings(dev: net_device): ethtool_link_ksettings {
  return tun_priv(dev).link_ksettings
}
/** There is no medium: anything is taken. */
export function tun_set_link_ksettings(dev: net_device, settings: ethtool_link_ksettings): undefined {
  tun_priv(dev).link_ksettings = settings
}
export function tun_get_msglevel(dev: net_device): number {
  return tun_priv(dev).msg_enable
}
export function tun_set_msglevel(dev: net_device, level: number): void {
  tun_priv(dev).msg_enable = level
}
export function tun_get_coalesce(dev: net_device): Partial<ethtool_coalesce> {
  return { rx_max_coalesced_frames: tun_priv(dev).rx_batched }
}
export function tun_set_coalesce(dev: net_device, { rx_max_coalesced_frames }: ethtool_coalesce): undefined {
  tun_priv(dev).rx_batched = Math.min(rx_max_coalesced_frames, NAPI_POLL_WEIGHT)
}
/** The queues that programs have attached to. */
export function tun_get_channels(dev: net_device): Partial<ethtool_channels> {
  const { flags, tfiles } = tun_priv(dev)
  return { max_combined: flags & T.IFF_MULTI_QUEUE ? MAX_TAP_QUEUES : 1, combined_count: tfiles.length }
}
export const tun_ethtool_ops: ethtool_ops = {
  name: 'tun_ethtool_ops',
  supported_coalesce_params: ETHTOOL_COALESCE_RX_MAX_FRAMES,
  get_drvinfo: tun_get_drvinfo,
  get_msglevel: tun_get_msglevel,
  set_msglevel: tun_set_msglevel,
  get_link: ethtool_op_get_link,
  get_ts_info: ethtool_op_get_ts_info,
  get_channels: tun_get_channels,
  get_coalesce: tun_get_coalesce,
  set_coalesce: tun_set_coalesce,
  get_link_ksettings: tun_get_link_ksettings,
  set_link_ksettings: tun_set_link_ksettings,
}

export function tun_setup(dev: net_device): void {
  dev.ethtool_ops = tun_ethtool_ops
  dev.needs_free_netdev = true
  dev.tx_queue_len = TUN_READQ_SIZE
}
/** tun_net_initialize(): the shape of the device, by its kind. */
export function tun_net_initialize(dev: net_device): void {
  if (is_tap(tun_priv(dev))) {
    dev.netdev_ops = tap_netdev_ops
    ether_setup(dev)
    dev.priv_flags &= ~IFF_TX_SKB_SHARING
    dev.priv_flags |= IFF_LIVE_ADDR_CHANGE
    eth_hw_addr_random(dev)
    // NETDEV_XDP_ACT_BASIC, REDIRECT, NDO_XMIT
    dev.xdp_features = 7
  } else {
    dev.netdev_ops = tun_netdev_ops
    dev.header_ops = ip_tunnel_header_ops
    dev.hard_header_len = 0
    dev.addr_len = 0
    dev.mtu = 1500
    dev.type = ARPHRD_NONE
    dev.flags = IFF_POINTOPOINT | IFF_NOARP | IFF_MULTICAST
  }
  dev.min_mtu = ETH_MIN_MTU
  dev.max_mtu = MAX_MTU - dev.hard_header_len
  const user = F.NETIF_F_HW_CSUM | F.NETIF_F_TSO_ECN | F.NETIF_F_TSO | F.NETIF_F_TSO6 | F.NETIF_F_GSO_UDP_L4
  dev.hw_features = F.NETIF_F_SG | F.NETIF_F_FRAGLIST | user | F.NETIF_F_HW_VLAN_CTAG_TX | F.NETIF_F_HW_VLAN_STAG_TX
  dev.features = dev.hw_features
  dev.vlan_features = dev.features & ~(F.NETIF_F_HW_VLAN_CTAG_TX | F.NETIF_F_HW_VLAN_STAG_TX)
  dev.lltx = true
}

export function tun_validate(_tb: AttrTable, _data: AttrTable | undefined, extack: netlink_ext_ack): Errno {
  return extack.fail(EOPNOTSUPP, 'tun/tap creation via rtnetlink is not supported.')
}
export function tun_fill_info(skb: MessageBuilder, dev: net_device): void {
  const tun = tun_priv(dev)
  const on = (bit: number): number => (tun.flags & bit ? 1 : 0)
  skb.put(T.IFLA_TUN_TYPE, tun.flags & TUN_TYPE_MASK)
  if (tun.owner !== undefined) skb.put(T.IFLA_TUN_OWNER, tun.owner)
  if (tun.group !== undefined) skb.put(T.IFLA_TUN_GROUP, tun.group)
  skb.put(T.IFLA_TUN_PI, 1 - on(T.IFF_NO_PI))
  skb.put(T.IFLA_TUN_VNET_HDR, on(T.IFF_VNET_HDR))
  skb.put(T.IFLA_TUN_PERSIST, on(T.IFF_PERSIST))
  skb.put(T.IFLA_TUN_MULTI_QUEUE, on(T.IFF_MULTI_QUEUE))
  if (!(tun.flags & T.IFF_MULTI_QUEUE)) return
  skb.put(T.IFLA_TUN_NUM_QUEUES, tun.tfiles.length)
  skb.put(T.IFLA_TUN_NUM_DISABLED_QUEUES, tun.disabled.length)
}
export const tun_link_ops: rtnl_link_ops = { kind: 'tun', setup: tun_setup, validate: tun_validate, fill_info: tun_fill_info }
