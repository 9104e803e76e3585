/** Runs the command as a user would. */
import { type ChildProcess, spawn } from 'node:child_process'
import { home, netdoubleCommand } from '../place.ts'

const [node, ...main] = netdoubleCommand()

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export function start(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(command, args, { cwd: home, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NODE_OPTIONS: '', ...env } })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
    })
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, ...output }))
  })
  return { child, ended }
}

export function startCli(args: readonly string[], env: Record<string, string> = {}): { child: ChildProcess; ended: Promise<Ended> } {
  return start(node, [...main, ...args], env)
}

export function cli(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return startCli(args, env).ended
}

/** Resolves when the process has written `text` to its standard error. */
export function told(child: ChildProcess, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let all = ''
    child.stderr?.on('data', (chunk: string) => {
      all += chunk
      if (all.includes(text)) resolve()
    })
    child.on('close', (code) => reject(new Error(`ended with ${code} before saying ${text}: ${all}`)))
  })
}
