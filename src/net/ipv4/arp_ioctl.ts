/** net/ipv4/arp.c arp_ioctl: SIOCSARP, SIOCGARP, SIOCDARP of the `arp` program. */
import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import { capable, type task_struct } from '../../kernel/task.ts'
import { type Bytes, get16, get32, getBe32, getString, put16, put32, putBe32, putString } from '../../lib/bytes.ts'
import type { UserMemory } from '../../syscalls/types.ts'
import { EFAULT, EINVAL, ENOBUFS, ENODEV, ENXIO, EPERM, EPFNOSUPPORT, type Errno, isErrno } from '../../uapi/errno.ts'
import {
  ARPHRD_ETHER,
  ARPHRD_FDDI,
  ARPHRD_IEEE802,
  ATF_COM,
  ATF_DONTPUB,
  ATF_NETMASK,
  ATF_PERM,
  ATF_PUBL,
  arpreq,
} from '../../uapi/linux/if_arp.ts'
import { IPV4_DEVCONF_PROXY_ARP } from '../../uapi/linux/ip.ts'
import { NUD_NOARP, NUD_PERMANENT, NUD_STALE } from '../../uapi/linux/neighbour.ts'
import { RT_SCOPE_LINK } from '../../uapi/linux/rtnetlink.ts'
import { SIOCDARP, SIOCGARP, SIOCSARP } from '../../uapi/linux/sockios.ts'
import { AF_INET } from '../../uapi/linux/socket.ts'
import { __dev_get_by_name, dev_getbyhwaddr } from '../core/dev.ts'
import { NEIGH_UPDATE_F_ADMIN, NEIGH_UPDATE_F_OVERRIDE } from '../core/neighbour.ts'
import { neigh_update } from '../core/neighbour_nud.ts'
import { pneigh_create, pneigh_delete } from '../core/neighbour_proxy.ts'
import { __neigh_lookup_errno, neigh_lookup, neigh_release } from '../core/neighbour_table.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { arp_invalidate, arp_tbl } from './arp.ts'
import { arp_state_to_flags } from './arp_procfs.ts'
import { flowi4 } from './fib_lookup.ts'
import { ip_route_output_key } from './route.ts'

const ALL_ONES = 0xffffffff
const { arp_pa, arp_ha, arp_flags, arp_netmask, arp_dev } = arpreq.field
/** Offsets behind a sockaddr's family. */
const SIN_ADDR = 4
const SA_DATA = 2

/** The structure as the program gave it, in place. */
function flags_of(r: Bytes): number {
  return get32(r, arp_flags.offset)
}
function ip_of(r: Bytes): Uint8Array {
  return r.slice(arp_pa.offset + SIN_ADDR, arp_pa.offset + SIN_ADDR + 4)
}
function netmask_of(r: Bytes): number {
  return getBe32(r, arp_netmask.offset + SIN_ADDR)
}
function hatype_of(r: Bytes): number {
  return get16(r, arp_ha.offset)
}
/** At most 14 bytes: as much as a sockaddr carries. */
function lladdr_of(r: Bytes): Uint8Array {
  const b = new Uint8Array(32)
  b.set(r.subarray(arp_ha.offset + SA_DATA, arp_ha.offset + SA_DATA + 14))
  return b
}
function name_of(r: Bytes): string {
  return getString(r, arp_dev.offset, arp_dev.offset + 16)
}

/** A hardware type of zero becomes the device's. */
function dev_by_name(net: net, r: Bytes): net_device | Errno {
  const dev = __dev_get_by_name(net, name_of(r))
  if (dev === undefined) return ENODEV
  if (hatype_of(r) === 0) put16(r, arp_ha.offset, dev.type)
  return flags_of(r) & ATF_COM && hatype_of(r) !== dev.type ? EINVAL : dev
}
/** By name, else by the route to the address; none for a proxy entry on all devices. */
function arp_req_dev(net: net, r: Bytes): net_device | Errno | undefined {
  if (name_of(r) !== '') return dev_by_name(net, r)
  if (flags_of(r) & ATF_PUBL) return undefined
  const rt = ip_route_output_key(net, new flowi4(getBe32(ip_of(r), 0), 0, RT_SCOPE_LINK))
  return isErrno(rt) ? rt : rt.dev
}

