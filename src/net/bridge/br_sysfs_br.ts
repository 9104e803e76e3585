/** net/bridge/br_sysfs_br.c: /sys/class/net/BRIDGE/bridge, brif and brforward. */
import { put32 } from '../../lib/bytes.ts'
import { bytesText } from '../../fs/inode.ts'
import type { attribute_dir, device_attribute, sysfs_child } from '../../fs/sysfs.ts'
import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import { capable } from '../../kernel/task.ts'
import { EINVAL, EPERM, type Errno, isErrno } from '../../uapi/errno.ts'
import * as B from '../../uapi/linux/if_bridge_link.ts'
import { netdev_state_change, rtnl_unlock } from '../core/dev.ts'
import { kstrtoul } from '../../kernel/kstrtox.ts'
import { mac_text } from '../core/net_sysfs.ts'
import type { net_device } from '../core/netdevice.ts'
import { br_fdb_flush, has_expired } from './br_fdb.ts'
import { br_manage_promisc } from './br_if.ts'
import {
  br_multicast_set_igmp_version,
  br_multicast_set_mld_version,
  br_multicast_set_querier,
  br_multicast_toggle,
} from './br_multicast.ts'
import { br_multicast_set_router } from './br_multicast_router.ts'
import { set_query_intvl, set_startup_query_intvl } from './br_multicast_set.ts'
import {
  br_jiffies,
  br_priv,
  br_timer_value,
  br_warn,
  clock_t_to_jiffies,
  jiffies_to_clock_t,
  type net_bridge,
  type net_bridge_fdb_entry,
} from './br_private.ts'
import type { net_bridge_mcast } from './br_private_mcast.ts'
import { br_set_ageing_time, br_set_forward_delay, br_set_hello_time, br_set_max_age } from './br_set.ts'
import { br_set_bridge_priority, br_stp_set_enabled } from './br_stp.ts'
import { br_vlan_filter_toggle, br_vlan_set_default_pvid, br_vlan_set_proto, br_vlan_set_stats_per_port } from './br_vlan.ts'

type attribute = device_attribute<net_device>
type setter = (br: net_bridge, value: number) => Errno | undefined | void

function show(name: string, value: (br: net_bridge) => string | number, mode = 0o444): attribute {
  return { name, mode, show: (dev) => `${value(br_priv(dev))}\n` }
}
/** store_bridge_parm(): CAP_NET_ADMIN, a number, then the device tells that it has changed. */
function store(set: (br: net_bridge, text: string) => Errno | undefined | void): attribute['store'] {
  return (dev, text, task) => {
    if (!capable(task, CAP_NET_ADMIN)) return EPERM
    const error = set(br_priv(dev), text)
    if (!isErrno(error)) netdev_state_change(dev)
    rtnl_unlock(dev.nd_net.kernel)
    return isErrno(error) ? error : undefined
  }
}
function rw(name: string, value: (br: net_bridge) => string | number, set: setter): attribute {
  const parse = (br: net_bridge, text: string) => {
    const n = kstrtoul(text)
    return isErrno(n) ? EINVAL : set(br, n)
  }
  return { ...show(name, value, 0o644), store: store(parse) }
}
function bool(value: boolean): number {
  return value ? 1 : 0
}
/** br_show_bridge_id(): priority, a dot, the address. */
export function show_bridge_id(id: Uint8Array): string {
  const text = [...id].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return `${text.slice(0, 4)}.${text.slice(4)}`
}
type interval = {
  [K in keyof net_bridge_mcast]: K extends `multicast_${string}_interval` ? K : never
}[keyof net_bridge_mcast]
function interval(name: interval): attribute {
  return rw(
    name,
    (br) => jiffies_to_clock_t(br.multicast_ctx[name]),
    (br, value) => {
      if (name === 'multicast_query_interval') set_query_intvl(br.multicast_ctx, value)
      else if (name === 'multicast_startup_query_interval') set_startup_query_intvl(br.multicast_ctx, value)
      else br.multicast_ctx[name] = clock_t_to_jiffies(value)
    },
  )
}
function nf(name: string, nr: number): attribute {
  return rw(
    name,
    (br) => br.nf_call[nr] ?? 0,
    (br, value) => {
      br.nf_call[nr] = bool(value !== 0)
      br.dev.nd_net.kernel.unsupported.count('bridge', name)
    },
  )
}
function set_group_fwd_mask(br: net_bridge, value: number): Errno | undefined {
  if (value & 0x7) return EINVAL
  br.group_fwd_mask = value & 0xffff
  return undefined
}
/** group_addr_store(): one of the reserved groups, but not those of pause, LACP and port access. */
function set_group_addr(br: net_bridge, text: string): Errno | undefined {
  const match = /^\s*([0-9a-fA-F]{1,2})((:[0-9a-fA-F]{1,2}){5})/.exec(text)
  if (match === null) return EINVAL
  const addr = Uint8Array.from(`${match[1]}${match[2]}`.split(':'), (part) => Number.parseInt(part, 16))
  const reserved = [1, 0x80, 0xc2, 0, 0].every((byte, i) => addr[i] === byte) && (addr[5] & 0xf0) === 0
  if (!reserved || (addr[5] >= 1 && addr[5] <= 3)) return EINVAL
  br.group_addr = addr
  br.group_addr_set = true
  return undefined
}
/** br_vlan_set_default_pvid(): by this way only while VLANs are not filtered. */
function set_default_pvid(br: net_bridge, value: number): Errno | undefined {
  if (value >= 4095) return EINVAL
  if (value === br.default_pvid) return undefined
  if (br.vlan_enabled) {
    br.dev.nd_net.kernel.pr_info('bridge: Please disable vlan filtering to change default_pvid')
    return EPERM
  }
  return br_vlan_set_default_pvid(br, value)
}
const flush: attribute = {
  name: 'flush',
  mode: 0o200,
  store: store((br) => br_fdb_flush(br, (f) => f.is_static || f.is_local || f.added_by_extern_learn)),
}

