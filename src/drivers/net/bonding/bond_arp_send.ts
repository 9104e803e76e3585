/** drivers/net/bonding/bond_main.c bond_send_validate(): the ARP monitor's questions: ARP requests and neighbour solicitations. */
import { KERN_WARNING } from '../../../kernel/printk.ts'
import { ipv6Text } from '../../../lib/types.ts'
import { dev_queue_xmit } from '../../../net/core/dev_xmit.ts'
import type { net_device } from '../../../net/core/netdevice.ts'
import type { sk_buff } from '../../../net/core/skbuff.ts'
import { ARPOP_REQUEST } from '../../../uapi/linux/if_arp.ts'
import { bond_arp_frame, bond_ns_frame } from './bond_arp_frame.ts'
import { ipv4_text } from './bond_options_targets.ts'
import { bond_confirm_addr, bond_net_of, bond_route, bond_route6, bond_saddr6 } from './bond_protocols.ts'
import { bond_handle_vlan, bond_verify_device_path, type bond_vlan_tag } from './bond_vlan_path.ts'
import { type bonding, jiffies_of, type slave } from './bonding.ts'

const BROADCAST = new Uint8Array(6).fill(0xff)
const ANY6 = new Uint8Array(16)

/** By which tags a target is asked; undefined: it is reached by other devices than the bond. */
function path(bond: bonding, dev: net_device | undefined): bond_vlan_tag[] | undefined {
  return dev === undefined ? [] : bond_verify_device_path(bond.dev, dev)
}
/** pr_warn_once(): for all bonds together. */
function warn_once(bond: bonding, what: 'arp_ip_target' | 'ns_ip6_target', target: string): void {
  const net = bond_net_of(bond.dev.nd_net)
  if (!bond.params.arp_validate || net === undefined || net.warned.has(what)) return
  net.warned.add(what)
  bond.dev.nd_net.kernel.printk(KERN_WARNING, `${bond.dev.name}: no route to ${what} ${target} and arp_validate is set`)
}
function send(slave: slave, tags: bond_vlan_tag[], skb: sk_buff): void {
  bond_handle_vlan(tags, skb)
  slave.last_tx = jiffies_of(slave.bond)
  dev_queue_xmit(skb)
}
function bond_arp_send_all(bond: bonding, slave: slave): void {
  for (const target of bond.params.arp_targets) {
    if (target === 0) break
    const dev = bond_route(bond, target)
    const tags = path(bond, dev)
    if (tags === undefined) continue
    if (dev === undefined) warn_once(bond, 'arp_ip_target', ipv4_text(target))
    const addr = dev === undefined ? 0 : bond_confirm_addr(dev, target, 0)
    send(slave, tags, bond_arp_frame(slave.dev, ARPOP_REQUEST, addr, target, BROADCAST))
  }
}
function bond_ns_send_all(bond: bonding, slave: slave): void {
  for (const target of bond.params.ns_targets) {
    const dev = bond_route6(bond, target)
    const tags = path(bond, dev)
    if (tags === undefined) continue
    if (dev === undefined) warn_once(bond, 'ns_ip6_target', ipv6Text(target))
    const saddr = dev === undefined ? undefined : bond_saddr6(dev, target)
    send(slave, tags, bond_ns_frame(slave.dev, target, saddr ?? ANY6))
  }
}
export function bond_send_validate(bond: bonding, slave: slave): void {
  bond_arp_send_all(bond, slave)
  bond_ns_send_all(bond, slave)
}
