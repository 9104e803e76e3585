/** net/ipv4/ip_options.c ip_options_get(), ip_options_build(), ip_options_echo(): options of packets that are sent. */
import { CAP_NET_RAW } from '../../kernel/capability.ts'
import { capable } from '../../kernel/task.ts'
import { getBe32, putBe32 } from '../../lib/bytes.ts'
import { EINVAL, EPERM, type Errno } from '../../uapi/errno.ts'
import * as IP from '../../uapi/linux/ip.ts'
import { RTN_UNICAST } from '../../uapi/linux/rtnetlink.ts'
import type { net } from '../core/net_namespace.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { inet_addr_type } from './fib_tables.ts'
import { ip_saddr, skb_ip_options, ip_hdr_options, put_addr4 } from './ip_hdr.ts'
import { inet_current_timestamp, type ip_options, ip_options_compile, new_ip_options } from './ip_options.ts'
import type { rtable } from './route.ts'

const no_address = () => 0

/** What a program gives, or why it may not; nothing: no options. */
export function ip_options_get(net: net, bytes: Uint8Array, task = net.kernel.current): ip_options | Errno | undefined {
  if (bytes.length === 0) return undefined
  const data = new Uint8Array((bytes.length + 3) & ~3)
  data.set(bytes)
  const opt = new_ip_options(data)
  const privileged = task === undefined || capable(task, CAP_NET_RAW)
  if (ip_options_compile({ net, rcvd: false, privileged, spec_dst: no_address }, opt, data) !== undefined) return EINVAL
  if (opt.srr >= 0 && !privileged) return EPERM
  return opt
}

/** The options of a packet from `rt.saddr` that goes to `daddr` in the end. */
export function ip_options_build(net: net, opt: ip_options, daddr: number, rt: rtable): Uint8Array {
  const b = opt.data.slice()
  if (opt.srr >= 0) putBe32(b, opt.srr + b[opt.srr + 1] - 4, daddr)
  if (opt.rr_needaddr) putBe32(b, opt.rr + b[opt.rr + 2] - 5, rt.saddr)
  if (opt.ts_needaddr) putBe32(b, opt.ts + b[opt.ts + 2] - 9, rt.saddr)
  if (opt.ts_needtime) putBe32(b, opt.ts + b[opt.ts + 2] - 5, inet_current_timestamp(net.kernel))
  return b
}

/** ip_options_undo(): the options as the program has given them, or is to see them: the pointers stand before what is to come. */
export function ip_options_undo(opt: ip_options): Uint8Array {
  const b = opt.data.slice()
  if (opt.srr >= 0) {
    const at = opt.srr
    b.copyWithin(at + 7, at + 3, at + b[at + 1] - 4)
    putBe32(b, at + 3, opt.faddr)
  }
  const back = (at: number) => {
    b[at + 2] -= 4
    b.fill(0, at + b[at + 2] - 1, at + b[at + 2] + 3)
  }
  if (opt.rr_needaddr) back(opt.rr)
  if (opt.ts >= 0) {
    if (opt.ts_needtime) {
      back(opt.ts)
      if ((b[opt.ts + 3] & 0xf) === IP.IPOPT_TS_PRESPEC) b[opt.ts + 2] -= 4
    }
    if (opt.ts_needaddr) back(opt.ts)
  }
  return b
}

/**
 * ip_options_echo(): what goes into an answer: what was recorded goes on being recorded, and the route is turned around.
 * Undefined: no options.
 */
export function ip_options_echo(net: net, skb: sk_buff): ip_options | Errno | undefined {
  const sopt = skb_ip_options(skb)
  if (sopt === undefined) return undefined
  const b = ip_hdr_options(skb)
  const parts: number[] = []
  const opt = new_ip_options(new Uint8Array(0))
  if (sopt.rr >= 0 && !echo_record_route(b, sopt, opt, parts)) return EINVAL
  if (sopt.ts >= 0 && !echo_timestamp(net, b, sopt, opt, parts)) return EINVAL
  if (sopt.srr >= 0) echo_source_route(b, sopt, opt, parts, ip_saddr(skb))
  if (sopt.cipso >= 0) {
    opt.cipso = parts.length
    parts.push(...b.subarray(sopt.cipso, sopt.cipso + b[sopt.cipso + 1]))
  }
  if (parts.length === 0) return undefined
  opt.data = new Uint8Array((parts.length + 3) & ~3)
  opt.data.set(parts)
  return opt
}
/** False: there is no room for what is to be recorded. */
function echo_record_route(b: Uint8Array, sopt: ip_options, opt: ip_options, parts: number[]): boolean {
  const [len, next] = [b[sopt.rr + 1], b[sopt.rr + 2]]
  opt.rr = parts.length
  parts.push(...b.subarray(sopt.rr, sopt.rr + len))
  if (!sopt.rr_needaddr || next > len) return true
  if (next + 3 > len) return false
  parts[opt.rr + 2] = next + 4
  opt.rr_needaddr = true
  return true
}
function echo_timestamp(net: net, b: Uint8Array, sopt: ip_options, opt: ip_options, parts: number[]): boolean {
  const len = b[sopt.ts + 1]
  let next = b[sopt.ts + 2]
  opt.ts = parts.length
  parts.push(...b.subarray(sopt.ts, sopt.ts + len))
  if (next > len) return true
  if (sopt.ts_needaddr) {
    if (next + 3 > len) return false
    opt.ts_needaddr = true
    next += 4
  }
  if (sopt.ts_needtime) {
    if (next + 3 > len) return false
    if ((b[sopt.ts + 3] & 0xf) !== IP.IPOPT_TS_PRESPEC) {
      opt.ts_needtime = true
      next += 4
    } else if (next + 7 <= len && inet_addr_type(net, getBe32(b, sopt.ts + next - 1)) !== RTN_UNICAST) {
      opt.ts_needtime = true
      next += 8
    }
  }
  parts[opt.ts + 2] = next
  return true
}
/** The way back goes through the same hosts, the last first; the first of them is where the answer is sent. */
function echo_source_route(b: Uint8Array, sopt: ip_options, opt: ip_options, parts: number[], saddr: number): void {
  const at = sopt.srr
  const [len, pointer] = [b[at + 1], b[at + 2]]
  const passed: number[] = []
  for (let p = Math.min(pointer, len + 1) - 4; p > 3; p -= 4) passed.push(getBe32(b, at + p - 1))
  // RFC 1812 4.2.2.6: the sender is no hop of the way to itself
  const hops = passed.length - (passed.at(-1) === saddr ? 1 : 0)
  if (hops <= 0) return
  // the last place is for the destination itself
  const words = [...passed.slice(1, hops), 0]
  opt.faddr = passed[0]
  opt.srr = parts.length
  opt.is_strictroute = sopt.is_strictroute
  parts.push(b[at], 3 + 4 * words.length, 4)
  for (const word of words) parts.push(...put_addr4(word))
}

/** ip_options_fragment(): of options that only the first piece has nothing is left in the others but room. */
export function ip_options_fragment(options: Uint8Array): Uint8Array {
  const b = options.slice()
  for (let at = 0; at < b.length && b[at] !== IP.IPOPT_END; ) {
    if (b[at] === IP.IPOPT_NOOP) {
      at++
      continue
    }
    const len = b[at + 1]
    if (len < 2 || at + len > b.length) break
    if (!(b[at] & IP.IPOPT_COPY)) b.fill(IP.IPOPT_NOOP, at, at + len)
    at += len
  }
  return b
}
