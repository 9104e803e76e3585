/** RTM_*QDISC and RTM_*TCLASS as programs see them: the rows of the table in sch_api.ts, classes, defaults. */
import t from 'tap'
import { get32 } from '../../../src/lib/bytes.ts'
import * as R from '../../../src/uapi/linux/rtnetlink.ts'
import { link, nla } from '../core/rtnetlink_client.ts'
import { ADD, attribute, CREATE, EXCL, INGRESS, prioOptions, REPLACE, ROOT, TcHost } from './tcHost.ts'

const limit = (n: number) => [nla(R.TCA_OPTIONS, n)]

t.test('a place without a discipline of somebody: made with CREATE, else ENOENT', async (t) => {
  const host = new TcHost()
  t.equal(host.ask(R.RTM_NEWQDISC, 0, { kind: 'pfifo' }), 'Qdisc not found. To create specify NLM_F_CREATE flag')
  t.equal(host.add('pfifo'), '')
  t.same(
    host.told(),
    ['deleted qdisc fq_codel 0: parent root info 1', 'qdisc pfifo 8001: parent root info 2'],
    'the first handle of the kernel',
  )
})
t.test('another handle needs REPLACE', async (t) => {
  const host = new TcHost()
  host.add('pfifo', { handle: 0x10000 })
  t.equal(host.add('pfifo', { handle: 0x20000 }), 'NLM_F_REPLACE needed to override')
  t.equal(host.ask(R.RTM_NEWQDISC, CREATE | REPLACE, { kind: 'bfifo', handle: 0x20000 }), '')
  t.same(host.shown(), ['qdisc bfifo 2: parent root info 2'])
})
t.test('a discipline that exists is put where it stands, and nowhere else', async (t) => {
  const host = new TcHost()
  host.add('prio', { handle: 0x10000, more: [prioOptions()] })
  host.add('pfifo', { parent: 0x10001, handle: 0x20000 })
  const move = { kind: 'pfifo', parent: 0x10002, handle: 0x20000 }
  t.equal(host.ask(R.RTM_NEWQDISC, REPLACE, move), 'Cannot move an existing qdisc to a different parent')
  t.equal(host.ask(R.RTM_NEWQDISC, REPLACE, { ...move, parent: 0x10001 }), '', 'that is a change')
})
t.test('another kind: made anew when the flags say so, or say nothing', async (t) => {
  const host = new TcHost()
  host.add('pfifo')
  t.equal(host.ask(R.RTM_NEWQDISC, REPLACE, { kind: 'bfifo' }), 'Invalid qdisc name')
  for (const flags of [CREATE | REPLACE, ADD, 0]) {
    const kind = flags === ADD ? 'pfifo' : 'bfifo'
    t.equal(host.ask(R.RTM_NEWQDISC, flags, { kind: flags === 0 ? 'pfifo_head_drop' : kind }), '', `flags ${flags}`)
  }
  t.same(host.shown(), ['qdisc pfifo_head_drop 8004: parent root info 2'], 'each took a handle')
})
t.test('the same kind is changed, not with EXCL; a handle alone changes too', async (t) => {
  const host = new TcHost()
  host.add('pfifo', { handle: 0x10000 })
  host.told()
  t.equal(host.add('pfifo', { handle: 0x10000 }), 'Exclusivity flag on, cannot modify')
  t.equal(host.ask(R.RTM_NEWQDISC, 0, { kind: 'pfifo', more: limit(7) }), '')
  t.equal(host.ask(R.RTM_NEWQDISC, 0, { parent: 0, handle: 0x10000, more: limit(9) }), '')
  t.equal(get32(attribute(host.dump()[0], R.TCA_OPTIONS.nr) as Uint8Array, 0), 9)
  t.same(host.told(), ['qdisc pfifo 1: parent root info 2', 'qdisc pfifo 1: parent 0: info 2'])
})

t.test('deleting brings the default back, untold; there is nothing more to delete then', async (t) => {
  const host = new TcHost()
  host.add('pfifo')
  host.told()
  t.equal(host.del({ kind: 'bfifo' }), 'Invalid qdisc name')
  t.equal(host.del({ handle: 0x70000 }), 'Invalid handle')
  t.equal(host.del(), '')
  t.same(host.told(), ['deleted qdisc pfifo 8001: parent root info 1'])
  t.same(host.shown(), ['qdisc fq_codel 0: parent root info 2'])
  t.equal(host.del(), 'Cannot delete qdisc with handle of zero')
})
t.test('unknown kinds, and what Linux has and we do not, are refused and counted', async (t) => {
  const host = new TcHost()
  t.equal(host.add('cake'), 'Specified qdisc kind is unknown')
  t.match(host.kernel.unsupported.toJson(), [{ kind: 'tc', what: 'qdisc cake', count: 1 }])
  t.equal(host.add('noop'), 'Specified qdisc kind is unknown')
})

