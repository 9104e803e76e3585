/** drivers/net/ipvlan/ipvlan_main.c: devices that share the lower device's Ethernet address; ipvtap is one that a program reads. */
import type { Kernel } from '../../kernel/kernel.ts'
import { notifier_block } from '../../kernel/notifier.ts'
import { cancel_delayed_work } from '../../kernel/workqueue.ts'
import type { AttrTable } from '../../lib/attrs.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import {
  __dev_get_by_index,
  dev_mc_sync,
  dev_mc_unsync,
  dev_set_allmulti,
  dev_uc_sync,
  dev_uc_unsync,
  netdev_err,
  netdev_increment_features,
  netdev_is_rx_handler_busy,
  netdev_rx_handler_register,
  netdev_rx_handler_unregister,
  netdev_upper_dev_link,
  netdev_upper_dev_unlink,
  netif_inherit_tso_max,
  netif_stacked_transfer_operstate,
  register_netdevice,
  register_netdevice_notifier,
  unregister_netdevice,
  unregister_netdevice_queue,
} from '../../net/core/dev.ts'
import { type ethtool_drvinfo, type ethtool_ops, ethtool_op_get_link } from '../../net/core/ethtool_ops.ts'
import type { net } from '../../net/core/net_namespace.ts'
import * as F from '../../net/core/netdev_features_bits.ts'
import {
  IFF_NO_QUEUE,
  IFF_NO_RX_HANDLER,
  IFF_TX_SKB_SHARING,
  IFF_UNICAST_FLT,
  IFF_XMIT_DST_RELEASE,
  LINK_STATE_DORMANT,
  LINK_STATE_NOCARRIER,
  NETIF_MAX_MTU_ETH,
  type net_device,
  type net_device_ops,
} from '../../net/core/netdevice.ts'
import { rtnl_link_register } from '../../net/core/rtnetlink.ts'
import type { rtnl_link_ops } from '../../net/core/rtnl_link_ops.ts'
import { vlan_vid_add, vlan_vid_del } from '../../net/8021q/vlan_core.ts'
import { eth_hw_addr_set, ether_setup } from '../../net/ethernet/eth.ts'
import type { netlink_ext_ack } from '../../net/netlink/extack.ts'
import { NLA_U16, policy } from '../../net/netlink/policy.ts'
import { EBUSY, EINVAL, ENODEV, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_ALLMULTI, IFF_LOOPBACK, IFF_NOARP } from '../../uapi/linux/if.ts'
import { ARPHRD_ETHER } from '../../uapi/linux/if_arp.ts'
import { IFLA_LINK, IFLA_MTU } from '../../uapi/linux/if_link.ts'
import {
  IFLA_IPVLAN,
  IFLA_IPVLAN_FLAGS,
  IFLA_IPVLAN_MODE,
  IPVLAN_F_PRIVATE,
  IPVLAN_F_VEPA,
  IPVLAN_MODE_L2,
  IPVLAN_MODE_L3,
  IPVLAN_MODE_MAX,
} from '../../uapi/linux/if_link_stacked.ts'
import { ipvlan_device_event } from './ipvlan_event.ts'
import {
  ipvlan_alloc_dev_id,
  ipvlan_dev,
  ipvlan_dev_of,
  ipvlan_l3s,
  ipvlan_port,
  ipvlan_port_get,
  ipvlan_set_port_mode,
  netif_is_ipvlan_port,
} from './ipvlan_port.ts'
import { ipvlan_get_stats64, ipvlan_handle_frame, ipvlan_header_ops, ipvlan_port_purge, ipvlan_start_xmit } from './ipvlan_xmit.ts'
import { TUN_READQ_SIZE } from './macvtap.ts'
import { ipvtap_class, tap_class_register } from './tap.ts'
import { tap_dellink, tap_newlink } from './tap_chr.ts'

const ALWAYS_ON_OFFLOADS = F.NETIF_F_SG | F.NETIF_F_HW_CSUM | F.NETIF_F_GSO_ROBUST | F.NETIF_F_GSO_SOFTWARE | F.NETIF_F_GSO_ENCAP_ALL
const ALWAYS_ON = ALWAYS_ON_OFFLOADS | F.NETIF_F_VLAN_CHALLENGED
const IPVLAN_FEATURES =
  F.NETIF_F_SG |
  F.NETIF_F_CSUM_MASK |
  F.NETIF_F_HIGHDMA |
  F.NETIF_F_FRAGLIST |
  F.NETIF_F_GSO |
  F.NETIF_F_ALL_TSO |
  F.NETIF_F_GRO |
  F.NETIF_F_RXCSUM |
  F.NETIF_F_HW_VLAN_CTAG_FILTER |
  F.NETIF_F_HW_VLAN_STAG_FILTER
