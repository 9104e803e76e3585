/** drivers/net/vxlan/vxlan_vnifilter.c vxlan_vnifilter_process, _dump: RTM_NEWTUNNEL, RTM_DELTUNNEL and RTM_GETTUNNEL. */
import type { Kernel } from '../../../kernel/kernel.ts'
import { eachAttr } from '../../../lib/attrs.ts'
import { type MessageBuilder, NLMSG_HDRLEN } from '../../../lib/message.ts'
import { __dev_get_by_index } from '../../../net/core/dev.ts'
import type { net_device } from '../../../net/core/netdevice.ts'
import { rtnl_register } from '../../../net/core/rtnetlink.ts'
import { nla_parse_nested_at, nlmsg_parse } from '../../../net/netlink/attr.ts'
import { NLA_BINARY, NLA_NESTED, NLA_U32, policy } from '../../../net/netlink/policy.ts'
import type { netlink_callback, Request } from '../../../net/netlink/types.ts'
import { EINVAL, ENODEV, EOPNOTSUPP, type Errno, isErrno } from '../../../uapi/errno.ts'
import * as V from '../../../uapi/linux/if_link_vxlan.ts'
import { NLM_F_MULTI } from '../../../uapi/linux/netlink.ts'
import { RTM_DELTUNNEL, RTM_GETTUNNEL, RTM_NEWTUNNEL } from '../../../uapi/linux/rtnetlink.ts'
import { AF_BRIDGE } from '../../../uapi/linux/socket.ts'
import {
  NO_ADDR,
  netif_is_vxlan,
  VXLAN_F_VNIFILTER,
  vxlan_addr_multicast,
  type vxlan_dev,
  type vxlan_vni_node,
  vxlan_priv,
} from './vxlan_private.ts'
import { vxlan_fill_vni_filter_entry, vxlan_vni_add, vxlan_vni_del, vxlan_vni_follows } from './vxlan_vnifilter.ts'

export const vni_filter_entry_policy = policy(
  V.VXLAN_VNIFILTER_ENTRY_SET,
  {
    VXLAN_VNIFILTER_ENTRY_START: NLA_U32,
    VXLAN_VNIFILTER_ENTRY_END: NLA_U32,
    VXLAN_VNIFILTER_ENTRY_GROUP: NLA_BINARY(4),
    VXLAN_VNIFILTER_ENTRY_GROUP6: NLA_BINARY(16),
  },
  { name: 'vni_filter_entry_policy' },
)
export const vni_filter_policy = policy(V.VXLAN_VNIFILTER, { VXLAN_VNIFILTER_ENTRY: NLA_NESTED() }, { name: 'vni_filter_policy' })

/** A dump's position: args[0] devices that are done, args[1] networks of the next. False: full. */
function dump_dev(skb: MessageBuilder, cb: netlink_callback, dev: net_device, stats: boolean): boolean {
  const { vni_list } = vxlan_priv(dev)
  if (vni_list.length === 0) return true
  let done = cb.args[1]
  skb.begin(RTM_NEWTUNNEL, NLM_F_MULTI, cb.seq, cb.portid)
  skb.struct(V.tunnel_msg, { family: AF_BRIDGE, ifindex: dev.ifindex })
  while (done < vni_list.length) {
    const first = vni_list[done]
    let last: vxlan_vni_node = first
    let next = done + 1
    while (!stats && next < vni_list.length && vxlan_vni_follows(vni_list[next], last)) last = vni_list[next++]
    const length = skb.length
    vxlan_fill_vni_filter_entry(skb, first, last, stats)
    if (skb.overflow) {
      // what fits stays: the message goes on in the next buffer
      skb.overflow = false
      skb.length = length
      cb.args[1] = done
      if (done === 0) skb.cancel()
      else skb.end()
      return false
    }
    done = next
  }
  cb.args[1] = 0
  return skb.end()
}
export function vxlan_vnifilter_dump(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const { buf, net, extack } = cb
  if (buf.length < NLMSG_HDRLEN + V.tunnel_msg.size) return EINVAL
  const { flags, ifindex } = V.tunnel_msg.get(buf, NLMSG_HDRLEN)
  if (flags & ~V.TUNNEL_MSG_VALID_USER_FLAGS) return extack.fail(EINVAL, 'Invalid tunnelmsg flags in ancillary header')
  const stats = (flags & V.TUNNEL_MSG_FLAG_STATS) !== 0
  if (ifindex !== 0) {
    const dev = __dev_get_by_index(net, ifindex)
    if (dev === undefined) return ENODEV
    if (!netif_is_vxlan(dev)) return extack.fail(EINVAL, 'The device is not a vxlan device')
    if (!(vxlan_priv(dev).cfg.flags & VXLAN_F_VNIFILTER)) return EINVAL
    return dump_dev(skb, cb, dev, stats) ? undefined : true
  }
  const devs = net.dev_base_head.filter(netif_is_vxlan)
  for (let i = cb.args[0]; i < devs.length; i++) {
    cb.args[0] = i
    if (vxlan_priv(devs[i]).cfg.flags & VXLAN_F_VNIFILTER && !dump_dev(skb, cb, devs[i], stats)) return true
  }
  cb.args[0] = devs.length
  return undefined
}

