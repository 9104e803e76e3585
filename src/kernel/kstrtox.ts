/** lib/kstrtox.c */
import { EINVAL, ERANGE, type Errno } from '../uapi/errno.ts'

/** kstrtoul() with base 0: the whole text, one newline allowed at its end; EINVAL, or ERANGE past 64 bits. */
export function kstrtoul(text: string): number | Errno {
  const match = /^\+?(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)\n?(\0|$)/.exec(text)
  if (match === null) return EINVAL
  const n = BigInt(/^0[0-7]+$/.test(match[1]) ? `0o${match[1].slice(1)}` : match[1])
  return n > 0xffffffffffffffffn ? ERANGE : Number(n)
}
