/** net/core/net-sysfs.c: /sys/class/net, and the attribute files of a device. */

import type { attribute_dir, device_attribute, device_class, sysfs_child } from '../../fs/sysfs.ts'
import { vfs_of } from '../../fs/vfs.ts'
import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import { kstrtoul } from '../../kernel/kstrtox.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { capable, type task_struct } from '../../kernel/task.ts'
import { EINVAL, EIO, EOPNOTSUPP, EPERM, type Errno, isErrno } from '../../uapi/errno.ts'
import { dev_change_carrier, dev_change_proto_down, dev_change_tx_queue_len, dev_set_group, dev_set_mtu } from './dev_config.ts'
import { dev_set_alias } from './dev_names.ts'
import { dev_change_flags } from './dev_open.ts'
import { dev_get_iflink } from './dev_state.ts'
import { rtnl_unlock } from './dev_todo.ts'
import { netdev_state_change } from './link_watch.ts'
import type { net } from './net_namespace.ts'
import { net_queues, net_statistics } from './net_sysfs_dirs.ts'
import { netdev_uevent, uevent_store } from './net_sysfs_uevent.ts'
import {
  LINK_STATE_DORMANT,
  LINK_STATE_NOCARRIER,
  LINK_STATE_START,
  LINK_STATE_TESTING,
  NETREG_REGISTERED,
  NETREG_UNINITIALIZED,
  type net_device,
} from './netdevice.ts'

type net_attribute = device_attribute<net_device>

const operstates = ['unknown', 'notpresent', 'down', 'lowerlayerdown', 'testing', 'dormant', 'up']

/** dev_isalive(): a device on its way out answers EINVAL. */
function alive(dev: net_device): boolean {
  return dev.reg_state === NETREG_UNINITIALIZED || dev.reg_state === NETREG_REGISTERED
}
function running(dev: net_device): boolean {
  return (dev.state & LINK_STATE_START) !== 0
}
function bit(dev: net_device, mask: number): string {
  return (dev.state & mask) === 0 ? '0\n' : '1\n'
}

/** A read-only file of one value. */
function ro(name: string, value: (dev: net_device) => string | number | Errno): net_attribute {
  return { name, mode: 0o444, show: (dev) => line(dev, value) }
}
function line(dev: net_device, value: (dev: net_device) => string | number | Errno): string | Errno {
  const v = alive(dev) ? value(dev) : EINVAL
  return isErrno(v) ? v : `${v}\n`
}

/** netdev_store(): CAP_NET_ADMIN, one number in any C notation, then the change under rtnl. */
function rw(
  name: string,
  value: (dev: net_device) => string | number | Errno,
  set: (dev: net_device, n: number) => Errno | undefined,
): net_attribute {
  return {
    name,
    mode: 0o644,
    show: (dev) => line(dev, value),
    store: (dev, text, task) => {
      if (!capable(task, CAP_NET_ADMIN)) return EPERM
      const n = kstrtoul(text)
      if (isErrno(n)) return n
      if (!alive(dev)) return EINVAL
      const error = set(dev, n)
      rtnl_unlock(dev.nd_net.kernel)
      return error
    },
  }
}

export function mac_text(addr: Uint8Array, length: number): string {
  return Array.from(addr.subarray(0, length), (b) => b.toString(16).padStart(2, '0')).join(':')
}
function hex_value(n: number): string {
  return n === 0 ? '0' : `0x${(n >>> 0).toString(16)}`
}

function carrier(dev: net_device): number | Errno {
  return running(dev) ? ((dev.state & LINK_STATE_NOCARRIER) === 0 ? 1 : 0) : EINVAL
}
function set_carrier(dev: net_device, n: number): Errno | undefined {
  if (dev.netdev_ops.ndo_change_carrier === undefined) return EOPNOTSUPP
  return running(dev) ? dev_change_carrier(dev, n !== 0) : EINVAL
}
/** speed and duplex: of a running device whose driver knows. */
function link_setting(dev: net_device, what: 'speed' | 'duplex'): string | number | Errno {
  const get = dev.ethtool_ops?.get_link_ksettings
  if (get === undefined || !running(dev)) return EINVAL
  const settings = get(dev)
  if (isErrno(settings)) return EINVAL
  if (what === 'speed') return settings.speed
  return settings.duplex === 0 ? 'half' : settings.duplex === 1 ? 'full' : 'unknown'
}
function set_group(dev: net_device, n: number): undefined {
  dev_set_group(dev, n | 0)
}
function operstate(dev: net_device): string {
  return operstates[running(dev) ? dev.operstate : 2] ?? 'unknown'
}
function name_assign_type(dev: net_device): number | Errno {
  return dev.name_assign_type === 0 ? EINVAL : dev.name_assign_type
}
function phys_port_name(dev: net_device): string | Errno {
  return dev.netdev_ops.ndo_get_phys_port_name?.(dev) ?? EOPNOTSUPP
}
/** Settings of NAPI that nothing here acts on: only their value is known. */
function fixed_zero(dev: net_device, n: number, what: string): Errno | undefined {
  if (n === 0) return undefined
  dev.nd_net.kernel.unsupported.count('sysfs', what)
  return EOPNOTSUPP
}

