/**
 * Duplicate address detection: one test a row of the table in src/net/ipv6/addrconf_dad.ts.
 */
import t from 'tap'
import { addrconf_dad_failure } from '../../../src/net/ipv6/addrconf_dad.ts'
import * as STATE from '../../../src/net/ipv6/if_inet6.ts'
import { IFA_F_DADFAILED, IFA_F_NODAD, IFA_F_OPTIMISTIC, IFA_F_TENTATIVE } from '../../../src/uapi/linux/if_addr.ts'
import { Ipv6Host, NLM_F_CREATE, SEC } from './ipv6Host.ts'

const A = '2001:db8::1/64'
const OTHER = Uint8Array.of(2, 0, 0, 0, 0, 9)

t.test('PREDAD → DAD: a new address is told tentative, and begins when the request is over', async (t) => {
  const h = new Ipv6Host()
  const [v0] = h.veth('v0', 'v1')
  h.add(v0, A)
  t.same(
    h.events(),
    ['+route unicast 2001:db8::/64', '+addr 3 2001:db8::1/64 tentative'].map((line) => line.replace('3', String(v0.ifindex))),
  )
  t.equal(h.ifa(v0, A).state, STATE.INET6_IFADDR_STATE_DAD)
  t.ok(h.ifa(v0, A).flags & IFA_F_TENTATIVE)
})

t.test('DAD begins on a device without ARP: the address can be used at once', async (t) => {
  const h = new Ipv6Host()
  const d = h.dummy('d0')
  h.add(d, A)
  t.same(h.events(), [
    '+route unicast 2001:db8::/64',
    `+addr ${d.ifindex} 2001:db8::1/64 tentative`,
    `+addr ${d.ifindex} 2001:db8::1/64`,
    '+route local 2001:db8::1/128',
  ])
})

t.test('DAD begins with IFA_F_NODAD: told once, when it can be used', async (t) => {
  const h = new Ipv6Host()
  const [v0] = h.veth('v0', 'v1')
  h.add(v0, A, { flags: IFA_F_NODAD })
  t.same(h.events(), ['+route unicast 2001:db8::/64', `+addr ${v0.ifindex} 2001:db8::1/64 nodad`, '+route local 2001:db8::1/128'])
})

t.test('DAD begins where accept_dad is off', async (t) => {
  const h = new Ipv6Host()
  const [v0] = h.veth('v0', 'v1')
  h.sysctl('conf/v0/accept_dad', 0)
  h.add(v0, A)
  t.same(h.addr_events(), [`+addr ${v0.ifindex} 2001:db8::1/64 tentative`, `+addr ${v0.ifindex} 2001:db8::1/64`])
})

t.test('DAD begins on a device that is not ready: the address waits, and goes on when there is carrier', async (t) => {
  const h = new Ipv6Host()
  const [v0, v1] = h.veth('v0', 'v1', false)
  h.up(v0)
  h.add(v0, A)
  h.quiet()
  h.advance(60 * SEC)
  t.same(h.addr_events(), [])
  t.ok(h.ifa(v0, A).flags & IFA_F_TENTATIVE)
  h.up(v1)
  h.advance(5 * SEC)
  t.ok(h.addr_events().includes(`+addr ${v0.ifindex} 2001:db8::1/64`))
})

t.test('DAD, ready: a probe within a second, and a second after it the address can be used', async (t) => {
  const h = new Ipv6Host()
  const [v0] = h.veth('v0', 'v1')
  h.add(v0, A)
  h.quiet()
  h.advance(1 * SEC)
  t.equal(h.ifa(v0, A).dad_probes, 0, 'the only probe has gone')
  t.same(h.events(), [], 'nothing is told yet')
  h.advance(1 * SEC)
  t.same(h.events(), [`+addr ${v0.ifindex} 2001:db8::1/64`, '+route local 2001:db8::1/128'])
  t.equal(h.ifa(v0, A).state, STATE.INET6_IFADDR_STATE_POSTDAD)
})

t.test('DAD takes one more second a probe (dad_transmits)', async (t) => {
  const h = new Ipv6Host()
  const [v0] = h.veth('v0', 'v1')
  h.sysctl('conf/v0/dad_transmits', 4)
  h.add(v0, A)
  h.quiet()
  h.advance(4 * SEC)
  t.same(h.events(), [])
  h.advance(1 * SEC)
  t.equal(h.events()[0], `+addr ${v0.ifindex} 2001:db8::1/64`)
})

t.test('DAD, ready, optimistic: packets are received at once; told early only with use_optimistic', async (t) => {
  for (const use of [0, 1]) {
    const h = new Ipv6Host()
    const [v0] = h.veth('v0', 'v1')
    h.sysctl('conf/v0/optimistic_dad', 1)
    h.sysctl('conf/v0/use_optimistic', use)
    h.add(v0, A, { flags: IFA_F_OPTIMISTIC })
    const early = `+addr ${v0.ifindex} 2001:db8::1/64 optimistic tentative`
    t.same(h.events(), ['+route unicast 2001:db8::/64', '+route local 2001:db8::1/128', ...(use ? [early] : [])])
    h.advance(3 * SEC)
    t.same(h.events(), [`+addr ${v0.ifindex} 2001:db8::1/64`], 'the route is there already')
  }
})

t.test('without optimistic_dad the flag is not taken', async (t) => {
  const h = new Ipv6Host()
  const [v0] = h.veth('v0', 'v1')
  h.add(v0, A, { flags: IFA_F_OPTIMISTIC })
  t.equal(h.ifa(v0, A).flags & IFA_F_OPTIMISTIC, 0)
})

