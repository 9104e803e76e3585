/** drivers/net/team/team_core.c: ports come and go, their links and the team's carrier, what the team can do by them. */
import { vlan_uses_dev, vlan_vids_add_by_dev, vlan_vids_del_by_dev } from '../../../net/8021q/vlan_core.ts'
import {
  ask_netdevice_notifiers,
  call_netdevice_notifiers,
  dev_close,
  dev_mc_flush,
  dev_mc_sync_multiple,
  dev_mc_unsync,
  dev_open,
  dev_set_allmulti,
  dev_set_mac_address,
  dev_set_mtu,
  dev_set_promiscuity,
  dev_uc_flush,
  dev_uc_sync_multiple,
  dev_uc_unsync,
  netdev_err,
  netdev_has_upper_dev,
  netdev_info,
  netdev_lower_state_changed,
  netdev_master_upper_dev_link,
  netdev_rx_handler_register,
  netdev_rx_handler_unregister,
  dev_disable_lro,
  netdev_upper_dev_unlink,
  netif_carrier_off,
  netif_carrier_on,
  netif_oper_up,
} from '../../../net/core/dev.ts'
import { netdev_base_features, netdev_increment_features } from '../../../net/core/dev_stacked.ts'
import * as F from '../../../net/core/netdev_features_bits.ts'
import { IFF_TEAM_PORT, NETDEV_POST_TYPE_CHANGE, NETDEV_PRE_TYPE_CHANGE, type net_device } from '../../../net/core/netdevice.ts'
import type { netlink_ext_ack } from '../../../net/netlink/extack.ts'
import { EBUSY, EINVAL, ENOENT, EPERM, type Errno, isErrno } from '../../../uapi/errno.ts'
import {
  IFF_ALLMULTI,
  IFF_BROADCAST,
  IFF_LOOPBACK,
  IFF_MULTICAST,
  IFF_NOARP,
  IFF_POINTOPOINT,
  IFF_PROMISC,
  IFF_UP,
} from '../../../uapi/linux/if.ts'
import { ETH_HLEN } from '../../../uapi/linux/if_ether.ts'
import { type team, team_port, team_port_enabled } from './team.ts'
import { take_team_address, team_mode_of } from './team_modes.ts'
import { team_nl_send_event_options, team_nl_send_event_port } from './team_nl_send.ts'
import { team_option_inst_add_port } from './team_options.ts'
import { team_handle_frame } from './team_receive.ts'

const NETDEV_LAG_HASH_UNKNOWN = 6
export const TEAM_VLAN_FEATURES =
  F.NETIF_F_HW_CSUM | F.NETIF_F_SG | F.NETIF_F_FRAGLIST | F.NETIF_F_GSO_SOFTWARE | F.NETIF_F_HIGHDMA | F.NETIF_F_LRO
const TEAM_ENC_FEATURES = F.NETIF_F_HW_CSUM | F.NETIF_F_SG | F.NETIF_F_RXCSUM | F.NETIF_F_GSO_SOFTWARE

export function team_port_get(dev: net_device): team_port | undefined {
  return dev.priv_flags & IFF_TEAM_PORT ? (dev.rx_handler_data as team_port) : undefined
}

/** __team_compute_features(): nobody is told. */
export function __team_compute_features({ dev, port_list }: team): void {
  const join = (from: bigint, of: (d: net_device) => bigint, all: bigint) =>
    port_list.reduce((features, port) => netdev_increment_features(features, of(port.dev), all), from)
  dev.vlan_features = join(netdev_base_features(TEAM_VLAN_FEATURES), (d) => d.vlan_features, TEAM_VLAN_FEATURES)
  const enc = join(TEAM_ENC_FEATURES, (d) => d.hw_enc_features, TEAM_ENC_FEATURES)
  dev.hw_enc_features = enc | F.NETIF_F_GSO_ENCAP_ALL | F.NETIF_F_HW_VLAN_CTAG_TX | F.NETIF_F_HW_VLAN_STAG_TX
  dev.hard_header_len = Math.max(ETH_HLEN, ...port_list.map((port) => port.dev.hard_header_len))
}

