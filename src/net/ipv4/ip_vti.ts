/** net/ipv4/ip_vti.c: virtual tunnel interfaces, whose packets IPsec encapsulates by their key. */
import type { Kernel } from '../../kernel/kernel.ts'
import type { task_struct } from '../../kernel/task.ts'
import type { AttrTable } from '../../lib/attrs.ts'
import { dev_broadcast_set_be32 } from '../core/dev_addr_lists.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_NOARP } from '../../uapi/linux/if.ts'
import { ARPHRD_TUNNEL } from '../../uapi/linux/if_arp.ts'
import * as U from '../../uapi/linux/if_tunnel.ts'
import { IPPROTO_IPIP } from '../../uapi/linux/in.ts'
import { type net, type pernet_operations, register_pernet_device } from '../core/net_namespace.ts'
import type { net_device, net_device_ops } from '../core/netdevice.ts'
import { rtnl_link_register } from '../core/rtnetlink.ts'
import type { rtnl_link_ops } from '../core/rtnl_link_ops.ts'
import { NLA_UNSPEC, NLA_U32, policy } from '../netlink/policy.ts'
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
import { vti_ipip_handler, vti_net_id, vti_tunnel_xmit } from './ip_vti_data.ts'
import { xfrm4_tunnel_register } from './tunnel4.ts'
import { nla_get_in_addr, nla_put_in_addr } from './ip_tunnel_core.ts'
import { ip_tunnel_ctl, ip_tunnel_siocdevprivate } from './ip_tunnel_ioctl.ts'
import { ip_tunnel, ip_tunnel_net_of, ip_tunnel_parm_kern, ip_tunnel_priv } from './ip_tunnel_state.ts'

/** A vti always has its keys: their flags are shown, not kept. */
export function vti_tunnel_ctl(dev: net_device, p: ip_tunnel_parm_kern, cmd: number, task: task_struct): Errno | undefined {
  if (cmd === U.SIOCADDTUNNEL || cmd === U.SIOCCHGTUNNEL) {
    if (p.version !== 4 || p.protocol !== IPPROTO_IPIP || p.ihl !== 5) return EINVAL
  }
  if (!(p.i_flags & U.GRE_KEY)) p.i_key = 0
  if (!(p.o_flags & U.GRE_KEY)) p.o_key = 0
  p.i_flags = U.VTI_ISVTI
  const error = ip_tunnel_ctl(dev, p, cmd, task)
  if (isErrno(error)) return error
  if (cmd !== U.SIOCDELTUNNEL) {
    p.i_flags |= U.GRE_KEY
    p.o_flags |= U.GRE_KEY
  }
  return undefined
}

export function vti_tunnel_init(dev: net_device): Errno | undefined {
  const { parms } = ip_tunnel_priv(dev)
  dev_addr_set_ipv4(dev, parms.saddr)
  dev_broadcast_set_be32(dev, parms.daddr)
  dev.flags = IFF_NOARP
  dev.addr_len = 4
  dev.lltx = true
  netif_keep_dst(dev)
  return ip_tunnel_init(dev)
}
export const vti_netdev_ops: net_device_ops = {
  name: 'vti_netdev_ops',
  ndo_init: vti_tunnel_init,
  ndo_uninit: ip_tunnel_uninit,
  ndo_start_xmit: vti_tunnel_xmit,
  ndo_siocdevprivate: ip_tunnel_siocdevprivate,
  ndo_tunnel_ctl: vti_tunnel_ctl,
  ndo_change_mtu: ip_tunnel_change_mtu,
  ndo_get_iflink: ip_tunnel_get_iflink,
}
export function vti_tunnel_setup(dev: net_device): void {
  dev.priv = new ip_tunnel(vti_net_id)
  dev.netdev_ops = vti_netdev_ops
  dev.header_ops = ip_tunnel_header_ops
  dev.type = ARPHRD_TUNNEL
}

