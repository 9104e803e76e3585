/** drivers/net/bonding/bond_netlink.c: bonds by request: the order in which options are set, and which excludes which. */
import { type AttrTable, eachAttr } from '../../../lib/attrs.ts'
import { get16, get32 } from '../../../lib/bytes.ts'
import { __dev_get_by_index, netdev_warn, netif_carrier_off, register_netdevice, unregister_netdevice } from '../../../net/core/dev.ts'
import type { net } from '../../../net/core/net_namespace.ts'
import type { net_device } from '../../../net/core/netdevice.ts'
import type { netlink_ext_ack } from '../../../net/netlink/extack.ts'
import { NLA_BINARY, NLA_NESTED, NLA_S32, NLA_U8, NLA_U16, NLA_U32, policy, range } from '../../../net/netlink/policy.ts'
import { EINVAL, ENODEV, type Errno, isErrno } from '../../../uapi/errno.ts'
import { ETH_ALEN } from '../../../uapi/linux/if_ether.ts'
import * as L from '../../../uapi/linux/if_link_bond.ts'
import type { Attr } from '../../../lib/attrs.ts'
import * as O from './bond_opt_tables.ts'
import { __bond_opt_set, type bond_opt_value, bond_opt_initstr, bond_opt_initval } from './bond_options.ts'
import { bond_option_arp_ip_targets_clear, bond_option_ns_ip6_targets_clear } from './bond_options_targets.ts'
import { bond_of, type bonding } from './bonding.ts'
import { bond_work_init_all } from './bond_works.ts'

export const bond_policy = policy(
  L.IFLA_BOND,
  {
    IFLA_BOND_MODE: NLA_U8,
    IFLA_BOND_ACTIVE_SLAVE: NLA_U32,
    IFLA_BOND_MIIMON: NLA_U32,
    IFLA_BOND_UPDELAY: NLA_U32,
    IFLA_BOND_DOWNDELAY: NLA_U32,
    IFLA_BOND_USE_CARRIER: NLA_U8,
    IFLA_BOND_ARP_INTERVAL: NLA_U32,
    IFLA_BOND_ARP_IP_TARGET: NLA_NESTED(),
    IFLA_BOND_ARP_VALIDATE: NLA_U32,
    IFLA_BOND_ARP_ALL_TARGETS: NLA_U32,
    IFLA_BOND_PRIMARY: NLA_U32,
    IFLA_BOND_PRIMARY_RESELECT: NLA_U8,
    IFLA_BOND_FAIL_OVER_MAC: NLA_U8,
    IFLA_BOND_XMIT_HASH_POLICY: NLA_U8,
    IFLA_BOND_RESEND_IGMP: NLA_U32,
    IFLA_BOND_NUM_PEER_NOTIF: NLA_U8,
    IFLA_BOND_ALL_SLAVES_ACTIVE: NLA_U8,
    IFLA_BOND_MIN_LINKS: NLA_U32,
    IFLA_BOND_LP_INTERVAL: NLA_U32,
    IFLA_BOND_PACKETS_PER_SLAVE: NLA_U32,
    IFLA_BOND_AD_LACP_ACTIVE: NLA_U8,
    IFLA_BOND_AD_LACP_RATE: NLA_U8,
    IFLA_BOND_AD_SELECT: NLA_U8,
    IFLA_BOND_AD_INFO: NLA_NESTED(),
    IFLA_BOND_AD_ACTOR_SYS_PRIO: NLA_U16,
    IFLA_BOND_AD_USER_PORT_KEY: NLA_U16,
    IFLA_BOND_AD_ACTOR_SYSTEM: NLA_BINARY(ETH_ALEN),
    IFLA_BOND_TLB_DYNAMIC_LB: NLA_U8,
    IFLA_BOND_PEER_NOTIF_DELAY: range(NLA_U32, 0, 300000),
    IFLA_BOND_MISSED_MAX: NLA_U8,
    IFLA_BOND_NS_IP6_TARGET: NLA_NESTED(),
    IFLA_BOND_COUPLED_CONTROL: NLA_U8,
  },
  { name: 'bond_policy' },
)
export const bond_slave_policy = policy(
  L.IFLA_BOND_SLAVE,
  { IFLA_BOND_SLAVE_QUEUE_ID: NLA_U16, IFLA_BOND_SLAVE_PRIO: NLA_S32, IFLA_BOND_SLAVE_ACTOR_PORT_PRIO: NLA_U16 },
  { name: 'bond_slave_policy' },
)

/** A request in work: the bond, what is asked, whom to tell. */
interface change {
  bond: bonding
  data: AttrTable
  extack: netlink_ext_ack
}
type step = (c: change) => Errno | undefined

