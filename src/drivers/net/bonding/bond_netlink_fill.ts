/** drivers/net/bonding/bond_netlink.c: what is told of bonds and of their slaves. */
import { CAP_NET_ADMIN } from '../../../kernel/capability.ts'
import { capable } from '../../../kernel/task.ts'
import { putBe32 } from '../../../lib/bytes.ts'
import type { MessageBuilder } from '../../../lib/message.ts'
import type { net_device } from '../../../net/core/netdevice.ts'
import { BOND_MODE_8023AD } from '../../../uapi/linux/if_bonding.ts'
import * as L from '../../../uapi/linux/if_link_bond.ts'
import { IFLA_STATS_LINK_XSTATS } from '../../../uapi/linux/if_link.ts'
import { bond_3ad_get_active_agg_info, bond_3ad_stats_fill } from './bond_3ad.ts'
import { ad_of } from './bond_3ad_port.ts'
import { bond_of, bond_option_active_slave_get, bond_slave_get, type bonding } from './bonding.ts'

/** Whether the one who asks may know what a partner says of itself. */
export function bond_may_know({ dev }: bonding): boolean {
  const { current } = dev.nd_net.kernel
  return current === undefined || capable(current, CAP_NET_ADMIN)
}

function fill_targets(skb: MessageBuilder, { params }: bonding): void {
  const targets = skb.nestNoflag(L.IFLA_BOND_ARP_IP_TARGET)
  let any = false
  for (const [i, target] of params.arp_targets.entries()) {
    if (target === 0) continue
    any = true
    const o = skb.reserve(i, 4)
    if (o >= 0) putBe32(skb.buf, o, target)
  }
  if (any) skb.nestEnd(targets)
  else skb.nestCancel(targets)
}
function fill_ns_targets(skb: MessageBuilder, { params }: bonding): void {
  const targets = skb.nest(L.IFLA_BOND_NS_IP6_TARGET)
  for (const [i, target] of params.ns_targets.entries()) skb.putBytes(i, target)
  if (params.ns_targets.length > 0) skb.nestEnd(targets)
  else skb.nestCancel(targets)
}
function fill_ad(skb: MessageBuilder, bond: bonding): void {
  const { params } = bond
  if (bond_may_know(bond)) {
    skb.put(L.IFLA_BOND_AD_ACTOR_SYS_PRIO, params.ad_actor_sys_prio)
    skb.put(L.IFLA_BOND_AD_USER_PORT_KEY, params.ad_user_port_key)
    skb.put(L.IFLA_BOND_AD_ACTOR_SYSTEM, params.ad_actor_system)
  }
  const info = bond_3ad_get_active_agg_info(bond)
  if (info === undefined) return
  const nest = skb.nestNoflag(L.IFLA_BOND_AD_INFO)
  skb.put(L.IFLA_BOND_AD_INFO_AGGREGATOR, info.aggregator_id)
  skb.put(L.IFLA_BOND_AD_INFO_NUM_PORTS, info.ports)
  skb.put(L.IFLA_BOND_AD_INFO_ACTOR_KEY, info.actor_key)
  skb.put(L.IFLA_BOND_AD_INFO_PARTNER_KEY, info.partner_key)
  skb.put(L.IFLA_BOND_AD_INFO_PARTNER_MAC, info.partner_system)
  skb.nestEnd(nest)
}
export function bond_fill_info(skb: MessageBuilder, dev: net_device): void {
  const bond = bond_of(dev)
  const { params } = bond
  skb.put(L.IFLA_BOND_MODE, params.mode)
  const active = bond_option_active_slave_get(bond)
  if (active !== undefined) skb.put(L.IFLA_BOND_ACTIVE_SLAVE, active.ifindex)
  skb.put(L.IFLA_BOND_MIIMON, params.miimon)
  skb.put(L.IFLA_BOND_UPDELAY, params.updelay * params.miimon)
  skb.put(L.IFLA_BOND_DOWNDELAY, params.downdelay * params.miimon)
  skb.put(L.IFLA_BOND_PEER_NOTIF_DELAY, params.peer_notif_delay * params.miimon)
  skb.put(L.IFLA_BOND_USE_CARRIER, params.use_carrier)
  skb.put(L.IFLA_BOND_ARP_INTERVAL, params.arp_interval)
  fill_targets(skb, bond)
  skb.put(L.IFLA_BOND_ARP_VALIDATE, params.arp_validate)
  skb.put(L.IFLA_BOND_ARP_ALL_TARGETS, params.arp_all_targets)
  fill_ns_targets(skb, bond)
  if (bond.primary_slave !== undefined) skb.put(L.IFLA_BOND_PRIMARY, bond.primary_slave.dev.ifindex)
  skb.put(L.IFLA_BOND_PRIMARY_RESELECT, params.primary_reselect)
  skb.put(L.IFLA_BOND_FAIL_OVER_MAC, params.fail_over_mac)
  skb.put(L.IFLA_BOND_XMIT_HASH_POLICY, params.xmit_policy)
  skb.put(L.IFLA_BOND_RESEND_IGMP, params.resend_igmp)
  skb.put(L.IFLA_BOND_NUM_PEER_NOTIF, params.num_peer_notif)
  skb.put(L.IFLA_BOND_ALL_SLAVES_ACTIVE, params.all_slaves_active)
  skb.put(L.IFLA_BOND_MIN_LINKS, params.min_links)
  skb.put(L.IFLA_BOND_LP_INTERVAL, params.lp_interval)
  skb.put(L.IFLA_BOND_PACKETS_PER_SLAVE, params.packets_per_slave)
  skb.put(L.IFLA_BOND_AD_LACP_ACTIVE, params.lacp_active)
  skb.put(L.IFLA_BOND_AD_LACP_RATE, params.lacp_fast)
  skb.put(L.IFLA_BOND_AD_SELECT, params.ad_select)
  skb.put(L.IFLA_BOND_TLB_DYNAMIC_LB, params.tlb_dynamic_lb)
  skb.put(L.IFLA_BOND_MISSED_MAX, params.missed_max)
  skb.put(L.IFLA_BOND_COUPLED_CONTROL, params.coupled_control)
  if (params.mode === BOND_MODE_8023AD) fill_ad(skb, bond)
}

