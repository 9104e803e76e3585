/** drivers/net/bonding/bond_3ad.c: LACPDUs and marker responses as frames (IEEE 802.3ad 43.4.2, 43.5.3). */
import { dev_queue_xmit } from '../../../net/core/dev_xmit.ts'
import { dev_alloc_skb, skb_put } from '../../../net/core/skbuff.ts'
import { ETH_ALEN, ETH_HLEN, ETH_P_SLOW } from '../../../uapi/linux/if_ether.ts'
import { putBe16 } from '../../../lib/bytes.ts'
import { ad_of, lacpdu_of, slave_of } from './bond_3ad_port.ts'
import type { port } from './bond_3ad_types.ts'
import type { slave } from './bonding.ts'

export const lacpdu_mcast_addr: Uint8Array = new Uint8Array([0x01, 0x80, 0xc2, 0x00, 0x00, 0x02])
const TC_PRIO_CONTROL = 7
export const AD_MARKER_INFORMATION_SUBTYPE = 1
export const AD_MARKER_RESPONSE_SUBTYPE = 2

/** From the slave's permanent address: by it the sender knows its own frames. */
function send(slave: slave, payload: Uint8Array, priority: number): void {
  const skb = dev_alloc_skb(slave.dev, ETH_HLEN + payload.length)
  const at = skb_put(skb, ETH_HLEN + payload.length)
  skb.buf.set(lacpdu_mcast_addr, at)
  skb.buf.set(slave.perm_hwaddr.subarray(0, ETH_ALEN), at + ETH_ALEN)
  putBe16(skb.buf, at + 2 * ETH_ALEN, ETH_P_SLOW)
  skb.buf.set(payload, at + ETH_HLEN)
  skb.mac_header = at
  skb.network_header = at + ETH_HLEN
  skb.protocol = ETH_P_SLOW
  skb.priority = priority
  dev_queue_xmit(skb)
}
export function ad_lacpdu_send(port: port): void {
  const slave = slave_of(port)
  ad_of(slave).stats.lacpdu_tx++
  slave.bond.ad_info.stats.lacpdu_tx++
  send(slave, lacpdu_of(port), TC_PRIO_CONTROL)
}
/** ad_marker_send(): the marker as it came, as a response. */
export function ad_marker_respond(port: port, marker: Uint8Array): void {
  const slave = slave_of(port)
  const response = marker.slice()
  response[2] = AD_MARKER_RESPONSE_SUBTYPE
  ad_of(slave).stats.marker_resp_tx++
  slave.bond.ad_info.stats.marker_resp_tx++
  send(slave, response, 0)
}