function team_lower_state_changed(port: team_port): void {
  netdev_lower_state_changed(port.dev, { link_up: port.linkup, tx_enabled: team_port_enabled(port) })
}
/** The user's word on a link goes before the device's. */
export function team_refresh_port_linkup(port: team_port): void {
  const linkup = port.user.linkup_enabled ? port.user.linkup : port.state.linkup
  if (port.linkup === linkup) return
  port.linkup = linkup
  team_lower_state_changed(port)
}
export function team_carrier_check(team: team): void {
  if (team.user_carrier_enabled) return
  if (team.port_list.some((port) => port.linkup)) netif_carrier_on(team.dev)
  else netif_carrier_off(team.dev)
}
function port_change_send(port: team_port, linkup: boolean): void {
  port.changed = true
  port.state.linkup = linkup
  team_refresh_port_linkup(port)
  const settings = linkup ? port.dev.ethtool_ops?.get_link_ksettings?.(port.dev) : undefined
  const known = settings !== undefined && !isErrno(settings)
  port.state.speed = known ? settings.speed : 0
  port.state.duplex = known ? settings.duplex : 0
  team_nl_send_event_port(port.team, port)
}
export function team_port_change_check(port: team_port, linkup: boolean): void {
  if (port.state.linkup !== linkup) port_change_send(port, linkup)
  team_carrier_check(port.team)
}

export function team_port_enable(team: team, port: team_port): void {
  if (team_port_enabled(port)) return
  port.index = team.en_ports.length
  team.en_ports.push(port)
  team_lower_state_changed(port)
}
export function team_port_disable(team: team, port: team_port): void {
  if (!team_port_enabled(port)) return
  team.en_ports = team.en_ports.filter((other) => other !== port)
  for (const [index, other] of team.en_ports.entries()) other.index = index
  team_mode_of(team).port_disabled?.(team, port)
  port.index = -1
  team_lower_state_changed(port)
}

function refuse(team: team, extack: netlink_ext_ack | undefined, error: Errno, text: string, log: string): Errno {
  netdev_err(team.dev, log)
  return extack?.fail(error, text) ?? error
}
/** What a device must be to become a port. */
function refused(team: team, port_dev: net_device, extack?: netlink_ext_ack): Errno | undefined {
  const { dev } = team
  const { name } = port_dev
  if (port_dev.flags & IFF_LOOPBACK) {
    const log = `Device ${name} is loopback device. Loopback devices can't be added as a team port`
    return refuse(team, extack, EINVAL, "Loopback device can't be added as a team port", log)
  }
  if (port_dev.priv_flags & IFF_TEAM_PORT) {
    return refuse(team, extack, EBUSY, 'Device is already a port of a team device', `Device ${name} is already a port of a team device`)
  }
  if (dev === port_dev) return refuse(team, extack, EINVAL, 'Cannot enslave team device to itself', 'Cannot enslave team device to itself')
  if (netdev_has_upper_dev(dev, port_dev)) {
    const log = `Device ${name} is already an upper device of the team interface`
    return refuse(team, extack, EBUSY, 'Device is already an upper device of the team interface', log)
  }
  if (port_dev.features & F.NETIF_F_VLAN_CHALLENGED && vlan_uses_dev(dev)) {
    const log = `Device ${name} is VLAN challenged and team device has VLAN set up`
    return refuse(team, extack, EPERM, 'Device is VLAN challenged and team device has VLAN set up', log)
  }
  const type = type_check_change(team, port_dev)
  if (isErrno(type)) return type
  if (port_dev.flags & IFF_UP) {
    const log = `Device ${name} is up. Set it down before adding it as a team port`
    return refuse(team, extack, EBUSY, 'Device is up. Set it down before adding it as a team port', log)
  }
  return undefined
}
/** The first port decides what kind of link the team is. */
function type_check_change(team: team, port_dev: net_device): Errno | undefined {
  const { dev } = team
  if (dev.type === port_dev.type) return undefined
  if (team.port_list.length > 0) {
    netdev_err(dev, `Device ${port_dev.name} is of different type`)
    return EBUSY
  }
  const error = ask_netdevice_notifiers(NETDEV_PRE_TYPE_CHANGE, dev)
  if (isErrno(error)) {
    netdev_err(dev, 'Refused to change device type')
    return error
  }
  dev_uc_flush(dev)
  dev_mc_flush(dev)
  setup_by_port(dev, port_dev)
  call_netdevice_notifiers(NETDEV_POST_TYPE_CHANGE, dev)
  return undefined
}
function setup_by_port(dev: net_device, port_dev: net_device): void {
  dev.header_ops = port_dev.header_ops
  dev.type = port_dev.type
  dev.hard_header_len = port_dev.hard_header_len
  dev.needed_headroom = port_dev.needed_headroom
  dev.addr_len = port_dev.addr_len
  dev.mtu = port_dev.mtu
  dev.broadcast.set(port_dev.broadcast.subarray(0, port_dev.addr_len))
  dev.dev_addr.set(port_dev.dev_addr.subarray(0, port_dev.addr_len))
  const shared = IFF_BROADCAST | IFF_MULTICAST
  const direct = IFF_POINTOPOINT | IFF_NOARP
  if (port_dev.flags & IFF_POINTOPOINT) dev.flags = (dev.flags & ~shared) | direct
  else if ((port_dev.flags & shared) === shared) dev.flags = (dev.flags & ~direct) | shared
}

