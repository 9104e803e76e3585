/** net/ipv4/ipip.c: IPv4 (and MPLS) in IPv4. */
import type { Kernel } from '../../kernel/kernel.ts'
import type { task_struct } from '../../kernel/task.ts'
import type { AttrTable } from '../../lib/attrs.ts'
import { dev_broadcast_set_be32 } from '../core/dev_addr_lists.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_NOARP, IFF_POINTOPOINT } from '../../uapi/linux/if.ts'
import { ARPHRD_TUNNEL } from '../../uapi/linux/if_arp.ts'
import * as U from '../../uapi/linux/if_tunnel.ts'
import { IPPROTO_IPIP, IPPROTO_MPLS } from '../../uapi/linux/in.ts'
import { type net, type pernet_operations, register_pernet_device } from '../core/net_namespace.ts'
import * as F from '../core/netdev_features_bits.ts'
import type { net_device, net_device_ops } from '../core/netdevice.ts'
import { rtnl_link_register } from '../core/rtnetlink.ts'
import type { rtnl_link_ops } from '../core/rtnl_link_ops.ts'
import { NLA_FLAG, NLA_U8, NLA_U16, NLA_U32, policy } from '../netlink/policy.ts'
import {
  dev_addr_set_ipv4,
  ip_tunnel_change_mtu,
  ip_tunnel_changelink,
  ip_tunnel_delete_nets,
  ip_tunnel_dellink,
  ip_tunnel_get_iflink,
  ip_tunnel_get_link_net,
  ip_tunnel_header_ops,
  ip_tunnel_init,
  ip_tunnel_init_net,
  ip_tunnel_newlink,
  ip_tunnel_uninit,
  netif_keep_dst,
} from './ip_tunnel.ts'
import { encap_from_request, ip_tunnel_netlink_parms, nla_put_in_addr, put_iptun_encap } from './ip_tunnel_core.ts'
import { ip_tunnel_ctl, ip_tunnel_siocdevprivate } from './ip_tunnel_ioctl.ts'
import { ipip_handler, ipip_net_id, ipip_tunnel_xmit, mplsip_handler } from './ipip_data.ts'
import { xfrm4_tunnel_register } from './tunnel4.ts'
import { IP_DF, ip_tunnel, ip_tunnel_parm_kern, ip_tunnel_priv } from './ip_tunnel_state.ts'

export const IPXIPX_FEATURES = F.NETIF_F_SG | F.NETIF_F_FRAGLIST | F.NETIF_F_HIGHDMA | F.NETIF_F_GSO_SOFTWARE | F.NETIF_F_HW_CSUM

function known_protocol(protocol: number): boolean {
  return protocol === 0 || protocol === IPPROTO_IPIP || protocol === IPPROTO_MPLS
}

export function ipip_tunnel_ctl(dev: net_device, p: ip_tunnel_parm_kern, cmd: number, task: task_struct): Errno | undefined {
  if (cmd === U.SIOCADDTUNNEL || cmd === U.SIOCCHGTUNNEL) {
    if (p.version !== 4 || !known_protocol(p.protocol) || p.ihl !== 5 || (p.frag_off & ~IP_DF) !== 0) return EINVAL
  }
  p.i_key = p.o_key = p.i_flags = p.o_flags = 0
  return ip_tunnel_ctl(dev, p, cmd, task)
}

export function ipip_tunnel_init(dev: net_device): Errno | undefined {
  const t = ip_tunnel_priv(dev)
  dev_addr_set_ipv4(dev, t.parms.saddr)
  dev_broadcast_set_be32(dev, t.parms.daddr)
  t.tun_hlen = 0
  t.hlen = t.tun_hlen + t.encap_hlen
  return ip_tunnel_init(dev)
}
export const ipip_netdev_ops: net_device_ops = {
  name: 'ipip_netdev_ops',
  ndo_init: ipip_tunnel_init,
  ndo_uninit: ip_tunnel_uninit,
  ndo_start_xmit: ipip_tunnel_xmit,
  ndo_siocdevprivate: ip_tunnel_siocdevprivate,
  ndo_tunnel_ctl: ipip_tunnel_ctl,
  ndo_change_mtu: ip_tunnel_change_mtu,
  ndo_get_iflink: ip_tunnel_get_iflink,
}
export function ipip_tunnel_setup(dev: net_device): void {
  dev.priv = new ip_tunnel(ipip_net_id)
  dev.netdev_ops = ipip_netdev_ops
  dev.header_ops = ip_tunnel_header_ops
  dev.type = ARPHRD_TUNNEL
  dev.flags = IFF_NOARP
  dev.addr_len = 4
  dev.lltx = true
  netif_keep_dst(dev)
  dev.features |= IPXIPX_FEATURES
  dev.hw_features |= IPXIPX_FEATURES
}

