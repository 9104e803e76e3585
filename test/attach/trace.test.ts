import t from 'tap'
import { Supervisor, type TraceEvent } from '../../src/attach/index.ts'
import { program, run } from './support.ts'

/** An event in one line, without what differs from run to run. */
function line(event: TraceEvent): string {
  switch (event.kind) {
    case 'exec':
      return `exec ${event.argv.join(' ')}`
    case 'socket':
      return `socket ${event.family} ${event.type & 15} ${event.proto} = ${event.ret}`
    case 'setsockopt':
      return `setsockopt ${event.fd} ${event.level} ${event.opt} ${Buffer.from(event.val).toString('hex')} = ${event.ret}`
    case 'ioctl_in':
    case 'ioctl':
      return `${event.kind} ${event.request.toString(16)} ${event.struct.length} ${Buffer.from(event.struct).toString('latin1', 0, 3)} ${event.ret ?? ''}`
    case 'send':
    case 'recv':
    case 'peek':
      return `${event.kind} ${event.fd} ${event.flags ?? '-'} ${event.kind === 'recv' ? (event.msgFlags ?? '-') : ''} ${event.data.length} = ${event.ret}`
    case 'bind':
    case 'getsockname':
      return `${event.kind} ${event.fd} ${event.addr.length} = ${event.ret}`
  }
  return event.kind
}

t.test("a program's calls, in order", async (t) => {
  const supervisor = new Supervisor()
  const lines: string[] = []
  const pids = new Set<number>()
  supervisor.trace = (event) => {
    lines.push(line(event))
    pids.add(event.pid)
  }
  await run('busybox', ['ip', 'link', 'show', 'nd1'], { supervisor })
  supervisor.close()
  t.equal(pids.size, 1)
  t.match(lines.slice(0, 6), [
    'exec busybox ip link show nd1',
    'socket 16 3 0 = 512',
    'bind 512 12 = 0',
    'getsockname 512 12 = 0',
    /^send 512 /,
    /^recv 512 0 0 \d+ = \d+$/,
  ])
  t.ok(lines.includes('ioctl_in 8933 40 nd1 ') && lines.includes('ioctl 8933 40 nd1 0'))
})

t.test('waits, timeouts, reads and untrapped writes are told too', async (t) => {
  const supervisor = new Supervisor()
  const events: TraceEvent[] = []
  supervisor.trace = (event) => events.push(event)
  await run(program('semantics'), [], { supervisor })
  supervisor.close()
  const all = events.map(line)
  const timeoutSet = all.findIndex((text) => /^setsockopt 512 1 20 0{16}409c/.test(text))
  t.equal(all[timeoutSet + 1], 'recv 512 0 - 0 = -11', 'SO_RCVTIMEO')
  t.ok(
    events.some((event) => event.kind === 'send' && event.flags === undefined && event.data.length === 32),
    'write()',
  )
  t.ok(
    events.some((event) => event.kind === 'recv' && event.flags === undefined && event.ret === 36),
    'readv()',
  )
  t.ok(
    events.some((event) => event.kind === 'peek' && event.ret > 16 && event.data.length === 0),
    'MSG_PEEK|MSG_TRUNC',
  )
})
