/** Running programs through the stand-alone launcher, as anybody. */
import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, chownSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launcherPath } from '../../src/attach/index.ts'
import { moduleCommand } from '../place.ts'

export interface Server {
  socket: string
  process: ChildProcess
  launcher: string
  stop(): Promise<void>
}

/** Starts test/attach/server.ts; with `uid` as that user, without any capability. */
export async function startServer(uid?: number, environment: Record<string, string> = {}): Promise<Server> {
  const directory = mkdtempSync(join(tmpdir(), 'netdouble-server-'))
  chmodSync(directory, 0o755)
  if (uid !== undefined) chownSync(directory, uid, uid)
  const launcher = join(directory, 'launch')
  copyFileSync(launcherPath(), launcher)
  chmodSync(launcher, 0o755)
  const socket = join(directory, 'socket')
  const node = [...moduleCommand('test/attach/server'), socket]
  const command = uid === undefined ? node : [...unprivileged(uid), 'env', '-u', 'NODE_OPTIONS', ...node]
  // tap's own preloads write where nobody may not
  const mine = Object.entries(process.env).filter(([name]) => name !== 'NODE_OPTIONS' && !name.startsWith('TAP'))
  const env = { ...Object.fromEntries(mine), ...environment }
  const child = spawn(command[0], command.slice(1), { stdio: ['ignore', 'pipe', 'inherit'], env })
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve())
    child.once('exit', () => reject(new Error('the server did not start')))
  })
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await gone
    }
    rmSync(directory, { recursive: true, force: true })
  }
  return { socket, process: child, launcher, stop }
}

export function unprivileged(uid: number): string[] {
  return ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--bounding-set=-all', '--inh-caps=-all']
}

export interface Output {
  out: string
  err: string
  code: number | null
  signal: string | null
}

export function collect(
  command: string[],
  env: Record<string, string> = {},
  onChild: (child: ChildProcess) => void = () => {},
): Promise<Output> {
  const child = spawn(command[0], command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
  let [out, err] = ['', '']
  child.stdout?.on('data', (data) => (out += data))
  child.stderr?.on('data', (data) => (err += data))
  onChild(child)
  return new Promise((resolve) => child.once('close', (code, signal) => resolve({ out, err, code, signal })))
}

/** Server and program both as nobody, without capabilities. */
export async function runAsNobody(...command: string[]): Promise<Output> {
  const server = await startServer(65534)
  const ran = await collect([...unprivileged(65534), server.launcher, '--connect', server.socket, '--', ...command])
  await server.stop()
  return ran
}
