/**
 * net/ipv4/tcp_input.c, and what tcp_v4_rcv() and tcp_v6_rcv() do alike: a segment is checked, and answered by a reset
 * where no connection is meant (RFC 9293 3.10.7). Connections themselves are not built: a listener that is asked for one does
 * not answer, and counts it.
 *
 * State   | segment        | answer
 * (none)  | RST            | -
 * (none)  | any other      | RST
 * LISTEN  | RST            | -
 * LISTEN  | ACK            | RST
 * LISTEN  | SYN without FIN| (a connection: not built)
 * LISTEN  | any other      | -
 */
import { getBe16, getBe32, putBe16, putBe32 } from '../../lib/bytes.ts'
import * as MIB from '../../uapi/linux/snmp.ts'
import { TCPHDR_ACK, TCPHDR_FIN, TCPHDR_RST, TCPHDR_SYN } from '../../uapi/linux/tcp.ts'
import { csum_partial } from '../core/checksum.ts'
import type { net } from '../core/net_namespace.ts'
import { PACKET_HOST, type sk_buff, skb_csum_unnecessary } from '../core/skbuff.ts'
import type { inet_sock } from './inet_sock.ts'
import { TCP_INC_STATS } from './ip_stats.ts'

export const TCP_HLEN = 20

/** struct tcphdr, as far as it decides here. */
export interface tcphdr {
  source: number
  dest: number
  seq: number
  ack_seq: number
  /** Length of the header, bytes. */
  hlen: number
  flags: number
}

/** The segment at skb.data, counted; undefined: it is none, or damaged. `magic` adds the pseudo-header to a sum. */
export function tcp_segment(net: net, skb: sk_buff, magic: (len: number, sum: number) => number): tcphdr | undefined {
  if (skb.pkt_type !== PACKET_HOST) return undefined
  TCP_INC_STATS(net, MIB.TCP_MIB_INSEGS)
  if (skb.len < TCP_HLEN) {
    // it is looked at no further, and counted nowhere else
    return undefined
  }
  const { buf, data } = skb
  const hlen = (buf[data + 12] >> 4) << 2
  if (hlen < TCP_HLEN) {
    TCP_INC_STATS(net, MIB.TCP_MIB_INERRS)
    return undefined
  }
  if (hlen > skb.len) return undefined
  if (!skb_csum_unnecessary(skb) && magic(skb.len, csum_partial(buf, data, skb.len)) !== 0) {
    TCP_INC_STATS(net, MIB.TCP_MIB_CSUMERRORS)
    TCP_INC_STATS(net, MIB.TCP_MIB_INERRS)
    return undefined
  }
  return {
    source: getBe16(buf, data),
    dest: getBe16(buf, data + 2),
    seq: getBe32(buf, data + 4),
    ack_seq: getBe32(buf, data + 8),
    hlen,
    flags: buf[data + 13] & 0x3f,
  }
}

/** Whether the segment is to be answered by a reset: see the table. */
export function tcp_wants_reset(net: net, th: tcphdr, listener: inet_sock | undefined): boolean {
  if (th.flags & TCPHDR_RST) return false
  if (listener === undefined || th.flags & TCPHDR_ACK) return true
  if (th.flags & TCPHDR_SYN && !(th.flags & TCPHDR_FIN)) net.kernel.unsupported.count('tcp', 'connection to a listener')
  return false
}

/** tcp_v4_send_reset(), tcp_v6_send_reset(): the answering segment, counted; its checksum is still to come. */
export function tcp_reset(net: net, th: tcphdr, len: number): Uint8Array {
  const reset = new Uint8Array(TCP_HLEN)
  putBe16(reset, 0, th.dest)
  putBe16(reset, 2, th.source)
  reset[12] = (TCP_HLEN >> 2) << 4
  reset[13] = TCPHDR_RST
  if (th.flags & TCPHDR_ACK) putBe32(reset, 4, th.ack_seq)
  else {
    const taken = len - th.hlen + Number((th.flags & TCPHDR_SYN) !== 0) + Number((th.flags & TCPHDR_FIN) !== 0)
    putBe32(reset, 8, (th.seq + taken) >>> 0)
    reset[13] |= TCPHDR_ACK
  }
  TCP_INC_STATS(net, MIB.TCP_MIB_OUTSEGS)
  TCP_INC_STATS(net, MIB.TCP_MIB_OUTRSTS)
  return reset
}
