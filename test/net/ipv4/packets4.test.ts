/** ARP, ICMP, pieces and IGMP over a pair of devices in one host, each end heard on the wire. */
import t from 'tap'
import { getBe16, putBe16 } from '../../../src/lib/bytes.ts'
import { dev_get_stats } from '../../../src/net/core/dev.ts'
import type { net_device } from '../../../src/net/core/netdevice.ts'
import { __neigh_lookup_noref } from '../../../src/net/core/neighbour_table.ts'
import { skb_bytes } from '../../../src/net/core/skbuff.ts'
import { arp_tbl } from '../../../src/net/ipv4/arp.ts'
import { ip_mc_dec_group, ip_mc_inc_group } from '../../../src/net/ipv4/igmp.ts'
import { sys_recvmsg, sys_sendmsg, sys_setsockopt, sys_socket } from '../../../src/syscalls/syscalls.ts'
import { isErrno } from '../../../src/uapi/errno.ts'
import { IPV4_DEVCONF_ARP_IGNORE, IPV4_DEVCONF_FORWARDING } from '../../../src/uapi/linux/ip.ts'
import { root } from '../../fs/support.ts'
import { ipv4, NeighbourHost, state_name } from '../core/neighbourHost.ts'
import { listen } from '../core/packets.ts'
import { internet_checksum, send } from '../ipv6/ndFrames.ts'

const US = '10.0.0.1'
const THEM = [2, 0, 0, 0, 0, 0x77]
const ALL = [255, 255, 255, 255, 255, 255]
const ZERO = [0, 0, 0, 0, 0, 0]
const bytes4 = (text: string) => [...ipv4(text)]

/** d0 has 10.0.0.1/24; d1 is the wire, on which frames are made by hand and heard. */
function host() {
  const h = new NeighbourHost()
  const d1 = h.kernel.init_net.dev_name_head.get('d1') as net_device
  return { h, d0: h.d0, d1, kernel: h.kernel }
}
function arp(op: number, sha: number[], sip: string, tha: number[], tip: string, dest = ALL): number[] {
  return [...dest, ...sha, 8, 6, 0, 1, 8, 0, 6, 4, 0, op, ...sha, ...bytes4(sip), ...tha, ...bytes4(tip)]
}
function known(d0: net_device, addr: string): string {
  const n = __neigh_lookup_noref(arp_tbl(d0.nd_net.kernel), ipv4(addr), d0)
  return n === undefined ? 'none' : state_name(n.nud_state)
}
function ip_packet(
  dest: number[],
  src: string,
  dst: string,
  proto: number,
  payload: number[],
  { ttl = 64, id = 1, frag = 0 } = {},
): number[] {
  const header = [0x45, 0, 0, 0, id >> 8, id & 255, frag >> 8, frag & 255, ttl, proto, 0, 0, ...bytes4(src), ...bytes4(dst)]
  const b = Uint8Array.from(header)
  putBe16(b, 2, 20 + payload.length)
  putBe16(b, 10, internet_checksum([...b]))
  return [...dest, ...THEM, 8, 0, ...b, ...payload]
}
function echo(data: number[]): number[] {
  const message = [8, 0, 0, 0, 0x12, 0x34, 0, 1, ...data]
  const sum = internet_checksum(message)
  return [8, 0, sum >> 8, sum & 255, ...message.slice(4)]
}
const mac = (dev: net_device) => [...dev.dev_addr.subarray(0, 6)]

