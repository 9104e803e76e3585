/** net/ethtool/ioctl.c: SIOCETHTOOL. Each command has a structure of its own in the program's memory. */
import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import { capable, type task_struct } from '../../kernel/task.ts'
import { get32, put32 } from '../../lib/bytes.ts'
import type { UserMemory } from '../../syscalls/types.ts'
import { EFAULT, EINVAL, ENODEV, EOPNOTSUPP, EPERM, ETOOSMALL, type Errno, isErrno } from '../../uapi/errno.ts'
import * as T from '../../uapi/linux/ethtool.ts'
import { ETHTOOL_KMSG } from '../../uapi/linux/ethtool_netlink.ts'
import { coalesce_fields, type ethtool_coalesce } from '../core/ethtool_ops.ts'
import { netif_device_present } from '../core/link_watch.ts'
import { netdev_features_change } from '../core/netdev_features.ts'
import type { net_device } from '../core/netdevice.ts'
import { full_channels, max_rxfh_channel } from './channels.ts'
import { full_coalesce } from './coalesce.ts'
import { type ethtool_call, type ethtool_handler, read_user, read_words, write_user, write_words } from './ioctl_call.ts'
import * as features from './ioctl_features.ts'
import * as link from './ioctl_link.ts'
import * as rxfh from './ioctl_rxfh.ts'
import * as strings from './ioctl_strings.ts'
import { __ethtool_get_link } from './linkstate.ts'
import { ethtool_notify } from './netlink.ts'
import { ops_of } from './request.ts'
import { full_ringparam } from './rings.ts'
import { __ethtool_get_ts_info } from './tsinfo.ts'

/** struct ethtool_regs: version and length, then the registers. */
function get_regs(call: ethtool_call): Errno | undefined {
  const regs = call.ops.get_regs?.(call.dev)
  if (regs === undefined) return EOPNOTSUPP
  const asked = read_words(call, 2)
  if (isErrno(asked)) return asked
  const length = Math.min(asked[1], regs.data.length)
  return write_words(call, [regs.version, length]) ?? write_user(call, regs.data.subarray(0, length), 12)
}

const WOLINFO = 20
function get_wol(call: ethtool_call): Errno | undefined {
  const wol = call.ops.get_wol?.(call.dev)
  if (wol === undefined) return EOPNOTSUPP
  const bytes = new Uint8Array(WOLINFO)
  for (const [i, n] of [T.ETHTOOL_GWOL, wol.supported, wol.wolopts].entries()) put32(bytes, 4 * i, n)
  return write_user(call, bytes)
}
function set_wol(call: ethtool_call): Errno | undefined {
  const { dev, ops } = call
  const now = ops.set_wol && ops.get_wol?.(dev)
  if (now === undefined) return EOPNOTSUPP
  const bytes = read_user(call, WOLINFO)
  if (isErrno(bytes)) return bytes
  const wolopts = get32(bytes, 8)
  if (wolopts & ~now.supported) return EINVAL
  if (wolopts === now.wolopts) return undefined
  return told(dev, ETHTOOL_KMSG.WOL_NTF, ops.set_wol?.(dev, { ...now, wolopts }))
}
/** A change that went well is told to those who listen. */
function told(dev: net_device, ntf: number, error: Errno | undefined): Errno | undefined {
  if (error === undefined) ethtool_notify(dev, ntf)
  return error
}

function get_msglevel(call: ethtool_call): Errno | undefined {
  const level = call.ops.get_msglevel?.(call.dev)
  return level === undefined ? EOPNOTSUPP : write_words(call, [level])
}
function set_msglevel(call: ethtool_call): Errno | undefined {
  const { dev, ops } = call
  if (ops.set_msglevel === undefined) return EOPNOTSUPP
  const value = read_words(call, 1)
  if (isErrno(value)) return value
  ops.set_msglevel(dev, value[0])
  return told(dev, ETHTOOL_KMSG.DEBUG_NTF, undefined)
}
function nway_reset({ dev, ops }: ethtool_call): Errno | undefined {
  return ops.nway_reset === undefined ? EOPNOTSUPP : ops.nway_reset(dev)
}
function get_link(call: ethtool_call): Errno | undefined {
  const up = __ethtool_get_link(call.dev)
  return up === undefined ? EOPNOTSUPP : write_words(call, [up ? 1 : 0])
}

