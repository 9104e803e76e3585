/** net/ipv4/icmp.c icmp_build_probe: a node is asked how one of its devices is (RFC 8335), by either family. */
import { getBe16, getBe32 } from '../../lib/bytes.ts'
import { IFF_UP, IFNAMSIZ } from '../../uapi/linux/if.ts'
import { __dev_get_by_name } from '../core/dev_state.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'

/** Of the reply's flags: the device is up, has addresses of IPv4, of IPv6. */
const ACTIVE = 1 << 2
const HAS_IPV4 = 1 << 1
const HAS_IPV6 = 1
/** Codes of the reply. */
const ICMP_EXT_CODE_MAL_QUERY = 1
const ICMP_EXT_CODE_NO_IF = 2
/** How the device is named: by name, by index, by address. */
const CTYPE_NAME = 1
const CTYPE_INDEX = 2
const CTYPE_ADDR = 3
const ICMP_AFI_IP = 1
const ICMP_AFI_IP6 = 2
/** The extension's header, an object's header, and the longest object: an address of IPv6 with the header of its own. */
const EXT_HLEN = 4
const OBJ_HLEN = 4
const OBJ_MAX = 24
const ADDR_HLEN = 4
/** The device is one of the node that is asked. */
const L_BIT = 1

/** The device that an object names; null: there is none, undefined: the object says nothing. */
function named(net: net, ctype: number, ident: Uint8Array): net_device | null | undefined {
  if (ctype === CTYPE_NAME) {
    if (ident.length >= IFNAMSIZ) return undefined
    const end = ident.indexOf(0)
    return __dev_get_by_name(net, String.fromCharCode(...ident.subarray(0, end < 0 ? ident.length : end))) ?? null
  }
  if (ctype === CTYPE_INDEX) return ident.length === 4 ? (net.dev_index_head.get(getBe32(ident, 0)) ?? null) : undefined
  return ctype === CTYPE_ADDR ? of_address(net, ident) : undefined
}
function of_address(net: net, ident: Uint8Array): net_device | null | undefined {
  if (ident.length < ADDR_HLEN || ident.length !== ADDR_HLEN + ident[2]) return undefined
  const addr = ident.subarray(ADDR_HLEN)
  const afi = getBe16(ident, 0)
  if (afi === ICMP_AFI_IP && addr.length === 4) return net.kernel.inet_ops?.ip_dev_find(net, getBe32(addr, 0)) ?? null
  if (afi === ICMP_AFI_IP6 && addr.length === 16) return net.kernel.ipv6_stub?.ipv6_dev_find(net, addr) ?? null
  return undefined
}
function status(dev: net_device): number {
  const ipv4 = (dev.ip_ptr?.ifa_list.length ?? 0) > 0
  const ipv6 = (dev.ip6_ptr?.addr_list.length ?? 0) > 0
  return (dev.flags & IFF_UP ? ACTIVE : 0) | (ipv4 ? HAS_IPV4 : 0) | (ipv6 ? HAS_IPV6 : 0)
}

/** Code and second word of the answer to `body`, whose own are `code` and `info`; undefined: there is none. */
export function icmp_build_probe(net: net, code: number, info: number, body: Uint8Array): { code: number; info: number } | undefined {
  if (!net.ipv4.kept_sysctls.icmp_echo_enable_probe || !(info & L_BIT)) return undefined
  const clear = (info & ~0xff) >>> 0
  const length = body.length < EXT_HLEN + OBJ_HLEN ? 0 : getBe16(body, EXT_HLEN)
  if (length <= OBJ_HLEN || length > OBJ_MAX || EXT_HLEN + length > body.length) return { code: ICMP_EXT_CODE_MAL_QUERY, info: clear }
  const dev = named(net, body[EXT_HLEN + 3], body.subarray(EXT_HLEN + OBJ_HLEN, EXT_HLEN + length))
  if (dev === undefined) return { code: ICMP_EXT_CODE_MAL_QUERY, info: clear }
  return dev === null ? { code: ICMP_EXT_CODE_NO_IF, info: clear } : { code, info: clear | status(dev) }
}
