/** net/ipv4/ip_gre.c: the attributes of gre, gretap and erspan: checks, reading, changes, writing. */
import type { AttrTable } from '../../lib/attrs.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EADDRNOTAVAIL, EINVAL, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { ARPHRD_IPGRE, ARPHRD_NONE } from '../../uapi/linux/if_arp.ts'
import { ETH_ALEN } from '../../uapi/linux/if_ether.ts'
import { IFLA_ADDRESS, IFLA_MTU } from '../../uapi/linux/if_link.ts'
import * as U from '../../uapi/linux/if_tunnel.ts'
import { IPPROTO_GRE } from '../../uapi/linux/in.ts'
import type { net } from '../core/net_namespace.ts'
import * as F from '../core/netdev_features_bits.ts'
import type { net_device } from '../core/netdevice.ts'
import { is_valid_ether_addr } from '../ethernet/eth.ts'
import { NLA_U8, policy } from '../netlink/policy.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import {
  erspan_from_request,
  erspan_keys_valid,
  gre_addresses,
  gre_calc_hlen,
  gre_flags_valid,
  gre_known_flags,
  gre_policy_entries,
} from './gre_common.ts'
import { ip_tunnel_changelink, ip_tunnel_newlink } from './ip_tunnel.ts'
import { encap_from_request, nla_get_in_addr, nla_put_in_addr, put_gre_encap } from './ip_tunnel_core.ts'
import { IP_DF, type ip_tunnel, ip_tunnel_parm_kern, ip_tunnel_priv } from './ip_tunnel_state.ts'

export const ipgre_policy = policy(U.IFLA_GRE, {
  ...gre_policy_entries,
  ...gre_addresses(4),
  IFLA_GRE_TOS: NLA_U8,
  IFLA_GRE_PMTUDISC: NLA_U8,
  IFLA_GRE_IGNORE_DF: NLA_U8,
})

export function ipgre_tunnel_validate(_tb: AttrTable, data: AttrTable | undefined): Errno | undefined {
  if (data === undefined) return undefined
  const error = gre_flags_valid(data)
  if (isErrno(error)) return error
  const encapsulated = (data.get(U.IFLA_GRE_ENCAP_TYPE) ?? U.TUNNEL_ENCAP_NONE) !== U.TUNNEL_ENCAP_NONE
  return data.has(U.IFLA_GRE_COLLECT_METADATA) && encapsulated ? EINVAL : undefined
}
export function ipgre_tap_validate(tb: AttrTable, data: AttrTable | undefined): Errno | undefined {
  const address = tb.payload(IFLA_ADDRESS)
  if (address !== undefined) {
    if (address.length !== ETH_ALEN) return EINVAL
    if (!is_valid_ether_addr(address)) return EADDRNOTAVAIL
  }
  if (data?.has(U.IFLA_GRE_REMOTE) && nla_get_in_addr(data.payload(U.IFLA_GRE_REMOTE)) === 0) return EINVAL
  return ipgre_tunnel_validate(tb, data)
}
/** Version 0 (erspan type I) has neither sequence numbers nor keys to check. */
export function erspan_validate(tb: AttrTable, data: AttrTable | undefined): Errno | undefined {
  if (data === undefined) return undefined
  const error = ipgre_tap_validate(tb, data)
  if (isErrno(error)) return error
  return data.get(U.IFLA_GRE_ERSPAN_VER) === 0 ? undefined : erspan_keys_valid(data)
}

