/**
 * net/ipv6/exthdrs.c, ipv6_sockglue.c ipv6_set_opt_hdr(): headers of options and routes that packets of a socket carry, for all of
 * them (sticky) or for one (control messages), RFC 3542.
 */
import { CAP_NET_RAW } from '../../kernel/capability.ts'
import { capable, type task_struct } from '../../kernel/task.ts'
import { EINVAL, EPERM, type Errno } from '../../uapi/errno.ts'
import * as IN6 from '../../uapi/linux/in6.ts'
import { NEXTHDR_DEST, NEXTHDR_FRAGMENT, NEXTHDR_HOP, NEXTHDR_ROUTING } from './exthdrs.ts'
import { IPV6_HLEN } from './ipv6_hdr.ts'
import type { inet6_sock } from './inet6_sock.ts'

const LONGEST = 8 * 255
/** Of the mobility header: one address. */
const TYPE2_WORDS = 2
const ADDRS_AT = 8

/** struct ipv6_txoptions, in the order in which they are sent; a fragment header goes in front of the last. */
export interface ipv6_txoptions {
  hopopt?: Uint8Array
  dst0opt?: Uint8Array
  srcrt?: Uint8Array
  dst1opt?: Uint8Array
}
const field_of = new Map<number, keyof ipv6_txoptions>([
  [IN6.IPV6_HOPOPTS, 'hopopt'],
  [IN6.IPV6_RTHDRDSTOPTS, 'dst0opt'],
  [IN6.IPV6_RTHDR, 'srcrt'],
  [IN6.IPV6_DSTOPTS, 'dst1opt'],
])
export function is_sticky_option(optname: number): boolean {
  return field_of.has(optname)
}
function optlen_of(header: Uint8Array): number {
  return (header[1] + 1) << 3
}
/** A route of the mobility header, or of segments (seg6_validate_srh: addresses, then whole options). */
function valid_route(header: Uint8Array): boolean {
  const [, hdrlen, type, left, first] = header
  if (type === IN6.IPV6_SRCRT_TYPE_2) return hdrlen === TYPE2_WORDS && left === 1
  if (type !== IN6.IPV6_SRCRT_TYPE_4) return false
  const segments = first + 1
  return hdrlen * 8 >= segments * 16 && left <= first && optlen_of(header) === header.length
}

/** IPV6_HOPOPTS and its kin; nothing takes the header away. */
export function ipv6_set_opt_hdr(sk: inet6_sock, optname: number, optval: Uint8Array, task: task_struct): Errno | undefined {
  if (optname !== IN6.IPV6_RTHDR && !capable(task, CAP_NET_RAW)) return EPERM
  const field = field_of.get(optname) as keyof ipv6_txoptions
  const opt: ipv6_txoptions = { ...sk.opt }
  delete opt[field]
  if (optval.length > 0) {
    if (optval.length < 2 || optval.length & 7 || optval.length > LONGEST || optlen_of(optval) > optval.length) return EINVAL
    opt[field] = optval.slice(0, optlen_of(optval))
    if (field === 'srcrt' && !valid_route(optval)) return EINVAL
  }
  sk.opt = Object.keys(opt).length > 0 ? opt : undefined
  return undefined
}
export function ipv6_getsockopt_sticky(sk: inet6_sock, optname: number, optlen: number): Uint8Array {
  const header = sk.opt?.[field_of.get(optname) as keyof ipv6_txoptions]
  return header === undefined ? new Uint8Array(0) : header.slice(0, optlen)
}

