/** net/bridge/br_fdb.c br_fdb_add, br_fdb_delete, br_fdb_dump: the forwarding database as programs ask for it. */
import type { MessageBuilder } from '../../lib/message.ts'
import { EEXIST, EINVAL, ENOENT, ENOMEM, EPERM, type Errno, isErrno } from '../../uapi/errno.ts'
import {
  NDA_FDB_EXT_ATTRS,
  NDA_FLAGS_EXT,
  NFEA,
  NTF_EXT_LEARNED,
  NTF_EXT_LOCKED,
  NTF_STICKY,
  NTF_USE,
  NUD_NOARP,
  NUD_PERMANENT,
  NUD_REACHABLE,
} from '../../uapi/linux/neighbour.ts'
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_MULTI } from '../../uapi/linux/netlink.ts'
import { RTM_NEWNEIGH } from '../../uapi/linux/rtnetlink.ts'
import type { net_device } from '../core/netdevice.ts'
import type { fdb_request } from '../core/rtnl_fdb.ts'
import { ndo_dflt_fdb_dump } from '../core/rtnl_fdb_dump.ts'
import { is_zero_ether_addr } from '../ethernet/eth.ts'
import { nla_parse_nested } from '../netlink/attr.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { NLA_FLAG, NLA_U8, policy } from '../netlink/policy.ts'
import type { netlink_callback } from '../netlink/types.ts'
import { br_fdb_find, br_fdb_update, fdb_add_hw_addr, fdb_create, fdb_del_hw_addr, fdb_delete } from './br_fdb.ts'
import { fdb_fill_info, fdb_notify, fdb_to_nud } from './br_fdb_fill.ts'
import { br_vlans_usable } from './br_netlink_fill.ts'
import {
  BR_STATE_FORWARDING,
  BR_STATE_LEARNING,
  br_jiffies,
  br_port_get_rtnl,
  br_priv,
  type net_bridge,
  type net_bridge_fdb_entry,
  type net_bridge_port,
  netif_is_bridge_master,
} from './br_private.ts'
import { br_vlan_find } from './br_vlan_find.ts'

function pr_info(dev: net_device, text: string): void {
  dev.nd_net.kernel.pr_info(`bridge: ${text}`)
}
/** Bridge, and port unless it is the bridge itself that the address belongs to. */
function target(dev: net_device, verb: string): { br: net_bridge; p: net_bridge_port | undefined } | Errno {
  if (netif_is_bridge_master(dev)) return { br: br_priv(dev), p: undefined }
  const p = br_port_get_rtnl(dev)
  if (p !== undefined) return { br: p.br, p }
  pr_info(dev, `${verb} ${dev.name} not a bridge port`)
  return EINVAL
}

export const br_nda_fdb_pol = policy(NFEA, { NFEA_ACTIVITY_NOTIFY: NLA_U8, NFEA_DONT_REFRESH: NLA_FLAG }, { name: 'br_nda_fdb_pol' })
export function br_fdb_add(dev: net_device, req: fdb_request, extack: netlink_ext_ack): Errno | undefined {
  const { ndm, tb, addr, vid } = req
  if (!(ndm.ndm_state & (NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE))) {
    pr_info(dev, `RTM_NEWNEIGH with invalid state 0x${ndm.ndm_state.toString(16)}`)
    return EINVAL
  }
  if (is_zero_ether_addr(addr)) {
    pr_info(dev, 'RTM_NEWNEIGH with invalid ether address')
    return EINVAL
  }
  const t = target(dev, 'RTM_NEWNEIGH')
  if (isErrno(t)) return t
  if ((tb.get(NDA_FLAGS_EXT) ?? 0) & NTF_EXT_LOCKED) return extack.fail(EINVAL, 'bridge: Cannot add FDB entry with "locked" flag set')
  const ext = tb.has(NDA_FDB_EXT_ATTRS)
    ? nla_parse_nested({ buf: tb.buf, extack, pool: dev.nd_net.kernel.nla_pool }, tb, NDA_FDB_EXT_ATTRS, br_nda_fdb_pol)
    : undefined
  if (isErrno(ext)) return ext
  const vg = (t.p ?? t.br).vlgrp
  if (vid !== 0) {
    if (br_vlan_find(vg, vid)?.brentry) return add_one(t.br, t.p, req, vid, extack)
    pr_info(dev, `RTM_NEWNEIGH with unconfigured vlan ${vid} on ${dev.name}`)
    return EINVAL
  }
  // without a VLAN: untagged, and in each VLAN of the device
  const error = add_one(t.br, t.p, req, 0, extack)
  if (isErrno(error)) return error
  for (const v of br_vlans_usable(vg)) {
    const failed = add_one(t.br, t.p, req, v.vid, extack)
    if (isErrno(failed)) return failed
  }
  return undefined
}

