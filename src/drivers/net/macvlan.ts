/** drivers/net/macvlan.c: devices with addresses of their own upon one Ethernet device. */
import type { Kernel } from '../../kernel/kernel.ts'
import { NOTIFY_BAD, NOTIFY_DONE, notifier_block } from '../../kernel/notifier.ts'
import {
  call_netdevice_notifiers,
  dev_mc_sync,
  dev_mc_unsync,
  dev_set_allmulti,
  dev_set_mac_address,
  dev_set_mtu,
  dev_set_promiscuity,
  dev_uc_add,
  dev_uc_del,
  dev_uc_sync,
  dev_uc_unsync,
  netdev_increment_features,
  netdev_update_features,
  netif_inherit_tso_max,
  netif_stacked_transfer_operstate,
  register_netdevice_notifier,
  unregister_netdevice_many,
} from '../../net/core/dev.ts'
import {
  type ethtool_drvinfo,
  type ethtool_ops,
  ethtool_get_ts_info_of,
  ethtool_op_get_link,
  type kernel_ethtool_ts_info,
} from '../../net/core/ethtool_ops.ts'
import type { net } from '../../net/core/net_namespace.ts'
import * as F from '../../net/core/netdev_features_bits.ts'
import {
  IFF_CHANGE_PROTO_DOWN,
  IFF_NO_QUEUE,
  IFF_TX_SKB_SHARING,
  IFF_UNICAST_FLT,
  IFF_XMIT_DST_RELEASE,
  LINK_STATE_DORMANT,
  LINK_STATE_NOCARRIER,
  NETDEV_BONDING_FAILOVER,
  NETDEV_CHANGE,
  NETDEV_CHANGEADDR,
  NETDEV_CHANGEMTU,
  NETDEV_CHANGEUPPER,
  NETDEV_DOWN,
  NETDEV_FEAT_CHANGE,
  NETDEV_NOTIFY_PEERS,
  NETDEV_PRECHANGEUPPER,
  NETDEV_PRE_TYPE_CHANGE,
  NETDEV_RESEND_IGMP,
  NETDEV_UNREGISTER,
  NETDEV_UP,
  NETIF_MAX_MTU_ETH,
  NETREG_UNREGISTERING,
  type net_device,
  type net_device_ops,
  type netdev_notifier_info,
} from '../../net/core/netdevice.ts'
import { dev_mc_add_excl, dev_mc_del, dev_uc_add_excl } from '../../net/core/dev_addr_lists.ts'
import type { fdb_request } from '../../net/core/rtnl_fdb.ts'
import { NLM_F_REPLACE } from '../../uapi/linux/netlink.ts'
import { rtnl_link_register } from '../../net/core/rtnetlink.ts'
import type { rtnl_link_ops } from '../../net/core/rtnl_link_ops.ts'
import { vlan_vid_add, vlan_vid_del } from '../../net/8021q/vlan_core.ts'
import {
  eth_hw_addr_set,
  eth_validate_addr,
  ether_addr_equal,
  ether_setup,
  is_multicast_ether_addr,
  is_valid_ether_addr,
} from '../../net/ethernet/eth.ts'
import { EADDRINUSE, EADDRNOTAVAIL, EINVAL, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_ALLMULTI, IFF_PROMISC, IFF_UP } from '../../uapi/linux/if.ts'
import { ETH_ALEN } from '../../uapi/linux/if_ether.ts'
import { MACVLAN_FLAG_NOPROMISC, MACVLAN_MODE_PASSTHRU } from '../../uapi/linux/if_link_stacked.ts'
import {
  macvlan_changelink,
  macvlan_dellink,
  macvlan_fill_info,
  macvlan_newlink,
  macvlan_policy,
  macvlan_validate,
} from './macvlan_netlink.ts'
import {
  macvlan_addr_busy,
  macvlan_dev,
  macvlan_dev_of,
  macvlan_flush_sources,
  macvlan_port_destroy,
  macvlan_port_get,
  netif_is_macvlan_port,
} from './macvlan_port.ts'
import { macvlan_dev_get_stats64, macvlan_hard_header_ops, macvlan_start_xmit } from './macvlan_xmit.ts'

const ALWAYS_ON =
  F.NETIF_F_SG | F.NETIF_F_HW_CSUM | F.NETIF_F_HIGHDMA | F.NETIF_F_GSO_SOFTWARE | F.NETIF_F_GSO_ROBUST | F.NETIF_F_GSO_ENCAP_ALL
