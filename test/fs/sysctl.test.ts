import t from 'tap'
import type { ctl_table } from '../../src/fs/proc_sysctl.ts'
import { register_net_sysctl, unregister_net_sysctl_table } from '../../src/fs/proc_sysctl.ts'
import {
  proc_dobool,
  proc_dointvec,
  proc_dointvec_jiffies,
  proc_dointvec_minmax,
  proc_dointvec_ms_jiffies,
  proc_dointvec_userhz_jiffies,
  proc_dostring,
  proc_dou8vec_minmax,
  proc_douintvec,
  proc_doulongvec_minmax,
} from '../../src/fs/sysctl.ts'
import { bareKernel, cat, echo, ls, nobody, root } from './support.ts'

/** A host with one sysctl, net.test.x; `x` is where its value lies. */
function withSysctl(handler: ctl_table['proc_handler'], value: unknown, more: Partial<ctl_table> = {}) {
  const kernel = bareKernel()
  const data = { x: value }
  register_net_sysctl(kernel.init_net, 'net/test', [{ procname: 'x', mode: 0o644, proc_handler: handler, data, key: 'x', ...more }])
  return { kernel, data, task: root(kernel), path: '/proc/sys/net/test/x' }
}

t.test('an integer takes every C notation and refuses the rest', async (t) => {
  // text, result of write(), value after
  const rows: [string, number | string, number][] = [
    ['1\n', 2, 1],
    ['1', 1, 1],
    ['0x10\n', 5, 16],
    ['010\n', 4, 8],
    ['-1\n', 3, -1],
    [' \t 7 \n', 6, 7],
    ['0\n', 2, 0],
    ['2147483647\n', 11, 2147483647],
    ['-2147483648\n', 12, -2147483648],
    ['2147483648\n', 'EINVAL', 99],
    ['-2147483649\n', 'EINVAL', 99],
    ['99999999999999999999\n', 'EINVAL', 99],
    ['bogus\n', 'EINVAL', 99],
    ['', 'EINVAL', 99],
    ['\n', 'EINVAL', 99],
    ['1x\n', 'EINVAL', 99],
    ['0x\n', 'EINVAL', 99],
    ['08\n', 'EINVAL', 99],
    ['- 1\n', 'EINVAL', 99],
    ['+1\n', 'EINVAL', 99],
    ['1.5\n', 'EINVAL', 99],
  ]
  for (const [text, result, value] of rows) {
    const { data, task, path } = withSysctl(proc_dointvec, 99)
    t.equal(echo(task, text, path), result, JSON.stringify(text))
    t.equal(data.x, value, JSON.stringify(text))
  }
})

t.test('a second number is left in the buffer, and what is then written behind is swallowed', async (t) => {
  const { kernel, data, task, path } = withSysctl(proc_dointvec, 99)
  const file = kernel.fs.open(task, path, 1) as { write: (b: Uint8Array) => unknown }
  t.equal(file.write(Buffer.from('1 2\n')), 2)
  t.equal(file.write(Buffer.from('2\n')), 2)
  t.equal(data.x, 1)
})

t.test('vectors: in part, whole, and up to the first bad one', async (t) => {
  const { data, task, path } = withSysctl(proc_dointvec, [1, 2, 3], { maxlen: 3 })
  t.equal(cat(task, path), '1\t2\t3\n')
  t.equal(echo(task, '7 8\n', path), 4)
  t.same(data.x, [7, 8, 3])
  t.equal(echo(task, '1 x 2\n', path), 'EINVAL')
  t.same(data.x, [1, 8, 3], 'what came before the bad one is kept')
})

t.test('typed arrays are vectors by index', async (t) => {
  const kernel = bareKernel()
  const data = new Int32Array([5, 6])
  register_net_sysctl(kernel.init_net, 'net/test', [{ procname: 'x', mode: 0o644, proc_handler: proc_dointvec, data, key: 1 }])
  t.equal(echo(root(kernel), '-3\n', '/proc/sys/net/test/x'), 3)
  t.same([...data], [5, -3])
})

t.test('bounds', async (t) => {
  const { data, task, path } = withSysctl(proc_dointvec_minmax, 1, { extra1: 0, extra2: 2 })
  t.same([echo(task, '2\n', path), echo(task, '3\n', path), echo(task, '-1\n', path), data.x], [2, 'EINVAL', 'EINVAL', 2])
})

