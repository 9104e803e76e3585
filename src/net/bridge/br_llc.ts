/** net/llc/llc_input.c: frames with a length for a type. The module comes with the first bridge; BPDUs are taken before it. */
import type { Kernel } from '../../kernel/kernel.ts'
import { ETH_P_802_2 } from '../../uapi/linux/if_ether.ts'
import { dev_add_pack, packet_type } from '../core/dev_ptype.ts'
import { NET_RX_SUCCESS } from '../core/dev_receive.ts'
import { consume_skb, type sk_buff } from '../core/skbuff.ts'

/** Nobody is behind any service access point. */
export function llc_rcv(skb: sk_buff): number {
  consume_skb(skb)
  return NET_RX_SUCCESS
}
export function llc_init(kernel: Kernel): void {
  if (kernel.netdev.ptypes.base.some((pt) => pt.func === llc_rcv)) return
  dev_add_pack(kernel, new packet_type(ETH_P_802_2, llc_rcv))
}
