/** net/ipv4/udp.c udp_lib_setsockopt(): options of SOL_UDP and SOL_UDPLITE, of both families. */
import { getS32, put32 } from '../../lib/bytes.ts'
import { EINVAL, ENOPROTOOPT, type Errno } from '../../uapi/errno.ts'
import { SOL_UDP } from '../../uapi/linux/in.ts'
import * as U from '../../uapi/linux/udp.ts'
import type { inet_sock } from './inet_sock.ts'
import { is_udplite, udp_of } from './udp_snd.ts'

export function is_udp_level(level: number): boolean {
  return level === SOL_UDP || level === U.SOL_UDPLITE
}
/** `push`: sends what waits for more. */
export function udp_lib_setsockopt(
  sk: inet_sock,
  optname: number,
  optval: Uint8Array,
  push: (sk: inet_sock) => unknown,
): Errno | undefined {
  if (optval.length < 4) return EINVAL
  const value = getS32(optval, 0)
  const udp = udp_of(sk)
  switch (optname) {
    case U.UDP_CORK:
      udp.cork = value !== 0
      if (!udp.cork) push(sk)
      return undefined
    case U.UDP_ENCAP:
      if (value !== 0 && value !== U.UDP_ENCAP_ESPINUDP && value !== U.UDP_ENCAP_L2TPINUDP) return ENOPROTOOPT
      udp.encap_type = value
      return undefined
    case U.UDP_NO_CHECK6_TX:
      udp.no_check6_tx = value !== 0
      return undefined
    case U.UDP_NO_CHECK6_RX:
      udp.no_check6_rx = value !== 0
      return undefined
    case U.UDP_SEGMENT:
      if (value < 0 || value > 0xffff) return EINVAL
      udp.gso_size = value
      return undefined
    case U.UDP_GRO:
      // DIVERGES: devices merge none; what was sent as one over lo comes as one
      udp.gro = value !== 0
      return undefined
    case U.UDPLITE_SEND_CSCOV:
    case U.UDPLITE_RECV_CSCOV:
      return set_coverage(sk, optname === U.UDPLITE_SEND_CSCOV, value)
    default:
      return ENOPROTOOPT
  }
}
/** The header is always covered; 0: all is. */
function set_coverage(sk: inet_sock, send: boolean, value: number): Errno | undefined {
  if (!is_udplite(sk)) return ENOPROTOOPT
  const cover = value !== 0 && value < 8 ? 8 : Math.min(value, 0xffff)
  const udp = udp_of(sk)
  if (send) {
    udp.pcslen = cover
    udp.pcslen_set = true
  } else {
    udp.pcrlen = cover
    udp.pcrlen_set = true
  }
  return undefined
}

function value_of(sk: inet_sock, optname: number): number | undefined {
  const udp = udp_of(sk)
  switch (optname) {
    case U.UDP_CORK:
      return Number(udp.cork)
    case U.UDP_ENCAP:
      return udp.encap_type
    case U.UDP_NO_CHECK6_TX:
      return Number(udp.no_check6_tx)
    case U.UDP_NO_CHECK6_RX:
      return Number(udp.no_check6_rx)
    case U.UDP_SEGMENT:
      return udp.gso_size
    case U.UDP_GRO:
      return Number(udp.gro)
    case U.UDPLITE_SEND_CSCOV:
      return udp.pcslen
    case U.UDPLITE_RECV_CSCOV:
      return udp.pcrlen
    default:
      return undefined
  }
}
export function udp_lib_getsockopt(sk: inet_sock, optname: number, optlen: number): Uint8Array | Errno {
  if (optlen < 0) return EINVAL
  const value = value_of(sk, optname)
  if (value === undefined) return ENOPROTOOPT
  const answer = new Uint8Array(4)
  put32(answer, 0, value)
  return answer.subarray(0, optlen)
}
