/** net/netlink/genetlink.c: numbers, dispatch, the controller's answers and news. */
import t from 'tap'
import { CAP_FULL_SET } from '../../../src/kernel/capability.ts'
import type { Kernel } from '../../../src/kernel/kernel.ts'
import { attr, attrs, nested } from '../../../src/lib/attrs.ts'
import { get16, get32, getString, put16 } from '../../../src/lib/bytes.ts'
import { MessageBuilder } from '../../../src/lib/message.ts'
import { string, u8, u32 } from '../../../src/lib/types.ts'
import { copy_net_ns } from '../../../src/net/core/net_namespace.ts'
import {
  GENL_DONT_VALIDATE_DUMP,
  GENL_DONT_VALIDATE_STRICT,
  GENL_MCAST_CAP_NET_ADMIN,
  genl_dumpit_info_of,
  type genl_family,
  genl_family_by_name,
  type genl_info,
  genl_notify,
  genl_register_family,
  genl_unregister_family,
  genlmsg_multicast_netns,
  genlmsg_put,
  genlmsg_reply,
} from '../../../src/net/netlink/genetlink.ts'
import { NLA_NESTED, NLA_NUL_STRING, NLA_U8, NLA_U32, policy } from '../../../src/net/netlink/policy.ts'
import type { netlink_callback } from '../../../src/net/netlink/types.ts'
import { EAGAIN, EEXIST, ENOENT, EPERM, type Errno, isErrno } from '../../../src/uapi/errno.ts'
import {
  CTRL_CMD_DELFAMILY,
  CTRL_CMD_DELMCAST_GRP,
  CTRL_CMD_NEWFAMILY,
  CTRL_CMD_NEWMCAST_GRP,
  GENL_ADMIN_PERM,
  GENL_CMD_CAP_DO,
} from '../../../src/uapi/linux/genetlink.ts'
import {
  NETLINK_ADD_MEMBERSHIP,
  NETLINK_EXT_ACK,
  NETLINK_GENERIC,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_ECHO,
  NLM_F_REQUEST,
} from '../../../src/uapi/linux/netlink.ts'
import { bootNet, taskOf } from '../../lib/bootNet.ts'
import { concat, hex, u32 as int, type Message, NetlinkClient, nla, nlmsg, sockaddr } from '../../lib/netlinkClient.ts'

const FRUITA_NAME = attr(1, string())
const FRUITA_WEIGHT = attr(2, u32)
const FRUITA_SEED = attr(
  3,
  nested(() => SEEDA),
)
const SEEDA = attrs('SEEDA', { SEEDA_COLOUR: attr(1, u8) })
const FRUITA = attrs('FRUITA', { FRUITA_NAME, FRUITA_WEIGHT, FRUITA_SEED })
const seed_policy = policy(SEEDA, { SEEDA_COLOUR: NLA_U8 })
const fruit_policy = policy(FRUITA, { FRUITA_NAME: NLA_NUL_STRING(15), FRUITA_WEIGHT: NLA_U32, FRUITA_SEED: NLA_NESTED(() => seed_policy) })

function fruit_get(info: genl_info): Errno | undefined {
  if (!info.attrs.has(FRUITA_NAME)) return info.extack.missing(ENOENT, FRUITA_NAME.nr)
  const skb = new MessageBuilder()
  genlmsg_put(skb, info.net, info.snd_portid, info.snd_seq, fruit, 0, info.cmd)
  skb.put(FRUITA_NAME, info.attrs.get(FRUITA_NAME) as string)
  skb.end()
  if (info.req.flags & NLM_F_ECHO) genl_notify(fruit, skb, info, 1)
  return genlmsg_reply(skb, info)
}
function fruit_dump(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const weight = genl_dumpit_info_of(cb).attrs.get(FRUITA_WEIGHT) ?? 0
  for (; cb.args[0] < 300; cb.args[0]++) {
    genlmsg_put(skb, cb.net, cb.portid, cb.seq, fruit, 2, 1)
    skb.put(FRUITA_WEIGHT, weight + cb.args[0])
    if (!skb.end()) return true
  }
  return undefined
}
const fruit: genl_family = {
  name: 'fruit',
  version: 3,
  maxattr: 3,
  policy: fruit_policy,
  netnsok: true,
  resv_start_op: 3,
  mcgrps: [{ name: 'ripe' }, { name: 'rotten' }, { name: 'secret', flags: GENL_MCAST_CAP_NET_ADMIN }],
  ops: [
    { cmd: 1, doit: fruit_get, dumpit: fruit_dump, validate: GENL_DONT_VALIDATE_STRICT | GENL_DONT_VALIDATE_DUMP },
    { cmd: 2, doit: fruit_get, flags: GENL_ADMIN_PERM },
    { cmd: 3, dumpit: fruit_dump },
  ],
}
const bare: genl_family = {
  name: 'bare',
  version: 1,
  resv_start_op: 1,
  mcgrps: [{ name: 'one' }],
  split_ops: [{ cmd: 1, flags: GENL_CMD_CAP_DO, doit: () => undefined }],
}

