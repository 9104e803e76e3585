/**
 * drivers/net/vxlan/vxlan_core.c: Ethernet (or whatever the header says) in UDP, by a network's number. Settings are in
 * vxlan_config.ts, requests in vxlan_netlink.ts, the forwarding table in vxlan_fdb.ts, sockets in vxlan_sock.ts.
 */
import type { Kernel } from '../../../kernel/kernel.ts'
import { NOTIFY_DONE, notifier_block, raw_notifier_chain_register } from '../../../kernel/notifier.ts'
import { mod_timer, NSEC_PER_JIFFY, NSEC_PER_SEC, timer_delete } from '../../../kernel/time.ts'
import type { AttrTable } from '../../../lib/attrs.ts'
import {
  __dev_get_by_index,
  dev_get_tstats64,
  netif_carrier_ok,
  netif_running,
  register_netdevice_notifier,
  unregister_netdevice_batch,
  unregister_netdevice_many,
} from '../../../net/core/dev.ts'
import type { ethtool_drvinfo, ethtool_link_ksettings, ethtool_ops } from '../../../net/core/ethtool_ops.ts'
import { type net, type pernet_operations, register_pernet_subsys } from '../../../net/core/net_namespace.ts'
import * as F from '../../../net/core/netdev_features_bits.ts'
import {
  IFF_CHANGE_PROTO_DOWN,
  IFF_LIVE_ADDR_CHANGE,
  IFF_NO_QUEUE,
  IFF_TX_SKB_SHARING,
  IFF_XMIT_DST_RELEASE,
  NETDEV_UNREGISTER,
  type net_device,
  type net_device_ops,
  type netdev_notifier_info,
} from '../../../net/core/netdevice.ts'
import { rtnl_link_register } from '../../../net/core/rtnetlink.ts'
import type { rtnl_link_ops } from '../../../net/core/rtnl_link_ops.ts'
import { eth_hw_addr_random, eth_mac_addr, eth_validate_addr, ether_setup } from '../../../net/ethernet/eth.ts'
import { NEXTHOP_EVENT_DEL, type nh_notifier_info } from '../../../net/core/nexthop_notifier.ts'
import type { netlink_ext_ack } from '../../../net/netlink/extack.ts'
import { EINVAL, EOPNOTSUPP, type Errno, isErrno } from '../../../uapi/errno.ts'
import { IFF_MULTICAST, IFF_NOARP, IFF_POINTOPOINT } from '../../../uapi/linux/if.ts'
import { ARPHRD_NONE } from '../../../uapi/linux/if_arp.ts'
import { ETH_MIN_MTU } from '../../../uapi/linux/if_ether.ts'
import { NTF_EXT_LEARNED, NUD_NOARP, NUD_PERMANENT, NUD_STALE } from '../../../uapi/linux/neighbour.ts'
import { vxlan_nl2conf } from './vxlan_config.ts'
import { vxlan_fdb_all, vxlan_fdb_delete_default, vxlan_fdb_destroy, vxlan_fdb_nh_flush } from './vxlan_fdb.ts'
import {
  vxlan_fdb_add,
  vxlan_fdb_delete,
  vxlan_fdb_delete_bulk,
  vxlan_fdb_dump,
  vxlan_fdb_flush_desc,
  vxlan_fdb_get,
  vxlan_flush,
} from './vxlan_fdb_rtnl.ts'
import { vxlan_mdb_fini } from './vxlan_mdb.ts'
import { vxlan_mdb_add, vxlan_mdb_del, vxlan_mdb_del_bulk, vxlan_mdb_dump, vxlan_mdb_get } from './vxlan_mdb_rtnl.ts'
import { vxlan_multicast_join, vxlan_multicast_leave } from './vxlan_multicast.ts'
import {
  vxlan_changelink,
  vxlan_dellink,
  vxlan_dev_create,
  vxlan_fill_info,
  vxlan_get_link_net,
  vxlan_policy,
  vxlan_validate,
} from './vxlan_netlink.ts'
import { vxlan_dev, vxlan_headroom, vxlan_net, vxlan_net_of, vxlan_net_set, vxlan_priv } from './vxlan_private.ts'
import { vxlan_sock_add, vxlan_sock_release } from './vxlan_sock.ts'
import { vxlan_vnigroup_uninit } from './vxlan_vnifilter.ts'
import { vxlan_xmit } from './vxlan_xmit.ts'
import { vxlan_vnifilter_init } from './vxlan_vnifilter_rtnl.ts'

const FDB_AGE_INTERVAL = 10 * NSEC_PER_SEC
const ETH_MAX_MTU = 0xffff

