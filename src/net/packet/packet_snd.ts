/** net/packet/af_packet.c packet_snd(), packet_sendmsg_spkt(): a program's bytes become a frame on a device. */
import type { task_struct } from '../../kernel/task.ts'
import { getBe16, getS32, getString } from '../../lib/bytes.ts'
import type { SendMessage } from '../../syscalls/types.ts'
import {
  EINVAL,
  EMSGSIZE,
  ENETDOWN,
  ENOBUFS,
  ENODEV,
  ENOTCONN,
  ENXIO,
  EPROTONOSUPPORT,
  type Errno,
  errnoOf,
  isErrno,
} from '../../uapi/errno.ts'
import { IFF_UP } from '../../uapi/linux/if.ts'
import { ETH_P_802_2, ETH_P_802_3, ETH_P_802_3_MIN, ETH_P_8021AD, ETH_P_8021Q, ETH_P_ALL } from '../../uapi/linux/if_ether.ts'
import { SLL_ADDR_OFFSET, SOCKADDR_PKT_SIZE, sockaddr_ll } from '../../uapi/linux/if_packet.ts'
import { SOCK_DGRAM, SOCK_RAW } from '../../uapi/linux/socket.ts'
import { skb_set_owner_w, sock_alloc_send_error } from '../core/datagram.ts'
import { dev_direct_xmit, dev_queue_xmit, NET_XMIT_CN } from '../core/dev_xmit.ts'
import type { net_device } from '../core/netdevice.ts'
import { alloc_skb, LL_RESERVED_SPACE, type sk_buff, skb_put, skb_reserve } from '../core/skbuff.ts'
import { skb_setup_tx_timestamp } from '../core/skb_tstamp.ts'
import { type sockcm_cookie, sock_cmsg_send } from '../core/sock_cmsg.ts'
import { sock_flag } from '../sock.ts'
import { SOCK_FLAG } from '../sock_limits.ts'
import type { socket } from '../socket.ts'
import { dev_by_name } from './packet_bind.ts'
import { packet_dev, type packet_sock, pkt_sk } from './packet_sock.ts'
import { virtio_net_hdr_parse, type virtio_net_hdr, virtio_net_hdr_to_skb } from '../core/virtio_net.ts'

export const VLAN_HLEN = 4

/** By which device, with which protocol and (SOCK_DGRAM) to whom. */
export interface packet_target {
  dev: net_device | undefined
  proto: number
  addr: Uint8Array | undefined
}
/** The address of the call, else what the socket is bound to. */
export function packet_target_of(po: packet_sock, name: Uint8Array | undefined): packet_target | Errno {
  if (name === undefined || name.length === 0) return { dev: packet_dev(po), proto: po.num, addr: undefined }
  if (name.length < sockaddr_ll.size || name.length < name[11] + SLL_ADDR_OFFSET) return EINVAL
  const dev = po.sk_net.dev_index_head.get(getS32(name, 4))
  const dgram = po.sk_type === SOCK_DGRAM
  if (dgram && dev !== undefined && name.length < dev.addr_len + SLL_ADDR_OFFSET) return EINVAL
  return { dev, proto: getBe16(name, 2), addr: dgram ? name.subarray(SLL_ADDR_OFFSET) : undefined }
}

/** What a call wants sent how: where to, and what its control messages ask. */
export interface packet_send {
  target: packet_target
  dev: net_device
  cookie: sockcm_cookie
}
export function packet_ready(po: packet_sock, message: SendMessage, task: task_struct): packet_send | Errno {
  const target = packet_target_of(po, message.name)
  if (isErrno(target)) return target
  const { dev } = target
  if (dev === undefined) return ENXIO
  if (!(dev.flags & IFF_UP)) return ENETDOWN
  const cookie = sock_cmsg_send(po, message.control, task)
  return isErrno(cookie) ? cookie : { target, dev, cookie }
}
export function packet_snd(po: packet_sock, message: SendMessage, task: task_struct): number | Errno {
  const ready = packet_ready(po, message, task)
  if (isErrno(ready)) return ready
  const { target, dev, cookie } = ready
  const vnet = po.vnet_hdr_sz > 0 ? virtio_net_hdr_parse(message.data, po.vnet_hdr_sz) : undefined
  if (isErrno(vnet)) return vnet
  if (sock_flag(po, SOCK_FLAG.NOFCS)) return EPROTONOSUPPORT
  const skb = packet_fill_skb(po, dev, target, message.data.subarray(po.vnet_hdr_sz), cookie, vnet)
  if (isErrno(skb)) return skb
  const error = packet_xmit(po, skb)
  return isErrno(error) ? error : message.data.length
}

