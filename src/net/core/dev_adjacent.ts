/** net/core/dev.c: which devices lie upon which. A master is the upper device that packets belong to (bridge, bond …). */
import { list } from '../../lib/list.ts'
import { EBUSY, EEXIST, EMLINK, type Errno, isErrno } from '../../uapi/errno.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { ask_netdevice_notifiers, call_netdevice_notifiers } from './dev_notifier.ts'
import { NETDEV_CHANGELOWERSTATE, NETDEV_CHANGEUPPER, NETDEV_PRECHANGEUPPER, type net_device, type netdev_adjacent } from './netdevice.ts'

const MAX_NEST_DEV = 8

/** adj_list: the neighbours of one device on one side. A device may have thousands upon it, and any of them may go. */
export class netdev_adjacents extends list<netdev_adjacent> {
  private readonly by_dev = new Map<net_device, netdev_adjacent>()
  of(dev: net_device): netdev_adjacent | undefined {
    return this.by_dev.get(dev)
  }
  /** Behind `place`: the master comes first in the list of uppers. */
  insert(dev: net_device, master: boolean, priv: unknown, place: netdev_adjacent | undefined): void {
    const adj = { dev, master, private: priv, ignore: false, ref_nr: 1, list_prev: undefined, list_next: undefined }
    this.add_behind(adj, place)
    this.by_dev.set(dev, adj)
  }
  remove(dev: net_device): void {
    const adj = this.by_dev.get(dev)
    if (adj === undefined) return
    this.by_dev.delete(dev)
    this.del(adj)
  }
}

export function netdev_master_upper_dev_get(dev: net_device): net_device | undefined {
  const first = dev.adj_upper?.first
  return first?.master ? first.dev : undefined
}
/** From above downwards: a device may have thousands upon it, and who comes has few below. */
export function netdev_has_upper_dev(dev: net_device, upper_dev: net_device): boolean {
  return upper_dev.lower.some((adj) => adj.dev === dev || netdev_has_upper_dev(dev, adj.dev))
}
export function netdev_has_any_upper_dev(dev: net_device): boolean {
  return dev.adj_upper?.first !== undefined
}
export function netdev_has_any_lower_dev(dev: net_device): boolean {
  return dev.adj_lower?.first !== undefined
}
/** netdev_lower_dev_get_private(): what the upper device keeps about this one. */
export function netdev_lower_dev_get_private(dev: net_device, lower_dev: net_device): unknown {
  return dev.adj_lower?.of(lower_dev)?.private
}

function link(dev: net_device, upper_dev: net_device, master: boolean, priv: unknown): void {
  dev.adj_upper ??= new netdev_adjacents()
  upper_dev.adj_lower ??= new netdev_adjacents()
  dev.adj_upper.insert(upper_dev, master, undefined, master ? undefined : dev.adj_upper.last)
  upper_dev.adj_lower.insert(dev, master, priv, upper_dev.adj_lower.last)
}
function unlink(dev: net_device, upper_dev: net_device): void {
  dev.adj_upper?.remove(upper_dev)
  upper_dev.adj_lower?.remove(dev)
}
/** One more than the highest of the list, which cannot be above `most`: of thousands on one device the first mostly has it. */
function level(of_list: netdev_adjacents | undefined, of: (dev: net_device) => number, most: number): number {
  let found = 1
  for (let adj = of_list?.first; adj !== undefined && found < most; adj = adj.list_next) found = Math.max(found, 1 + of(adj.dev))
  return found
}
/** __netdev_update_upper_level() for all below, __netdev_update_lower_level() for all above. */
function update_levels(dev: net_device, upper_dev: net_device): void {
  // where a level stays, so do those that go by it
  const down = (d: net_device, above: number): void => {
    const now = level(d.adj_upper, (u) => u.upper_level, Math.max(d.upper_level, 1 + above))
    if (now === d.upper_level) return
    d.upper_level = now
    for (const adj of d.lower) down(adj.dev, now)
  }
  const up = (d: net_device, below: number): void => {
    const now = level(d.adj_lower, (l) => l.lower_level, Math.max(d.lower_level, 1 + below))
    if (now === d.lower_level) return
    d.lower_level = now
    for (const adj of d.upper) up(adj.dev, now)
  }
  down(dev, upper_dev.upper_level)
  up(upper_dev, dev.lower_level)
}

