/** net/packet/af_packet.c packet_mc_add(): what a socket has a device hear beside its own (packet(7)). */
import { equalBytes, get16, getS32 } from '../../lib/bytes.ts'
import { EINVAL, ENODEV, type Errno, isErrno } from '../../uapi/errno.ts'
import { PACKET_MR_ALLMULTI, PACKET_MR_MULTICAST, PACKET_MR_PROMISC, PACKET_MR_UNICAST, packet_mreq } from '../../uapi/linux/if_packet.ts'
import { dev_mc_add, dev_mc_del, dev_uc_add, dev_uc_del, rtnl_unlock } from '../core/dev.ts'
import { dev_set_allmulti, dev_set_promiscuity } from '../core/dev_rx_mode.ts'
import type { net_device } from '../core/netdevice.ts'
import type { packet_mclist, packet_sock } from './packet_sock.ts'

/** Offset of mr_address, and the longest address that fits behind it. */
const MREQ_HEAD = 8
const MAX_ADDR_LEN = 32

function packet_dev_mc(dev: net_device, m: packet_mclist, what: 1 | -1): Errno | undefined {
  switch (m.type) {
    case PACKET_MR_MULTICAST:
      if (m.alen !== dev.addr_len) return EINVAL
      return what > 0 ? dev_mc_add(dev, m.addr) : dev_mc_del(dev, m.addr)
    case PACKET_MR_PROMISC:
      return dev_set_promiscuity(dev, what)
    case PACKET_MR_ALLMULTI:
      return dev_set_allmulti(dev, what)
    case PACKET_MR_UNICAST:
      if (m.alen !== dev.addr_len) return EINVAL
      return what > 0 ? dev_uc_add(dev, m.addr) : dev_uc_del(dev, m.addr)
    default:
      return undefined
  }
}

/** struct packet_mreq, or a longer one with a longer address. */
function parse(optval: Uint8Array): packet_mclist | Errno {
  if (optval.length < packet_mreq.size) return EINVAL
  const alen = get16(optval, 6)
  if (Math.min(optval.length, MREQ_HEAD + MAX_ADDR_LEN) < alen + MREQ_HEAD) return EINVAL
  const addr = new Uint8Array(MAX_ADDR_LEN)
  addr.set(optval.subarray(MREQ_HEAD, MREQ_HEAD + alen))
  return { ifindex: getS32(optval, 0), type: get16(optval, 4), alen, addr, count: 1 }
}
function same(a: packet_mclist, b: packet_mclist): boolean {
  const like = a.ifindex === b.ifindex && a.type === b.type && a.alen === b.alen
  return like && equalBytes(a.addr.subarray(0, a.alen), b.addr.subarray(0, b.alen))
}

export function packet_mc_add(po: packet_sock, optval: Uint8Array): Errno | undefined {
  const m = parse(optval)
  if (isErrno(m)) return m
  const dev = po.sk_net.dev_index_head.get(m.ifindex)
  if (dev === undefined) return ENODEV
  if (m.alen > dev.addr_len) return EINVAL
  const known = po.mclist.find((other) => same(m, other))
  if (known !== undefined) {
    known.count++
    return undefined
  }
  const error = packet_dev_mc(dev, m, 1)
  if (!isErrno(error)) po.mclist.unshift(m)
  rtnl_unlock(po.sk_net.kernel)
  return error
}
/** Of what it does not have nothing is dropped, and that is no error. */
export function packet_mc_drop(po: packet_sock, optval: Uint8Array): Errno | undefined {
  const m = parse(optval)
  if (isErrno(m)) return m
  const known = po.mclist.find((other) => same(m, other))
  if (known === undefined || --known.count > 0) return undefined
  po.mclist = po.mclist.filter((other) => other !== known)
  const dev = po.sk_net.dev_index_head.get(known.ifindex)
  if (dev !== undefined) packet_dev_mc(dev, known, -1)
  rtnl_unlock(po.sk_net.kernel)
  return undefined
}
/** The socket goes (packet_flush_mclist). */
export function packet_flush_mclist(po: packet_sock): void {
  if (po.mclist.length === 0) return
  for (const m of po.mclist) {
    const dev = po.sk_net.dev_index_head.get(m.ifindex)
    if (dev !== undefined) packet_dev_mc(dev, m, -1)
  }
  po.mclist = []
  rtnl_unlock(po.sk_net.kernel)
}
/** The device goes. */
export function packet_dev_mclist_delete(po: packet_sock, dev: net_device): void {
  for (const m of po.mclist) if (m.ifindex === dev.ifindex) packet_dev_mc(dev, m, -1)
  po.mclist = po.mclist.filter((m) => m.ifindex !== dev.ifindex)
}
