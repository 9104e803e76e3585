/** Neighbour discovery over a pair of devices: a test a row of the tables in src/net/ipv6/ndisc_rcv.ts, and routers. */
import t from 'tap'
import { __neigh_lookup_noref } from '../../../src/net/core/neighbour_table.ts'
import type { net_device } from '../../../src/net/core/netdevice.ts'
import { skb_bytes } from '../../../src/net/core/skbuff.ts'
import { INET6_IFADDR_STATE_DAD } from '../../../src/net/ipv6/if_inet6.ts'
import { nd_tbl } from '../../../src/net/ipv6/ndisc.ts'
import { ndisc_send_ns } from '../../../src/net/ipv6/ndisc_send.ts'
import { ETH_P_IPV6 } from '../../../src/uapi/linux/if_ether.ts'
import { addrconf_addr_solict_mult } from '../../../src/uapi/linux/in6.ts'
import * as CONF from '../../../src/uapi/linux/ipv6.ts'
import { NTF_ROUTER } from '../../../src/uapi/linux/neighbour.ts'
import { echo, root } from '../../fs/support.ts'
import { state_name } from '../core/neighbourHost.ts'
import { listen } from '../core/packets.ts'
import { in6, Ipv6Host, SEC } from './ipv6Host.ts'
import { icmp6_frame, icmp6_of, mtu_option, na_body, ns_body, prefix_option, ra_body, send, sllao, tllao } from './ndFrames.ts'

const R = 'fe80::ff:fe00:1'
const H = 'fe80::ff:fe00:2'
const OTHER = Uint8Array.of(2, 0, 0, 0, 0, 9)

/** r–h: what r sends by hand, h hears. */
function pair() {
  const h = new Ipv6Host()
  const [r, dev] = h.veth('r', 'h')
  const log = listen(h.kernel, r, ETH_P_IPV6)
  return { h, r, dev, log }
}
function neigh(dev: net_device, addr: string) {
  return __neigh_lookup_noref(nd_tbl(dev.nd_net.kernel), in6(addr), dev)
}
function state(dev: net_device, addr: string): string {
  const n = neigh(dev, addr)
  return n === undefined ? 'none' : state_name(n.nud_state)
}
/** Messages of a type that r has heard since the last call: their bytes from the IPv6 header on. */
function heard(log: ReturnType<typeof listen>, type: number): Uint8Array[] {
  const packets = log.skbs.map((skb) => skb_bytes(skb).slice())
  log.skbs = []
  return packets.filter((bytes) => icmp6_of(bytes)?.type === type)
}
const solicited = (target: string) => {
  const g = addrconf_addr_solict_mult(in6(target))
  return `ff02::1:ff${g[13].toString(16).padStart(2, '0')}:${((g[14] << 8) | g[15]).toString(16)}`
}

t.test('a question from an address is answered, and the asker is noted', async (t) => {
  const { r, dev, log } = pair()
  log.skbs = []
  send(r, icmp6_frame(r.dev_addr, { src: 'fe80::77', dst: solicited(H), body: ns_body(H, sllao(OTHER)) }))
  const [na] = heard(log, 136)
  t.ok(na, 'an advertisement')
  t.equal(na[7], 255, 'hop limit')
  t.equal(na[44] & 0xe0, 0x60, 'solicited, override, no router')
  t.same([...na.subarray(48, 64)], [...in6(H)], 'its target')
  t.same([...na.subarray(64, 72)], tllao(dev.dev_addr), 'and where it is')
  t.equal(state(dev, 'fe80::77'), 'DELAY', 'STALE, then used by the answer')
})
t.test('a question from nobody (DAD) for an address in use is answered to all nodes', async (t) => {
  const { r, log } = pair()
  log.skbs = []
  send(r, icmp6_frame(r.dev_addr, { src: '::', dst: solicited(H), body: ns_body(H) }))
  const [na] = heard(log, 136)
  t.same([...na.subarray(24, 40)], [...in6('ff02::1')])
  t.equal(na[44] & 0xe0, 0x20, 'not solicited')
})
t.test('a question that did not come from the link, or is malformed, is not answered', async (t) => {
  const { r, log } = pair()
  log.skbs = []
  send(r, icmp6_frame(r.dev_addr, { src: 'fe80::77', dst: solicited(H), body: ns_body(H), hops: 64 }))
  send(r, icmp6_frame(r.dev_addr, { src: 'fe80::77', dst: solicited(H), body: ns_body(H, [1, 0, 0, 0, 0, 0, 0, 0]) }))
  const wrong = icmp6_frame(r.dev_addr, { src: 'fe80::77', dst: solicited(H), body: ns_body(H) })
  wrong[wrong.length - 1] ^= 1
  send(r, wrong)
  send(r, icmp6_frame(r.dev_addr, { src: '::', dst: 'ff02::1', body: ns_body(H) }))
  t.equal(heard(log, 136).length, 0)
})

