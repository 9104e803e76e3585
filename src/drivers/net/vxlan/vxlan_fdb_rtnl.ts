/** drivers/net/vxlan/vxlan_core.c vxlan_fdb_add, _delete, _delete_bulk, _dump, _get: the table as programs ask for it. */
import type { AttrTable } from '../../../lib/attrs.ts'
import { type MessageBuilder, NLMSG_HDRLEN } from '../../../lib/message.ts'
import { __dev_get_by_index } from '../../../net/core/dev.ts'
import type { net_device } from '../../../net/core/netdevice.ts'
import type { fdb_request } from '../../../net/core/rtnl_fdb.ts'
import { nlmsg_parse } from '../../../net/netlink/attr.ts'
import type { netlink_ext_ack } from '../../../net/netlink/extack.ts'
import { NLA_BINARY, NLA_U8, NLA_U16, NLA_U32, policy, range } from '../../../net/netlink/policy.ts'
import type { netlink_callback, Request } from '../../../net/netlink/types.ts'
import { EADDRNOTAVAIL, EAFNOSUPPORT, EINVAL, ENOENT, type Errno, isErrno } from '../../../uapi/errno.ts'
import * as N from '../../../uapi/linux/neighbour.ts'
import { NLM_F_MULTI } from '../../../uapi/linux/netlink.ts'
import { RTM_NEWNEIGH } from '../../../uapi/linux/rtnetlink.ts'
import {
  __vxlan_fdb_delete,
  __vxlan_find_mac,
  vxlan_fdb_ages,
  vxlan_fdb_all,
  vxlan_fdb_destroy,
  vxlan_fdb_dst_destroy,
  vxlan_fdb_info,
  vxlan_fdb_is_default_entry,
  vxlan_fdb_update,
} from './vxlan_fdb.ts'
import {
  NO_ADDR,
  NTF_VXLAN_ADDED_BY_USER,
  type vxlan_addr,
  vxlan_addr_equal,
  type vxlan_dev,
  type vxlan_fdb,
  vxlan_priv,
  vxlan_rdst,
} from './vxlan_private.ts'

/** vxlan_nla_get_addr(): by length; a longer one counts as the shorter family. */
export function vxlan_nla_get_addr(payload: Uint8Array): vxlan_addr | Errno {
  if (payload.length >= 16) return payload.slice(0, 16)
  return payload.length >= 4 ? payload.slice(0, 4) : EAFNOSUPPORT
}

interface parsed {
  rd: vxlan_rdst
  src_vni: number
  nhid: number
}
/** vxlan_fdb_parse(): what is not given is the device's own. */
function vxlan_fdb_parse(tb: AttrTable, vxlan: vxlan_dev, extack: netlink_ext_ack): parsed | Errno {
  const { default_dst, cfg } = vxlan
  const ends = [N.NDA_DST, N.NDA_VNI, N.NDA_IFINDEX, N.NDA_PORT]
  if (tb.has(N.NDA_NH_ID) && ends.some((a) => tb.has(a as typeof N.NDA_VNI))) {
    return extack.fail(EINVAL, 'DST, VNI, ifindex and port are mutually exclusive with NH_ID')
  }
  const dst = tb.payload(N.NDA_DST)
  const ip = dst === undefined ? new Uint8Array(default_dst.remote_ip.length === 16 ? 16 : 4) : vxlan_nla_get_addr(dst)
  if (isErrno(ip)) return extack.fail(ip, 'Unsupported address family')
  if (tb.has(N.NDA_PORT) && tb.length(N.NDA_PORT) !== 2) return extack.fail(EINVAL, 'Invalid vxlan port')
  if (tb.has(N.NDA_VNI) && tb.length(N.NDA_VNI) !== 4) return extack.fail(EINVAL, 'Invalid vni')
  if (tb.has(N.NDA_SRC_VNI) && tb.length(N.NDA_SRC_VNI) !== 4) return extack.fail(EINVAL, 'Invalid src vni')
  if (tb.has(N.NDA_IFINDEX) && tb.length(N.NDA_IFINDEX) !== 4) return extack.fail(EINVAL, 'Invalid ifindex')
  const ifindex = tb.get(N.NDA_IFINDEX)
  if (ifindex !== undefined && __dev_get_by_index(vxlan.dev.nd_net, ifindex) === undefined) {
    return extack.fail(EADDRNOTAVAIL, 'Device not found')
  }
  const rd = new vxlan_rdst(ip, tb.get(N.NDA_PORT) ?? cfg.dst_port, tb.get(N.NDA_VNI) ?? default_dst.remote_vni, ifindex ?? 0)
  return { rd, src_vni: tb.get(N.NDA_SRC_VNI) ?? default_dst.remote_vni, nhid: tb.get(N.NDA_NH_ID) ?? 0 }
}

