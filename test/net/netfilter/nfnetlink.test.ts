/** net/netfilter/nfnetlink.c: what programs hear that ask for subsystems of netfilter. */
import t from 'tap'
import { createHost } from '../../../src/index.ts'
import { isErrno } from '../../../src/uapi/errno.ts'
import { NETLINK_NETFILTER, NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST } from '../../../src/uapi/linux/netlink.ts'
import { taskOf } from '../../lib/bootNet.ts'
import { concat, NetlinkClient, nla, nlmsg } from '../../lib/netlinkClient.ts'

const NFNL_SUBSYS_CTNETLINK = 1
const NFNL_SUBSYS_NFTABLES = 10
/** struct nfgenmsg */
const head = (res_id = 0) => new Uint8Array([2, 0, res_id >> 8, res_id & 0xff])

t.test('the socket opens, once the module has come; subsystems are not there', async (t) => {
  const { kernel } = createHost({ devices: [] })
  t.notOk(kernel.kmod.loaded.includes('nfnetlink'))
  const client = new NetlinkClient(taskOf(kernel, 10), NETLINK_NETFILTER)
  t.ok(kernel.kmod.loaded.includes('nfnetlink'))
  t.equal(client.ask((NFNL_SUBSYS_CTNETLINK << 8) | 1, NLM_F_REQUEST | NLM_F_DUMP, head()).error, -22)
  t.strictSame(kernel.unsupported.toJson(), [{ kind: 'nfnetlink', what: 'subsystem 1', count: 1 }])
  t.equal(client.ask((NFNL_SUBSYS_CTNETLINK << 8) | 1, NLM_F_REQUEST | NLM_F_ACK).error, 0, 'too short to be for any: nothing to do')
})

t.test('a batch is refused as a whole, by one answer', async (t) => {
  const { kernel } = createHost({ devices: [] })
  const client = new NetlinkClient(taskOf(kernel, 10), NETLINK_NETFILTER)
  const begin = (res_id: number, ...attributes: Uint8Array[]) => nlmsg(16, NLM_F_REQUEST, 7, concat(head(res_id), ...attributes))
  const rule = nlmsg((NFNL_SUBSYS_NFTABLES << 8) | 6, NLM_F_REQUEST | NLM_F_ACK, 8, head())
  const answers = (data: Uint8Array) => {
    client.send(data)
    return client
      .drain()
      .datagrams.flat()
      .map(({ seq, error }) => [seq, error])
  }
  t.strictSame(answers(concat(begin(NFNL_SUBSYS_NFTABLES), rule, nlmsg(17, NLM_F_REQUEST, 9, head()))), [[7, -95]])
  t.strictSame(answers(begin(NFNL_SUBSYS_NFTABLES << 8)), [[7, -95]], 'old nft: in the order of its machine')
  t.strictSame(answers(begin(13)), [[7, -22]], 'no subsystem has such a number')
  t.strictSame(answers(begin(NFNL_SUBSYS_NFTABLES, nla(1, 'xx'))), [[7, -34]], 'a generation has four bytes')
})

t.test('all of it needs CAP_NET_ADMIN', async (t) => {
  const { kernel } = createHost({ devices: [] })
  const client = new NetlinkClient(taskOf(kernel, 10, { capabilities: 0n }), NETLINK_NETFILTER)
  t.equal(client.ask((NFNL_SUBSYS_CTNETLINK << 8) | 1, NLM_F_REQUEST | NLM_F_DUMP, head()).error, -1)
  t.equal(isErrno(client.receive()), true, 'once a datagram')
})
