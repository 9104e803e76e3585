/** net/core/dev.c: names, alternative names and aliases of devices, and their indexes. */

import { lowest } from '../../lib/lowest.ts'
import { EBUSY, EEXIST, EINVAL, ENFILE, ENOENT, type Errno, isErrno } from '../../uapi/errno.ts'
import { ALTIFNAMSIZ, IFALIASZ, IFF_UP, IFNAMSIZ } from '../../uapi/linux/if.ts'
import { ask_netdevice_notifiers } from './dev_notifier.ts'
import { netdev_err, netdev_info } from './dev_printk.ts'
import { dev_base_seq_inc, netdev_name_in_use } from './dev_state.ts'
import { ascii_isspace } from './dev_valid.ts'
import type { net } from './net_namespace.ts'
import { netdev_rename_kobject } from './netdev_kobject.ts'
import { NET_NAME_RENAMED, NETDEV_CHANGENAME, type net_device } from './netdevice.ts'

/** 8 * PAGE_SIZE: how many numbers a template can give. */
const MAX_NETDEVICES = 32768
const S32_MAX = 0x7fffffff

/** dev_valid_name(): names become file names and shell words. */
export function dev_valid_name(name: string): boolean {
  if (name === '' || name.length >= IFNAMSIZ || name === '.' || name === '..') return false
  for (let i = 0; i < name.length; i++) {
    if (name[i] === '/' || name[i] === ':' || ascii_isspace(name.charCodeAt(i))) return false
  }
  return true
}

/** The number that `name` has under the template, when it is exactly what the template prints for it. */
function template_number(head: string, tail: string, name: string): number | undefined {
  if (!name.startsWith(head) || !name.endsWith(tail)) return undefined
  const digits = name.slice(head.length, name.length - tail.length)
  if (!/^(0|[1-9][0-9]{0,4})$/.test(digits)) return undefined
  const n = Number(digits)
  return n < MAX_NETDEVICES ? n : undefined
}

/** Templates whose lowest free number is known; more begin from nothing. */
const MAX_TEMPLATES = 16

/** The parts of a template around its one %d. */
function template_parts(template: string): [head: string, tail: string] | undefined {
  const at = template.indexOf('%')
  if (at < 0 || template[at + 1] !== 'd' || template.includes('%', at + 2)) return undefined
  return [template.slice(0, at), template.slice(at + 2)]
}
/**
 * __dev_alloc_name(): the lowest free number for the template's one %d, alternative names counted as taken. Linux looks at
 * all names each time; here those below the last one given are known to be taken.
 */
export function __dev_alloc_name(net: net, template: string): string | Errno {
  const parts = template_parts(template)
  if (parts === undefined) return EINVAL
  const [head, tail] = parts
  let n = net.dev_names_given.get(template) ?? 0
  while (net.dev_name_head.has(`${head}${n}${tail}`)) n++
  if (net.dev_names_given.size === MAX_TEMPLATES) net.dev_names_given.clear()
  net.dev_names_given.set(template, n)
  if (n >= MAX_NETDEVICES) return ENFILE
  // snprintf() into IFNAMSIZ: a template at the limit loses its end
  return `${head}${n}${tail}`.slice(0, IFNAMSIZ - 1)
}
/** A name is gone: its number may be given again. */
function name_gone(net: net, name: string): void {
  net.dev_name_head.delete(name)
  for (const [template, given] of net.dev_names_given) {
    const [head, tail] = template_parts(template) as [string, string]
    const n = template_number(head, tail, name)
    if (n !== undefined && n < given) net.dev_names_given.set(template, n)
  }
}

/** dev_prep_valid_name(): the name that `want` gives in the namespace, or why none. */
export function dev_prep_valid_name(net: net, want: string, dup_errno: Errno): string | Errno {
  if (!dev_valid_name(want)) return EINVAL
  if (want.includes('%')) return __dev_alloc_name(net, want)
  return netdev_name_in_use(net, want) ? dup_errno : want
}
/** dev_alloc_name(): names an unregistered device after a template. */
export function dev_alloc_name(dev: net_device, template: string): Errno | undefined {
  const name = dev_prep_valid_name(dev.nd_net, template, ENFILE)
  if (isErrno(name)) return name
  dev.name = name
  return undefined
}