const MACVLAN_FEATURES =
  F.NETIF_F_SG |
  F.NETIF_F_HW_CSUM |
  F.NETIF_F_HIGHDMA |
  F.NETIF_F_FRAGLIST |
  F.NETIF_F_GSO |
  F.NETIF_F_TSO |
  F.NETIF_F_LRO |
  F.NETIF_F_TSO_ECN |
  F.NETIF_F_TSO6 |
  F.NETIF_F_GRO |
  F.NETIF_F_RXCSUM |
  F.NETIF_F_HW_VLAN_CTAG_FILTER |
  F.NETIF_F_HW_VLAN_STAG_FILTER
const MACVLAN_STATE_MASK = LINK_STATE_NOCARRIER | LINK_STATE_DORMANT

export function macvlan_init(dev: net_device): Errno | undefined {
  const { lowerdev, port } = macvlan_dev_of(dev)
  dev.state = (dev.state & ~MACVLAN_STATE_MASK) | (lowerdev.state & MACVLAN_STATE_MASK)
  dev.features = (lowerdev.features & MACVLAN_FEATURES) | ALWAYS_ON
  dev.hw_features |= F.NETIF_F_LRO
  dev.vlan_features = (lowerdev.vlan_features & MACVLAN_FEATURES) | ALWAYS_ON
  dev.hw_enc_features |= dev.features
  dev.lltx = true
  netif_inherit_tso_max(dev, lowerdev)
  dev.hard_header_len = lowerdev.hard_header_len
  port.count++
  return undefined
}
/** The last one takes the port along. */
export function macvlan_uninit(dev: net_device): void {
  const { port } = macvlan_dev_of(dev)
  macvlan_flush_sources(dev)
  if (--port.count === 0) macvlan_port_destroy(port.dev)
}

/** The address is only taken while the device is up: so two may have the same, of which one can be up. */
export function macvlan_open(dev: net_device): Errno | undefined {
  const { lowerdev, port, flags } = macvlan_dev_of(dev)
  if (port.passthru) {
    const error = flags & MACVLAN_FLAG_NOPROMISC ? undefined : dev_set_promiscuity(lowerdev, 1)
    if (isErrno(error)) return error
    port.running.unshift(dev)
    return undefined
  }
  if (macvlan_addr_busy(port, dev.dev_addr)) return EADDRINUSE
  const error = dev_uc_add(lowerdev, dev.dev_addr) ?? take_flags(dev, lowerdev)
  if (!isErrno(error)) port.running.unshift(dev)
  return error
}
function take_flags(dev: net_device, lowerdev: net_device): Errno | undefined {
  let error = dev.flags & IFF_ALLMULTI ? dev_set_allmulti(lowerdev, 1) : undefined
  if (!isErrno(error) && dev.flags & IFF_PROMISC) {
    error = dev_set_promiscuity(lowerdev, 1)
    if (isErrno(error) && dev.flags & IFF_ALLMULTI) dev_set_allmulti(lowerdev, -1)
  }
  if (isErrno(error)) dev_uc_del(lowerdev, dev.dev_addr)
  return error
}
export function macvlan_stop(dev: net_device): Errno | undefined {
  const { lowerdev, port, flags } = macvlan_dev_of(dev)
  dev_uc_unsync(lowerdev, dev)
  dev_mc_unsync(lowerdev, dev)
  if (port.passthru) {
    if (!(flags & MACVLAN_FLAG_NOPROMISC)) dev_set_promiscuity(lowerdev, -1)
  } else {
    if (dev.flags & IFF_ALLMULTI) dev_set_allmulti(lowerdev, -1)
    if (dev.flags & IFF_PROMISC) dev_set_promiscuity(lowerdev, -1)
    dev_uc_del(lowerdev, dev.dev_addr)
  }
  port.running = port.running.filter((other) => other !== dev)
  return undefined
}

