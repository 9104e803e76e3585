import t from 'tap'
import { NLA_HDRLEN } from '../../../src/lib/attrs.ts'
import { hex, put16, unhex } from '../../../src/lib/bytes.ts'
import { lwtunnel_build_state, lwtunnel_valid_encap_type } from '../../../src/net/core/lwtunnel.ts'
import { netlink_ext_ack } from '../../../src/net/netlink/extack.ts'
import { EINVAL, EOPNOTSUPP, isErrno } from '../../../src/uapi/errno.ts'
import {
  LWTUNNEL_ENCAP_IP,
  LWTUNNEL_ENCAP_MPLS,
  LWTUNNEL_ENCAP_RPL,
  LWTUNNEL_ENCAP_SEG6,
  LWTUNNEL_ENCAP_SEG6_LOCAL,
} from '../../../src/uapi/linux/lwtunnel.ts'
import { bootHost } from './rtnetlink_client.ts'

const AF_INET = 2
const AF_INET6 = 10
/** What is kept of RTA_ENCAP with these attributes, or the errno and its text. */
function build(type: number, attrs: string, family = AF_INET6, ipv6 = true): string | [unknown, string | undefined] {
  const { init_net } = bootHost({ ipv6 })
  const payload = unhex(attrs)
  const buf = new Uint8Array(16 + NLA_HDRLEN + payload.length)
  put16(buf, 16, NLA_HDRLEN + payload.length)
  put16(buf, 18, 22)
  buf.set(payload, 20)
  const extack = new netlink_ext_ack()
  const state = lwtunnel_build_state(init_net, type, buf, 16, family, extack)
  return isErrno(state) ? [state, extack._msg] : hex(state.encap)
}

t.test('mpls: labels are checked, and the module comes when it is asked for', async (t) => {
  t.equal(build(LWTUNNEL_ENCAP_MPLS, '0800010000064100'), '0800010000064100')
  t.same(build(LWTUNNEL_ENCAP_MPLS, '0800010000003100'), [EINVAL, 'Implicit NULL Label (3) can not be used in encapsulation'])
  t.same(build(LWTUNNEL_ENCAP_MPLS, ''), [EINVAL, 'MPLS_IPTUNNEL_DST attribute is missing'])
})

t.test('ip: what is missing is zero, and options say of which tunnel they are', async (t) => {
  const none = build(LWTUNNEL_ENCAP_IP, '0800020001020304', AF_INET)
  t.equal(none, `${'0c000100'}${'0'.repeat(16)}0800020001020304${'0800030000000000'}0500050000000000050004000000000006000600${'00000000'}`)
  const vxlan = build(LWTUNNEL_ENCAP_IP, '100008800c00028008000100ffffffff', AF_INET)
  t.match(vxlan, /0600060010000000100008000c00020008000100ffff4800$/, 'the flag, and only the bits that there are')
  const mixed = '1c0008800c00028008000100010000000c0002800800010001000000'
  t.same(build(LWTUNNEL_ENCAP_IP, mixed, AF_INET), [EINVAL, undefined])
})

t.test('seg6: segments that do not fit their header; inline is for IPv6 alone', async (t) => {
  const header = (mode: string, last: string): string => `20000100${mode}0002040${last}0${last}0000000${'20010db8'.padEnd(32, '0')}`
  t.type(build(LWTUNNEL_ENCAP_SEG6, header('01000000', '0')), 'string')
  t.same(build(LWTUNNEL_ENCAP_SEG6, header('01000000', '1')), [EINVAL, undefined])
  t.same(build(LWTUNNEL_ENCAP_SEG6, header('00000000', '0'), AF_INET), [EINVAL, undefined])
  t.same(
    build(LWTUNNEL_ENCAP_SEG6, header('01000000', '0'), AF_INET, false),
    [EOPNOTSUPP, 'LWT encapsulation type not supported'],
    'without IPv6',
  )
})

t.test('seg6local: each action takes what is its own', async (t) => {
  t.equal(build(LWTUNNEL_ENCAP_SEG6_LOCAL, '08000100010000000800030005000000'), '0800010001000000', 'End has no table')
  t.same(build(LWTUNNEL_ENCAP_SEG6_LOCAL, '0800010002000000'), [EINVAL, undefined], 'End.X needs a next hop')
  t.same(build(LWTUNNEL_ENCAP_SEG6_LOCAL, '080001000c000000'), [EINVAL, undefined], 'End.S is not built in Linux either')
  t.same(build(LWTUNNEL_ENCAP_SEG6_LOCAL, '08000100010000000c000b80080001000c000000'), [EOPNOTSUPP, 'Unsupported Flavor operation(s)'])
  t.equal(
    build(LWTUNNEL_ENCAP_SEG6_LOCAL, '08000100010000000c000b800800010010000000'),
    '08000100010000001c000b80080001001000000005000200200000000500030010000000',
    'lengths that were not given',
  )
})

t.test("what Debian's kernel does not have", async (t) => {
  const { init_net } = bootHost()
  const extack = new netlink_ext_ack()
  t.equal(lwtunnel_valid_encap_type(init_net, LWTUNNEL_ENCAP_RPL, extack), EOPNOTSUPP)
  t.equal(extack._msg, 'lwt encapsulation type not supported')
})
