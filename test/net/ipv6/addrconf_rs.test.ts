/** A test a row of the table in src/net/ipv6/addrconf_rs.ts. */
import t from 'tap'
import { getBe32 } from '../../../src/lib/bytes.ts'
import { dev_change_flags } from '../../../src/net/core/dev.ts'
import { skb_bytes } from '../../../src/net/core/skbuff.ts'
import { IFF_UP } from '../../../src/uapi/linux/if.ts'
import { ETH_P_IPV6 } from '../../../src/uapi/linux/if_ether.ts'
import * as CONF from '../../../src/uapi/linux/ipv6.ts'
import { listen } from '../core/packets.ts'
import { Ipv6Host, SEC } from './ipv6Host.ts'
import { icmp6_frame, icmp6_of, ra_body, send } from './ndFrames.ts'

/** r hears what h, a host that has just come up with these settings, asks; `asked`: at which second. */
function host(settings: Record<number, number> = {}) {
  const h = new Ipv6Host()
  const [r, dev] = h.veth('r', 'h')
  dev_change_flags(dev, dev.flags & ~IFF_UP)
  // what was asked before does not count
  for (const [nr, value] of Object.entries(settings)) dev.ip6_ptr?.cnf.set(Number(nr), value)
  const log = listen(h.kernel, r, ETH_P_IPV6)
  const began = h.kernel.now()
  const asked: number[] = []
  const run = (seconds: number) => {
    for (let step = 0; step < seconds * 10; step++) {
      h.kernel.events.runUntil(h.kernel.now() + SEC / 10)
      for (const skb of log.skbs) {
        const bytes = skb_bytes(skb).slice()
        if (icmp6_of(bytes)?.type === 133 && getBe32(bytes, 8) !== 0) asked.push((h.kernel.now() - began) / SEC)
      }
      log.skbs = []
    }
    return asked
  }
  const up = () => dev_change_flags(dev, dev.flags | IFF_UP)
  up()
  return { h, r, dev, run, asked, up }
}
/** Seconds between one question and the next. */
const gaps = (asked: number[]) => asked.slice(1).map((at, i) => at - asked[i])
const near = (value: number, about: number) => Math.abs(value - about) <= about * 0.15 + 0.3

t.test('it has a link-local address, accepts routers: it asks, and again after the interval', async (t) => {
  const { run } = host()
  const asked = run(8)
  t.equal(asked.length, 2)
  t.ok(near(gaps(asked)[0], 4), 'four seconds, give or take a tenth')
})
t.test('the same, but accept_ra does not allow it', async (t) => {
  t.strictSame(host({ [CONF.DEVCONF_ACCEPT_RA]: 0 }).run(10), [])
})
t.test('the time is up: twice as long until the next, up to the most', async (t) => {
  const { run } = host({ [CONF.DEVCONF_RTR_SOLICIT_MAX_INTERVAL]: 2000 })
  const between = gaps(run(60))
  t.ok(near(between[0], 4) && near(between[1], 8), 'doubled')
  t.ok(near(between[2], 8) && near(between[3], 8), 'but no more than the most')
})
t.test('the time is up, all but one sent: it asks for the last time', async (t) => {
  const { run } = host({ [CONF.DEVCONF_RTR_SOLICITS]: 3 })
  t.equal(run(120).length, 3)
  t.strictSame(host({ [CONF.DEVCONF_RTR_SOLICITS]: 0 }).run(10), [], 'and with none it does not ask')
})
t.test('a router is heard: it asks no more', async (t) => {
  const { r, run } = host()
  t.equal(run(3).length, 1)
  send(r, icmp6_frame(Uint8Array.of(2, 0, 0, 0, 0, 1), { src: 'fe80::77', dst: 'ff02::1', body: ra_body([]) }))
  t.equal(run(60).length, 1)
})
t.test('it goes down: it asks no more, and anew when it is up', async (t) => {
  const { dev, run, up } = host()
  t.equal(run(3).length, 1)
  dev_change_flags(dev, dev.flags & ~IFF_UP)
  t.equal(run(20).length, 1)
  up()
  t.equal(run(3).length, 2)
})
