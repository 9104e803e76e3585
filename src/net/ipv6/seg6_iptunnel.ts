/** net/ipv6/seg6_iptunnel.c, seg6.c: segment routing headers that a route puts on packets. */
import type { Kernel } from '../../kernel/kernel.ts'
import { type Bytes, get32 } from '../../lib/bytes.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import {
  LWTUNNEL_ENCAP_SEG6,
  SEG6_IPTUN_MODE_INLINE,
  SEG6_IPTUN_MODE_L2ENCAP_RED,
  SEG6_IPTUNNEL,
  SEG6_IPTUNNEL_SRH,
} from '../../uapi/linux/lwtunnel.ts'
import { AF_INET6 } from '../../uapi/linux/socket.ts'
import { type lwtunnel_encap_ops, lwtunnel_encap_add_ops, type lwtunnel_request, type lwtunnel_state } from '../core/lwtunnel.ts'
import { nla_parse_nested_deprecated_at } from '../netlink/attr.ts'
import { seg6_carries_frames, seg6_headroom, seg6_input, seg6_output } from './seg6_iptunnel_srh.ts'
import { NLA_BINARY, policy } from '../netlink/policy.ts'

export const seg6_iptunnel_policy = policy(SEG6_IPTUNNEL, { SEG6_IPTUNNEL_SRH: NLA_BINARY() }, { name: 'seg6_iptunnel_policy' })

/** Mode, header, at least one segment. */
const SEG6_MIN = 4 + 8 + 16
const IPV6_SRCRT_TYPE_4 = 4
export function seg6_build_state(req: lwtunnel_request, at: number, family: number, out: MessageBuilder): Errno | undefined {
  const tb = nla_parse_nested_deprecated_at(req, at, seg6_iptunnel_policy)
  if (isErrno(tb)) return tb
  const info = tb.payload(SEG6_IPTUNNEL_SRH)
  if (info === undefined || info.length < SEG6_MIN) return EINVAL
  const mode = get32(info, 0)
  if (mode > SEG6_IPTUN_MODE_L2ENCAP_RED || (mode === SEG6_IPTUN_MODE_INLINE && family !== AF_INET6)) return EINVAL
  if (!seg6_validate_srh(info.subarray(4))) return EINVAL
  out.putBytes(SEG6_IPTUNNEL_SRH.nr, info)
  return undefined
}
/** seg6_validate_srh(): of its type, a length that fits, and no more segments than there is room for. */
export function seg6_validate_srh(srh: Bytes): boolean {
  const length = (srh[1] + 1) * 8
  const { 3: segments_left, 4: first_segment } = srh
  return srh[2] === IPV6_SRCRT_TYPE_4 && length === srh.length && segments_left <= first_segment && first_segment <= srh[1] / 2 - 1
}
/** Frames are those that have come in: what is sent here goes out by the route as if it had no segments. */
export const seg6_iptun_l2_ops: lwtunnel_encap_ops = { name: 'seg6_iptun_l2_ops', build_state: seg6_build_state, input: seg6_input }
export function seg6_ops_of(state: lwtunnel_state): lwtunnel_encap_ops {
  return seg6_carries_frames(state) ? seg6_iptun_l2_ops : seg6_iptun_ops
}
export const seg6_iptun_ops: lwtunnel_encap_ops = {
  name: 'seg6_iptun_ops',
  build_state: seg6_build_state,
  headroom: seg6_headroom,
  output: seg6_output,
  input: seg6_input,
  of_state: seg6_ops_of,
}
export function seg6_iptunnel_init(kernel: Kernel): Errno | undefined {
  lwtunnel_encap_add_ops(kernel, seg6_iptun_ops, LWTUNNEL_ENCAP_SEG6)
  return undefined
}
