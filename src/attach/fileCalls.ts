/**
 * Calls that name files: those of the simulated host under /proc, /sys, /run/netns, /dev/net and /dev/tapN are answered here.
 * The addon has already let pass all paths elsewhere.
 */
import { lstatSync, openSync, readdirSync, writeSync } from 'node:fs'
import { type Errno, isErrno } from '../uapi/errno.ts'
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_REMOVEDIR,
  AT_SYMLINK_NOFOLLOW,
  EFAULT,
  EINVAL,
  ENODATA,
  ENOENT,
  ENOTDIR,
  EOPNOTSUPP,
  EPERM,
  O_ACCMODE,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_PATH,
  O_RDONLY,
  O_WRONLY,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_SEQPACKET,
} from './abi.ts'
import type { Handlers } from './calls.ts'
import { packEntries } from './directory.ts'
import { packStat, packStatfs, packStatx, type Status, statusOf, statusOfSocket } from './fileStatus.ts'
import { NamespaceFile } from './namespaceFile.ts'
import { AT_PATH, AT_PATH_LENGTH, AT_PAYLOAD, AT_RESULT, bytes, field, native, PAYLOAD_SIZE } from './native.ts'
import { processFile, processLink, processSocket, socketNumber } from './processFiles.ts'
import { type Process, threads } from './processes.ts'
import { MirrorDirectory } from './scratch.ts'
import { freeNumber, install } from './socketCalls.ts'
import type { Call, Supervisor } from './supervisor.ts'
import type { DoorInode } from './syscallsDoor.ts'
import { ANSWERED, arg, CONTINUE, intArg, type Outcome } from './trap.ts'
import { VirtualFile } from './virtualFile.ts'

/** Trees that are the host's as a whole: what it does not have there does not exist. */
const OURS = /^\/(proc\/(net|sys\/net)|sys\/class\/net|run\/netns|run\/cgroup2|dev\/net)(\/|$)/
const NAMESPACES = '/run/netns'

/** The path as the simulated kernel knows it, or undefined when it is relative to a directory that is not ours. */
export function pathOf(s: Supervisor, call: Call, dirfd: number): string | undefined {
  return fullPath(s, call, dirfd, bytes.toString('utf8', AT_PATH, AT_PATH + field(AT_PATH_LENGTH)))
}

export function fullPath(s: Supervisor, call: Call, dirfd: number, path: string): string | undefined {
  if (!path.startsWith('/')) {
    const directory = dirfd === AT_FDCWD ? undefined : s.described(call.process, dirfd)
    if (!(directory instanceof VirtualFile)) return undefined
    path = `${directory.path}/${path}`
  }
  return canonical(s, call, path)
}

/** Without empty and dot components; /proc/self/net and that of any attached process of the same namespace are /proc/net. */
function canonical(s: Supervisor, call: Call, path: string): string {
  const names: string[] = []
  for (const name of path.split('/')) {
    if (name === '..') {
      // above what a link leads to, not above the link
      if (names[0] === 'sys') names.splice(0, names.length, ...realpath(call, names))
      names.pop()
    } else if (name !== '' && name !== '.') names.push(name)
  }
  if (names[0] === 'var' && names[1] === 'run') names.shift()
  if (names[0] === 'proc' && names.length > 2 && isHere(s, call, names[1]) && names[2] === 'net') names.splice(1, 1)
  return `/${names.join('/')}`
}

export function realpath(call: Call, names: readonly string[]): readonly string[] {
  return call.process.attachment.host.syscalls.sys_realpath?.(call.task, names) ?? names
}

/** Is this a process of the caller's namespace? The simulated kernel knows it from now on. */
function isHere(s: Supervisor, call: Call, name: string): boolean {
  if (name === 'self' || name === 'thread-self') return true
  const found = /^[1-9]\d*$/.test(name) ? s.processes.lookup(call.process, Number(name)) : undefined
  return found !== undefined && found.netns === call.process.netns
}

export function lookup(call: Call, path: string, follow: boolean): DoorInode | Errno | number | undefined {
  const found = call.process.attachment.host.syscalls.sys_open(call.task, path, O_PATH | (follow ? 0 : O_NOFOLLOW))
  return found ?? (OURS.test(path) ? -ENOENT : undefined)
}

