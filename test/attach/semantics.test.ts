import t from 'tap'
import { program, results, run } from './support.ts'
import { collect, startServer } from './unprivileged.ts'

const EAGAIN = -11
const POLLIN = 1
const POLLOUT = 4

/** What programs/semantics.c says on Linux, with the fake kernel's message lengths. */
const expected: Record<string, number> = {
  number: 512,
  native_unix: 1,
  dontwait: EAGAIN,
  nonblock: EAGAIN,
  sock_nonblock: EAGAIN,
  poll_empty: POLLOUT,
  poll_at_once: POLLIN | POLLOUT,
  poll_take: 1,
  poll_drained: POLLOUT,
  select_empty: 0,
  epoll_ready: 1,
  epoll_drained: 0,
  dump_parts: 4,
  edge_first: 1,
  edge_none: 0,
  edge_second: 1,
  first_poll_of_child: 1,
  first_select: 1,
  first_epoll: 1,
  sigio: 1,
  sigio_ioctl: 2,
  eintr: -4,
  restarted: 1,
  restart_hits: 1,
  rcvtimeo: EAGAIN,
  rcvtimeo_time: 1,
  dup_high: 1,
  dup_shares: 1,
  dupfd: 700,
  dupfd_cloexec: 1,
  dupfd_shares: 1,
  closed: -9,
  dup2_high: 600,
  dup2_shares: 1,
  after_close: 1,
  low_write: 32,
  low_parts: 4,
  low_at_once: 1,
  stdin_getsockname: 0,
  stdin_family: 16,
  stdin_ask: 32,
  stdin_take: 1,
  passed_is_low: 1,
  passed_name: 16,
  passed_bind: 0,
  passed_ask: 32,
  passed_take: 11,
  fork: 7,
  fork_parent: 1,
  killed: 9,
  killed_soon: 1,
  killed_rest: 1,
  threads: 1,
  peek_trunc: 1,
  peek_flags: 0x20,
  peek_again: 8,
  short: 8,
  short_flags: 0x20,
  short_namelen: 12,
  short_name: 1,
  short_controllen: 0,
  short_head: 1,
  short_gone: EAGAIN,
  efault_header: -14,
  efault_data: -14,
  efault_send: -14,
  efault_bind: -14,
  efault_receive: -14,
  efault_name: -14,
  from: 16,
  from_data: 2,
  from_negative: -22,
  from_negative_data: 2,
  from_nowhere: -14,
  from_nowhere_data: 2,
  from_name: 16,
  from_length: 12,
  sendmmsg: 2,
  sendmmsg_length: 32,
  recvmmsg: 2,
  recvmmsg_length: 36,
  writev: 32,
  readv: 36,
  readv_head: 36,
  ebadf: -9,
  reused: 1,
}

t.test('virtual descriptors behave as Linux sockets do', async (t) => {
  const { out, err, code, host } = await run(program('semantics'))
  t.strictSame(results(out), expected, err)
  t.equal(code, 0)
  t.equal(host.sockets.size, 0, 'no simulated socket is left')
  t.equal(host.tasks.size, 0, 'no task is left')
})

t.test('the same without pidfd_getfd, without file traps, and recording', async (t) => {
  const path = program('semantics')
  for (const options of [
    { supervise: { pidfdGetfd: false } },
    { files: false },
    { supervise: { record: true } },
    { supervise: { spin: 0 } },
  ]) {
    const { out, host } = await run(path, [], options)
    t.strictSame(results(out), expected, JSON.stringify(options))
    t.equal(host.sockets.size, 0)
  }
})

t.test('the same where process_vm_readv and pidfd_getfd are forbidden, and calls do not hand over the processor', async (t) => {
  const environment = { NETDOUBLE_NO_PROCESS_VM: '1', NETDOUBLE_NO_PIDFD_GETFD: '1', NETDOUBLE_NO_SYNC_WAKE_UP: '1' }
  const server = await startServer(undefined, environment)
  const { out, err, code } = await collect([server.launcher, '--connect', server.socket, program('semantics')])
  t.strictSame(results(out), expected, err)
  t.equal(code, 0)
  await server.stop()
})

t.test('signals do not repeat or lose requests', async (t) => {
  const path = program('sigstorm')
  for (const restart of ['0', '1']) {
    const { out, host, err } = await run(path, ['1000', restart])
    t.strictSame(results(out), { stale: 0 }, err)
    t.equal(host.routes, 1000)
  }
})