function alias_show(dev: net_device): string {
  return dev.ifalias === undefined || dev.ifalias === '' ? '' : `${dev.ifalias}\n`
}
/** One newline at the end does not belong to the alias. */
function alias_store(dev: net_device, text: string, task: task_struct): Errno | undefined {
  if (!capable(task, CAP_NET_ADMIN)) return EPERM
  if (!alive(dev)) return EINVAL
  const error = dev_set_alias(dev, text.endsWith('\n') ? text.slice(0, -1) : text)
  if (isErrno(error)) return error
  netdev_state_change(dev)
  rtnl_unlock(dev.nd_net.kernel)
  return undefined
}
export const net_class_attrs: readonly net_attribute[] = [
  {
    name: 'uevent',
    mode: 0o644,
    show: (dev) =>
      netdev_uevent(dev)
        .map((word) => `${word}\n`)
        .join(''),
    store: (dev, text) => uevent_store(dev, net_device_path(dev), text),
  },
  ro('carrier_changes', (dev) => dev.carrier_up_count + dev.carrier_down_count),
  { name: 'testing', mode: 0o444, show: (dev) => (running(dev) ? bit(dev, LINK_STATE_TESTING) : EINVAL) },
  rw('carrier', carrier, set_carrier),
  ro('dev_id', (dev) => `0x${dev.dev_id.toString(16)}`),
  ro('carrier_down_count', (dev) => dev.carrier_down_count),
  rw(
    'proto_down',
    (dev) => (dev.proto_down ? 1 : 0),
    (dev, n) => dev_change_proto_down(dev, n !== 0),
  ),
  ro('address', (dev) => mac_text(dev.dev_addr, dev.addr_len)),
  ro('operstate', operstate),
  ro('phys_switch_id', () => EOPNOTSUPP),
  ro('link_mode', (dev) => dev.link_mode),
  { name: 'dormant', mode: 0o444, show: (dev) => (running(dev) ? bit(dev, LINK_STATE_DORMANT) : EINVAL) },
  rw(
    'mtu',
    (dev) => dev.mtu,
    (dev, n) => dev_set_mtu(dev, n | 0, undefined),
  ),
  rw(
    'gro_flush_timeout',
    () => 0,
    (dev, n) => fixed_zero(dev, n, 'gro_flush_timeout'),
  ),
  ro('carrier_up_count', (dev) => dev.carrier_up_count),
  { name: 'ifalias', mode: 0o644, show: alias_show, store: alias_store },
  ro('speed', (dev) => link_setting(dev, 'speed')),
  rw('netdev_group', (dev) => dev.group, set_group),
  rw(
    'napi_defer_hard_irqs',
    () => 0,
    (dev, n) => fixed_zero(dev, n, 'napi_defer_hard_irqs'),
  ),
  ro('phys_port_name', phys_port_name),
  ro('ifindex', (dev) => dev.ifindex),
  ro('broadcast', (dev) => mac_text(dev.broadcast, dev.addr_len)),
  ro('type', (dev) => dev.type),
  ro('dev_port', (dev) => dev.dev_port),
  ro('phys_port_id', () => EOPNOTSUPP),
  ro('name_assign_type', name_assign_type),
  ro('duplex', (dev) => link_setting(dev, 'duplex')),
  ro('addr_assign_type', (dev) => dev.addr_assign_type),
  ro('addr_len', (dev) => dev.addr_len),
  rw(
    'threaded',
    () => 0,
    (dev, n) => fixed_zero(dev, n, 'threaded'),
  ),
  rw('tx_queue_len', (dev) => dev.tx_queue_len, dev_change_tx_queue_len),
  ro('iflink', (dev) => dev_get_iflink(dev)),
  rw(
    'flags',
    (dev) => hex_value(dev.flags),
    (dev, n) => dev_change_flags(dev, n >>> 0, undefined),
  ),
]

