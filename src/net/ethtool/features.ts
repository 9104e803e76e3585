/** net/ethtool/features.c: what a device does for the stack, what is wanted of it, and what can be changed. */
import type { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import * as E from '../../uapi/linux/ethtool_netlink.ts'
import { __netdev_update_features, netdev_features_change } from '../core/netdev_features.ts'
import { NETIF_F_ETHTOOL_BITS, NETIF_F_NEVER_CHANGE } from '../core/netdev_features_bits.ts'
import type { net_device } from '../core/netdevice.ts'
import { NLA_NESTED, policy } from '../netlink/policy.ts'
import { all_bits, type bitset_kind, ethnl_parse_bitset, ethnl_put_bitset } from './bitset.ts'
import { netdev_features_strings } from './common.ts'
import { compact_of, type ethnl_context, type ethnl_req_info, type ethnl_request_ops, ethnl_ops_begin, HEADER } from './request.ts'

const features: bitset_kind = { nbits: netdev_features_strings.length, names: netdev_features_strings }

export const ethnl_features_request_ops: ethnl_request_ops = {
  name: 'features',
  get: E.ETHTOOL_MSG.FEATURES_GET,
  reply: E.ETHTOOL_KMSG.FEATURES_GET_REPLY,
  ntf: E.ETHTOOL_KMSG.FEATURES_NTF,
  header: E.ETHTOOL_A_FEATURES_HEADER,
  get_policy: policy(E.ETHTOOL_A_FEATURES, { ETHTOOL_A_FEATURES_HEADER: HEADER }, { name: 'ethnl_features_get_policy', maxtype: 1 }),
  prepare_data: ({ dev }) => dev,
  fill_reply(skb, info, dev: net_device) {
    const compact = compact_of(info)
    ethnl_put_bitset(skb, E.ETHTOOL_A_FEATURES_HW, dev.hw_features, all_bits(features.nbits), features, compact)
    ethnl_put_bitset(skb, E.ETHTOOL_A_FEATURES_WANTED, dev.wanted_features, undefined, features, compact)
    ethnl_put_bitset(skb, E.ETHTOOL_A_FEATURES_ACTIVE, dev.features, undefined, features, compact)
    ethnl_put_bitset(skb, E.ETHTOOL_A_FEATURES_NOCHANGE, NETIF_F_NEVER_CHANGE, undefined, features, compact)
    return undefined
  },
}
export const ethnl_features_set_policy = policy(
  E.ETHTOOL_A_FEATURES,
  { ETHTOOL_A_FEATURES_HEADER: HEADER, ETHTOOL_A_FEATURES_WANTED: NLA_NESTED() },
  { name: 'ethnl_features_set_policy', maxtype: E.ETHTOOL_A_FEATURES_WANTED.nr },
)

/**
 * ethnl_set_features(): changes what is wanted, as far as the request's set (its nest is at `wanted_at`) speaks of it. The
 * reply tells where the outcome is not what was asked for, and what has changed: it is handed to `reply`.
 */
export function ethnl_set_features(
  info: ethnl_req_info,
  req: ethnl_context,
  wanted_at: number,
  begin: (dev: net_device) => MessageBuilder,
  reply: (skb: MessageBuilder) => Errno | undefined,
): Errno | undefined {
  const { dev } = info
  const absent = ethnl_ops_begin(dev)
  if (dev === undefined || absent !== undefined) return absent
  const asked = ethnl_parse_bitset(req, wanted_at, features)
  if (isErrno(asked)) return asked
  const { value, mask } = asked
  if (mask & ~NETIF_F_ETHTOOL_BITS) return req.extack.fail(EINVAL, 'attempt to change non-ethtool features')
  const old = { active: dev.features, wanted: dev.wanted_features }
  const wanted = (value & mask) | (old.wanted & ~mask)
  if (wanted !== old.wanted) {
    dev.wanted_features = (dev.wanted_features & ~dev.hw_features) | (wanted & dev.hw_features)
    __netdev_update_features(dev)
  }
  const active = dev.features
  let error: Errno | undefined
  if ((info.flags & E.ETHTOOL_FLAG_OMIT_REPLY) === 0) {
    const [missed, changed] = [(wanted ^ active) & mask, old.active ^ active]
    const compact = compact_of(info)
    const skb = begin(dev)
    ethnl_put_bitset(skb, E.ETHTOOL_A_FEATURES_WANTED, wanted & missed, missed, features, compact)
    ethnl_put_bitset(skb, E.ETHTOOL_A_FEATURES_ACTIVE, active & changed, changed, features, compact)
    error = reply(skb)
  }
  if (active !== old.active) netdev_features_change(dev)
  return error
}
