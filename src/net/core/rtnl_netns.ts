/**
 * net/core/net_namespace.c: the ids that a namespace gives to its peers, RTM_NEWNSID and RTM_GETNSID, and how a request
 * names a namespace.
 */
import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import { nsfs_inode } from '../../fs/nsfs.ts'
import type { AttrTable } from '../../lib/attrs.ts'
import { MessageBuilder } from '../../lib/message.ts'
import { EACCES, EBADF, EEXIST, EINVAL, ENOENT, ENOSPC, type Errno, ESRCH, isErrno } from '../../uapi/errno.ts'
import {
  NETNSA,
  NETNSA_CURRENT_NSID,
  NETNSA_FD,
  NETNSA_NSID,
  NETNSA_NSID_NOT_ASSIGNED,
  NETNSA_PID,
  NETNSA_TARGET_NSID,
} from '../../uapi/linux/net_namespace.ts'
import { NLM_F_ECHO, NLM_F_MULTI } from '../../uapi/linux/netlink.ts'
import { RTM_DELNSID, RTM_NEWNSID, RTNLGRP_NSID, rtgenmsg } from '../../uapi/linux/rtnetlink.ts'
import { netlink_capable, nl_dump_check_consistent } from '../netlink/af_netlink.ts'
import { nlmsg_parse_deprecated, nlmsg_parse_deprecated_strict } from '../netlink/attr.ts'
import { NLA_S32, NLA_U32, policy } from '../netlink/policy.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'
import { type net, netns_id_set } from './net_namespace.ts'
import { rtnl_notify, rtnl_unicast } from './rtnetlink.ts'

export const rtnl_net_policy = policy(
  NETNSA,
  {
    NETNSA_NSID: NLA_S32,
    NETNSA_PID: NLA_U32,
    NETNSA_FD: NLA_U32,
    NETNSA_TARGET_NSID: NLA_S32,
  },
  { name: 'rtnl_net_policy' },
)

/** The id that `net` has given to `peer`; a peer without one gets the lowest free one, and the NSID group hears of it. */
export function peernet2id_alloc(net: net, peer: net, portid = 0, seq = 0): number {
  const known = net.peernet2id(peer)
  if (known >= 0) return known
  // the dying neither give nor get one
  if (net.dying || peer.dying) return NETNSA_NSID_NOT_ASSIGNED
  const id = alloc_netid(net, peer, -1)
  if (isErrno(id)) return NETNSA_NSID_NOT_ASSIGNED
  rtnl_net_notifyid(net, id, portid, seq)
  return id
}
export function get_net_ns_by_id(net: net, id: number): net | undefined {
  return id < 0 ? undefined : net.netns_ids.get(id)
}

/** ENOSPC when the id asked for (not negative) is taken. */
function alloc_netid(net: net, peer: net, reqid: number): number | Errno {
  while (net.netns_ids.has(net.netns_id_free)) net.netns_id_free++
  const id = reqid < 0 ? net.netns_id_free : reqid
  if (net.netns_ids.has(id)) return ENOSPC
  netns_id_set(net, id, peer)
  return id
}

/** The namespace of a program, by the process id that it sees; process 1, which no program is, never leaves the first. */
export function get_net_ns_by_pid(net: net, pid: number): net | Errno {
  net.kernel.current?.files?.process(pid)
  for (const task of net.kernel.tasks.values()) if (task.tgid === pid || task.pid === pid) return task.net_ns
  return pid === 1 ? net.kernel.init_net : ESRCH
}
/** The namespace behind a file that the calling program has open. */
export function get_net_ns_by_fd(net: net, fd: number): net | Errno {
  const files = net.kernel.current?.files
  if (files === undefined) return EBADF
  const file = files.inode(fd | 0)
  if (isErrno(file)) return file
  return file instanceof nsfs_inode ? file.net : EINVAL
}
/** rtnl_get_net_ns_capable: the namespace that an id of the socket's own namespace means. */
export function rtnl_get_net_ns_capable(req: Request | netlink_callback, netnsid: number): net | Errno {
  const found = get_net_ns_by_id(req.net, netnsid)
  if (found === undefined) return EINVAL
  return netlink_capable(req.sk, req.task, CAP_NET_ADMIN) ? found : EACCES
}

function rtnl_net_fill(
  skb: MessageBuilder,
  portid: number,
  seq: number,
  flags: number,
  nsid: number,
  ref_nsid: number | undefined,
  cmd = RTM_NEWNSID,
): boolean {
  skb.begin(cmd, flags, seq, portid)
  skb.room(rtgenmsg.size)
  skb.put(NETNSA_NSID, nsid)
  if (ref_nsid !== undefined) skb.put(NETNSA_CURRENT_NSID, ref_nsid)
  return skb.end()
}

function rtnl_net_notifyid(net: net, id: number, portid: number, seq: number, cmd = RTM_NEWNSID, report = false): void {
  const skb = new MessageBuilder(256, 64)
  rtnl_net_fill(skb, portid, seq, 0, id, undefined, cmd)
  rtnl_notify(net, skb, portid, RTNLGRP_NSID, report)
}

/** The peer is dying. */
export function rtnl_net_nsid_gone(net: net, id: number): void {
  rtnl_net_notifyid(net, id, 0, 0, RTM_DELNSID)
}

