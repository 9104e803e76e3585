/** Packets of VRFs, as 6.12 counts them (oracle/golden/150-vrf-packets.json). */
import t from 'tap'
import { IFLA_VRF_TABLE } from '../../../src/uapi/linux/if_link_stacked.ts'
import { IPV4_DEVCONF_FORWARDING } from '../../../src/uapi/linux/ip.ts'
import { DEVCONF_FORWARDING } from '../../../src/uapi/linux/ipv6.ts'
import { sys_bind, sys_close, sys_connect, sys_recvmsg, sys_sendmsg, sys_setsockopt, sys_socket } from '../../../src/syscalls/syscalls.ts'
import { isErrno } from '../../../src/uapi/errno.ts'
import { AF_INET, AF_INET6, SO_BINDTODEVICE, SOCK_DGRAM, SOCK_RAW } from '../../../src/uapi/linux/socket.ts'
import { IPV6_UNICAST_IF } from '../../../src/uapi/linux/in6.ts'
import { ip, TunnelPair } from './tunnelPair.ts'

/** va is a port of red, wa of blue; b has both other ends, each with a route to the other's network. */
function vrfs(): TunnelPair {
  const h = new TunnelPair()
  h.wire('wa', 'wb', 2)
  h.link('a', 'vrf', 'red', (msg) => msg.put(IFLA_VRF_TABLE, 100))
  h.link('a', 'vrf', 'blue', (msg) => msg.put(IFLA_VRF_TABLE, 200))
  for (const [port, master] of [
    ['va', 'red'],
    ['wa', 'blue'],
  ]) {
    h.up('a', master)
    h.master('a', port, master)
  }
  for (const [side, name, address] of [
    ['a', 'va', '10.1.0.1/24'],
    ['a', 'wa', '10.2.0.1/24'],
    ['a', 'red', '10.9.0.1/32'],
    ['b', 'vb', '10.1.0.2/24'],
    ['a', 'va', '2001:db8:1::1/64'],
    ['a', 'wa', '2001:db8:2::1/64'],
    ['b', 'vb', '2001:db8:1::2/64'],
  ] as const)
    h.addr(side, name, address)
  h.route('b', '10.0.0.0/8', undefined, { via: '10.1.0.1' })
  h.route('b', '2001:db8::/32', undefined, { via: '2001:db8:1::1' })
  const { ipv4, ipv6 } = h.nets.a
  for (const name of ['va', 'wa', 'red', 'blue']) h.device('a', name).ip_ptr?.cnf.set(IPV4_DEVCONF_FORWARDING, 1)
  ipv4.devconf_all.set(IPV4_DEVCONF_FORWARDING, 1)
  ipv6.devconf_all.set(DEVCONF_FORWARDING, 1)
  h.advance(3e9)
  return h
}

t.test('through a port: nothing is sent on the VRF itself, what comes back is its own', async (t) => {
  const h = vrfs()
  t.equal(h.ping('a', '10.1.0.2', { bind: 'red' }), 'reply ttl=64')
  t.equal(h.ping('a', '10.1.0.2', { bind: 'va' }), 'reply ttl=64', 'a socket of the port hears it too')
  t.equal(h.ping('a', '10.1.0.2'), 'ENETUNREACH')
  t.equal(h.stats('a', 'red'), 'rx 2/168 tx 0/0')
  t.equal(h.ping('a', '2001:db8:1::2', { bind: 'red' }), 'reply')
  t.equal(h.stats('a', 'red'), 'rx 3/272 tx 0/0')
})
t.test('its own addresses: sent on it, and received, with a link header', async (t) => {
  const h = vrfs()
  for (const to of ['10.1.0.1', '10.9.0.1']) t.equal(h.ping('a', to, { bind: 'red' }), 'reply ttl=64')
  t.equal(h.stats('a', 'red'), 'rx 4/392 tx 4/392')
  t.equal(h.ping('a', '10.1.0.1', { bind: 'va' }), 'reply ttl=64', 'by a socket of the port that has it')
  t.equal(h.ping('a', '2001:db8:1::1', { bind: 'red' }), 'reply')
  t.equal(h.stats('a', 'red'), 'rx 8/824 tx 8/824')
})
t.test('asked from outside: each address of the VRF answers, link-local ones of the port too', async (t) => {
  const h = vrfs()
  for (const to of ['10.1.0.1', '10.9.0.1']) t.equal(h.ping('b', to), 'reply ttl=64')
  t.equal(h.ping('b', '2001:db8:1::1'), 'reply')
  t.equal(h.ping('b', 'fe80::0:ff:fe00:10a', { bind: 'vb' }), 'reply')
})
t.test('another VRF is out of reach, until routes lead there', async (t) => {
  const h = vrfs()
  t.equal(h.ping('b', '10.2.0.1'), 'error 3/0 from 10.1.0.1')
  h.route('a', '10.2.0.0/24', 'blue', { table: 100 })
  h.route('a', '10.1.0.0/24', 'red', { table: 200 })
  h.route('a', '2001:db8:2::/64', 'blue', { table: 100 })
  h.route('a', '2001:db8:1::/64', 'red', { table: 200 })
  t.equal(h.ping('b', '10.2.0.1'), 'reply ttl=64')
  t.equal(h.stats('a', 'blue'), 'rx 1/98 tx 1/98')
  t.equal(h.ping('b', '2001:db8:2::1'), 'reply')
  t.equal(h.stats('a', 'blue'), 'rx 2/216 tx 2/216')
})
t.test('sent into a VRF that has no way: it is dropped', async (t) => {
  const h = vrfs()
  h.route('a', '10.1.0.0/24', 'red')
  t.equal(h.ping('a', '10.1.0.2'), 'reply ttl=64', 'by the table of the VRF')
  h.route('a', '10.7.0.0/24', 'red')
  t.equal(h.ping('a', '10.7.0.2'), 'lost', 'its table has none, main leads back into it')
  t.equal(h.stats('a', 'red'), 'rx 2/182 tx 2/196')
})

