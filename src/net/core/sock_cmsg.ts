/** net/core/sock.c sock_cmsg_send(): what control messages of SOL_SOCKET ask of one packet. */
import { CAP_NET_ADMIN, CAP_NET_RAW } from '../../kernel/capability.ts'
import { capable, type task_struct } from '../../kernel/task.ts'
import { get32, get64, getBig64, getS32 } from '../../lib/bytes.ts'
import { EINVAL, EPERM, type Errno, isErrno } from '../../uapi/errno.ts'
import { SOF_TIMESTAMPING_TX_RECORD_MASK } from '../../uapi/linux/net_tstamp.ts'
import { SO_MARK, SO_TIMESTAMPING_NEW, SO_TIMESTAMPING_OLD, SO_TXTIME, SOL_SOCKET } from '../../uapi/linux/socket.ts'
import type { sock } from '../sock.ts'

const SCM_RIGHTS = 1
const SCM_CREDENTIALS = 2
const CMSG_HDRLEN = 16

export interface sockcm_cookie {
  mark: number
  tsflags: number
  transmit_time: bigint
}
export function sockcm_init(sk: sock): sockcm_cookie {
  return { mark: sk.sk_mark, tsflags: sk.sk_tsflags, transmit_time: 0n }
}
/** Each control message in turn, its data without padding; EINVAL for one that does not fit (CMSG_OK). */
export function for_each_cmsg(
  control: Uint8Array,
  each: (level: number, type: number, data: Uint8Array) => Errno | undefined,
): Errno | undefined {
  for (let at = 0; at + CMSG_HDRLEN <= control.length; ) {
    const len = get64(control, at)
    if (len < CMSG_HDRLEN || len > control.length - at) return EINVAL
    const error = each(getS32(control, at + 8), getS32(control, at + 12), control.subarray(at + CMSG_HDRLEN, at + len))
    if (isErrno(error)) return error
    at += (len + 7) & ~7
  }
  return undefined
}
/** __sock_cmsg_send() */
export function sock_cmsg_one(
  cookie: sockcm_cookie,
  sk: sock,
  type: number,
  data: Uint8Array,
  task: task_struct | undefined,
): Errno | undefined {
  switch (type) {
    case SO_MARK:
      if (task !== undefined && !capable(task, CAP_NET_RAW) && !capable(task, CAP_NET_ADMIN)) return EPERM
      if (data.length !== 4) return EINVAL
      cookie.mark = get32(data, 0)
      return undefined
    case SO_TIMESTAMPING_OLD:
    case SO_TIMESTAMPING_NEW:
      if (data.length !== 4 || get32(data, 0) & ~SOF_TIMESTAMPING_TX_RECORD_MASK) return EINVAL
      cookie.tsflags = (cookie.tsflags & ~SOF_TIMESTAMPING_TX_RECORD_MASK) | get32(data, 0)
      return undefined
    case SO_TXTIME:
      if (sk.sk_txtime === 0n || data.length !== 8) return EINVAL
      cookie.transmit_time = getBig64(data, 0)
      return undefined
    case SCM_RIGHTS:
    case SCM_CREDENTIALS:
      return undefined
    default:
      return EINVAL
  }
}
export function sock_cmsg_send(sk: sock, control: Uint8Array | undefined, task: task_struct | undefined): sockcm_cookie | Errno {
  const cookie = sockcm_init(sk)
  if (control === undefined || control.length === 0) return cookie
  const error = for_each_cmsg(control, (level, type, data) =>
    level === SOL_SOCKET ? sock_cmsg_one(cookie, sk, type, data, task) : undefined,
  )
  return error ?? cookie
}
