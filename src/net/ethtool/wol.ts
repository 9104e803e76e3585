/** net/ethtool/wol.c: what wakes the machine up. No device here has a password for it. */
import { EINVAL, EOPNOTSUPP, isErrno } from '../../uapi/errno.ts'
import * as E from '../../uapi/linux/ethtool_netlink.ts'
import type { ethtool_wolinfo } from '../core/ethtool_ops.ts'
import { NLA_BINARY, NLA_NESTED, policy } from '../netlink/policy.ts'
import { type bitset_kind, ethnl_put_bitset, ethnl_update_bitset } from './bitset.ts'
import { wol_mode_names } from './common.ts'
import { compact_of, type ethnl_request_ops, ethnl_ops_begin, HEADER, ops_of } from './request.ts'

const wol_modes: bitset_kind = { nbits: wol_mode_names.length, names: wol_mode_names }
const SOPASS_MAX = 6

export const ethnl_wol_request_ops: ethnl_request_ops = {
  name: 'wol',
  get: E.ETHTOOL_MSG.WOL_GET,
  reply: E.ETHTOOL_KMSG.WOL_GET_REPLY,
  set: E.ETHTOOL_MSG.WOL_SET,
  ntf: E.ETHTOOL_KMSG.WOL_NTF,
  admin: true,
  header: E.ETHTOOL_A_WOL_HEADER,
  get_policy: policy(E.ETHTOOL_A_WOL, { ETHTOOL_A_WOL_HEADER: HEADER }, { name: 'ethnl_wol_get_policy', maxtype: 1 }),
  set_policy: policy(
    E.ETHTOOL_A_WOL,
    { ETHTOOL_A_WOL_HEADER: HEADER, ETHTOOL_A_WOL_MODES: NLA_NESTED(), ETHTOOL_A_WOL_SOPASS: NLA_BINARY(SOPASS_MAX) },
    { name: 'ethnl_wol_set_policy' },
  ),
  prepare_data({ dev }) {
    const { get_wol } = ops_of(dev)
    if (dev === undefined || get_wol === undefined) return EOPNOTSUPP
    return ethnl_ops_begin(dev) ?? get_wol(dev)
  },
  fill_reply(skb, info, { wolopts, supported }: ethtool_wolinfo) {
    ethnl_put_bitset(skb, E.ETHTOOL_A_WOL_MODES, BigInt(wolopts), BigInt(supported), wol_modes, compact_of(info))
    return undefined
  },
  set_validate: ({ dev }) => (ops_of(dev).get_wol && ops_of(dev).set_wol ? true : EOPNOTSUPP),
  apply({ dev }, req, tb) {
    const { get_wol, set_wol } = ops_of(dev)
    if (dev === undefined || get_wol === undefined) return EOPNOTSUPP
    const wol = get_wol(dev)
    const modes = ethnl_update_bitset(req, tb, E.ETHTOOL_A_WOL_MODES, wol_modes, BigInt(wol.wolopts))
    if (isErrno(modes)) return modes
    if (Number(modes) & ~wol.supported) return req.extack.fail(EINVAL, 'cannot enable unsupported WoL mode', tb.at(E.ETHTOOL_A_WOL_MODES))
    if (tb.has(E.ETHTOOL_A_WOL_SOPASS))
      return req.extack.fail(EINVAL, 'magicsecure not supported, cannot set password', tb.at(E.ETHTOOL_A_WOL_SOPASS))
    if (Number(modes) === wol.wolopts) return false
    return set_wol?.(dev, { ...wol, wolopts: Number(modes) }) ?? true
  },
}
