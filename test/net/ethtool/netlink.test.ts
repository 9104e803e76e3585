/** The generic netlink family "ethtool": headers, GET, dump, SET with its notification, bitsets, and what is refused. */
import t from 'tap'
import { add_device } from '../../../src/init/devices.ts'
import type { Kernel } from '../../../src/kernel/kernel.ts'
import { pm_suspend } from '../../../src/kernel/suspend.ts'
import { type Attr, type AttrSet, decode, eachAttr, isNest, NLA_F_NESTED } from '../../../src/lib/attrs.ts'
import { get16 } from '../../../src/lib/bytes.ts'
import { ethtool_genl_family } from '../../../src/net/ethtool/netlink.ts'
import { genl_family_by_object, genl_group_id } from '../../../src/net/netlink/genetlink.ts'
import { NETIF_F_RXALL } from '../../../src/net/core/netdev_features_bits.ts'
import { WAKE_MAGIC } from '../../../src/uapi/linux/ethtool.ts'
import * as E from '../../../src/uapi/linux/ethtool_netlink.ts'
import { NETLINK_GENERIC, NLM_F_DUMP } from '../../../src/uapi/linux/netlink.ts'
import { type Ack, bootHost, Client, concat, type Message, nla, parseAck } from '../core/rtnetlink_client.ts'

const { ETHTOOL_MSG: MSG, ETHTOOL_KMSG: KMSG } = E
type Value = number | string | boolean | Uint8Array | Values | undefined
interface Values {
  [name: string]: Value
}

/** Attributes by their names without the prefix; one that comes more than once has its number behind its name. */
function values(b: Uint8Array, start: number, end: number, set: AttrSet): Values {
  const out: Values = {}
  eachAttr(b, start, end, (nr, o) => {
    const known = set.byNr[nr]
    if (known === undefined) throw new Error(`${set.name}: attribute ${nr}`)
    const short = known.name.slice(set.name.length + 1) || known.name
    const name = short in out ? `${short}${Object.keys(out).length}` : short
    out[name] = isNest(known.type) ? values(b, o + 4, o + get16(b, o), known.type.set()) : decode(known.type, b, o)
  })
  return out
}

class Bench {
  readonly kernel: Kernel = bootHost()
  readonly client: Client
  readonly listener: Client
  constructor(model: '82559' | 'virtio-net' = '82559', queues = 1) {
    add_device(this.kernel, { name: 'eth0', mac: '52:54:00:12:34:58', model, ...(model === 'virtio-net' ? { queues } : {}) })
    this.client = new Client(this.kernel, { protocol: NETLINK_GENERIC })
    const group = genl_group_id(this.kernel.init_net, ethtool_genl_family, E.ETHNL_MCGRP_MONITOR)
    this.listener = new Client(this.kernel, { protocol: NETLINK_GENERIC, groups: [group] })
  }
  private get family(): number {
    return genl_family_by_object(this.kernel.genl, ethtool_genl_family)?.id ?? 0
  }
  ask(cmd: number, flags: number, ...attributes: Uint8Array[]): Message[] {
    return this.client.request(this.family, flags, concat(Uint8Array.of(cmd, 1, 0, 0), ...attributes))
  }
  /** Command and attributes of the only answer. */
  get(cmd: number, set: AttrSet, ...attributes: Uint8Array[]): { cmd: number } & Values {
    return told(this.ask(cmd, 1, ...attributes), set)[0]
  }
  /** How it was acknowledged. */
  ack(cmd: number, ...attributes: Uint8Array[]): Ack {
    return parseAck(this.ask(cmd, 5, ...attributes).find(({ type }) => type === 2) as Message)
  }
  heard(set: AttrSet): ({ cmd: number } & Values)[] {
    return told(this.listener.receive(), set)
  }
}
function told(messages: Message[], set: AttrSet): ({ cmd: number } & Values)[] {
  return messages.filter(({ type }) => type > 15).map(({ bytes }) => ({ cmd: bytes[16], ...values(bytes, 20, bytes.length, set) }))
}
/** Of this family nests must say that they are. */
const nest = (attr: Attr<any> | number, ...parts: Uint8Array[]) => nla((typeof attr === 'number' ? attr : attr.nr) | NLA_F_NESTED, ...parts)
const eth0 = (flags?: number) =>
  nest(1, nla(E.ETHTOOL_A_HEADER_DEV_NAME, 'eth0'), flags === undefined ? new Uint8Array(0) : nla(E.ETHTOOL_A_HEADER_FLAGS, flags))
