/**
 * Calls that name files: those of the simulated host under /proc, /sys, /run/netns and /dev/net are answered here.
 * The addon has already let pass all paths elsewhere.
 */
import { writeSync } from 'node:fs'
import { type Errno, isErrno } from '../uapi/errno.ts'
import {
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
  EFAULT,
  EINVAL,
  ENOENT,
  ENOTDIR,
  EPERM,
  O_ACCMODE,
  O_CLOEXEC,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_PATH,
  O_WRONLY,
  SOCK_SEQPACKET,
} from './abi.ts'
import type { Handlers } from './calls.ts'
import { packEntries } from './directory.ts'
import { packStat, packStatx, statusOf } from './fileStatus.ts'
import { AT_PATH, AT_PATH_LENGTH, AT_PAYLOAD, AT_RESULT, bytes, field, native, PAYLOAD_SIZE } from './native.ts'
import { freeNumber } from './socketCalls.ts'
import type { Call, Supervisor } from './supervisor.ts'
import type { DoorInode } from './syscallsDoor.ts'
import { ANSWERED, arg, CONTINUE, intArg, type Outcome } from './trap.ts'
import { VirtualFile } from './virtualFile.ts'

/** Trees that are the host's as a whole: what it does not have there does not exist. */
const OURS = /^\/(proc\/(net|sys\/net)|sys\/class\/net|run\/netns|dev\/net)(\/|$)/
const NAMESPACES = /^\/run\/netns(\/|$)/

/** The path as the simulated kernel knows it, or undefined when it is relative to a directory that is not ours. */
function pathOf(s: Supervisor, call: Call, dirfd: number): string | undefined {
  let path = bytes.toString('utf8', AT_PATH, AT_PATH + field(AT_PATH_LENGTH))
  if (!path.startsWith('/')) {
    const directory = dirfd === AT_FDCWD ? undefined : s.described(call.process, dirfd)
    if (!(directory instanceof VirtualFile)) return undefined
    path = `${directory.path}/${path}`
  }
  return canonical(s, path)
}

/** Without empty and dot components; /proc/self/net and that of any attached process are /proc/net. */
function canonical(s: Supervisor, path: string): string {
  const names: string[] = []
  for (const name of path.split('/')) {
    if (name === '..') names.pop()
    else if (name !== '' && name !== '.') names.push(name)
  }
  if (names[0] === 'var' && names[1] === 'run') names.shift()
  if (names[0] === 'proc' && names[2] === 'net' && isAttached(s, names[1])) names.splice(1, 1)
  return `/${names.join('/')}`
}

function isAttached(s: Supervisor, name: string): boolean {
  if (name === 'self' || name === 'thread-self') return true
  return /^[1-9]\d*$/.test(name) && s.processes.byPid(Number(name)) !== undefined
}

function lookup(call: Call, path: string, follow: boolean): DoorInode | Errno | number | undefined {
  const found = call.process.attachment.host.syscalls.sys_open(call.task, path, O_PATH | (follow ? 0 : O_NOFOLLOW))
  return found ?? (OURS.test(path) ? -ENOENT : undefined)
}

function open(s: Supervisor, call: Call, dirfd: number, flags: number): Outcome {
  const path = pathOf(s, call, dirfd)
  if (path === undefined) return CONTINUE
  const found = call.process.attachment.host.syscalls.sys_open(call.task, path, flags) ?? (OURS.test(path) ? -ENOENT : undefined)
  const ret =
    found === undefined
      ? undefined
      : typeof found === 'number'
        ? found
        : isErrno(found)
          ? -found.code
          : openInode(s, call, path, found, flags)
  s.trace?.({ kind: 'open', pid: call.process.pid, hostPid: call.process.tgid, path, flags, ret })
  if (ret === undefined) return CONTINUE
  return ret < 0 ? ret : ANSWERED
}

/** The program gets a real file with the content of now, or a descriptor whose reads and writes come to us. */
function openInode(s: Supervisor, call: Call, path: string, inode: DoorInode, flags: number): number {
  if (inode.kind !== 'dir' && flags & O_DIRECTORY) return -ENOTDIR
  const cloexec = (flags & O_CLOEXEC) !== 0
  const { attachment } = call.process
  if (inode.kind === 'dir') return openServed(s, call, { attachment, path, inode, flags, far: s.scratch.open(), near: -1 })
  if ((flags & O_ACCMODE) === O_WRONLY) {
    const error = native.pair(SOCK_SEQPACKET)
    return error < 0 ? error : openServed(s, call, { attachment, path, inode, flags, near: field(AT_RESULT), far: field(AT_RESULT + 4) })
  }
  const content = inode.read()
  const file = native.memoryFile()
  if (file < 0) return file
  if (!isErrno(content)) writeSync(file, content, 0, content.length, 0)
  if (s.record || isErrno(content) || (flags & O_ACCMODE) !== 0)
    return openServed(s, call, { attachment, path, inode, flags, far: file, near: -1 })
  const fd = call.trap.answerWithFd(file, -1, cloexec)
  native.close(file)
  return fd
}

