/** net/ethtool/debug.c: which kinds of messages a driver writes to the log. */
import { EOPNOTSUPP, isErrno } from '../../uapi/errno.ts'
import * as E from '../../uapi/linux/ethtool_netlink.ts'
import { NLA_NESTED, policy } from '../netlink/policy.ts'
import { type bitset_kind, ethnl_put_bitset, ethnl_update_bitset } from './bitset.ts'
import { netif_msg_class_names } from './common.ts'
import { compact_of, type ethnl_request_ops, ethnl_ops_begin, HEADER, ops_of } from './request.ts'

const msg_classes: bitset_kind = { nbits: netif_msg_class_names.length, names: netif_msg_class_names }

export const ethnl_debug_request_ops: ethnl_request_ops = {
  name: 'debug',
  get: E.ETHTOOL_MSG.DEBUG_GET,
  reply: E.ETHTOOL_KMSG.DEBUG_GET_REPLY,
  set: E.ETHTOOL_MSG.DEBUG_SET,
  ntf: E.ETHTOOL_KMSG.DEBUG_NTF,
  header: E.ETHTOOL_A_DEBUG_HEADER,
  get_policy: policy(E.ETHTOOL_A_DEBUG, { ETHTOOL_A_DEBUG_HEADER: HEADER }, { name: 'ethnl_debug_get_policy', maxtype: 1 }),
  set_policy: policy(
    E.ETHTOOL_A_DEBUG,
    { ETHTOOL_A_DEBUG_HEADER: HEADER, ETHTOOL_A_DEBUG_MSGMASK: NLA_NESTED() },
    { name: 'ethnl_debug_set_policy' },
  ),
  prepare_data({ dev }) {
    const { get_msglevel } = ops_of(dev)
    if (dev === undefined || get_msglevel === undefined) return EOPNOTSUPP
    return ethnl_ops_begin(dev) ?? { level: get_msglevel(dev) }
  },
  fill_reply(skb, info, { level }: { level: number }) {
    ethnl_put_bitset(skb, E.ETHTOOL_A_DEBUG_MSGMASK, BigInt(level), undefined, msg_classes, compact_of(info))
    return undefined
  },
  set_validate: ({ dev }) => (ops_of(dev).get_msglevel && ops_of(dev).set_msglevel ? true : EOPNOTSUPP),
  apply({ dev }, req, tb) {
    const { get_msglevel, set_msglevel } = ops_of(dev)
    if (dev === undefined || get_msglevel === undefined) return EOPNOTSUPP
    const old = BigInt(get_msglevel(dev))
    const level = ethnl_update_bitset(req, tb, E.ETHTOOL_A_DEBUG_MSGMASK, msg_classes, old)
    if (isErrno(level) || level === old) return isErrno(level) ? level : false
    set_msglevel?.(dev, Number(level))
    return true
  },
}
