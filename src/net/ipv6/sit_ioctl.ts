/** net/ipv6/sit.c ipip6_tunnel_siocdevprivate: tunnels, 6rd's prefixes, ISATAP's potential routers. */
import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import { capable, type task_struct } from '../../kernel/task.ts'
import type { UserMemory } from '../../syscalls/types.ts'
import { EEXIST, EFAULT, EINVAL, ENOBUFS, ENOENT, ENXIO, EPERM, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_POINTOPOINT } from '../../uapi/linux/if.ts'
import * as U from '../../uapi/linux/if_tunnel.ts'
import { netdev_state_change, unregister_netdevice } from '../core/dev.ts'
import { ifr_pointer } from '../core/dev_ioctl.ts'
import type { net_device } from '../core/netdevice.ts'
import { ip_tunnel_parm_from_user, ip_tunnel_siocdevprivate } from '../ipv4/ip_tunnel_ioctl.ts'
import { IP_DF, type ip_tunnel, ip_tunnel_net_of, type ip_tunnel_parm_kern, ip_tunnel_priv } from '../ipv4/ip_tunnel_state.ts'
import {
  ipip6_tunnel_clone_6rd,
  ipip6_tunnel_locate,
  ipip6_tunnel_make,
  ipip6_tunnel_update,
  ipip6_tunnel_update_6rd,
  ipip6_valid_ip_proto,
} from './sit.ts'
import { sit_net_id } from './sit_data.ts'

export function ipip6_tunnel_siocdevprivate(
  dev: net_device,
  ifr: Uint8Array,
  memory: UserMemory,
  cmd: number,
  task: task_struct,
): Errno | undefined {
  switch (cmd) {
    case U.SIOCGETTUNNEL:
    case U.SIOCADDTUNNEL:
    case U.SIOCCHGTUNNEL:
    case U.SIOCDELTUNNEL:
      return ip_tunnel_siocdevprivate(dev, ifr, memory, cmd, task)
    case U.SIOCGET6RD:
      return get6rd(dev, ifr_pointer(ifr), memory)
    case U.SIOCADD6RD:
    case U.SIOCCHG6RD:
    case U.SIOCDEL6RD:
      return set6rd(dev, ifr_pointer(ifr), memory, cmd, task)
    case U.SIOCGETPRL:
      return get_prl(dev, ifr_pointer(ifr), memory)
    case U.SIOCADDPRL:
    case U.SIOCCHGPRL:
    case U.SIOCDELPRL:
      return set_prl(dev, ifr_pointer(ifr), memory, cmd, task)
    default:
      return EINVAL
  }
}

function is_fallback(dev: net_device): boolean {
  return dev === ip_tunnel_net_of(ip_tunnel_priv(dev).net, sit_net_id).fb_tunnel_dev
}

export function ipip6_tunnel_ctl(dev: net_device, p: ip_tunnel_parm_kern, cmd: number, task: task_struct): Errno | undefined {
  const tunnel = ip_tunnel_priv(dev)
  if (cmd === U.SIOCGETTUNNEL) {
    Object.assign(p, ((is_fallback(dev) ? ipip6_tunnel_locate(tunnel.net, p) : undefined) ?? tunnel).parms)
    return undefined
  }
  if (!capable(task, CAP_NET_ADMIN)) return EPERM
  if (cmd === U.SIOCDELTUNNEL) return delete_tunnel(dev, p)
  if (!ipip6_valid_ip_proto(p.protocol) || p.version !== 4 || p.ihl !== 5 || (p.frag_off & ~IP_DF) !== 0) return EINVAL
  if (p.ttl !== 0) p.frag_off |= IP_DF
  const t = ipip6_tunnel_locate(tunnel.net, p)
  if (cmd === U.SIOCADDTUNNEL) return t !== undefined || isErrno(ipip6_tunnel_make(tunnel.net, p)) ? ENOBUFS : undefined
  return change_tunnel(dev, t, p)
}
function change_tunnel(dev: net_device, t: ip_tunnel | undefined, p: ip_tunnel_parm_kern): Errno | undefined {
  if (!is_fallback(dev)) {
    if (t !== undefined && t.dev !== dev) return EEXIST
    if (t === undefined && ((dev.flags & IFF_POINTOPOINT) !== 0) !== (p.daddr !== 0)) return EINVAL
    t ??= ip_tunnel_priv(dev)
  }
  if (t === undefined) return ENOENT
  ipip6_tunnel_update(t, p, t.fwmark)
  return undefined
}
function delete_tunnel(dev: net_device, p: ip_tunnel_parm_kern): Errno | undefined {
  let victim = dev
  if (is_fallback(dev)) {
    const t = ipip6_tunnel_locate(ip_tunnel_priv(dev).net, p)
    if (t === undefined) return ENOENT
    if (t.dev === dev) return EPERM
    victim = t.dev
  }
  unregister_netdevice(victim)
  return undefined
}

