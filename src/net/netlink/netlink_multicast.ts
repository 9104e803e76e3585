/** net/netlink/af_netlink.c: delivery to one socket or to a group, with the receivers' memory accounts. */

import { CAP_NET_BROADCAST, has_capability } from '../../kernel/capability.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EAGAIN, ECONNREFUSED, ENOBUFS, type Errno, ESRCH, isErrno } from '../../uapi/errno.ts'
import type { net } from '../core/net_namespace.ts'
import { sk_data_ready, sk_error_report } from '../sock.ts'
import { sk_filter_run } from '../sockopt_filter.ts'
import {
  alloc_skb_truesize,
  NETLINK_CONNECTED,
  NETLINK_F,
  netlink_is_kernel,
  netlink_lookup,
  netlink_skb,
  type netlink_sock,
} from './netlink_sock.ts'
import { netlink_deliver_tap } from './netlink_tap.ts'

/** Reports ENOBUFS once until the queue has been emptied; further losses are only counted. */
export function netlink_overrun(sk: netlink_sock): void {
  if ((sk.flags & NETLINK_F.RECV_NO_ENOBUFS) === 0 && !sk.congested) {
    sk.congested = true
    sk.sk_err = ENOBUFS
    sk_error_report(sk)
  }
  sk.sk_drops++
}

/** Whether the account has room: one message always fits an empty queue. */
export function netlink_rmem_fits(sk: netlink_sock, truesize: number): boolean {
  return !sk.congested && (sk.sk_rmem_alloc === 0 || sk.sk_rmem_alloc + truesize <= sk.sk_rcvbuf)
}

/** __netlink_sendskb */
export function netlink_queue(sk: netlink_sock, skb: netlink_skb): void {
  netlink_deliver_tap(sk.sk_net, sk, skb.data)
  sk.sk_rmem_alloc += skb.truesize
  sk.sk_receive_queue.push(skb)
  const { trace } = sk.sk_net.kernel
  if (trace.netlink_reply !== undefined) trace.netlink_reply(sk.sk_net.kernel, sk.sk_net, sk.sk_protocol, sk.portid, skb.data)
  sk_data_ready(sk)
}

/** Runs the receiver's filter; undefined: dropped. */
export function netlink_filtered(sk: netlink_sock, skb: netlink_skb): netlink_skb | undefined {
  if (sk.sk_filter === undefined) return skb
  // skb->protocol is not set on netlink messages
  const keep = sk_filter_run(sk.sk_filter, skb.data, 0)
  if (keep === 0) return undefined
  if (keep >= skb.data.length) return skb
  return new netlink_skb(skb.data.subarray(0, keep), skb.portid, skb.dst_group, skb.truesize, skb.pid, skb.uid, skb.gid, skb.nsid)
}

/** To a program's socket: EAGAIN when it is full (the sender would sleep, were it not the kernel or told not to). */
export function netlink_deliver(sk: netlink_sock, skb: netlink_skb, from_kernel: boolean): Errno | undefined {
  const kept = netlink_filtered(sk, skb)
  if (kept === undefined) return undefined
  if (!netlink_rmem_fits(sk, skb.truesize)) {
    if (from_kernel) netlink_overrun(sk)
    return EAGAIN
  }
  netlink_queue(sk, kept)
  return undefined
}

/** netlink_getsockbyportid: a connected receiver hears only its peer. */
export function netlink_getsockbyportid(net: net, protocol: number, portid: number, from: number): netlink_sock | Errno {
  const sk = netlink_lookup(net, protocol, portid)
  if (sk === undefined || (sk.sk_state === NETLINK_CONNECTED && sk.dst_portid !== from)) return ECONNREFUSED
  return sk
}

/** nlmsg_unicast() from the kernel: `bytes` must not be changed afterwards. `dst_group` as the receiver sees it. */
export function netlink_unicast_bytes(net: net, protocol: number, portid: number, bytes: Uint8Array, dst_group = 0): Errno | undefined {
  const sk = netlink_getsockbyportid(net, protocol, portid, 0)
  if (isErrno(sk)) return sk
  if (netlink_is_kernel(sk)) return ECONNREFUSED
  return netlink_deliver(sk, new netlink_skb(bytes, 0, dst_group, alloc_skb_truesize(bytes.length)), true)
}

/** What netlink_broadcast needs beside the message: who is left out, and credentials of a program that sends. */
export interface broadcast_from {
  readonly portid: number
  readonly exclude: netlink_sock | undefined
  readonly pid: number
  readonly uid: number
  readonly gid: number
}
const from_kernel: broadcast_from = { portid: 0, exclude: undefined, pid: 0, uid: 0, gid: 0 }

/**
 * netlink_broadcast: ENOBUFS when a receiver with NETLINK_BROADCAST_ERROR missed it, ESRCH when nobody got it. `except`: port
 * id that is left out.
 */
