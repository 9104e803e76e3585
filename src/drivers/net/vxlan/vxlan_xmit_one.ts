/** drivers/net/vxlan/vxlan_core.c vxlan_xmit_one, vxlan_build_skb: one frame goes to one end. */
import { getBe16, putBe16, putBe32 } from '../../../lib/bytes.ts'
import { DEV_STATS_INC } from '../../../net/core/dev_stats.ts'
import { type ip_tunnel_info, skb_tunnel_info, TUNNEL_CSUM, TUNNEL_DONT_FRAGMENT } from '../../../net/core/dst_metadata.ts'
import { INET_ECN_encapsulate, ip_tunnel_get_dsfield, ip_tunnel_get_ttl } from '../../../net/core/inet_ecn.ts'
import { skb_protocol, skb_vlan_inet_prepare } from '../../../net/core/skb_vlan.ts'
import { kfree_skb, type sk_buff, skb_cow, skb_pull, skb_push } from '../../../net/core/skbuff.ts'
import { UDP_TUNNEL_LOCAL, udp_tunnel_ops_of } from '../../../net/core/udp_tunnel.ts'
import { ELOOP, ENETUNREACH, EPFNOSUPPORT, type Errno, isErrno } from '../../../uapi/errno.ts'
import { ETH_HLEN, ETH_P_IP, ETH_P_IPV6, ETH_P_TEB } from '../../../uapi/linux/if_ether.ts'
import { VXLAN_DF_INHERIT, VXLAN_DF_SET, VXLAN_LABEL_INHERIT } from '../../../uapi/linux/if_link_vxlan.ts'
import {
  VXLAN_F_GBP,
  VXLAN_F_GPE,
  VXLAN_F_LOCALBYPASS,
  VXLAN_F_TTL_INHERIT,
  VXLAN_F_UDP_ZERO_CSUM6_TX,
  VXLAN_F_UDP_ZERO_CSUM_TX,
  type vxlan_addr,
  vxlan_addr_any,
  vxlan_addr_multicast,
  type vxlan_dev,
  type vxlan_rdst,
  vxlan_vnifilter_lookup,
} from './vxlan_private.ts'
import { tun_p_from_eth_p, VXLAN_GBP_MASK, VXLAN_GPE_NP, VXLAN_HF_GBP, VXLAN_HF_VNI, VXLAN_HLEN } from './vxlan_header.ts'
import { vxlan_encap_bypass, vxlan_find_vni } from './vxlan_rcv.ts'

/** Room for all outer headers. */
const ROOM = 128 + 40 + 8 + VXLAN_HLEN

/** What the outer headers say: of the device and the end, or of the packet's own tunnel information. */
interface outer {
  readonly saddr: vxlan_addr
  readonly daddr: vxlan_addr
  readonly dport: number
  readonly vni: number
  readonly ifindex: number
  readonly ttl: number
  readonly tos: number
  readonly label: number
  readonly df: boolean
  readonly nocheck: boolean
}

export function vxlan_drop(vxlan: vxlan_dev, skb: sk_buff, vni: number): void {
  DEV_STATS_INC(vxlan.dev, 'tx_dropped')
  const node = vxlan_vnifilter_lookup(vxlan, vni)
  if (node !== undefined) node.stats.tx_drops++
  kfree_skb(skb)
}

/** The inner packet's traffic class, TTL and flow label, where it is one of IP; undefined: its header is cut off. */
function inner(vxlan: vxlan_dev, skb: sk_buff): { dsfield: number; ttl: number; df: boolean; label: number } | undefined {
  const raw = (vxlan.cfg.flags & VXLAN_F_GPE) !== 0 && skb.protocol !== ETH_P_TEB
  if (!skb_vlan_inet_prepare(skb, raw)) return undefined
  const { buf, protocol, network_header: at } = skb
  const proto = skb_protocol(skb)
  return {
    dsfield: ip_tunnel_get_dsfield(skb, at, proto),
    ttl: ip_tunnel_get_ttl(skb, at, proto),
    df: protocol === ETH_P_IPV6 || (protocol === ETH_P_IP && (buf[at + 6] & 0x40) !== 0),
    label: proto === ETH_P_IPV6 ? ((buf[at + 1] & 15) << 16) | getBe16(buf, at + 2) : 0,
  }
}
type inner_header = NonNullable<ReturnType<typeof inner>>

function outer_of_end({ cfg }: vxlan_dev, head: inner_header, rd: vxlan_rdst, default_vni: number): outer {
  const v6 = rd.remote_ip.length === 16
  const ttl = cfg.flags & VXLAN_F_TTL_INHERIT ? head.ttl : cfg.ttl || (vxlan_addr_multicast(rd.remote_ip) ? 1 : 0)
  return {
    saddr: cfg.saddr,
    daddr: rd.remote_ip,
    dport: rd.remote_port || cfg.dst_port,
    vni: rd.remote_vni || default_vni,
    ifindex: rd.remote_ifindex,
    ttl,
    tos: cfg.tos === 1 ? head.dsfield : cfg.tos,
    label: cfg.label_policy === VXLAN_LABEL_INHERIT ? head.label : cfg.label,
    df: !v6 && (cfg.df === VXLAN_DF_SET || (cfg.df === VXLAN_DF_INHERIT && head.df)),
    nocheck: (cfg.flags & (v6 ? VXLAN_F_UDP_ZERO_CSUM6_TX : VXLAN_F_UDP_ZERO_CSUM_TX)) !== 0,
  }
}
function outer_of_info({ cfg }: vxlan_dev, { key }: ip_tunnel_info): outer {
  return {
    saddr: key.src,
    daddr: key.dst,
    dport: cfg.dst_port,
    vni: key.tun_id,
    ifindex: 0,
    ttl: key.ttl,
    tos: key.tos,
    label: key.label,
    df: (key.tun_flags & TUNNEL_DONT_FRAGMENT) !== 0,
    nocheck: (key.tun_flags & TUNNEL_CSUM) === 0,
  }
}

