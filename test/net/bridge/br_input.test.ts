/** Frames through a bridge: learned, flooded, forwarded, kept apart by VLAN and by the flags of ports. */
import t from 'tap'
import { br_fdb_find } from '../../../src/net/bridge/br_fdb.ts'
import { IFLA_BR_VLAN_FILTERING, IFLA_BR_VLAN_STATS_ENABLED } from '../../../src/uapi/linux/if_bridge_link.ts'
import { bridge_vlan_info, IFLA_BRIDGE_VLAN_INFO } from '../../../src/uapi/linux/if_bridge.ts'
import * as L from '../../../src/uapi/linux/if_link.ts'
import { RTM_DELNEIGH, RTM_NEWNEIGH, RTM_SETLINK, RTNLGRP_NEIGH } from '../../../src/uapi/linux/rtnetlink.ts'
import { AF_BRIDGE } from '../../../src/uapi/linux/socket.ts'
import { NDA_DST, NDA_LLADDR, ndmsg } from '../../../src/uapi/linux/neighbour.ts'
import { dev_queue_xmit } from '../../../src/net/core/dev.ts'
import { frame } from '../core/packets.ts'
import { Client, concat, link } from '../core/rtnetlink_client.ts'
import { Bridged, byte, mac, nla } from './bridgeHost.ts'

function three(): Bridged {
  const h = new Bridged()
  h.bridge('br0', '02:00:00:00:00:f0')
  for (const n of [1, 2, 3]) h.pair(n)
  return h
}
const q = (n: number) => `02:00:00:00:02:0${n}`
const setVlan = (h: Bridged, name: string, vid: number, flags: number) =>
  h.client.ack(
    RTM_SETLINK,
    0,
    link(
      { family: AF_BRIDGE, index: h.dev(name).ifindex },
      nla(L.IFLA_AF_SPEC, nla(IFLA_BRIDGE_VLAN_INFO, bridge_vlan_info.encode({ flags, vid }))),
    ),
  )

t.test('what is not known goes to all, what is known to one; the sender is learned and told of', async (t) => {
  const h = three()
  const monitor = new Client(h.kernel, { groups: [RTNLGRP_NEIGH] })
  const [h2, h3] = [h.hear('q2'), h.hear('q3')]
  h.send('q1', q(2))
  t.equal(h2.lines.length, 1)
  t.equal(h3.lines.length, 1, 'flooded')
  t.equal(br_fdb_find(h.br(), mac(q(1)), 0)?.dst, h.port('p1'))
  t.ok(monitor.receive().some((m) => m.type === RTM_NEWNEIGH))
  t.equal(h.br().fdb_n_learned, 1)
  h.send('q2', q(1))
  h.send('q1', q(2))
  t.equal(h2.lines.length, 2)
  t.equal(h3.lines.length, 1, 'not any more')
  h.run(301)
  t.equal(br_fdb_find(h.br(), mac(q(1)), 0), undefined)
  t.ok(monitor.receive().some((m) => m.type === RTM_DELNEIGH))
  t.equal(h.br().fdb_n_learned, 0)
})

t.test('an address that moves is told anew', async (t) => {
  const h = three()
  h.send('q1', 'ff:ff:ff:ff:ff:ff')
  h.send('q2', 'ff:ff:ff:ff:ff:ff', { src: mac(q(1)).slice() })
  t.equal(br_fdb_find(h.br(), mac(q(1)), 0)?.dst, h.port('p2'))
})

t.test('frames for the bridge reach the host; the bridge counts them', async (t) => {
  const h = three()
  const host = h.hear('br0')
  h.send('q1', '02:00:00:00:00:f0', { length: 60 })
  t.same(host.lines, ['br0 0 46'])
  t.match(h.dev('br0').tstats, { rx_packets: 1, rx_bytes: 46 })
})

t.test('no frame goes back to where it came from, unless the port is a hairpin', async (t) => {
  const h = three()
  const h1 = h.hear('q1')
  h.send('q1', q(5))
  t.equal(h1.lines.length, 0)
  h.setPort('p1', nla(L.IFLA_BRPORT_MODE, byte(1)))
  h.send('q1', q(5))
  t.equal(h1.lines.length, 1)
})

t.test('isolated ports see others, not each other', async (t) => {
  const h = three()
  for (const name of ['p1', 'p2']) h.setPort(name, nla(L.IFLA_BRPORT_ISOLATED, byte(1)))
  const [h2, h3] = [h.hear('q2'), h.hear('q3')]
  h.send('q1', 'ff:ff:ff:ff:ff:ff')
  t.equal(h2.lines.length, 0)
  t.equal(h3.lines.length, 1)
})

t.test('a locked port lets nobody in whom it does not know; with MAB it takes note', async (t) => {
  const h = three()
  const h2 = h.hear('q2')
  h.setPort('p1', nla(L.IFLA_BRPORT_LOCKED, byte(1)))
  h.send('q1', 'ff:ff:ff:ff:ff:ff')
  t.equal(h2.lines.length, 0)
  t.equal(br_fdb_find(h.br(), mac(q(1)), 0), undefined)
  h.setPort('p1', nla(L.IFLA_BRPORT_MAB, byte(1)))
  h.send('q1', 'ff:ff:ff:ff:ff:ff')
  t.equal(h2.lines.length, 0)
  t.equal(br_fdb_find(h.br(), mac(q(1)), 0)?.is_locked, true)
})

