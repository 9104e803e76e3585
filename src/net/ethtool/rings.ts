/** net/ethtool/rings.c: sizes of the rings of descriptors. */
import { EINVAL, EOPNOTSUPP, type Errno } from '../../uapi/errno.ts'
import type { AttrTable } from '../../lib/attrs.ts'
import * as E from '../../uapi/linux/ethtool_netlink.ts'
import type { ethtool_ringparam } from '../core/ethtool_ops.ts'
import { max, min, NLA_U8, NLA_U32, policy } from '../netlink/policy.ts'
import { type ethnl_context, type ethnl_request_ops, ethnl_ops_begin, HEADER, ops_of, updates } from './request.ts'

const no_rings: ethtool_ringparam = {
  rx_max_pending: 0,
  rx_mini_max_pending: 0,
  rx_jumbo_max_pending: 0,
  tx_max_pending: 0,
  rx_pending: 0,
  rx_mini_pending: 0,
  rx_jumbo_pending: 0,
  tx_pending: 0,
}
/** What a driver's get_ringparam() does not name is 0. */
export function full_ringparam(ring: Partial<ethtool_ringparam>): ethtool_ringparam {
  return { ...no_rings, ...ring }
}
/** A kind of ring: its bound, its size. */
const kinds = [
  ['rx_max_pending', 'rx_pending', E.ETHTOOL_A_RINGS_RX_MAX, E.ETHTOOL_A_RINGS_RX],
  ['rx_mini_max_pending', 'rx_mini_pending', E.ETHTOOL_A_RINGS_RX_MINI_MAX, E.ETHTOOL_A_RINGS_RX_MINI],
  ['rx_jumbo_max_pending', 'rx_jumbo_pending', E.ETHTOOL_A_RINGS_RX_JUMBO_MAX, E.ETHTOOL_A_RINGS_RX_JUMBO],
  ['tx_max_pending', 'tx_pending', E.ETHTOOL_A_RINGS_TX_MAX, E.ETHTOOL_A_RINGS_TX],
] as const
/** What no driver here can set. */
const unsupported = [
  [E.ETHTOOL_A_RINGS_RX_BUF_LEN, 'setting rx buf len not supported'],
  [E.ETHTOOL_A_RINGS_TCP_DATA_SPLIT, 'setting TCP data split is not supported'],
  [E.ETHTOOL_A_RINGS_CQE_SIZE, 'setting cqe size not supported'],
  [E.ETHTOOL_A_RINGS_TX_PUSH, 'setting tx push not supported'],
  [E.ETHTOOL_A_RINGS_RX_PUSH, 'setting rx push not supported'],
  [E.ETHTOOL_A_RINGS_TX_PUSH_BUF_LEN, 'setting tx push buf len is not supported'],
] as const
function refused({ extack }: ethnl_context, tb: AttrTable): Errno | undefined {
  for (const [attr, text] of unsupported) if (tb.has(attr)) return extack.fail(EOPNOTSUPP, text, tb.at(attr))
  return undefined
}

export const ethnl_rings_request_ops: ethnl_request_ops = {
  name: 'rings',
  get: E.ETHTOOL_MSG.RINGS_GET,
  reply: E.ETHTOOL_KMSG.RINGS_GET_REPLY,
  set: E.ETHTOOL_MSG.RINGS_SET,
  ntf: E.ETHTOOL_KMSG.RINGS_NTF,
  header: E.ETHTOOL_A_RINGS_HEADER,
  get_policy: policy(E.ETHTOOL_A_RINGS, { ETHTOOL_A_RINGS_HEADER: HEADER }, { name: 'ethnl_rings_get_policy', maxtype: 1 }),
  set_policy: policy(
    E.ETHTOOL_A_RINGS,
    {
      ETHTOOL_A_RINGS_HEADER: HEADER,
      ETHTOOL_A_RINGS_RX: NLA_U32,
      ETHTOOL_A_RINGS_RX_MINI: NLA_U32,
      ETHTOOL_A_RINGS_RX_JUMBO: NLA_U32,
      ETHTOOL_A_RINGS_TX: NLA_U32,
      ETHTOOL_A_RINGS_RX_BUF_LEN: min(NLA_U32, 1),
      ETHTOOL_A_RINGS_TCP_DATA_SPLIT: max(NLA_U8, 2),
      ETHTOOL_A_RINGS_CQE_SIZE: min(NLA_U32, 1),
      ETHTOOL_A_RINGS_TX_PUSH: max(NLA_U8, 1),
      ETHTOOL_A_RINGS_RX_PUSH: max(NLA_U8, 1),
      ETHTOOL_A_RINGS_TX_PUSH_BUF_LEN: NLA_U32,
    },
    { name: 'ethnl_rings_set_policy', maxtype: E.ETHTOOL_A_RINGS_TX_PUSH_BUF_LEN.nr },
  ),
  prepare_data({ dev }) {
    const { get_ringparam } = ops_of(dev)
    if (dev === undefined || get_ringparam === undefined) return EOPNOTSUPP
    return ethnl_ops_begin(dev) ?? full_ringparam(get_ringparam(dev))
  },
  fill_reply(skb, _info, ring: ethtool_ringparam) {
    for (const [bound, size, bound_attr, size_attr] of kinds) {
      if (ring[bound] === 0) continue
      skb.put(bound_attr, ring[bound])
      skb.put(size_attr, ring[size])
    }
    skb.put(E.ETHTOOL_A_RINGS_TX_PUSH, 0)
    skb.put(E.ETHTOOL_A_RINGS_RX_PUSH, 0)
    return undefined
  },
  set_validate: ({ dev }, req, tb) => refused(req, tb) ?? (ops_of(dev).get_ringparam && ops_of(dev).set_ringparam ? true : EOPNOTSUPP),
  apply({ dev }, req, tb) {
    const { get_ringparam, set_ringparam } = ops_of(dev)
    if (dev === undefined || get_ringparam === undefined) return EOPNOTSUPP
    const ring = full_ringparam(get_ringparam(dev))
    const update = new updates(tb)
    for (const [, size, , attr] of kinds) ring[size] = update.number(attr, ring[size])
    if (!update.changed) return false
    for (const [bound, size, , attr] of kinds)
      if (ring[size] > ring[bound]) return req.extack.fail(EINVAL, 'requested ring size exceeds maximum', tb.at(attr))
    return set_ringparam?.(dev, ring, req.extack) ?? true
  },
}
