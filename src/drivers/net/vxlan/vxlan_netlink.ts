/** drivers/net/vxlan/vxlan_core.c: vxlan devices by request: checks, making, changing, showing. */
import type { AttrTable } from '../../../lib/attrs.ts'
import { mod_timer } from '../../../kernel/time.ts'
import type { MessageBuilder } from '../../../lib/message.ts'
import {
  __dev_get_by_index,
  netdev_adjacent_change_abort,
  netdev_adjacent_change_commit,
  netdev_adjacent_change_prepare,
  netdev_upper_dev_link,
  netdev_upper_dev_unlink,
  register_netdevice,
  unregister_netdevice_many,
  unregister_netdevice_queue,
} from '../../../net/core/dev.ts'
import type { net } from '../../../net/core/net_namespace.ts'
import type { net_device } from '../../../net/core/netdevice.ts'
import { rtnl_configure_link } from '../../../net/core/rtnetlink_newlink.ts'
import { is_valid_ether_addr } from '../../../net/ethernet/eth.ts'
import type { netlink_ext_ack } from '../../../net/netlink/extack.ts'
import { max, NLA_FLAG, NLA_U8, NLA_U16, NLA_U32, NLA_UNSPEC, policy } from '../../../net/netlink/policy.ts'
import { EADDRNOTAVAIL, EINVAL, ENODEV, ERANGE, type Errno, isErrno } from '../../../uapi/errno.ts'
import { ETH_ALEN, ETH_MIN_MTU } from '../../../uapi/linux/if_ether.ts'
import { IFLA_ADDRESS, IFLA_MTU } from '../../../uapi/linux/if_link.ts'
import * as V from '../../../uapi/linux/if_link_vxlan.ts'
import { NTF_SELF, NUD_PERMANENT, NUD_REACHABLE } from '../../../uapi/linux/neighbour.ts'
import { NLM_F_APPEND, NLM_F_CREATE } from '../../../uapi/linux/netlink.ts'
import { RTM_NEWNEIGH } from '../../../uapi/linux/rtnetlink.ts'
import { vxlan_config_apply, vxlan_config_validate, vxlan_nl2conf } from './vxlan_config.ts'
import {
  __vxlan_fdb_delete,
  all_zeros_mac,
  vxlan_fdb_create,
  vxlan_fdb_insert,
  vxlan_fdb_notify,
  type vxlan_fdb_spec,
  vxlan_fdb_update,
} from './vxlan_fdb.ts'
import { vxlan_fdb_flush_desc, vxlan_flush } from './vxlan_fdb_rtnl.ts'
import * as P from './vxlan_private.ts'
import { vxlan_vnilist_update_group } from './vxlan_vnifilter.ts'

export const vxlan_policy = policy(
  V.IFLA_VXLAN,
  {
    IFLA_VXLAN_ID: NLA_U32,
    IFLA_VXLAN_GROUP: NLA_UNSPEC(4),
    IFLA_VXLAN_GROUP6: NLA_UNSPEC(16),
    IFLA_VXLAN_LINK: NLA_U32,
    IFLA_VXLAN_LOCAL: NLA_UNSPEC(4),
    IFLA_VXLAN_LOCAL6: NLA_UNSPEC(16),
    IFLA_VXLAN_TOS: NLA_U8,
    IFLA_VXLAN_TTL: NLA_U8,
    IFLA_VXLAN_LABEL: NLA_U32,
    IFLA_VXLAN_LEARNING: NLA_U8,
    IFLA_VXLAN_AGEING: NLA_U32,
    IFLA_VXLAN_LIMIT: NLA_U32,
    IFLA_VXLAN_PORT_RANGE: NLA_UNSPEC(V.ifla_vxlan_port_range.size),
    IFLA_VXLAN_PROXY: NLA_U8,
    IFLA_VXLAN_RSC: NLA_U8,
    IFLA_VXLAN_L2MISS: NLA_U8,
    IFLA_VXLAN_L3MISS: NLA_U8,
    IFLA_VXLAN_COLLECT_METADATA: NLA_U8,
    IFLA_VXLAN_PORT: NLA_U16,
    IFLA_VXLAN_UDP_CSUM: NLA_U8,
    IFLA_VXLAN_UDP_ZERO_CSUM6_TX: NLA_U8,
    IFLA_VXLAN_UDP_ZERO_CSUM6_RX: NLA_U8,
    IFLA_VXLAN_REMCSUM_TX: NLA_U8,
    IFLA_VXLAN_REMCSUM_RX: NLA_U8,
    IFLA_VXLAN_GBP: NLA_FLAG,
    IFLA_VXLAN_GPE: NLA_FLAG,
    IFLA_VXLAN_REMCSUM_NOPARTIAL: NLA_FLAG,
    IFLA_VXLAN_TTL_INHERIT: NLA_FLAG,
    IFLA_VXLAN_DF: NLA_U8,
    IFLA_VXLAN_VNIFILTER: NLA_U8,
    IFLA_VXLAN_LOCALBYPASS: max(NLA_U8, 1),
    IFLA_VXLAN_LABEL_POLICY: max(NLA_U32, V.VXLAN_LABEL_MAX),
  },
  { strict_start_type: V.IFLA_VXLAN_LOCALBYPASS.nr },
)