/** vxlan_build_skb(): the header, with the sender's group where that extension is on, or the packet's protocol. */
function push_header({ cfg }: vxlan_dev, skb: sk_buff, vni: number): Errno | undefined {
  const next = cfg.flags & VXLAN_F_GPE ? tun_p_from_eth_p(skb.protocol) : 0
  if (next === undefined) return EPFNOSUPPORT
  skb_cow(skb, ROOM)
  const at = skb_push(skb, VXLAN_HLEN)
  putBe32(skb.buf, at, VXLAN_HF_VNI)
  putBe32(skb.buf, at + 4, (vni << 8) >>> 0)
  if (cfg.flags & VXLAN_F_GBP && skb.mark !== 0) putBe32(skb.buf, at, (VXLAN_HF_VNI | VXLAN_HF_GBP | (skb.mark & VXLAN_GBP_MASK)) >>> 0)
  if (next !== 0) putBe16(skb.buf, at + 2, next)
  if (next !== 0) skb.buf[at] |= VXLAN_GPE_NP
  return undefined
}

/** To an end, or (none) where the packet's own tunnel information says. `did_rsc`: what the bridge here routes stays here. */
export function vxlan_xmit_one(vxlan: vxlan_dev, skb: sk_buff, rd: vxlan_rdst | undefined, default_vni: number, did_rsc = false): void {
  const info = skb_tunnel_info(skb)
  if (rd !== undefined && vxlan_addr_any(rd.remote_ip)) {
    if (did_rsc) vxlan_encap_bypass(vxlan, skb, vxlan, default_vni, true)
    else vxlan_drop(vxlan, skb, default_vni)
    return
  }
  if (rd === undefined && info === undefined) return vxlan_drop(vxlan, skb, 0)
  const head = inner(vxlan, skb)
  if (head === undefined) return vxlan_drop(vxlan, skb, default_vni)
  const to = rd === undefined ? outer_of_info(vxlan, info as ip_tunnel_info) : outer_of_end(vxlan, head, rd, default_vni)
  const error = encapsulate(vxlan, skb, to, head, info === undefined)
  if (error === undefined) return
  if (error === ELOOP) DEV_STATS_INC(vxlan.dev, 'collisions')
  else if (error === ENETUNREACH) DEV_STATS_INC(vxlan.dev, 'tx_carrier_errors')
  tx_error(vxlan, skb, to.vni)
}
function tx_error(vxlan: vxlan_dev, skb: sk_buff, vni: number): void {
  DEV_STATS_INC(vxlan.dev, 'tx_errors')
  const node = vxlan_vnifilter_lookup(vxlan, vni)
  if (node !== undefined) node.stats.tx_errors++
  kfree_skb(skb)
}
function encapsulate(vxlan: vxlan_dev, skb: sk_buff, to: outer, head: inner_header, bypass: boolean): Errno | undefined {
  const { cfg, dev, net } = vxlan
  const v6 = to.daddr.length === 16
  const vs = v6 ? vxlan.vn6_sock : vxlan.vn4_sock
  if (vs === undefined) return EPFNOSUPPORT
  const ops = udp_tunnel_ops_of(net)
  const sport = ops.flow_src_port(net, skb, cfg.port_min, cfg.port_max)
  const length = skb.len
  const built = push_header(vxlan, skb, to.vni)
  if (isErrno(built)) return built
  const ifindex = to.ifindex || (vs.sock.sk?.sk_bound_dev_if ?? 0)
  const result = ops.xmit(
    net,
    {
      ...to,
      skb,
      dev,
      length: length - (cfg.flags & VXLAN_F_GPE ? 0 : ETH_HLEN),
      saddr: to.saddr.length === to.daddr.length ? to.saddr : new Uint8Array(to.daddr.length),
      sport,
      tos: INET_ECN_encapsulate(to.tos, head.dsfield),
      ifindex,
    },
    bypass && (cfg.flags & VXLAN_F_LOCALBYPASS) !== 0,
  )
  if (isErrno(result)) return result
  if (result !== UDP_TUNNEL_LOCAL) {
    sent(vxlan, to.vni, length)
    return undefined
  }
  skb_pull(skb, VXLAN_HLEN)
  const local = vxlan_find_vni(net, { family: vs.sock.family, port: to.dport, flags: cfg.flags, ifindex }, to.vni)
  if (local === undefined) tx_error(vxlan, skb, to.vni)
  else vxlan_encap_bypass(vxlan, skb, local, to.vni, true)
  return undefined
}
function sent(vxlan: vxlan_dev, vni: number, length: number): void {
  const node = vxlan_vnifilter_lookup(vxlan, vni)
  if (node === undefined) return
  node.stats.tx_packets++
  node.stats.tx_bytes += length
}
