/** include/linux/if_vlan.h, net/core/skbuff.c: VLAN tags, in the bytes or beside them. */
import { getBe16, putBe16 } from '../../lib/bytes.ts'
import {
  ETH_ALEN,
  ETH_HLEN,
  ETH_P_8021AD,
  ETH_P_8021Q,
  ETH_P_802_2,
  ETH_P_802_3,
  ETH_P_802_3_MIN,
  ETH_P_IP,
  ETH_P_IPV6,
} from '../../uapi/linux/if_ether.ts'
import { type sk_buff, skb_cow, skb_push } from './skbuff.ts'

export const VLAN_HLEN = 4
export const VLAN_VID_MASK = 0x0fff
export const VLAN_PRIO_SHIFT = 13
export const VLAN_PRIO_MASK = 0xe000

export function eth_type_vlan(protocol: number): boolean {
  return protocol === ETH_P_8021Q || protocol === ETH_P_8021AD
}

export function __vlan_hwaccel_put_tag(skb: sk_buff, vlan_proto: number, vlan_tci: number): void {
  skb.vlan_present = true
  skb.vlan_proto = vlan_proto
  skb.vlan_tci = vlan_tci
}
export function __vlan_hwaccel_clear_tag(skb: sk_buff): void {
  skb.vlan_present = false
}
/** skb_vlan_tag_get_id() */
export function skb_vlan_tag_get_id(skb: sk_buff): number {
  return skb.vlan_tci & VLAN_VID_MASK
}

/** Past the tags that are in the bytes behind `at`: where the header after them is, and of what protocol it is (0: cut off). */
function behind_tags(skb: sk_buff, at: number): { at: number; proto: number } {
  let { protocol: proto } = skb
  for (; eth_type_vlan(proto); at += VLAN_HLEN) proto = at + VLAN_HLEN <= skb.tail ? getBe16(skb.buf, at + 2) : 0
  return { at, proto }
}
/** skb_protocol() and vlan_get_protocol(): of the packet that is sent, behind its tags. */
export function skb_protocol(skb: sk_buff): number {
  return behind_tags(skb, skb.mac_header + ETH_HLEN).proto
}
/** skb_vlan_inet_prepare(): `network_header` behind the Ethernet header (a `raw` packet has none) and its tags; false: a header of IP is cut off. */
export function skb_vlan_inet_prepare(skb: sk_buff, raw: boolean): boolean {
  const { at, proto } = behind_tags(skb, skb.data + (raw ? 0 : ETH_HLEN))
  const nhlen = proto === ETH_P_IP ? 20 : proto === ETH_P_IPV6 ? 40 : 0
  if (at + nhlen > skb.tail) return false
  skb.network_header = at
  return true
}

/** vlan_set_encap_proto(): what the bytes behind a tag are. */
function encapsulated_proto(skb: sk_buff, at: number): number {
  const proto = getBe16(skb.buf, at)
  if (proto >= ETH_P_802_3_MIN) return proto
  return at + 4 <= skb.tail && getBe16(skb.buf, at + 2) === 0xffff ? ETH_P_802_3 : ETH_P_802_2
}

/**
 * skb_vlan_untag(): a received packet's tag moves from the bytes to the side; `data` stands behind the Ethernet header,
 * on the tag. False: too short.
 */
export function skb_vlan_untag(skb: sk_buff): boolean {
  if (skb.vlan_present) return true
  if (skb.len < VLAN_HLEN) return false
  skb_cow(skb, 0)
  __vlan_hwaccel_put_tag(skb, skb.protocol, getBe16(skb.buf, skb.data))
  skb.protocol = encapsulated_proto(skb, skb.data + 2)
  skb.data += VLAN_HLEN
  // the addresses move up to the type behind the tag
  skb.buf.copyWithin(skb.mac_header + VLAN_HLEN, skb.mac_header, skb.data - VLAN_HLEN - 2)
  skb.mac_header += VLAN_HLEN
  skb.network_header = skb.data
  skb.transport_header = skb.data
  skb.mac_len = skb.network_header - skb.mac_header
  return true
}

/** __vlan_insert_tag(): a tag behind the addresses, of a packet whose `data` stands on its Ethernet header. */
export function vlan_insert_tag(skb: sk_buff, vlan_proto: number, vlan_tci: number): void {
  vlan_insert_inner_tag(skb, vlan_proto, vlan_tci, ETH_HLEN)
}
/** __vlan_insert_inner_tag(): behind `mac_len` bytes of headers. */
export function vlan_insert_inner_tag(skb: sk_buff, vlan_proto: number, vlan_tci: number, mac_len: number): void {
  skb_cow(skb, VLAN_HLEN)
  const at = skb_push(skb, VLAN_HLEN)
  const type = at + mac_len - 2
  skb.buf.copyWithin(at, at + VLAN_HLEN, type + VLAN_HLEN)
  if (skb.mac_header >= 0) skb.mac_header -= VLAN_HLEN
  putBe16(skb.buf, type, vlan_proto)
  putBe16(skb.buf, type + 2, vlan_tci)
}
/** __vlan_hwaccel_push_inside(): for a device that cannot insert tags itself. */
export function __vlan_hwaccel_push_inside(skb: sk_buff): void {
  vlan_insert_tag(skb, skb.vlan_proto, skb.vlan_tci)
  skb.protocol = skb.vlan_proto
  __vlan_hwaccel_clear_tag(skb)
}

/** skb_vlan_push(): a new outermost tag; the former one goes into the bytes. `data` stands on the Ethernet header. */
export function skb_vlan_push(skb: sk_buff, vlan_proto: number, vlan_tci: number): void {
  if (skb.vlan_present) {
    vlan_insert_tag(skb, skb.vlan_proto, skb.vlan_tci)
    skb.protocol = skb.vlan_proto
    skb.mac_len += VLAN_HLEN
  }
  __vlan_hwaccel_put_tag(skb, vlan_proto, vlan_tci)
}
/** skb_vlan_pop(): the outermost tag goes; one below it comes to the side. */
export function skb_vlan_pop(skb: sk_buff): void {
  if (skb.vlan_present) __vlan_hwaccel_clear_tag(skb)
  else take_out(skb)
  if (eth_type_vlan(skb.protocol)) {
    const proto = skb.protocol
    const tci = take_out(skb)
    if (tci !== undefined) __vlan_hwaccel_put_tag(skb, proto, tci)
  }
}
/** __skb_vlan_pop(): the tag in the bytes. */
function take_out(skb: sk_buff): number | undefined {
  if (!eth_type_vlan(skb.protocol) || skb.len < ETH_HLEN + VLAN_HLEN) return undefined
  skb_cow(skb, 0)
  const type = skb.data + 2 * ETH_ALEN
  const tci = getBe16(skb.buf, type + 2)
  skb.buf.copyWithin(skb.data + VLAN_HLEN, skb.data, type)
  skb.data += VLAN_HLEN
  if (skb.mac_header >= 0) skb.mac_header += VLAN_HLEN
  skb.protocol = encapsulated_proto(skb, skb.data + 2 * ETH_ALEN)
  return tci
}
