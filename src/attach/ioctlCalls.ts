/** ioctl(): network requests on any socket, and every request on a virtual descriptor. */
import { closeSync, openSync } from 'node:fs'
import { isErrno } from '../uapi/errno.ts'
import { CLONE_NEWNET, EBADF, EINVAL, ENOTTY, O_CLOEXEC } from './abi.ts'
import type { Handlers } from './calls.ts'
import { openNamespace } from './fileCalls.ts'
import { ioctlData, ioctlSize } from './ioctlSizes.ts'
import { NamespaceFile } from './namespaceFile.ts'
import { AT_RESULT, field, native } from './native.ts'
import type { Call, Supervisor } from './supervisor.ts'
import { ANSWERED, arg, CONTINUE, intArg, type Outcome } from './trap.ts'
import { VirtualFile } from './virtualFile.ts'
import { VirtualSocket } from './virtualSocket.ts'

const NS_GET_USERNS = 0xb701
const NS_GET_PARENT = 0xb702
const NS_GET_NSTYPE = 0xb703
const NS_GET_OWNER_UID = 0xb704
const SIOCGSKNS = 0x894c
const S_IFMT = 0o170000
const S_IFSOCK = 0o140000
const TIOCOUTQ = 0x5411
const FIONREAD = 0x541b
const FIOASYNC = 0x5452

function ioctl(s: Supervisor, call: Call): Outcome {
  const { process, task } = call
  const fd = intArg(0)
  const request = intArg(1) >>> 0
  const described = s.described(process, fd)
  if (described instanceof NamespaceFile) return ofNamespace(call, request)
  if (described instanceof VirtualFile) return CONTINUE
  if (!(described instanceof VirtualSocket)) {
    const found = native.fdInode(process.tgid, fd)
    if (found < 0) return -EBADF
    if ((field(AT_RESULT) & S_IFMT) !== S_IFSOCK) return CONTINUE
  } else described.usedBy(process, fd)
  const at = arg(2)
  if (request === FIOASYNC) s.readinessMatters(process.attachment)
  if (request === SIOCGSKNS && described instanceof VirtualSocket) return namespaceOf(s, call, described)
  const path = described instanceof VirtualSocket ? described.path : undefined
  const isNetwork = path !== undefined || (request & 0xff00) === 0x8900 || (request & 0xff00) === 0x8b00
  if (isNetwork) trace(s, call, 'ioctl_in', fd, request, at, path)
  const socket = described as VirtualSocket | undefined
  const answer = process.attachment.host.syscalls.sys_ioctl(task, socket?.sock, request, at, s.memory)
  const ret = isErrno(answer) ? -answer.code : answer
  if (isNetwork) trace(s, call, 'ioctl', fd, request, at, path, ret === -ENOTTY ? undefined : ret)
  // What the pair has queued is not what the socket has.
  if (ret === -ENOTTY && socket !== undefined && (request === FIONREAD || request === TIOCOUTQ)) return ret
  return ret === -ENOTTY ? CONTINUE : ret
}

/** linux/nsfs.h, of a namespace that has no parent; its user namespace is the first. */
function ofNamespace(call: Call, request: number): Outcome {
  if (request === NS_GET_NSTYPE) return CLONE_NEWNET
  if (request !== NS_GET_USERNS) return request === NS_GET_PARENT || request === NS_GET_OWNER_UID ? -EINVAL : -ENOTTY
  const file = openSync('/proc/self/ns/user', 'r')
  const fd = call.trap.answerWithFd(file, -1, true)
  closeSync(file)
  return fd < 0 ? fd : ANSWERED
}

function namespaceOf(s: Supervisor, call: Call, socket: VirtualSocket): Outcome {
  const inode = socket.sys.sys_socket_netns?.(call.task, socket.sock)
  if (inode === undefined) return CONTINUE
  const ret = isErrno(inode) ? -inode.code : openNamespace(s, call, inode, O_CLOEXEC)
  return ret < 0 ? ret : ANSWERED
}

function trace(
  s: Supervisor,
  call: Call,
  kind: 'ioctl_in' | 'ioctl',
  fd: number,
  request: number,
  at: number,
  path: string | undefined,
  ret?: number,
): void {
  if (s.trace === undefined) return
  const { pid, tgid: hostPid } = call.process
  const isAddress = at > 4096
  const struct = isAddress ? s.memory.peek(at, ioctlSize(request)) : new Uint8Array(0)
  const data = isAddress ? ioctlData(request, struct, s.memory) : undefined
  s.trace({ kind, pid, hostPid, fd, path, request, arg: at, struct, data, ret })
}

export const ioctlCalls: Handlers = { ioctl }