export function vxlan_validate(tb: AttrTable, data: AttrTable | undefined, extack: netlink_ext_ack): Errno | undefined {
  const address = tb.payload(IFLA_ADDRESS)
  if (address !== undefined) {
    const at = tb.at(IFLA_ADDRESS)
    if (address.length !== ETH_ALEN) return extack.fail(EINVAL, 'Provided link layer address is not Ethernet', at)
    if (!is_valid_ether_addr(address)) return extack.fail(EADDRNOTAVAIL, 'Provided Ethernet address is not unicast', at)
  }
  const mtu = tb.get(IFLA_MTU)
  if (mtu !== undefined && (mtu < ETH_MIN_MTU || mtu > 0xffff)) {
    return extack.fail(EINVAL, 'MTU must be between 68 and 65535', tb.at(IFLA_MTU))
  }
  if (data === undefined) return extack.fail(EINVAL, 'Required attributes not provided to perform the operation')
  if ((data.get(V.IFLA_VXLAN_ID) ?? 0) >= P.VXLAN_N_VID) {
    return extack.fail(ERANGE, 'VXLAN ID must be lower than 16777216', data.at(V.IFLA_VXLAN_ID))
  }
  const ports = data.get(V.IFLA_VXLAN_PORT_RANGE)
  if (ports !== undefined && (ports.high ?? 0) < (ports.low ?? 0)) {
    return extack.fail(EINVAL, 'Invalid source port range', data.at(V.IFLA_VXLAN_PORT_RANGE))
  }
  if ((data.get(V.IFLA_VXLAN_DF) ?? 0) > V.VXLAN_DF_MAX) return extack.fail(EINVAL, 'Invalid DF attribute', data.at(V.IFLA_VXLAN_DF))
  return undefined
}

/** The entry for all addresses that have none, to the device's own end. */
function default_entry(vxlan: P.vxlan_dev, conf: P.vxlan_config, nlflags: number): vxlan_fdb_spec {
  const rd = new P.vxlan_rdst(conf.remote_ip, vxlan.cfg.dst_port, conf.vni, conf.remote_ifindex)
  return { mac: all_zeros_mac, rd, state: NUD_REACHABLE | NUD_PERMANENT, nlflags, src_vni: conf.vni, ndm_flags: NTF_SELF, nhid: 0 }
}

/** The shape of the device: frames, or with GPE whatever the header says. Set by vxlan_core.ts, which knows both. */
export type vxlan_shape_fn = (dev: net_device, gpe: boolean) => void

