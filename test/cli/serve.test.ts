import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { home } from '../place.ts'
import { cli, start, startCli, told } from './command.ts'

const bin = join(home, 'bin/netdouble')

function temporary(t: { teardown(fn: () => void): void }): string {
  const directory = mkdtempSync(join(tmpdir(), 'netdouble-test-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

t.test('a server, programs on its host, looks into it, and its end', async (t) => {
  const socket = join(temporary(t), 'socket')
  const server = startCli(['serve', '--socket', socket, '--initcall-debug', '--http', '127.0.0.1:0'])
  t.teardown(() => server.child.kill('SIGKILL'))
  await told(server.child, 'listening on')
  t.equal(statSync(socket).mode & 0o777, 0o600)

  const env = { NETDOUBLE_SOCKET: socket }
  t.equal((await start(bin, ['run', '--connect', '--', 'ip', 'link', 'set', 'eth0', 'up', 'mtu', '1400'], env).ended).code, 0)
  const seen = await start(bin, ['run', `--connect=${socket}`, '--', 'ip', '-o', 'link', 'show', 'eth0']).ended
  t.match(seen.stdout, /eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1400/, 'the host lives on between programs')
  t.equal((await start(bin, ['run', '--connect', '--', 'sh', '-c', 'exit 9'], env).ended).code, 9)
  const nobody = await start(bin, ['run', '--connect', '--host', 'nobody', '--', 'true'], env).ended
  t.equal(nobody.code, 125)
  t.match(nobody.stderr, /no host named nobody/)

  const inspect = await cli(['inspect', 'init_net.dev_name_head.eth0.mtu'], env)
  t.equal(inspect.stdout, '1400\n')
  t.match((await cli(['inspect', 'init_net.nothing'], env)).stderr, /has no nothing; it has/)
  t.match((await cli(['dmesg'], env)).stdout, /^\[ +\d+\.\d{6}\] calling +sock_init/)

  const second = await cli(['serve', '--socket', socket])
  t.equal(second.code, 125)
  t.match(second.stderr, /socket: a server at .* exists already/)

  server.child.kill('SIGTERM')
  const ended = await server.ended
  t.equal(ended.code, 0)
  t.notOk(existsSync(socket), 'the socket file is gone')
})

t.test('the socket file of a dead server is replaced, another file is not', async (t) => {
  const socket = join(temporary(t), 'socket')
  const dead = startCli(['serve', '--socket', socket])
  await told(dead.child, 'listening on')
  dead.child.kill('SIGKILL')
  await dead.ended
  t.ok(existsSync(socket))
  const next = startCli(['serve', '--socket', socket])
  await told(next.child, 'listening on')
  next.child.kill('SIGINT')
  t.equal((await next.ended).code, 0)
  const taken = await cli(['serve', '--socket', join(home, 'package.json')])
  t.equal(taken.code, 125)
  t.match(taken.stderr, /package\.json exists and is no socket/)
})

t.test('a program whose server dies gets an error, and does not hang', async (t) => {
  const socket = join(temporary(t), 'socket')
  const server = startCli(['serve', '--socket', socket])
  await told(server.child, 'listening on')
  const script = 'echo ready >&2; while ip link >/dev/null 2>&1; do :; done; echo over >&2; exit 3'
  const program = start(bin, ['run', `--connect=${socket}`, '--', 'sh', '-c', script])
  await told(program.child, 'ready')
  server.child.kill('SIGKILL')
  t.equal((await program.ended).code, 3)
})

t.test('a daemon whose server dies, and which asks for ever, is ended', async (t) => {
  const socket = join(temporary(t), 'socket')
  const server = startCli(['serve', '--socket', socket])
  await told(server.child, 'listening on')
  const daemon = `import select, socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('127.0.0.1', 7))
print('ready', file=sys.stderr, flush=True)
while True:
    select.select([s], [], [])
    try: s.recvfrom(100)
    except OSError: pass`
  const program = start(bin, ['run', `--connect=${socket}`, '--', 'python3', '-c', daemon])
  await told(program.child, 'ready')
  server.child.kill('SIGKILL')
  const { signal, stderr } = await program.ended
  t.equal(signal, 'SIGTERM')
  t.match(stderr, /netdouble: the server has gone; process \d+ still asks for the network, and is ended/)
})

t.test('bin/netdouble says what is missing', async (t) => {
  const directory = temporary(t)
  mkdirSync(join(directory, 'bin'))
  cpSync(bin, join(directory, 'bin/netdouble'))
  const main = await start(join(directory, 'bin/netdouble'), ['run', '--', 'true']).ended
  t.equal(main.code, 125)
  t.match(main.stderr, /dist\/src\/cli\/main\.js is missing: build it with `npm run build`/)
  const launcher = await start(join(directory, 'bin/netdouble'), ['run', '--host', 'a', '--connect', '--', 'true']).ended
  t.equal(launcher.code, 125)
  t.match(launcher.stderr, /netdouble-launch is missing/)
})
