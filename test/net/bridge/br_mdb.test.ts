/** Groups as programs set them, and as reports of IGMPv3 change their sources (RFC 3376, 6.4: a test a row). */
import t from 'tap'
import { putBe16 } from '../../../src/lib/bytes.ts'
import { br_multicast_find_group_src } from '../../../src/net/bridge/br_multicast_group.ts'
import { br_multicast_group_record } from '../../../src/net/bridge/br_multicast_sources.ts'
import type { net_bridge_port_group } from '../../../src/net/bridge/br_private_mcast.ts'
import { timer_pending } from '../../../src/kernel/time.ts'
import { ip_compute_csum } from '../../../src/net/core/checksum.ts'
import { dev_alloc_skb, skb_put } from '../../../src/net/core/skbuff.ts'
import { dev_queue_xmit } from '../../../src/net/core/dev.ts'
import * as B from '../../../src/uapi/linux/if_bridge.ts'
import { IFLA_BR_MCAST_IGMP_VERSION, IFLA_BR_MCAST_QUERIER } from '../../../src/uapi/linux/if_bridge_link.ts'
import * as L from '../../../src/uapi/linux/if_link.ts'
import { NLM_F_BULK, NLM_F_CREATE, NLM_F_REPLACE } from '../../../src/uapi/linux/netlink.ts'
import { RTM_DELMDB, RTM_GETMDB, RTM_NEWMDB, RTNLGRP_MDB } from '../../../src/uapi/linux/rtnetlink.ts'
import { AF_BRIDGE } from '../../../src/uapi/linux/socket.ts'
import { Client, concat } from '../core/rtnetlink_client.ts'
import { Bridged, byte, nla } from './bridgeHost.ts'

/** With NLA_F_NESTED, which strict parsers want. */
const nest = (a: { nr: number }, ...parts: Uint8Array[]) => nla(a.nr | 0x8000, ...parts)
const G = Uint8Array.of(239, 1, 1, 1)
const s = (n: number) => Uint8Array.of(10, 0, 0, n)
function three(...data: Uint8Array[]): Bridged {
  const h = new Bridged()
  h.bridge('br0', '02:00:00:00:00:f0', ...data)
  for (const n of [1, 2, 3]) h.pair(n)
  return h
}
function entry(h: Bridged, port: string, state = 0): Uint8Array {
  const u = new Uint8Array(16)
  u.set(port === '' ? [] : G)
  return B.br_mdb_entry.encode({
    ifindex: port === '' ? 0 : h.dev(port).ifindex,
    state,
    flags: 0,
    vid: 0,
    u,
    proto: port === '' ? 0 : 0x0800,
  })
}
const body = (h: Bridged, ...attributes: Uint8Array[]) =>
  concat(B.br_port_msg.encode({ family: AF_BRIDGE, ifindex: h.dev('br0').ifindex }), ...attributes)
function add(h: Bridged, port: string, flags: number, ...more: Uint8Array[]) {
  const attrs = more.length > 0 ? [nest(B.MDBA_SET_ENTRY_ATTRS, ...more)] : []
  return h.client.ack(RTM_NEWMDB, NLM_F_CREATE | flags, body(h, nla(B.MDBA_SET_ENTRY, entry(h, port)), ...attrs))
}
const list = (...sources: Uint8Array[]) =>
  nest(B.MDBE_ATTR_SRC_LIST, ...sources.map((src) => nest(B.MDBE_SRC_LIST_ENTRY, nla(B.MDBE_SRCATTR_ADDRESS, src))))
const mode = (value: number) => nla(B.MDBE_ATTR_GROUP_MODE, byte(value))
const groups = (h: Bridged) => h.br().mdb_list.items.map((mp) => `${mp.addr.src?.[3] ?? '*'}:${mp.ports.map((pg) => pg.port.dev.name)}`)

/** An IPv4 packet of protocol IGMP out of a far end. */
function igmp(h: Bridged, from: string, dst: Uint8Array, message: number[], src: Uint8Array = s(99)): void {
  const dev = h.dev(from)
  const skb = dev_alloc_skb(dev, 14 + 24 + message.length)
  const at = skb_put(skb, 14 + 24 + message.length)
  const { buf } = skb
  buf.set([1, 0, 0x5e, dst[1] & 0x7f, dst[2], dst[3]], at)
  buf.set(dev.dev_addr.subarray(0, 6), at + 6)
  putBe16(buf, at + 12, 0x0800)
  const ip = at + 14
  buf.set([0x46, 0xc0, 0, 24 + message.length, 0, 0, 0x40, 0, 1, 2, 0, 0], ip)
  buf.set(src, ip + 12)
  buf.set(dst, ip + 16)
  buf.set([0x94, 4, 0, 0], ip + 20)
  putBe16(buf, ip + 10, ip_compute_csum(buf, ip, 24))
  buf.set(message, ip + 24)
  putBe16(buf, ip + 26, ip_compute_csum(buf, ip + 24, message.length))
  skb.protocol = 0x0800
  skb.network_header = ip
  dev_queue_xmit(skb)
  h.run(0)
}
const join = (h: Bridged, from: string) => igmp(h, from, G, [0x16, 0, 0, 0, ...G])
const query = (h: Bridged, from: string, src: Uint8Array) => igmp(h, from, Uint8Array.of(224, 0, 0, 1), [0x11, 100, 0, 0, 0, 0, 0, 0], src)

