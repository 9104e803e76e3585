/** net/netlink/af_netlink.c: SOL_NETLINK options and group membership. */

import { CAP_NET_ADMIN, CAP_NET_BROADCAST } from '../../kernel/capability.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { capable, type task_struct } from '../../kernel/task.ts'
import { get32, put32 } from '../../lib/bytes.ts'
import { EINVAL, ENOPROTOOPT, EPERM, type Errno } from '../../uapi/errno.ts'
import {
  NETLINK_ADD_MEMBERSHIP,
  NETLINK_BROADCAST_ERROR,
  NETLINK_CAP_ACK,
  NETLINK_DROP_MEMBERSHIP,
  NETLINK_EXT_ACK,
  NETLINK_GET_STRICT_CHK,
  NETLINK_LIST_MEMBERSHIPS,
  NETLINK_LISTEN_ALL_NSID,
  NETLINK_NO_ENOBUFS,
  NETLINK_PKTINFO,
} from '../../uapi/linux/netlink.ts'
import { SOL_NETLINK } from '../../uapi/linux/socket.ts'
import type { socket } from '../socket.ts'
import { NETLINK_F, NL_CFG_F_NONROOT_RECV, type netlink_sock, type netlink_table } from './netlink_sock.ts'

/** The flag that an on/off option sets. */
function flag_of(optname: number): number | undefined {
  switch (optname) {
    case NETLINK_PKTINFO:
      return NETLINK_F.RECV_PKTINFO
    case NETLINK_BROADCAST_ERROR:
      return NETLINK_F.BROADCAST_SEND_ERROR
    case NETLINK_NO_ENOBUFS:
      return NETLINK_F.RECV_NO_ENOBUFS
    case NETLINK_LISTEN_ALL_NSID:
      return NETLINK_F.LISTEN_ALL_NSID
    case NETLINK_CAP_ACK:
      return NETLINK_F.CAP_ACK
    case NETLINK_EXT_ACK:
      return NETLINK_F.EXT_ACK
    case NETLINK_GET_STRICT_CHK:
      return NETLINK_F.STRICT_CHK
    default:
      return undefined
  }
}

/** A value shorter than an int counts as 0. */
export function netlink_setsockopt(sock: socket, level: number, optname: number, optval: Uint8Array, task: task_struct): Errno | undefined {
  if (level !== SOL_NETLINK) return ENOPROTOOPT
  const sk = sock.sk as netlink_sock
  const value = optval.length >= 4 ? get32(optval, 0) : 0
  if (optname === NETLINK_ADD_MEMBERSHIP || optname === NETLINK_DROP_MEMBERSHIP) {
    return set_membership(sk, value, optname === NETLINK_ADD_MEMBERSHIP, task)
  }
  const flag = flag_of(optname)
  if (flag === undefined) return ENOPROTOOPT
  if (flag === NETLINK_F.LISTEN_ALL_NSID && !capable(task, CAP_NET_BROADCAST)) return EPERM
  if (value !== 0) sk.flags |= flag
  else sk.flags &= ~flag
  if (flag === NETLINK_F.RECV_NO_ENOBUFS && value !== 0) sk.congested = false
  return undefined
}

/** LIST_MEMBERSHIPS reports the length of all groups, whatever fits: then the answer is longer than `optlen`. */
export function netlink_getsockopt(sock: socket, level: number, optname: number, optlen: number): Uint8Array | Errno {
  if (level !== SOL_NETLINK) return ENOPROTOOPT
  if (optlen < 0) return EINVAL
  const sk = sock.sk as netlink_sock
  if (optname === NETLINK_LIST_MEMBERSHIPS) return list_memberships(sk, optlen)
  const flag = flag_of(optname)
  if (flag === undefined) return ENOPROTOOPT
  if (optlen < 4) return EINVAL
  const out = new Uint8Array(4)
  put32(out, 0, sk.flags & flag ? 1 : 0)
  return out
}

function list_memberships(sk: netlink_sock, optlen: number): Uint8Array {
  const words = Math.ceil(sk.ngroups / 32)
  const out = new Uint8Array(words * 4)
  for (let i = 0; i < words && (i + 1) * 4 <= optlen; i++) put32(out, i * 4, sk.groups[i])
  return out
}

/** netlink_realloc_groups: as many as the protocol has by now. */
function netlink_realloc_groups(sk: netlink_sock, table: netlink_table): void {
  if (sk.ngroups >= table.groups) return
  const grown = new Uint32Array(Math.ceil(table.groups / 32))
  grown.set(sk.groups)
  sk.groups = grown
  sk.ngroups = table.groups
}

