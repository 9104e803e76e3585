/** net/core/neighbour.c neigh_resolve_output, neigh_connected_output: packets on their way through a neighbour's entry. */
import { ENOMEM, type Errno } from '../../uapi/errno.ts'
import { dev_queue_xmit } from './dev_xmit.ts'
import { type neighbour, NUD_CONNECTED } from './neighbour.ts'
import { neigh_event_send } from './neighbour_nud.ts'
import { kfree_skb, type sk_buff, skb_cow, skb_pull } from './skbuff.ts'
import type { net_device } from './netdevice.ts'

/** The link layer's header in front of the packet; its length, negative when the link cannot name the destination. */
export function dev_hard_header(
  skb: sk_buff,
  dev: net_device,
  type: number,
  daddr: Uint8Array | undefined,
  saddr: Uint8Array | undefined,
  len: number,
): number {
  return dev.header_ops?.create?.(skb, dev, type, daddr, saddr, len) ?? 0
}

/** What was tried before (a packet that waited) is taken off first. */
function to_network_header(skb: sk_buff): void {
  if (skb.network_header > skb.data) skb_pull(skb, skb.network_header - skb.data)
}
function send(n: neighbour, skb: sk_buff): number | Errno {
  to_network_header(skb)
  skb_cow(skb, n.dev.hard_header_len)
  if (dev_hard_header(skb, n.dev, skb.protocol, n.ha, undefined, skb.len) < 0) {
    kfree_skb(skb)
    return ENOMEM
  }
  return dev_queue_xmit(skb)
}

/** The entry is used; a packet whose address is not known waits with it. */
export function neigh_resolve_output(n: neighbour, skb: sk_buff): number | Errno {
  if (neigh_event_send(n, skb)) return 0
  // from now on the header is at hand (neigh_hh_init)
  if (n.dev.header_ops?.cache) n.hh = true
  return send(n, skb)
}
/** Known and certain: it goes without a note of the use. */
export function neigh_connected_output(n: neighbour, skb: sk_buff): number | Errno {
  return send(n, skb)
}
/** Links that need no address. */
export function neigh_direct_output(_n: neighbour, skb: sk_buff): number | Errno {
  return dev_queue_xmit(skb)
}

/** neigh_output(): with a header at hand a connected entry is not even noted as used. */
export function neigh_output(n: neighbour, skb: sk_buff): number | Errno {
  if (n.dev.header_ops === undefined) return neigh_direct_output(n, skb)
  if (n.nud_state & NUD_CONNECTED && (n.hh || !n.dev.header_ops.cache)) return neigh_connected_output(n, skb)
  return neigh_resolve_output(n, skb)
}
