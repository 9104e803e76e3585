/** net/core/filter.c: classic BPF on sockets (SO_ATTACH_FILTER): checking at attach, running on each message. */
import { get16, get32, getBe16, getBe32 } from '../lib/bytes.ts'
import { EINVAL, type Errno } from '../uapi/errno.ts'
import type { sk_buff } from './core/skbuff.ts'
import { SKF_AD, SKF_AD_MAX, skb_ancillary } from './sockopt_filter_skb.ts'

export const BPF_MAXINSNS = 4096
const BPF_MEMWORDS = 16

/** The program as struct sock_filter lays it out: code, jt, jf, k. */
export class sk_filter {
  readonly code: Uint16Array
  readonly jt: Uint8Array
  readonly jf: Uint8Array
  readonly k: Uint32Array
  constructor(insns: Uint8Array) {
    const n = insns.length >> 3
    this.code = new Uint16Array(n)
    this.jt = new Uint8Array(n)
    this.jf = new Uint8Array(n)
    this.k = new Uint32Array(n)
    for (let i = 0; i < n; i++) {
      this.code[i] = get16(insns, i * 8)
      this.jt[i] = insns[i * 8 + 2]
      this.jf[i] = insns[i * 8 + 3]
      this.k[i] = get32(insns, i * 8 + 4)
    }
  }
}

const LD = 0
const LDX = 1
const ST = 2
const STX = 3
const ALU = 4
const JMP = 5
const RET = 6
const MISC = 7

/** Every opcode that bpf_check_classic() knows. */
const known = new Set([
  0x00, 0x20, 0x28, 0x30, 0x40, 0x48, 0x50, 0x60, 0x80, 0x01, 0x61, 0x81, 0xb1, 0x02, 0x03, 0x04, 0x0c, 0x14, 0x1c, 0x24, 0x2c, 0x34, 0x3c,
  0x44, 0x4c, 0x54, 0x5c, 0x64, 0x6c, 0x74, 0x7c, 0x84, 0x94, 0x9c, 0xa4, 0xac, 0x05, 0x15, 0x1d, 0x25, 0x2d, 0x35, 0x3d, 0x45, 0x4d, 0x06,
  0x16, 0x07, 0x87,
])

/** bpf_check_classic(): known opcodes, jumps inside, no constant division by zero, memory in range, a return at the end. */
export function sk_filter_make(insns: Uint8Array): sk_filter | Errno {
  const n = insns.length >> 3
  if (n === 0 || n > BPF_MAXINSNS || insns.length % 8 !== 0) return EINVAL
  const f = new sk_filter(insns)
  for (let pc = 0; pc < n; pc++) if (!insn_valid(f, pc, n)) return EINVAL
  return (f.code[n - 1] & 7) === RET && stores_before_loads(f) ? f : EINVAL
}

/** check_load_and_stores(): no way leads to a load of a memory word that was not stored before. */
function stores_before_loads(f: sk_filter): boolean {
  const masks = new Uint16Array(f.code.length).fill(0xffff)
  let valid = 0
  for (let pc = 0; pc < f.code.length; pc++) {
    valid &= masks[pc]
    const code = f.code[pc]
    const cls = code & 7
    if (cls === ST || cls === STX) valid |= 1 << f.k[pc]
    else if (code === 0x60 || code === 0x61) {
      if (!(valid & (1 << f.k[pc]))) return false
    } else if (code === 0x05) {
      masks[pc + 1 + f.k[pc]] &= valid
      valid = 0xffff
    } else if (cls === JMP) {
      masks[pc + 1 + f.jt[pc]] &= valid
      masks[pc + 1 + f.jf[pc]] &= valid
      valid = 0xffff
    }
  }
  return true
}

function insn_valid(f: sk_filter, pc: number, n: number): boolean {
  const code = f.code[pc]
  const k = f.k[pc]
  if (!known.has(code)) return false
  const cls = code & 7
  if (cls === ALU) {
    if ((code === 0x34 || code === 0x94) && k === 0) return false
    return !((code === 0x64 || code === 0x74) && k >= 32)
  }
  if (code === 0x60 || code === 0x61 || cls === ST || cls === STX) return k < BPF_MEMWORDS
  if (code === 0x05) return k < n - pc - 1
  if (code === 0x20 || code === 0x28 || code === 0x30) return k < SKF_AD_OFF >>> 0 || known_ancillary((k | 0) - SKF_AD_OFF)
  if (cls === JMP) return pc + f.jt[pc] + 1 < n && pc + f.jf[pc] + 1 < n
  return true
}

/** SKF_AD_OFF: negative offsets read what the kernel knows about the packet. */
const SKF_AD_OFF = -0x1000
/** SKF_NET_OFF, SKF_LL_OFF: offsets from the network's and from the link's header. */
const SKF_NET_OFF = -0x100000
const SKF_LL_OFF = -0x200000

function known_ancillary(what: number): boolean {
  return what < SKF_AD_MAX && what % 4 === 0
}

interface machine {
  a: number
  x: number
  mem: Uint32Array
  data: Uint8Array
  /** skb->protocol, as SKF_AD_PROTOCOL shows it. */
  protocol: number
  /** What is known of a packet beside its bytes; undefined: a message. */
  skb: sk_buff | undefined
}

