/** net/ethtool/stats.c: counters by the names of standards. No driver here has any: a group that is asked for is empty. */
import { EINVAL, EOPNOTSUPP, isErrno } from '../../uapi/errno.ts'
import { ETH_SS_STATS_ETH_PHY } from '../../uapi/linux/ethtool.ts'
import * as E from '../../uapi/linux/ethtool_netlink.ts'
import { max, NLA_NESTED, NLA_U32, policy } from '../netlink/policy.ts'
import { ethnl_update_bitset } from './bitset.ts'
import { stats_std_names } from './common.ts'
import { STATS_SRC_MAX } from './pause.ts'
import { type ethnl_request_ops, ethnl_ops_begin, HEADER } from './request.ts'

export const ethnl_stats_request_ops: ethnl_request_ops = {
  name: 'stats',
  get: E.ETHTOOL_MSG.STATS_GET,
  reply: E.ETHTOOL_KMSG.STATS_GET_REPLY,
  header: E.ETHTOOL_A_STATS_HEADER,
  get_policy: policy(
    E.ETHTOOL_A_STATS,
    { ETHTOOL_A_STATS_HEADER: HEADER, ETHTOOL_A_STATS_GROUPS: NLA_NESTED(), ETHTOOL_A_STATS_SRC: max(NLA_U32, STATS_SRC_MAX) },
    { name: 'ethnl_stats_get_policy' },
  ),
  parse_request(req, tb, info) {
    const kind = { nbits: stats_std_names.length, names: stats_std_names }
    const groups = ethnl_update_bitset(req, tb, E.ETHTOOL_A_STATS_GROUPS, kind, 0n)
    if (isErrno(groups)) return groups
    if (groups === 0n) return req.extack.fail(EINVAL, 'no stats requested')
    info.data = { groups: Number(groups), src: tb.get(E.ETHTOOL_A_STATS_SRC) ?? 0 }
    return undefined
  },
  prepare_data({ dev, data }, req) {
    const absent = ethnl_ops_begin(dev)
    if (absent !== undefined || data.src === 0) return absent
    return req?.extack.fail(EOPNOTSUPP, 'ethtool: Device does not support MAC merge layer') ?? EOPNOTSUPP
  },
  fill_reply(skb, { data }) {
    skb.put(E.ETHTOOL_A_STATS_SRC, data.src)
    for (let id = 0; id < stats_std_names.length; id++) {
      if ((data.groups & (1 << id)) === 0) continue
      const nest = skb.nest(E.ETHTOOL_A_STATS_GRP)
      skb.put(E.ETHTOOL_A_STATS_GRP_ID, id)
      skb.put(E.ETHTOOL_A_STATS_GRP_SS_ID, ETH_SS_STATS_ETH_PHY + id)
      skb.nestEnd(nest)
    }
    return undefined
  },
}
