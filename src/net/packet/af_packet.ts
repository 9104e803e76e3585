/** net/packet/af_packet.c: PF_PACKET comes up; its sockets are made and go. */
import type { Kernel } from '../../kernel/kernel.ts'
import { notifier_block } from '../../kernel/notifier.ts'
import { timer_delete } from '../../kernel/time.ts'
import { CAP_NET_RAW } from '../../kernel/capability.ts'
import { capable, type task_struct } from '../../kernel/task.ts'
import { put16, putString } from '../../lib/bytes.ts'
import type { SendMessage, UserMemory } from '../../syscalls/types.ts'
import { ENOIOCTLCMD, EOPNOTSUPP, EPERM, type Errno, ESOCKTNOSUPPORT, isErrno } from '../../uapi/errno.ts'
import { SLL_ADDR_OFFSET, sockaddr_ll } from '../../uapi/linux/if_packet.ts'
import { AF_PACKET, SOCK_DGRAM, SOCK_PACKET, SOCK_RAW } from '../../uapi/linux/socket.ts'
import { datagram_ioctl } from '../core/datagram.ts'
import { register_netdevice_notifier } from '../core/dev_notifier.ts'
import { type net, type pernet_operations, register_pernet_subsys } from '../core/net_namespace.ts'
import { sock_diag_register } from '../core/sock_diag.ts'
import { inet_ioctl_requests, inet_ioctl } from '../ipv4/inet_ioctl.ts'
import { type net_proto_family, type proto_ops, sock_register, type socket } from '../socket.ts'
import { datagram_poll, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from '../sockopt_cmsg.ts'
import {
  packet_bind,
  packet_bind_spkt,
  packet_make_hook,
  packet_notifier,
  register_prot_hook,
  unregister_prot_hook,
} from './packet_bind.ts'
import { packet_diag_handler } from './packet_diag.ts'
import { fanout_release } from './packet_fanout.ts'
import { packet_flush_mclist } from './packet_mc.ts'
import { packet_getsockopt, packet_setsockopt } from './packet_opt.ts'
import { packet_proc_init, packet_proc_exit } from './packet_procfs.ts'
import { packet_rcv, packet_recvmsg } from './packet_rcv.ts'
import { packet_rcv_try_clear_pressure } from './packet_rollover.ts'
import { packet_mmap, packet_ring_readable } from './packet_ring.ts'
import { packet_tx_room, tpacket_snd } from './packet_ring_tx.ts'
import { packet_sendmsg_spkt, packet_snd } from './packet_snd.ts'
import { netns_packet, netns_packet_of, packet_dev, packet_sock, pkt_sk } from './packet_sock.ts'
import { packet_type } from '../core/dev_ptype.ts'

/** packet_create(): with a protocol it hears at once, on all devices. `protocol` is in network order. */
export function packet_create(net: net, sock: socket, protocol: number, task: task_struct | undefined): Errno | undefined {
  if (task !== undefined && !capable(task, CAP_NET_RAW)) return EPERM
  if (sock.type !== SOCK_DGRAM && sock.type !== SOCK_RAW && sock.type !== SOCK_PACKET) return ESOCKTNOSUPPORT
  sock.ops = sock.type === SOCK_PACKET ? packet_ops_spkt : packet_ops
  const num = ((protocol & 0xff) << 8) | ((protocol >> 8) & 0xff)
  const po = new packet_sock(net, sock, protocol, new packet_type(num, packet_rcv, undefined, net))
  po.num = num
  po.prot_hook = packet_make_hook(po, packet_rcv, num, undefined)
  netns_packet_of(net).sklist.push(po)
  if (num !== 0) register_prot_hook(po)
  net.kernel.namespaces.get_net(net)
  return undefined
}

export function packet_release(sock: socket): void {
  const po = pkt_sk(sock)
  const { sk_net: net } = po
  const state = netns_packet_of(net)
  state.sklist = state.sklist.filter((other) => other !== po)
  unregister_prot_hook(po)
  packet_flush_mclist(po)
  fanout_release(po)
  if (po.rx_ring?.timer !== undefined) timer_delete(po.rx_ring.timer)
  po.rx_ring = undefined
  po.tx_ring = undefined
  po.sk_receive_queue.purge()
  net.kernel.namespaces.put_net(net)
}

/** The address of the device it is bound to; no more of it than there is. */
export function packet_getname(sock: socket, peer: boolean): Uint8Array | Errno {
  if (peer) return EOPNOTSUPP
  const po = pkt_sk(sock)
  const dev = packet_dev(po)
  const halen = dev?.addr_len ?? 0
  const name = sockaddr_ll.encode({
    sll_family: AF_PACKET,
    sll_protocol: po.num,
    sll_ifindex: po.ifindex,
    sll_hatype: dev?.type ?? 0,
    sll_halen: halen,
    sll_addr: dev?.dev_addr.slice(0, halen) ?? new Uint8Array(0),
  })
  return name.subarray(0, SLL_ADDR_OFFSET + halen)
}
export function packet_getname_spkt(sock: socket, peer: boolean): Uint8Array | Errno {
  if (peer) return EOPNOTSUPP
  const name = new Uint8Array(16)
  put16(name, 0, AF_PACKET)
  putString(name, 2, packet_dev(pkt_sk(sock))?.name.slice(0, 13) ?? '')
  return name
}

/** Out of the ring, where there is one. */
export function packet_sendmsg(sock: socket, message: SendMessage, task: task_struct): number | Errno {
  const po = pkt_sk(sock)
  return po.tx_ring === undefined ? packet_snd(po, message, task) : tpacket_snd(po, po.tx_ring, message, task)
}

export function packet_poll(sock: socket): number {
  const po = pkt_sk(sock)
  packet_rcv_try_clear_pressure(po)
  const mask = datagram_poll(po) | (packet_ring_readable(po) ? POLLIN | POLLRDNORM : 0)
  const { tx_ring } = po
  // whoever waits for its frames is told when they are gone
  if (tx_ring?.waits) return mask & ~(POLLOUT | POLLWRNORM)
  return tx_ring !== undefined && packet_tx_room(po, tx_ring) ? mask | POLLOUT | POLLWRNORM : mask
}
/** Bytes that wait; and what is asked of IPv4's sockets works on these too. */
export function packet_ioctl(sock: socket, cmd: number, arg: number, memory: UserMemory, task: task_struct): number | Errno {
  const own = datagram_ioctl(pkt_sk(sock), cmd, arg, memory)
  if (own !== undefined) return own
  return inet_ioctl_requests.has(cmd) ? inet_ioctl(sock, cmd, arg, memory, task) : ENOIOCTLCMD
}

export const packet_ops: proto_ops = {
  family: AF_PACKET,
  release: packet_release,
  bind: packet_bind,
  getname: packet_getname,
  setsockopt: packet_setsockopt,
  getsockopt: packet_getsockopt,
  sendmsg: packet_sendmsg,
  recvmsg: packet_recvmsg,
  poll: packet_poll,
  ioctl: packet_ioctl,
  mmap: packet_mmap,
}
/** Of SOCK_PACKET, without options. */
export const packet_ops_spkt: proto_ops = {
  family: AF_PACKET,
  release: packet_release,
  bind: packet_bind_spkt,
  getname: packet_getname_spkt,
  sendmsg: packet_sendmsg_spkt,
  recvmsg: packet_recvmsg,
  poll: packet_poll,
  ioctl: packet_ioctl,
}
export const packet_family_ops: net_proto_family = { family: AF_PACKET, name: 'PF_PACKET', create: packet_create }

export function packet_net_init(net: net): Errno | undefined {
  net.gen.set('packet', new netns_packet())
  packet_proc_init(net)
  return undefined
}
export const packet_net_ops: pernet_operations = { name: 'packet_net_ops', init: packet_net_init, exit: packet_proc_exit }

/** device_initcall */
export function packet_init(kernel: Kernel): Errno | undefined {
  const error = register_pernet_subsys(kernel, packet_net_ops)
  if (isErrno(error)) return error
  const refused = sock_register(kernel, packet_family_ops)
  if (isErrno(refused)) return refused
  sock_diag_register(kernel, packet_diag_handler)
  return register_netdevice_notifier(kernel, new notifier_block(packet_notifier))
}
