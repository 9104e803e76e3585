/** net/core/rtnetlink.c rtnl_fdb_add, rtnl_fdb_del: RTM_NEWNEIGH and RTM_DELNEIGH of AF_BRIDGE. Dumps are in rtnl_fdb_dump.ts. */
import type { AttrTable } from '../../lib/attrs.ts'
import { MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { EEXIST, EINVAL, ENODEV, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { ARPHRD_ETHER } from '../../uapi/linux/if_arp.ts'
import { NDA, NDA_FLAGS_EXT, NDA_LLADDR, NDA_VLAN, NTF_MASTER, NTF_SELF, NUD_PERMANENT, ndmsg } from '../../uapi/linux/neighbour.ts'
import { NLM_F_BULK } from '../../uapi/linux/netlink.ts'
import { RTM_DELNEIGH, RTM_NEWNEIGH, RTNLGRP_NEIGH } from '../../uapi/linux/rtnetlink.ts'
import { AF_BRIDGE } from '../../uapi/linux/socket.ts'
import { is_link_local_ether_addr, is_multicast_ether_addr } from '../ethernet/eth.ts'
import { nlmsg_parse_deprecated, nlmsg_parse_deprecated_strict } from '../netlink/attr.ts'
import { policy } from '../netlink/policy.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'
import { __dev_get_by_index, dev_mc_add_excl, dev_mc_del, dev_uc_add_excl, dev_uc_del, netdev_master_upper_dev_get } from './dev.ts'
import { put_ndmsg } from './neighbour_fill.ts'
import { IFF_BRIDGE_PORT, type net_device } from './netdevice.ts'
import { rtnl_notify } from './rtnetlink.ts'

export type ndmsg_value = ReturnType<typeof ndmsg.get>

/** One address that a request adds or takes away. */
export interface fdb_request {
  ndm: ndmsg_value
  tb: AttrTable
  addr: Uint8Array
  vid: number
  nlh_flags: number
}

declare module './netdevice.ts' {
  interface net_device_ops {
    readonly ndo_fdb_add?: (dev: net_device, req: fdb_request, extack: netlink_ext_ack) => Errno | undefined
    readonly ndo_fdb_del?: (dev: net_device, req: fdb_request, extack: netlink_ext_ack) => Errno | undefined
    readonly ndo_fdb_del_bulk?: (req: Request, dev: net_device) => Errno | undefined
    /** Entries of `filter_dev` (undefined: the bridge's own); `idx` counts what was gone through. False: full. */
    readonly ndo_fdb_dump?: (
      skb: MessageBuilder,
      cb: netlink_callback,
      dev: net_device,
      filter_dev: net_device | undefined,
      idx: { n: number },
    ) => boolean
    readonly ndo_fdb_get?: (
      skb: MessageBuilder,
      dev: net_device,
      addr: Uint8Array,
      vid: number,
      portid: number,
      seq: number,
      extack: netlink_ext_ack,
      tb: AttrTable,
    ) => Errno | undefined
  }
}

/** An address of a device's own lists: the short form of an entry. */
export function nlmsg_populate_fdb_fill(
  skb: MessageBuilder,
  dev: net_device,
  addr: Uint8Array,
  vid: number,
  head: { type: number; portid: number; seq: number; nlflags: number; ndm_state: number },
): boolean {
  skb.begin(head.type, head.nlflags, head.seq, head.portid)
  put_ndmsg(skb, AF_BRIDGE, dev.ifindex, head.ndm_state, NTF_SELF, 0)
  skb.putBytes(NDA_LLADDR.nr, addr, dev.addr_len)
  if (vid !== 0) skb.put(NDA_VLAN, vid)
  return skb.end()
}
function rtnl_fdb_notify(dev: net_device, addr: Uint8Array, vid: number, type: number, ndm_state: number): void {
  const skb = new MessageBuilder(undefined, 128)
  nlmsg_populate_fdb_fill(skb, dev, addr, vid, { type, portid: 0, seq: 0, nlflags: 0, ndm_state })
  rtnl_notify(dev.nd_net, skb, 0, RTNLGRP_NEIGH, false)
}

/** ndo_dflt_fdb_add(): into the device's own unicast or multicast list. */
export function ndo_dflt_fdb_add(dev: net_device, req: fdb_request): Errno | undefined {
  const { ndm, tb, addr, vid, nlh_flags } = req
  if (ndm.ndm_state !== 0 && !(ndm.ndm_state & NUD_PERMANENT)) return EINVAL
  if (tb.has(NDA_FLAGS_EXT) || vid !== 0) return EINVAL
  let error: Errno | undefined
  if (!is_multicast_ether_addr(addr) || is_link_local_ether_addr(addr)) error = dev_uc_add_excl(dev, addr)
  else error = dev_mc_add_excl(dev, addr)
  // NLM_F_EXCL: only then does it matter that it was there
  return error === EEXIST && !(nlh_flags & 0x200) ? undefined : error
}
export function ndo_dflt_fdb_del(dev: net_device, req: fdb_request): Errno | undefined {
  const { ndm, addr } = req
  if (!(ndm.ndm_state & NUD_PERMANENT)) return EINVAL
  return !is_multicast_ether_addr(addr) || is_link_local_ether_addr(addr) ? dev_uc_del(dev, addr) : dev_mc_del(dev, addr)
}

/** fdb_vid_parse() */
export function fdb_vid_parse(tb: AttrTable, extack: netlink_ext_ack): number | Errno {
  if (!tb.has(NDA_VLAN)) return 0
  if (tb.length(NDA_VLAN) !== 2) return extack.fail(EINVAL, 'invalid vlan attribute size')
  const vid = tb.get(NDA_VLAN) ?? 0
  return vid === 0 || vid >= 4095 ? extack.fail(EINVAL, 'invalid vlan id') : vid
}

/** No policy of the core's: drivers look at the lengths of what they use. */
export const fdb_policy = policy(NDA, {}, { name: 'fdb_policy' })

function read(req: Request, verb: string, address: boolean): { dev: net_device; fdb: fdb_request } | Errno {
  const { extack } = req
  // a flush may hold nothing unknown; its attributes are the driver's to read
  const tb = (address ? nlmsg_parse_deprecated : nlmsg_parse_deprecated_strict)(req, ndmsg.size, fdb_policy)
  if (isErrno(tb)) return tb
  const ndm = ndmsg.get(req.buf, NLMSG_HDRLEN)
  if (ndm.ndm_ifindex === 0) return extack.fail(EINVAL, 'invalid ifindex')
  const dev = __dev_get_by_index(req.net, ndm.ndm_ifindex)
  if (dev === undefined) return extack.fail(ENODEV, 'unknown ifindex')
  const addr = tb.payload(NDA_LLADDR)
  if (address && addr?.length !== 6) return extack.fail(EINVAL, 'invalid address')
  const ether = dev.type === ARPHRD_ETHER
  // to delete, the VLAN is looked at before the device
  if (!ether && (verb === 'add' || !address)) return extack.fail(EINVAL, `FDB ${verb} only supported for Ethernet devices`)
  const vid = address ? fdb_vid_parse(tb, extack) : 0
  if (isErrno(vid)) return vid
  if (!ether) return extack.fail(EINVAL, `FDB ${verb} only supported for Ethernet devices`)
  return { dev, fdb: { ndm, tb, addr: (addr ?? new Uint8Array(6)).slice(), vid, nlh_flags: req.flags } }
}
function for_master(dev: net_device, ndm: ndmsg_value): net_device | undefined {
  const asked = ndm.ndm_flags === 0 || ndm.ndm_flags & NTF_MASTER
  return asked && dev.priv_flags & IFF_BRIDGE_PORT ? netdev_master_upper_dev_get(dev) : undefined
}

export function rtnl_fdb_add(req: Request): Errno | undefined {
  const r = read(req, 'add', true)
  if (isErrno(r)) return r
  const { dev, fdb } = r
  const br_dev = for_master(dev, fdb.ndm)
  let error: Errno | undefined = EOPNOTSUPP
  if (br_dev?.netdev_ops.ndo_fdb_add !== undefined) {
    error = br_dev.netdev_ops.ndo_fdb_add(dev, fdb, req.extack)
    if (isErrno(error)) return error
    fdb.ndm.ndm_flags &= ~NTF_MASTER
  }
  if (!(fdb.ndm.ndm_flags & NTF_SELF)) return error
  const add = dev.netdev_ops.ndo_fdb_add
  error = add === undefined ? ndo_dflt_fdb_add(dev, fdb) : add(dev, fdb, req.extack)
  if (error === undefined) rtnl_fdb_notify(dev, fdb.addr, fdb.vid, RTM_NEWNEIGH, fdb.ndm.ndm_state)
  return error
}

export function rtnl_fdb_del(req: Request): Errno | undefined {
  const bulk = (req.flags & NLM_F_BULK) !== 0
  const r = read(req, 'delete', !bulk)
  if (isErrno(r)) return r
  const { dev, fdb } = r
  const br_dev = for_master(dev, fdb.ndm)
  let error: Errno | undefined = EOPNOTSUPP
  if (br_dev !== undefined) {
    error = delete_from(br_dev, dev, fdb, req, bulk)
    if (isErrno(error)) return error
    fdb.ndm.ndm_flags &= ~NTF_MASTER
  }
  if (!(fdb.ndm.ndm_flags & NTF_SELF)) return error
  if (bulk) return delete_from(dev, dev, fdb, req, true)
  const del = dev.netdev_ops.ndo_fdb_del
  error = del === undefined ? ndo_dflt_fdb_del(dev, fdb) : del(dev, fdb, req.extack)
  if (error === undefined) rtnl_fdb_notify(dev, fdb.addr, fdb.vid, RTM_DELNEIGH, fdb.ndm.ndm_state)
  return error
}
function delete_from(asked: net_device, dev: net_device, fdb: fdb_request, req: Request, bulk: boolean): Errno | undefined {
  const { ndo_fdb_del, ndo_fdb_del_bulk } = asked.netdev_ops
  if (bulk) return ndo_fdb_del_bulk === undefined ? EOPNOTSUPP : ndo_fdb_del_bulk(req, dev)
  return ndo_fdb_del === undefined ? EOPNOTSUPP : ndo_fdb_del(dev, fdb, req.extack)
}