t.test('tentative: another prober, or one who has it, makes it a duplicate; our own probe that comes back does not', async (t) => {
  for (const kind of ['probe', 'advertisement', 'own']) {
    const { h, r, dev } = pair()
    h.add(dev, '2001:db8::7/64')
    const ifa = h.ifa(dev, '2001:db8::7')
    for (let i = 0; i < 200 && ifa.dad_probes > 0; i++) h.advance(SEC / 100)
    t.equal(ifa.state, INET6_IFADDR_STATE_DAD)
    const dst = solicited('2001:db8::7')
    if (kind === 'probe') send(r, icmp6_frame(OTHER, { src: '::', dst, body: ns_body('2001:db8::7') }))
    if (kind === 'advertisement') {
      send(r, icmp6_frame(OTHER, { src: '2001:db8::7', dst: 'ff02::1', body: na_body('2001:db8::7', 0x20, tllao(OTHER)) }))
    }
    if (kind === 'own') {
      const nonce = [14, 1]
      for (let i = 0, rest = ifa.dad_nonce; i < 6; i++, rest = Math.floor(rest / 256)) nonce.push(rest % 256)
      send(r, icmp6_frame(OTHER, { src: '::', dst, body: ns_body('2001:db8::7', nonce) }))
    }
    h.advance(3 * SEC)
    const lost = h.addrs(dev).some((line) => line.includes('2001:db8::7') && line.includes('dadfailed'))
    t.equal(lost, kind !== 'own', kind)
  }
})

t.test('an answer: REACHABLE when asked for; another address is suspected, or taken with override', async (t) => {
  const { h, r, dev } = pair()
  const say = (flags: number, mac: Uint8Array) =>
    send(r, icmp6_frame(r.dev_addr, { src: 'fe80::77', dst: flags & 0x40 ? H : 'ff02::1', body: na_body('fe80::77', flags, tllao(mac)) }))
  say(0x60, OTHER)
  t.equal(state(dev, 'fe80::77'), 'none', 'nobody has asked')
  send(r, icmp6_frame(r.dev_addr, { src: 'fe80::77', dst: solicited(H), body: ns_body(H, sllao(r.dev_addr)) }))
  say(0x40, r.dev_addr)
  t.equal(state(dev, 'fe80::77'), 'REACHABLE')
  say(0x40, OTHER)
  t.equal(state(dev, 'fe80::77'), 'STALE', 'solicited, no override, another address')
  t.same(neigh(dev, 'fe80::77')?.ha.subarray(0, 6), r.dev_addr.subarray(0, 6))
  say(0x60, OTHER)
  t.equal(state(dev, 'fe80::77'), 'REACHABLE', 'override')
  t.same(neigh(dev, 'fe80::77')?.ha.subarray(0, 6), OTHER)
  say(0x20, r.dev_addr)
  t.equal(state(dev, 'fe80::77'), 'STALE', 'not solicited')
  h.quiet()
})

