/** drivers/net/vxlan/vxlan_core.c vxlan_rcv, vxlan_snoop, vxlan_encap_bypass: frames arrive, and with them who sent them. */
import { getBe32 } from '../../../lib/bytes.ts'
import { dev_core_stats_rx_dropped_inc, dev_sw_netstats_rx_add, dev_sw_netstats_tx_add, netif_running } from '../../../net/core/dev.ts'
import { NET_RX_SUCCESS, netif_rx } from '../../../net/core/dev_receive.ts'
import { DEV_STATS_INC } from '../../../net/core/dev_stats.ts'
import { IP_TUNNEL_INFO_IPV6, metadata_dst, TUNNEL_KEY } from '../../../net/core/dst_metadata.ts'
import { INET_ECN_decapsulate, ip_tunnel_get_dsfield } from '../../../net/core/inet_ecn.ts'
import type { net } from '../../../net/core/net_namespace.ts'
import { kfree_skb, PACKET_HOST, type sk_buff, skb_pull, skb_scrub_packet } from '../../../net/core/skbuff.ts'
import type { udp_encap_ops } from '../../../net/core/udp_tunnel.ts'
import { ether_addr_equal, eth_type_trans, is_valid_ether_addr } from '../../../net/ethernet/eth.ts'
import { netlink_ext_ack } from '../../../net/netlink/extack.ts'
import { IFF_UP } from '../../../uapi/linux/if.ts'
import { ETH_HLEN, ETH_P_IP, ETH_P_IPV6, ETH_P_TEB } from '../../../uapi/linux/if_ether.ts'
import { __ipv6_addr_type, IPV6_ADDR_LINKLOCAL } from '../../../uapi/linux/in6.ts'
import { NTF_SELF, NUD_NOARP, NUD_PERMANENT, NUD_REACHABLE } from '../../../uapi/linux/neighbour.ts'
import { NLM_F_CREATE, NLM_F_EXCL } from '../../../uapi/linux/netlink.ts'
import { RTM_NEWNEIGH } from '../../../uapi/linux/rtnetlink.ts'
import { vxlan_fdb_notify, vxlan_fdb_update, vxlan_find_mac } from './vxlan_fdb.ts'
import {
  tun_p_to_eth_p,
  VXLAN_GBP_MASK,
  VXLAN_GBP_USED_BITS,
  VXLAN_GPE_USED_BITS,
  VXLAN_HF_GBP,
  VXLAN_HF_GPE_NP,
  VXLAN_HF_GPE_OAM,
  VXLAN_HF_GPE_VER,
  VXLAN_HF_VNI,
  VXLAN_HLEN,
} from './vxlan_header.ts'
import {
  VXLAN_F_COLLECT_METADATA,
  VXLAN_F_GBP,
  VXLAN_F_GPE,
  VXLAN_F_IPV6_LINKLOCAL,
  VXLAN_F_LEARN,
  VXLAN_F_VNIFILTER,
  type vxlan_addr,
  vxlan_addr_equal,
  type vxlan_dev,
  vxlan_find_sock,
  vxlan_rdst,
  type vxlan_sock,
  vxlan_vnifilter_lookup,
} from './vxlan_private.ts'

/** vxlan_vs_find_vni(): a device for all networks takes each, unless it filters. */
function find_vni(vs: vxlan_sock, vni: number, ifindex: number): vxlan_dev | undefined {
  return vs.devs.find((vxlan) => {
    const { cfg, default_dst } = vxlan
    if (cfg.flags & VXLAN_F_VNIFILTER) {
      if (vxlan_vnifilter_lookup(vxlan, vni) === undefined) return false
    } else if (default_dst.remote_vni !== (cfg.flags & VXLAN_F_COLLECT_METADATA ? 0 : vni)) {
      return false
    }
    return !(cfg.flags & VXLAN_F_IPV6_LINKLOCAL) || cfg.remote_ifindex === ifindex
  })
}

