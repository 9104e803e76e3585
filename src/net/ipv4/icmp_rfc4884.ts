/** net/ipv4/icmp.c ip_icmp_error_rfc4884(): where in the payload of an error its extensions are (RFC 4884), for who asks. */
import { getBe16, put16 } from '../../lib/bytes.ts'
import { csum_fold, csum_partial } from '../core/checksum.ts'

/** struct sock_ee_data_rfc4884 in struct sock_extended_err. */
const EE_LEN = 12
const EE_FLAGS = 14
const SO_EE_RFC4884_FLAG_INVALID = 1
/** Least length of the packet in an error that has extensions (RFC 4884 3). */
const LEAST = 128
const EXT_HDR = 4
const OBJ_HDR = 4

/** Version, checksum and lengths of the objects. */
function valid(ext: Uint8Array): boolean {
  if (ext.length < EXT_HDR) return false
  if (ext[0] >> 4 !== 2) return true
  if (getBe16(ext, 2) !== 0 && csum_fold(csum_partial(ext, 0, ext.length)) !== 0) return false
  for (let at = EXT_HDR; at < ext.length; ) {
    if (at + OBJ_HDR > ext.length) return false
    const length = getBe16(ext, at)
    if (length < OBJ_HDR || at + length > ext.length) return false
    at += length
  }
  return true
}
/**
 * `payload`: what the socket gets of the packet in the error, whose headers of `hlen` bytes it does not get; `said`: how long
 * that packet is by the error's header.
 */
export function ip_icmp_error_rfc4884(ee: Uint8Array, payload: Uint8Array, hlen: number, said: number): void {
  if (said < LEAST || said < hlen) return
  const at = said - hlen
  if (at + EXT_HDR > payload.length) return
  put16(ee, EE_LEN, at)
  if (!valid(payload.subarray(at))) ee[EE_FLAGS] = SO_EE_RFC4884_FLAG_INVALID
}
