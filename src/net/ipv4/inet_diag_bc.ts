/** net/ipv4/inet_diag.c: the filters of ss: steps that go on here when a socket fits and there when it does not. */
import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import { get16, get32, get64 } from '../../lib/bytes.ts'
import { EINVAL, EPERM, type Errno } from '../../uapi/errno.ts'
import * as D from '../../uapi/linux/sock_diag.ts'
import { AF_INET, AF_INET6, AF_UNSPEC } from '../../uapi/linux/socket.ts'
import { netlink_net_capable } from '../netlink/af_netlink.ts'
import type { Request } from '../netlink/types.ts'
import { inet_diag_addr } from './inet_diag_fill.ts'
import type { inet_sock } from './inet_sock.ts'

/** struct inet_diag_bc_op: code, where to go on by yes and by no. */
const OP = 4
/** struct inet_diag_hostcond in front of its address: family, prefix length, port (-1: any). */
const HOSTCOND = 8
const ADDRESS_LENGTHS: ReadonlyMap<number, number> = new Map([
  [AF_UNSPEC, 0],
  [AF_INET, 4],
  [AF_INET6, 16],
])

/** Bytes that a step takes with what stands behind it; -1: that is not all there, or nonsense. */
function step_length(code: Uint8Array, at: number): number {
  const left = code.length - at
  const whole = (length: number) => (left < OP + length ? -1 : OP + length)
  switch (code[at]) {
    case D.INET_DIAG_BC_S_COND:
    case D.INET_DIAG_BC_D_COND: {
      if (whole(HOSTCOND) < 0) return -1
      const address = ADDRESS_LENGTHS.get(code[at + OP])
      return address === undefined || code[at + OP + 1] > 8 * address ? -1 : whole(HOSTCOND + address)
    }
    case D.INET_DIAG_BC_MARK_COND:
    case D.INET_DIAG_BC_CGROUP_COND:
      return whole(8)
    case D.INET_DIAG_BC_NOP:
    case D.INET_DIAG_BC_JMP:
    case D.INET_DIAG_BC_AUTO:
      return OP
    default:
      return code[at] > D.INET_DIAG_BC_CGROUP_COND ? -1 : whole(4)
  }
}
/** valid_cc(): whether a step begins at `target`, going on from step to step by yes. */
function is_step(code: Uint8Array, target: number): boolean {
  let at = 0
  while (at < target) {
    const yes = code[at + 1]
    if (yes < OP || yes & 3) return false
    at += yes
  }
  return at === target
}

/** inet_diag_bc_audit(): whether each step is whole and leads to another, or to the end. EPERM: marks are for CAP_NET_ADMIN. */
export function inet_diag_bc_audit(req: Request, code: Uint8Array): Errno | undefined {
  if (code.length < OP) return EINVAL
  let at = 0
  while (at < code.length) {
    const [op, yes, no] = [code[at], code[at + 1], get16(code, at + 2)]
    if (op === D.INET_DIAG_BC_MARK_COND && !netlink_net_capable(req, req.task, CAP_NET_ADMIN)) return EPERM
    const length = step_length(code, at)
    const left = code.length - at
    const leads = (to: number) => to >= length && to <= left + 4 && (to & 3) === 0
    if (length < 0 || !leads(yes)) return EINVAL
    if (op !== D.INET_DIAG_BC_NOP && (!leads(no) || (no < left && !is_step(code, at + no)))) return EINVAL
    at += yes
  }
  return at === code.length ? undefined : EINVAL
}

const MAPPED = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff)

/** bitstring_match() */
function prefix_equal(a: Uint8Array, b: Uint8Array, bits: number): boolean {
  for (let bit = 0; bit < bits; bit += 8) {
    const mask = bits - bit >= 8 ? 0xff : (0xff00 >> (bits - bit)) & 0xff
    if (((a[bit >> 3] ^ b[bit >> 3]) & mask) !== 0) return false
  }
  return true
}
function host_matches(code: Uint8Array, at: number, sk: inet_sock, local: boolean): boolean {
  const [family, prefix] = [code[at], code[at + 1]]
  const port = get32(code, at + 4) | 0
  if (port !== -1 && port !== (local ? sk.inet_num : sk.inet_dport)) return false
  const address = inet_diag_addr(sk, local)
  const wanted = code.subarray(at + HOSTCOND)
  if (family === AF_UNSPEC || family === sk.sk_family) return prefix_equal(address, wanted, prefix)
  const mapped = sk.sk_family === AF_INET6 && family === AF_INET && prefix_equal(address, MAPPED, 96)
  return mapped && prefix_equal(address.subarray(12), wanted, prefix)
}

function fits(code: Uint8Array, at: number, sk: inet_sock): boolean {
  const behind = at + OP
  const port = get16(code, at + 6) // where comparisons of ports have theirs
  switch (code[at]) {
    case D.INET_DIAG_BC_JMP:
      return false
    case D.INET_DIAG_BC_S_EQ:
      return sk.inet_num === port
    case D.INET_DIAG_BC_S_GE:
      return sk.inet_num >= port
    case D.INET_DIAG_BC_S_LE:
      return sk.inet_num <= port
    case D.INET_DIAG_BC_D_EQ:
      return sk.inet_dport === port
    case D.INET_DIAG_BC_D_GE:
      return sk.inet_dport >= port
    case D.INET_DIAG_BC_D_LE:
      return sk.inet_dport <= port
    case D.INET_DIAG_BC_AUTO:
      return !sk.bindport_lock
    case D.INET_DIAG_BC_S_COND:
    case D.INET_DIAG_BC_D_COND:
      return host_matches(code, behind, sk, code[at] === D.INET_DIAG_BC_S_COND)
    case D.INET_DIAG_BC_DEV_COND:
      return get32(code, behind) === sk.sk_bound_dev_if
    case D.INET_DIAG_BC_MARK_COND:
      return (sk.sk_mark & get32(code, behind + 4)) >>> 0 === get32(code, behind)
    case D.INET_DIAG_BC_CGROUP_COND:
      return get64(code, behind) === sk.sk_cgroup_id
    default:
      return true
  }
}
/** inet_diag_bc_run(): behind the end is "no", the end itself is "yes". */
export function inet_diag_bc_run(code: Uint8Array, sk: inet_sock): boolean {
  let at = 0
  while (at < code.length) at += fits(code, at, sk) ? code[at + 1] : get16(code, at + 2)
  return at === code.length
}