function table_of(sk: netlink_sock): netlink_table {
  return sk.sk_net.kernel.netlink.tables[sk.sk_protocol]
}
function may_receive(sk: netlink_sock, task: task_struct): boolean {
  return (table_of(sk).flags & NL_CFG_F_NONROOT_RECV) !== 0 || capable(task, CAP_NET_ADMIN)
}

function set_membership(sk: netlink_sock, group: number, on: boolean, task: task_struct): Errno | undefined {
  if (!may_receive(sk, task)) return EPERM
  const table = table_of(sk)
  netlink_realloc_groups(sk, table)
  if (group === 0 || group - 1 >= sk.ngroups) return EINVAL
  if (on) {
    const error = table.cfg?.bind?.(sk.sk_net, group, task)
    if (error !== undefined) return error
  }
  const word = (group - 1) >>> 5
  const bit = 1 << ((group - 1) & 31)
  change_groups(sk, table, word, on ? sk.groups[word] | bit : sk.groups[word] & ~bit)
  if (!on) table.cfg?.unbind?.(sk.sk_net, group)
  return undefined
}

/** The groups of one word become `bits`; listeners and the list of subscribers follow. */
function change_groups(sk: netlink_sock, table: netlink_table, word: number, bits: number): void {
  const before = sk.subscriptions
  sk.subscriptions += hweight32(bits) - hweight32(sk.groups[word])
  sk.groups[word] = bits
  if (before === 0 && sk.subscriptions > 0) table.mc_list.unshift(sk)
  if (before > 0 && sk.subscriptions === 0) table.mc_list.splice(table.mc_list.indexOf(sk), 1)
  netlink_update_listeners(table)
}

/** The union of all subscribers' groups. */
export function netlink_update_listeners(table: netlink_table): void {
  table.listeners.fill(0)
  for (const sk of table.mc_list) {
    for (let i = 0; i < sk.groups.length && i < table.listeners.length; i++) table.listeners[i] |= sk.groups[i]
  }
}

function hweight32(bits: number): number {
  let n = 0
  for (let rest = bits; rest !== 0; rest &= rest - 1) n++
  return n
}

/**
 * The groups of bind(): permission first, then the protocol's own check of each group, then `bind_port`; any error undoes
 * all. Groups above 32 stay as they are.
 */
export function netlink_join_bound_groups(
  sk: netlink_sock,
  wanted: number,
  task: task_struct,
  bind_port: () => Errno | undefined,
): Errno | undefined {
  const table = table_of(sk)
  if (wanted !== 0) {
    if (!may_receive(sk, task)) return EPERM
    netlink_realloc_groups(sk, table)
  }
  const groups = sk.ngroups < 32 ? wanted & ((1 << sk.ngroups) - 1) : wanted
  const first = sk.bound ? bind_port() : undefined
  if (first !== undefined) return first
  const error = bind_each(sk, table, groups, task) ?? (sk.bound ? undefined : bind_port())
  if (error !== undefined) return error
  if (groups !== 0 || (sk.groups[0] ?? 0) !== 0) change_groups(sk, table, 0, groups)
  return undefined
}

function bind_each(sk: netlink_sock, table: netlink_table, groups: number, task: task_struct): Errno | undefined {
  const { bind, unbind } = table.cfg ?? {}
  if (bind === undefined) return undefined
  for (let group = 1; group <= 32; group++) {
    if ((groups & (1 << (group - 1))) === 0) continue
    const error = bind(sk.sk_net, group, task)
    if (error === undefined) continue
    for (let undo = 1; undo < group; undo++) if (groups & (1 << (undo - 1))) unbind?.(sk.sk_net, undo)
    return error
  }
  return undefined
}

/** On close: all groups are left. */
export function netlink_leave_all(sk: netlink_sock): void {
  const table = table_of(sk)
  for (let i = 0; i < sk.groups.length; i++) {
    for (let bit = 0; bit < 32; bit++) if (sk.groups[i] & (1 << bit)) table.cfg?.unbind?.(sk.sk_net, i * 32 + bit + 1)
  }
  if (sk.subscriptions > 0) table.mc_list.splice(table.mc_list.indexOf(sk), 1)
  sk.subscriptions = 0
  netlink_update_listeners(table)
}

/** netlink_clear_multicast_users: nobody is a member of the group any more. */
export function netlink_clear_multicast_users(kernel: Kernel, protocol: number, group: number): void {
  const table = kernel.netlink.tables[protocol]
  const word = (group - 1) >>> 5
  for (const sk of [...table.mc_list]) if (group <= sk.ngroups) change_groups(sk, table, word, sk.groups[word] & ~(1 << ((group - 1) & 31)))
}