function openServed(s: Supervisor, call: Call, init: ConstructorParameters<typeof VirtualFile>[0]): number {
  const file = new VirtualFile(init)
  const wanted = freeNumber(call.process)
  const fd = wanted < 0 ? wanted : call.trap.answerWithFd(file.far, wanted, (init.flags & O_CLOEXEC) !== 0)
  if (fd < 0) file.close()
  else {
    call.process.descriptors.set(fd, file)
    s.rememberFile(file)
  }
  return fd
}

/** Finds the file that a call on a path means; the outcome when there is none of ours. */
function found(s: Supervisor, call: Call, dirfd: number, follow: boolean): { path: string; inode: DoorInode } | Outcome {
  const path = pathOf(s, call, dirfd)
  if (path === undefined) return CONTINUE
  const inode = lookup(call, path, follow)
  if (inode === undefined) return CONTINUE
  if (typeof inode === 'number') return inode
  return isErrno(inode) ? -inode.code : { path, inode }
}

function put(call: Call, at: number, data: Uint8Array): number {
  bytes.set(data, AT_PAYLOAD)
  return native.write(call.trap.tid, at, data.length, AT_PAYLOAD) < 0 ? -EFAULT : 0
}

function stat(s: Supervisor, call: Call, dirfd: number, at: number, follow: boolean, pack: typeof packStat): Outcome {
  const file = found(s, call, dirfd, follow)
  return typeof file === 'object' ? put(call, at, pack(statusOf(file.path, file.inode, s.startedAt))) : file
}

function access(s: Supervisor, call: Call, dirfd: number, mode: number): Outcome {
  const file = found(s, call, dirfd, true)
  if (typeof file !== 'object') return file
  const EACCES = 13
  const isRoot = call.process.credentials.uid.r === 0
  const bits = isRoot ? file.inode.mode >> 6 : file.inode.mode
  const forRoot = isRoot ? 6 : 0 // CAP_DAC_OVERRIDE: reading and writing always
  return (mode & 7 & ~(bits | forRoot)) === 0 ? 0 : -EACCES
}

function readlink(s: Supervisor, call: Call, dirfd: number, at: number, room: number): Outcome {
  const file = found(s, call, dirfd, false)
  if (typeof file !== 'object') return file
  if (file.inode.kind !== 'symlink' || room <= 0) return -EINVAL
  const target = Buffer.from(file.inode.target ?? '').subarray(0, room)
  const error = put(call, at, target)
  return error < 0 ? error : target.length
}

const following = (flags: number): boolean => (flags & AT_SYMLINK_NOFOLLOW) === 0

/** The position is that of the real directory that stands behind, so lseek() and dup() count. */
function getdents64(s: Supervisor, call: Call): Outcome {
  const directory = s.described(call.process, intArg(0))
  if (!(directory instanceof VirtualFile) || directory.inode.kind !== 'dir') return CONTINUE
  const SEEK_SET = 0
  const SEEK_CUR = 1
  const position = native.seek(directory.far, 0, SEEK_CUR)
  const packed = packEntries(directory.path, directory.inode, Math.max(0, position), Math.min(arg(2), PAYLOAD_SIZE))
  if (typeof packed === 'number') return packed
  if (put(call, arg(1), packed.data) < 0) return -EFAULT
  native.seek(directory.far, packed.next, SEEK_SET)
  return packed.data.length
}

/** `ip netns add` begins so; on the real machine, as root, it would go on to mount things. */
function mkdir(s: Supervisor, call: Call, dirfd: number): Outcome {
  return NAMESPACES.test(pathOf(s, call, dirfd) ?? '') ? -EPERM : CONTINUE
}

/** struct open_how begins with the flags. */
function openat2(s: Supervisor, call: Call): Outcome {
  if (native.read(call.trap.tid, arg(2), 8, AT_PAYLOAD) < 0) return -EFAULT
  return open(s, call, intArg(0), bytes.readInt32LE(AT_PAYLOAD))
}

export const fileCalls: Handlers = {
  open: (s, call) => open(s, call, AT_FDCWD, intArg(1)),
  openat: (s, call) => open(s, call, intArg(0), intArg(2)),
  openat2,
  stat: (s, call) => stat(s, call, AT_FDCWD, arg(1), true, packStat),
  lstat: (s, call) => stat(s, call, AT_FDCWD, arg(1), false, packStat),
  newfstatat: (s, call) => stat(s, call, intArg(0), arg(2), following(intArg(3)), packStat),
  statx: (s, call) => stat(s, call, intArg(0), arg(4), following(intArg(2)), packStatx),
  access: (s, call) => access(s, call, AT_FDCWD, intArg(1)),
  faccessat: (s, call) => access(s, call, intArg(0), intArg(2)),
  faccessat2: (s, call) => access(s, call, intArg(0), intArg(2)),
  getdents64,
  mkdir: (s, call) => mkdir(s, call, AT_FDCWD),
  mkdirat: (s, call) => mkdir(s, call, intArg(0)),
  readlink: (s, call) => readlink(s, call, AT_FDCWD, arg(1), intArg(2)),
  readlinkat: (s, call) => readlink(s, call, intArg(0), arg(2), intArg(3)),
}
