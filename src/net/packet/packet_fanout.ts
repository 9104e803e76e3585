/**
 * net/packet/af_packet.c fanout_add(), packet_rcv_fanout(): several sockets share what comes in; each frame goes to one.
 *
 *   type     | the member that gets a frame
 *   HASH     | by the flow's addresses and ports
 *   LB       | one after the other
 *   CPU      | the one of the CPU (there is one)
 *   ROLLOVER | the first that has room
 *   RND      | by chance
 *   QM       | by the receive queue
 *   CBPF     | what the group's program says
 */
import { get16, get32 } from '../../lib/bytes.ts'
import type { UserMemory } from '../../syscalls/types.ts'
import { EALREADY, EINVAL, ENOMEM, ENOSPC, EPERM, type Errno, isErrno } from '../../uapi/errno.ts'
import * as P from '../../uapi/linux/if_packet.ts'
import { dev_add_pack, dev_remove_pack, packet_type } from '../core/dev_ptype.ts'
import { reciprocal_scale } from '../core/flow_keys.ts'
import type { net_device } from '../core/netdevice.ts'
import type { net } from '../core/net_namespace.ts'
import { kfree_skb, type sk_buff, skb_bytes } from '../core/skbuff.ts'
import { sock_flag } from '../sock.ts'
import { SOCK_FLAG } from '../sock_limits.ts'
import { sk_filter_run } from '../sockopt_filter.ts'
import { sk_filter_from } from '../sockopt.ts'
import { fanout_demux_rollover } from './packet_rollover.ts'
import { netns_packet_of, packet_fanout, packet_sock } from './packet_sock.ts'

const LEGACY_MAX = 256
const PACKET_FANOUT_MAX = 0x10000

function groups(net: net): packet_fanout[] {
  return [...new Set(netns_packet_of(net).sklist.flatMap((po) => (po.fanout === undefined ? [] : [po.fanout])))]
}

/** struct fanout_args { u16 id, type_flags; u32 max_num_members }, or its first word. */
export function fanout_add(po: packet_sock, optval: Uint8Array): Errno | undefined {
  if (optval.length !== 4 && optval.length !== 8) return EINVAL
  const max = optval.length === 8 ? get32(optval, 4) : 0
  const type_flags = get16(optval, 2)
  const type = type_flags & 0xff
  let flags = type_flags & 0xff00
  if (type > P.PACKET_FANOUT_EBPF || (type === P.PACKET_FANOUT_ROLLOVER && flags & P.PACKET_FANOUT_FLAG_ROLLOVER)) return EINVAL
  if (po.fanout !== undefined) return EALREADY
  let id = get16(optval, 0)
  if (flags & P.PACKET_FANOUT_FLAG_UNIQUEID) {
    if (id !== 0) return EINVAL
    const fresh = find_new_id(po.sk_net)
    if (fresh === undefined) return ENOMEM
    id = fresh
    flags &= ~P.PACKET_FANOUT_FLAG_UNIQUEID
  }
  const known = groups(po.sk_net).find((f) => f.id === id)
  if (known !== undefined && (known.flags !== flags || (max !== 0 && max !== known.max_num_members))) return EINVAL
  if (known === undefined && max > PACKET_FANOUT_MAX) return EINVAL
  return join(po, known ?? make(po, id, type, flags, max || LEGACY_MAX), type)
}
function find_new_id(net: net): number | undefined {
  const state = netns_packet_of(net)
  const taken = new Set(groups(net).map((f) => f.id))
  for (let i = 0; i < 0x10000; i++) {
    const id = (state.fanout_next_id + i) & 0xffff
    if (taken.has(id)) continue
    state.fanout_next_id = (id + 1) & 0xffff
    return id
  }
  return undefined
}
function make(po: packet_sock, id: number, type: number, flags: number, max: number): packet_fanout {
  const f = new packet_fanout(po.sk_net, id, type, flags, max)
  f.prot_hook = new packet_type(po.prot_hook.type, packet_rcv_fanout, po.prot_hook.dev, po.sk_net, f)
  f.prot_hook.ignore_outgoing = (flags & P.PACKET_FANOUT_FLAG_IGNORE_OUTGOING) !== 0
  f.prot_hook.id_match = match_fanout_group
  return f
}
export function match_fanout_group(pt: packet_type, sk: unknown): boolean {
  return sk instanceof packet_sock && sk.fanout === pt.af_packet_priv
}
/** All members hear the same protocol on the same device. */
function join(po: packet_sock, f: packet_fanout, type: number): Errno | undefined {
  const alike = f.type === type && f.prot_hook.type === po.prot_hook.type && f.prot_hook.dev === po.prot_hook.dev
  if (po.num === 0 || !alike) return EINVAL
  if (f.members.length >= f.max_num_members) return ENOSPC
  if (po.running) dev_remove_pack(po.sk_net.kernel, po.prot_hook)
  po.fanout = f
  f.members.push(po)
  if (po.running) fanout_link(po)
  return undefined
}
export function fanout_link(po: packet_sock): void {
  const f = po.fanout as packet_fanout
  f.arr.push(po)
  if (f.arr.length === 1) dev_add_pack(po.sk_net.kernel, f.prot_hook)
}
/** The last one takes the place of the one that goes. */
export function fanout_unlink(po: packet_sock): void {
  const f = po.fanout as packet_fanout
  const at = f.arr.indexOf(po)
  if (at < 0) return
  const last = f.arr.pop() as packet_sock
  if (at < f.arr.length) f.arr[at] = last
  if (f.arr.length === 0) dev_remove_pack(po.sk_net.kernel, f.prot_hook)
}
export function fanout_release(po: packet_sock): void {
  const f = po.fanout
  if (f === undefined) return
  f.members = f.members.filter((other) => other !== po)
  po.fanout = undefined
}
/** What getsockopt(PACKET_FANOUT) tells. */
export function fanout_value(f: packet_fanout | undefined): number {
  return f === undefined ? 0 : (f.id | (f.type << 16) | (f.flags << 16)) >>> 0
}

