/** The generic netlink family "netdev": device features on request, and messages when devices come and go. */
import t from 'tap'
import type { Kernel } from '../../../src/kernel/kernel.ts'
import { hex, unhex } from '../../../src/lib/bytes.ts'
import { netdev_nl_family } from '../../../src/net/core/netdev_genl.ts'
import { genl_family_by_object, genl_group_id } from '../../../src/net/netlink/genetlink.ts'
import { IFLA_IFNAME, IFLA_INFO_KIND, IFLA_LINKINFO } from '../../../src/uapi/linux/if_link.ts'
import { NETLINK_GENERIC, NLM_F_CREATE, NLM_F_DUMP } from '../../../src/uapi/linux/netlink.ts'
import { RTM_DELLINK, RTM_NEWLINK } from '../../../src/uapi/linux/rtnetlink.ts'
import { bootHost, Client, concat, link, nla, parseAck } from './rtnetlink_client.ts'

const family = (kernel: Kernel) => genl_family_by_object(kernel.genl, netdev_nl_family)?.id ?? 0
const add = (kernel: Kernel, kind: string) =>
  new Client(kernel).ack(RTM_NEWLINK, NLM_F_CREATE, link({}, nla(IFLA_IFNAME, 'd0'), nla(IFLA_LINKINFO, nla(IFLA_INFO_KIND, kind))))
const dev = (index: string, xdp: string, meta: string) =>
  [
    `0800 0100 ${index}`, // NETDEV_A_DEV_IFINDEX
    `0c00 0300 ${xdp}`, // NETDEV_A_DEV_XDP_FEATURES
    `0c00 0500 ${meta}`, // NETDEV_A_DEV_XDP_RX_METADATA_FEATURES
    `0c00 0600 ${'00'.repeat(8)}`, // NETDEV_A_DEV_XSK_FEATURES
  ]
    .join('')
    .replaceAll(' ', '')
const NONE = '00'.repeat(8)

t.test('number and group are those of Linux', async (t) => {
  const kernel = bootHost()
  t.equal(family(kernel), 21)
  t.equal(genl_group_id(kernel.init_net, netdev_nl_family, 0), 5)
})
t.test('a device comes and goes (oracle)', async (t) => {
  const kernel = bootHost()
  const listener = new Client(kernel, { protocol: NETLINK_GENERIC, groups: [5] })
  add(kernel, 'dummy')
  new Client(kernel).ack(RTM_DELLINK, 0, link({}, nla(IFLA_IFNAME, 'd0')))
  //                     cmd version reserved
  t.same(
    listener.receive().map((m) => hex(m.bytes.subarray(16))),
    [`02010000${dev('02000000', NONE, NONE)}`, `03010000${dev('02000000', NONE, NONE)}`],
  )
})
t.test('asked for one device, and for all', async (t) => {
  const kernel = bootHost()
  add(kernel, 'dummy')
  const client = new Client(kernel, { protocol: NETLINK_GENERIC })
  const one = client.request(family(kernel), 1, concat(unhex('01010000'), nla(1, 2)))
  t.same(
    one.map((m) => hex(m.bytes.subarray(16))),
    [`01010000${dev('02000000', NONE, NONE)}`],
  )
  const all = client.request(family(kernel), 1 | NLM_F_DUMP, unhex('01010000'))
  t.same(
    all.map((m) => m.type),
    [21, 21, 3],
  )
  t.match(hex(all[1].bytes.subarray(16)), new RegExp(`^01010000${dev('02000000', NONE, NONE)}`))
})
t.test('refused', async (t) => {
  const kernel = bootHost()
  const client = new Client(kernel, { protocol: NETLINK_GENERIC })
  const ack = (...body: Uint8Array[]) => parseAck(client.request(family(kernel), 5, concat(...body))[0])
  t.equal(ack(unhex('01010000')).error, -22, 'no index')
  t.equal(ack(unhex('01010000'), nla(1, 99)).error, -19)
  t.same(ack(unhex('01010000'), nla(1, 0)), { error: -34, msg: 'integer out of range', offset: 20 })
  t.equal(ack(unhex('0a010000')).error, -95, 'queues are not built')
  t.same(kernel.unsupported.toJson(), [{ kind: 'genetlink', what: 'netdev command 10', count: 1 }])
})
