/** Lifetimes, temporary addresses, and how addresses follow their device, in virtual time. */
import t from 'tap'
import { dev_set_mtu } from '../../../src/net/core/dev.ts'
import { IFA_F_MANAGETEMPADDR, IFA_F_NOPREFIXROUTE } from '../../../src/uapi/linux/if_addr.ts'
import { Ipv6Host, NLM_F_REPLACE, SEC } from './ipv6Host.ts'

const A = '2001:db8::1/64'

t.test('an address is deprecated, then deleted, each told when it is due', async (t) => {
  const h = new Ipv6Host()
  const d = h.dummy('d0')
  h.add(d, A, { lft: [100, 50] })
  h.quiet()
  h.advance(48 * SEC)
  t.same(h.events(), [])
  h.advance(4 * SEC)
  t.match(h.events(), [/^\+addr \d+ 2001:db8::1\/64 deprecated lft 50 0$/])
  h.advance(46 * SEC)
  t.same(h.events(), [])
  h.advance(4 * SEC)
  t.match(h.addr_events(), [/^-addr \d+ 2001:db8::1\/64 deprecated lft/])
  t.same(h.addrs(d).length, 1, 'the link-local address stays')
})

t.test('a permanent address may stop being preferred', async (t) => {
  const h = new Ipv6Host()
  const d = h.dummy('d0')
  h.add(d, A, { lft: [0xffffffff, 10] })
  h.quiet()
  h.advance(12 * SEC)
  t.match(h.events(), [/deprecated/])
  h.advance(1000 * SEC)
  t.same(h.events(), [])
})

t.test('replace gives new lifetimes; lifetimes that make no sense are refused', async (t) => {
  const h = new Ipv6Host()
  const d = h.dummy('d0')
  h.add(d, A, { lft: [100, 50] })
  h.quiet()
  t.equal(h.add(d, A, { lft: [1000, 500], nl: NLM_F_REPLACE }).error, 0)
  t.match(h.addr_events(), [/2001:db8::1\/64 lft 1000 500/])
  h.advance(200 * SEC)
  t.same(h.addr_events(), [])
  for (const lft of [
    [0, 0],
    [10, 20],
  ] as [number, number][])
    t.equal(h.add(d, A, { lft, nl: NLM_F_REPLACE }).error, -22)
  t.equal(h.add(d, '2001:db8::2/64', { lft: [10, 20] }).msg, 'ipv6: address lifetime invalid')
})

t.test('the subnet’s route goes with the last address that needs it', async (t) => {
  const h = new Ipv6Host()
  const d = h.dummy('d0')
  h.add(d, A)
  h.add(d, '2001:db8::2/64')
  h.quiet()
  h.del(d, A)
  t.same(h.events(), [`-addr ${d.ifindex} 2001:db8::1/64`, '-route local 2001:db8::1/128'])
  h.del(d, '2001:db8::2/64')
  t.same(h.events(), [`-addr ${d.ifindex} 2001:db8::2/64`, '-route local 2001:db8::2/128', '-route unicast 2001:db8::/64'])
})

t.test('noprefixroute: no route of the subnet comes or goes', async (t) => {
  const h = new Ipv6Host()
  const d = h.dummy('d0')
  h.add(d, A, { flags: IFA_F_NOPREFIXROUTE })
  h.del(d, A)
  t.notOk(h.events().some((line) => line.includes('unicast')))
})

t.test('temporary addresses: made with the public one, renewed before their end, gone with it', async (t) => {
  const h = new Ipv6Host()
  const d = h.dummy('d0')
  h.sysctl('conf/d0/use_tempaddr', 2)
  h.sysctl('conf/d0/max_desync_factor', 0)
  h.sysctl('conf/d0/temp_prefered_lft', 100)
  h.sysctl('conf/d0/temp_valid_lft', 200)
  h.add(d, A, { flags: IFA_F_MANAGETEMPADDR })
  h.advance(0)
  const temporary = () => h.addrs(d).filter((line) => line.includes('temporary'))
  t.equal(temporary().length, 1)
  t.match(temporary()[0], /^\d+ 2001:db8::\S+\/64 temporary lft 200 100$/)
  h.advance(99 * SEC)
  t.equal(temporary().length, 2, 'a successor is there before the first one is deprecated')
  h.advance(5 * SEC)
  t.equal(temporary().filter((line) => line.includes('deprecated')).length, 1)
  t.equal(h.del(d, A, { flags: IFA_F_MANAGETEMPADDR }).error, 0)
  t.same(temporary(), [])
})