/** vxlan_process_vni_filter(): one entry of a request: a network or a range of them. */
function process_entry(req: Request, vxlan: vxlan_dev, at: number): Errno | undefined {
  const { extack } = req
  const tb = nla_parse_nested_at(req, at, vni_filter_entry_policy)
  if (isErrno(tb)) return tb
  const start = tb.get(V.VXLAN_VNIFILTER_ENTRY_START) ?? 0
  const end = tb.get(V.VXLAN_VNIFILTER_ENTRY_END) ?? start
  if (start === 0 && end === 0) return extack.fail(EINVAL, 'vni start nor end found in vni entry', at)
  const group = tb.payload(V.VXLAN_VNIFILTER_ENTRY_GROUP) ?? tb.payload(V.VXLAN_VNIFILTER_ENTRY_GROUP6) ?? NO_ADDR
  if (vxlan_addr_multicast(group) && vxlan.default_dst.remote_ifindex === 0) {
    return extack.fail(EINVAL, 'Local interface required for multicast remote group')
  }
  // a signed counter in Linux: a range that ends beyond it is empty
  for (let vni = start | 0; vni <= (end | 0); vni++) {
    const error = req.type === RTM_NEWTUNNEL ? vxlan_vni_add(vxlan, vni, group.slice(), extack) : vxlan_vni_del(vxlan, vni)
    if (isErrno(error)) return error
  }
  return undefined
}
export function vxlan_vnifilter_process(req: Request): Errno | undefined {
  const { extack, buf } = req
  const tb = nlmsg_parse(req, V.tunnel_msg.size, vni_filter_policy)
  if (isErrno(tb)) return tb
  const dev = __dev_get_by_index(req.net, V.tunnel_msg.get(buf, NLMSG_HDRLEN).ifindex)
  if (dev === undefined) return ENODEV
  if (!netif_is_vxlan(dev)) return extack.fail(EINVAL, 'vxlan: The device is not a vxlan device')
  const vxlan = vxlan_priv(dev)
  if (!(vxlan.cfg.flags & VXLAN_F_VNIFILTER)) return EOPNOTSUPP
  let entries = 0
  let error: Errno | undefined
  eachAttr(buf, NLMSG_HDRLEN + V.tunnel_msg.size, buf.length, (nr, at) => {
    if (nr !== V.VXLAN_VNIFILTER_ENTRY.nr || isErrno(error)) return
    entries++
    error = process_entry(req, vxlan, at)
  })
  return entries === 0 ? extack.fail(EINVAL, 'vxlan: No vnis found to process') : error
}

export function vxlan_vnifilter_init(kernel: Kernel): void {
  rtnl_register(kernel, AF_BRIDGE, RTM_GETTUNNEL, { dumpit: vxlan_vnifilter_dump })
  rtnl_register(kernel, AF_BRIDGE, RTM_NEWTUNNEL, { doit: vxlan_vnifilter_process })
  rtnl_register(kernel, AF_BRIDGE, RTM_DELTUNNEL, { doit: vxlan_vnifilter_process })
}
