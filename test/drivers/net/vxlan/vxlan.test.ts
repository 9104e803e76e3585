import t from 'tap'
import { dev_set_mtu } from '../../../../src/net/core/dev.ts'
import { vxlan_priv } from '../../../../src/drivers/net/vxlan/vxlan_private.ts'
import { hex } from '../../../../src/lib/bytes.ts'
import type { MessageBuilder } from '../../../../src/lib/message.ts'
import { EADDRINUSE, EINVAL, EOPNOTSUPP } from '../../../../src/uapi/errno.ts'
import * as V from '../../../../src/uapi/linux/if_link_vxlan.ts'
import { NDA_DST, NDA_LLADDR, NDA_NH_ID, NDA_VNI, NUD_PERMANENT, NUD_REACHABLE } from '../../../../src/uapi/linux/neighbour.ts'
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../../../src/uapi/linux/netlink.ts'
import { RTM_DELNEIGH, RTM_DELTUNNEL, RTM_NEWNEIGH, RTM_NEWNEXTHOP, RTM_NEWTUNNEL } from '../../../../src/uapi/linux/rtnetlink.ts'
import { concat, nla } from '../../../net/core/rtnetlink_client.ts'
import { type Fill, ip4, mac, SEC, VxlanHost } from './vxlanHost.ts'

const ADD = NLM_F_CREATE | NLM_F_EXCL
const APPEND = NLM_F_CREATE | NLM_F_APPEND
const zeros = new Uint8Array(6)
const settings =
  (id: number, more: Fill = () => {}): Fill =>
  (msg) => {
    msg.put(V.IFLA_VXLAN_ID, id)
    msg.put(V.IFLA_VXLAN_PORT, 4789)
    more(msg)
  }
const to =
  (lladdr: Uint8Array, dst: string): Fill =>
  (msg) => {
    msg.put(NDA_LLADDR, lladdr)
    msg.put(NDA_DST, ip4(dst))
  }

t.test('the entry for all addresses follows the settings and goes with the device', async (t) => {
  const h = new VxlanHost()
  h.link(
    'vxlan',
    'vx0',
    settings(5, (msg) => msg.put(V.IFLA_VXLAN_GROUP, ip4('10.0.0.2'))),
  )
  t.same(h.heard(), ['NEW 000000000000 0a000002'])
  h.link('vxlan', 'vx0', (msg) => msg.put(V.IFLA_VXLAN_GROUP, ip4('10.0.0.3')), 0)
  t.same(h.heard(), ['NEW 000000000000 0a000003', 'DEL 000000000000 0a000002'])
  h.unlink('vx0')
  t.same(h.heard(), ['DEL 000000000000 0a000003'])
})

t.test('an address of one station has one end, groups and the address of zeros have several', async (t) => {
  const h = new VxlanHost()
  h.link('vxlan', 'vx0', settings(5))
  h.fdb(RTM_NEWNEIGH, 'vx0', NUD_PERMANENT, ADD, to(mac(1), '10.0.0.2'))
  h.fdb(RTM_NEWNEIGH, 'vx0', NUD_PERMANENT, APPEND, to(mac(1), '10.0.0.3'))
  h.fdb(RTM_NEWNEIGH, 'vx0', NUD_PERMANENT, APPEND, to(zeros, '10.0.0.2'))
  h.fdb(RTM_NEWNEIGH, 'vx0', NUD_PERMANENT, APPEND, to(zeros, '10.0.0.3'))
  const ends = [...vxlan_priv(h.device('vx0')).fdb.values()].map((f) => f.remotes.length)
  t.same(ends, [1, 2])
  h.fdb(RTM_DELNEIGH, 'vx0', NUD_PERMANENT, 0, to(zeros, '10.0.0.2'))
  t.same(
    vxlan_priv(h.device('vx0'))
      .fdb.get('000000000000')
      ?.remotes.map((rd) => hex(rd.remote_ip)),
    ['0a000003'],
  )
})