t.test('the flags of flooding hold back what they name', async (t) => {
  const h = three()
  const h2 = h.hear('q2')
  h.setPort('p2', nla(L.IFLA_BRPORT_UNICAST_FLOOD, byte(0)))
  h.send('q1', q(7))
  t.equal(h2.lines.length, 0)
  h.send('q1', 'ff:ff:ff:ff:ff:ff')
  t.equal(h2.lines.length, 1)
  h.setPort('p2', nla(L.IFLA_BRPORT_BCAST_FLOOD, byte(0)))
  h.send('q1', 'ff:ff:ff:ff:ff:ff')
  t.equal(h2.lines.length, 1)
})

t.test('with VLANs filtered a frame stays in its own, tagged or not as the port is', async (t) => {
  const h = three()
  h.set('br0', nla(IFLA_BR_VLAN_FILTERING, byte(1)), nla(IFLA_BR_VLAN_STATS_ENABLED, byte(1)))
  setVlan(h, 'p1', 10, 6)
  setVlan(h, 'p2', 10, 0)
  const [h2, h3, tagged] = [h.hear('q2'), h.hear('q3'), h.hear('q2', 0x8100)]
  h.send('q1', 'ff:ff:ff:ff:ff:ff')
  t.equal(h3.lines.length, 0, 'p3 is not in it')
  t.equal(h2.lines.length + tagged.lines.length, 1)
  const skb = [...h2.skbs, ...tagged.skbs][0]
  t.match(skb, { vlan_present: false }, 'nobody has the tag')
  t.equal(br_fdb_find(h.br(), mac(q(1)), 10)?.dst, h.port('p1'), 'learned in it')
  t.equal(h.port('p1').vlgrp.by_vid.get(10)?.stats.rx_packets, 1)
  h.send('q3', 'ff:ff:ff:ff:ff:ff')
  t.equal(h2.lines.length, 2, 'both are in VLAN 1 still')
})

t.test('each of those whom a frame is flooded to has it without the tag', async (t) => {
  const h = three()
  h.set('br0', nla(IFLA_BR_VLAN_FILTERING, byte(1)))
  const heard = [h.hear('q2'), h.hear('q3')]
  h.send('q1', 'ff:ff:ff:ff:ff:ff')
  for (const { skbs } of heard) t.match(skbs, [{ vlan_present: false, pkt_type: 1 }])
})

t.test('with neigh_suppress a neighbour that is known is answered for, and not asked', async (t) => {
  const h = three()
  h.setPort('p2', nla(L.IFLA_BRPORT_NEIGH_SUPPRESS, byte(1)))
  const [asker, asked] = [h.hear('q1', 0x0806), h.hear('q2', 0x0806)]
  const request = Uint8Array.from([0, 1, 8, 0, 6, 4, 0, 1, ...mac(q(1)), 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2])
  const ask = () => {
    const skb = frame(h.dev('q1'), mac('ff:ff:ff:ff:ff:ff'), { proto: 0x0806 })
    skb.buf.set(request, skb.network_header)
    dev_queue_xmit(skb)
    h.run(0)
  }
  ask()
  t.equal(asked.lines.length, 1, 'nobody knows it yet')
  h.send('q2', q(1))
  const known = ndmsg.encode({ ndm_family: 2, ndm_ifindex: h.dev('br0').ifindex, ndm_state: 0x80 })
  h.client.ack(RTM_NEWNEIGH, 0x400, concat(known, nla(NDA_DST, Uint8Array.of(10, 0, 0, 2)), nla(NDA_LLADDR, mac(q(2)))))
  ask()
  t.equal(asked.lines.length, 1, 'not asked again')
  const [reply] = asker.skbs.slice(-1)
  const at = reply.network_header
  t.same([...reply.buf.subarray(at + 6, at + 18)], [0, 2, ...mac(q(2)), 10, 0, 0, 2])
})

t.test('an address that waits at a locked port is let in when it is replaced, and forgotten with MAB', async (t) => {
  const h = three()
  const mab = (on: number) => nla(L.IFLA_BRPORT_MAB, byte(on))
  const locked = (n: number) => br_fdb_find(h.br(), mac(q(n)), 0)?.is_locked
  t.match(h.setPort('p1', mab(1)), { error: -22, msg: 'Bridge port must be locked and have learning enabled when MAB is enabled' })
  h.setPort('p1', nla(L.IFLA_BRPORT_LOCKED, byte(1)), nla(L.IFLA_BRPORT_LEARNING, byte(1)), mab(1))
  h.send('q1', 'ff:ff:ff:ff:ff:ff')
  t.equal(locked(1), true)
  const entry = ndmsg.encode({ ndm_family: AF_BRIDGE, ndm_ifindex: h.dev('p1').ifindex, ndm_state: 0x40, ndm_flags: 4 })
  t.equal(h.client.ack(RTM_NEWNEIGH, 0x500, concat(entry, nla(NDA_LLADDR, mac(q(1))))).error, 0)
  t.equal(locked(1), false)
  h.send('q1', 'ff:ff:ff:ff:ff:ff', { src: mac(q(9)).slice() })
  t.equal(locked(9), true)
  h.setPort('p1', mab(0))
  t.equal(locked(9), undefined)
})

t.test('an entry that a program refreshes is no longer counted as learned', async (t) => {
  const h = three()
  h.send('q1', 'ff:ff:ff:ff:ff:ff')
  t.equal(h.br().fdb_n_learned, 1)
  const entry = ndmsg.encode({ ndm_family: AF_BRIDGE, ndm_ifindex: h.dev('p1').ifindex, ndm_state: 0x40, ndm_flags: 5 })
  t.equal(h.client.ack(RTM_NEWNEIGH, 0x500, concat(entry, nla(NDA_LLADDR, mac(q(1))))).error, 0)
  t.equal(h.br().fdb_n_learned, 0)
})
