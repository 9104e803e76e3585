/** What ICMP says of destinations: smaller paths (RFC 1191) and nearer gateways (RFC 792), believed for a while. */
import t from 'tap'
import { putBe16, putBe32 } from '../../../src/lib/bytes.ts'
import { dev_set_mtu } from '../../../src/net/core/dev_config.ts'
import type { net_device } from '../../../src/net/core/netdevice.ts'
import { flowi4 } from '../../../src/net/ipv4/fib_lookup.ts'
import { ip_dst_mtu } from '../../../src/net/ipv4/ip_output.ts'
import { ip_route_output_key } from '../../../src/net/ipv4/route.ts'
import { fnhe_genid_bump, update_or_create_fnhe } from '../../../src/net/ipv4/route_exception.ts'
import { sys_socket } from '../../../src/syscalls/syscalls.ts'
import { isErrno } from '../../../src/uapi/errno.ts'
import { ipv4_text } from '../../../src/uapi/linux/in.ts'
import { RTM_NEWROUTE, rtmsg } from '../../../src/uapi/linux/rtnetlink.ts'
import { root } from '../../fs/support.ts'
import { ipv4, NeighbourHost } from '../core/neighbourHost.ts'
import { concat, nla } from '../core/rtnetlink_client.ts'
import { internet_checksum, send } from '../ipv6/ndFrames.ts'

const US = '10.0.0.1'
const FAR = '10.9.0.5'
const THEM = [2, 0, 0, 0, 0, 0x77]
const number = (text: string) => text.split('.').reduce((n, part) => n * 256 + Number(part), 0)
const bytes4 = (text: string) => [...ipv4(text)]

/** d0 has 10.0.0.1/24 and a route to 10.9.0.0/24 by 10.0.0.9; a program has sent echoes there. */
function host() {
  const h = new NeighbourHost()
  const { d0, kernel } = h
  const net = kernel.init_net
  const d1 = net.dev_name_head.get('d1') as net_device
  const header = rtmsg.encode({ rtm_family: 2, rtm_dst_len: 24, rtm_table: 254, rtm_protocol: 3, rtm_type: 1 })
  t.same(h.client.ack(RTM_NEWROUTE, 0x600, concat(header, nla(1, ipv4('10.9.0.0')), nla(5, ipv4('10.0.0.9')))).error, 0)
  sys_socket(root(kernel), 2, 3, 1)
  const way = () => {
    const rt = ip_route_output_key(net, new flowi4(number(FAR)))
    if (isErrno(rt)) throw new Error(rt.name)
    return { gw: ipv4_text(rt.rt_gw4), mtu: ip_dst_mtu(net, rt), locked: rt.fnhe?.fnhe_mtu_locked ?? false }
  }
  const mac = [...d0.dev_addr.subarray(0, 6)]
  /** An error from the gateway about an echo of ours. */
  const error = (type: number, code: number, info: number) => {
    const inner = packet(US, FAR, [8, 0, 0xf7, 0xff, 0, 0, 0, 0])
    const b = Uint8Array.from([type, code, 0, 0, 0, 0, 0, 0, ...inner])
    putBe32(b, 4, info)
    putBe16(b, 2, internet_checksum([...b]))
    send(d1, [...mac, ...THEM, 8, 0, ...packet('10.0.0.9', US, [...b])])
  }
  const arp_reply = (from: string) =>
    send(d1, [...mac, ...THEM, 8, 6, 0, 1, 8, 0, 6, 4, 0, 2, ...THEM, ...bytes4(from), ...mac, ...bytes4(US)])
  return { h, net, way, error, arp_reply }
}
function packet(src: string, dst: string, payload: number[]): number[] {
  const b = Uint8Array.from([0x45, 0, 0, 0, 0, 1, 0, 0, 64, 1, 0, 0, ...bytes4(src), ...bytes4(dst)])
  putBe16(b, 2, 20 + payload.length)
  putBe16(b, 10, internet_checksum([...b]))
  return [...b, ...payload]
}

t.test('a smaller path is known until mtu_expires; what is larger is no news', async (t) => {
  const { h, net, way, error } = host()
  error(3, 4, 1300)
  t.equal(way().mtu, 1300)
  error(3, 4, 1400)
  t.equal(way().mtu, 1300)
  t.equal(ip_dst_mtu(net, ip_route_output_key(net, new flowi4(number('10.9.0.6'))) as never), 1500, 'of others nothing is known')
  h.after(601_000)
  t.equal(way().mtu, 1500)
})
t.test('one smaller than min_pmtu is not believed: packets may be split from then on', async (t) => {
  const { net, way, error } = host()
  error(3, 4, 100)
  t.same(way(), { gw: '10.0.0.9', mtu: 552, locked: true })
  fnhe_genid_bump(net)
  t.same(way(), { gw: '10.0.0.9', mtu: 1500, locked: false }, 'a flush forgets it')
})
t.test('what is locked is not told anew', async (t) => {
  const { way, error } = host()
  error(3, 4, 100)
  error(3, 4, 540)
  t.equal(way().mtu, 552)
  error(3, 4, 1000)
  t.same(way(), { gw: '10.0.0.9', mtu: 552, locked: true })
})
t.test('the MTU of the device changes: what is more, or was its own, follows, up and down', async (t) => {
  const { h, way, error } = host()
  const { d0 } = h
  error(3, 4, 1300)
  way()
  t.equal(dev_set_mtu(d0, 1400), undefined)
  t.equal(way().mtu, 1300)
  dev_set_mtu(d0, 1200)
  t.equal(way().mtu, 1200)
  dev_set_mtu(d0, 1500)
  t.equal(way().mtu, 1500)
})
t.test('of too many the one that was used last longest ago gives way', async (t) => {
  const { net, way, error } = host()
  error(3, 4, 1300)
  const rt = ip_route_output_key(net, new flowi4(number(FAR)))
  const nhc = isErrno(rt) ? undefined : rt.res?.nh
  if (nhc === undefined) throw new Error('no next hop')
  const news = { gw: 0, pmtu: 1000, lock: false, expires: 1e9 }
  for (let i = 0; i < 2048 * 5; i++) update_or_create_fnhe(net, nhc, number('10.9.1.0') + i, news)
  t.equal(way().mtu, 1500)
})
t.test('ip_no_pmtu_disc: nothing is learned', async (t) => {
  const { net, way, error } = host()
  net.ipv4.kept_sysctls.ip_no_pmtu_disc = 2
  error(3, 4, 1300)
  t.equal(way().mtu, 1500)
})
t.test('a redirect of the gateway is believed once the new one answers; of others, or to strangers, not', async (t) => {
  const { h, way, error, arp_reply } = host()
  error(5, 1, number('10.0.0.10'))
  t.equal(way().gw, '10.0.0.9', 'it is asked for first')
  arp_reply('10.0.0.10')
  error(5, 1, number('10.0.0.10'))
  t.equal(way().gw, '10.0.0.10')
  error(5, 1, number('224.0.0.1'))
  t.equal(way().gw, '10.0.0.10')
  h.after(301_000)
  t.equal(way().gw, '10.0.0.9', 'and forgotten after gc_timeout')
})
