/** net/packet/af_packet.c packet_do_bind(), packet_notifier(): which frames a socket hears, and when. */
import type { task_struct } from '../../kernel/task.ts'
import { NOTIFY_DONE, type notifier_block } from '../../kernel/notifier.ts'
import { get16, getString } from '../../lib/bytes.ts'
import { EINVAL, ENETDOWN, ENODEV, type Errno } from '../../uapi/errno.ts'
import { IFF_UP } from '../../uapi/linux/if.ts'
import { sockaddr_ll } from '../../uapi/linux/if_packet.ts'
import { AF_PACKET } from '../../uapi/linux/socket.ts'
import { dev_add_pack, dev_remove_pack, packet_type } from '../core/dev_ptype.ts'
import { NETDEV_DOWN, NETDEV_UNREGISTER, NETDEV_UP, type net_device, type netdev_notifier_info } from '../core/netdevice.ts'
import type { net } from '../core/net_namespace.ts'
import { sk_error_report } from '../sock.ts'
import type { socket } from '../socket.ts'
import { fanout_link, fanout_unlink } from './packet_fanout.ts'
import { packet_dev_mclist_delete } from './packet_mc.ts'
import { netns_packet_of, type packet_sock, pkt_sk } from './packet_sock.ts'

/** A hook for the protocol and device that the socket has now. */
export function packet_make_hook(po: packet_sock, func: packet_type['func'], num: number, dev: net_device | undefined): packet_type {
  const hook = new packet_type(num, func, dev, po.sk_net, po)
  hook.ignore_outgoing = po.ignore_outgoing
  return hook
}
export function register_prot_hook(po: packet_sock): void {
  if (po.running) return
  if (po.fanout !== undefined) fanout_link(po)
  else dev_add_pack(po.sk_net.kernel, po.prot_hook)
  po.running = true
}
export function unregister_prot_hook(po: packet_sock): void {
  if (!po.running) return
  po.running = false
  if (po.fanout !== undefined) fanout_unlink(po)
  else dev_remove_pack(po.sk_net.kernel, po.prot_hook)
}

/** `proto` 0: the one it has. A device that is down is an error that waits for the next call. */
function packet_do_bind(po: packet_sock, dev: net_device | undefined, proto: number): Errno | undefined {
  const num = proto === 0 ? po.num : proto
  const { prot_hook } = po
  const rehook = prot_hook.type !== num || prot_hook.dev !== dev
  if (rehook) {
    unregister_prot_hook(po)
    po.num = num
    po.prot_hook = packet_make_hook(po, prot_hook.func, num, dev)
    po.ifindex = dev?.ifindex ?? 0
  }
  if (num === 0 || !rehook) return undefined
  if (dev === undefined || dev.flags & IFF_UP) {
    register_prot_hook(po)
  } else {
    po.sk_err = ENETDOWN
    sk_error_report(po)
  }
  return undefined
}
/** bind() of SOCK_RAW and SOCK_DGRAM. */
export function packet_bind(sock: socket, addr: Uint8Array, _task: task_struct): Errno | undefined {
  const po = pkt_sk(sock)
  if (addr.length < sockaddr_ll.size || get16(addr, 0) !== AF_PACKET) return EINVAL
  const { sll_ifindex, sll_protocol } = sockaddr_ll.get(addr, 0)
  if (po.fanout !== undefined) return EINVAL
  const dev = sll_ifindex === 0 ? undefined : po.sk_net.dev_index_head.get(sll_ifindex)
  if (sll_ifindex !== 0 && dev === undefined) return ENODEV
  return packet_do_bind(po, dev, sll_protocol)
}
/** bind() of SOCK_PACKET: struct sockaddr with a device's name. */
export function packet_bind_spkt(sock: socket, addr: Uint8Array, _task: task_struct): Errno | undefined {
  const po = pkt_sk(sock)
  if (addr.length !== 16) return EINVAL
  const name = getString(addr, 2, 16)
  const dev = dev_by_name(po.sk_net, name)
  return dev === undefined ? ENODEV : packet_do_bind(po, dev, po.num)
}
export function dev_by_name(net: net, name: string): net_device | undefined {
  return net.dev_base_head.find((dev) => dev.name === name || dev.altnames.includes(name))
}

/**
 * | event      | socket bound to the device                                        |
 * | ---------- | ------------------------------------------------------------------ |
 * | down       | hears nothing; ENETDOWN waits                                      |
 * | up         | hears again, if it has a protocol                                  |
 * | unregister | as down, and it is bound to nothing that can come back; what it asked the device to hear is gone |
 */
export function packet_notifier(_nb: notifier_block, event: number, info: netdev_notifier_info): number {
  const { dev } = info
  const state = netns_packet_of(dev.nd_net)
  for (const po of state?.sklist ?? []) {
    if (event === NETDEV_UNREGISTER && po.mclist.length > 0) packet_dev_mclist_delete(po, dev)
    if (po.ifindex !== dev.ifindex) continue
    if (event === NETDEV_UNREGISTER || event === NETDEV_DOWN) device_down(po, event === NETDEV_UNREGISTER)
    else if (event === NETDEV_UP && po.num !== 0) register_prot_hook(po)
  }
  return NOTIFY_DONE
}
function device_down(po: packet_sock, gone: boolean): void {
  if (po.running) {
    unregister_prot_hook(po)
    po.sk_err = ENETDOWN
    sk_error_report(po)
  }
  if (!gone) return
  po.ifindex = -1
  po.prot_hook = packet_make_hook(po, po.prot_hook.func, po.prot_hook.type, undefined)
}
