/** net/ipv6/ip6_gre.c: the attributes of ip6gre, ip6gretap and ip6erspan: checks, reading, writing. */
import type { AttrTable } from '../../lib/attrs.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EADDRNOTAVAIL, EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import { ETH_ALEN } from '../../uapi/linux/if_ether.ts'
import { IFLA_ADDRESS } from '../../uapi/linux/if_link.ts'
import * as U from '../../uapi/linux/if_tunnel.ts'
import { ipv6_addr_any } from '../../uapi/linux/in6.ts'
import type { net_device } from '../core/netdevice.ts'
import { is_valid_ether_addr } from '../ethernet/eth.ts'
import {
  erspan_from_request,
  erspan_keys_valid,
  gre_addresses,
  gre_flags_valid,
  gre_known_flags,
  gre_policy_entries,
} from '../ipv4/gre_common.ts'
import { put_gre_encap } from '../ipv4/ip_tunnel_core.ts'
import { NLA_U8, NLA_U32, policy } from '../netlink/policy.ts'
import { nla_get_in6_addr } from './ip6_tunnel_core.ts'
import { __ip6_tnl_parm, ip6_tnl_priv } from './ip6_tunnel_state.ts'

export const ip6gre_policy = policy(U.IFLA_GRE, {
  ...gre_policy_entries,
  ...gre_addresses(16),
  IFLA_GRE_ENCAP_LIMIT: NLA_U8,
  IFLA_GRE_FLOWINFO: NLA_U32,
  IFLA_GRE_FLAGS: NLA_U32,
})

export function ip6gre_tunnel_validate(_tb: AttrTable, data: AttrTable | undefined): Errno | undefined {
  return data === undefined ? undefined : gre_flags_valid(data)
}
export function ip6gre_tap_validate(tb: AttrTable, data: AttrTable | undefined): Errno | undefined {
  const address = tb.payload(IFLA_ADDRESS)
  if (address !== undefined) {
    if (address.length !== ETH_ALEN) return EINVAL
    if (!is_valid_ether_addr(address)) return EADDRNOTAVAIL
  }
  if (data?.has(U.IFLA_GRE_REMOTE) && ipv6_addr_any(nla_get_in6_addr(data, U.IFLA_GRE_REMOTE))) return EINVAL
  return ip6gre_tunnel_validate(tb, data)
}
export function ip6erspan_tap_validate(tb: AttrTable, data: AttrTable | undefined): Errno | undefined {
  if (data === undefined) return undefined
  const error = ip6gre_tap_validate(tb, data) ?? erspan_keys_valid(data)
  const version = data.get(U.IFLA_GRE_ERSPAN_VER)
  if (isErrno(error) || version === undefined) return error
  if (version !== 1 && version !== 2) return EINVAL
  return erspan_from_request({ erspan_ver: version, index: 0, dir: 0, hwid: 0 }, data)
}

export function ip6gre_netlink_parms(data: AttrTable | undefined): __ip6_tnl_parm {
  const p = new __ip6_tnl_parm()
  if (data === undefined) return p
  p.link = data.get(U.IFLA_GRE_LINK) ?? 0
  p.i_flags = gre_known_flags(data.get(U.IFLA_GRE_IFLAGS) ?? 0)
  p.o_flags = gre_known_flags(data.get(U.IFLA_GRE_OFLAGS) ?? 0)
  p.i_key = data.get(U.IFLA_GRE_IKEY) ?? 0
  p.o_key = data.get(U.IFLA_GRE_OKEY) ?? 0
  p.laddr = nla_get_in6_addr(data, U.IFLA_GRE_LOCAL)
  p.raddr = nla_get_in6_addr(data, U.IFLA_GRE_REMOTE)
  p.hop_limit = data.get(U.IFLA_GRE_TTL) ?? 0
  p.encap_limit = data.get(U.IFLA_GRE_ENCAP_LIMIT) ?? 0
  p.flowinfo = data.get(U.IFLA_GRE_FLOWINFO) ?? 0
  p.flags = data.get(U.IFLA_GRE_FLAGS) ?? 0
  p.fwmark = data.get(U.IFLA_GRE_FWMARK) ?? 0
  p.collect_md = data.has(U.IFLA_GRE_COLLECT_METADATA)
  return p
}
/** ip6erspan_set_version() */
export function ip6erspan_netlink_parms(data: AttrTable | undefined): __ip6_tnl_parm {
  const p = ip6gre_netlink_parms(data)
  if (data === undefined) return p
  p.erspan_ver = data.get(U.IFLA_GRE_ERSPAN_VER) ?? 1
  erspan_from_request(p, data)
  return p
}

export function ip6gre_fill_info(skb: MessageBuilder, dev: net_device): void {
  const { parms: p, encap } = ip6_tnl_priv(dev)
  let { o_flags } = p
  if (p.erspan_ver === 1 || p.erspan_ver === 2) {
    if (!p.collect_md) o_flags |= U.GRE_KEY
    skb.put(U.IFLA_GRE_ERSPAN_VER, p.erspan_ver)
    if (p.erspan_ver === 1) {
      skb.put(U.IFLA_GRE_ERSPAN_INDEX, p.index)
    } else {
      skb.put(U.IFLA_GRE_ERSPAN_DIR, p.dir)
      skb.put(U.IFLA_GRE_ERSPAN_HWID, p.hwid)
    }
  }
  skb.put(U.IFLA_GRE_LINK, p.link)
  skb.put(U.IFLA_GRE_IFLAGS, p.i_flags)
  skb.put(U.IFLA_GRE_OFLAGS, o_flags)
  skb.put(U.IFLA_GRE_IKEY, p.i_key)
  skb.put(U.IFLA_GRE_OKEY, p.o_key)
  skb.put(U.IFLA_GRE_LOCAL, p.laddr)
  skb.put(U.IFLA_GRE_REMOTE, p.raddr)
  skb.put(U.IFLA_GRE_TTL, p.hop_limit)
  skb.put(U.IFLA_GRE_ENCAP_LIMIT, p.encap_limit)
  skb.put(U.IFLA_GRE_FLOWINFO, p.flowinfo)
  skb.put(U.IFLA_GRE_FLAGS, p.flags)
  skb.put(U.IFLA_GRE_FWMARK, p.fwmark)
  put_gre_encap(skb, encap)
  if (p.collect_md) skb.put(U.IFLA_GRE_COLLECT_METADATA, true)
}
