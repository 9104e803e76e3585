/**
 * net/xfrm/xfrm_user.c: NETLINK_XFRM. Security associations and policies are not built, so there are none: lists are
 * empty, what names one does not find it, flushing has nothing to do. What would make one or change how packets are
 * treated is refused and counted.
 *
 * | message | answer |
 * |---|---|
 * | GETSA, GETPOLICY with NLM_F_DUMP | an empty dump |
 * | GETSA, DELSA, GETAE | ESRCH; of a protocol without SPIs EINVAL unless it names the source |
 * | EXPIRE, POLEXPIRE, GETPOLICY, DELPOLICY | ENOENT; EINVAL for a direction that is none |
 * | FLUSHSA, FLUSHPOLICY | done |
 * | GETSADINFO, GETSPDINFO, GETDEFAULT | counts of none; everything is accepted |
 * | NEWSADINFO, REPORT, MAPPING | EINVAL: only the kernel sends these |
 * | others | EOPNOTSUPP |
 */
import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import type { task_struct } from '../../kernel/task.ts'
import { put32 } from '../../lib/bytes.ts'
import { MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { EINVAL, ENOENT, EOPNOTSUPP, EPERM, type Errno, ESRCH, isErrno } from '../../uapi/errno.ts'
import { NETLINK_XFRM, NLM_F_DUMP } from '../../uapi/linux/netlink.ts'
import * as X from '../../uapi/linux/xfrm.ts'
import { type net, type pernet_operations, register_pernet_subsys } from '../core/net_namespace.ts'
import { nlmsg_parse_deprecated } from '../netlink/attr.ts'
import { netlink_dump_start } from '../netlink/netlink_dump.ts'
import { nlmsg_unicast } from '../netlink/netlink_multicast.ts'
import { netlink_net_capable, netlink_rcv_skb } from '../netlink/netlink_rcv.ts'
import {
  type netlink_kernel_cfg,
  netlink_kernel_create,
  netlink_kernel_release,
  netlink_lookup,
  type netlink_sock,
} from '../netlink/netlink_sock.ts'
import { NLA_UNSPEC, policy } from '../netlink/policy.ts'
import type { Request } from '../netlink/types.ts'

/** Buckets of the tables that a namespace begins with, and the most that they may grow to. */
const XFRM_STATE_HASH = 8
const XFRM_POLICY_HMASK = 7
const XFRM_HASH_MAX = 1024 * 1024
const IPPROTO_AH = 51
const IPPROTO_ESP = 50
const IPPROTO_COMP = 108

export const xfrma_policy = policy(X.XFRMA, { XFRMA_SRCADDR: NLA_UNSPEC(16) }, { name: 'xfrma_policy' })

export function xfrm_netlink_rcv(data: Uint8Array, sk: netlink_sock, task: task_struct): void {
  netlink_rcv_skb(sk.sk_net, data, sk, task, xfrm_user_rcv_msg)
}

/** All of it needs the permission, also what only asks. */
export function xfrm_user_rcv_msg(req: Request): Errno | undefined {
  const { type } = req
  if (type > X.XFRM_MSG_MAX) return EINVAL
  if (!netlink_net_capable(req, req.task, CAP_NET_ADMIN)) return EPERM
  const dumped = type === X.XFRM_MSG_GETSA || type === X.XFRM_MSG_GETPOLICY
  if (dumped && (req.flags & NLM_F_DUMP) !== 0) return netlink_dump_start(req, xfrm_dump_none)
  const min = X.xfrm_msg_min[type - X.XFRM_MSG_BASE]
  const tb = nlmsg_parse_deprecated(req, min, xfrma_policy)
  if (isErrno(tb)) return tb
  switch (type) {
    case X.XFRM_MSG_GETSA:
    case X.XFRM_MSG_DELSA:
    case X.XFRM_MSG_GETAE:
      return xfrm_user_state_lookup(req, tb.has(X.XFRMA_SRCADDR))
    case X.XFRM_MSG_GETPOLICY:
    case X.XFRM_MSG_DELPOLICY:
      return xfrm_get_policy(req)
    case X.XFRM_MSG_EXPIRE:
    case X.XFRM_MSG_POLEXPIRE:
      return ENOENT
    case X.XFRM_MSG_FLUSHSA:
    case X.XFRM_MSG_FLUSHPOLICY:
      return undefined
    case X.XFRM_MSG_NEWSADINFO:
    case X.XFRM_MSG_REPORT:
    case X.XFRM_MSG_MAPPING:
      return EINVAL
    case X.XFRM_MSG_GETSADINFO:
      return xfrm_get_sadinfo(req)
    case X.XFRM_MSG_GETSPDINFO:
      return xfrm_get_spdinfo(req)
    case X.XFRM_MSG_GETDEFAULT:
      return xfrm_get_default(req)
    default:
      req.net.kernel.unsupported.count('xfrm', `message ${type}`)
      return EOPNOTSUPP
  }
}

export function xfrm_dump_none(): undefined {
  return undefined
}

/** By protocol and SPI, or by addresses where the protocol has no SPIs. */
function xfrm_user_state_lookup(req: Request, has_source: boolean): Errno {
  const proto = req.buf[NLMSG_HDRLEN + X.XFRM_USERSA_ID_PROTO]
  const has_spi = proto === IPPROTO_AH || proto === IPPROTO_ESP || proto === IPPROTO_COMP
  if (req.type === X.XFRM_MSG_GETAE || has_spi || has_source) return ESRCH
  return EINVAL
}
function xfrm_get_policy(req: Request): Errno {
  const dir = req.buf[NLMSG_HDRLEN + X.XFRM_USERPOLICY_ID_DIR]
  return dir < X.XFRM_POLICY_MAX ? ENOENT : req.extack.fail(EINVAL, 'Invalid policy direction')
}

/** The answers begin with the number that the request began with. */
function info_answer(req: Request, type: number): MessageBuilder {
  const skb = new MessageBuilder(4096, 256)
  skb.begin(type, 0, req.seq, req.portid)
  const at = skb.room(4)
  skb.buf.set(req.buf.subarray(NLMSG_HDRLEN, NLMSG_HDRLEN + 4), at)
  return skb
}
function answer(req: Request, skb: MessageBuilder): Errno | undefined {
  skb.end()
  return nlmsg_unicast(req.net, NETLINK_XFRM, req.portid, skb.bytes())
}
function numbers(...values: number[]): Uint8Array {
  const out = new Uint8Array(values.length * 4)
  for (const [i, value] of values.entries()) put32(out, i * 4, value)
  return out
}
function xfrm_get_sadinfo(req: Request): Errno | undefined {
  const skb = info_answer(req, X.XFRM_MSG_NEWSADINFO)
  skb.put(X.XFRMA_SAD_CNT, 0)
  skb.put(X.XFRMA_SAD_HINFO, numbers(XFRM_STATE_HASH, XFRM_HASH_MAX))
  return answer(req, skb)
}
function xfrm_get_spdinfo(req: Request): Errno | undefined {
  const skb = info_answer(req, X.XFRM_MSG_NEWSPDINFO)
  skb.put(X.XFRMA_SPD_INFO, numbers(0, 0, 0, 0, 0, 0))
  skb.put(X.XFRMA_SPD_HINFO, numbers(XFRM_POLICY_HMASK, XFRM_HASH_MAX))
  skb.put(X.XFRMA_SPD_IPV4_HTHRESH, new Uint8Array([32, 32]))
  skb.put(X.XFRMA_SPD_IPV6_HTHRESH, new Uint8Array([128, 128]))
  return answer(req, skb)
}
function xfrm_get_default(req: Request): Errno | undefined {
  const skb = new MessageBuilder(4096, 64)
  skb.begin(X.XFRM_MSG_GETDEFAULT, 0, req.seq, req.portid)
  const at = skb.room(3)
  skb.buf.fill(X.XFRM_USERPOLICY_ACCEPT, at, at + 3)
  return answer(req, skb)
}

export const xfrm_user_cfg: netlink_kernel_cfg = { name: 'xfrm', groups: X.XFRMNLGRP_MAX, input: xfrm_netlink_rcv }

export function xfrm_user_net_init(net: net): Errno | undefined {
  netlink_kernel_create(net, NETLINK_XFRM, xfrm_user_cfg)
  return undefined
}
export function xfrm_user_net_exit(net: net): void {
  const sk = netlink_lookup(net, NETLINK_XFRM, 0)
  if (sk !== undefined) netlink_kernel_release(sk)
}
export const xfrm_user_net_ops: pernet_operations = { name: 'xfrm_user_net_ops', init: xfrm_user_net_init, exit: xfrm_user_net_exit }

export function xfrm_user_init(kernel: Kernel): Errno | undefined {
  return register_pernet_subsys(kernel, xfrm_user_net_ops)
}
