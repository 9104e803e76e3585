/** net/bridge/br_forward.c br_dev_queue_push_xmit: a frame leaves by a port. */
import { ETH_HLEN } from '../../uapi/linux/if_ether.ts'
import { is_skb_forwardable } from '../core/dev_receive.ts'
import { dev_queue_xmit } from '../core/dev_xmit.ts'
import { __vlan_hwaccel_put_tag } from '../core/skb_vlan.ts'
import { kfree_skb, type sk_buff, skb_push } from '../core/skbuff.ts'
import type { net_bridge_port, net_bridge_vlan } from './br_private.ts'

/** `data` stands behind the link header; skb.dev is the port's device. */
export function br_dev_queue_push_xmit(skb: sk_buff): void {
  skb_push(skb, ETH_HLEN)
  if (skb.dev === undefined || !is_skb_forwardable(skb.dev, skb)) kfree_skb(skb)
  else dev_queue_xmit(skb)
}
/** What the bridge itself has to say on a port, in a VLAN if so. `data` at the link header. */
export function br_port_send(port: net_bridge_port, skb: sk_buff, vlan: net_bridge_vlan | undefined): void {
  skb.dev = port.dev
  if (vlan !== undefined && !vlan.untagged) __vlan_hwaccel_put_tag(skb, port.br.vlan_proto, vlan.vid)
  dev_queue_xmit(skb)
}
