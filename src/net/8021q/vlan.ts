/** net/8021q/vlan.c: VLAN devices come and go, and follow the device that they lie upon. */
import type { proc_dir_entry } from '../../fs/proc_net.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { NOTIFY_BAD, NOTIFY_DONE, notifier_block, notifier_from_errno } from '../../kernel/notifier.ts'
import { EEXIST, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_UP } from '../../uapi/linux/if.ts'
import { ARPHRD_ETHER } from '../../uapi/linux/if_arp.ts'
import { ETH_P_8021Q } from '../../uapi/linux/if_ether.ts'
import {
  VLAN_FLAG_BRIDGE_BINDING,
  VLAN_FLAG_GVRP,
  VLAN_FLAG_LOOSE_BINDING,
  VLAN_FLAG_MVRP,
  VLAN_NAME_TYPE_RAW_PLUS_VID_NO_PAD,
} from '../../uapi/linux/if_vlan.ts'
import { netdev_upper_dev_link, netdev_upper_dev_unlink } from '../core/dev_adjacent.ts'
import { dev_uc_add, dev_uc_del } from '../core/dev_addr_lists.ts'
import { netif_inherit_tso_max } from '../core/dev_alloc.ts'
import { dev_set_mtu } from '../core/dev_config.ts'
import { call_netdevice_notifiers, register_netdevice_notifier } from '../core/dev_notifier.ts'
import { dev_change_flags, dev_close_many, dev_get_flags } from '../core/dev_open.ts'
import { register_netdevice, unregister_netdevice_many, unregister_netdevice_queue } from '../core/dev_register.ts'
import { netif_stacked_transfer_operstate } from '../core/dev_stacked.ts'
import { linkwatch_fire_event } from '../core/link_watch.ts'
import { type net, type pernet_operations, register_pernet_subsys } from '../core/net_namespace.ts'
import { netdev_update_features } from '../core/netdev_features.ts'
import * as F from '../core/netdev_features_bits.ts'
import {
  IFF_XMIT_DST_RELEASE,
  NETDEV_BONDING_FAILOVER,
  NETDEV_CHANGE,
  NETDEV_CHANGEADDR,
  NETDEV_CHANGEMTU,
  NETDEV_CHANGENAME,
  NETDEV_CHANGEUPPER,
  NETDEV_DOWN,
  NETDEV_FEAT_CHANGE,
  NETDEV_NOTIFY_PEERS,
  NETDEV_PRECHANGEUPPER,
  NETDEV_PRE_TYPE_CHANGE,
  NETDEV_REGISTER,
  NETDEV_RESEND_IGMP,
  NETDEV_UNREGISTER,
  NETDEV_UP,
  NETREG_UNREGISTERING,
  type net_device,
  type netdev_notifier_info,
} from '../core/netdevice.ts'
import { rtnl_link_register } from '../core/rtnetlink.ts'
import { ether_addr_equal } from '../ethernet/eth.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import {
  type vlan_info,
  vlan_devices,
  vlan_find_dev,
  vlan_group_set_device,
  vlan_uses_dev,
  vlan_vid_add,
  vlan_vid_del,
} from './vlan_core.ts'
import { vlan_do_receive } from './vlan_do_receive.ts'
import { is_vlan_dev, vlan_dev_inherit_address, vlan_dev_priv_of, vlan_tnl_features } from './vlan_dev.ts'
import { vlan_gvrp_init_applicant, vlan_gvrp_request_leave, vlan_gvrp_uninit_applicant } from './vlan_gvrp.ts'
import { vlan_mvrp_init_applicant, vlan_mvrp_request_leave, vlan_mvrp_uninit_applicant } from './vlan_mvrp.ts'
import { vlan_link_ops } from './vlan_netlink.ts'
import { vlan_proc_add_dev, vlan_proc_cleanup, vlan_proc_init, vlan_proc_rem_dev } from './vlanproc.ts'

/** struct vlan_net: what a namespace keeps. */
export class vlan_net {
  /** How vconfig's devices are named. */
  name_type = VLAN_NAME_TYPE_RAW_PLUS_VID_NO_PAD
  proc_vlan_dir: proc_dir_entry | undefined = undefined
  proc_vlan_conf = new Map<net_device, proc_dir_entry>()
}

export function vlan_check_real_dev(real_dev: net_device, proto: number, vlan_id: number, extack?: netlink_ext_ack): Errno | undefined {
  if (real_dev.features & F.NETIF_F_VLAN_CHALLENGED || real_dev.type !== ARPHRD_ETHER) {
    return extack?.fail(EOPNOTSUPP, '8021q: VLANs not supported on device') ?? EOPNOTSUPP
  }
  if (vlan_find_dev(real_dev, proto, vlan_id) !== undefined) return extack?.fail(EEXIST, '8021q: VLAN device already exists') ?? EEXIST
  return undefined
}

