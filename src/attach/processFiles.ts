/**
 * Files of /proc that are the real kernel's but for what is simulated in them: the mount of cgroup2, which the host has at
 * /run/cgroup2 (a program shall not change the groups of the machine), the group that a process is in, its
 * working directory and its descriptors.
 */
import { readFileSync, readlinkSync } from 'node:fs'
import type { Described, Process } from './processes.ts'
import type { Call, Supervisor } from './supervisor.ts'
import { VirtualFile } from './virtualFile.ts'
import { VirtualSocket } from './virtualSocket.ts'

const MOUNTS = /^\/proc\/((self|thread-self|[1-9]\d*)\/)?mounts$/
const CGROUP = /^\/proc\/(self|thread-self|[1-9]\d*)\/cgroup$/
const CGROUP2_MOUNT = 'cgroup2 /run/cgroup2 cgroup2 rw,nosuid,nodev,noexec,relatime 0 0'

/** The content as it is now, or undefined: the real file is as good. */
export function processFile(s: Supervisor, call: Call, path: string): string | undefined {
  if (MOUNTS.test(path)) return mounts(real(call.process.tgid, 'mounts'))
  const of = CGROUP.exec(path)?.[1]
  if (of === undefined) return undefined
  const found = /^\d/.test(of) ? s.processes.lookup(call.process, Number(of)) : call.process
  if (found === undefined || found.credentials.cgroup === '/') return undefined
  const others = real(found.tgid, 'cgroup').replace(/^0::.*\n/m, '')
  return `${others}0::${found.credentials.cgroup}\n`
}

const LINK = /^\/proc\/(self|thread-self|[1-9]\d*)\/(cwd|fd\/(\d+))$/
/** Where /proc/<pid>/cwd and /proc/<pid>/fd/<n> lead, if that is of the simulated host. */
export function processLink(s: Supervisor, call: Call, path: string): string | undefined {
  const [, of, name, fd] = LINK.exec(path) ?? []
  const process = of === undefined ? undefined : processNamed(s, call, of)
  if (process === undefined) return undefined
  if (name === 'cwd') return workingDirectory(s, process === call.process ? call.trap.tid : process.tgid)
  const described = s.described(process, Number(fd))
  if (described instanceof VirtualFile) return described.path
  const ino = socketNumber(described)
  return ino === undefined ? undefined : `socket:[${ino}]`
}
function processNamed(s: Supervisor, call: Call, name: string): Process | undefined {
  return /^\d/.test(name) ? s.processes.lookup(call.process, Number(name)) : call.process
}
/** The number of the socket that /proc/<pid>/fd/<n> leads to, if it is one of the simulated host. */
export function processSocket(s: Supervisor, call: Call, path: string): number | undefined {
  const [, of, , fd] = LINK.exec(path) ?? []
  const process = of === undefined || fd === undefined ? undefined : processNamed(s, call, of)
  const described = process && s.described(process, Number(fd))
  return socketNumber(described)
}
/** The inode's number; an open device has none. */
export function socketNumber(described: Described | undefined): number | undefined {
  return described instanceof VirtualSocket && described.family !== 0 ? described.sock.ino : undefined
}
/** Where a task is, if that is a directory of the simulated host. */
export function workingDirectory(s: Supervisor, pid: number): string | undefined {
  try {
    return s.scratch.virtual(readlinkSync(`/proc/${pid}/cwd`))
  } catch {
    return undefined
  }
}

function real(tgid: number, name: string): string {
  try {
    return readFileSync(`/proc/${tgid}/${name}`, 'utf8')
  } catch {
    return ''
  }
}
function mounts(text: string): string {
  const lines = text.split('\n').filter((line) => line !== '' && line.split(' ')[2] !== 'cgroup2')
  return `${[...lines, CGROUP2_MOUNT].join('\n')}\n`
}
