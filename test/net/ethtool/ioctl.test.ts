/** SIOCETHTOOL to the byte: structures in the program's memory, sizes that must fit, and who may ask what. */
import t from 'tap'
import { add_device } from '../../../src/init/devices.ts'
import { pm_resume, pm_suspend } from '../../../src/kernel/suspend.ts'
import { get16, get32, put32 } from '../../../src/lib/bytes.ts'
import type { net_device } from '../../../src/net/core/netdevice.ts'
import { sock_ioctl } from '../../../src/net/ioctl.ts'
import { isErrno } from '../../../src/uapi/errno.ts'
import * as T from '../../../src/uapi/linux/ethtool.ts'
import { SIOCETHTOOL } from '../../../src/uapi/linux/sockios.ts'
import { Ioctls, le32 } from '../core/ioctlHarness.ts'

const AT = 0x1100

class Bench extends Ioctls {
  constructor(model: '82559' | 'virtio-net' | 'plain', queues = 1) {
    super('inet')
    add_device(this.kernel, { name: 'eth0', mac: '52:54:00:12:34:58', model, ...(model === 'virtio-net' ? { queues } : {}) })
  }
  get dev(): net_device {
    return this.kernel.init_net.dev_name_head.get('eth0') as net_device
  }
  /** The structure as it is afterwards (`length` bytes of it), or the error's name. Words are little-endian. */
  ask(words: readonly number[], length = words.length * 4, rest: Uint8Array = new Uint8Array(0), task = this.task): Uint8Array | string {
    const bytes = new Uint8Array(Math.max(length, words.length * 4 + rest.length))
    for (const [i, word] of words.entries()) put32(bytes, 4 * i, word)
    bytes.set(rest, words.length * 4)
    this.memory.write(AT, bytes)
    const answer = this.ifreqAt(AT, task)
    return answer ?? (this.memory.read(AT, bytes.length) as Uint8Array)
  }
  /** The error's name when the structure is at this address. */
  ifreqAt(address: number, task = this.task): string | undefined {
    const ifr = new Uint8Array(40)
    ifr.set([0x65, 0x74, 0x68, 0x30]) // eth0
    put32(ifr, 16, address)
    this.memory.write(0x1000, ifr)
    const result = sock_ioctl(task, this.sock, SIOCETHTOOL, 0x1000, this.memory)
    this.kernel.events.runDue()
    return isErrno(result) ? result.name : undefined
  }
  /** Words of the answer from `first` on; the error's name. */
  words(asked: readonly number[], count: number, first = 1): number[] | string {
    const bytes = this.ask(asked, 4 * (first + count))
    return typeof bytes === 'string' ? bytes : Array.from({ length: count }, (_, i) => get32(bytes, 4 * (first + i)))
  }
}

t.test('what changes the device is the administrator\u2019s, what shows it is everybody\u2019s', async (t) => {
  const b = new Bench('82559')
  const user = b.as(1000)
  t.equal(typeof b.ask([T.ETHTOOL_GRINGPARAM], 36, undefined, user), 'object')
  t.equal(b.ask([T.ETHTOOL_SRINGPARAM], 36, undefined, user), 'EPERM')
  t.equal(b.ask([T.ETHTOOL_GEEPROM, 0, 0, 4], 20, undefined, user), 'EPERM', 'but not all of it')
  t.equal(b.ask([T.ETHTOOL_GREGS, 0, 16], 64, undefined, user), 'EPERM')
})

t.test('memory that is not there', async (t) => {
  const b = new Bench('82559')
  t.equal(b.ifreqAt(0), 'EFAULT')
  t.equal(b.ifreqAt(0x1ffe), 'EFAULT', 'not even the command')
  put32(b.memory.page, 0xffc, T.ETHTOOL_GRINGPARAM)
  t.equal(b.ifreqAt(0x1ffc), 'EFAULT', 'no room for the answer')
})

