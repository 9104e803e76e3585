/** Chains and blocks of filters: the rows of the table in cls_block.ts; filters and actions that nobody knows. */
import t from 'tap'
import * as R from '../../../src/uapi/linux/rtnetlink.ts'
import { concat, nla } from '../core/rtnetlink_client.ts'
import { ADD, CREATE, DUMP, INGRESS, show, TcHost } from './tcHost.ts'

const SIDE = 0xfffffff2
const IP = 0x10008

function clsact(blocks: Uint8Array[] = []): TcHost {
  const host = new TcHost()
  host.add('clsact', { parent: INGRESS, handle: 0xffff0000, more: blocks })
  host.told()
  return host
}
const chain = (nr: number) => ({ parent: SIDE, more: [nla(R.TCA_CHAIN, nr)] })

t.test('a chain that was made stays, is shown and told, and is made once', async (t) => {
  const host = clsact()
  t.equal(host.ask(R.RTM_NEWCHAIN, 0, chain(9)), 'Need both RTM_NEWCHAIN and NLM_F_CREATE to create a new chain')
  t.equal(host.ask(R.RTM_NEWCHAIN, ADD, chain(9)), '')
  t.equal(host.ask(R.RTM_NEWCHAIN, ADD, chain(9)), 'Filter chain already exists')
  t.equal(host.ask(R.RTM_NEWCHAIN, ADD, chain(0x10000000)), 'Specified chain index exceeds upper limit')
  t.same(host.dump(R.RTM_GETCHAIN, { parent: SIDE }).map(show), ['chain 9 0: parent ffff: info 0'])
  t.same(host.dump(R.RTM_GETCHAIN, { parent: 0xfffffff3 }), [], 'the other side has its own')
  t.equal(host.ask(R.RTM_DELCHAIN, 0, chain(9)), '')
  t.equal(host.ask(R.RTM_DELCHAIN, 0, chain(9)), 'Cannot find specified filter chain')
  t.same(host.told(), ['chain 9 0: parent ffff: info 0', 'deleted chain 9 0: parent ffff: info 0'])
})
t.test('a chain comes for a filter, and goes when it is refused', async (t) => {
  const host = clsact()
  const filter = { parent: SIDE, info: IP, kind: 'bogus' }
  t.equal(host.ask(R.RTM_NEWTFILTER, ADD, filter), 'TC classifier not found')
  t.same(host.told(), ['chain 0 0: parent ffff: info 0', 'deleted chain 0 0: parent ffff: info 0'])
  t.match(host.kernel.unsupported.toJson(), [{ kind: 'tc', what: 'filter bogus' }])
  t.equal(host.ask(R.RTM_NEWTFILTER, ADD, { ...filter, parent: 0x70000 }), "Parent Qdisc doesn't exists")
  t.equal(host.ask(R.RTM_NEWTFILTER, 0, { ...filter, info: 0 }), 'Invalid filter command with priority of zero')
  t.equal(host.ask(R.RTM_DELTFILTER, 0, { parent: SIDE, info: IP }), 'Cannot find specified filter chain')
  t.equal(host.ask(R.RTM_DELTFILTER, 0, { parent: SIDE }), '', 'all of none')
})
t.test('a chain goes with its block, and is told; a shared block with its last user', async (t) => {
  const host = clsact([nla(R.TCA_INGRESS_BLOCK, 22)])
  t.match(host.ask(R.RTM_NEWCHAIN, ADD, chain(9)), /This filter block is shared/)
  const block = { index: -1, parent: 22, more: [nla(R.TCA_CHAIN, 4)] }
  t.equal(host.ask(R.RTM_NEWCHAIN, ADD, block), '')
  host.told()
  host.del({ parent: INGRESS, handle: 0xffff0000 })
  t.same(host.told(), ['deleted qdisc clsact ffff: parent ffff:fff1 info 0', 'deleted chain 4 0: parent 0:16 info 0'])
  t.equal(host.ask(R.RTM_GETCHAIN, 0, block), 'Block of given index was not found')
})

t.test('an action of a kind that is not there is asked for in vain', async (t) => {
  const host = new TcHost()
  const act = (...members: Uint8Array[]) => concat(new Uint8Array(4), nla(1, nla(1, ...members)))
  const ask = (type: number, flags: number, body: Uint8Array) => host.client.ack(type, flags, body).msg
  t.equal(ask(R.RTM_NEWACTION, CREATE, new Uint8Array(4)), 'Netlink action attributes missing')
  t.equal(ask(R.RTM_NEWACTION, CREATE, act(nla(1, 'bogus'))), 'Failed to load TC action module')
  t.equal(ask(R.RTM_GETACTION, 0, act(nla(1, 'bogus'), nla(3, 1))), 'Specified TC action kind not found')
  t.equal(ask(R.RTM_DELACTION, 0, act(nla(1, 'bogus'))), 'Invalid TC action index value')
  t.match(host.client.request(R.RTM_GETACTION, DUMP, act(nla(1, 'bogus'))), [{ type: 3 }], 'an empty list')
  t.match(host.kernel.unsupported.toJson(), [{ kind: 'tc', what: 'action bogus', count: 1 }])
})
