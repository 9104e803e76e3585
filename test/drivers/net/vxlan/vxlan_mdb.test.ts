import t from 'tap'
import { vxlan_priv } from '../../../../src/drivers/net/vxlan/vxlan_private.ts'
import { get16, hex, unhex } from '../../../../src/lib/bytes.ts'
import { dev_queue_xmit } from '../../../../src/net/core/dev_xmit.ts'
import { dev_alloc_skb, skb_put } from '../../../../src/net/core/skbuff.ts'
import * as B from '../../../../src/uapi/linux/if_bridge.ts'
import * as V from '../../../../src/uapi/linux/if_link_vxlan.ts'
import { NLM_F_BULK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLM_F_REPLACE, NLM_F_REQUEST } from '../../../../src/uapi/linux/netlink.ts'
import { RTM_DELMDB, RTM_GETMDB, RTM_NEWMDB } from '../../../../src/uapi/linux/rtnetlink.ts'
import { Client } from '../../../net/core/rtnetlink_client.ts'
import { type Fill, ip4, VxlanHost } from './vxlanHost.ts'

const MDB = 26
const G = '239.1.1.1'

class MdbHost extends VxlanHost {
  readonly mdb: Client
  constructor() {
    super({ ipv6: false })
    this.mdb = new Client(this.kernel, { groups: [MDB] })
    this.link('vxlan', 'vx', (msg) => {
      msg.put(V.IFLA_VXLAN_ID, 100)
      msg.put(V.IFLA_VXLAN_PORT, 4789)
    })
    this.up('vx')
    this.mdb.receive()
  }
  /** A request of a group; `attrs` fills MDBA_SET_ENTRY_ATTRS. */
  ask(type: number, grp: string, flags: number, attrs?: Fill, state = B.MDB_PERMANENT) {
    const { ifindex } = this.device('vx')
    const u = new Uint8Array(16)
    u.set(ip4(grp))
    return this.request(
      type,
      (msg) => {
        msg.struct(B.br_port_msg, { family: 7, ifindex })
        const at = msg.reserve(B.MDBA_SET_ENTRY.nr, B.br_mdb_entry.size)
        B.br_mdb_entry.put(msg.buf, at, { ifindex, state, u, proto: type === RTM_DELMDB && flags & NLM_F_BULK ? 0 : 0x0800 })
        if (attrs === undefined) return
        const nest = msg.nest(B.MDBA_SET_ENTRY_ATTRS)
        attrs(msg)
        msg.nestEnd(nest)
      },
      flags,
    )
  }
  add(grp: string, dst: string, attrs: Fill = () => {}, flags = NLM_F_CREATE | NLM_F_EXCL) {
    return this.ask(RTM_NEWMDB, grp, flags, (msg) => {
      msg.put(B.MDBE_ATTR_DST, ip4(dst))
      attrs(msg)
    })
  }
  del(grp: string, dst: string) {
    return this.ask(RTM_DELMDB, grp, 0, (msg) => msg.put(B.MDBE_ATTR_DST, ip4(dst)))
  }
  /** Entries as `group,source > ends`, with ! before an end that is blocked. */
  table(): string[] {
    return vxlan_priv(this.device('vx')).mdb_list.map(({ key, remotes }) => {
      const ends = remotes.map((r) => `${r.blocked ? '!' : ''}${r.rd.remote_ip.join('.')}`)
      return `${key.dst.join('.')},${key.src.join('.') || '*'} > ${ends.join(' ')}`
    })
  }
  /** What listeners of the group heard: NEW or DEL, with the group. */
  told(): string[] {
    return this.mdb.receive().map(({ type, bytes }) => `${type === RTM_NEWMDB ? 'NEW' : 'DEL'} ${[...bytes.subarray(44, 48)].join('.')}`)
  }
}
const sources =
  (mode: number, ...addrs: string[]): Fill =>
  (msg) => {
    msg.put(B.MDBE_ATTR_GROUP_MODE, mode)
    const list = msg.nest(B.MDBE_ATTR_SRC_LIST)
    for (const addr of addrs) {
      const one = msg.nest(B.MDBE_SRC_LIST_ENTRY)
      msg.put(B.MDBE_SRCATTR_ADDRESS, ip4(addr))
      msg.nestEnd(one)
    }
    msg.nestEnd(list)
  }

t.test('ends join a group and leave it, and listeners hear of each', async (t) => {
  const h = new MdbHost()
  t.equal(h.add(G, '10.0.0.1').error, 0)
  t.equal(h.add(G, '10.0.0.2').error, 0)
  t.same(h.table(), ['239.1.1.1,* > 10.0.0.2 10.0.0.1'])
  t.match(h.add(G, '10.0.0.1'), { error: -17, msg: 'vxlan: Replace not specified and MDB remote entry already exists' })
  t.equal(h.del(G, '10.0.0.2').error, 0)
  t.equal(h.del(G, '10.0.0.1').error, 0)
  t.same(h.table(), [])
  t.same(h.told(), ['NEW 239.1.1.1', 'NEW 239.1.1.1', 'DEL 239.1.1.1', 'DEL 239.1.1.1'])
  t.match(h.del(G, '10.0.0.1'), { error: -2, msg: 'vxlan: Did not find MDB entry' })
})