/** struct ethtool_eeprom: magic, offset and length, then the bytes. */
interface eeprom_range {
  magic: number
  offset: number
  length: number
}
function eeprom_of(call: ethtool_call, total: number): eeprom_range | Errno {
  const words = read_words(call, 3)
  if (isErrno(words)) return words
  const [magic, offset, length] = words
  return length === 0 || offset + length > total ? EINVAL : { magic, offset, length }
}
function get_eeprom(call: ethtool_call): Errno | undefined {
  const { dev, ops } = call
  const total = (ops.get_eeprom && ops.get_eeprom_len?.(dev)) ?? 0
  if (total === 0) return EOPNOTSUPP
  const range = eeprom_of(call, total)
  if (isErrno(range)) return range
  const read = ops.get_eeprom?.(dev, range.offset, range.length) ?? EOPNOTSUPP
  if (isErrno(read)) return read
  return write_user(call, read.data, 16) ?? write_words(call, [read.magic, range.offset, range.length])
}
function set_eeprom(call: ethtool_call): Errno | undefined {
  const { dev, ops } = call
  const total = (ops.set_eeprom && ops.get_eeprom_len?.(dev)) ?? 0
  if (total === 0) return EOPNOTSUPP
  const range = eeprom_of(call, total)
  if (isErrno(range)) return range
  const bytes = read_user(call, range.length, 16)
  return isErrno(bytes) ? bytes : ops.set_eeprom?.(dev, range.magic, range.offset, bytes)
}

function get_coalesce(call: ethtool_call): Errno | undefined {
  const now = call.ops.get_coalesce?.(call.dev)
  if (now === undefined) return EOPNOTSUPP
  const coalesce = full_coalesce(now)
  return write_words(
    call,
    coalesce_fields.map((field) => coalesce[field]),
  )
}
function set_coalesce(call: ethtool_call): Errno | undefined {
  const { dev, ops } = call
  if (ops.set_coalesce === undefined || ops.get_coalesce === undefined) return EOPNOTSUPP
  const words = read_words(call, coalesce_fields.length)
  if (isErrno(words)) return words
  const coalesce = Object.fromEntries(coalesce_fields.map((field, i) => [field, words[i]])) as ethtool_coalesce
  const supported = ops.supported_coalesce_params ?? 0
  if (words.some((value, i) => value !== 0 && (supported & (1 << i)) === 0)) return EOPNOTSUPP
  return told(dev, ETHTOOL_KMSG.COALESCE_NTF, ops.set_coalesce(dev, coalesce, undefined))
}

/** struct ethtool_ringparam: four bounds, four sizes. */
function get_ringparam(call: ethtool_call): Errno | undefined {
  const now = call.ops.get_ringparam?.(call.dev)
  if (now === undefined) return EOPNOTSUPP
  const r = full_ringparam(now)
  return write_words(call, [
    ...[r.rx_max_pending, r.rx_mini_max_pending, r.rx_jumbo_max_pending, r.tx_max_pending],
    ...[r.rx_pending, r.rx_mini_pending, r.rx_jumbo_pending, r.tx_pending],
  ])
}
function set_ringparam(call: ethtool_call): Errno | undefined {
  const { dev, ops } = call
  const now = ops.set_ringparam && ops.get_ringparam?.(dev)
  if (now === undefined) return EOPNOTSUPP
  const words = read_words(call, 8)
  if (isErrno(words)) return words
  const max = full_ringparam(now)
  const [rx_pending, rx_mini_pending, rx_jumbo_pending, tx_pending] = words.slice(4)
  if (
    rx_pending > max.rx_max_pending ||
    rx_mini_pending > max.rx_mini_max_pending ||
    rx_jumbo_pending > max.rx_jumbo_max_pending ||
    tx_pending > max.tx_max_pending
  )
    return EINVAL
  const ring = { ...max, rx_pending, rx_mini_pending, rx_jumbo_pending, tx_pending }
  return told(dev, ETHTOOL_KMSG.RINGS_NTF, ops.set_ringparam?.(dev, ring, undefined))
}

