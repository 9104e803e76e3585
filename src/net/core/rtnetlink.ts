/**
 * net/core/rtnetlink.c: the registry of rtnetlink: who answers which message of which family, which kinds of links
 * exist, and which address families add to a link's message. Dispatch is in rtnetlink_rcv.ts, notifications in
 * rtnetlink_notify.ts, link messages in rtnetlink_{fill,getlink,newlink,setlink,dellink,linkprop,stats}.ts.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { notifier_block } from '../../kernel/notifier.ts'
import type { task_struct } from '../../kernel/task.ts'
import type { UserMemory } from '../../syscalls/types.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EEXIST, type Errno, isErrno } from '../../uapi/errno.ts'
import { NETLINK_ROUTE } from '../../uapi/linux/netlink.ts'
import {
  RTM_BASE,
  RTM_DELLINK,
  RTM_DELLINKPROP,
  RTM_DELMDB,
  RTM_DELNEIGH,
  RTM_GETADDR,
  RTM_GETLINK,
  RTM_GETMDB,
  RTM_GETNEIGH,
  RTM_GETNETCONF,
  RTM_GETNSID,
  RTM_GETROUTE,
  RTM_GETSTATS,
  RTM_MAX,
  RTM_NEWLINK,
  RTM_NEWLINKPROP,
  RTM_NEWMDB,
  RTM_NEWNEIGH,
  RTM_NEWNSID,
  RTM_SETLINK,
  RTM_SETSTATS,
  RTNLGRP_MAX,
} from '../../uapi/linux/rtnetlink.ts'
import { AF_BRIDGE, AF_UNSPEC } from '../../uapi/linux/socket.ts'
import {
  NL_CFG_F_NONROOT_RECV,
  type netlink_kernel_cfg,
  netlink_kernel_create,
  netlink_kernel_release,
  netlink_set_err,
  type netlink_sock,
  nlmsg_notify,
  nlmsg_unicast,
} from '../netlink/af_netlink.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import type { doit_fn, dumpit_fn, Request } from '../netlink/types.ts'
import { unregister_netdevice_many, unregister_netdevice_queue } from './dev.ts'
import { register_netdevice_notifier } from './dev_notifier.ts'
import type { lwtunnel_encap_ops } from './lwtunnel.ts'
import { type net, type pernet_operations, register_pernet_subsys } from './net_namespace.ts'
import type { net_device } from './netdevice.ts'
import { rtnl_bridge_getlink, rtnl_bridge_setlink } from './rtnetlink_bridge.ts'
import { rtnl_fdb_add, rtnl_fdb_del } from './rtnl_fdb.ts'
import { rtnl_fdb_dump, rtnl_fdb_get } from './rtnl_fdb_dump.ts'
import { rtnl_dellink } from './rtnetlink_dellink.ts'
import { rtnl_dump_all } from './rtnetlink_dump_all.ts'
import { rtnl_dump_ifinfo, rtnl_getlink } from './rtnetlink_getlink.ts'
import { rtnl_dellinkprop, rtnl_newlinkprop } from './rtnetlink_linkprop.ts'
import { rtnl_mdb_add, rtnl_mdb_del, rtnl_mdb_dump, rtnl_mdb_get } from './rtnetlink_mdb.ts'
import { rtnl_newlink } from './rtnetlink_newlink.ts'
import { rtnetlink_event } from './rtnetlink_notify.ts'
import { rtnetlink_rcv } from './rtnetlink_rcv.ts'
import { rtnl_setlink } from './rtnetlink_setlink.ts'
import { rtnl_stats_dump, rtnl_stats_get, rtnl_stats_set } from './rtnetlink_stats.ts'
import type { rtnl_link_ops } from './rtnl_link_ops.ts'
import { rtnl_net_dumpid, rtnl_net_getid, rtnl_net_newid, rtnl_net_nsid_gone } from './rtnl_netns.ts'

/** Families beyond this number share PF_UNSPEC's handlers. */
export const RTNL_FAMILY_MAX = 129
export const RTNL_FLAG_DOIT_UNLOCKED = 1 << 0
export const RTNL_FLAG_BULK_DEL_SUPPORTED = 1 << 1
export const RTNL_FLAG_DUMP_UNLOCKED = 1 << 2
export const RTNL_FLAG_DUMP_SPLIT_NLM_DONE = 1 << 3

/** What one family does with one message type (struct rtnl_link). */
export class rtnl_link {
  doit: doit_fn | undefined = undefined
  dumpit: dumpit_fn | undefined = undefined
  flags = 0
}

/** What is needed to read a link's attributes; a Request is one. */
export type link_request = Pick<Request, 'net' | 'buf' | 'pool' | 'extack'>

/**
 * struct rtnl_af_ops: an address family's part of a link: its nest in IFLA_AF_SPEC, filled, checked and set. `at` is the
 * offset of the family's attribute header in `req.buf`; its payload is the family's own attributes.
 */
