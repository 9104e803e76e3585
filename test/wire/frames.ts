/**
 * Frames of two runs, made comparable: numbers that are drawn anew each time (identifications, flow labels, nonces,
 * clocks in ping's payload) are hidden, and with them the checksums that cover them. Those are checked first.
 */
const ETH_HEADER = 14
const ETH_P_IP = 0x0800
const ETH_P_ARP = 0x0806
const ETH_P_IPV6 = 0x86dd
const ICMP = 1
const IGMP = 2
const UDP = 17
const FRAGMENT = 44
const ICMPV6 = 58
const OPT_NONCE = 14

/** Hex, without padding; throws when a checksum is wrong. */
export function comparable(frame: Uint8Array): string {
  const b = Buffer.from(frame)
  const type = b.readUInt16BE(12)
  if (type === ETH_P_ARP) return b.subarray(0, ETH_HEADER + 28).toString('hex')
  if (type === ETH_P_IP) return hide4(b.subarray(0, ETH_HEADER + b.readUInt16BE(ETH_HEADER + 2)))
  if (type === ETH_P_IPV6) return hide6(b.subarray(0, ETH_HEADER + 40 + b.readUInt16BE(ETH_HEADER + 4)))
  throw new Error(`a frame of type ${type.toString(16)}`)
}

function hide4(b: Buffer): string {
  const ip = ETH_HEADER
  const l4 = ip + (b[ip] & 15) * 4
  check(b, 'IPv4 header', sum(b.subarray(ip, l4)))
  const [id, fragment, protocol] = [b.readUInt16BE(ip + 4), b.readUInt16BE(ip + 6), b[ip + 9]]
  const offset = fragment & 0x1fff
  const whole = (fragment & 0x3fff) === 0
  const pseudo = sum(b.subarray(ip + 12, ip + 20)) + protocol + b.length - l4
  if (whole && (protocol === ICMP || protocol === IGMP)) check(b, 'ICMP or IGMP', sum(b.subarray(l4)))
  if (whole && protocol === UDP) check(b, 'UDP', pseudo + sum(b.subarray(l4)))
  // 0 says something else than any other number
  if (id !== 0) b.fill(0xff, ip + 4, ip + 6)
  b.fill(0, ip + 10, ip + 12)
  if (protocol === ICMP && offset === 0) hideIcmp(b, l4)
  return b.toString('hex')
}
function hideIcmp(b: Buffer, at: number): void {
  const echo = b[at] === 8 || b[at] === 0
  b.fill(0, at + 2, at + 4)
  if (echo) hideEcho(b, at)
  // the packet that it answers
  else b.fill(0, at + 8 + 4, at + 8 + 6).fill(0, at + 8 + 10, at + 8 + 12)
}
/** The program's id and, before the pattern, the time when it sent. */
function hideEcho(b: Buffer, at: number): void {
  b.fill(0, at + 4, at + 6).fill(0, at + 8, at + 24)
}

function hide6(b: Buffer): string {
  const ip = ETH_HEADER
  hideFlowLabel(b, ip)
  let [next, at] = [b[ip + 6], ip + 40]
  let offset = 0
  let whole = true
  // hop-by-hop options before MLD
  if (next === 0) [next, at] = [b[at], at + 8 * (b[at + 1] + 1)]
  if (next === FRAGMENT) {
    offset = b.readUInt16BE(at + 2) & 0xfff8
    b.fill(0, at + 4, at + 8)
    whole = false
    ;[next, at] = [b[at], at + 8]
  }
  if (whole) check(b, 'ICMPv6 or UDP', sum(b.subarray(ip + 8, ip + 40)) + next + b.length - at + sum(b.subarray(at)))
  if (next === ICMPV6 && offset === 0) hideIcmp6(b, at)
  return b.toString('hex')
}
function hideFlowLabel(b: Buffer, ip: number): void {
  b[ip + 1] &= 0xf0
  b.fill(0, ip + 2, ip + 4)
}
function hideIcmp6(b: Buffer, at: number): void {
  const type = b[at]
  if (type === 128 || type === 129) {
    b.fill(0, at + 2, at + 4)
    hideEcho(b, at)
  } else if (type < 128) {
    b.fill(0, at + 2, at + 4)
    hideFlowLabel(b, at + 8)
  } else if (type === 135 && b[at + 24] === OPT_NONCE) {
    b.fill(0, at + 2, at + 4).fill(0, at + 26)
  }
}

/** Of 16-bit words; an odd byte at the end counts as the high one. */
function sum(b: Uint8Array): number {
  let total = 0
  for (let i = 0; i < b.length; i += 2) total += (b[i] << 8) | (b[i + 1] ?? 0)
  return total
}
/** A sum over bytes that hold their own checksum is all ones. */
function check(b: Buffer, what: string, total: number): void {
  let folded = total
  while (folded > 0xffff) folded = (folded & 0xffff) + (folded >>> 16)
  if (folded !== 0xffff) throw new Error(`the ${what} checksum is wrong: ${b.toString('hex')}`)
}