/** The age timer: what nobody used for long enough goes; the next look is at the next such time. */
export function vxlan_cleanup(vxlan: vxlan_dev): void {
  if (!netif_running(vxlan.dev)) return
  const now = vxlan.kernel.now()
  let next = now + FDB_AGE_INTERVAL
  for (const f of vxlan_fdb_all(vxlan)) {
    if (f.state & (NUD_PERMANENT | NUD_NOARP) || f.flags & NTF_EXT_LEARNED) continue
    const timeout = f.used * NSEC_PER_JIFFY + vxlan.cfg.age_interval * NSEC_PER_SEC
    if (timeout <= now) {
      f.state = NUD_STALE
      vxlan_fdb_destroy(vxlan, f)
    } else if (timeout < next) {
      next = timeout
    }
  }
  mod_timer(vxlan.age_timer, next)
}

export function vxlan_uninit(dev: net_device): void {
  const vxlan = vxlan_priv(dev)
  vxlan_mdb_fini(vxlan)
  vxlan_vnigroup_uninit(vxlan)
  vxlan_fdb_delete_default(vxlan, vxlan.cfg.vni)
}
export function vxlan_open(dev: net_device): Errno | undefined {
  const vxlan = vxlan_priv(dev)
  const error = vxlan_sock_add(vxlan)
  if (isErrno(error)) return error
  const refused = vxlan_multicast_join(vxlan)
  if (isErrno(refused)) {
    vxlan_sock_release(vxlan)
    return refused
  }
  if (vxlan.cfg.age_interval !== 0) mod_timer(vxlan.age_timer, vxlan.kernel.now() + FDB_AGE_INTERVAL)
  return undefined
}
/** What was learned goes, what was set stays. */
export function vxlan_stop(dev: net_device): Errno | undefined {
  const vxlan = vxlan_priv(dev)
  vxlan_multicast_leave(vxlan)
  timer_delete(vxlan.age_timer)
  const desc = new vxlan_fdb_flush_desc()
  desc.ignore_default_entry = true
  desc.state_mask = NUD_PERMANENT | NUD_NOARP
  vxlan_flush(vxlan, desc)
  vxlan_sock_release(vxlan)
  return undefined
}
/** Not beyond what the lower device leaves, whatever max_mtu says. */
export function vxlan_change_mtu(dev: net_device, new_mtu: number): Errno | undefined {
  const vxlan = vxlan_priv(dev)
  const lower = __dev_get_by_index(vxlan.net, vxlan.default_dst.remote_ifindex)
  if (lower !== undefined && new_mtu > lower.mtu - vxlan_headroom(vxlan.cfg.flags)) return EINVAL
  dev.mtu = new_mtu
  return undefined
}
export function vxlan_set_multicast_list(): void {}

export const vxlan_netdev_ether_ops: net_device_ops = {
  name: 'vxlan_netdev_ether_ops',
  ndo_uninit: vxlan_uninit,
  ndo_open: vxlan_open,
  ndo_stop: vxlan_stop,
  ndo_start_xmit: vxlan_xmit,
  ndo_get_stats64: dev_get_tstats64,
  ndo_set_rx_mode: vxlan_set_multicast_list,
  ndo_change_mtu: vxlan_change_mtu,
  ndo_validate_addr: eth_validate_addr,
  ndo_set_mac_address: eth_mac_addr,
  ndo_fdb_add: vxlan_fdb_add,
  ndo_fdb_del: vxlan_fdb_delete,
  ndo_fdb_del_bulk: vxlan_fdb_delete_bulk,
  ndo_fdb_dump: vxlan_fdb_dump,
  ndo_fdb_get: vxlan_fdb_get,
  ndo_mdb_add: vxlan_mdb_add,
  ndo_mdb_del: vxlan_mdb_del,
  ndo_mdb_del_bulk: vxlan_mdb_del_bulk,
  ndo_mdb_dump: vxlan_mdb_dump,
  ndo_mdb_get: vxlan_mdb_get,
}
export const vxlan_netdev_raw_ops: net_device_ops = {
  name: 'vxlan_netdev_raw_ops',
  ndo_uninit: vxlan_uninit,
  ndo_open: vxlan_open,
  ndo_stop: vxlan_stop,
  ndo_start_xmit: vxlan_xmit,
  ndo_get_stats64: dev_get_tstats64,
  ndo_change_mtu: vxlan_change_mtu,
}

export function vxlan_get_drvinfo(): ethtool_drvinfo {
  return { driver: 'vxlan', version: '0.1' }
}
export function vxlan_get_link_ksettings(dev: net_device): ethtool_link_ksettings | Errno {
  const vxlan = vxlan_priv(dev)
  const lower = __dev_get_by_index(vxlan.net, vxlan.default_dst.remote_ifindex)
  // SPEED_UNKNOWN, DUPLEX_UNKNOWN, PORT_OTHER
  if (lower === undefined) return { speed: -1, duplex: 0xff, port: 0xff, autoneg: 0 }
  return lower.ethtool_ops?.get_link_ksettings?.(lower) ?? EOPNOTSUPP
}
export const vxlan_ethtool_ops: ethtool_ops = {
  name: 'vxlan_ethtool_ops',
  get_drvinfo: vxlan_get_drvinfo,
  get_link: netif_carrier_ok,
  get_link_ksettings: vxlan_get_link_ksettings,
}

