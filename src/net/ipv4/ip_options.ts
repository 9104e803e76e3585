/**
 * net/ipv4/ip_options.c ip_options_compile(): the options of a header (RFC 791 3.1) as they are read: where each is, and what the
 * next to handle the packet has to fill in. Each has room for those who come after, and a pointer to the next free place; the
 * reader moves the pointer at once, and the address or the time goes in front of it.
 *
 *   option     | the reader moves the pointer by | in front of it is put
 *   RR         | 4                               | the address by which the packet goes on
 *   TSONLY     | 4                               | the time
 *   TSANDADDR  | 8                               | that address, and the time
 *   PRESPEC    | 8, where the address is ours    | the time behind the address
 *   SSRR, LSRR | 4, when it is at the named host | the address by which it goes on
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { getBe32, putBe32 } from '../../lib/bytes.ts'
import * as IP from '../../uapi/linux/ip.ts'
import { RTN_UNICAST } from '../../uapi/linux/rtnetlink.ts'
import { real_us } from '../core/datagram.ts'
import type { net } from '../core/net_namespace.ts'
import { inet_addr_type } from './fib_tables.ts'

const MSEC_PER_DAY = 86_400_000
const TS_OVERFLOW_MAX = 15
const CIPSO_V4_HDR_LEN = 6
const NONE = -1

/** struct ip_options: offsets are from the first option on; -1: there is none. */
export interface ip_options {
  /** Of a packet that is to be sent: all of them, padded to whole words. */
  data: Uint8Array
  srr: number
  rr: number
  ts: number
  router_alert: number
  cipso: number
  is_strictroute: boolean
  srr_is_hit: boolean
  rr_needaddr: boolean
  ts_needtime: boolean
  ts_needaddr: boolean
  /** Of a route given by the sender: to whom the packet goes first (in what is sent), or next (in what has come). */
  faddr: number
  nexthop: number
}
export function new_ip_options(data: Uint8Array): ip_options {
  return {
    data,
    srr: NONE,
    rr: NONE,
    ts: NONE,
    router_alert: NONE,
    cipso: NONE,
    is_strictroute: false,
    srr_is_hit: false,
    rr_needaddr: false,
    ts_needtime: false,
    ts_needaddr: false,
    faddr: 0,
    nexthop: 0,
  }
}

/** Whose options they are: of a packet that has come in, `rcvd` gives the address that goes into them; else a program's. */
export interface compile_for {
  net: net
  rcvd: boolean
  /** May set what only root should. */
  privileged: boolean
  /** fib_compute_spec_dst(), asked once at most; 0: the packet has no route yet. */
  spec_dst: () => number
}
/** inet_current_timestamp(): milliseconds since midnight, universal time. */
export function inet_current_timestamp(kernel: Kernel): number {
  return Math.floor(real_us(kernel, kernel.now()) / 1000) % MSEC_PER_DAY
}

