/** net/core/skbuff.c msg_zerocopy_callback(): that the bytes of a call are not needed any more (MSG_ZEROCOPY), told by the queue of errors. */
import { put32 } from '../../lib/bytes.ts'
import { ENOMSG } from '../../uapi/errno.ts'
import { IFF_LOOPBACK } from '../../uapi/linux/if.ts'
import { IP_RECVERR, SOL_IP } from '../../uapi/linux/in.ts'
import { IPV6_RECVERR, SOL_IPV6 } from '../../uapi/linux/in6.ts'
import { AF_INET, MSG_ZEROCOPY } from '../../uapi/linux/socket.ts'
import { sk_error_report, sock_flag, type sock } from '../sock.ts'
import { SOCK_FLAG } from '../sock_limits.ts'
import { sock_extended_err, sock_queue_err, type sock_exterr } from './datagram.ts'
import type { net_device } from './netdevice.ts'
import { NETIF_F_CSUM_MASK, NETIF_F_SG } from './netdev_features_bits.ts'

const SO_EE_ORIGIN_ZEROCOPY = 5
const SO_EE_CODE_ZEROCOPY_COPIED = 1
/** Offsets in struct sock_extended_err. */
const EE_ORIGIN = 4
const EE_DATA = 12

/** Whether a call is told of. */
export function msg_zerocopy(sk: sock, flags: number): boolean {
  return (flags & MSG_ZEROCOPY) !== 0 && sock_flag(sk, SOCK_FLAG.ZEROCOPY)
}
/** A device that takes no pieces or leaves checksums to us, and what is received here again, has had a copy. */
function copies(dev: net_device): boolean {
  return (dev.features & NETIF_F_SG) === 0n || (dev.features & NETIF_F_CSUM_MASK) === 0n || (dev.flags & IFF_LOOPBACK) !== 0
}
/** skb_zerocopy_notify_extend(): calls that follow one another are told of together. */
function extend(last: sock_exterr | undefined, lo: number, hi: number): boolean {
  if (last === undefined || last.ee[EE_ORIGIN] !== SO_EE_ORIGIN_ZEROCOPY || last.zc_hi !== lo - 1) return false
  last.zc_hi = hi
  put32(last.ee, EE_DATA, hi)
  return true
}
/** The bytes of so many calls have gone by the device; `whole`: in one piece. */
export function msg_zerocopy_callback(sk: sock, calls: number, dev: net_device, whole: boolean): void {
  const lo = sk.sk_zckey
  const hi = lo + calls - 1
  sk.sk_zckey = hi + 1
  const queue = sk.sk_error_queue
  const last = queue.items[queue.items.length - 1] as sock_exterr | undefined
  if (queue.qlen > 0 && extend(last, lo, hi)) return sk_error_report(sk)
  const inet = sk.sk_family === AF_INET
  const code = !whole || copies(dev) ? SO_EE_CODE_ZEROCOPY_COPIED : 0
  sock_queue_err(sk, {
    payload: new Uint8Array(0),
    name: new Uint8Array(0),
    ee: sock_extended_err(0, SO_EE_ORIGIN_ZEROCOPY, 0, code, lo, new Uint8Array(inet ? 16 : 28), hi),
    level: inet ? SOL_IP : SOL_IPV6,
    type: inet ? IP_RECVERR : IPV6_RECVERR,
    errno: ENOMSG,
    zc_hi: hi,
  })
}
