/** net/ethtool/linkmodes.c: speed, duplex, auto-negotiation and the modes that are offered. */
import type { AttrTable } from '../../lib/attrs.ts'
import { EINVAL, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { SPEED_UNKNOWN } from '../../uapi/linux/ethtool.ts'
import * as E from '../../uapi/linux/ethtool_netlink.ts'
import type { ethtool_link_ksettings } from '../core/ethtool_ops.ts'
import { NLA_NESTED, NLA_U8, NLA_U32, policy, range } from '../netlink/policy.ts'
import { type bitset_kind, ethnl_put_bitset, ethnl_update_bitset } from './bitset.ts'
import { link_mode_names, link_mode_params } from './common.ts'
import { can_set_link, link_ksettings, set_link_ksettings } from './linkinfo.ts'
import { compact_of, type ethnl_context, type ethnl_request_ops, HEADER, updates } from './request.ts'

export const link_modes: bitset_kind = { nbits: link_mode_names.length, names: link_mode_names }
/** MASTER_SLAVE_CFG_MASTER_PREFERRED to _SLAVE_FORCE */
const MASTER_SLAVE_CFGS = [2, 3, 4, 5]
const speed_number = (speed: number) => (speed === SPEED_UNKNOWN ? 0xffffffff : speed)

/** ethnl_auto_linkmodes(): all supported modes that are as asked for; what is no mode of speed (ports, pause) stays. */
function auto_linkmodes(tb: AttrTable, { supported = 0n, advertising = 0n, speed, duplex }: ethtool_link_ksettings): bigint {
  const lanes = tb.get(E.ETHTOOL_A_LINKMODES_LANES)
  const by_speed = tb.has(E.ETHTOOL_A_LINKMODES_SPEED)
  const by_duplex = tb.has(E.ETHTOOL_A_LINKMODES_DUPLEX)
  let modes = 0n
  for (let i = 0; i < link_modes.nbits; i++) {
    const bit = 1n << BigInt(i)
    const mode = link_mode_params(i)
    if (mode === undefined) modes |= advertising & bit
    else if ((!by_speed || mode.speed === speed) && (lanes === undefined || mode.lanes === lanes) && (!by_duplex || mode.duplex === duplex))
      modes |= supported & bit
  }
  return modes
}

function check_linkmodes({ extack }: ethnl_context, tb: AttrTable): Errno | undefined {
  const [cfg, lanes] = [E.ETHTOOL_A_LINKMODES_MASTER_SLAVE_CFG, E.ETHTOOL_A_LINKMODES_LANES]
  if (tb.has(cfg) && !MASTER_SLAVE_CFGS.includes(tb.get(cfg) ?? 0))
    return extack.fail(EOPNOTSUPP, 'master/slave value is invalid', tb.at(cfg))
  const n = tb.get(lanes)
  return n !== undefined && (n & (n - 1)) !== 0 ? extack.fail(EINVAL, 'lanes value is invalid', tb.at(lanes)) : undefined
}
/** What the request changes; undefined: nothing. */
function update_linkmodes(req: ethnl_context, tb: AttrTable, old: ethtool_link_ksettings): ethtool_link_ksettings | undefined | Errno {
  const { extack } = req
  const [cfg, lanes] = [E.ETHTOOL_A_LINKMODES_MASTER_SLAVE_CFG, E.ETHTOOL_A_LINKMODES_LANES]
  if (tb.has(cfg)) return extack.fail(EOPNOTSUPP, 'master/slave configuration not supported by device', tb.at(cfg))
  const update = new updates(tb)
  const autoneg = update.number(E.ETHTOOL_A_LINKMODES_AUTONEG, old.autoneg)
  if (tb.has(lanes) && autoneg === 0) return extack.fail(EOPNOTSUPP, 'lanes configuration not supported by device', tb.at(lanes))
  const before = old.advertising ?? 0n
  const advertising = ethnl_update_bitset(req, tb, E.ETHTOOL_A_LINKMODES_OURS, link_modes, before)
  if (isErrno(advertising)) return advertising
  const speed = update.number(E.ETHTOOL_A_LINKMODES_SPEED, speed_number(old.speed)) | 0
  if (tb.has(lanes)) update.changed = true
  const duplex = update.number(E.ETHTOOL_A_LINKMODES_DUPLEX, old.duplex)
  const settings = { ...old, autoneg, speed, duplex, advertising }
  const asked = tb.has(E.ETHTOOL_A_LINKMODES_SPEED) || tb.has(lanes) || tb.has(E.ETHTOOL_A_LINKMODES_DUPLEX)
  if (!tb.has(E.ETHTOOL_A_LINKMODES_OURS) && autoneg !== 0 && asked) settings.advertising = auto_linkmodes(tb, settings)
  return update.changed || settings.advertising !== before ? settings : undefined
}

export const ethnl_linkmodes_request_ops: ethnl_request_ops = {
  name: 'linkmodes',
  get: E.ETHTOOL_MSG.LINKMODES_GET,
  reply: E.ETHTOOL_KMSG.LINKMODES_GET_REPLY,
  set: E.ETHTOOL_MSG.LINKMODES_SET,
  ntf: E.ETHTOOL_KMSG.LINKMODES_NTF,
  header: E.ETHTOOL_A_LINKMODES_HEADER,
  get_policy: policy(E.ETHTOOL_A_LINKMODES, { ETHTOOL_A_LINKMODES_HEADER: HEADER }, { name: 'ethnl_linkmodes_get_policy', maxtype: 1 }),
  set_policy: policy(
    E.ETHTOOL_A_LINKMODES,
    {
      ETHTOOL_A_LINKMODES_HEADER: HEADER,
      ETHTOOL_A_LINKMODES_AUTONEG: NLA_U8,
      ETHTOOL_A_LINKMODES_OURS: NLA_NESTED(),
      ETHTOOL_A_LINKMODES_SPEED: NLA_U32,
      ETHTOOL_A_LINKMODES_DUPLEX: NLA_U8,
      ETHTOOL_A_LINKMODES_MASTER_SLAVE_CFG: NLA_U8,
      ETHTOOL_A_LINKMODES_LANES: range(NLA_U32, 1, 8),
    },
    { name: 'ethnl_linkmodes_set_policy', maxtype: E.ETHTOOL_A_LINKMODES_LANES.nr },
  ),
  prepare_data: link_ksettings,
  fill_reply(skb, info, { autoneg, advertising = 0n, supported = 0n, lp_advertising = 0n, speed, duplex }: ethtool_link_ksettings) {
    const compact = compact_of(info)
    skb.put(E.ETHTOOL_A_LINKMODES_AUTONEG, autoneg)
    ethnl_put_bitset(skb, E.ETHTOOL_A_LINKMODES_OURS, advertising, supported, link_modes, compact)
    if (lp_advertising !== 0n) ethnl_put_bitset(skb, E.ETHTOOL_A_LINKMODES_PEER, lp_advertising, undefined, link_modes, compact)
    skb.put(E.ETHTOOL_A_LINKMODES_SPEED, speed_number(speed))
    skb.put(E.ETHTOOL_A_LINKMODES_DUPLEX, duplex)
    skb.put(E.ETHTOOL_A_LINKMODES_RATE_MATCHING, 0)
    return undefined
  },
  set_validate: (info, req, tb) => check_linkmodes(req, tb) ?? can_set_link(info),
  apply(info, req, tb) {
    const old = link_ksettings(info, req)
    if (isErrno(old)) return old
    const settings = update_linkmodes(req, tb, old)
    if (isErrno(settings)) return settings
    return settings !== undefined && set_link_ksettings(info, req, settings)
  },
}
