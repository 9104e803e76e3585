/** The supervisor serves in the event loop's thread: whoever else works there must get his turns, and nobody works for nothing. */
import t from 'tap'
import { Supervisor } from '../../src/attach/index.ts'
import { FakeHost } from './fakeHost.ts'
import { program, results, run } from './support.ts'
import { collect, startServer } from './unprivileged.ts'

const REQUESTS = 3000

t.test('timers, immediates and promises go on while a program calls without pause', async (t) => {
  const turns = { timer: 0, immediate: 0, promise: 0 }
  const host = new FakeHost()
  let ended = false
  const timer = setInterval(() => turns.timer++, 1)
  const immediate = (): void => {
    turns.immediate++
    if (!ended) setImmediate(immediate)
  }
  immediate()
  // a promise kept while a call is served is heard of before the next one is
  let kept = 0
  const { sys_sendmsg } = host.syscalls
  host.syscalls.sys_sendmsg = (...args) => {
    if (turns.promise === kept) Promise.resolve(++kept).then((n) => (turns.promise = n))
    return sys_sendmsg(...args)
  }
  const { out } = await run(program('busy'), [String(REQUESTS)], { fake: host })
  ended = true
  clearInterval(timer)
  t.strictSame(results(out), { done: REQUESTS })
  t.equal(turns.promise, REQUESTS)
  t.ok(turns.timer > 5, `${turns.timer} timers`)
  t.ok(turns.immediate > 100, `${turns.immediate} immediates`)
})

t.test('no program has to wait until another is ready', async (t) => {
  const supervisor = new Supervisor()
  const fake = new FakeHost()
  const path = program('busy')
  let stop = (): void => {}
  const endless = run(path, [String(1e9)], { supervisor, fake, onSpawn: (child) => void (stop = () => child.kill()) })
  for (let i = 0; i < 3; i++) t.match(results((await run(path, ['500'], { supervisor, fake })).out), { done: 500 })
  stop()
  t.match(await endless, { signal: 'SIGTERM' })
  supervisor.close()
})

t.test('a message that a program does not fetch costs nothing', async (t) => {
  const script = `
import socket, struct, os, time
s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
os.dup2(s.fileno(), 9)
s.close()
os.write(9, struct.pack('IHHIIBxxx', 20, 18, 0x301, 1, 0, 0))
print('asked', flush=True)
time.sleep(0.4)
print(len(os.read(9, 65536)) > 0)
`
  let before = process.cpuUsage()
  const { out } = await run('python3', ['-c', script], {
    onSpawn: (child) =>
      child.stdout?.once('data', () => {
        before = process.cpuUsage()
      }),
  })
  const { user, system } = process.cpuUsage(before)
  t.equal(out, 'asked\nTrue\n')
  t.ok(user + system < 200_000, `${user + system} µs of work in 400,000 of rest`)
})

t.test('the same on a kernel where a call does not hand over the processor', async (t) => {
  const server = await startServer(undefined, { NETDOUBLE_NO_SYNC_WAKE_UP: '1' })
  const launch = () => collect([server.launcher, '--connect', server.socket, program('busy'), '500'])
  for (const ran of await Promise.all([launch(), launch(), launch()])) t.strictSame(results(ran.out), { done: 500 })
  await server.stop()
})
