/**
 * net/ethtool/netlink.c: the generic netlink family "ethtool": its operations, made from the kinds of requests, and its
 * notifications to the group "monitor".
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { NOTIFY_DONE, notifier_block } from '../../kernel/notifier.ts'
import { NLMSG_HDRLEN, MessageBuilder } from '../../lib/message.ts'
import type { Attr } from '../../lib/attrs.ts'
import { EINVAL, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import * as E from '../../uapi/linux/ethtool_netlink.ts'
import { GENL_UNS_ADMIN_PERM } from '../../uapi/linux/genetlink.ts'
import { NETLINK_GENERIC, NLM_F_MULTI } from '../../uapi/linux/netlink.ts'
import { register_netdevice_notifier } from '../core/dev.ts'
import { netdevs_from } from '../core/dev_names.ts'
import { NETDEV_FEAT_CHANGE, type net_device, type netdev_notifier_info } from '../core/netdevice.ts'
import { netlink_has_listeners } from '../netlink/af_netlink.ts'
import {
  type genl_family,
  genl_dumpit_info_of,
  genl_group_id,
  type genl_info,
  type genl_ops,
  genl_register_family,
  genlmsg_multicast_netns,
  genlmsg_put,
  genlmsg_reply,
} from '../netlink/genetlink.ts'
import type { netlink_callback } from '../netlink/types.ts'
import * as absent from './absent.ts'
import { ethnl_channels_request_ops } from './channels.ts'
import { ethnl_coalesce_request_ops } from './coalesce.ts'
import { ethnl_debug_request_ops } from './debug.ts'
import { ethnl_features_request_ops, ethnl_features_set_policy, ethnl_set_features } from './features.ts'
import { ethnl_linkinfo_request_ops } from './linkinfo.ts'
import { ethnl_linkmodes_request_ops } from './linkmodes.ts'
import { ethnl_linkstate_request_ops } from './linkstate.ts'
import { ethnl_pause_request_ops } from './pause.ts'
import {
  type ethnl_context,
  type ethnl_req_info,
  type ethnl_request_ops,
  ethnl_ops_begin,
  ethnl_parse_header_dev_get,
  ops_of,
} from './request.ts'
import { ethnl_rings_request_ops } from './rings.ts'
import { ethnl_rss_request_ops } from './rss.ts'
import { ethnl_stats_request_ops } from './stats.ts'
import { ethnl_strset_request_ops } from './strset.ts'
import { ethnl_phc_vclocks_request_ops, ethnl_tsinfo_request_ops } from './tsinfo.ts'
import { ethnl_wol_request_ops } from './wol.ts'

/** Numbers the family's notifications (ethnl_bcast_seq). */
export class ethnl_state {
  bcast_seq = 0
}

/** In the order of their first message. */
const kinds: readonly ethnl_request_ops[] = [
  ethnl_strset_request_ops,
  ethnl_linkinfo_request_ops,
  ethnl_linkmodes_request_ops,
  ethnl_linkstate_request_ops,
  ethnl_debug_request_ops,
  ethnl_wol_request_ops,
  ethnl_features_request_ops,
  absent.ethnl_privflags_request_ops,
  ethnl_rings_request_ops,
  ethnl_channels_request_ops,
  ethnl_coalesce_request_ops,
  ethnl_pause_request_ops,
  absent.ethnl_eee_request_ops,
  ethnl_tsinfo_request_ops,
  absent.ethnl_fec_request_ops,
  absent.ethnl_module_eeprom_request_ops,
  ethnl_stats_request_ops,
  ethnl_phc_vclocks_request_ops,
  absent.ethnl_module_request_ops,
  absent.ethnl_pse_request_ops,
  ethnl_rss_request_ops,
  absent.ethnl_plca_cfg_request_ops,
  absent.ethnl_plca_status_request_ops,
  absent.ethnl_mm_request_ops,
]
function kind_of(cmd: number): ethnl_request_ops {
  return kinds.find(({ get, set }) => get === cmd || set === cmd) as ethnl_request_ops
}
/** What a handler of a do gets, in the form that parsing wants. */
function context_of({ req, net, extack, task }: genl_info): ethnl_context {
  return { buf: req.buf, pool: req.pool, extack, net, task }
}

