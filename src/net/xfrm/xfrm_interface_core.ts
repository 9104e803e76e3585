/**
 * net/xfrm/xfrm_interface_core.c: interfaces whose packets are those of one if_id's policies. Nothing is transformed here, so
 * what they are given to send is lost for want of an association, as on a Linux that has none.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import type { AttrTable } from '../../lib/attrs.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EEXIST, EINVAL, type Errno } from '../../uapi/errno.ts'
import { IFF_NOARP } from '../../uapi/linux/if.ts'
import { ARPHRD_NONE } from '../../uapi/linux/if_arp.ts'
import { ETH_DATA_LEN, ETH_MIN_MTU } from '../../uapi/linux/if_ether.ts'
import * as L from '../../uapi/linux/if_link_stacked.ts'
import { register_netdevice } from '../core/dev_register.ts'
import { netdev_state_change } from '../core/link_watch.ts'
import type { net } from '../core/net_namespace.ts'
import * as F from '../core/netdev_features_bits.ts'
import { NETDEV_TX_OK, type net_device, type net_device_ops } from '../core/netdevice.ts'
import { rtnl_link_register } from '../core/rtnetlink.ts'
import type { rtnl_link_ops } from '../core/rtnl_link_ops.ts'
import { kfree_skb, type sk_buff } from '../core/skbuff.ts'
import { eth_hw_addr_random } from '../ethernet/eth.ts'
import { netif_keep_dst } from '../ipv4/ip_tunnel.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { NLA_FLAG, NLA_U32, policy } from '../netlink/policy.ts'

const IP_MAX_MTU = 0xffff
const XFRMI_FEATURES = F.NETIF_F_SG | F.NETIF_F_FRAGLIST | F.NETIF_F_GSO_SOFTWARE | F.NETIF_F_HW_CSUM

interface xfrm_if_parms {
  link: number
  if_id: number
  collect_md: boolean
}
/** netdev_priv() */
export class xfrm_if {
  p: xfrm_if_parms = { link: 0, if_id: 0, collect_md: false }
  net: net
  constructor(net: net) {
    this.net = net
  }
}
function priv(dev: net_device): xfrm_if {
  return dev.priv as xfrm_if
}
function parms_of(data: AttrTable | undefined): xfrm_if_parms {
  return {
    link: data?.get(L.IFLA_XFRM_LINK) ?? 0,
    if_id: data?.get(L.IFLA_XFRM_IF_ID) ?? 0,
    collect_md: data?.has(L.IFLA_XFRM_COLLECT_METADATA) ?? false,
  }
}
/** xfrmi_locate() */
function others(net: net, dev: net_device | undefined): xfrm_if_parms[] {
  return net.dev_base_head.filter((other) => other !== dev && other.netdev_ops === xfrmi_netdev_ops).map((other) => priv(other).p)
}

export function xfrmi_dev_init(dev: net_device): undefined {
  dev.lltx = true
  dev.features |= XFRMI_FEATURES
  dev.hw_features |= XFRMI_FEATURES
  eth_hw_addr_random(dev)
}
export function xfrmi_xmit(skb: sk_buff, dev: net_device): number {
  for (const name of ['tx_carrier_errors', 'tx_errors', 'tx_dropped'] as const) dev.stats[name] = (dev.stats[name] ?? 0) + 1
  kfree_skb(skb)
  return NETDEV_TX_OK
}
export function xfrmi_get_iflink(dev: net_device): number {
  return priv(dev).p.link
}
export const xfrmi_netdev_ops: net_device_ops = {
  name: 'xfrmi_netdev_ops',
  ndo_init: xfrmi_dev_init,
  ndo_start_xmit: xfrmi_xmit,
  ndo_get_iflink: xfrmi_get_iflink,
}
export function xfrmi_dev_setup(dev: net_device): void {
  dev.priv = new xfrm_if(dev.nd_net)
  dev.netdev_ops = xfrmi_netdev_ops
  dev.type = ARPHRD_NONE
  dev.mtu = ETH_DATA_LEN
  dev.min_mtu = ETH_MIN_MTU
  dev.max_mtu = IP_MAX_MTU
  dev.flags = IFF_NOARP
  dev.needs_free_netdev = true
  netif_keep_dst(dev)
}
export function xfrmi_newlink(
  _src_net: net,
  dev: net_device,
  _tb: AttrTable,
  data: AttrTable | undefined,
  extack: netlink_ext_ack,
): Errno | undefined {
  const p = parms_of(data)
  const there = others(dev.nd_net, dev)
  if (p.collect_md) {
    if (p.link !== 0 || p.if_id !== 0) return extack.fail(EINVAL, 'link and if_id must be zero')
    if (there.some(({ collect_md }) => collect_md)) return EEXIST
  } else {
    if (p.if_id === 0) return extack.fail(EINVAL, 'if_id must be non zero')
    if (there.some(({ if_id }) => if_id === p.if_id)) return EEXIST
  }
  priv(dev).p = p
  return register_netdevice(dev)
}
export function xfrmi_changelink(dev: net_device, _tb: AttrTable, data: AttrTable | undefined, extack: netlink_ext_ack): Errno | undefined {
  const p = parms_of(data)
  if (p.if_id === 0) return extack.fail(EINVAL, 'if_id must be non zero')
  const xi = priv(dev)
  if (p.collect_md || xi.p.collect_md) return extack.fail(EINVAL, "collect_md can't be changed")
  if (others(xi.net, dev).some(({ if_id }) => if_id === p.if_id)) return EEXIST
  // xfrmi_change(): the link below stays
  if (p.link !== xi.p.link) return EINVAL
  xi.p.if_id = p.if_id
  netdev_state_change(dev)
  return undefined
}
export function xfrmi_fill_info(skb: MessageBuilder, dev: net_device): void {
  const { link, if_id, collect_md } = priv(dev).p
  skb.put(L.IFLA_XFRM_LINK, link)
  skb.put(L.IFLA_XFRM_IF_ID, if_id)
  if (collect_md) skb.put(L.IFLA_XFRM_COLLECT_METADATA, true)
}
export function xfrmi_get_link_net(dev: net_device): net {
  return priv(dev).net
}
export const xfrmi_policy = policy(
  L.IFLA_XFRM,
  { IFLA_XFRM_LINK: NLA_U32, IFLA_XFRM_IF_ID: NLA_U32, IFLA_XFRM_COLLECT_METADATA: NLA_FLAG },
  { name: 'xfrmi_policy', strict_start_type: L.IFLA_XFRM_COLLECT_METADATA.nr },
)
export const xfrmi_link_ops: rtnl_link_ops = {
  kind: 'xfrm',
  policy: xfrmi_policy,
  setup: xfrmi_dev_setup,
  newlink: xfrmi_newlink,
  changelink: xfrmi_changelink,
  fill_info: xfrmi_fill_info,
  get_link_net: xfrmi_get_link_net,
}
/** The module xfrm_interface. */
export function xfrmi_init(kernel: Kernel): Errno | undefined {
  return rtnl_link_register(kernel, xfrmi_link_ops)
}
