/** net/ipv4/devinet.c devinet_ioctl, inet_gifconf: the address ioctls of ifconfig. */
import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import { capable, type task_struct } from '../../kernel/task.ts'
import { get16, getBe32, getString, put16, putBe32, putString } from '../../lib/bytes.ts'
import { EADDRNOTAVAIL, EINVAL, ENODEV, EPERM, type Errno } from '../../uapi/errno.ts'
import { IFF_BROADCAST, IFF_POINTOPOINT, IFF_UP, IFNAMSIZ } from '../../uapi/linux/if.ts'
import { bad_mask, inet_abc_len, inet_make_mask, inet_mask_len } from '../../uapi/linux/in.ts'
import { AF_INET } from '../../uapi/linux/socket.ts'
import {
  SIOCGIFADDR,
  SIOCGIFBRDADDR,
  SIOCGIFDSTADDR,
  SIOCGIFNETMASK,
  SIOCSIFADDR,
  SIOCSIFBRDADDR,
  SIOCSIFDSTADDR,
  SIOCSIFFLAGS,
  SIOCSIFNETMASK,
} from '../../uapi/linux/sockios.ts'
import { __dev_get_by_name, dev_change_flags } from '../core/dev.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { inet_del_ifa, inet_insert_ifa, inet_set_ifa } from './devinet_addr.ts'
import { set_ifa_lifetime } from './devinet_lifetime.ts'
import { nl_kernel } from './fib_semantics.ts'
import { INFINITY_LIFE_TIME, in_device, in_ifaddr } from './in_device.ts'

/** A sockaddr_in in the ifreq: family, port, address. */
const SIN = IFNAMSIZ
const SIN_ADDR = IFNAMSIZ + 4
const SIN_SIZE = 16

function is_get(cmd: number): boolean {
  return cmd === SIOCGIFADDR || cmd === SIOCGIFBRDADDR || cmd === SIOCGIFDSTADDR || cmd === SIOCGIFNETMASK
}
function is_set(cmd: number): boolean {
  return cmd === SIOCSIFADDR || cmd === SIOCSIFBRDADDR || cmd === SIOCSIFDSTADDR || cmd === SIOCSIFNETMASK
}

/** `ifr`: the struct ifreq (40 bytes), read and answered in place. Names may be labels, "eth0:1". */
export function devinet_ioctl(net: net, task: task_struct, cmd: number, ifr: Uint8Array): Errno | undefined {
  ifr[IFNAMSIZ - 1] = 0
  const name = getString(ifr, 0, IFNAMSIZ)
  const colon = name.indexOf(':')
  // address to look for: only where a get request came with a family
  const local = is_get(cmd) && get16(ifr, SIN) === AF_INET ? getBe32(ifr, SIN_ADDR) : undefined
  if (is_get(cmd)) {
    ifr.fill(0, SIN, SIN + SIN_SIZE)
    put16(ifr, SIN, AF_INET)
  } else if (cmd !== SIOCSIFFLAGS && !is_set(cmd)) {
    return EINVAL
  } else if (!capable(task, CAP_NET_ADMIN)) {
    return EPERM
  } else if (is_set(cmd) && get16(ifr, SIN) !== AF_INET) {
    return EINVAL
  }
  const dev = __dev_get_by_name(net, colon < 0 ? name : name.slice(0, colon))
  if (dev === undefined) return ENODEV
  const ifa = dev.ip_ptr && find_labelled(dev.ip_ptr, name, local)
  if (cmd === SIOCSIFADDR) return set_addr(dev, ifa, colon < 0 ? dev.name : name, getBe32(ifr, SIN_ADDR))
  if (cmd === SIOCSIFFLAGS) return set_flags(dev, ifa, colon >= 0, (get16(ifr, SIN) << 16) >> 16)
  if (ifa === undefined) return EADDRNOTAVAIL
  return is_get(cmd) ? get_part(cmd, ifa, ifr) : set_part(dev, cmd, ifa, getBe32(ifr, SIN_ADDR))
}

/** By label and address (4.4BSD style), else by label alone: older programs leave junk in the address. */
function find_labelled(in_dev: in_device, name: string, local: number | undefined): in_ifaddr | undefined {
  const exact = local === undefined ? undefined : in_dev.ifa_list.find((ifa) => ifa.ifa_label === name && ifa.ifa_local === local)
  return exact ?? in_dev.ifa_list.find((ifa) => ifa.ifa_label === name)
}

