/** net/ethtool/ioctl.c: features: all of them by bit, and the few that old programs ask for one by one. */
import { get32, put32 } from '../../lib/bytes.ts'
import { EINVAL, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import * as T from '../../uapi/linux/ethtool.ts'
import { __netdev_update_features } from '../core/netdev_features.ts'
import * as F from '../core/netdev_features_bits.ts'
import type { net_device } from '../core/netdevice.ts'
import { type ethtool_call, read_user, read_words, write_user, write_words } from './ioctl_call.ts'

/** ETHTOOL_DEV_FEATURE_WORDS */
const WORDS = 2
const word = (features: bigint, i: number) => Number((features >> BigInt(32 * i)) & 0xffffffffn)

/** struct ethtool_gfeatures, then for each word what is available, requested, active and fixed for ever. */
export function ethtool_get_features(call: ethtool_call): Errno | undefined {
  const { dev } = call
  const asked = read_words(call, 1)
  if (isErrno(asked)) return asked
  const error = write_words(call, [WORDS])
  if (error !== undefined) return error
  const blocks = new Uint8Array(16 * Math.min(asked[0], WORDS))
  for (let i = 0; 16 * i < blocks.length; i++)
    for (const [j, features] of [dev.hw_features, dev.wanted_features, dev.features, F.NETIF_F_NEVER_CHANGE].entries())
      put32(blocks, 16 * i + 4 * j, word(features, i))
  return write_user(call, blocks, 8)
}
/** The answer's bits tell whether all that was asked for can be had, and is. */
export function ethtool_set_features(call: ethtool_call): number | Errno {
  const { dev } = call
  const asked = read_words(call, 1)
  if (isErrno(asked)) return asked
  if (asked[0] !== WORDS) return EINVAL
  const blocks = read_user(call, 8 * WORDS, 8)
  if (isErrno(blocks)) return blocks
  const mask = (at: number) => BigInt(get32(blocks, at)) | (BigInt(get32(blocks, at + 8)) << 32n)
  const [asked_for, requested] = [mask(0), mask(4)]
  if (asked_for & ~F.NETIF_F_ETHTOOL_BITS) return EINVAL
  const valid = asked_for & dev.hw_features
  dev.wanted_features = (dev.wanted_features & ~valid) | (requested & valid)
  __netdev_update_features(dev)
  const missed = (dev.wanted_features ^ dev.features) & valid
  return (valid !== asked_for ? T.ETHTOOL_F_UNSUPPORTED : 0) | (missed ? T.ETHTOOL_F_WISH : 0)
}

/** ethtool_get_feature_mask(): of a GET or SET command of old. */
const old_masks: ReadonlyMap<number, bigint> = new Map([
  [T.ETHTOOL_GTXCSUM, F.NETIF_F_CSUM_MASK | F.NETIF_F_FCOE_CRC | F.NETIF_F_SCTP_CRC],
  [T.ETHTOOL_GRXCSUM, F.NETIF_F_RXCSUM],
  [T.ETHTOOL_GSG, F.NETIF_F_SG | F.NETIF_F_FRAGLIST],
  [T.ETHTOOL_GTSO, F.NETIF_F_ALL_TSO],
  [T.ETHTOOL_GGSO, F.NETIF_F_GSO],
  [T.ETHTOOL_GGRO, F.NETIF_F_GRO],
])
export function ethtool_get_one_feature(call: ethtool_call): Errno | undefined {
  const mask = old_masks.get(call.cmd) ?? 0n
  return write_words(call, [call.dev.features & mask ? 1 : 0])
}
/** A SET command's number is the GET command's and one. */
export function ethtool_set_one_feature(call: ethtool_call): Errno | undefined {
  const { dev } = call
  const value = read_words(call, 1)
  if (isErrno(value)) return value
  const mask = (old_masks.get(call.cmd - 1) ?? 0n) & dev.hw_features
  if (mask === 0n) return EOPNOTSUPP
  dev.wanted_features = value[0] !== 0 ? dev.wanted_features | mask : dev.wanted_features & ~mask
  __netdev_update_features(dev)
  return undefined
}

const flags: readonly (readonly [number, bigint])[] = [
  [T.ETH_FLAG_LRO, F.NETIF_F_LRO],
  [T.ETH_FLAG_RXVLAN, F.NETIF_F_HW_VLAN_CTAG_RX],
  [T.ETH_FLAG_TXVLAN, F.NETIF_F_HW_VLAN_CTAG_TX],
  [T.ETH_FLAG_NTUPLE, F.NETIF_F_NTUPLE],
  [T.ETH_FLAG_RXHASH, F.NETIF_F_RXHASH],
]
function flags_of(dev: net_device): number {
  return flags.reduce((sum, [flag, feature]) => (dev.features & feature ? sum | flag : sum), 0)
}
export function ethtool_get_flags(call: ethtool_call): Errno | undefined {
  return write_words(call, [flags_of(call.dev)])
}
export function ethtool_set_flags(call: ethtool_call): Errno | undefined {
  const { dev } = call
  const value = read_words(call, 1)
  if (isErrno(value)) return value
  const all = flags.reduce((sum, [flag]) => sum | flag, 0)
  if (value[0] & ~all) return EINVAL
  let changed = 0n
  let wanted = 0n
  for (const [flag, feature] of flags) {
    if (value[0] & flag) wanted |= feature
    if ((value[0] ^ flags_of(dev)) & flag) changed |= feature
  }
  if (changed & ~dev.hw_features) return changed & dev.hw_features ? EINVAL : EOPNOTSUPP
  dev.wanted_features = (dev.wanted_features & ~changed) | (wanted & changed)
  __netdev_update_features(dev)
  return undefined
}
