import t from 'tap'
import { Lab } from '../../src/lab/lab.ts'
import { find_module, module_refcount, module_users, request_module, sys_delete_module, sys_init_module } from '../../src/kernel/kmod.ts'
import { EAGAIN, EEXIST, EINVAL, ENOENT, EPERM } from '../../src/uapi/errno.ts'

/** A host that has loaded nothing and has no options of modprobe.d. */
const bare = (modprobe = {}) => new Lab().addHost('a', { modules: [], modprobe, devices: [] })
const names = ({ kernel }: ReturnType<typeof bare>) => kernel.init_net.dev_base_head.map((dev) => dev.name)

t.test('modules come with what they need, by name and by alias, once', async (t) => {
  const host = bare()
  const { kernel } = host
  t.ok(request_module(kernel, 'rtnl-link-ipip'))
  t.same(kernel.kmod.loaded, ['ip_tunnel', 'tunnel4', 'ipip'], 'the last of modules.dep first')
  t.same(module_users(kernel, 'tunnel4'), ['ipip'])
  t.equal(module_refcount(kernel, 'ipip'), 0)
  t.ok(request_module(kernel, 'ipip'))
  t.equal(kernel.kmod.loaded.length, 3)
  t.notOk(request_module(kernel, 'nonesuch'))
  t.same(names(host), ['lo', 'tunl0'])
})

t.test('what a module makes when it is loaded is told by its parameters', async (t) => {
  const task = (host: ReturnType<typeof bare>) => host.task()
  const host = bare()
  request_module(host.kernel, 'dummy')
  request_module(host.kernel, 'ifb')
  request_module(host.kernel, 'bonding')
  t.same(names(host), ['lo', 'dummy0', 'ifb0', 'ifb1', 'bond0'])
  const quiet = bare({ dummy: { numdummies: '0' }, bonding: { max_bonds: '0' } })
  request_module(quiet.kernel, 'dummy')
  request_module(quiet.kernel, 'bonding')
  t.same(names(quiet), ['lo'])
  const three = bare()
  t.equal(sys_init_module(task(three), 'dummy', 'numdummies=1 numdummies=3'), undefined)
  t.same(names(three), ['lo', 'dummy0', 'dummy1', 'dummy2'])
  const wrong = bare()
  t.equal(sys_init_module(task(wrong), 'dummy', 'numdummies=x'), EINVAL)
  t.match(wrong.dmesg().at(-1), /dummy: `x' invalid for parameter `numdummies'/)
  t.equal(sys_init_module(task(wrong), 'dummy', 'numdummies=0 nosuch=1'), undefined)
  t.match(wrong.dmesg().at(-1), /dummy: unknown parameter 'nosuch' ignored/)
})

t.test('init_module() and delete_module() answer as Linux', async (t) => {
  const host = bare()
  const root = host.task()
  t.equal(sys_init_module(host.task({ uid: 1000, capabilities: 0n }), 'dummy', ''), EPERM)
  t.equal(sys_init_module(root, 'ipip', ''), ENOENT, 'an unknown symbol')
  for (const name of ['ip_tunnel', 'tunnel4', 'ipip']) t.equal(sys_init_module(root, name, ''), undefined)
  t.equal(sys_init_module(root, 'ipip', ''), EEXIST)
  t.equal(sys_delete_module(root, 'tunnel4'), EAGAIN, 'ipip uses it')
  t.equal(sys_delete_module(root, 'dummy'), ENOENT)
  t.equal(sys_delete_module(host.task({ uid: 1000, capabilities: 0n }), 'ipip'), EPERM)
  t.same(names(host), ['lo', 'tunl0'])
  t.equal(sys_delete_module(root, 'ipip'), undefined)
  host.lab.runUntilIdle?.()
  t.same(names(host), ['lo'], 'its devices go along')
  t.equal(sys_delete_module(root, 'tunnel4'), undefined)
  t.same(host.kernel.kmod.loaded, ['ip_tunnel'])
})

t.test('what is loaded and unloaded can be loaded again', async (t) => {
  for (const [name, made] of [
    ['dummy', ['dummy0']],
    ['ifb', ['ifb0', 'ifb1']],
    ['bonding', ['bond0']],
    ['ip_gre', ['gre0', 'gretap0', 'erspan0']],
    ['sit', ['sit0']],
    ['ip6_tunnel', ['ip6tnl0']],
    ['ip_vti', ['ip_vti0']],
    ['geneve', []],
    ['veth', []],
    ['nlmon', []],
  ] as const) {
    const host = bare()
    for (let round = 0; round < 2; round++) {
      t.ok(request_module(host.kernel, name), name)
      t.same(names(host), ['lo', ...made], name)
      t.equal(sys_delete_module(host.task(), name), undefined, name)
      t.same(names(host), ['lo'], name)
    }
  }
})

t.test('by default a host has loaded what shows nothing', async (t) => {
  const host = new Lab().addHost('a')
  t.same(names(host), ['lo', 'eth0'])
  t.ok(host.kernel.kmod.loaded.includes('bridge'))
  for (const name of host.kernel.kmod.loaded) t.ok(find_module(host.kernel, name), name)
})
