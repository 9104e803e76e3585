/** Policy rules of both families: which table a flow is looked up in. */
import t from 'tap'
import { EACCES, EAFNOSUPPORT, EEXIST, EINVAL, ENETUNREACH, ENOENT } from '../../../src/uapi/errno.ts'
import * as R from '../../../src/uapi/linux/fib_rules.ts'
import { RTM_DELRULE, RTM_GETRULE, RTM_NEWRULE } from '../../../src/uapi/linux/rtnetlink.ts'
import { in6 } from '../ipv6/ipv6Host.ts'
import { ADD, RouteHost } from '../ipv6/routeHost.ts'
import { type Ack, Client, concat, type Message, nla, parseAck, u8 } from './rtnetlink_client.ts'

interface Rule {
  family?: number
  action?: number
  table?: number
  flags?: number
  tos?: number
  src?: [addr: string, length: number]
  dst?: [addr: string, length: number]
}
function u16s(...values: number[]): Uint8Array {
  return new Uint8Array(new Uint16Array(values).buffer)
}
function body(r: Rule, ...attributes: Uint8Array[]): Uint8Array {
  const header = R.fib_rule_hdr.encode({
    family: r.family ?? 10,
    dst_len: r.dst?.[1] ?? 0,
    src_len: r.src?.[1] ?? 0,
    tos: r.tos ?? 0,
    table: r.table ?? 0,
    action: r.action ?? R.FR_ACT_TO_TBL,
    flags: r.flags ?? 0,
  })
  const parts = [header]
  if (r.dst !== undefined) parts.push(nla(R.FRA_DST, in6(r.dst[0])))
  if (r.src !== undefined) parts.push(nla(R.FRA_SRC, in6(r.src[0])))
  return concat(...parts, ...attributes)
}
class RuleHost extends RouteHost {
  readonly rules_told = new Client(this.kernel, { groups: [8, 19] })
  add_rule(r: Rule, ...attributes: Uint8Array[]): Ack {
    return this.client.ack(RTM_NEWRULE, ADD, body(r, ...attributes))
  }
  del_rule(r: Rule, ...attributes: Uint8Array[]): Ack {
    return this.client.ack(RTM_DELRULE, 0, body({ action: 0, ...r }, ...attributes))
  }
  rules(family: number): Message[] {
    return this.client.request(RTM_GETRULE, 0x301, body({ family, action: 0 })).filter((m) => m.type === RTM_NEWRULE)
  }
}
/** Table 100 leads to 2001:db8::100, main to 2001:db8::fe. */
function host(): RuleHost {
  const h = new RuleHost()
  h.add(h.dummy('d0'), '2001:db8::1/64', { flags: 2 })
  h.route(ADD, '::/0', { via: '2001:db8::100', table: 100 })
  h.route(ADD, '::/0', { via: '2001:db8::fe' })
  h.quiet()
  return h
}
const oif = nla(4, 2)
const src = (text: string) => nla(2, in6(text))
/** The last part of the gateway that the flow takes: 100 or fe. */
function taken(h: RuleHost, dst: string, ...flow: Uint8Array[]): string {
  const line = h.get(dst, ...flow)
  return typeof line === 'number' ? String(line) : (line.match(/via 2001:db8::(\S+)/)?.[1] ?? 'none')
}

