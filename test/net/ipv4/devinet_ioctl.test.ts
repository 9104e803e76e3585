/** The ioctls of ifconfig (devinet_ioctl, inet_gifconf). */
import t from 'tap'
import { hex } from '../../../src/lib/bytes.ts'
import type { net_device } from '../../../src/net/core/netdevice.ts'
import { inet_gifconf } from '../../../src/net/ipv4/devinet_ioctl.ts'
import { IFF_POINTOPOINT, IFF_UP } from '../../../src/uapi/linux/if.ts'
import {
  SIOCGIFADDR,
  SIOCGIFBRDADDR,
  SIOCGIFDSTADDR,
  SIOCGIFNETMASK,
  SIOCSIFADDR,
  SIOCSIFBRDADDR,
  SIOCSIFDSTADDR,
  SIOCSIFFLAGS,
  SIOCSIFNETMASK,
} from '../../../src/uapi/linux/sockios.ts'
import { Ioctls } from '../core/ioctlHarness.ts'
import { in4 } from './ipv4Host.ts'

/** A sockaddr_in. */
function sin(addr: string, family = '0200'): string {
  return `${family}0000${hex(in4(addr))}0000000000000000`
}
/** The address in an answer, or the error's name. */
function get(io: Ioctls, cmd: number, name: string, from = ''): string {
  const answer = io.ifreq(cmd, name, from)
  return /^E/.test(answer) ? answer : Array.from(Buffer.from(answer.slice(8, 16), 'hex')).join('.')
}
function all(io: Ioctls, name: string): string[] {
  return [SIOCGIFADDR, SIOCGIFDSTADDR, SIOCGIFBRDADDR, SIOCGIFNETMASK].map((cmd) => get(io, cmd, name))
}
function host(): { io: Ioctls; dev: net_device; set: (cmd: number, name: string, addr: string) => string } {
  const io = new Ioctls('inet')
  const dev = io.dummy('d0')
  return { io, dev, set: (cmd, name, addr) => io.ifreq(cmd, name, sin(addr)) }
}
const ok = (answer: string) => !/^E/.test(answer)

t.test('an address gets the mask of its class; the rest can be set after it', async (t) => {
  const { io, set } = host()
  t.equal(get(io, SIOCGIFADDR, 'd0'), 'EADDRNOTAVAIL')
  t.ok(ok(set(SIOCSIFADDR, 'd0', '10.1.2.3')))
  t.same(all(io, 'd0'), ['10.1.2.3', '10.1.2.3', '10.255.255.255', '255.0.0.0'])
  set(SIOCSIFADDR, 'd0', '172.16.0.1')
  t.same(all(io, 'd0'), ['172.16.0.1', '172.16.0.1', '172.16.255.255', '255.255.0.0'])
  set(SIOCSIFADDR, 'd0', '192.168.1.1')
  t.same(all(io, 'd0'), ['192.168.1.1', '192.168.1.1', '192.168.1.255', '255.255.255.0'])
  set(SIOCSIFADDR, 'd0', '240.0.0.1')
  t.same(all(io, 'd0'), ['240.0.0.1', '240.0.0.1', '0.0.0.0', '255.255.255.255'])
  t.equal(set(SIOCSIFADDR, 'd0', '224.0.0.1'), 'EINVAL', 'class D has none')
})

t.test('a broadcast address that went with the mask follows it, a chosen one stays', async (t) => {
  const { io, set } = host()
  set(SIOCSIFADDR, 'd0', '10.0.0.1')
  t.ok(ok(set(SIOCSIFNETMASK, 'd0', '255.255.255.0')))
  t.same(all(io, 'd0'), ['10.0.0.1', '10.0.0.1', '10.0.0.255', '255.255.255.0'])
  set(SIOCSIFBRDADDR, 'd0', '10.0.0.77')
  set(SIOCSIFNETMASK, 'd0', '255.255.0.0')
  t.same(all(io, 'd0'), ['10.0.0.1', '10.0.0.1', '10.0.0.77', '255.255.0.0'])
  set(SIOCSIFDSTADDR, 'd0', '10.0.9.9')
  t.same(all(io, 'd0'), ['10.0.0.1', '10.0.9.9', '10.0.0.77', '255.255.0.0'])
  t.equal(set(SIOCSIFNETMASK, 'd0', '255.0.255.0'), 'EINVAL', 'a mask with holes')
})