export const bridge_attrs: readonly attribute[] = [
  rw('ageing_time', (br) => jiffies_to_clock_t(br.ageing_time), br_set_ageing_time),
  rw(
    'multicast_query_use_ifaddr',
    (br) => bool(br.multicast_query_use_ifaddr),
    (br, value) => {
      br.multicast_query_use_ifaddr = value !== 0
    },
  ),
  show('gc_timer', (br) => br_timer_value(br.gc_timer)),
  rw('hello_time', (br) => jiffies_to_clock_t(br.hello_time), br_set_hello_time),
  rw(
    'multicast_router',
    (br) => br.multicast_ctx.multicast_router,
    (br, value) => br_multicast_set_router(br.multicast_ctx, value),
  ),
  nf('nf_call_iptables', B.IFLA_BR_NF_CALL_IPTABLES.nr),
  { ...show('group_addr', (br) => mac_text(br.group_addr, 6), 0o644), store: store(set_group_addr) },
  rw('group_fwd_mask', (br) => `0x${br.group_fwd_mask.toString(16)}`, set_group_fwd_mask),
  rw(
    'multicast_querier',
    (br) => bool(br.multicast_ctx.multicast_querier),
    (br, value) => br_multicast_set_querier(br.multicast_ctx, value !== 0),
  ),
  rw(
    'hash_max',
    (br) => br.hash_max,
    (br, value) => {
      br.hash_max = value
    },
  ),
  show('tcn_timer', (br) => br_timer_value(br.tcn_timer)),
  rw('vlan_protocol', (br) => `0x${br.vlan_proto.toString(16).padStart(4, '0')}`, br_vlan_set_proto),
  rw('vlan_stats_per_port', (br) => bool(br.vlan_stats_per_port), br_vlan_set_stats_per_port),
  show('root_port', (br) => br.root_port),
  rw(
    'vlan_filtering',
    (br) => bool(br.vlan_enabled),
    (br, value) => {
      br_vlan_filter_toggle(br, value !== 0)
      br_manage_promisc(br)
    },
  ),
  interval('multicast_query_interval'),
  show('bridge_id', (br) => show_bridge_id(br.bridge_id)),
  rw('max_age', (br) => jiffies_to_clock_t(br.max_age), br_set_max_age),
  nf('nf_call_arptables', B.IFLA_BR_NF_CALL_ARPTABLES.nr),
  interval('multicast_startup_query_interval'),
  rw(
    'multicast_stats_enabled',
    (br) => bool(br.mcast_stats_enabled),
    (br, value) => {
      br.mcast_stats_enabled = value !== 0
    },
  ),
  interval('multicast_query_response_interval'),
  show('topology_change', (br) => br.topology_change),
  rw(
    'priority',
    (br) => (br.bridge_id[0] << 8) | br.bridge_id[1],
    (br, value) => br_set_bridge_priority(br, value & 0xffff),
  ),
  rw(
    'multicast_mld_version',
    (br) => br.multicast_ctx.multicast_mld_version,
    (br, value) => br_multicast_set_mld_version(br.multicast_ctx, value),
  ),
  rw(
    'hash_elasticity',
    () => 16,
    (br) => br_warn(br, 'the hash_elasticity option has been deprecated and is always 16'),
  ),
  show('hello_timer', (br) => br_timer_value(br.hello_timer)),
  rw('default_pvid', (br) => br.default_pvid, set_default_pvid),
  show('root_path_cost', (br) => br.root_path_cost),
  rw(
    'multicast_igmp_version',
    (br) => br.multicast_ctx.multicast_igmp_version,
    (br, value) => br_multicast_set_igmp_version(br.multicast_ctx, value),
  ),
  flush,
  rw('stp_state', (br) => br.stp_enabled, br_stp_set_enabled),
  rw(
    'multicast_startup_query_count',
    (br) => br.multicast_ctx.multicast_startup_query_count,
    (br, value) => {
      br.multicast_ctx.multicast_startup_query_count = value
    },
  ),
  show('topology_change_detected', (br) => br.topology_change_detected),
  interval('multicast_last_member_interval'),
  show('topology_change_timer', (br) => br_timer_value(br.topology_change_timer)),
  show('root_id', (br) => show_bridge_id(br.designated_root)),
  rw(
    'no_linklocal_learn',
    (br) => bool(br.no_ll_learn),
    (br, value) => {
      br.no_ll_learn = value !== 0
    },
  ),
  rw('forward_delay', (br) => jiffies_to_clock_t(br.forward_delay), br_set_forward_delay),
  interval('multicast_membership_interval'),
  interval('multicast_querier_interval'),
  rw(
    'vlan_stats_enabled',
    (br) => bool(br.vlan_stats_enabled),
    (br, value) => {
      if (value > 1) return EINVAL
      br.vlan_stats_enabled = value === 1
      return undefined
    },
  ),
  rw(
    'multicast_snooping',
    (br) => bool(br.multicast_enabled),
    (br, value) => br_multicast_toggle(br, value !== 0),
  ),
  nf('nf_call_ip6tables', B.IFLA_BR_NF_CALL_IP6TABLES.nr),
  rw(
    'multicast_last_member_count',
    (br) => br.multicast_ctx.multicast_last_member_count,
    (br, value) => {
      br.multicast_ctx.multicast_last_member_count = value
    },
  ),
]