t.test('what is not permanent ages while the device is up, and goes when it goes down', async (t) => {
  const h = new VxlanHost({ ipv6: false })
  h.link(
    'vxlan',
    'vx0',
    settings(5, (msg) => msg.put(V.IFLA_VXLAN_AGEING, 15)),
  )
  h.fdb(RTM_NEWNEIGH, 'vx0', NUD_REACHABLE, ADD, to(mac(1), '10.0.0.2'))
  h.fdb(RTM_NEWNEIGH, 'vx0', NUD_PERMANENT, ADD, to(mac(2), '10.0.0.2'))
  h.up('vx0')
  h.heard()
  h.advance(14 * SEC)
  t.same(h.heard(), [])
  h.advance(2 * SEC)
  t.same(h.heard(), ['DEL 020000000001 0a000002'], 'at its time, not at the next look after ten seconds')
  h.fdb(RTM_NEWNEIGH, 'vx0', NUD_REACHABLE, ADD, to(mac(3), '10.0.0.2'))
  h.heard()
  h.down('vx0')
  t.same(h.heard(), ['DEL 020000000003 0a000002'])
})

t.test('what points to a nexthop group does not age', async (t) => {
  const h = new VxlanHost({ ipv6: false })
  h.link('vxlan', 'vx0', settings(5))
  const nexthop = (...attrs: Uint8Array[]) => h.client.ack(RTM_NEWNEXTHOP, ADD, concat(...attrs)).error
  const fdb_flag = nla(11, new Uint8Array(0))
  const nhm = (family: number) => Uint8Array.of(family, 0, 0, 0, 0, 0, 0, 0)
  t.equal(nexthop(nhm(2), nla(1, 12), nla(6, ip4('10.0.0.2')), fdb_flag), 0)
  t.equal(nexthop(nhm(0), nla(1, 102), nla(2, Uint8Array.of(12, 0, 0, 0, 0, 0, 0, 0)), fdb_flag), 0)
  const by_group: Fill = (msg) => {
    msg.put(NDA_LLADDR, mac(1))
    msg.put(NDA_NH_ID, 102)
  }
  t.match(h.fdb(RTM_NEWNEIGH, 'vx0', NUD_REACHABLE, ADD, by_group), { error: -EINVAL.code, msg: 'A nexthop fdb cannot be dynamic' })
  t.equal(h.fdb(RTM_NEWNEIGH, 'vx0', NUD_PERMANENT, ADD, by_group).error, 0)
  for (const flags of [NLM_F_CREATE | NLM_F_REPLACE, APPEND]) {
    const dynamic = h.fdb(RTM_NEWNEIGH, 'vx0', NUD_REACHABLE, flags, to(mac(1), '10.0.0.3'))
    t.match(dynamic, { error: -EOPNOTSUPP.code, msg: 'Cannot make a nexthop fdb dynamic' })
  }
})

t.test('devices of one kind share a port, others find it taken when they are opened', async (t) => {
  const h = new VxlanHost()
  h.link('vxlan', 'a', settings(1))
  h.link('vxlan', 'b', settings(2))
  h.link(
    'vxlan',
    'c',
    settings(3, (msg) => msg.put(V.IFLA_VXLAN_GBP, true)),
  )
  t.equal(h.up('a'), undefined)
  t.equal(h.up('b'), undefined)
  t.equal(h.up('c'), EADDRINUSE)
  h.down('a')
  t.equal(h.up('c'), EADDRINUSE, 'b has it still')
  h.down('b')
  t.equal(h.up('c'), undefined)
})