const REQUEST = NLM_F_REQUEST | NLM_F_ACK
const genl = (cmd: number, ...parts: Uint8Array[]) => concat(Uint8Array.from([cmd, 1, 0, 0]), ...parts)
function boot(capabilities = CAP_FULL_SET): { kernel: Kernel; a: NetlinkClient; id: number } {
  const kernel = bootNet()
  genl_register_family(kernel, fruit)
  const a = new NetlinkClient(taskOf(kernel, 10, { capabilities }), NETLINK_GENERIC)
  a.set(NETLINK_EXT_ACK, 1)
  return { kernel, a, id: genl_family_by_name(kernel.genl, 'fruit')?.id ?? 0 }
}
const u16 = (v: number) => {
  const b = new Uint8Array(2)
  put16(b, 0, v)
  return b
}

t.test('numbers: nlctrl 16, others from 19 on, not reused at once; groups from 2 on around the reserved ones', async (t) => {
  const kernel = bootNet()
  const family = (name: string, groups: number): genl_family => ({
    name,
    version: 1,
    mcgrps: Array.from({ length: groups }, (_, i) => ({ name: `g${i}` })),
  })
  const add = (name: string, groups: number) => {
    genl_register_family(kernel, family(name, groups))
    const entry = genl_family_by_name(kernel.genl, name)
    return [entry?.id, entry?.mcgrp_offset]
  }
  const first = family('first', 2)
  t.equal(genl_family_by_name(kernel.genl, 'nlctrl')?.mcgrp_offset, 16)
  genl_register_family(kernel, first)
  t.strictSame(add('second', 0), [20, 0])
  t.strictSame(add('VFS_DQUOT', 1), [17, 17])
  t.strictSame(add('NET_DM', 1), [21, 1])
  t.strictSame(add('wide', 13), [22, 19], 'thirteen do not fit below 16')
  t.strictSame(add('narrow', 12), [23, 4])
  genl_unregister_family(kernel, first)
  t.strictSame(add('next', 1), [24, 2], 'its group is free again, its number not yet')
  t.strictSame(add('huge', 70), [25, 32])
  t.equal(kernel.netlink.tables[NETLINK_GENERIC].groups, 192)
  t.equal(genl_register_family(kernel, family('next', 0)), EEXIST)
  t.equal(genl_unregister_family(kernel, first), ENOENT)
})

t.test('CTRL_CMD_GETFAMILY of nlctrl, byte for byte', async (t) => {
  const { a } = boot()
  a.send(nlmsg(16, NLM_F_REQUEST, 1, genl(3, nla(2, 'nlctrl\0'))))
  const got = a.receive()
  if (isErrno(got)) return t.fail('no answer')
  // biome-ignore format: one TLV a line
  t.equal(hex(got.data), [
    '88000000', '1000', '0000', '01000000', '0a000000', '01', '02', '0000', // NEWFAMILY, version 2
    '0b000200', '6e6c6374726c00', '00', // CTRL_ATTR_FAMILY_NAME
    '06000100', '1000', '0000', // FAMILY_ID
    '08000300', '02000000', // VERSION
    '08000400', '00000000', // HDRSIZE
    '08000500', '00000000', // MAXATTR
    '2c000600', '14000100', '08000100', '03000000', '08000200', '0e000000', // OPS: GETFAMILY do, dump, policy
    '14000200', '08000100', '0a000000', '08000200', '0c000000', // GETPOLICY dump, policy
    '1c000700', '18000100', '08000200', '10000000', '0b000100', '6e6f7469667900', '00', // MCAST_GROUPS: notify
  ].join(''))
  t.equal(got.data.length, get32(got.data, 0))
})

