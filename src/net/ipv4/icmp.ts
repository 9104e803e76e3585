/** net/ipv4/icmp.c: ICMP (RFC 792) as it comes in: echoes are answered, errors reach the sockets whose packets they are about. */
import { getBe16, getBe32, putBe32 } from '../../lib/bytes.ts'
import {
  ECONNREFUSED,
  EHOSTDOWN,
  EHOSTUNREACH,
  EMSGSIZE,
  ENETUNREACH,
  ENONET,
  ENOPROTOOPT,
  EOPNOTSUPP,
  EPROTO,
  EREMOTEIO,
  type Errno,
  isErrno,
} from '../../uapi/errno.ts'
import {
  ICMP_DEST_UNREACH,
  ICMP_ECHO,
  ICMP_ECHOREPLY,
  ICMP_EXC_FRAGTIME,
  ICMP_EXT_ECHO,
  ICMP_EXT_ECHOREPLY,
  ICMP_FRAG_NEEDED,
  ICMP_PARAMETERPROB,
  ICMP_REDIRECT,
  ICMP_SOURCE_QUENCH,
  ICMP_TIME_EXCEEDED,
  ICMP_TIMESTAMP,
  ICMP_TIMESTAMPREPLY,
  NR_ICMP_TYPES,
  NR_ICMP_UNREACH,
} from '../../uapi/linux/icmp.ts'
import { IPPROTO_ICMP, ipv4_text } from '../../uapi/linux/in.ts'
import { RTN_BROADCAST, RTN_LOCAL, RTN_MULTICAST } from '../../uapi/linux/rtnetlink.ts'
import { ICMP_MIB_CSUMERRORS, ICMP_MIB_INERRORS, ICMP_MIB_INMSGS } from '../../uapi/linux/snmp.ts'
import { ip_compute_csum } from '../core/checksum.ts'
import {
  SKB_DROP_REASON_ICMP_CSUM,
  SKB_DROP_REASON_INVALID_PROTO,
  SKB_DROP_REASON_IP_INHDR,
  SKB_DROP_REASON_NOT_SPECIFIED,
  SKB_DROP_REASON_PKT_TOO_SMALL,
  SKB_DROP_REASON_UNHANDLED_PROTO,
  SKB_NOT_DROPPED_YET,
} from '../core/dropreason.ts'
import { l3mdev_master_ifindex } from '../core/l3mdev.ts'
import type { net_device } from '../core/netdevice.ts'
import type { net } from '../core/net_namespace.ts'
import { end_skb, type sk_buff } from '../core/skbuff.ts'
import { flowi4 } from './fib_lookup.ts'
import { inet_addr_type_dev_table } from './fib_tables.ts'
import { icmp_build_probe } from './icmp_probe.ts'
import { ICMP_HLEN, type icmp_msg, icmp_push, icmpv4_global_allow, icmpv4_mask_allow, icmpv4_xrlim_allow } from './icmp_send.ts'
import { inet_add_protocol, type net_protocol } from './ip_input.ts'
import { IP_HLEN, ip_daddr, ip_saddr, ip_tos } from './ip_hdr.ts'
import { inet_current_timestamp } from './ip_options.ts'
import { ip_options_echo } from './ip_options_build.ts'
import { ICMP_INC_STATS, ICMPMSGIN_INC_STATS } from './ip_stats.ts'
import { ping_err, ping_rcv } from './ping.ts'
import { raw_icmp_error } from './raw.ts'
import { ip_route_output_key, type rtable } from './route.ts'
import { net_warn_ratelimited } from './route_martian.ts'
import { ipv4_update_pmtu } from './route_pmtu.ts'
import { ipv4_redirect } from './route_redirect.ts'

