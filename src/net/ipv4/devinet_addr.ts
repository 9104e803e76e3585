/** net/ipv4/devinet.c __inet_insert_ifa, __inet_del_ifa: the address list of a device and its order. */
import { NOTIFY_STOP_MASK, notifier_to_errno, raw_notifier_call_chain } from '../../kernel/notifier.ts'
import { EEXIST, EINVAL, ENOBUFS, type Errno } from '../../uapi/errno.ts'
import {
  IFA_F_DADFAILED,
  IFA_F_HOMEADDRESS,
  IFA_F_MANAGETEMPADDR,
  IFA_F_NODAD,
  IFA_F_OPTIMISTIC,
  IFA_F_SECONDARY,
  IFA_F_STABLE_PRIVACY,
  IFA_F_TENTATIVE,
} from '../../uapi/linux/if_addr.ts'
import { ipv4_is_loopback } from '../../uapi/linux/in.ts'
import { RT_SCOPE_HOST, RTM_DELADDR, RTM_NEWADDR } from '../../uapi/linux/rtnetlink.ts'
import type { net } from '../core/net_namespace.ts'
import { NETDEV_DOWN, NETDEV_UP, type net_device } from '../core/netdevice.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { watch_lifetime } from './devinet_lifetime.ts'
import { rtmsg_ifa } from './devinet_notify.ts'
import { fib_add_ifaddr, fib_del_ifaddr } from './fib_ifaddr.ts'
import { type nl_info, nl_kernel } from './fib_semantics.ts'
import {
  ifa_is_secondary,
  in_dev_promote_secondaries,
  type in_device,
  type in_ifaddr,
  inet_find_ifa,
  inet_ifa_byprefix,
  inet_ifa_match,
} from './in_device.ts'

/** Flags that only IPv6 has. */
const IPV6ONLY_FLAGS =
  IFA_F_NODAD | IFA_F_OPTIMISTIC | IFA_F_DADFAILED | IFA_F_HOMEADDRESS | IFA_F_TENTATIVE | IFA_F_MANAGETEMPADDR | IFA_F_STABLE_PRIVACY

/** Info on the inetaddr validator chain: a callback may refuse the address (notifier_from_errno). */
export interface in_validator_info {
  ivi_addr: number
  ivi_dev: in_device
  extack: netlink_ext_ack | undefined
}

function inet_hash_insert(net: net, ifa: in_ifaddr): void {
  const holders = net.ipv4.inet_addr_lst.get(ifa.ifa_local)
  if (holders === undefined) net.ipv4.inet_addr_lst.set(ifa.ifa_local, [ifa])
  else holders.unshift(ifa)
}
function inet_hash_remove(net: net, ifa: in_ifaddr): void {
  net.ipv4.ifa_mortal.delete(ifa)
  const holders = net.ipv4.inet_addr_lst.get(ifa.ifa_local)
  const at = holders?.indexOf(ifa) ?? -1
  if (holders === undefined || at < 0) return
  holders.splice(at, 1)
  if (holders.length === 0) net.ipv4.inet_addr_lst.delete(ifa.ifa_local)
}
/** Some address of the namespace with this local part (inet_lookup_ifaddr_rcu). */
export function inet_lookup_ifaddr(net: net, addr: number): in_ifaddr | undefined {
  return net.ipv4.inet_addr_lst.get(addr)?.[0]
}

function same_subnet(a: in_ifaddr, b: in_ifaddr): boolean {
  return a.ifa_mask === b.ifa_mask && inet_ifa_match(a.ifa_address, b)
}

/** Settings of a device with addresses no longer follow `default` (ipv4_devconf_setall). */
export function ipv4_devconf_setall(in_dev: in_device): void {
  in_dev.cnf.choose_all()
}

/**
 * Lists an address: primaries by scope, narrow ones first, a new one behind its equals; secondaries behind all. The first
 * address of a subnet is its primary. Listeners hear of the address before its routes.
 */
