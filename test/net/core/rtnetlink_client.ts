/** A program on a booted host that speaks rtnetlink in bytes: requests in, answers and multicasts out. */

import { boot } from '../../../src/init/main.ts'
import { CAP_FULL_SET } from '../../../src/kernel/capability.ts'
import { Kernel, type kernel_params } from '../../../src/kernel/kernel.ts'
import type { task_struct } from '../../../src/kernel/task.ts'
import { EventQueue } from '../../../src/kernel/time.ts'
import { type Attr, eachAttr } from '../../../src/lib/attrs.ts'
import { get16, get32, getS32, getString, hex, put16, put32 } from '../../../src/lib/bytes.ts'
import type { socket } from '../../../src/net/socket.ts'
import { sys_bind, sys_close, sys_recvmsg, sys_sendmsg, sys_setsockopt, sys_socket } from '../../../src/syscalls/syscalls.ts'
import { isErrno } from '../../../src/uapi/errno.ts'
import { NETLINK_ADD_MEMBERSHIP, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK, NETLINK_ROUTE } from '../../../src/uapi/linux/netlink.ts'
import { ifinfomsg } from '../../../src/uapi/linux/rtnetlink.ts'
import { AF_NETLINK, SOCK_RAW } from '../../../src/uapi/linux/socket.ts'

const SOL_NETLINK = 270

export function bootHost(params: Partial<kernel_params> = {}): Kernel {
  const kernel = new Kernel(new EventQueue(), 1, { hostname: 'h', ipv6: false, ...params })
  boot(kernel)
  return kernel
}

export interface Message {
  type: number
  flags: number
  seq: number
  pid: number
  /** With its header. */
  bytes: Uint8Array
}
export interface Ack {
  error: number
  msg: string | undefined
  offset: number | undefined
}

let nextTid = 1000

/** One program with one NETLINK_ROUTE socket. */
export class Client {
  readonly task: task_struct
  readonly sock: socket
  seq = 1
  constructor(
    kernel: Kernel,
    { protocol = NETLINK_ROUTE, groups = [] as number[], capabilities = CAP_FULL_SET, strict = false, netns = 0 } = {},
  ) {
    const tid = nextTid++
    this.task = kernel.task_for({ tgid: tid, tid, comm: 'test', uid: 0, gid: 0, capabilities, netns })
    const sock = sys_socket(this.task, AF_NETLINK, SOCK_RAW, protocol)
    if (isErrno(sock)) throw sock
    this.sock = sock
    const address = new Uint8Array(12)
    put16(address, 0, AF_NETLINK)
    sys_bind(this.task, sock, address)
    this.option(NETLINK_EXT_ACK, 1)
    if (strict) this.option(NETLINK_GET_STRICT_CHK, 1)
    for (const group of groups) this.option(NETLINK_ADD_MEMBERSHIP, group)
  }
  private option(name: number, value: number): void {
    const bytes = new Uint8Array(4)
    put32(bytes, 0, value)
    const error = sys_setsockopt(this.task, this.sock, SOL_NETLINK, name, bytes)
    if (isErrno(error)) throw error
  }
  send(data: Uint8Array): void {
    const name = new Uint8Array(12)
    put16(name, 0, AF_NETLINK)
    const sent = sys_sendmsg(this.task, this.sock, { data, name, flags: 0 })
    if (isErrno(sent)) throw sent
  }
  /** All messages that wait. */
  receive(): Message[] {
    return this.receiveDatagrams().flat()
  }
  /** The same, as they came together. */
  receiveDatagrams(): Message[][] {
    const out: Message[][] = []
    for (;;) {
      const got = sys_recvmsg(this.task, this.sock, { size: 65536, controlSize: 0, flags: 0 })
      if (isErrno(got)) return out
      out.push(split(got.data))
    }
  }
  /** Sends one message and returns all that comes back. */
  request(type: number, flags: number, body: Uint8Array): Message[] {
    this.send(message(type, flags, this.seq++, body))
    return this.receive()
  }
  /** Sends one message that asks for an ACK; the ACK alone. */
  ack(type: number, flags: number, body: Uint8Array): Ack {
    const answers = this.request(type, flags | 5, body)
    const last = answers.find((m) => m.type === 2)
    if (last === undefined) throw new Error('no ACK')
    return parseAck(last)
  }
  close(): void {
    sys_close(this.sock)
  }
}