t.test('a group with a list of sources is forwarded by source; replaced, the old ones go', async (t) => {
  const h = three(nla(IFLA_BR_MCAST_IGMP_VERSION, byte(3)))
  t.equal(add(h, 'p1', 0, mode(1), list(s(1), s(2))).error, 0)
  t.same(groups(h).sort(), ['*:p1', '1:p1', '2:p1'])
  t.match(add(h, 'p1', 0, mode(1), list(s(3))), { error: -17, msg: 'bridge: (*, G) group is already joined by port' })
  t.equal(add(h, 'p1', NLM_F_REPLACE, mode(1), list(s(2), s(3))).error, 0)
  h.run(1)
  t.same(groups(h).sort(), ['*:p1', '2:p1', '3:p1'])
})

t.test('what a request may not say', async (t) => {
  const h = three()
  t.match(add(h, 'p1', 0, mode(1)), { msg: 'bridge: Cannot add (*, G) INCLUDE with an empty source list' })
  t.match(add(h, 'p1', 0, list(s(1))), { msg: 'bridge: Source list cannot be set without filter mode' })
  t.match(add(h, 'br0', 0, mode(0)), { msg: 'bridge: Filter mode cannot be set for host groups' })
})

t.test('one group can be asked for, and all of a port deleted', async (t) => {
  const h = three()
  add(h, 'p1', 0)
  add(h, 'p2', 0)
  const get = (u: Uint8Array<ArrayBuffer>) =>
    body(h, nla(B.MDBA_GET_ENTRY, B.br_mdb_entry.encode({ ifindex: 0, state: 0, flags: 0, vid: 0, u, proto: 0x0800 })))
  const wanted = new Uint8Array(16)
  wanted.set(G)
  t.equal(h.client.request(RTM_GETMDB, 1, get(wanted))[0].type, RTM_NEWMDB)
  wanted[3] = 9
  t.match(h.client.ack(RTM_GETMDB, 0, get(wanted)), { error: -2, msg: 'bridge: MDB entry not found' })
  const all = B.br_mdb_entry.encode({ ifindex: h.dev('p1').ifindex, state: 0, flags: 0, vid: 0, u: new Uint8Array(16), proto: 0 })
  t.equal(h.client.ack(RTM_DELMDB, NLM_F_BULK, body(h, nla(B.MDBA_SET_ENTRY, all))).error, 0)
  t.same(groups(h), ['*:p2'])
})

t.test('a port may be in so many groups', async (t) => {
  const h = three()
  h.setPort('p1', nla(L.IFLA_BRPORT_MCAST_MAX_GROUPS, Uint8Array.of(1, 0, 0, 0)))
  join(h, 'q1')
  t.equal(h.port('p1').multicast_ctx.mdb_n_entries, 1)
  G[3] = 2
  t.match(add(h, 'p1', 0), { msg: 'bridge: Port is already in 1 groups, and mcast_max_groups=1' })
  G[3] = 1
})

t.test('a member hears the group, others do not, once someone asks; it is told of, and forgotten after its time', async (t) => {
  const h = three()
  const monitor = new Client(h.kernel, { groups: [RTNLGRP_MDB] })
  query(h, 'q3', s(1))
  h.run(11)
  join(h, 'q1')
  t.equal(monitor.receive().filter((m) => m.type === RTM_NEWMDB).length, 2, 'the router port and the member')
  const [h1, h2, h3] = [h.hear('q1', 0x0800), h.hear('q2', 0x0800), h.hear('q3', 0x0800)]
  const data = () => igmp(h, 'q2', G, [0x99, 0, 0, 0, 0, 0, 0, 0])
  data()
  t.equal(h1.lines.length, 1)
  t.equal(h2.lines.length, 0)
  t.equal(h3.lines.length, 1, 'behind it is a router')
  h.run(261)
  t.same(groups(h), [])
  t.ok(monitor.receive().some((m) => m.type === RTM_DELMDB))
})