t.test('mngtmpaddr needs 64 bits of prefix', async (t) => {
  const h = new Ipv6Host()
  const d = h.dummy('d0')
  t.same(
    h.add(d, '2001:db8::1/63', { flags: IFA_F_MANAGETEMPADDR }).msg,
    'ipv6: address with "mngtmpaddr" flag must have a prefix length of 64',
  )
})

t.test('a device that goes down: routes speak first, then each address', async (t) => {
  const h = new Ipv6Host()
  const d = h.dummy('d0')
  h.add(d, A)
  h.quiet()
  h.down(d)
  t.same(h.events(), [
    '-route unicast 2001:db8::/64',
    '-route unicast fe80::/64',
    '-route local 2001:db8::1/128',
    '-route local fe80::ff:fe00:1/128',
    '-route multicast ff00::/8',
    `-addr ${d.ifindex} 2001:db8::1/64`,
    `-addr ${d.ifindex} fe80::ff:fe00:1/64 scope 253 proto 3`,
  ])
})

t.test('disable_ipv6 takes the addresses away, and refuses new ones; taken back, the link-local one returns', async (t) => {
  const h = new Ipv6Host()
  const d = h.dummy('d0')
  h.add(d, A)
  h.sysctl('conf/d0/disable_ipv6', 1)
  t.same(h.addrs(d), [])
  t.same(h.add(d, A).msg, 'ipv6: IPv6 is disabled on this device')
  h.sysctl('conf/d0/disable_ipv6', 0)
  h.advance(0)
  t.same(h.addrs(d), [`${d.ifindex} fe80::ff:fe00:1/64 scope 253 proto 3`])
})

t.test('an MTU below 1280 ends IPv6 on the device, one above begins it', async (t) => {
  const h = new Ipv6Host()
  const d = h.dummy('d0')
  dev_set_mtu(d, 1279)
  t.equal(d.ip6_ptr, undefined)
  t.ok(h.events().includes(`-netconf ${d.ifindex}`))
  t.equal(h.sysctl('conf/d0/mtu'), 'ENOENT')
  dev_set_mtu(d, 1280)
  h.advance(0)
  t.equal(h.sysctl('conf/d0/mtu'), '1280')
  t.same(h.addrs(d), [`${d.ifindex} fe80::ff:fe00:1/64 scope 253 proto 3`])
})

t.test('forwarding: groups for all routers, anycast addresses of subnets, and each device told', async (t) => {
  const h = new Ipv6Host()
  const [v0] = h.veth('v0', 'v1')
  h.add(v0, A)
  h.advance(3 * SEC)
  h.quiet()
  h.sysctl('conf/v0/forwarding', 1)
  const groups = v0.ip6_ptr?.mc_list.map(({ mca_addr }) => Buffer.from(mca_addr).toString('hex'))
  t.ok(groups?.includes('ff050000000000000000000000000002'))
  t.equal(v0.ip6_ptr?.ac_list.length, 2, 'of the subnet and of fe80::/64')
  t.ok(h.events().includes(`+netconf ${v0.ifindex} forwarding=1`))
  h.sysctl('conf/v0/forwarding', 0)
  t.same(v0.ip6_ptr?.ac_list, [])
})

t.test('loopback: ::1 while it is up', async (t) => {
  const h = new Ipv6Host()
  const lo = h.device('lo')
  h.up(lo)
  t.same(h.addrs(lo), ['1 ::1/128 scope 254 proto 1'])
  h.down(lo)
  t.same(h.addrs(lo), [])
})