t.test('an address of the VRF is for sockets that are bound to it or to a port of it', async (t) => {
  const h = vrfs()
  const { task } = h.clients.a
  const bind = (device: string, address: string, type = SOCK_DGRAM, proto = 0): string | undefined => {
    const v6 = address.includes(':')
    const sock = sys_socket(task, v6 ? AF_INET6 : AF_INET, type, proto)
    if (isErrno(sock)) throw sock
    if (device !== '') sys_setsockopt(task, sock, 1, SO_BINDTODEVICE, new TextEncoder().encode(`${device}\0`))
    const name = new Uint8Array(v6 ? 28 : 16)
    name[0] = v6 ? AF_INET6 : AF_INET
    if (v6) name.set([0xff, 0xff, ...ip(address.slice('::ffff:'.length))], 18)
    else name.set(ip(address), 4)
    const error = sys_bind(task, sock, name)
    sys_close(sock)
    return isErrno(error) ? error.name : undefined
  }
  for (const address of ['10.9.0.1', '10.1.0.1', '::ffff:10.1.0.1']) {
    t.equal(bind('red', address), undefined)
    t.equal(bind('va', address), undefined)
    t.equal(bind('blue', address), 'EADDRNOTAVAIL')
    t.equal(bind('', address), 'EADDRNOTAVAIL')
  }
  t.equal(bind('red', '10.9.0.1', SOCK_RAW, 1), undefined)
  t.equal(bind('', '10.9.0.1', SOCK_RAW, 1), 'EADDRNOTAVAIL')
  t.equal(bind('red', '224.0.0.1', SOCK_RAW, 1), undefined)
})
t.test('a VRF is on no link: neither groups nor link-local addresses are reached through it', async (t) => {
  const h = vrfs()
  t.not(h.ping('a', 'ff02::1', { bind: 'red' }), 'reply')
  t.not(h.ping('a', 'fe80::99', { bind: 'red' }), 'reply')
  t.equal(h.ping('a', 'ff02::1', { bind: 'va' }), 'reply')
})
t.test('what is sent to an own address comes in on the device that has it, also for sockets that are bound to that one', async (t) => {
  const h = new TunnelPair()
  h.addr('a', 'va', '10.1.0.1/24')
  const { task } = h.clients.a
  const udp = (device: string, options: [number, number, number][] = []) => {
    const sock = sys_socket(task, AF_INET, SOCK_DGRAM, 0)
    if (isErrno(sock)) throw sock
    if (device !== '') sys_setsockopt(task, sock, 1, SO_BINDTODEVICE, new TextEncoder().encode(`${device}\0`))
    for (const [level, name, value] of options) sys_setsockopt(task, sock, level, name, Uint8Array.of(value, 0, 0, 0))
    return sock
  }
  for (const device of ['', 'va']) {
    const server = udp(device, [[0, 8, 1]])
    const name = Uint8Array.of(2, 0, 0x30, 0x39, 10, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)
    t.notOk(isErrno(sys_bind(task, server, name)))
    const client = udp('')
    t.notOk(isErrno(sys_sendmsg(task, client, { data: Uint8Array.of(1), name, flags: 0 })))
    h.advance(1e6)
    const got = sys_recvmsg(task, server, { size: 10, controlSize: 100, flags: 0x40 })
    if (isErrno(got)) throw got
    t.equal(got.control?.[16], h.device('a', 'va').ifindex, 'IP_PKTINFO')
    for (const sock of [client, server]) sys_close(sock)
  }
})
t.test('a port that nobody has, of an address of the VRF: who asked through the VRF hears of it', async (t) => {
  const h = vrfs()
  const { task } = h.clients.a
  for (const address of ['10.9.0.1', '10.1.0.1']) {
    const sock = sys_socket(task, AF_INET, SOCK_DGRAM, 0)
    if (isErrno(sock)) throw sock
    sys_setsockopt(task, sock, 1, SO_BINDTODEVICE, new TextEncoder().encode('red\0'))
    const name = Uint8Array.of(2, 0, 0x30, 0x39, ...ip(address), 0, 0, 0, 0, 0, 0, 0, 0)
    t.notOk(isErrno(sys_connect(task, sock, name)))
    t.notOk(isErrno(sys_sendmsg(task, sock, { data: Uint8Array.of(1), flags: 0 })))
    h.advance(1e6)
    const got = sys_recvmsg(task, sock, { size: 10, controlSize: 0, flags: 0x40 })
    t.equal(isErrno(got) && got.name, 'ECONNREFUSED')
    sys_close(sock)
  }
})
t.test('the same of IPv6: bound to the device that has the address, errors through the VRF, and the device asked for alone', async (t) => {
  const h = vrfs()
  const { task } = h.clients.a
  const open = (device: string) => {
    const sock = sys_socket(task, AF_INET6, SOCK_DGRAM, 0)
    if (isErrno(sock)) throw sock
    sys_setsockopt(task, sock, 1, SO_BINDTODEVICE, new TextEncoder().encode(`${device}\0`))
    return sock
  }
  const name = Uint8Array.of(10, 0, 0x30, 0x39, 0, 0, 0, 0, ...ip('2001:db8:1::1'), 0, 0, 0, 0)
  for (const [server, client] of [
    ['va', 'va'],
    ['red', 'red'],
    ['red', 'va'],
  ]) {
    const [to, from] = [open(server), open(client)]
    t.notOk(isErrno(sys_bind(task, to, name)))
    t.notOk(isErrno(sys_sendmsg(task, from, { data: Uint8Array.of(1), name, flags: 0 })))
    h.advance(1e6)
    t.notOk(isErrno(sys_recvmsg(task, to, { size: 10, controlSize: 0, flags: 0x40 })), `${client} to ${server}`)
    for (const sock of [to, from]) sys_close(sock)
  }
  const sock = open('red')
  t.notOk(isErrno(sys_connect(task, sock, name)))
  t.notOk(isErrno(sys_sendmsg(task, sock, { data: Uint8Array.of(1), flags: 0 })))
  h.advance(1e6)
  const got = sys_recvmsg(task, sock, { size: 10, controlSize: 0, flags: 0x40 })
  t.equal(isErrno(got) && got.name, 'ECONNREFUSED')
  const plain = open('')
  sys_setsockopt(task, plain, 41, IPV6_UNICAST_IF, Uint8Array.of(0, 0, 0, h.device('a', 'va').ifindex))
  const own = Uint8Array.of(10, 0, 0x30, 0x39, 0, 0, 0, 0, ...ip('::1'), 0, 0, 0, 0)
  const sent = sys_sendmsg(task, plain, { data: Uint8Array.of(1), name: own, flags: 0 })
  t.equal(isErrno(sent) && sent.name, 'EADDRNOTAVAIL', 'IPV6_UNICAST_IF: the VRF of that device has no such address')
})