/** dev_index_reserve(): the index asked for (EBUSY when taken), or for 0 the next free one, going round. */
export function dev_index_reserve(net: net, ifindex: number): number | Errno {
  if (ifindex < 0 || ifindex > S32_MAX) return EINVAL
  const taken = (i: number) => net.dev_index_head.has(i) || net.dev_index_reserved.has(i)
  let index = ifindex
  if (index !== 0) {
    if (taken(index)) return EBUSY
  } else {
    index = net.ifindex
    while (taken(index)) index = index === S32_MAX ? 1 : index + 1
    net.ifindex = index === S32_MAX ? 1 : index + 1
  }
  net.dev_index_reserved.add(index)
  return index
}
export function dev_index_release(net: net, ifindex: number): void {
  net.dev_index_reserved.delete(ifindex)
}

/** Place of the first device whose index is `ifindex` or above. */
function first_from({ dev_by_index: list }: net, ifindex: number): number {
  // the newest is mostly the last
  if (list.length > 0 && list[list.length - 1].ifindex < ifindex) return list.length
  return lowest(list.length, (i) => list[i].ifindex >= ifindex)
}
/** for_each_netdev_dump(): devices from `ifindex` on, in order of their indexes. None may come or go meanwhile. */
export function* netdevs_from(net: net, ifindex: number): Generator<net_device> {
  const { dev_by_index: list } = net
  for (let i = first_from(net, ifindex); i < list.length; i++) yield list[i]
}

/** list_netdevice(): into the list, the name hash (with alternative names) and the index hash. */
export function list_netdevice(dev: net_device): void {
  const net = dev.nd_net
  net.dev_base.add(dev)
  net.dev_list?.push(dev)
  for (const name of [dev.name, ...dev.altnames]) net.dev_name_head.set(name, dev)
  net.dev_index_reserved.delete(dev.ifindex)
  net.dev_index_head.set(dev.ifindex, dev)
  const last = net.dev_sorted?.at(-1)
  if (last === undefined || last.ifindex > dev.ifindex) net.dev_sorted = undefined
  else net.dev_sorted?.push(dev)
  dev_base_seq_inc(net)
}
export function unlist_netdevice(dev: net_device): void {
  const net = dev.nd_net
  net.dev_base.delete(dev)
  net.dev_list = net.dev_sorted = undefined
  for (const name of [dev.name, ...dev.altnames]) if (net.dev_name_head.get(name) === dev) name_gone(net, name)
  net.dev_index_head.delete(dev.ifindex)
  dev_base_seq_inc(net)
}

/** netdev_name_node_alt_create() */
export function netdev_altname_add(dev: net_device, name: string): Errno | undefined {
  if (name.length >= ALTIFNAMSIZ) return EINVAL
  if (netdev_name_in_use(dev.nd_net, name)) return EEXIST
  dev.altnames = [...dev.altnames, name]
  dev.nd_net.dev_name_head.set(name, dev)
  return undefined
}
/** netdev_name_node_alt_destroy(): the name itself cannot be removed, nor another device's. */
export function netdev_altname_del(dev: net_device, name: string): Errno | undefined {
  const found = dev.nd_net.dev_name_head.get(name)
  if (found === undefined) return ENOENT
  if (found !== dev || name === dev.name) return EINVAL
  dev.altnames = dev.altnames.filter((other) => other !== name)
  name_gone(dev.nd_net, name)
  return undefined
}

function move_name(dev: net_device, from: string, to: string): void {
  name_gone(dev.nd_net, from)
  dev.name = to
  dev.nd_net.dev_name_head.set(to, dev)
}

/** dev_change_name(): up or down. Who objects makes the old name come back, which everyone is told as well. */
export function dev_change_name(dev: net_device, newname: string): Errno | undefined {
  if (newname === dev.name) return undefined
  const oldname = dev.name
  const name = dev_prep_valid_name(dev.nd_net, newname, EEXIST)
  if (isErrno(name)) return name
  const old_assign_type = dev.name_assign_type
  move_name(dev, oldname, name)
  if (oldname !== '' && !oldname.includes('%')) {
    netdev_info(dev, `renamed from ${oldname}${dev.flags & IFF_UP ? ' (while UP)' : ''}`)
  }
  dev.name_assign_type = NET_NAME_RENAMED
  netdev_rename_kobject(dev, oldname)
  const error = ask_netdevice_notifiers(NETDEV_CHANGENAME, dev)
  if (!isErrno(error)) return undefined
  move_name(dev, name, oldname)
  dev.name_assign_type = old_assign_type
  netdev_rename_kobject(dev, name)
  const again = ask_netdevice_notifiers(NETDEV_CHANGENAME, dev)
  if (isErrno(again)) netdev_err(dev, `name change rollback failed: -${again.code}`)
  return error
}

/** dev_set_alias(): an empty text removes it. */
export function dev_set_alias(dev: net_device, alias: string): Errno | undefined {
  if (alias.length >= IFALIASZ) return EINVAL
  dev.ifalias = alias === '' ? undefined : alias
  return undefined
}