/** __vxlan_dev_create(): listeners hear of the link before they hear of its default entry. */
export function vxlan_dev_create(
  src_net: net,
  dev: net_device,
  conf: P.vxlan_config,
  shape: vxlan_shape_fn,
  extack: netlink_ext_ack,
): Errno | undefined {
  const vxlan = P.vxlan_priv(dev)
  const lower = vxlan_config_validate(src_net, conf, vxlan, extack)
  if (isErrno(lower)) return lower
  shape(dev, (conf.flags & P.VXLAN_F_GPE) !== 0)
  vxlan.net = src_net
  vxlan_config_apply(vxlan, conf, lower, false)
  const any = P.vxlan_addr_any(conf.remote_ip)
  const f = any ? undefined : vxlan_fdb_create(vxlan, default_entry(vxlan, conf, 0), extack)
  if (isErrno(f)) return f
  const refused = register_netdevice(dev, extack)
  if (isErrno(refused)) return refused
  const error = link_and_announce(vxlan, lower, extack)
  if (isErrno(error)) {
    unregister_netdevice_many([dev])
    return error
  }
  if (f !== undefined) {
    vxlan_fdb_insert(vxlan, f)
    vxlan_fdb_notify(vxlan, f, f.remotes[0], RTM_NEWNEIGH)
  }
  P.vxlan_net_of(src_net).add(vxlan)
  vxlan.remote_dev = lower
  return undefined
}
function link_and_announce(vxlan: P.vxlan_dev, lower: net_device | undefined, extack: netlink_ext_ack): Errno | undefined {
  const { dev, net, default_dst } = vxlan
  if (lower !== undefined && __dev_get_by_index(net, default_dst.remote_ifindex) === undefined) return ENODEV
  const linked = lower === undefined ? undefined : netdev_upper_dev_link(lower, dev, extack)
  if (isErrno(linked)) return linked
  const error = rtnl_configure_link(dev, undefined)
  if (isErrno(error) && lower !== undefined) netdev_upper_dev_unlink(lower, dev)
  return error
}

export function vxlan_changelink(dev: net_device, tb: AttrTable, data: AttrTable | undefined, extack: netlink_ext_ack): Errno | undefined {
  const vxlan = P.vxlan_priv(dev)
  if (data === undefined) return EINVAL
  const conf = vxlan_nl2conf(tb, data, vxlan.cfg, extack)
  if (isErrno(conf)) return conf
  const found = vxlan_config_validate(vxlan.net, conf, vxlan, extack)
  if (isErrno(found)) return found
  const lower = found === vxlan.remote_dev ? undefined : found
  const refused = netdev_adjacent_change_prepare(vxlan.remote_dev, lower, dev, extack)
  if (isErrno(refused)) return refused
  const error = change_default_entry(vxlan, conf, extack)
  if (isErrno(error)) {
    netdev_adjacent_change_abort(vxlan.remote_dev, lower, dev)
    return error
  }
  if (conf.age_interval !== vxlan.cfg.age_interval) mod_timer(vxlan.age_timer, vxlan.kernel.now())
  netdev_adjacent_change_commit(vxlan.remote_dev, lower, dev)
  vxlan.remote_dev = lower ?? vxlan.remote_dev
  const { remote_ifindex } = vxlan.default_dst
  vxlan_config_apply(vxlan, conf, lower, true)
  P.vxlan_net_of(vxlan.net).moved(vxlan, remote_ifindex)
  return undefined
}
function change_default_entry(vxlan: P.vxlan_dev, conf: P.vxlan_config, extack: netlink_ext_ack): Errno | undefined {
  const { default_dst: dst, cfg } = vxlan
  if (P.vxlan_addr_equal(conf.remote_ip, dst.remote_ip)) return undefined
  if (!P.vxlan_addr_any(conf.remote_ip)) {
    const error = vxlan_fdb_update(vxlan, default_entry(vxlan, conf, NLM_F_APPEND | NLM_F_CREATE), extack)
    if (isErrno(error)) return error
  }
  if (!P.vxlan_addr_any(dst.remote_ip)) {
    const end = new P.vxlan_rdst(dst.remote_ip, cfg.dst_port, dst.remote_vni, dst.remote_ifindex)
    __vxlan_fdb_delete(vxlan, all_zeros_mac, dst.remote_vni, end)
  }
  return cfg.flags & P.VXLAN_F_VNIFILTER ? vxlan_vnilist_update_group(vxlan, dst.remote_ip, conf.remote_ip, extack) : undefined
}

/** All but the default entry goes now; that one with the device itself (ndo_uninit). */
export function vxlan_dellink(dev: net_device, list: net_device[]): void {
  const vxlan = P.vxlan_priv(dev)
  const desc = new vxlan_fdb_flush_desc()
  desc.ignore_default_entry = true
  vxlan_flush(vxlan, desc)
  P.vxlan_net_of(vxlan.net).del(vxlan)
  unregister_netdevice_queue(dev, list)
  if (vxlan.remote_dev !== undefined) netdev_upper_dev_unlink(vxlan.remote_dev, dev)
}