export function vxlan_fdb_add(dev: net_device, req: fdb_request, extack: netlink_ext_ack): Errno | undefined {
  const vxlan = vxlan_priv(dev)
  const { ndm, tb, addr } = req
  if (!(ndm.ndm_state & (N.NUD_PERMANENT | N.NUD_REACHABLE))) {
    vxlan.kernel.pr_info(`vxlan: RTM_NEWNEIGH with invalid state 0x${ndm.ndm_state.toString(16)}`)
    return EINVAL
  }
  if (!tb.has(N.NDA_DST) && !tb.has(N.NDA_NH_ID)) return EINVAL
  const p = vxlan_fdb_parse(tb, vxlan, extack)
  if (isErrno(p)) return p
  if (p.nhid !== 0 && vxlan_fdb_ages(ndm.ndm_state)) return extack.fail(EINVAL, 'A nexthop fdb cannot be dynamic')
  if ((vxlan.default_dst.remote_ip.length === 16) !== (p.rd.remote_ip.length === 16)) return EAFNOSUPPORT
  const ndm_flags = ndm.ndm_flags | NTF_VXLAN_ADDED_BY_USER
  return vxlan_fdb_update(vxlan, { ...p, mac: addr, state: ndm.ndm_state, nlflags: req.nlh_flags, ndm_flags }, extack)
}
export function vxlan_fdb_delete(dev: net_device, req: fdb_request, extack: netlink_ext_ack): Errno | undefined {
  const vxlan = vxlan_priv(dev)
  const p = vxlan_fdb_parse(req.tb, vxlan, extack)
  return isErrno(p) ? p : __vxlan_fdb_delete(vxlan, req.addr, p.src_vni, p.rd)
}

// Where a dump goes on, in cb.args: as long as nothing has changed, from the chain that it was in.
const ARG_IFINDEX = 3
const ARG_CHANGES = 4
const ARG_CHAIN = 5
const ARG_BEFORE = 6

/** One message an end; a nexthop's entry is one. */
export function vxlan_fdb_dump(
  skb: MessageBuilder,
  cb: netlink_callback,
  dev: net_device,
  _filter_dev: net_device | undefined,
  idx: { n: number },
): boolean {
  const vxlan = vxlan_priv(dev)
  const head = { type: RTM_NEWNEIGH, flags: NLM_F_MULTI, portid: cb.portid, seq: cb.seq }
  const { args } = cb
  const known = args[ARG_IFINDEX] === dev.ifindex && args[ARG_CHANGES] === vxlan.fdb_changes
  if (known) idx.n += args[ARG_BEFORE]
  const first = idx.n
  for (let chain = known ? args[ARG_CHAIN] : 0; chain < vxlan.fdb_head.length; chain++) {
    const before = idx.n
    for (const f of vxlan.fdb_head[chain]) {
      for (const rd of f.nh === undefined ? f.remotes : [undefined]) {
        if (idx.n >= args[2] && !vxlan_fdb_info(skb, vxlan, f, head, rd)) {
          args[ARG_BEFORE] = before - first + (known ? args[ARG_BEFORE] : 0)
          args[ARG_IFINDEX] = dev.ifindex
          args[ARG_CHANGES] = vxlan.fdb_changes
          args[ARG_CHAIN] = chain
          return false
        }
        idx.n++
      }
    }
  }
  return true
}
export function vxlan_fdb_get(
  skb: MessageBuilder,
  dev: net_device,
  addr: Uint8Array,
  _vid: number,
  portid: number,
  seq: number,
  extack: netlink_ext_ack,
  tb: AttrTable,
): Errno | undefined {
  const vxlan = vxlan_priv(dev)
  const f = __vxlan_find_mac(vxlan, addr, tb.get(N.NDA_VNI) ?? vxlan.default_dst.remote_vni)
  if (f === undefined) return extack.fail(ENOENT, 'Fdb entry not found')
  vxlan_fdb_info(skb, vxlan, f, { type: RTM_NEWNEIGH, flags: 0, portid, seq }, f.remotes[0])
  return undefined
}