interface gre_request {
  p: ip_tunnel_parm_kern
  fwmark: number
}
/** ipgre_netlink_parms(): the don't-fragment bit and the wish to ignore it exclude each other. `fwmark`: what stays when none is given. */
function ipgre_netlink_parms(dev: net_device, data: AttrTable | undefined, fwmark: number): gre_request | Errno {
  const t = ip_tunnel_priv(dev)
  const p = new ip_tunnel_parm_kern()
  p.protocol = IPPROTO_GRE
  if (data === undefined) return { p, fwmark }
  p.link = data.get(U.IFLA_GRE_LINK) ?? 0
  p.i_flags = gre_known_flags(data.get(U.IFLA_GRE_IFLAGS) ?? 0)
  p.o_flags = gre_known_flags(data.get(U.IFLA_GRE_OFLAGS) ?? 0)
  p.i_key = data.get(U.IFLA_GRE_IKEY) ?? 0
  p.o_key = data.get(U.IFLA_GRE_OKEY) ?? 0
  p.saddr = nla_get_in_addr(data.payload(U.IFLA_GRE_LOCAL))
  p.daddr = nla_get_in_addr(data.payload(U.IFLA_GRE_REMOTE))
  p.ttl = data.get(U.IFLA_GRE_TTL) ?? 0
  p.tos = data.get(U.IFLA_GRE_TOS) ?? 0
  if (data.get(U.IFLA_GRE_PMTUDISC) !== 0) {
    if (t.ignore_df) return EINVAL
    p.frag_off = IP_DF
  }
  if (data.has(U.IFLA_GRE_COLLECT_METADATA)) {
    t.collect_md = true
    if (dev.type === ARPHRD_IPGRE) dev.type = ARPHRD_NONE
  }
  const ignore_df = data.get(U.IFLA_GRE_IGNORE_DF)
  if (ignore_df !== undefined) {
    if (ignore_df !== 0 && p.frag_off & IP_DF) return EINVAL
    t.ignore_df = ignore_df !== 0
  }
  return { p, fwmark: data.get(U.IFLA_GRE_FWMARK) ?? fwmark }
}
function erspan_netlink_parms(dev: net_device, data: AttrTable | undefined, fwmark: number): gre_request | Errno {
  const request = ipgre_netlink_parms(dev, data, fwmark)
  if (isErrno(request) || data === undefined) return request
  const t = ip_tunnel_priv(dev)
  const version = data.get(U.IFLA_GRE_ERSPAN_VER)
  if (version !== undefined) {
    t.erspan_ver = version
    if (version > 2) return EINVAL
  }
  return erspan_from_request(t, data) ?? request
}

type parms_fn = (dev: net_device, data: AttrTable | undefined, fwmark: number) => gre_request | Errno
function newlink(dev: net_device, tb: AttrTable, data: AttrTable | undefined, parms: parms_fn): Errno | undefined {
  const error = encap_from_request(ip_tunnel_priv(dev), data, true)
  if (isErrno(error)) return error
  const request = parms(dev, data, 0)
  return isErrno(request) ? request : ip_tunnel_newlink(dev, tb, request.p, request.fwmark)
}
export function ipgre_newlink(_src_net: net, dev: net_device, tb: AttrTable, data: AttrTable | undefined): Errno | undefined {
  return newlink(dev, tb, data, ipgre_netlink_parms)
}
export function erspan_newlink(_src_net: net, dev: net_device, tb: AttrTable, data: AttrTable | undefined): Errno | undefined {
  return newlink(dev, tb, data, erspan_netlink_parms)
}

/** The flags follow after the change has been announced. */
function changelink(
  dev: net_device,
  tb: AttrTable,
  data: AttrTable | undefined,
  parms: parms_fn,
  extack: netlink_ext_ack,
): Errno | undefined {
  const t = ip_tunnel_priv(dev)
  if (data?.has(U.IFLA_GRE_COLLECT_METADATA) && !t.collect_md) {
    return extack.fail(EOPNOTSUPP, 'Enabling collect_md on an existing device is not supported')
  }
  const error = encap_from_request(t, data, true)
  if (isErrno(error)) return error
  const request = parms(dev, data, t.fwmark)
  if (isErrno(request)) return request
  const changed = ip_tunnel_changelink(dev, tb, request.p, request.fwmark)
  if (isErrno(changed)) return changed
  t.parms.i_flags = request.p.i_flags
  t.parms.o_flags = request.p.o_flags
  return undefined
}
export function ipgre_changelink(dev: net_device, tb: AttrTable, data: AttrTable | undefined, extack: netlink_ext_ack): Errno | undefined {
  const error = changelink(dev, tb, data, ipgre_netlink_parms, extack)
  if (isErrno(error)) return error
  ipgre_link_update(dev, !tb.has(IFLA_MTU))
  return undefined
}
export function erspan_changelink(dev: net_device, tb: AttrTable, data: AttrTable | undefined, extack: netlink_ext_ack): Errno | undefined {
  return changelink(dev, tb, data, erspan_netlink_parms, extack)
}

