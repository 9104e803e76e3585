/** net/ethtool/ioctl.c: who drives the device, names and counters, self-test. */
import { get32, getBig64, put32, putBig64, putString } from '../../lib/bytes.ts'
import { EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import * as T from '../../uapi/linux/ethtool.ts'
import { UTS_RELEASE } from '../../uapi/linux/utsname.ts'
import { netif_testing_off, netif_testing_on } from '../core/link_watch.ts'
import type { net_device } from '../core/netdevice.ts'
import { common_string_sets } from './common.ts'
import { type ethtool_call, read_user, read_words, write_user, write_words } from './ioctl_call.ts'
import { ops_of } from './request.ts'

/** Sets that these requests know beside the driver's own. */
const old_sets = new Set([T.ETH_SS_FEATURES, T.ETH_SS_RSS_HASH_FUNCS, T.ETH_SS_TUNABLES, T.ETH_SS_PHY_TUNABLES, T.ETH_SS_LINK_MODES])
/** __ethtool_get_sset_count(), __ethtool_get_strings(); undefined: EOPNOTSUPP. */
function strings_of(dev: net_device, set: number): readonly string[] | undefined {
  return old_sets.has(set) ? common_string_sets.get(set) : ops_of(dev).get_strings?.(dev, set)
}

/** struct ethtool_drvinfo: texts, then counts of what the driver has. */
const DRVINFO = 196
const TEXT = 32
export function ethtool_get_drvinfo(call: ethtool_call): Errno | undefined {
  const { dev, ops } = call
  const { parent } = dev
  const own = ops.get_drvinfo?.(dev)
  const driver = own?.driver ?? parent?.driver ?? dev.rtnl_link_ops?.kind
  if (driver === undefined) return EOPNOTSUPP
  const bytes = new Uint8Array(DRVINFO)
  put32(bytes, 0, T.ETHTOOL_GDRVINFO)
  const bus_info = own?.bus_info ?? (own !== undefined || parent?.driver !== undefined ? parent?.name : undefined)
  putString(bytes, 4 + TEXT, UTS_RELEASE)
  // what stands behind a shorter text's NUL stays: a rest of the release
  for (const [i, text] of [driver, own?.version, own?.fw_version, bus_info].entries())
    if (text !== undefined) putString(bytes, 4 + TEXT * i, `${text.slice(0, TEXT - 1)}\0`)
  const count = (set: number) => ops.get_strings?.(dev, set)?.length ?? 0
  const counts = [count(T.ETH_SS_PRIV_FLAGS), count(T.ETH_SS_STATS), count(T.ETH_SS_TEST)]
  counts.push(ops.get_eeprom_len?.(dev) ?? 0, ops.get_regs?.(dev).data.length ?? 0)
  for (const [i, n] of counts.entries()) put32(bytes, 176 + 4 * i, n)
  return write_user(call, bytes)
}

/** How long the sets of a mask are: of those that there are, in order. */
export function ethtool_get_sset_info(call: ethtool_call): Errno | undefined {
  const asked = read_user(call, 16)
  if (isErrno(asked)) return asked
  const mask = getBig64(asked, 8)
  if (mask === 0n) return undefined
  let found = 0n
  const counts: number[] = []
  for (let set = 0; set < 64; set++) {
    const strings = (mask >> BigInt(set)) & 1n ? strings_of(call.dev, set) : undefined
    if (strings === undefined) continue
    found |= 1n << BigInt(set)
    counts.push(strings.length)
  }
  const bytes = new Uint8Array(16 + 4 * counts.length)
  put32(bytes, 0, T.ETHTOOL_GSSET_INFO)
  putBig64(bytes, 8, found)
  for (const [i, n] of counts.entries()) put32(bytes, 16 + 4 * i, n)
  return write_user(call, bytes)
}
/** A program that says how many it has room for must be right: else it gets none. */
function agreed(asked: number, count: number): number {
  return asked !== 0 && asked !== count ? 0 : count
}
export function ethtool_get_strings(call: ethtool_call): Errno | undefined {
  const asked = read_words(call, 2)
  if (isErrno(asked)) return asked
  const [set, room] = asked
  const strings = strings_of(call.dev, set)
  if (strings === undefined) return EOPNOTSUPP
  const count = agreed(room, strings.length)
  const bytes = new Uint8Array(T.ETH_GSTRING_LEN * count)
  for (let i = 0; i < count; i++) putString(bytes, T.ETH_GSTRING_LEN * i, strings[i].slice(0, T.ETH_GSTRING_LEN))
  return write_words(call, [set, count]) ?? write_user(call, bytes, 12)
}
function put_counters(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(8 * values.length)
  for (const [i, value] of values.entries()) putBig64(bytes, 8 * i, BigInt.asUintN(64, BigInt(value)))
  return bytes
}
export function ethtool_get_stats(call: ethtool_call): Errno | undefined {
  const { dev, ops } = call
  const names = ops.get_ethtool_stats && ops.get_strings?.(dev, T.ETH_SS_STATS)
  if (names === undefined) return EOPNOTSUPP
  const asked = read_words(call, 1)
  if (isErrno(asked)) return asked
  const count = agreed(asked[0], names.length)
  const values = count === 0 ? [] : (ops.get_ethtool_stats?.(dev) ?? [])
  return write_words(call, [count]) ?? write_user(call, put_counters(values), 8)
}
/** struct ethtool_test: flags, a reserved word, how many tests; then what each found. The device counts as testing meanwhile. */
export function ethtool_self_test(call: ethtool_call): Errno | undefined {
  const { dev, ops } = call
  const names = ops.self_test && ops.get_strings?.(dev, T.ETH_SS_TEST)
  if (names === undefined) return EOPNOTSUPP
  const head = read_user(call, 16)
  if (isErrno(head)) return head
  const flags = get32(head, 4)
  netif_testing_on(dev)
  const result = ops.self_test?.(dev, (flags & T.ETH_TEST_FL_OFFLINE) !== 0)
  netif_testing_off(dev)
  put32(head, 4, result?.failed ? flags | T.ETH_TEST_FL_FAILED : flags)
  put32(head, 12, names.length)
  return write_user(call, head) ?? write_user(call, put_counters(result?.data ?? []), 16)
}
