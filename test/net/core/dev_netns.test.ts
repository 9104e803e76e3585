/** Devices and namespaces: dev_change_net_namespace(), and what becomes of a dying namespace's devices. */
import t from 'tap'
import {
  __dev_get_by_name,
  alloc_netdev,
  dev_change_net_namespace,
  dev_open,
  netdev_altname_add,
  register_netdevice,
} from '../../../src/net/core/dev.ts'
import { cleanup_net, copy_net_ns, type net } from '../../../src/net/core/net_namespace.ts'
import { NETREG_REGISTERED, NETREG_RELEASED } from '../../../src/net/core/netdevice.ts'
import type { rtnl_link_ops } from '../../../src/net/core/rtnl_link_ops.ts'
import { ether_setup } from '../../../src/net/ethernet/eth.ts'
import { netlink_ext_ack } from '../../../src/net/netlink/extack.ts'
import { EBUSY, EEXIST, EINVAL, isErrno } from '../../../src/uapi/errno.ts'
import { Devices } from './deviceHarness.ts'

function another(h: Devices): net {
  const made = copy_net_ns(h.kernel)
  if (isErrno(made)) throw new Error(`${made}`)
  h.settle()
  h.log()
  return made
}
const names = (n: net) => n.dev_base_head.map((d) => `${d.ifindex}:${d.name}`)
export const test_link_ops: rtnl_link_ops = { kind: 'test', setup: ether_setup }

t.test('a namespace begins with loopback as device 1', async (t) => {
  const h = new Devices()
  const other = another(h)
  t.same(names(other), ['1:lo'])
  t.equal(other.loopback_dev.name, 'lo')
  t.not(other.loopback_dev, h.kernel.init_net.loopback_dev)
})

t.test('a move: closed and unregistered here, registered there; registered all the time', async (t) => {
  const h = new Devices()
  const other = another(h)
  const dev = h.add('d0')
  dev_open(dev)
  h.log()
  t.equal(dev_change_net_namespace(dev, other), undefined)
  t.same(h.log(), [
    'GOING_DOWN d0',
    '> NEWLINK d0 flags=1002 change=41',
    'DOWN d0',
    'UNREGISTER d0',
    '> DELLINK d0 flags=1002 change=all',
    'REGISTER d0',
    '> NEWLINK d0 flags=1002 change=all',
  ])
  t.equal(dev.reg_state, NETREG_REGISTERED)
  t.same(names(other), ['1:lo', '2:d0'])
  t.same(names(h.kernel.init_net), ['1:lo'])
  t.equal(dev.qdisc?.ops.id, 'noop')
})

t.test('names and indexes there', async (t) => {
  const h = new Devices()
  const other = another(h)
  const a = h.add('d0')
  dev_change_net_namespace(a, other)
  const b = h.add('d0')
  t.equal(dev_change_net_namespace(b, other), EEXIST, 'no pattern given')
  t.equal(dev_change_net_namespace(b, other, 'd0'), EEXIST)
  b.ifindex = 2
  t.equal(dev_change_net_namespace(b, other, 'd%d'), undefined)
  t.equal(b.name, 'd1')
  t.equal(b.ifindex, 3, '2 is taken there')
  const c = h.add('c')
  t.equal(dev_change_net_namespace(c, other, undefined, undefined, 3), EBUSY)
  t.equal(dev_change_net_namespace(c, other, undefined, undefined, 99), undefined)
  t.equal(c.ifindex, 99)
  const d = h.add('d')
  netdev_altname_add(d, 'c')
  t.equal(dev_change_net_namespace(d, other), EEXIST, 'an alternative name is taken there')
})

t.test('loopback stays', async (t) => {
  const h = new Devices()
  const extack = new netlink_ext_ack()
  t.equal(dev_change_net_namespace(h.kernel.init_net.loopback_dev, another(h), undefined, extack), EINVAL)
  t.equal(extack._msg, 'The interface netns is immutable')
})

t.test('a namespace dies: what was made by request dies with it, the rest goes home, loopback is last', async (t) => {
  const h = new Devices()
  const other = another(h)
  const nic = h.add('nic')
  const taken = h.add('dev3')
  const nic2 = h.add('nic2')
  for (const dev of [nic, nic2]) dev_change_net_namespace(dev, other, undefined, undefined, dev === nic ? 2 : 3)
  const made = alloc_netdev(other, 'made', undefined, ether_setup)
  made.rtnl_link_ops = test_link_ops
  made.needs_free_netdev = true
  register_netdevice(made)
  h.add('nic')
  h.log()
  cleanup_net(h.kernel, [other])
  const log = h.log().filter((l) => l.startsWith('UNREGISTER') || l.startsWith('REGISTER'))
  t.same(log, ['UNREGISTER nic', 'REGISTER dev2', 'UNREGISTER nic2', 'REGISTER nic2', 'UNREGISTER made', 'UNREGISTER lo'])
  t.equal(nic.nd_net, h.kernel.init_net)
  t.equal(nic2.name, 'nic2', 'its name was free')
  t.equal(taken.name, 'dev3')
  t.equal(made.reg_state, NETREG_RELEASED)
  t.equal(other.dev_base_head.length, 0)
  t.equal(__dev_get_by_name(h.kernel.init_net, 'dev2'), nic)
})

t.test('a fallback name that is taken: dev%d', async (t) => {
  const h = new Devices()
  const other = another(h)
  const nic = h.add('nic')
  dev_change_net_namespace(nic, other, undefined, undefined, 7)
  h.add('nic')
  h.add('dev7')
  cleanup_net(h.kernel, [other])
  t.equal(nic.name, 'dev0')
})
