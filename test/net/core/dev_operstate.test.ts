/** Operational state (RFC 2863) and when it is told: net/core/link_watch.c. */
import t from 'tap'
import { NSEC_PER_MSEC } from '../../../src/kernel/time.ts'
import {
  dev_change_flags,
  dev_close,
  dev_get_flags,
  dev_open,
  linkwatch_sync_dev,
  netif_carrier_off,
  netif_carrier_on,
  netif_dormant_off,
  netif_dormant_on,
  netif_testing_on,
  register_netdevice,
  rfc2863_policy,
  set_operstate,
} from '../../../src/net/core/dev.ts'
import {
  LINK_STATE_DORMANT,
  LINK_STATE_NOCARRIER,
  LINK_STATE_TESTING,
  type net_device,
  type net_device_ops,
} from '../../../src/net/core/netdevice.ts'
import { IFF_DORMANT, IFF_LOWER_UP, IFF_RUNNING, IFF_UP } from '../../../src/uapi/linux/if.ts'
import {
  IF_LINK_MODE_DEFAULT,
  IF_LINK_MODE_DORMANT,
  IF_LINK_MODE_TESTING,
  IF_OPER_DORMANT,
  IF_OPER_DOWN,
  IF_OPER_LOWERLAYERDOWN,
  IF_OPER_TESTING,
  IF_OPER_UNKNOWN,
  IF_OPER_UP,
} from '../../../src/uapi/linux/if_link.ts'
import { Devices } from './deviceHarness.ts'

/** Says that it lies on the device whose index is in `priv`. */
export const on_other_ops: net_device_ops = { name: 'on_other_ops', ndo_get_iflink: (dev: net_device) => dev.priv as number }

// The table of rfc2863_policy(): testing, carrier, dormant, below (undefined: plain device; else its carrier), mode → state
const table: [boolean, boolean, boolean, boolean | undefined, number, number][] = [
  [true, true, false, undefined, IF_LINK_MODE_DEFAULT, IF_OPER_TESTING],
  [true, false, true, false, IF_LINK_MODE_DEFAULT, IF_OPER_TESTING],
  [false, false, false, undefined, IF_LINK_MODE_DEFAULT, IF_OPER_DOWN],
  [false, false, true, undefined, IF_LINK_MODE_DORMANT, IF_OPER_DOWN],
  [false, false, false, true, IF_LINK_MODE_DEFAULT, IF_OPER_DOWN],
  [false, false, false, false, IF_LINK_MODE_DEFAULT, IF_OPER_LOWERLAYERDOWN],
  [false, true, true, undefined, IF_LINK_MODE_DEFAULT, IF_OPER_DORMANT],
  [false, true, false, undefined, IF_LINK_MODE_DEFAULT, IF_OPER_UP],
  [false, true, false, false, IF_LINK_MODE_DEFAULT, IF_OPER_UP],
  [false, true, false, undefined, IF_LINK_MODE_DORMANT, IF_OPER_DORMANT],
  [false, true, false, undefined, IF_LINK_MODE_TESTING, IF_OPER_TESTING],
]
for (const [testing, carrier, dormant, below, mode, expected] of table) {
  const row = `testing ${testing} carrier ${carrier} dormant ${dormant} below ${below} mode ${mode}`
  t.test(`operstate: ${row}`, async (t) => {
    const h = new Devices()
    const lower = h.add('low')
    if (below === false) netif_carrier_off(lower)
    const dev = h.add('d0', below === undefined ? undefined : on_other_ops)
    dev.priv = lower.ifindex
    if (testing) dev.state |= LINK_STATE_TESTING
    if (!carrier) dev.state |= LINK_STATE_NOCARRIER
    if (dormant) dev.state |= LINK_STATE_DORMANT
    dev.link_mode = mode
    rfc2863_policy(dev)
    t.equal(dev.operstate, expected)
  })
}

// The table of set_operstate(): asked, from, → becomes
const asked: [number, number, number][] = [
  [IF_OPER_UP, IF_OPER_DORMANT, IF_OPER_UP],
  [IF_OPER_UP, IF_OPER_TESTING, IF_OPER_UP],
  [IF_OPER_UP, IF_OPER_UNKNOWN, IF_OPER_UP],
  [IF_OPER_UP, IF_OPER_DOWN, IF_OPER_DOWN],
  [IF_OPER_TESTING, IF_OPER_UP, IF_OPER_TESTING],
  [IF_OPER_TESTING, IF_OPER_DORMANT, IF_OPER_DORMANT],
  [IF_OPER_DORMANT, IF_OPER_UNKNOWN, IF_OPER_DORMANT],
  [IF_OPER_DORMANT, IF_OPER_DOWN, IF_OPER_DOWN],
  [IF_OPER_DOWN, IF_OPER_UP, IF_OPER_UP],
]
for (const [wish, from, becomes] of asked) {
  t.test(`set_operstate: ${wish} asked in ${from}`, async (t) => {
    const h = new Devices()
    const dev = h.add('d0')
    dev_open(dev)
    h.log()
    dev.operstate = from
    set_operstate(dev, wish)
    t.equal(dev.operstate, becomes)
    t.equal(h.log().length > 0, becomes !== from, 'a change is told')
  })
}

t.test('a dormant device cannot be declared up', async (t) => {
  const h = new Devices()
  const dev = h.add('d0')
  dev.state |= LINK_STATE_DORMANT
  dev.operstate = IF_OPER_DORMANT
  set_operstate(dev, IF_OPER_UP)
  t.equal(dev.operstate, IF_OPER_DORMANT)
})

