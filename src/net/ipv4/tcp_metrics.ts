/**
 * net/ipv4/tcp_metrics.c: the generic netlink family "tcp_metrics": what connections have learnt of their destinations. No
 * connection has been made yet, so there is nothing to list and nothing to forget.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { attr, attrs } from '../../lib/attrs.ts'
import { binary } from '../../lib/types.ts'
import { EAFNOSUPPORT, EINVAL, ESRCH, type Errno } from '../../uapi/errno.ts'
import { GENL_ADMIN_PERM } from '../../uapi/linux/genetlink.ts'
import { type genl_family, type genl_info, genl_register_family } from '../netlink/genetlink.ts'
import { NLA_BINARY, NLA_U32, policy } from '../netlink/policy.ts'

const TCP_METRICS_CMD_GET = 1
const TCP_METRICS_CMD_DEL = 2
const TCP_METRICS_ATTR_ADDR_IPV4 = attr(1, binary)
const TCP_METRICS_ATTR_ADDR_IPV6 = attr(2, binary)
const TCP_METRICS_ATTR = attrs('TCP_METRICS_ATTR', {
  TCP_METRICS_ATTR_ADDR_IPV4,
  TCP_METRICS_ATTR_ADDR_IPV6,
  TCP_METRICS_ATTR_LAST: attr(13, binary),
})
export const tcp_metrics_nl_policy = policy(
  TCP_METRICS_ATTR,
  { TCP_METRICS_ATTR_ADDR_IPV4: NLA_U32, TCP_METRICS_ATTR_ADDR_IPV6: NLA_BINARY(16) },
  { name: 'tcp_metrics_nl_policy' },
)

/** The destination asked for; undefined: none is named. */
function parse_nl_addr({ attrs: tb }: genl_info): Errno | true | undefined {
  if (tb.has(TCP_METRICS_ATTR_ADDR_IPV4)) return true
  if (!tb.has(TCP_METRICS_ATTR_ADDR_IPV6)) return undefined
  return tb.payload(TCP_METRICS_ATTR_ADDR_IPV6)?.length === 16 ? true : EINVAL
}
export function tcp_metrics_nl_cmd_get(info: genl_info): Errno | undefined {
  const addr = parse_nl_addr(info)
  if (addr === undefined) return EAFNOSUPPORT
  return addr === true ? ESRCH : addr
}
/** Without a destination all are forgotten. */
export function tcp_metrics_nl_cmd_del(info: genl_info): Errno | undefined {
  const addr = parse_nl_addr(info)
  return addr === true ? ESRCH : addr
}
export function tcp_metrics_nl_dump(): undefined {
  return undefined
}

export const tcp_metrics_nl_family: genl_family = {
  name: 'tcp_metrics',
  version: 1,
  maxattr: 13,
  policy: tcp_metrics_nl_policy,
  netnsok: true,
  parallel_ops: true,
  resv_start_op: TCP_METRICS_CMD_DEL + 1,
  ops: [
    { cmd: TCP_METRICS_CMD_GET, validate: 3, doit: tcp_metrics_nl_cmd_get, dumpit: tcp_metrics_nl_dump },
    { cmd: TCP_METRICS_CMD_DEL, validate: 3, flags: GENL_ADMIN_PERM, doit: tcp_metrics_nl_cmd_del },
  ],
}
/** Called from inet_init(), by way of tcp_init(). */
export function tcp_metrics_init(kernel: Kernel): Errno | undefined {
  return genl_register_family(kernel, tcp_metrics_nl_family)
}