const IPVLAN_STATE_MASK = LINK_STATE_NOCARRIER | LINK_STATE_DORMANT

export function ipvlan_init(dev: net_device): Errno | undefined {
  const { phy_dev } = ipvlan_dev_of(dev)
  dev.state = (dev.state & ~IPVLAN_STATE_MASK) | (phy_dev.state & IPVLAN_STATE_MASK)
  dev.features = (phy_dev.features & IPVLAN_FEATURES) | ALWAYS_ON
  dev.vlan_features = (phy_dev.vlan_features & IPVLAN_FEATURES) | ALWAYS_ON_OFFLOADS
  dev.hw_enc_features |= dev.features
  dev.lltx = true
  netif_inherit_tso_max(dev, phy_dev)
  dev.hard_header_len = phy_dev.hard_header_len
  if (!netif_is_ipvlan_port(phy_dev)) {
    const error = netdev_rx_handler_register(phy_dev, ipvlan_handle_frame, new ipvlan_port(phy_dev))
    if (isErrno(error)) return error
  }
  ipvlan_port_get(phy_dev).count++
  return undefined
}
export function ipvlan_uninit(dev: net_device): void {
  const { phy_dev } = ipvlan_dev_of(dev)
  const port = ipvlan_port_get(phy_dev)
  if (--port.count > 0) return
  if (port.wq !== undefined) cancel_delayed_work(port.wq)
  ipvlan_l3s(port, false)
  ipvlan_port_purge(port)
  netdev_rx_handler_unregister(phy_dev)
}
/** Whether neighbours are asked for depends on the port's mode. */
export function ipvlan_open(dev: net_device): Errno | undefined {
  const { port } = ipvlan_dev_of(dev)
  if (port !== undefined && port.mode !== IPVLAN_MODE_L2) dev.flags |= IFF_NOARP
  else dev.flags &= ~IFF_NOARP
  return undefined
}
export function ipvlan_stop(dev: net_device): Errno | undefined {
  const { phy_dev } = ipvlan_dev_of(dev)
  dev_uc_unsync(phy_dev, dev)
  dev_mc_unsync(phy_dev, dev)
  return undefined
}
export function ipvlan_fix_features(dev: net_device, wanted: bigint): bigint {
  const features = wanted | F.NETIF_F_ALL_FOR_ALL
  const joined = netdev_increment_features(ipvlan_dev_of(dev).phy_dev.features, features, features)
  return (joined | ALWAYS_ON) & (IPVLAN_FEATURES | ALWAYS_ON)
}
export function ipvlan_change_rx_flags(dev: net_device, change: number): void {
  if (change & IFF_ALLMULTI) dev_set_allmulti(ipvlan_dev_of(dev).phy_dev, dev.flags & IFF_ALLMULTI ? 1 : -1)
}
export function ipvlan_set_multicast_mac_filter(dev: net_device): void {
  const { phy_dev } = ipvlan_dev_of(dev)
  dev_uc_sync(phy_dev, dev)
  dev_mc_sync(phy_dev, dev)
}
export function ipvlan_vlan_rx_add_vid(dev: net_device, proto: number, vid: number): Errno | undefined {
  return vlan_vid_add(ipvlan_dev_of(dev).phy_dev, proto, vid)
}
export function ipvlan_vlan_rx_kill_vid(dev: net_device, proto: number, vid: number): undefined {
  vlan_vid_del(ipvlan_dev_of(dev).phy_dev, proto, vid)
}
export function ipvlan_get_iflink(dev: net_device): number {
  return ipvlan_dev_of(dev).phy_dev.ifindex
}
export function ipvlan_get_link_net(dev: net_device): net {
  return ipvlan_dev_of(dev).phy_dev.nd_net
}