t.test('DAD, the device goes not ready: detection starts again when it is ready', async (t) => {
  const h = new Ipv6Host()
  const [v0, v1] = h.veth('v0', 'v1')
  h.add(v0, A)
  h.advance(0.5 * SEC)
  h.down(v1)
  h.advance(30 * SEC)
  h.up(v1)
  h.advance(5 * SEC)
  t.notOk(h.ifa(v0, A).flags & IFA_F_TENTATIVE)
})

t.test('DAD → ERRDAD → POSTDAD: a permanent address that another node has stays, marked', async (t) => {
  const h = new Ipv6Host()
  const [v0, v1] = h.veth('v0', 'v1')
  h.add(v0, A)
  h.advance(3 * SEC)
  h.add(v1, A)
  h.quiet()
  h.advance(3 * SEC)
  t.same(h.events(), [`+addr ${v1.ifindex} 2001:db8::1/64 dadfailed tentative`], 'and it has no route')
  t.equal(h.ifa(v1, A).state, STATE.INET6_IFADDR_STATE_POSTDAD)
  t.match(h.kernel.log.records.at(-1)?.text, /v1: IPv6 duplicate address 2001:db8::1 used by [0-9a-f:]{17} detected!/)
  h.advance(60 * SEC)
  t.same(h.events(), [], 'it is not tried again')
})

t.test('two nodes that probe at the same time both lose', async (t) => {
  const h = new Ipv6Host()
  const [v0, v1] = h.veth('v0', 'v1')
  h.add(v0, A)
  h.add(v1, A)
  h.advance(5 * SEC)
  const failed = [v0, v1].map((dev) => (h.ifa(dev, A).flags & IFA_F_DADFAILED) !== 0)
  t.ok(failed.includes(true))
})

t.test('ERRDAD → DEAD: an address with a lifetime goes', async (t) => {
  const h = new Ipv6Host()
  const [v0] = h.veth('v0', 'v1')
  h.add(v0, A, { lft: [1000, 500] })
  const ifa = h.probed(v0, A)
  h.quiet()
  addrconf_dad_failure(ifa, OTHER)
  h.advance(0)
  t.match(h.addr_events()[0], /^-addr \d+ 2001:db8::1\/64 dadfailed tentative/)
  t.equal(ifa.state, STATE.INET6_IFADDR_STATE_DEAD)
})

t.test('ERRDAD with accept_dad 2: without its EUI-64 address the device has no IPv6', async (t) => {
  const h = new Ipv6Host()
  const [v0] = h.veth('v0', 'v1', false)
  h.sysctl('conf/v0/accept_dad', 2)
  h.up(v0)
  h.up(h.device('v1'))
  h.advance(0.2 * SEC)
  const ifa = h.probed(v0, 'fe80::ff:fe00:1')
  addrconf_dad_failure(ifa, OTHER)
  h.advance(0)
  t.equal(h.sysctl('conf/v0/disable_ipv6'), '1')
  t.same(h.addrs(v0), [])
})

t.test('ERRDAD of a stable-privacy address: another one is made', async (t) => {
  const h = new Ipv6Host()
  const [v0] = h.veth('v0', 'v1', false)
  h.sysctl('conf/v0/stable_secret', '2001:db8::77')
  h.up(v0)
  h.up(h.device('v1'))
  h.advance(0.2 * SEC)
  const [first] = h.addrs(v0)
  const ifa = h.probed(v0, first.split(' ')[1])
  addrconf_dad_failure(ifa, OTHER)
  h.advance(10 * SEC)
  const after = h.addrs(v0)
  t.equal(after.length, 2)
  t.match(after[1], /dadfailed tentative stable-privacy/)
  t.match(after[0], /^\d+ fe80::\S+\/64 scope 253 stable-privacy proto 3$|^\d+ fe80::\S+\/64 scope 253 stable-privacy$/)
})

t.test('any → PREDAD: kept while the device is down, detected anew when it is up', async (t) => {
  const h = new Ipv6Host()
  const [v0] = h.veth('v0', 'v1')
  h.sysctl('conf/v0/keep_addr_on_down', 1)
  h.add(v0, A)
  h.advance(3 * SEC)
  h.quiet()
  h.down(v0)
  t.same(h.addr_events(), [`-addr ${v0.ifindex} fe80::ff:fe00:1/64 scope 253 proto 3`], 'only the link-local one is told as gone')
  t.equal(h.ifa(v0, A).state, STATE.INET6_IFADDR_STATE_PREDAD)
  t.same(h.addrs(v0), [`${v0.ifindex} 2001:db8::1/64 tentative`])
  h.up(v0)
  h.advance(5 * SEC)
  t.notOk(h.ifa(v0, A).flags & IFA_F_TENTATIVE)
})

t.test('any → DEAD: deleted in the middle of detection, nothing more is heard of it', async (t) => {
  const h = new Ipv6Host()
  const [v0] = h.veth('v0', 'v1')
  h.add(v0, A)
  h.quiet()
  const ifa = h.ifa(v0, A)
  t.equal(h.del(v0, A).error, 0)
  t.equal(ifa.state, STATE.INET6_IFADDR_STATE_DEAD)
  t.same(h.events(), [`-addr ${v0.ifindex} 2001:db8::1/64 tentative`, '-route unicast 2001:db8::/64'])
  h.advance(10 * SEC)
  t.same(h.events(), [])
})

t.test('IFA_F_NODAD and IFA_F_OPTIMISTIC exclude each other', async (t) => {
  const h = new Ipv6Host()
  const [v0] = h.veth('v0', 'v1')
  h.sysctl('conf/v0/optimistic_dad', 1)
  const { error, msg } = h.add(v0, A, { flags: IFA_F_NODAD | IFA_F_OPTIMISTIC, nl: NLM_F_CREATE })
  t.same([error, msg], [-22, 'IFA_F_NODAD and IFA_F_OPTIMISTIC are mutually exclusive'])
})