export function netlink_broadcast(
  net: net,
  protocol: number,
  data: Uint8Array,
  except: number,
  group: number,
  from: broadcast_from = from_kernel,
): Errno | undefined {
  const table = net.kernel.netlink.tables[protocol]
  const truesize = alloc_skb_truesize(data.length)
  let shared: netlink_skb | undefined
  let delivered = false
  let failed = false
  for (const sk of [...table.mc_list]) {
    if (sk === from.exclude || !wants(sk, net, group, except)) continue
    const nsid = sk.sk_net === net ? -1 : sk.sk_net.peernet2id(net)
    let skb = shared
    if (skb === undefined || skb.nsid !== nsid)
      skb = new netlink_skb(data, from.portid, group, truesize, from.pid, from.uid, from.gid, nsid)
    shared = skb
    const kept = netlink_filtered(sk, skb)
    if (kept === undefined) continue
    if (netlink_rmem_fits(sk, truesize)) {
      netlink_queue(sk, kept)
      delivered = true
    } else {
      netlink_overrun(sk)
      if (sk.flags & NETLINK_F.BROADCAST_SEND_ERROR) failed = true
    }
  }
  if (failed) return ENOBUFS
  return delivered ? undefined : ESRCH
}

function wants(sk: netlink_sock, net: net, group: number, except: number): boolean {
  if (sk.portid === except || group > sk.ngroups || (sk.groups[(group - 1) >>> 5] & (1 << ((group - 1) & 31))) === 0) return false
  if (sk.sk_net === net) return true
  return (
    (sk.flags & NETLINK_F.LISTEN_ALL_NSID) !== 0 && sk.sk_net.peernet2id(net) >= 0 && has_capability(sk.sk_cred_caps, CAP_NET_BROADCAST)
  )
}

/**
 * Sends what `skb` holds to a group and, when `report` (NLM_F_ECHO), also to the requester itself, who is then left out of
 * the multicast. The builder stays the caller's.
 */
export function nlmsg_notify(
  net: net,
  protocol: number,
  skb: MessageBuilder,
  portid: number,
  group: number,
  report: boolean,
): Errno | undefined {
  const view = skb.bytes()
  const { kernel } = net
  if (kernel.trace.netlink_multicast !== undefined && group !== 0)
    kernel.trace.netlink_multicast(kernel, net, protocol, group, portid, view)
  const heard = group !== 0 && netlink_group_listened(net, protocol, group)
  if (!heard && !report) return undefined
  const data = view.slice()
  let error: Errno | undefined
  if (heard) {
    error = netlink_broadcast(net, protocol, data, report ? portid : 0, group)
    if (error === ESRCH) error = undefined
  }
  if (report) error = netlink_unicast_bytes(net, protocol, portid, data, group) ?? error
  return error
}

/** nlmsg_multicast without a report. */
export function nlmsg_multicast(net: net, protocol: number, skb: MessageBuilder, portid: number, group: number): Errno | undefined {
  const view = skb.bytes()
  const { kernel } = net
  if (kernel.trace.netlink_multicast !== undefined) kernel.trace.netlink_multicast(kernel, net, protocol, group, portid, view)
  if (!netlink_group_listened(net, protocol, group)) return ESRCH
  return netlink_broadcast(net, protocol, view.slice(), portid, group)
}

/** A reply of the kernel to one program. `bytes` must not be changed afterwards. */
export function nlmsg_unicast(net: net, protocol: number, portid: number, bytes: Uint8Array): Errno | undefined {
  return netlink_unicast_bytes(net, protocol, portid, bytes)
}

function netlink_group_listened(net: net, protocol: number, group: number): boolean {
  const { listeners } = net.kernel.netlink.tables[protocol]
  return (listeners[(group - 1) >>> 5] & (1 << ((group - 1) & 31))) !== 0
}

/**
 * Whether building a message for the group is worth it. As in Linux the answer is for all namespaces together; an
 * observer of multicasts counts as a listener.
 */
export function netlink_has_listeners(net: net, protocol: number, group: number): boolean {
  return net.kernel.trace.netlink_multicast !== undefined || netlink_group_listened(net, protocol, group)
}

/** netlink_set_err: tells all members of a group that something was lost (rtnl_set_sk_err). */
export function netlink_set_err(net: net, protocol: number, portid: number, group: number, error: Errno): void {
  for (const sk of net.kernel.netlink.tables[protocol].mc_list) {
    if (sk.sk_net !== net || !wants(sk, net, group, portid)) continue
    if (error === ENOBUFS && (sk.flags & NETLINK_F.RECV_NO_ENOBUFS) !== 0) continue
    sk.sk_err = error
    sk_error_report(sk)
  }
}
