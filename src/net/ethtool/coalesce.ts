/** net/ethtool/coalesce.c: how long an interrupt may wait for more frames. */
import type { Attr } from '../../lib/attrs.ts'
import { EINVAL, EOPNOTSUPP } from '../../uapi/errno.ts'
import * as E from '../../uapi/linux/ethtool_netlink.ts'
import { coalesce_fields, type ethtool_coalesce } from '../core/ethtool_ops.ts'
import { max, NLA_NESTED, NLA_U8, NLA_U32, type Policy, policy } from '../netlink/policy.ts'
import { type ethnl_request_ops, ethnl_ops_begin, HEADER, ops_of, updates } from './request.ts'

/** What a driver's get_coalesce() does not name is 0. */
export function full_coalesce(coalesce: Partial<ethtool_coalesce>): ethtool_coalesce {
  return Object.fromEntries(coalesce_fields.map((field) => [field, coalesce[field] ?? 0])) as ethtool_coalesce
}
const FIRST = E.ETHTOOL_A_COALESCE_RX_USECS.nr
/** The attributes of coalesce_fields, in the same order. */
function attr_of(i: number): Attr<number> {
  return E.ETHTOOL_A_COALESCE.byNr[FIRST + i] as Attr<number>
}
const is_mode = (field: string) => field.startsWith('use_adaptive')

const irq_moderation_policy = policy(
  E.ETHTOOL_A_IRQ_MODERATION,
  { ETHTOOL_A_IRQ_MODERATION_USEC: NLA_U32, ETHTOOL_A_IRQ_MODERATION_PKTS: NLA_U32, ETHTOOL_A_IRQ_MODERATION_COMPS: NLA_U32 },
  { name: 'coalesce_irq_moderation_policy' },
)
const profile_policy = policy(
  E.ETHTOOL_A_PROFILE,
  { ETHTOOL_A_PROFILE_IRQ_MODERATION: NLA_NESTED(() => irq_moderation_policy) },
  { name: 'coalesce_profile_policy' },
)
function set_policy(): Policy {
  const numbers = coalesce_fields.map((field, i) => [attr_of(i).name, is_mode(field) ? NLA_U8 : NLA_U32])
  return policy(
    E.ETHTOOL_A_COALESCE,
    {
      ETHTOOL_A_COALESCE_HEADER: HEADER,
      ...Object.fromEntries(numbers),
      ETHTOOL_A_COALESCE_USE_CQE_MODE_TX: max(NLA_U8, 1),
      ETHTOOL_A_COALESCE_USE_CQE_MODE_RX: max(NLA_U8, 1),
      ETHTOOL_A_COALESCE_TX_AGGR_MAX_BYTES: NLA_U32,
      ETHTOOL_A_COALESCE_TX_AGGR_MAX_FRAMES: NLA_U32,
      ETHTOOL_A_COALESCE_TX_AGGR_TIME_USECS: NLA_U32,
      ETHTOOL_A_COALESCE_RX_PROFILE: NLA_NESTED(() => profile_policy),
      ETHTOOL_A_COALESCE_TX_PROFILE: NLA_NESTED(() => profile_policy),
    },
    { name: 'ethnl_coalesce_set_policy' },
  )
}

export const ethnl_coalesce_request_ops: ethnl_request_ops = {
  name: 'coalesce',
  get: E.ETHTOOL_MSG.COALESCE_GET,
  reply: E.ETHTOOL_KMSG.COALESCE_GET_REPLY,
  set: E.ETHTOOL_MSG.COALESCE_SET,
  ntf: E.ETHTOOL_KMSG.COALESCE_NTF,
  header: E.ETHTOOL_A_COALESCE_HEADER,
  get_policy: policy(E.ETHTOOL_A_COALESCE, { ETHTOOL_A_COALESCE_HEADER: HEADER }, { name: 'ethnl_coalesce_get_policy', maxtype: 1 }),
  set_policy: set_policy(),
  prepare_data({ dev }) {
    const { get_coalesce } = ops_of(dev)
    if (dev === undefined || get_coalesce === undefined) return EOPNOTSUPP
    return ethnl_ops_begin(dev) ?? { dev, coalesce: full_coalesce(get_coalesce(dev)) }
  },
  fill_reply(skb, { dev }, { coalesce }: { coalesce: ethtool_coalesce }) {
    const supported = ops_of(dev).supported_coalesce_params ?? 0
    for (const [i, field] of coalesce_fields.entries()) {
      const value = coalesce[field]
      if (value === 0 && (supported & (1 << i)) === 0) continue
      skb.put(attr_of(i), is_mode(field) ? (value ? 1 : 0) : value)
    }
    return undefined
  },
  set_validate({ dev }, req, tb) {
    const { get_coalesce, set_coalesce, supported_coalesce_params = 0 } = ops_of(dev)
    if (get_coalesce === undefined || set_coalesce === undefined) return EOPNOTSUPP
    for (let nr = FIRST; nr <= E.ETHTOOL_A_COALESCE.max; nr++)
      if (tb.atNr(nr) !== 0 && (supported_coalesce_params & (1 << (nr - FIRST))) === 0)
        return req.extack.fail(EINVAL, 'cannot modify an unsupported parameter', tb.atNr(nr))
    return true
  },
  apply({ dev }, req, tb) {
    const { get_coalesce, set_coalesce } = ops_of(dev)
    if (dev === undefined || get_coalesce === undefined) return EOPNOTSUPP
    const coalesce = full_coalesce(get_coalesce(dev))
    const update = new updates(tb)
    for (const [i, field] of coalesce_fields.entries()) coalesce[field] = update.number(attr_of(i), coalesce[field])
    if (!update.changed) return false
    return set_coalesce?.(dev, coalesce, req.extack) ?? true
  },
}
