/** net/core/scm.c and net/core/datagram.c: ancillary data and readiness, for all datagram protocols. */

import { CAP_SETUID, CAP_SYS_ADMIN } from '../kernel/capability.ts'
import { capable, type task_struct } from '../kernel/task.ts'
import { get32, get64, getS32, put32, put64 } from '../lib/bytes.ts'
import type { ReceivedMessage, ReceiveRequest } from '../syscalls/types.ts'
import { EINVAL, EPERM, type Errno, isErrno } from '../uapi/errno.ts'
import { MSG_CTRUNC, SOL_SOCKET } from '../uapi/linux/socket.ts'
import type { sock } from './sock.ts'
import { SOCK_FLAG } from './sock_limits.ts'

export const POLLIN = 0x001
export const POLLPRI = 0x002
export const POLLOUT = 0x004
export const POLLERR = 0x008
export const POLLHUP = 0x010
export const POLLRDNORM = 0x040
export const POLLWRNORM = 0x100
export const POLLWRBAND = 0x200
export const POLLRDHUP = 0x2000

const SCM_RIGHTS = 1
const SCM_CREDENTIALS = 2
const CMSG_HDRLEN = 16
const CAP_SETGID = 6

export interface scm_creds {
  pid: number
  uid: number
  gid: number
}

/** scm_send with forced credentials: those of the task, or those that it claims and may claim. */
export function scm_send(task: task_struct, control: Uint8Array | undefined): scm_creds | Errno {
  const creds: scm_creds = { pid: task.tgid, uid: task.uid, gid: task.gid }
  if (control === undefined || control.length < CMSG_HDRLEN) return creds
  for (let at = 0; at + CMSG_HDRLEN <= control.length; ) {
    const len = get64(control, at)
    if (len < CMSG_HDRLEN || len > control.length - at) return EINVAL
    if (get32(control, at + 8) === SOL_SOCKET) {
      const error = scm_one(task, creds, getS32(control, at + 12), control.subarray(at + CMSG_HDRLEN, at + len))
      if (isErrno(error)) return error
    }
    at += (len + 7) & ~7
  }
  return creds
}

/** File descriptors travel over AF_UNIX only. */
function scm_one(task: task_struct, creds: scm_creds, type: number, data: Uint8Array): Errno | undefined {
  if (type === SCM_RIGHTS || type !== SCM_CREDENTIALS || data.length !== 12) return EINVAL
  const pid = get32(data, 0)
  const uid = get32(data, 4)
  const gid = get32(data, 8)
  const allowed = (pid === task.tgid || capable(task, CAP_SYS_ADMIN)) && (uid === task.uid || capable(task, CAP_SETUID))
  if (!allowed || !(gid === task.gid || capable(task, CAP_SETGID))) return EPERM
  creds.pid = pid
  creds.uid = uid
  creds.gid = gid
  return undefined
}

/** Appends one control message; what does not fit is cut and MSG_CTRUNC says so. */
export function put_cmsg(received: ReceivedMessage, request: ReceiveRequest, level: number, type: number, data: Uint8Array): void {
  const room = request.controlSize - received.control.length
  if (room < CMSG_HDRLEN) {
    received.flags |= MSG_CTRUNC
    return
  }
  let len = CMSG_HDRLEN + data.length
  if (len > room) {
    received.flags |= MSG_CTRUNC
    len = room
  }
  const space = Math.min((len + 7) & ~7, room)
  const out = new Uint8Array(received.control.length + space)
  const at = received.control.length
  out.set(received.control)
  put64(out, at, len)
  put32(out, at + 8, level)
  put32(out, at + 12, type)
  out.set(data.subarray(0, len - CMSG_HDRLEN), at + CMSG_HDRLEN)
  received.control = out
}

/** scm_recv: credentials of the sender for a socket with SO_PASSCRED. */
export function scm_recv(sk: sock, received: ReceivedMessage, request: ReceiveRequest, from: scm_creds): void {
  if ((sk.sk_flags & SOCK_FLAG.PASSCRED) === 0) return
  const data = new Uint8Array(12)
  put32(data, 0, from.pid)
  put32(data, 4, from.uid)
  put32(data, 8, from.gid)
  put_cmsg(received, request, SOL_SOCKET, SCM_CREDENTIALS, data)
}

/** net/core/datagram.c datagram_poll */
export function datagram_poll(sk: sock): number {
  let mask = 0
  if (sk.sk_err !== undefined || sk.sk_error_queue.qlen > 0) {
    mask |= POLLERR | (sk.sk_flags & SOCK_FLAG.SELECT_ERR_QUEUE ? POLLPRI : 0)
  }
  if (sk.sk_shutdown & 1) mask |= POLLRDHUP | POLLIN | POLLRDNORM
  if (sk.sk_shutdown === 3) mask |= POLLHUP
  if (sk.sk_receive_queue.qlen > 0) mask |= POLLIN | POLLRDNORM
  // sock_writeable
  if (sk.sk_wmem_alloc < sk.sk_sndbuf >> 1) mask |= POLLOUT | POLLWRNORM | POLLWRBAND
  return mask
}
