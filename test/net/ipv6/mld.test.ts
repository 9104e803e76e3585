/** Reports of groups: a test a row of the table in src/net/ipv6/mld.ts, read from the frames that the other end hears. */
import t from 'tap'
import type { net_device } from '../../../src/net/core/netdevice.ts'
import { skb_bytes } from '../../../src/net/core/skbuff.ts'
import { igmp6_mc_seq_show } from '../../../src/net/ipv6/addrconf_procfs.ts'
import { __ipv6_dev_mc_dec, ipv6_dev_mc_inc } from '../../../src/net/ipv6/mcast.ts'
import { ETH_P_IPV6 } from '../../../src/uapi/linux/if_ether.ts'
import { ipv6Text } from '../../../src/lib/types.ts'
import { listen } from '../core/packets.ts'
import { in6, Ipv6Host, SEC } from './ipv6Host.ts'
import { icmp6_frame, icmp6_of, send } from './ndFrames.ts'

const R = 'fe80::ff:fe00:1'
const G = 'ff05::1234'
const ROUTER_ALERT = [58, 0, 5, 2, 0, 0, 1, 0]
const kinds = ['?', 'is_in', 'is_ex', 'to_in', 'to_ex']

/** r hears what h says of its groups, long after h came up. */
function pair() {
  const h = new Ipv6Host()
  const [r, dev] = h.veth('r', 'h')
  const log = listen(h.kernel, r, ETH_P_IPV6)
  h.advance(60 * SEC)
  log.skbs = []
  return { h, r, dev, log }
}
function reports(log: ReturnType<typeof listen>): string[] {
  const packets = log.skbs.map((skb) => skb_bytes(skb).slice())
  log.skbs = []
  return packets.flatMap((bytes) => {
    const found = icmp6_of(bytes)
    if (found === undefined) return []
    const { type, at } = found
    if (type === 131 || type === 132) return [`${type === 131 ? 'report' : 'reduction'} ${ipv6Text(bytes.slice(at + 8, at + 24))}`]
    if (type !== 143) return []
    t.equal(bytes[7], 1, 'does not leave the link')
    const count = (bytes[at + 6] << 8) | bytes[at + 7]
    const records = Array.from({ length: count }, (_, i) => bytes.slice(at + 8 + i * 20, at + 28 + i * 20))
    return [records.map((record) => `${kinds[record[0]]} ${ipv6Text(record.slice(4))}`).join(', ')]
  })
}
function query(r: net_device, group: string, ms: number, version = 2, qrv = 2): void {
  const body = [130, 0, 0, 0, ms >> 8, ms & 255, 0, 0, ...in6(group), ...(version === 2 ? [qrv, 125, 0, 0] : [])]
  const dst = group === '::' ? 'ff02::1' : group
  send(r, icmp6_frame(r.dev_addr, { src: R, dst, body, hops: 1, hbh: ROUTER_ALERT }))
}

t.test('a group comes and goes: each change is told twice, the second time within a second', async (t) => {
  const { h, dev, log } = pair()
  ipv6_dev_mc_inc(dev, in6(G))
  h.advance(0.02 * SEC)
  t.same(reports(log), [`to_ex ${G}`])
  h.advance(1.1 * SEC)
  t.same(reports(log), [`to_ex ${G}`])
  __ipv6_dev_mc_dec(dev.ip6_ptr!, in6(G))
  h.advance(5 * SEC)
  t.same(reports(log), [`to_in ${G}`, `to_in ${G}`])
})
t.test('a general query is answered with all groups but those that every node has; one for a group with that group', async (t) => {
  const { h, r, dev, log } = pair()
  ipv6_dev_mc_inc(dev, in6(G))
  h.advance(5 * SEC)
  log.skbs = []
  query(r, '::', 1000)
  h.advance(1.1 * SEC)
  t.same(reports(log), [`is_ex ${G}, is_ex ff02::1:ff00:2`])
  query(r, G, 1000)
  h.advance(1.1 * SEC)
  t.same(reports(log), [`is_ex ${G}`])
})
t.test('a querier that wants changes told once is told twice, until the host agrees', async (t) => {
  const { h, r, dev, log } = pair()
  /** How often a new group is told. */
  const told = (qrv: number, group: string) => {
    query(r, '::', 1000, 2, qrv)
    h.advance(3 * SEC)
    log.skbs = []
    ipv6_dev_mc_inc(dev, in6(group))
    h.advance(5 * SEC)
    return reports(log).length
  }
  t.equal(told(1, G), 2)
  t.ok(h.kernel.log.records.some(({ text }) => text === 'IPv6: MLD: clamping QRV from 1 to 2!'))
  t.equal(told(3, 'ff05::5'), 3)
  t.equal(told(0, 'ff05::6'), 3, 'says nothing of it')
  h.kernel.inet6!.mld_qrv = 1
  t.equal(told(1, 'ff05::7'), 1)
})

t.test('a query from beyond the link, or without a router alert, is not heeded', async (t) => {
  const { h, r, log } = pair()
  const body = [130, 0, 0, 0, 0, 100, 0, 0, ...in6('::'), 2, 125, 0, 0]
  send(r, icmp6_frame(r.dev_addr, { src: '2001:db8::1', dst: 'ff02::1', body, hops: 1, hbh: ROUTER_ALERT }))
  send(r, icmp6_frame(r.dev_addr, { src: R, dst: 'ff02::1', body, hops: 1 }))
  h.advance(5 * SEC)
  t.same(reports(log), [])
})
t.test('while a querier of version 1 is about, version 1 is spoken; another report ends our own', async (t) => {
  const { h, r, dev, log } = pair()
  query(r, '::', 1000, 1)
  h.advance(1.1 * SEC)
  t.same(reports(log), ['report ff02::1:ff00:2'])
  ipv6_dev_mc_inc(dev, in6(G))
  h.advance(11 * SEC)
  t.same(reports(log), [`report ${G}`, `report ${G}`])
  query(r, G, 1000, 1)
  send(r, icmp6_frame(r.dev_addr, { src: R, dst: G, body: [131, 0, 0, 0, 0, 0, 0, 0, ...in6(G)], hops: 1, hbh: ROUTER_ALERT }))
  h.advance(2 * SEC)
  t.same(reports(log), [], 'somebody else has answered')
  __ipv6_dev_mc_dec(dev.ip6_ptr!, in6(G))
  h.advance(2 * SEC)
  t.same(reports(log), [], 'who did not report last says nothing when it leaves')
})
t.test('/proc/net/igmp6: when a report is due', async (t) => {
  const { h, r, dev } = pair()
  ipv6_dev_mc_inc(dev, in6(G))
  const line = () =>
    igmp6_mc_seq_show(dev.nd_net)
      .split('\n')
      .find((text) => text.includes('ff050000000000000000000000001234'))
  const due = () => Number(line()?.trim().split(/ +/).at(-1))
  h.advance(5 * SEC)
  t.equal(due(), 0)
  query(r, '::', 10000, 1)
  h.advance(0.01 * SEC)
  t.match(line(), / 1 0000000[57] \d+$/)
  const first = due()
  t.ok(first > 0 && first <= 1000)
  h.advance(0.02 * SEC)
  t.ok(Math.abs(first - due() - 2) <= 1, 'in hundredths of a second')
})
