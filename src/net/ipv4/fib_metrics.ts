/** net/ipv4/metrics.c ip_metrics_convert: RTA_METRICS of a route. */

import { eachAttr, NLA_HDRLEN } from '../../lib/attrs.ts'
import { type Bytes, get16, get32, getString } from '../../lib/bytes.ts'
import { EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import { RTAX_ADVMSS, RTAX_CC_ALGO, RTAX_CWND, RTAX_FEATURES, RTAX_HOPLIMIT, RTAX_LOCK, RTAX_MTU } from '../../uapi/linux/rtnetlink.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'

export const RTAX_MAX = 17
const RTAX_FEATURE_MASK = 0x1f
/** Built into Debian's kernel, then its modules, which come when they are asked for. */
const congestion_algorithms = [
  'cubic',
  'reno',
  'bbr',
  'bic',
  'cdg',
  'dctcp',
  'highspeed',
  'htcp',
  'hybla',
  'illinois',
  'lp',
  'nv',
  'scalable',
  'vegas',
  'veno',
  'westwood',
  'yeah',
]

/** Values by RTAX_* number; RTAX_CC_ALGO has its name beside. */
export class fib_metrics {
  readonly metrics = new Uint32Array(RTAX_MAX + 1)
  cc_algo = ''
}

/** Metrics as a request carries them: attributes in [start, end). */
export interface raw_metrics {
  readonly buf: Bytes
  readonly start: number
  readonly end: number
}

/** One attribute of a request, by the offset of its header. */
export interface raw_attr {
  readonly buf: Bytes
  readonly at: number
}

function fail(extack: netlink_ext_ack | undefined, text: string, at = 0): Errno {
  return extack?.fail(EINVAL, text, at) ?? EINVAL
}
/** Checks one metric and stores it. */
function convert(mx: fib_metrics, buf: Bytes, nr: number, at: number, extack: netlink_ext_ack | undefined): Errno | undefined {
  if (nr > RTAX_MAX) return fail(extack, 'Invalid metric type')
  const end = at + get16(buf, at)
  if (nr === RTAX_CC_ALGO.nr) {
    mx.cc_algo = getString(buf, at + NLA_HDRLEN, end)
    const key = congestion_algorithms.indexOf(mx.cc_algo) + 1
    if (key === 0) return fail(extack, 'Unknown tcp congestion algorithm')
    mx.metrics[nr] = key
    return undefined
  }
  if (end - at !== NLA_HDRLEN + 4) return fail(extack, 'Invalid attribute in metrics', at)
  const value = get32(buf, at + NLA_HDRLEN)
  if (nr === RTAX_FEATURES.nr && value & ~RTAX_FEATURE_MASK) return fail(extack, 'Unknown flag set in feature mask in metrics attribute')
  mx.metrics[nr] = Math.min(value, largest(nr))
  return undefined
}
function largest(nr: number): number {
  if (nr === RTAX_ADVMSS.nr) return 65535 - 40
  if (nr === RTAX_MTU.nr) return 65535 - 15
  return nr === RTAX_HOPLIMIT.nr ? 255 : 0xffffffff
}

export function ip_fib_metrics_init(raw: raw_metrics, extack: netlink_ext_ack | undefined): fib_metrics | Errno {
  const mx = new fib_metrics()
  let error: Errno | undefined
  eachAttr(raw.buf, raw.start, raw.end, (nr, at) => {
    if (nr !== 0 && error === undefined) error = convert(mx, raw.buf, nr, at, extack)
  })
  if (isErrno(error)) return error
  const locked = (mx.metrics[RTAX_LOCK.nr] & (1 << RTAX_CWND.nr)) !== 0
  return locked && mx.metrics[RTAX_CWND.nr] === 0 ? fail(extack, 'Locked cwnd metric must be non zero') : mx
}

/** fib_metrics_match(): whether a route has the metrics that a deletion names. */
export function fib_metrics_match(raw: raw_metrics | undefined, mx: fib_metrics | undefined): boolean {
  if (raw === undefined) return true
  let match = true
  eachAttr(raw.buf, raw.start, raw.end, (nr, at) => {
    if (nr === 0) return
    const end = at + get16(raw.buf, at)
    if (nr === RTAX_CC_ALGO.nr) match &&= getString(raw.buf, at + NLA_HDRLEN, end) === mx?.cc_algo
    else match &&= nr <= RTAX_MAX && end - at === NLA_HDRLEN + 4 && get32(raw.buf, at + NLA_HDRLEN) === (mx?.metrics[nr] ?? 0)
  })
  return match
}