t.test('selectors: a flow that fits goes to the table of the rule, one that does not goes on', async (t) => {
  const other = '2002::1'
  const rows: [name: string, rule: Rule, attributes: Uint8Array[], fits: Uint8Array[], not: Uint8Array[]][] = [
    ['from', { src: ['2001:db8:1::', 48] }, [], [src('2001:db8:1::5')], [src('2001:db8:2::5')]],
    ['to', { dst: [other, 128] }, [], [], [nla(1, in6('2003::1'))]],
    ['fwmark', {}, [nla(R.FRA_FWMARK, 7)], [nla(16, 7)], [nla(16, 6)]],
    ['fwmark and mask', {}, [nla(R.FRA_FWMARK, 0x10), nla(R.FRA_FWMASK, 0xf0)], [nla(16, 0x13)], [nla(16, 0x23)]],
    ['uidrange', {}, [nla(R.FRA_UID_RANGE, 5, 6)], [nla(25, 6)], [nla(25, 7)]],
    ['ipproto', {}, [nla(R.FRA_IP_PROTO, u8(6))], [nla(27, u8(6))], [nla(27, u8(17))]],
    ['dport', {}, [nla(R.FRA_DPORT_RANGE, u16s(80, 90))], [nla(29, Uint8Array.of(0, 85))], [nla(29, Uint8Array.of(0, 91))]],
    ['sport', {}, [nla(R.FRA_SPORT_RANGE, u16s(80, 80))], [nla(28, Uint8Array.of(0, 80))], [nla(28, Uint8Array.of(0, 81))]],
    ['oif', {}, [nla(R.FRA_OIFNAME, 'd0')], [oif], []],
    ['iif lo', {}, [nla(R.FRA_IIFNAME, 'lo')], [], [nla(3, 2)]],
    ['iif', {}, [nla(R.FRA_IIFNAME, 'd0')], [nla(3, 2)], []],
  ]
  for (const [name, rule, attributes, fits, not] of rows) {
    const h = host()
    t.match(h.add_rule({ ...rule, table: 100 }, ...attributes), { error: 0 }, name)
    t.equal(taken(h, other, ...fits), '100', `${name}: fits`)
    if (name === 'to') t.equal(taken(h, '2003::1'), 'fe', 'to: does not')
    else t.equal(taken(h, other, ...not), 'fe', `${name}: does not`)
    h.del_rule(rule, ...attributes)
    t.equal(taken(h, other, ...fits), 'fe', `${name}: gone`)
    const inverted = host()
    inverted.add_rule({ ...rule, table: 100, flags: R.FIB_RULE_INVERT }, ...attributes)
    t.equal(taken(inverted, other, ...fits), 'fe', `not ${name}`)
  }
})

t.test('actions, gotos and suppressors', async (t) => {
  const h = host()
  const pref = (n: number) => nla(R.FRA_PRIORITY, n)
  const rows: [Rule, Uint8Array[], string][] = [
    [{ action: R.FR_ACT_UNREACHABLE }, [], String(-ENETUNREACH.code)],
    [{ action: R.FR_ACT_PROHIBIT }, [], String(-EACCES.code)],
    [{ action: R.FR_ACT_BLACKHOLE }, [], String(-EINVAL.code)],
    [{ action: R.FR_ACT_NOP }, [], 'fe'],
    [{ table: 100 }, [], '100'],
    [{ table: 100 }, [nla(R.FRA_SUPPRESS_PREFIXLEN, 0)], 'fe'],
    [{ table: 100 }, [nla(R.FRA_SUPPRESS_IFGROUP, 0)], 'fe'],
    [{ table: 100 }, [nla(R.FRA_SUPPRESS_IFGROUP, 5)], '100'],
    [{ table: 101 }, [], 'fe'],
  ]
  for (const [rule, attributes, expected] of rows) {
    t.equal(h.add_rule(rule, pref(10), ...attributes).error, 0)
    t.equal(taken(h, '2002::1'), expected, `${JSON.stringify(rule)} ${attributes.length}`)
    t.equal(h.del_rule({}, pref(10)).error, 0)
  }
  h.add_rule({ action: R.FR_ACT_GOTO }, pref(5), nla(R.FRA_GOTO, 20))
  h.add_rule({ action: R.FR_ACT_PROHIBIT }, pref(10))
  t.equal(taken(h, '2002::1'), String(-EACCES.code), 'a goto without a target is passed over')
  h.add_rule({ table: 100 }, pref(20))
  t.equal(taken(h, '2002::1'), '100', 'and leads on as soon as there is one')
  h.del_rule({}, pref(20))
  t.equal(taken(h, '2002::1'), String(-EACCES.code))
})