function upper_dev_link(
  dev: net_device,
  upper_dev: net_device,
  master: boolean,
  upper_priv: unknown,
  upper_info: unknown,
  extack?: netlink_ext_ack,
): Errno | undefined {
  if (dev === upper_dev || netdev_has_upper_dev(upper_dev, dev)) return EBUSY
  if (dev.lower_level + upper_dev.upper_level > MAX_NEST_DEV) return EMLINK
  const current = netdev_master_upper_dev_get(dev)
  if (!master && netdev_has_upper_dev(dev, upper_dev)) return EEXIST
  if (master && current !== undefined) return current === upper_dev ? EEXIST : EBUSY
  const info = { extack, upper_dev, master, linking: true, upper_info }
  const refused = ask_netdevice_notifiers(NETDEV_PRECHANGEUPPER, dev, info)
  if (isErrno(refused)) return refused
  link(dev, upper_dev, master, upper_priv)
  const error = ask_netdevice_notifiers(NETDEV_CHANGEUPPER, dev, info)
  if (isErrno(error)) {
    unlink(dev, upper_dev)
    return error
  }
  update_levels(dev, upper_dev)
  return undefined
}
export function netdev_upper_dev_link(dev: net_device, upper_dev: net_device, extack?: netlink_ext_ack): Errno | undefined {
  return upper_dev_link(dev, upper_dev, false, undefined, undefined, extack)
}
export function netdev_master_upper_dev_link(
  dev: net_device,
  upper_dev: net_device,
  upper_priv: unknown,
  upper_info: unknown,
  extack?: netlink_ext_ack,
): Errno | undefined {
  return upper_dev_link(dev, upper_dev, true, upper_priv, upper_info, extack)
}
export function netdev_upper_dev_unlink(dev: net_device, upper_dev: net_device): void {
  const master = netdev_master_upper_dev_get(dev) === upper_dev
  call_netdevice_notifiers(NETDEV_PRECHANGEUPPER, dev, { upper_dev, master, linking: false })
  unlink(dev, upper_dev)
  call_netdevice_notifiers(NETDEV_CHANGEUPPER, dev, { upper_dev, master, linking: false })
  update_levels(dev, upper_dev)
}
/** netdev_adjacent_change_prepare(): an upper device is to lie upon another lower one: linked to both until that is sure. */
export function netdev_adjacent_change_prepare(
  old_dev: net_device | undefined,
  new_dev: net_device | undefined,
  dev: net_device,
  extack?: netlink_ext_ack,
): Errno | undefined {
  return new_dev === undefined || new_dev === old_dev ? undefined : netdev_upper_dev_link(new_dev, dev, extack)
}
export function netdev_adjacent_change_commit(old_dev: net_device | undefined, new_dev: net_device | undefined, dev: net_device): void {
  if (old_dev !== undefined && new_dev !== undefined && new_dev !== old_dev) netdev_upper_dev_unlink(old_dev, dev)
}
export function netdev_adjacent_change_abort(old_dev: net_device | undefined, new_dev: net_device | undefined, dev: net_device): void {
  if (new_dev !== undefined && new_dev !== old_dev) netdev_upper_dev_unlink(new_dev, dev)
}
/** netdev_lower_state_changed(): bond and team tell of their slaves' states. */
export function netdev_lower_state_changed(lower_dev: net_device, lower_state_info: unknown): void {
  call_netdevice_notifiers(NETDEV_CHANGELOWERSTATE, lower_dev, { upper_info: lower_state_info })
}