/** vxlan_snoop(): true: the frame claims an address that is another's for good. */
export function vxlan_snoop(vxlan: vxlan_dev, src_ip: vxlan_addr, src_mac: Uint8Array, src_ifindex: number, vni: number): boolean {
  const linklocal = src_ip.length === 16 && (__ipv6_addr_type(src_ip) & IPV6_ADDR_LINKLOCAL) !== 0
  const ifindex = linklocal ? src_ifindex : 0
  const f = vxlan_find_mac(vxlan, src_mac, vni)
  if (f !== undefined) {
    const rd = f.remotes[0]
    if (rd !== undefined && vxlan_addr_equal(rd.remote_ip, src_ip) && rd.remote_ifindex === ifindex) return false
    if (f.state & (NUD_PERMANENT | NUD_NOARP) || f.nh !== undefined || rd === undefined) return true
    rd.remote_ip = src_ip
    f.updated = vxlan.kernel.jiffies()
    vxlan_fdb_notify(vxlan, f, rd, RTM_NEWNEIGH)
    return false
  }
  if (!netif_running(vxlan.dev)) return false
  const rd = new vxlan_rdst(src_ip, vxlan.cfg.dst_port, vxlan.default_dst.remote_vni, ifindex)
  const nlflags = NLM_F_EXCL | NLM_F_CREATE
  const spec = { mac: src_mac, rd, state: NUD_REACHABLE, nlflags, src_vni: vni, ndm_flags: NTF_SELF, nhid: 0 }
  vxlan_fdb_update(vxlan, spec, new netlink_ext_ack())
  return false
}

/** vxlan_find_vni(): who has the network at a socket of this host; `by`: what vxlan_find_sock() goes by. */
export function vxlan_find_vni(
  net: net,
  by: { family: number; port: number; flags: number; ifindex: number },
  vni: number,
): vxlan_dev | undefined {
  const vs = vxlan_find_sock(net, by.family, by.port, by.flags, by.ifindex)
  return vs === undefined ? undefined : find_vni(vs, vni, by.ifindex)
}

/** The packet at skb.data becomes the device's own. */
function into_device(vxlan: vxlan_dev, skb: sk_buff, vni: number): void {
  const { dev } = vxlan
  const node = vxlan_vnifilter_lookup(vxlan, vni)
  const { len } = skb
  if (dev.flags & IFF_UP && netif_rx(skb) === NET_RX_SUCCESS) {
    dev_sw_netstats_rx_add(dev, len)
    if (node === undefined) return
    node.stats.rx_packets++
    node.stats.rx_bytes += len
    return
  }
  dev_core_stats_rx_dropped_inc(dev)
  if (node !== undefined) node.stats.rx_drops++
  if (!(dev.flags & IFF_UP)) kfree_skb(skb)
}
function rx_error(vxlan: vxlan_dev, skb: sk_buff, vni: number, field: 'rx_frame_errors' | 'rx_length_errors'): void {
  DEV_STATS_INC(vxlan.dev, field)
  DEV_STATS_INC(vxlan.dev, 'rx_errors')
  const node = vxlan_vnifilter_lookup(vxlan, vni)
  if (node !== undefined) node.stats.rx_errors++
  kfree_skb(skb)
}

/** vxlan_parse_gpe_proto(): what follows; undefined: a header that is not of this version, or no protocol of ours. */
function gpe_proto(flags: number): number | undefined {
  const ours = (flags & (VXLAN_HF_GPE_VER | VXLAN_HF_GPE_OAM | VXLAN_HF_GPE_NP)) >>> 0 === VXLAN_HF_GPE_NP
  return ours ? tun_p_to_eth_p(flags & 0xff) : undefined
}
/** vxlan_parse_gbp_hdr(): the sender's group is the packet's mark, but where programs see the header itself. */
function parse_gbp(vs: vxlan_sock, skb: sk_buff, flags: number): void {
  if (flags & VXLAN_HF_GBP && !(vs.flags & VXLAN_F_COLLECT_METADATA)) skb.mark = flags & VXLAN_GBP_MASK
}
/** vxlan_set_mac(): false: a loop, an address that no station has, or one that is another's for good. */
function set_mac(vxlan: vxlan_dev, skb: sk_buff, saddr: vxlan_addr, iif: number, vni: number): boolean {
  skb.protocol = eth_type_trans(skb, vxlan.dev)
  const source = skb.buf.slice(skb.mac_header + 6, skb.mac_header + 12)
  if (ether_addr_equal(source, vxlan.dev.dev_addr) || !is_valid_ether_addr(source)) return false
  const key = vxlan.cfg.flags & VXLAN_F_COLLECT_METADATA ? vni : 0
  return !(vxlan.cfg.flags & VXLAN_F_LEARN && vxlan_snoop(vxlan, saddr, source, iif, key || vni))
}
/** Traffic class and destination of the header around. */
function outer_header(skb: sk_buff, v6: boolean): { tos: number; daddr: Uint8Array } {
  const { buf, network_header: nh } = skb
  if (v6) return { tos: ip_tunnel_get_dsfield(skb, nh, ETH_P_IPV6), daddr: buf.slice(nh + 24, nh + 40) }
  return { tos: ip_tunnel_get_dsfield(skb, nh, ETH_P_IP), daddr: buf.slice(nh + 16, nh + 20) }
}

