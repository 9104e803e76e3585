/** net/bridge/br_sysfs_if.c: /sys/class/net/PORT/brport. */
import type { attribute_dir, device_attribute, sysfs_child } from '../../fs/sysfs.ts'
import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import { capable } from '../../kernel/task.ts'
import { EINVAL, ENOENT, EPERM, type Errno, isErrno } from '../../uapi/errno.ts'
import * as L from '../../uapi/linux/if_link.ts'
import { RTM_NEWLINK } from '../../uapi/linux/rtnetlink.ts'
import { __dev_get_by_name, rtnl_unlock } from '../core/dev.ts'
import { kstrtoul } from '../../kernel/kstrtox.ts'
import type { net_device } from '../core/netdevice.ts'
import { br_fdb_delete_by_port } from './br_fdb.ts'
import { br_manage_promisc } from './br_if.ts'
import { br_multicast_set_port_router } from './br_multicast_router.ts'
import { set_path_cost, set_port_priority } from './br_netlink.ts'
import { br_ifinfo_notify } from './br_netlink_fill.ts'
import { br_port_get_rtnl, br_timer_value, type net_bridge_port } from './br_private.ts'
import { show_bridge_id } from './br_sysfs_br.ts'

type attribute = device_attribute<net_device>

function show(name: string, value: (p: net_bridge_port) => string | number, mode = 0o444): attribute {
  return {
    name,
    mode,
    show: (dev) => {
      const p = br_port_get_rtnl(dev)
      return p === undefined ? EINVAL : `${value(p)}\n`
    },
  }
}
/** brport_store(): the port is told anew when it was set. */
function store(set: (p: net_bridge_port, text: string) => Errno | undefined): attribute['store'] {
  return (dev, text, task) => {
    if (!capable(task, CAP_NET_ADMIN)) return EPERM
    const p = br_port_get_rtnl(dev)
    if (p === undefined) return EINVAL
    const error = set(p, text)
    if (!isErrno(error)) br_ifinfo_notify(RTM_NEWLINK, p.br, p)
    rtnl_unlock(dev.nd_net.kernel)
    return error
  }
}
function number(set: (p: net_bridge_port, value: number) => Errno | undefined): attribute['store'] {
  return store((p, text) => {
    const n = kstrtoul(text)
    return isErrno(n) ? EINVAL : set(p, n)
  })
}
function flag(name: string, a: { nr: number }): attribute {
  const set = (p: net_bridge_port, value: number) => {
    if (value) p.flags.add(a.nr)
    else p.flags.delete(a.nr)
    br_manage_promisc(p.br)
    return undefined
  }
  return { ...show(name, (p) => (p.flags.has(a.nr) ? 1 : 0), 0o644), store: number(set) }
}
function set_group_fwd_mask(p: net_bridge_port, value: number): Errno | undefined {
  if (value & 2) return EINVAL
  p.group_fwd_mask = value & 0xffff
  return undefined
}
function flush(p: net_bridge_port): undefined {
  br_fdb_delete_by_port(p.br, p, 0, false)
  return undefined
}
/** store_backup_port(): by name; an empty one: none. */
function set_backup_port(p: net_bridge_port, text: string): Errno | undefined {
  const name = text.replace(/\n.*$/s, '')
  const dev = name === '' ? undefined : __dev_get_by_name(p.dev.nd_net, name)
  if (name !== '' && dev === undefined) return ENOENT
  const backup = dev === undefined ? undefined : br_port_get_rtnl(dev)
  if (dev !== undefined && backup === undefined) return ENOENT
  if (backup !== undefined && (backup === p || backup.br !== p.br)) return EINVAL
  p.backup_port = dev
  return undefined
}

export const brport_attrs: readonly attribute[] = [
  flag('proxyarp', L.IFLA_BRPORT_PROXYARP),
  flag('multicast_fast_leave', L.IFLA_BRPORT_FAST_LEAVE),
  flag('neigh_suppress', L.IFLA_BRPORT_NEIGH_SUPPRESS),
  flag('multicast_to_unicast', L.IFLA_BRPORT_MCAST_TO_UCAST),
  show('port_id', (p) => `0x${p.port_id.toString(16)}`),
  {
    ...show('multicast_router', (p) => p.multicast_ctx.multicast_router, 0o644),
    store: number((p, value) => br_multicast_set_port_router(p.multicast_ctx, value)),
  },
  flag('learning', L.IFLA_BRPORT_LEARNING),
  { ...show('group_fwd_mask', (p) => `0x${p.group_fwd_mask.toString(16)}`, 0o644), store: number(set_group_fwd_mask) },
  flag('proxyarp_wifi', L.IFLA_BRPORT_PROXYARP_WIFI),
  flag('broadcast_flood', L.IFLA_BRPORT_BCAST_FLOOD),
  { ...show('path_cost', (p) => p.path_cost, 0o644), store: number(set_path_cost) },
  flag('unicast_flood', L.IFLA_BRPORT_UNICAST_FLOOD),
  flag('hairpin_mode', L.IFLA_BRPORT_MODE),
  flag('root_block', L.IFLA_BRPORT_PROTECT),
  show('designated_cost', (p) => p.designated_cost),
  { ...show('priority', (p) => p.priority, 0o644), store: number(set_port_priority) },
  { name: 'flush', mode: 0o200, store: number(flush) },
  show('config_pending', (p) => p.config_pending),
  show('forward_delay_timer', (p) => br_timer_value(p.forward_delay_timer)),
  show('change_ack', (p) => p.topology_change_ack),
  show('hold_timer', (p) => br_timer_value(p.hold_timer)),
  show('state', (p) => p.state),
  show('message_age_timer', (p) => br_timer_value(p.message_age_timer)),
  flag('multicast_flood', L.IFLA_BRPORT_MCAST_FLOOD),
  show('designated_bridge', (p) => show_bridge_id(p.designated_bridge)),
  flag('isolated', L.IFLA_BRPORT_ISOLATED),
  show('designated_root', (p) => show_bridge_id(p.designated_root)),
  show('designated_port', (p) => p.designated_port),
  flag('bpdu_guard', L.IFLA_BRPORT_GUARD),
  {
    name: 'backup_port',
    mode: 0o644,
    // without one there is nothing, not even an end of line
    show: (dev) => {
      const backup = br_port_get_rtnl(dev)?.backup_port
      return backup === undefined ? '' : `${backup.name}\n`
    },
    store: store(set_backup_port),
  },
  show('port_no', (p) => `0x${p.port_no.toString(16)}`),
]
function bridge_link(dev: net_device): sysfs_child[] {
  const p = br_port_get_rtnl(dev)
  return p === undefined ? [] : [{ name: 'bridge', target: `../../${p.br.dev.name}` }]
}
export const brport_group: { name: string; dir: attribute_dir<net_device> } = {
  name: 'brport',
  dir: { attrs: brport_attrs, children: bridge_link },
}
/** br_sysfs_addif(), br_sysfs_removeif() */
export function br_sysfs_addif(dev: net_device): void {
  dev.sysfs_groups = [...dev.sysfs_groups, brport_group]
}
export function br_sysfs_removeif(dev: net_device): void {
  dev.sysfs_groups = dev.sysfs_groups.filter((group) => group !== brport_group)
}
