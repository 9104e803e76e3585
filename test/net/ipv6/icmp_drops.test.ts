/** Why messages of ICMPv6 and neighbour discovery fall: a test a reason (net/ipv6/ndisc.c, icmp.c; as captures show them). */
import t from 'tap'
import { drop_reason_name } from '../../../src/init/captured.ts'
import { in6, Ipv6Host } from './ipv6Host.ts'
import { icmp6_frame, na_body, ns_body, ra_body, send, sllao } from './ndFrames.ts'

const H = 'fe80::ff:fe00:2'
const PEER = Uint8Array.of(2, 0, 0, 0, 0, 1)

/** Reasons of what falls on h while r sends the message; nothing: it was used up. */
function drops(body: number[], more: { src?: string; hops?: number }): string[] {
  const h = new Ipv6Host()
  const [r, dev] = h.veth('r', 'h')
  const said: string[] = []
  h.kernel.trace = { kfree_skb: (skb, reason) => skb.dev === dev && said.push(drop_reason_name(reason) ?? 'consumed') }
  send(r, icmp6_frame(PEER, { src: 'fe80::77', dst: H, body, ...more }))
  return said
}
const short = (body: number[], length: number) => body.slice(0, length)
const target = [...in6('fe80::99')]

for (const [title, body, more, reason] of [
  ['a question that is answered', ns_body(H, sllao(PEER)), {}, []],
  ['a question cut short', short(ns_body(H), 20), {}, ['PKT_TOO_SMALL']],
  ['a question with an option of length 0', ns_body(H, [1, 0, 0, 0, 0, 0, 0, 0]), {}, ['IPV6_NDISC_BAD_OPTIONS']],
  ['a question for a group', ns_body('ff02::1'), {}, ['NOT_SPECIFIED']],
  ['a question for another host', ns_body('fe80::99', sllao(PEER)), {}, ['IPV6_NDISC_NS_OTHERHOST']],
  ['from beyond the link', ns_body(H, sllao(PEER)), { hops: 254 }, ['IPV6_NDISC_HOP_LIMIT']],
  ['with a code', [135, 1, ...ns_body(H).slice(2)], {}, ['IPV6_NDISC_BAD_CODE']],
  ['an advertisement of nobody whom we know', na_body('fe80::99', 0x20), {}, ['NOT_SPECIFIED']],
  ['an advertisement cut short', [136, 0, 0, 0, 0, 0, 0, 0, 1], {}, ['PKT_TOO_SMALL']],
  ['a router that is heard', ra_body(sllao(PEER)), {}, []],
  ['a router with a global address', ra_body([]), { src: '2001:db8::77' }, ['NOT_SPECIFIED']],
  ['a router cut short', short(ra_body([]), 12), {}, ['PKT_TOO_SMALL']],
  ['a router with an option cut off', ra_body([3, 4, 0, 0]), {}, ['IPV6_NDISC_BAD_OPTIONS']],
  ['a router asked of a host', [133, 0, 0, 0, 0, 0, 0, 0], {}, ['NOT_SPECIFIED']],
  ['a redirect that shows nothing', [137, 0, 0, 0, 0, 0, 0, 0, ...target, ...target], {}, ['NOT_SPECIFIED']],
  ['an echo', [128, 0, 0, 0, 0, 1, 0, 1], {}, []],
  ['an answer that nobody waits for', [129, 0, 0, 0, 0, 1, 0, 1], {}, ['NO_SOCKET']],
  ['an error about nothing', [1, 0, 0, 0, 0, 0, 0, 0], {}, ['PKT_TOO_SMALL']],
  ['information that nobody knows', [200, 0, 0, 0, 0, 0, 0, 0], {}, ['NOT_SPECIFIED']],
] as [string, number[], object, string[]][]) {
  t.test(title, async (t) => t.strictSame(drops(body, more), reason))
}

t.test('a message whose sum is wrong', async (t) => {
  const h = new Ipv6Host()
  const [r] = h.veth('r', 'h')
  const said: (string | undefined)[] = []
  h.kernel.trace = { kfree_skb: (_, reason) => said.push(drop_reason_name(reason)) }
  const frame = icmp6_frame(PEER, { src: 'fe80::77', dst: H, body: [128, 0, 0, 0, 0, 1, 0, 1] })
  frame[frame.length - 1] ^= 1
  send(r, frame)
  t.strictSame(said, ['ICMP_CSUM'])
})
