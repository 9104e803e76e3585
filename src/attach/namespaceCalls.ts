/**
 * unshare(), setns(), clone() and mount() as far as they are about network namespaces. A network namespace is always the
 * simulated host's. Mount namespaces are the real kernel's where the program may make them outside; where it may not,
 * what `ip netns exec` does with them is answered as done: names below /etc are then not replaced by those of
 * /etc/netns, and /sys is simulated anyway.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { isErrno } from '../uapi/errno.ts'
import { AT_FDCWD, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWUSER, O_PATH } from './abi.ts'
import type { Handlers } from './calls.ts'
import { CAP_SYS_ADMIN, has } from './credentials.ts'
import { fullPath, pathOf } from './fileCalls.ts'
import { realCapabilities } from './identityCalls.ts'
import type { Process } from './processes.ts'
import type { Call, Supervisor } from './supervisor.ts'
import { ANSWERED, arg, CONTINUE, intArg, type Outcome } from './trap.ts'
import { VirtualFile } from './virtualFile.ts'

const EPERM = 1
const MS_PROPAGATION = (1 << 17) | (1 << 18) | (1 << 19) | (1 << 20)
/** How long a child of clone() is looked for, ms: without giving way, and in all. */
const LOOK_MS = 5
const LOOK_LONG_MS = 200

function mayOutside(call: Call): boolean {
  return (realCapabilities(call.trap.tid) >> BigInt(CAP_SYS_ADMIN)) % 2n === 1n
}

/** The caller's thread is where its task is. */
function follow(call: Call): void {
  const { sys_netns } = call.process.attachment.host.syscalls
  if (sys_netns !== undefined) call.process.moved(call.trap.tid, sys_netns(call.task))
}

function unshare(_s: Supervisor, call: Call): Outcome {
  const flags = intArg(0)
  const others = flags & ~CLONE_NEWNET
  const isOutside = others !== 0 && ((flags & CLONE_NEWUSER) !== 0 || mayOutside(call))
  if (!isOutside && (others & ~CLONE_NEWNS) !== 0) return CONTINUE // EPERM, most likely
  if ((flags & CLONE_NEWNET) === 0) return isOutside || !has(call.process.credentials, CAP_SYS_ADMIN) ? CONTINUE : 0
  const { sys_unshare_net } = call.process.attachment.host.syscalls
  if (sys_unshare_net === undefined) return -EPERM
  const error = sys_unshare_net(call.task, (flags & CLONE_NEWUSER) !== 0)
  if (error !== undefined) return -error.code
  follow(call)
  return isOutside ? CONTINUE : 0
}

function setns(s: Supervisor, call: Call): Outcome {
  const [fd, nstype] = [intArg(0), intArg(1)]
  const { sys_setns } = call.process.attachment.host.syscalls
  const described = s.described(call.process, fd)
  if (sys_setns === undefined) return (nstype & CLONE_NEWNET) !== 0 ? -EPERM : CONTINUE
  const file =
    described instanceof VirtualFile ? described.inode : (nstype & CLONE_NEWNET) !== 0 ? namespaceOfPidfd(s, call, fd) : undefined
  if (file === undefined) return CONTINUE
  const rest = described instanceof VirtualFile ? 0 : nstype & ~CLONE_NEWNET
  const error = sys_setns(call.task, file, nstype & ~rest)
  if (error !== undefined) return -error.code
  follow(call)
  return rest === 0 ? 0 : CONTINUE
}

/** A process descriptor stands for that process's namespaces. */
function namespaceOfPidfd(s: Supervisor, call: Call, fd: number): object | undefined {
  try {
    if (readlinkSync(`/proc/${call.process.tgid}/fd/${fd}`) !== 'anon_inode:[pidfd]') return undefined
    const pid = /^Pid:\s+(\d+)$/m.exec(readFileSync(`/proc/${call.process.tgid}/fdinfo/${fd}`, 'latin1'))
    const found = pid === null ? undefined : s.processes.adopt(Number(pid[1]))
    if (found === undefined) return undefined
    const inode = call.process.attachment.host.syscalls.sys_open(call.task, `/proc/${found.pid}/ns/net`, O_PATH)
    return inode === undefined || isErrno(inode) ? undefined : inode
  } catch {
    return undefined
  }
}

/**
 * clone(CLONE_NEWNET): the real kernel makes the child, in a real namespace of its own too; so it must be allowed to. The
 * child inherits the mark of the new simulated one.
 */
function clone(s: Supervisor, call: Call): Outcome {
  const { process, trap, task } = call
  const { sys_new_netns, sys_drop_netns } = process.attachment.host.syscalls
  const privileged = (intArg(0) & CLONE_NEWUSER) !== 0
  if (sys_new_netns === undefined || (!privileged && !mayOutside(call))) return -EPERM
  const id = sys_new_netns(task, privileged)
  if (isErrno(id)) return -id.code
  const before = children(process, trap.tid)
  process.markForChild(id)
  trap.proceed()
  const found = (): boolean => {
    const child = children(process, trap.tid).find((pid) => !before.includes(pid))
    if (child !== undefined) s.processes.adopt(child)
    return child !== undefined
  }
  const finish = (): void => {
    process.restoreMark(trap.tid)
    sys_drop_netns?.(task, id)
  }
  const end = performance.now() + LOOK_MS
  while (performance.now() < end) {
    if (!found()) continue
    finish()
    return ANSWERED
  }
  setTimeout(() => {
    found()
    finish()
  }, LOOK_LONG_MS).unref()
  return ANSWERED
}

function children(process: Process, tid: number): number[] {
  try {
    const text = readFileSync(`/proc/${process.tgid}/task/${tid}/children`, 'latin1')
    return text.split(' ').filter(Boolean).map(Number)
  } catch {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0)
  }
}

function mount(s: Supervisor, call: Call): Outcome {
  const { sys_mount } = call.process.attachment.host.syscalls
  const target = pathOf(s, call, AT_FDCWD)
  if (sys_mount === undefined || target === undefined) return CONTINUE
  const flags = intArg(3)
  const source = fullPath(s, call, AT_FDCWD, s.memory.string(arg(0))) ?? ''
  const done = sys_mount(call.task, source, target, flags)
  if (done !== undefined) return done === 0 ? 0 : -done.code
  if (!has(call.process.credentials, CAP_SYS_ADMIN)) return CONTINUE
  if (target === '/sys') return s.memory.string(arg(2)) === 'sysfs' ? 0 : CONTINUE
  return target === '/' && (flags & MS_PROPAGATION) !== 0 && !mayOutside(call) ? 0 : CONTINUE
}

function umount(s: Supervisor, call: Call): Outcome {
  const { sys_umount } = call.process.attachment.host.syscalls
  const path = pathOf(s, call, AT_FDCWD)
  if (sys_umount === undefined || path === undefined) return CONTINUE
  const done = sys_umount(call.task, path, intArg(1))
  if (done !== undefined) return done === 0 ? 0 : -done.code
  return path === '/sys' && has(call.process.credentials, CAP_SYS_ADMIN) ? 0 : CONTINUE
}

export const namespaceCalls: Handlers = { unshare, setns, clone, mount, umount2: umount }