t.test('CTRL_CMD_GETFAMILY: by number, both, none, unknown', async (t) => {
  const { kernel, a, id } = boot()
  const name = (m: Message) => getString(m.body, 8, 24)
  t.equal(name(a.ask(16, NLM_F_REQUEST, genl(3, nla(1, u16(id))))), 'fruit')
  t.equal(name(a.ask(16, NLM_F_REQUEST, genl(3, nla(1, u16(16)), nla(2, 'fruit\0')))), 'fruit', 'the name wins')
  t.equal(a.ask(16, NLM_F_REQUEST, genl(3)).error, -22)
  t.equal(a.ask(16, NLM_F_REQUEST, genl(3, nla(2, 'nosuch\0'))).error, -2)
  t.equal(a.ask(16, NLM_F_REQUEST, genl(3, nla(1, u16(99)))).error, -2)
  t.strictSame(
    kernel.unsupported.toJson().map((c) => c.what),
    ['family nosuch', 'family 99'],
  )
})

t.test('the dump of families, by number', async (t) => {
  const { kernel, a } = boot()
  genl_register_family(kernel, bare)
  a.send(nlmsg(16, NLM_F_REQUEST | NLM_F_DUMP, 5, genl(3)))
  const parts = a.drain().datagrams
  t.strictSame(
    parts.map((d) => d.map((m) => m.type)),
    [[16, 16, 16], [3]],
    'NLMSG_DONE in a datagram of its own',
  )
  t.strictSame(
    parts[0].map((m) => getString(m.body, 8, 14)),
    ['nlctrl', 'fruit', 'bare'],
  )
  const other = copy_net_ns(kernel)
  if (isErrno(other)) return t.fail('no namespace')
  const b = new NetlinkClient(taskOf(kernel, 11, { netns: other.inum }), NETLINK_GENERIC)
  b.send(nlmsg(16, NLM_F_REQUEST | NLM_F_DUMP, 5, genl(3)))
  t.equal(b.drain().datagrams[0].length, 2, 'what is not netnsok exists in init_net only')
  t.equal(b.ask(16, NLM_F_REQUEST, genl(3, nla(2, 'bare\0'))).error, -2)
  t.equal(b.ask(21, NLM_F_REQUEST, genl(1)).error, -2)
})

t.test('dispatch: unknown family, short header, unknown command, wrong way, permission', async (t) => {
  const { kernel, a, id } = boot()
  t.equal(a.ask(999, REQUEST, genl(1)).error, -2)
  t.equal(a.ask(id, REQUEST, Uint8Array.from([1, 1, 0])).error, -22)
  t.equal(a.ask(id, REQUEST, genl(9)).error, -95)
  t.equal(a.ask(id, REQUEST, genl(3)).error, -95, 'a dump asked for as a do')
  t.equal(a.ask(id, REQUEST | NLM_F_DUMP, genl(2)).error, -95)
  t.strictSame(
    kernel.unsupported
      .toJson()
      .map((c) => `${c.kind} ${c.what}`)
      .slice(1),
    ['genetlink fruit command 9', 'genetlink fruit command 3', 'genetlink fruit command 2'],
  )
  const user = boot(0n)
  t.equal(user.a.ask(id, REQUEST, genl(2, nla(1, 'fig\0'))).error, -1)
  t.match(a.ask(id, NLM_F_REQUEST, genl(2, nla(1, 'fig\0'))), {
    type: id,
    body: Uint8Array.from([2, 3, 0, 0, 8, 0, 1, 0, 102, 105, 103, 0]),
  })
})