/** On the fallback device the program's ip_tunnel_parm says which tunnel is meant. */
function get6rd(dev: net_device, at: number, memory: UserMemory): Errno | undefined {
  let t = ip_tunnel_priv(dev)
  if (is_fallback(dev)) {
    const raw = memory.read(at, U.ip_tunnel_parm.size)
    if (isErrno(raw)) return EFAULT
    t = ipip6_tunnel_locate(t.net, ip_tunnel_parm_from_user(raw)) ?? t
  }
  return isErrno(memory.write(at, U.ip_tunnel_6rd.encode(t.ip6rd))) ? EFAULT : undefined
}
function set6rd(dev: net_device, at: number, memory: UserMemory, cmd: number, task: task_struct): Errno | undefined {
  if (!capable(task, CAP_NET_ADMIN)) return EPERM
  const raw = memory.read(at, U.ip_tunnel_6rd.size)
  if (isErrno(raw)) return EFAULT
  const t = ip_tunnel_priv(dev)
  if (cmd !== U.SIOCDEL6RD) return ipip6_tunnel_update_6rd(t, U.ip_tunnel_6rd.get(raw, 0))
  ipip6_tunnel_clone_6rd(dev, ip_tunnel_net_of(t.net, sit_net_id))
  return undefined
}

/** ipip6_tunnel_get_prl(): all routers, or those at the address asked for; the length found goes into the first entry. */
function get_prl(dev: net_device, at: number, memory: UserMemory): Errno | undefined {
  if (is_fallback(dev)) return EINVAL
  const raw = memory.read(at, U.ip_tunnel_prl.size)
  if (isErrno(raw)) return EFAULT
  const { addr, datalen } = U.ip_tunnel_prl.get(raw, 0)
  const size = U.ip_tunnel_prl.size
  const max = addr === 0 ? Math.floor(datalen / size) : 1
  const found = ip_tunnel_priv(dev)
    .prl.filter((entry) => addr === 0 || entry.addr === addr)
    .slice(0, max)
  const out = new Uint8Array(found.length * size)
  for (const [i, { addr, flags }] of found.entries()) U.ip_tunnel_prl.put(out, i * size, { addr, flags })
  if (found.length > 0 && isErrno(memory.write(at + size, out))) return EFAULT
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, found.length * size, true)
  return isErrno(memory.write(at + U.ip_tunnel_prl.field.datalen.offset, length)) ? EFAULT : undefined
}
function set_prl(dev: net_device, at: number, memory: UserMemory, cmd: number, task: task_struct): Errno | undefined {
  if (!capable(task, CAP_NET_ADMIN)) return EPERM
  if (is_fallback(dev)) return EINVAL
  const raw = memory.read(at, U.ip_tunnel_prl.size)
  if (isErrno(raw)) return EFAULT
  const { addr, flags } = U.ip_tunnel_prl.get(raw, 0)
  const error = cmd === U.SIOCDELPRL ? del_prl(ip_tunnel_priv(dev), addr) : add_prl(ip_tunnel_priv(dev), addr, flags, cmd === U.SIOCCHGPRL)
  if (isErrno(error)) return error
  netdev_state_change(dev)
  return undefined
}
function add_prl(t: ip_tunnel, addr: number, flags: number, change: boolean): Errno | undefined {
  if (addr === 0) return EINVAL
  const entry = t.prl.find((p) => p.addr === addr)
  if (entry !== undefined) {
    if (!change) return EEXIST
    entry.flags = flags
    return undefined
  }
  if (change) return ENXIO
  t.prl.unshift({ addr, flags })
  return undefined
}
/** Address 0: all of them. */
function del_prl(t: ip_tunnel, addr: number): Errno | undefined {
  if (addr !== 0 && !t.prl.some((p) => p.addr === addr)) return ENXIO
  t.prl = addr === 0 ? [] : t.prl.filter((p) => p.addr !== addr)
  return undefined
}
