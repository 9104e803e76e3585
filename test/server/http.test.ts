import type { InjectOptions } from 'fastify'
import t, { type Test } from 'tap'
import WebSocket from 'ws'
import type { Host } from '../../src/lab/host.ts'
import { ServerError } from '../../src/server/errors.ts'
import { EventStream, MAX_QUEUED } from '../../src/server/events.ts'
import { createHttp, type HttpOptions } from '../../src/server/http.ts'
import { Labs } from '../../src/server/labs.ts'
import { Server } from '../../src/server/serve.ts'
import * as syscalls from '../../src/syscalls/syscalls.ts'
import { isErrno } from '../../src/uapi/errno.ts'
import { nlmsg } from './client.ts'

function labsWithHost(): Labs {
  const labs = new Labs()
  labs.add('default', { seed: 1 }).lab.addHost('default')
  return labs
}
async function http(t: Test, options: HttpOptions = {}) {
  const labs = labsWithHost()
  const app = await createHttp(labs, options)
  t.teardown(() => app.close())
  return { labs, app }
}

/** Sets a device up or down as a program would. */
function setFlags(host: Host, ifindex: number, up: boolean): void {
  const task = host.task()
  const sock = syscalls.sys_socket(task, 16, 3, 0)
  if (isErrno(sock)) throw new Error(String(sock))
  const ifinfomsg = Buffer.alloc(16)
  ifinfomsg.writeInt32LE(ifindex, 4)
  ifinfomsg.writeUInt32LE(up ? 1 : 0, 8)
  ifinfomsg.writeUInt32LE(1, 12)
  syscalls.sys_sendmsg(task, sock, { data: nlmsg(16, 1, 1, ifinfomsg), flags: 0 })
  syscalls.sys_close(sock)
  host.kernel.task_exit(task.pid)
}

const post = (url: string, payload: unknown) => ({ method: 'POST' as const, url, payload: payload as object })

t.test('labs and hosts as JSON', async (t) => {
  const { app, labs } = await http(t)
  const list = (await app.inject('/v1/labs')).json()
  t.match(list, { labs: [{ name: 'default', seed: 1, time: 'virtual', hosts: ['default'] }] })
  setFlags(labs.host().host, 1, true)
  const host = (await app.inject('/v1/labs/default/hosts/default')).json()
  const [lo, eth0] = host.namespaces[0].devices
  t.match(lo, { name: 'lo', ifindex: 1, mtu: 65536, operstate: 'UNKNOWN' })
  t.ok(lo.flags.includes('UP'))
  t.match(eth0, { name: 'eth0', ifindex: 2, mtu: 1500, operstate: 'DOWN', address: /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/ })
  t.type(host.unsupported, Array)
  t.type(host.dmesg, Array)
})

t.test('labs and hosts are made and unmade, and virtual time is stepped', async (t) => {
  const { app, labs } = await http(t)
  t.equal((await app.inject({ method: 'POST', url: '/v1/labs', payload: { name: 'two', seed: 'x' } })).statusCode, 201)
  t.equal((await app.inject({ method: 'POST', url: '/v1/labs/two/hosts', payload: { name: 'a' } })).statusCode, 201)
  t.equal((await app.inject({ method: 'POST', url: '/v1/labs/two/advance', payload: { ns: 5 } })).json().now, 5)
  t.equal((await app.inject('/v1/labs/two/hosts/a/inspect?path=init_net.loopback_dev.name')).json().value, 'lo')
  t.equal((await app.inject({ method: 'DELETE', url: '/v1/labs/two' })).statusCode, 204)
  t.notOk(labs.all.has('two'))
})

t.test('what is wrong is said, with the field', async (t) => {
  const { app, labs } = await http(t)
  labs.add('real', { time: 'real' })
  const cases: [string | InjectOptions, number, string, RegExp][] = [
    ['/v1/nothing', 404, 'UNKNOWN_ROUTE', /GET \/v1\/nothing/],
    ['/v1/labs/none', 404, 'UNKNOWN_LAB', /none/],
    ['/v1/labs/default/hosts/none', 404, 'UNKNOWN_HOST', /lab default has no host named none/],
    ['/v1/labs/default/inspect?path=init_net.foo', 404, 'BAD_PATH', /has no foo; it has/],
    ['/v1/labs/default/inspect?depth=99', 400, 'BAD_REQUEST', /^depth: /],
    [post('/v1/labs', { name: 'a', sede: 1 }), 400, 'BAD_REQUEST', /^sede: unknown key/],
    [post('/v1/labs', {}), 400, 'BAD_REQUEST', /^name: missing/],
    [post('/v1/labs', { name: '../x' }), 400, 'BAD_REQUEST', /^lab: "\.\.\/x" is no name/],
    [post('/v1/labs', { name: 'default' }), 409, 'EXISTS', /default exists/],
    [post('/v1/labs/default/advance', { ns: -1 }), 400, 'BAD_REQUEST', /^ns: /],
    [post('/v1/labs/real/advance', { ns: 1 }), 409, 'REAL_TIME', /wall clock/],
    [
      { method: 'POST' as const, url: '/v1/labs', headers: { 'content-type': 'application/json' }, payload: '{"name"' },
      400,
      'BAD_REQUEST',
      /^body: /,
    ],
    [post('/v1/labs', { name: 'x'.repeat(2 << 20) }), 413, 'TOO_LARGE', /body/],
  ]
  for (const [request, status, code, text] of cases) {
    const response = await app.inject(request)
    const { error } = response.json()
    t.same([response.statusCode, error.code], [status, code], error.message.slice(0, 80))
    t.match(error.message, text)
  }
})