t.test('strictness: by operation and from resv_start_op on', async (t) => {
  const { kernel, a, id } = boot()
  t.equal(a.ask(id, NLM_F_REQUEST, genl(1, nla(1, 'fig\0'), nla(99, int(1)))).type, id, 'GENL_DONT_VALIDATE_STRICT')
  t.match(a.ask(id, NLM_F_REQUEST, genl(2, nla(1, 'fig\0'), nla(99, int(1)))), { error: -22, text: 'Unknown attribute type', offset: 28 })
  t.match(a.ask(id, REQUEST | 0x800, genl(3)), { error: -22, text: 'ambiguous or reserved bits set in nlmsg_flags' })
  t.match(a.ask(id, REQUEST | NLM_F_DUMP, Uint8Array.from([3, 1, 5, 0])), { error: -22, text: 'genlmsghdr.reserved field is not 0' })
  t.equal(a.ask(id, NLM_F_REQUEST | 0x800, concat(Uint8Array.from([2, 1, 5, 0]), nla(1, 'fig\0'))).type, id, 'older commands take both')
  t.match(a.ask(id, REQUEST, genl(2)), { error: -2, tlvs: new Map([[5, int(1)]]) }, 'a missing attribute')
  genl_register_family(kernel, bare)
  t.equal(a.ask(id + 1, REQUEST, genl(1)).error, 0)
})

t.test('a dump keeps its attributes over many parts', async (t) => {
  const { a, id } = boot()
  a.send(nlmsg(id, NLM_F_REQUEST | NLM_F_DUMP, 5, genl(3, nla(2, int(1000)))))
  a.ask(16, REQUEST, genl(3))
  const weights: number[] = []
  for (const d of a.drain().datagrams) for (const m of d) if (m.type === id) weights.push(get32(m.body, 8))
  t.equal(weights.at(-1), 1299)
  a.drain()
  a.send(nlmsg(id, NLM_F_REQUEST | NLM_F_DUMP, 5, genl(1, nla(2, int(7)))))
  t.equal(get32(a.drain().datagrams[0][0].body, 8), 0, 'GENL_DONT_VALIDATE_DUMP: not even parsed')
})

t.test('groups: an echo goes to the requester, the news to members', async (t) => {
  const { kernel, a, id } = boot()
  const b = new NetlinkClient(taskOf(kernel, 11), NETLINK_GENERIC)
  const group = (genl_family_by_name(kernel.genl, 'fruit')?.mcgrp_offset ?? 0) + 1
  a.bind()
  b.bind()
  for (const s of [a, b]) s.set(NETLINK_ADD_MEMBERSHIP, group)
  a.send(nlmsg(id, NLM_F_REQUEST | NLM_F_ECHO, 1, genl(1, nla(1, 'fig\0'))))
  t.equal(a.drain().datagrams.length, 2, 'reply and echo')
  t.match(b.receive(), { name: sockaddr(0, 1 << (group - 1)) })
  const skb = new MessageBuilder()
  genlmsg_put(skb, kernel.init_net, 0, 0, fruit, 0, 1)
  skb.end()
  genlmsg_multicast_netns(fruit, kernel.init_net, skb, 11, 1)
  t.equal(b.receive(), EAGAIN, 'the excluded port')
  t.notOk(isErrno(a.receive()))
  const user = new NetlinkClient(taskOf(kernel, 12, { capabilities: 0n }), NETLINK_GENERIC)
  t.equal(user.set(NETLINK_ADD_MEMBERSHIP, group), undefined)
  t.equal(user.set(NETLINK_ADD_MEMBERSHIP, group + 1), EPERM, 'GENL_MCAST_CAP_NET_ADMIN')
  t.equal(user.bind(12, 1 << group), EPERM)
})

t.test('news about families: the family, then its groups; gone, groups first', async (t) => {
  const { kernel, a } = boot()
  a.bind(0, 1 << 15)
  genl_register_family(kernel, bare)
  const [family, group] = a.drain().datagrams.map((d) => d[0])
  t.match([family.body[0], group.body[0]], [CTRL_CMD_NEWFAMILY, CTRL_CMD_NEWMCAST_GRP])
  // biome-ignore format: one TLV a line
  t.equal(hex(group.body.subarray(4)), [
    '09000200', '6261726500', '000000', '06000100', '1400', '0000',
    '18000700', '14000100', '08000200', '05000000', '08000100', '6f6e6500', // no NLA_F_NESTED here
  ].join(''))
  a.set(NETLINK_ADD_MEMBERSHIP, 5)
  genl_unregister_family(kernel, bare)
  t.strictSame(
    a.drain().datagrams.map((d) => d[0].body[0]),
    [CTRL_CMD_DELMCAST_GRP, CTRL_CMD_DELFAMILY],
  )
  t.strictSame(a.name().groups, 1 << 15, 'members of its groups are members no more')
})