/** Netmask zero: the whole device, or all, answers for what lies behind it (proxy_arp). */
function set_proxy(net: net, dev: net_device | undefined, on: number): Errno | undefined {
  const conf = dev === undefined ? net.ipv4.devconf_all : dev.ip_ptr?.cnf
  if (conf === undefined) return ENXIO
  if (dev === undefined) conf.own()[IPV4_DEVCONF_PROXY_ARP - 1] = on
  else conf.set(IPV4_DEVCONF_PROXY_ARP, on)
  return undefined
}
function set_public(net: net, r: Bytes, given: net_device | undefined): Errno | undefined {
  let dev = given
  if (dev === undefined && flags_of(r) & ATF_COM) {
    dev = net.dev_base_head.find((d) => dev_getbyhwaddr_matches(d, r))
    if (dev === undefined) return ENODEV
  }
  if (netmask_of(r) === 0) return set_proxy(net, dev, 1)
  return pneigh_create(arp_tbl(net.kernel), net, ip_of(r), dev) === undefined ? ENOBUFS : undefined
}
function dev_getbyhwaddr_matches(dev: net_device, r: Bytes): boolean {
  return dev_getbyhwaddr(dev.nd_net, hatype_of(r), lladdr_of(r).subarray(0, dev.addr_len)) === dev
}

/** FDDI takes Ethernet's and 802.2's types too (RFC 1390). */
function fits(dev: net_device, hatype: number): boolean {
  if (dev.type === ARPHRD_FDDI && (hatype === ARPHRD_ETHER || hatype === ARPHRD_IEEE802)) return true
  return hatype === dev.type
}
function arp_req_set(net: net, r: Bytes): Errno | undefined {
  const dev = arp_req_dev(net, r)
  if (isErrno(dev)) return dev
  if (flags_of(r) & ATF_PUBL) return set_public(net, r, dev)
  if (dev === undefined) return EINVAL
  if (flags_of(r) & ATF_PERM) put32(r, arp_flags.offset, flags_of(r) | ATF_COM)
  if (!fits(dev, hatype_of(r))) return EINVAL
  const neigh = __neigh_lookup_errno(arp_tbl(net.kernel), ip_of(r), dev)
  if (isErrno(neigh)) return neigh
  const state = flags_of(r) & ATF_PERM ? NUD_PERMANENT : NUD_STALE
  const lladdr = flags_of(r) & ATF_COM ? lladdr_of(r) : undefined
  const error = neigh_update(neigh, lladdr, state, NEIGH_UPDATE_F_OVERRIDE | NEIGH_UPDATE_F_ADMIN, 0)
  neigh_release(neigh)
  return error
}

function arp_req_delete(net: net, r: Bytes): Errno | undefined {
  const dev = arp_req_dev(net, r)
  if (isErrno(dev)) return dev
  if (flags_of(r) & ATF_PUBL) {
    if (netmask_of(r) === ALL_ONES) return pneigh_delete(arp_tbl(net.kernel), net, ip_of(r), dev)
    return set_proxy(net, dev, 0)
  }
  if (dev === undefined) return EINVAL
  return arp_invalidate(dev, ip_of(r), true) ? undefined : ENXIO
}

/** Fills in address, flags and the device's name. */
function arp_req_get(net: net, r: Bytes): Errno | undefined {
  if (name_of(r) === '') return ENODEV
  const dev = dev_by_name(net, r)
  if (isErrno(dev)) return dev
  const neigh = neigh_lookup(arp_tbl(net.kernel), ip_of(r), dev)
  if (neigh === undefined) return ENXIO
  neigh_release(neigh)
  if (neigh.nud_state & NUD_NOARP) return ENXIO
  r.set(neigh.ha.subarray(0, Math.min(dev.addr_len, 14)), arp_ha.offset + SA_DATA)
  put32(r, arp_flags.offset, arp_state_to_flags(neigh))
  put16(r, arp_ha.offset, dev.type)
  r.fill(0, arp_dev.offset, arp_dev.offset + 16)
  putString(r, arp_dev.offset, dev.name)
  return undefined
}

/** What makes no sense is refused before anything is looked for. */
function valid_arpreq(r: Bytes): Errno | undefined {
  const flags = flags_of(r)
  if (get16(r, arp_pa.offset) !== AF_INET) return EPFNOSUPPORT
  if (!(flags & ATF_PUBL) && flags & (ATF_NETMASK | ATF_DONTPUB)) return EINVAL
  if (!(flags & ATF_NETMASK)) putBe32(r, arp_netmask.offset + SIN_ADDR, ALL_ONES)
  else if (netmask_of(r) !== 0 && netmask_of(r) !== ALL_ONES) return EINVAL
  return undefined
}

/** `arg`: address of a struct arpreq. */
export function arp_ioctl(net: net, task: task_struct, cmd: number, arg: number, memory: UserMemory): Errno | undefined {
  if (cmd !== SIOCGARP && !capable(task, CAP_NET_ADMIN)) return EPERM
  const r = memory.read(arg, arpreq.size)
  if (isErrno(r)) return EFAULT
  const bad = valid_arpreq(r)
  if (isErrno(bad)) return bad
  if (cmd === SIOCSARP) return arp_req_set(net, r)
  if (cmd === SIOCDARP) return arp_req_delete(net, r)
  return arp_req_get(net, r) ?? memory.write(arg, r)
}
