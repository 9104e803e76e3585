/** vcan, vxcan, can, vsockmon, netkit, eql and team, as `ip link` uses them. */
import t from 'tap'
import { team_of } from '../../../src/drivers/net/team/team.ts'
import { request_module } from '../../../src/kernel/kmod.ts'
import type { net_device } from '../../../src/net/core/netdevice.ts'
import { dev_get_flags, dev_get_stats, dev_queue_xmit, netif_carrier_ok } from '../../../src/net/core/dev.ts'
import { dev_alloc_skb, skb_put } from '../../../src/net/core/skbuff.ts'
import { NETLINK_GENERIC } from '../../../src/uapi/linux/netlink.ts'
import { RTM_DELLINK, RTM_NEWLINK } from '../../../src/uapi/linux/rtnetlink.ts'
import { bootHost, Client, link, nla } from '../../net/core/rtnetlink_client.ts'

const u32 = (n: number) => Uint8Array.of(n & 255, (n >> 8) & 255, (n >> 16) & 255, n >>> 24)
function host() {
  const kernel = bootHost()
  const client = new Client(kernel)
  const add = (name: string, kind: string, ...data: Uint8Array[]) =>
    client.ack(RTM_NEWLINK, 0x600, link({}, nla(3, name), nla(18, nla(1, kind), ...(data.length > 0 ? [nla(2, ...data)] : []))))
  const set = (name: string, fields: Parameters<typeof link>[0], ...attrs: Uint8Array[]) =>
    client.ack(RTM_NEWLINK, 0, link({ index: dev(name).ifindex, ...fields }, ...attrs))
  const del = (name: string) => client.ack(RTM_DELLINK, 0, link({ index: dev(name).ifindex }))
  const dev = (name: string) => kernel.init_net.dev_name_head.get(name) as net_device
  const names = () => kernel.init_net.dev_base_head.map((d) => d.name)
  return { kernel, client, add, set, del, dev, names }
}
const UP = { flags: 1, change: 1 }
const DOWN = { flags: 0, change: 1 }

t.test('vcan: a bus with the MTU of a CAN generation', async (t) => {
  const { add, set, dev } = host()
  t.equal(add('vcan0', 'vcan').error, 0)
  t.match({ ...dev('vcan0') }, { mtu: 72, type: 280, addr_len: 0 })
  t.equal(set('vcan0', {}, nla(4, u32(16))).error, 0)
  t.equal(set('vcan0', {}, nla(4, u32(100))).error, 0, 'CAN XL')
  t.equal(set('vcan0', {}, nla(4, u32(20))).error, -22)
  t.equal(set('vcan0', UP).error, 0)
  t.equal(set('vcan0', {}, nla(4, u32(72))).error, -16, 'not while it is up')
  t.equal(add('can0', 'can').error, -95, 'controllers come with hardware')
})

t.test('vxcan: pairs that have carrier while both are up, and go together', async (t) => {
  const { kernel, add, set, del, dev, names } = host()
  t.equal(add('vx0', 'vxcan', nla(1, link({}, nla(3, 'vx1')))).error, 0)
  t.same(names(), ['lo', 'vx1', 'vx0'])
  set('vx0', UP)
  t.notOk(netif_carrier_ok(dev('vx0')))
  set('vx1', UP)
  t.ok(netif_carrier_ok(dev('vx0')))
  const skb = dev_alloc_skb(dev('vx0'), 16)
  skb_put(skb, 16)
  skb.protocol = 0x0c
  dev_queue_xmit(skb)
  kernel.events.runDue()
  t.equal(dev_get_stats(dev('vx1')).rx_packets, 1)
  const wrong = dev_alloc_skb(dev('vx0'), 16)
  skb_put(wrong, 16)
  wrong.protocol = 0x0800
  dev_queue_xmit(wrong)
  t.equal(dev_get_stats(dev('vx0')).tx_dropped, 1, 'not a CAN frame')
  set('vx1', DOWN)
  t.notOk(netif_carrier_ok(dev('vx0')))
  del('vx1')
  t.same(names(), ['lo'])
})

