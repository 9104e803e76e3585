/** include/net/ip_tunnels.h: what a tunnel over IPv4 is, and where those of one kind in a namespace are kept. */
import { GRE_KEY, VTI_ISVTI } from '../../uapi/linux/if_tunnel.ts'
import { ipv4_is_multicast } from '../../uapi/linux/in.ts'
import type { net } from '../core/net_namespace.ts'
import { type net_device, netdev_priv } from '../core/netdevice.ts'
import type { rtnl_link_ops } from '../core/rtnl_link_ops.ts'

export const IP_DF = 0x4000
export const IP_MAX_MTU = 0xffff
export const IPV4_MIN_MTU = 68
export const IPHDR_LEN = 20

/** struct ip_tunnel_parm_kern with the fields of its IPv4 header that count; addresses, keys and flags in host order. */
export class ip_tunnel_parm_kern {
  name = ''
  link = 0
  /** GRE_* flags, SIT_ISATAP or VTI_ISVTI */
  i_flags = 0
  o_flags = 0
  i_key = 0
  o_key = 0
  version = 0
  ihl = 0
  tos = 0
  frag_off = 0
  ttl = 0
  protocol = 0
  saddr = 0
  daddr = 0
}
/** struct ip_tunnel_encap */
export class ip_tunnel_encap {
  type = 0
  flags = 0
  sport = 0
  dport = 0
}
/** struct ip_tunnel_6rd_parm */
export class ip_tunnel_6rd_parm {
  prefix: Uint8Array = new Uint8Array(16)
  relay_prefix = 0
  prefixlen = 0
  relay_prefixlen = 0
}
/** struct ip_tunnel_prl_entry */
export interface ip_tunnel_prl_entry {
  addr: number
  flags: number
}

/** struct ip_tunnel: the private area of ipip, gre, gretap, erspan, vti and sit devices. */
export class ip_tunnel {
  dev!: net_device
  /** The namespace that the packets travel in: the device may have moved away from it. */
  net!: net
  /** Which of the namespace's tables it is in (ip_tnl_net_id). */
  net_id: string
  parms = new ip_tunnel_parm_kern()
  tun_hlen = 0
  encap = new ip_tunnel_encap()
  encap_hlen = 0
  hlen = 0
  collect_md = false
  ignore_df = false
  fwmark = 0
  /** The next number to be sent, and the least to be taken; 0: none has come yet. */
  o_seqno = 0
  i_seqno = 0
  /** Errors that have come back, and when the last one did (jiffies). */
  err_count = 0
  err_time = 0
  /** Index of the device that is in the tunnel's group while it is up; 0: none. */
  mlink = 0
  // erspan
  erspan_ver = 0
  index = 0
  dir = 0
  hwid = 0
  // sit
  ip6rd = new ip_tunnel_6rd_parm()
  prl: ip_tunnel_prl_entry[] = []
  constructor(net_id: string) {
    this.net_id = net_id
  }
}
export function ip_tunnel_priv(dev: net_device): ip_tunnel {
  return netdev_priv<ip_tunnel>(dev)
}

/** struct ip_tunnel_net: the tunnels of one kind. */
export class ip_tunnel_net {
  fb_tunnel_dev: net_device | undefined = undefined
  collect_md_tun: ip_tunnel | undefined = undefined
  /** By key and remote; the newest first. */
  tunnels = new Map<string, ip_tunnel[]>()
  rtnl_link_ops: rtnl_link_ops
  /** ARPHRD_* of the fallback device, which ioctls look for; 0 where init_net has none. */
  type = 0
  constructor(ops: rtnl_link_ops) {
    this.rtnl_link_ops = ops
  }
}
export function ip_tunnel_net_of(net: net, net_id: string): ip_tunnel_net {
  return net.gen.get(net_id) as ip_tunnel_net
}

/** A vti's key is not in its packets. */
function bucket_of(parms: ip_tunnel_parm_kern): string {
  const keyless = (parms.i_flags & (VTI_ISVTI | GRE_KEY)) === VTI_ISVTI
  return `${ipv4_is_multicast(parms.daddr) ? 0 : parms.daddr} ${keyless ? 0 : parms.i_key}`
}
export function ip_tunnel_add(itn: ip_tunnel_net, t: ip_tunnel): void {
  if (t.collect_md) itn.collect_md_tun = t
  const key = bucket_of(t.parms)
  const bucket = itn.tunnels.get(key)
  if (bucket === undefined) itn.tunnels.set(key, [t])
  else bucket.unshift(t)
}
export function ip_tunnel_del(itn: ip_tunnel_net, t: ip_tunnel): void {
  if (t.collect_md) itn.collect_md_tun = undefined
  const key = bucket_of(t.parms)
  const rest = itn.tunnels.get(key)?.filter((other) => other !== t) ?? []
  if (rest.length === 0) itn.tunnels.delete(key)
  else itn.tunnels.set(key, rest)
}

/** net/ipv4/ip_tunnel.c ip_tunnel_find(): the same ends, device, type and key. */
export function ip_tunnel_find(itn: ip_tunnel_net, p: ip_tunnel_parm_kern, type: number): ip_tunnel | undefined {
  return itn.tunnels
    .get(bucket_of(p))
    ?.find(
      (t) =>
        t.parms.saddr === p.saddr &&
        t.parms.daddr === p.daddr &&
        t.parms.link === p.link &&
        t.dev.type === type &&
        ip_tunnel_key_match(t.parms, p.i_flags, p.i_key),
    )
}
export function ip_tunnel_key_match(p: ip_tunnel_parm_kern, flags: number, key: number): boolean {
  if (p.i_flags & GRE_KEY) return (flags & GRE_KEY) !== 0 && key === p.i_key
  return (flags & GRE_KEY) === 0
}
