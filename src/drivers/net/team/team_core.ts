/** drivers/net/team/team_core.c: teams, which programs steer by options instead of a policy in the kernel. */
import { timer_delete } from '../../../kernel/time.ts'
import type { Kernel } from '../../../kernel/kernel.ts'
import { NOTIFY_BAD, NOTIFY_DONE, notifier_block } from '../../../kernel/notifier.ts'
import type { AttrTable } from '../../../lib/attrs.ts'
import { vlan_vid_add, vlan_vid_del } from '../../../net/8021q/vlan_core.ts'
import {
  call_netdevice_notifiers,
  dev_get_tstats64,
  dev_mc_sync_multiple,
  dev_mc_unsync,
  dev_set_allmulti,
  dev_set_mtu,
  dev_set_promiscuity,
  dev_sw_netstats_tx_add,
  dev_uc_sync_multiple,
  dev_uc_unsync,
  netdev_change_features,
  netif_carrier_off,
  netif_carrier_on,
  netif_oper_up,
  netif_running,
  register_netdevice,
  register_netdevice_notifier,
} from '../../../net/core/dev.ts'
import { netdev_add_tso_features, netdev_base_features, netdev_increment_features } from '../../../net/core/dev_stacked.ts'
import { dev_tstats } from '../../../net/core/dev_stats.ts'
import { type ethtool_drvinfo, type ethtool_link_ksettings, type ethtool_ops, ethtool_op_get_link } from '../../../net/core/ethtool_ops.ts'
import type { net } from '../../../net/core/net_namespace.ts'
import * as F from '../../../net/core/netdev_features_bits.ts'
import * as N from '../../../net/core/netdevice.ts'
import type { net_device, net_device_ops, netdev_notifier_info } from '../../../net/core/netdevice.ts'
import { rtnl_link_register } from '../../../net/core/rtnetlink.ts'
import type { rtnl_link_ops } from '../../../net/core/rtnl_link_ops.ts'
import { kfree_skb, type sk_buff } from '../../../net/core/skbuff.ts'
import { eth_hw_addr_random, ether_setup, is_valid_ether_addr } from '../../../net/ethernet/eth.ts'
import type { netlink_ext_ack } from '../../../net/netlink/extack.ts'
import { genl_register_family } from '../../../net/netlink/genetlink.ts'
import { EADDRNOTAVAIL, type Errno, isErrno } from '../../../uapi/errno.ts'
import { DUPLEX_UNKNOWN, PORT_OTHER, SPEED_UNKNOWN } from '../../../uapi/linux/ethtool.ts'
import { IFF_ALLMULTI, IFF_PROMISC } from '../../../uapi/linux/if.ts'
import { ARPHRD_ETHER } from '../../../uapi/linux/if_arp.ts'
import { IFLA_ADDRESS } from '../../../uapi/linux/if_link.ts'
import { UTS_RELEASE } from '../../../uapi/linux/utsname.ts'
import { validate_ether_address } from '../link_address.ts'
import { team, team_of, type team_port, team_port_txable } from './team.ts'
import { take_team_address, team_mode_of } from './team_modes.ts'
import { team_nl_family } from './team_nl.ts'
import { team_nl_send_event_options } from './team_nl_send.ts'
import { team_options_register } from './team_options.ts'
import {
  __team_compute_features,
  TEAM_VLAN_FEATURES,
  team_port_add,
  team_port_change_check,
  team_port_del,
  team_port_get,
} from './team_port.ts'

const TEAM_QUEUES = 16
const NETDEV_RESEND_IGMP = 0x16

export function is_team(dev: net_device): boolean {
  return dev.netdev_ops === team_netdev_ops
}

export function team_init(dev: net_device): Errno | undefined {
  const made = new team(dev)
  dev.priv = made
  team_options_register(made)
  team_nl_send_event_options(made)
  netif_carrier_off(dev)
  return undefined
}
export function team_uninit(dev: net_device): void {
  const team = team_of(dev)
  for (const port of [...team.port_list]) team_port_del(team, port.dev)
  if (team.lb !== undefined) timer_delete(team.lb.refresh)
  netdev_change_features(dev)
}
export function team_open(_dev: net_device): undefined {}
/** The addresses that ports have for the team's sake go from them. */
export function team_close(dev: net_device): undefined {
  for (const port of team_of(dev).port_list) {
    dev_uc_unsync(port.dev, dev)
    dev_mc_unsync(port.dev, dev)
  }
}

