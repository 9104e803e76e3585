import { existsSync, readFileSync, statSync } from 'node:fs'
import t from 'tap'
import { listenUnix, Supervisor } from '../../src/attach/index.ts'
import { FakeHost } from './fakeHost.ts'
import { program, results, run } from './support.ts'
import { collect, startServer } from './unprivileged.ts'
import { inPackage } from '../place.ts'

t.test("exit codes and signals are the program's", async (t) => {
  t.match(await run('sh', ['-c', 'exit 7']), { code: 7, signal: null })
  t.match(await run('sh', ['-c', 'kill -TERM $$']), { code: null, signal: 'SIGTERM' })
  t.match(await run('sh', ['-c', 'kill -SEGV $$']), { code: null, signal: 'SIGSEGV' })
  t.match(await run('/nonexistent/program'), { code: 127, err: /No such file/ })
  t.match(await run('no-such-program-anywhere'), { code: 127, err: /not found/ })
  t.match(await run('/etc/passwd'), { code: 126, err: /Permission denied/ })
})

t.test('signals sent to the launcher reach the program, once', async (t) => {
  const script = 'trap "echo usr1" USR1; trap "echo term; exit 3" TERM; echo ready; while :; do sleep 0.01; done'
  const ran = await run('sh', ['-c', script], {
    onSpawn: (child) => {
      child.stdout?.once('data', () => child.kill('SIGUSR1') && setTimeout(() => child.kill('SIGTERM'), 100))
    },
  })
  t.match(ran, { code: 3, out: 'ready\nusr1\nterm\n' })
})

t.test('a stopped program stops its job, and goes on with it', async (t) => {
  const script = 'echo ready; kill -STOP $$; echo continued; exit 4'
  const ran = await run('sh', ['-c', script], {
    detached: true,
    onSpawn: (child) => {
      const look = setInterval(() => {
        const status = existsSync(`/proc/${child.pid}/stat`) ? readState(child.pid ?? 0) : ''
        if (status !== 'T') return
        clearInterval(look)
        process.kill(-(child.pid ?? 0), 'SIGCONT')
      }, 5)
    },
  })
  t.match(ran, { code: 4, out: 'ready\ncontinued\n' })
})

function readState(pid: number): string {
  return /State:\s+(\w)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? ''
}

t.test('when the launcher is killed, so is the program', async (t) => {
  let pid = 0
  const ran = await run('sh', ['-c', 'echo $$; exec sleep 60'], {
    onSpawn: (child) => {
      child.stdout?.once('data', (data) => {
        pid = Number(data)
        child.kill('SIGKILL')
      })
    },
  })
  t.equal(ran.signal, 'SIGKILL')
  t.notOk(existsSync(`/proc/${pid}`) && readState(pid) !== 'Z')
})

t.test('daemons that outlive the program are still served', async (t) => {
  let ended: () => void = () => {}
  const end = new Promise<void>((resolve) => {
    ended = resolve
  })
  const ran = await run('sh', ['-c', '(sleep 0.2; ip route add 10.0.0.0/8 dev nd0) >/dev/null 2>&1 & exit 5'], {
    onEnd: ended,
    supervisor: new Supervisor(),
  })
  t.equal(ran.code, 5)
  await end
  t.equal(ran.host.routes, 1)
  ran.supervisor.close()
})

t.test('stand-alone: netdouble-launch --connect', async (t) => {
  const server = await startServer()
  t.equal(statSync(server.socket).mode & 0o777, 0o600)
  const launch = (...args: string[]) => collect([server.launcher, ...args])
  t.match(await launch('--connect', server.socket, '--', 'ip', 'link', 'show', 'nd1'), { code: 0, out: /nd1: .*\n.*02:aa:bb:cc:dd:02/ })
  t.match(await collect([server.launcher, '--connect', '--', 'ip', 'link'], { NETDOUBLE_SOCKET: server.socket }), { code: 0, out: /nd1/ })
  t.match(await launch('--connect', server.socket, '--host', 'h9', 'true'), { code: 125, err: /no host h9/ })
  t.match(await launch('--connect', '/nonexistent/socket', 'true'), { code: 125, err: /no server at .nonexistent.socket/ })
  t.match(await launch('true'), { code: 125, err: /usage/ })
  const inside = (...args: string[]) => launch('--connect', server.socket, '--host', 'h1', '--', server.launcher, '--connect', ...args)
  t.match(await inside('--', 'ip', 'link', 'show', 'nd1'), { code: 0, out: /nd1/ }, 'inside, it is there already')
  t.match(await inside('--host', 'h2', '--', 'true'), { code: 125, err: /already attached to host h1/ })
  const nested = await launch(
    '--connect',
    server.socket,
    '--',
    'env',
    '-u',
    'NETDOUBLE_ATTACHED',
    server.launcher,
    '--connect',
    server.socket,
    'true',
  )
  t.match(nested, { code: 125, err: /already attached/ })
  await server.stop()
})

t.test('a terminal notices no difference: Ctrl-Z, fg, Ctrl-C', async (t) => {
  const server = await startServer()
  const script = inPackage('test/attach/programs/terminal.py')
  t.match(await collect(['python3', script, server.launcher, '--connect', server.socket, '--']), { out: 'all as at a keyboard\n', code: 0 })
  await server.stop()
})

t.test('many programs at once', async (t) => {
  const supervisor = new Supervisor()
  const fake = new FakeHost()
  const all = await Promise.all(Array.from({ length: 24 }, () => run('ip', ['link', 'show', 'nd1'], { supervisor, fake })))
  for (const ran of all) t.match(ran, { code: 0, out: /nd1/ })
  supervisor.close()
  t.equal(fake.sockets.size, 0)
})

t.test('when the server dies nothing hangs', async (t) => {
  const server = await startServer()
  const ran = await collect([server.launcher, '--connect', server.socket, program('hammer')], {}, (child) => {
    child.stdout?.once('data', () => setTimeout(() => server.process.kill('SIGKILL'), 100))
  })
  const ENETDOWN = -100
  t.strictSame(results(ran.out), { started: 1, failed: ENETDOWN, parked: ENETDOWN, socket: ENETDOWN, file: 1, exec: 1 }, ran.err)
  t.equal(ran.code, 0)
  const daemon = 'echo started; (sleep 0.3; ip link >/dev/null 2>&1; echo "daemon $?") & exit 6'
  const second = await startServer()
  const out = await collect([second.launcher, '--connect', second.socket, '--', 'sh', '-c', daemon], {}, (child) => {
    child.once('exit', () => second.process.kill('SIGKILL'))
  })
  t.match(out, { code: 6, out: /started\ndaemon [1-9]/ }, 'also for daemons, whose launcher is gone')
  await server.stop()
  await second.stop()
})

t.test('listenUnix replaces a dead socket, not a living one', async (t) => {
  const server = await startServer()
  t.throws(() => listenUnix(server.socket, () => {}), { code: 'EADDRINUSE' })
  server.process.kill('SIGKILL')
  await new Promise((resolve) => server.process.once('exit', resolve))
  const listener = listenUnix(server.socket, () => {})
  listener.close()
  t.notOk(existsSync(server.socket))
  await server.stop()
})
