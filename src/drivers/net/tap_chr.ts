/**
 * drivers/net/tap.c: /dev/tapN, by which programs send and receive the frames of a macvtap or ipvtap, N being its index.
 * Each opening is a queue of the device; frames come before macvlan's and the protocols' turn, and leave as if the device
 * had sent them. Every frame has virtio's header before it, unless the program has said otherwise (TUNSETIFF).
 */
import type { chrdev_ops } from '../../fs/chrdev.ts'
import type { task_struct } from '../../kernel/task.ts'
import { get16, put16, putString } from '../../lib/bytes.ts'
import {
  dev_set_mac_address,
  dev_tstats,
  netdev_rx_handler_register,
  netdev_rx_handler_unregister,
  rtnl_unlock,
} from '../../net/core/dev.ts'
import { dev_queue_xmit } from '../../net/core/dev_xmit.ts'
import { type net_device, netdev_priv, RX_HANDLER_CONSUMED, RX_HANDLER_PASS } from '../../net/core/netdevice.ts'
import type { net } from '../../net/core/net_namespace.ts'
import { skb_checksum_help } from '../../net/core/skb_offload.ts'
import { __vlan_hwaccel_push_inside } from '../../net/core/skb_vlan.ts'
import {
  consume_skb,
  dev_alloc_skb,
  kfree_skb,
  type sk_buff,
  skb_bytes,
  skb_push,
  skb_put,
  skb_reset_mac_header,
} from '../../net/core/skbuff.ts'
import { virtio_net_hdr_from_skb, virtio_net_hdr_parse, VIRTIO_NET_HDR_SIZE, virtio_net_hdr_to_skb } from '../../net/core/virtio_net.ts'
import { sock } from '../../net/sock.ts'
import { type proto_ops, socket } from '../../net/socket.ts'
import { POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from '../../net/sockopt_cmsg.ts'
import type { ReceivedMessage, ReceiveRequest, SendMessage, UserMemory } from '../../syscalls/types.ts'
import { EAGAIN, EBUSY, EINVAL, ENODEV, ENOLINK, type Errno, isErrno } from '../../uapi/errno.ts'
import { ETH_HLEN } from '../../uapi/linux/if_ether.ts'
import * as T from '../../uapi/linux/if_tun.ts'
import { SOCK_RAW } from '../../uapi/linux/socket.ts'
import { SIOCGIFHWADDR, SIOCSIFHWADDR } from '../../uapi/linux/sockios.ts'
import { get_u32, give_u32, IFNAMSIZ, tun_chr_name, type tun_request, with_ifreq } from './tun_ioctl.ts'
import { MAX_TAP_QUEUES } from './tun_private.ts'

const TAP_IFFEATURES = T.IFF_VNET_HDR | T.IFF_MULTI_QUEUE
const KNOWN_OFFLOADS = T.TUN_F_CSUM | T.TUN_F_TSO4 | T.TUN_F_TSO6 | T.TUN_F_TSO_ECN | T.TUN_F_UFO
const NOTHING = new Uint8Array(0)

/** struct tap_queue: one opening. */
export class tap_queue extends sock {
  /** undefined: the device has gone. */
  tap: tap_dev | undefined
  flags = T.IFF_VNET_HDR | T.IFF_NO_PI | T.IFF_TAP
  vnet_hdr_sz = VIRTIO_NET_HDR_SIZE
  constructor(net: net, socket: socket, tap: tap_dev) {
    super(net, socket, 0, socket.type, 0)
    this.tap = tap
  }
}
/** struct tap_dev, in dev.rx_handler_data. */
export class tap_dev {
  readonly dev: net_device
  /** Those that frames are given to. */
  taps: tap_queue[] = []
  queues: tap_queue[] = []
  /** What programs take (TUN_F_*). */
  offload = 0
  constructor(dev: net_device) {
    this.dev = dev
  }
}
function queue_of(file: socket): tap_queue {
  return file.sk as tap_queue
}

/** The device's part when it is made: the tap takes its packets first, and goes again where the rest of it fails. */
export function tap_newlink(dev: net_device, newlink: () => Errno | undefined): Errno | undefined {
  const busy = netdev_rx_handler_register(dev, tap_handle_frame, new tap_dev(dev))
  if (isErrno(busy)) return busy
  const error = newlink()
  if (isErrno(error)) netdev_rx_handler_unregister(dev)
  return error
}
/** tap_del_queues() */
export function tap_dellink(dev: net_device): void {
  const tap = dev.rx_handler_data as tap_dev | undefined
  for (const q of tap?.queues ?? []) q.tap = undefined
  netdev_rx_handler_unregister(dev)
}
/** A frame that has come to the device: where nobody has it open the protocols have it. */
export function tap_handle_frame(skb: sk_buff, dev: net_device): number {
  const { taps, offload } = dev.rx_handler_data as tap_dev
  const q = taps[skb.hash % Math.max(1, taps.length)]
  if (q === undefined) return RX_HANDLER_PASS
  if (q.sk_receive_queue.qlen >= dev.tx_queue_len) {
    dev_tstats(dev).rx_errors++
    kfree_skb(skb)
    return RX_HANDLER_CONSUMED
  }
  skb_push(skb, ETH_HLEN)
  if (!(q.flags & T.IFF_VNET_HDR) || !(offload & T.TUN_F_CSUM)) skb_checksum_help(skb)
  q.sk_receive_queue.push(skb)
  q.sk_socket?.watcher?.dataReady()
  return RX_HANDLER_CONSUMED
}

/** tap_get_user() */
export function tap_sendmsg(file: socket, { data }: SendMessage): number | Errno {
  const q = queue_of(file)
  const error = xmit(q, data)
  if (isErrno(error) && q.tap !== undefined) dev_tstats(q.tap.dev).tx_dropped++
  return error ?? data.length
}
function xmit(q: tap_queue, data: Uint8Array): Errno | undefined {
  const size = q.flags & T.IFF_VNET_HDR ? q.vnet_hdr_sz : 0
  const vnet = size === 0 ? undefined : virtio_net_hdr_parse(data, size)
  if (isErrno(vnet)) return vnet
  const frame = data.subarray(size)
  if (frame.length < ETH_HLEN) return EINVAL
  const { tap } = q
  if (tap === undefined) return undefined
  const skb = dev_alloc_skb(tap.dev, frame.length)
  skb.buf.set(frame, skb_put(skb, frame.length))
  skb_reset_mac_header(skb)
  skb.network_header = skb.data + ETH_HLEN
  skb.protocol = (frame[12] << 8) | frame[13]
  const error = vnet === undefined ? undefined : virtio_net_hdr_to_skb(skb, vnet)
  if (isErrno(error)) {
    kfree_skb(skb)
    return error
  }
  dev_queue_xmit(skb)
  return undefined
}
/** tap_do_read() */
export function tap_recvmsg(file: socket, { size }: ReceiveRequest): ReceivedMessage | Errno {
  const q = queue_of(file)
  const room = q.flags & T.IFF_VNET_HDR ? q.vnet_hdr_sz : 0
  const skb = q.sk_receive_queue.shift() as sk_buff | undefined
  if (skb === undefined) return EAGAIN
  if (size < room) {
    kfree_skb(skb)
    return EINVAL
  }
  if (skb.vlan_present) __vlan_hwaccel_push_inside(skb)
  const header = room === 0 ? NOTHING : virtio_net_hdr_from_skb(skb, room)
  if (isErrno(header)) {
    kfree_skb(skb)
    return header
  }
  const data = new Uint8Array(room + skb.len)
  data.set(header)
  data.set(skb_bytes(skb), room)
  consume_skb(skb)
  const cut = data.subarray(0, size)
  return { data: cut, result: cut.length, name: NOTHING, control: NOTHING, flags: 0 }
}
export function tap_poll(file: socket): number {
  return (queue_of(file).sk_receive_queue.qlen > 0 ? POLLIN | POLLRDNORM : 0) | POLLOUT | POLLWRNORM
}

/** tap_ioctl() */
export function tap_ioctl(file: socket, cmd: number, arg: number, memory: UserMemory, task: task_struct): number | Errno {
  const q = queue_of(file)
  const error = of_queue(q, { task, arg, memory }, cmd)
  rtnl_unlock(task.kernel)
  return error ?? 0
}
function of_queue(q: tap_queue, r: tun_request, cmd: number): Errno | undefined {
  switch (cmd) {
    case T.TUNSETIFF:
      return with_ifreq(r, false, (ifr) => set_iff(q, get16(ifr, IFNAMSIZ)))
    case T.TUNSETQUEUE:
      return with_ifreq(r, false, (ifr) => set_queue(q, get16(ifr, IFNAMSIZ)))
    case T.TUNGETFEATURES:
      return give_u32(r, T.IFF_TAP | T.IFF_NO_PI | TAP_IFFEATURES)
    case T.TUNSETSNDBUF:
      return with_u32(r, 1, (size) => void (q.sk_sndbuf = size))
    case T.TUNGETVNETHDRSZ:
      return give_u32(r, q.vnet_hdr_sz)
    case T.TUNSETVNETHDRSZ:
      return with_u32(r, VIRTIO_NET_HDR_SIZE, (size) => void (q.vnet_hdr_sz = size))
    case T.TUNGETVNETLE:
      return give_u32(r, 0)
    case T.TUNSETOFFLOAD:
      return set_offload(q, r.arg)
    case T.TUNGETIFF:
    case SIOCGIFHWADDR:
    case SIOCSIFHWADDR:
      return q.tap === undefined ? ENOLINK : of_device(q, q.tap.dev, r, cmd)
    default:
      return EINVAL
  }
}
function of_device(q: tap_queue, dev: net_device, r: tun_request, cmd: number): Errno | undefined {
  if (cmd === SIOCSIFHWADDR)
    return with_ifreq(r, false, (ifr) => dev_set_mac_address(dev, ifr.slice(IFNAMSIZ + 2, IFNAMSIZ + 2 + dev.addr_len)))
  return with_ifreq(r, true, (ifr) => {
    ifr.fill(0, 0, IFNAMSIZ)
    putString(ifr, 0, dev.name)
    put16(ifr, IFNAMSIZ, cmd === T.TUNGETIFF ? q.flags : dev.type)
    if (cmd === SIOCGIFHWADDR) ifr.set(dev.dev_addr.subarray(0, 6), IFNAMSIZ + 2)
    return undefined
  })
}
/** A number that must be so large at least. */
function with_u32(r: tun_request, least: number, fn: (value: number) => undefined): Errno | undefined {
  const value = get_u32(r)
  if (isErrno(value)) return value
  return (value | 0) < least ? EINVAL : fn(value)
}
/** The name does not matter, and the flags must be those of a tap. */
function set_iff(q: tap_queue, flags: number): Errno | undefined {
  if ((flags & ~TAP_IFFEATURES) !== (T.IFF_NO_PI | T.IFF_TAP)) return EINVAL
  q.flags = (q.flags & ~TAP_IFFEATURES) | flags
  return undefined
}
/** tap_ioctl_set_queue(): frames come to it, or to the other ones only. */
function set_queue(q: tap_queue, flags: number): Errno | undefined {
  const { tap } = q
  if (tap === undefined) return EINVAL
  const enabled = tap.taps.includes(q)
  if (flags & T.IFF_ATTACH_QUEUE ? enabled : !(flags & T.IFF_DETACH_QUEUE) || !enabled) return EINVAL
  if (flags & T.IFF_ATTACH_QUEUE) tap.taps.push(q)
  else tap.taps = tap.taps.filter((other) => other !== q)
  return undefined
}
function set_offload(q: tap_queue, offload: number): Errno | undefined {
  if (offload & ~KNOWN_OFFLOADS) return EINVAL
  if (q.tap === undefined) return ENOLINK
  q.tap.offload = offload
  return undefined
}

/** tap_put_queue() */
export function tap_release(file: socket): void {
  const q = queue_of(file)
  const { tap } = q
  if (tap !== undefined) {
    tap.taps = tap.taps.filter((other) => other !== q)
    tap.queues = tap.queues.filter((other) => other !== q)
    q.tap = undefined
  }
  for (let skb = q.sk_receive_queue.shift(); skb !== undefined; skb = q.sk_receive_queue.shift()) kfree_skb(skb)
  file.kernel.namespaces.put_net(q.sk_net)
}
export const tap_socket_ops: proto_ops = {
  family: 0,
  release: tap_release,
  getname: tun_chr_name,
  sendmsg: tap_sendmsg,
  recvmsg: tap_recvmsg,
  poll: tap_poll,
  chr_ioctl: tap_ioctl,
}
export const TAP_PATH = '/dev/tap'
/** tap_open(): of the device with that index, in the opener's namespace or else wherever it is. */
export function tap_open(task: task_struct, path: string): socket | Errno {
  const ifindex = Number(path.slice(TAP_PATH.length))
  const nets = [task.net_ns, ...task.kernel.namespaces.net_namespace_list]
  const dev = nets.map((n) => n.dev_index_head.get(ifindex)).find((found) => found?.rx_handler_data instanceof tap_dev)
  if (dev === undefined || netdev_priv<{ minor: number }>(dev).minor === 0) return ENODEV
  const tap = dev.rx_handler_data as tap_dev
  if (tap.queues.length === MAX_TAP_QUEUES) return EBUSY
  const file = new socket(task.kernel, task, 0, SOCK_RAW, 0)
  const q = new tap_queue(task.net_ns, file, tap)
  file.ops = tap_socket_ops
  file.sk = q
  tap.taps.push(q)
  tap.queues.push(q)
  task.kernel.namespaces.get_net(task.net_ns)
  return file
}
export const tap_fops: chrdev_ops = { name: 'tap_fops', mode: 0o600, open: tap_open }
