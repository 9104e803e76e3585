/** lib/nlattr.c: every way in which a policy refuses, with errno, text, offset and policy attribute. */
import t from 'tap'
import { AttrPool, attr, attrs } from '../../../src/lib/attrs.ts'
import { get16, hex } from '../../../src/lib/bytes.ts'
import { MessageBuilder } from '../../../src/lib/message.ts'
import { binary, string, u8, u16, u32 } from '../../../src/lib/types.ts'
import {
  NL_VALIDATE_DEPRECATED_STRICT,
  NL_VALIDATE_LIBERAL,
  NL_VALIDATE_STRICT,
  nla_parse_at,
  nla_parse_nested,
  nla_parse_nested_deprecated,
  nlmsg_parse,
} from '../../../src/net/netlink/attr.ts'
import { netlink_ext_ack } from '../../../src/net/netlink/extack.ts'
import * as p from '../../../src/net/netlink/policy.ts'
import { netlink_policy_write_attr } from '../../../src/net/netlink/policy_dump.ts'
import { EINVAL, ERANGE, type Errno, ESRCH, isErrno } from '../../../src/uapi/errno.ts'
import { bootNet, taskOf } from '../../lib/bootNet.ts'
import { concat, nla, nlmsg } from '../../lib/netlinkClient.ts'

const T = attr(1, u32)
const INNER = attrs('INNER', { I_FIRST: attr(1, u8), I_SECOND: attr(2, u16) })
const inner = p.policy(INNER, { I_FIRST: p.NLA_U8, I_SECOND: p.NLA_REJECT('no second here') })
const NEST_FLAG = 0x8000

/** Parses one message with one attribute of type 1 held to `entry`. */
function check(entry: p.PolicyEntry, bytes: Uint8Array, level = NL_VALIDATE_STRICT, opts: p.PolicyOptions = {}) {
  const policy = p.policy(attrs('T', { T }), { T: entry }, opts)
  const req = { buf: nlmsg(20, 1, 1, bytes), pool: new AttrPool(64), extack: new netlink_ext_ack() }
  const tb = nlmsg_parse(req, 0, policy, level)
  return { tb, extack: req.extack, error: isErrno(tb) ? tb : undefined }
}
const b = (...x: number[]) => Uint8Array.from(x)
const text = (s: string) => new Uint8Array(Buffer.from(s, 'latin1'))

