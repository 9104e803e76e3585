/** net/bridge/br_stp_bpdu.c: the frames of the spanning tree (IEEE 802.1D, 9.3): LLC behind a length. */
import { HZ } from '../../kernel/time.ts'
import { getBe16, getBe32, putBe16, putBe32 } from '../../lib/bytes.ts'
import { IFF_UP } from '../../uapi/linux/if.ts'
import { ETH_P_802_2 } from '../../uapi/linux/if_ether.ts'
import { IFLA_BRPORT_GUARD } from '../../uapi/linux/if_link.ts'
import { dev_queue_xmit } from '../core/dev_xmit.ts'
import { consume_skb, dev_alloc_skb, type sk_buff, skb_put } from '../core/skbuff.ts'
import { ether_addr_equal } from '../ethernet/eth.ts'
import { BR_KERNEL_STP, BR_STATE_DISABLED, br_notice, type net_bridge_port } from './br_private.ts'
import { br_received_config_bpdu, br_received_tcn_bpdu, br_stp_disable_port } from './br_stp.ts'

export const BPDU_TYPE_CONFIG = 0
export const BPDU_TYPE_TCN = 0x80
/** Times are in units of 1/256 s. */
const STP_HZ = 256
const LLC = [0x42, 0x42, 0x03]

/** struct br_config_bpdu; times in jiffies. */
export interface br_config_bpdu {
  topology_change: number
  topology_change_ack: number
  root: Uint8Array
  root_path_cost: number
  bridge_id: Uint8Array
  port_id: number
  message_age: number
  max_age: number
  hello_time: number
  forward_delay: number
}
function ticks(jiffies: number): number {
  return Math.floor((STP_HZ * jiffies) / HZ)
}
function jiffies(ticks: number): number {
  return Math.ceil((ticks * HZ) / STP_HZ)
}

/** br_send_bpdu(): the length field counts LLC and BPDU. */
function send_bpdu(p: net_bridge_port, bpdu: Uint8Array): void {
  const skb = dev_alloc_skb(p.dev, 14 + LLC.length + bpdu.length)
  const at = skb_put(skb, 14 + LLC.length + bpdu.length)
  skb.buf.set(p.br.group_addr, at)
  skb.buf.set(p.dev.dev_addr.subarray(0, 6), at + 6)
  putBe16(skb.buf, at + 12, LLC.length + bpdu.length)
  skb.buf.set(LLC, at + 14)
  skb.buf.set(bpdu, at + 17)
  skb.protocol = ETH_P_802_2
  skb.priority = 7
  skb.mac_header = at
  skb.network_header = at + 14
  dev_queue_xmit(skb)
}
export function br_send_config_bpdu(p: net_bridge_port, bpdu: br_config_bpdu): void {
  if (p.br.stp_enabled !== BR_KERNEL_STP) return
  const b = new Uint8Array(35)
  b[3] = BPDU_TYPE_CONFIG
  b[4] = (bpdu.topology_change ? 1 : 0) | (bpdu.topology_change_ack ? 0x80 : 0)
  b.set(bpdu.root, 5)
  putBe32(b, 13, bpdu.root_path_cost)
  b.set(bpdu.bridge_id, 17)
  putBe16(b, 25, bpdu.port_id)
  for (const [i, time] of [bpdu.message_age, bpdu.max_age, bpdu.hello_time, bpdu.forward_delay].entries()) {
    putBe16(b, 27 + i * 2, ticks(time))
  }
  send_bpdu(p, b)
  p.stp_xstats.tx_bpdu++
}
export function br_send_tcn_bpdu(p: net_bridge_port): void {
  if (p.br.stp_enabled !== BR_KERNEL_STP) return
  send_bpdu(p, Uint8Array.of(0, 0, 0, BPDU_TYPE_TCN))
  p.stp_xstats.tx_tcn++
}

/** br_stp_rcv(): takes the frame. */
export function br_stp_rcv(p: net_bridge_port, skb: sk_buff): void {
  receive(p, skb)
  consume_skb(skb)
}
function receive(p: net_bridge_port, skb: sk_buff): void {
  const { br } = p
  const at = skb.mac_header + 14
  const { buf, tail } = skb
  if (tail - at < 7 || LLC.some((byte, i) => buf[at + i] !== byte)) return
  const o = at + LLC.length
  if (buf[o] !== 0 || buf[o + 1] !== 0 || buf[o + 2] !== 0) return
  if (br.stp_enabled !== BR_KERNEL_STP || !(br.dev.flags & IFF_UP) || p.state === BR_STATE_DISABLED) return
  if (!ether_addr_equal(buf.subarray(skb.mac_header, skb.mac_header + 6), br.group_addr)) return
  if (p.flags.has(IFLA_BRPORT_GUARD.nr)) {
    br_notice(br, `BPDU received on blocked port ${p.port_no}(${p.dev.name})`)
    br_stp_disable_port(p)
    return
  }
  if (buf[o + 3] === BPDU_TYPE_TCN) br_received_tcn_bpdu(p)
  else if (buf[o + 3] === BPDU_TYPE_CONFIG && tail - o >= 35) receive_config(p, buf, o)
}
function receive_config(p: net_bridge_port, buf: Uint8Array, o: number): void {
  const time = (n: number) => jiffies(getBe16(buf, o + 27 + n * 2))
  const bpdu: br_config_bpdu = {
    topology_change: buf[o + 4] & 1,
    topology_change_ack: buf[o + 4] & 0x80 ? 1 : 0,
    root: buf.slice(o + 5, o + 13),
    root_path_cost: getBe32(buf, o + 13),
    bridge_id: buf.slice(o + 17, o + 25),
    port_id: getBe16(buf, o + 25),
    message_age: time(0),
    max_age: time(1),
    hello_time: time(2),
    forward_delay: time(3),
  }
  // what was on its way for longer than it lasts says nothing
  if (bpdu.message_age > bpdu.max_age) return
  br_received_config_bpdu(p, bpdu)
}