t.test('an address and a port of a VRF may be asked for with a datagram', async (t) => {
  const h = vrfs()
  const { task } = h.clients.a
  const pktinfo = (name: string, address: string) => {
    const control = new Uint8Array(40)
    control.set([36, 0, 0, 0, 0, 0, 0, 0, 41, 0, 0, 0, 50, 0, 0, 0])
    control.set(ip(address), 16)
    control[32] = h.device('a', name).ifindex
    return control
  }
  const name = Uint8Array.of(10, 0, 0x30, 0x39, 0, 0, 0, 0, ...ip('2001:db8:1::2'), 0, 0, 0, 0)
  for (const [device, port, address, error] of [
    ['', 'va', '2001:db8:1::1', false],
    ['red', 'va', '2001:db8:1::1', false],
    ['', 'wa', '2001:db8:1::1', 'EINVAL'],
    ['red', 'wa', '2001:db8:2::1', 'EINVAL'],
  ] as const) {
    const sock = sys_socket(task, AF_INET6, SOCK_DGRAM, 0)
    if (isErrno(sock)) throw sock
    sys_setsockopt(task, sock, 1, SO_BINDTODEVICE, new TextEncoder().encode(`${device}\0`))
    const sent = sys_sendmsg(task, sock, { data: Uint8Array.of(1), name, control: pktinfo(port, address), flags: 0 })
    t.equal(isErrno(sent) && sent.name, error, `bound to ${device || 'none'}, by ${port}`)
    sys_close(sock)
  }
})

t.test('a link-local address says by which port, also where the socket is bound to the VRF', async (t) => {
  const h = vrfs()
  const { task } = h.clients.a
  const sock = sys_socket(task, AF_INET6, SOCK_DGRAM, 0)
  if (isErrno(sock)) throw sock
  sys_setsockopt(task, sock, 1, SO_BINDTODEVICE, new TextEncoder().encode('red\0'))
  const name = Uint8Array.of(10, 0, 0x30, 0x39, 0, 0, 0, 0, ...ip('fe80::99'), h.device('a', 'va').ifindex, 0, 0, 0)
  t.notOk(isErrno(sys_sendmsg(task, sock, { data: Uint8Array.of(1), name, flags: 0 })))
})