/** macvlan_sync_address(): a running device changes the lower one's list along. */
export function macvlan_sync_address(dev: net_device, addr: Uint8Array): Errno | undefined {
  const { lowerdev, port } = macvlan_dev_of(dev)
  if (dev.flags & IFF_UP) {
    if (macvlan_addr_busy(port, addr)) return EADDRINUSE
    if (!port.passthru) {
      const error = dev_uc_add(lowerdev, addr)
      if (isErrno(error)) return error
      dev_uc_del(lowerdev, dev.dev_addr)
    }
  }
  eth_hw_addr_set(dev, addr)
  // not asked for by this device: the lower one was given the address, and keeps it
  if (port.passthru && !port.addr_change) port.perm_addr = dev.dev_addr.slice(0, ETH_ALEN)
  port.addr_change = false
  return undefined
}
export function macvlan_set_mac_address(dev: net_device, addr: Uint8Array): Errno | undefined {
  const { lowerdev, port, mode } = macvlan_dev_of(dev)
  if (!is_valid_ether_addr(addr)) return EADDRNOTAVAIL
  if (ether_addr_equal(dev.dev_addr, addr)) return undefined
  if (mode === MACVLAN_MODE_PASSTHRU) {
    port.addr_change = true
    return dev_set_mac_address(lowerdev, addr)
  }
  return macvlan_addr_busy(port, addr) ? EADDRINUSE : macvlan_sync_address(dev, addr)
}
export function macvlan_change_rx_flags(dev: net_device, change: number): void {
  if (!(dev.flags & IFF_UP)) return
  const { lowerdev, port } = macvlan_dev_of(dev)
  if (change & IFF_ALLMULTI) dev_set_allmulti(lowerdev, dev.flags & IFF_ALLMULTI ? 1 : -1)
  if (!port.passthru && change & IFF_PROMISC) dev_set_promiscuity(lowerdev, dev.flags & IFF_PROMISC ? 1 : -1)
}
export function macvlan_set_mac_lists(dev: net_device): void {
  const { lowerdev } = macvlan_dev_of(dev)
  dev_uc_sync(lowerdev, dev)
  dev_mc_sync(lowerdev, dev)
}
export function macvlan_change_mtu(dev: net_device, new_mtu: number): Errno | undefined {
  if (macvlan_dev_of(dev).lowerdev.mtu < new_mtu) return EINVAL
  dev.mtu = new_mtu
  return undefined
}
export function macvlan_vlan_rx_add_vid(dev: net_device, proto: number, vid: number): Errno | undefined {
  return vlan_vid_add(macvlan_dev_of(dev).lowerdev, proto, vid)
}
export function macvlan_vlan_rx_kill_vid(dev: net_device, proto: number, vid: number): undefined {
  vlan_vid_del(macvlan_dev_of(dev).lowerdev, proto, vid)
}
export function macvlan_fix_features(dev: net_device, wanted: bigint): bigint {
  const lower = macvlan_dev_of(dev).lowerdev.features
  const features = wanted | F.NETIF_F_ALL_FOR_ALL
  const joined = netdev_increment_features(lower & (features | ~F.NETIF_F_LRO), features, features)
  return (joined | ALWAYS_ON) & (ALWAYS_ON | MACVLAN_FEATURES)
}
export function macvlan_dev_get_iflink(dev: net_device): number {
  return macvlan_dev_of(dev).lowerdev.ifindex
}
export function macvlan_get_link_net(dev: net_device): net {
  return macvlan_dev_of(dev).lowerdev.nd_net
}

export function macvlan_ethtool_get_drvinfo(): ethtool_drvinfo {
  return { driver: 'macvlan', version: '0.1' }
}
export function macvlan_ethtool_get_link_ksettings(dev: net_device) {
  const { lowerdev } = macvlan_dev_of(dev)
  return lowerdev.ethtool_ops?.get_link_ksettings?.(lowerdev) ?? EINVAL
}
export function macvlan_ethtool_get_ts_info(dev: net_device): kernel_ethtool_ts_info {
  return ethtool_get_ts_info_of(macvlan_dev_of(dev).lowerdev)
}
export const macvlan_ethtool_ops: ethtool_ops = {
  name: 'macvlan_ethtool_ops',
  get_link: ethtool_op_get_link,
  get_link_ksettings: macvlan_ethtool_get_link_ksettings,
  get_drvinfo: macvlan_ethtool_get_drvinfo,
  get_ts_info: macvlan_ethtool_get_ts_info,
}
/** Addresses of its own beside its one: multicast ones, and with passthru any. */
export function macvlan_fdb_add(dev: net_device, { addr, nlh_flags }: fdb_request): Errno | undefined {
  const multicast = is_multicast_ether_addr(addr)
  if ((!multicast && !takes_all(dev)) || nlh_flags & NLM_F_REPLACE) return EOPNOTSUPP
  return multicast ? dev_mc_add_excl(dev, addr) : dev_uc_add_excl(dev, addr)
}
export function macvlan_fdb_del(dev: net_device, { addr }: fdb_request): Errno | undefined {
  const multicast = is_multicast_ether_addr(addr)
  if (!multicast && !takes_all(dev)) return EOPNOTSUPP
  return multicast ? dev_mc_del(dev, addr) : dev_uc_del(dev, addr)
}
function takes_all(dev: net_device): boolean {
  return macvlan_dev_of(dev).port.passthru
}

