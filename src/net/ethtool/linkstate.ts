/** net/ethtool/linkstate.c: whether there is a link. What a managed PHY would add (signal quality) no device here has. */
import * as E from '../../uapi/linux/ethtool_netlink.ts'
import { netif_running } from '../core/link_watch.ts'
import type { net_device } from '../core/netdevice.ts'
import { policy } from '../netlink/policy.ts'
import { type ethnl_request_ops, ethnl_ops_begin, HEADER_STATS, ops_of } from './request.ts'

/** common.c __ethtool_get_link(); undefined: EOPNOTSUPP. */
export function __ethtool_get_link(dev: net_device): boolean | undefined {
  const { get_link } = ops_of(dev)
  return get_link && netif_running(dev) && get_link(dev)
}

export const ethnl_linkstate_request_ops: ethnl_request_ops = {
  name: 'linkstate',
  get: E.ETHTOOL_MSG.LINKSTATE_GET,
  reply: E.ETHTOOL_KMSG.LINKSTATE_GET_REPLY,
  header: E.ETHTOOL_A_LINKSTATE_HEADER,
  get_policy: policy(
    E.ETHTOOL_A_LINKSTATE,
    { ETHTOOL_A_LINKSTATE_HEADER: HEADER_STATS },
    { name: 'ethnl_linkstate_get_policy', maxtype: 1 },
  ),
  prepare_data: ({ dev }) => ethnl_ops_begin(dev) ?? { link: dev && __ethtool_get_link(dev) },
  fill_reply(skb, _info, { link }: { link: boolean | undefined }) {
    if (link !== undefined) skb.put(E.ETHTOOL_A_LINKSTATE_LINK, link ? 1 : 0)
    return undefined
  },
}
