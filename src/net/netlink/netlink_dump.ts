/** net/netlink/af_netlink.c netlink_dump: answers of many parts, made as the program receives. */
import { put32 } from '../../lib/bytes.ts'
import { MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { EBUSY, ECONNREFUSED, EINTR, EINVAL, EMSGSIZE, ENOBUFS, type Errno, isErrno } from '../../uapi/errno.ts'
import { NLM_F_ACK_TLVS, NLM_F_DUMP_INTR, NLM_F_MULTI, NLMSG_DONE } from '../../uapi/linux/netlink.ts'
import { SHARED_INFO_SIZE } from '../sock_limits.ts'
import { netlink_ext_ack } from './extack.ts'
import { netlink_filtered, netlink_queue } from './netlink_multicast.ts'
import { netlink_ack_tlv_fill, netlink_has_ack_tlvs } from './netlink_rcv.ts'
import { alloc_skb_truesize, netlink_lookup, netlink_skb, type netlink_sock } from './netlink_sock.ts'
import { type dumpit_fn, netlink_callback, type Request } from './types.ts'

/** SKB_WITH_OVERHEAD(PAGE_SIZE): room of one part until the program has shown a bigger buffer. */
export const NLMSG_GOODSIZE = 4096 - SHARED_INFO_SIZE
/** SKB_WITH_OVERHEAD(32768): no part is bigger, however big the program's buffer. */
export const NETLINK_MAX_RECVMSG_LEN = 32768 - SHARED_INFO_SIZE

export interface dump_options {
  /** Parses the request once, before anything is dumped; an error refuses the dump. */
  start?: (cb: netlink_callback) => Errno | undefined
  /** Frees what `start` or the dump function keeps; also called when the socket closes early. */
  done?: (cb: netlink_callback) => void
  min_dump_alloc?: number
  /** Becomes cb.ctx. */
  ctx?: unknown
  /** Becomes cb.data. */
  data?: unknown
}

/** Starts a dump. EINTR means that it began, so that no ACK is sent: handlers return what this returns. */
export function netlink_dump_start(req: Request, dump: dumpit_fn, opts: dump_options = {}): Errno | undefined {
  const sk = netlink_lookup(req.net, req.sk.sk_protocol, req.portid)
  if (sk === undefined) return ECONNREFUSED
  if (sk.cb_running) return EBUSY
  const cb = new netlink_callback(req, dump, opts.done)
  cb.min_dump_alloc = opts.min_dump_alloc ?? 0
  cb.ctx = opts.ctx
  cb.data = opts.data
  sk.cb = cb
  const error = opts.start?.(cb)
  if (error !== undefined) {
    sk.cb = undefined
    return error
  }
  sk.cb_running = true
  sk.dump_done = undefined
  return netlink_dump(sk) ?? EINTR
}

/** Makes the next part. ENOBUFS: the account is full (the dump goes on with a later receive). */
export function netlink_dump(sk: netlink_sock): Errno | undefined {
  const { cb } = sk
  if (!sk.cb_running || cb === undefined) return EINVAL
  if (sk.sk_rmem_alloc >= sk.sk_rcvbuf) return ENOBUFS
  const size = dump_alloc_size(sk, cb)
  const truesize = alloc_skb_truesize(size)
  if (sk.sk_rmem_alloc !== 0 && sk.sk_rmem_alloc + truesize >= sk.sk_rcvbuf) return ENOBUFS
  const skb = new MessageBuilder(size, cb.part_size)
  cb.extack = new netlink_ext_ack()
  if (sk.dump_done === undefined) fill(sk, cb, skb)
  cb.part_size = skb.buf.length
  if (sk.dump_done === undefined || size - skb.length < NLMSG_HDRLEN + 4) {
    send(sk, skb, truesize)
    return undefined
  }
  netlink_dump_done(sk, cb, skb, sk.dump_done.error)
  send(sk, skb, truesize)
  netlink_dump_end(sk)
  return undefined
}

/** Room for the next part: what the program's largest receive took, at least what the dump needs for one message. */
function dump_alloc_size(sk: netlink_sock, cb: netlink_callback): number {
  const least = Math.max(cb.min_dump_alloc, NLMSG_GOODSIZE)
  return least < sk.max_recvmsg_len ? sk.max_recvmsg_len : least
}

/** EMSGSIZE with something in the buffer means that there is more; with nothing in it, one message is too big for any part. */
function fill(sk: netlink_sock, cb: netlink_callback, skb: MessageBuilder): void {
  const { nla_pool } = cb.net.kernel
  const mark = nla_pool.mark()
  const result = cb.dump(skb, cb)
  nla_pool.release(mark)
  skb.overflow = false
  const more = result === true || result === EMSGSIZE
  if (more && skb.length > 0) return
  sk.dump_done = { error: more ? EMSGSIZE : isErrno(result) ? result : undefined }
}

/** NLMSG_DONE with the dump's errno, and its extack where that fits. */
function netlink_dump_done(sk: netlink_sock, cb: netlink_callback, skb: MessageBuilder, error: Errno | undefined): void {
  const { extack } = cb
  const tlvs = netlink_has_ack_tlvs(sk, error, extack)
  let flags = NLM_F_MULTI | cb.answer_flags | (tlvs ? NLM_F_ACK_TLVS : 0)
  flags |= nl_dump_check_consistent(cb)
  skb.begin(NLMSG_DONE, flags, cb.seq, cb.portid)
  const at = skb.room(4)
  if (at >= 0) put32(skb.buf, at, error === undefined ? 0 : -error.code)
  const end = skb.length
  if (tlvs) netlink_ack_tlv_fill(skb, error, extack)
  if (skb.overflow) {
    skb.overflow = false
    skb.length = end
  }
  skb.end()
}

/**
 * include/net/netlink.h nl_dump_check_consistent: NLM_F_DUMP_INTR when cb.gen_seq is not what it was for the message
 * before; to be or'ed into the message's flags.
 */
export function nl_dump_check_consistent(cb: netlink_callback): number {
  const interrupted = cb.prev_seq !== 0 && cb.gen_seq !== cb.prev_seq
  cb.prev_seq = cb.gen_seq
  return interrupted ? NLM_F_DUMP_INTR : 0
}

function send(sk: netlink_sock, skb: MessageBuilder, truesize: number): void {
  const view = skb.bytes()
  const data = view.length * 2 < skb.buf.length ? view.slice() : view
  const kept = netlink_filtered(sk, new netlink_skb(data, 0, 0, truesize))
  if (kept !== undefined) netlink_queue(sk, kept)
}

/** Frees the callback: the dump is complete, or its socket goes. */
export function netlink_dump_end(sk: netlink_sock): void {
  const { cb } = sk
  if (!sk.cb_running || cb === undefined) return
  cb.done?.(cb)
  sk.cb_running = false
  sk.dump_done = undefined
  sk.cb = undefined
}
