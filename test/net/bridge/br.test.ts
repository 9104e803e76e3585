/** A bridge as a user meets it: ports, address, states by the clock, learned addresses that age, VLANs, refusals. */
import t from 'tap'
import type { Kernel } from '../../../src/kernel/kernel.ts'
import { br_fdb_find, br_fdb_update } from '../../../src/net/bridge/br_fdb.ts'
import { BR_STATE_FORWARDING, BR_STATE_LEARNING, BR_STATE_LISTENING, br_port_get_rtnl } from '../../../src/net/bridge/br_private.ts'
import { __dev_get_by_name } from '../../../src/net/core/dev.ts'
import type { net_device } from '../../../src/net/core/netdevice.ts'
import { IFLA_BR_STP_STATE } from '../../../src/uapi/linux/if_bridge_link.ts'
import { IFLA_ADDRESS, IFLA_IFNAME, IFLA_INFO_DATA, IFLA_INFO_KIND, IFLA_LINKINFO, IFLA_MASTER } from '../../../src/uapi/linux/if_link.ts'
import { NLM_F_CREATE } from '../../../src/uapi/linux/netlink.ts'
import { RTM_NEWLINK } from '../../../src/uapi/linux/rtnetlink.ts'
import { bootHost, Client, link, nla } from '../core/rtnetlink_client.ts'

const SECOND = 1e9
const word = (value: number) => Uint8Array.of(value & 0xff, value >> 8, 0, 0)

function host(): { kernel: Kernel; client: Client; br0: net_device; p0: net_device } {
  const kernel = bootHost()
  const client = new Client(kernel)
  const add = (name: string, kind: string, ...more: Uint8Array[]) =>
    client.ack(RTM_NEWLINK, NLM_F_CREATE, link({}, nla(IFLA_IFNAME, name), ...more, nla(IFLA_LINKINFO, nla(IFLA_INFO_KIND, kind))))
  add('br0', 'bridge')
  add('p0', 'dummy', nla(IFLA_ADDRESS, Uint8Array.of(2, 0, 0, 0, 0, 1)))
  const find = (name: string) => __dev_get_by_name(kernel.init_net, name) as net_device
  return { kernel, client, br0: find('br0'), p0: find('p0') }
}
function enslave(client: Client, dev: net_device, master: net_device) {
  return client.ack(RTM_NEWLINK, 0, link({ index: dev.ifindex }, nla(IFLA_MASTER, word(master.ifindex))))
}
const up = (client: Client, dev: net_device) => client.ack(RTM_NEWLINK, 0, link({ index: dev.ifindex, flags: 1, change: 1 }))

t.test('a port gives the bridge its address and listens to all', async (t) => {
  const { client, br0, p0 } = host()
  t.equal(enslave(client, p0, br0).error, 0)
  t.same([...br0.dev_addr.subarray(0, 6)], [2, 0, 0, 0, 0, 1])
  t.equal(p0.promiscuity, 1)
  t.equal(br_port_get_rtnl(p0)?.port_no, 1)
})

t.test('a bridge takes no bridge', async (t) => {
  const { client, br0 } = host()
  t.match(enslave(client, br0, br0), { error: -40, msg: 'Can not enslave a bridge to a bridge' })
})

t.test('with STP a port listens, learns and forwards, each for the forward delay', async (t) => {
  const { kernel, client, br0, p0 } = host()
  const data = nla(IFLA_LINKINFO, nla(IFLA_INFO_KIND, 'bridge'), nla(IFLA_INFO_DATA, nla(IFLA_BR_STP_STATE, word(1))))
  t.equal(client.ack(RTM_NEWLINK, 0, link({ index: br0.ifindex }, data)).error, 0)
  enslave(client, p0, br0)
  up(client, br0)
  up(client, p0)
  const p = br_port_get_rtnl(p0)
  t.equal(p?.state, BR_STATE_LISTENING)
  kernel.events.runUntil(kernel.now() + 15 * SECOND)
  t.equal(p?.state, BR_STATE_LEARNING)
  kernel.events.runUntil(kernel.now() + 15 * SECOND)
  t.equal(p?.state, BR_STATE_FORWARDING)
})

t.test('what was learned is forgotten after the ageing time', async (t) => {
  const { kernel, client, br0, p0 } = host()
  enslave(client, p0, br0)
  up(client, br0)
  up(client, p0)
  const p = br_port_get_rtnl(p0)
  if (p === undefined) return t.fail('no port')
  const addr = Uint8Array.of(2, 0, 0, 0, 0, 0x77)
  br_fdb_update(p.br, p, addr, 0)
  t.ok(br_fdb_find(p.br, addr, 0))
  kernel.events.runUntil(kernel.now() + 299 * SECOND)
  t.ok(br_fdb_find(p.br, addr, 0))
  kernel.events.runUntil(kernel.now() + 302 * SECOND)
  t.notOk(br_fdb_find(p.br, addr, 0))
})
