/**
 * Files of /proc that are the real kernel's but for what is simulated in them: the mount of cgroup2, which the host has at
 * /run/cgroup2 (a program shall not change the groups of the machine), the group that a process is in, and its working directory.
 */
import { readFileSync, readlinkSync } from 'node:fs'
import type { Call, Supervisor } from './supervisor.ts'

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

const CWD = /^\/proc\/(self|thread-self|[1-9]\d*)\/cwd$/
/** Where /proc/<pid>/cwd leads, if that is a directory of the simulated host. */
export function processLink(s: Supervisor, call: Call, path: string): string | undefined {
  const of = CWD.exec(path)?.[1]
  if (of === undefined) return undefined
  return workingDirectory(s, /^\d/.test(of) ? (s.processes.lookup(call.process, Number(of))?.tgid ?? 0) : call.trap.tid)
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
