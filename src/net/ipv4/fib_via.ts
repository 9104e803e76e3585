/** net/ipv4/fib_frontend.c fib_gw_from_via: RTA_VIA, a family and its address. */
import { NLA_HDRLEN } from '../../lib/attrs.ts'
import { type Bytes, get16, getBe32 } from '../../lib/bytes.ts'
import { EINVAL, type Errno } from '../../uapi/errno.ts'
import { AF_INET, AF_INET6 } from '../../uapi/linux/socket.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { type fib_config, fib_fail } from './fib_semantics.ts'

/** `at`: the attribute's header. */
export function fib_gw_from_via(cfg: fib_config, buf: Bytes, at: number, extack: netlink_ext_ack | undefined): Errno | undefined {
  const length = get16(buf, at) - NLA_HDRLEN
  if (length < 2) return fib_fail(extack, EINVAL, 'Invalid attribute length for RTA_VIA', at)
  switch (get16(buf, at + NLA_HDRLEN)) {
    case AF_INET:
      if (length !== 6) return fib_fail(extack, EINVAL, 'Invalid IPv4 address in RTA_VIA')
      cfg.fc_gw_family = AF_INET
      cfg.fc_gw4 = getBe32(buf, at + NLA_HDRLEN + 2)
      return undefined
    case AF_INET6:
      if (length !== 18) return fib_fail(extack, EINVAL, 'Invalid IPv6 address in RTA_VIA')
      cfg.fc_gw_family = AF_INET6
      cfg.fc_gw6 = buf.slice(at + NLA_HDRLEN + 2, at + NLA_HDRLEN + 18)
      return undefined
    default:
      return fib_fail(extack, EINVAL, 'Unsupported address family in RTA_VIA')
  }
}
