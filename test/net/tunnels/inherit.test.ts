/** What the headers of tunnels inherit: from a packet behind a VLAN tag, and from the VRF of the device that they are bound to. */
import t from 'tap'
import { request_module } from '../../../src/kernel/kmod.ts'
import { IFLA_GENEVE_ID, IFLA_GENEVE_REMOTE, IFLA_GENEVE_TOS, IFLA_GENEVE_TTL_INHERIT } from '../../../src/uapi/linux/if_link_geneve.ts'
import { IFLA_VLAN_ID, IFLA_VRF_TABLE } from '../../../src/uapi/linux/if_link_stacked.ts'
import {
  IFLA_VXLAN_GROUP,
  IFLA_VXLAN_ID,
  IFLA_VXLAN_LOCAL,
  IFLA_VXLAN_TOS,
  IFLA_VXLAN_TTL_INHERIT,
} from '../../../src/uapi/linux/if_link_vxlan.ts'
import { IFLA_GRE_LINK, IFLA_GRE_LOCAL, IFLA_GRE_REMOTE, IFLA_GRE_TOS, IFLA_GRE_TTL } from '../../../src/uapi/linux/if_tunnel.ts'
import { addr4, type Fill, TunnelPair } from './tunnelPair.ts'

const A = '10.0.0.1'
const B = '10.0.0.2'
/** Tunnels that inherit the traffic class and the TTL, by kind. */
const TUNNELS: Record<string, (local: string, remote: string) => Fill> = {
  gretap: (local, remote) => (msg) => {
    addr4(msg, IFLA_GRE_LOCAL.nr, local)
    addr4(msg, IFLA_GRE_REMOTE.nr, remote)
    msg.put(IFLA_GRE_TOS, 1)
    msg.put(IFLA_GRE_TTL, 0)
  },
  geneve: (_local, remote) => (msg) => {
    msg.put(IFLA_GENEVE_ID, 100)
    addr4(msg, IFLA_GENEVE_REMOTE.nr, remote)
    msg.put(IFLA_GENEVE_TOS, 1)
    msg.put(IFLA_GENEVE_TTL_INHERIT, 1)
  },
  vxlan: (local, remote) => (msg) => {
    msg.put(IFLA_VXLAN_ID, 100)
    addr4(msg, IFLA_VXLAN_GROUP.nr, remote)
    addr4(msg, IFLA_VXLAN_LOCAL.nr, local)
    msg.put(IFLA_VXLAN_TOS, 1)
    msg.putBytes(IFLA_VXLAN_TTL_INHERIT.nr, new Uint8Array(0))
  },
}

for (const [kind, ends] of Object.entries(TUNNELS))
  t.test(`${kind}: traffic class and TTL of a packet in a VLAN`, async (t) => {
    const h = new TunnelPair()
    for (const name of ['gre', 'geneve', 'vxlan', 'vlan']) request_module(h.kernel, `rtnl-link-${name}`)
    for (const [side, lower, local, remote, last] of [
      ['a', 'va', A, B, 1],
      ['b', 'vb', B, A, 2],
    ] as const) {
      h.addr(side, lower, `${local}/24`)
      h.link(side, kind, 't0', ends(local, remote), Uint8Array.of(2, 0, 0, 0, 9, last))
      h.up(side, 't0')
      h.link(side, 'vlan', 'v0', (msg) => msg.put(IFLA_VLAN_ID, 99), undefined, 't0')
      h.up(side, 'v0')
      h.addr(side, 'v0', `192.168.1.${last}/24`)
    }
    h.advance(20e9)
    h.ping('a', '192.168.1.2')
    const tap = h.tap('b', 'vb')
    t.equal(h.ping('a', '192.168.1.2', { tos: 0x24, ttl: 77 }), 'reply ttl=64')
    t.match(tap.frames[0], /^in {2}.{24}08004524.{12}4d/)
  })

t.test('gre: bound to a device in a VRF, it goes by the routes of that VRF, whichever device they lead through', async (t) => {
  const h = new TunnelPair()
  for (const name of ['gre', 'vrf', 'dummy']) request_module(h.kernel, `rtnl-link-${name}`)
  h.link('a', 'vrf', 'red', (msg) => msg.put(IFLA_VRF_TABLE, 100))
  h.up('a', 'red')
  h.link('a', 'dummy', 'd0')
  for (const port of ['d0', 'va']) {
    h.up('a', port)
    h.master('a', port, 'red')
  }
  h.addr('a', 'd0', '10.7.0.1/32')
  h.addr('a', 'va', `${A}/24`)
  h.addr('b', 'vb', `${B}/24`)
  h.advance(3e9)
  h.link('a', 'gre', 't0', (msg) => {
    addr4(msg, IFLA_GRE_LOCAL.nr, '10.7.0.1')
    addr4(msg, IFLA_GRE_REMOTE.nr, B)
    msg.put(IFLA_GRE_LINK, h.device('a', 'd0').ifindex)
  })
  h.up('a', 't0')
  h.addr('a', 't0', '192.168.1.1/24')
  const tap = h.tap('b', 'vb')
  h.ping('a', '192.168.1.2')
  t.ok(
    tap.frames.some((frame) => /^in {2}.{24}0800.{18}2f.{4}0a0700010a000002/.test(frame)),
    'from the address of the other device',
  )
})