export function packet_fill_skb(
  po: packet_sock,
  dev: net_device,
  { proto, addr }: packet_target,
  data: Uint8Array,
  cookie: sockcm_cookie,
  vnet?: virtio_net_hdr,
): sk_buff | Errno {
  const raw = po.sk_type === SOCK_RAW
  const reserve = raw ? dev.hard_header_len : 0
  const gso = vnet !== undefined && vnet.gso_type !== 0
  if (!gso && data.length > dev.mtu + reserve + VLAN_HLEN) return EMSGSIZE
  const refused = sock_alloc_send_error(po)
  if (refused !== undefined) return refused
  const hlen = LL_RESERVED_SPACE(dev)
  const skb = alloc_skb(hlen + data.length)
  skb_reserve(skb, raw ? hlen - reserve : hlen)
  skb.network_header = hlen
  // a frame that is too short for its header counts from its start
  if (raw && data.length < reserve + 40 && dev.min_header_len !== dev.hard_header_len) skb.network_header = skb.data
  const at = skb_put(skb, data.length)
  skb.buf.set(data, at)
  if (!raw && (dev.header_ops?.create?.(skb, dev, proto, addr, undefined, data.length) ?? 0) < 0) return EINVAL
  if ((raw && data.length < dev.min_header_len) || skb.len === 0) return EINVAL
  if (!gso && data.length > dev.mtu + reserve && !(raw && is_8021q(skb, dev))) return EMSGSIZE
  skb.mac_header = skb.data
  skb.protocol = proto
  skb.dev = dev
  skb.priority = po.sk_priority
  skb.mark = cookie.mark
  if ((proto === 0 || proto === ETH_P_ALL) && raw) skb.protocol = parse_protocol(skb, dev)
  if (raw && (skb.protocol === ETH_P_8021Q || skb.protocol === ETH_P_8021AD)) skb.network_header = skb.data + reserve
  skb.transport_header = skb.network_header
  const error = vnet === undefined ? undefined : virtio_net_hdr_to_skb(skb, vnet)
  if (isErrno(error)) return error
  skb_set_owner_w(skb, po)
  skb_setup_tx_timestamp(skb, po, cookie)
  return skb
}
/** packet_extra_vlan_len_allowed(): four bytes more than the MTU, where they are a tag. */
function is_8021q(skb: sk_buff, dev: net_device): boolean {
  return dev.header_ops?.cache === true && getBe16(skb.buf, skb.data + 12) === ETH_P_8021Q
}
/** dev_parse_header_protocol() */
function parse_protocol(skb: sk_buff, dev: net_device): number {
  if (dev.header_ops?.create === undefined) {
    const version = skb.buf[skb.data] >> 4
    return version === 4 ? 0x0800 : version === 6 ? 0x86dd : 0
  }
  const type = getBe16(skb.buf, skb.data + 12)
  if (type >= ETH_P_802_3_MIN) return type
  return getBe16(skb.buf, skb.data + 14) === 0xffff ? ETH_P_802_3 : ETH_P_802_2
}
/** Through the queue, or past it; a full queue is an error. */
export function packet_xmit(po: packet_sock, skb: sk_buff): Errno | undefined {
  const rc = po.qdisc_bypass ? dev_direct_xmit(skb, 0) : dev_queue_xmit(skb)
  if (rc < 0) return errnoOf(-rc)
  return rc > 0 && rc !== NET_XMIT_CN ? ENOBUFS : undefined
}

/** SOCK_PACKET: the device is named in each call. */
export function packet_sendmsg_spkt(sock: socket, message: SendMessage, task: task_struct): number | Errno {
  const po = pkt_sk(sock)
  const { name, data } = message
  if (name === undefined || name.length === 0) return ENOTCONN
  if (name.length < 16) return EINVAL
  const proto = name.length === SOCKADDR_PKT_SIZE ? getBe16(name, 16) : 0
  const dev = dev_by_name(po.sk_net, getString(name, 2, 15))
  if (dev === undefined) return ENODEV
  if (!(dev.flags & IFF_UP)) return ENETDOWN
  if (data.length > dev.mtu + dev.hard_header_len + VLAN_HLEN) return EMSGSIZE
  const cookie = sock_cmsg_send(po, message.control, task)
  if (isErrno(cookie)) return cookie
  if (data.length < dev.min_header_len || data.length === 0) return EINVAL
  const skb = alloc_skb(LL_RESERVED_SPACE(dev) + data.length)
  skb_reserve(skb, LL_RESERVED_SPACE(dev) - dev.hard_header_len)
  skb.buf.set(data, skb_put(skb, data.length))
  if (data.length > dev.mtu + dev.hard_header_len && !is_8021q(skb, dev)) return EMSGSIZE
  skb.mac_header = skb.data
  skb.network_header = skb.data + dev.hard_header_len
  skb.transport_header = skb.network_header
  skb.protocol = proto || parse_protocol(skb, dev)
  skb.dev = dev
  skb.priority = po.sk_priority
  skb.mark = cookie.mark
  skb_set_owner_w(skb, po)
  skb_setup_tx_timestamp(skb, po, cookie)
  dev_queue_xmit(skb)
  return data.length
}