/** icmp_err_convert: by code of ICMP_DEST_UNREACH; those with `true` end a connection. */
const unreach: readonly (readonly [Errno, boolean])[] = [
  [ENETUNREACH, false],
  [EHOSTUNREACH, false],
  [ENOPROTOOPT, true],
  [ECONNREFUSED, true],
  [EMSGSIZE, false],
  [EOPNOTSUPP, false],
  [ENETUNREACH, true],
  [EHOSTDOWN, true],
  [ENONET, true],
  [ENETUNREACH, true],
  [EHOSTUNREACH, true],
  [ENETUNREACH, false],
  [EHOSTUNREACH, false],
  [EHOSTUNREACH, true],
  [EHOSTUNREACH, true],
  [EHOSTUNREACH, true],
]
/** What an error message means to a socket; undefined: nothing. */
export function icmp_err_convert(type: number, code: number): { err: Errno; fatal: boolean } | undefined {
  switch (type) {
    case ICMP_DEST_UNREACH:
      if (code > NR_ICMP_UNREACH) return { err: EHOSTUNREACH, fatal: false }
      return { err: unreach[code][0], fatal: unreach[code][1] }
    case ICMP_SOURCE_QUENCH:
      return undefined
    case ICMP_REDIRECT:
      return { err: EREMOTEIO, fatal: false }
    case ICMP_PARAMETERPROB:
      return { err: EPROTO, fatal: true }
    default:
      return { err: EHOSTUNREACH, fatal: false }
  }
}

/** icmp_reply(): back to where it came from, from the address that was asked if it is ours alone. */
function icmp_reply(net: net, skb: sk_buff, { type, code, info, body }: icmp_msg): void {
  const asked = skb.dst as rtable
  const limited = !icmpv4_mask_allow(net, type, 0)
  if (limited && !icmpv4_global_allow(net)) return
  const opt = ip_options_echo(net, skb)
  if (isErrno(opt)) return
  const fl = new flowi4(opt?.faddr || ip_saddr(skb), l3mdev_master_ifindex(skb.dev as net_device))
  fl.saddr = asked.rt_type === RTN_LOCAL ? ip_daddr(skb) : 0
  fl.tos = ip_tos(skb) & 0xfc
  fl.proto = IPPROTO_ICMP
  fl.mark = net.ipv4.kept_sysctls.fwmark_reflect ? skb.mark : 0
  const rt = ip_route_output_key(net, fl)
  if (isErrno(rt) || (limited && !icmpv4_xrlim_allow(net, rt))) return
  icmp_push(net, rt, { type, code, info, body }, ip_tos(skb), fl.mark, opt, ip_saddr(skb))
}
function icmp_echo(net: net, skb: sk_buff): number {
  if (net.ipv4.kept_sysctls.icmp_echo_ignore_all) return SKB_NOT_DROPPED_YET
  const at = skb.transport_header
  const body = skb.buf.slice(at + ICMP_HLEN, skb.tail)
  const code = skb.buf[at + 1]
  const info = getBe32(skb.buf, at + 4)
  // whatever code an echo has, its answer has
  const echo = skb.buf[at] === ICMP_ECHO
  const said = echo ? { code, info } : icmp_build_probe(net, code, info, body)
  if (said !== undefined) icmp_reply(net, skb, { type: echo ? ICMP_ECHOREPLY : ICMP_EXT_ECHOREPLY, ...said, body })
  return SKB_NOT_DROPPED_YET
}
function icmp_timestamp(net: net, skb: sk_buff): number {
  const at = skb.transport_header + ICMP_HLEN
  if (at + 4 > skb.tail) {
    ICMP_INC_STATS(net, ICMP_MIB_INERRORS)
    return SKB_DROP_REASON_PKT_TOO_SMALL
  }
  const body = new Uint8Array(12)
  body.set(skb.buf.subarray(at, at + 4))
  const ms = inet_current_timestamp(net.kernel)
  putBe32(body, 4, ms)
  putBe32(body, 8, ms)
  icmp_reply(net, skb, { type: ICMP_TIMESTAMPREPLY, code: 0, info: getBe32(skb.buf, at - 4), body })
  return SKB_NOT_DROPPED_YET
}

