/** net/ipv6/icmp.c icmpv6_err_convert: what an error message means to a socket. */
import { EACCES, ECONNREFUSED, EHOSTUNREACH, EMSGSIZE, ENETUNREACH, EPROTO, type Errno } from '../../uapi/errno.ts'
import { ICMPV6_DEST_UNREACH, ICMPV6_PARAMPROB, ICMPV6_PKT_TOOBIG, ICMPV6_TIME_EXCEED } from '../../uapi/linux/icmpv6.ts'

/** By code of ICMPV6_DEST_UNREACH; those with `true` end a connection. */
const unreach: readonly (readonly [Errno, boolean])[] = [
  [ENETUNREACH, false],
  [EACCES, true],
  [EHOSTUNREACH, false],
  [EHOSTUNREACH, false],
  [ECONNREFUSED, true],
  [EACCES, true],
  [EACCES, true],
]

export function icmpv6_err_convert(type: number, code: number): { err: Errno; fatal: boolean } {
  switch (type) {
    case ICMPV6_DEST_UNREACH: {
      const known = unreach[code]
      return known === undefined ? { err: EPROTO, fatal: true } : { err: known[0], fatal: known[1] }
    }
    case ICMPV6_PKT_TOOBIG:
      return { err: EMSGSIZE, fatal: false }
    case ICMPV6_PARAMPROB:
      return { err: EPROTO, fatal: true }
    case ICMPV6_TIME_EXCEED:
      return { err: EHOSTUNREACH, fatal: false }
    default:
      return { err: EPROTO, fatal: false }
  }
}
