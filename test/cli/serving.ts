/** A server of a topology, for tests that are its users. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { inPackage } from '../place.ts'
import { start, startCli, told } from './command.ts'

const LONGEST_WAIT_MS = 60_000

/** A server with the topology of that file; `on` runs a command on one of its hosts and gives what it printed. */
export async function serving(t: Test, topology: string) {
  const directory = mkdtempSync(join(tmpdir(), 'netdouble-test-'))
  const socket = join(directory, 'socket')
  const server = startCli(['serve', '--socket', socket, '--http', '127.0.0.1:0', '--topology', inPackage(topology)])
  t.teardown(() => {
    server.child.kill('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  })
  const listening = new Promise<string>((resolve) => {
    server.child.stderr?.on('data', (text: string) => {
      const found = /http:\/\/\S+/.exec(text)?.[0]
      if (found !== undefined) resolve(found)
    })
  })
  await told(server.child, 'listening on')
  const address = await listening
  const run = (host: string, command: string) =>
    start(inPackage('bin/netdouble'), ['run', `--connect=${socket}`, '--host', host, '--', ...command.split(' ')])
  const on = async (host: string, command: string) => (await run(host, command).ended).stdout
  /** Starts a program that goes on until the test ends. */
  const background = (host: string, command: string) => {
    const { child, ended } = run(host, command)
    t.teardown(async () => {
      child.kill('SIGTERM')
      await ended
    })
  }
  /** Runs a command again and again until it prints what is expected. */
  const until = async (host: string, command: string, pattern: RegExp) => {
    for (const end = Date.now() + LONGEST_WAIT_MS; Date.now() < end; ) {
      const shown = await on(host, command)
      if (pattern.test(shown)) return shown
    }
    return ''
  }
  const setWire = (wire: string, change: object) =>
    fetch(`${address}/v1/labs/default/wires/${wire}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(change),
    })
  return { directory, socket, address, on, background, until, setWire }
}
