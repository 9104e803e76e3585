/** net/netlink/af_netlink.c netlink_rcv_skb and netlink_ack: the messages of a datagram, and what is answered to each. */

import { has_capability } from '../../kernel/capability.ts'
import { capable, type task_struct } from '../../kernel/task.ts'
import type { AttrPool } from '../../lib/attrs.ts'
import { get16, get32, put16, put32 } from '../../lib/bytes.ts'
import { MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { EINTR, type Errno } from '../../uapi/errno.ts'
import {
  NLM_F_ACK,
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLM_F_REQUEST,
  NLMSG_ERROR,
  NLMSG_MIN_TYPE,
  NLMSGERR_ATTR_COOKIE,
  NLMSGERR_ATTR_MISS_NEST,
  NLMSGERR_ATTR_MISS_TYPE,
  NLMSGERR_ATTR_MSG,
  NLMSGERR_ATTR_OFFS,
  NLMSGERR_ATTR_POLICY,
} from '../../uapi/linux/netlink.ts'
import type { net } from '../core/net_namespace.ts'
import { netlink_ext_ack } from './extack.ts'
import { netlink_unicast_bytes } from './netlink_multicast.ts'
import { NETLINK_F, type netlink_sock } from './netlink_sock.ts'
import { netlink_policy_write_attr } from './policy_dump.ts'
import type { doit_fn, Request } from './types.ts'

export class netlink_request implements Request {
  readonly net: net
  readonly sk: netlink_sock
  readonly task: task_struct
  readonly portid: number
  readonly type: number
  readonly flags: number
  ack_flags: number
  readonly seq: number
  readonly buf: Uint8Array
  readonly extack: netlink_ext_ack
  readonly pool: AttrPool
  readonly strict_check: boolean
  readonly addressed: boolean
  constructor(net: net, sk: netlink_sock, task: task_struct, buf: Uint8Array) {
    this.net = net
    this.sk = sk
    this.task = task
    this.portid = sk.portid
    this.type = get16(buf, 4)
    this.flags = get16(buf, 6)
    this.ack_flags = this.flags
    this.seq = get32(buf, 8)
    this.buf = buf
    this.extack = new netlink_ext_ack()
    this.pool = net.kernel.nla_pool
    this.strict_check = (sk.flags & NETLINK_F.STRICT_CHK) !== 0
    this.addressed = sk.addressed
  }
}

/**
 * Walks the messages of a datagram. A wrong length ends it silently; what is no request or a control message is only
 * acknowledged when it asks for it; EINTR from the handler (a dump began) means no answer.
 */
export function netlink_rcv_skb(net: net, data: Uint8Array, sk: netlink_sock, task: task_struct, cb: doit_fn): void {
  const pool = net.kernel.nla_pool
  let at = 0
  while (data.length - at >= NLMSG_HDRLEN) {
    const len = get32(data, at)
    if (len < NLMSG_HDRLEN || len > data.length - at) return
    const mark = pool.mark()
    const req = new netlink_request(net, sk, task, at === 0 && len === data.length ? data : data.subarray(at, at + len))
    const error = (req.flags & NLM_F_REQUEST) !== 0 && req.type >= NLMSG_MIN_TYPE ? cb(req) : undefined
    pool.release(mark)
    if (error !== EINTR && (error !== undefined || (req.flags & NLM_F_ACK) !== 0)) netlink_ack(req, error)
    at += (len + 3) & ~3
  }
}

/** The answer NLMSG_ERROR: with the request unless it succeeded or NETLINK_CAP_ACK is set, with extack when asked for. */
export function netlink_ack(req: Request, error: Errno | undefined): void {
  const { sk, buf } = req
  const capped = error === undefined || (sk.flags & NETLINK_F.CAP_ACK) !== 0
  const tlvs = netlink_has_ack_tlvs(sk, error, req.extack)
  const length = NLMSG_HDRLEN + 4 + (capped ? NLMSG_HDRLEN : (buf.length + 3) & ~3)
  const flags = (capped ? NLM_F_CAPPED : 0) | (tlvs ? NLM_F_ACK_TLVS : 0)
  let out: Uint8Array = new Uint8Array(length)
  put32(out, 0, length)
  put16(out, 4, NLMSG_ERROR)
  put16(out, 6, flags)
  put32(out, 8, req.seq)
  put32(out, 12, req.portid)
  put32(out, 16, error === undefined ? 0 : -error.code)
  if (capped) for (let i = 0; i < NLMSG_HDRLEN; i++) out[20 + i] = buf[i]
  else out.set(buf, 20)
  if (!capped && req.extack.patched !== undefined) for (const [at, word] of req.extack.patched) put16(out, 20 + at, word)
  put16(out, 26, req.ack_flags)
  if (tlvs) out = with_ack_tlvs(out, error, req)
  netlink_unicast_bytes(req.net, sk.sk_protocol, req.portid, out)
}

function with_ack_tlvs(message: Uint8Array, error: Errno | undefined, req: Request): Uint8Array {
  const skb = new MessageBuilder(0x7fffffff, message.length + 256)
  skb.room(message.length)
  skb.buf.set(message)
  netlink_ack_tlv_fill(skb, error, req.extack)
  put32(skb.buf, 0, skb.length)
  return skb.bytes()
}

/** netlink_ack_tlv_len: whether there is anything to tell. Warnings carry text and cookie only. */
export function netlink_has_ack_tlvs(sk: netlink_sock, error: Errno | undefined, extack: netlink_ext_ack): boolean {
  if ((sk.flags & NETLINK_F.EXT_ACK) === 0) return false
  if (extack._msg !== undefined || extack.cookie !== undefined) return true
  if (error === undefined) return false
  return extack.bad_attr !== 0 || extack.policy !== undefined || extack.miss_type !== undefined || extack.miss_nest !== 0
}

/** netlink_ack_tlv_fill: the order is visible. */
export function netlink_ack_tlv_fill(skb: MessageBuilder, error: Errno | undefined, extack: netlink_ext_ack): void {
  if (extack._msg !== undefined) skb.put(NLMSGERR_ATTR_MSG, extack._msg)
  if (extack.cookie !== undefined) skb.put(NLMSGERR_ATTR_COOKIE, extack.cookie)
  if (error === undefined) return
  if (extack.bad_attr !== 0) skb.put(NLMSGERR_ATTR_OFFS, extack.bad_attr)
  if (extack.policy !== undefined) netlink_policy_write_attr(skb, undefined, extack.policy, NLMSGERR_ATTR_POLICY.nr)
  if (extack.miss_type !== undefined) skb.put(NLMSGERR_ATTR_MISS_TYPE, extack.miss_type)
  if (extack.miss_nest !== 0) skb.put(NLMSGERR_ATTR_MISS_NEST, extack.miss_nest)
}

/**
 * netlink_ns_capable: the task that sends must have the capability, and so must the one that opened the socket, unless
 * the message was sent to an explicit address.
 */
export function netlink_capable(from: Request | netlink_sock, task: task_struct, cap: number): boolean {
  const sk = 'sk' in from ? from.sk : from
  return (from.addressed || has_capability(sk.sk_cred_caps, cap)) && capable(task, cap)
}
/** netlink_net_capable: the same, since there is one user namespace. */
export function netlink_net_capable(from: Request | netlink_sock, task: task_struct, cap: number): boolean {
  return netlink_capable(from, task, cap)
}