/** ipgre_link_update(): the header's length follows the flags, and with it the MTU. */
export function ipgre_link_update(dev: net_device, set_mtu: boolean): void {
  const t = ip_tunnel_priv(dev)
  const hlen = gre_calc_hlen(t.parms.o_flags)
  const len = hlen - t.tun_hlen
  t.tun_hlen = hlen
  t.hlen += len
  if (dev.header_ops !== undefined) dev.hard_header_len += len
  else dev.needed_headroom += len
  if (set_mtu) dev.mtu = Math.max(dev.mtu - len, 68)
  ipgre_gso_features(dev, t)
}
/** Segments of one packet cannot have sequence numbers, nor a second checksum. */
export function ipgre_gso_features(dev: net_device, t: ip_tunnel): void {
  const { o_flags } = t.parms
  if (o_flags & U.GRE_SEQ || (o_flags & U.GRE_CSUM && t.encap.type !== U.TUNNEL_ENCAP_NONE)) {
    dev.features &= ~F.NETIF_F_GSO_SOFTWARE
    dev.hw_features &= ~F.NETIF_F_GSO_SOFTWARE
    return
  }
  dev.features |= F.NETIF_F_GSO_SOFTWARE
  dev.hw_features |= F.NETIF_F_GSO_SOFTWARE
}

export function ipgre_fill_info(skb: MessageBuilder, dev: net_device): void {
  const t = ip_tunnel_priv(dev)
  const { parms } = t
  skb.put(U.IFLA_GRE_LINK, parms.link)
  skb.put(U.IFLA_GRE_IFLAGS, parms.i_flags)
  skb.put(U.IFLA_GRE_OFLAGS, parms.o_flags)
  skb.put(U.IFLA_GRE_IKEY, parms.i_key)
  skb.put(U.IFLA_GRE_OKEY, parms.o_key)
  nla_put_in_addr(skb, U.IFLA_GRE_LOCAL.nr, parms.saddr)
  nla_put_in_addr(skb, U.IFLA_GRE_REMOTE.nr, parms.daddr)
  skb.put(U.IFLA_GRE_TTL, parms.ttl)
  skb.put(U.IFLA_GRE_TOS, parms.tos)
  skb.put(U.IFLA_GRE_PMTUDISC, parms.frag_off & IP_DF ? 1 : 0)
  skb.put(U.IFLA_GRE_FWMARK, t.fwmark)
  put_gre_encap(skb, t.encap)
  skb.put(U.IFLA_GRE_IGNORE_DF, t.ignore_df ? 1 : 0)
  if (t.collect_md) skb.put(U.IFLA_GRE_COLLECT_METADATA, true)
}
/** Showing an erspan gives it its key's flag, as in Linux: the session's id is the key. */
export function erspan_fill_info(skb: MessageBuilder, dev: net_device): void {
  const t = ip_tunnel_priv(dev)
  if (t.erspan_ver <= 2) {
    if (t.erspan_ver !== 0 && !t.collect_md) t.parms.o_flags |= U.GRE_KEY
    skb.put(U.IFLA_GRE_ERSPAN_VER, t.erspan_ver)
    if (t.erspan_ver === 1) skb.put(U.IFLA_GRE_ERSPAN_INDEX, t.index)
    if (t.erspan_ver === 2) {
      skb.put(U.IFLA_GRE_ERSPAN_DIR, t.dir)
      skb.put(U.IFLA_GRE_ERSPAN_HWID, t.hwid)
    }
  }
  ipgre_fill_info(skb, dev)
}
