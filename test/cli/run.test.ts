import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { cli, startCli, told } from './command.ts'

t.test('a program sees a fresh host, and nothing is left of it', async (t) => {
  const first = await cli(['run', '--', 'sh', '-c', 'ip link set eth0 up && ip -o link show eth0'])
  t.equal(first.stderr, '')
  t.match(first.stdout, /^2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP>/)
  t.equal(first.code, 0)
  const second = await cli(['run', 'ip', '-o', 'link', 'show', 'eth0'])
  t.match(second.stdout, /^2: eth0: <BROADCAST,MULTICAST> /)
})

t.test('the same seed gives the same host', async (t) => {
  const mac = async (seed: string) => /link\/ether (\S+)/.exec((await cli(['run', '--seed', seed, '--', 'ip', 'link'])).stdout)?.[1]
  const [a, again, other] = await Promise.all(['1', '1', '2'].map(mac))
  t.match(a, /^..:/)
  t.equal(a, again)
  t.not(a, other)
})

t.test("exit codes and signals are the program's", async (t) => {
  t.equal((await cli(['run', '--', 'sh', '-c', 'exit 42'])).code, 42)
  t.equal((await cli(['run', '--', 'sh', '-c', 'kill -KILL $$'])).signal, 'SIGKILL')
  const gone = await cli(['run', '--', 'no-such-program'])
  t.equal(gone.code, 127)
  t.match(gone.stderr, /no-such-program/)
  const forbidden = await cli(['run', '--', '/etc/passwd'])
  t.equal(forbidden.code, 126, forbidden.stderr)
})

t.test('SIGTERM goes to the program, and netdouble ends as it ends', async (t) => {
  const { child, ended } = startCli(['run', '--', 'sh', '-c', 'trap "exit 7" TERM; echo ready >&2; while :; do sleep 0.05; done'])
  await told(child, 'ready')
  child.kill('SIGTERM')
  t.equal((await ended).code, 7)
})

t.test('another user may look but not touch; without files the real ones are seen', async (t) => {
  const user = await cli(['run', '--as-user', '1000', '--', 'sh', '-c', 'id -u; ip link set eth0 up'])
  t.match(user.stdout, /^1000$/m)
  t.match(user.stderr, /Operation not permitted/)
  t.equal(user.code, 2)
  const files = await cli(['run', '--', 'cat', '/proc/net/dev'])
  t.match(files.stdout, /eth0: +0 +0/)
  t.match(files.stdout.trim().split('\n').length, 4)
})

t.test('the boot log', async (t) => {
  const { stderr } = await cli(['run', '--initcall-debug', '--', 'true'])
  t.match(stderr, /^\[ +\d+\.\d{6}\] calling +sock_init/m)
  t.match(stderr, /NET: Registered PF_INET protocol family/)
  t.equal((await cli(['run', '--', 'true'])).stderr, '')
})

t.test('topologies, hosts and what is wrong with them', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'netdouble-test-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'lab.yaml')
  writeFileSync(file, 'hosts:\n  a:\n    devices: [{name: wan}]\n  b:\n')
  t.match((await cli(['run', '--topology', file, '--host', 'a', '--', 'ip', 'link'])).stdout, /wan/)
  const none = await cli(['run', '--topology', file, '--', 'true'])
  t.equal(none.code, 125)
  t.match(none.stderr, /no host named default; there are: a, b/)
  writeFileSync(file, 'hosts:\n  a:\n    cpu: 3\n')
  const wrong = await cli(['run', '--topology', file, '--', 'true'])
  t.equal(wrong.code, 125)
  t.match(wrong.stderr, `${file}:3: hosts.a.cpu: unknown key`)
})

t.test('help and mistakes', async (t) => {
  for (const args of [['--help'], ['run', '--help']]) {
    const help = await cli(args)
    t.equal(help.code, 0)
    t.match(help.stdout, /Examples:\n {2}netdouble /, args.join(' '))
  }
  const mistakes: [string[], RegExp][] = [
    [['run', '--sede', '1', '--', 'true'], /unknown option '--sede'/],
    [['run', '--time', 'fast', '--', 'true'], /--time <time>.*fast.*real, virtual, or a factor/s],
    [['run'], /missing required argument 'program'/],
    [['walk'], /unknown command 'walk'/],
    [['serve', '--http', 'here'], /ADDRESS:PORT, such as/],
    [['dmesg', '--connect', '/nonexistent/socket'], /no server at \/nonexistent\/socket/],
  ]
  await Promise.all(
    mistakes.map(async ([args, text]) => {
      const ended = await cli(args)
      t.equal(ended.code, 125, args.join(' '))
      t.match(ended.stderr, text)
    }),
  )
})