t.test('a leave is final after the last members were given time; at once where set so', async (t) => {
  const h = three()
  join(h, 'q1')
  const leave = () => igmp(h, 'q1', Uint8Array.of(224, 0, 0, 2), [0x17, 0, 0, 0, ...G])
  leave()
  t.same(groups(h), ['*:p1'])
  h.run(3)
  t.same(groups(h), [])
  h.setPort('p1', nla(L.IFLA_BRPORT_FAST_LEAVE, byte(1)))
  join(h, 'q1')
  leave()
  h.run(0.1)
  t.same(groups(h), [])
})

t.test('queries of its own: at once, soon, then each interval; a lower address silences them', async (t) => {
  const h = three(nla(IFLA_BR_MCAST_QUERIER, byte(1)))
  const h1 = h.hear('q1', 0x0800)
  const asked = () => h1.skbs.filter((skb) => skb.buf[skb.network_header + 24] === 0x11).length
  h.run(40)
  const soon = asked()
  t.ok(soon >= 1)
  h.run(125)
  t.equal(asked(), soon + 1)
  query(h, 'q2', s(1))
  const before = asked()
  h.run(200)
  t.equal(asked(), before)
  t.equal(h.br().multicast_ctx.querier[0].port_ifidx, h.dev('p2').ifindex)
  h.run(60)
  t.ok(asked() > before, 'silent for the querier interval: it asks again')
})

/** A port in INCLUDE with these sources, or in EXCLUDE with X (timers) and Y (none). */
function state(include: boolean, x: number[], y: number[] = []) {
  const h = three(nla(IFLA_BR_MCAST_IGMP_VERSION, byte(3)))
  add(h, 'p1', 0, mode(include ? 1 : 0), list(...x.map(s), ...y.map(s)))
  const pg = h.port('p1').mglist.items.find((each) => each.addr.src === undefined) as net_bridge_port_group
  const apply = (type: number, named: number[]) =>
    br_multicast_group_record(h.br().multicast_ctx, h.port('p1').multicast_ctx, pg, type, named.map(s))
  if (!include && x.length > 0) apply(5, x)
  const shown = () => {
    const of = (running: boolean) =>
      pg.src_list
        .filter((e) => timer_pending(e.timer) === running)
        .map((e) => e.src[3])
        .sort()
    return pg.filter_mode === 1 ? { in: of(true) } : { ex: [of(true), of(false)] }
  }
  return { h, pg, apply, shown }
}
const rows: [string, boolean, number[], number[], number, number[], object][] = [
  ['INCLUDE IS_IN', true, [1, 2], [], 1, [2, 3], { in: [1, 2, 3] }],
  ['INCLUDE ALLOW', true, [1, 2], [], 5, [2, 3], { in: [1, 2, 3] }],
  ['INCLUDE TO_IN', true, [1, 2], [], 3, [2, 3], { in: [1, 2, 3] }],
  ['INCLUDE BLOCK', true, [1, 2], [], 6, [2, 3], { in: [1, 2] }],
  ['INCLUDE IS_EX', true, [1, 2], [], 2, [2, 3], { ex: [[2], [3]] }],
  ['INCLUDE TO_EX', true, [1, 2], [], 4, [2, 3], { ex: [[2], [3]] }],
  ['EXCLUDE IS_IN', false, [1], [2], 1, [2, 3], { ex: [[1, 2, 3], []] }],
  ['EXCLUDE ALLOW', false, [1], [2], 5, [2, 3], { ex: [[1, 2, 3], []] }],
  ['EXCLUDE TO_IN', false, [1], [2], 3, [2, 3], { ex: [[1, 2, 3], []] }],
  ['EXCLUDE BLOCK', false, [1], [2], 6, [2, 3], { ex: [[1, 3], [2]] }],
  ['EXCLUDE IS_EX', false, [1], [2], 2, [2, 3], { ex: [[3], [2]] }],
  ['EXCLUDE TO_EX', false, [1], [2], 4, [2, 3], { ex: [[3], [2]] }],
]
for (const [name, include, x, y, type, named, wanted] of rows) {
  t.test(`sources: ${name}`, async (t) => {
    const { shown, apply } = state(include, x, y)
    apply(type, named)
    t.same(shown(), wanted)
  })
}
t.test('an EXCLUDE member whose time is over wants only what it named last', async (t) => {
  const { h, pg, apply, shown } = state(false, [], [2])
  h.run(250)
  apply(5, [3])
  h.run(11)
  t.same(shown(), { in: [3] })
  t.ok(br_multicast_find_group_src(pg, s(3)))
})
