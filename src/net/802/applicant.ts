/** net/802/garp.c, mrp.c: what applicants of both protocols have alike: attributes in order, and the frame that is being filled. */
import { putBe16 } from '../../lib/bytes.ts'
import { ETH_ALEN, ETH_HLEN } from '../../uapi/linux/if_ether.ts'
import { dev_queue_xmit } from '../core/dev_xmit.ts'
import type { net_device } from '../core/netdevice.ts'
import { dev_alloc_skb, skb_put } from '../core/skbuff.ts'

/** struct garp_attr, struct mrp_attr: something declared: its type and value. */
export class applicant_attr<State extends string> {
  state: State
  readonly type: number
  readonly value: Uint8Array
  constructor(state: State, type: number, value: Uint8Array) {
    this.state = state
    this.type = type
    this.value = value
  }
}
/** Attributes are kept, and told, by type, length and value. */
export function attr_cmp(attr: applicant_attr<string>, type: number, value: Uint8Array): number {
  const differs = value.findIndex((byte, i) => byte !== attr.value[i])
  return attr.type - type || attr.value.length - value.length || (differs < 0 ? 0 : attr.value[differs] - value[differs])
}
export function attr_lookup<S extends string>(
  attrs: readonly applicant_attr<S>[],
  type: number,
  value: Uint8Array,
): applicant_attr<S> | undefined {
  return attrs.find((attr) => attr_cmp(attr, type, value) === 0)
}
/** The attribute, made (in its first state) and put in order where there is none. */
export function attr_create<S extends string>(attrs: applicant_attr<S>[], type: number, value: Uint8Array, first: S): applicant_attr<S> {
  const known = attr_lookup(attrs, type, value)
  if (known !== undefined) return known
  const made = new applicant_attr(first, type, value.slice())
  const at = attrs.findIndex((attr) => attr_cmp(attr, type, value) > 0)
  attrs.splice(at < 0 ? attrs.length : at, 0, made)
  return made
}
export function attr_destroy<S extends string>(attrs: applicant_attr<S>[], attr: applicant_attr<S>): void {
  attrs.splice(attrs.indexOf(attr), 1)
}

/** A frame's contents under way: bytes, up to what the device takes. */
export class applicant_pdu {
  readonly room: number
  bytes: number[] = []
  constructor(dev: net_device, header: number) {
    this.room = dev.mtu - header
  }
  /** False: full. */
  append(...more: number[]): boolean {
    if (this.bytes.length + more.length > this.room) return false
    this.bytes.push(...more)
    return true
  }
}
/** Sends a frame to the group of an application; `type` is its type, or the length of an LLC frame. */
export function applicant_xmit(dev: net_device, group: Uint8Array, type: number, protocol: number, body: readonly number[]): void {
  const skb = dev_alloc_skb(dev, ETH_HLEN + body.length)
  const at = skb_put(skb, ETH_HLEN + body.length)
  skb.buf.set(group, at)
  skb.buf.set(dev.dev_addr.subarray(0, ETH_ALEN), at + ETH_ALEN)
  putBe16(skb.buf, at + 2 * ETH_ALEN, type)
  skb.buf.set(body, at + ETH_HLEN)
  skb.protocol = protocol
  skb.mac_header = at
  skb.network_header = at + ETH_HLEN
  dev_queue_xmit(skb)
}