/** drivers/base/power/sysfs.c, for a device without runtime power management. */
function power(name: string, value: string, mode = 0o444): net_attribute {
  return { name, mode, show: () => `${value}\n` }
}
export const net_power: attribute_dir<net_device> = {
  attrs: [
    power('runtime_active_time', '0'),
    power('runtime_active_kids', '0'),
    power('runtime_usage', '0'),
    power('runtime_status', 'unsupported'),
    { name: 'autosuspend_delay_ms', mode: 0o644, show: () => EIO },
    power('async', 'disabled', 0o644),
    power('runtime_suspended_time', '0'),
    power('runtime_enabled', 'disabled'),
    power('control', 'auto', 0o644),
  ],
}

/** A parent's place below /sys/devices: on the PCI bus, or where it says itself. */
export function net_parent_path({ name, bus, path }: NonNullable<net_device['parent']>): string {
  return path ?? `${bus === 'pci' ? 'pci0000:00' : bus}/${name}`
}
/** Path below /sys: under the parent device, or devices/virtual. */
export function net_device_path(dev: net_device): string {
  const { parent } = dev
  if (parent === undefined) return `devices/virtual/net/${dev.name}`
  return `devices/${net_parent_path(parent)}/net/${dev.name}`
}

/** The way from one directory below /sys to another. */
function relative(from: string, to: string): string {
  const a = from.split('/')
  const b = to.split('/')
  let same = 0
  while (same < a.length - 1 && a[same] === b[same]) same++
  return [...a.slice(same).map(() => '..'), ...b.slice(same)].join('/')
}

/** Directories and links: statistics, queues, power, class, parent, and the neighbours above and below. */
function net_children(dev: net_device): sysfs_child[] {
  const path = net_device_path(dev)
  const to = (other: net_device) => relative(path, net_device_path(other))
  const out: sysfs_child[] = [
    { name: 'statistics', object: dev, dir: net_statistics },
    { name: 'power', object: dev, dir: net_power },
    { name: 'queues', object: dev, dir: net_queues },
    { name: 'subsystem', target: relative(path, 'class/net') },
  ]
  for (const { name, dir, link } of dev.sysfs_groups) {
    out.push({ name, object: dev, dir })
    if (link !== undefined) out.push(link(dev))
  }
  if (dev.parent !== undefined) out.push({ name: 'device', target: `../../../${dev.parent.name}` })
  for (const { dev: upper, master } of dev.upper) {
    out.push({ name: `upper_${upper.name}`, target: to(upper) })
    if (master) out.push({ name: 'master', target: to(upper) })
  }
  for (const { dev: lower } of dev.lower) out.push({ name: `lower_${lower.name}`, target: to(lower) })
  return out
}

/** As measured: the directories among the files. */
/** dev.sysfs_groups */
function driver_attrs(dev: net_device): readonly net_attribute[] {
  return dev.netdev_ops.sysfs_attrs ?? []
}
const order = net_class_attrs.flatMap(({ name }) => {
  if (name === 'mtu') return ['statistics', name]
  if (name === 'carrier_up_count') return ['power', name]
  return name === 'name_assign_type' ? ['queues', name] : [name]
})
export const net_device_dir: attribute_dir<net_device> = {
  attrs: net_class_attrs,
  more: driver_attrs,
  children: net_children,
  order,
}

function class_list(net: net): { name: string; object: net_device }[] {
  return net.dev_base_head.map((dev) => ({ name: dev.name, object: dev }))
}

/** netdev_class_create_file_ns(): files of modules in /sys/class/net (bonding_masters). */
export function class_attrs(net: net): readonly device_attribute<net>[] {
  return net.class_attrs
}
export function netdev_class_create_file(net: net, attr: device_attribute<net>): void {
  net.class_attrs.push(attr)
}
export const net_class: device_class = { name: 'net', list: class_list, path: net_device_path, dir: net_device_dir, class_attrs }

/** Called from net_dev_init(). */
export function netdev_kobject_init(kernel: Kernel): Errno | undefined {
  vfs_of(kernel).classes.set(net_class.name, net_class)
  return undefined
}