/** struct __fdb_entry: address, port, whether it is the port's own, age. */
export function fdb_entry_bytes(br: net_bridge, f: net_bridge_fdb_entry): Uint8Array {
  const b = new Uint8Array(16)
  const port_no = f.dst?.port_no ?? 0
  b.set(f.addr.subarray(0, 6))
  b[6] = port_no
  b[7] = f.is_local ? 1 : 0
  if (!f.is_static) put32(b, 8, jiffies_to_clock_t(br_jiffies(br) - f.updated))
  b[12] = port_no >> 8
  return b
}
/** br_fdb_fillbuf(): what is behind ports. */
export function br_fdb_fillbuf(br: net_bridge): Uint8Array[] {
  return br.fdb_list.items.filter((f) => f.dst !== undefined && !has_expired(br, f)).map((f) => fdb_entry_bytes(br, f))
}
const brforward: attribute = {
  name: 'brforward',
  mode: 0o400,
  show: (dev) =>
    br_fdb_fillbuf(br_priv(dev))
      .map((entry) => bytesText(entry))
      .join(''),
}
/** Of the device itself. */
export const bridge_dev_attrs: readonly attribute[] = [brforward]

export const bridge_dir: attribute_dir<net_device> = { attrs: bridge_attrs }
export const bridge_group: { name: string; dir: attribute_dir<net_device> } = { name: 'bridge', dir: bridge_dir }
function ports(dev: net_device): sysfs_child[] {
  return br_priv(dev)
    .port_list.map((p) => ({ name: p.dev.name, target: `../../${p.dev.name}/brport` }))
    .reverse()
}
export const brif_dir: attribute_dir<net_device> = { attrs: [], children: ports }
export const brif_group: { name: string; dir: attribute_dir<net_device> } = { name: 'brif', dir: brif_dir }

/** br_sysfs_addbr() */
export function br_sysfs_addbr(dev: net_device): void {
  dev.sysfs_groups = [...dev.sysfs_groups, bridge_group, brif_group]
}