function set({ bond, data, extack }: change, id: number, attr: Attr<any>, val: bond_opt_value): Errno | undefined {
  return __bond_opt_set(bond, id, val, data.at(attr), extack)
}
/** A number as it is; Linux keeps all of them in an int. */
function number(attr: Attr<number>, id: number): step {
  return (c) => {
    const value = c.data.get(attr)
    return value === undefined ? undefined : set(c, id, attr, bond_opt_initval(attr.type.size === 4 ? value | 0 : value))
  }
}
function active_slave(c: change): Errno | undefined {
  const ifindex = c.data.get(L.IFLA_BOND_ACTIVE_SLAVE)
  if (ifindex === undefined) return undefined
  const dev = ifindex === 0 ? undefined : __dev_get_by_index(c.bond.dev.nd_net, ifindex)
  if (ifindex !== 0 && dev === undefined) return ENODEV
  return set(c, O.BOND_OPT_ACTIVE_SLAVE, L.IFLA_BOND_ACTIVE_SLAVE, bond_opt_initstr(dev?.name ?? ''))
}
function primary(c: change): Errno | undefined {
  const ifindex = c.data.get(L.IFLA_BOND_PRIMARY)
  if (ifindex === undefined) return undefined
  const dev = __dev_get_by_index(c.bond.dev.nd_net, ifindex)
  return set(c, O.BOND_OPT_PRIMARY, L.IFLA_BOND_PRIMARY, bond_opt_initstr(dev?.name ?? ''))
}

/** One monitor excludes the other: within one request that is an error, later the one takes the other's place. */
function without_miimon(c: change, attr: Attr<number>, option: number, refusal: string): Errno | undefined {
  const { data, extack } = c
  const value = data.get(attr)
  if (value === undefined) return undefined
  const miimon = data.get(L.IFLA_BOND_MIIMON) ?? 0
  if (value !== 0 && miimon !== 0) return extack.fail(EINVAL, refusal, data.at(L.IFLA_BOND_ARP_INTERVAL))
  return set(c, option, attr, bond_opt_initval(value | 0))
}
function arp_interval(c: change): Errno | undefined {
  return without_miimon(c, L.IFLA_BOND_ARP_INTERVAL, O.BOND_OPT_ARP_INTERVAL, 'ARP monitoring cannot be used with MII monitoring')
}
function arp_validate(c: change): Errno | undefined {
  return without_miimon(c, L.IFLA_BOND_ARP_VALIDATE, O.BOND_OPT_ARP_VALIDATE, 'ARP validating cannot be used with MII monitoring')
}

/** The list replaces the former one; the first member that is wrong ends it. */
function each_target(c: change, attr: Attr<any>, set_one: (at: number, length: number) => Errno | undefined): number | Errno {
  const { data } = c
  const at = data.at(attr)
  let count = 0
  let error: Errno | undefined
  eachAttr(data.buf, at + 4, at + get16(data.buf, at), (_nr, o) => {
    if (error !== undefined) return
    error = set_one(o, get16(data.buf, o) - 4)
    if (error === undefined) count++
  })
  return error ?? count
}
function arp_ip_target(c: change): Errno | undefined {
  const { bond, data, extack } = c
  if (!data.has(L.IFLA_BOND_ARP_IP_TARGET)) return undefined
  bond_option_arp_ip_targets_clear(bond)
  const count = each_target(c, L.IFLA_BOND_ARP_IP_TARGET, (o, length) => {
    if (length < 4) return EINVAL
    return __bond_opt_set(
      bond,
      O.BOND_OPT_ARP_TARGETS,
      bond_opt_initval(get32(data.buf, o + 4)),
      data.at(L.IFLA_BOND_ARP_IP_TARGET),
      extack,
    )
  })
  if (isErrno(count)) return count
  if (count === 0 && bond.params.arp_interval) netdev_warn(bond.dev, 'Removing last arp target with arp_interval on')
  return undefined
}
function ns_ip6_target(c: change): Errno | undefined {
  const { bond, data, extack } = c
  if (!data.has(L.IFLA_BOND_NS_IP6_TARGET)) return undefined
  bond_option_ns_ip6_targets_clear(bond)
  const count = each_target(c, L.IFLA_BOND_NS_IP6_TARGET, (o, length) => {
    if (length < 16) return extack.fail(EINVAL, 'Invalid IPv6 address')
    const val = { value: Number.NaN, extra: data.buf.slice(o + 4, o + 20) }
    return __bond_opt_set(bond, O.BOND_OPT_NS_TARGETS, val, data.at(L.IFLA_BOND_NS_IP6_TARGET), extack)
  })
  if (isErrno(count)) return count
  if (count === 0 && bond.params.arp_interval) netdev_warn(bond.dev, 'Removing last ns target with arp_interval on')
  return undefined
}
function ad_actor_system(c: change): Errno | undefined {
  const mac = c.data.payload(L.IFLA_BOND_AD_ACTOR_SYSTEM)
  if (mac === undefined) return undefined
  if (mac.length !== ETH_ALEN) return EINVAL
  const value = get32(mac, 0) + get16(mac, 4) * 2 ** 32
  return set(c, O.BOND_OPT_AD_ACTOR_SYSTEM, L.IFLA_BOND_AD_ACTOR_SYSTEM, { value, extra: mac.slice() })
}

