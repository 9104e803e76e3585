/**
 * net/netlink/genetlink.c: generic netlink: families that get their numbers when they register, and dispatch to their
 * operations. The controller, which tells programs about families, is in genl_ctrl.ts.
 */

import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import type { task_struct } from '../../kernel/task.ts'
import { AttrPool, AttrTable } from '../../lib/attrs.ts'
import { get16 } from '../../lib/bytes.ts'
import { type MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { EINVAL, ENOENT, EOPNOTSUPP, EPERM, type Errno, isErrno } from '../../uapi/errno.ts'
import { GENL_ADMIN_PERM, GENL_CMD_CAP_DO, GENL_CMD_CAP_DUMP, GENL_UNS_ADMIN_PERM, genlmsghdr } from '../../uapi/linux/genetlink.ts'
import { NETLINK_GENERIC, NLM_F_ACK, NLM_F_DUMP, NLM_F_ECHO, NLM_F_REQUEST } from '../../uapi/linux/netlink.ts'
import type { net } from '../core/net_namespace.ts'
import { NL_VALIDATE_LIBERAL, NL_VALIDATE_STRICT, nlmsg_parse } from './attr.ts'
import type { netlink_ext_ack } from './extack.ts'
import {
  GENL_DONT_VALIDATE_DUMP_STRICT,
  GENL_DONT_VALIDATE_STRICT,
  genl_family_by_id,
  genl_family_by_object,
  genl_get_cmd,
} from './genl_family.ts'
import { netlink_dump_start } from './netlink_dump.ts'
import { nlmsg_multicast, nlmsg_notify, nlmsg_unicast } from './netlink_multicast.ts'
import { netlink_capable, netlink_rcv_skb } from './netlink_rcv.ts'
import type { netlink_sock } from './netlink_sock.ts'
import type { Policy } from './policy.ts'
import type { dumpit_fn, netlink_callback, Request } from './types.ts'

export const GENL_HDRLEN = 4

/** What an operation gets. */
export interface genl_info {
  readonly req: Request
  readonly net: net
  readonly task: task_struct
  readonly family: genl_family
  readonly cmd: number
  readonly snd_seq: number
  readonly snd_portid: number
  readonly extack: netlink_ext_ack
  /** Empty when the operation has no policy. */
  readonly attrs: AttrTable
  /** Offset of the family's own header in req.buf. */
  readonly userhdr: number
  /** For pre_doit to hand things to doit and post_doit. */
  user_ptr: [any, any]
}

/** struct genl_ops: do and dump in one. Missing policy: the family's. */
export interface genl_ops {
  readonly cmd: number
  /** GENL_ADMIN_PERM, GENL_UNS_ADMIN_PERM */
  readonly flags?: number
  readonly internal_flags?: number
  readonly validate?: number
  readonly policy?: Policy
  readonly doit?: (info: genl_info) => Errno | undefined
  readonly start?: (cb: netlink_callback) => Errno | undefined
  readonly dumpit?: dumpit_fn
  readonly done?: (cb: netlink_callback) => void
}

/** struct genl_split_ops: flags carry exactly one of GENL_CMD_CAP_DO and GENL_CMD_CAP_DUMP. */
export interface genl_split_ops extends genl_ops {
  readonly flags: number
  readonly pre_doit?: (op: genl_split_ops, info: genl_info) => Errno | undefined
  readonly post_doit?: (op: genl_split_ops, info: genl_info) => void
}

export interface genl_multicast_group {
  readonly name: string
  readonly flags?: number
}

/** struct genl_family: one exported constant; its number is the kernel's, see genl_family_by_object(). */
export interface genl_family {
  readonly name: string
  readonly version: number
  readonly hdrsize?: number
  /** As CTRL_CMD_GETFAMILY shows it; families whose policies are per operation show 0. */
  readonly maxattr?: number
  readonly policy?: Policy
  readonly ops?: readonly genl_ops[]
  readonly split_ops?: readonly genl_split_ops[]
  readonly mcgrps?: readonly genl_multicast_group[]
  /** Exists in every namespace, not in init_net only. */
  readonly netnsok?: boolean
  readonly parallel_ops?: boolean
  /** From this command on requests are held to strict headers, and a missing policy rejects all attributes. */
  readonly resv_start_op?: number
  readonly pre_doit?: genl_split_ops['pre_doit']
  readonly post_doit?: genl_split_ops['post_doit']
  readonly bind?: (group: number) => void
  readonly unbind?: (group: number) => void
}

/** A dump's operation and attributes, which live as long as the dump: they have slots of their own. */
export class genl_dumpit_info {
  readonly family: genl_family
  readonly op: genl_split_ops
  readonly attrs: AttrTable
  constructor(family: genl_family, op: genl_split_ops, attrs: AttrTable) {
    this.family = family
    this.op = op
    this.attrs = attrs
  }
}
export function genl_dumpit_info_of(cb: netlink_callback): genl_dumpit_info {
  return cb.data as genl_dumpit_info
}

/** The input of NETLINK_GENERIC. */
export function genl_rcv(data: Uint8Array, sk: netlink_sock, task: task_struct): void {
  netlink_rcv_skb(sk.sk_net, data, sk, task, genl_rcv_msg)
}

export function genl_rcv_msg(req: Request): Errno | undefined {
  const entry = genl_family_by_id(req.net.kernel.genl, req.type)
  if (entry === undefined) {
    req.net.kernel.unsupported.count('genetlink', `family ${req.type}`)
    return ENOENT
  }
  return genl_family_rcv_msg(entry.family, req)
}

function genl_family_rcv_msg(family: genl_family, req: Request): Errno | undefined {
  if (!family.netnsok && req.net !== req.net.kernel.init_net) return ENOENT
  if (req.buf.length < NLMSG_HDRLEN + GENL_HDRLEN + (family.hdrsize ?? 0)) return EINVAL
  const cmd = req.buf[NLMSG_HDRLEN]
  const refused = genl_header_check(family, cmd, req)
  if (refused !== undefined) return refused
  const way = (req.flags & NLM_F_DUMP) === NLM_F_DUMP ? GENL_CMD_CAP_DUMP : GENL_CMD_CAP_DO
  const op = genl_get_cmd(family, cmd, way)
  if (op === undefined) {
    req.net.kernel.unsupported.count('genetlink', `${family.name} command ${cmd}`)
    return EOPNOTSUPP
  }
  if ((op.flags & (GENL_ADMIN_PERM | GENL_UNS_ADMIN_PERM)) !== 0 && !netlink_capable(req, req.task, CAP_NET_ADMIN)) return EPERM
  return way === GENL_CMD_CAP_DUMP ? genl_dumpit(family, op, req) : genl_doit(family, op, cmd, req)
}

/** Commands younger than the check must leave reserved fields and unused flags alone. */
function genl_header_check(family: genl_family, cmd: number, req: Request): Errno | undefined {
  if (cmd < (family.resv_start_op ?? 0)) return undefined
  if (get16(req.buf, NLMSG_HDRLEN + 2) !== 0) return req.extack.fail(EINVAL, 'genlmsghdr.reserved field is not 0')
  const flags = (req.flags & NLM_F_DUMP) === NLM_F_DUMP ? req.flags & ~NLM_F_DUMP : req.flags
  if ((flags & ~(NLM_F_REQUEST | NLM_F_ACK | NLM_F_ECHO)) === 0) return undefined
  return req.extack.fail(EINVAL, 'ambiguous or reserved bits set in nlmsg_flags')
}

function genl_doit(family: genl_family, op: genl_split_ops, cmd: number, req: Request): Errno | undefined {
  const attrs = parse(family, op, req, req.pool, GENL_DONT_VALIDATE_STRICT)
  if (isErrno(attrs)) return attrs
  const info: genl_info = {
    req,
    net: req.net,
    task: req.task,
    family,
    cmd,
    snd_seq: req.seq,
    snd_portid: req.portid,
    extack: req.extack,
    attrs,
    userhdr: NLMSG_HDRLEN + GENL_HDRLEN,
    user_ptr: [undefined, undefined],
  }
  const refused = op.pre_doit?.(op, info)
  if (refused !== undefined) return refused
  const result = op.doit?.(info)
  op.post_doit?.(op, info)
  return result
}

function parse(
  family: genl_family,
  op: genl_split_ops,
  req: Pick<Request, 'buf' | 'extack' | 'net' | 'task'>,
  pool: AttrPool,
  lax: number,
): AttrTable | Errno {
  if (op.policy === undefined) return new AttrTable(req.buf, pool, 0)
  const level = (op.validate ?? 0) & lax ? NL_VALIDATE_LIBERAL : NL_VALIDATE_STRICT
  const context = { buf: req.buf, extack: req.extack, pool, net: req.net, task: req.task }
  return nlmsg_parse(context, GENL_HDRLEN + (family.hdrsize ?? 0), op.policy, level)
}

function genl_dumpit(family: genl_family, op: genl_split_ops, req: Request): Errno | undefined {
  return netlink_dump_start(req, op.dumpit as dumpit_fn, { start: genl_start, done: genl_done, data: { family, op } })
}

/** Parses the dump's attributes into a table of its own, then lets the operation start. */
export function genl_start(cb: netlink_callback): Errno | undefined {
  const { family, op } = cb.data as { family: genl_family; op: genl_split_ops }
  const pool = new AttrPool((op.policy?.maxtype ?? 0) + 1)
  const attrs = parse(family, op, cb, pool, GENL_DONT_VALIDATE_DUMP_STRICT)
  if (isErrno(attrs)) return attrs
  cb.data = new genl_dumpit_info(family, op, attrs)
  return op.start?.(cb)
}
export function genl_done(cb: netlink_callback): void {
  genl_dumpit_info_of(cb).op.done?.(cb)
}

/** Begins a message: nlmsghdr and genlmsghdr. */
export function genlmsg_begin(
  skb: MessageBuilder,
  family_id: number,
  cmd: number,
  flags: number,
  seq: number,
  portid: number,
  version = 1,
): void {
  skb.begin(family_id, flags, seq, portid)
  skb.struct(genlmsghdr, { cmd, version })
}
/** genlmsg_put: the same for a registered family, with its number and version. */
export function genlmsg_put(
  skb: MessageBuilder,
  net: net,
  portid: number,
  seq: number,
  family: genl_family,
  flags: number,
  cmd: number,
): void {
  genlmsg_begin(skb, genl_family_by_object(net.kernel.genl, family)?.id ?? 0, cmd, flags, seq, portid, family.version)
}

/** genlmsg_reply: to the sender of the request. The builder must not be used again. */
export function genlmsg_reply(skb: MessageBuilder, info: genl_info): Errno | undefined {
  return nlmsg_unicast(info.net, NETLINK_GENERIC, info.snd_portid, skb.bytes())
}
export function genlmsg_unicast(net: net, skb: MessageBuilder, portid: number): Errno | undefined {
  return nlmsg_unicast(net, NETLINK_GENERIC, portid, skb.bytes())
}

/** The netlink group of a family's own group number. */
export function genl_group_id(net: net, family: genl_family, group: number): number {
  return (genl_family_by_object(net.kernel.genl, family)?.mcgrp_offset ?? 0) + group
}
export function genlmsg_multicast_netns(
  family: genl_family,
  net: net,
  skb: MessageBuilder,
  portid: number,
  group: number,
): Errno | undefined {
  return nlmsg_multicast(net, NETLINK_GENERIC, skb, portid, genl_group_id(net, family, group))
}
/** In every namespace. */
export function genlmsg_multicast_allns(family: genl_family, net: net, skb: MessageBuilder, portid: number, group: number): void {
  for (const each of net.kernel.namespaces.net_namespace_list) genlmsg_multicast_netns(family, each, skb, portid, group)
}
/** genl_notify: to a group, and to the requester when it asked for an echo. */
export function genl_notify(family: genl_family, skb: MessageBuilder, info: genl_info, group: number): void {
  const report = (info.req.flags & NLM_F_ECHO) !== 0
  nlmsg_notify(info.net, NETLINK_GENERIC, skb, info.snd_portid, genl_group_id(info.net, family, group), report)
}

export { genl_init, genl_register_family, genl_unregister_family } from './genl_ctrl.ts'
export {
  GENL_DONT_VALIDATE_DUMP,
  GENL_DONT_VALIDATE_DUMP_STRICT,
  GENL_DONT_VALIDATE_STRICT,
  GENL_MCAST_CAP_NET_ADMIN,
  GENL_MCAST_CAP_SYS_ADMIN,
  genl_family_by_id,
  genl_family_by_name,
  genl_family_by_object,
  genl_state,
} from './genl_family.ts'