/** PACKET_FANOUT_DATA: the program of a group of type CBPF. */
export function fanout_set_data(po: packet_sock, optval: Uint8Array, memory: UserMemory | undefined): Errno | undefined {
  const f = po.fanout
  if (f === undefined) return EINVAL
  if (f.type === P.PACKET_FANOUT_EBPF) {
    po.sk_net.kernel.unsupported.count('setsockopt', 'PACKET_FANOUT_DATA of eBPF')
    return EINVAL
  }
  if (f.type !== P.PACKET_FANOUT_CBPF) return EINVAL
  if (sock_flag(po, SOCK_FLAG.FILTER_LOCKED)) return EPERM
  const prog = sk_filter_from(optval, memory)
  if (isErrno(prog)) return prog
  f.bpf_prog = prog
  return undefined
}

/** The same for both directions of a flow (__skb_get_hash_symmetric). */
function symmetric_hash(skb: sk_buff): number {
  const b = skb.buf
  const at = skb.network_header
  const v4 = skb.protocol === 0x0800
  const [from, len, thoff] = v4 ? [at + 12, 4, at + ((b[at] & 15) << 2)] : [at + 8, 16, at + 40]
  if (!v4 && skb.protocol !== 0x86dd) return skb.protocol
  let h = v4 ? b[at + 9] : b[at + 6]
  for (let i = 0; i < len; i++) h = Math.imul(h, 31) + (b[from + i] ^ b[from + len + i])
  if (h !== 1 && thoff + 4 <= skb.tail) h = Math.imul(h, 31) + ((b[thoff] ^ b[thoff + 2]) << 8) + (b[thoff + 1] ^ b[thoff + 3])
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d)
  return (h ^ (h >>> 13)) >>> 0
}
function demux(f: packet_fanout, skb: sk_buff, hash: number): number {
  const num = f.arr.length
  switch (f.type) {
    case P.PACKET_FANOUT_HASH:
      return reciprocal_scale(symmetric_hash(skb), num)
    case P.PACKET_FANOUT_LB:
      return ++f.rr_cur % num
    case P.PACKET_FANOUT_ROLLOVER:
      return fanout_demux_rollover(f, skb, 0, false, hash)
    case P.PACKET_FANOUT_RND:
      return f.net.kernel.random.below(num)
    case P.PACKET_FANOUT_QM:
      return skb.queue_mapping % num
    case P.PACKET_FANOUT_CBPF:
      return f.bpf_prog === undefined ? 0 : sk_filter_run(f.bpf_prog, skb_bytes(skb), skb.protocol, skb) % num
    default:
      return 0
  }
}
/** The packet type of a group. */
export function packet_rcv_fanout(skb: sk_buff, dev: net_device, pt: packet_type, orig_dev: net_device): number {
  const f = pt.af_packet_priv as packet_fanout
  if (f.arr.length === 0) {
    kfree_skb(skb)
    return 0
  }
  const hash = symmetric_hash(skb)
  let at = demux(f, skb, hash)
  if (f.flags & P.PACKET_FANOUT_FLAG_ROLLOVER) at = fanout_demux_rollover(f, skb, at, true, hash)
  const { prot_hook } = f.arr[at]
  return prot_hook.func(skb, dev, prot_hook, orig_dev)
}
