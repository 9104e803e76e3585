/** What stands in examples/ works as its first lines say. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { inPackage } from '../place.ts'
import { start, startCli, told } from './command.ts'

t.test('two-hosts.yaml: a pings b through two 82559 and a cable', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'netdouble-test-'))
  const socket = join(directory, 'socket')
  const server = startCli(['serve', '--socket', socket, '--topology', inPackage('examples/two-hosts.yaml')])
  t.teardown(() => {
    server.child.kill('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  })
  await told(server.child, 'listening on')
  const onA = (...command: string[]) =>
    start(inPackage('bin/netdouble'), ['run', `--connect=${socket}`, '--host', 'a', '--', ...command]).ended
  t.match((await onA('ping', '-c', '3', '-i', '0.2', '10.0.0.2')).stdout, /3 packets transmitted, 3 received, 0% packet loss/)
  t.match((await onA('ip', '-br', 'addr', 'show', 'eth0')).stdout, /^eth0 +UP +10\.0\.0\.1\/24 /)
  t.match((await onA('ip', '-d', 'link', 'show', 'eth0')).stdout, / parentbus pci parentdev 0000:00:03\.0/)
})