t.test('a wire is cut and mended', async (t) => {
  const { app, labs } = await http(t)
  const { lab } = labs.get('default')
  lab.addHost('peer')
  lab.addWire({ name: 'uplink', ends: ['default/eth0', 'peer/eth0'] })
  const cut = await app.inject(post('/v1/labs/default/wires/uplink', { carrier: false }))
  t.match(cut.json().wires, [{ name: 'uplink', ends: ['default/eth0', 'peer/eth0'], carrier: false, delay: 1000, loss: 0 }])
  const slow = await app.inject(post('/v1/labs/default/wires/uplink', { delay: 5_000_000, loss: 0.5 }))
  t.match(slow.json().wires, [{ carrier: false, delay: 5_000_000, loss: 0.5, sent: [0, 0] }])
  t.equal((await app.inject(post('/v1/labs/default/wires/uplink', { loss: 2 }))).statusCode, 400)
  const none = await app.inject(post('/v1/labs/default/wires/none', { carrier: false }))
  t.same([none.statusCode, none.json().error.code], [404, 'UNKNOWN_WIRE'])
})

t.test('pages of other origins are kept out, allowed ones are let in', async (t) => {
  const { app } = await http(t, { origins: ['https://lab.example'] })
  const from = async (origin: string, host = '127.0.0.1:7070') =>
    (await app.inject({ url: '/v1/labs', headers: { origin, host } })).statusCode
  t.equal(await from('https://evil.example'), 403)
  t.equal(await from('http://127.0.0.1:7070'), 200)
  t.equal(await from('http://localhost:7070', 'localhost:7070'), 200)
  t.equal(await from('https://lab.example'), 200)
  t.equal(await from('http://rebound.example:7070', 'rebound.example:7070'), 403, 'a foreign name that points here')
})

t.test('a token is asked for when there is one, and needed beyond loopback', async (t) => {
  const { app } = await http(t, { token: 'secret' })
  t.equal((await app.inject('/v1/labs')).statusCode, 401)
  t.equal((await app.inject({ url: '/v1/labs', headers: { authorization: 'Bearer wrong!' } })).statusCode, 401)
  t.equal((await app.inject({ url: '/v1/labs', headers: { authorization: 'Bearer secret' } })).statusCode, 200)
  t.equal((await app.inject('/v1/labs?token=secret')).statusCode, 200)
  await t.rejects(Server.start({ http: { host: '0.0.0.0', port: 0 } }), ServerError)
})

t.test('the event stream', async (t) => {
  const labs = labsWithHost()
  const { lab } = labs.get('default')
  lab.addHost('other')
  const server = await Server.start({ labs, http: { host: '127.0.0.1', port: 0 } })
  t.teardown(() => server.stop())
  const url = `${server.httpAddress?.replace('http', 'ws')}/v1/labs/default/events`
  const open = async (address: string, headers = {}) => {
    const socket = new WebSocket(address, { headers })
    const events: any[] = []
    let wake = () => {}
    socket.on('message', (data) => {
      events.push(JSON.parse(String(data)))
      wake()
    })
    await new Promise<void>((resolve, reject) => {
      socket.on('open', resolve)
      socket.on('error', reject)
    })
    const next = async () => {
      while (events.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      return events.shift()
    }
    return { socket, next }
  }

  await t.test('each multicast comes as JSON, decoded', async (t) => {
    const { socket, next } = await open(url)
    setFlags(lab.host('default'), 1, true)
    const event = await next()
    t.match(event, { type: 'multicast', host: 'default', netns: 0, protocol: 0, group: 1 })
    t.match(JSON.stringify(event.message), /RTM_NEWLINK/)
    t.match(JSON.stringify(event.message), /"lo"/)
    t.match(event.hex, /^[0-9a-f]+$/)
    socket.terminate()
  })

  await t.test('?host= leaves the others out', async (t) => {
    const { socket, next } = await open(`${url}?host=other`)
    setFlags(lab.host('default'), 1, false)
    setFlags(lab.host('other'), 1, true)
    t.equal((await next()).host, 'other')
    socket.terminate()
  })

  await t.test('unknown labs, hosts and origins are refused', async (t) => {
    const base = `${server.httpAddress?.replace('http', 'ws')}/v1/labs`
    await t.rejects(open(`${base}/none/events`), /404/)
    await t.rejects(open(`${url}?host=none`), /404/)
    await t.rejects(open(url, { origin: 'https://evil.example' }), /403/)
  })
})

t.test('a client that does not read loses events and is told how many', async (t) => {
  const { lab } = labsWithHost().get('default')
  const host = lab.host()
  const sent: any[] = []
  const sink = { bufferedAmount: 0, send: (text: string) => sent.push(JSON.parse(text)) }
  const stream = new EventStream(lab, sink)
  setFlags(host, 1, true)
  const before = sent.length
  t.ok(before > 0)
  sink.bufferedAmount = MAX_QUEUED + 1
  setFlags(host, 1, false)
  t.equal(sent.length, before)
  sink.bufferedAmount = 0
  setFlags(host, 1, true)
  const lost = sent[before]
  t.equal(lost.type, 'lost')
  t.ok(lost.count > 0)
  t.equal(sent[before + 1].seq, sent[before - 1].seq + lost.count + 1, 'numbers go on without a gap that is not told')
  stream.close()
  const after = sent.length
  setFlags(host, 1, false)
  t.equal(sent.length, after, 'a closed stream is silent')
})