t.test('vsockmon', async (t) => {
  const { add, set, dev } = host()
  t.equal(add('vm0', 'vsockmon').error, 0)
  t.match({ ...dev('vm0') }, { mtu: 65568, type: 826 })
  t.equal(set('vm0', {}, nla(4, u32(31))).error, -22)
})

t.test('netkit: layer 3 without addresses, layer 2 with; policies drop', async (t) => {
  const { kernel, add, set, del, dev, names } = host()
  t.equal(add('nk0', 'netkit').error, -17, 'the peer took the name first')
  t.same(names(), ['lo'])
  t.equal(add('a', 'netkit', nla(1, link({}, nla(3, 'b'))), nla(4, u32(2))).error, 0)
  t.same([...dev('a').dev_addr.slice(0, 6)], [0, 0, 0, 0, 0, 0])
  t.equal(dev('a').flags & 0x80, 0x80, 'no ARP')
  t.equal(set('a', {}, nla(1, Uint8Array.of(2, 0, 0, 0, 0, 1))).error, -95)
  set('a', UP)
  set('b', UP)
  const send = (from: string) => {
    const skb = dev_alloc_skb(dev(from), 60)
    skb_put(skb, 60)
    dev_queue_xmit(skb)
    kernel.events.runDue()
  }
  send('a')
  t.equal(dev_get_stats(dev('b')).rx_packets, 1)
  send('b')
  t.match(dev_get_stats(dev('b')), { tx_dropped: 1, tx_packets: 0 }, "the peer's policy")
  t.match(set('b', {}, nla(18, nla(1, 'netkit'), nla(2, nla(3, u32(0))))), {
    error: -13,
    msg: 'netkit link settings can be changed only through the primary device',
  })
  t.equal(set('a', {}, nla(18, nla(1, 'netkit'), nla(2, nla(4, u32(0))))).error, 0)
  send('b')
  t.equal(dev_get_stats(dev('a')).rx_packets, 1)
  t.match(set('a', {}, nla(18, nla(1, 'netkit'), nla(2, nla(5, u32(0))))), {
    error: -13,
    msg: 'netkit link operating mode cannot be changed after device creation',
  })
  t.equal(add('c', 'netkit', nla(1, link({}, nla(3, 'd'))), nla(5, u32(0))).error, 0)
  t.equal(dev('c').flags & 0x80, 0)
  t.not(dev('c').dev_addr[0], 0)
  t.match(add('e', 'netkit', nla(5, u32(7))), { error: -22, msg: 'Provided device mode can only be L2 or L3' })
  del('d')
  del('a')
  t.same(names(), ['lo'])
})

t.test('eql comes with its module', async (t) => {
  const { kernel, dev } = host()
  t.ok(request_module(kernel, 'eql'))
  t.match({ ...dev('eql') }, { mtu: 576, flags: 0x400, tx_queue_len: 5 })
})