const invalid = 'Attribute failed policy validation'
const length = 'invalid attribute length'
const out = 'integer out of range'
/** entry, payload, what strict says; a list of [errno, text] or undefined. */
const rows: [name: string, entry: p.PolicyEntry, payload: Uint8Array, error: Errno | undefined, text?: string, type?: number][] = [
  ['u8 right', p.NLA_U8, b(1), undefined],
  ['u8 too long', p.NLA_U8, b(1, 2), EINVAL, length],
  ['u16 too short', p.NLA_U16, b(1), EINVAL, length],
  ['u32 too long', p.NLA_U32, b(1, 2, 3, 4, 5), EINVAL, length],
  ['u64 too short', p.NLA_U64, b(1, 2, 3, 4), EINVAL, length],
  ['be16 too long', p.NLA_BE16, b(1, 2, 3), EINVAL, length],
  ['msecs too short', p.NLA_MSECS, b(1, 2, 3, 4), ERANGE, invalid],
  ['uint of 4', p.NLA_UINT, b(1, 2, 3, 4), undefined],
  ['uint of 8', p.NLA_UINT, b(1, 2, 3, 4, 5, 6, 7, 8), undefined],
  ['uint of 5', p.NLA_UINT, b(1, 2, 3, 4, 5), EINVAL, length],
  ['flag', p.NLA_FLAG, b(), undefined],
  ['flag with payload', p.NLA_FLAG, b(1), ERANGE, invalid],
  ['string', p.NLA_STRING(4), text('abcd'), undefined],
  ['string with its zero', p.NLA_STRING(4), text('abcd\0'), undefined],
  ['string too long', p.NLA_STRING(4), text('abcde'), ERANGE, invalid],
  ['string empty', p.NLA_STRING(4), b(), ERANGE, invalid],
  ['nul string', p.NLA_NUL_STRING(4), text('abcd\0'), undefined],
  ['nul string without zero', p.NLA_NUL_STRING(4), text('abcd'), EINVAL, invalid],
  ['nul string empty', p.NLA_NUL_STRING(4), b(), EINVAL, invalid],
  ['nul string, zero too far', p.NLA_NUL_STRING(4), text('abcde\0'), EINVAL, invalid],
  ['nul string, zero inside and tail too long', p.NLA_NUL_STRING(4), text('ab\0cdef'), ERANGE, invalid],
  ['binary', p.NLA_BINARY(3), b(1, 2, 3), undefined],
  ['binary too long', p.NLA_BINARY(3), b(1, 2, 3, 4), ERANGE, invalid],
  ['min len', p.NLA_MIN_LEN(3), b(1, 2, 3, 4), undefined],
  ['min len, too short', p.NLA_MIN_LEN(3), b(1, 2), ERANGE, 'binary attribute size out of range'],
  ['exact len, too long', p.NLA_EXACT_LEN(3), b(1, 2, 3, 4), ERANGE, 'binary attribute size out of range'],
  ['exact len with warning, too long', p.NLA_EXACT_LEN_WARN(3), b(1, 2, 3, 4), EINVAL, length],
  ['exact len with warning, too short', p.NLA_EXACT_LEN_WARN(3), b(1, 2), ERANGE, 'binary attribute size out of range'],
  ['bitfield', p.NLA_BITFIELD32(3), b(1, 0, 0, 0, 3, 0, 0, 0), undefined],
  ['bitfield of wrong size', p.NLA_BITFIELD32(3), b(1, 0, 0, 0), ERANGE, invalid],
  ['bitfield, selector outside', p.NLA_BITFIELD32(3), b(0, 0, 0, 0, 4, 0, 0, 0), EINVAL, invalid],
  ['bitfield, value outside', p.NLA_BITFIELD32(3), b(4, 0, 0, 0, 0, 0, 0, 0), EINVAL, invalid],
  ['bitfield, value not selected', p.NLA_BITFIELD32(3), b(1, 0, 0, 0, 2, 0, 0, 0), EINVAL, invalid],
  ['reject', p.NLA_REJECT(), b(), EINVAL, invalid],
  ['reject with a text', p.NLA_REJECT('not today'), b(), EINVAL, 'not today'],
  ['unspecified', p.NLA_UNSPEC(), b(), EINVAL, 'Unsupported attribute'],
  ['range, below', p.range(p.NLA_U32, 68, 9000), b(67, 0, 0, 0), ERANGE, out],
  ['range, inside', p.range(p.NLA_U32, 68, 9000), b(68, 0, 0, 0), undefined],
  ['max of a signed', p.max(p.NLA_S8, 5), b(0xff), undefined],
  ['min of a signed', p.min(p.NLA_S32, -2), b(0xfd, 0xff, 0xff, 0xff), ERANGE, out],
  ['range of a u64', p.max(p.NLA_U64, 1n << 40n), b(0, 0, 0, 0, 0, 2, 0, 0), ERANGE, out],
  ['range of a be16', p.max(p.NLA_BE16, 4094), b(0x10, 0), ERANGE, out],
  ['length of a string', p.range(p.NLA_STRING(), 2, 3), text('a'), ERANGE, out],
  ['mask', p.mask(p.NLA_U8, 0x0f), b(0x10), EINVAL, 'reserved bit set'],
  ['mask, inside', p.mask(p.NLA_U8, 0x0f), b(0x0f), undefined],
  [
    'function',
    p.validate(p.NLA_U8, (buf, at, extack) => (buf[at + 4] === 7 ? undefined : extack.fail(ESRCH, 'seven!', at))),
    b(6),
    ESRCH,
    'seven!',
  ],
  ['nest without its flag', p.NLA_NESTED(), nla(1, b(1)), EINVAL, 'NLA_F_NESTED is missing'],
  ['nest', p.NLA_NESTED(), nla(1, b(1)), undefined, undefined, 1 | NEST_FLAG],
  ['empty nest', p.NLA_NESTED(() => inner), b(), undefined, undefined, 1 | NEST_FLAG],
  ['nest too short', p.NLA_NESTED(() => inner), b(1), ERANGE, invalid, 1 | NEST_FLAG],
  ['flag on a number', p.NLA_U8, b(1), EINVAL, 'NLA_F_NESTED not expected', 1 | NEST_FLAG],
]

