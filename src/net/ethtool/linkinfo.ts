/** net/ethtool/linkinfo.c: port, PHY address and crossing of the cable. */
import { EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import * as E from '../../uapi/linux/ethtool_netlink.ts'
import type { ethtool_link_ksettings } from '../core/ethtool_ops.ts'
import { NLA_U8, policy } from '../netlink/policy.ts'
import { type ethnl_context, type ethnl_req_info, type ethnl_request_ops, ethnl_ops_begin, HEADER, ops_of, updates } from './request.ts'

/** __ethtool_get_link_ksettings(), and the word that goes with its failure. */
export function link_ksettings(info: ethnl_req_info, req: ethnl_context | undefined): ethtool_link_ksettings | Errno {
  const { dev } = info
  const absent = ethnl_ops_begin(dev)
  if (dev === undefined || absent !== undefined) return absent ?? EOPNOTSUPP
  const settings = ops_of(dev).get_link_ksettings?.(dev) ?? EOPNOTSUPP
  if (!isErrno(settings)) return settings
  return req?.extack.fail(settings, 'failed to retrieve link settings') ?? settings
}
/** The driver's word on new settings. */
export function set_link_ksettings(info: ethnl_req_info, req: ethnl_context, settings: ethtool_link_ksettings): true | Errno {
  const { dev } = info
  const error = dev === undefined ? EOPNOTSUPP : ops_of(dev).set_link_ksettings?.(dev, settings)
  return error === undefined ? true : req.extack.fail(error, 'link settings update failed')
}
export function can_set_link({ dev }: ethnl_req_info): true | Errno {
  const { get_link_ksettings, set_link_ksettings } = ops_of(dev)
  return get_link_ksettings !== undefined && set_link_ksettings !== undefined ? true : EOPNOTSUPP
}

export const ethnl_linkinfo_request_ops: ethnl_request_ops = {
  name: 'linkinfo',
  get: E.ETHTOOL_MSG.LINKINFO_GET,
  reply: E.ETHTOOL_KMSG.LINKINFO_GET_REPLY,
  set: E.ETHTOOL_MSG.LINKINFO_SET,
  ntf: E.ETHTOOL_KMSG.LINKINFO_NTF,
  header: E.ETHTOOL_A_LINKINFO_HEADER,
  get_policy: policy(E.ETHTOOL_A_LINKINFO, { ETHTOOL_A_LINKINFO_HEADER: HEADER }, { name: 'ethnl_linkinfo_get_policy', maxtype: 1 }),
  set_policy: policy(
    E.ETHTOOL_A_LINKINFO,
    {
      ETHTOOL_A_LINKINFO_HEADER: HEADER,
      ETHTOOL_A_LINKINFO_PORT: NLA_U8,
      ETHTOOL_A_LINKINFO_PHYADDR: NLA_U8,
      ETHTOOL_A_LINKINFO_TP_MDIX_CTRL: NLA_U8,
    },
    { name: 'ethnl_linkinfo_set_policy', maxtype: E.ETHTOOL_A_LINKINFO_TP_MDIX_CTRL.nr },
  ),
  prepare_data: link_ksettings,
  fill_reply(skb, _info, settings: ethtool_link_ksettings) {
    skb.put(E.ETHTOOL_A_LINKINFO_PORT, settings.port)
    skb.put(E.ETHTOOL_A_LINKINFO_PHYADDR, settings.phy_address ?? 0)
    skb.put(E.ETHTOOL_A_LINKINFO_TP_MDIX, settings.eth_tp_mdix ?? 0)
    skb.put(E.ETHTOOL_A_LINKINFO_TP_MDIX_CTRL, settings.eth_tp_mdix_ctrl ?? 0)
    skb.put(E.ETHTOOL_A_LINKINFO_TRANSCEIVER, settings.transceiver ?? 0)
    return undefined
  },
  set_validate: can_set_link,
  apply(info, req, tb) {
    const old = link_ksettings(info, req)
    if (isErrno(old)) return old
    const update = new updates(tb)
    const settings = {
      ...old,
      port: update.number(E.ETHTOOL_A_LINKINFO_PORT, old.port),
      phy_address: update.number(E.ETHTOOL_A_LINKINFO_PHYADDR, old.phy_address ?? 0),
      eth_tp_mdix_ctrl: update.number(E.ETHTOOL_A_LINKINFO_TP_MDIX_CTRL, old.eth_tp_mdix_ctrl ?? 0),
    }
    return update.changed && set_link_ksettings(info, req, settings)
  },
}