function open(s: Supervisor, call: Call, dirfd: number, flags: number, mode: number): Outcome {
  const path = pathOf(s, call, dirfd)
  if (path === undefined) return CONTINUE
  const device = openDevice(s, call, path, flags) ?? openProcessFile(s, call, path, flags)
  if (device !== undefined) return device
  const found = call.process.attachment.host.syscalls.sys_open(call.task, path, flags, mode) ?? (OURS.test(path) ? -ENOENT : undefined)
  const ret =
    found === undefined
      ? undefined
      : typeof found === 'number'
        ? found
        : isErrno(found)
          ? -found.code
          : openInode(s, call, path, found, flags)
  s.trace?.({ kind: 'open', pid: call.process.pid, hostPid: call.process.tgid, path, flags, ret })
  if (flags & O_CREAT) mirror(s, call)
  if (ret === undefined) return realDirectory(call, dirfd, path, flags) ?? CONTINUE
  return ret < 0 ? ret : ANSWERED
}
/** From a directory of ours the way may lead to a real one, as from /sys/class/net to /sys: that is not where ours really lies. */
function realDirectory(call: Call, dirfd: number, path: string, flags: number): Outcome | undefined {
  if (dirfd === AT_FDCWD || !(flags & O_PATH) || !/^\/sys(\/|$)/.test(path)) return undefined
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (!found?.isDirectory()) return undefined
  const fd = answerOnce(call, openSync(path, O_DIRECTORY), (flags & O_CLOEXEC) !== 0)
  return fd < 0 ? fd : ANSWERED
}

/** A file of /proc of which a part is simulated. */
function openProcessFile(s: Supervisor, call: Call, path: string, flags: number): Outcome | undefined {
  if ((flags & O_ACCMODE) !== O_RDONLY || flags & O_PATH) return undefined
  const content = processFile(s, call, path)
  if (content === undefined) return undefined
  const file = native.memoryFile()
  if (file < 0) return file
  writeSync(file, content, 0)
  const fd = call.trap.answerWithFd(file, -1, (flags & O_CLOEXEC) !== 0)
  native.close(file)
  return fd < 0 ? fd : ANSWERED
}

/** A node of /dev. */
function openDevice(s: Supervisor, call: Call, path: string, flags: number): Outcome | undefined {
  if (flags & O_PATH) return undefined
  const { sys_open_device } = call.process.attachment.host.syscalls
  const sock = sys_open_device?.(call.task, path)
  if (sock === undefined) return undefined
  const type = (flags & O_NONBLOCK ? SOCK_NONBLOCK : 0) | (flags & O_CLOEXEC ? SOCK_CLOEXEC : 0)
  const ret = isErrno(sock) ? -sock.code : install(s, call, sock, 0, type, 0, path)
  s.trace?.({ kind: 'open', pid: call.process.pid, hostPid: call.process.tgid, path, flags, ret })
  return ret < 0 ? ret : ANSWERED
}

/** The program gets a real file with the content of now, or a descriptor whose reads and writes come to us. */
function openInode(s: Supervisor, call: Call, path: string, inode: DoorInode, flags: number): number {
  if (inode.kind !== 'dir' && flags & O_DIRECTORY) return -ENOTDIR
  const cloexec = (flags & O_CLOEXEC) !== 0
  const { attachment } = call.process
  if (inode.kind === 'dir') return openServed(s, call, { attachment, path, inode, flags, far: s.scratch.open(path), near: -1 })
  if (inode.fs === 'nsfs') return openNamespace(s, call, inode, flags)
  if ((flags & O_ACCMODE) === O_WRONLY) {
    const error = native.pair(SOCK_SEQPACKET)
    return error < 0 ? error : openServed(s, call, { attachment, path, inode, flags, near: field(AT_RESULT), far: field(AT_RESULT + 4) })
  }
  const content = inode.read()
  const file = native.memoryFile()
  if (file < 0) return file
  if (!isErrno(content)) writeSync(file, content, 0, content.length, 0)
  // of a link itself (O_PATH with O_NOFOLLOW) the status is to be a link's: systemd goes so from directory to directory
  if (s.record || isErrno(content) || (flags & O_ACCMODE) !== 0 || inode.module !== undefined || inode.kind === 'symlink')
    return openServed(s, call, { attachment, path, inode, flags, far: file, near: -1 })
  return answerOnce(call, file, cloexec)
}
/** The program gets our descriptor, and we keep none. */
function answerOnce(call: Call, file: number, cloexec: boolean): number {
  const fd = call.trap.answerWithFd(file, -1, cloexec)
  native.close(file)
  return fd
}