t.test('an unknown command, and one that the driver has nothing for', async (t) => {
  t.equal(new Bench('82559').ask([0x7777]), 'EOPNOTSUPP')
  t.equal(new Bench('82559').ask([T.ETHTOOL_GCHANNELS], 36), 'EOPNOTSUPP')
  t.equal(new Bench('plain').ask([T.ETHTOOL_GRINGPARAM], 36), 'EOPNOTSUPP')
})

t.test('rings: bounds of the driver, what is beyond them is refused', async (t) => {
  const b = new Bench('82559')
  t.same(b.words([T.ETHTOOL_GRINGPARAM], 8), [256, 0, 0, 256, 256, 0, 0, 128])
  t.equal(b.ask([T.ETHTOOL_SRINGPARAM, 0, 0, 0, 0, 257, 0, 0, 128]), 'EINVAL')
  t.equal(b.ask([T.ETHTOOL_SRINGPARAM, 0, 0, 0, 0, 64, 1, 0, 128]), 'EINVAL')
  t.not(b.ask([T.ETHTOOL_SRINGPARAM, 0, 0, 0, 0, 1, 0, 0, 64]), 'EINVAL')
  t.same(b.words([T.ETHTOOL_GRINGPARAM], 4, 5), [16, 0, 0, 64], 'the driver has a least number')
})

t.test('EEPROM: within its length, with the driver\u2019s magic', async (t) => {
  const b = new Bench('82559')
  const read = b.ask([T.ETHTOOL_GEEPROM, 0, 0, 6], 22) as Uint8Array
  t.equal(get32(read, 4), 0x1234)
  t.same([...read.subarray(16, 22)], [0x52, 0x54, 0, 0x12, 0x34, 0x58])
  t.equal(b.ask([T.ETHTOOL_GEEPROM, 0, 126, 4], 20), 'EINVAL', 'past its end')
  t.equal(b.ask([T.ETHTOOL_GEEPROM, 0, 0xfffffffe, 4], 20), 'EINVAL', 'around the end of numbers')
  t.equal(b.ask([T.ETHTOOL_SEEPROM, 0x4321, 32, 1], 17, Uint8Array.of(0xab)), 'EINVAL')
  t.not(b.ask([T.ETHTOOL_SEEPROM, 0x1234, 32, 1], 17, Uint8Array.of(0xab)), 'EINVAL')
  t.equal((b.ask([T.ETHTOOL_GEEPROM, 0, 32, 1], 17) as Uint8Array)[16], 0xab)
})

t.test('strings and counters: the counts agree', async (t) => {
  const b = new Bench('82559')
  const info = b.ask([T.ETHTOOL_GSSET_INFO, 0, 1 << T.ETH_SS_STATS, 0, 0], 20) as Uint8Array
  t.equal(get32(info, 16), 31)
  const names = b.ask([T.ETHTOOL_GSTRINGS, T.ETH_SS_STATS, 31], 12 + 31 * 32) as Uint8Array
  t.equal(get32(names, 8), 31)
  t.equal(String.fromCharCode(...names.subarray(12, 22)), 'rx_packets')
  const stats = b.ask([T.ETHTOOL_GSTATS, 31], 8 + 31 * 8) as Uint8Array
  t.equal(get32(stats, 4), 31)
  t.equal(b.ask([T.ETHTOOL_GSTRINGS, 99, 0], 12), 'EOPNOTSUPP')
})

t.test('registers: as many bytes as were asked for, and no more than there are', async (t) => {
  const b = new Bench('82559')
  const few = b.ask([T.ETHTOOL_GREGS, 0, 8], 28) as Uint8Array
  t.equal(get32(few, 8), 8)
  t.equal(get32(few, 4), 0x0100000c, 'version of the layout, revision of the function')
  t.same([...few.subarray(20, 28)], new Array(8).fill(0), 'nothing behind them')
  t.equal(get32(b.ask([T.ETHTOOL_GREGS, 0, 4000], 12) as Uint8Array, 8), 716)
})

