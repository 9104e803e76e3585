/** Listens, as the oracle's recorder does, to every multicast group of rtnetlink and generic netlink. */

import { CAP_FULL_SET } from '../../src/kernel/capability.ts'
import type { Kernel } from '../../src/kernel/kernel.ts'
import type { task_struct } from '../../src/kernel/task.ts'
import { get32, hex, put32 } from '../../src/lib/bytes.ts'
import type { socket } from '../../src/net/socket.ts'
import { sys_bind, sys_recvmsg, sys_setsockopt, sys_socket } from '../../src/syscalls/syscalls.ts'
import type { ReceivedMessage } from '../../src/syscalls/types.ts'
import { EAGAIN, isErrno } from '../../src/uapi/errno.ts'
import { NETLINK_ADD_MEMBERSHIP, NETLINK_GENERIC, NETLINK_PKTINFO, NETLINK_ROUTE } from '../../src/uapi/linux/netlink.ts'
import { AF_NETLINK, SO_RCVBUFFORCE, SOCK_RAW, SOL_NETLINK, SOL_SOCKET } from '../../src/uapi/linux/socket.ts'

export interface HeardMulticast {
  proto: number
  group: number
  src: number
  hex: string
}

/** The recorder's own process: the second of a case, after its init. */
const RECORDER_PID = 2
const CMSG_HEADER = 16

export class MulticastRecorder {
  private readonly task: task_struct
  private readonly sockets: { proto: number; sock: socket }[]
  /** Called when something has arrived. */
  onReady: () => void = () => {}

  constructor(kernel: Kernel, netns: number) {
    this.task = kernel.task_for({
      tgid: RECORDER_PID,
      tid: RECORDER_PID,
      comm: 'recorder',
      uid: 0,
      gid: 0,
      capabilities: CAP_FULL_SET,
      netns,
    })
    this.sockets = [NETLINK_ROUTE, NETLINK_GENERIC].flatMap((proto) => this.listen(proto))
  }

  /** Nothing where the host has no such protocol: then it has no multicasts of it either. */
  private listen(proto: number): { proto: number; sock: socket }[] {
    const sock = sys_socket(this.task, AF_NETLINK, SOCK_RAW, proto)
    if (isErrno(sock)) return []
    const addr = new Uint8Array(12)
    addr[0] = AF_NETLINK
    sys_setsockopt(this.task, sock, SOL_SOCKET, SO_RCVBUFFORCE, u32(32 << 20))
    sys_bind(this.task, sock, addr)
    sys_setsockopt(this.task, sock, SOL_NETLINK, NETLINK_PKTINFO, u32(1))
    for (let group = 1; group < 256; group++) sys_setsockopt(this.task, sock, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, u32(group))
    sock.watcher = { dataReady: () => this.onReady() }
    return [{ proto, sock }]
  }

  /** All that has arrived since the last call. */
  drain(): HeardMulticast[] {
    const heard: HeardMulticast[] = []
    for (const { proto, sock } of this.sockets) {
      for (;;) {
        const message = sys_recvmsg(this.task, sock, { size: 1 << 20, controlSize: 256, flags: 0 })
        if (message === EAGAIN) break
        if (isErrno(message)) continue
        heard.push({ proto, group: groupOf(message), src: get32(message.name, 4), hex: hex(message.data) })
      }
    }
    return heard
  }
}

function groupOf({ control }: ReceivedMessage): number {
  for (let at = 0; at + CMSG_HEADER <= control.length; ) {
    const length = get32(control, at)
    if (length < CMSG_HEADER) break
    if (get32(control, at + 8) === SOL_NETLINK && get32(control, at + 12) === NETLINK_PKTINFO) return get32(control, at + CMSG_HEADER)
    at += (length + 7) & ~7
  }
  return 0
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  put32(bytes, 0, value)
  return bytes
}