function fill_reply_header(skb: MessageBuilder, dev: net_device | undefined, attr: Attr<any>): void {
  if (dev === undefined) return
  const header = skb.nest(attr)
  skb.put(E.ETHTOOL_A_HEADER_DEV_INDEX, dev.ifindex)
  skb.put(E.ETHTOOL_A_HEADER_DEV_NAME, dev.name)
  skb.nestEnd(header)
}
function begin_reply(info: genl_info, cmd: number, dev: net_device | undefined, header: Attr<any>): MessageBuilder {
  const skb = new MessageBuilder(1 << 20, 512)
  genlmsg_put(skb, info.net, info.snd_portid, info.snd_seq, ethtool_genl_family, 0, cmd)
  fill_reply_header(skb, dev, header)
  return skb
}

/** Header, then what the kind itself takes from the request. */
function parse(req: ethnl_context, tb: genl_info['attrs'], ops: ethnl_request_ops, require_dev: boolean): ethnl_req_info | Errno {
  const info = ethnl_parse_header_dev_get(req, tb.at(ops.header), require_dev)
  return isErrno(info) ? info : (ops.parse_request?.(req, tb, info) ?? info)
}
/** GET of one device. */
export function ethnl_default_doit(info: genl_info): Errno | undefined {
  const ops = kind_of(info.cmd)
  if (!info.attrs.has(ops.header)) return info.extack.missing(EINVAL, ops.header.nr)
  const req = context_of(info)
  const req_info = parse(req, info.attrs, ops, !ops.allow_nodev_do)
  if (isErrno(req_info)) return req_info
  const data = ops.prepare_data(req_info, req)
  if (isErrno(data)) return data
  const skb = begin_reply(info, ops.reply, req_info.dev, ops.header)
  const error = ops.fill_reply(skb, req_info, data)
  if (isErrno(error)) return error
  skb.end()
  return genlmsg_reply(skb, info)
}

export function ethnl_default_start(cb: netlink_callback): Errno | undefined {
  const { attrs } = genl_dumpit_info_of(cb)
  const info = parse(cb, attrs, kind_of(cb.request[NLMSG_HDRLEN]), false)
  if (isErrno(info)) return info
  cb.ctx = { flags: info.flags, data: info.data }
  return undefined
}
/** GET of all devices: those that cannot answer are left out. */
export function ethnl_default_dumpit(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const ops = kind_of(cb.request[NLMSG_HDRLEN])
  for (const dev of netdevs_from(cb.net, cb.args[0])) {
    cb.args[0] = dev.ifindex
    const info: ethnl_req_info = { dev, ...cb.ctx }
    const data = ops.prepare_data(info, cb)
    if (data === EOPNOTSUPP) continue
    if (isErrno(data)) return skb.length > 0 ? true : data
    genlmsg_put(skb, cb.net, cb.portid, cb.seq, ethtool_genl_family, NLM_F_MULTI, ops.reply)
    fill_reply_header(skb, dev, ops.header)
    ops.fill_reply(skb, info, data)
    if (!skb.end()) return true
  }
  cb.args[0] = 0x80000000
  return undefined
}

export function ethnl_default_set_doit(info: genl_info): Errno | undefined {
  const ops = kind_of(info.cmd)
  if (!info.attrs.has(ops.header)) return info.extack.missing(EINVAL, ops.header.nr)
  const req = context_of(info)
  const req_info = ethnl_parse_header_dev_get(req, info.attrs.at(ops.header), true)
  if (isErrno(req_info)) return req_info
  const worth = ops.set_validate?.(req_info, req, info.attrs) ?? true
  if (worth !== true) return worth === false ? undefined : worth
  const refused = ethnl_ops_begin(req_info.dev)
  if (refused !== undefined) return refused
  const changed = ops.apply?.(req_info, req, info.attrs) ?? false
  if (isErrno(changed)) return changed
  if (changed && req_info.dev !== undefined && ops.ntf !== undefined) ethtool_notify(req_info.dev, ops.ntf)
  return undefined
}
export function ethnl_features_set_doit(info: genl_info): Errno | undefined {
  if (!info.attrs.has(E.ETHTOOL_A_FEATURES_WANTED)) return EINVAL
  const req = context_of(info)
  const header = E.ETHTOOL_A_FEATURES_HEADER
  const req_info = ethnl_parse_header_dev_get(req, info.attrs.at(header), true)
  if (isErrno(req_info)) return req_info
  const begin = (dev: net_device) => begin_reply(info, E.ETHTOOL_KMSG.FEATURES_SET_REPLY, dev, header)
  const reply = (skb: MessageBuilder) => {
    skb.end()
    return genlmsg_reply(skb, info)
  }
  return ethnl_set_features(req_info, req, info.attrs.at(E.ETHTOOL_A_FEATURES_WANTED), begin, reply)
}

