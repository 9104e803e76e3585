/** net/xfrm/xfrm_algo.c: which algorithms there are, under their names and the ones that older programs use. */
import { XFRM_ALG_NAME } from '../../uapi/linux/xfrm.ts'

/** Bits; `keys`: lengths that are taken, any where it is absent. */
export interface xfrm_algo_desc {
  readonly name: string
  readonly compat?: string
  readonly icv_truncbits?: number
  readonly icv_fullbits?: number
  readonly keys?: readonly number[]
}
const auth = (name: string, compat: string | undefined, icv_truncbits: number, icv_fullbits: number, keys?: number[]): xfrm_algo_desc => ({
  name,
  compat,
  icv_truncbits,
  icv_fullbits,
  keys,
})
const aalg_list: readonly xfrm_algo_desc[] = [
  auth('digest_null', undefined, 0, 0),
  auth('hmac(md5)', 'md5', 96, 128),
  auth('hmac(sha1)', 'sha1', 96, 160),
  auth('hmac(sha256)', 'sha256', 96, 256),
  auth('hmac(sha384)', undefined, 192, 384),
  auth('hmac(sha512)', undefined, 256, 512),
  auth('hmac(rmd160)', 'rmd160', 96, 160),
  auth('xcbc(aes)', undefined, 96, 128, [128]),
  auth('cmac(aes)', undefined, 96, 128, [128, 192, 256]),
  auth('hmac(sm3)', 'sm3', 256, 256),
]
const range = (from: number, to: number) => Array.from({ length: (to - from) / 8 + 1 }, (_, i) => from + i * 8)
const ealg_list: readonly xfrm_algo_desc[] = [
  { name: 'ecb(cipher_null)', compat: 'cipher_null', keys: [0] },
  { name: 'cbc(des)', compat: 'des', keys: [64] },
  { name: 'cbc(des3_ede)', compat: 'des3_ede', keys: [192] },
  { name: 'cbc(cast5)', compat: 'cast5', keys: range(40, 128) },
  { name: 'cbc(blowfish)', compat: 'blowfish', keys: range(32, 448) },
  { name: 'cbc(aes)', compat: 'aes', keys: [128, 192, 256] },
  { name: 'cbc(serpent)', compat: 'serpent', keys: range(0, 256) },
  { name: 'cbc(camellia)', compat: 'camellia', keys: [128, 192, 256] },
  { name: 'cbc(twofish)', compat: 'twofish', keys: [128, 192, 256] },
  { name: 'rfc3686(ctr(aes))', keys: [160, 224, 288] },
  { name: 'cbc(sm4)', compat: 'sm4', keys: [128] },
]
/** Of each as many as it has lengths of its check value. */
const aead_list: readonly (xfrm_algo_desc & { icv: readonly number[] })[] = [
  { name: 'rfc4106(gcm(aes))', icv: [64, 96, 128], keys: [160, 224, 288] },
  { name: 'rfc4309(ccm(aes))', icv: [64, 96, 128], keys: [152, 216, 280] },
  { name: 'rfc4543(gcm(aes))', icv: [128], keys: [160, 224, 288] },
  { name: 'rfc7539esp(chacha20,poly1305)', icv: [128], keys: [288] },
]
const calg_list: readonly xfrm_algo_desc[] = [{ name: 'deflate' }]

function by_name(list: readonly xfrm_algo_desc[], name: string): xfrm_algo_desc | undefined {
  return list.find((algo) => algo.name === name || algo.compat === name)
}
export function xfrm_aalg_get_byname(name: string): xfrm_algo_desc | undefined {
  return by_name(aalg_list, name)
}
export function xfrm_ealg_get_byname(name: string): xfrm_algo_desc | undefined {
  return by_name(ealg_list, name)
}
export function xfrm_calg_get_byname(name: string): xfrm_algo_desc | undefined {
  return by_name(calg_list, name)
}
export function xfrm_aead_get_byname(name: string, icv_bits: number): xfrm_algo_desc | undefined {
  return aead_list.find((algo) => algo.name === name && algo.icv.includes(icv_bits))
}

/** The first 64 bytes of an algorithm, up to their end. */
export function alg_name(bytes: Uint8Array): string {
  const field = bytes.subarray(0, XFRM_ALG_NAME - 1)
  const end = field.indexOf(0)
  return String.fromCharCode(...field.subarray(0, end < 0 ? field.length : end))
}
/** Its name as it is now called. */
export function alg_name_bytes(name: string): Uint8Array {
  const out = new Uint8Array(XFRM_ALG_NAME)
  for (let i = 0; i < name.length; i++) out[i] = name.charCodeAt(i)
  return out
}