/** Recorded from Linux: the map of operations to policies, then each attribute. */
const nlctrl_policies = [
  '34000000 1000 0200 01000000 0a000000 0a020000 06000100 10000000 18000980 14000380 08000100 00000000 08000200 00000000',
  '2c000000 1000 0200 01000000 0a000000 0a020000 06000100 10000000 10000980 0c000080 08000200 01000000',
  '48000000 1000 0200 01000000 0a000000 0a020000 06000100 10000000 2c000880 28000080 24000180 0c000400 0000000000000000 0c000500 ffff000000000000 08000100 03000000',
  '38000000 1000 0200 01000000 0a000000 0a020000 06000100 10000000 1c000880 18000080 14000280 08000700 0f000000 08000100 0c000000',
  '48000000 1000 0200 01000000 0a000000 0a020000 06000100 10000000 2c000880 28000180 24000180 0c000400 0000000000000000 0c000500 ffff000000000000 08000100 03000000',
  '38000000 1000 0200 01000000 0a000000 0a020000 06000100 10000000 1c000880 18000180 14000280 08000700 0f000000 08000100 0c000000',
  '48000000 1000 0200 01000000 0a000000 0a020000 06000100 10000000 2c000880 28000180 24000a80 0c000400 0000000000000000 0c000500 ffffffff00000000 08000100 04000000',
]

t.test('CTRL_CMD_GETPOLICY of nlctrl, byte for byte', async (t) => {
  const { a } = boot()
  a.send(nlmsg(16, NLM_F_REQUEST | NLM_F_DUMP, 1, genl(10, nla(1, u16(16)))))
  const got = a.receive()
  if (isErrno(got)) return t.fail('no answer')
  t.equal(hex(got.data), nlctrl_policies.join('').replaceAll(' ', ''))
})

t.test('CTRL_CMD_GETPOLICY: one operation, nested policies, errors', async (t) => {
  const { a, id } = boot()
  const ask = (...parts: Uint8Array[]) => {
    a.send(nlmsg(16, NLM_F_REQUEST | NLM_F_DUMP, 1, genl(10, ...parts)))
    return a.drain().datagrams
  }
  const one = ask(nla(1, u16(id)), nla(10, int(2)))
  t.strictSame(
    one.map((d) => d.length),
    [5, 1],
    'the map, three attributes, one of the nest; then NLMSG_DONE',
  )
  t.equal(
    hex(one[0][3].body.subarray(12)),
    ['24000880', '20000080', '1c000380', '08000800', '01000000', '08000900', '01000000', '08000100', '0d000000'].join(''),
    'nest: policy 1 with 1 attribute',
  )
  t.equal(get16(one[0][4].body, 18) & 0x3fff, 1, 'which is the last')
  t.match(ask()[0][0], { error: -22 })
  t.match(ask(nla(2, 'nosuch\0'))[0][0], { error: -2 })
  t.match(ask(nla(1, u16(id)), nla(10, int(77)))[0][0], { error: -2, offset: 28 })
  t.match(ask(nla(3, int(77)))[0][0], { error: -22, text: 'Unsupported attribute', offset: 20 })
})

t.test('a seeded storm on the controller', async (t) => {
  const { kernel, a } = boot()
  const { random } = kernel
  for (let i = 0; i < 5000; i++) {
    const body = random.bytes(4 + random.below(40))
    body.set([random.below(12), random.below(3), 0, 0])
    if (body.length > 12) body.set([random.below(14), 0, random.below(12), 0], 4)
    a.send(nlmsg(random.below(3) ? 16 : 19, NLM_F_REQUEST | (random.below(2) ? NLM_F_DUMP : NLM_F_ACK), i, body))
    a.drain()
  }
  t.equal(a.sock.sk?.sk_rmem_alloc, 0)
})
