/** net/ethtool/channels.c: how many queues, each with an interrupt. */
import { EINVAL, EOPNOTSUPP } from '../../uapi/errno.ts'
import * as E from '../../uapi/linux/ethtool_netlink.ts'
import type { ethtool_channels } from '../core/ethtool_ops.ts'
import { IFF_RXFH_CONFIGURED, type net_device } from '../core/netdevice.ts'
import { NLA_U32, policy } from '../netlink/policy.ts'
import { type ethnl_request_ops, ethnl_ops_begin, HEADER, ops_of, updates } from './request.ts'

const no_channels: ethtool_channels = {
  max_rx: 0,
  max_tx: 0,
  max_other: 0,
  max_combined: 0,
  rx_count: 0,
  tx_count: 0,
  other_count: 0,
  combined_count: 0,
}
/** What a driver's get_channels() does not name is 0. */
export function full_channels(channels: Partial<ethtool_channels>): ethtool_channels {
  return { ...no_channels, ...channels }
}
const kinds = [
  ['max_rx', 'rx_count', E.ETHTOOL_A_CHANNELS_RX_MAX, E.ETHTOOL_A_CHANNELS_RX_COUNT],
  ['max_tx', 'tx_count', E.ETHTOOL_A_CHANNELS_TX_MAX, E.ETHTOOL_A_CHANNELS_TX_COUNT],
  ['max_other', 'other_count', E.ETHTOOL_A_CHANNELS_OTHER_MAX, E.ETHTOOL_A_CHANNELS_OTHER_COUNT],
  ['max_combined', 'combined_count', E.ETHTOOL_A_CHANNELS_COMBINED_MAX, E.ETHTOOL_A_CHANNELS_COMBINED_COUNT],
] as const

/** ethtool_get_max_rxfh_channel(): the last ring that a table which the administrator has set names; -1: there is none. */
export function max_rxfh_channel(dev: net_device): number {
  return dev.priv_flags & IFF_RXFH_CONFIGURED ? Math.max(-1, ...(ops_of(dev).get_rxfh?.(dev).indir ?? [])) : -1
}
export const ethnl_channels_request_ops: ethnl_request_ops = {
  name: 'channels',
  get: E.ETHTOOL_MSG.CHANNELS_GET,
  reply: E.ETHTOOL_KMSG.CHANNELS_GET_REPLY,
  set: E.ETHTOOL_MSG.CHANNELS_SET,
  ntf: E.ETHTOOL_KMSG.CHANNELS_NTF,
  header: E.ETHTOOL_A_CHANNELS_HEADER,
  get_policy: policy(E.ETHTOOL_A_CHANNELS, { ETHTOOL_A_CHANNELS_HEADER: HEADER }, { name: 'ethnl_channels_get_policy', maxtype: 1 }),
  set_policy: policy(
    E.ETHTOOL_A_CHANNELS,
    {
      ETHTOOL_A_CHANNELS_HEADER: HEADER,
      ETHTOOL_A_CHANNELS_RX_COUNT: NLA_U32,
      ETHTOOL_A_CHANNELS_TX_COUNT: NLA_U32,
      ETHTOOL_A_CHANNELS_OTHER_COUNT: NLA_U32,
      ETHTOOL_A_CHANNELS_COMBINED_COUNT: NLA_U32,
    },
    { name: 'ethnl_channels_set_policy' },
  ),
  prepare_data({ dev }) {
    const { get_channels } = ops_of(dev)
    if (dev === undefined || get_channels === undefined) return EOPNOTSUPP
    return ethnl_ops_begin(dev) ?? full_channels(get_channels(dev))
  },
  fill_reply(skb, _info, channels: ethtool_channels) {
    for (const [bound, count, bound_attr, count_attr] of kinds) {
      if (channels[bound] === 0) continue
      skb.put(bound_attr, channels[bound])
      skb.put(count_attr, channels[count])
    }
    return undefined
  },
  set_validate: ({ dev }) => (ops_of(dev).get_channels && ops_of(dev).set_channels ? true : EOPNOTSUPP),
  apply({ dev }, req, tb) {
    const { get_channels, set_channels } = ops_of(dev)
    if (dev === undefined || get_channels === undefined) return EOPNOTSUPP
    const channels = full_channels(get_channels(dev))
    const update = new updates(tb)
    const combined = channels.combined_count
    for (const [, count, , attr] of kinds) channels[count] = update.number(attr, channels[count])
    if (!update.changed) return false
    for (const [bound, count, , attr] of kinds)
      if (channels[count] > channels[bound]) return req.extack.fail(EINVAL, 'requested channel count exceeds maximum', tb.at(attr))
    const { combined_count, rx_count, tx_count } = channels
    if (combined_count === 0 && (rx_count === 0 || tx_count === 0)) {
      const one = rx_count === 0 ? E.ETHTOOL_A_CHANNELS_RX_COUNT : E.ETHTOOL_A_CHANNELS_TX_COUNT
      const named = combined !== combined_count ? E.ETHTOOL_A_CHANNELS_COMBINED_COUNT : one
      return req.extack.fail(EINVAL, 'requested channel counts would result in no RX or TX channel being configured', tb.at(named))
    }
    const used = max_rxfh_channel(dev)
    if (used >= combined_count + rx_count)
      return req.extack.fail(EINVAL, `requested channel counts are too low for existing indirection table (${used})`)
    return set_channels?.(dev, channels) ?? true
  },
}
