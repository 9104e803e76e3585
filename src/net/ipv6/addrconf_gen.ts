/** net/ipv6/addrconf.c: where the interface identifiers of link-local addresses come from. */
import { sha1Transform } from '../../lib/sha1.ts'
import { getBe32, put32 } from '../../lib/bytes.ts'
import { isErrno } from '../../uapi/errno.ts'
import * as ARPHRD from '../../uapi/linux/if_arp.ts'
import { IFA_F_OPTIMISTIC, IFA_F_PERMANENT, IFA_F_STABLE_PRIVACY, IFAPROT_KERNEL_LL } from '../../uapi/linux/if_addr.ts'
import { IN6_ADDR_GEN_MODE_EUI64, IN6_ADDR_GEN_MODE_RANDOM, IN6_ADDR_GEN_MODE_STABLE_PRIVACY } from '../../uapi/linux/if_link.ts'
import { addr6, type in6_addr } from '../../uapi/linux/in6.ts'
import { DEVCONF_ADDR_GEN_MODE, DEVCONF_FORWARDING } from '../../uapi/linux/ipv6.ts'
import { netif_is_l3_master } from '../core/l3mdev.ts'
import { IFF_ISATAP, IFF_NO_ADDRCONF, type net_device } from '../core/netdevice.ts'
import { ifa6_config, ipv6_add_addr } from './addrconf_addr.ts'
import { IFA_LINK, ipv6_allow_optimistic_dad } from './addrconf_core.ts'
import { addrconf_dad_start } from './addrconf_dad.ts'
import { addrconf_prefix_route } from './addrconf_prefix.ts'
import type { inet6_dev } from './if_inet6.ts'

export const LINKLOCAL_PREFIX = addr6([0xfe80])

function eui48(addr: Uint8Array, dev_id: number): Uint8Array {
  const middle = dev_id === 0 ? [0xff, 0xfe] : [dev_id >> 8, dev_id & 0xff]
  const eui = Uint8Array.of(addr[0], addr[1], addr[2], ...middle, addr[3], addr[4], addr[5])
  if (dev_id === 0) eui[0] ^= 2
  return eui
}
/** RFC 5214 6.1: whether an IPv4 address is unique in the world is in the identifier's second bit. */
function isatap(addr: Uint8Array): Uint8Array | undefined {
  const a = getBe32(addr, 0)
  if (a === 0) return undefined
  const within = (net: number, plen: number) => (a ^ net) >>> (32 - plen) === 0
  const local =
    within(0, 8) ||
    within(0x0a000000, 8) ||
    within(0x7f000000, 8) ||
    within(0xa9fe0000, 16) ||
    within(0xac100000, 12) ||
    within(0xc0000200, 24) ||
    within(0xc0586300, 24) ||
    within(0xc0a80000, 16) ||
    within(0xc6120000, 15) ||
    within(0xe0000000, 4) ||
    a === 0xffffffff
  return Uint8Array.of(local ? 0 : 2, 0, 0x5e, 0xfe, ...addr.subarray(0, 4))
}
/** ipv6_generate_eui64(): 8 bytes, or undefined where the device's type has no such identifier. */
export function ipv6_generate_eui64(dev: net_device): Uint8Array | undefined {
  const addr = dev.dev_addr
  switch (dev.type) {
    case ARPHRD.ARPHRD_ETHER:
    case ARPHRD.ARPHRD_FDDI:
      return dev.addr_len === 6 ? eui48(addr, dev.dev_id) : undefined
    case ARPHRD.ARPHRD_INFINIBAND:
      return dev.addr_len === 20 ? Uint8Array.from(addr.subarray(12, 20), (byte, i) => (i === 0 ? byte | 2 : byte)) : undefined
    case ARPHRD.ARPHRD_SIT:
      return dev.priv_flags & IFF_ISATAP ? isatap(addr) : undefined
    case ARPHRD.ARPHRD_IPGRE:
    case ARPHRD.ARPHRD_TUNNEL:
      return isatap(addr)
    case ARPHRD.ARPHRD_TUNNEL6:
    case ARPHRD.ARPHRD_IP6GRE:
    case ARPHRD.ARPHRD_RAWIP:
      return eui48(dev.perm_addr, 0)
    default:
      return undefined
  }
}
function with_identifier(prefix: in6_addr, id: Uint8Array): in6_addr {
  const addr = prefix.slice()
  addr.set(id, 8)
  return addr
}
export function eui64_linklocal(idev: inet6_dev): in6_addr | undefined {
  const id = ipv6_generate_eui64(idev.dev)
  return id && with_identifier(LINKLOCAL_PREFIX, id)
}