t.test('team: ports, carrier, and what they are refused for', async (t) => {
  const { kernel, add, set, del, dev, names } = host()
  t.equal(add('team0', 'team').error, 0)
  for (const name of ['d0', 'd1']) add(name, 'dummy')
  const master = (name: string, of: string | undefined) => set(name, {}, nla(10, u32(of === undefined ? 0 : dev(of).ifindex)))
  t.notOk(netif_carrier_ok(dev('team0')))
  t.equal(master('d0', 'team0').error, 0)
  t.equal(dev_get_flags(dev('d0')) & 1, 1, 'it was opened')
  t.ok(netif_carrier_ok(dev('team0')))
  t.match(master('lo', 'team0'), { error: -22, msg: "Loopback device can't be added as a team port" })
  set('d1', UP)
  t.match(master('d1', 'team0'), { error: -16, msg: 'Device is up. Set it down before adding it as a team port' })
  t.equal(set('d0', {}, nla(4, u32(1400))).error, -1, 'the MTU is the team’s')
  t.equal(set('team0', {}, nla(4, u32(1400))).error, 0)
  t.equal(dev('d0').mtu, 1400)
  t.equal(master('d0', undefined).error, 0)
  t.notOk(netif_carrier_ok(dev('team0')))
  t.equal(dev('d0').mtu, 1500, 'as it was')
  set('d1', DOWN)
  master('d0', 'team0')
  master('d1', 'team0')
  t.same(team_of(dev('team0')).port_list.length, 2)
  del('d0')
  t.same(team_of(dev('team0')).port_list.length, 1)
  t.match(kernel.log.records.at(-1)?.text, /team0: Port device d0 removed/)
  del('team0')
  t.equal(dev_get_flags(dev('d1')) & 1, 0, 'closed')
  t.same(names(), ['lo', 'd1'])
})

t.test('team: options by generic netlink, events of changes, and modes that send', async (t) => {
  const { kernel, add, set, dev } = host()
  add('team0', 'team')
  const [family] = [...kernel.genl.families.values()].filter((f) => f.family.name === 'team')
  const genl = new Client(kernel, { protocol: NETLINK_GENERIC })
  const watcher = new Client(kernel, { protocol: NETLINK_GENERIC, groups: [family.mcgrp_offset] })
  const option = (name: string, type: number, data: Uint8Array, ...more: Uint8Array[]) => {
    const item = nla(1, nla(1, name), nla(3, Uint8Array.of(type)), nla(4, data), ...more)
    return genl.ack(family.id, 0, Buffer.concat([Uint8Array.of(1, 1, 0, 0), nla(1, u32(dev('team0').ifindex)), nla(2, item)]))
  }
  const mode = (name: string) => option('mode', 5, Buffer.from(`${name}\0`))
  t.equal(mode('nonesuch').error, -22)
  t.equal(option('nonesuch', 3, u32(1)).error, -2)
  t.equal(mode('roundrobin').error, 0)
  t.equal(mode('roundrobin').error, -22, 'the same')
  const [event, done] = watcher.receive()
  t.match([event.type, event.bytes[16], done.type], [family.id, 2, 3])
  t.match(Buffer.from(event.bytes).toString('latin1'), /mode.*roundrobin/s)
  for (const name of ['d0', 'd1']) {
    add(name, 'dummy')
    set(name, {}, nla(10, u32(dev('team0').ifindex)))
    t.same([...dev(name).dev_addr.slice(0, 6)], [...dev('team0').dev_addr.slice(0, 6)], 'the address of the team')
  }
  t.equal(mode('broadcast').error, -16, 'with ports')
  set('team0', UP)
  const sent = () => ['d0', 'd1'].map((name) => dev_get_stats(dev(name)).tx_packets)
  const send = () => {
    const skb = dev_alloc_skb(dev('team0'), 60)
    skb_put(skb, 60)
    dev_queue_xmit(skb)
    kernel.events.runDue()
  }
  const before = sent()
  for (let i = 0; i < 4; i++) send()
  t.same(
    sent().map((n, i) => n - before[i]),
    [2, 2],
    'in turn',
  )
  t.equal(option('enabled', 6, new Uint8Array(0), nla(6, u32(dev('d0').ifindex))).error, 0, 'already')
  const off = nla(1, nla(1, 'enabled'), nla(3, Uint8Array.of(6)), nla(6, u32(dev('d0').ifindex)))
  genl.ack(family.id, 0, Buffer.concat([Uint8Array.of(1, 1, 0, 0), nla(1, u32(dev('team0').ifindex)), nla(2, off)]))
  const now = sent()
  send()
  send()
  t.same(
    sent().map((n, i) => n - now[i]),
    [0, 2],
    'without the disabled one',
  )
})
