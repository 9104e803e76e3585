/** One process of a recorded command: its descriptors, and each recorded call made again on the simulated kernel. */

import { CAP_FULL_SET } from '../../src/kernel/capability.ts'
import type { task_struct } from '../../src/kernel/task.ts'
import { get32, hex, unhex } from '../../src/lib/bytes.ts'
import type { socket } from '../../src/net/socket.ts'
import {
  sys_bind,
  sys_close,
  sys_connect,
  sys_getsockname,
  sys_ioctl,
  sys_open,
  sys_open_device,
  sys_recvmsg,
  sys_sendmsg,
  sys_setsockopt,
  sys_socket,
} from '../../src/syscalls/syscalls.ts'
import { EAGAIN, EBADF, ENOTTY, type Errno, isErrno } from '../../src/uapi/errno.ts'
import { AF_LOCAL, AF_NETLINK, AF_PACKET, MSG_DONTWAIT, MSG_PEEK } from '../../src/uapi/linux/socket.ts'
import type { Io, IoAddress, IoFile, IoGetsockname, IoIoctl, IoMessage, IoSocket } from '../oracle/recordings.ts'
import { modules } from './moduleTools.ts'
import type { NetlinkIds } from './netlinkIds.ts'
import { RecordedMemory } from './recordedMemory.ts'

/** What iproute2 offers for a datagram; longer when the recorded one was longer. */
const RECEIVE_SIZE = 32768
const NOBODY = 65534

interface OpenSocket {
  sock: socket
  family: number
  type: number
  proto: number
}
type MakeTask = (comm: string, uid: number, capabilities: bigint) => task_struct

export class ReplayedProcess {
  private readonly pid: number
  private readonly makeTask: MakeTask
  private readonly ids: NetlinkIds
  private task: task_struct
  private unprivileged: boolean
  private readonly sockets = new Map<number, OpenSocket>()
  /** What is left to read of open files, and those that only the real kernel has. */
  private readonly files = new Map<string, Uint8Array | undefined>()
  private pendingIoctl: RecordedMemory | undefined
  private pendingResult = 0

  constructor(pid: number, unprivileged: boolean, makeTask: MakeTask, ids: NetlinkIds) {
    this.pid = pid
    this.makeTask = makeTask
    this.ids = ids
    this.unprivileged = unprivileged
    this.task = this.identify('bash')
  }

  private identify(comm: string): task_struct {
    return this.makeTask(comm, this.unprivileged ? NOBODY : 0, this.unprivileged ? 0n : CAP_FULL_SET)
  }

  /** Makes the recorded call; what a recorder would have written about it, and about more that came. */
  step(io: Io): Io[] {
    switch (io.k) {
      case 'start':
        return [io]
      case 'exec':
        this.task = this.identify(baseName(io.argv[0] ?? ''))
        // the next image of a process that executes `asuser` is without privileges
        if (baseName(io.argv[0] ?? '') === 'asuser') this.unprivileged = true
        if (!this.unprivileged) modules(this.task, io.argv)
        return [io]
      case 'socket':
        return [...this.close(io.ret, io.t), this.socket(io)]
      case 'bind':
      case 'connect':
        return [this.address(io)]
      case 'getsockname':
        return [this.getsockname(io)]
      case 'setsockopt':
        return [{ ...io, ret: this.onSocket(io.fd, (s) => sys_setsockopt(this.task, s, io.level, io.opt, unhex(io.val))) }]
      case 'send':
        return [...this.drain(io.fd, io.t), this.send(io)]
      case 'recv':
      case 'peek':
        return this.receive(io)
      case 'ioctl_in':
      case 'ioctl':
        return [io.k === 'ioctl_in' ? this.ioctl(io) : this.ioctlResult(io)]
      case 'open':
      case 'read':
      case 'write':
        return [this.file(io)]
    }
  }

  /** The process ends: what was never received is shown, its sockets close. */
  exit(t: number): Io[] {
    return [...this.sockets.keys()].flatMap((fd) => this.close(fd, t))
  }

  private socket(io: IoSocket): Io {
    if (io.family === AF_LOCAL) return io
    const sock = sys_socket(this.task, io.family, io.type, io.proto)
    if (isErrno(sock)) return { ...io, ret: -sock.code }
    // a descriptor that Linux did not give out
    const fd = io.ret >= 0 ? io.ret : 1000
    this.sockets.set(fd, { sock, family: io.family, type: io.type & 0xf, proto: io.proto })
    return { ...io, ret: fd }
  }

  private close(fd: number, t: number): Io[] {
    const open = this.sockets.get(fd)
    if (open === undefined) return []
    const left = this.drain(fd, t)
    this.sockets.delete(fd)
    sys_close(open.sock)
    return left
  }

  private onSocket(fd: number, call: (sock: socket) => Errno | number | undefined): number {
    const open = this.sockets.get(fd)
    return returned(open === undefined ? EBADF : call(open.sock))
  }

  private address(io: IoAddress): Io {
    const call = io.k === 'bind' ? sys_bind : sys_connect
    return { ...io, ret: this.onSocket(io.fd, (s) => call(this.task, s, unhex(io.addr))) }
  }

  private getsockname(io: IoGetsockname): Io {
    const open = this.sockets.get(io.fd)
    const addr = open === undefined ? EBADF : sys_getsockname(this.task, open.sock)
    if (isErrno(addr)) return { ...io, ret: -addr.code }
    const recorded = unhex(io.addr)
    if (open?.family === AF_NETLINK && recorded.length >= 8) this.ids.learnPort(get32(recorded, 4), get32(addr, 4))
    return { ...io, ret: 0, addr: hex(addr) }
  }

