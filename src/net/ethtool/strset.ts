/** net/ethtool/strset.c: lists of names: of features, link modes, counters … */
import { NLA_HDRLEN } from '../../lib/attrs.ts'
import { get16 } from '../../lib/bytes.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { ETH_SS_COUNT, ETH_SS_PHY_STATS, ETH_SS_PRIV_FLAGS, ETH_SS_STATS, ETH_SS_TEST } from '../../uapi/linux/ethtool.ts'
import * as E from '../../uapi/linux/ethtool_netlink.ts'
import { NL_VALIDATE_STRICT, nla_parse_nested_at, nla_validate_at } from '../netlink/attr.ts'
import { NLA_FLAG, NLA_NESTED, NLA_U32, policy } from '../netlink/policy.ts'
import { common_string_sets } from './common.ts'
import { type ethnl_context, type ethnl_req_info, type ethnl_request_ops, ethnl_ops_begin, HEADER_PHY, ops_of } from './request.ts'

const per_device = new Set([ETH_SS_TEST, ETH_SS_STATS, ETH_SS_PRIV_FLAGS, ETH_SS_PHY_STATS])
const stringset_policy = policy(E.ETHTOOL_A_STRINGSET, { ETHTOOL_A_STRINGSET_ID: NLA_U32 }, { name: 'get_stringset_policy', maxtype: 1 })
const stringsets_policy = policy(
  E.ETHTOOL_A_STRINGSETS,
  { ETHTOOL_A_STRINGSETS_STRINGSET: NLA_NESTED() },
  { name: 'strset_stringsets_policy' },
)
/** Which sets: undefined for all of the device, or all that belong to none. */
interface strset_request {
  ids: number | undefined
  counts_only: boolean
}

/** The sets that the nest at `nest` names, as a mask. */
function requested(req: ethnl_context, nest: number): number | Errno {
  const { buf, extack } = req
  const end = nest + get16(buf, nest)
  const bad = nla_validate_at(req, nest + NLA_HDRLEN, end, stringsets_policy, NL_VALIDATE_STRICT)
  if (bad !== undefined) return bad
  let ids = 0
  for (let at = nest + NLA_HDRLEN; end - at >= NLA_HDRLEN && get16(buf, at) >= NLA_HDRLEN; at += (get16(buf, at) + 3) & ~3) {
    const tb = nla_parse_nested_at(req, at, stringset_policy)
    if (isErrno(tb)) return tb
    const id = tb.get(E.ETHTOOL_A_STRINGSET_ID)
    if (id === undefined) return extack.missing(EINVAL, E.ETHTOOL_A_STRINGSET_ID.nr, at)
    if (id >= ETH_SS_COUNT) return extack.fail(EOPNOTSUPP, 'unknown string set id', at)
    ids |= 1 << id
  }
  return ids
}

function included({ dev, data }: ethnl_req_info, id: number): boolean {
  const { ids } = data as strset_request
  if (ids) return (ids & (1 << id)) !== 0
  const own = per_device.has(id)
  return (own || common_string_sets.has(id)) && (dev === undefined ? !own : own)
}
function strings_of({ dev }: ethnl_req_info, id: number): readonly string[] | undefined {
  if (!per_device.has(id)) return common_string_sets.get(id)
  return (dev && ops_of(dev).get_strings?.(dev, id)) ?? []
}
function fill_set(skb: MessageBuilder, id: number, strings: readonly string[], counts_only: boolean): void {
  const set = skb.nest(E.ETHTOOL_A_STRINGSETS_STRINGSET)
  skb.put(E.ETHTOOL_A_STRINGSET_ID, id)
  skb.put(E.ETHTOOL_A_STRINGSET_COUNT, strings.length)
  if (!counts_only) {
    const list = skb.nest(E.ETHTOOL_A_STRINGSET_STRINGS)
    for (const [index, text] of strings.entries()) {
      const one = skb.nest(E.ETHTOOL_A_STRINGS_STRING)
      skb.put(E.ETHTOOL_A_STRING_INDEX, index)
      skb.put(E.ETHTOOL_A_STRING_VALUE, text)
      skb.nestEnd(one)
    }
    skb.nestEnd(list)
  }
  skb.nestEnd(set)
}

export const ethnl_strset_request_ops: ethnl_request_ops = {
  name: 'strset',
  get: E.ETHTOOL_MSG.STRSET_GET,
  reply: E.ETHTOOL_KMSG.STRSET_GET_REPLY,
  header: E.ETHTOOL_A_STRSET_HEADER,
  allow_nodev_do: true,
  get_policy: policy(
    E.ETHTOOL_A_STRSET,
    { ETHTOOL_A_STRSET_HEADER: HEADER_PHY, ETHTOOL_A_STRSET_STRINGSETS: NLA_NESTED(), ETHTOOL_A_STRSET_COUNTS_ONLY: NLA_FLAG },
    { name: 'ethnl_strset_get_policy' },
  ),
  parse_request(req, tb, info) {
    info.data = { ids: undefined, counts_only: false } satisfies strset_request
    const nest = tb.at(E.ETHTOOL_A_STRSET_STRINGSETS)
    if (nest === 0) return undefined
    const ids = requested(req, nest)
    if (isErrno(ids)) return ids
    info.data = { ids, counts_only: tb.has(E.ETHTOOL_A_STRSET_COUNTS_ONLY) } satisfies strset_request
    return undefined
  },
  prepare_data(info, req) {
    if (info.dev !== undefined) return ethnl_ops_begin(info.dev)
    const { ids } = info.data as strset_request
    for (const id of per_device)
      if (ids !== undefined && ids & (1 << id)) return req?.extack.fail(EINVAL, 'requested per device strings without dev')
    return undefined
  },
  fill_reply(skb, info) {
    const nest = skb.nest(E.ETHTOOL_A_STRSET_STRINGSETS)
    for (let id = 0; id < ETH_SS_COUNT; id++) {
      if (!included(info, id)) continue
      const strings = strings_of(info, id)
      if (strings === undefined) return EOPNOTSUPP
      if (strings.length > 0) fill_set(skb, id, strings, (info.data as strset_request).counts_only)
    }
    skb.nestEnd(nest)
    return undefined
  },
}