/** struct ethtool_channels: four bounds, four counts. */
function get_channels(call: ethtool_call): Errno | undefined {
  const now = call.ops.get_channels?.(call.dev)
  if (now === undefined) return EOPNOTSUPP
  const c = full_channels(now)
  return write_words(call, [c.max_rx, c.max_tx, c.max_other, c.max_combined, c.rx_count, c.tx_count, c.other_count, c.combined_count])
}
function set_channels(call: ethtool_call): Errno | undefined {
  const { dev, ops } = call
  const now = ops.set_channels && ops.get_channels?.(dev)
  if (now === undefined) return EOPNOTSUPP
  const words = read_words(call, 8)
  if (isErrno(words)) return words
  const max = full_channels(now)
  const [rx_count, tx_count, other_count, combined_count] = words.slice(4)
  const same = rx_count === max.rx_count && tx_count === max.tx_count && other_count === max.other_count
  if (same && combined_count === max.combined_count) return undefined
  if (rx_count > max.max_rx || tx_count > max.max_tx || combined_count > max.max_combined || other_count > max.max_other) return EINVAL
  if (combined_count === 0 && (rx_count === 0 || tx_count === 0)) return EINVAL
  if (max_rxfh_channel(dev) >= combined_count + rx_count) return EINVAL
  return told(dev, ETHTOOL_KMSG.CHANNELS_NTF, ops.set_channels?.(dev, { ...max, rx_count, tx_count, other_count, combined_count }))
}

function get_pauseparam(call: ethtool_call): Errno | undefined {
  const pause = call.ops.get_pauseparam?.(call.dev)
  if (pause === undefined) return EOPNOTSUPP
  return write_words(call, [pause.autoneg ? 1 : 0, pause.rx_pause ? 1 : 0, pause.tx_pause ? 1 : 0])
}
function set_pauseparam(call: ethtool_call): Errno | undefined {
  const { dev, ops } = call
  if (ops.set_pauseparam === undefined) return EOPNOTSUPP
  const words = read_words(call, 3)
  if (isErrno(words)) return words
  const [autoneg, rx_pause, tx_pause] = words.map((n) => n !== 0)
  return told(dev, ETHTOOL_KMSG.PAUSE_NTF, ops.set_pauseparam(dev, { autoneg, rx_pause, tx_pause }))
}

function get_perm_addr(call: ethtool_call): Errno | undefined {
  const { dev } = call
  const asked = read_words(call, 1)
  if (isErrno(asked)) return asked
  if (asked[0] < dev.addr_len) return ETOOSMALL
  return write_words(call, [dev.addr_len]) ?? write_user(call, dev.perm_addr.subarray(0, dev.addr_len), 8)
}
/** struct ethtool_ts_info, with three reserved words behind either mask. */
function get_ts_info(call: ethtool_call): Errno | undefined {
  const { so_timestamping, phc_index, tx_types, rx_filters } = __ethtool_get_ts_info(call.dev)
  return write_words(call, [so_timestamping, phc_index, tx_types, 0, 0, 0, rx_filters, 0, 0, 0])
}
/** Seconds that a LED blinks at the most: who asks for ever gets one. */
const LONGEST_BLINK = 60
/** DIVERGES: the time that the LED blinks does not pass; the driver sees it go on and off as often as in Linux. */
function phys_id(call: ethtool_call): number | Errno | undefined {
  const { dev, ops } = call
  if (ops.set_phys_id === undefined) return EOPNOTSUPP
  const words = read_words(call, 1)
  if (isErrno(words)) return words
  const rate = ops.set_phys_id(dev, T.ETHTOOL_ID_ACTIVE)
  if (isErrno(rate)) return rate
  const cycles = rate * Math.min(words[0] === 0 ? 1 : words[0], LONGEST_BLINK)
  for (let i = 0; i < 2 * cycles; i++) {
    const result = ops.set_phys_id(dev, i % 2 === 0 ? T.ETHTOOL_ID_ON : T.ETHTOOL_ID_OFF)
    if (isErrno(result)) return result
  }
  const last = ops.set_phys_id(dev, T.ETHTOOL_ID_INACTIVE)
  return isErrno(last) ? last : undefined
}
/** Firmware is for devices that have some: the request goes on to devlink, which knows none of ours. */
function flash_device(call: ethtool_call): Errno | undefined {
  const file = read_user(call, 136)
  return isErrno(file) ? EFAULT : undefined
}