t.test('ARP: a request for our address is answered and its sender noted; for another it is not', async (t) => {
  const { d0, d1, kernel } = host()
  const log = listen(kernel, d1, 0x0806)
  send(d1, arp(1, THEM, '10.0.0.9', ZERO, US))
  t.same([...skb_bytes(log.skbs[0])].slice(6), [0, 2, ...mac(d0), ...bytes4(US), ...THEM, ...bytes4('10.0.0.9')])
  t.equal(known(d0, '10.0.0.9'), 'STALE')
  send(d1, arp(1, THEM, '10.0.0.8', ZERO, '10.0.0.200'))
  t.equal(log.skbs.length, 1)
  t.equal(known(d0, '10.0.0.8'), 'none')
})
t.test('ARP: a probe (RFC 5227) is answered without noting anybody; arp_ignore answers nothing', async (t) => {
  const { d0, d1, kernel } = host()
  const log = listen(kernel, d1, 0x0806)
  send(d1, arp(1, THEM, '0.0.0.0', ZERO, US))
  t.equal(log.skbs.length, 1)
  d0.ip_ptr?.cnf.set(IPV4_DEVCONF_ARP_IGNORE, 8)
  send(d1, arp(1, THEM, '10.0.0.9', ZERO, US))
  t.equal(log.skbs.length, 1)
})
t.test('ARP: an answer makes a neighbour reachable, and what waited goes to it', async (t) => {
  const { h, d0, d1, kernel } = host()
  const task = root(kernel)
  const sock = sys_socket(task, 2, 3, 1)
  if (isErrno(sock)) throw new Error(sock.name)
  const name = Uint8Array.of(2, 0, 0, 0, ...bytes4('10.0.0.9'), 0, 0, 0, 0, 0, 0, 0, 0)
  t.equal(sys_sendmsg(task, sock, { data: Uint8Array.from(echo([])), name, flags: 0 }), 8)
  t.equal(known(d0, '10.0.0.9'), 'INCOMPLETE')
  const log = listen(kernel, d1, 0x0800)
  send(d1, arp(2, THEM, '10.0.0.9', mac(d0), US, mac(d0)))
  t.equal(known(d0, '10.0.0.9'), 'REACHABLE')
  h.after(0)
  // the other end is not the address that the frame is for: it is heard all the same
  t.equal(log.skbs.length, 1)
})

t.test('ICMP: an echo is answered from the address that was asked, with its data', async (t) => {
  const { d0, d1, kernel } = host()
  send(d1, arp(1, THEM, '10.0.0.9', ZERO, US))
  const log = listen(kernel, d1, 0x0800)
  send(d1, ip_packet(mac(d0), '10.0.0.9', US, 1, echo([1, 2, 3, 4])))
  const reply = skb_bytes(log.skbs[0])
  t.same([...reply.subarray(12, 20)], [...bytes4(US), ...bytes4('10.0.0.9')])
  t.same([reply[20], ...reply.subarray(24, 32)], [0, 0x12, 0x34, 0, 1, 1, 2, 3, 4])
  t.equal(internet_checksum([...reply.subarray(0, 20)]), 0, 'header')
  t.equal(internet_checksum([...reply.subarray(20)]), 0, 'message')
})
t.test('ICMP: a protocol that nobody has is told of; a broken packet is not', async (t) => {
  const { d0, d1, kernel } = host()
  send(d1, arp(1, THEM, '10.0.0.9', ZERO, US))
  const log = listen(kernel, d1, 0x0800)
  send(d1, ip_packet(mac(d0), '10.0.0.9', US, 99, [1, 2, 3, 4, 5, 6, 7, 8]))
  t.same([...skb_bytes(log.skbs[0]).subarray(20, 22)], [3, 2], 'protocol unreachable')
  const broken = ip_packet(mac(d0), '10.0.0.9', US, 99, [1, 2, 3, 4])
  broken[24] ^= 1
  send(d1, broken)
  t.equal(log.skbs.length, 1)
})
t.test('a packet in pieces is whole for its protocol, whatever their order', async (t) => {
  const { d0, d1, kernel } = host()
  send(d1, arp(1, THEM, '10.0.0.9', ZERO, US))
  const log = listen(kernel, d1, 0x0800)
  const whole = echo(Array.from({ length: 32 }, (_, i) => i))
  send(d1, ip_packet(mac(d0), '10.0.0.9', US, 1, whole.slice(16), { id: 7, frag: 2 }))
  t.equal(log.skbs.length, 0)
  send(d1, ip_packet(mac(d0), '10.0.0.9', US, 1, whole.slice(0, 16), { id: 7, frag: 0x2000 }))
  t.equal(skb_bytes(log.skbs[0]).length, 60)
})
t.test('forwarding: the last hop is counted down, and who is out of hops is told', async (t) => {
  const { h, d0, d1, kernel } = host()
  d0.ip_ptr?.cnf.set(IPV4_DEVCONF_FORWARDING, 1)
  send(d1, arp(1, THEM, '10.0.0.9', ZERO, US))
  send(d1, arp(1, THEM, '10.0.0.10', ZERO, US))
  const log = listen(kernel, d1, 0x0800)
  send(d1, ip_packet(mac(d0), '10.0.0.9', '10.0.0.10', 17, [0, 1, 0, 2, 0, 8, 0, 0], { ttl: 5 }))
  const passed = log.skbs.map(skb_bytes).find((b) => b[9] === 17)
  t.equal(passed?.[8], 4)
  t.equal(passed && internet_checksum([...passed.subarray(0, 20)]), 0)
  // the sender has just been redirected: it hears nothing else for a second
  h.after(1000)
  log.skbs = []
  send(d1, ip_packet(mac(d0), '10.0.0.9', '10.0.0.10', 17, [0, 1, 0, 2, 0, 8, 0, 0], { ttl: 1 }))
  t.same([...skb_bytes(log.skbs[0]).subarray(20, 22)], [11, 0], 'time exceeded')
})