export function vxlan_setup(dev: net_device): void {
  ether_setup(dev)
  eth_hw_addr_random(dev)
  dev.priv = new vxlan_dev(dev, vxlan_cleanup)
  dev.needs_free_netdev = true
  const features = F.NETIF_F_SG | F.NETIF_F_HW_CSUM | F.NETIF_F_FRAGLIST | F.NETIF_F_RXCSUM | F.NETIF_F_GSO_SOFTWARE
  dev.features |= features
  dev.vlan_features = dev.features
  dev.hw_features |= features
  dev.priv_flags &= ~IFF_XMIT_DST_RELEASE
  dev.priv_flags |= IFF_NO_QUEUE | IFF_CHANGE_PROTO_DOWN
  dev.lltx = true
  dev.min_mtu = ETH_MIN_MTU
  dev.max_mtu = ETH_MAX_MTU
}
/** vxlan_ether_setup(), vxlan_raw_setup() */
export function vxlan_shape(dev: net_device, gpe: boolean): void {
  dev.ethtool_ops = vxlan_ethtool_ops
  if (!gpe) {
    dev.priv_flags &= ~IFF_TX_SKB_SHARING
    dev.priv_flags |= IFF_LIVE_ADDR_CHANGE
    dev.netdev_ops = vxlan_netdev_ether_ops
    return
  }
  dev.header_ops = undefined
  dev.type = ARPHRD_NONE
  dev.hard_header_len = 0
  dev.addr_len = 0
  dev.flags = IFF_POINTOPOINT | IFF_NOARP | IFF_MULTICAST
  dev.netdev_ops = vxlan_netdev_raw_ops
}
export function vxlan_newlink(
  src_net: net,
  dev: net_device,
  tb: AttrTable,
  data: AttrTable | undefined,
  extack: netlink_ext_ack,
): Errno | undefined {
  if (data === undefined) return EINVAL
  const conf = vxlan_nl2conf(tb, data, undefined, extack)
  return isErrno(conf) ? conf : vxlan_dev_create(src_net, dev, conf, vxlan_shape, extack)
}

export const vxlan_link_ops: rtnl_link_ops = {
  kind: 'vxlan',
  policy: vxlan_policy,
  setup: vxlan_setup,
  validate: vxlan_validate,
  newlink: vxlan_newlink,
  changelink: vxlan_changelink,
  dellink: vxlan_dellink,
  fill_info: vxlan_fill_info,
  get_link_net: vxlan_get_link_net,
}

/** vxlan_handle_lowerdev_unregister(): devices upon it go with it. */
export function vxlan_netdevice_event(_nb: notifier_block, event: number, { dev }: netdev_notifier_info): number {
  if (event !== NETDEV_UNREGISTER) return NOTIFY_DONE
  const list: net_device[] = []
  for (const vxlan of vxlan_net_of(dev.nd_net).upon(dev.ifindex)) vxlan_dellink(vxlan.dev, list)
  unregister_netdevice_many(list)
  return NOTIFY_DONE
}
export function vxlan_nexthop_event(_nb: notifier_block, event: number, { net, id }: nh_notifier_info): number {
  if (event === NEXTHOP_EVENT_DEL) for (const vxlan of vxlan_net_of(net).vxlan_list) vxlan_fdb_nh_flush(vxlan, id)
  return NOTIFY_DONE
}

export function vxlan_init_net(net: net): Errno | undefined {
  const vn = new vxlan_net()
  vn.salt = net.kernel.random.below(0x100000000)
  vxlan_net_set(net, vn)
  raw_notifier_chain_register(net.nexthop.notifier_chain, new notifier_block(vxlan_nexthop_event, net))
  return undefined
}
/** Its tunnels that live in other namespaces; those that live here have gone with their namespace's devices. */
export function vxlan_exit_batch_net(nets: net[]): void {
  const list: net_device[] = []
  for (const net of nets) for (const { dev } of vxlan_net_of(net).vxlan_list) vxlan_dellink(dev, list)
  unregister_netdevice_batch(list)
}
export const vxlan_net_ops: pernet_operations = { name: 'vxlan_net_ops', init: vxlan_init_net, exit_batch: vxlan_exit_batch_net }

export function vxlan_init_module(kernel: Kernel): Errno | undefined {
  const error = register_pernet_subsys(kernel, vxlan_net_ops)
  if (isErrno(error)) return error
  register_netdevice_notifier(kernel, new notifier_block(vxlan_netdevice_event, kernel))
  const refused = rtnl_link_register(kernel, vxlan_link_ops)
  if (isErrno(refused)) return refused
  vxlan_vnifilter_init(kernel)
  return undefined
}