export function ipip_tunnel_validate(_tb: AttrTable, data: AttrTable | undefined): Errno | undefined {
  const proto = data?.get(U.IFLA_IPTUN_PROTO)
  return proto === undefined || known_protocol(proto) ? undefined : EINVAL
}
interface ipip_request {
  p: ip_tunnel_parm_kern
  collect_md: boolean
  fwmark: number
}
function ipip_netlink_parms(data: AttrTable | undefined): ipip_request {
  const p = Object.assign(new ip_tunnel_parm_kern(), { version: 4, protocol: IPPROTO_IPIP, ihl: 5 })
  if (data === undefined) return { p, collect_md: false, fwmark: 0 }
  ip_tunnel_netlink_parms(data, p)
  return { p, collect_md: data.has(U.IFLA_IPTUN_COLLECT_METADATA), fwmark: data.get(U.IFLA_IPTUN_FWMARK) ?? 0 }
}
export function ipip_newlink(_src_net: net, dev: net_device, tb: AttrTable, data: AttrTable | undefined): Errno | undefined {
  const t = ip_tunnel_priv(dev)
  const error = encap_from_request(t, data)
  if (isErrno(error)) return error
  const { p, collect_md, fwmark } = ipip_netlink_parms(data)
  t.collect_md = collect_md
  return ip_tunnel_newlink(dev, tb, p, fwmark)
}
export function ipip_changelink(dev: net_device, tb: AttrTable, data: AttrTable | undefined): Errno | undefined {
  const error = encap_from_request(ip_tunnel_priv(dev), data)
  if (isErrno(error)) return error
  const { p, collect_md, fwmark } = ipip_netlink_parms(data)
  if (collect_md || ((dev.flags & IFF_POINTOPOINT) !== 0) !== (p.daddr !== 0)) return EINVAL
  return ip_tunnel_changelink(dev, tb, p, fwmark)
}
export function ipip_fill_info(skb: MessageBuilder, dev: net_device): void {
  const t = ip_tunnel_priv(dev)
  const { parms } = t
  skb.put(U.IFLA_IPTUN_LINK, parms.link)
  nla_put_in_addr(skb, U.IFLA_IPTUN_LOCAL.nr, parms.saddr)
  nla_put_in_addr(skb, U.IFLA_IPTUN_REMOTE.nr, parms.daddr)
  skb.put(U.IFLA_IPTUN_TTL, parms.ttl)
  skb.put(U.IFLA_IPTUN_TOS, parms.tos)
  skb.put(U.IFLA_IPTUN_PROTO, parms.protocol)
  skb.put(U.IFLA_IPTUN_PMTUDISC, parms.frag_off & IP_DF ? 1 : 0)
  skb.put(U.IFLA_IPTUN_FWMARK, t.fwmark)
  put_iptun_encap(skb, t.encap)
  if (t.collect_md) skb.put(U.IFLA_IPTUN_COLLECT_METADATA, true)
}

export const ipip_policy = policy(U.IFLA_IPTUN, {
  IFLA_IPTUN_LINK: NLA_U32,
  IFLA_IPTUN_LOCAL: NLA_U32,
  IFLA_IPTUN_REMOTE: NLA_U32,
  IFLA_IPTUN_TTL: NLA_U8,
  IFLA_IPTUN_TOS: NLA_U8,
  IFLA_IPTUN_PROTO: NLA_U8,
  IFLA_IPTUN_PMTUDISC: NLA_U8,
  IFLA_IPTUN_ENCAP_TYPE: NLA_U16,
  IFLA_IPTUN_ENCAP_FLAGS: NLA_U16,
  IFLA_IPTUN_ENCAP_SPORT: NLA_U16,
  IFLA_IPTUN_ENCAP_DPORT: NLA_U16,
  IFLA_IPTUN_COLLECT_METADATA: NLA_FLAG,
  IFLA_IPTUN_FWMARK: NLA_U32,
})
export const ipip_link_ops: rtnl_link_ops = {
  kind: 'ipip',
  policy: ipip_policy,
  setup: ipip_tunnel_setup,
  validate: ipip_tunnel_validate,
  newlink: ipip_newlink,
  changelink: ipip_changelink,
  dellink: ip_tunnel_dellink,
  fill_info: ipip_fill_info,
  get_link_net: ip_tunnel_get_link_net,
}

export function ipip_init_net(net: net): Errno | undefined {
  return ip_tunnel_init_net(net, ipip_net_id, ipip_link_ops, 'tunl0')
}
export function ipip_exit_batch_net(nets: net[]): void {
  ip_tunnel_delete_nets(nets, ipip_net_id, ipip_link_ops)
}
export const ipip_net_ops: pernet_operations = { name: 'ipip_net_ops', init: ipip_init_net, exit_batch: ipip_exit_batch_net }

export function ipip_init(kernel: Kernel): Errno | undefined {
  const error = register_pernet_device(kernel, ipip_net_ops)
  if (isErrno(error)) return error
  xfrm4_tunnel_register(kernel, ipip_handler, IPPROTO_IPIP)
  xfrm4_tunnel_register(kernel, mplsip_handler, IPPROTO_MPLS)
  return rtnl_link_register(kernel, ipip_link_ops)
}