/** Without a mode, or an enabled port, packets are dropped. */
export function team_xmit(skb: sk_buff, dev: net_device): number {
  const team = team_of(dev)
  const { transmit } = team_mode_of(team)
  const { len } = skb
  if (transmit === undefined || team.en_ports.length === 0) {
    kfree_skb(skb)
    dev_tstats(dev).tx_dropped++
  } else if (transmit(team, skb)) {
    dev_sw_netstats_tx_add(dev, 1, len)
  } else {
    dev_tstats(dev).tx_dropped++
  }
  return N.NETDEV_TX_OK
}
export function team_change_rx_flags(dev: net_device, change: number): void {
  for (const port of team_of(dev).port_list) {
    if (change & IFF_PROMISC) dev_set_promiscuity(port.dev, dev.flags & IFF_PROMISC ? 1 : -1)
    if (change & IFF_ALLMULTI) dev_set_allmulti(port.dev, dev.flags & IFF_ALLMULTI ? 1 : -1)
  }
}
export function team_set_rx_mode(dev: net_device): void {
  for (const port of team_of(dev).port_list) {
    dev_uc_sync_multiple(port.dev, dev)
    dev_mc_sync_multiple(port.dev, dev)
  }
}
export function team_set_mac_address(dev: net_device, addr: Uint8Array): Errno | undefined {
  if (dev.type === ARPHRD_ETHER && !is_valid_ether_addr(addr)) return EADDRNOTAVAIL
  dev.dev_addr.set(addr.subarray(0, dev.addr_len))
  const team = team_of(dev)
  for (const port of team.port_list) take_team_address(team, port)
  return undefined
}
/** All ports or none. */
function all_or_none(
  team: team,
  does: (port: net_device) => Errno | undefined | void,
  undoes: (port: net_device) => void,
): Errno | undefined {
  const done: team_port[] = []
  for (const port of team.port_list) {
    const error = does(port.dev)
    if (isErrno(error)) {
      for (const other of done.reverse()) undoes(other.dev)
      return error
    }
    done.push(port)
  }
  return undefined
}
export function team_change_mtu(dev: net_device, new_mtu: number): Errno | undefined {
  const team = team_of(dev)
  const before = dev.mtu
  team.port_mtu_change_allowed = true
  const error = all_or_none(
    team,
    (port) => dev_set_mtu(port, new_mtu),
    (port) => dev_set_mtu(port, before),
  )
  team.port_mtu_change_allowed = false
  if (!isErrno(error)) dev.mtu = new_mtu
  return error
}
export function team_vlan_rx_add_vid(dev: net_device, proto: number, vid: number): Errno | undefined {
  return all_or_none(
    team_of(dev),
    (port) => vlan_vid_add(port, proto, vid),
    (port) => vlan_vid_del(port, proto, vid),
  )
}
export function team_vlan_rx_kill_vid(dev: net_device, proto: number, vid: number): undefined {
  for (const port of team_of(dev).port_list) vlan_vid_del(port.dev, proto, vid)
}
export function team_add_slave(dev: net_device, port_dev: net_device, extack?: netlink_ext_ack): Errno | undefined {
  const error = team_port_add(team_of(dev), port_dev, extack)
  if (!isErrno(error)) netdev_change_features(dev)
  return error
}
export function team_del_slave(dev: net_device, port_dev: net_device): Errno | undefined {
  const error = team_port_del(team_of(dev), port_dev)
  if (!isErrno(error)) netdev_change_features(dev)
  return error
}
/** Measured, as of a bond: without ports nothing but the base remains. */
export function team_fix_features(dev: net_device, mask: bigint): bigint {
  let features = netdev_base_features(mask)
  const { port_list } = team_of(dev)
  if (port_list.length === 0) return features
  for (const port of port_list) features = netdev_increment_features(features, port.dev.features, mask)
  return netdev_add_tso_features(features, mask)
}
export function team_change_carrier(dev: net_device, new_carrier: boolean): undefined {
  team_of(dev).user_carrier_enabled = true
  if (new_carrier) netif_carrier_on(dev)
  else netif_carrier_off(dev)
}
export const team_netdev_ops: net_device_ops = {
  name: 'team_netdev_ops',
  ndo_init: team_init,
  ndo_uninit: team_uninit,
  ndo_open: team_open,
  ndo_stop: team_close,
  ndo_start_xmit: team_xmit,
  ndo_change_rx_flags: team_change_rx_flags,
  ndo_set_rx_mode: team_set_rx_mode,
  ndo_set_mac_address: team_set_mac_address,
  ndo_change_mtu: team_change_mtu,
  ndo_get_stats64: dev_get_tstats64,
  ndo_vlan_rx_add_vid: team_vlan_rx_add_vid,
  ndo_vlan_rx_kill_vid: team_vlan_rx_kill_vid,
  ndo_add_slave: team_add_slave,
  ndo_del_slave: team_del_slave,
  ndo_fix_features: team_fix_features,
  ndo_change_carrier: team_change_carrier,
}