export function bond_fill_slave_info(skb: MessageBuilder, _dev: net_device, slave_dev: net_device): void {
  const slave = bond_slave_get(slave_dev)
  if (slave === undefined) return
  skb.put(L.IFLA_BOND_SLAVE_STATE, slave.backup)
  skb.put(L.IFLA_BOND_SLAVE_MII_STATUS, slave.link)
  skb.put(L.IFLA_BOND_SLAVE_LINK_FAILURE_COUNT, slave.link_failure_count)
  skb.put(L.IFLA_BOND_SLAVE_PERM_HWADDR, slave.perm_hwaddr.subarray(0, slave_dev.addr_len))
  skb.put(L.IFLA_BOND_SLAVE_QUEUE_ID, slave.queue_id)
  skb.put(L.IFLA_BOND_SLAVE_PRIO, slave.prio)
  if (slave.bond.params.mode !== BOND_MODE_8023AD || slave.ad_info === undefined) return
  const { port } = slave.ad_info
  if (port.aggregator !== undefined) {
    skb.put(L.IFLA_BOND_SLAVE_AD_AGGREGATOR_ID, port.aggregator.aggregator_identifier)
    skb.put(L.IFLA_BOND_SLAVE_AD_ACTOR_OPER_PORT_STATE, port.actor_oper_port_state)
    skb.put(L.IFLA_BOND_SLAVE_AD_PARTNER_OPER_PORT_STATE, port.partner_oper.port_state)
    skb.put(L.IFLA_BOND_SLAVE_AD_CHURN_ACTOR_STATE, port.sm_churn_actor_state)
    skb.put(L.IFLA_BOND_SLAVE_AD_CHURN_PARTNER_STATE, port.sm_churn_partner_state)
  }
  skb.put(L.IFLA_BOND_SLAVE_ACTOR_PORT_PRIO, port.actor_port_priority)
}

const LINK_XSTATS_TYPE_BOND = 2
const BOND_XSTATS_3AD = 1
/** Counters of LACP: of the bond (IFLA_STATS_LINK_XSTATS), or of a slave. */
export function bond_fill_linkxstats(skb: MessageBuilder, dev: net_device, attr: number): void {
  const slave = attr === IFLA_STATS_LINK_XSTATS.nr ? undefined : bond_slave_get(dev)
  if (attr !== IFLA_STATS_LINK_XSTATS.nr && slave === undefined) return
  const bond = slave?.bond ?? bond_of(dev)
  const nest = skb.nestNoflag(LINK_XSTATS_TYPE_BOND)
  if (bond.params.mode === BOND_MODE_8023AD) {
    const counters = skb.nestNoflag(BOND_XSTATS_3AD)
    bond_3ad_stats_fill(skb, slave === undefined ? bond.ad_info.stats : ad_of(slave).stats)
    skb.nestEnd(counters)
  }
  skb.nestEnd(nest)
}
