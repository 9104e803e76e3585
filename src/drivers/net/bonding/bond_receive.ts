/** drivers/net/bonding/bond_main.c bond_handle_frame(): what a slave receives is the bond's, unless the slave is a backup. */
import { type net_device, RX_HANDLER_ANOTHER, RX_HANDLER_CONSUMED, RX_HANDLER_EXACT, RX_HANDLER_PASS } from '../../../net/core/netdevice.ts'
import { IFF_BRIDGE_PORT } from '../../../net/core/netdevice.ts'
import { consume_skb, PACKET_BROADCAST, PACKET_HOST, PACKET_MULTICAST, type sk_buff, skb_cow } from '../../../net/core/skbuff.ts'
import { BOND_MODE_ALB } from '../../../uapi/linux/if_bonding.ts'
import { bond_slave_get, type bonding, type slave } from './bonding.ts'

/** Frames that only this link's other end sends: LLDP's and their kind, 01:80:c2:00:00:0X. */
function is_link_local_ether_addr(b: Uint8Array, at: number): boolean {
  return b[at] === 0x01 && b[at + 1] === 0x80 && b[at + 2] === 0xc2 && b[at + 3] === 0 && b[at + 4] === 0 && (b[at + 5] & 0xf0) === 0
}
/** A copy of what the active slave received as well; in alb mode backups have traffic of their own. */
function duplicate(skb: sk_buff, slave: slave, bond: bonding): boolean {
  if (!slave.inactive) return false
  return bond.params.mode !== BOND_MODE_ALB || skb.pkt_type === PACKET_BROADCAST || skb.pkt_type === PACKET_MULTICAST
}

/**
 *   slave     packet                                    | becomes
 *   any       taken by the prober (LACPDU)              | the prober's
 *   backup    link local                                | the slave's own
 *   backup    other                                     | for those who listen to exactly this slave
 *   active    any                                       | the bond's
 */
export function bond_handle_frame(skb: sk_buff, dev: net_device): number {
  const slave = bond_slave_get(dev)
  if (slave === undefined) return RX_HANDLER_PASS
  const { bond } = slave
  if (bond.recv_probe?.(skb, bond, slave)) {
    consume_skb(skb)
    return RX_HANDLER_CONSUMED
  }
  if (duplicate(skb, slave, bond)) return is_link_local_ether_addr(skb.buf, skb.mac_header) ? RX_HANDLER_PASS : RX_HANDLER_EXACT
  skb.dev = bond.dev
  if (bond.params.mode === BOND_MODE_ALB && bond.dev.priv_flags & IFF_BRIDGE_PORT && skb.pkt_type === PACKET_HOST) {
    // the bridge knows the bond by its own address, whichever slave's the sender used
    skb_cow(skb, 0)
    skb.buf.set(bond.dev.dev_addr.subarray(0, 6), skb.mac_header)
  }
  return RX_HANDLER_ANOTHER
}