/** At the number where it would be on Linux, where that is safe: it goes into messages (IFLA_NET_NS_FD). */
export function openNamespace(s: Supervisor, call: Call, inode: DoorInode, flags: number): number {
  const file = s.namespaceFile(call.process.attachment, inode)
  if (typeof file === 'number') return file
  const from = file.open()
  const wanted = threads(call.process.tgid) === 1 ? naturalNumber(call.process) : freeNumber(call.process)
  const fd = wanted < 0 ? wanted : call.trap.answerWithFd(from, wanted, (flags & O_CLOEXEC) !== 0)
  native.close(from)
  if (fd >= 0) call.process.descriptors.set(fd, file)
  return fd
}

/** The lowest number that would be free if our descriptors had got ordinary numbers. */
function naturalNumber(process: Process): number {
  const used = new Set(readdirSync(`/proc/${process.tgid}/fd`).map(Number))
  let ours = [...used].filter((fd) => fd >= process.attachment.base).length
  for (let fd = 0; fd < process.attachment.base; fd++) if (!used.has(fd) && ours-- === 0) return fd
  return freeNumber(process)
}

export function openServed(s: Supervisor, call: Call, init: ConstructorParameters<typeof VirtualFile>[0]): number {
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
export function found(s: Supervisor, call: Call, dirfd: number, follow: boolean): { path: string; inode: DoorInode } | Outcome {
  const path = pathOf(s, call, dirfd)
  if (path === undefined) return CONTINUE
  const inode = lookup(call, path, follow || endsWithSlash())
  if (inode === undefined) return CONTINUE
  if (typeof inode === 'number') return inode
  return isErrno(inode) ? -inode.code : { path, inode }
}

/** "link/" is what the link leads to. */
function endsWithSlash(): boolean {
  return bytes[AT_PATH + field(AT_PATH_LENGTH) - 1] === 0x2f
}

function put(call: Call, at: number, data: Uint8Array): number {
  bytes.set(data, AT_PAYLOAD)
  return native.write(call.trap.tid, at, data.length, AT_PAYLOAD) < 0 ? -EFAULT : 0
}

/** Of a path, or of the descriptor itself where that is virtual. */
function stat(s: Supervisor, call: Call, dirfd: number, at: number, flags: number, pack: typeof packStat): Outcome {
  if (flags & AT_EMPTY_PATH && bytes[AT_PATH] === 0) return statOfDescriptor(s, call, dirfd, at, pack)
  const follow = (flags & AT_SYMLINK_NOFOLLOW) === 0
  const path = follow ? pathOf(s, call, dirfd) : undefined
  const socket = path === undefined ? undefined : processSocket(s, call, path)
  if (socket !== undefined) return put(call, at, pack(statusOfSocket(socket, s.startedAt)))
  const file = found(s, call, dirfd, follow)
  return typeof file === 'object' ? put(call, at, pack(status(s, call, file.path, file.inode))) : file
}

function status(s: Supervisor, call: Call, path: string, inode: DoorInode): Status {
  const found = statusOf(path, inode, s.startedAt)
  const real = inode.fs === 'nsfs' ? s.namespaceFile(call.process.attachment, inode) : undefined
  return real instanceof NamespaceFile ? { ...found, device: real.device, ino: real.ino } : found
}

function statOfDescriptor(s: Supervisor, call: Call, fd: number, at: number, pack: typeof packStat): Outcome {
  const file = s.described(call.process, fd)
  if (file instanceof VirtualFile) return put(call, at, pack(status(s, call, file.path, file.inode)))
  const socket = socketNumber(file)
  return socket === undefined ? CONTINUE : put(call, at, pack(statusOfSocket(socket, s.startedAt)))
}

function access(s: Supervisor, call: Call, dirfd: number, mode: number): Outcome {
  const file = found(s, call, dirfd, true)
  if (typeof file !== 'object') return file
  const error = call.process.attachment.host.syscalls.sys_access(call.task, file.inode, mode & 7)
  return error === undefined ? 0 : -error.code
}

function readlink(s: Supervisor, call: Call, dirfd: number, at: number, room: number): Outcome {
  const file = found(s, call, dirfd, false)
  if (typeof file !== 'object') return processLinkTarget(s, call, dirfd, at, room) ?? file
  if (file.inode.kind !== 'symlink' || room <= 0) return -EINVAL
  return putTarget(call, at, room, targetOf(s, call, file.inode))
}
function processLinkTarget(s: Supervisor, call: Call, dirfd: number, at: number, room: number): number | undefined {
  const path = pathOf(s, call, dirfd)
  const target = path === undefined ? undefined : processLink(s, call, path)
  return target === undefined ? undefined : putTarget(call, at, room, target)
}
function putTarget(call: Call, at: number, room: number, text: string): number {
  const target = Buffer.from(text).subarray(0, room)
  const error = put(call, at, target)
  return error < 0 ? error : target.length
}

/** Files of proc and sysfs have no attributes; those of security modules could be there, others not (`ls -l` asks for both). */
function getxattr(s: Supervisor, call: Call, follow: boolean): Outcome {
  const file = found(s, call, AT_FDCWD, follow)
  if (typeof file !== 'object') return file
  return /^(security|trusted)\./.test(s.memory.string(arg(1))) ? -ENODATA : -EOPNOTSUPP
}
function listxattr(s: Supervisor, call: Call, follow: boolean): Outcome {
  const file = found(s, call, AT_FDCWD, follow)
  return typeof file === 'object' ? 0 : file
}

/** A namespace's link shows the inode that stat() shows. */
function targetOf(s: Supervisor, call: Call, inode: DoorInode): string {
  const namespace = inode.follow?.()
  if (namespace === undefined || isErrno(namespace)) return inode.target ?? ''
  const real = s.namespaceFile(call.process.attachment, namespace)
  return typeof real === 'number' ? (inode.target ?? '') : `net:[${real.ino}]`
}

/** The position is that of the real directory that stands behind, so lseek() and dup() count. */
function getdents64(s: Supervisor, call: Call): Outcome {
  const directory = s.described(call.process, intArg(0))
  if (!(directory instanceof VirtualFile) || directory.inode.kind !== 'dir') return CONTINUE
  const SEEK_SET = 0
  const SEEK_CUR = 1
  // found by its inode it may be another opening of the same directory
  const own = native.pidfdGetfd(call.process.pidfd, intArg(0))
  const at = own < 0 ? directory.far : own
  const position = native.seek(at, 0, SEEK_CUR)
  const packed = packEntries(directory.path, directory.inode, Math.max(0, position), Math.min(arg(2), PAYLOAD_SIZE))
  const error = typeof packed === 'number' ? packed : put(call, arg(1), packed.data)
  if (typeof packed !== 'number' && error >= 0) native.seek(at, packed.next, SEEK_SET)
  if (own >= 0) native.close(own)
  return typeof packed === 'number' ? packed : error < 0 ? error : packed.data.length
}

/** What a change of the simulated tree answers. */
function changed(s: Supervisor, call: Call, done: 0 | Errno | undefined): Outcome {
  if (done === undefined) return CONTINUE
  mirror(s, call)
  return done === 0 ? 0 : -done.code
}

/** `ip netns add` begins with it. */
function mkdir(s: Supervisor, call: Call, dirfd: number): Outcome {
  const path = pathOf(s, call, dirfd)
  const { sys_mkdir } = call.process.attachment.host.syscalls
  if (path === undefined) return CONTINUE
  if (sys_mkdir === undefined) return path.startsWith(NAMESPACES) ? -EPERM : CONTINUE
  return changed(s, call, sys_mkdir(call.task, path))
}

function unlink(s: Supervisor, call: Call, dirfd: number, isRmdir: boolean): Outcome {
  const path = pathOf(s, call, dirfd)
  return path === undefined ? CONTINUE : changed(s, call, call.process.attachment.host.syscalls.sys_unlink?.(call.task, path, isRmdir))
}

function symlink(s: Supervisor, call: Call, dirfd: number): Outcome {
  const path = pathOf(s, call, dirfd)
  if (path === undefined) return CONTINUE
  const target = s.memory.string(arg(0))
  return changed(s, call, call.process.attachment.host.syscalls.sys_symlink?.(call.task, target, path))
}

/** Names in /run/netns may have come or gone. */
function mirror(s: Supervisor, call: Call): void {
  const { host } = call.process.attachment
  s.mirrors.get(host)?.update(namesOfNamespaces(call))
}
function namesOfNamespaces(call: Call): Iterable<string> {
  const directory = lookup(call, NAMESPACES, true)
  return typeof directory === 'object' && !isErrno(directory) ? (directory.list?.() ?? []) : []
}

/** The program's inotify descriptor watches a real directory that changes as /run/netns does; nothing else here ever changes so. */
function inotifyAddWatch(s: Supervisor, call: Call): Outcome {
  const file = found(s, call, AT_FDCWD, true)
  if (typeof file !== 'object') return file
  const { host } = call.process.attachment
  const instance = native.pidfdGetfd(call.process.pidfd, intArg(0))
  if (instance < 0) return -EPERM
  let directory = s.mirrors.get(host)
  if (directory === undefined) {
    directory = new MirrorDirectory()
    s.mirrors.set(host, directory)
    directory.update(namesOfNamespaces(call))
  }
  const watch = native.inotifyAddWatch(instance, file.path === NAMESPACES ? directory.path : '/dev/null', intArg(2))
  native.close(instance)
  return watch
}

/** struct open_how: flags and mode, 64 bits each. */
function openat2(s: Supervisor, call: Call): Outcome {
  if (native.read(call.trap.tid, arg(2), 16, AT_PAYLOAD) < 0) return -EFAULT
  return open(s, call, intArg(0), bytes.readInt32LE(AT_PAYLOAD), bytes.readInt32LE(AT_PAYLOAD + 8))
}

export const fileCalls: Handlers = {
  open: (s, call) => open(s, call, AT_FDCWD, intArg(1), intArg(2)),
  openat: (s, call) => open(s, call, intArg(0), intArg(2), intArg(3)),
  openat2,
  stat: (s, call) => stat(s, call, AT_FDCWD, arg(1), 0, packStat),
  lstat: (s, call) => stat(s, call, AT_FDCWD, arg(1), AT_SYMLINK_NOFOLLOW, packStat),
  newfstatat: (s, call) => stat(s, call, intArg(0), arg(2), intArg(3), packStat),
  statx: (s, call) => stat(s, call, intArg(0), arg(4), intArg(2), packStatx),
  statfs: (s, call) => stat(s, call, AT_FDCWD, arg(1), 0, packStatfs),
  fstat: (s, call) => statOfDescriptor(s, call, intArg(0), arg(1), packStat),
  fstatfs: (s, call) => statOfDescriptor(s, call, intArg(0), arg(1), packStatfs),
  access: (s, call) => access(s, call, AT_FDCWD, intArg(1)),
  faccessat: (s, call) => access(s, call, intArg(0), intArg(2)),
  faccessat2: (s, call) => access(s, call, intArg(0), intArg(2)),
  getdents64,
  mkdir: (s, call) => mkdir(s, call, AT_FDCWD),
  mkdirat: (s, call) => mkdir(s, call, intArg(0)),
  unlink: (s, call) => unlink(s, call, AT_FDCWD, false),
  rmdir: (s, call) => unlink(s, call, AT_FDCWD, true),
  unlinkat: (s, call) => unlink(s, call, intArg(0), (intArg(2) & AT_REMOVEDIR) !== 0),
  symlink: (s, call) => symlink(s, call, AT_FDCWD),
  symlinkat: (s, call) => symlink(s, call, intArg(1)),
  inotify_add_watch: inotifyAddWatch,
  getxattr: (s, call) => getxattr(s, call, true),
  lgetxattr: (s, call) => getxattr(s, call, false),
  listxattr: (s, call) => listxattr(s, call, true),
  llistxattr: (s, call) => listxattr(s, call, false),
  readlink: (s, call) => readlink(s, call, AT_FDCWD, arg(1), intArg(2)),
  readlinkat: (s, call) => readlink(s, call, intArg(0), arg(2), intArg(3)),
}