/** Bytes to keep of `data`, 0: drop it. A load outside ends the program with 0. */
export function sk_filter_run(f: sk_filter, data: Uint8Array, protocol: number, skb?: sk_buff): number {
  const m: machine = { a: 0, x: 0, mem: new Uint32Array(BPF_MEMWORDS), data, protocol, skb }
  for (let pc = 0; pc < f.code.length; pc++) {
    const code = f.code[pc]
    const k = f.k[pc]
    switch (code & 7) {
      case LD:
      case LDX:
        if (!load(m, code, k)) return 0
        break
      case ST:
        m.mem[k] = m.a
        break
      case STX:
        m.mem[k] = m.x
        break
      case ALU:
        if (!alu(m, code, code & 8 ? m.x : k)) return 0
        break
      case JMP:
        pc += jump(m, code, k, f.jt[pc], f.jf[pc])
        break
      case RET:
        return code === 0x16 ? m.a : k
      default:
        if (code === MISC) m.x = m.a
        else m.a = m.x
    }
  }
  return 0
}

function load(m: machine, code: number, k: number): boolean {
  switch (code) {
    case 0x00:
      m.a = k
      return true
    case 0x01:
      m.x = k
      return true
    case 0x60:
      m.a = m.mem[k]
      return true
    case 0x61:
      m.x = m.mem[k]
      return true
    case 0x80:
      m.a = m.data.length
      return true
    case 0x81:
      m.x = m.data.length
      return true
    case 0xb1: {
      const v = fetch_bytes(m, k | 0, 1)
      if (v === undefined) return false
      m.x = (v & 15) << 2
      return true
    }
    default: {
      const size = code & 0x18 ? ((code & 0x18) === 0x08 ? 2 : 1) : 4
      const indirect = (code & 0xe0) === 0x40
      const at = indirect ? (m.x + k) | 0 : k | 0
      const v = !indirect && at < 0 && at >= SKF_AD_OFF ? ancillary(m, at - SKF_AD_OFF) : fetch_bytes(m, at, size)
      if (v === undefined) return false
      m.a = v
      return true
    }
  }
}

function fetch_bytes(m: machine, at: number, size: number): number | undefined {
  if (at < 0) return m.skb === undefined ? undefined : fetch_header(m.skb, at, size)
  if (at + size > m.data.length) return undefined
  return word(m.data, at, size)
}
function word(b: Uint8Array, at: number, size: number): number {
  return size === 4 ? getBe32(b, at) : size === 2 ? getBe16(b, at) : b[at]
}
/** bpf_internal_load_pointer_neg_helper() */
function fetch_header(skb: sk_buff, k: number, size: number): number | undefined {
  let at = -1
  if (k >= SKF_NET_OFF) at = skb.network_header + k - SKF_NET_OFF
  else if (k >= SKF_LL_OFF && skb.mac_header >= 0) at = skb.mac_header + k - SKF_LL_OFF
  return at < 0 || at + size > skb.tail ? undefined : word(skb.buf, at, size)
}

/** SKF_AD_*: of a message the most reads as zero; undefined ends the program. */
function ancillary(m: machine, what: number): number | undefined {
  switch (what) {
    case SKF_AD.PROTOCOL:
      return m.protocol
    case SKF_AD.NLATTR:
      return find_nlattr(m, m.a, m.data.length, m.x)
    case SKF_AD.NLATTR_NEST: {
      if (m.a + 4 > m.data.length) return 0
      const len = get16(m.data, m.a)
      return len > m.data.length - m.a ? 0 : find_nlattr(m, m.a + 4, m.a + len, m.x)
    }
    case SKF_AD.ALU_XOR_X:
      return (m.a ^ m.x) >>> 0
    default:
      return m.skb === undefined ? 0 : skb_ancillary(m.skb, what)
  }
}

/** SKF_AD_NLATTR: offset of the attribute of type `type` from `at` on, 0: none. */
function find_nlattr(m: machine, at: number, end: number, type: number): number {
  for (let o = at; o + 4 <= end; ) {
    const len = get16(m.data, o)
    if (len < 4 || len > end - o) return 0
    if ((get16(m.data, o + 2) & 0x3fff) === type) return o
    o += (len + 3) & ~3
  }
  return 0
}

/** False: division by zero, which ends the program with 0. */
function alu(m: machine, code: number, v: number): boolean {
  switch (code & 0xf0) {
    case 0x00:
      m.a = (m.a + v) >>> 0
      break
    case 0x10:
      m.a = (m.a - v) >>> 0
      break
    case 0x20:
      m.a = Math.imul(m.a, v) >>> 0
      break
    case 0x30:
      if (v === 0) return false
      m.a = Math.floor(m.a / v)
      break
    case 0x40:
      m.a = (m.a | v) >>> 0
      break
    case 0x50:
      m.a = (m.a & v) >>> 0
      break
    case 0x60:
      m.a = (m.a << (v & 31)) >>> 0
      break
    case 0x70:
      m.a >>>= v & 31
      break
    case 0x80:
      m.a = -m.a >>> 0
      break
    case 0x90:
      if (v === 0) return false
      m.a %= v
      break
    default:
      m.a = (m.a ^ v) >>> 0
  }
  return true
}

function jump(m: machine, code: number, k: number, jt: number, jf: number): number {
  if (code === 0x05) return k
  const v = code & 8 ? m.x : k
  switch (code & 0xf0) {
    case 0x10:
      return m.a === v ? jt : jf
    case 0x20:
      return m.a > v ? jt : jf
    case 0x30:
      return m.a >= v ? jt : jf
    default:
      return (m.a & v) !== 0 ? jt : jf
  }
}