export interface rtnl_af_ops {
  readonly name: string
  readonly family: number
  /** Writes the members; an error (Linux: -ENODATA) takes the family's nest back. Absent: no nest. */
  readonly fill_link_af?: (skb: MessageBuilder, dev: net_device, ext_filter_mask: number) => Errno | undefined
  readonly get_link_af_size?: (dev: net_device, ext_filter_mask: number) => number
  readonly validate_link_af?: (dev: net_device | undefined, req: link_request, at: number, extack: netlink_ext_ack) => Errno | undefined
  readonly set_link_af?: (dev: net_device, req: link_request, at: number, extack: netlink_ext_ack) => Errno | undefined
  readonly fill_stats_af?: (skb: MessageBuilder, dev: net_device) => Errno | undefined
}

export type br_ioctl_fn = (net: net, task: task_struct, cmd: number, arg: number, memory: UserMemory) => number | Errno | undefined

export class rtnl_state {
  /** By family, then by message index (type - RTM_BASE). */
  handlers: ((rtnl_link | undefined)[] | undefined)[] = []
  /** Kinds of links in order of registration. */
  link_ops: rtnl_link_ops[] = []
  /** Address families in order of registration: the order of IFLA_AF_SPEC's members. */
  af_ops: rtnl_af_ops[] = []
  /** Encapsulations that routes may bring along, by type. */
  lwtun_encaps: (lwtunnel_encap_ops | undefined)[] = []
  /** SIOCBR*, once there are bridges (net/socket.c br_ioctl_set). */
  br_ioctl_hook: br_ioctl_fn | undefined = undefined
}

export interface rtnl_msg_handler {
  doit?: doit_fn
  dumpit?: dumpit_fn
  flags?: number
}

/** Fields given replace what was registered; those not given stay. */
export function rtnl_register(kernel: Kernel, family: number, msgtype: number, { doit, dumpit, flags }: rtnl_msg_handler): void {
  const table = (kernel.rtnl.handlers[family] ??= [])
  const link = (table[msgtype - RTM_BASE] ??= new rtnl_link())
  if (doit !== undefined) link.doit = doit
  if (dumpit !== undefined) link.dumpit = dumpit
  link.flags |= flags ?? 0
}
export function rtnl_unregister(kernel: Kernel, family: number, msgtype: number): void {
  const table = kernel.rtnl.handlers[family]
  if (table !== undefined) table[msgtype - RTM_BASE] = undefined
}
export function rtnl_unregister_all(kernel: Kernel, family: number): void {
  kernel.rtnl.handlers[family] = undefined
}

/** What is registered for exactly this family; families that Linux has no table for count as PF_UNSPEC. */
export function rtnl_get_link(kernel: Kernel, family: number, msgtype: number): rtnl_link | undefined {
  return kernel.rtnl.handlers[family > RTNL_FAMILY_MAX ? AF_UNSPEC : family]?.[msgtype - RTM_BASE]
}

/** The ops of a kind of link, or undefined. */
export function rtnl_link_ops_get(kernel: Kernel, kind: string): rtnl_link_ops | undefined {
  return kernel.rtnl.link_ops.find((ops) => ops.kind === kind)
}
/** EEXIST when the kind is taken. */
export function rtnl_link_register(kernel: Kernel, ops: rtnl_link_ops): Errno | undefined {
  if (rtnl_link_ops_get(kernel, ops.kind) !== undefined) return EEXIST
  kernel.rtnl.link_ops.push(ops)
  return undefined
}
/** Unloading a kind takes its devices along, in every namespace (rtnl_link_unregister, __rtnl_kill_links). */
export function rtnl_link_unregister(kernel: Kernel, ops: rtnl_link_ops): void {
  for (const net of kernel.namespaces.net_namespace_list) {
    const list: net_device[] = []
    for (const dev of [...net.dev_base_head]) {
      // one may have taken another along
      if (dev.rtnl_link_ops === ops && !list.includes(dev)) (ops.dellink ?? unregister_netdevice_queue)(dev, list)
    }
    unregister_netdevice_many(list)
  }
  kernel.rtnl.link_ops = kernel.rtnl.link_ops.filter((other) => other !== ops)
}

export function rtnl_af_register(kernel: Kernel, ops: rtnl_af_ops): void {
  kernel.rtnl.af_ops.push(ops)
}
export function rtnl_af_unregister(kernel: Kernel, ops: rtnl_af_ops): void {
  kernel.rtnl.af_ops = kernel.rtnl.af_ops.filter((other) => other !== ops)
}
export function rtnl_af_lookup(kernel: Kernel, family: number): rtnl_af_ops | undefined {
  return kernel.rtnl.af_ops.find((ops) => ops.family === family)
}

/** Multicast to `group` and, with `report` (the request asked by NLM_F_ECHO), a copy to the requester. */
export function rtnl_notify(net: net, skb: MessageBuilder, portid: number, group: number, report: boolean): void {
  nlmsg_notify(net, NETLINK_ROUTE, skb, portid, group, report)
}
export function rtnl_unicast(net: net, skb: MessageBuilder, portid: number): Errno | undefined {
  return nlmsg_unicast(net, NETLINK_ROUTE, portid, skb.bytes())
}
/** Listeners of the group get `error` on their next receive: a notification for them could not be made. */
export function rtnl_set_sk_err(net: net, group: number, error: Errno): void {
  netlink_set_err(net, NETLINK_ROUTE, 0, group, error)
}

