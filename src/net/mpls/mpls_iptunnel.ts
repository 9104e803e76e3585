/** net/mpls/mpls_iptunnel.c: labels that a route puts on packets. */
import type { Kernel } from '../../kernel/kernel.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import { LWTUNNEL_ENCAP_MPLS, MPLS_IPTUNNEL, MPLS_IPTUNNEL_DST, MPLS_IPTUNNEL_TTL } from '../../uapi/linux/lwtunnel.ts'
import { type lwtunnel_encap_ops, lwtunnel_encap_add_ops, type lwtunnel_request } from '../core/lwtunnel.ts'
import { nla_parse_nested_deprecated_at } from '../netlink/attr.ts'
import { NLA_U8, NLA_U32, policy } from '../netlink/policy.ts'
import { nla_get_labels } from './mpls_label.ts'
import { MAX_NEW_LABELS } from './mpls_private.ts'

export const mpls_iptunnel_policy = policy(
  MPLS_IPTUNNEL,
  { MPLS_IPTUNNEL_DST: NLA_U32, MPLS_IPTUNNEL_TTL: NLA_U8 },
  { name: 'mpls_iptunnel_policy' },
)
export function mpls_build_state(req: lwtunnel_request, at: number, _family: number, out: MessageBuilder): Errno | undefined {
  const { extack } = req
  const tb = nla_parse_nested_deprecated_at(req, at, mpls_iptunnel_policy)
  if (isErrno(tb)) return tb
  const stack = tb.payload(MPLS_IPTUNNEL_DST)
  if (stack === undefined) return extack.fail(EINVAL, 'MPLS_IPTUNNEL_DST attribute is missing')
  const labels = nla_get_labels(req.buf, tb.at(MPLS_IPTUNNEL_DST), MAX_NEW_LABELS, extack)
  if (isErrno(labels)) return labels
  if (labels.length === 0) return EINVAL
  out.putBytes(MPLS_IPTUNNEL_DST.nr, stack)
  const ttl = tb.get(MPLS_IPTUNNEL_TTL)
  if (ttl !== undefined) out.put(MPLS_IPTUNNEL_TTL, ttl)
  return undefined
}
export const mpls_iptun_ops: lwtunnel_encap_ops = { name: 'mpls_iptun_ops', build_state: mpls_build_state }
export function mpls_iptunnel_init(kernel: Kernel): Errno | undefined {
  lwtunnel_encap_add_ops(kernel, mpls_iptun_ops, LWTUNNEL_ENCAP_MPLS)
  return undefined
}
