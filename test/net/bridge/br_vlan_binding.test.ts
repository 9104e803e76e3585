/** VLAN devices on a bridge that follow its ports (bridge_binding), and what RTM_SETLINK leaves of its flags. */
import t from 'tap'
import { netif_carrier_ok } from '../../../src/net/core/dev.ts'
import { get16 } from '../../../src/lib/bytes.ts'
import { IFLA_BRIDGE_FLAGS, IFLA_BRIDGE_VLAN_INFO } from '../../../src/uapi/linux/if_bridge.ts'
import { IFLA_AF_SPEC, IFLA_IFNAME, IFLA_INFO_DATA, IFLA_INFO_KIND, IFLA_LINK, IFLA_LINKINFO } from '../../../src/uapi/linux/if_link.ts'
import { IFLA_VLAN_FLAGS, IFLA_VLAN_ID } from '../../../src/uapi/linux/if_link_stacked.ts'
import { VLAN_FLAG_BRIDGE_BINDING } from '../../../src/uapi/linux/if_vlan.ts'
import { NLM_F_CREATE } from '../../../src/uapi/linux/netlink.ts'
import { RTM_DELLINK, RTM_NEWLINK, RTM_SETLINK } from '../../../src/uapi/linux/rtnetlink.ts'
import { AF_BRIDGE } from '../../../src/uapi/linux/socket.ts'
import { type Ack, link, parseAck } from '../core/rtnetlink_client.ts'
import { Bridged, nla, word } from './bridgeHost.ts'

const VID = Uint8Array.of(5, 0)
function vlan(h: Bridged, port: string, type: number): Ack {
  const info = nla(IFLA_BRIDGE_VLAN_INFO, Uint8Array.of(0, 0, ...VID))
  return h.client.ack(type, 0, link({ family: AF_BRIDGE, index: h.dev(port).ifindex }, nla(IFLA_AF_SPEC, info)))
}
function host(): Bridged {
  const h = new Bridged()
  h.bridge('br0', '02:00:00:00:00:b0')
  h.pair(1)
  const flags = nla(IFLA_VLAN_FLAGS, word(VLAN_FLAG_BRIDGE_BINDING), word(VLAN_FLAG_BRIDGE_BINDING))
  const info = nla(IFLA_LINKINFO, nla(IFLA_INFO_KIND, 'vlan'), nla(IFLA_INFO_DATA, nla(IFLA_VLAN_ID, VID), flags))
  const lower = nla(IFLA_LINK, word(h.dev('br0').ifindex))
  t.equal(h.client.ack(RTM_NEWLINK, NLM_F_CREATE, link({}, nla(IFLA_IFNAME, 'v5'), lower, info)).error, 0)
  h.up('v5')
  return h
}
const carrier = (h: Bridged) => netif_carrier_ok(h.dev('v5'))

t.test('a bound VLAN device has a carrier while a port of its VLAN is up', async (t) => {
  const h = host()
  t.equal(carrier(h), false, 'no port is in the VLAN')
  t.equal(vlan(h, 'p1', RTM_SETLINK).error, 0)
  t.equal(carrier(h), true)
  h.up('p1', false)
  t.equal(carrier(h), false, 'the port is down')
  h.up('p1')
  h.run(1)
  t.equal(carrier(h), true)
  vlan(h, 'p1', RTM_DELLINK)
  t.equal(carrier(h), false, 'the port has left')
})

t.test('without a carrier of the bridge there is none', async (t) => {
  const h = host()
  vlan(h, 'p1', RTM_SETLINK)
  h.up('br0', false)
  h.up('br0')
  h.run(1)
  t.equal(carrier(h), true, 'it comes back with the bridge')
})

t.test('flags that were served go out of the request that an error quotes', async (t) => {
  const h = host()
  const both = nla(IFLA_AF_SPEC, nla(IFLA_BRIDGE_FLAGS, Uint8Array.of(3, 0)))
  const [answer] = h.client.request(RTM_SETLINK, 5, link({ family: AF_BRIDGE, index: h.dev('p1').ifindex }, both))
  t.equal(parseAck(answer).error, -95, 'a veth is no bridge')
  const quoted = answer.bytes.subarray(20)
  t.equal(get16(quoted, 16 + 16 + 8), 2, 'what its master has done is done')
})
