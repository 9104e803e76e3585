/** Options of IPv6 sockets that decide by which device packets go. */
import t from 'tap'
import { put16, put32 } from '../../../src/lib/bytes.ts'
import { __neigh_lookup_noref } from '../../../src/net/core/neighbour_table.ts'
import type { net_device } from '../../../src/net/core/netdevice.ts'
import { nd_tbl } from '../../../src/net/ipv6/ndisc.ts'
import { sys_sendmsg, sys_setsockopt, sys_socket } from '../../../src/syscalls/syscalls.ts'
import { EINVAL, isErrno } from '../../../src/uapi/errno.ts'
import { IPPROTO_ICMPV6, IPV6_PKTINFO, SOL_IPV6 } from '../../../src/uapi/linux/in6.ts'
import { SO_BINDTODEVICE, SOCK_DGRAM, SOCK_RAW, SOL_SOCKET } from '../../../src/uapi/linux/socket.ts'
import { root } from '../../fs/support.ts'
import { AF_INET6, in6, Ipv6Host } from './ipv6Host.ts'

function opened(type: number, protocol: number) {
  const h = new Ipv6Host()
  const [a, b] = h.veth('a', 'b')
  const task = root(h.kernel)
  const fd = sys_socket(task, AF_INET6, type, protocol)
  if (isErrno(fd)) throw new Error(fd.name)
  const set = (ifindex: number, size = 20) => {
    const info = new Uint8Array(20)
    put32(info, 16, ifindex)
    return sys_setsockopt(task, fd, SOL_IPV6, IPV6_PKTINFO, info.subarray(0, size))
  }
  const send = (to: string) => {
    const name = new Uint8Array(28)
    put16(name, 0, AF_INET6)
    name[3] = 9
    name.set(in6(to), 8)
    return sys_sendmsg(task, fd, { name, data: Uint8Array.of(128, 0, 0, 0, 0, 0, 0, 0), flags: 0 })
  }
  return { a, b, task, fd, set, send }
}

t.test('IPV6_PKTINFO: datagrams go by the device that it names', async (t) => {
  const { a, b, set, send } = opened(SOCK_DGRAM, 0)
  const asked = (dev: net_device, of: string) => __neigh_lookup_noref(nd_tbl(a.nd_net.kernel), in6(of), dev) !== undefined
  t.equal(set(a.ifindex, 19), EINVAL, 'too short')
  for (const [dev, other] of [
    [a, b],
    [b, a],
  ]) {
    t.equal(set(dev.ifindex), undefined)
    const peer = `fe80::${dev.ifindex}`
    t.equal(send(peer), 8)
    t.ok(asked(dev, peer), 'its link is asked who that is')
    t.notOk(asked(other, peer))
  }
})
t.test('IPV6_PKTINFO: of raw sockets it is kept, and packets go by their routes', async (t) => {
  const { a, b, set, send } = opened(SOCK_RAW, IPPROTO_ICMPV6)
  const first = () => [a, b].find((dev) => __neigh_lookup_noref(nd_tbl(a.nd_net.kernel), in6('fe80::99'), dev))
  t.equal(send('fe80::99'), 8)
  const by_route = first()
  t.equal(set(by_route === a ? b.ifindex : a.ifindex), undefined)
  t.equal(send('fe80::99'), 8)
  t.equal(first(), by_route)
})

t.test('IPV6_PKTINFO: a socket of a device has no other', async (t) => {
  const { a, b, task, fd, set } = opened(SOCK_RAW, IPPROTO_ICMPV6)
  sys_setsockopt(task, fd, SOL_SOCKET, SO_BINDTODEVICE, Uint8Array.of(97, 0))
  t.equal(set(b.ifindex), EINVAL)
  t.equal(set(a.ifindex), undefined)
})