export function vxlan_fill_info(skb: MessageBuilder, dev: net_device): void {
  const { cfg, default_dst: dst } = P.vxlan_priv(dev)
  const on = (bit: number): number => (cfg.flags & bit ? 1 : 0)
  const v6 = (addr: P.vxlan_addr): boolean => addr.length === 16
  skb.put(V.IFLA_VXLAN_ID, dst.remote_vni)
  if (!P.vxlan_addr_any(dst.remote_ip)) skb.put(v6(dst.remote_ip) ? V.IFLA_VXLAN_GROUP6 : V.IFLA_VXLAN_GROUP, dst.remote_ip)
  if (dst.remote_ifindex !== 0) skb.put(V.IFLA_VXLAN_LINK, dst.remote_ifindex)
  if (!P.vxlan_addr_any(cfg.saddr)) skb.put(v6(cfg.saddr) ? V.IFLA_VXLAN_LOCAL6 : V.IFLA_VXLAN_LOCAL, cfg.saddr)
  skb.put(V.IFLA_VXLAN_TTL, cfg.ttl)
  skb.put(V.IFLA_VXLAN_TTL_INHERIT, on(P.VXLAN_F_TTL_INHERIT))
  skb.put(V.IFLA_VXLAN_TOS, cfg.tos)
  skb.put(V.IFLA_VXLAN_DF, cfg.df)
  skb.put(V.IFLA_VXLAN_LABEL, cfg.label)
  skb.put(V.IFLA_VXLAN_LABEL_POLICY, cfg.label_policy)
  skb.put(V.IFLA_VXLAN_LEARNING, on(P.VXLAN_F_LEARN))
  skb.put(V.IFLA_VXLAN_PROXY, on(P.VXLAN_F_PROXY))
  skb.put(V.IFLA_VXLAN_RSC, on(P.VXLAN_F_RSC))
  skb.put(V.IFLA_VXLAN_L2MISS, on(P.VXLAN_F_L2MISS))
  skb.put(V.IFLA_VXLAN_L3MISS, on(P.VXLAN_F_L3MISS))
  skb.put(V.IFLA_VXLAN_COLLECT_METADATA, on(P.VXLAN_F_COLLECT_METADATA))
  skb.put(V.IFLA_VXLAN_AGEING, cfg.age_interval)
  skb.put(V.IFLA_VXLAN_LIMIT, cfg.addrmax)
  skb.put(V.IFLA_VXLAN_PORT, cfg.dst_port)
  skb.put(V.IFLA_VXLAN_UDP_CSUM, 1 - on(P.VXLAN_F_UDP_ZERO_CSUM_TX))
  skb.put(V.IFLA_VXLAN_UDP_ZERO_CSUM6_TX, on(P.VXLAN_F_UDP_ZERO_CSUM6_TX))
  skb.put(V.IFLA_VXLAN_UDP_ZERO_CSUM6_RX, on(P.VXLAN_F_UDP_ZERO_CSUM6_RX))
  skb.put(V.IFLA_VXLAN_REMCSUM_TX, on(P.VXLAN_F_REMCSUM_TX))
  skb.put(V.IFLA_VXLAN_REMCSUM_RX, on(P.VXLAN_F_REMCSUM_RX))
  skb.put(V.IFLA_VXLAN_LOCALBYPASS, on(P.VXLAN_F_LOCALBYPASS))
  skb.put(V.IFLA_VXLAN_PORT_RANGE, { low: cfg.port_min, high: cfg.port_max })
  if (cfg.flags & P.VXLAN_F_GBP) skb.put(V.IFLA_VXLAN_GBP, true)
  if (cfg.flags & P.VXLAN_F_GPE) skb.put(V.IFLA_VXLAN_GPE, true)
  if (cfg.flags & P.VXLAN_F_REMCSUM_NOPARTIAL) skb.put(V.IFLA_VXLAN_REMCSUM_NOPARTIAL, true)
  if (cfg.flags & P.VXLAN_F_VNIFILTER) skb.put(V.IFLA_VXLAN_VNIFILTER, 1)
}
export function vxlan_get_link_net(dev: net_device): net {
  return P.vxlan_priv(dev).net
}
