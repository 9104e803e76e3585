/** net/ethtool/ioctl.c: settings of the link, in the structure of today and in that of old programs. */
import { get16, get32, getBig64, put16, put32, putBig64 } from '../../lib/bytes.ts'
import { EFAULT, EINVAL, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { ETHTOOL_GLINKSETTINGS, ETHTOOL_GSET } from '../../uapi/linux/ethtool.ts'
import { ETHTOOL_KMSG } from '../../uapi/linux/ethtool_netlink.ts'
import type { ethtool_link_ksettings } from '../core/ethtool_ops.ts'
import type { net_device } from '../core/netdevice.ts'
import { link_mode_names } from './common.ts'
import { type ethtool_call, read_user, write_user } from './ioctl_call.ts'
import { ethtool_notify } from './netlink.ts'

/** struct ethtool_link_settings; behind it three masks of so many words. */
const BASE = 48
const NWORDS = Math.ceil(link_mode_names.length / 32)
const NWORDS_AT = 15
const MASK = 4 * NWORDS

function put_mask(bytes: Uint8Array, at: number, mask: bigint): void {
  putBig64(bytes, at, mask & 0xffffffffffffffffn)
  putBig64(bytes, at + 8, mask >> 64n)
}
function get_mask(bytes: Uint8Array, at: number): bigint {
  return (getBig64(bytes, at) | (getBig64(bytes, at + 8) << 64n)) & ((1n << BigInt(link_mode_names.length)) - 1n)
}
/** ETHTOOL_GLINKSETTINGS: a program that asks with another number of words learns ours, negative. */
export function ethtool_get_link_ksettings(call: ethtool_call): Errno | undefined {
  const { dev, ops } = call
  if (ops.get_link_ksettings === undefined) return EOPNOTSUPP
  const asked = read_user(call, BASE)
  if (isErrno(asked)) return asked
  if (asked[NWORDS_AT] !== NWORDS) {
    const bytes = new Uint8Array(BASE)
    put32(bytes, 0, ETHTOOL_GLINKSETTINGS)
    bytes[NWORDS_AT] = -NWORDS & 0xff
    return write_user(call, bytes)
  }
  const s = ops.get_link_ksettings(dev)
  if (isErrno(s)) return s
  const bytes = new Uint8Array(BASE + 3 * MASK)
  put32(bytes, 0, ETHTOOL_GLINKSETTINGS)
  put32(bytes, 4, s.speed)
  bytes.set([s.duplex, s.port, s.phy_address ?? 0, s.autoneg, s.mdio_support ?? 0, s.eth_tp_mdix ?? 0, s.eth_tp_mdix_ctrl ?? 0, NWORDS], 8)
  bytes[16] = s.transceiver ?? 0
  put_mask(bytes, BASE, s.supported ?? 0n)
  put_mask(bytes, BASE + MASK, s.advertising ?? 0n)
  put_mask(bytes, BASE + 2 * MASK, s.lp_advertising ?? 0n)
  return write_user(call, bytes)
}
export function ethtool_set_link_ksettings(call: ethtool_call): Errno | undefined {
  const { dev, ops } = call
  if (ops.set_link_ksettings === undefined) return EOPNOTSUPP
  const base = read_user(call, BASE)
  if (isErrno(base)) return base
  if (base[NWORDS_AT] !== NWORDS) return EINVAL
  const bytes = read_user(call, BASE + 3 * MASK)
  if (isErrno(bytes)) return EFAULT
  // master and slave are for links that negotiate them
  if (bytes[17] !== 0 || bytes[18] !== 0) return EINVAL
  return set(dev, call, {
    speed: get32(bytes, 4) | 0,
    duplex: bytes[8],
    port: bytes[9],
    phy_address: bytes[10],
    autoneg: bytes[11],
    mdio_support: bytes[12],
    eth_tp_mdix: bytes[13],
    eth_tp_mdix_ctrl: bytes[14],
    transceiver: bytes[16],
    supported: get_mask(bytes, BASE),
    advertising: get_mask(bytes, BASE + MASK),
    lp_advertising: get_mask(bytes, BASE + 2 * MASK),
  })
}
function set(dev: net_device, { ops }: ethtool_call, settings: ethtool_link_ksettings): Errno | undefined {
  const error = ops.set_link_ksettings?.(dev, settings)
  if (isErrno(error)) return error
  ethtool_notify(dev, ETHTOOL_KMSG.LINKINFO_NTF)
  ethtool_notify(dev, ETHTOOL_KMSG.LINKMODES_NTF)
  return undefined
}

/** struct ethtool_cmd: masks of 32 modes, the speed in two halves. */
const LEGACY = 44
const low = (mask: bigint | undefined) => Number((mask ?? 0n) & 0xffffffffn)
export function ethtool_get_settings(call: ethtool_call): Errno | undefined {
  const { dev, ops } = call
  const s = ops.get_link_ksettings?.(dev) ?? EOPNOTSUPP
  if (isErrno(s)) return s
  const bytes = new Uint8Array(LEGACY)
  put32(bytes, 0, ETHTOOL_GSET)
  put32(bytes, 4, low(s.supported))
  put32(bytes, 8, low(s.advertising))
  put16(bytes, 12, s.speed & 0xffff)
  bytes.set([s.duplex, s.port, s.phy_address ?? 0, s.transceiver ?? 0, s.autoneg, s.mdio_support ?? 0], 14)
  put16(bytes, 28, (s.speed >>> 16) & 0xffff)
  bytes.set([s.eth_tp_mdix ?? 0, s.eth_tp_mdix_ctrl ?? 0], 30)
  put32(bytes, 32, low(s.lp_advertising))
  return write_user(call, bytes)
}
export function ethtool_set_settings(call: ethtool_call): Errno | undefined {
  const bytes = read_user(call, LEGACY)
  if (isErrno(bytes)) return bytes
  if (call.ops.set_link_ksettings === undefined) return EOPNOTSUPP
  // fields that are no longer: maxtxpkt, maxrxpkt
  if (get32(bytes, 20) !== 0 || get32(bytes, 24) !== 0) return EINVAL
  return set(call.dev, call, {
    supported: BigInt(get32(bytes, 4)),
    advertising: BigInt(get32(bytes, 8)),
    speed: get16(bytes, 12) | (get16(bytes, 28) << 16) | 0,
    duplex: bytes[14],
    port: bytes[15],
    phy_address: bytes[16],
    autoneg: bytes[18],
    mdio_support: bytes[19],
    eth_tp_mdix: bytes[30],
    eth_tp_mdix_ctrl: bytes[31],
    lp_advertising: BigInt(get32(bytes, 32)),
  })
}