t.test('a router: default route, address, MTU, hop limit, times; and what is taken back', async (t) => {
  const { h, r, dev } = pair()
  const announce = (options: number[], head = {}) =>
    send(r, icmp6_frame(r.dev_addr, { src: R, dst: 'ff02::1', body: ra_body([...sllao(r.dev_addr), ...options], head) }))
  announce([...prefix_option('2001:db8:1::'), ...mtu_option(1400)], { hops: 48, reachable: 20000, retrans: 500 })
  t.same(
    h.events().filter((line) => line.includes('route')),
    ['+route unicast ::/0', '+route unicast 2001:db8:1::/64'],
  )
  h.advance(3 * SEC)
  t.ok(h.addrs(dev).some((line) => line.includes('2001:db8:1:0:0:ff:fe00:2/64') || line.includes('2001:db8:1::ff:fe00:2/64')))
  t.equal(dev.ip6_ptr?.cnf.get(CONF.DEVCONF_HOPLIMIT), 48)
  t.equal(dev.ip6_ptr?.cnf.get(CONF.DEVCONF_MTU6), 1400)
  t.equal((neigh(dev, R)?.flags ?? 0) & NTF_ROUTER, NTF_ROUTER)
  h.quiet()
  announce([prefix_option('2001:db8:1::', { valid: 0, preferred: 0 })].flat(), { lifetime: 0 })
  t.same(
    h.events().filter((line) => line.includes('route')),
    ['-route unicast ::/0', '-route unicast 2001:db8:1::/64'],
  )
})
t.test('routers are not heeded by routers, nor by who does not want to, nor from beyond the link', async (t) => {
  for (const how of ['forwarding', 'accept_ra', 'global source']) {
    const { h, r } = pair()
    if (how === 'forwarding') h.sysctl('conf/h/forwarding', 1)
    if (how === 'accept_ra') h.sysctl('conf/h/accept_ra', 0)
    h.quiet()
    const src = how === 'global source' ? '2001:db8::1' : R
    send(r, icmp6_frame(r.dev_addr, { src, dst: 'ff02::1', body: ra_body([...sllao(r.dev_addr), ...prefix_option('2001:db8:1::')]) }))
    t.same(h.events(), [], how)
  }
})
t.test('a default router that says it is a host is one no more', async (t) => {
  const { h, r } = pair()
  send(r, icmp6_frame(r.dev_addr, { src: R, dst: 'ff02::1', body: ra_body(sllao(r.dev_addr)) }))
  h.quiet()
  send(r, icmp6_frame(r.dev_addr, { src: R, dst: 'ff02::1', body: na_body(R, 0x20, tllao(r.dev_addr)) }))
  t.same(h.events(), ['-route unicast ::/0'])
})

t.test('a question goes to the group of its target, and says who asks; DAD says nothing but its nonce', async (t) => {
  const { dev, log } = pair()
  log.skbs = []
  const target = in6('fe80::99')
  ndisc_send_ns(dev, target, addrconf_addr_solict_mult(target))
  ndisc_send_ns(dev, target, addrconf_addr_solict_mult(target), in6('::'), 0x010203040506)
  dev.nd_net.kernel.events.runUntil(dev.nd_net.kernel.now())
  // r does not listen to that group: it is asked to
  const sent = dev.nd_net.ipv6.mib.icmpv6msg[256 + 135]
  t.ok(sent >= 2)
})

for (const which of ['h', 'all']) {
  t.test(`ndisc_evict_nocarrier off for ${which}: neighbours outlive the carrier`, async (t) => {
    const { h, r, dev } = pair()
    send(r, icmp6_frame(r.dev_addr, { src: R, dst: 'ff02::1', body: ra_body(sllao(r.dev_addr)) }))
    t.equal(state(dev, R), 'STALE')
    t.equal(echo(root(h.kernel), '0', `/proc/sys/net/ipv6/conf/${which}/ndisc_evict_nocarrier`), 1)
    h.down(r)
    h.advance(2 * SEC)
    t.equal(state(dev, R), 'STALE')
  })
}