t.test('a strict parse, one row for each way', async (t) => {
  for (const [name, entry, payload, error, message, type] of rows) {
    const got = check(entry, nla(type ?? 1, payload))
    t.equal(got.error, error, name)
    t.equal(got.extack._msg, message, `${name}: text`)
    t.equal(got.extack.bad_attr, error === undefined ? 0 : 16, `${name}: offset`)
  }
})

t.test('errors inside a nest name the inner attribute', async (t) => {
  const nest = (body: Uint8Array) =>
    check(
      p.NLA_NESTED(() => inner),
      nla(1 | NEST_FLAG, body),
    )
  const second = nest(concat(nla(1, b(1)), nla(2, b(1, 2))))
  t.match(second.extack, { _msg: 'no second here', bad_attr: 28 })
  const unknown = nest(nla(9, b(1)))
  t.match(unknown.extack, { _msg: 'Unknown attribute type', bad_attr: 20 })
  const list = check(
    p.NLA_NESTED_ARRAY(() => inner),
    nla(1 | NEST_FLAG, concat(nla(0, nla(1, b(1))), nla(77, nla(2, b(1))))),
  )
  t.match(list.extack, { _msg: 'no second here', bad_attr: 36 })
  const short = check(
    p.NLA_NESTED_ARRAY(() => inner),
    nla(1 | NEST_FLAG, nla(0, b(1))),
  )
  t.equal(short.error, ERANGE)
  t.match(short.extack, { _msg: 'Array element too short', bad_attr: 20 })
})

t.test('nests deeper than ten are refused', async (t) => {
  const set = attrs('DEEP', { D: attr(1, binary) })
  const deep: p.Policy = p.policy(set, { D: p.NLA_NESTED(() => deep) })
  const req = (levels: number) => {
    let body = nla(1 | NEST_FLAG, b())
    for (let i = 1; i < levels; i++) body = nla(1 | NEST_FLAG, body)
    return { buf: nlmsg(20, 1, 1, body), pool: new AttrPool(64), extack: new netlink_ext_ack() }
  }
  t.notOk(isErrno(nlmsg_parse(req(10), 0, deep)))
  const eleven = req(12)
  t.equal(nlmsg_parse(eleven, 0, deep), EINVAL)
  t.equal(eleven.extack._msg, 'allowed policy recursion depth exceeded')
})

t.test('the levels: what each still takes', async (t) => {
  // biome-ignore format: one TLV a line
  const cases: [string, Uint8Array, p.PolicyEntry, [number, Errno | undefined][]][] = [
    ['unknown type', nla(5, b(1)), p.NLA_U8, [[NL_VALIDATE_LIBERAL, undefined], [NL_VALIDATE_DEPRECATED_STRICT, EINVAL], [NL_VALIDATE_STRICT, EINVAL]]],
    ['type 0', nla(0, b(1)), p.NLA_U8, [[NL_VALIDATE_LIBERAL, undefined], [NL_VALIDATE_STRICT, EINVAL]]],
    ['bytes behind', concat(nla(1, b(1)), b(0, 0)), p.NLA_U8, [[NL_VALIDATE_LIBERAL, undefined], [NL_VALIDATE_DEPRECATED_STRICT, EINVAL]]],
    ['too long a number', nla(1, b(1, 2)), p.NLA_U8, [[NL_VALIDATE_LIBERAL, undefined], [NL_VALIDATE_DEPRECATED_STRICT, undefined]]],
    ['too short a number', nla(1, b(1)), p.NLA_U32, [[NL_VALIDATE_LIBERAL, ERANGE]]],
    ['unspecified', nla(1, b(1)), p.NLA_UNSPEC(), [[NL_VALIDATE_LIBERAL, undefined], [NL_VALIDATE_DEPRECATED_STRICT, undefined]]],
    ['unspecified, least length', nla(1, b(1)), p.NLA_UNSPEC(2), [[NL_VALIDATE_LIBERAL, ERANGE]]],
    ['nest without its flag', nla(1, nla(1, b(1))), p.NLA_NESTED(), [[NL_VALIDATE_DEPRECATED_STRICT, undefined]]],
    ['exact len with warning', nla(1, b(1, 2)), p.NLA_EXACT_LEN_WARN(1), [[NL_VALIDATE_LIBERAL, undefined]]],
  ]
  for (const [name, bytes, entry, levels] of cases) {
    for (const [level, error] of levels) t.equal(check(entry, bytes, level).error, error, `${name} at level ${level}`)
  }
})