/** icmp_unreach(): the message carries the packet that it is about. */
function icmp_unreach(net: net, skb: sk_buff, type: number, code: number): number {
  const at = skb.transport_header
  const inner = at + ICMP_HLEN
  if (inner + IP_HLEN > skb.tail || (skb.buf[inner] & 0x0f) < 5) {
    ICMP_INC_STATS(net, ICMP_MIB_INERRORS)
    return inner + IP_HLEN > skb.tail ? SKB_DROP_REASON_NOT_SPECIFIED : SKB_DROP_REASON_IP_INHDR
  }
  let info = 0
  if (type === ICMP_DEST_UNREACH) {
    const mtu = code === ICMP_FRAG_NEEDED ? believed_mtu(net, getBe16(skb.buf, at + 6)) : 0
    if (mtu === undefined || code > NR_ICMP_UNREACH) return SKB_NOT_DROPPED_YET
    info = mtu
  }
  if (type === ICMP_TIME_EXCEEDED && code === ICMP_EXC_FRAGTIME) return SKB_NOT_DROPPED_YET
  if (type === ICMP_PARAMETERPROB) info = skb.buf[at + 4]
  if (!bogus_broadcast(net, skb, inner, type, code)) icmp_socket_deliver(net, skb, type, code, inner, info)
  return SKB_NOT_DROPPED_YET
}
/**
 * net.ipv4.ip_no_pmtu_disc: 0 believes what is said; 1 tells the sockets without the number; 2 does not even that, nor 3
 * (which is for protocols that check whose the packet was, and none here does).
 */
function believed_mtu(net: net, said: number): number | undefined {
  const how = net.ipv4.kept_sysctls.ip_no_pmtu_disc
  if (how === 0) return said
  return how === 2 || how === 3 ? undefined : 0
}
/** An error about a packet for all is not to be (RFC 1122 3.2.2); icmp_ignore_bogus_error_responses lets it pass silently. */
function bogus_broadcast(net: net, skb: sk_buff, inner: number, type: number, code: number): boolean {
  const dev = skb.dev as net_device
  const daddr = getBe32(skb.buf, inner + 16)
  if (net.ipv4.kept_sysctls.icmp_ignore_bogus_error_responses !== 0) return false
  if (inet_addr_type_dev_table(net, dev, daddr) !== RTN_BROADCAST) return false
  const what = `${ipv4_text(ip_saddr(skb))} sent an invalid ICMP type ${type}, code ${code} error to a broadcast: ${ipv4_text(daddr)}`
  net_warn_ratelimited(dev, 'net_ratelimit', `icmp: ${what} on ${dev.name}`)
  return true
}
/** icmp_redirect(): whose packet it is about hears of the new gateway. */
function icmp_redirect(net: net, skb: sk_buff, code: number): number {
  const inner = skb.transport_header + ICMP_HLEN
  if (inner + IP_HLEN > skb.tail) {
    ICMP_INC_STATS(net, ICMP_MIB_INERRORS)
    return SKB_DROP_REASON_PKT_TOO_SMALL
  }
  icmp_socket_deliver(net, skb, ICMP_REDIRECT, code, inner, getBe32(skb.buf, skb.transport_header + 4))
  return SKB_NOT_DROPPED_YET
}
function icmp_socket_deliver(net: net, skb: sk_buff, type: number, code: number, inner: number, info: number): void {
  const protocol = skb.buf[inner + 9]
  const hlen = (skb.buf[inner] & 0x0f) << 2
  if (inner + hlen + 8 > skb.tail) {
    ICMP_INC_STATS(net, ICMP_MIB_INERRORS)
    return
  }
  raw_icmp_error(skb, protocol, type, code, inner, info)
  net.kernel.inet.protos.get(protocol)?.err_handler?.(skb, type, code, inner, info)
}
/** An error about one of our own messages. */
export function icmp_err(skb: sk_buff, type: number, code: number, inner: number, info: number): void {
  const at = inner + ((skb.buf[inner] & 0x0f) << 2)
  const { nd_net: net } = skb.dev as net_device
  if (skb.buf[at] !== ICMP_ECHOREPLY) ping_err(skb, type, code, inner, at, info)
  else if (type === ICMP_DEST_UNREACH && code === ICMP_FRAG_NEEDED) ipv4_update_pmtu(net, skb, inner, info, 0)
  else if (type === ICMP_REDIRECT) ipv4_redirect(net, skb, inner, 0)
}

