import t from 'tap'
import { message, nlmsg, startServer, Wire } from './client.ts'

const RTM_NEWLINK = 16
const RTM_GETLINK = 18
const NLM_F_REQUEST = 1
const NLM_F_ACK = 4
const NLM_F_DUMP = 0x300
const NLMSG_ERROR = 2
const NLMSG_DONE = 3
const RTNLGRP_LINK = 1

const ifinfomsg = (index: number, flags = 0, change = 0) => {
  const b = Buffer.alloc(16)
  b.writeInt32LE(index, 4)
  b.writeUInt32LE(flags, 8)
  b.writeUInt32LE(change, 12)
  return b
}
/** IFLA_IFNAME (3) of a link message. */
function nameOf(m: Buffer): string | undefined {
  for (let o = 32; o < m.length; o += (m.readUInt16LE(o) + 3) & ~3) {
    if (m.readUInt16LE(o + 2) === 3) return m.toString('latin1', o + 4, o + m.readUInt16LE(o) - 1)
  }
  return undefined
}
async function open(path: string, hello: object): Promise<{ wire: Wire; greeting: any }> {
  const wire = new Wire(path)
  wire.send(`${JSON.stringify({ mode: 'netlink', ...hello })}\n`)
  return { wire, greeting: await wire.line() }
}

t.test('netlink mode', async (t) => {
  const { server, labs, path, stop } = await startServer()
  t.teardown(stop)

  await t.test('a dump comes back as messages, whole and in order', async (t) => {
    const { wire, greeting } = await open(path, {})
    t.same(greeting.error, undefined)
    t.equal(greeting.ok, true)
    t.ok(greeting.portid > 0)
    wire.send(nlmsg(RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, 7, ifinfomsg(0)))
    const names: (string | undefined)[] = []
    for (;;) {
      const m = await message(wire)
      t.equal(m.readUInt32LE(8), 7)
      t.equal(m.readUInt32LE(12), greeting.portid)
      if (m.readUInt16LE(4) === NLMSG_DONE) break
      t.equal(m.readUInt16LE(4), RTM_NEWLINK)
      names.push(nameOf(m))
    }
    t.same(names, ['lo', 'eth0'])
    wire.close()
  })

  await t.test('requests that arrive in pieces or together are told apart', async (t) => {
    const { wire } = await open(path, {})
    const two = Buffer.concat([1, 2].map((seq) => nlmsg(RTM_GETLINK, NLM_F_REQUEST, seq, ifinfomsg(seq))))
    for (const byte of two) wire.send(Buffer.of(byte))
    t.equal(nameOf(await message(wire)), 'lo')
    t.equal(nameOf(await message(wire)), 'eth0')
    wire.send(two)
    t.equal((await message(wire)).readUInt32LE(8), 1)
    t.equal((await message(wire)).readUInt32LE(8), 2)
    wire.close()
  })

  await t.test("an error is Linux's own, with its text when the hello asks for it", async (t) => {
    const { wire } = await open(path, { options: ['ext_ack', 'strict_chk'] })
    wire.send(nlmsg(RTM_GETLINK, NLM_F_REQUEST | NLM_F_ACK, 1, ifinfomsg(99)))
    const m = await message(wire)
    t.equal(m.readUInt16LE(4), NLMSG_ERROR)
    t.equal(m.readInt32LE(16), -19)
    wire.close()
  })

  await t.test('groups of the hello bring multicasts, also those that another client causes', async (t) => {
    const { wire: monitor } = await open(path, { groups: [RTNLGRP_LINK] })
    const { wire } = await open(path, {})
    wire.send(nlmsg(RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK, 3, ifinfomsg(2, 1, 1)))
    t.equal((await message(wire)).readInt32LE(16), 0)
    const event = await message(monitor)
    t.equal(event.readUInt16LE(4), RTM_NEWLINK)
    t.equal(nameOf(event), 'eth0')
    monitor.close()
    wire.close()
  })

  await t.test('a task that is not root may look but not touch', async (t) => {
    const { wire } = await open(path, { uid: 1000 })
    wire.send(nlmsg(RTM_GETLINK, NLM_F_REQUEST, 1, ifinfomsg(1)))
    t.equal(nameOf(await message(wire)), 'lo')
    wire.send(nlmsg(RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK, 2, ifinfomsg(1, 1, 1)))
    t.equal((await message(wire)).readInt32LE(16), -1)
    wire.close()
  })

  await t.test('a lying nlmsg_len is answered with an error that says so, and the end', async (t) => {
    for (const [length, text] of [
      [3, 'nlmsg_len 3: a message has at least 16 bytes'],
      [0x7fffffff, 'nlmsg_len 2147483647: at most 262144 bytes'],
    ] as const) {
      const { wire } = await open(path, {})
      const bad = nlmsg(RTM_GETLINK, NLM_F_REQUEST, 5, ifinfomsg(1))
      bad.writeUInt32LE(length, 0)
      wire.send(bad)
      const last = await wire.rest()
      t.equal(last.readUInt16LE(4), NLMSG_ERROR)
      t.equal(last.readUInt32LE(8), 5)
      t.ok(last.readInt32LE(16) < 0)
      t.match(last.toString('latin1'), text)
    }
  })

  await t.test('bad hellos are refused with the field named', async (t) => {
    const cases: [string, string, RegExp][] = [
      ['hello?', 'BAD_JSON', /hello line is no JSON/],
      ['{"mode":"netlnk"}', 'BAD_REQUEST', /^mode: must be one of netlink, syscall, request/],
      ['{}', 'BAD_REQUEST', /^mode: missing/],
      ['{"mode":"netlink","protocol":"route"}', 'BAD_REQUEST', /^protocol: must be integer/],
      ['{"mode":"netlink","hots":"a"}', 'BAD_REQUEST', /^hots: unknown key/],
      ['{"mode":"netlink","host":"nobody"}', 'UNKNOWN_HOST', /no host named nobody/],
      ['{"mode":"netlink","lab":"none"}', 'UNKNOWN_LAB', /no lab named none/],
      ['{"mode":"netlink","netns":42}', 'UNKNOWN_NETNS', /no network namespace 42/],
      ['{"mode":"netlink","protocol":200}', 'BAD_REQUEST', /^protocol: EPROTONOSUPPORT/],
      ['{"mode":"netlink","groups":[65000]}', 'BAD_REQUEST', /^groups 65000: EINVAL/],
      [`{"mode":"netlink","host":"${'x'.repeat(5000)}"}`, 'TOO_LARGE', /hello line/],
    ]
    for (const [line, code, text] of cases) {
      const wire = new Wire(path)
      wire.send(`${line}\n`)
      const { error } = JSON.parse((await wire.rest()).toString())
      t.equal(error.code, code, line.slice(0, 60))
      t.match(error.message, text)
    }
    t.equal(labs.host('default', 'default').host.kernel.tasks.size, 0, 'refused clients leave no task')
  })

  await t.test('a client that goes leaves no socket and no task', async (t) => {
    const { host } = labs.host('default', 'default')
    const { wire, greeting } = await open(path, { groups: [RTNLGRP_LINK] })
    t.equal(host.kernel.tasks.size, 1)
    t.ok(greeting.portid)
    const gone = new Promise<void>((resolve) => {
      for (const stream of (server as any).connections) stream.once('close', resolve)
    })
    wire.close()
    await gone
    t.equal(host.kernel.tasks.size, 0)
  })
})