/** vlan_stacked_transfer_operstate(): with bridge binding the bridge decides about the carrier. */
function transfer_operstate(real_dev: net_device, dev: net_device): void {
  if (!(vlan_dev_priv_of(dev).flags & VLAN_FLAG_BRIDGE_BINDING)) netif_stacked_transfer_operstate(real_dev, dev)
}

/** The lower device is told (RTM_NEWLINK) when the VLAN is linked to it: after the VLAN itself was registered. */
export function register_vlan_dev(dev: net_device, extack?: netlink_ext_ack): Errno | undefined {
  const { real_dev, vlan_proto, vlan_id } = vlan_dev_priv_of(dev)
  const error = vlan_vid_add(real_dev, vlan_proto, vlan_id)
  if (isErrno(error)) return error
  const info = real_dev.vlan_info as vlan_info
  if (info.devices.size === 0) {
    vlan_gvrp_init_applicant(real_dev)
    vlan_mvrp_init_applicant(real_dev)
  }
  const refused = enter(dev, real_dev, extack)
  if (isErrno(refused)) {
    if (info.devices.size === 0) uninit_applicants(real_dev)
    vlan_vid_del(real_dev, vlan_proto, vlan_id)
    return refused
  }
  transfer_operstate(real_dev, dev)
  // rfc2863_policy() must run, even for a device that is down
  linkwatch_fire_event(dev)
  vlan_group_set_device(info, vlan_proto, vlan_id, dev)
  // what a VLAN never has, as LRO, goes below it as well
  netdev_update_features(dev)
  return undefined
}
function enter(dev: net_device, real_dev: net_device, extack?: netlink_ext_ack): Errno | undefined {
  const error = register_netdevice(dev, extack)
  if (isErrno(error)) return error
  const unlinked = netdev_upper_dev_link(real_dev, dev, extack)
  if (isErrno(unlinked)) unregister_netdevice_many([dev])
  return unlinked
}
function uninit_applicants(real_dev: net_device): void {
  vlan_mvrp_uninit_applicant(real_dev)
  vlan_gvrp_uninit_applicant(real_dev)
}

/** Unlinked first: so the lower device's message comes before the VLAN's last ones. */
export function unregister_vlan_dev(dev: net_device, list?: net_device[]): void {
  const { real_dev, vlan_proto, vlan_id, flags } = vlan_dev_priv_of(dev)
  const info = real_dev.vlan_info as vlan_info
  if (flags & VLAN_FLAG_MVRP) vlan_mvrp_request_leave(dev)
  if (flags & VLAN_FLAG_GVRP) vlan_gvrp_request_leave(dev)
  vlan_group_set_device(info, vlan_proto, vlan_id, undefined)
  netdev_upper_dev_unlink(real_dev, dev)
  unregister_netdevice_queue(dev, list)
  if (info.devices.size === 0) uninit_applicants(real_dev)
  vlan_vid_del(real_dev, vlan_proto, vlan_id)
}

/** vlan_sync_address(): a running VLAN with an address of its own stays in the lower device's list as long as they differ. */
function sync_address(dev: net_device, vlandev: net_device): void {
  const vlan = vlan_dev_priv_of(vlandev)
  if (ether_addr_equal(vlan.real_dev_addr, dev.dev_addr)) return
  if (!vlan_dev_inherit_address(vlandev, dev)) {
    const was_equal = ether_addr_equal(vlandev.dev_addr, vlan.real_dev_addr)
    const is_equal = ether_addr_equal(vlandev.dev_addr, dev.dev_addr)
    if (was_equal && !is_equal) dev_uc_add(dev, vlandev.dev_addr)
    if (!was_equal && is_equal) dev_uc_del(dev, vlandev.dev_addr)
  }
  vlan.real_dev_addr.set(dev.dev_addr.subarray(0, dev.addr_len))
}
function transfer_features(dev: net_device, vlandev: net_device): void {
  netif_inherit_tso_max(vlandev, dev)
  vlandev.hard_header_len = dev.hard_header_len
  vlandev.priv_flags = (vlandev.priv_flags & ~IFF_XMIT_DST_RELEASE) | (dev.priv_flags & IFF_XMIT_DST_RELEASE)
  vlandev.hw_enc_features = vlan_tnl_features(dev)
  netdev_update_features(vlandev)
}
/** The last VLAN is closed first; loosely bound ones stay up. */
function close_vlans(dev: net_device, vlans: readonly net_device[]): void {
  const closing = vlans.filter((v) => v.flags & IFF_UP && !(vlan_dev_priv_of(v).flags & VLAN_FLAG_LOOSE_BINDING)).reverse()
  dev_close_many(closing)
  for (const vlandev of closing) transfer_operstate(dev, vlandev)
}
function open_vlans(dev: net_device, vlans: readonly net_device[], extack: netlink_ext_ack | undefined): void {
  for (const vlandev of vlans) {
    const flags = dev_get_flags(vlandev)
    if (flags & IFF_UP) continue
    if (!(vlan_dev_priv_of(vlandev).flags & VLAN_FLAG_LOOSE_BINDING)) dev_change_flags(vlandev, flags | IFF_UP, extack)
    transfer_operstate(dev, vlandev)
  }
}

