/** net/core/dev.c: packet types, the handlers of layer 3 protocols (/proc/net/ptype). */
import type { Kernel } from '../../kernel/kernel.ts'
import { ETH_P_ALL } from '../../uapi/linux/if_ether.ts'
import { netdev_state_of } from './dev_state.ts'
import type { net } from './net_namespace.ts'
import type { net_device } from './netdevice.ts'
import type { sk_buff } from './skbuff.ts'

/** struct packet_type: `func` is an exported function that takes the packet over. */
export class packet_type {
  /** ETH_P_* in host order. */
  readonly type: number
  /** Of this device only. */
  readonly dev: net_device | undefined
  readonly func: (skb: sk_buff, dev: net_device, pt: packet_type, orig_dev: net_device) => number
  /** Of this namespace only (packet sockets). */
  readonly net: net | undefined
  readonly af_packet_priv: unknown
  /** Of taps: it hears what comes in alone (PACKET_IGNORE_OUTGOING). */
  ignore_outgoing = false
  /** Whether a packet of this socket is the tap's own (fanout); an exported function. Else: that of af_packet_priv. */
  id_match: ((pt: packet_type, sk: unknown) => boolean) | undefined = undefined
  constructor(type: number, func: packet_type['func'], dev?: net_device, net?: net, af_packet_priv?: unknown) {
    this.type = type
    this.func = func
    this.dev = dev
    this.net = net
    this.af_packet_priv = af_packet_priv
  }
}

export class packet_types {
  /** Taps: they see every packet. */
  all: packet_type[] = []
  base: packet_type[] = []
}

/** Newest first, as list_add_rcu() has it and /proc/net/ptype shows. */
export function dev_add_pack(kernel: Kernel, pt: packet_type): void {
  const types = netdev_state_of(kernel).ptypes
  if (pt.type === ETH_P_ALL) types.all.unshift(pt)
  else types.base.unshift(pt)
}
export function dev_remove_pack(kernel: Kernel, pt: packet_type): void {
  const types = netdev_state_of(kernel).ptypes
  types.all = types.all.filter((other) => other !== pt)
  types.base = types.base.filter((other) => other !== pt)
}