t.test('a group is joined below while a device that uses it is up', async (t) => {
  const h = new VxlanHost()
  h.link('dummy', 'd0')
  h.up('d0')
  const d0 = h.device('d0')
  const group: Fill = (msg) => {
    msg.put(V.IFLA_VXLAN_GROUP, ip4('239.1.1.1'))
    msg.put(V.IFLA_VXLAN_LINK, d0.ifindex)
  }
  h.link('vxlan', 'a', settings(1, group))
  h.link('vxlan', 'b', settings(2, group))
  const listens = () => d0.mc.some((ha) => hex(ha.addr).startsWith('01005e010101'))
  t.notOk(listens())
  h.up('a')
  h.up('b')
  t.ok(listens())
  h.down('a')
  t.ok(listens(), 'b uses it')
  h.down('b')
  t.notOk(listens())
})

t.test('the lower device bounds the MTU and takes its uppers along', async (t) => {
  const h = new VxlanHost()
  h.link('dummy', 'd0')
  h.link(
    'vxlan',
    'a',
    settings(1, (msg) => msg.put(V.IFLA_VXLAN_LINK, h.device('d0').ifindex)),
  )
  t.equal(h.device('a').mtu, 1450)
  t.equal(dev_set_mtu(h.device('a'), 1451), EINVAL)
  h.unlink('d0')
  t.throws(() => h.device('a'))
})

t.test('maxaddress bounds the table', async (t) => {
  const h = new VxlanHost()
  h.link(
    'vxlan',
    'a',
    settings(1, (msg) => msg.put(V.IFLA_VXLAN_LIMIT, 1)),
  )
  t.equal(h.fdb(RTM_NEWNEIGH, 'a', NUD_PERMANENT, ADD, to(mac(1), '10.0.0.2')).error, 0)
  t.equal(h.fdb(RTM_NEWNEIGH, 'a', NUD_PERMANENT, ADD, to(mac(2), '10.0.0.2')).error, -28, 'ENOSPC')
})

t.test('a filter takes part in the networks named, each with its end', async (t) => {
  const h = new VxlanHost()
  const external: Fill = (msg) => {
    msg.put(V.IFLA_VXLAN_PORT, 4789)
    msg.put(V.IFLA_VXLAN_COLLECT_METADATA, 1)
    msg.put(V.IFLA_VXLAN_VNIFILTER, 1)
  }
  h.link('vxlan', 'a', external)
  h.link('vxlan', 'b', settings(7))
  const entry =
    (dev: string, start: number, end: number, group?: string): Fill =>
    (msg: MessageBuilder) => {
      msg.struct(V.tunnel_msg, { family: 7, ifindex: h.device(dev).ifindex })
      const nest = msg.nest(V.VXLAN_VNIFILTER_ENTRY)
      msg.put(V.VXLAN_VNIFILTER_ENTRY_START, start)
      msg.put(V.VXLAN_VNIFILTER_ENTRY_END, end)
      if (group !== undefined) msg.put(V.VXLAN_VNIFILTER_ENTRY_GROUP, ip4(group))
      msg.nestEnd(nest)
    }
  t.equal(h.request(RTM_NEWTUNNEL, entry('a', 100, 102, '10.0.0.9')).error, 0)
  t.same(
    vxlan_priv(h.device('a')).vni_list.map((node) => node.vni),
    [100, 101, 102],
  )
  t.equal(h.heard().filter((line) => line.startsWith('NEW 000000000000 0a000009')).length, 3, 'an entry each in the table')
  t.equal(h.request(RTM_DELTUNNEL, entry('a', 101, 101)).error, 0)
  t.match(h.heard(), [/^DEL 000000000000 0a000009/, /^DELTUNNEL/])
  t.equal(h.request(RTM_DELTUNNEL, entry('a', 101, 101)).error, -2, 'ENOENT')
  t.match(h.request(RTM_NEWTUNNEL, entry('b', 1, 1)), { error: -95 }, 'not a filter')
  t.equal(
    h.fdb(RTM_NEWNEIGH, 'a', NUD_PERMANENT, ADD, (msg) => {
      to(mac(1), '10.0.0.2')(msg)
      msg.put(NDA_VNI, 5)
    }).error,
    0,
  )
})