export function ipvlan_ethtool_get_drvinfo(): ethtool_drvinfo {
  return { driver: 'ipvlan', version: '0.1' }
}
export function ipvlan_ethtool_get_link_ksettings(dev: net_device) {
  const { phy_dev } = ipvlan_dev_of(dev)
  return phy_dev.ethtool_ops?.get_link_ksettings?.(phy_dev) ?? EOPNOTSUPP
}
export function ipvlan_ethtool_get_msglevel(dev: net_device): number {
  return ipvlan_dev_of(dev).msg_enable
}
export function ipvlan_ethtool_set_msglevel(dev: net_device, level: number): void {
  ipvlan_dev_of(dev).msg_enable = level
}
export const ipvlan_ethtool_ops: ethtool_ops = {
  name: 'ipvlan_ethtool_ops',
  get_link: ethtool_op_get_link,
  get_link_ksettings: ipvlan_ethtool_get_link_ksettings,
  get_drvinfo: ipvlan_ethtool_get_drvinfo,
  get_msglevel: ipvlan_ethtool_get_msglevel,
  set_msglevel: ipvlan_ethtool_set_msglevel,
}
/** No address can be set: it is the lower device's. */
export const ipvlan_netdev_ops: net_device_ops = {
  name: 'ipvlan_netdev_ops',
  ndo_init: ipvlan_init,
  ndo_uninit: ipvlan_uninit,
  ndo_open: ipvlan_open,
  ndo_stop: ipvlan_stop,
  ndo_start_xmit: ipvlan_start_xmit,
  ndo_get_stats64: ipvlan_get_stats64,
  ndo_fix_features: ipvlan_fix_features,
  ndo_change_rx_flags: ipvlan_change_rx_flags,
  ndo_set_rx_mode: ipvlan_set_multicast_mac_filter,
  ndo_vlan_rx_add_vid: ipvlan_vlan_rx_add_vid,
  ndo_vlan_rx_kill_vid: ipvlan_vlan_rx_kill_vid,
  ndo_get_iflink: ipvlan_get_iflink,
}

export function ipvlan_link_setup(dev: net_device): void {
  ether_setup(dev)
  dev.priv = new ipvlan_dev()
  dev.max_mtu = NETIF_MAX_MTU_ETH
  dev.priv_flags &= ~(IFF_XMIT_DST_RELEASE | IFF_TX_SKB_SHARING)
  dev.priv_flags |= IFF_UNICAST_FLT | IFF_NO_QUEUE
  dev.netdev_ops = ipvlan_netdev_ops
  dev.header_ops = ipvlan_header_ops
  dev.needs_free_netdev = true
  dev.ethtool_ops = ipvlan_ethtool_ops
}
export function ipvtap_setup(dev: net_device): void {
  ipvlan_link_setup(dev)
  dev.tx_queue_len = TUN_READQ_SIZE
  dev.priv_flags &= ~IFF_NO_QUEUE
}

export const ipvlan_nl_policy = policy(IFLA_IPVLAN, { IFLA_IPVLAN_MODE: NLA_U16, IFLA_IPVLAN_FLAGS: NLA_U16 }, { name: 'ipvlan_nl_policy' })
/** Private and VEPA exclude each other. */
export function ipvlan_nl_validate(_tb: AttrTable, data: AttrTable | undefined): Errno | undefined {
  if (data === undefined) return undefined
  if ((data.get(IFLA_IPVLAN_MODE) ?? 0) >= IPVLAN_MODE_MAX) return EINVAL
  const flags = data.get(IFLA_IPVLAN_FLAGS) ?? 0
  const both = IPVLAN_F_PRIVATE | IPVLAN_F_VEPA
  return flags & ~both || (flags & both) === both ? EINVAL : undefined
}
export function ipvlan_nl_changelink(
  dev: net_device,
  _tb: AttrTable,
  data: AttrTable | undefined,
  extack: netlink_ext_ack,
): Errno | undefined {
  if (data === undefined) return undefined
  const port = ipvlan_port_get(ipvlan_dev_of(dev).phy_dev)
  const mode = data.get(IFLA_IPVLAN_MODE)
  const error = mode === undefined ? undefined : ipvlan_set_port_mode(port, mode, extack)
  if (isErrno(error)) return error
  port.flags = data.get(IFLA_IPVLAN_FLAGS) ?? port.flags
  return undefined
}

