/** Why messages of ICMP and IGMP fall: a test a reason (net/ipv4/icmp.c, igmp.c), as captures show them. */
import t from 'tap'
import { drop_reason_name } from '../../../src/init/captured.ts'
import { putBe16 } from '../../../src/lib/bytes.ts'
import type { net_device } from '../../../src/net/core/netdevice.ts'
import { ipv4, NeighbourHost } from '../core/neighbourHost.ts'
import { internet_checksum, send } from '../ipv6/ndFrames.ts'

const ICMP = 1
const IGMP = 2
const US = '10.0.0.1'

/** Reasons of what falls while the message, its sum put in, comes in; nothing: it was used up. */
function drops(proto: number, body: number[], dst = US, good = true): string[] {
  const { kernel, d0 } = new NeighbourHost()
  const said: string[] = []
  kernel.trace = { kfree_skb: (skb, reason) => skb.dev === d0 && said.push(drop_reason_name(reason) ?? 'consumed') }
  const message = Uint8Array.from(body)
  if (message.length >= 4) putBe16(message, 2, internet_checksum(body) ^ (good ? 0 : 1))
  const head = Uint8Array.from([0x45, 0, 0, 20 + body.length, 0, 1, 0, 0, 64, proto, 0, 0, ...ipv4('10.0.0.9'), ...ipv4(dst)])
  putBe16(head, 10, internet_checksum([...head]))
  const group = dst.startsWith('224.')
    ? [1, 0, 0x5e, 0, 0, 1]
    : dst.endsWith('.255')
      ? [255, 255, 255, 255, 255, 255]
      : [...d0.dev_addr.subarray(0, 6)]
  send(kernel.init_net.dev_name_head.get('d1') as net_device, [...group, 2, 0, 0, 0, 0, 0x77, 8, 0, ...head, ...message])
  return said
}
const about = (proto: number) => [0x45, 0, 0, 28, 0, 1, 0, 0, 64, proto, 0, 0, ...ipv4(US), ...ipv4('10.0.0.9'), 0, 1, 0, 2, 0, 8, 0, 0]

for (const [title, proto, body, dst, reason] of [
  ['an echo', ICMP, [8, 0, 0, 0, 0, 1, 0, 1], US, []],
  ['an answer that nobody waits for', ICMP, [0, 0, 0, 0, 0, 1, 0, 1], US, ['NO_SOCKET']],
  ['cut short', ICMP, [8, 0, 0, 0], US, ['NOT_SPECIFIED']],
  ['a kind beyond all', ICMP, [30, 0, 0, 0, 0, 0, 0, 0], US, ['UNHANDLED_PROTO']],
  ['a kind that is not looked at', ICMP, [15, 0, 0, 0, 0, 0, 0, 0], US, []],
  ['an echo to all', ICMP, [8, 0, 0, 0, 0, 1, 0, 1], '10.0.0.255', ['INVALID_PROTO']],
  ['a timestamp cut short', ICMP, [13, 0, 0, 0, 0, 1, 0, 1], US, ['PKT_TOO_SMALL']],
  ['an error', ICMP, [3, 3, 0, 0, 0, 0, 0, 0, ...about(17)], US, []],
  ['an error about nothing', ICMP, [3, 3, 0, 0, 0, 0, 0, 0], US, ['NOT_SPECIFIED']],
  ['an error about a header that cannot be', ICMP, [3, 3, 0, 0, 0, 0, 0, 0, 0x44, ...about(17).slice(1)], US, ['IP_INHDR']],
  ['a redirect about nothing', ICMP, [5, 0, 0, 0, 10, 0, 0, 9], US, ['PKT_TOO_SMALL']],
  ['a question for groups', IGMP, [0x11, 10, 0, 0, 0, 0, 0, 0], '224.0.0.1', []],
  ['a question with half its sources', IGMP, [0x11, 10, 0, 0, 224, 1, 1, 1, 2, 20, 0, 9], '224.0.0.1', ['NOT_SPECIFIED']],
  ['a report of another', IGMP, [0x16, 0, 0, 0, 224, 0, 0, 1], '224.0.0.1', []],
  ['a report to us alone', IGMP, [0x16, 0, 0, 0, 224, 0, 0, 1], US, ['NOT_SPECIFIED']],
  ['a group is left', IGMP, [0x17, 0, 0, 0, 224, 0, 0, 1], '224.0.0.1', ['NOT_SPECIFIED']],
] as [string, number, number[], string, string[]][]) {
  t.test(title, async (t) => t.strictSame(drops(proto, body, dst), reason))
}
t.test('a message whose sum is wrong', async (t) => {
  t.strictSame(drops(ICMP, [8, 0, 0, 0, 0, 1, 0, 1], US, false), ['ICMP_CSUM'])
})
