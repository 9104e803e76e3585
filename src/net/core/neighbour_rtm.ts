/** net/core/neighbour.c neigh_add, neigh_delete, neigh_get: RTM_NEWNEIGH, RTM_DELNEIGH and RTM_GETNEIGH of one. */
import { type AttrTable, eachAttr, NLA_HDRLEN } from '../../lib/attrs.ts'
import { get16 } from '../../lib/bytes.ts'
import { MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { EAFNOSUPPORT, EEXIST, EINVAL, ENOBUFS, ENODEV, ENOENT, type Errno, isErrno } from '../../uapi/errno.ts'
import {
  NDA,
  NDA_DST,
  NDA_FLAGS_EXT,
  NDA_LLADDR,
  NDA_PROTOCOL,
  NTF_EXT_LEARNED,
  NTF_EXT_MASK,
  NTF_PROXY,
  NTF_ROUTER,
  NTF_USE,
  NUD_FAILED,
  NUD_PERMANENT,
  nda_cacheinfo,
  ndmsg,
} from '../../uapi/linux/neighbour.ts'
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../uapi/linux/netlink.ts'
import { RTM_NEWNEIGH } from '../../uapi/linux/rtnetlink.ts'
import { nlmsg_parse_deprecated, nlmsg_parse_deprecated_strict } from '../netlink/attr.ts'
import { mask, NLA_BINARY, NLA_NESTED, NLA_U8, NLA_U16, NLA_U32, NLA_UNSPEC, policy } from '../netlink/policy.ts'
import type { Request } from '../netlink/types.ts'
import { __dev_get_by_index } from './dev.ts'
import {
  NEIGH_UPDATE_F_ADMIN,
  NEIGH_UPDATE_F_EXT_LEARNED,
  NEIGH_UPDATE_F_ISROUTER,
  NEIGH_UPDATE_F_MANAGED,
  NEIGH_UPDATE_F_OVERRIDE,
  NEIGH_UPDATE_F_OVERRIDE_ISROUTER,
  NEIGH_UPDATE_F_USE,
  type neigh_table,
  type neighbour,
  NTF_EXT_SHIFT,
  NTF_MANAGED,
  neigh_find_table,
} from './neighbour.ts'
import { neigh_fill_info, pneigh_fill_info } from './neighbour_fill.ts'
import { __neigh_update, neigh_event_send } from './neighbour_nud.ts'
import { pneigh_create, pneigh_delete, pneigh_lookup } from './neighbour_proxy.ts'
import { ___neigh_create, neigh_lookup, neigh_release, neigh_remove_one } from './neighbour_table.ts'
import { MAX_ADDR_LEN, type net_device } from './netdevice.ts'
import { rtnl_unicast } from './rtnetlink.ts'

export const nda_policy = policy(
  NDA,
  {
    NDA_DST: NLA_BINARY(MAX_ADDR_LEN),
    NDA_LLADDR: NLA_BINARY(MAX_ADDR_LEN),
    NDA_CACHEINFO: NLA_UNSPEC(nda_cacheinfo.size),
    NDA_PROBES: NLA_U32,
    NDA_VLAN: NLA_U16,
    NDA_PORT: NLA_U16,
    NDA_VNI: NLA_U32,
    NDA_IFINDEX: NLA_U32,
    NDA_MASTER: NLA_U32,
    NDA_PROTOCOL: NLA_U8,
    NDA_NH_ID: NLA_U32,
    NDA_FLAGS_EXT: mask(NLA_U32, NTF_EXT_MASK),
    NDA_FDB_EXT_ATTRS: NLA_NESTED(),
  },
  { name: 'nda_policy', strict_start_type: 13 },
)

type ndmsg_value = ReturnType<typeof ndmsg.get>

/** nlmsg_find_attr(): the first one of its type, unchecked. */
function find_dst(buf: Uint8Array): Uint8Array | undefined {
  let dst: Uint8Array | undefined
  eachAttr(buf, NLMSG_HDRLEN + ndmsg.size, buf.length, (nr, at) => {
    if (nr === NDA_DST.nr) dst ??= buf.slice(at + NLA_HDRLEN, at + get16(buf, at))
  })
  return dst
}

export function neigh_delete(req: Request): Errno | undefined {
  const { net, buf, extack } = req
  if (buf.length < NLMSG_HDRLEN + ndmsg.size) return EINVAL
  const dst = find_dst(buf)
  if (dst === undefined) return extack.fail(EINVAL, 'Network address not specified')
  const ndm = ndmsg.get(buf, NLMSG_HDRLEN)
  const dev = ndm.ndm_ifindex === 0 ? undefined : __dev_get_by_index(net, ndm.ndm_ifindex)
  if (ndm.ndm_ifindex !== 0 && dev === undefined) return ENODEV
  const tbl = neigh_find_table(net.kernel, ndm.ndm_family)
  if (tbl === undefined) return EAFNOSUPPORT
  if (dst.length < tbl.key_len) return extack.fail(EINVAL, 'Invalid network address')
  if (ndm.ndm_flags & NTF_PROXY) return pneigh_delete(tbl, net, dst, dev)
  if (dev === undefined) return EINVAL
  const neigh = neigh_lookup(tbl, dst, dev)
  if (neigh === undefined) return ENOENT
  const error = __neigh_update(neigh, undefined, NUD_FAILED, NEIGH_UPDATE_F_OVERRIDE | NEIGH_UPDATE_F_ADMIN, req.portid, extack)
  neigh_release(neigh)
  neigh_remove_one(neigh)
  return error
}

/** What a request to add names, read and checked. */
interface wanted_neigh {
  tbl: neigh_table
  dev: net_device | undefined
  dst: Uint8Array
  lladdr: Uint8Array | undefined
  protocol: number
  /** NTF_*, those of NDA_FLAGS_EXT above. */
  flags: number
  state: number
}

function wanted(req: Request, tb: AttrTable, ndm: ndmsg_value): wanted_neigh | Errno {
  const { net, extack } = req
  const dst = tb.payload(NDA_DST)
  if (dst === undefined) return extack.fail(EINVAL, 'Network address not specified')
  const lladdr = tb.payload(NDA_LLADDR)
  let dev: net_device | undefined
  if (ndm.ndm_ifindex !== 0) {
    dev = __dev_get_by_index(net, ndm.ndm_ifindex)
    if (dev === undefined) return ENODEV
    if (lladdr !== undefined && lladdr.length < dev.addr_len) return extack.fail(EINVAL, 'Invalid link address')
  }
  const tbl = neigh_find_table(net.kernel, ndm.ndm_family)
  if (tbl === undefined) return EAFNOSUPPORT
  if (dst.length < tbl.key_len) return extack.fail(EINVAL, 'Invalid network address')
  const flags = ndm.ndm_flags | ((tb.get(NDA_FLAGS_EXT) ?? 0) << NTF_EXT_SHIFT)
  return { tbl, dev, dst, lladdr, protocol: tb.get(NDA_PROTOCOL) ?? 0, flags, state: ndm.ndm_state }
}

function add_proxy(req: Request, w: wanted_neigh): Errno | undefined {
  if (w.flags & NTF_MANAGED) return req.extack.fail(EINVAL, 'Invalid NTF_* flag combination')
  const pn = pneigh_create(w.tbl, req.net, w.dst, w.dev)
  if (pn === undefined) return ENOBUFS
  pn.flags = w.flags
  if (w.protocol !== 0) pn.protocol = w.protocol
  return undefined
}

/** The entry to update: there already, or new as far as the request allows. */
function find_or_create(req: Request, w: wanted_neigh, dev: net_device): { neigh: neighbour; created: boolean } | Errno {
  const found = neigh_lookup(w.tbl, w.dst, dev)
  if (found !== undefined) {
    if (!(req.flags & NLM_F_EXCL)) return { neigh: found, created: false }
    neigh_release(found)
    return EEXIST
  }
  if (!(req.flags & NLM_F_CREATE)) return ENOENT
  const permanent = (w.state & NUD_PERMANENT) !== 0
  if (permanent && w.flags & NTF_MANAGED) return req.extack.fail(EINVAL, 'Invalid NTF_* flag for permanent entry')
  const exempt = permanent || (w.flags & NTF_EXT_LEARNED) !== 0
  const made = ___neigh_create(w.tbl, w.dst, dev, w.flags & (NTF_EXT_LEARNED | NTF_MANAGED), exempt)
  return isErrno(made) ? made : { neigh: made, created: true }
}

function update_flags(w: wanted_neigh, overrides: boolean): number {
  let flags = NEIGH_UPDATE_F_ADMIN
  if (overrides) flags |= NEIGH_UPDATE_F_OVERRIDE | NEIGH_UPDATE_F_OVERRIDE_ISROUTER
  if (w.flags & NTF_EXT_LEARNED) flags |= NEIGH_UPDATE_F_EXT_LEARNED
  if (w.flags & NTF_ROUTER) flags |= NEIGH_UPDATE_F_ISROUTER
  if (w.flags & NTF_MANAGED) flags |= NEIGH_UPDATE_F_MANAGED
  if (w.flags & NTF_USE) flags |= NEIGH_UPDATE_F_USE
  return flags
}

/** An entry that is made stays, in state NONE, even when what it was to become is refused. */
export function neigh_add(req: Request): Errno | undefined {
  const tb = nlmsg_parse_deprecated(req, ndmsg.size, nda_policy)
  if (isErrno(tb)) return tb
  const w = wanted(req, tb, ndmsg.get(req.buf, NLMSG_HDRLEN))
  if (isErrno(w)) return w
  if (w.flags & NTF_PROXY) return add_proxy(req, w)
  if (w.dev === undefined) return req.extack.fail(EINVAL, 'Device not specified')
  if (w.tbl.proto.allow_add?.(w.dev, req.extack) === false) return EINVAL
  const target = find_or_create(req, w, w.dev)
  if (isErrno(target)) return target
  const { neigh, created } = target
  if (w.protocol !== 0) neigh.protocol = w.protocol
  const flags = update_flags(w, created || (req.flags & NLM_F_REPLACE) !== 0)
  // Linux keeps the state in eight bits here
  const error = __neigh_update(neigh, w.lladdr, w.state & 0xff, flags, req.portid, req.extack)
  if (error === undefined && w.flags & (NTF_USE | NTF_MANAGED)) neigh_event_send(neigh)
  neigh_release(neigh)
  return error
}

/** neigh_valid_get_req(): strict whatever the socket asked for. */
function valid_get_req(req: Request): { tbl: neigh_table; dst: Uint8Array | undefined; ndm: ndmsg_value } | Errno {
  const { net, buf, extack } = req
  if (buf.length < NLMSG_HDRLEN + ndmsg.size) return extack.fail(EINVAL, 'Invalid header for neighbor get request')
  const ndm = ndmsg.get(buf, NLMSG_HDRLEN)
  if (ndm.__pad1 || ndm.__pad2 || ndm.ndm_state || ndm.ndm_type) {
    return extack.fail(EINVAL, 'Invalid values in header for neighbor get request')
  }
  if (ndm.ndm_flags & ~NTF_PROXY) return extack.fail(EINVAL, 'Invalid flags in header for neighbor get request')
  const tb = nlmsg_parse_deprecated_strict(req, ndmsg.size, nda_policy)
  if (isErrno(tb)) return tb
  const tbl = neigh_find_table(net.kernel, ndm.ndm_family)
  if (tbl === undefined) return extack.fail(EAFNOSUPPORT, 'Unsupported family in header for neighbor get request')
  const dst = tb.payload(NDA_DST)
  if (dst !== undefined && dst.length !== tbl.key_len) return extack.fail(EINVAL, 'Invalid network address in neighbor get request')
  for (let nr = 1; nr <= tb.max; nr++) {
    if (nr !== NDA_DST.nr && tb.atNr(nr) !== 0) return extack.fail(EINVAL, 'Unsupported attribute in neighbor get request')
  }
  return { tbl, dst, ndm }
}

export function neigh_get(req: Request): Errno | undefined {
  const { net, extack } = req
  const asked = valid_get_req(req)
  if (isErrno(asked)) return asked
  const { tbl, dst, ndm } = asked
  const dev = ndm.ndm_ifindex === 0 ? undefined : __dev_get_by_index(net, ndm.ndm_ifindex)
  if (ndm.ndm_ifindex !== 0 && dev === undefined) return extack.fail(ENODEV, 'Unknown device ifindex')
  if (dst === undefined) return extack.fail(EINVAL, 'Network address not specified')
  const skb = new MessageBuilder(undefined, 128)
  const msg = { portid: req.portid, seq: req.seq, type: RTM_NEWNEIGH, flags: 0 }
  if (ndm.ndm_flags & NTF_PROXY) {
    const pn = pneigh_lookup(tbl, net, dst, dev)
    if (pn === undefined) return extack.fail(ENOENT, 'Proxy neighbour entry not found')
    pneigh_fill_info(skb, pn, tbl, msg)
    return rtnl_unicast(net, skb, req.portid)
  }
  if (dev === undefined) return extack.fail(EINVAL, 'No device specified')
  const neigh = neigh_lookup(tbl, dst, dev)
  if (neigh === undefined) return extack.fail(ENOENT, 'Neighbour entry not found')
  neigh_fill_info(skb, neigh, msg)
  neigh_release(neigh)
  return rtnl_unicast(net, skb, req.portid)
}