/** The peer that NETNSA_PID or NETNSA_FD names, with the attribute's offset; undefined when neither is there. */
function peer_of(req: Request, tb: AttrTable): { peer: net | Errno; at: number } | undefined {
  const pid = tb.get(NETNSA_PID)
  if (pid !== undefined) return { peer: get_net_ns_by_pid(req.net, pid), at: tb.at(NETNSA_PID) }
  const fd = tb.get(NETNSA_FD)
  if (fd !== undefined) return { peer: get_net_ns_by_fd(req.net, fd), at: tb.at(NETNSA_FD) }
  return undefined
}

/** RTM_NEWNSID */
export function rtnl_net_newid(req: Request): Errno | undefined {
  const { net, extack } = req
  const tb = nlmsg_parse_deprecated(req, rtgenmsg.size, rtnl_net_policy)
  if (isErrno(tb)) return tb
  const nsid = tb.get(NETNSA_NSID)
  if (nsid === undefined) return extack.fail(EINVAL, 'nsid is missing')
  const named = peer_of(req, tb)
  if (named === undefined) return extack.fail(EINVAL, 'Peer netns reference is missing')
  const { peer, at } = named
  if (isErrno(peer)) return extack.fail(peer, 'Peer netns reference is invalid', at)
  if (net.peernet2id(peer) >= 0) return extack.fail(EEXIST, 'Peer netns already has a nsid assigned', at)
  const id = alloc_netid(net, peer, nsid)
  if (isErrno(id)) return extack.fail(EEXIST, 'The specified nsid is already used', tb.at(NETNSA_NSID))
  rtnl_net_notifyid(net, id, req.portid, req.seq, RTM_NEWNSID, (req.flags & NLM_F_ECHO) !== 0)
  return undefined
}

function rtnl_net_valid_getid_req(req: Request): AttrTable | Errno {
  if (!req.strict_check) return nlmsg_parse_deprecated(req, rtgenmsg.size, rtnl_net_policy)
  const tb = nlmsg_parse_deprecated_strict(req, rtgenmsg.size, rtnl_net_policy)
  if (isErrno(tb)) return tb
  const unsupported = tb.at(NETNSA_CURRENT_NSID)
  return unsupported === 0 ? tb : req.extack.fail(EINVAL, 'Unsupported attribute in peer netns getid request', unsupported)
}

/** RTM_GETNSID of one peer. */
export function rtnl_net_getid(req: Request): Errno | undefined {
  const { net, extack } = req
  const tb = rtnl_net_valid_getid_req(req)
  if (isErrno(tb)) return tb
  let named = peer_of(req, tb)
  const nsid = tb.get(NETNSA_NSID)
  if (named === undefined && nsid !== undefined) named = { peer: get_net_ns_by_id(net, nsid) ?? ENOENT, at: tb.at(NETNSA_NSID) }
  if (named === undefined) return extack.fail(EINVAL, 'Peer netns reference is missing')
  const { peer, at } = named
  if (isErrno(peer)) return extack.fail(peer, 'Peer netns reference is invalid', at)
  const target_id = tb.get(NETNSA_TARGET_NSID)
  const target = target_id === undefined ? net : rtnl_get_net_ns_capable(req, target_id)
  if (isErrno(target)) return extack.fail(target, 'Target netns reference is invalid', tb.at(NETNSA_TARGET_NSID))
  const skb = new MessageBuilder(256, 64)
  rtnl_net_fill(skb, req.portid, req.seq, 0, target.peernet2id(peer), target_id === undefined ? undefined : net.peernet2id(peer))
  return rtnl_unicast(net, skb, req.portid)
}

/** The namespace that a dump is about; strict requests may name it, legacy ones carry nothing. */
function rtnl_valid_dump_net_req(cb: netlink_callback): net | undefined | Errno {
  if (!cb.strict_check) return undefined
  const tb = nlmsg_parse_deprecated_strict(cb, rtgenmsg.size, rtnl_net_policy)
  if (isErrno(tb)) return tb
  for (let nr = 0; nr <= tb.max; nr++) {
    if (tb.atNr(nr) === 0 || nr === NETNSA_TARGET_NSID.nr) continue
    return cb.extack.fail(EINVAL, 'Unsupported attribute in dump request', tb.atNr(nr))
  }
  const id = tb.get(NETNSA_TARGET_NSID)
  if (id === undefined) return undefined
  const found = rtnl_get_net_ns_capable(cb, id)
  return isErrno(found) ? cb.extack.fail(found, 'Invalid target network namespace id', tb.at(NETNSA_TARGET_NSID)) : found
}

export function rtnl_net_dumpid(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const mark = cb.pool.mark()
  const target = rtnl_valid_dump_net_req(cb)
  cb.pool.release(mark)
  if (isErrno(target)) return target
  const ids = (target ?? cb.net).netns_ids_in_order
  for (; cb.args[0] < ids.length; cb.args[0]++) {
    const [id, peer] = ids[cb.args[0]]
    const flags = NLM_F_MULTI | nl_dump_check_consistent(cb)
    if (!rtnl_net_fill(skb, cb.portid, cb.seq, flags, id, target === undefined ? undefined : cb.net.peernet2id(peer))) return true
  }
  return undefined
}