/** An act on a PHY that the kernel manages: no device here has one. */
export function ethnl_act_without_phy(info: genl_info): Errno | undefined {
  const header = ethnl_parse_header_dev_get(context_of(info), info.attrs.atNr(1), true)
  return isErrno(header) ? header : EOPNOTSUPP
}
export function ethnl_tunnel_info_doit(info: genl_info): Errno | undefined {
  const header = ethnl_parse_header_dev_get(context_of(info), info.attrs.at(E.ETHTOOL_A_TUNNEL_INFO_HEADER), true)
  if (isErrno(header)) return header
  return info.extack.fail(EOPNOTSUPP, 'device does not report tunnel offload info')
}
export function ethnl_act_module_fw_flash(info: genl_info): Errno | undefined {
  const header = ethnl_parse_header_dev_get(context_of(info), info.attrs.at(E.ETHTOOL_A_MODULE_FW_FLASH_HEADER), true)
  if (isErrno(header)) return header
  return ethnl_ops_begin(header.dev) ?? info.extack.fail(EOPNOTSUPP, 'Flashing module firmware is not supported by this device')
}
export function ethnl_phy_doit(info: genl_info): Errno | undefined {
  const header = ethnl_parse_header_dev_get(context_of(info), info.attrs.at(E.ETHTOOL_A_PHY_HEADER), true)
  return isErrno(header) ? header : undefined
}
/** A dump in which nothing is found; its header is checked all the same. */
export function ethnl_empty_start(cb: netlink_callback): Errno | undefined {
  const header = ethnl_parse_header_dev_get(cb, genl_dumpit_info_of(cb).attrs.atNr(1), false)
  return isErrno(header) ? header : undefined
}
export function ethnl_empty_dumpit(): undefined {}

/** rss.c ethnl_rss_dumpit(): of one device or of all that spread flows. */
export function ethnl_rss_start(cb: netlink_callback): Errno | undefined {
  const { attrs } = genl_dumpit_info_of(cb)
  const context = attrs.at(E.ETHTOOL_A_RSS_CONTEXT)
  if (context !== 0) return cb.extack.badAttr(EINVAL, context)
  const header = ethnl_parse_header_dev_get(cb, attrs.at(E.ETHTOOL_A_RSS_HEADER), false)
  if (isErrno(header)) return header
  const start = attrs.get(E.ETHTOOL_A_RSS_START_CONTEXT) ?? 0
  cb.ctx = { match: header.dev?.ifindex ?? 0, start }
  return undefined
}
export function ethnl_rss_dumpit(skb: MessageBuilder, cb: netlink_callback): true | undefined {
  const { match, start } = cb.ctx as { match: number; start: number }
  for (const dev of netdevs_from(cb.net, cb.args[0])) {
    cb.args[0] = dev.ifindex
    const { get_rxfh } = ops_of(dev)
    if (get_rxfh === undefined || start > 0 || (match !== 0 && match !== dev.ifindex)) continue
    genlmsg_put(skb, cb.net, cb.portid, cb.seq, ethtool_genl_family, 0, E.ETHTOOL_KMSG.RSS_GET_REPLY)
    fill_reply_header(skb, dev, E.ETHTOOL_A_RSS_HEADER)
    ethnl_rss_request_ops.fill_reply(skb, { dev, flags: 0, data: 0 }, get_rxfh(dev))
    if (!skb.end()) return true
  }
  cb.args[0] = 0x80000000
  return undefined
}