t.test('unsigned numbers: one, not negative, and the whole write counts as taken', async (t) => {
  const { data, task, path } = withSysctl(proc_douintvec, 1)
  t.same([echo(task, '4294967295 tail\n', path), data.x], [16, 4294967295])
  t.equal(cat(task, path), '4294967295\n')
  t.same([echo(task, '-1\n', path), echo(task, '4294967296\n', path), echo(task, '\n', path)], ['EINVAL', 'EINVAL', 'EINVAL'])
  const small = withSysctl(proc_dou8vec_minmax, 1, { extra1: 0, extra2: 255 })
  t.same([echo(small.task, '256\n', small.path), echo(small.task, '255\n', small.path), small.data.x], ['EINVAL', 4, 255])
  const long = withSysctl(proc_doulongvec_minmax, 1, { extra2: 2 ** 40 })
  t.same([echo(long.task, '1099511627776\n', long.path), echo(long.task, '1099511627777\n', long.path)], [14, 'EINVAL'])
})

t.test('times are kept in ticks of 4 ms', async (t) => {
  const rows: [ctl_table['proc_handler'], string, number, string][] = [
    [proc_dointvec_jiffies, '3\n', 750, '3\n'],
    [proc_dointvec_userhz_jiffies, '100\n', 250, '100\n'],
    [proc_dointvec_ms_jiffies, '5\n', 2, '8\n'],
  ]
  for (const [handler, text, kept, shown] of rows) {
    const { data, task, path } = withSysctl(handler, 0)
    echo(task, text, path)
    t.same([data.x, cat(task, path)], [kept, shown], handler.name)
    t.equal(echo(task, '4294967295\n', path), 'EINVAL')
  }
})

t.test('booleans stay booleans', async (t) => {
  const { data, task, path } = withSysctl(proc_dobool, false)
  t.same([echo(task, '5\n', path), data.x, cat(task, path)], [2, true, '1\n'])
})

t.test('strings end at a newline and at their length', async (t) => {
  const { data, task, path } = withSysctl(proc_dostring, 'fq_codel', { maxlen: 6 })
  t.equal(cat(task, path), 'fq_codel\n')
  t.same([echo(task, 'abcdefgh\nrest', path), data.x], [13, 'abcde'])
})

t.test("mode bits decide, for root too; CAP_NET_ADMIN has the owner's", async (t) => {
  const ro = withSysctl(proc_dointvec, 1, { mode: 0o444 })
  t.same([cat(ro.task, ro.path), echo(ro.task, '2\n', ro.path)], ['1\n', 'EACCES'])
  const rw = withSysctl(proc_dointvec, 1)
  const other = nobody(rw.kernel)
  t.same([cat(other, rw.path), echo(other, '2\n', rw.path), rw.data.x], ['1\n', 'EACCES', 1])
  const secret = withSysctl(proc_dointvec, 1, { mode: 0o600 })
  t.equal(cat(nobody(secret.kernel), secret.path), 'EACCES')
  const admin = secret.kernel.task_for({ tgid: 9, tid: 9, comm: 'x', uid: 1000, gid: 1000, capabilities: 1n << 12n, netns: 0 })
  t.same([cat(admin, secret.path), echo(admin, '3\n', secret.path)], ['1\n', 2])
})

t.test('an opened file asks again: a task that has lost its rights gets EPERM', async (t) => {
  const { kernel, path, data } = withSysctl(proc_dointvec, 1)
  const task = root(kernel)
  const file = kernel.fs.open(task, path, 1) as { write: (b: Uint8Array) => unknown }
  task.update({ tgid: 100, tid: 100, comm: 'x', uid: 1000, gid: 1000, capabilities: 0n, netns: 0 })
  t.match(file.write(Buffer.from('2\n')), { name: 'EPERM' })
  t.equal(data.x, 1)
})

t.test('directories come and go with their tables', async (t) => {
  const { kernel, task } = withSysctl(proc_dointvec, 1)
  const table = ['b', 'a'].map((procname) => ({ procname, mode: 0o644, proc_handler: proc_dointvec, data: { x: 0 }, key: 'x' }))
  const header = register_net_sysctl(kernel.init_net, 'net/ipv4/conf/dum0', table)
  t.same(ls(task, '/proc/sys/net'), ['ipv4', 'test'])
  t.same(ls(task, '/proc/sys/net/ipv4/conf/dum0'), ['a', 'b'])
  t.equal(register_net_sysctl(kernel.init_net, 'net/ipv4/conf/dum0', table.slice(1)), undefined, 'a name is taken once')
  t.match(kernel.log.records.at(-1)?.text, /sysctl duplicate entry: \/net\/ipv4\/conf\/dum0\/a/)
  unregister_net_sysctl_table(header)
  t.same(ls(task, '/proc/sys/net'), ['test'])
  t.equal(ls(task, '/proc/sys/net/ipv4/conf/dum0'), 'ENOENT')
})

t.test('a value that nothing acts on is kept, and counted as not built', async (t) => {
  const { kernel, task, path, data } = withSysctl(proc_dointvec, 1, { unread: true })
  t.equal(echo(task, '5\n', path), 2)
  echo(task, 'x\n', path)
  t.equal(data.x, 5)
  t.same(kernel.unsupported.toJson(), [{ kind: 'sysctl', what: 'net/test/x', count: 1 }])
})