function add_one(
  br: net_bridge,
  p: net_bridge_port | undefined,
  req: fdb_request,
  vid: number,
  extack: netlink_ext_ack,
): Errno | undefined {
  const { ndm, addr } = req
  if (ndm.ndm_flags & NTF_USE) {
    if (p === undefined) {
      pr_info(br.dev, `RTM_NEWNEIGH ${br.dev.name} with NTF_USE is not supported`)
      return EINVAL
    }
    if (p.state === BR_STATE_LEARNING || p.state === BR_STATE_FORWARDING) br_fdb_update(br, p, addr, vid, { added_by_user: true })
    return undefined
  }
  if (ndm.ndm_flags & NTF_EXT_LEARNED) {
    if (p === undefined && !(ndm.ndm_state & NUD_PERMANENT))
      return extack.fail(EINVAL, 'bridge: FDB entry towards bridge must be permanent')
    return br_fdb_external_learn_add(br, p, addr, vid)
  }
  return fdb_add_entry(br, p, req, vid)
}

/** br_fdb_external_learn_add(): what a control plane has learned; it does not age. */
export function br_fdb_external_learn_add(
  br: net_bridge,
  p: net_bridge_port | undefined,
  addr: Uint8Array,
  vid: number,
): Errno | undefined {
  const fdb = br_fdb_find(br, addr, vid)
  if (fdb === undefined) {
    const made = fdb_create(br, p, addr, vid, { added_by_extern_learn: true, added_by_user: true, is_local: p === undefined })
    if (made === undefined) return ENOMEM
    fdb_notify(br, made, RTM_NEWNEIGH)
    return undefined
  }
  let modified = fdb.dst !== p
  fdb.updated = br_jiffies(br)
  fdb.dst = p
  if (fdb.added_by_extern_learn) {
    fdb.used = br_jiffies(br)
  } else {
    fdb.added_by_extern_learn = true
    modified = true
  }
  fdb.added_by_user = true
  learned_no_more(br, fdb)
  if (modified) fdb_notify(br, fdb, RTM_NEWNEIGH)
  return undefined
}
function learned_no_more(br: net_bridge, fdb: net_bridge_fdb_entry): void {
  if (fdb.dynamic_learned) br.fdb_n_learned--
  fdb.dynamic_learned = false
}