t.test('strict_start_type: attributes from there on are strict in a liberal parse', async (t) => {
  const bytes = nla(1, b(1, 2))
  t.equal(check(p.NLA_U8, bytes, NL_VALIDATE_LIBERAL, { strict_start_type: 1 }).error, EINVAL)
  t.equal(check(p.NLA_U8, bytes, NL_VALIDATE_LIBERAL, { strict_start_type: 2 }).error, undefined)
})

t.test('a message too short for its family header', async (t) => {
  const req = { buf: nlmsg(20, 1, 1, b(1, 2, 3)), pool: new AttrPool(64), extack: new netlink_ext_ack() }
  t.equal(nlmsg_parse(req, 4, inner), EINVAL)
  t.equal(req.extack._msg, 'Invalid header length')
})

t.test('the last of two attributes of a type counts; a short value reads as zero-extended', async (t) => {
  const req = { buf: nlmsg(20, 1, 1, concat(nla(1, b(1)), nla(1, b(2)))), pool: new AttrPool(64), extack: new netlink_ext_ack() }
  const tb = nla_parse_at(req, 16, req.buf.length, p.policy(attrs('T', { T }), {}), NL_VALIDATE_LIBERAL)
  if (isErrno(tb)) return t.fail('refused')
  t.equal(tb.get(T), 2)
  t.equal(tb.at(T), 24)
})

t.test('nested parse: with the flag strictly, without it only the old way', async (t) => {
  const N = attr(1, string())
  const I = INNER.byNr[1]
  const set = p.policy(attrs('N', { N }), { N: p.NLA_NESTED() })
  const parse = (type: number) => {
    const req = { buf: nlmsg(20, 1, 1, nla(type, nla(1, b(7)))), pool: new AttrPool(64), extack: new netlink_ext_ack() }
    const tb = nlmsg_parse(req, 0, set, NL_VALIDATE_LIBERAL)
    if (isErrno(tb) || I === undefined) throw new Error('refused')
    return { req, tb, get: (x: ReturnType<typeof nla_parse_nested>) => (isErrno(x) ? x : x.get(I)) }
  }
  const old = parse(1)
  t.equal(old.get(nla_parse_nested(old.req, old.tb, N, inner)), EINVAL)
  t.match(old.req.extack, { _msg: 'NLA_F_NESTED is missing', bad_attr: 16 })
  t.equal(old.get(nla_parse_nested_deprecated(old.req, old.tb, N, inner)), 7)
  const fresh = parse(1 | NEST_FLAG)
  t.equal(fresh.get(nla_parse_nested(fresh.req, fresh.tb, N, inner)), 7)
})