  private send(io: IoMessage): Io {
    // frames say where they go; of others the destination is not recorded
    if (io.family === AF_PACKET) {
      return { ...io, ret: this.onSocket(io.fd, (s) => sys_sendmsg(this.task, s, { data: unhex(io.hex ?? ''), flags: 0 })) }
    }
    if (io.family !== AF_NETLINK) return io
    const data = this.ids.rewrite(io.proto, unhex(io.hex ?? ''))
    const name = new Uint8Array(12)
    name[0] = AF_NETLINK
    // as it was sent: some handlers write into the message
    const sent = hex(data)
    return { ...io, ret: this.onSocket(io.fd, (s) => sys_sendmsg(this.task, s, { data, name, flags: io.flags ?? 0 })), hex: sent }
  }

  private receive(io: IoMessage): Io[] {
    if (io.family !== AF_NETLINK) return [io]
    const recorded = unhex(io.hex ?? '')
    this.ids.learnFamilies(io.proto, recorded, 'recorded')
    if (io.k === 'peek') return [this.receiveOnce(io, 0) ?? { ...io, ret: -EAGAIN.code }]
    // Linux had nothing more here (or the program was killed waiting): all that came belongs before that
    if (io.ret < 0) return [...this.drain(io.fd, io.t), io]
    const one = this.receiveOnce(io, Math.max(RECEIVE_SIZE, recorded.length))
    return one === undefined ? [] : [one]
  }

  private receiveOnce(io: IoMessage, size: number): IoMessage | undefined {
    const open = this.sockets.get(io.fd)
    if (open === undefined) return undefined
    const flags = (io.flags ?? 0) & ~MSG_DONTWAIT
    const got = sys_recvmsg(this.task, open.sock, { size, controlSize: 0, flags })
    if (got === EAGAIN) return undefined
    const base = { ...io, hex: undefined }
    if (isErrno(got)) return { ...base, ret: -got.code }
    if (flags & MSG_PEEK) return { ...base, ret: got.result, msg_flags: io.msg_flags === undefined ? undefined : got.flags }
    this.ids.learnFamilies(io.proto, got.data, 'ours')
    return { ...base, ret: got.result, msg_flags: io.msg_flags === undefined ? undefined : got.flags, hex: hex(got.data) }
  }

  /** Everything still queued, as receives that Linux's program did not need. */
  private drain(fd: number, t: number): Io[] {
    const open = this.sockets.get(fd)
    if (open === undefined || open.family !== AF_NETLINK) return []
    const { family, type, proto } = open
    const found: Io[] = []
    for (;;) {
      const one = this.receiveOnce({ t, k: 'recv', pid: this.pid, family, type, proto, fd, ret: 0, flags: 0, msg_flags: 0 }, RECEIVE_SIZE)
      if (one === undefined) return found
      found.push(one)
    }
  }

  private ioctl(io: IoIoctl): Io {
    const memory = new RecordedMemory(io)
    this.pendingIoctl = memory
    const open = this.sockets.get(io.fd)
    const result =
      io.path === undefined || open !== undefined ? sys_ioctl(this.task, open?.sock, memory.request, memory.arg, memory) : ENOTTY
    this.pendingResult = returned(result)
    return io
  }

  private ioctlResult(io: IoIoctl): Io {
    const { struct, data } = this.pendingIoctl?.contents() ?? { struct: undefined, data: undefined }
    this.pendingIoctl = undefined
    return { ...io, ret: this.pendingResult, out: struct && hex(struct), out_data: data && hex(data) }
  }

  /** An open device node is used and closed like a socket. */
  private device(io: IoFile, sock: socket | Errno): Io {
    if (isErrno(sock)) return { ...io, ret: -sock.code }
    const fd = io.ret >= 0 ? io.ret : 1000
    this.sockets.set(fd, { sock, family: 0, type: 0, proto: 0 })
    return { ...io, ret: fd }
  }

  private file(io: IoFile): Io {
    if (io.k === 'open') {
      const device = sys_open_device(this.task, io.path)
      if (device !== undefined) return this.device(io, device)
      const inode = sys_open(this.task, io.path, io.flags ?? 0)
      if (isErrno(inode)) return { ...io, ret: -inode.code }
      const content = inode?.kind === 'file' ? inode.read?.() : undefined
      this.files.set(io.path, isErrno(content) ? undefined : content)
      return inode === undefined || io.ret >= 0 ? io : { ...io, ret: 1000 }
    }
    if (io.k === 'write') {
      const inode = sys_open(this.task, io.path)
      if (inode === undefined) return io
      const result = isErrno(inode) ? inode : (inode.write?.(Buffer.from(io.text ?? '', 'latin1')) ?? EBADF)
      return { ...io, ret: returned(result) }
    }
    const left = this.files.get(io.path)
    if (left === undefined) return io
    const part = io.ret > 0 && io.ret < left.length ? left.subarray(0, io.ret) : left
    this.files.set(io.path, left.subarray(part.length))
    return { ...io, ret: part.length, text: part.length > 0 ? Buffer.from(part).toString('latin1') : undefined }
  }
}

function returned(result: number | Errno | undefined): number {
  return isErrno(result) ? -result.code : (result ?? 0)
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
