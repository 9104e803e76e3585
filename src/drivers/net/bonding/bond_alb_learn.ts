/** drivers/net/bonding/bond_alb.c alb_send_learning_packets(): frames from an address to itself teach switches where it is. */
import { dev_queue_xmit } from '../../../net/core/dev_xmit.ts'
import { IFF_MACVLAN, NET_ADDR_STOLEN, type net_device } from '../../../net/core/netdevice.ts'
import { dev_alloc_skb, skb_put } from '../../../net/core/skbuff.ts'
import { __vlan_hwaccel_put_tag } from '../../../net/core/skb_vlan.ts'
import { is_vlan_dev, vlan_dev_priv_of } from '../../../net/8021q/vlan_dev.ts'
import { putBe16 } from '../../../lib/bytes.ts'
import { ETH_ALEN, ETH_P_LOOPBACK } from '../../../uapi/linux/if_ether.ts'
import { bond_verify_device_path } from './bond_vlan_path.ts'
import type { bonding, slave } from './bonding.ts'

/** struct learning_pkt: the shortest frame. */
const LEARNING_PKT_SIZE = 60
const TC_PRIO_CONTROL = 7

function send(slave: slave, mac: Uint8Array, vlan_proto: number, vid: number): void {
  const skb = dev_alloc_skb(slave.dev, LEARNING_PKT_SIZE)
  const at = skb_put(skb, LEARNING_PKT_SIZE)
  skb.buf.set(mac.subarray(0, ETH_ALEN), at)
  skb.buf.set(mac.subarray(0, ETH_ALEN), at + ETH_ALEN)
  putBe16(skb.buf, at + 2 * ETH_ALEN, ETH_P_LOOPBACK)
  skb.mac_header = at
  skb.network_header = at + 14
  skb.protocol = ETH_P_LOOPBACK
  skb.priority = TC_PRIO_CONTROL
  if (vid !== 0) __vlan_hwaccel_put_tag(skb, vlan_proto, vid)
  dev_queue_xmit(skb)
}
function all_uppers(dev: net_device): net_device[] {
  return dev.upper.flatMap((adj) => [adj.dev, ...all_uppers(adj.dev)])
}
/** Also for the VLANs above, and unless `strict_match` for the addresses of macvlans. */
export function alb_send_learning_packets(slave: slave, mac: Uint8Array, strict_match: boolean): void {
  const { bond } = slave
  send(slave, mac, 0, 0)
  for (const upper of all_uppers(bond.dev)) learn_upper(bond, slave, upper, mac, strict_match)
}
function learn_upper(bond: bonding, slave: slave, upper: net_device, mac: Uint8Array, strict_match: boolean): void {
  if (is_vlan_dev(upper) && bond.dev.lower_level === upper.lower_level - 1) {
    const { vlan_proto, vlan_id } = vlan_dev_priv_of(upper)
    send(slave, upper.addr_assign_type === NET_ADDR_STOLEN ? mac : upper.dev_addr, vlan_proto, vlan_id)
  }
  if (upper.priv_flags & IFF_MACVLAN && !strict_match) {
    const [tag] = bond_verify_device_path(bond.dev, upper) ?? []
    send(slave, upper.dev_addr, tag?.vlan_proto ?? 0, tag?.vlan_id ?? 0)
  }
}
