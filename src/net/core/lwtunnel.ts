/**
 * net/core/lwtunnel.c: encapsulations that a route or nexthop brings along. Each is parsed as its own room in Linux does
 * (net/ipv4/ip_tunnel_core.c, net/mpls/mpls_iptunnel.c, net/ipv6/seg6_iptunnel.c, seg6_local.c, net/core/lwt_bpf.c) and
 * kept as the attributes that it shows.
 */
import { request_module } from '../../kernel/kmod.ts'
import { type Attr, type AttrSet, type AttrTable, eachAttr, NLA_HDRLEN } from '../../lib/attrs.ts'
import { type Bytes, get16, get32 } from '../../lib/bytes.ts'
import { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import {
  LWTUNNEL_ENCAP_BPF,
  LWTUNNEL_ENCAP_IP,
  LWTUNNEL_ENCAP_IP6,
  LWTUNNEL_ENCAP_MAX,
  LWTUNNEL_ENCAP_MPLS,
  LWTUNNEL_ENCAP_NONE,
  LWTUNNEL_ENCAP_SEG6,
  LWTUNNEL_ENCAP_SEG6_LOCAL,
  LWTUNNEL_IP,
  LWTUNNEL_IP6,
  MPLS_IPTUNNEL,
  MPLS_IPTUNNEL_DST,
  MPLS_IPTUNNEL_TTL,
  SEG6_IPTUN_MODE_INLINE,
  SEG6_IPTUN_MODE_L2ENCAP_RED,
  SEG6_IPTUNNEL,
  SEG6_IPTUNNEL_SRH,
  SEG6_LOCAL,
  SEG6_LOCAL_ACTION,
} from '../../uapi/linux/lwtunnel.ts'
import { RTA_ENCAP, RTA_ENCAP_TYPE } from '../../uapi/linux/rtnetlink.ts'
import { AF_INET6 } from '../../uapi/linux/socket.ts'
import { nla_parse_nested_deprecated_at, type ParseContext } from '../netlink/attr.ts'
import { netlink_ext_ack } from '../netlink/extack.ts'
import { NLA_BINARY, NLA_EXACT_LEN, NLA_NESTED, NLA_U8, NLA_U16, NLA_U32, NLA_U64, type Policy, policy } from '../netlink/policy.ts'
import type { net } from './net_namespace.ts'

/** struct lwtunnel_state */
export class lwtunnel_state {
  readonly type: number
  /** The attributes inside RTA_ENCAP. */
  readonly encap: Uint8Array
  constructor(type: number, encap: Uint8Array) {
    this.type = type
    this.encap = encap
  }
}

const ip_tun_policy = policy(
  LWTUNNEL_IP,
  {
    LWTUNNEL_IP_ID: NLA_U64,
    LWTUNNEL_IP_DST: NLA_U32,
    LWTUNNEL_IP_SRC: NLA_U32,
    LWTUNNEL_IP_TTL: NLA_U8,
    LWTUNNEL_IP_TOS: NLA_U8,
    LWTUNNEL_IP_FLAGS: NLA_U16,
    LWTUNNEL_IP_OPTS: NLA_NESTED(),
  },
  { name: 'ip_tun_policy' },
)
const ip6_tun_policy = policy(
  LWTUNNEL_IP6,
  {
    LWTUNNEL_IP6_ID: NLA_U64,
    LWTUNNEL_IP6_DST: NLA_EXACT_LEN(16),
    LWTUNNEL_IP6_SRC: NLA_EXACT_LEN(16),
    LWTUNNEL_IP6_HOPLIMIT: NLA_U8,
    LWTUNNEL_IP6_TC: NLA_U8,
    LWTUNNEL_IP6_FLAGS: NLA_U16,
    LWTUNNEL_IP6_OPTS: NLA_NESTED(),
  },
  { name: 'ip6_tun_policy' },
)
const mpls_iptunnel_policy = policy(
  MPLS_IPTUNNEL,
  { MPLS_IPTUNNEL_DST: NLA_U32, MPLS_IPTUNNEL_TTL: NLA_U8 },
  { name: 'mpls_iptunnel_policy' },
)
const seg6_iptunnel_policy = policy(SEG6_IPTUNNEL, { SEG6_IPTUNNEL_SRH: NLA_BINARY() }, { name: 'seg6_iptunnel_policy' })
const seg6_local_policy = policy(
  SEG6_LOCAL,
  {
    SEG6_LOCAL_ACTION: NLA_U32,
    SEG6_LOCAL_SRH: NLA_BINARY(),
    SEG6_LOCAL_TABLE: NLA_U32,
    SEG6_LOCAL_NH4: NLA_EXACT_LEN(4),
    SEG6_LOCAL_NH6: NLA_EXACT_LEN(16),
    SEG6_LOCAL_IIF: NLA_U32,
    SEG6_LOCAL_OIF: NLA_U32,
    SEG6_LOCAL_BPF: NLA_NESTED(),
    SEG6_LOCAL_VRFTABLE: NLA_U32,
    SEG6_LOCAL_COUNTERS: NLA_NESTED(),
    SEG6_LOCAL_FLAVORS: NLA_NESTED(),
  },
  { name: 'seg6_local_policy' },
)

/** How a type reads RTA_ENCAP (its header is at `at`); what it keeps goes into `out`. */
type build_fn = (req: ParseContext, at: number, family: number, out: MessageBuilder) => Errno | undefined

function lwtunnel_build_fn(type: number): build_fn | undefined {
  switch (type) {
    case LWTUNNEL_ENCAP_MPLS:
      return mpls_build_state
    case LWTUNNEL_ENCAP_IP:
      return ip_tun_build_state
    case LWTUNNEL_ENCAP_IP6:
      return ip6_tun_build_state
    case LWTUNNEL_ENCAP_SEG6:
      return seg6_build_state
    case LWTUNNEL_ENCAP_SEG6_LOCAL:
      return seg6_local_build_state
    case LWTUNNEL_ENCAP_BPF:
      return bpf_build_state
    default:
      return undefined
  }
}

/** lwtunnel_valid_encap_type(): whether Debian's kernel has this encapsulation. */
export function lwtunnel_valid_encap_type(net: net, type: number, extack: netlink_ext_ack | undefined): Errno | undefined {
  if (type === LWTUNNEL_ENCAP_NONE || type > LWTUNNEL_ENCAP_MAX) return extack?.fail(EINVAL, 'Unknown lwt encapsulation type') ?? EINVAL
  if (type === LWTUNNEL_ENCAP_MPLS) request_module(net.kernel, 'rtnl-lwt-MPLS')
  if (lwtunnel_build_fn(type) !== undefined) return undefined
  net.kernel.unsupported.count('rtnetlink', `RTA_ENCAP_TYPE ${type}`)
  return extack?.fail(EOPNOTSUPP, 'lwt encapsulation type not supported') ?? EOPNOTSUPP
}

/** Reads an encapsulation. `at`: header of RTA_ENCAP in `buf`. */
export function lwtunnel_build_state(
  net: net,
  type: number,
  buf: Bytes,
  at: number,
  family: number,
  extack: netlink_ext_ack | undefined,
): lwtunnel_state | Errno {
  if (type === LWTUNNEL_ENCAP_NONE || type > LWTUNNEL_ENCAP_MAX) {
    return extack?.fail(EINVAL, 'Unknown LWT encapsulation type', at) ?? EINVAL
  }
  const build = lwtunnel_build_fn(type)
  if (build === undefined) return extack?.fail(EOPNOTSUPP, 'LWT encapsulation type not supported', at) ?? EOPNOTSUPP
  const out = new MessageBuilder(undefined, 64)
  const error = build({ buf, pool: net.kernel.nla_pool, extack: extack ?? new netlink_ext_ack(), net }, at, family, out)
  return error ?? new lwtunnel_state(type, out.bytes().slice())
}

/** True: the same encapsulation, or none on both sides. */
export function lwtunnel_cmp_encap(a: lwtunnel_state | undefined, b: lwtunnel_state | undefined): boolean {
  if (a === b) return true
  if (a === undefined || b === undefined || a.type !== b.type || a.encap.length !== b.encap.length) return false
  return a.encap.every((v, i) => v === b.encap[i])
}

/** lwtunnel_fill_encap(): nothing without one. The numbers differ for nexthop objects. */
export function lwtunnel_fill_encap(
  skb: MessageBuilder,
  state: lwtunnel_state | undefined,
  encap_attr: number = RTA_ENCAP.nr,
  type_attr: number = RTA_ENCAP_TYPE.nr,
): void {
  if (state === undefined) return
  skb.putBytes(encap_attr, state.encap)
  const o = skb.reserve(type_attr, 2)
  if (o >= 0) skb.buf[o] = state.type
}

/** An attribute as it came, or `size` zero bytes where it is missing. */
function keep(out: MessageBuilder, tb: AttrTable, a: Attr<any>, size: number): void {
  const value = tb.payload(a)
  if (value !== undefined) out.putBytes(a.nr, value)
  else out.reserve(a.nr, size)
}
function keep_in_order(out: MessageBuilder, tb: AttrTable, set: AttrSet, order: readonly (readonly [string, number])[]): void {
  for (const [name, size] of order) {
    const a = set.byNr.find((other) => other?.name === name)
    if (a !== undefined && (size > 0 || tb.has(a))) keep(out, tb, a, size)
  }
}
function parse(req: ParseContext, at: number, pol: Policy): AttrTable | Errno {
  return nla_parse_nested_deprecated_at(req, at, pol)
}

const ip_order = [
  ['LWTUNNEL_IP_ID', 8],
  ['LWTUNNEL_IP_DST', 4],
  ['LWTUNNEL_IP_SRC', 4],
  ['LWTUNNEL_IP_TOS', 1],
  ['LWTUNNEL_IP_TTL', 1],
  ['LWTUNNEL_IP_FLAGS', 2],
  ['LWTUNNEL_IP_OPTS', 0],
] as const
function ip_tun_build_state(req: ParseContext, at: number, _family: number, out: MessageBuilder): Errno | undefined {
  const tb = parse(req, at, ip_tun_policy)
  if (isErrno(tb)) return tb
  keep_in_order(out, tb, LWTUNNEL_IP, ip_order)
  return undefined
}
const ip6_order = [
  ['LWTUNNEL_IP6_ID', 8],
  ['LWTUNNEL_IP6_DST', 16],
  ['LWTUNNEL_IP6_SRC', 16],
  ['LWTUNNEL_IP6_TC', 1],
  ['LWTUNNEL_IP6_HOPLIMIT', 1],
  ['LWTUNNEL_IP6_FLAGS', 2],
  ['LWTUNNEL_IP6_OPTS', 0],
] as const
function ip6_tun_build_state(req: ParseContext, at: number, _family: number, out: MessageBuilder): Errno | undefined {
  const tb = parse(req, at, ip6_tun_policy)
  if (isErrno(tb)) return tb
  keep_in_order(out, tb, LWTUNNEL_IP6, ip6_order)
  return undefined
}

function mpls_build_state(req: ParseContext, at: number, _family: number, out: MessageBuilder): Errno | undefined {
  const tb = parse(req, at, mpls_iptunnel_policy)
  if (isErrno(tb)) return tb
  const labels = tb.payload(MPLS_IPTUNNEL_DST)
  if (labels === undefined) return req.extack.fail(EINVAL, 'MPLS_IPTUNNEL_DST attribute is missing')
  if (labels.length === 0 || labels.length % 4 !== 0) {
    return req.extack.fail(EINVAL, 'Invalid length for labels attribute', tb.at(MPLS_IPTUNNEL_DST))
  }
  out.putBytes(MPLS_IPTUNNEL_DST.nr, labels)
  if (tb.has(MPLS_IPTUNNEL_TTL)) keep(out, tb, MPLS_IPTUNNEL_TTL, 1)
  return undefined
}

/** Mode, segment routing header, at least one segment. */
const SEG6_MIN = 4 + 8 + 16
function seg6_build_state(req: ParseContext, at: number, family: number, out: MessageBuilder): Errno | undefined {
  const tb = parse(req, at, seg6_iptunnel_policy)
  if (isErrno(tb)) return tb
  const info = tb.payload(SEG6_IPTUNNEL_SRH)
  if (info === undefined || info.length < SEG6_MIN) return EINVAL
  const mode = get32(info, 0)
  if (mode > SEG6_IPTUN_MODE_L2ENCAP_RED || (mode === SEG6_IPTUN_MODE_INLINE && family !== AF_INET6)) return EINVAL
  if (!seg6_validate_srh(info.subarray(4))) return EINVAL
  out.putBytes(SEG6_IPTUNNEL_SRH.nr, info)
  return undefined
}
/** net/ipv6/seg6.c: type 4, a length that fits, and no more segments than there is room for. */
function seg6_validate_srh(srh: Bytes): boolean {
  const length = (srh[1] + 1) * 8
  const { 3: segments_left, 4: first_segment } = srh
  return srh[2] === 4 && length === srh.length && segments_left <= first_segment && first_segment <= srh[1] / 2 - 1
}

const seg6_local_order = [
  ['SEG6_LOCAL_ACTION', 0],
  ['SEG6_LOCAL_SRH', 0],
  ['SEG6_LOCAL_TABLE', 0],
  ['SEG6_LOCAL_NH4', 0],
  ['SEG6_LOCAL_NH6', 0],
  ['SEG6_LOCAL_IIF', 0],
  ['SEG6_LOCAL_OIF', 0],
  ['SEG6_LOCAL_BPF', 0],
  ['SEG6_LOCAL_VRFTABLE', 0],
  ['SEG6_LOCAL_COUNTERS', 0],
  ['SEG6_LOCAL_FLAVORS', 0],
] as const
function seg6_local_build_state(req: ParseContext, at: number, family: number, out: MessageBuilder): Errno | undefined {
  if (family !== AF_INET6) return EINVAL
  const tb = parse(req, at, seg6_local_policy)
  if (isErrno(tb)) return tb
  if (!tb.has(SEG6_LOCAL_ACTION)) return EINVAL
  keep_in_order(out, tb, SEG6_LOCAL, seg6_local_order)
  return undefined
}

const LWT_BPF_XMIT = 3
const LWT_BPF_PROG_NAME = 2
/** Programs by name; what they do is not looked at. */
function bpf_build_state({ buf }: ParseContext, at: number, _family: number, out: MessageBuilder): Errno | undefined {
  let any = false
  eachAttr(buf, at + NLA_HDRLEN, at + get16(buf, at), (nr, o) => {
    if (nr > LWT_BPF_XMIT || nr === 0) return
    any = true
    const nest = out.nestNoflag(nr)
    eachAttr(buf, o + NLA_HDRLEN, o + get16(buf, o), (inner, p) => {
      if (inner === LWT_BPF_PROG_NAME) out.putBytes(inner, buf.subarray(p + NLA_HDRLEN, p + get16(buf, p)))
    })
    out.nestEnd(nest)
  })
  return any ? undefined : EINVAL
}