function fdb_add_entry(br: net_bridge, source: net_bridge_port | undefined, req: fdb_request, vid: number): Errno | undefined {
  const { ndm, addr, nlh_flags } = req
  const permanent = (ndm.ndm_state & NUD_PERMANENT) !== 0
  const noarp = (ndm.ndm_state & NUD_NOARP) !== 0
  const sticky = (ndm.ndm_flags & NTF_STICKY) !== 0
  const learns = source?.state === BR_STATE_LEARNING || source?.state === BR_STATE_FORWARDING
  if (source !== undefined && !permanent && !noarp && !learns) return EPERM
  if (source === undefined && !permanent) {
    pr_info(br.dev, `RTM_NEWNEIGH ${br.dev.name} without NUD_PERMANENT`)
    return EINVAL
  }
  if (sticky && permanent) return EINVAL
  let fdb = br_fdb_find(br, addr, vid)
  let modified = false
  if (fdb === undefined) {
    if (!(nlh_flags & NLM_F_CREATE)) return ENOENT
    fdb = fdb_create(br, source, addr, vid, { added_by_user: true })
    if (fdb === undefined) return ENOMEM
    modified = true
  } else {
    if (nlh_flags & NLM_F_EXCL) return EEXIST
    modified = fdb.dst !== source
    fdb.dst = source
    fdb.added_by_user = true
    learned_no_more(br, fdb)
  }
  if (fdb_to_nud(br, fdb) !== ndm.ndm_state) {
    set_state(br, fdb, permanent, permanent || noarp)
    modified = true
  }
  if (fdb.is_sticky !== sticky) {
    fdb.is_sticky = sticky
    modified = true
  }
  if (fdb.is_locked) {
    fdb.is_locked = false
    modified = true
  }
  fdb.used = br_jiffies(br)
  if (!modified) return undefined
  fdb.updated = br_jiffies(br)
  fdb_notify(br, fdb, RTM_NEWNEIGH)
  return undefined
}
function set_state(br: net_bridge, fdb: net_bridge_fdb_entry, local: boolean, fixed: boolean): void {
  fdb.is_local = local
  if (fixed === fdb.is_static) return
  fdb.is_static = fixed
  if (fixed) fdb_add_hw_addr(br, fdb.addr)
  else fdb_del_hw_addr(br, fdb.addr)
}

export function br_fdb_delete(dev: net_device, req: fdb_request): Errno | undefined {
  const t = target(dev, 'RTM_DELNEIGH')
  if (isErrno(t)) return t
  const { addr, vid } = req
  const vg = (t.p ?? t.br).vlgrp
  const one = (at: number): boolean => {
    const fdb = br_fdb_find(t.br, addr, at)
    if (fdb === undefined || fdb.dst !== t.p) return false
    fdb_delete(t.br, fdb)
    return true
  }
  if (vid !== 0) {
    if (br_vlan_find(vg, vid) !== undefined) return one(vid) ? undefined : ENOENT
    pr_info(dev, `RTM_DELNEIGH with unconfigured vlan ${vid} on ${dev.name}`)
    return EINVAL
  }
  let any = one(0)
  for (const v of br_vlans_usable(vg)) any = one(v.vid) || any
  return any ? undefined : ENOENT
}

export function br_fdb_dump(
  skb: MessageBuilder,
  cb: netlink_callback,
  dev: net_device,
  filter_dev: net_device | undefined,
  idx: { n: number },
): boolean {
  if (!netif_is_bridge_master(dev)) return true
  if (filter_dev === undefined && !ndo_dflt_fdb_dump(skb, cb, dev, idx)) return false
  const br = br_priv(dev)
  const { items } = br.fdb_list
  // those of other ports count too, so that the next part goes on where this one ends
  const done = Math.min(Math.max(cb.args[2] - idx.n, 0), items.length)
  for (let i = done; i < items.length; i++) {
    if (items[i].dst?.dev !== filter_dev || fdb_fill_info(skb, br, items[i], RTM_NEWNEIGH, NLM_F_MULTI, cb.portid, cb.seq)) continue
    idx.n += i
    return false
  }
  idx.n += items.length
  return true
}
export function br_fdb_get(
  skb: MessageBuilder,
  dev: net_device,
  addr: Uint8Array,
  vid: number,
  portid: number,
  seq: number,
  extack: netlink_ext_ack,
): Errno | undefined {
  const br = br_priv(dev)
  const f = br_fdb_find(br, addr, vid)
  if (f === undefined) return extack.fail(ENOENT, 'Fdb entry not found')
  fdb_fill_info(skb, br, f, RTM_NEWNEIGH, 0, portid, seq)
  return undefined
}