t.test('a device that comes without carrier starts DOWN, another one UNKNOWN', async (t) => {
  const h = new Devices()
  const plain = h.add('plain')
  t.equal(plain.operstate, IF_OPER_UNKNOWN)
  const dark = h.alloc('dark')
  netif_carrier_off(dark)
  register_netdevice(dark)
  t.equal(dark.operstate, IF_OPER_DOWN)
  t.equal(dark.carrier_down_count, 0, 'before registration nothing is counted')
  netif_carrier_on(dark)
  t.equal(dark.carrier_up_count, 1)
})

t.test('flags that programs see', async (t) => {
  const h = new Devices()
  const dev = h.add('d0')
  const flags = () => dev_get_flags(dev) & (IFF_RUNNING | IFF_LOWER_UP | IFF_DORMANT)
  t.equal(flags(), 0, 'down')
  dev_open(dev)
  t.equal(flags(), IFF_RUNNING | IFF_LOWER_UP, 'UNKNOWN counts as up')
  netif_dormant_on(dev)
  h.settle()
  t.equal(flags(), IFF_LOWER_UP | IFF_DORMANT)
  netif_dormant_off(dev)
  netif_carrier_off(dev)
  h.pass(2000)
  t.equal(flags(), 0)
})

t.test('link watch: the first event at once, the next one second later, several as one', async (t) => {
  const h = new Devices()
  const dev = h.add('d0')
  dev_open(dev)
  h.pass(5000)
  h.log()
  netif_carrier_off(dev)
  t.same(h.log(), [], 'not within the request')
  h.settle()
  t.same(h.log(), ['CHANGE d0', '> NEWLINK d0 flags=1003 change=0'])
  netif_dormant_on(dev)
  h.pass(500)
  netif_testing_on(dev)
  h.pass(499)
  t.same(h.log(), [], 'within the second')
  h.pass(1)
  t.same(h.log(), ['CHANGE d0', '> NEWLINK d0 flags=21003 change=0'], 'once, for both')
  t.equal(h.kernel.events.nextAt(), undefined, 'and nothing is left to do')
})

t.test('link watch: a link that comes up does not wait', async (t) => {
  const h = new Devices()
  const dev = h.add('d0')
  dev_open(dev)
  netif_carrier_off(dev)
  h.settle()
  t.equal(dev.operstate, IF_OPER_DOWN)
  h.log()
  netif_carrier_on(dev)
  h.settle()
  t.same(h.log(), ['CHANGE d0', '> NEWLINK d0 flags=11043 change=0'])
  t.equal(dev.operstate, IF_OPER_UP)
  t.equal(h.kernel.events.now, 0)
})

t.test('link watch: an urgent event leaves the others to their second', async (t) => {
  const h = new Devices()
  const slow = h.add('slow')
  const quick = h.add('quick')
  for (const dev of [slow, quick]) dev_open(dev)
  netif_carrier_off(quick)
  h.settle()
  h.log()
  netif_carrier_off(slow)
  netif_carrier_on(quick)
  h.settle()
  t.same(h.log(), ['CHANGE quick', '> NEWLINK quick flags=11043 change=0'])
  h.pass(1000)
  t.same(h.log(), ['CHANGE slow', '> NEWLINK slow flags=1003 change=0'])
})

t.test('link watch: a device that hangs from another is urgent both ways', async (t) => {
  const h = new Devices()
  const lower = h.add('low')
  const dev = h.add('d0', on_other_ops)
  dev.priv = lower.ifindex
  dev_open(dev)
  netif_carrier_off(dev)
  h.settle()
  netif_carrier_on(dev)
  h.settle()
  h.log()
  netif_carrier_off(dev)
  h.settle()
  t.equal(h.log().length, 2)
})

t.test('link watch: of a device that is down the state changes in silence', async (t) => {
  const h = new Devices()
  const dev = h.add('d0')
  netif_carrier_off(dev)
  h.settle()
  t.equal(dev.operstate, IF_OPER_DOWN)
  t.same(h.log(), [])
})

t.test('link watch: a reader that needs the state now gets it (linkwatch_sync_dev)', async (t) => {
  const h = new Devices()
  const dev = h.add('d0')
  dev_open(dev)
  netif_carrier_off(dev)
  h.settle()
  netif_testing_on(dev)
  t.equal(dev.operstate, IF_OPER_DOWN)
  linkwatch_sync_dev(dev)
  t.equal(dev.operstate, IF_OPER_TESTING)
  t.equal(dev.refcnt, 0)
})

t.test('queues run while there is carrier; the discipline comes with the first up and stays', async (t) => {
  const h = new Devices()
  const dev = h.add('d0')
  const many = h.alloc('many')
  many.num_tx_queues = 4
  many.real_num_tx_queues = 4
  register_netdevice(many)
  for (const d of [dev, many]) dev_change_flags(d, d.flags | IFF_UP)
  t.equal(dev.qdisc?.ops.id, 'fq_codel')
  t.equal(many.qdisc?.ops.id, 'mq')
  t.same(
    many.tx_qdiscs.map((q) => q.ops.id),
    ['fq_codel', 'fq_codel', 'fq_codel', 'fq_codel'],
  )
  t.equal(dev.tx_active, true)
  netif_carrier_off(dev)
  h.pass(1000)
  t.equal(dev.tx_active, false)
  dev_close(dev)
  t.equal(dev.qdisc?.ops.id, 'fq_codel')
  const unqueued = h.add('nq', undefined, (d) => void (d.flags = 0))
  dev_open(unqueued)
  t.equal(unqueued.qdisc?.ops.id, 'noqueue', 'no queue length: no queue')
  t.equal(unqueued.tx_queue_len, 1000)
  t.equal(h.kernel.events.now, 1000 * NSEC_PER_MSEC)
})
