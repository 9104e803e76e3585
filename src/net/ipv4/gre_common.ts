/** include/net/gre.h: what GRE over IPv4 and over IPv6 share: flags, header lengths, erspan's numbers and their checks. */
import type { AttrTable } from '../../lib/attrs.ts'
import { EINVAL, type Errno } from '../../uapi/errno.ts'
import * as U from '../../uapi/linux/if_tunnel.ts'
import * as F from '../core/netdev_features_bits.ts'
import { NLA_FLAG, NLA_UNSPEC, NLA_U8, NLA_U16, NLA_U32 } from '../netlink/policy.ts'

export const GRE_FEATURES = F.NETIF_F_SG | F.NETIF_F_FRAGLIST | F.NETIF_F_HIGHDMA | F.NETIF_F_HW_CSUM
export const ERSPAN_INDEX_MASK = 0xfffff
export const ERSPAN_ID_MASK = 0x3ff
const ERSPAN_DIR_MAX = 1
const ERSPAN_HWID_MAX = 0x3f

/** gre_flags_to_tnl_flags() and back: the bits that a tunnel keeps. */
export function gre_known_flags(flags: number): number {
  const rec = flags & U.GRE_REC ? U.GRE_REC : 0
  return (flags & (U.GRE_CSUM | U.GRE_ROUTING | U.GRE_KEY | U.GRE_SEQ | U.GRE_STRICT | U.GRE_VERSION)) | rec
}
/** gre_calc_hlen() */
export function gre_calc_hlen(o_flags: number): number {
  let hlen = 4
  for (const flag of [U.GRE_CSUM, U.GRE_KEY, U.GRE_SEQ]) if (o_flags & flag) hlen += 4
  return hlen
}
/** erspan_hdr_len(): with the metadata of the version. */
export function erspan_hdr_len(version: number): number {
  return version === 0 ? 0 : version === 1 ? 8 : 12
}

/** Flags of both directions that a request names. */
export function gre_request_flags(data: AttrTable): number {
  return (data.get(U.IFLA_GRE_IFLAGS) ?? 0) | (data.get(U.IFLA_GRE_OFLAGS) ?? 0)
}
/** Neither versions nor source routing. */
export function gre_flags_valid(data: AttrTable): Errno | undefined {
  return gre_request_flags(data) & (U.GRE_VERSION | U.GRE_ROUTING) ? EINVAL : undefined
}
/** erspan has a sequence number and a key, no more; the session's id has ten bits. */
export function erspan_keys_valid(data: AttrTable): Errno | undefined {
  if (!data.has(U.IFLA_GRE_COLLECT_METADATA) && gre_request_flags(data) !== (U.GRE_SEQ | U.GRE_KEY)) return EINVAL
  const keys = (data.get(U.IFLA_GRE_IKEY) ?? 0) | (data.get(U.IFLA_GRE_OKEY) ?? 0)
  return (keys & ~ERSPAN_ID_MASK) !== 0 ? EINVAL : undefined
}

/** Version and what it brings. */
export interface erspan_fields {
  erspan_ver: number
  index: number
  dir: number
  hwid: number
}
/** Takes over what the version has; the bounds of the numbers hold for the fields of that version only. */
export function erspan_from_request(t: erspan_fields, data: AttrTable): Errno | undefined {
  if (t.erspan_ver === 1) {
    t.index = data.get(U.IFLA_GRE_ERSPAN_INDEX) ?? t.index
    return (t.index & ~ERSPAN_INDEX_MASK) !== 0 ? EINVAL : undefined
  }
  if (t.erspan_ver !== 2) return undefined
  t.dir = data.get(U.IFLA_GRE_ERSPAN_DIR) ?? t.dir
  t.hwid = data.get(U.IFLA_GRE_ERSPAN_HWID) ?? t.hwid
  return t.dir > ERSPAN_DIR_MAX || t.hwid > ERSPAN_HWID_MAX ? EINVAL : undefined
}

/** The entries that the policies of gre and ip6gre share; addresses and the IPv6 header's fields are each kind's own. */
export const gre_policy_entries = {
  IFLA_GRE_LINK: NLA_U32,
  IFLA_GRE_IFLAGS: NLA_U16,
  IFLA_GRE_OFLAGS: NLA_U16,
  IFLA_GRE_IKEY: NLA_U32,
  IFLA_GRE_OKEY: NLA_U32,
  IFLA_GRE_TTL: NLA_U8,
  IFLA_GRE_ENCAP_TYPE: NLA_U16,
  IFLA_GRE_ENCAP_FLAGS: NLA_U16,
  IFLA_GRE_ENCAP_SPORT: NLA_U16,
  IFLA_GRE_ENCAP_DPORT: NLA_U16,
  IFLA_GRE_COLLECT_METADATA: NLA_FLAG,
  IFLA_GRE_FWMARK: NLA_U32,
  IFLA_GRE_ERSPAN_INDEX: NLA_U32,
  IFLA_GRE_ERSPAN_VER: NLA_U8,
  IFLA_GRE_ERSPAN_DIR: NLA_U8,
  IFLA_GRE_ERSPAN_HWID: NLA_U16,
}
export function gre_addresses(size: number) {
  return { IFLA_GRE_LOCAL: NLA_UNSPEC(size), IFLA_GRE_REMOTE: NLA_UNSPEC(size) }
}
