/** net/ipv6/addrlabel.c: labels of prefixes, by which source addresses are chosen (RFC 6724). */
import type { Kernel } from '../../kernel/kernel.ts'
import { put32 } from '../../lib/bytes.ts'
import type { AttrTable } from '../../lib/attrs.ts'
import { MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { EEXIST, EINVAL, ESRCH, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFAL, IFAL_ADDRESS, IFAL_LABEL, ifaddrlblmsg } from '../../uapi/linux/if_addrlabel.ts'
import {
  addr6,
  type in6_addr,
  IPV6_ADDR_COMPATv4,
  IPV6_ADDR_LOOPBACK,
  IPV6_ADDR_MAPPED,
  ipv6_addr_prefix,
  ipv6_addr_type,
  ipv6_prefix_equal,
} from '../../uapi/linux/in6.ts'
import { NLM_F_MULTI, NLM_F_REPLACE } from '../../uapi/linux/netlink.ts'
import { RTM_DELADDRLABEL, RTM_GETADDRLABEL, RTM_NEWADDRLABEL } from '../../uapi/linux/rtnetlink.ts'
import { AF_INET6 } from '../../uapi/linux/socket.ts'
import { type net, type pernet_operations, register_pernet_subsys } from '../core/net_namespace.ts'
import { rtnl_register, RTNL_FLAG_DOIT_UNLOCKED, RTNL_FLAG_DUMP_UNLOCKED, rtnl_unicast } from '../core/rtnetlink.ts'
import { ip6addrlbl_entry, ip6addrlbl_table } from './addrlabel_table.ts'
import { nlmsg_parse_deprecated, nlmsg_parse_deprecated_strict } from '../netlink/attr.ts'
import { NLA_UNSPEC, policy } from '../netlink/policy.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'

export const IPV6_ADDR_LABEL_DEFAULT = 0xffffffff

/** RFC 6724 2.1, with labels of Linux's own for old prefixes (RFC 5156). */
const ip6addrlbl_init_table: readonly [words: number[], prefixlen: number, label: number][] = [
  [[], 0, 1],
  [[0xfc00], 7, 5],
  [[0xfec0], 10, 11],
  [[0x2002], 16, 2],
  [[0x3ffe], 16, 12],
  [[0x2001], 32, 6],
  [[0x2001, 0x0010], 28, 7],
  [[0, 0, 0, 0, 0, 0xffff], 96, 4],
  [[], 96, 3],
  [[0, 0, 0, 0, 0, 0, 0, 1], 128, 0],
]

const SPECIAL_TYPES = IPV6_ADDR_MAPPED | IPV6_ADDR_COMPATv4 | IPV6_ADDR_LOOPBACK

/** The label of an address on a device (ipv6_addr_label). */
export function ipv6_addr_label(net: net, addr: in6_addr, type: number, ifindex: number): number {
  return find(net, addr, type, ifindex)?.label ?? IPV6_ADDR_LABEL_DEFAULT
}
function find(net: net, addr: in6_addr, type: number, ifindex: number): ip6addrlbl_entry | undefined {
  const special = type & SPECIAL_TYPES
  return net.ipv6.ip6addrlbl_table.items.find(
    (p) =>
      (p.ifindex === 0 || p.ifindex === ifindex) &&
      (p.addrtype === 0 || p.addrtype === special) &&
      ipv6_prefix_equal(addr, p.prefix, p.prefixlen),
  )
}

/** The types that stand for a whole prefix; a shorter or longer one stands for itself alone. */
function entry_type(prefix: in6_addr, prefixlen: number): number | Errno {
  const type = ipv6_addr_type(prefix) & SPECIAL_TYPES
  if (type === IPV6_ADDR_MAPPED) return prefixlen > 96 ? EINVAL : prefixlen < 96 ? 0 : type
  if (type === IPV6_ADDR_COMPATv4) return prefixlen === 96 ? type : 0
  return type === IPV6_ADDR_LOOPBACK && prefixlen === 128 ? type : 0
}

export function ip6addrlbl_add(
  net: net,
  prefix: in6_addr,
  prefixlen: number,
  ifindex: number,
  label: number,
  replace: boolean,
): Errno | undefined {
  const addrtype = entry_type(prefix, prefixlen)
  if (isErrno(addrtype)) return addrtype
  const table = net.ipv6.ip6addrlbl_table
  const masked = ipv6_addr_prefix(prefix, prefixlen)
  const met = table.met(masked, prefixlen, ifindex)
  if (met !== undefined && !replace) return EEXIST
  if (met !== undefined) met.label = label
  else table.add(new ip6addrlbl_entry(masked, prefixlen, ifindex, addrtype, label))
  net.ipv6.ip6addrlbl_seq++
  return undefined
}
function ip6addrlbl_del(net: net, prefix: in6_addr, prefixlen: number, ifindex: number): Errno | undefined {
  const table = net.ipv6.ip6addrlbl_table
  const p = table.find(ipv6_addr_prefix(prefix, prefixlen), prefixlen, ifindex)
  if (p === undefined) return ESRCH
  table.del(p)
  return undefined
}

export const ifal_policy = policy(IFAL, { IFAL_ADDRESS: NLA_UNSPEC(16), IFAL_LABEL: NLA_UNSPEC(4) }, { name: 'ifal_policy' })

/** RTM_NEWADDRLABEL and RTM_DELADDRLABEL; nobody is told. */
export function ip6addrlbl_newdel(req: Request): Errno | undefined {
  const { net, buf } = req
  const tb = nlmsg_parse_deprecated(req, ifaddrlblmsg.size, ifal_policy)
  if (isErrno(tb)) return tb
  const ifal = ifaddrlblmsg.get(buf, NLMSG_HDRLEN)
  if (ifal.ifal_family !== AF_INET6 || ifal.ifal_prefixlen > 128) return EINVAL
  const prefix = tb.payload(IFAL_ADDRESS)?.slice(0, 16)
  const label = tb.get(IFAL_LABEL)
  if (prefix === undefined || label === undefined || label === IPV6_ADDR_LABEL_DEFAULT) return EINVAL
  if (req.type === RTM_DELADDRLABEL) return ip6addrlbl_del(net, prefix, ifal.ifal_prefixlen, ifal.ifal_index)
  if (ifal.ifal_index !== 0 && !net.dev_index_head.has(ifal.ifal_index)) return EINVAL
  return ip6addrlbl_add(net, prefix, ifal.ifal_prefixlen, ifal.ifal_index, label, (req.flags & NLM_F_REPLACE) !== 0)
}

function ip6addrlbl_fill(skb: MessageBuilder, p: ip6addrlbl_entry, lseq: number, portid: number, seq: number, flags: number): boolean {
  skb.begin(RTM_NEWADDRLABEL, flags, seq, portid)
  const o = skb.room(ifaddrlblmsg.size)
  if (o >= 0) {
    skb.buf[o] = AF_INET6
    skb.buf[o + 2] = p.prefixlen
    put32(skb.buf, o + 4, p.ifindex)
    put32(skb.buf, o + 8, lseq)
  }
  skb.putBytes(IFAL_ADDRESS.nr, p.prefix)
  skb.put(IFAL_LABEL, p.label)
  return skb.end()
}

function ip6addrlbl_valid_get_req(req: Request): AttrTable | Errno {
  const { extack, buf } = req
  if (buf.length < NLMSG_HDRLEN + ifaddrlblmsg.size) return extack.fail(EINVAL, 'ipv6: Invalid header for addrlabel get request')
  if (!req.strict_check) return nlmsg_parse_deprecated(req, ifaddrlblmsg.size, ifal_policy)
  const ifal = ifaddrlblmsg.get(buf, NLMSG_HDRLEN)
  if (ifal.__ifal_reserved || ifal.ifal_flags || ifal.ifal_seq) {
    return extack.fail(EINVAL, 'ipv6: Invalid values in header for addrlabel get request')
  }
  const tb = nlmsg_parse_deprecated_strict(req, ifaddrlblmsg.size, ifal_policy)
  if (!isErrno(tb) && tb.has(IFAL_LABEL)) return extack.fail(EINVAL, 'ipv6: Unsupported attribute in addrlabel get request')
  return tb
}
/** The entry that an address falls under. */
export function ip6addrlbl_get(req: Request): Errno | undefined {
  const { net, buf } = req
  const tb = ip6addrlbl_valid_get_req(req)
  if (isErrno(tb)) return tb
  const ifal = ifaddrlblmsg.get(buf, NLMSG_HDRLEN)
  if (ifal.ifal_family !== AF_INET6 || ifal.ifal_prefixlen !== 128) return EINVAL
  if (ifal.ifal_index !== 0 && !net.dev_index_head.has(ifal.ifal_index)) return EINVAL
  const addr = tb.payload(IFAL_ADDRESS)?.slice(0, 16)
  if (addr === undefined) return EINVAL
  const p = find(net, addr, ipv6_addr_type(addr), ifal.ifal_index)
  if (p === undefined) return ESRCH
  const skb = new MessageBuilder(undefined, 64)
  ip6addrlbl_fill(skb, p, net.ipv6.ip6addrlbl_seq, req.portid, req.seq, 0)
  return rtnl_unicast(net, skb, req.portid)
}

function ip6addrlbl_valid_dump_req({ request, extack }: netlink_callback): Errno | undefined {
  if (request.length < NLMSG_HDRLEN + ifaddrlblmsg.size) return extack.fail(EINVAL, 'ipv6: Invalid header for address label dump request')
  const header = request.subarray(NLMSG_HDRLEN + 1, NLMSG_HDRLEN + ifaddrlblmsg.size)
  if (header.some((byte) => byte !== 0)) return extack.fail(EINVAL, 'ipv6: Invalid values in header for address label dump request')
  if (request.length > NLMSG_HDRLEN + ifaddrlblmsg.size) {
    return extack.fail(EINVAL, 'ipv6: Invalid data after header for address label dump request')
  }
  return undefined
}
/** cb.args: entries already sent. */
export function ip6addrlbl_dump(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const error = cb.strict_check ? ip6addrlbl_valid_dump_req(cb) : undefined
  if (isErrno(error)) return error
  const { ip6addrlbl_table: table, ip6addrlbl_seq } = cb.net.ipv6
  const { items } = table
  for (; cb.args[0] < items.length; cb.args[0]++) {
    if (!ip6addrlbl_fill(skb, items[cb.args[0]], ip6addrlbl_seq, cb.portid, cb.seq, NLM_F_MULTI)) return true
  }
  return undefined
}

export const ipv6_addr_label_ops: pernet_operations = {
  name: 'ipv6_addr_label_ops',
  init: ip6addrlbl_net_init,
  exit: ip6addrlbl_net_exit,
}
export function ip6addrlbl_net_init(net: net): Errno | undefined {
  for (const [words, prefixlen, label] of ip6addrlbl_init_table) ip6addrlbl_add(net, addr6(words), prefixlen, 0, label, false)
  return undefined
}
export function ip6addrlbl_net_exit(net: net): void {
  net.ipv6.ip6addrlbl_table = new ip6addrlbl_table()
}
export function ipv6_addr_label_init(kernel: Kernel): Errno | undefined {
  return register_pernet_subsys(kernel, ipv6_addr_label_ops)
}
export function ipv6_addr_label_rtnl_register(kernel: Kernel): void {
  rtnl_register(kernel, AF_INET6, RTM_NEWADDRLABEL, { doit: ip6addrlbl_newdel, flags: RTNL_FLAG_DOIT_UNLOCKED })
  rtnl_register(kernel, AF_INET6, RTM_DELADDRLABEL, { doit: ip6addrlbl_newdel, flags: RTNL_FLAG_DOIT_UNLOCKED })
  rtnl_register(kernel, AF_INET6, RTM_GETADDRLABEL, {
    doit: ip6addrlbl_get,
    dumpit: ip6addrlbl_dump,
    flags: RTNL_FLAG_DOIT_UNLOCKED | RTNL_FLAG_DUMP_UNLOCKED,
  })
}
