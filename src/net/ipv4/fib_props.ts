/** net/ipv4/fib_semantics.c fib_props */
import { EACCES, EAGAIN, EHOSTUNREACH, EINVAL, type Errno } from '../../uapi/errno.ts'
import { RT_SCOPE_HOST, RT_SCOPE_LINK, RT_SCOPE_NOWHERE, RT_SCOPE_UNIVERSE } from '../../uapi/linux/rtnetlink.ts'

/** Error of each route type (0 … RTN_MAX), and the widest scope that it may have. */
export const fib_props: readonly { error: Errno | undefined; scope: number }[] = [
  { error: undefined, scope: RT_SCOPE_NOWHERE },
  { error: undefined, scope: RT_SCOPE_UNIVERSE },
  { error: undefined, scope: RT_SCOPE_HOST },
  { error: undefined, scope: RT_SCOPE_LINK },
  { error: undefined, scope: RT_SCOPE_LINK },
  { error: undefined, scope: RT_SCOPE_UNIVERSE },
  { error: EINVAL, scope: RT_SCOPE_UNIVERSE },
  { error: EHOSTUNREACH, scope: RT_SCOPE_UNIVERSE },
  { error: EACCES, scope: RT_SCOPE_UNIVERSE },
  { error: EAGAIN, scope: RT_SCOPE_UNIVERSE },
  { error: EINVAL, scope: RT_SCOPE_NOWHERE },
  { error: EINVAL, scope: RT_SCOPE_NOWHERE },
]