t.test('children of prio: classes, replacing, and the default that nobody sees', async (t) => {
  const host = new TcHost()
  host.add('prio', { handle: 0x10000, more: [prioOptions()] })
  t.equal(host.add('pfifo', { parent: 0x10009 }), 'Specified class not found')
  t.equal(host.add('noqueue', { parent: 0x10001 }), 'Cannot assign noqueue to a class')
  t.equal(host.add('pfifo', { parent: 0x10002, handle: 0x200000 }), '')
  t.same(host.shown(), ['qdisc prio 1: parent root info 2', 'qdisc pfifo 20: parent 1:2 info 1'])
  const classes = () => host.dump(R.RTM_GETTCLASS).map((m) => get32(m.bytes, 32))
  t.same(classes(), [0, 0x200000, 0], 'the discipline of each class')
  t.equal(host.del({ parent: 0x10002 }), '')
  t.same(classes(), [0, 0, 0])
  t.equal(host.ask(R.RTM_NEWTCLASS, CREATE, { parent: 0x10000, handle: 0x10008 }), '-95')
  t.equal(host.ask(R.RTM_GETTCLASS, 0, { parent: 0, handle: 0x10009 }), '-2')
})
t.test('options of prio are held to their bounds', async (t) => {
  const host = new TcHost()
  for (const more of [[], [prioOptions(1)], [prioOptions(17)], [prioOptions(2)]]) t.equal(host.add('prio', { more }), '-22')
})

t.test('several queues: mq with a default discipline each; a queue may have another', async (t) => {
  const host = new TcHost({ queues: 2 })
  t.same(host.shown(), ['qdisc mq 0: parent root info 1', 'qdisc fq_codel 0: parent 0:2 info 1', 'qdisc fq_codel 0: parent 0:1 info 1'])
  t.equal(host.add('pfifo', { parent: 1 }), 'Failed to find specified qdisc', 'the default has no handle to name it by')
  host.add('mq', { handle: 0x10000 })
  t.equal(host.add('pfifo', { parent: 0x10002, handle: 0x20000 }), '')
  t.equal(host.dev.tx_qdiscs[1].ops.id, 'pfifo')
  t.equal(host.add('prio', { more: [prioOptions()] }), '', 'a new root takes all queues')
  t.same(
    [...new Set(host.dev.tx_qdiscs)].map((q) => q.ops.id),
    ['prio'],
  )
  t.equal(new TcHost().add('mq'), '-95', 'one queue needs none')
})

t.test('ingress and clsact stand at ingress only, one at a time, and go with the device', async (t) => {
  const host = new TcHost()
  t.equal(host.del({ parent: INGRESS }), 'Cannot find specified qdisc on specified device')
  t.equal(host.add('pfifo', { parent: INGRESS }), 'Specified parent ID is reserved for ingress and clsact Qdiscs')
  t.equal(host.add('ingress'), '-95')
  t.equal(host.add('clsact', { parent: INGRESS, handle: 0xffff0000 }), '')
  t.equal(host.add('ingress', { parent: INGRESS, handle: 0xffff0000 }), 'Exclusivity flag on, cannot modify')
  t.match(host.shown(), [/fq_codel/, 'qdisc clsact ffff: parent ffff:fff1 info 1'])
  t.equal(host.add('pfifo', { more: [nla(R.TCA_INGRESS_BLOCK, 5)] }), 'Ingress block sharing is not supported')
  t.equal(host.del({ parent: INGRESS, handle: 0xffff0000 }), '')
  t.equal(host.del({ parent: INGRESS }), 'Cannot delete qdisc with handle of zero')
})

t.test('a device that goes down keeps what it was given; the length of its queue does not change a limit given', async (t) => {
  const host = new TcHost()
  host.add('pfifo', { more: limit(3) })
  host.client.ack(R.RTM_NEWLINK, 0, link({ index: 2, flags: 0, change: 1 }, nla(13, 60)))
  t.same(host.shown(), ['qdisc pfifo 8001: parent root info 2'])
  t.equal(host.dev.qdisc?.limit, 3)
  t.equal(host.add('bfifo', { parent: ROOT, handle: 0x50000 }), 'NLM_F_REPLACE needed to override')
  t.equal(host.ask(R.RTM_NEWQDISC, EXCL, { kind: 'pfifo' }), 'Exclusivity flag on, cannot modify')
})
