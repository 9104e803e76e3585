/** include/net/ip6_tunnel.h: what a tunnel over IPv6 is, and where those of one kind in a namespace are kept. */
import { hex } from '../../lib/bytes.ts'
import * as U from '../../uapi/linux/if_tunnel.ts'
import type { net } from '../core/net_namespace.ts'
import { MAX_ADDR_LEN, NET_ADDR_RANDOM, type net_device, netdev_priv } from '../core/netdevice.ts'
import { eth_random_addr } from '../ethernet/eth.ts'
import { ip_tunnel_encap } from '../ipv4/ip_tunnel_state.ts'

export const IP6_MAX_MTU = 0xffff + 40
export const IPV6_MIN_MTU = 1280
export const IPV6HDR_LEN = 40
/** What the option with the limit of encapsulations takes. */
export const ENCAP_LIMIT_LEN = 8

/** struct __ip6_tnl_parm */
export class __ip6_tnl_parm {
  name = ''
  link = 0
  proto = 0
  encap_limit = 0
  hop_limit = 0
  collect_md = false
  /** As it came: network byte order. */
  flowinfo = 0
  /** IP6_TNL_F_* */
  flags = 0
  laddr: Uint8Array = new Uint8Array(16)
  raddr: Uint8Array = new Uint8Array(16)
  /** GRE_* */
  i_flags = 0
  o_flags = 0
  i_key = 0
  o_key = 0
  fwmark = 0
  erspan_ver = 0
  index = 0
  dir = 0
  hwid = 0
}
/** struct ip6_tnl: the private area of ip6tnl, ip6gre, ip6gretap, ip6erspan and vti6 devices. */
export class ip6_tnl {
  dev!: net_device
  net!: net
  parms = new __ip6_tnl_parm()
  tun_hlen = 0
  encap = new ip_tunnel_encap()
  encap_hlen = 0
  hlen = 0
  /** The next number to be sent, and the least to be taken; 0: none has come yet. */
  o_seqno = 0
  i_seqno = 0
  /** Errors that have come back, and when the last one did (jiffies). */
  err_count = 0
  err_time = 0
}
export function ip6_tnl_priv(dev: net_device): ip6_tnl {
  return netdev_priv<ip6_tnl>(dev)
}

/** struct ip6_tnl_net, ip6gre_net, vti6_net */
export class ip6_tnl_net {
  fb_tnl_dev: net_device | undefined = undefined
  collect_md_tun: ip6_tnl | undefined = undefined
  /** By the addresses of both ends; the newest first. */
  tnls = new Map<string, ip6_tnl[]>()
}
function key_of(p: __ip6_tnl_parm): string {
  return hex(p.laddr) + hex(p.raddr)
}
export function ip6_tnl_link(ip6n: ip6_tnl_net, t: ip6_tnl): void {
  if (t.parms.collect_md) ip6n.collect_md_tun = t
  const list = ip6n.tnls.get(key_of(t.parms))
  if (list === undefined) ip6n.tnls.set(key_of(t.parms), [t])
  else list.unshift(t)
}
export function ip6_tnl_unlink(ip6n: ip6_tnl_net, t: ip6_tnl): void {
  if (ip6n.collect_md_tun === t) ip6n.collect_md_tun = undefined
  const key = key_of(t.parms)
  const rest = ip6n.tnls.get(key)?.filter((other) => other !== t) ?? []
  if (rest.length === 0) ip6n.tnls.delete(key)
  else ip6n.tnls.set(key, rest)
}
/** Tunnels with these ends. */
export function ip6_tnl_bucket(ip6n: ip6_tnl_net, laddr: Uint8Array, raddr: Uint8Array): readonly ip6_tnl[] {
  return ip6n.tnls.get(hex(laddr) + hex(raddr)) ?? []
}
/** Tunnels with these ends, on this device. */
export function ip6_tnl_find(ip6n: ip6_tnl_net, p: __ip6_tnl_parm, fits?: (t: ip6_tnl) => boolean): ip6_tnl | undefined {
  return ip6n.tnls.get(key_of(p))?.find((t) => t.parms.link === p.link && (fits === undefined || fits(t)))
}

/** The device's address is its end of the tunnel; the permanent one is only there to make identifiers from. */
export function ip6_tnl_random_perm_addr(dev: net_device): void {
  dev.addr_assign_type = NET_ADDR_RANDOM
  dev.perm_addr = new Uint8Array(MAX_ADDR_LEN)
  dev.perm_addr.set(eth_random_addr(dev.nd_net.kernel.random))
}
/** Kept apart from what the request may say. */
export const IP6_TNL_F_CAPS = U.IP6_TNL_F_CAP_XMIT | U.IP6_TNL_F_CAP_RCV | U.IP6_TNL_F_CAP_PER_PACKET
