/**
 * kernel/bpf/cgroup.c and the bpf(2) calls that lead to it: programs of the type BPF_PROG_TYPE_CGROUP_SOCK, which are run
 * for each new IPv4 and IPv6 socket of a control group's processes and may set its device, mark and priority. Those that do
 * just that, without branches or helpers, are executed (that is what `ip vrf exec` makes); others are refused.
 */
import type { sock } from '../net/sock.ts'
import type { UserMemory } from '../syscalls/types.ts'
import { EACCES, EFAULT, EINVAL, type Errno, EPERM, isErrno } from '../uapi/errno.ts'
import { CAP_BPF, CAP_NET_ADMIN, CAP_SYS_ADMIN } from './capability.ts'
import { CGROUP_ROOT, type cgroup, cgroup_parent } from './cgroup.ts'
import { capable, type task_struct } from './task.ts'

export const BPF_PROG_LOAD = 5
export const BPF_PROG_ATTACH = 8
export const BPF_PROG_DETACH = 9
export const BPF_PROG_TYPE_CGROUP_SOCK = 9
export const BPF_CGROUP_INET_SOCK_CREATE = 2

// union bpf_attr
const PROG_TYPE = 0
const INSN_CNT = 4
const INSNS = 8
const TARGET_FD = 0
const ATTACH_BPF_FD = 4
const ATTACH_TYPE = 8

// struct bpf_insn, and the instructions that are executed
const INSN_SIZE = 8
const BPF_MAXINSNS = 4096
const MOV32_IMM = 0xb4
const MOV64_IMM = 0xb7
const MOV64_REG = 0xbf
const STX_MEM_W = 0x63
const EXIT = 0x95
/** In a register: the program's argument, struct bpf_sock. */
const CONTEXT = -1
/** struct bpf_sock: which of its fields may be written, and where they are. */
const BOUND_DEV_IF = 0
const MARK = 16
const PRIORITY = 20

export class bpf_prog {
  readonly insns: Uint8Array
  constructor(insns: Uint8Array) {
    this.insns = insns
  }
}

/** BPF_PROG_LOAD; undefined: a program of another type. */
export function bpf_prog_load(task: task_struct, attr: DataView, memory: UserMemory): bpf_prog | Errno | undefined {
  if (attr.byteLength < INSNS + 8 || attr.getUint32(PROG_TYPE, true) !== BPF_PROG_TYPE_CGROUP_SOCK) return undefined
  if (!capable(task, CAP_SYS_ADMIN) && !(capable(task, CAP_BPF) && capable(task, CAP_NET_ADMIN))) return EPERM
  const count = attr.getUint32(INSN_CNT, true)
  if (count === 0 || count > BPF_MAXINSNS) return EINVAL
  const insns = memory.read(Number(attr.getBigUint64(INSNS, true)), count * INSN_SIZE)
  if (isErrno(insns)) return EFAULT
  const prog = new bpf_prog(insns)
  const verdict = run(prog, { sk_bound_dev_if: 0, sk_mark: 0, sk_priority: 0 })
  if (typeof verdict === 'number') return prog
  task.kernel.unsupported.count('bpf', 'instructions of a program for sockets')
  return verdict
}

type Fields = Pick<sock, 'sk_bound_dev_if' | 'sk_mark' | 'sk_priority'>

/** The program's answer, 1: the socket may be; EINVAL: an instruction that is not known, EACCES: a field that is not to be written. */
function run(prog: bpf_prog, sk: Fields): number | Errno {
  const view = new DataView(prog.insns.buffer, prog.insns.byteOffset, prog.insns.length)
  const regs = new Array<number>(16).fill(0)
  regs[1] = CONTEXT
  for (let at = 0; at < view.byteLength; at += INSN_SIZE) {
    const code = view.getUint8(at)
    const dst = view.getUint8(at + 1) & 15
    const src = view.getUint8(at + 1) >> 4
    if (code === EXIT) return regs[0]
    if (code === MOV32_IMM || code === MOV64_IMM) regs[dst] = view.getInt32(at + 4, true)
    else if (code === MOV64_REG) regs[dst] = regs[src]
    else if (code !== STX_MEM_W || regs[dst] !== CONTEXT) return EINVAL
    else if (!store(sk, view.getInt16(at + 2, true), regs[src])) return EACCES
  }
  return EINVAL
}
function store(sk: Fields, field: number, value: number): boolean {
  if (field === BOUND_DEV_IF) sk.sk_bound_dev_if = value
  else if (field === MARK) sk.sk_mark = value >>> 0
  else if (field === PRIORITY) sk.sk_priority = value >>> 0
  else return false
  return true
}

/** Of BPF_PROG_ATTACH and BPF_PROG_DETACH: the descriptors of the group and of the program; undefined: another kind of place. */
export function bpf_attach_fds(attr: DataView): { target: number; prog: number } | undefined {
  if (attr.byteLength < ATTACH_TYPE + 4 || attr.getUint32(ATTACH_TYPE, true) !== BPF_CGROUP_INET_SOCK_CREATE) return undefined
  return { target: attr.getInt32(TARGET_FD, true), prog: attr.getInt32(ATTACH_BPF_FD, true) }
}

/** The program of the group, or of the nearest one above that has one. */
function effective(groups: Map<string, cgroup>, path: string): bpf_prog | undefined {
  for (let at = path; ; at = cgroup_parent(at)) {
    const prog = groups.get(at)?.inet_sock_create
    if (prog !== undefined || at === CGROUP_ROOT) return prog
  }
}
/** BPF_CGROUP_RUN_PROG_INET_SOCK(): EPERM when the program answers 0. */
export function cgroup_bpf_run_inet_sock(task: task_struct, sk: sock): Errno | undefined {
  const { groups } = task.kernel.cgroups
  if (task.cgroup === CGROUP_ROOT && groups.get(CGROUP_ROOT)?.inet_sock_create === undefined) return undefined
  const prog = effective(groups, task.cgroup)
  return prog === undefined || run(prog, sk) === 1 ? undefined : EPERM
}
