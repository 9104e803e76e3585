/**
 * drivers/net/tap.c, the part that macvtap and ipvtap share: the character device's object in sysfs, named by the index
 * of its network device, and its node.
 */
import type { attribute_dir, device_class, sysfs_child } from '../../fs/sysfs.ts'
import { vfs_of } from '../../fs/vfs.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { NOTIFY_DONE, notifier_block } from '../../kernel/notifier.ts'
import { register_netdevice_notifier } from '../../net/core/dev.ts'
import type { net } from '../../net/core/net_namespace.ts'
import { net_power } from '../../net/core/net_sysfs.ts'
import {
  NETDEV_REGISTER,
  NETDEV_UNREGISTER,
  type net_device,
  type netdev_notifier_info,
  netdev_priv,
  type sysfs_group,
} from '../../net/core/netdevice.ts'
import { kobject_uevent } from '../../net/netlink/kobject_uevent.ts'
import type { Errno } from '../../uapi/errno.ts'
import { tap_fops } from './tap_chr.ts'

/** The numbers that Debian's kernel gives them when they are loaded in this order. */
const majors = new Map([
  ['macvtap', 244],
  ['ipvtap', 243],
])

/** Of a private area: the number of the character device, 0 before it is registered. */
export interface tap_minor {
  minor: number
}
function is_tap(dev: net_device, kind: string): boolean {
  return dev.rtnl_link_ops?.kind === kind && netdev_priv<tap_minor>(dev).minor > 0
}
/** tap_get_minor(): the lowest free one of all namespaces. */
function tap_get_minor(kernel: Kernel, kind: string): number {
  const all = kernel.namespaces.net_namespace_list.flatMap((n) => n.dev_base_head.filter((dev) => is_tap(dev, kind)))
  const taken = new Set(all.map((dev) => netdev_priv<tap_minor>(dev).minor))
  let minor = 1
  while (taken.has(minor)) minor++
  return minor
}

function kind_of(dev: net_device): string {
  return dev.rtnl_link_ops?.kind ?? ''
}
function tap_name(dev: net_device): string {
  return `tap${dev.ifindex}`
}
function tap_path(dev: net_device): string {
  return `devices/virtual/net/${dev.name}/${kind_of(dev)}/${tap_name(dev)}`
}
function numbers(dev: net_device): string[] {
  return [`MAJOR=${majors.get(kind_of(dev))}`, `MINOR=${netdev_priv<tap_minor>(dev).minor}`, `DEVNAME=${tap_name(dev)}`]
}

function tap_children(dev: net_device): sysfs_child[] {
  return [
    { name: 'power', object: dev, dir: net_power },
    { name: 'device', target: `../../../${dev.name}` },
    { name: 'subsystem', target: `../../../../../../class/${kind_of(dev)}` },
  ]
}
export const tap_dir: attribute_dir<net_device> = {
  attrs: [
    { name: 'uevent', mode: 0o644, show: (dev) => `${numbers(dev).join('\n')}\n` },
    { name: 'dev', mode: 0o444, show: (dev) => `${majors.get(kind_of(dev))}:${netdev_priv<tap_minor>(dev).minor}\n` },
  ],
  children: tap_children,
}
function tap_of(dev: net_device): sysfs_child[] {
  return [{ name: tap_name(dev), object: dev, dir: tap_dir }]
}
function tap_link(dev: net_device): sysfs_child {
  return { name: tap_name(dev), target: `${kind_of(dev)}/${tap_name(dev)}` }
}
const group_dir: attribute_dir<net_device> = { attrs: [], children: tap_of }
export const macvtap_group: sysfs_group = { name: 'macvtap', dir: group_dir, link: tap_link }
export const ipvtap_group: sysfs_group = { name: 'ipvtap', dir: group_dir, link: tap_link }

function taps(net: net, kind: string): { name: string; object: net_device }[] {
  return net.dev_base_head.filter((dev) => is_tap(dev, kind)).map((dev) => ({ name: tap_name(dev), object: dev }))
}
export const macvtap_class: device_class = { name: 'macvtap', list: (net) => taps(net, 'macvtap'), path: tap_path, dir: tap_dir }
export const ipvtap_class: device_class = { name: 'ipvtap', list: (net) => taps(net, 'ipvtap'), path: tap_path, dir: tap_dir }

/** macvtap_device_event(), ipvtap_device_event(): `data` is the kind's class. */
export function tap_device_event(nb: notifier_block, event: number, { dev }: netdev_notifier_info): number {
  const { name } = nb.data as device_class
  if (kind_of(dev) !== name) return NOTIFY_DONE
  const priv = netdev_priv<tap_minor>(dev)
  if (event === NETDEV_REGISTER && priv.minor === 0) {
    priv.minor = tap_get_minor(dev.nd_net.kernel, name)
    dev.sysfs_groups = [...dev.sysfs_groups, name === 'macvtap' ? macvtap_group : ipvtap_group]
    vfs_of(dev.nd_net.kernel).chrdevs.set(`/dev/${tap_name(dev)}`, tap_fops)
    kobject_uevent(dev.nd_net, 'add', `/${tap_path(dev)}`, name, numbers(dev))
  } else if (event === NETDEV_UNREGISTER && priv.minor > 0) {
    vfs_of(dev.nd_net.kernel).chrdevs.delete(`/dev/${tap_name(dev)}`)
    kobject_uevent(dev.nd_net, 'remove', `/${tap_path(dev)}`, name, numbers(dev))
    priv.minor = 0
    dev.sysfs_groups = dev.sysfs_groups.filter(({ dir }) => dir !== group_dir)
  }
  return NOTIFY_DONE
}
/** tap_create_cdev() and the class: called by the kinds when they are loaded. */
export function tap_class_register(kernel: Kernel, tap_class: device_class): Errno | undefined {
  vfs_of(kernel).classes.set(tap_class.name, tap_class)
  return register_netdevice_notifier(kernel, new notifier_block(tap_device_event, tap_class))
}