export function team_ethtool_get_drvinfo(): ethtool_drvinfo {
  return { driver: 'team', version: UTS_RELEASE }
}
export function team_ethtool_get_link_ksettings(dev: net_device): ethtool_link_ksettings {
  let speed = 0
  let duplex = DUPLEX_UNKNOWN
  for (const port of team_of(dev).port_list.filter(team_port_txable)) {
    if (port.state.speed !== SPEED_UNKNOWN) speed += port.state.speed
    if (duplex === DUPLEX_UNKNOWN) duplex = port.state.duplex
  }
  return { speed: speed || SPEED_UNKNOWN, duplex, port: PORT_OTHER, autoneg: 0 }
}
export const team_ethtool_ops: ethtool_ops = {
  name: 'team_ethtool_ops',
  get_drvinfo: team_ethtool_get_drvinfo,
  get_link: ethtool_op_get_link,
  get_link_ksettings: team_ethtool_get_link_ksettings,
}

export function team_setup(dev: net_device): void {
  ether_setup(dev)
  dev.max_mtu = N.NETIF_MAX_MTU_ETH
  dev.netdev_ops = team_netdev_ops
  dev.ethtool_ops = team_ethtool_ops
  dev.needs_free_netdev = true
  dev.priv_flags &= ~(N.IFF_XMIT_DST_RELEASE | N.IFF_TX_SKB_SHARING)
  dev.priv_flags |= N.IFF_NO_QUEUE | N.IFF_TEAM | N.IFF_UNICAST_FLT | N.IFF_LIVE_ADDR_CHANGE
  dev.lltx = true
  dev.netns_local = true
  dev.features |= F.NETIF_F_GRO
  dev.hw_features =
    TEAM_VLAN_FEATURES |
    F.NETIF_F_GSO_ENCAP_ALL |
    F.NETIF_F_HW_VLAN_CTAG_RX |
    F.NETIF_F_HW_VLAN_CTAG_FILTER |
    F.NETIF_F_HW_VLAN_STAG_RX |
    F.NETIF_F_HW_VLAN_STAG_FILTER
  dev.features |= dev.hw_features | F.NETIF_F_HW_VLAN_CTAG_TX | F.NETIF_F_HW_VLAN_STAG_TX
}
export function team_newlink(_src_net: net, dev: net_device, tb: AttrTable): Errno | undefined {
  if (!tb.has(IFLA_ADDRESS)) eth_hw_addr_random(dev)
  return register_netdevice(dev)
}
export function team_get_num_queues(): number {
  return TEAM_QUEUES
}
export const team_link_ops: rtnl_link_ops = {
  kind: 'team',
  setup: team_setup,
  validate: validate_ether_address,
  newlink: team_newlink,
  get_num_tx_queues: team_get_num_queues,
  get_num_rx_queues: team_get_num_queues,
}

/** What happens to a port. */
export function team_device_event(_nb: notifier_block, event: number, { dev }: netdev_notifier_info): number {
  const port = team_port_get(dev)
  if (port === undefined) return NOTIFY_DONE
  const { team } = port
  switch (event) {
    case N.NETDEV_UP:
      if (netif_oper_up(dev)) team_port_change_check(port, true)
      break
    case N.NETDEV_DOWN:
      team_port_change_check(port, false)
      break
    case N.NETDEV_CHANGE:
      if (netif_running(dev)) team_port_change_check(port, netif_oper_up(dev))
      break
    case N.NETDEV_UNREGISTER:
      team_del_slave(team.dev, dev)
      break
    case N.NETDEV_FEAT_CHANGE:
      if (team.notifier_ctx) break
      team.notifier_ctx = true
      __team_compute_features(team)
      netdev_change_features(team.dev)
      team.notifier_ctx = false
      break
    case N.NETDEV_PRECHANGEMTU:
      return team.port_mtu_change_allowed ? NOTIFY_DONE : NOTIFY_BAD
    case N.NETDEV_PRE_TYPE_CHANGE:
      return NOTIFY_BAD
    case NETDEV_RESEND_IGMP:
      call_netdevice_notifiers(event, team.dev)
      break
  }
  return NOTIFY_DONE
}

export function team_module_init(kernel: Kernel): Errno | undefined {
  register_netdevice_notifier(kernel, new notifier_block(team_device_event, kernel))
  return rtnl_link_register(kernel, team_link_ops) ?? genl_register_family(kernel, team_nl_family)
}