export const rtnetlink_cfg: netlink_kernel_cfg = {
  name: 'rtnetlink',
  groups: RTNLGRP_MAX,
  input: rtnetlink_rcv,
  flags: NL_CFG_F_NONROOT_RECV,
}
export const rtnetlink_net_ops: pernet_operations = { name: 'rtnetlink_net_ops', init: rtnetlink_net_init, exit: rtnetlink_net_exit }

/** Each namespace has its own kernel socket for NETLINK_ROUTE. */
export function rtnetlink_net_init(net: net): Errno | undefined {
  net.rtnl = netlink_kernel_create(net, NETLINK_ROUTE, rtnetlink_cfg)
  return undefined
}
export function rtnetlink_net_exit(net: net): void {
  if (net.rtnl !== undefined) netlink_kernel_release(net.rtnl as netlink_sock)
  net.rtnl = undefined
}

/** Called by netlink_proto_init in Linux: the first protocol of netlink. */
export function rtnetlink_init(kernel: Kernel): Errno | undefined {
  kernel.rtnl = new rtnl_state()
  const error = register_pernet_subsys(kernel, rtnetlink_net_ops)
  if (isErrno(error)) return error
  register_netdevice_notifier(kernel, new notifier_block(rtnetlink_event, kernel))
  rtnl_register(kernel, AF_UNSPEC, RTM_GETLINK, { doit: rtnl_getlink, dumpit: rtnl_dump_ifinfo, flags: RTNL_FLAG_DUMP_SPLIT_NLM_DONE })
  rtnl_register(kernel, AF_UNSPEC, RTM_SETLINK, { doit: rtnl_setlink })
  rtnl_register(kernel, AF_UNSPEC, RTM_NEWLINK, { doit: rtnl_newlink })
  rtnl_register(kernel, AF_UNSPEC, RTM_DELLINK, { doit: rtnl_dellink })
  for (const type of [RTM_GETADDR, RTM_GETROUTE, RTM_GETNETCONF]) rtnl_register(kernel, AF_UNSPEC, type, { dumpit: rtnl_dump_all })
  rtnl_register(kernel, AF_UNSPEC, RTM_NEWLINKPROP, { doit: rtnl_newlinkprop })
  rtnl_register(kernel, AF_UNSPEC, RTM_DELLINKPROP, { doit: rtnl_dellinkprop })
  rtnl_register(kernel, AF_BRIDGE, RTM_GETLINK, { dumpit: rtnl_bridge_getlink, flags: RTNL_FLAG_DUMP_SPLIT_NLM_DONE })
  rtnl_register(kernel, AF_BRIDGE, RTM_DELLINK, { doit: rtnl_bridge_setlink })
  rtnl_register(kernel, AF_BRIDGE, RTM_SETLINK, { doit: rtnl_bridge_setlink })
  rtnl_register(kernel, AF_BRIDGE, RTM_NEWNEIGH, { doit: rtnl_fdb_add })
  rtnl_register(kernel, AF_BRIDGE, RTM_DELNEIGH, { doit: rtnl_fdb_del, flags: RTNL_FLAG_BULK_DEL_SUPPORTED })
  rtnl_register(kernel, AF_BRIDGE, RTM_GETNEIGH, { doit: rtnl_fdb_get, dumpit: rtnl_fdb_dump, flags: RTNL_FLAG_DUMP_SPLIT_NLM_DONE })
  rtnl_register(kernel, AF_BRIDGE, RTM_NEWMDB, { doit: rtnl_mdb_add })
  rtnl_register(kernel, AF_BRIDGE, RTM_DELMDB, { doit: rtnl_mdb_del, flags: RTNL_FLAG_BULK_DEL_SUPPORTED })
  rtnl_register(kernel, AF_BRIDGE, RTM_GETMDB, { doit: rtnl_mdb_get, dumpit: rtnl_mdb_dump, flags: RTNL_FLAG_DUMP_SPLIT_NLM_DONE })
  rtnl_register(kernel, AF_UNSPEC, RTM_GETSTATS, { doit: rtnl_stats_get, dumpit: rtnl_stats_dump })
  kernel.namespaces.nsid_gone = rtnl_net_nsid_gone
  rtnl_register(kernel, AF_UNSPEC, RTM_SETSTATS, { doit: rtnl_stats_set })
  rtnl_register(kernel, AF_UNSPEC, RTM_NEWNSID, { doit: rtnl_net_newid })
  rtnl_register(kernel, AF_UNSPEC, RTM_GETNSID, { doit: rtnl_net_getid, dumpit: rtnl_net_dumpid })
  return undefined
}

/** Message types are RTM_BASE … RTM_MAX; the kind (NEW, DEL, GET, SET) is in the low bits. */
export const RTNL_KIND_NEW = 0
export const RTNL_KIND_DEL = 1
export const RTNL_KIND_GET = 2
export const RTNL_KIND_SET = 3
export const RTM_NR_MSGTYPES = RTM_MAX + 1 - RTM_BASE