t.test('the policy attribute of an error, one line a member', async (t) => {
  const shown = (entry: p.PolicyEntry) => {
    const skb = new MessageBuilder()
    return netlink_policy_write_attr(skb, undefined, entry, 4) ? hex(skb.bytes()) : undefined
  }
  // biome-ignore format: one TLV a line
  t.equal(shown(p.range(p.NLA_U32, 68, 65535)), [
    '24000480', // NLMSGERR_ATTR_POLICY
    '0c000400', '4400000000000000', // MIN_VALUE_U
    '0c000500', 'ffff000000000000', // MAX_VALUE_U
    '08000100', '04000000', // TYPE: U32
  ].join(''))
  t.equal(shown(p.NLA_S8), ['24000480', '0c000200', '80ffffffffffffff', '0c000300', '7f00000000000000', '08000100', '06000000'].join(''))
  t.equal(shown(p.NLA_NUL_STRING(15)), ['14000480', '08000700', '0f000000', '08000100', '0c000000'].join(''))
  t.equal(shown(p.NLA_EXACT_LEN(6)), ['1c000480', '08000600', '06000000', '08000700', '06000000', '08000100', '0a000000'].join(''))
  t.equal(shown(p.NLA_BITFIELD32(5)), ['14000480', '08000a00', '05000000', '08000100', '0f000000'].join(''))
  t.equal(shown(p.mask(p.NLA_U8, 0xf)), ['18000480', '0c000c00', '0f00000000000000', '08000100', '02000000'].join(''))
  t.equal(shown(p.NLA_FLAG), ['0c000480', '08000100', '01000000'].join(''))
  t.equal(shown(p.NLA_NESTED(() => inner)), ['0c000480', '08000100', '0d000000'].join(''))
  t.equal(shown(p.NLA_REJECT()), undefined)
  t.equal(shown(p.NLA_UNSPEC(4)), undefined)
})

t.test('what only old programs may do is logged, ten lines in five seconds', async (t) => {
  const kernel = bootNet()
  const ctx = { pool: kernel.nla_pool, net: kernel.init_net, task: taskOf(kernel, 1) }
  const parse = () =>
    nlmsg_parse({ ...ctx, buf: nlmsg(20, 1, 1, nla(1, b(1, 2))), extack: new netlink_ext_ack() }, 0, inner, NL_VALIDATE_LIBERAL)
  for (let i = 0; i < 12; i++) t.notOk(isErrno(parse()))
  const lines = kernel.log.records.map((r) => r.text).filter((text) => text.startsWith('netlink: '))
  t.strictSame(lines, new Array(10).fill("netlink: 'test': attribute type 1 has an invalid length."))
  kernel.events.runUntil(6e9)
  nlmsg_parse({ ...ctx, buf: nlmsg(20, 1, 1, b(9, 9)), extack: new netlink_ext_ack() }, 0, inner, NL_VALIDATE_LIBERAL)
  t.equal(kernel.log.records.at(-1)?.text, "netlink: 2 bytes leftover after parsing attributes in process `test'.")
})

t.test('a seeded storm of bytes: never outside the message, never a throw', async (t) => {
  const kernel = bootNet()
  const set = p.policy(attrs('F', { A: attr(1, u8), B: attr(2, u32), C: attr(3, string()), D: attr(4, binary), E: attr(5, binary) }), {
    A: p.NLA_U8,
    B: p.range(p.NLA_U32, 1, 9),
    C: p.NLA_NUL_STRING(8),
    D: p.NLA_NESTED(() => inner),
    E: p.NLA_NESTED_ARRAY(() => inner),
  })
  for (let i = 0; i < 20000; i++) {
    const buf = kernel.random.bytes(16 + kernel.random.below(60))
    for (let at = 16; at + 4 < buf.length; at += 4) {
      if (kernel.random.below(2)) buf.set([kernel.random.below(20), 0, kernel.random.below(7), kernel.random.below(4) ? 0 : 0x80], at)
    }
    const mark = kernel.nla_pool.mark()
    const level = [NL_VALIDATE_LIBERAL, NL_VALIDATE_DEPRECATED_STRICT, NL_VALIDATE_STRICT][kernel.random.below(3)]
    const tb = nlmsg_parse({ buf, pool: kernel.nla_pool, extack: new netlink_ext_ack() }, 0, set, level)
    if (!isErrno(tb)) {
      for (let nr = 1; nr <= 5; nr++) {
        const at = tb.atNr(nr)
        if (at !== 0 && at + get16(buf, at) > buf.length) t.fail('an attribute reaches outside')
      }
    }
    kernel.nla_pool.release(mark)
  }
})
