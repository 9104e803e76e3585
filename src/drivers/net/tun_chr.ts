/** drivers/net/tun.c: /dev/net/tun: opening, attaching to a device (TUNSETIFF), the other requests, closing. */
import { type chrdev_ops, TUN_PATH } from '../../fs/chrdev.ts'
import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { capable, type task_struct } from '../../kernel/task.ts'
import { get16, getString, put16, putString } from '../../lib/bytes.ts'
import {
  __dev_get_by_name,
  alloc_netdev,
  call_netdevice_notifiers,
  dev_set_mac_address,
  free_netdev,
  netdev_state_change,
  netdev_update_features,
  netif_carrier_off,
  netif_carrier_on,
  register_netdevice,
  rtnl_unlock,
  unregister_netdevice_many,
} from '../../net/core/dev.ts'
import {
  NET_NAME_UNKNOWN,
  NETDEV_POST_TYPE_CHANGE,
  NETDEV_PRE_TYPE_CHANGE,
  NETREG_REGISTERED,
  type net_device,
} from '../../net/core/netdevice.ts'
import { rtnl_link_register } from '../../net/core/rtnetlink.ts'
import { type proto_ops, socket } from '../../net/socket.ts'
import { POLLERR, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from '../../net/sockopt_cmsg.ts'
import type { UserMemory } from '../../syscalls/types.ts'
import * as E from '../../uapi/errno.ts'
import { type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_UP } from '../../uapi/linux/if.ts'
import * as T from '../../uapi/linux/if_tun.ts'
import { SOCK_DGRAM } from '../../uapi/linux/socket.ts'
import { SIOCGIFHWADDR, SIOCSIFHWADDR } from '../../uapi/linux/sockios.ts'
import { tun_link_ops, tun_net_change_carrier, tun_net_initialize, tun_setup } from './tun.ts'
import { get_u32, give_u32, IFNAMSIZ, tun_chr_name, type tun_request, with_ifreq } from './tun_ioctl.ts'
import {
  is_tap,
  MAX_TAP_QUEUES,
  TUN_FEATURES,
  tun_file,
  tun_file_of,
  tun_flags,
  tun_priv,
  tun_struct,
  VNET_HDR_SIZE,
} from './tun_private.ts'
import { tun_queue_purge, tun_recvmsg, tun_sendmsg } from './tun_queue.ts'

/** tun_not_capable(): neither the owner nor privileged. */
function not_capable(tun: tun_struct, task: task_struct): boolean {
  const others = (tun.owner !== undefined && tun.owner !== task.uid) || (tun.group !== undefined && tun.group !== task.gid)
  return others && !capable(task, CAP_NET_ADMIN)
}

/** tun_attach(): the file gets a queue of the device. */
function tun_attach(tun: tun_struct, tfile: tun_file): Errno | undefined {
  if (tfile.tun !== undefined && tfile.detached === undefined) return E.EINVAL
  if (!(tun.flags & T.IFF_MULTI_QUEUE) && tun.tfiles.length === 1) return E.EBUSY
  if (tfile.detached === undefined && tun.tfiles.length + tun.disabled.length === MAX_TAP_QUEUES) return E.E2BIG
  tun.disabled = tun.disabled.filter((other) => other !== tfile)
  tfile.detached = undefined
  tfile.tun = tun
  tun.tfiles.push(tfile)
  set_real_queues(tun)
  return undefined
}
/** tun_set_real_num_queues() */
function set_real_queues({ dev, tfiles }: tun_struct): void {
  dev.real_num_tx_queues = dev.real_num_rx_queues = Math.max(1, tfiles.length)
}

/** tun_set_iff() */
function tun_set_iff(task: task_struct, tfile: tun_file, ifr: Uint8Array): Errno | undefined {
  if (tfile.detached !== undefined) return E.EINVAL
  const net = tfile.sk_net
  const flags = get16(ifr, IFNAMSIZ)
  if (flags & T.IFF_NAPI_FRAGS && (!capable(task, CAP_NET_ADMIN) || !(flags & T.IFF_NAPI) || (flags & 0xf) !== T.IFF_TAP)) {
    return capable(task, CAP_NET_ADMIN) ? E.EINVAL : E.EPERM
  }
  ifr[IFNAMSIZ - 1] = 0
  const name = getString(ifr, 0, IFNAMSIZ)
  const known = __dev_get_by_name(net, name)
  const dev = known === undefined ? make(task, tfile, name, flags) : attach_to(task, tfile, known, flags)
  if (isErrno(dev)) return dev
  if (flags & T.IFF_NO_CARRIER) netif_carrier_off(dev)
  else netif_carrier_on(dev)
  ifr.fill(0, 0, IFNAMSIZ)
  putString(ifr, 0, dev.name)
  return undefined
}
function attach_to(task: task_struct, tfile: tun_file, dev: net_device, flags: number): net_device | Errno {
  if (flags & T.IFF_TUN_EXCL) return E.EBUSY
  if (dev.rtnl_link_ops !== tun_link_ops) return E.EINVAL
  const tun = tun_priv(dev)
  const same_kind = flags & T.IFF_TUN ? !is_tap(tun) : flags & T.IFF_TAP ? is_tap(tun) : false
  if (!same_kind || (flags ^ tun.flags) & T.IFF_MULTI_QUEUE) return E.EINVAL
  if (not_capable(tun, task)) return E.EPERM
  const error = tun_attach(tun, tfile)
  if (isErrno(error)) return error
  // one of several queues finds the device as the first one has set it
  if (tun.flags & T.IFF_MULTI_QUEUE && tun.tfiles.length + tun.disabled.length > 1) return dev
  tun.flags = (tun.flags & ~TUN_FEATURES) | (flags & TUN_FEATURES)
  netdev_state_change(dev)
  return dev
}
function make(task: task_struct, tfile: tun_file, wanted: string, flags: number): net_device | Errno {
  if (!capable(task, CAP_NET_ADMIN)) return E.EPERM
  const kind = flags & (T.IFF_TUN | T.IFF_TAP)
  if (kind === 0) return E.EINVAL
  const tap = (flags & T.IFF_TUN) === 0
  const queues = flags & T.IFF_MULTI_QUEUE ? MAX_TAP_QUEUES : 1
  const name = wanted === '' ? (tap ? 'tap%d' : 'tun%d') : wanted
  const options = { txqs: queues, rxqs: queues, name_assign_type: NET_NAME_UNKNOWN }
  const dev = alloc_netdev(tfile.sk_net, name, undefined, tun_setup, options)
  dev.ifindex = tfile.ifindex
  dev.rtnl_link_ops = tun_link_ops
  const tun = new tun_struct(dev, (tap ? T.IFF_TAP : T.IFF_TUN) | (flags & TUN_FEATURES))
  dev.priv = tun
  tun_net_initialize(dev)
  const error = tun_attach(tun, tfile) ?? register_netdevice(dev)
  if (!isErrno(error)) return dev
  tfile.tun = undefined
  free_netdev(dev)
  return error
}

/** __tun_detach(): a queue less. With the last the carrier goes, and the device unless it was told to stay. */
function tun_detach(tfile: tun_file, clean: boolean): void {
  const tun = tfile.tun ?? tfile.detached
  if (tun === undefined) return
  tun.tfiles = tun.tfiles.filter((other) => other !== tfile)
  tun.disabled = tun.disabled.filter((other) => other !== tfile)
  tun_queue_purge(tfile)
  set_real_queues(tun)
  tfile.tun = undefined
  if (!clean) {
    tfile.detached = tun
    tun.disabled.push(tfile)
    return
  }
  tfile.detached = undefined
  if (tun.tfiles.length > 0 || tun.disabled.length > 0) return
  netif_carrier_off(tun.dev)
  if (!(tun.flags & T.IFF_PERSIST) && tun.dev.reg_state === NETREG_REGISTERED) unregister_netdevice_many([tun.dev])
}
/** tun_set_queue(): a queue is taken out of service, or back in. */
function tun_set_queue(task: task_struct, tfile: tun_file, ifr: Uint8Array): Errno | undefined {
  const flags = get16(ifr, IFNAMSIZ)
  if (flags & T.IFF_ATTACH_QUEUE) {
    const tun = tfile.detached
    if (tun === undefined) return E.EINVAL
    return not_capable(tun, task) ? E.EPERM : tun_attach(tun, tfile)
  }
  const { tun } = tfile
  if (!(flags & T.IFF_DETACH_QUEUE) || tun === undefined || !(tun.flags & T.IFF_MULTI_QUEUE)) return E.EINVAL
  tun_detach(tfile, false)
  netdev_state_change(tun.dev)
  return undefined
}

/** What a request works on. */
interface request extends tun_request {
  readonly tfile: tun_file
}

/** tun_chr_ioctl() */
export function tun_chr_ioctl(sock: socket, cmd: number, arg: number, memory: UserMemory, task: task_struct): number | Errno {
  const r: request = { task, tfile: tun_file_of(sock), arg, memory }
  const error = dispatch(r, cmd)
  rtnl_unlock(task.kernel)
  return error ?? 0
}
function dispatch(r: request, cmd: number): Errno | undefined {
  const { tfile, task } = r
  if (cmd === T.TUNGETFEATURES) return give_u32(r, T.IFF_TUN | T.IFF_TAP | T.IFF_NO_CARRIER | TUN_FEATURES)
  if (cmd === T.TUNSETQUEUE) return with_ifreq(r, false, (ifr) => tun_set_queue(task, tfile, ifr))
  const { tun } = tfile
  if (cmd === T.TUNSETIFF) return tun !== undefined ? E.EEXIST : with_ifreq(r, true, (ifr) => tun_set_iff(task, tfile, ifr))
  if (cmd === T.TUNSETIFINDEX) return tun !== undefined ? E.EPERM : set_ifindex(r)
  return tun === undefined ? E.EBADFD : of_device(r, tun, cmd)
}
function set_ifindex(r: request): Errno | undefined {
  const ifindex = get_u32(r)
  if (isErrno(ifindex)) return ifindex
  if ((ifindex | 0) < 0) return E.EINVAL
  r.tfile.ifindex = ifindex
  return undefined
}
function of_device(r: request, tun: tun_struct, cmd: number): Errno | undefined {
  const { dev } = tun
  switch (cmd) {
    case T.TUNGETIFF:
      return with_ifreq(r, true, (ifr) => get_iff(r.tfile, tun, ifr))
    case T.TUNSETNOCSUM:
    case T.TUNSETDEBUG:
      return undefined
    case T.TUNSETPERSIST:
      if ((r.arg !== 0) === ((tun.flags & T.IFF_PERSIST) !== 0)) return undefined
      tun.flags ^= T.IFF_PERSIST
      netdev_state_change(dev)
      return undefined
    case T.TUNSETOWNER:
    case T.TUNSETGROUP:
      if (r.arg >>> 0 === 0xffffffff) return E.EINVAL
      tun[cmd === T.TUNSETOWNER ? 'owner' : 'group'] = r.arg >>> 0
      netdev_state_change(dev)
      return undefined
    case T.TUNSETLINK:
      return set_type(dev, r.arg | 0)
    case T.TUNSETOFFLOAD:
      return set_offload(tun, r.arg)
    case T.TUNSETCARRIER: {
      const carrier = get_u32(r)
      return isErrno(carrier) ? carrier : tun_net_change_carrier(dev, carrier !== 0)
    }
    case SIOCGIFHWADDR:
      return with_ifreq(r, true, (ifr) => get_hwaddr(dev, ifr))
    case SIOCSIFHWADDR:
      return with_ifreq(r, false, (ifr) => dev_set_mac_address(dev, ifr.slice(IFNAMSIZ + 2, IFNAMSIZ + 2 + dev.addr_len)))
    default:
      return of_queue(r, tun, cmd)
  }
}
function of_queue(r: request, tun: tun_struct, cmd: number): Errno | undefined {
  switch (cmd) {
    case T.TUNGETSNDBUF:
      return give_u32(r, tun.sndbuf)
    case T.TUNGETVNETHDRSZ:
      return give_u32(r, tun.vnet_hdr_sz)
    case T.TUNGETVNETLE:
      return give_u32(r, 0)
    case T.TUNSETSNDBUF: {
      const size = get_u32(r)
      if (isErrno(size)) return size
      if ((size | 0) <= 0) return E.EINVAL
      tun.sndbuf = size
      return undefined
    }
    case T.TUNSETVNETHDRSZ: {
      const size = get_u32(r)
      if (isErrno(size)) return size
      if ((size | 0) < VNET_HDR_SIZE) return E.EINVAL
      tun.vnet_hdr_sz = size
      return undefined
    }
    case T.TUNSETTXFILTER:
    case T.TUNATTACHFILTER:
    case T.TUNDETACHFILTER:
    case T.TUNGETFILTER:
      if (!is_tap(tun)) return E.EINVAL
  }
  // DIVERGES: filters (classic and eBPF), steering programs and the namespace's descriptor are not built
  r.task.kernel.unsupported.count('ioctl', `tun 0x${cmd.toString(16)}`)
  return E.EINVAL
}
function get_iff(tfile: tun_file, tun: tun_struct, ifr: Uint8Array): Errno | undefined {
  ifr.fill(0, 0, IFNAMSIZ)
  putString(ifr, 0, tun.dev.name)
  put16(ifr, IFNAMSIZ, tun_flags(tun) | (tfile.detached !== undefined ? T.IFF_DETACH_QUEUE : 0) | T.IFF_NOFILTER)
  return undefined
}
function get_hwaddr(dev: net_device, ifr: Uint8Array): Errno | undefined {
  put16(ifr, IFNAMSIZ, dev.type)
  ifr.set(dev.dev_addr.subarray(0, Math.min(dev.addr_len, 14)), IFNAMSIZ + 2)
  return undefined
}
/** The device pretends to be of another type: only while it is down. */
function set_type(dev: net_device, type: number): Errno | undefined {
  if (dev.flags & IFF_UP) return E.EBUSY
  call_netdevice_notifiers(NETDEV_PRE_TYPE_CHANGE, dev)
  dev.type = type & 0xffff
  call_netdevice_notifiers(NETDEV_POST_TYPE_CHANGE, dev)
  return undefined
}
const KNOWN_OFFLOADS = T.TUN_F_CSUM | T.TUN_F_TSO4 | T.TUN_F_TSO6 | T.TUN_F_TSO_ECN | T.TUN_F_UFO | T.TUN_F_USO4 | T.TUN_F_USO6
function set_offload(tun: tun_struct, offload: number): Errno | undefined {
  if (offload & ~KNOWN_OFFLOADS || (offload !== 0 && !(offload & T.TUN_F_CSUM))) return E.EINVAL
  tun.offload = offload
  netdev_update_features(tun.dev)
  return undefined
}

export function tun_chr_poll(sock: socket): number {
  const { tun, sk_receive_queue } = tun_file_of(sock)
  if (tun === undefined) return POLLERR
  const readable = sk_receive_queue.qlen > 0 ? POLLIN | POLLRDNORM : 0
  return tun.dev.flags & IFF_UP ? readable | POLLOUT | POLLWRNORM : readable
}
export function tun_chr_close(sock: socket): void {
  const tfile = tun_file_of(sock)
  tun_detach(tfile, true)
  sock.kernel.namespaces.put_net(tfile.sk_net)
  rtnl_unlock(sock.kernel)
}
export const tun_chr_ops: proto_ops = {
  family: 0,
  release: tun_chr_close,
  getname: tun_chr_name,
  sendmsg: tun_sendmsg,
  recvmsg: tun_recvmsg,
  poll: tun_chr_poll,
  chr_ioctl: tun_chr_ioctl,
}
/** tun_chr_open(): of the namespace that the opener is in. */
export function tun_chr_open(task: task_struct): socket {
  const sock = new socket(task.kernel, task, 0, SOCK_DGRAM, 0)
  sock.ops = tun_chr_ops
  sock.sk = new tun_file(task.net_ns, sock)
  task.kernel.namespaces.get_net(task.net_ns)
  return sock
}
export const tun_fops: chrdev_ops = { name: 'tun_fops', mode: 0o600, open: tun_chr_open }

export function tun_init(kernel: Kernel): Errno | undefined {
  kernel.pr_info('tun: Universal TUN/TAP device driver, 1.6')
  const error = rtnl_link_register(kernel, tun_link_ops)
  if (isErrno(error)) return error
  kernel.fs.chrdevs.set(TUN_PATH, tun_fops)
  return undefined
}