t.test('link settings: the number of words is agreed on first', async (t) => {
  const b = new Bench('82559')
  const asked = b.ask([T.ETHTOOL_GLINKSETTINGS], 48) as Uint8Array
  const words = 256 - asked[15]
  t.ok(words > 0 && words < 8, 'as a negative number')
  const got = b.ask([T.ETHTOOL_GLINKSETTINGS, 0, 0, words * 2 ** 24], 48 + 12 * words) as Uint8Array
  t.same([get32(got, 4), got[8], got[11]], [100, 1, 1], '100 Mbit/s, full duplex, negotiated')
})

t.test('wake on LAN: only what the device can', async (t) => {
  const b = new Bench('82559')
  t.same(b.words([T.ETHTOOL_GWOL], 2), [T.WAKE_MAGIC, 0])
  t.equal(b.ask([T.ETHTOOL_SWOL, 0, 1, 0, 0]), 'EINVAL')
  t.not(b.ask([T.ETHTOOL_SWOL, 0, T.WAKE_MAGIC, 0, 0]), 'EINVAL')
  t.same(b.words([T.ETHTOOL_GWOL], 2), [T.WAKE_MAGIC, T.WAKE_MAGIC])
})

t.test('a device that sleeps is not there for ethtool', async (t) => {
  const b = new Bench('82559')
  pm_suspend(b.kernel, 'deep')
  t.equal(b.ask([T.ETHTOOL_GRINGPARAM], 36), 'ENODEV')
  pm_resume(b.kernel)
  t.equal(typeof b.ask([T.ETHTOOL_GRINGPARAM], 36), 'object')
})

