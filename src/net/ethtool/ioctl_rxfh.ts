/**
 * net/ethtool/ioctl.c: how received flows are spread over queues: rings, the fields that are hashed (struct ethtool_rxnfc),
 * the table of queues and the hash's key (struct ethtool_rxfh, struct ethtool_rxfh_indir). There are no contexts beside the
 * device's own, and no classification rules.
 */
import { get32, put32 } from '../../lib/bytes.ts'
import { EINVAL, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import * as T from '../../uapi/linux/ethtool.ts'
import type { ethtool_rxfh_param } from '../core/ethtool_ops.ts'
import { IFF_RXFH_CONFIGURED } from '../core/netdevice.ts'
import { type ethtool_call, read_user, write_user } from './ioctl_call.ts'

const RXNFC = 192
/** Of ETHTOOL_GRXFH and ETHTOOL_SRXFH: command, kind of flow, the fields in 64 bits. */
const RXNFC_FIELDS = 16

export function ethtool_get_rxnfc(call: ethtool_call): Errno | undefined {
  const { dev, ops, cmd } = call
  if (ops.get_rxrings === undefined) return EOPNOTSUPP
  const info = read_user(call, cmd === T.ETHTOOL_GRXFH ? RXNFC_FIELDS : RXNFC)
  if (isErrno(info)) return info
  if (get32(info, 0) !== cmd) return EINVAL
  if (cmd === T.ETHTOOL_GRXFH) return get_fields(call, info)
  if (cmd !== T.ETHTOOL_GRXRINGS) return EOPNOTSUPP
  put32(info, 8, ops.get_rxrings(dev))
  put32(info, 12, 0)
  return write_user(call, info)
}
function get_fields(call: ethtool_call, info: Uint8Array): Errno | undefined {
  const fields = call.ops.get_rxfh_fields?.(call.dev, get32(info, 4)) ?? EOPNOTSUPP
  if (isErrno(fields)) return fields
  put32(info, 8, fields)
  put32(info, 12, 0)
  return write_user(call, info)
}
export function ethtool_set_rxnfc(call: ethtool_call): Errno | undefined {
  const { dev, ops } = call
  if (ops.set_rxfh_fields === undefined) return EOPNOTSUPP
  const info = read_user(call, RXNFC_FIELDS)
  return isErrno(info) ? info : ops.set_rxfh_fields(dev, get32(info, 4), get32(info, 8))
}

/** struct ethtool_rxfh: sizes of table and key, the function; then table and key, when there is room for all of them. */
const RXFH = 24
const CONTEXT = 4
const INDIR_SIZE = 8
const KEY_SIZE = 12
const HFUNC = 16
const INPUT_XFRM = 17
const NO_CHANGE = 0xff
const RXH_XFRM_SYM_XOR = 1
const ETH_RXFH_INDIR_NO_CHANGE = 0xffffffff

/** Its head, with nothing where something may come one day. */
function read_head(call: ethtool_call): Uint8Array | Errno {
  const bytes = read_user(call, RXFH)
  if (isErrno(bytes)) return bytes
  if (bytes[18] !== 0 || bytes[19] !== 0 || get32(bytes, 20) !== 0) return EINVAL
  return get32(bytes, CONTEXT) === 0 ? bytes : EOPNOTSUPP
}
export function ethtool_get_rxfh(call: ethtool_call): Errno | undefined {
  const rxfh = call.ops.get_rxfh?.(call.dev)
  if (rxfh === undefined) return EOPNOTSUPP
  const bytes = read_head(call)
  if (isErrno(bytes)) return bytes
  const [indir_size, key_size] = [get32(bytes, INDIR_SIZE), get32(bytes, KEY_SIZE)]
  put32(bytes, INDIR_SIZE, rxfh.indir.length)
  put32(bytes, KEY_SIZE, rxfh.key.length)
  const error = write_user(call, bytes)
  if (error !== undefined) return error
  if ((indir_size !== 0 && indir_size !== rxfh.indir.length) || (key_size !== 0 && key_size !== rxfh.key.length)) return EINVAL
  const table = new Uint8Array(4 * indir_size + key_size)
  for (let i = 0; i < indir_size; i++) put32(table, 4 * i, rxfh.indir[i])
  if (key_size !== 0) table.set(rxfh.key, 4 * indir_size)
  return write_user(call, Uint8Array.of(rxfh.hfunc, 0), HFUNC) ?? write_user(call, table, RXFH)
}
/** A table of no size stands for the default one. EINVAL: a size that is not the device's, or nothing to change. */
export function ethtool_set_rxfh(call: ethtool_call): Errno | undefined {
  const { dev, ops } = call
  const now = ops.get_rxfh?.(dev)
  if (now === undefined || ops.set_rxfh === undefined) return EOPNOTSUPP
  const bytes = read_head(call)
  if (isErrno(bytes)) return bytes
  const [indir_size, key_size] = [get32(bytes, INDIR_SIZE), get32(bytes, KEY_SIZE)]
  const kept = indir_size === ETH_RXFH_INDIR_NO_CHANGE
  const xfrm = bytes[INPUT_XFRM]
  // no device here hashes both directions of a flow alike
  if (xfrm !== 0 && xfrm !== NO_CHANGE) return xfrm === RXH_XFRM_SYM_XOR ? EOPNOTSUPP : EINVAL
  const nothing = kept && key_size === 0 && bytes[HFUNC] === 0 && xfrm === NO_CHANGE
  const wrong = (indir_size !== 0 && !kept && indir_size !== now.indir.length) || (key_size !== 0 && key_size !== now.key.length)
  if (wrong || nothing) return EINVAL
  const sized = kept ? 0 : indir_size
  const indir = kept ? undefined : new_table(call, sized, RXFH, now.indir.length)
  if (isErrno(indir)) return indir
  const key = key_size === 0 ? undefined : read_user(call, key_size, RXFH + 4 * sized)
  if (isErrno(key)) return key
  return apply(call, { indir, key, hfunc: bytes[HFUNC] }, indir_size)
}
/** ethtool_copy_validate_indir(): rings that are there; the default when none are given. */
function new_table(call: ethtool_call, size: number, offset: number, all: number): readonly number[] | Errno {
  const rings = call.ops.get_rxrings?.(call.dev) ?? 0
  if (size === 0) return Array.from({ length: all }, (_, i) => ethtool_rxfh_indir_default(i, rings))
  const bytes = read_user(call, 4 * size, offset)
  if (isErrno(bytes)) return bytes
  const table = Array.from({ length: size }, (_, i) => get32(bytes, 4 * i))
  return table.some((ring) => ring >= rings) ? EINVAL : table
}
function ethtool_rxfh_indir_default(index: number, rings: number): number {
  return index % rings
}
/** From now on the table is the administrator's, or the driver's again: who changes the rings asks. */
function apply({ dev, ops }: ethtool_call, param: ethtool_rxfh_param, indir_size: number): Errno | undefined {
  const error = ops.set_rxfh?.(dev, param)
  if (isErrno(error)) return error
  if (indir_size === 0) dev.priv_flags &= ~IFF_RXFH_CONFIGURED
  else if (indir_size !== ETH_RXFH_INDIR_NO_CHANGE) dev.priv_flags |= IFF_RXFH_CONFIGURED
  return undefined
}

/** struct ethtool_rxfh_indir: the table alone. */
const INDIR = 8
export function ethtool_get_rxfh_indir(call: ethtool_call): Errno | undefined {
  const indir = call.ops.get_rxfh?.(call.dev).indir ?? []
  const size = indir.length
  if (size === 0) return EOPNOTSUPP
  const head = read_user(call, INDIR)
  if (isErrno(head)) return head
  const room = get32(head, 4)
  put32(head, 4, size)
  const error = write_user(call, head)
  if (isErrno(error)) return error
  if (room < size) return room === 0 ? undefined : EINVAL
  const table = new Uint8Array(4 * size)
  for (const [i, ring] of indir.entries()) put32(table, 4 * i, ring)
  return write_user(call, table, INDIR)
}
export function ethtool_set_rxfh_indir(call: ethtool_call): Errno | undefined {
  const { dev, ops } = call
  const all = ops.get_rxfh?.(dev).indir.length ?? 0
  if (all === 0 || ops.set_rxfh === undefined) return EOPNOTSUPP
  const head = read_user(call, INDIR)
  if (isErrno(head)) return head
  const size = get32(head, 4)
  if (size !== 0 && size !== all) return EINVAL
  const indir = new_table(call, size, INDIR, all)
  return isErrno(indir) ? indir : apply(call, { indir, key: undefined, hfunc: 0 }, size)
}
