/** net/ethtool/pause.c: flow control by pause frames. */
import { EINVAL, EOPNOTSUPP } from '../../uapi/errno.ts'
import * as E from '../../uapi/linux/ethtool_netlink.ts'
import type { ethtool_pauseparam } from '../core/ethtool_ops.ts'
import { max, NLA_U8, NLA_U32, policy } from '../netlink/policy.ts'
import { type ethnl_request_ops, ethnl_ops_begin, HEADER, HEADER_STATS, ops_of, updates } from './request.ts'

/** ETHTOOL_MAC_STATS_SRC_PMAC */
export const STATS_SRC_MAX = 2

export const ethnl_pause_request_ops: ethnl_request_ops = {
  name: 'pause',
  get: E.ETHTOOL_MSG.PAUSE_GET,
  reply: E.ETHTOOL_KMSG.PAUSE_GET_REPLY,
  set: E.ETHTOOL_MSG.PAUSE_SET,
  ntf: E.ETHTOOL_KMSG.PAUSE_NTF,
  header: E.ETHTOOL_A_PAUSE_HEADER,
  get_policy: policy(
    E.ETHTOOL_A_PAUSE,
    { ETHTOOL_A_PAUSE_HEADER: HEADER_STATS, ETHTOOL_A_PAUSE_STATS_SRC: max(NLA_U32, STATS_SRC_MAX) },
    { name: 'ethnl_pause_get_policy' },
  ),
  set_policy: policy(
    E.ETHTOOL_A_PAUSE,
    {
      ETHTOOL_A_PAUSE_HEADER: HEADER,
      ETHTOOL_A_PAUSE_AUTONEG: NLA_U8,
      ETHTOOL_A_PAUSE_RX: NLA_U8,
      ETHTOOL_A_PAUSE_TX: NLA_U8,
    },
    { name: 'ethnl_pause_set_policy', maxtype: E.ETHTOOL_A_PAUSE_TX.nr },
  ),
  parse_request(req, tb, info) {
    info.data = tb.get(E.ETHTOOL_A_PAUSE_STATS_SRC) ?? 0
    if (!tb.has(E.ETHTOOL_A_PAUSE_STATS_SRC) || (info.flags & E.ETHTOOL_FLAG_STATS) !== 0) return undefined
    return req.extack.fail(EINVAL, 'ethtool: ETHTOOL_FLAG_STATS must be set when requesting a source of stats')
  },
  prepare_data({ dev, data }, req) {
    const { get_pauseparam } = ops_of(dev)
    if (dev === undefined || get_pauseparam === undefined) return EOPNOTSUPP
    const absent = ethnl_ops_begin(dev)
    if (absent !== undefined) return absent
    if (data) return req?.extack.fail(EOPNOTSUPP, 'ethtool: Device does not support MAC merge layer') ?? EOPNOTSUPP
    return get_pauseparam(dev)
  },
  fill_reply(skb, info, { autoneg, rx_pause, tx_pause }: ethtool_pauseparam) {
    skb.put(E.ETHTOOL_A_PAUSE_AUTONEG, autoneg ? 1 : 0)
    skb.put(E.ETHTOOL_A_PAUSE_RX, rx_pause ? 1 : 0)
    skb.put(E.ETHTOOL_A_PAUSE_TX, tx_pause ? 1 : 0)
    if ((info.flags & E.ETHTOOL_FLAG_STATS) === 0) return undefined
    skb.put(E.ETHTOOL_A_PAUSE_STATS_SRC, 0)
    // no driver here counts pause frames
    skb.nestEnd(skb.nest(E.ETHTOOL_A_PAUSE_STATS))
    return undefined
  },
  set_validate: ({ dev }) => (ops_of(dev).get_pauseparam && ops_of(dev).set_pauseparam ? true : EOPNOTSUPP),
  apply({ dev }, _req, tb) {
    const { get_pauseparam, set_pauseparam } = ops_of(dev)
    if (dev === undefined || get_pauseparam === undefined) return EOPNOTSUPP
    const old = get_pauseparam(dev)
    const update = new updates(tb)
    const pause = {
      autoneg: update.bool(E.ETHTOOL_A_PAUSE_AUTONEG, old.autoneg),
      rx_pause: update.bool(E.ETHTOOL_A_PAUSE_RX, old.rx_pause),
      tx_pause: update.bool(E.ETHTOOL_A_PAUSE_TX, old.tx_pause),
    }
    return update.changed && (set_pauseparam?.(dev, pause) ?? true)
  },
}