export const macvlan_netdev_ops: net_device_ops = {
  name: 'macvlan_netdev_ops',
  ndo_init: macvlan_init,
  ndo_uninit: macvlan_uninit,
  ndo_open: macvlan_open,
  ndo_stop: macvlan_stop,
  ndo_start_xmit: macvlan_start_xmit,
  ndo_get_stats64: macvlan_dev_get_stats64,
  ndo_change_mtu: macvlan_change_mtu,
  ndo_fix_features: macvlan_fix_features,
  ndo_change_rx_flags: macvlan_change_rx_flags,
  ndo_set_mac_address: macvlan_set_mac_address,
  ndo_set_rx_mode: macvlan_set_mac_lists,
  ndo_validate_addr: eth_validate_addr,
  ndo_vlan_rx_add_vid: macvlan_vlan_rx_add_vid,
  ndo_vlan_rx_kill_vid: macvlan_vlan_rx_kill_vid,
  ndo_get_iflink: macvlan_dev_get_iflink,
  ndo_fdb_add: macvlan_fdb_add,
  ndo_fdb_del: macvlan_fdb_del,
}

/** macvlan_common_setup(): macvtap's too. */
export function macvlan_common_setup(dev: net_device): void {
  ether_setup(dev)
  dev.priv = new macvlan_dev()
  dev.min_mtu = 0
  dev.max_mtu = NETIF_MAX_MTU_ETH
  dev.priv_flags &= ~(IFF_TX_SKB_SHARING | IFF_XMIT_DST_RELEASE)
  dev.priv_flags |= IFF_UNICAST_FLT | IFF_CHANGE_PROTO_DOWN
  dev.netdev_ops = macvlan_netdev_ops
  dev.header_ops = macvlan_hard_header_ops
  dev.needs_free_netdev = true
  dev.ethtool_ops = macvlan_ethtool_ops
}
export function macvlan_setup(dev: net_device): void {
  macvlan_common_setup(dev)
  dev.priv_flags |= IFF_NO_QUEUE
}

/** macvlan_device_event(): what happens to the lower device. */
export function macvlan_device_event(_nb: notifier_block, event: number, { dev }: netdev_notifier_info): number {
  // one device more or less upon it is nothing to the others
  if (!netif_is_macvlan_port(dev) || event === NETDEV_PRECHANGEUPPER || event === NETDEV_CHANGEUPPER) return NOTIFY_DONE
  const port = macvlan_port_get(dev)
  const vlans = [...port.vlans]
  switch (event) {
    case NETDEV_UP:
    case NETDEV_DOWN:
    case NETDEV_CHANGE:
      for (const vlan of vlans) netif_stacked_transfer_operstate(dev, vlan)
      break
    case NETDEV_FEAT_CHANGE:
      for (const vlan of vlans) {
        netif_inherit_tso_max(vlan, dev)
        netdev_update_features(vlan)
      }
      break
    case NETDEV_CHANGEMTU:
      for (const vlan of vlans) if (vlan.mtu > dev.mtu) dev_set_mtu(vlan, dev.mtu)
      break
    case NETDEV_CHANGEADDR:
      if (port.passthru && vlans.length > 0 && isErrno(macvlan_sync_address(vlans[0], dev.dev_addr))) return NOTIFY_BAD
      break
    case NETDEV_UNREGISTER:
      unregister_all(dev, vlans)
      break
    case NETDEV_PRE_TYPE_CHANGE:
      return NOTIFY_BAD
    case NETDEV_NOTIFY_PEERS:
    case NETDEV_BONDING_FAILOVER:
    case NETDEV_RESEND_IGMP:
      for (const vlan of vlans) call_netdevice_notifiers(event, vlan)
  }
  return NOTIFY_DONE
}
/** Not when the lower device only moves to another namespace. */
function unregister_all(dev: net_device, vlans: readonly net_device[]): void {
  if (dev.reg_state !== NETREG_UNREGISTERING) return
  const list: net_device[] = []
  for (const vlan of vlans) vlan.rtnl_link_ops?.dellink?.(vlan, list)
  unregister_netdevice_many(list)
}

export const macvlan_link_ops: rtnl_link_ops = {
  kind: 'macvlan',
  policy: macvlan_policy,
  setup: macvlan_setup,
  validate: macvlan_validate,
  newlink: macvlan_newlink,
  changelink: macvlan_changelink,
  dellink: macvlan_dellink,
  fill_info: macvlan_fill_info,
  get_link_net: macvlan_get_link_net,
}

export function macvlan_init_module(kernel: Kernel): Errno | undefined {
  const error = register_netdevice_notifier(kernel, new notifier_block(macvlan_device_event, kernel))
  return isErrno(error) ? error : rtnl_link_register(kernel, macvlan_link_ops)
}
