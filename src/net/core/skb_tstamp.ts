/** net/core/skbuff.c skb_tstamp_tx(): when a packet of a socket went out, told to the socket by its queue of errors. */
import { CAP_NET_RAW } from '../../kernel/capability.ts'
import { ENOMSG } from '../../uapi/errno.ts'
import * as T from '../../uapi/linux/net_tstamp.ts'
import { IP_RECVERR, SOL_IP } from '../../uapi/linux/in.ts'
import { IPV6_RECVERR, SOL_IPV6 } from '../../uapi/linux/in6.ts'
import { PACKET_TX_TIMESTAMP, SOL_PACKET } from '../../uapi/linux/if_packet.ts'
import { AF_INET, AF_INET6, SOCK_STREAM } from '../../uapi/linux/socket.ts'
import type { sock } from '../sock.ts'
import { SO_EE_ORIGIN_TIMESTAMPING, sock_extended_err, sock_queue_err } from './datagram.ts'
import type { sockcm_cookie } from './sock_cmsg.ts'
import { alloc_skb, type sk_buff, skb_bytes, skb_clone } from './skbuff.ts'

const CLOCK_MONOTONIC = 1

// skb.tx_flags
export const SKBTX_SW_TSTAMP = 1 << 1
export const SKBTX_SCHED_TSTAMP = 1 << 6

/** What a socket's message says about an error: SOL_IP or SOL_IPV6 with room for who said so, or SOL_PACKET. */
const TOLD_AS = new Map([
  [AF_INET, { level: SOL_IP, type: IP_RECVERR, offender: 16 }],
  [AF_INET6, { level: SOL_IPV6, type: IPV6_RECVERR, offender: 28 }],
])
const TOLD_TO_PACKET = { level: SOL_PACKET, type: PACKET_TX_TIMESTAMP, offender: 0 }

/**
 * skb_setup_tx_timestamp(), skb_set_delivery_time(): what the socket, or the message alone, asks to be told of this packet,
 * its number, and when it is to go out (SO_TXTIME).
 */
export function skb_setup_tx_timestamp(skb: sk_buff, sk: sock, { tsflags, transmit_time }: sockcm_cookie): void {
  if (transmit_time !== 0n) skb.tstamp = delivery_time(sk, transmit_time)
  if (tsflags === 0) return
  if (tsflags & T.SOF_TIMESTAMPING_TX_SOFTWARE) skb.tx_flags |= SKBTX_SW_TSTAMP
  if (tsflags & T.SOF_TIMESTAMPING_TX_SCHED) skb.tx_flags |= SKBTX_SCHED_TSTAMP
  if (tsflags & T.SOF_TIMESTAMPING_OPT_ID && tsflags & T.SOF_TIMESTAMPING_TX_RECORD_MASK) {
    skb.tskey = sk.sk_tskey
    sk.sk_tskey = (sk.sk_tskey + 1) >>> 0
  }
}
/** Lab time, by the clock that the socket has named. */
function delivery_time({ sk_net, sk_txtime }: sock, transmit_time: bigint): number {
  const { real_offset_us, monotonic_offset_ns } = sk_net.kernel.events
  const offset = Number(sk_txtime & 0xffffffffn) === CLOCK_MONOTONIC ? BigInt(monotonic_offset_ns) : BigInt(real_offset_us) * 1000n
  return Math.max(1, Number(transmit_time - offset))
}
/** Of pieces the first one is the packet. */
export function skb_copy_tx_timestamp(to: sk_buff, from: sk_buff): void {
  to.sk = from.sk
  to.tx_flags = from.tx_flags
  to.tskey = from.tskey
}

/** Called by drivers that tell when they hand a packet over. */
export function skb_tx_timestamp(skb: sk_buff): void {
  if (skb.tx_flags & SKBTX_SW_TSTAMP) __skb_tstamp_tx(skb, T.SCM_TSTAMP_SND)
}
/** `tstype`: SCM_TSTAMP_*. Who may not see packets is told without their bytes, or not at all. */
export function __skb_tstamp_tx(orig_skb: sk_buff, tstype: number): void {
  const sk = orig_skb.sk as sock | undefined
  if (sk === undefined || sk.sk_socket === undefined) return
  const { kernel } = sk.sk_net
  const tsonly = (sk.sk_tsflags & T.SOF_TIMESTAMPING_OPT_TSONLY) !== 0
  const may_see = (sk.sk_cred_caps & (1n << BigInt(CAP_NET_RAW))) !== 0n
  if (!tsonly && kernel.net_core.tstamp_allow_data === 0 && !may_see) return
  const skb = tsonly ? alloc_skb(0) : skb_clone(orig_skb)
  skb.tstamp = kernel.now()
  const { level, type, offender } = TOLD_AS.get(sk.sk_family) ?? TOLD_TO_PACKET
  const data = sk.sk_tsflags & T.SOF_TIMESTAMPING_OPT_ID ? key_of(orig_skb, sk) : 0
  sock_queue_err(sk, {
    payload: skb_bytes(skb).slice(),
    name: new Uint8Array(0),
    skb,
    ee: sock_extended_err(ENOMSG.code, SO_EE_ORIGIN_TIMESTAMPING, 0, 0, tstype, new Uint8Array(offender), data),
    level,
    type,
    errno: ENOMSG,
  })
}
/** A stream counts bytes from when it was asked to. */
function key_of({ tskey }: sk_buff, sk: sock): number {
  return sk.sk_type === SOCK_STREAM ? (tskey - sk.sk_tskey) >>> 0 : tskey
}
