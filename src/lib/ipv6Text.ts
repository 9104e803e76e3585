/** IPv6 addresses as text beside RFC 5952's form, which is in types.ts. */
import { type Bytes, hex } from './bytes.ts'

/** Eight groups of four digits, as Linux's %pI6 prints. */
export function ipv6TextFull(addr: Bytes): string {
  return hex(addr).replace(/(....)(?!$)/g, '$1:')
}

/** in6_pton(): groups with at most one `::`, and at the end an IPv4 address; undefined: not an address. */
export function ipv6Parse(text: string): Uint8Array | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const parts = halves.map(groups)
  const [head, tail] = parts
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined
  const length = head.length + (tail?.length ?? 0)
  if (halves.length === 1 ? length !== 16 : length > 14) return undefined
  const addr = new Uint8Array(16)
  addr.set(head)
  if (tail !== undefined) addr.set(tail, 16 - tail.length)
  return addr
}
function groups(text: string): number[] | undefined {
  if (text === '') return []
  const out: number[] = []
  const words = text.split(':')
  for (const [i, word] of words.entries()) {
    const dotted = i === words.length - 1 ? ipv4Parse(word) : undefined
    if (dotted !== undefined) {
      out.push(...dotted)
    } else if (/^[0-9a-fA-F]{1,4}$/.test(word)) {
      const n = Number.parseInt(word, 16)
      out.push(n >> 8, n & 0xff)
    } else {
      return undefined
    }
  }
  return out
}
function ipv4Parse(text: string): number[] | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  const bytes = match?.slice(1).map(Number)
  return bytes?.every((byte) => byte < 256) ? bytes : undefined
}