/** RFC 1122 3.2.2.6, 3.2.2.8: what is asked of many is answered by none, unless asked to. */
function for_many(net: net, skb: sk_buff, type: number): boolean {
  const { rt_type } = skb.dst as rtable
  if (rt_type !== RTN_BROADCAST && rt_type !== RTN_MULTICAST) return false
  const ignored = (type === ICMP_ECHO || type === ICMP_TIMESTAMP) && net.ipv4.kept_sysctls.icmp_echo_ignore_broadcasts !== 0
  return ignored || ![ICMP_ECHO, ICMP_TIMESTAMP, 17, 18].includes(type)
}
export function icmp_rcv(skb: sk_buff): number {
  end_skb(skb, rcv(skb))
  return 0
}
/** A message that cannot be (icmp_rcv's `error`). */
function in_error(net: net, reason: number): number {
  ICMP_INC_STATS(net, ICMP_MIB_INERRORS)
  return reason
}
/** Why it falls, if it does. */
function rcv(skb: sk_buff): number {
  const { nd_net: net } = skb.dev as net_device
  const at = skb.transport_header
  ICMP_INC_STATS(net, ICMP_MIB_INMSGS)
  if (ip_compute_csum(skb.buf, at, skb.tail - at) !== 0) {
    ICMP_INC_STATS(net, ICMP_MIB_CSUMERRORS)
    return in_error(net, SKB_DROP_REASON_ICMP_CSUM)
  }
  if (skb.tail - at < ICMP_HLEN) return in_error(net, SKB_DROP_REASON_NOT_SPECIFIED)
  const type = skb.buf[at]
  ICMPMSGIN_INC_STATS(net, type)
  // RFC 8335: neither is limited by who is asked, nor are they known below
  if (type === ICMP_EXT_ECHO) return icmp_echo(net, skb)
  if (type === ICMP_EXT_ECHOREPLY) return ping_rcv(skb)
  if (type > NR_ICMP_TYPES) return in_error(net, SKB_DROP_REASON_UNHANDLED_PROTO)
  if (for_many(net, skb, type)) return in_error(net, SKB_DROP_REASON_INVALID_PROTO)
  return dispatch(net, skb, type, skb.buf[at + 1])
}
/** icmp_pointers[]: what is not in it is not looked at further (icmp_discard). */
function dispatch(net: net, skb: sk_buff, type: number, code: number): number {
  switch (type) {
    case ICMP_ECHO:
      return icmp_echo(net, skb)
    case ICMP_ECHOREPLY:
      return ping_rcv(skb)
    case ICMP_TIMESTAMP:
      return icmp_timestamp(net, skb)
    case ICMP_REDIRECT:
      return icmp_redirect(net, skb, code)
    case ICMP_DEST_UNREACH:
    case ICMP_SOURCE_QUENCH:
    case ICMP_TIME_EXCEEDED:
    case ICMP_PARAMETERPROB:
      return icmp_unreach(net, skb, type, code)
    default:
      return SKB_NOT_DROPPED_YET
  }
}
export const icmp_protocol: net_protocol = { name: 'icmp_protocol', handler: icmp_rcv, err_handler: icmp_err }

/** Called from inet_init(). */
export function icmp_init(net: net): void {
  inet_add_protocol(net, icmp_protocol, IPPROTO_ICMP)
}