/** Each step with what takes it back; a step that fails takes back those before it, the last first. */
type Step = readonly [does: () => Errno | undefined | void, undoes: () => void]
function in_steps(steps: readonly Step[]): Errno | undefined {
  for (const [i, [does]] of steps.entries()) {
    const error = does()
    if (!isErrno(error)) continue
    for (const [, undoes] of steps.slice(0, i).reverse()) undoes()
    return error
  }
  return undefined
}

export function team_port_add(team: team, port_dev: net_device, extack?: netlink_ext_ack): Errno | undefined {
  const { dev } = team
  const error = refused(team, port_dev, extack)
  if (isErrno(error)) return error
  const port = new team_port(team, port_dev)
  const failed = in_steps([
    [() => dev_set_mtu(port_dev, dev.mtu), () => dev_set_mtu(port_dev, port.orig.mtu)],
    [() => take_team_address(team, port), () => dev_set_mac_address(port_dev, port.orig.addr)],
    [() => dev_open(port_dev, extack), () => dev_close(port_dev)],
    [() => vlan_vids_add_by_dev(port_dev, dev), () => vlan_vids_del_by_dev(port_dev, dev)],
    [() => disable_lro(team, port_dev), () => undefined],
    [() => netdev_rx_handler_register(port_dev, team_handle_frame, port), () => netdev_rx_handler_unregister(port_dev)],
    [() => upper_dev_link(team, port, extack), () => upper_dev_unlink(team, port)],
    [() => team_option_inst_add_port(team, port), () => (team.options = team.options.filter((inst) => inst.port !== port))],
    [() => (dev.flags & IFF_PROMISC ? dev_set_promiscuity(port_dev, 1) : undefined), () => dev_set_promiscuity(port_dev, -1)],
    [() => (dev.flags & IFF_ALLMULTI ? dev_set_allmulti(port_dev, 1) : undefined), () => undefined],
  ])
  if (isErrno(failed)) return failed
  if (dev.flags & IFF_UP) {
    dev_uc_sync_multiple(port_dev, dev)
    dev_mc_sync_multiple(port_dev, dev)
  }
  team.port_list.push(port)
  team_port_enable(team, port)
  __team_compute_features(team)
  port_change_send(port, netif_oper_up(port_dev))
  team_carrier_check(team)
  team_nl_send_event_options(team)
  netdev_info(dev, `Port device ${port_dev.name} added`)
  return undefined
}
function disable_lro(team: team, port_dev: net_device): void {
  if (!(team.dev.features & F.NETIF_F_LRO)) dev_disable_lro(port_dev)
}
function upper_dev_link(team: team, port: team_port, extack?: netlink_ext_ack): Errno | undefined {
  const info = { tx_type: team_mode_of(team).lag_tx_type, hash_type: NETDEV_LAG_HASH_UNKNOWN }
  const error = netdev_master_upper_dev_link(port.dev, team.dev, undefined, info, extack)
  if (!isErrno(error)) port.dev.priv_flags |= IFF_TEAM_PORT
  return error
}
function upper_dev_unlink(team: team, port: team_port): void {
  netdev_upper_dev_unlink(port.dev, team.dev)
  port.dev.priv_flags &= ~IFF_TEAM_PORT
}

export function team_port_del(team: team, port_dev: net_device): Errno | undefined {
  const { dev } = team
  const port = team_port_get(port_dev)
  if (port === undefined || !team.port_list.includes(port)) {
    netdev_err(dev, `Device ${port_dev.name} does not act as a port of this team`)
    return ENOENT
  }
  team_port_disable(team, port)
  team.port_list = team.port_list.filter((other) => other !== port)
  if (team.active_port === port) team.active_port = undefined
  if (dev.flags & IFF_PROMISC) dev_set_promiscuity(port_dev, -1)
  if (dev.flags & IFF_ALLMULTI) dev_set_allmulti(port_dev, -1)
  upper_dev_unlink(team, port)
  netdev_rx_handler_unregister(port_dev)
  vlan_vids_del_by_dev(port_dev, dev)
  if (dev.flags & IFF_UP) {
    dev_uc_unsync(port_dev, dev)
    dev_mc_unsync(port_dev, dev)
  }
  dev_close(port_dev)
  for (const inst of team.options.filter((other) => other.port === port)) inst.changed = inst.removed = true
  team_nl_send_event_options(team)
  team.options = team.options.filter((inst) => inst.port !== port)
  port.removed = true
  port_change_send(port, false)
  team_carrier_check(team)
  dev_set_mac_address(port_dev, port.orig.addr)
  dev_set_mtu(port_dev, port.orig.mtu)
  netdev_info(dev, `Port device ${port_dev.name} removed`)
  __team_compute_features(team)
  return undefined
}
