/** net/core/fib_rules.c fib_nl_fill_rule, fib_nl_dumprule, notify_rule_change: rules as messages. */
import { put16, put32, putBe32 } from '../../lib/bytes.ts'
import { MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { EAFNOSUPPORT, EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import {
  FIB_RULE_IIF_DETACHED,
  FIB_RULE_OIF_DETACHED,
  FIB_RULE_UNRESOLVED,
  FR_ACT_GOTO,
  FRA_DPORT_RANGE,
  FRA_FWMARK,
  FRA_FWMASK,
  FRA_GOTO,
  FRA_IIFNAME,
  FRA_IP_PROTO,
  FRA_L3MDEV,
  FRA_OIFNAME,
  FRA_PRIORITY,
  FRA_PROTOCOL,
  FRA_SPORT_RANGE,
  FRA_SUPPRESS_IFGROUP,
  FRA_SUPPRESS_PREFIXLEN,
  FRA_TABLE,
  FRA_TUN_ID,
  FRA_UID_RANGE,
  fib_rule_hdr,
} from '../../uapi/linux/fib_rules.ts'
import { NETLINK_ROUTE, NLM_F_ECHO, NLM_F_MULTI } from '../../uapi/linux/netlink.ts'
import { RT_TABLE_COMPAT, RTM_NEWRULE } from '../../uapi/linux/rtnetlink.ts'
import { AF_UNSPEC } from '../../uapi/linux/socket.ts'
import { netlink_has_listeners } from '../netlink/af_netlink.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'
import { type fib_rule, type fib_rules_ops, lookup_rules_ops } from './fib_rules.ts'
import { rtnl_notify } from './rtnetlink.ts'

function rule_flags(rule: fib_rule): number {
  let { flags } = rule
  if (rule.action === FR_ACT_GOTO && rule.ctarget === undefined) flags |= FIB_RULE_UNRESOLVED
  if (rule.iifindex === -1) flags |= FIB_RULE_IIF_DETACHED
  if (rule.oifindex === -1) flags |= FIB_RULE_OIF_DETACHED
  return flags
}
function put_ports(skb: MessageBuilder, nr: number, [start, end]: readonly [number, number]): void {
  if (start === 0 || end === 0) return
  const o = skb.reserve(nr, 4)
  if (o < 0) return
  put16(skb.buf, o, start)
  put16(skb.buf, o + 2, end)
}
/** Network order, as FRA_TUN_ID alone is. */
function put_tun_id(skb: MessageBuilder, tun_id: bigint): void {
  const o = skb.reserve(FRA_TUN_ID.nr, 8)
  if (o < 0) return
  putBe32(skb.buf, o, Number(tun_id >> 32n))
  putBe32(skb.buf, o + 4, Number(tun_id & 0xffffffffn))
}
function put_uid_range(skb: MessageBuilder, rule: fib_rule): void {
  const o = skb.reserve(FRA_UID_RANGE.nr, 8)
  if (o < 0) return
  put32(skb.buf, o, rule.uid_start)
  put32(skb.buf, o + 4, rule.uid_end)
}

/** False: it did not fit. */
export function fib_nl_fill_rule(
  skb: MessageBuilder,
  rule: fib_rule,
  portid: number,
  seq: number,
  type: number,
  flags: number,
  ops: fib_rules_ops,
): boolean {
  skb.begin(type, flags, seq, portid)
  const at = skb.room(fib_rule_hdr.size)
  if (at >= 0) {
    skb.buf[at] = ops.ops.family
    skb.buf[at + 4] = rule.table < 256 ? rule.table : RT_TABLE_COMPAT
    skb.buf[at + 7] = rule.action
    put32(skb.buf, at + 8, rule_flags(rule))
  }
  skb.put(FRA_TABLE, rule.table)
  skb.put(FRA_SUPPRESS_PREFIXLEN, rule.suppress_prefixlen)
  skb.put(FRA_PROTOCOL, rule.proto)
  if (rule.iifname !== '') skb.put(FRA_IIFNAME, rule.iifname)
  if (rule.oifname !== '') skb.put(FRA_OIFNAME, rule.oifname)
  if (rule.pref !== 0) skb.put(FRA_PRIORITY, rule.pref)
  if (rule.mark !== 0) skb.put(FRA_FWMARK, rule.mark)
  if (rule.mark_mask !== 0 || rule.mark !== 0) skb.put(FRA_FWMASK, rule.mark_mask)
  if (rule.target !== 0) skb.put(FRA_GOTO, rule.target)
  if (rule.tun_id !== 0n) put_tun_id(skb, rule.tun_id)
  if (rule.l3mdev !== 0) skb.put(FRA_L3MDEV, rule.l3mdev)
  if (rule.uid_set) put_uid_range(skb, rule)
  put_ports(skb, FRA_SPORT_RANGE.nr, rule.sport)
  put_ports(skb, FRA_DPORT_RANGE.nr, rule.dport)
  if (rule.ip_proto !== 0) skb.put(FRA_IP_PROTO, rule.ip_proto)
  if (rule.suppress_ifgroup !== -1) skb.put(FRA_SUPPRESS_IFGROUP, rule.suppress_ifgroup)
  ops.ops.fill(rule, skb, at)
  return skb.end()
}

export function notify_rule_change(event: number, rule: fib_rule, ops: fib_rules_ops, req: Request): void {
  const echo = (req.flags & NLM_F_ECHO) !== 0
  if (!echo && !netlink_has_listeners(req.net, NETLINK_ROUTE, ops.ops.nlgroup)) return
  const skb = new MessageBuilder(undefined, 128)
  fib_nl_fill_rule(skb, rule, req.portid, req.seq, event, 0, ops)
  rtnl_notify(req.net, skb, req.portid, ops.ops.nlgroup, echo)
}

/** fib_valid_dumprule_req() */
function valid_request({ request, extack }: netlink_callback): Errno | undefined {
  const end = NLMSG_HDRLEN + fib_rule_hdr.size
  if (request.length < end) return extack.fail(EINVAL, 'Invalid header for fib rule dump request')
  if (request.subarray(NLMSG_HDRLEN + 1, end).some((byte) => byte !== 0)) {
    return extack.fail(EINVAL, 'Invalid values in header for fib rule dump request')
  }
  return request.length > end ? extack.fail(EINVAL, 'Invalid data after header in fib rule dump request') : undefined
}
/** cb.args[1]: rules done. */
function dump_rules(skb: MessageBuilder, cb: netlink_callback, ops: fib_rules_ops): boolean {
  for (const rule of ops.rules_list.after(cb.args[1])) {
    if (!fib_nl_fill_rule(skb, rule, cb.portid, cb.seq, RTM_NEWRULE, NLM_F_MULTI, ops)) return false
    cb.args[1]++
  }
  return true
}
/** RTM_GETRULE. cb.args[0]: families done, where all are asked for. */
export function fib_nl_dumprule(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const error = cb.strict_check ? valid_request(cb) : undefined
  if (isErrno(error)) return error
  const family = cb.request[NLMSG_HDRLEN]
  if (family !== AF_UNSPEC) {
    const ops = lookup_rules_ops(cb.net, family)
    if (ops === undefined) return EAFNOSUPPORT
    return dump_rules(skb, cb, ops) ? undefined : true
  }
  const all = cb.net.rules_ops
  for (; cb.args[0] < all.length; cb.args[0]++) {
    if (!dump_rules(skb, cb, all[cb.args[0]])) return true
    cb.args[1] = 0
  }
  return undefined
}