const NO_CHANGE = 0xffffffff
/** ETHTOOL_GRSSH: table and key. */
function rxfh(b: Bench): { table: number[]; key: Uint8Array } {
  const bytes = b.ask([T.ETHTOOL_GRSSH, 0, 128, 40, 0, 0], 24 + 4 * 128 + 40) as Uint8Array
  return { table: Array.from({ length: 128 }, (_, i) => get32(bytes, 24 + 4 * i)), key: bytes.slice(24 + 512) }
}
t.test('RSS: sizes first, then table and key', async (t) => {
  const b = new Bench('virtio-net', 4)
  const sizes = b.ask([T.ETHTOOL_GRSSH, 0, 0, 0, 0, 0], 24) as Uint8Array
  t.same([get32(sizes, 8), get32(sizes, 12), sizes[16]], [128, 40, T.ETH_RSS_HASH_TOP])
  t.equal(b.ask([T.ETHTOOL_GRSSH, 0, 64, 0, 0, 0], 24), 'EINVAL', 'a size that is not the device\u2019s')
  t.same(new Set(rxfh(b).table), new Set([0]), 'one pair in use')
  t.ok(rxfh(b).key.some((byte) => byte !== 0))
})
t.test('RSS: rings that are there, a key of its length; the table follows the rings until somebody sets it', async (t) => {
  const b = new Bench('virtio-net', 4)
  const table = (queues: (i: number) => number) => {
    const bytes = new Uint8Array(512)
    for (let i = 0; i < 128; i++) put32(bytes, 4 * i, queues(i))
    return bytes
  }
  t.equal(b.ask([T.ETHTOOL_SCHANNELS, 0, 0, 0, 0, 0, 0, 0, 4]) === 'EINVAL', false)
  t.same(rxfh(b).table.slice(0, 8), [0, 1, 2, 3, 0, 1, 2, 3])
  t.equal(
    b.ask(
      [T.ETHTOOL_SRSSH, 0, 128, 0, 0, 0],
      24,
      table(() => 4),
    ),
    'EINVAL',
    'there is no fifth',
  )
  t.equal(b.ask([T.ETHTOOL_SRSSH, 0, NO_CHANGE, 0, 0xff00, 0]), 'EINVAL', 'nothing to change')
  t.equal(b.ask([T.ETHTOOL_SRSSH, 0, NO_CHANGE, 39, 0, 0], 24, new Uint8Array(39)), 'EINVAL')
  t.equal(b.ask([T.ETHTOOL_SRSSH, 0, NO_CHANGE, 0, 2, 0]), 'EOPNOTSUPP', 'xor is not its function')
  t.type(
    b.ask([T.ETHTOOL_SRSSH, 0, 128, 40, 0, 0], 24, new Uint8Array([...table((i) => 2 + (i % 2)), ...new Uint8Array(40).fill(7)])),
    Uint8Array,
  )
  t.same(rxfh(b).table.slice(0, 4), [2, 3, 2, 3])
  t.same(rxfh(b).key, new Uint8Array(40).fill(7))
  t.equal(b.ask([T.ETHTOOL_SCHANNELS, 0, 0, 0, 0, 0, 0, 0, 3]), 'EINVAL', 'the table names the fourth')
  t.type(b.ask([T.ETHTOOL_SRSSH, 0, 0, 0, 0, 0]), Uint8Array)
  t.same(rxfh(b).table.slice(0, 4), [0, 1, 2, 3], 'the default again')
})
t.test('RSS: the table alone (the older request), and what is hashed', async (t) => {
  const b = new Bench('virtio-net', 2)
  t.same(b.words([T.ETHTOOL_GRXFHINDIR, 0], 1), [128])
  t.equal(b.ask([T.ETHTOOL_GRXFHINDIR, 5], 28), 'EINVAL')
  t.equal(b.ask([T.ETHTOOL_SRXFHINDIR, 5], 28), 'EINVAL')
  const fields = () => get32(b.ask([T.ETHTOOL_GRXFH, T.TCP_V4_FLOW, 0, 0], 16) as Uint8Array, 8)
  t.equal(fields(), T.RXH_IP_SRC | T.RXH_IP_DST | T.RXH_L4_B_0_1 | T.RXH_L4_B_2_3)
  t.type(b.ask([T.ETHTOOL_SRXFH, T.TCP_V4_FLOW, T.RXH_IP_SRC | T.RXH_IP_DST, 0]), Uint8Array)
  t.equal(fields(), T.RXH_IP_SRC | T.RXH_IP_DST)
  t.equal(b.ask([T.ETHTOOL_SRXFH, T.TCP_V4_FLOW, T.RXH_IP_SRC, 0]), 'EINVAL')
  t.equal(b.ask([T.ETHTOOL_SRXFH, 3, T.RXH_IP_SRC | T.RXH_IP_DST, 0]), 'EINVAL', 'SCTP')
  t.equal(new Bench('virtio-net').ask([T.ETHTOOL_GRXFHINDIR, 0]), 'EOPNOTSUPP', 'one pair: no table')
  t.equal(new Bench('82559').ask([T.ETHTOOL_GRSSH, 0, 0, 0, 0, 0]), 'EOPNOTSUPP')
})

t.test('features: words of available, requested, active and unchangeable bits', async (t) => {
  const b = new Bench('82559')
  const bytes = b.ask([T.ETHTOOL_GFEATURES, 2], 8 + 32) as Uint8Array
  t.equal(get32(bytes, 4), 2)
  t.equal(get16(bytes, 8) & 0xffff, get16(bytes, 8))
  t.equal(b.ask([T.ETHTOOL_GFEATURES, 1], 8) === 'EFAULT', false, 'sizes only')
  t.equal(b.ask([T.ETHTOOL_SFEATURES, 1], 16), 'EINVAL', 'not as many as there are')
})

t.test('a 32-bit word reads back as it was written', async (t) => {
  const b = new Bench('82559')
  t.type(b.ask([T.ETHTOOL_SMSGLVL, 0x7fff]), Uint8Array)
  t.same(b.words([T.ETHTOOL_GMSGLVL], 1), [0x7fff])
  t.equal(le32(b.dev.ifindex).length, 8)
})