t.test('raw sockets of ICMP hear what their filter lets through, header and all', async (t) => {
  const { d0, d1, kernel } = host()
  const task = root(kernel)
  const sock = sys_socket(task, 2, 3, 1)
  if (isErrno(sock)) throw new Error(sock.name)
  sys_setsockopt(task, sock, 255, 1, Uint8Array.of(0xff, 0xfe, 0xff, 0xff))
  send(d1, ip_packet(mac(d0), '10.0.0.9', US, 1, echo([9])))
  const got = sys_recvmsg(task, sock, { size: 100, controlSize: 0, flags: 0 })
  t.equal(!isErrno(got) && got.result, 29)
  t.same(!isErrno(got) && [...got.name.subarray(0, 8)], [2, 0, 0, 0, ...bytes4('10.0.0.9')])
  sys_setsockopt(task, sock, 255, 1, Uint8Array.of(0xff, 0xff, 0xff, 0xff))
  send(d1, ip_packet(mac(d0), '10.0.0.9', US, 1, echo([9])))
  t.ok(isErrno(sys_recvmsg(task, sock, { size: 100, controlSize: 0, flags: 0 })))
})

t.test('IGMP: a group that comes and goes is told twice; a query is answered', async (t) => {
  const { h, d0, d1, kernel } = host()
  h.after(5000)
  const in_dev = d0.ip_ptr as NonNullable<net_device['ip_ptr']>
  const log = listen(kernel, d1, 0x0800)
  const heard = () => {
    const lines = log.skbs
      .map(skb_bytes)
      .filter((b) => b[9] === 2)
      .map((b) => `${b[32] || b[24].toString(16)} ${[...b.subarray(36, 40)].join('.')}`)
    log.skbs = []
    return lines
  }
  ip_mc_inc_group(in_dev, 0xef010101)
  h.after(2500)
  t.same(heard(), ['4 239.1.1.1', '4 239.1.1.1'])
  const query = Uint8Array.of(0x11, 10, 0, 0, 0, 0, 0, 0, 2, 125, 0, 0)
  putBe16(query, 2, internet_checksum([...query]))
  send(d1, ip_packet([1, 0, 0x5e, 0, 0, 1], '10.0.0.9', '224.0.0.1', 2, [...query], { ttl: 1 }))
  h.after(1500)
  t.same(heard(), ['2 239.1.1.1'])
  ip_mc_dec_group(in_dev, 0xef010101)
  h.after(2500)
  t.same(heard(), ['3 239.1.1.1', '3 239.1.1.1'])
  t.ok(dev_get_stats(d0).tx_packets > 0)
  t.equal(getBe16(query, 0), 0x110a)
})