/** Undefined, or the offset of what is wrong. */
export function ip_options_compile(who: compile_for, opt: ip_options, b: Uint8Array): number | undefined {
  for (let at = 0; at < b.length; ) {
    if (b[at] === IP.IPOPT_END) {
      b.fill(IP.IPOPT_END, at)
      return undefined
    }
    if (b[at] === IP.IPOPT_NOOP) {
      at++
      continue
    }
    const left = b.length - at
    if (left < 2 || b[at + 1] < 2 || b[at + 1] > left) return at
    const wrong = compile_one(who, opt, b, at)
    if (wrong !== undefined) return wrong
    at += b[at + 1]
  }
  return undefined
}
function compile_one(who: compile_for, opt: ip_options, b: Uint8Array, at: number): number | undefined {
  switch (b[at]) {
    case IP.IPOPT_SSRR:
    case IP.IPOPT_LSRR:
      return source_route(who, opt, b, at)
    case IP.IPOPT_RR:
      return record_route(who, opt, b, at)
    case IP.IPOPT_TIMESTAMP:
      return timestamp(who, opt, b, at)
    case IP.IPOPT_RA:
      if (b[at + 1] < 4) return at + 1
      if (b[at + 2] === 0 && b[at + 3] === 0) opt.router_alert = at
      return undefined
    case IP.IPOPT_CIPSO:
      if (!who.privileged || opt.cipso !== NONE) return at
      opt.cipso = at
      // cipso_v4_validate(): nobody has set a domain of interpretation up
      return at + (b[at + 1] < CIPSO_V4_HDR_LEN + 2 ? 1 : 2)
    default:
      return who.privileged ? undefined : at
  }
}
/** A program's first address is where the packet goes: it is taken out of the list. */
function source_route({ rcvd }: compile_for, opt: ip_options, b: Uint8Array, at: number): number | undefined {
  const len = b[at + 1]
  if (len < 3) return at + 1
  if (b[at + 2] < 4) return at + 2
  if (opt.srr !== NONE) return at
  if (!rcvd) {
    if (b[at + 2] !== 4 || len < 7 || (len - 3) & 3) return at + 1
    opt.faddr = getBe32(b, at + 3)
    b.copyWithin(at + 3, at + 7, at + len)
  }
  opt.is_strictroute = b[at] === IP.IPOPT_SSRR
  opt.srr = at
  return undefined
}
function record_route({ spec_dst }: compile_for, opt: ip_options, b: Uint8Array, at: number): number | undefined {
  const len = b[at + 1]
  if (opt.rr !== NONE) return at
  if (len < 3) return at + 1
  if (b[at + 2] < 4) return at + 2
  const next = b[at + 2]
  if (next <= len) {
    if (next + 3 > len) return at + 2
    const addr = spec_dst()
    if (addr !== 0) putBe32(b, at + next - 1, addr)
    b[at + 2] += 4
    opt.rr_needaddr = true
  }
  opt.rr = at
  return undefined
}
function timestamp(who: compile_for, opt: ip_options, b: Uint8Array, at: number): number | undefined {
  const len = b[at + 1]
  if (opt.ts !== NONE) return at
  if (len < 4) return at + 1
  if (b[at + 2] < 5) return at + 2
  const wrong = b[at + 2] <= len ? one_timestamp(who, opt, b, at) : timestamp_overflow(who, b, at)
  if (wrong === undefined) opt.ts = at
  return wrong
}
function one_timestamp(who: compile_for, opt: ip_options, b: Uint8Array, at: number): number | undefined {
  const [len, next] = [b[at + 1], b[at + 2]]
  if (next + 3 > len) return at + 2
  const { net, rcvd } = who
  let time_at = NONE
  switch (b[at + 3] & 0xf) {
    case IP.IPOPT_TS_TSONLY:
      time_at = at + next - 1
      b[at + 2] += 4
      break
    case IP.IPOPT_TS_TSANDADDR: {
      if (next + 7 > len) return at + 2
      const addr = who.spec_dst()
      if (addr !== 0) {
        putBe32(b, at + next - 1, addr)
        time_at = at + next + 3
      }
      opt.ts_needaddr = true
      b[at + 2] += 8
      break
    }
    case IP.IPOPT_TS_PRESPEC:
      if (next + 7 > len) return at + 2
      // somebody else's turn
      if (inet_addr_type(net, getBe32(b, at + next - 1)) === RTN_UNICAST) return undefined
      time_at = at + next + 3
      b[at + 2] += 8
      break
    default:
      return who.privileged ? undefined : at + 3
  }
  opt.ts_needtime = true
  if (rcvd && time_at !== NONE) putBe32(b, time_at, inet_current_timestamp(net.kernel))
  return undefined
}
/** No room any more: those who find none are counted. */
function timestamp_overflow({ rcvd }: compile_for, b: Uint8Array, at: number): number | undefined {
  const [kind, overflow] = [b[at + 3] & 0xf, b[at + 3] >> 4]
  if (kind === IP.IPOPT_TS_PRESPEC) return undefined
  if (overflow === TS_OVERFLOW_MAX) return at + 3
  if (rcvd) b[at + 3] = kind | ((overflow + 1) << 4)
  return undefined
}