t.test('priorities: the next below the second rule, unless given; equal ones in order', async (t) => {
  const h = host()
  const prefs = () =>
    h.rules(10).map((m) => {
      const at = Buffer.from(m.bytes).toString('hex').indexOf('08000600')
      return at < 0 ? 0 : m.bytes[at / 2 + 4] + m.bytes[at / 2 + 5] * 256
    })
  t.same(prefs(), [0, 32766])
  h.add_rule({ table: 100 })
  h.add_rule({ table: 101 })
  h.add_rule({ table: 102 }, nla(R.FRA_PRIORITY, 32765))
  t.same(prefs(), [0, 32764, 32765, 32765, 32766])
  t.equal(h.add_rule({ table: 102 }, nla(R.FRA_PRIORITY, 32765)).error, -EEXIST.code)
})

t.test('devices by name: detached while there is none', async (t) => {
  const h = host()
  h.add_rule({ table: 100 }, nla(R.FRA_OIFNAME, 'late'))
  const detached = () => (h.rules(10)[1].bytes[24] & R.FIB_RULE_OIF_DETACHED) !== 0
  t.ok(detached())
  h.dummy('late')
  t.notOk(detached())
})

t.test('what cannot be', async (t) => {
  const h = host()
  const rows: [Rule, Uint8Array[], number, string | undefined][] = [
    [{ family: 77 }, [], EAFNOSUPPORT.code, 'Rule family not supported'],
    [{ table: 0 }, [], EINVAL.code, 'Invalid table'],
    [{ table: 5, tos: 3 }, [], EINVAL.code, 'Invalid dsfield (tos): ECN bits must be 0'],
    [{ table: 5, tos: 4 }, [nla(R.FRA_DSCP, u8(1))], EINVAL.code, 'Cannot specify both TOS and DSCP'],
    [{ table: 5 }, [nla(R.FRA_L3MDEV, u8(1))], EINVAL.code, 'l3mdev and table are mutually exclusive'],
    [{ table: 5 }, [nla(R.FRA_L3MDEV, u8(2))], EINVAL.code, 'Invalid l3mdev attribute'],
    [{ table: 5 }, [nla(R.FRA_UID_RANGE, 6, 5)], EINVAL.code, 'Invalid uid range'],
    [{ table: 5 }, [nla(R.FRA_SPORT_RANGE, u16s(6, 5))], EINVAL.code, 'Invalid sport range'],
    [{ table: 5 }, [nla(R.FRA_DPORT_RANGE, u16s(0, 5))], EINVAL.code, 'Invalid dport range'],
    [{ table: 5 }, [nla(R.FRA_GOTO, 5)], EINVAL.code, 'Unexpected goto'],
    [{ action: R.FR_ACT_GOTO }, [], EINVAL.code, 'Missing goto target for action goto'],
    [{ action: R.FR_ACT_GOTO }, [nla(R.FRA_PRIORITY, 9), nla(R.FRA_GOTO, 9)], EINVAL.code, 'Backward goto not supported'],
    [{ table: 5, src: ['::', 129] }, [], EINVAL.code, 'Invalid source address'],
  ]
  h.rules_told.receive()
  for (const [rule, attributes, error, msg] of rows) {
    t.match(h.add_rule(rule, ...attributes), { error: -error, msg }, String(msg))
  }
  t.equal(h.del_rule({ table: 77 }).error, -ENOENT.code)
  t.same(h.rules_told.receive(), [], 'and nobody is told')
  const [answer] = h.client.request(RTM_GETRULE, 0x301, body({ table: 5 }))
  t.match(parseAck(answer), { error: -EINVAL.code, msg: 'Invalid values in header for fib rule dump request' })
})

t.test('a dump of all families: IPv4, multicast routing, IPv6', async (t) => {
  t.same(
    host()
      .rules(0)
      .map((m) => m.bytes[16]),
    [2, 2, 2, 128, 129, 10, 10],
  )
})
