/** drivers/net/vxlan/vxlan_core.c vxlan_rcv, vxlan_snoop, vxlan_encap_bypass: frames arrive, and with them who sent them. */
import { getBe32 } from '../../../lib/bytes.ts'
import { dev_core_stats_rx_dropped_inc, dev_sw_netstats_rx_add, dev_sw_netstats_tx_add, netif_running } from '../../../net/core/dev.ts'
import { netif_rx } from '../../../net/core/dev_receive.ts'
import { metadata_dst } from '../../../net/core/dst_metadata.ts'
import { kfree_skb, type sk_buff, skb_pull, skb_scrub_packet } from '../../../net/core/skbuff.ts'
import type { udp_encap_ops } from '../../../net/core/udp_tunnel.ts'
import { ether_addr_equal, eth_type_trans, is_valid_ether_addr } from '../../../net/ethernet/eth.ts'
import { netlink_ext_ack } from '../../../net/netlink/extack.ts'
import { IFF_UP } from '../../../uapi/linux/if.ts'
import { ETH_HLEN } from '../../../uapi/linux/if_ether.ts'
import { __ipv6_addr_type, IPV6_ADDR_LINKLOCAL } from '../../../uapi/linux/in6.ts'
import { NTF_SELF, NUD_NOARP, NUD_PERMANENT, NUD_REACHABLE } from '../../../uapi/linux/neighbour.ts'
import { NLM_F_CREATE, NLM_F_EXCL } from '../../../uapi/linux/netlink.ts'
import { RTM_NEWNEIGH } from '../../../uapi/linux/rtnetlink.ts'
import { vxlan_fdb_notify, vxlan_fdb_update, vxlan_find_mac } from './vxlan_fdb.ts'
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
  vxlan_rdst,
  type vxlan_sock,
  vxlan_vnifilter_lookup,
} from './vxlan_private.ts'

const VXLAN_HLEN = 8
const VXLAN_HF_VNI = 0x08000000
/** Bits of the group policy extension (VXLAN_GBP_USED_BITS). */
const VXLAN_GBP_USED_BITS = 0x8048ffff

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

/** The frame at skb.data becomes the device's own. */
function into_device(vxlan: vxlan_dev, skb: sk_buff, vni: number): void {
  const { dev } = vxlan
  const node = vxlan_vnifilter_lookup(vxlan, vni)
  if (!(dev.flags & IFF_UP)) {
    dev_core_stats_rx_dropped_inc(dev)
    if (node !== undefined) node.stats.rx_drops++
    return kfree_skb(skb)
  }
  skb.network_header = skb.data
  dev_sw_netstats_rx_add(dev, skb.len)
  if (node !== undefined) {
    node.stats.rx_packets++
    node.stats.rx_bytes += skb.len
  }
  netif_rx(skb)
}

/** vxlan_rcv(): what is not the header that was agreed on is dropped. */
export function vxlan_rcv(vs: vxlan_sock, skb: sk_buff, saddr: vxlan_addr): void {
  if (skb.len < VXLAN_HLEN + ETH_HLEN || vs.flags & VXLAN_F_GPE) return kfree_skb(skb)
  let flags = getBe32(skb.buf, skb.data)
  const field = getBe32(skb.buf, skb.data + 4)
  if (!(flags & VXLAN_HF_VNI)) return kfree_skb(skb)
  flags = (flags & ~VXLAN_HF_VNI) >>> 0
  if (vs.flags & VXLAN_F_GBP) flags = (flags & ~VXLAN_GBP_USED_BITS) >>> 0
  const vni = field >>> 8
  const iif = skb.dev?.ifindex ?? 0
  const vxlan = find_vni(vs, vni, iif)
  if (vxlan === undefined || flags !== 0 || (field & 0xff) !== 0) return kfree_skb(skb)
  skb_pull(skb, VXLAN_HLEN)
  skb_scrub_packet(skb, vxlan.net !== vxlan.dev.nd_net)
  if (vxlan.cfg.flags & VXLAN_F_COLLECT_METADATA) skb.dst = new metadata_dst(vni, 0)
  skb.protocol = eth_type_trans(skb, vxlan.dev)
  const source = skb.buf.slice(skb.mac_header + 6, skb.mac_header + 12)
  // loops, and addresses that no station has
  if (ether_addr_equal(source, vxlan.dev.dev_addr) || !is_valid_ether_addr(source)) return kfree_skb(skb)
  const key = vxlan.cfg.flags & VXLAN_F_COLLECT_METADATA ? vni : 0
  if (vxlan.cfg.flags & VXLAN_F_LEARN && vxlan_snoop(vxlan, saddr, source, iif, key || vni)) return kfree_skb(skb)
  into_device(vxlan, skb, vni)
}
export const vxlan_encap_ops: udp_encap_ops = { name: 'vxlan_encap_ops', encap_rcv: vxlan_rcv }

/** vxlan_encap_bypass(): the end is this host: straight into its device of that network and port. */
export function vxlan_bypass(vxlan: vxlan_dev, skb: sk_buff, rd: vxlan_rdst, vni: number): void {
  const vs = rd.remote_ip.length === 16 ? vxlan.vn6_sock : vxlan.vn4_sock
  const port = rd.remote_port || vxlan.cfg.dst_port
  const to = vs !== undefined && port === vs.port ? find_vni(vs, vni, rd.remote_ifindex) : undefined
  if (to === undefined) {
    vxlan.dev.stats.tx_errors = (vxlan.dev.stats.tx_errors ?? 0) + 1
    return kfree_skb(skb)
  }
  const len = skb.len
  skb_scrub_packet(skb, false)
  skb.protocol = eth_type_trans(skb, to.dev)
  const loopback = rd.remote_ip.length === 16 ? Uint8Array.of(...new Array(15).fill(0), 1) : Uint8Array.of(127, 0, 0, 1)
  if (to.cfg.flags & VXLAN_F_LEARN) {
    vxlan_snoop(to, loopback, skb.buf.slice(skb.mac_header + 6, skb.mac_header + 12), 0, vni)
  }
  dev_sw_netstats_tx_add(vxlan.dev, 1, len)
  into_device(to, skb, vni)
}