/** struct vxlan_fdb_flush_desc: what goes; 0 and none: any. */
export class vxlan_fdb_flush_desc {
  ignore_default_entry = false
  state = 0
  state_mask = 0
  flags = 0
  flags_mask = 0
  src_vni = 0
  nhid = 0
  vni = 0
  port = 0
  dst_ip = NO_ADDR
}
function flush_matches(vxlan: vxlan_dev, f: vxlan_fdb, desc: vxlan_fdb_flush_desc): boolean {
  if (desc.state_mask !== 0 && (f.state & desc.state_mask) !== desc.state) return false
  if (desc.flags_mask !== 0 && (f.flags & desc.flags_mask) !== desc.flags) return false
  if (desc.ignore_default_entry && vxlan_fdb_is_default_entry(vxlan, f)) return false
  if (desc.src_vni !== 0 && f.vni !== desc.src_vni) return false
  return desc.nhid === 0 || f.nh?.id === desc.nhid
}
function remote_matches(rd: vxlan_rdst, desc: vxlan_fdb_flush_desc): boolean {
  if (desc.vni !== 0 && rd.remote_vni !== desc.vni) return false
  if (desc.port !== 0 && rd.remote_port !== desc.port) return false
  return desc.dst_ip.length === 0 || vxlan_addr_equal(rd.remote_ip, desc.dst_ip)
}
/** vxlan_flush(): entries, or where ends are named, those ends; an entry without ends goes too. */
export function vxlan_flush(vxlan: vxlan_dev, desc: vxlan_fdb_flush_desc): void {
  const by_remote = desc.vni !== 0 || desc.port !== 0 || desc.dst_ip.length !== 0
  for (const f of vxlan_fdb_all(vxlan)) {
    if (!flush_matches(vxlan, f, desc)) continue
    if (by_remote) {
      const matching = f.remotes.filter((rd) => remote_matches(rd, desc))
      for (const rd of matching) vxlan_fdb_dst_destroy(vxlan, f, rd)
      if (matching.length === 0 || f.remotes.length > 0) continue
    }
    vxlan_fdb_destroy(vxlan, f)
  }
}

const FLUSH_STATES = N.NUD_PERMANENT | N.NUD_NOARP
const FLUSH_FLAGS = N.NTF_EXT_LEARNED | N.NTF_OFFLOADED | N.NTF_ROUTER
export const vxlan_del_bulk_policy = policy(
  N.NDA,
  {
    NDA_SRC_VNI: NLA_U32,
    NDA_NH_ID: NLA_U32,
    NDA_VNI: NLA_U32,
    NDA_PORT: NLA_U16,
    NDA_DST: range(NLA_BINARY(), 4, 16),
    NDA_NDM_STATE_MASK: NLA_U16,
    NDA_NDM_FLAGS_MASK: NLA_U8,
  },
  { name: 'vxlan_del_bulk_policy' },
)
export function vxlan_fdb_delete_bulk(req: Request, dev: net_device): Errno | undefined {
  const { extack } = req
  const tb = nlmsg_parse(req, N.ndmsg.size, vxlan_del_bulk_policy)
  if (isErrno(tb)) return tb
  const ndm = N.ndmsg.get(req.buf, NLMSG_HDRLEN)
  const desc = new vxlan_fdb_flush_desc()
  desc.state = ndm.ndm_state
  desc.flags = ndm.ndm_flags & ~(N.NTF_MASTER | N.NTF_SELF)
  if (desc.flags & ~FLUSH_FLAGS) return extack.fail(EINVAL, 'Unsupported fdb flush ndm flag bits set')
  if (desc.state & ~FLUSH_STATES) return extack.fail(EINVAL, 'Unsupported fdb flush ndm state bits set')
  desc.state_mask = tb.get(N.NDA_NDM_STATE_MASK) ?? 0
  desc.flags_mask = tb.get(N.NDA_NDM_FLAGS_MASK) ?? 0
  desc.src_vni = tb.get(N.NDA_SRC_VNI) ?? 0
  desc.nhid = tb.get(N.NDA_NH_ID) ?? 0
  desc.vni = tb.get(N.NDA_VNI) ?? 0
  desc.port = tb.get(N.NDA_PORT) ?? 0
  const dst = tb.payload(N.NDA_DST)
  const ip = dst === undefined ? NO_ADDR : vxlan_nla_get_addr(dst)
  if (isErrno(ip)) return extack.fail(ip, 'Unsupported address family', tb.at(N.NDA_DST))
  desc.dst_ip = ip
  vxlan_flush(vxlan_priv(dev), desc)
  return undefined
}
