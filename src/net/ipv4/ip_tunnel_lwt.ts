/** net/ipv4/ip_tunnel_core.c ip_tun_build_state, ip6_tun_build_state: what a tunnel device for all ends is told by a route. */
import type { Kernel } from '../../kernel/kernel.ts'
import { type Attr, type AttrTable, eachAttr, NLA_HDRLEN } from '../../lib/attrs.ts'
import { get16, get32, put32 } from '../../lib/bytes.ts'
import { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import * as L from '../../uapi/linux/lwtunnel.ts'
import { type lwtunnel_encap_ops, lwtunnel_encap_add_ops, type lwtunnel_request } from '../core/lwtunnel.ts'
import { nla_parse_nested_at, nla_parse_nested_deprecated_at, nla_validate_at, NL_VALIDATE_STRICT } from '../netlink/attr.ts'
import { NLA_BINARY, NLA_EXACT_LEN, NLA_NESTED, NLA_U8, NLA_U16, NLA_U32, NLA_U64, type Policy, policy } from '../netlink/policy.ts'

// flags of LWTUNNEL_IP_FLAGS, in network byte order on the wire
const TUNNEL_GENEVE_OPT = 0x0800
const TUNNEL_VXLAN_OPT = 0x1000
const TUNNEL_ERSPAN_OPT = 0x4000
const TUNNEL_GTP_OPT = 0x8000
const TUNNEL_OPTIONS_PRESENT = TUNNEL_GENEVE_OPT | TUNNEL_VXLAN_OPT | TUNNEL_ERSPAN_OPT | TUNNEL_GTP_OPT
const IP_TUNNEL_OPTS_MAX = 255
/** struct geneve_opt */
const GENEVE_OPT_SIZE = 4
const VXLAN_GBP_MASK = 0x48ffff

export const ip_tun_policy = policy(
  L.LWTUNNEL_IP,
  {
    LWTUNNEL_IP_ID: NLA_U64,
    LWTUNNEL_IP_DST: NLA_U32,
    LWTUNNEL_IP_SRC: NLA_U32,
    LWTUNNEL_IP_TTL: NLA_U8,
    LWTUNNEL_IP_TOS: NLA_U8,
    LWTUNNEL_IP_FLAGS: NLA_U16,
    LWTUNNEL_IP_OPTS: NLA_NESTED(),
  },
  { name: 'ip_tun_policy', strict_start_type: L.LWTUNNEL_IP_OPTS.nr },
)
export const ip6_tun_policy = policy(
  L.LWTUNNEL_IP6,
  {
    LWTUNNEL_IP6_ID: NLA_U64,
    LWTUNNEL_IP6_DST: NLA_EXACT_LEN(16),
    LWTUNNEL_IP6_SRC: NLA_EXACT_LEN(16),
    LWTUNNEL_IP6_HOPLIMIT: NLA_U8,
    LWTUNNEL_IP6_TC: NLA_U8,
    LWTUNNEL_IP6_FLAGS: NLA_U16,
    LWTUNNEL_IP6_OPTS: NLA_NESTED(),
  },
  { name: 'ip6_tun_policy', strict_start_type: L.LWTUNNEL_IP6_OPTS.nr },
)
export const ip_opts_policy = policy(
  L.LWTUNNEL_IP_OPTS_SET,
  { LWTUNNEL_IP_OPTS_GENEVE: NLA_NESTED(), LWTUNNEL_IP_OPTS_VXLAN: NLA_NESTED(), LWTUNNEL_IP_OPTS_ERSPAN: NLA_NESTED() },
  { name: 'ip_opts_policy' },
)
export const geneve_opt_policy = policy(
  L.LWTUNNEL_IP_OPT_GENEVE,
  {
    LWTUNNEL_IP_OPT_GENEVE_CLASS: NLA_U16,
    LWTUNNEL_IP_OPT_GENEVE_TYPE: NLA_U8,
    LWTUNNEL_IP_OPT_GENEVE_DATA: NLA_BINARY(128),
  },
  { name: 'geneve_opt_policy' },
)
export const vxlan_opt_policy = policy(L.LWTUNNEL_IP_OPT_VXLAN, { LWTUNNEL_IP_OPT_VXLAN_GBP: NLA_U32 }, { name: 'vxlan_opt_policy' })
export const erspan_opt_policy = policy(
  L.LWTUNNEL_IP_OPT_ERSPAN,
  {
    LWTUNNEL_IP_OPT_ERSPAN_VER: NLA_U8,
    LWTUNNEL_IP_OPT_ERSPAN_INDEX: NLA_U32,
    LWTUNNEL_IP_OPT_ERSPAN_DIR: NLA_U8,
    LWTUNNEL_IP_OPT_ERSPAN_HWID: NLA_U8,
  },
  { name: 'erspan_opt_policy' },
)

/** Options of one kind: its flag, what it shows in its nest, and the bytes that it takes in a packet. */
interface options {
  flag: number
  nr: number
  shown: MessageBuilder
  length: number
}
function copy(out: MessageBuilder, tb: AttrTable, list: readonly Attr<any>[]): boolean {
  for (const a of list) {
    const value = tb.payload(a)
    if (value === undefined) return false
    out.putBytes(a.nr, value)
  }
  return true
}
function read_geneve(tb: AttrTable, o: options): Errno | undefined {
  const data = tb.payload(L.LWTUNNEL_IP_OPT_GENEVE_DATA)
  const { LWTUNNEL_IP_OPT_GENEVE_CLASS, LWTUNNEL_IP_OPT_GENEVE_TYPE, LWTUNNEL_IP_OPT_GENEVE_DATA } = L
  if (!copy(o.shown, tb, [LWTUNNEL_IP_OPT_GENEVE_CLASS, LWTUNNEL_IP_OPT_GENEVE_TYPE, LWTUNNEL_IP_OPT_GENEVE_DATA])) return EINVAL
  if (data === undefined || data.length % 4 !== 0) return EINVAL
  o.length += GENEVE_OPT_SIZE + data.length
  return o.length > IP_TUNNEL_OPTS_MAX ? EINVAL : undefined
}
function read_vxlan(tb: AttrTable, o: options): Errno | undefined {
  const gbp = tb.payload(L.LWTUNNEL_IP_OPT_VXLAN_GBP)
  if (gbp === undefined) return EINVAL
  const masked = new Uint8Array(4)
  put32(masked, 0, get32(gbp, 0) & VXLAN_GBP_MASK)
  o.shown.putBytes(L.LWTUNNEL_IP_OPT_VXLAN_GBP.nr, masked)
  return undefined
}
function read_erspan(tb: AttrTable, o: options): Errno | undefined {
  const { LWTUNNEL_IP_OPT_ERSPAN_VER: VER, LWTUNNEL_IP_OPT_ERSPAN_INDEX: INDEX } = L
  const { LWTUNNEL_IP_OPT_ERSPAN_DIR: DIR, LWTUNNEL_IP_OPT_ERSPAN_HWID: HWID } = L
  const version = tb.get(VER)
  const wanted = version === 1 ? [VER, INDEX] : version === 2 ? [VER, DIR, HWID] : []
  return wanted.length > 0 && copy(o.shown, tb, wanted) ? undefined : EINVAL
}
interface kind {
  readonly flag: number
  readonly policy: Policy
  readonly read: (tb: AttrTable, o: options) => Errno | undefined
}
function kind_of(nr: number): kind | undefined {
  if (nr === L.LWTUNNEL_IP_OPTS_GENEVE.nr) return { flag: TUNNEL_GENEVE_OPT, policy: geneve_opt_policy, read: read_geneve }
  if (nr === L.LWTUNNEL_IP_OPTS_VXLAN.nr) return { flag: TUNNEL_VXLAN_OPT, policy: vxlan_opt_policy, read: read_vxlan }
  if (nr === L.LWTUNNEL_IP_OPTS_ERSPAN.nr) return { flag: TUNNEL_ERSPAN_OPT, policy: erspan_opt_policy, read: read_erspan }
  return undefined
}
/** ip_tun_parse_opts(): several of geneve, one of the others, never mixed. */
function parse_opts(req: lwtunnel_request, at: number): options | undefined | Errno {
  const end = at + get16(req.buf, at)
  const invalid = nla_validate_at(req, at + NLA_HDRLEN, end, ip_opts_policy, NL_VALIDATE_STRICT)
  if (isErrno(invalid)) return invalid
  let found: options | undefined
  let error: Errno | undefined
  eachAttr(req.buf, at + NLA_HDRLEN, end, (nr, o) => {
    if (isErrno(error)) return
    const kind = kind_of(nr)
    if (kind === undefined || (found !== undefined && (found.nr !== nr || kind.flag !== TUNNEL_GENEVE_OPT))) {
      error = EINVAL
      return
    }
    found ??= { flag: kind.flag, nr, shown: new MessageBuilder(undefined, 64), length: 0 }
    const tb = nla_parse_nested_at(req, o, kind.policy)
    error = isErrno(tb) ? tb : kind.read(tb, found)
  })
  return error ?? found
}

/** The attributes in the order that they are shown; those that are missing are zero. */
interface shape {
  readonly policy: Policy
  readonly fixed: readonly (readonly [Attr<any>, number])[]
  readonly flags: Attr<any>
  readonly opts: Attr<any>
}
const IP4: shape = {
  policy: ip_tun_policy,
  fixed: [
    [L.LWTUNNEL_IP_ID, 8],
    [L.LWTUNNEL_IP_DST, 4],
    [L.LWTUNNEL_IP_SRC, 4],
    [L.LWTUNNEL_IP_TOS, 1],
    [L.LWTUNNEL_IP_TTL, 1],
  ],
  flags: L.LWTUNNEL_IP_FLAGS,
  opts: L.LWTUNNEL_IP_OPTS,
}
const IP6: shape = {
  policy: ip6_tun_policy,
  fixed: [
    [L.LWTUNNEL_IP6_ID, 8],
    [L.LWTUNNEL_IP6_DST, 16],
    [L.LWTUNNEL_IP6_SRC, 16],
    [L.LWTUNNEL_IP6_TC, 1],
    [L.LWTUNNEL_IP6_HOPLIMIT, 1],
  ],
  flags: L.LWTUNNEL_IP6_FLAGS,
  opts: L.LWTUNNEL_IP6_OPTS,
}
function build(req: lwtunnel_request, at: number, out: MessageBuilder, shape: shape): Errno | undefined {
  const tb = nla_parse_nested_deprecated_at(req, at, shape.policy)
  if (isErrno(tb)) return tb
  const opts = tb.has(shape.opts) ? parse_opts(req, tb.at(shape.opts)) : undefined
  if (isErrno(opts)) return opts
  for (const [a, size] of shape.fixed) out.putBytes(a.nr, tb.payload(a) ?? new Uint8Array(size))
  const given = tb.payload(shape.flags)
  const asked = given === undefined ? 0 : (given[0] << 8) | given[1]
  const flags = (asked & ~TUNNEL_OPTIONS_PRESENT) | (opts?.flag ?? 0)
  out.putBytes(shape.flags.nr, Uint8Array.of(flags >> 8, flags & 0xff))
  if (opts === undefined) return undefined
  const nest = out.nestNoflag(shape.opts)
  out.putBytes(opts.nr, opts.shown.bytes())
  out.nestEnd(nest)
  return undefined
}
export function ip_tun_build_state(req: lwtunnel_request, at: number, _family: number, out: MessageBuilder): Errno | undefined {
  return build(req, at, out, IP4)
}
export function ip6_tun_build_state(req: lwtunnel_request, at: number, _family: number, out: MessageBuilder): Errno | undefined {
  return build(req, at, out, IP6)
}
export const ip_tun_lwt_ops: lwtunnel_encap_ops = { name: 'ip_tun_lwt_ops', build_state: ip_tun_build_state }
export const ip6_tun_lwt_ops: lwtunnel_encap_ops = { name: 'ip6_tun_lwt_ops', build_state: ip6_tun_build_state }
/** Called by inet_init. */
export function ip_tunnel_core_init(kernel: Kernel): void {
  lwtunnel_encap_add_ops(kernel, ip_tun_lwt_ops, L.LWTUNNEL_ENCAP_IP)
  lwtunnel_encap_add_ops(kernel, ip6_tun_lwt_ops, L.LWTUNNEL_ENCAP_IP6)
}
