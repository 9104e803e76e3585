/** Whatever comes in: the server answers or hangs up, and goes on. */
import t from 'tap'
import { RandomStream } from '../../src/lib/random.ts'
import { debugTracepoints } from '../../src/server/debug.ts'
import { MAX_CONNECTIONS } from '../../src/server/serve.ts'
import { message, nlmsg, startServer, Wire } from './client.ts'

const hellos = [
  '',
  '{"mode":"netlink"}\n',
  '{"mode":"netlink","protocol":16}\n',
  '{"mode":"syscall"}\n',
  '{"mode":"request","path":"/v1/labs"}\n',
]

async function alive(path: string): Promise<boolean> {
  const wire = new Wire(path)
  wire.send('{"mode":"netlink"}\n')
  await wire.line()
  wire.send(nlmsg(18, 1, 9, Buffer.from('00000000010000000000000000000000', 'hex')))
  const answer = await message(wire)
  wire.close()
  return answer.readUInt32LE(8) === 9
}

/** Random bytes, half of them with lengths that make sense, so that they get further. */
function noise(random: RandomStream): Buffer {
  const bytes = Buffer.from(random.bytes(4 + random.below(300)))
  if (random.below(2) === 0) bytes.writeUInt32LE(random.below(bytes.length + 8), 0)
  return bytes
}

t.test('random bytes behind every hello', async (t) => {
  const { path, labs, stop } = await startServer()
  t.teardown(stop)
  const random = new RandomStream(7, 'noise')
  for (let i = 0; i < 300; i++) {
    const wire = new Wire(path)
    wire.send(hellos[i % hellos.length])
    for (let n = random.below(5); n >= 0; n--) wire.send(noise(random))
    wire.socket.end()
    await wire.rest()
  }
  t.ok(await alive(path))
  t.ok(labs.host().host.kernel.tasks.size <= 1, 'no task is left but that of the client that just went')
})

t.test('what looks like a launcher and is none is refused in words', async (t) => {
  const { path, stop } = await startServer()
  t.teardown(stop)
  const good = { host: null, asUser: -1, files: true, base: 512, top: 1024, uid: 0, pid: 1 }
  const cases: [string, RegExp][] = [
    ['null', /^error launcher and server are of different versions\n$/],
    ['{"host":5}', /different versions/],
    [JSON.stringify({ ...good, base: 'x' }), /different versions/],
    [JSON.stringify({ ...good, host: 'nobody' }), /^error host: lab default has no host named nobody\n$/],
    [JSON.stringify(good), /^error no seccomp listener came along\n$/],
    ['{', /"error"/],
  ]
  for (const [hello, text] of cases) {
    const wire = new Wire(path)
    wire.send(`attach ${hello}\n`)
    t.match((await wire.rest()).toString(), text, hello)
  }
  t.ok(await alive(path))
})

t.test('a client that never reads does not make the server grow', async (t) => {
  const { path, labs, stop } = await startServer()
  t.teardown(stop)
  const wire = new Wire(path)
  wire.send('{"mode":"netlink"}\n')
  await wire.line()
  wire.socket.pause()
  const dump = nlmsg(18, 0x301, 1, Buffer.alloc(16))
  for (let i = 0; i < 3000; i++) wire.send(dump)
  t.ok(await alive(path))
  const waiting = [...labs.host().host.kernel.tasks.values()]
  t.ok(waiting.length <= 2)
  wire.close()
})

t.test('connections are bounded, and those who go make room', async (t) => {
  const { path, stop } = await startServer()
  t.teardown(stop)
  const wires: Wire[] = []
  while (wires.length < MAX_CONNECTIONS) {
    // fewer at a time than the socket's backlog
    const some = Array.from({ length: 50 }, () => new Wire(path))
    for (const wire of some) wire.send('{"mode":"netlink"}\n')
    for (const wire of some) await wire.line()
    wires.push(...some)
  }
  const late = new Wire(path)
  late.send('{"mode":"netlink"}\n')
  t.match((await late.line()).error, { code: 'LIMIT' })
  for (const wire of wires) wire.close()
  for (;;) {
    const next = new Wire(path)
    next.send('{"mode":"netlink"}\n')
    const { ok } = await next.line()
    next.close()
    if (ok) break
  }
  t.pass('there is room again')
})

t.test('NETDOUBLE_DEBUG=nl shows messages by their names', async (t) => {
  const { path, labs, stop } = await startServer()
  t.teardown(stop)
  const shown: string[] = []
  labs.host().host.observe(debugTracepoints((text) => shown.push(text)))
  t.ok(await alive(path))
  t.match(shown[0], /default request from \d+ \(protocol 0\)\n.*RTM_GETLINK/s)
  t.match(shown[1], /default reply to \d+ .*RTM_NEWLINK.*IFLA_IFNAME/s)
})
