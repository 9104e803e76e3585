/**
 * drivers/net/vxlan/vxlan_core.c vxlan_xmit, vxlan_xmit_nh: frames go to the ends that the tables name. How one of them goes
 * is in vxlan_xmit_one.ts.
 */
import { getBe16, putBe32 } from '../../../lib/bytes.ts'
import { IP_TUNNEL_INFO_BRIDGE, IP_TUNNEL_INFO_TX, skb_tunnel_info } from '../../../net/core/dst_metadata.ts'
import { type net_device, NETDEV_TX_OK } from '../../../net/core/netdevice.ts'
import { kfree_skb, type sk_buff, skb_copy } from '../../../net/core/skbuff.ts'
import { is_multicast_ether_addr } from '../../../net/ethernet/eth.ts'
import type { nexthop } from '../../../net/ipv4/nexthop.ts'
import { ETH_HLEN, ETH_P_IP, ETH_P_IPV6 } from '../../../uapi/linux/if_ether.ts'
import { NTF_ROUTER, NUD_STALE } from '../../../uapi/linux/neighbour.ts'
import { RTM_GETNEIGH } from '../../../uapi/linux/rtnetlink.ts'
import { AF_INET } from '../../../uapi/linux/socket.ts'
import { all_zeros_mac, vxlan_fdb_notify, vxlan_find_mac } from './vxlan_fdb.ts'
import { vxlan_mdb_ends, vxlan_mdb_entry_skb_get } from './vxlan_mdb_xmit.ts'
import {
  NO_ADDR,
  VXLAN_F_COLLECT_METADATA,
  VXLAN_F_IPV6,
  VXLAN_F_L2MISS,
  VXLAN_F_MDB,
  VXLAN_F_PROXY,
  VXLAN_F_RSC,
  type vxlan_dev,
  vxlan_fdb,
  vxlan_priv,
  vxlan_rdst,
} from './vxlan_private.ts'
import { route_shortcircuit, vxlan_reduce } from './vxlan_reduce.ts'
import { vxlan_drop, vxlan_xmit_one } from './vxlan_xmit_one.ts'

/** vxlan_fdb_miss(): programs are asked for the end of an address. */
function vxlan_fdb_miss(vxlan: vxlan_dev, mac: Uint8Array): void {
  const f = new vxlan_fdb(mac, NUD_STALE, 0, 0, vxlan.kernel.jiffies())
  vxlan_fdb_notify(vxlan, f, new vxlan_rdst(NO_ADDR, 0, 0, 0), RTM_GETNEIGH)
}
/** vxlan_fdb_nh_path_select(): the member of the nexthop group that the flow's hash falls to. */
function nh_end(nh: nexthop, hash: number): vxlan_rdst | undefined {
  const entries = nh.nh_grp?.nh_entries ?? []
  const nhc = (entries.find((e) => hash <= e.upper_bound) ?? entries[0])?.nh.nh_info?.nhc
  if (nhc === undefined) return undefined
  const ip = new Uint8Array(4)
  putBe32(ip, 0, (nhc.fib_nh_gw4 ?? 0) >>> 0)
  return new vxlan_rdst(nhc.fib_nh_gw_family === AF_INET ? ip : (nhc.fib_nh_gw6 ?? ip), 0, 0, 0)
}
function flow_hash(skb: sk_buff): number {
  let hash = 0
  for (let i = skb.data; i < skb.data + 12; i++) hash = (Math.imul(hash, 31) + skb.buf[i]) >>> 1
  return hash & 0x7fffffff
}
/** vxlan_xmit_nhid(): to the nexthop group that the bridge has chosen, in place of a port that is down. */
function vxlan_xmit_nhid(vxlan: vxlan_dev, skb: sk_buff, nhid: number, vni: number): void {
  const nh = vxlan.dev.nd_net.nexthop.by_id.get(nhid)
  const rd = nh?.nh_grp?.fdb_nh ? nh_end(nh, flow_hash(skb)) : undefined
  const v6 = (vxlan.cfg.flags & VXLAN_F_IPV6) !== 0
  if (rd === undefined || (rd.remote_ip.length === 16) !== v6) vxlan_drop(vxlan, skb, vni)
  else vxlan_xmit_one(vxlan, skb, rd, vni)
}
/** All ends get the frame: the first one the packet itself, after the others have got theirs. */
function to_ends(vxlan: vxlan_dev, skb: sk_buff, [first, ...others]: readonly vxlan_rdst[], vni: number, did_rsc = false): void {
  if (first === undefined) return kfree_skb(skb)
  for (const rd of others) vxlan_xmit_one(vxlan, skb_copy(skb), rd, vni, did_rsc)
  vxlan_xmit_one(vxlan, skb, first, vni, did_rsc)
}

/** What the forwarding table says. */
function by_table(vxlan: vxlan_dev, skb: sk_buff, vni: number): void {
  const proto = getBe16(skb.buf, skb.data + ETH_HLEN - 2)
  let dest = skb.buf.slice(skb.data, skb.data + 6)
  let f = vxlan_find_mac(vxlan, dest, vni)
  const routed = f !== undefined && f.flags & NTF_ROUTER && vxlan.cfg.flags & VXLAN_F_RSC
  const did_rsc = routed && (proto === ETH_P_IP || proto === ETH_P_IPV6) ? route_shortcircuit(vxlan, skb) : false
  if (did_rsc) {
    dest = skb.buf.slice(skb.data, skb.data + 6)
    f = vxlan_find_mac(vxlan, dest, vni)
  }
  f ??= vxlan_find_mac(vxlan, all_zeros_mac, vni)
  if (f === undefined) {
    if (vxlan.cfg.flags & VXLAN_F_L2MISS && !is_multicast_ether_addr(dest)) vxlan_fdb_miss(vxlan, dest)
    return vxlan_drop(vxlan, skb, vni)
  }
  const to = vni || vxlan.default_dst.remote_vni
  if (f.nh === undefined) return to_ends(vxlan, skb, f.remotes, to, did_rsc)
  const end = nh_end(f.nh, flow_hash(skb))
  if (end === undefined) vxlan_drop(vxlan, skb, to)
  else vxlan_xmit_one(vxlan, skb, end, to, did_rsc)
}
function xmit(vxlan: vxlan_dev, skb: sk_buff): void {
  const { flags } = vxlan.cfg
  let [vni, nhid] = [0, 0]
  if (flags & VXLAN_F_COLLECT_METADATA) {
    const info = skb_tunnel_info(skb)
    if (info === undefined || !(info.mode & IP_TUNNEL_INFO_TX)) return kfree_skb(skb)
    if (!(info.mode & IP_TUNNEL_INFO_BRIDGE)) return vxlan_xmit_one(vxlan, skb, undefined, 0)
    vni = info.key.tun_id
    nhid = info.key.nhid
  }
  if (flags & VXLAN_F_PROXY && vxlan_reduce(vxlan, skb, vni)) return
  if (nhid !== 0) return vxlan_xmit_nhid(vxlan, skb, nhid, vni)
  const group = flags & VXLAN_F_MDB ? vxlan_mdb_entry_skb_get(vxlan, skb, vni) : undefined
  if (group !== undefined) to_ends(vxlan, skb, vxlan_mdb_ends(group), group.key.vni)
  else by_table(vxlan, skb, vni)
}
/** ndo_start_xmit */
export function vxlan_xmit(skb: sk_buff, dev: net_device): number {
  skb.mac_header = skb.data
  xmit(vxlan_priv(dev), skb)
  return NETDEV_TX_OK
}