/** In this order, whatever the request's. */
const steps: readonly step[] = [
  number(L.IFLA_BOND_MODE, O.BOND_OPT_MODE),
  active_slave,
  number(L.IFLA_BOND_MIIMON, O.BOND_OPT_MIIMON),
  number(L.IFLA_BOND_UPDELAY, O.BOND_OPT_UPDELAY),
  number(L.IFLA_BOND_DOWNDELAY, O.BOND_OPT_DOWNDELAY),
  number(L.IFLA_BOND_PEER_NOTIF_DELAY, O.BOND_OPT_PEER_NOTIF_DELAY),
  number(L.IFLA_BOND_USE_CARRIER, O.BOND_OPT_USE_CARRIER),
  arp_interval,
  arp_ip_target,
  ns_ip6_target,
  arp_validate,
  number(L.IFLA_BOND_ARP_ALL_TARGETS, O.BOND_OPT_ARP_ALL_TARGETS),
  primary,
  number(L.IFLA_BOND_PRIMARY_RESELECT, O.BOND_OPT_PRIMARY_RESELECT),
  number(L.IFLA_BOND_FAIL_OVER_MAC, O.BOND_OPT_FAIL_OVER_MAC),
  number(L.IFLA_BOND_XMIT_HASH_POLICY, O.BOND_OPT_XMIT_HASH),
  number(L.IFLA_BOND_RESEND_IGMP, O.BOND_OPT_RESEND_IGMP),
  number(L.IFLA_BOND_NUM_PEER_NOTIF, O.BOND_OPT_NUM_PEER_NOTIF),
  number(L.IFLA_BOND_ALL_SLAVES_ACTIVE, O.BOND_OPT_ALL_SLAVES_ACTIVE),
  number(L.IFLA_BOND_MIN_LINKS, O.BOND_OPT_MINLINKS),
  number(L.IFLA_BOND_LP_INTERVAL, O.BOND_OPT_LP_INTERVAL),
  number(L.IFLA_BOND_PACKETS_PER_SLAVE, O.BOND_OPT_PACKETS_PER_SLAVE),
  number(L.IFLA_BOND_AD_LACP_ACTIVE, O.BOND_OPT_LACP_ACTIVE),
  number(L.IFLA_BOND_AD_LACP_RATE, O.BOND_OPT_LACP_RATE),
  number(L.IFLA_BOND_AD_SELECT, O.BOND_OPT_AD_SELECT),
  number(L.IFLA_BOND_AD_ACTOR_SYS_PRIO, O.BOND_OPT_AD_ACTOR_SYS_PRIO),
  number(L.IFLA_BOND_AD_USER_PORT_KEY, O.BOND_OPT_AD_USER_PORT_KEY),
  ad_actor_system,
  number(L.IFLA_BOND_TLB_DYNAMIC_LB, O.BOND_OPT_TLB_DYNAMIC_LB),
  number(L.IFLA_BOND_MISSED_MAX, O.BOND_OPT_MISSED_MAX),
  number(L.IFLA_BOND_COUPLED_CONTROL, O.BOND_OPT_COUPLED_CONTROL),
]
export function bond_changelink(dev: net_device, _tb: AttrTable, data: AttrTable | undefined, extack: netlink_ext_ack): Errno | undefined {
  if (data === undefined) return undefined
  const c: change = { bond: bond_of(dev), data, extack }
  for (const step of steps) {
    const error = step(c)
    if (isErrno(error)) return error
  }
  return undefined
}
export function bond_newlink(
  _src_net: net,
  dev: net_device,
  tb: AttrTable,
  data: AttrTable | undefined,
  extack: netlink_ext_ack,
): Errno | undefined {
  const error = register_netdevice(dev, extack)
  if (isErrno(error)) return error
  netif_carrier_off(dev)
  bond_work_init_all(bond_of(dev))
  const refused = bond_changelink(dev, tb, data, extack)
  if (isErrno(refused)) unregister_netdevice(dev)
  return refused
}

export function bond_slave_changelink(
  dev: net_device,
  slave_dev: net_device,
  _tb: AttrTable,
  data: AttrTable | undefined,
  extack: netlink_ext_ack,
): Errno | undefined {
  if (data === undefined) return undefined
  const c: change = { bond: bond_of(dev), data, extack }
  const queue_id = data.get(L.IFLA_BOND_SLAVE_QUEUE_ID)
  if (queue_id !== undefined) {
    const error = set(c, O.BOND_OPT_QUEUE_ID, L.IFLA_BOND_SLAVE_QUEUE_ID, bond_opt_initstr(`${slave_dev.name}:${queue_id}\n`))
    if (isErrno(error)) return error
  }
  const prio = data.get(L.IFLA_BOND_SLAVE_PRIO)
  if (prio !== undefined) {
    const error = set(c, O.BOND_OPT_PRIO, L.IFLA_BOND_SLAVE_PRIO, { value: prio, slave_dev })
    if (isErrno(error)) return error
  }
  const ad_prio = data.get(L.IFLA_BOND_SLAVE_ACTOR_PORT_PRIO)
  if (ad_prio === undefined) return undefined
  return set(c, O.BOND_OPT_ACTOR_PORT_PRIO, L.IFLA_BOND_SLAVE_ACTOR_PORT_PRIO, { value: ad_prio, slave_dev })
}
