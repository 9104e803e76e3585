/** bpf(2), as far as its programs look at sockets of the host; the rest is the real kernel's. */
import { bpf_prog_inode, cgroup_dir_inode } from '../fs/cgroup.ts'
import { BPF_PROG_ATTACH, BPF_PROG_DETACH, BPF_PROG_LOAD, type bpf_prog, bpf_attach_fds, bpf_prog_load } from '../kernel/bpf_cgroup.ts'
import { CAP_NET_ADMIN, CAP_SYS_ADMIN } from '../kernel/capability.ts'
import { capable, type task_struct } from '../kernel/task.ts'
import { EBADF, EINVAL, ENOENT, type Errno, EPERM, isErrno } from '../uapi/errno.ts'
import type { UserMemory } from './types.ts'

/** A file to be opened; 0: done; undefined: not the host's. */
export function sys_bpf(task: task_struct, cmd: number, attr: Uint8Array, memory: UserMemory): bpf_prog_inode | 0 | Errno | undefined {
  const view = new DataView(attr.buffer, attr.byteOffset, attr.length)
  if (cmd === BPF_PROG_LOAD) {
    const prog = bpf_prog_load(task, view, memory)
    return prog === undefined || isErrno(prog) ? prog : new bpf_prog_inode(prog)
  }
  if (cmd === BPF_PROG_ATTACH) return attach(task, view, prog_of)
  return cmd === BPF_PROG_DETACH ? attach(task, view, no_prog) : undefined
}
function prog_of(task: task_struct, fd: number): bpf_prog | Errno {
  const inode = task.files?.inode(fd)
  if (inode instanceof bpf_prog_inode) return inode.prog
  return isErrno(inode) ? EBADF : EINVAL
}
function no_prog(): undefined {
  return undefined
}
function attach(
  task: task_struct,
  attr: DataView,
  find: (task: task_struct, fd: number) => bpf_prog | Errno | undefined,
): 0 | Errno | undefined {
  const fds = bpf_attach_fds(attr)
  const dir = fds && task.files?.inode(fds.target)
  if (fds === undefined || !(dir instanceof cgroup_dir_inode)) return undefined
  if (!capable(task, CAP_NET_ADMIN) && !capable(task, CAP_SYS_ADMIN)) return EPERM
  const prog = find(task, fds.prog)
  if (isErrno(prog)) return prog
  if (prog === undefined && dir.group.inet_sock_create === undefined) return ENOENT
  dir.group.inet_sock_create = prog
  return 0
}
