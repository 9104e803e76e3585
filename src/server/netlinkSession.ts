/**
 * Netlink mode: one netlink socket of a host on one connection. After the hello both sides send netlink messages as they
 * are, each padded to a multiple of 4 bytes. What cannot be told apart any more is answered with NLMSG_ERROR and the end.
 */
import type { Duplex } from 'node:stream'
import { put16, put32 } from '../lib/bytes.ts'
import { MessageBuilder } from '../lib/message.ts'
import { EAGAIN, EINVAL, EMSGSIZE, ENOBUFS, type Errno, isErrno } from '../uapi/errno.ts'
import {
  NETLINK_ADD_MEMBERSHIP,
  NETLINK_CAP_ACK,
  NETLINK_EXT_ACK,
  NETLINK_GET_STRICT_CHK,
  NETLINK_NO_ENOBUFS,
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLMSG_ERROR,
  NLMSGERR_ATTR_MSG,
} from '../uapi/linux/netlink.ts'
import { AF_NETLINK, SOCK_RAW, SOL_NETLINK } from '../uapi/linux/socket.ts'
import { ServerError } from './errors.ts'
import type { NetlinkHello, Place } from './hello.ts'

const NLMSG_HDRLEN = 16
/** Longest message taken: what a socket's default send buffer holds. */
export const MAX_MESSAGE = 1 << 18
/** One receive: as much as netlink puts into one datagram of a dump. */
const RECEIVE_SIZE = 1 << 16

const options = {
  ext_ack: NETLINK_EXT_ACK,
  cap_ack: NETLINK_CAP_ACK,
  strict_chk: NETLINK_GET_STRICT_CHK,
  no_enobufs: NETLINK_NO_ENOBUFS,
} as const

export class NetlinkSession {
  private readonly stream: Duplex
  private readonly place: Place
  private readonly sock: any
  private pending: Buffer = Buffer.alloc(0)
  private closed = false
  private flushing = false
  /** Waiting for the client to read. */
  private draining = false

  constructor(stream: Duplex, place: Place, hello: NetlinkHello) {
    this.stream = stream
    this.place = place
    const { door } = place.served.time
    const sock = must(door.sys_socket(place.task, AF_NETLINK, SOCK_RAW, hello.protocol ?? 0), 'protocol', place)
    this.sock = sock
    const set = (option: number, value: number) => door.sys_setsockopt(place.task, sock, SOL_NETLINK, option, u32(value))
    for (const name of hello.options ?? []) this.check(set(options[name], 1), `options ${name}`)
    this.check(door.sys_bind(place.task, sock, sockaddrNl()), 'bind')
    for (const group of hello.groups ?? []) this.check(set(NETLINK_ADD_MEMBERSHIP, group), `groups ${group}`)
    sock.watcher = { dataReady: () => this.wake() }
  }

  /** nl_pid of the socket. */
  portid(): number {
    const name = this.place.served.time.door.sys_getsockname(this.place.task, this.sock)
    return isErrno(name) ? 0 : Buffer.from(name).readUInt32LE(4)
  }

  private check(error: Errno | undefined, field: string): void {
    if (error === undefined) return
    this.close()
    throw new ServerError('BAD_REQUEST', { field, reason: String(error) })
  }

  data(chunk: Buffer): void {
    this.pending = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk])
    while (!this.closed && this.pending.length >= NLMSG_HDRLEN) {
      const length = this.pending.readUInt32LE(0)
      const fault = lengthFault(length)
      if (fault !== undefined) return this.fail(fault.error, fault.reason)
      const padded = (length + 3) & ~3
      if (this.pending.length < padded) return
      const message = new Uint8Array(this.pending.subarray(0, length))
      this.pending = this.pending.subarray(padded)
      this.send(message)
    }
  }

  private send(data: Uint8Array): void {
    const result = this.place.served.time.door.sys_sendmsg(this.place.task, this.sock, { data, flags: 0 })
    if (isErrno(result)) this.write(errorMessage(result, data, 0, `sendmsg: ${result}`))
    this.flush()
  }

  /** Not at once: the multicast may come from within another connection's call. */
  private wake(): void {
    if (this.flushing || this.closed) return
    this.flushing = true
    queueMicrotask(() => {
      this.flushing = false
      this.flush()
    })
  }

  /** Sends on what is queued, until the client's side is full: then the host's own queue fills, as with a slow reader. */
  private flush(): void {
    const { door } = this.place.served.time
    while (!this.closed && !this.stream.writableNeedDrain) {
      const got = door.sys_recvmsg(this.place.task, this.sock, { size: RECEIVE_SIZE, controlSize: 0, flags: 0 })
      if (!isErrno(got)) this.write(got.data)
      else if (got === EAGAIN) return
      else this.write(errorMessage(got, new Uint8Array(NLMSG_HDRLEN), this.portid(), got === ENOBUFS ? 'messages were lost' : String(got)))
    }
    if (this.closed || this.draining) return
    this.draining = true
    // who does not read is not listened to either
    this.stream.pause()
    this.stream.once('drain', () => {
      this.draining = false
      this.stream.resume()
      this.flush()
    })
  }

  private write(bytes: Uint8Array): void {
    const padding = -bytes.length & 3
    this.stream.write(padding === 0 ? Buffer.from(bytes) : Buffer.concat([bytes, new Uint8Array(padding)]))
  }

  private fail(error: Errno, reason: string): void {
    this.write(errorMessage(error, new Uint8Array(this.pending.subarray(0, NLMSG_HDRLEN)), this.portid(), reason))
    this.stream.end()
    this.close()
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    this.sock.watcher = undefined
    this.place.served.time.door.sys_close(this.sock)
    this.place.host.kernel.task_exit(this.place.task.pid)
  }
}

function lengthFault(length: number): { error: Errno; reason: string } | undefined {
  if (length < NLMSG_HDRLEN) return { error: EINVAL, reason: `nlmsg_len ${length}: a message has at least ${NLMSG_HDRLEN} bytes` }
  if (length > MAX_MESSAGE) return { error: EMSGSIZE, reason: `nlmsg_len ${length}: at most ${MAX_MESSAGE} bytes are taken` }
  return undefined
}

/** NLMSG_ERROR about the message whose header `about` begins with, and a text for people (NLMSGERR_ATTR_MSG). */
function errorMessage(error: Errno, about: Uint8Array, portid: number, text: string): Uint8Array {
  const skb = new MessageBuilder()
  skb.begin(NLMSG_ERROR, NLM_F_ACK_TLVS | NLM_F_CAPPED, Buffer.from(about).readUInt32LE(8), portid)
  const body = new Uint8Array(4 + NLMSG_HDRLEN)
  put32(body, 0, -error.code)
  body.set(about.subarray(0, NLMSG_HDRLEN), 4)
  skb.buf.set(body, skb.room(body.length))
  skb.put(NLMSGERR_ATTR_MSG, text)
  skb.end()
  return skb.bytes()
}

function must<T>(value: T | Errno, field: string, place: Place): T {
  if (!isErrno(value)) return value
  place.host.kernel.task_exit(place.task.pid)
  throw new ServerError('BAD_REQUEST', { field, reason: String(value) })
}

function u32(value: number): Uint8Array {
  const b = new Uint8Array(4)
  put32(b, 0, value)
  return b
}
function sockaddrNl(): Uint8Array {
  const b = new Uint8Array(12)
  put16(b, 0, AF_NETLINK)
  return b
}