/** RFC 5453: identifiers that routers and mobile nodes have for themselves. */
function ipv6_reserved_interfaceid(id: Uint8Array): boolean {
  const high = getBe32(id, 0)
  const low = getBe32(id, 4)
  if (high === 0 && low === 0) return true
  if (high === 0x02005eff && (low & 0xfe000000) >>> 0 === 0xfe000000) return true
  return high === 0xfdffffff && (low & 0xffffff80) >>> 0 === 0xffffff80
}

/** RFC 7217: one block of SHA-1 over secret, prefix, hardware address and the number of collisions so far. */
export function ipv6_generate_stable_address(prefix: in6_addr, dad_count: number, idev: inet6_dev): in6_addr | undefined {
  const { ipv6 } = idev.dev.nd_net
  const own = idev.cnf.stable_secret
  const { initialized, secret } = own.initialized ? own : ipv6.devconf_dflt.stable_secret
  if (!initialized) return undefined
  const { addr_len, perm_addr } = idev.dev
  for (let count = dad_count; count === dad_count || count <= ipv6.sysctl.idgen_retries; count++) {
    const block = new Uint8Array(64)
    block.set(secret, 0)
    block.set(prefix.subarray(0, 8), 16)
    block.set(perm_addr.subarray(0, addr_len), 24)
    block[56] = count
    const digest = sha1Transform(block)
    const id = new Uint8Array(8)
    put32(id, 0, digest[0])
    put32(id, 4, digest[1])
    if (!ipv6_reserved_interfaceid(id)) return with_identifier(prefix, id)
  }
  return undefined
}
/** Without a secret of its own, a device in random mode draws one and keeps it. */
function ipv6_gen_mode_random_init(idev: inet6_dev): void {
  const { stable_secret } = idev.cnf
  if (stable_secret.initialized) return
  stable_secret.secret = idev.dev.nd_net.kernel.random.bytes(16)
  stable_secret.initialized = true
}
/** ipv6_gen_rnd_iid(): of a temporary address (RFC 8981 3.3.1). */
export function random_identifier(idev: inet6_dev): Uint8Array {
  for (;;) {
    const id = idev.dev.nd_net.kernel.random.bytes(8)
    if (!ipv6_reserved_interfaceid(id)) return id
  }
}

export function addrconf_add_linklocal(idev: inet6_dev, addr: in6_addr, flags: number): void {
  const cfg = new ifa6_config(addr, 64)
  cfg.ifa_flags = flags | IFA_F_PERMANENT
  cfg.scope = IFA_LINK
  cfg.ifa_proto = IFAPROT_KERNEL_LL
  if (ipv6_allow_optimistic_dad(idev) && !idev.dev.nd_net.ipv6.devconf_all.get(DEVCONF_FORWARDING)) cfg.ifa_flags |= IFA_F_OPTIMISTIC
  const ifp = ipv6_add_addr(idev, cfg)
  if (isErrno(ifp)) return
  addrconf_prefix_route(ifp.addr, ifp.prefix_len, 0, idev.dev, 0, 0)
  addrconf_dad_start(ifp)
}

/** The device's own link-local address, as its mode has it (masters of VRFs and ports have none); with `prefix_route` the subnet's route even without one. */
export function addrconf_addr_gen(idev: inet6_dev, prefix_route: boolean): void {
  if (netif_is_l3_master(idev.dev) || idev.dev.priv_flags & IFF_NO_ADDRCONF) return
  const mode = idev.cnf.get(DEVCONF_ADDR_GEN_MODE)
  if (mode === IN6_ADDR_GEN_MODE_RANDOM) ipv6_gen_mode_random_init(idev)
  let addr: in6_addr | undefined
  let flags = 0
  if (mode === IN6_ADDR_GEN_MODE_RANDOM || mode === IN6_ADDR_GEN_MODE_STABLE_PRIVACY) {
    addr = ipv6_generate_stable_address(LINKLOCAL_PREFIX, 0, idev)
    flags = IFA_F_STABLE_PRIVACY
  } else if (mode === IN6_ADDR_GEN_MODE_EUI64) {
    addr = eui64_linklocal(idev)
  } else {
    return
  }
  if (addr !== undefined) addrconf_add_linklocal(idev, addr, flags)
  else if (prefix_route) addrconf_prefix_route(LINKLOCAL_PREFIX, 64, 0, idev.dev, 0, 0)
}