const HEADER = { DEV_INDEX: 2, DEV_NAME: 'eth0' }

t.test('the header names the device by index, by name, or by both alike', async (t) => {
  const bench = new Bench()
  const named = (...parts: Uint8Array[]) => bench.ack(MSG.LINKSTATE_GET, nest(1, ...parts))
  t.equal(named(nla(1, 2)).error, 0)
  t.equal(named(nla(2, 'eth0')).error, 0)
  t.equal(named(nla(1, 2), nla(2, 'eth0')).error, 0)
  t.match(named(nla(1, 1), nla(2, 'eth0')), { error: -19, msg: 'ifindex and name do not match' })
  t.match(named(nla(1, 77)), { error: -19, msg: 'no device matches ifindex', offset: 24 })
  t.match(named(nla(2, 'eth7')), { error: -19, msg: 'no device matches name', offset: 24 })
  t.match(named(), { error: -22, msg: 'neither ifindex nor name specified' })
  t.equal(bench.ack(MSG.LINKSTATE_GET).error, -22, 'no header')
  t.match(named(nla(1, 2), nla(3, 8)), { error: -22, msg: 'reserved bit set' })
})
t.test('a sleeping device is not there; a command that nobody knows is not supported', async (t) => {
  const bench = new Bench()
  pm_suspend(bench.kernel, 'deep')
  t.equal(bench.ack(MSG.RINGS_GET, eth0()).error, -19)
  t.equal(bench.ack(99, eth0()).error, -95)
})
t.test('GET: header first, then what there is', async (t) => {
  const bench = new Bench()
  t.same(bench.get(MSG.RINGS_GET, E.ETHTOOL_A_RINGS, eth0()), {
    cmd: KMSG.RINGS_GET_REPLY,
    HEADER,
    RX_MAX: 256,
    RX: 256,
    TX_MAX: 256,
    TX: 128,
    TX_PUSH: 0,
    RX_PUSH: 0,
  })
  t.same(bench.get(MSG.LINKSTATE_GET, E.ETHTOOL_A_LINKSTATE, eth0()), { cmd: KMSG.LINKSTATE_GET_REPLY, HEADER, LINK: 0 })
  t.match(bench.get(MSG.LINKINFO_GET, E.ETHTOOL_A_LINKINFO, eth0()), { cmd: KMSG.LINKINFO_GET_REPLY, HEADER, PHYADDR: 1 })
})
t.test('a dump leaves out devices that cannot answer', async (t) => {
  const bench = new Bench()
  const all = (cmd: number, set: AttrSet) => told(bench.ask(cmd, 1 | NLM_F_DUMP), set).map(({ HEADER }) => (HEADER as Values).DEV_NAME)
  t.same(all(MSG.LINKSTATE_GET, E.ETHTOOL_A_LINKSTATE), ['lo', 'eth0'])
  t.same(all(MSG.RINGS_GET, E.ETHTOOL_A_RINGS), ['eth0'])
})
t.test('SET: done and told, once; what is so already is not told; what cannot be is refused where it stands', async (t) => {
  const bench = new Bench()
  t.equal(bench.ack(MSG.RINGS_SET, eth0(), nla(E.ETHTOOL_A_RINGS_RX, 64)).error, 0)
  t.match(bench.heard(E.ETHTOOL_A_RINGS), [{ cmd: KMSG.RINGS_NTF, HEADER, RX: 64, TX: 128 }])
  t.equal(bench.ack(MSG.RINGS_SET, eth0(), nla(E.ETHTOOL_A_RINGS_RX, 64)).error, 0)
  t.same(bench.heard(E.ETHTOOL_A_RINGS), [])
  t.match(bench.ack(MSG.RINGS_SET, eth0(), nla(E.ETHTOOL_A_RINGS_RX, 5000)), {
    error: -22,
    msg: 'requested ring size exceeds maximum',
    offset: 36,
  })
  t.match(bench.ack(MSG.RINGS_SET, eth0(), nla(E.ETHTOOL_A_RINGS_CQE_SIZE, 64)), { error: -95, msg: 'setting cqe size not supported' })
  t.equal(bench.ack(MSG.CHANNELS_SET, eth0(), nla(E.ETHTOOL_A_CHANNELS_COMBINED_COUNT, 2)).error, -95, 'it has no channels')
})
t.test('SET and some GETs are the administrator\u2019s', async (t) => {
  const bench = new Bench()
  const nobody = new Client(bench.kernel, { protocol: NETLINK_GENERIC, capabilities: 0n })
  const ask = (cmd: number) => {
    const family = genl_family_by_object(bench.kernel.genl, ethtool_genl_family)?.id ?? 0
    return nobody.ack(family, 0, concat(Uint8Array.of(cmd, 1, 0, 0), eth0())).error
  }
  t.same([MSG.RINGS_GET, MSG.RINGS_SET, MSG.WOL_GET, MSG.WOL_SET, MSG.FEATURES_SET].map(ask), [0, -1, -1, -1, -1])
})
t.test('a bitset: compact, or bit by bit with names', async (t) => {
  const bench = new Bench()
  const compact = bench.get(MSG.WOL_GET, E.ETHTOOL_A_WOL, eth0(E.ETHTOOL_FLAG_COMPACT_BITSETS)).MODES as Values
  t.same(compact, { SIZE: 8, VALUE: Uint8Array.of(0, 0, 0, 0), MASK: Uint8Array.of(WAKE_MAGIC, 0, 0, 0) })
  const verbose = bench.get(MSG.WOL_GET, E.ETHTOOL_A_WOL, eth0()).MODES as Values
  t.match(verbose, { SIZE: 8, BITS: { BIT: { INDEX: 5, NAME: 'magic' } } })
})
t.test('a bitset in a SET: by value and mask, by name, or as a list of all that are on', async (t) => {
  const bench = new Bench()
  const word = (n: number) => Uint8Array.of(n, 0, 0, 0)
  const set = (...parts: Uint8Array[]) => bench.ack(MSG.WOL_SET, eth0(), nest(E.ETHTOOL_A_WOL_MODES, ...parts))
  const now = () => ((bench.get(MSG.WOL_GET, E.ETHTOOL_A_WOL, eth0(1)).MODES as Values).VALUE as Uint8Array)[0]
  t.equal(
    set(nla(E.ETHTOOL_A_BITSET_SIZE, 8), nla(E.ETHTOOL_A_BITSET_VALUE, word(0x20)), nla(E.ETHTOOL_A_BITSET_MASK, word(0x20))).error,
    0,
  )
  t.equal(now(), WAKE_MAGIC)
  t.match(bench.heard(E.ETHTOOL_A_WOL), [{ cmd: KMSG.WOL_NTF, HEADER, MODES: { VALUE: word(0x20) } }], 'told in compact form')
  const bit = (name: string, ...more: Uint8Array[]) =>
    nest(E.ETHTOOL_A_BITSET_BITS, nest(E.ETHTOOL_A_BITSET_BITS_BIT, nla(E.ETHTOOL_A_BITSET_BIT_NAME, name), ...more))
  t.equal(set(bit('magic')).error, 0)
  t.equal(now(), 0, 'named in a mask and without a value: off')
  t.equal(set(nla(E.ETHTOOL_A_BITSET_NOMASK), bit('magic')).error, 0)
  t.equal(now(), WAKE_MAGIC)
  t.match(set(bit('nonsense')), { error: -95, msg: 'bit name not found' })
  t.match(set(nla(E.ETHTOOL_A_BITSET_NOMASK), bit('ucast')), { error: -22, msg: 'cannot enable unsupported WoL mode' })
})
t.test('features: what was wanted, and what came of it, when they differ', async (t) => {
  const bench = new Bench()
  const wanted = (name: string) =>
    nest(
      E.ETHTOOL_A_FEATURES_WANTED,
      nest(
        E.ETHTOOL_A_BITSET_BITS,
        nest(E.ETHTOOL_A_BITSET_BITS_BIT, nla(E.ETHTOOL_A_BITSET_BIT_NAME, name), nla(E.ETHTOOL_A_BITSET_BIT_VALUE)),
      ),
    )
  t.equal(bench.ack(MSG.FEATURES_SET, eth0(), wanted('rx-all')).error, 0)
  const dev = bench.kernel.init_net.dev_name_head.get('eth0')
  t.equal((dev?.features ?? 0n) & NETIF_F_RXALL, NETIF_F_RXALL)
  t.match(bench.heard(E.ETHTOOL_A_FEATURES), [{ cmd: KMSG.FEATURES_NTF, HEADER }])
  t.match(bench.ack(MSG.FEATURES_SET, eth0(), wanted('rx-nonsense')), { error: -95, msg: 'bit name not found' })
})
t.test('string sets: of a device, of all, or their sizes only', async (t) => {
  const bench = new Bench()
  const sets = (...ids: number[]) =>
    nest(E.ETHTOOL_A_STRSET_STRINGSETS, ...ids.map((id) => nest(E.ETHTOOL_A_STRINGSETS_STRINGSET, nla(E.ETHTOOL_A_STRINGSET_ID, id))))
  const ETH_SS_STATS = 1
  const ETH_SS_WOL_MODES = 11
  const counts = bench.get(MSG.STRSET_GET, E.ETHTOOL_A_STRSET, eth0(), sets(ETH_SS_STATS), nla(E.ETHTOOL_A_STRSET_COUNTS_ONLY))
  t.match(counts, { HEADER, STRINGSETS: { STRINGSET: { ID: ETH_SS_STATS, COUNT: 31 } } })
  const names = bench.get(MSG.STRSET_GET, E.ETHTOOL_A_STRSET, eth0(), sets(ETH_SS_STATS)) as any
  t.match(names.STRINGSETS.STRINGSET.STRINGS.STRING, { INDEX: 0, VALUE: 'rx_packets' })
  const anyones = bench.get(MSG.STRSET_GET, E.ETHTOOL_A_STRSET, nest(1), sets(ETH_SS_WOL_MODES)) as any
  t.match(anyones.STRINGSETS.STRINGSET, { ID: ETH_SS_WOL_MODES, COUNT: 8 })
})
t.test('channels of a NIC with queues', async (t) => {
  const bench = new Bench('virtio-net', 4)
  t.match(bench.get(MSG.CHANNELS_GET, E.ETHTOOL_A_CHANNELS, eth0()), { COMBINED_MAX: 4, COMBINED_COUNT: 1 })
  t.equal(bench.ack(MSG.CHANNELS_SET, eth0(), nla(E.ETHTOOL_A_CHANNELS_COMBINED_COUNT, 3)).error, 0)
  t.match(bench.heard(E.ETHTOOL_A_CHANNELS), [{ cmd: KMSG.CHANNELS_NTF, COMBINED_COUNT: 3 }])
  t.match(bench.ack(MSG.CHANNELS_SET, eth0(), nla(E.ETHTOOL_A_CHANNELS_COMBINED_COUNT, 5)), {
    error: -22,
    msg: 'requested channel count exceeds maximum',
  })
})