function get_part(cmd: number, ifa: in_ifaddr, ifr: Uint8Array): undefined {
  const value =
    cmd === SIOCGIFADDR
      ? ifa.ifa_local
      : cmd === SIOCGIFBRDADDR
        ? ifa.ifa_broadcast
        : cmd === SIOCGIFDSTADDR
          ? ifa.ifa_address
          : ifa.ifa_mask
  putBe32(ifr, SIN_ADDR, value)
}

/** On an alias only IFF_UP counts: taking it away deletes the address. */
function set_flags(dev: net_device, ifa: in_ifaddr | undefined, alias: boolean, flags: number): Errno | undefined {
  if (!alias) return dev_change_flags(dev, flags)
  if (ifa === undefined) return EADDRNOTAVAIL
  if (!(flags & IFF_UP)) inet_del_ifa(ifa.ifa_dev, ifa, nl_kernel)
  return undefined
}

/** SIOCSIFADDR: a new address with the mask of its class, or another address for the label. */
function set_addr(dev: net_device, old: in_ifaddr | undefined, label: string, addr: number): Errno | undefined {
  if (inet_abc_len(addr) < 0) return EINVAL
  if (old?.ifa_local === addr) return undefined
  let ifa = old
  if (ifa === undefined) {
    // without IPv4 on the device inet_set_ifa() refuses it
    ifa = new in_ifaddr(dev.ip_ptr ?? new in_device(dev), label)
  } else {
    inet_del_ifa(ifa.ifa_dev, ifa, nl_kernel)
    ifa.ifa_broadcast = 0
    ifa.ifa_scope = 0
  }
  ifa.ifa_local = ifa.ifa_address = addr
  ifa.ifa_prefixlen = dev.flags & IFF_POINTOPOINT ? 32 : inet_abc_len(addr)
  ifa.ifa_mask = inet_make_mask(ifa.ifa_prefixlen)
  if (!(dev.flags & IFF_POINTOPOINT) && dev.flags & IFF_BROADCAST && ifa.ifa_prefixlen < 31)
    ifa.ifa_broadcast = (addr | ~ifa.ifa_mask) >>> 0
  set_ifa_lifetime(ifa, INFINITY_LIFE_TIME, INFINITY_LIFE_TIME)
  return inet_set_ifa(dev, ifa)
}

/** The address goes and comes back changed; what cannot come back is gone without an error. */
function reinsert(ifa: in_ifaddr, change: Partial<in_ifaddr>): void {
  inet_del_ifa(ifa.ifa_dev, ifa, nl_kernel)
  Object.assign(ifa, change)
  inet_insert_ifa(ifa, nl_kernel)
}
function set_part(dev: net_device, cmd: number, ifa: in_ifaddr, value: number): Errno | undefined {
  if (cmd === SIOCSIFBRDADDR) {
    if (ifa.ifa_broadcast !== value) reinsert(ifa, { ifa_broadcast: value })
    return undefined
  }
  if (cmd === SIOCSIFDSTADDR) {
    if (ifa.ifa_address === value) return undefined
    if (inet_abc_len(value) < 0) return EINVAL
    reinsert(ifa, { ifa_address: value })
    return undefined
  }
  if (bad_mask(value, 0)) return EINVAL
  if (ifa.ifa_mask === value) return undefined
  const ifa_prefixlen = inet_mask_len(value)
  const change: Partial<in_ifaddr> = { ifa_mask: value, ifa_prefixlen }
  // a broadcast address that went with the old mask follows; any other was chosen by hand
  const by_mask = ifa.ifa_broadcast === (ifa.ifa_local | ~ifa.ifa_mask) >>> 0
  if (dev.flags & IFF_BROADCAST && ifa_prefixlen < 31 && by_mask) change.ifa_broadcast = (ifa.ifa_local | ~value) >>> 0
  reinsert(ifa, change)
  return undefined
}

/** The ifreqs of `size` bytes of a device's addresses that fit in `room` bytes. */
export function inet_gifconf(dev: net_device, room: number, size: number): Uint8Array {
  const list = dev.ip_ptr?.ifa_list ?? []
  const count = Math.min(list.length, Math.max(0, Math.floor(room / size)))
  const out = new Uint8Array(count * size)
  for (let i = 0; i < count; i++) {
    putString(out, i * size, list[i].ifa_label)
    put16(out, i * size + SIN, AF_INET)
    putBe32(out, i * size + SIN_ADDR, list[i].ifa_local)
  }
  return out
}