/** What a control message adds to one packet (ip6_datagram_send_ctl); undefined: it is no header. */
export function send_ctl_header(opt: ipv6_txoptions, type: number, data: Uint8Array, privileged: boolean): Errno | 'done' | undefined {
  switch (type) {
    case IN6.IPV6_2292HOPOPTS:
    case IN6.IPV6_HOPOPTS:
      if (opt.hopopt !== undefined) return EINVAL
      return put(opt, 'hopopt', data, privileged)
    case IN6.IPV6_2292DSTOPTS:
      if (opt.dst1opt !== undefined && data.length >= 2 && data.length >= optlen_of(data)) return privileged ? EINVAL : EPERM
      return put(opt, 'dst1opt', data, privileged)
    case IN6.IPV6_DSTOPTS:
      return put(opt, 'dst1opt', data, privileged)
    case IN6.IPV6_RTHDRDSTOPTS:
      return put(opt, 'dst0opt', data, privileged)
    case IN6.IPV6_2292RTHDR:
    case IN6.IPV6_RTHDR:
      return put_route(opt, type, data)
    default:
      return undefined
  }
}
function put(opt: ipv6_txoptions, field: keyof ipv6_txoptions, data: Uint8Array, privileged: boolean): Errno | 'done' {
  if (data.length < 2 || data.length < optlen_of(data)) return EINVAL
  if (!privileged) return EPERM
  opt[field] = data.slice(0, optlen_of(data))
  return 'done'
}
function put_route(opt: ipv6_txoptions, type: number, data: Uint8Array): Errno | 'done' {
  if (data.length < 4 || data[2] !== IN6.IPV6_SRCRT_TYPE_2 || !valid_route(data) || data.length < optlen_of(data)) return EINVAL
  opt.srcrt = data.slice(0, optlen_of(data))
  if (type === IN6.IPV6_2292RTHDR && opt.dst1opt !== undefined) {
    opt.dst0opt = opt.dst1opt
    delete opt.dst1opt
  }
  return 'done'
}

/** fl6_update_dst(): where a packet with a route goes first. */
export function ipv6_route_first(opt: ipv6_txoptions | undefined): IN6.in6_addr | undefined {
  const route = opt?.srcrt
  if (route === undefined) return undefined
  const at = ADDRS_AT + (route[2] === IN6.IPV6_SRCRT_TYPE_4 ? route[4] * 16 : 0)
  return route.slice(at, at + 16)
}
/** ipv6_fixup_options(): options for the hosts of a route are nobody's where there is no route. */
export function ipv6_txoptions_length(opt: ipv6_txoptions): number {
  const dst0 = opt.srcrt === undefined ? 0 : (opt.dst0opt?.length ?? 0)
  return (opt.hopopt?.length ?? 0) + dst0 + (opt.srcrt?.length ?? 0) + (opt.dst1opt?.length ?? 0)
}
/** ipv6_push_nfrag_opts(), ipv6_push_frag_opts(): all of them, of a packet to `daddr` in the end; and the first one's number. */
export function ipv6_push_opts(opt: ipv6_txoptions, daddr: IN6.in6_addr, nexthdr: number): { headers: Uint8Array; first: number } {
  const route = opt.srcrt?.slice()
  if (route !== undefined) route.set(daddr, route[2] === IN6.IPV6_SRCRT_TYPE_4 ? ADDRS_AT : route.length - 16)
  const parts: [number, Uint8Array | undefined][] = [
    [NEXTHDR_HOP, opt.hopopt?.slice()],
    [NEXTHDR_DEST, route === undefined ? undefined : opt.dst0opt?.slice()],
    [NEXTHDR_ROUTING, route],
    [NEXTHDR_DEST, opt.dst1opt?.slice()],
  ]
  const headers = new Uint8Array(ipv6_txoptions_length(opt))
  let first = nexthdr
  let at = headers.length
  for (const [number, part] of parts.reverse()) {
    if (part === undefined) continue
    part[0] = first
    first = number
    at -= part.length
    headers.set(part, at)
  }
  return { headers, first }
}

/**
 * ip6_find_1stfragopt(): where a fragment header goes in a packet: behind what every hop reads; `nexthdr_at`: the byte that names
 * what is behind it.
 */
export function ip6_find_1stfragopt(packet: Uint8Array): { at: number; nexthdr_at: number } {
  let nexthdr_at = 6
  let at = IPV6_HLEN
  let routed = false
  while (at + 8 <= packet.length) {
    const next = packet[nexthdr_at]
    if (next === NEXTHDR_ROUTING) routed = true
    else if (next === NEXTHDR_FRAGMENT || (next !== NEXTHDR_HOP && next !== NEXTHDR_DEST) || (next === NEXTHDR_DEST && routed)) break
    nexthdr_at = at
    at += (packet[at + 1] + 1) << 3
  }
  return { at, nexthdr_at }
}
