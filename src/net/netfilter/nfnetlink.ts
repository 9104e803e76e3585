/**
 * net/netfilter/nfnetlink.c: NETLINK_NETFILTER, which leads messages to the subsystems of netfilter. None of them
 * (nftables, connection tracking, sets, queues, logs) is built: sockets open, and what asks for one is told so, as by a
 * Linux whose modules are not installed.
 */
import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import type { task_struct } from '../../kernel/task.ts'
import { get16, get32 } from '../../lib/bytes.ts'
import { NLMSG_HDRLEN } from '../../lib/message.ts'
import { EINVAL, EOPNOTSUPP, EPERM, type Errno, isErrno } from '../../uapi/errno.ts'
import { NETLINK_NETFILTER } from '../../uapi/linux/netlink.ts'
import {
  NFNL_BATCH,
  NFNL_MSG_BATCH_BEGIN,
  NFNL_SUBSYS_COUNT,
  NFNL_SUBSYS_NFTABLES,
  NFNLGRP_MAX,
  nfgenmsg,
} from '../../uapi/linux/nfnetlink.ts'
import { type net, type pernet_operations, register_pernet_subsys } from '../core/net_namespace.ts'
import { nla_parse_at, NL_VALIDATE_LIBERAL } from '../netlink/attr.ts'
import { netlink_ack, netlink_net_capable, netlink_rcv_skb, netlink_request } from '../netlink/netlink_rcv.ts'
import {
  type netlink_kernel_cfg,
  netlink_kernel_create,
  netlink_kernel_release,
  netlink_lookup,
  type netlink_sock,
} from '../netlink/netlink_sock.ts'
import { NLA_U32, policy } from '../netlink/policy.ts'
import type { Request } from '../netlink/types.ts'

export const nfnl_batch_policy = policy(NFNL_BATCH, { NFNL_BATCH_GENID: NLA_U32 }, { name: 'nfnl_batch_policy' })

/** Who lacks the permission is told so once for the whole datagram. */
export function nfnetlink_rcv(data: Uint8Array, sk: netlink_sock, task: task_struct): void {
  if (data.length < NLMSG_HDRLEN) return
  const length = get32(data, 0)
  if (length < NLMSG_HDRLEN || length > data.length) return
  const req = new netlink_request(sk.sk_net, sk, task, data.subarray(0, length))
  if (!netlink_net_capable(req, task, CAP_NET_ADMIN)) netlink_ack(req, EPERM)
  else if (req.type === NFNL_MSG_BATCH_BEGIN) nfnetlink_rcv_skb_batch(req)
  else netlink_rcv_skb(sk.sk_net, data, sk, task, nfnetlink_rcv_msg)
}

/** One message: the subsystem is the high byte of its type. */
export function nfnetlink_rcv_msg(req: Request): Errno | undefined {
  if (req.buf.length < NLMSG_HDRLEN + nfgenmsg.size) return undefined
  req.net.kernel.unsupported.count('nfnetlink', `subsystem ${req.type >> 8}`)
  return EINVAL
}

/** A batch is for one subsystem; without it the whole of it is refused, by one answer to its first message. */
function nfnetlink_rcv_skb_batch(req: netlink_request): void {
  const start = NLMSG_HDRLEN + nfgenmsg.size
  if (req.buf.length < start) return
  const attributes = nla_parse_at(req, start, req.buf.length, nfnl_batch_policy, NL_VALIDATE_LIBERAL)
  if (isErrno(attributes)) return netlink_ack(without_extack(req), attributes)
  // old nft wrote it in its own order
  const raw = get16(req.buf, NLMSG_HDRLEN + 2)
  const subsys_id = raw === NFNL_SUBSYS_NFTABLES ? raw : ((raw & 0xff) << 8) | (raw >> 8)
  if (subsys_id >= NFNL_SUBSYS_COUNT) return netlink_ack(req, EINVAL)
  req.net.kernel.unsupported.count('nfnetlink', `batch of subsystem ${subsys_id}`)
  netlink_ack(req, EOPNOTSUPP)
}
function without_extack(req: netlink_request): netlink_request {
  return new netlink_request(req.net, req.sk, req.task, req.buf)
}

export const nfnetlink_cfg: netlink_kernel_cfg = { name: 'nfnetlink', groups: NFNLGRP_MAX, input: nfnetlink_rcv }

export function nfnetlink_net_init(net: net): Errno | undefined {
  netlink_kernel_create(net, NETLINK_NETFILTER, nfnetlink_cfg)
  return undefined
}
export function nfnetlink_net_exit(net: net): void {
  const sk = netlink_lookup(net, NETLINK_NETFILTER, 0)
  if (sk !== undefined) netlink_kernel_release(sk)
}
export const nfnetlink_net_ops: pernet_operations = { name: 'nfnetlink_net_ops', init: nfnetlink_net_init, exit: nfnetlink_net_exit }

export function nfnetlink_init(kernel: Kernel): Errno | undefined {
  return register_pernet_subsys(kernel, nfnetlink_net_ops)
}
