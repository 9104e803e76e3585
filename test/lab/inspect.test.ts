import t from 'tap'
import { Constants } from '../../src/lab/constants.ts'
import { follow, PathError, parsePath, render } from '../../src/lab/inspect.ts'
import { Lab } from '../../src/lab/lab.ts'

t.test('paths: names, indexes, keys of maps', async (t) => {
  t.same(parsePath('init_net.dev_base_head[0].name'), ['init_net', 'dev_base_head', '0', 'name'])
  t.same(parsePath('a["x.y[0]"].b'), ['a', 'x.y[0]', 'b'])
  const root = {
    list: [{ name: 'lo' }],
    map: new Map<unknown, unknown>([
      ['eth0', 1],
      [7, 'seven'],
    ]),
    set: new Set(['only']),
    bytes: Uint8Array.of(9),
  }
  const at = (path: string) => follow(root, parsePath(path))
  t.equal(at('list[0].name'), 'lo')
  t.equal(at('map.eth0'), 1)
  t.equal(at('map["eth0"]'), 1)
  t.equal(at('map[7]'), 'seven')
  t.equal(at('set[0]'), 'only')
  t.equal(at('bytes[0]'), 9)
  t.equal(at('list.length'), 1)
})

t.test('a path that leads nowhere says how far it went and what there is', async (t) => {
  t.throws(() => follow({ net: { lo: 1 } }, parsePath('net.eth0')), { message: /^path: net \(Object\) has no eth0; it has lo$/ })
  t.throws(() => parsePath('a..b'), PathError)
  t.throws(() => parsePath('a[b]'), /cannot read "\[b\]"/)
  t.throws(() => follow({ a: {} }, ['a', 'constructor']), PathError, 'no way into prototypes')
})

t.test('values are shown to a depth; what lies deeper is named', async (t) => {
  const constants = new Constants([['room/file', { ops: { open: () => 1 } }]])
  const ops = constants.byName('room/file.ops')
  const value = { n: 1, big: 5n, none: undefined, ops, bytes: Uint8Array.of(1, 171), list: [{ name: 'lo', mtu: 1 }] }
  t.strictSame(render(value, constants, 1), { n: 1, big: '5', none: null, ops: 'room/file.ops', bytes: '01ab', list: 'Array(1)' })
  t.strictSame(render(value.list, constants, 1), ['Object {name: lo}'])
  t.strictSame(render(value.list, constants, 2), [{ name: 'lo', mtu: 1 }])
})

t.test('a host is looked into from the lab: by its name, or without it when it is alone', async (t) => {
  const lab = new Lab()
  lab.addHost('a')
  t.equal(lab.inspect('init_net.dev_base_head[0].name'), 'lo')
  t.equal(lab.inspect('a.init_net.loopback_dev.ifindex'), 1)
  t.equal(lab.inspect('events.now'), 0)
  t.equal(lab.host('a').inspect('params.hostname'), 'a')
  lab.addHost('b')
  t.equal(lab.inspect('b.params.hostname'), 'b')
  t.throws(() => lab.inspect('init_net'), PathError, 'with two hosts a name is needed')
})