export function inet_insert_ifa(ifa: in_ifaddr, info: nl_info, extack?: netlink_ext_ack): Errno | undefined {
  if (ifa.ifa_local === 0) return undefined
  const { ifa_dev: in_dev } = ifa
  const { dev } = in_dev
  ifa.ifa_flags &= ~(IFA_F_SECONDARY | IPV6ONLY_FLAGS)
  const first = inet_ifa_byprefix(in_dev, ifa.ifa_address, ifa.ifa_mask)
  if (first !== undefined) {
    if (first.ifa_local === ifa.ifa_local) return EEXIST
    // all of a subnet have one scope
    if (first.ifa_scope !== ifa.ifa_scope) return extack?.fail(EINVAL, 'ipv4: Invalid scope value') ?? EINVAL
    if (inet_find_ifa(in_dev, ifa.ifa_local).some((other) => same_subnet(other, ifa))) return EEXIST
    ifa.ifa_flags |= IFA_F_SECONDARY
  }
  const { inet } = dev.nd_net.kernel
  const asked: in_validator_info = { ivi_addr: ifa.ifa_address, ivi_dev: in_dev, extack }
  const answer = raw_notifier_call_chain(inet.inetaddr_validator_chain, NETDEV_UP, asked)
  if (answer & NOTIFY_STOP_MASK) return notifier_to_errno(answer)
  link(in_dev, ifa, ifa_is_secondary(ifa) ? in_dev.ifa_head.last : last_primary_of(in_dev, ifa.ifa_scope))
  in_dev.subnet_add(ifa)
  inet_hash_insert(dev.nd_net, ifa)
  watch_lifetime(ifa)
  rtmsg_ifa(RTM_NEWADDR, ifa, info)
  raw_notifier_call_chain(inet.inetaddr_chain, NETDEV_UP, ifa)
  return undefined
}

/** The last primary of the scope or a narrower one. */
function last_primary_of(in_dev: in_device, scope: number): in_ifaddr | undefined {
  let place = in_dev.last_primary
  while (place !== undefined && place.ifa_scope < scope) place = place.list_prev
  return place
}
/** Into the list behind `place`; undefined: in front of all. */
function link(in_dev: in_device, ifa: in_ifaddr, place: in_ifaddr | undefined): void {
  in_dev.ifa_head.add_behind(ifa, place)
  if (!ifa_is_secondary(ifa) && place === in_dev.last_primary) in_dev.last_primary = ifa
}

/** The ioctls' way: an address of 127/8 has host scope (inet_set_ifa). */
export function inet_set_ifa(dev: net_device, ifa: in_ifaddr): Errno | undefined {
  const in_dev = dev.ip_ptr
  if (in_dev === undefined) return ENOBUFS
  ipv4_devconf_setall(in_dev)
  ifa.ifa_dev = in_dev
  if (ipv4_is_loopback(ifa.ifa_local)) ifa.ifa_scope = RT_SCOPE_HOST
  return inet_insert_ifa(ifa, nl_kernel)
}

function unlink(in_dev: in_device, ifa: in_ifaddr, info: nl_info): void {
  const net = in_dev.dev.nd_net
  if (ifa === in_dev.last_primary) in_dev.last_primary = ifa.list_prev
  in_dev.ifa_head.del(ifa)
  in_dev.subnet_del(ifa)
  inet_hash_remove(net, ifa)
  rtmsg_ifa(RTM_DELADDR, ifa, info)
  raw_notifier_call_chain(net.kernel.inet.inetaddr_chain, NETDEV_DOWN, ifa)
}

/**
 * Takes an address away. With a primary go its secondaries, each told before it, unless promote_secondaries lets the first
 * of them take its place: then their routes are taken away before (their source was the primary) and come back after.
 */
export function inet_del_ifa(in_dev: in_device, ifa1: in_ifaddr, info: nl_info): void {
  const secondaries = in_dev.dead || ifa_is_secondary(ifa1) ? [] : [...(ifa1.subnet_others ?? [])]
  if (secondaries.length === 0) return unlink(in_dev, ifa1, info)
  if (!in_dev_promote_secondaries(in_dev)) {
    for (const ifa of secondaries) unlink(in_dev, ifa, info)
    return unlink(in_dev, ifa1, info)
  }
  for (const ifa of secondaries) fib_del_ifaddr(ifa, ifa1)
  const [promote, ...rest] = secondaries
  const place = promotion_place(in_dev, ifa1, promote)
  unlink(in_dev, ifa1, info)
  in_dev.ifa_head.del(promote)
  promote.ifa_flags &= ~IFA_F_SECONDARY
  link(in_dev, promote, place)
  rtmsg_ifa(RTM_NEWADDR, promote, info)
  raw_notifier_call_chain(in_dev.dev.nd_net.kernel.inet.inetaddr_chain, NETDEV_UP, promote)
  for (const ifa of rest) fib_add_ifaddr(ifa)
}

/**
 * What the promoted address comes behind: the last primary with at least the deleted one's scope, else the head of the
 * list. It stays where it is when nothing stands between the two. Undefined: the front.
 */
function promotion_place(in_dev: in_device, ifa1: in_ifaddr, promote: in_ifaddr): in_ifaddr | undefined {
  if (ifa1.list_next === promote) return ifa1.list_prev
  let last = in_dev.ifa_head.first
  for (let ifa = ifa1.list_next; ifa !== undefined && ifa !== promote; ifa = ifa.list_next)
    if (!ifa_is_secondary(ifa) && ifa1.ifa_scope <= ifa.ifa_scope) last = ifa
  return last === ifa1 ? undefined : last
}
