/** net/core/rtnetlink.c rtnl_fdb_dump, rtnl_fdb_get: RTM_GETNEIGH of AF_BRIDGE. */
import { MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { EINVAL, ENODEV, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { ARPHRD_ETHER } from '../../uapi/linux/if_arp.ts'
import {
  NDA_IFINDEX,
  NDA_LLADDR,
  NDA_MASTER,
  NDA_VLAN,
  NDA_VNI,
  NTF_MASTER,
  NTF_SELF,
  NUD_PERMANENT,
  ndmsg,
} from '../../uapi/linux/neighbour.ts'
import { IFLA_MASTER } from '../../uapi/linux/if_link.ts'
import { NLM_F_MULTI } from '../../uapi/linux/netlink.ts'
import { ifinfomsg, RTM_NEWNEIGH } from '../../uapi/linux/rtnetlink.ts'
import { nlmsg_parse_deprecated, nlmsg_parse_deprecated_strict } from '../netlink/attr.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'
import { __dev_get_by_index, netdev_master_upper_dev_get } from './dev.ts'
import { nda_policy } from './neighbour_rtm.ts'
import { ifla_policy } from './rtnetlink_policy.ts'
import { IFF_BRIDGE_PORT, IFF_EBRIDGE, type net_device } from './netdevice.ts'
import { rtnl_unicast } from './rtnetlink.ts'
import { fdb_policy, fdb_vid_parse, nlmsg_populate_fdb_fill } from './rtnl_fdb.ts'

/** valid_fdb_dump_strict(), valid_fdb_dump_legacy(): the bridge and the port that the dump is about, 0: all. */
function valid_fdb_dump(cb: netlink_callback): { br_idx: number; brport_idx: number } | Errno {
  const { buf, extack } = cb
  if (buf.length < NLMSG_HDRLEN + ndmsg.size) return extack.fail(EINVAL, 'Invalid header for fdb dump request')
  const ndm = ndmsg.get(buf, NLMSG_HDRLEN)
  if (!cb.strict_check) return valid_fdb_dump_legacy(cb)
  if (ndm.__pad1 || ndm.__pad2 || ndm.ndm_state || ndm.ndm_flags || ndm.ndm_type) {
    return extack.fail(EINVAL, 'Invalid values in header for fdb dump request')
  }
  const tb = nlmsg_parse_deprecated_strict(cb, ndmsg.size, fdb_policy)
  if (isErrno(tb)) return tb
  for (let nr = 1; nr <= tb.max; nr++) {
    if (tb.atNr(nr) === 0) continue
    if (nr === NDA_IFINDEX.nr) {
      if (tb.length(NDA_IFINDEX) !== 4) return extack.fail(EINVAL, 'Invalid IFINDEX attribute in fdb dump request')
    } else if (nr === NDA_MASTER.nr) {
      if (tb.length(NDA_MASTER) !== 4) return extack.fail(EINVAL, 'Invalid MASTER attribute in fdb dump request')
    } else return extack.fail(EINVAL, 'Unsupported attribute in fdb dump request')
  }
  const brport_idx = tb.get(NDA_IFINDEX) ?? ndm.ndm_ifindex
  return { br_idx: tb.get(NDA_MASTER) ?? 0, brport_idx }
}

/**
 * Programs of old send a struct ndmsg alone or with one attribute, and mean everything; others a struct ifinfomsg, whose index
 * names the port.
 */
function valid_fdb_dump_legacy(cb: netlink_callback): { br_idx: number; brport_idx: number } | Errno {
  const length = cb.buf.length - NLMSG_HDRLEN
  if (length === ndmsg.size || length === ndmsg.size + 8) return { br_idx: 0, brport_idx: 0 }
  const tb = nlmsg_parse_deprecated(cb, ifinfomsg.size, ifla_policy)
  if (isErrno(tb)) return EINVAL
  return { br_idx: tb.get(IFLA_MASTER) ?? 0, brport_idx: ndmsg.get(cb.buf, NLMSG_HDRLEN).ndm_ifindex }
}

/** ndo_dflt_fdb_dump(): the device's own unicast, then multicast addresses. */
export function ndo_dflt_fdb_dump(skb: MessageBuilder, cb: netlink_callback, dev: net_device, idx: { n: number }): boolean {
  if (dev.type !== ARPHRD_ETHER) return true
  const head = { type: RTM_NEWNEIGH, portid: cb.portid, seq: cb.seq, nlflags: NLM_F_MULTI, ndm_state: NUD_PERMANENT }
  for (const { addr } of [...dev.uc, ...dev.mc]) {
    if (idx.n >= cb.args[2] && !nlmsg_populate_fdb_fill(skb, dev, addr, 0, head)) return false
    idx.n++
  }
  return true
}

/** args[0]: the device to go on with (its place), args[2]: entries of it that are done. */
export function rtnl_fdb_dump(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const mark = cb.pool.mark()
  const filter = valid_fdb_dump(cb)
  cb.pool.release(mark)
  if (isErrno(filter)) return filter
  const { br_idx, brport_idx } = filter
  if (br_idx !== 0 && __dev_get_by_index(cb.net, br_idx) === undefined) return ENODEV
  for (const [place, dev] of cb.net.dev_base_head.entries()) {
    if (place < cb.args[0]) continue
    if (place > cb.args[0]) cb.args[2] = 0
    cb.args[0] = place
    if (brport_idx !== 0 && dev.ifindex !== brport_idx) continue
    const idx = { n: 0 }
    if (!dump_device(skb, cb, dev, br_idx, idx)) {
      cb.args[2] = idx.n
      return true
    }
  }
  cb.args[0] = Number.MAX_SAFE_INTEGER
  return undefined
}
function dump_device(skb: MessageBuilder, cb: netlink_callback, dev: net_device, br_idx: number, idx: { n: number }): boolean {
  const master = dev.priv_flags & IFF_BRIDGE_PORT ? netdev_master_upper_dev_get(dev) : undefined
  if (br_idx !== 0 && dev.ifindex !== br_idx && master?.ifindex !== br_idx) return true
  if (br_idx !== 0 && dev.ifindex === br_idx && !(dev.priv_flags & IFF_EBRIDGE)) return true
  if (master?.netdev_ops.ndo_fdb_dump?.(skb, cb, master, dev, idx) === false) return false
  const own = dev.netdev_ops.ndo_fdb_dump
  return own === undefined ? ndo_dflt_fdb_dump(skb, cb, dev, idx) : own(skb, cb, dev, undefined, idx)
}

/** valid_fdb_get_strict() and the answer. */
export function rtnl_fdb_get(req: Request): Errno | undefined {
  const { buf, extack, net } = req
  if (buf.length < NLMSG_HDRLEN + ndmsg.size) return extack.fail(EINVAL, 'Invalid header for fdb get request')
  const ndm = ndmsg.get(buf, NLMSG_HDRLEN)
  if (ndm.__pad1 || ndm.__pad2 || ndm.ndm_state || ndm.ndm_type) return extack.fail(EINVAL, 'Invalid values in header for fdb get request')
  if (ndm.ndm_flags & ~(NTF_MASTER | NTF_SELF)) return extack.fail(EINVAL, 'Invalid flags in header for fdb get request')
  const tb = nlmsg_parse_deprecated_strict(req, ndmsg.size, nda_policy)
  if (isErrno(tb)) return tb
  const addr = tb.payload(NDA_LLADDR)
  // in order of their numbers: the first that is wrong is told
  for (let nr = 1; nr <= tb.max; nr++) {
    if (tb.atNr(nr) === 0 || nr === NDA_MASTER.nr || nr === NDA_VNI.nr) continue
    if (nr === NDA_LLADDR.nr && addr?.length === 6) continue
    if (nr === NDA_LLADDR.nr) return extack.fail(EINVAL, 'Invalid address in fdb get request')
    if (nr !== NDA_VLAN.nr) return extack.fail(EINVAL, 'Unsupported attribute in fdb get request')
    const parsed = fdb_vid_parse(tb, extack)
    if (isErrno(parsed)) return parsed
  }
  const vid = tb.get(NDA_VLAN) ?? 0
  if (addr === undefined) return extack.fail(EINVAL, 'Missing lookup address for fdb get request')
  const br_idx = tb.get(NDA_MASTER) ?? 0
  const named = ndm.ndm_ifindex === 0 ? undefined : __dev_get_by_index(net, ndm.ndm_ifindex)
  if (ndm.ndm_ifindex !== 0 && named === undefined) return extack.fail(ENODEV, 'Unknown device ifindex')
  const bridge = br_idx === 0 ? undefined : __dev_get_by_index(net, br_idx)
  if (br_idx !== 0 && bridge === undefined) return extack.fail(EINVAL, 'Invalid master ifindex')
  if (named === undefined && bridge === undefined) return extack.fail(ENODEV, 'No device specified')
  let asked = bridge ?? named
  if (named !== undefined && bridge === undefined && (ndm.ndm_flags === 0 || ndm.ndm_flags & NTF_MASTER)) {
    if (!(named.priv_flags & IFF_BRIDGE_PORT)) return extack.fail(EINVAL, 'Device is not a bridge port')
    asked = netdev_master_upper_dev_get(named)
  }
  const get = asked?.netdev_ops.ndo_fdb_get
  if (asked === undefined || get === undefined) return extack.fail(EOPNOTSUPP, 'Fdb get operation not supported by device')
  const skb = new MessageBuilder(undefined, 128)
  return get(skb, asked, addr, vid, req.portid, req.seq, extack, tb) ?? rtnl_unicast(net, skb, req.portid)
}