function vti_netlink_parms(data: AttrTable | undefined): { p: ip_tunnel_parm_kern; fwmark: number } {
  const p = new ip_tunnel_parm_kern()
  p.protocol = IPPROTO_IPIP
  if (data === undefined) return { p, fwmark: 0 }
  p.i_flags = U.VTI_ISVTI
  p.link = data.get(U.IFLA_VTI_LINK) ?? 0
  p.i_key = data.get(U.IFLA_VTI_IKEY) ?? 0
  p.o_key = data.get(U.IFLA_VTI_OKEY) ?? 0
  p.saddr = nla_get_in_addr(data.payload(U.IFLA_VTI_LOCAL))
  p.daddr = nla_get_in_addr(data.payload(U.IFLA_VTI_REMOTE))
  return { p, fwmark: data.get(U.IFLA_VTI_FWMARK) ?? 0 }
}
export function vti_newlink(_src_net: net, dev: net_device, tb: AttrTable, data: AttrTable | undefined): Errno | undefined {
  const { p, fwmark } = vti_netlink_parms(data)
  return ip_tunnel_newlink(dev, tb, p, fwmark)
}
export function vti_changelink(dev: net_device, tb: AttrTable, data: AttrTable | undefined): Errno | undefined {
  const { p, fwmark } = vti_netlink_parms(data)
  return ip_tunnel_changelink(dev, tb, p, fwmark)
}
export function vti_fill_info(skb: MessageBuilder, dev: net_device): void {
  const { parms, fwmark } = ip_tunnel_priv(dev)
  skb.put(U.IFLA_VTI_LINK, parms.link)
  skb.put(U.IFLA_VTI_IKEY, parms.i_key)
  skb.put(U.IFLA_VTI_OKEY, parms.o_key)
  nla_put_in_addr(skb, U.IFLA_VTI_LOCAL.nr, parms.saddr)
  nla_put_in_addr(skb, U.IFLA_VTI_REMOTE.nr, parms.daddr)
  skb.put(U.IFLA_VTI_FWMARK, fwmark)
}

export const vti_policy = policy(U.IFLA_VTI, {
  IFLA_VTI_LINK: NLA_U32,
  IFLA_VTI_IKEY: NLA_U32,
  IFLA_VTI_OKEY: NLA_U32,
  IFLA_VTI_LOCAL: NLA_UNSPEC(4),
  IFLA_VTI_REMOTE: NLA_UNSPEC(4),
  IFLA_VTI_FWMARK: NLA_U32,
})
export const vti_link_ops: rtnl_link_ops = {
  kind: 'vti',
  policy: vti_policy,
  setup: vti_tunnel_setup,
  newlink: vti_newlink,
  changelink: vti_changelink,
  dellink: ip_tunnel_dellink,
  fill_info: vti_fill_info,
  get_link_net: ip_tunnel_get_link_net,
}

export function vti_init_net(net: net): Errno | undefined {
  const error = ip_tunnel_init_net(net, vti_net_id, vti_link_ops, 'ip_vti0')
  if (isErrno(error)) return error
  const fb = ip_tunnel_net_of(net, vti_net_id).fb_tunnel_dev
  if (fb !== undefined) ip_tunnel_priv(fb).parms.protocol = IPPROTO_IPIP
  return undefined
}
export function vti_exit_batch_net(nets: net[]): void {
  ip_tunnel_delete_nets(nets, vti_net_id, vti_link_ops)
}
export const vti_net_ops: pernet_operations = { name: 'vti_net_ops', init: vti_init_net, exit_batch: vti_exit_batch_net }

export function vti_init(kernel: Kernel): Errno | undefined {
  xfrm4_tunnel_register(kernel, vti_ipip_handler, IPPROTO_IPIP)
  return register_pernet_device(kernel, vti_net_ops) ?? rtnl_link_register(kernel, vti_link_ops)
}
