/** For tests of unmodified programs on the hosts of one lab: what is installed, and programs that serve while others ask. */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createLab } from '../../src/index.ts'
import type { Lab, RunResult } from '../../src/lab/lab.ts'
import { buildLab } from '../../src/lab/topology.ts'

/** Where daemons lie, which not everybody's PATH has. */
process.env.PATH = [process.env.PATH, '/usr/sbin', '/sbin', '/usr/lib/frr'].join(delimiter)

const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
/** Why a test of these programs is skipped; false: it is not. */
export function without(...programs: string[]): string | false {
  const missing = programs.filter((program) => !has(program))
  return missing.length > 0 && `no ${missing.join(', no ')} here`
}
/** The same of programs that want files of root's. */
export function withoutAsRoot(...programs: string[]): string | false {
  return process.getuid?.() === 0 ? without(...programs) : 'needs root, for its own files'
}
export function withoutApplets(...applets: string[]): string | false {
  const list = has('busybox') ? spawnSync('busybox', ['--list'], { encoding: 'utf8' }).stdout.split('\n') : []
  const missing = applets.filter((applet) => !list.includes(applet))
  return missing.length > 0 && `no busybox with ${missing.join(', ')} here`
}

/** A program that runs until it is stopped. */
export interface Daemon {
  /** Sends a signal, and answers with what it has printed when it is gone. */
  stop(signal?: NodeJS.Signals): Promise<string>
}
export interface ProgramLab {
  lab: Lab
  /** Of the test's own. */
  folder: string
  run(host: string, command: string): Promise<RunResult>
  /** Starts `command`, which must stay in the foreground; it ends with the test. */
  start(host: string, command: string): Daemon
  /** Runs `command` again and again until its output matches: what a user would do who waits. */
  until(host: string, command: string, pattern: RegExp): Promise<string>
  /** A file in it. */
  file(name: string, content: string, mode?: number): string
}

const LONGEST_WAIT_MS = 60_000
const LONGEST_LIFE_S = 200

export function programLab(t: { teardown: (fn: () => Promise<void>) => void }, topology: object): ProgramLab {
  const lab = createLab({ time: 'real' })
  buildLab(lab, topology as never)
  const folder = mkdtempSync(join(tmpdir(), 'netdouble-programs-'))
  // some are not root any more when they look for their files
  chmodSync(folder, 0o777)
  const daemons: Daemon[] = []
  const run = (host: string, command: string) => lab.host(host).run('sh', ['-c', command])
  t.teardown(async () => {
    await Promise.all(daemons.map((daemon) => daemon.stop()))
    lab.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    lab,
    folder,
    run,
    start(host, command) {
      const pidfile = join(folder, `daemon${daemons.length}`)
      let over = false
      // not even a test that fails leaves it behind
      const ended = run(host, `echo $$ >${pidfile}; exec timeout ${LONGEST_LIFE_S} ${command} 2>&1`).then(({ stdout }) => {
        over = true
        return stdout
      })
      const daemon = {
        stop(signal: NodeJS.Signals = 'SIGTERM') {
          const pid = Number(readOr0(pidfile))
          if (!over && pid > 0) process.kill(pid, signal)
          return ended
        },
      }
      daemons.push(daemon)
      return daemon
    },
    async until(host, command, pattern) {
      const end = Date.now() + LONGEST_WAIT_MS
      let last = ''
      while (Date.now() < end) {
        last = (await run(host, command)).stdout
        if (pattern.test(last)) return last
      }
      return last
    },
    file(name, content, mode = 0o644) {
      const path = join(folder, name)
      writeFileSync(path, content, { mode })
      return path
    },
  }
}
function readOr0(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '0'
  }
}
/** The lines that bring a host up with one device. */
export function up(address: string, device = 'eth0'): string {
  return `ip link set lo up; ip link set ${device} up; ip addr add ${address} dev ${device}`
}