/** The device to lie upon; that of an ipvlan is taken in its place. */
function lower_of(src_net: net, tb: AttrTable): net_device | Errno {
  const index = tb.get(IFLA_LINK)
  if (index === undefined) return EINVAL
  const phy_dev = __dev_get_by_index(src_net, index)
  if (phy_dev === undefined) return ENODEV
  if (phy_dev.netdev_ops === ipvlan_netdev_ops) return ipvlan_dev_of(phy_dev).phy_dev
  if (netif_is_ipvlan_port(phy_dev)) return phy_dev
  if (phy_dev.type !== ARPHRD_ETHER || phy_dev.flags & IFF_LOOPBACK) {
    netdev_err(phy_dev, 'Master is either lo or non-ether device')
    return EINVAL
  }
  if (netdev_is_rx_handler_busy(phy_dev)) {
    netdev_err(phy_dev, 'Device is already in use.')
    return EBUSY
  }
  return phy_dev
}
/** Mode and flags are the port's: the latest request decides for all. */
export function ipvlan_link_new(
  src_net: net,
  dev: net_device,
  tb: AttrTable,
  data: AttrTable | undefined,
  extack: netlink_ext_ack,
): Errno | undefined {
  const phy_dev = lower_of(src_net, tb)
  if (isErrno(phy_dev)) return phy_dev
  const ipvlan = ipvlan_dev_of(dev)
  ipvlan.phy_dev = phy_dev
  if (!tb.has(IFLA_MTU)) dev.mtu = phy_dev.mtu
  eth_hw_addr_set(dev, phy_dev.dev_addr)
  dev.priv_flags |= IFF_NO_RX_HANDLER
  const error = register_netdevice(dev)
  if (isErrno(error)) return error
  const port = ipvlan_port_get(phy_dev)
  ipvlan.port = port
  dev.dev_id = ipvlan_alloc_dev_id(port)
  const failed = link(dev, phy_dev, data, extack)
  if (isErrno(failed)) unregister_netdevice(dev)
  return failed
}
function link(dev: net_device, phy_dev: net_device, data: AttrTable | undefined, extack: netlink_ext_ack): Errno | undefined {
  const port = ipvlan_port_get(phy_dev)
  const error = netdev_upper_dev_link(phy_dev, dev, extack)
  if (isErrno(error)) return error
  port.flags = data?.get(IFLA_IPVLAN_FLAGS) ?? port.flags
  const refused = ipvlan_set_port_mode(port, data?.get(IFLA_IPVLAN_MODE) ?? IPVLAN_MODE_L3, extack)
  if (isErrno(refused)) {
    netdev_upper_dev_unlink(phy_dev, dev)
    return refused
  }
  port.ipvlans.push(dev)
  netif_stacked_transfer_operstate(phy_dev, dev)
  return undefined
}
export function ipvlan_link_delete(dev: net_device, list: net_device[]): void {
  const { phy_dev, port } = ipvlan_dev_of(dev)
  if (port !== undefined) {
    port.dev_ids.delete(dev.dev_id)
    port.ipvlans = port.ipvlans.filter((other) => other !== dev)
  }
  unregister_netdevice_queue(dev, list)
  netdev_upper_dev_unlink(phy_dev, dev)
}
export function ipvlan_nl_fillinfo(skb: MessageBuilder, dev: net_device): void {
  const port = ipvlan_port_get(ipvlan_dev_of(dev).phy_dev)
  skb.put(IFLA_IPVLAN_MODE, port.mode)
  skb.put(IFLA_IPVLAN_FLAGS, port.flags)
}

export const ipvlan_link_ops: rtnl_link_ops = {
  kind: 'ipvlan',
  policy: ipvlan_nl_policy,
  setup: ipvlan_link_setup,
  validate: ipvlan_nl_validate,
  newlink: ipvlan_link_new,
  changelink: ipvlan_nl_changelink,
  dellink: ipvlan_link_delete,
  fill_info: ipvlan_nl_fillinfo,
  get_link_net: ipvlan_get_link_net,
}
/** The tap takes the device's own packets, before it becomes one that nobody else may take them of. */
export function ipvtap_newlink(
  src_net: net,
  dev: net_device,
  tb: AttrTable,
  data: AttrTable | undefined,
  extack: netlink_ext_ack,
): Errno | undefined {
  return tap_newlink(dev, () => ipvlan_link_new(src_net, dev, tb, data, extack))
}
export function ipvtap_dellink(dev: net_device, list: net_device[]): void {
  tap_dellink(dev)
  ipvlan_link_delete(dev, list)
}
export const ipvtap_link_ops: rtnl_link_ops = {
  ...ipvlan_link_ops,
  kind: 'ipvtap',
  setup: ipvtap_setup,
  newlink: ipvtap_newlink,
  dellink: ipvtap_dellink,
}

export function ipvlan_init_module(kernel: Kernel): Errno | undefined {
  const error = register_netdevice_notifier(kernel, new notifier_block(ipvlan_device_event, kernel))
  return isErrno(error) ? error : rtnl_link_register(kernel, ipvlan_link_ops)
}
export function ipvtap_init(kernel: Kernel): Errno | undefined {
  return tap_class_register(kernel, ipvtap_class) ?? rtnl_link_register(kernel, ipvtap_link_ops)
}
