/** drivers/net/vxlan/vxlan_mdb.c vxlan_mdb_entry_skb_get, vxlan_mdb_xmit: frames of groups go to the ends that want them. */
import type { sk_buff } from '../../../net/core/skbuff.ts'
import { is_broadcast_ether_addr, is_multicast_ether_addr } from '../../../net/ethernet/eth.ts'
import { MCAST_INCLUDE } from '../../../uapi/linux/in.ts'
import { __ipv6_addr_type, IPV6_ADDR_LINKLOCAL } from '../../../uapi/linux/in6.ts'
import { vxlan_mdb_entry_lookup } from './vxlan_mdb.ts'
import { type vxlan_mdb_entry, vxlan_mdb_is_star_g } from './vxlan_mdb_private.ts'
import { NO_ADDR, VXLAN_F_COLLECT_METADATA, type vxlan_addr, type vxlan_dev, type vxlan_rdst } from './vxlan_private.ts'

const ETH_P_IP = 0x0800
const ETH_P_IPV6 = 0x86dd

/** Source and destination of the packet in the frame at skb.data, of either family. */
function addresses(skb: sk_buff): { src: vxlan_addr; dst: vxlan_addr } | undefined {
  const at = skb.data + 14
  const room = skb.len - 14
  if (skb.protocol === ETH_P_IP && room >= 20) return { src: skb.buf.slice(at + 12, at + 16), dst: skb.buf.slice(at + 16, at + 20) }
  if (skb.protocol === ETH_P_IPV6 && room >= 40) return { src: skb.buf.slice(at + 8, at + 24), dst: skb.buf.slice(at + 24, at + 40) }
  return undefined
}
/** Groups that stay on a link travel with what is flooded, not to those who want all groups. */
function local_group(dst: vxlan_addr): boolean {
  if (dst.length === 16) return (__ipv6_addr_type(dst) & IPV6_ADDR_LINKLOCAL) !== 0
  return dst[0] === 224 && dst[1] === 0 && dst[2] === 0
}
/** (S, G), then (*, G), then the entry for all groups. */
export function vxlan_mdb_entry_skb_get(vxlan: vxlan_dev, skb: sk_buff, src_vni: number): vxlan_mdb_entry | undefined {
  const dest = skb.buf.subarray(skb.data, skb.data + 6)
  if (!is_multicast_ether_addr(dest) || is_broadcast_ether_addr(dest)) return undefined
  const ip = addresses(skb)
  if (ip === undefined) return undefined
  const vni = vxlan.cfg.flags & VXLAN_F_COLLECT_METADATA ? src_vni : vxlan.default_dst.remote_vni
  const known = vxlan_mdb_entry_lookup(vxlan, { ...ip, vni }) ?? vxlan_mdb_entry_lookup(vxlan, { src: NO_ADDR, dst: ip.dst, vni })
  if (known !== undefined || local_group(ip.dst)) return known
  return vxlan_mdb_entry_lookup(vxlan, { src: NO_ADDR, dst: new Uint8Array(ip.dst.length), vni })
}

/** The ends that a group's frames go to: none that named sources (those have entries of their own), none that is blocked. */
export function vxlan_mdb_ends({ key, remotes }: vxlan_mdb_entry): vxlan_rdst[] {
  const star = vxlan_mdb_is_star_g(key)
  return remotes.filter(({ filter_mode, blocked }) => !blocked && !(star && filter_mode === MCAST_INCLUDE)).map(({ rd }) => rd)
}
