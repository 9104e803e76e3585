/** net/ethtool/rss.c: how flows are spread over receive queues. There are no contexts beside the device's own. */
import { put32 } from '../../lib/bytes.ts'
import { EINVAL, EOPNOTSUPP } from '../../uapi/errno.ts'
import * as E from '../../uapi/linux/ethtool_netlink.ts'
import type { ethtool_rxfh } from '../core/ethtool_ops.ts'
import { NLA_U32, policy } from '../netlink/policy.ts'
import { type ethnl_request_ops, ethnl_ops_begin, HEADER, ops_of } from './request.ts'

export const ethnl_rss_request_ops: ethnl_request_ops = {
  name: 'rss',
  get: E.ETHTOOL_MSG.RSS_GET,
  reply: E.ETHTOOL_KMSG.RSS_GET_REPLY,
  header: E.ETHTOOL_A_RSS_HEADER,
  get_policy: policy(
    E.ETHTOOL_A_RSS,
    { ETHTOOL_A_RSS_HEADER: HEADER, ETHTOOL_A_RSS_CONTEXT: NLA_U32, ETHTOOL_A_RSS_START_CONTEXT: NLA_U32 },
    { name: 'ethnl_rss_get_policy' },
  ),
  parse_request(req, tb, info) {
    info.data = tb.get(E.ETHTOOL_A_RSS_CONTEXT) ?? 0
    const start = tb.at(E.ETHTOOL_A_RSS_START_CONTEXT)
    return start === 0 ? undefined : req.extack.badAttr(EINVAL, start)
  },
  prepare_data({ dev, data }) {
    const { get_rxfh } = ops_of(dev)
    if (dev === undefined || get_rxfh === undefined || data) return EOPNOTSUPP
    return ethnl_ops_begin(dev) ?? get_rxfh(dev)
  },
  fill_reply(skb, _info, { hfunc, indir, key }: ethtool_rxfh) {
    if (indir.length > 0) {
      const o = skb.reserve(E.ETHTOOL_A_RSS_INDIR.nr, 4 * indir.length)
      if (o >= 0) for (const [i, queue] of indir.entries()) put32(skb.buf, o + 4 * i, queue)
    }
    if (hfunc !== 0) skb.put(E.ETHTOOL_A_RSS_HFUNC, hfunc)
    if (key.length > 0) skb.put(E.ETHTOOL_A_RSS_HKEY, key)
    return undefined
  },
}