const handlers: ReadonlyMap<number, ethtool_handler> = new Map<number, ethtool_handler>([
  [T.ETHTOOL_GSET, link.ethtool_get_settings],
  [T.ETHTOOL_SSET, link.ethtool_set_settings],
  [T.ETHTOOL_GDRVINFO, strings.ethtool_get_drvinfo],
  [T.ETHTOOL_GREGS, get_regs],
  [T.ETHTOOL_GWOL, get_wol],
  [T.ETHTOOL_SWOL, set_wol],
  [T.ETHTOOL_GMSGLVL, get_msglevel],
  [T.ETHTOOL_SMSGLVL, set_msglevel],
  [T.ETHTOOL_NWAY_RST, nway_reset],
  [T.ETHTOOL_GLINK, get_link],
  [T.ETHTOOL_GEEPROM, get_eeprom],
  [T.ETHTOOL_SEEPROM, set_eeprom],
  [T.ETHTOOL_GCOALESCE, get_coalesce],
  [T.ETHTOOL_SCOALESCE, set_coalesce],
  [T.ETHTOOL_GRINGPARAM, get_ringparam],
  [T.ETHTOOL_SRINGPARAM, set_ringparam],
  [T.ETHTOOL_GPAUSEPARAM, get_pauseparam],
  [T.ETHTOOL_SPAUSEPARAM, set_pauseparam],
  [T.ETHTOOL_TEST, strings.ethtool_self_test],
  [T.ETHTOOL_GSTRINGS, strings.ethtool_get_strings],
  [T.ETHTOOL_PHYS_ID, phys_id],
  [T.ETHTOOL_GSTATS, strings.ethtool_get_stats],
  [T.ETHTOOL_GPERMADDR, get_perm_addr],
  [T.ETHTOOL_GFLAGS, features.ethtool_get_flags],
  [T.ETHTOOL_SFLAGS, features.ethtool_set_flags],
  [T.ETHTOOL_GRXFH, rxfh.ethtool_get_rxnfc],
  [T.ETHTOOL_SRXFH, rxfh.ethtool_set_rxnfc],
  [T.ETHTOOL_GRXRINGS, rxfh.ethtool_get_rxnfc],
  [T.ETHTOOL_GRXCLSRLCNT, rxfh.ethtool_get_rxnfc],
  [T.ETHTOOL_GRXCLSRULE, rxfh.ethtool_get_rxnfc],
  [T.ETHTOOL_GRXCLSRLALL, rxfh.ethtool_get_rxnfc],
  [T.ETHTOOL_FLASHDEV, flash_device],
  [T.ETHTOOL_GSSET_INFO, strings.ethtool_get_sset_info],
  [T.ETHTOOL_GRXFHINDIR, rxfh.ethtool_get_rxfh_indir],
  [T.ETHTOOL_SRXFHINDIR, rxfh.ethtool_set_rxfh_indir],
  [T.ETHTOOL_GRSSH, rxfh.ethtool_get_rxfh],
  [T.ETHTOOL_SRSSH, rxfh.ethtool_set_rxfh],
  [T.ETHTOOL_GFEATURES, features.ethtool_get_features],
  [T.ETHTOOL_SFEATURES, features.ethtool_set_features],
  ...[T.ETHTOOL_GTXCSUM, T.ETHTOOL_GRXCSUM, T.ETHTOOL_GSG, T.ETHTOOL_GTSO, T.ETHTOOL_GGSO, T.ETHTOOL_GGRO].flatMap(
    (get): [number, ethtool_handler][] => [
      [get, features.ethtool_get_one_feature],
      [get + 1, features.ethtool_set_one_feature],
    ],
  ),
  [T.ETHTOOL_GCHANNELS, get_channels],
  [T.ETHTOOL_SCHANNELS, set_channels],
  [T.ETHTOOL_GET_TS_INFO, get_ts_info],
  [T.ETHTOOL_GLINKSETTINGS, link.ethtool_get_link_ksettings],
  [T.ETHTOOL_SLINKSETTINGS, link.ethtool_set_link_ksettings],
])

/**
 * dev_ethtool(): what is known of no driver here (EEE, FEC, modules, tunables, dumps, flow rules) is EOPNOTSUPP, as for a
 * driver without the operation.
 */
export function dev_ethtool(dev: net_device | undefined, task: task_struct, addr: number, memory: UserMemory): number | Errno | undefined {
  const word = memory.read(addr, 4)
  if (isErrno(word)) return EFAULT
  const cmd = get32(word, 0)
  if (dev === undefined) return ENODEV
  const per_queue = cmd === T.ETHTOOL_PERQUEUE ? memory.read(addr + 4, 4) : word
  if (isErrno(per_queue)) return EFAULT
  if (!T.ethtool_open_to_all.has(get32(per_queue, 0)) && !capable(task, CAP_NET_ADMIN)) return EPERM
  if (!netif_device_present(dev)) return ENODEV
  const before = dev.features
  const ops = ops_of(dev)
  const handler = handlers.get(cmd)
  const result = handler === undefined ? EOPNOTSUPP : handler({ dev, ops, cmd, memory, addr })
  if (dev.features !== before) netdev_features_change(dev)
  return result
}
