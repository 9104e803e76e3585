/** A program with one netlink socket, for tests: sends messages as bytes, takes answers apart. */

import type { task_struct } from '../../src/kernel/task.ts'
import { eachAttr } from '../../src/lib/attrs.ts'
import { get16, get32, getS32, getString, hex, put16, put32 } from '../../src/lib/bytes.ts'
import type { socket } from '../../src/net/socket.ts'
import {
  sys_bind,
  sys_close,
  sys_getsockname,
  sys_getsockopt,
  sys_recvmsg,
  sys_sendmsg,
  sys_setsockopt,
  sys_socket,
} from '../../src/syscalls/syscalls.ts'
import type { ReceivedMessage } from '../../src/syscalls/types.ts'
import { type Errno, isErrno } from '../../src/uapi/errno.ts'
import { NLMSG_ERROR } from '../../src/uapi/linux/netlink.ts'
import { AF_NETLINK, SOCK_RAW, SOL_NETLINK, SOL_SOCKET } from '../../src/uapi/linux/socket.ts'

export function u32(value: number): Uint8Array {
  const b = new Uint8Array(4)
  put32(b, 0, value)
  return b
}
export function sockaddr(pid = 0, groups = 0, family = AF_NETLINK): Uint8Array {
  const b = new Uint8Array(12)
  put16(b, 0, family)
  put32(b, 4, pid)
  put32(b, 8, groups)
  return b
}
export function concat(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}
/** A message whose length field says `length`, by default the truth. */
export function nlmsg(
  type: number,
  flags: number,
  seq: number,
  body: Uint8Array = new Uint8Array(0),
  length = 16 + body.length,
): Uint8Array {
  const head = new Uint8Array(16)
  put32(head, 0, length)
  put16(head, 4, type)
  put16(head, 6, flags)
  put32(head, 8, seq)
  return concat(head, body)
}
/** An attribute, padded. */
export function nla(type: number, payload: Uint8Array | string): Uint8Array {
  const body = typeof payload === 'string' ? new Uint8Array(Buffer.from(payload, 'latin1')) : payload
  const b = new Uint8Array(4 + ((body.length + 3) & ~3))
  put16(b, 0, 4 + body.length)
  put16(b, 2, type)
  b.set(body, 4)
  return b
}

export interface Message {
  type: number
  flags: number
  seq: number
  pid: number
  /** Behind the header. */
  body: Uint8Array
  /** NLMSG_ERROR and NLMSG_DONE: the (negative) errno. */
  error: number | undefined
  /** Extack attributes by number. */
  text: string | undefined
  offset: number | undefined
  tlvs: Map<number, Uint8Array>
}

function parse(b: Uint8Array): Message {
  const type = get16(b, 4)
  const flags = get16(b, 6)
  const m: Message = {
    type,
    flags,
    seq: get32(b, 8),
    pid: get32(b, 12),
    body: b.slice(16),
    error: undefined,
    text: undefined,
    offset: undefined,
    tlvs: new Map(),
  }
  if (type !== NLMSG_ERROR && type !== 3) return m
  m.error = getS32(b, 16)
  if ((flags & 0x200) === 0) return m
  const start = type === 3 ? 20 : 20 + ((flags & 0x100) !== 0 ? 16 : (get32(b, 20) + 3) & ~3)
  eachAttr(b, start, b.length, (nr, o) => m.tlvs.set(nr, b.slice(o + 4, o + get16(b, o))))
  const text = m.tlvs.get(1)
  const offset = m.tlvs.get(2)
  if (text !== undefined) m.text = getString(text, 0, text.length)
  if (offset !== undefined) m.offset = get32(offset, 0)
  return m
}
export function messages(data: Uint8Array): Message[] {
  const list: Message[] = []
  for (let at = 0; at < data.length; at += (get32(data, at) + 3) & ~3) list.push(parse(data.subarray(at, at + get32(data, at))))
  return list
}

export class NetlinkClient {
  readonly task: task_struct
  readonly sock: socket
  constructor(task: task_struct, protocol: number, type = SOCK_RAW) {
    const sock = sys_socket(task, AF_NETLINK, type, protocol)
    if (isErrno(sock)) throw new Error(String(sock))
    this.task = task
    this.sock = sock
  }
  bind(pid = 0, groups = 0): Errno | undefined {
    return sys_bind(this.task, this.sock, sockaddr(pid, groups))
  }
  name(): { pid: number; groups: number } {
    const b = sys_getsockname(this.task, this.sock) as Uint8Array
    return { pid: get32(b, 4), groups: get32(b, 8) }
  }
  set(option: number, value: number): Errno | undefined {
    return sys_setsockopt(this.task, this.sock, SOL_NETLINK, option, u32(value))
  }
  setSocket(option: number, value: number): Errno | undefined {
    return sys_setsockopt(this.task, this.sock, SOL_SOCKET, option, u32(value))
  }
  get(level: number, option: number, length = 4): Uint8Array | Errno {
    return sys_getsockopt(this.task, this.sock, level, option, length)
  }
  /** `to` null: no address, as send(2). */
  send(data: Uint8Array, to: Uint8Array | null = sockaddr(), flags = 0): number | Errno {
    return sys_sendmsg(this.task, this.sock, { data, name: to ?? undefined, flags })
  }
  receive(size = 65536, flags = 0, controlSize = 0): ReceivedMessage | Errno {
    return sys_recvmsg(this.task, this.sock, { size, flags, controlSize })
  }
  /** Datagrams until there is nothing, as messages; an error ends the list. */
  drain(size = 65536): { datagrams: Message[][]; error: Errno } {
    const datagrams: Message[][] = []
    for (;;) {
      const got = this.receive(size)
      if (isErrno(got)) return { datagrams, error: got }
      datagrams.push(messages(got.data))
    }
  }
  /** Sends one message and gives the first answer. */
  ask(type: number, flags: number, body: Uint8Array = new Uint8Array(0), seq = 1): Message {
    this.send(nlmsg(type, flags, seq, body))
    const got = this.receive()
    if (isErrno(got)) throw new Error(`no answer: ${got}`)
    return messages(got.data)[0]
  }
  close(): void {
    sys_close(this.sock)
  }
}

export { hex }