export function split(data: Uint8Array): Message[] {
  const out: Message[] = []
  for (let o = 0; o + 16 <= data.length; ) {
    const length = get32(data, o)
    const bytes = data.slice(o, o + length)
    out.push({ type: get16(data, o + 4), flags: get16(data, o + 6), seq: get32(data, o + 8), pid: get32(data, o + 12), bytes })
    o += (length + 3) & ~3
  }
  return out
}

export function message(type: number, flags: number, seq: number, body: Uint8Array): Uint8Array {
  const out = new Uint8Array(16 + body.length)
  put32(out, 0, out.length)
  put16(out, 4, type)
  put16(out, 6, flags)
  put32(out, 8, seq)
  out.set(body, 16)
  return out
}

/** struct ifinfomsg and attributes. */
export function link(
  header: { family?: number; index?: number; flags?: number; change?: number; type?: number; pad?: number },
  ...attributes: Uint8Array[]
): Uint8Array {
  const head = ifinfomsg.encode({
    ifi_family: header.family ?? 0,
    ifi_type: header.type ?? 0,
    ifi_index: header.index ?? 0,
    ifi_flags: header.flags ?? 0,
    ifi_change: header.change ?? 0,
  })
  head[1] = header.pad ?? 0
  return concat(head, ...attributes)
}
export function concat(...parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0))
  let o = 0
  for (const part of parts) {
    out.set(part, o)
    o += part.length
  }
  return out
}
/** An attribute by number: payload as a number (u32), text (NUL-terminated), bytes, or nested attributes. */
export function nla(a: Attr<any> | number, ...payload: (number | string | Uint8Array)[]): Uint8Array {
  const nr = typeof a === 'number' ? a : a.nr
  const body = concat(...payload.map(encode))
  const out = new Uint8Array((4 + body.length + 3) & ~3)
  put16(out, 0, 4 + body.length)
  put16(out, 2, nr)
  out.set(body, 4)
  return out
}
export function u8(value: number): Uint8Array {
  return new Uint8Array([value])
}
function encode(value: number | string | Uint8Array): Uint8Array {
  if (typeof value === 'number') {
    const out = new Uint8Array(4)
    put32(out, 0, value)
    return out
  }
  return typeof value === 'string' ? new Uint8Array(Buffer.from(`${value}\0`, 'latin1')) : value
}

/** Errno (negative, as on the wire), text and offset of an NLMSG_ERROR, or of the NLMSG_DONE of a dump that failed. */
export function parseAck(m: Message): Ack {
  const error = getS32(m.bytes, 16)
  const ack: Ack = { error, msg: undefined, offset: undefined }
  if ((m.flags & 0x200) === 0) return ack
  const start = m.type === 3 ? 20 : (m.flags & 0x100) !== 0 ? 36 : 20 + ((get32(m.bytes, 20) + 3) & ~3)
  eachAttr(m.bytes, start, m.bytes.length, (nr, o) => {
    if (nr === 1) ack.msg = getString(m.bytes, o + 4, o + get16(m.bytes, o))
    if (nr === 2) ack.offset = get32(m.bytes, o + 4)
  })
  return ack
}

/** Attributes of a link message: number → payload as hex, in order. */
export function attributes(m: Message): Map<number, string> {
  const out = new Map<number, string>()
  eachAttr(m.bytes, 32, m.bytes.length, (nr, o) => out.set(nr, hex(m.bytes.subarray(o + 4, o + get16(m.bytes, o)))))
  return out
}
export function ifi(m: Message): { index: number; flags: number; change: number } {
  return { index: getS32(m.bytes, 20), flags: get32(m.bytes, 24), change: get32(m.bytes, 28) }
}
