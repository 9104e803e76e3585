/** net/ipv6/ndisc.c ndisc_parse_options: what follows the fixed part of a message (RFC 4861 4.6). */
import {
  ND_OPT_CAPTIVE_PORTAL,
  ND_OPT_DNSSL,
  ND_OPT_MTU,
  ND_OPT_NONCE,
  ND_OPT_PREF64,
  ND_OPT_PREFIX_INFO,
  ND_OPT_RDNSS,
  ND_OPT_REDIRECT_HDR,
  ND_OPT_ROUTE_INFO,
  ND_OPT_SOURCE_LL_ADDR,
  ND_OPT_TARGET_LL_ADDR,
} from '../../uapi/linux/icmpv6.ts'
import type { net_device } from '../core/netdevice.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { ndisc_addr_option_pad, ndisc_opt_addr_space } from './ndisc_send.ts'

/** Offsets of options in the packet; 0: not there. */
export interface ndisc_options {
  src_lladdr: number
  tgt_lladdr: number
  redirect_hdr: number
  mtu: number
  nonce: number
  prefixes: number[]
  routes: number[]
  /** What programs are told of. */
  user: number[]
}

const user_options: readonly number[] = [ND_OPT_PREFIX_INFO, ND_OPT_RDNSS, ND_OPT_DNSSL, ND_OPT_CAPTIVE_PORTAL, ND_OPT_PREF64]

/** From `from` to the packet's end; undefined: an option without length, or one that is cut off. Of most only the first counts. */
export function ndisc_parse_options(skb: sk_buff, from: number): ndisc_options | undefined {
  const { buf, tail } = skb
  const found: ndisc_options = {
    src_lladdr: 0,
    tgt_lladdr: 0,
    redirect_hdr: 0,
    mtu: 0,
    nonce: 0,
    prefixes: [],
    routes: [],
    user: [],
  }
  for (let at = from; at < tail; ) {
    const len = at + 2 <= tail ? buf[at + 1] << 3 : 0
    if (len === 0 || at + len > tail) return undefined
    note(found, buf[at], at)
    at += len
  }
  return found
}
function note(found: ndisc_options, type: number, at: number): void {
  switch (type) {
    case ND_OPT_SOURCE_LL_ADDR:
      found.src_lladdr ||= at
      break
    case ND_OPT_TARGET_LL_ADDR:
      found.tgt_lladdr ||= at
      break
    case ND_OPT_MTU:
      found.mtu ||= at
      break
    case ND_OPT_NONCE:
      found.nonce ||= at
      break
    case ND_OPT_REDIRECT_HDR:
      found.redirect_hdr ||= at
      break
    case ND_OPT_PREFIX_INFO:
      found.prefixes.push(at)
      break
    case ND_OPT_ROUTE_INFO:
      found.routes.push(at)
      break
  }
  if (user_options.includes(type)) found.user.push(at)
}

/** ndisc_opt_addr_data(): the link address of an option, if it has the length that the link's have. */
export function ndisc_opt_addr_data(skb: sk_buff, at: number, dev: net_device): Uint8Array | undefined {
  if (skb.buf[at + 1] << 3 !== ndisc_opt_addr_space(dev)) return undefined
  const from = at + 2 + ndisc_addr_option_pad(dev.type)
  return skb.buf.slice(from, from + dev.addr_len)
}