/** ethtool_notify(): tells the group what a GET would answer now. */
export function ethtool_notify(dev: net_device, cmd: number): void {
  const ops = kinds.find(({ ntf }) => ntf === cmd)
  if (ops === undefined) return
  const net = dev.nd_net
  const info: ethnl_req_info = { dev, flags: E.ETHTOOL_FLAG_COMPACT_BITSETS, data: 0 }
  const data = ops.prepare_data(info, undefined)
  if (isErrno(data)) return
  net.kernel.ethnl.bcast_seq++
  if (!netlink_has_listeners(net, NETLINK_GENERIC, genl_group_id(net, ethtool_genl_family, E.ETHNL_MCGRP_MONITOR))) return
  const skb = new MessageBuilder(1 << 16, 192)
  genlmsg_put(skb, net, 0, net.kernel.ethnl.bcast_seq, ethtool_genl_family, 0, cmd)
  fill_reply_header(skb, dev, ops.header)
  ops.fill_reply(skb, info, data)
  skb.end()
  genlmsg_multicast_netns(ethtool_genl_family, net, skb, 0, E.ETHNL_MCGRP_MONITOR)
}
export function ethnl_netdev_event(_nb: notifier_block, event: number, info: netdev_notifier_info): number {
  if (event === NETDEV_FEAT_CHANGE) ethtool_notify(info.dev, E.ETHTOOL_KMSG.FEATURES_NTF)
  return NOTIFY_DONE
}

const dump = { doit: ethnl_default_doit, start: ethnl_default_start, dumpit: ethnl_default_dumpit }
function ops_of_kind({ get, set, get_policy, set_policy, admin }: ethnl_request_ops): genl_ops[] {
  const rss = get === E.ETHTOOL_MSG.RSS_GET ? { start: ethnl_rss_start, dumpit: ethnl_rss_dumpit } : {}
  const getting: genl_ops = { cmd: get, policy: get_policy, ...dump, ...rss, ...(admin ? { flags: GENL_UNS_ADMIN_PERM } : {}) }
  if (set === undefined) return [getting]
  return [getting, { cmd: set, flags: GENL_UNS_ADMIN_PERM, policy: set_policy, doit: ethnl_default_set_doit }]
}
const others: readonly genl_ops[] = [
  { cmd: E.ETHTOOL_MSG.FEATURES_SET, flags: GENL_UNS_ADMIN_PERM, policy: ethnl_features_set_policy, doit: ethnl_features_set_doit },
  {
    cmd: E.ETHTOOL_MSG.CABLE_TEST_ACT,
    flags: GENL_UNS_ADMIN_PERM,
    policy: absent.ethnl_cable_test_act_policy,
    doit: ethnl_act_without_phy,
  },
  {
    cmd: E.ETHTOOL_MSG.CABLE_TEST_TDR_ACT,
    flags: GENL_UNS_ADMIN_PERM,
    policy: absent.ethnl_cable_test_tdr_act_policy,
    doit: ethnl_act_without_phy,
  },
  {
    cmd: E.ETHTOOL_MSG.TUNNEL_INFO_GET,
    policy: absent.ethnl_tunnel_info_get_policy,
    doit: ethnl_tunnel_info_doit,
    start: ethnl_empty_start,
    dumpit: ethnl_empty_dumpit,
  },
  {
    cmd: E.ETHTOOL_MSG.MODULE_FW_FLASH_ACT,
    flags: GENL_UNS_ADMIN_PERM,
    policy: absent.ethnl_module_fw_flash_act_policy,
    doit: ethnl_act_module_fw_flash,
  },
  {
    cmd: E.ETHTOOL_MSG.PHY_GET,
    policy: absent.ethnl_phy_get_policy,
    doit: ethnl_phy_doit,
    start: ethnl_empty_start,
    dumpit: ethnl_empty_dumpit,
  },
]
/** By number, as the controller lists them. */
const ethtool_genl_ops: readonly genl_ops[] = [...kinds.flatMap(ops_of_kind), ...others].sort((a, b) => a.cmd - b.cmd)

export const ethtool_genl_family: genl_family = {
  name: E.ETHTOOL_GENL_NAME,
  version: E.ETHTOOL_GENL_VERSION,
  netnsok: true,
  parallel_ops: true,
  ops: ethtool_genl_ops,
  resv_start_op: E.ETHTOOL_MSG.MODULE_GET + 1,
  mcgrps: [{ name: E.ETHTOOL_MCGRP_MONITOR_NAME }],
}

export function ethnl_init(kernel: Kernel): Errno | undefined {
  kernel.ethnl = new ethnl_state()
  return (
    genl_register_family(kernel, ethtool_genl_family) ?? register_netdevice_notifier(kernel, new notifier_block(ethnl_netdev_event, kernel))
  )
}