t.test('sources have entries of their own, blocked where they are excluded; a replacement takes those not named', async (t) => {
  const h = new MdbHost()
  t.equal(h.add(G, '10.0.0.1', sources(0, '192.0.2.1', '192.0.2.2')).error, 0)
  t.same(h.table(), ['239.1.1.1,192.0.2.2 > !10.0.0.1', '239.1.1.1,192.0.2.1 > !10.0.0.1', '239.1.1.1,* > 10.0.0.1'])
  t.equal(h.add(G, '10.0.0.1', sources(1, '192.0.2.2'), NLM_F_CREATE | NLM_F_REPLACE).error, 0)
  t.same(h.table(), ['239.1.1.1,192.0.2.2 > 10.0.0.1', '239.1.1.1,* > 10.0.0.1'])
  h.told()
  t.equal(h.del(G, '10.0.0.1').error, 0)
  t.same(h.told(), ['DEL 239.1.1.1', 'DEL 239.1.1.1'], 'the source goes with it')
})

t.test('what Linux refuses', async (t) => {
  const h = new MdbHost()
  const put = (fill: Fill) => h.add(G, '10.0.0.1', fill)
  t.match(h.ask(RTM_NEWMDB, G, NLM_F_CREATE), { error: -22, msg: 'vxlan: Missing MDBA_SET_ENTRY_ATTRS attribute' })
  t.match(
    h.ask(RTM_NEWMDB, G, NLM_F_CREATE, () => {}),
    { error: -22, msg: 'vxlan: Missing remote destination IP address' },
  )
  t.match(
    h.ask(RTM_NEWMDB, G, NLM_F_CREATE, () => {}, 0),
    { error: -22, msg: 'vxlan: MDB entry must be permanent' },
  )
  t.match(
    put((msg) => msg.put(B.MDBE_ATTR_SOURCE, ip4('0.0.0.0'))),
    { msg: 'vxlan: IPv4 all-zeros source address is not allowed' },
  )
  t.match(
    put((msg) => msg.put(B.MDBE_ATTR_GROUP_MODE, 1)),
    { msg: 'vxlan: Cannot add (*, G) INCLUDE with an empty source list' },
  )
  t.match(
    put((msg) => msg.put(B.MDBE_ATTR_IFINDEX, 99)),
    { msg: 'vxlan: Outgoing interface not found' },
  )
  t.match(put(sources(0, '239.0.0.1')), { msg: 'vxlan: IPv4 multicast source address is not allowed' })
  t.same(h.table(), [])
})

t.test('a flush takes the ends that fit, a dump shows a device without groups too', async (t) => {
  const h = new MdbHost()
  h.add(G, '10.0.0.1', (msg) => msg.put(B.MDBE_ATTR_RTPROT, 17))
  h.add('239.1.1.2', '10.0.0.2')
  t.equal(h.ask(RTM_DELMDB, '0.0.0.0', NLM_F_BULK, (msg) => msg.put(B.MDBE_ATTR_RTPROT, 17)).error, 0)
  t.same(h.table(), ['239.1.1.2,* > 10.0.0.2'])
  const dump = () =>
    h.client
      .request(RTM_GETMDB, NLM_F_REQUEST | NLM_F_DUMP, unhex('0700000000000000'))
      .filter((m) => m.type === RTM_NEWMDB)
      .map((m) => get16(m.bytes, 24))
  t.same(dump(), [4 + 4 + 4 + 28 + 8 + 8 + 8 + 8])
  t.equal(h.ask(RTM_DELMDB, '0.0.0.0', NLM_F_BULK).error, 0)
  t.same(dump(), [4], 'an empty nest')
})

t.test('frames of a group go to the ends that want it, link-local ones to all', async (t) => {
  const h = new MdbHost()
  /** There is no route to any end, so each that is chosen counts as an error. */
  const sent = (dst: string, src = '192.0.2.7') => {
    const ip = `450000140000000040110000${hex(ip4(src))}${hex(ip4(dst))}`
    const bytes = unhex(`01005e0101010200000000770800${ip}`)
    const skb = dev_alloc_skb(h.device('vx'), bytes.length)
    skb.buf.set(bytes, skb_put(skb, bytes.length))
    skb.protocol = 0x0800
    const { tx_carrier_errors = 0 } = h.device('vx').stats
    dev_queue_xmit(skb)
    h.advance(0)
    return (h.device('vx').stats.tx_carrier_errors ?? 0) - tx_carrier_errors
  }
  h.add('0.0.0.0', '10.0.0.9')
  h.add(G, '10.0.0.1')
  h.add(G, '10.0.0.2', sources(0, '192.0.2.1'))
  t.equal(sent(G), 2)
  t.equal(sent(G, '192.0.2.1'), 0, 'the one end of (S, G) has blocked it')
  t.equal(sent('239.9.9.9'), 1, 'those who want all groups')
  t.equal(sent('224.0.0.5'), 0, 'as other frames without an entry')
})
