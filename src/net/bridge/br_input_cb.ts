/** net/bridge/br_private.h struct br_input_skb_cb: what the bridge keeps with a frame. */
import type { sk_buff } from '../core/skbuff.ts'

export class br_input_skb_cb {
  vlan_filtered = false
  src_port_isolated = false
  /** Answered for a neighbour: not for ports that suppress such frames. */
  proxyarp_replied = false
  igmp = 0
  /** The nexthop group that a tunnel sends to, in place of a port that is down; 0: none. */
  backup_nhid = 0
}
export function br_skb_cb(skb: sk_buff): br_input_skb_cb {
  if (!(skb.cb instanceof br_input_skb_cb)) skb.cb = new br_input_skb_cb()
  return skb.cb
}