t.test('aliases: labels name addresses, and taking one down deletes it', async (t) => {
  const { io, dev, set } = host()
  set(SIOCSIFADDR, 'd0', '10.0.0.1')
  set(SIOCSIFADDR, 'd0:1', '10.0.0.2')
  set(SIOCSIFADDR, 'd0:x', '172.16.0.1')
  t.equal(get(io, SIOCGIFADDR, 'd0:1'), '10.0.0.2')
  t.equal(get(io, SIOCGIFADDR, 'd0:9'), 'EADDRNOTAVAIL')
  t.equal(get(io, SIOCGIFADDR, 'nope:1'), 'ENODEV')
  t.equal(io.ifreq(SIOCSIFFLAGS, 'd0:9', '0000'), 'EADDRNOTAVAIL')
  t.ok(ok(io.ifreq(SIOCSIFFLAGS, 'd0:1', '0100')), 'with IFF_UP nothing happens')
  t.ok(ok(io.ifreq(SIOCSIFFLAGS, 'd0:1', '0000')))
  t.equal(get(io, SIOCGIFADDR, 'd0:1'), 'EADDRNOTAVAIL')
  t.ok(ok(io.ifreq(SIOCSIFFLAGS, 'd0', '4100')))
  t.ok(dev.flags & IFF_UP, 'on the device itself it is the device that goes up')
})

t.test('two addresses of one label are told apart by the address that is asked with', async (t) => {
  const { io, dev, set } = host()
  set(SIOCSIFADDR, 'd0', '10.0.0.1')
  set(SIOCSIFADDR, 'd0:1', '172.16.0.1')
  const [first] = dev.ip_ptr?.ifa_list ?? []
  first.ifa_label = 'd0:1'
  t.equal(get(io, SIOCGIFNETMASK, 'd0:1'), '255.0.0.0')
  t.equal(get(io, SIOCGIFNETMASK, 'd0:1', sin('172.16.0.1')), '255.255.0.0')
  t.equal(get(io, SIOCGIFNETMASK, 'd0:1', sin('172.16.0.1', '0a00')), '255.0.0.0', 'another family: junk')
})

t.test('who may, and what is wrong with the request', async (t) => {
  const { io, set } = host()
  set(SIOCSIFADDR, 'd0', '10.0.0.1')
  const user = io.as(1000)
  for (const cmd of [SIOCSIFADDR, SIOCSIFBRDADDR, SIOCSIFDSTADDR, SIOCSIFNETMASK, SIOCSIFFLAGS]) {
    t.equal(io.ifreq(cmd, 'd0', sin('10.0.0.9'), user), 'EPERM')
  }
  t.ok(ok(io.ifreq(SIOCGIFADDR, 'd0', '', user)))
  t.equal(io.ifreq(SIOCSIFADDR, 'd0', sin('10.0.0.9', '0a00')), 'EINVAL')
  t.equal(set(SIOCSIFADDR, 'nope', '10.0.0.9'), 'ENODEV')
  t.equal(set(SIOCSIFBRDADDR, 'd0:7', '10.0.0.9'), 'EADDRNOTAVAIL')
})

t.test('a point-to-point device has /32 and no broadcast', async (t) => {
  const { io, dev, set } = host()
  dev.flags |= IFF_POINTOPOINT
  set(SIOCSIFADDR, 'd0', '10.0.0.1')
  t.same(all(io, 'd0'), ['10.0.0.1', '10.0.0.1', '0.0.0.0', '255.255.255.255'])
})

t.test('SIOCGIFCONF: whole entries that fit', async (t) => {
  const { dev, set } = host()
  set(SIOCSIFADDR, 'd0', '10.0.0.1')
  set(SIOCSIFADDR, 'd0:1', '172.16.0.1')
  t.same([inet_gifconf(dev, 1000, 40).length, inet_gifconf(dev, 79, 40).length, inet_gifconf(dev, 39, 40).length], [80, 40, 0])
  t.equal(hex(inet_gifconf(dev, 1000, 40).subarray(40)), `64303a31${'00'.repeat(12)}${sin('172.16.0.1')}${'00'.repeat(8)}`)
})
