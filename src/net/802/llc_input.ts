/**
 * net/llc/llc_input.c, net/802/stp.c: frames with a length for a type. The module comes with the first bridge or VLAN; a
 * bridge's BPDUs are taken before it, so of the access points here only that of spanning trees has somebody behind it: GVRP.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { ETH_P_802_2 } from '../../uapi/linux/if_ether.ts'
import { dev_add_pack, packet_type } from '../core/dev_ptype.ts'
import { NET_RX_SUCCESS } from '../core/dev_receive.ts'
import type { net_device } from '../core/netdevice.ts'
import { consume_skb, PACKET_OTHERHOST, type sk_buff, skb_pull, skb_trim } from '../core/skbuff.ts'
import { garp_pdu_rcv } from './garp.ts'

const LLC_HLEN = 3
const LLC_SAP_BSPAN = 0x42
const LLC_UI = 0x03

/** garp_protos[]: the applicant of a device that listens to the frame's group. */
function applicant_of(skb: sk_buff, dev: net_device) {
  const app = dev.vlan_info?.gvrp
  return app?.app.group_address.every((byte, i) => byte === skb.buf[skb.mac_header + i]) ? app : undefined
}
export function llc_rcv(skb: sk_buff, dev: net_device): number {
  const { buf, data } = skb
  const length = (buf[data - 2] << 8) | buf[data - 1]
  const bpdu = buf[data] === LLC_SAP_BSPAN && buf[data + 1] === LLC_SAP_BSPAN && buf[data + 2] === LLC_UI
  const app = bpdu && skb.pkt_type !== PACKET_OTHERHOST ? applicant_of(skb, dev) : undefined
  if (app === undefined || length < LLC_HLEN || length > skb.len) {
    consume_skb(skb)
    return NET_RX_SUCCESS
  }
  skb_trim(skb, length)
  skb_pull(skb, LLC_HLEN)
  garp_pdu_rcv(app, skb)
  return NET_RX_SUCCESS
}
export function llc_init(kernel: Kernel): void {
  if (kernel.netdev.ptypes.base.some((pt) => pt.func === llc_rcv)) return
  dev_add_pack(kernel, new packet_type(ETH_P_802_2, llc_rcv))
}
