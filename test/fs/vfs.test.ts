import t from 'tap'
import { proc_create, proc_mkdir, remove_proc_entry } from '../../src/fs/proc_net.ts'
import { inode_permission } from '../../src/fs/vfs.ts'
import { copy_net_ns, type net } from '../../src/net/core/net_namespace.ts'
import { EACCES, isErrno } from '../../src/uapi/errno.ts'
import { bareKernel, cat, echo, ls, nobody, root } from './support.ts'

const show_inum = (net: net, data: unknown) => `${net.inum} ${String(data)}\n`

t.test('/proc/net is that of the reader, by all its names', async (t) => {
  const kernel = bareKernel()
  const other = copy_net_ns(kernel)
  if (isErrno(other)) throw new Error(other.name)
  for (const net of [kernel.init_net, other]) proc_create(net, 'which', show_inum, { data: 'x' })
  const here = root(kernel)
  const there = root(kernel, other.inum, 300)
  const mine = `${kernel.init_net.inum} x\n`
  const theirs = `${other.inum} x\n`
  for (const path of [
    '/proc/net/which',
    '/proc/self/net/which',
    '/proc/thread-self/net/which',
    '/proc//./net/../net/which',
    '/proc/100/net/which',
  ]) {
    t.equal(cat(here, path), mine, path)
  }
  t.equal(cat(there, '/proc/net/which'), theirs)
  t.equal(cat(here, '/proc/300/net/which'), theirs, 'another process')
  t.equal(cat(here, '/proc/self/task/300/net/which'), theirs, 'a thread')
  t.equal(cat(there, '/proc/999/net/which'), theirs, 'a process that has not called yet')
})

t.test('/proc/net is a link, which lstat sees and open follows', async (t) => {
  const kernel = bareKernel()
  const task = root(kernel)
  const link = kernel.fs.lookup(task, '/proc/net', false)
  t.match(link, { kind: 'symlink', target: 'self/net', mode: 0o777 })
  t.match(kernel.fs.lookup(task, '/proc/net'), { kind: 'dir' })
})

t.test('what is not ours is left to the real file system', async (t) => {
  const kernel = bareKernel()
  const task = root(kernel)
  for (const path of [
    '/',
    '/proc',
    '/proc/self',
    '/proc/self/status',
    '/proc/1/cgroup',
    '/proc/sys',
    '/proc/sys/kernel/hostname',
    '/etc/passwd',
    '/proc/net/../self/stat',
    '/sys',
    '/sys/class',
    '/sys/class/block',
    '/sys/devices/virtual/mem',
  ]) {
    t.equal(kernel.fs.lookup(task, path), undefined, path)
  }
  t.same(kernel.unsupported.toJson(), [])
})

t.test('files that are missing in our trees do not exist; those that Linux has are counted', async (t) => {
  const kernel = bareKernel()
  const task = root(kernel)
  proc_create(kernel.init_net, 'dev', show_inum)
  for (const path of ['/proc/net/if_inet6', '/proc/net/no_such_thing', '/proc/net/snmp', '/proc/sys/net/ipv6/conf/all']) {
    t.equal(cat(task, path), path.includes('/sys/') ? undefined : 'ENOENT', path)
  }
  t.equal(cat(task, '/proc/net/dev/x'), 'ENOTDIR')
  t.same(kernel.unsupported.toJson(), [{ kind: 'file', what: '/proc/self/net/snmp', count: 1 }], 'IPv6 is off on this host')
})

t.test('open(2): directories, O_CREAT, links, permissions', async (t) => {
  const kernel = bareKernel()
  const task = root(kernel)
  proc_create(kernel.init_net, 'dev', show_inum)
  proc_create(kernel.init_net, 'secret', show_inum, { mode: 0o440 })
  const open = (path: string, flags: number, who = task) => {
    const node = kernel.fs.open(who, path, flags)
    return isErrno(node) ? node.name : node?.kind
  }
  t.equal(open('/proc/net', 0), 'dir')
  t.equal(open('/proc/net', 1), 'EISDIR')
  t.equal(open('/proc/net', 0o400000), 'ELOOP', 'O_NOFOLLOW')
  t.equal(open('/proc/net/dev', 0o200000), 'ENOTDIR', 'O_DIRECTORY')
  t.equal(open('/proc/net/nope', 0o101), 'ENOENT', 'O_CREAT makes nothing here')
  t.equal(open('/proc/net/dev', 0o1101), 'file', 'O_CREAT | O_TRUNC of one that is there')
  t.equal(open('/proc/net/secret', 0, nobody(kernel)), 'EACCES')
  t.equal(open('/proc/net/secret', 0), 'file')
  t.equal(open('/proc/net/dev', 1, nobody(kernel)), 'EACCES')
  const secret = kernel.fs.lookup(task, '/proc/net/secret')
  if (secret === undefined || isErrno(secret)) throw new Error('secret')
  t.same(
    [4, 2, 1, 0].map((mode) => inode_permission(task, secret, mode)),
    [undefined, undefined, EACCES, undefined],
    'root reads and writes whatever the mode; what nobody runs, root does not run',
  )
  t.equal(echo(task, 'x', '/proc/net/dev'), 'EIO', 'root opens it, but it takes nothing')
})

t.test('entries come, go and nest', async (t) => {
  const kernel = bareKernel()
  const task = root(kernel)
  const vlan = proc_mkdir(kernel.init_net, 'vlan')
  proc_create(kernel.init_net, 'config', show_inum, { parent: vlan, data: 'c' })
  for (const name of ['route', 'dev', 'arp']) proc_create(kernel.init_net, name, show_inum)
  t.same(ls(task, '/proc/net'), ['arp', 'dev', 'vlan', 'route'])
  t.match(cat(task, '/proc/net/vlan/config'), / c\n$/)
  remove_proc_entry(kernel.init_net, 'vlan')
  t.equal(cat(task, '/proc/net/vlan/config'), 'ENOENT')
})

t.test("a write reaches the entry's function", async (t) => {
  const kernel = bareKernel()
  const task = root(kernel)
  const data = { got: '' }
  const take = (_: net, to: { got: string }, bytes: Uint8Array) => {
    to.got = Buffer.from(bytes).toString()
    return bytes.length
  }
  proc_create(kernel.init_net, 'ctl', show_inum, { mode: 0o644, data, write: take })
  t.equal(echo(task, 'hello', '/proc/net/ctl'), 5)
  t.equal(data.got, 'hello')
})