/** __vlan_device_event(): of a VLAN device itself: its file. */
function own_event(dev: net_device, event: number): Errno | undefined {
  if (event === NETDEV_CHANGENAME || event === NETDEV_UNREGISTER) vlan_proc_rem_dev(dev)
  return event === NETDEV_CHANGENAME || event === NETDEV_REGISTER ? vlan_proc_add_dev(dev) : undefined
}
/** A device that filters lets priority-tagged frames (VLAN 0) through while it is up. */
function filter_vlan_0(dev: net_device, event: number): void {
  if (!(dev.features & F.NETIF_F_HW_VLAN_CTAG_FILTER)) return
  if (event === NETDEV_UP) {
    dev.nd_net.kernel.pr_info(`8021q: adding VLAN 0 to HW filter on device ${dev.name}`)
    vlan_vid_add(dev, ETH_P_8021Q, 0)
  } else if (event === NETDEV_DOWN) {
    vlan_vid_del(dev, ETH_P_8021Q, 0)
  }
}

/** vlan_device_event(): on the netdev chain. What happens to a device happens to the VLANs upon it, by protocol and id. */
export function vlan_device_event(_nb: notifier_block, event: number, info: netdev_notifier_info): number {
  const { dev } = info
  if (is_vlan_dev(dev)) {
    const error = own_event(dev, event)
    if (isErrno(error)) return notifier_from_errno(error)
  }
  filter_vlan_0(dev, event)
  // one VLAN more or less is nothing to the others
  const linked = event === NETDEV_PRECHANGEUPPER || event === NETDEV_CHANGEUPPER
  if (dev.vlan_info === undefined || linked) return NOTIFY_DONE
  return lower_event(dev, vlan_devices(dev.vlan_info), event, info)
}
function lower_event(dev: net_device, vlans: readonly net_device[], event: number, info: netdev_notifier_info): number {
  switch (event) {
    case NETDEV_CHANGE:
      for (const vlandev of vlans) transfer_operstate(dev, vlandev)
      break
    case NETDEV_CHANGEADDR:
      for (const vlandev of vlans) if (vlandev.flags & IFF_UP) sync_address(dev, vlandev)
      break
    case NETDEV_CHANGEMTU:
      for (const vlandev of vlans) if (vlandev.mtu > dev.mtu) dev_set_mtu(vlandev, dev.mtu)
      break
    case NETDEV_FEAT_CHANGE:
      for (const vlandev of vlans) transfer_features(dev, vlandev)
      break
    case NETDEV_DOWN:
      close_vlans(dev, vlans)
      break
    case NETDEV_UP:
      open_vlans(dev, vlans, info.extack)
      break
    case NETDEV_UNREGISTER:
      unregister_all(dev, vlans)
      break
    case NETDEV_PRE_TYPE_CHANGE:
      return vlan_uses_dev(dev) ? NOTIFY_BAD : NOTIFY_DONE
    case NETDEV_NOTIFY_PEERS:
    case NETDEV_BONDING_FAILOVER:
    case NETDEV_RESEND_IGMP:
      for (const vlandev of vlans) call_netdevice_notifiers(event, vlandev)
  }
  return NOTIFY_DONE
}
/** Not when the device only moves to another namespace. */
function unregister_all(dev: net_device, vlans: readonly net_device[]): void {
  if (dev.reg_state !== NETREG_UNREGISTERING) return
  const list: net_device[] = []
  for (const vlandev of vlans) unregister_vlan_dev(vlandev, list)
  unregister_netdevice_many(list)
}

export function vlan_init_net(net: net): Errno | undefined {
  net.vlan = new vlan_net()
  net.vlan.proc_vlan_dir = vlan_proc_init(net)
  return undefined
}
export const vlan_net_ops: pernet_operations = { name: 'vlan_net_ops', init: vlan_init_net, exit: vlan_proc_cleanup }

/** The module's init. */
export function vlan_proto_init(kernel: Kernel): Errno | undefined {
  kernel.pr_info('8021q: 802.1Q VLAN Support v1.8')
  kernel.netdev.vlan_do_receive = vlan_do_receive
  const error =
    register_pernet_subsys(kernel, vlan_net_ops) ?? register_netdevice_notifier(kernel, new notifier_block(vlan_device_event, kernel))
  return isErrno(error) ? error : rtnl_link_register(kernel, vlan_link_ops)
}
