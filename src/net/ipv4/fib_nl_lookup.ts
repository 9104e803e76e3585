/** net/ipv4/fib_frontend.c nl_fib_input(): NETLINK_FIB_LOOKUP, by which a program asks one table for an address. */
import { get32, getBe32, put32 } from '../../lib/bytes.ts'
import { NLMSG_HDRLEN } from '../../lib/message.ts'
import { ENOENT, type Errno, isErrno } from '../../uapi/errno.ts'
import { NETLINK_FIB_LOOKUP } from '../../uapi/linux/netlink.ts'
import type { net } from '../core/net_namespace.ts'
import { nlmsg_unicast } from '../netlink/af_netlink.ts'
import {
  type netlink_kernel_cfg,
  netlink_kernel_create,
  netlink_kernel_release,
  netlink_lookup,
  type netlink_sock,
} from '../netlink/netlink_sock.ts'
import { fib_result, fib_table_lookup, flowi4 } from './fib_lookup.ts'
import { fib_get_table } from './fib_tables.ts'

// include/net/ip_fib.h struct fib_result_nl: offsets behind the header
const FL_ADDR = 0
const FL_MARK = 4
const FL_TOS = 8
const FL_SCOPE = 9
const TB_ID_IN = 10
const TB_ID = 11
const PREFIXLEN = 12
const NH_SEL = 13
const TYPE = 14
const SCOPE = 15
const ERR = 16
const SIZE = 20
const INET_DSCP_MASK = 0xfc

/** The request comes back with the answer in it. */
export function nl_fib_input(data: Uint8Array, sk: netlink_sock): void {
  if (data.length < NLMSG_HDRLEN + SIZE) return
  const length = get32(data, 0)
  if (length < NLMSG_HDRLEN + SIZE || length > data.length) return
  const answer = data.slice(0, data.length)
  nl_fib_lookup(sk.sk_net, answer, NLMSG_HDRLEN)
  put32(answer, 12, sk.portid)
  nlmsg_unicast(sk.sk_net, NETLINK_FIB_LOOKUP, sk.portid, answer)
}
function nl_fib_lookup(net: net, frn: Uint8Array, at: number): void {
  const fl = new flowi4(getBe32(frn, at + FL_ADDR), 0, frn[at + FL_SCOPE])
  fl.mark = get32(frn, at + FL_MARK)
  fl.tos = frn[at + FL_TOS] & INET_DSCP_MASK
  const table = fib_get_table(net, frn[at + TB_ID_IN])
  const res = new fib_result()
  const error = table === undefined ? ENOENT : fib_table_lookup(table, fl, res, 0)
  if (table !== undefined) frn[at + TB_ID] = table.tb_id
  put32(frn, at + ERR, isErrno(error) ? -error.code : 0)
  if (isErrno(error)) return
  frn[at + PREFIXLEN] = res.prefixlen
  frn[at + NH_SEL] = Math.max(0, res.fi?.fib_nh.findIndex((nh) => nh === res.nh) ?? 0)
  frn[at + TYPE] = res.type
  frn[at + SCOPE] = res.scope
}

export const nl_fib_lookup_cfg: netlink_kernel_cfg = { name: 'fib_lookup', groups: 0, input: nl_fib_input }
export function nl_fib_lookup_init(net: net): Errno | undefined {
  netlink_kernel_create(net, NETLINK_FIB_LOOKUP, nl_fib_lookup_cfg)
  return undefined
}
export function nl_fib_lookup_exit(net: net): void {
  const sk = netlink_lookup(net, NETLINK_FIB_LOOKUP, 0)
  if (sk !== undefined) netlink_kernel_release(sk)
}
