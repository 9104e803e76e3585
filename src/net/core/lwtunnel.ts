/**
 * net/core/lwtunnel.c: encapsulations that a route or nexthop brings along. Rooms register how theirs are read; what is
 * read is kept as the attributes that it shows.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { request_module } from '../../kernel/kmod.ts'
import type { Bytes } from '../../lib/bytes.ts'
import { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, EOPNOTSUPP, type Errno } from '../../uapi/errno.ts'
import { LWTUNNEL_ENCAP_MAX, LWTUNNEL_ENCAP_MPLS, LWTUNNEL_ENCAP_NONE } from '../../uapi/linux/lwtunnel.ts'
import { RTA_ENCAP, RTA_ENCAP_TYPE } from '../../uapi/linux/rtnetlink.ts'
import type { ParseContext } from '../netlink/attr.ts'
import { netlink_ext_ack } from '../netlink/extack.ts'
import type { net } from './net_namespace.ts'
import type { sk_buff } from './skbuff.ts'

/** struct lwtunnel_state */
export class lwtunnel_state {
  readonly type: number
  /** The attributes inside RTA_ENCAP. */
  readonly encap: Uint8Array
  constructor(type: number, encap: Uint8Array) {
    this.type = type
    this.encap = encap
  }
}

/** What reading an encapsulation may look at. */
export type lwtunnel_request = ParseContext & { readonly net: net }
/** struct lwtunnel_encap_ops: an exported constant. build_state reads RTA_ENCAP, whose header is at `at`, and writes what it keeps. */
export interface lwtunnel_encap_ops {
  readonly name: string
  readonly build_state: (req: lwtunnel_request, at: number, family: number, out: MessageBuilder) => Errno | undefined
  /** Bytes that it puts before a packet; the path's MTU is less by them. */
  readonly headroom?: (state: lwtunnel_state) => number
  /** Instead of the neighbour, at the end of a packet's way through IP (LWTUNNEL_STATE_XMIT_REDIRECT). */
  readonly xmit?: (skb: sk_buff, state: lwtunnel_state) => number | Errno
  /** Instead of the output of a packet of ours, and of one that has come in (…_OUTPUT_REDIRECT, …_INPUT_REDIRECT). */
  readonly output?: (skb: sk_buff, state: lwtunnel_state) => number | Errno
  readonly input?: (skb: sk_buff, state: lwtunnel_state) => number
  /** Where not all of this type do the same: those of this one. */
  readonly of_state?: (state: lwtunnel_state) => lwtunnel_encap_ops
}
/** What an encapsulation does with packets. */
export function lwtunnel_ops_of(kernel: Kernel, state: lwtunnel_state): lwtunnel_encap_ops | undefined {
  const ops = kernel.rtnl.lwtun_encaps[state.type]
  return ops?.of_state?.(state) ?? ops
}
/** lwtunnel_headroom() */
export function lwtunnel_headroom(kernel: Kernel, state: lwtunnel_state | undefined, mtu: number): number {
  const headroom = (state && lwtunnel_ops_of(kernel, state)?.headroom?.(state)) ?? 0
  return headroom < mtu ? headroom : 0
}
export function lwtunnel_encap_add_ops(kernel: Kernel, ops: lwtunnel_encap_ops, type: number): void {
  kernel.rtnl.lwtun_encaps[type] = ops
}

/** One that comes as a module is loaded when it is first asked for. */
function ops_of({ kernel }: net, type: number): lwtunnel_encap_ops | undefined {
  if (type === LWTUNNEL_ENCAP_MPLS && kernel.rtnl.lwtun_encaps[type] === undefined) request_module(kernel, 'rtnl-lwt-MPLS')
  return kernel.rtnl.lwtun_encaps[type]
}
/** lwtunnel_valid_encap_type(): whether Debian's kernel has this encapsulation. */
export function lwtunnel_valid_encap_type(net: net, type: number, extack: netlink_ext_ack | undefined): Errno | undefined {
  if (type === LWTUNNEL_ENCAP_NONE || type > LWTUNNEL_ENCAP_MAX) return extack?.fail(EINVAL, 'Unknown lwt encapsulation type') ?? EINVAL
  if (ops_of(net, type) !== undefined) return undefined
  net.kernel.unsupported.count('rtnetlink', `RTA_ENCAP_TYPE ${type}`)
  return extack?.fail(EOPNOTSUPP, 'lwt encapsulation type not supported') ?? EOPNOTSUPP
}

/** Reads an encapsulation. `at`: header of RTA_ENCAP in `buf`. */
export function lwtunnel_build_state(
  net: net,
  type: number,
  buf: Bytes,
  at: number,
  family: number,
  extack: netlink_ext_ack | undefined,
): lwtunnel_state | Errno {
  if (type === LWTUNNEL_ENCAP_NONE || type > LWTUNNEL_ENCAP_MAX) {
    return extack?.fail(EINVAL, 'Unknown LWT encapsulation type', at) ?? EINVAL
  }
  const ops = ops_of(net, type)
  if (ops === undefined) return extack?.fail(EOPNOTSUPP, 'LWT encapsulation type not supported', at) ?? EOPNOTSUPP
  const out = new MessageBuilder(undefined, 64)
  const error = ops.build_state({ buf, pool: net.kernel.nla_pool, extack: extack ?? new netlink_ext_ack(), net }, at, family, out)
  return error ?? new lwtunnel_state(type, out.bytes().slice())
}

/** True: the same encapsulation, or none on both sides. */
export function lwtunnel_cmp_encap(a: lwtunnel_state | undefined, b: lwtunnel_state | undefined): boolean {
  if (a === b) return true
  if (a === undefined || b === undefined || a.type !== b.type || a.encap.length !== b.encap.length) return false
  return a.encap.every((v, i) => v === b.encap[i])
}

/** lwtunnel_fill_encap(): nothing without one. The numbers differ for nexthop objects. */
export function lwtunnel_fill_encap(
  skb: MessageBuilder,
  state: lwtunnel_state | undefined,
  encap_attr: number = RTA_ENCAP.nr,
  type_attr: number = RTA_ENCAP_TYPE.nr,
): void {
  if (state === undefined) return
  skb.putBytes(encap_attr, state.encap)
  const o = skb.reserve(type_attr, 2)
  if (o >= 0) skb.buf[o] = state.type
}
