/** What kinds that come in pairs (veth, vxcan, netkit) share: the peer's part of a request, making the peer, the end of both. */
import type { AttrTable, Attr } from '../../lib/attrs.ts'
import {
  free_netdev,
  netif_carrier_off,
  netif_inherit_tso_max,
  register_netdevice,
  unregister_netdevice,
  unregister_netdevice_queue,
} from '../../net/core/dev.ts'
import type { net } from '../../net/core/net_namespace.ts'
import { NET_NAME_ENUM, NET_NAME_USER, type net_device, netdev_priv } from '../../net/core/netdevice.ts'
import {
  type ifinfo_header,
  rtnl_configure_link,
  rtnl_create_link,
  rtnl_link_get_net,
  rtnl_nla_parse_ifinfomsg,
} from '../../net/core/rtnetlink_newlink.ts'
import type { rtnl_link_ops } from '../../net/core/rtnl_link_ops.ts'
import type { netlink_ext_ack } from '../../net/netlink/extack.ts'
import { type Errno, isErrno } from '../../uapi/errno.ts'
import { IFLA_IFNAME } from '../../uapi/linux/if_link.ts'

/** Of the private areas of these kinds. Undefined while the pair is made, and from the moment that it is deleted. */
export interface peer_priv {
  peer: net_device | undefined
}
export function peer_of(dev: net_device): net_device | undefined {
  return netdev_priv<peer_priv>(dev).peer
}
/** Both go; from here on neither knows the other, which their last messages show (IFLA_LINK 0). */
export function peer_dellink(dev: net_device, list: net_device[]): void {
  const peer = peer_of(dev)
  netdev_priv<peer_priv>(dev).peer = undefined
  unregister_netdevice_queue(dev, list)
  if (peer === undefined) return
  netdev_priv<peer_priv>(peer).peer = undefined
  unregister_netdevice_queue(peer, list)
}
export function peer_get_link_net(dev: net_device): net {
  return (peer_of(dev) ?? dev).nd_net
}

export interface peer_request {
  /** The peer's own ifinfomsg, where the request has one. */
  ifm: ifinfo_header | undefined
  /** Its attributes, else those of the first device. */
  tb: AttrTable
}

export function parse_peer(
  src_net: net,
  tb: AttrTable,
  data: AttrTable | undefined,
  attribute: Attr<any>,
  extack: netlink_ext_ack,
): peer_request | Errno {
  if (data === undefined || !data.has(attribute)) return { ifm: undefined, tb }
  return rtnl_nla_parse_ifinfomsg(src_net, data, attribute, extack)
}

export interface peer_kind {
  readonly ops: rtnl_link_ops
  /** Name of a peer without one of its own. */
  readonly template: string
  /** Before it is registered. */
  readonly prepare?: (peer: net_device) => void
  /** Before it is announced. */
  readonly registered?: (peer: net_device) => void
  /** The peer's flags are not taken from the request. */
  readonly ignores_flags?: true
}

/** Made, registered and announced before the first device is; it has no peer then (IFLA_LINK 0). */
export function create_peer(
  src_net: net,
  dev: net_device,
  { ifm, tb }: peer_request,
  kind: peer_kind,
  extack: netlink_ext_ack,
): net_device | Errno {
  const net = rtnl_link_get_net(src_net, tb)
  if (isErrno(net)) return net
  const ifname = ifm === undefined ? undefined : tb.get(IFLA_IFNAME)
  const assign = ifname === undefined ? NET_NAME_ENUM : NET_NAME_USER
  const peer = rtnl_create_link(net, ifname ?? kind.template, assign, kind.ops, tb, extack)
  if (isErrno(peer)) return peer
  kind.prepare?.(peer)
  if (ifm !== undefined && dev.ifindex !== 0) peer.ifindex = ifm.ifi_index
  netif_inherit_tso_max(peer, dev)
  const error = register_netdevice(peer)
  if (isErrno(error)) {
    free_netdev(peer)
    return error
  }
  netif_carrier_off(peer)
  kind.registered?.(peer)
  const unconfigured = rtnl_configure_link(peer, kind.ignores_flags ? undefined : ifm)
  if (isErrno(unconfigured)) {
    unregister_netdevice(peer)
    return unconfigured
  }
  return peer
}