/** vxlan_rcv(): what is not the header that was agreed on is dropped. */
export function vxlan_rcv(vs: vxlan_sock, skb: sk_buff, saddr: vxlan_addr): void {
  if (skb.len < VXLAN_HLEN) return kfree_skb(skb)
  const flags = getBe32(skb.buf, skb.data)
  const field = getBe32(skb.buf, skb.data + 4)
  if (!(flags & VXLAN_HF_VNI)) return kfree_skb(skb)
  const vni = field >>> 8
  const iif = skb.dev?.ifindex ?? 0
  const vxlan = find_vni(vs, vni, iif)
  const gpe = (vs.flags & VXLAN_F_GPE) !== 0
  const proto = gpe ? gpe_proto(flags) : ETH_P_TEB
  const used = VXLAN_HF_VNI | (gpe ? VXLAN_GPE_USED_BITS : 0) | (vs.flags & VXLAN_F_GBP ? VXLAN_GBP_USED_BITS : 0)
  if (vxlan === undefined || proto === undefined || (flags & ~used) !== 0 || (field & 0xff) !== 0) return kfree_skb(skb)
  const v6 = saddr.length === 16
  const outer = outer_header(skb, v6)
  skb_pull(skb, VXLAN_HLEN)
  if (!gpe && skb.len < ETH_HLEN) return kfree_skb(skb)
  skb_scrub_packet(skb, vxlan.net !== vxlan.dev.nd_net)
  if (vs.flags & VXLAN_F_COLLECT_METADATA) {
    const mode = v6 ? IP_TUNNEL_INFO_IPV6 : 0
    skb.dst = new metadata_dst(vni, mode, { src: saddr, dst: outer.daddr, tun_flags: TUNNEL_KEY })
  }
  if (vs.flags & VXLAN_F_GBP) parse_gbp(vs, skb, flags)
  if (gpe) {
    skb.protocol = proto
    skb.mac_header = skb.data
    skb.dev = vxlan.dev
    skb.pkt_type = PACKET_HOST
  } else if (!set_mac(vxlan, skb, saddr, iif, vni)) {
    return kfree_skb(skb)
  }
  skb.network_header = skb.data
  const short = skb.protocol === ETH_P_IP ? skb.len < 20 : skb.protocol === ETH_P_IPV6 && skb.len < 40
  if (short) return rx_error(vxlan, skb, vni, 'rx_length_errors')
  if (INET_ECN_decapsulate(skb, skb.data, skb.protocol, outer.tos) > 1) return rx_error(vxlan, skb, vni, 'rx_frame_errors')
  into_device(vxlan, skb, vni)
}
export const vxlan_encap_ops: udp_encap_ops = { name: 'vxlan_encap_ops', encap_rcv: vxlan_rcv }

/** vxlan_encap_bypass(): the end is a device of this host: the frame goes into it as it is. `snoop`: it is learned from. */
export function vxlan_encap_bypass(from: vxlan_dev, skb: sk_buff, to: vxlan_dev, vni: number, snoop: boolean): void {
  const { len } = skb
  skb_scrub_packet(skb, false)
  skb.protocol = eth_type_trans(skb, to.dev)
  skb.network_header = skb.data
  skb.pkt_type = PACKET_HOST
  const up = (to.dev.flags & IFF_UP) !== 0
  if (up && snoop && to.cfg.flags & VXLAN_F_LEARN) {
    const v4 = to.default_dst.remote_ip.length === 4
    const loopback = v4 ? Uint8Array.of(127, 0, 0, 1) : Uint8Array.of(...new Array(15).fill(0), 1)
    vxlan_snoop(to, loopback, skb.buf.slice(skb.mac_header + 6, skb.mac_header + 12), 0, vni)
  }
  if (up) {
    dev_sw_netstats_tx_add(from.dev, 1, len)
    const node = vxlan_vnifilter_lookup(from, vni)
    if (node !== undefined) {
      node.stats.tx_packets++
      node.stats.tx_bytes += len
    }
  }
  into_device(to, skb, vni)
}
