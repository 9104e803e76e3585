/** What the requests of /dev/net/tun and of /dev/tapN have in common. */
import type { task_struct } from '../../kernel/task.ts'
import { get32, put32 } from '../../lib/bytes.ts'
import type { UserMemory } from '../../syscalls/types.ts'
import { EFAULT, ENOTSOCK, type Errno, isErrno } from '../../uapi/errno.ts'

const IFREQ_SIZE = 40
export const IFNAMSIZ = 16

export interface tun_request {
  readonly task: task_struct
  readonly arg: number
  readonly memory: UserMemory
}
export function get_u32({ memory, arg }: tun_request): number | Errno {
  const bytes = memory.read(arg, 4)
  return isErrno(bytes) ? EFAULT : get32(bytes, 0)
}
export function give_u32({ memory, arg }: tun_request, value: number): Errno | undefined {
  const bytes = new Uint8Array(4)
  put32(bytes, 0, value >>> 0)
  return isErrno(memory.write(arg, bytes)) ? EFAULT : undefined
}
export function with_ifreq(r: tun_request, back: boolean, fn: (ifr: Uint8Array) => Errno | undefined): Errno | undefined {
  const ifr = r.memory.read(r.arg, IFREQ_SIZE)
  if (isErrno(ifr)) return EFAULT
  const error = fn(ifr)
  if (isErrno(error) || !back) return error
  return isErrno(r.memory.write(r.arg, ifr)) ? EFAULT : undefined
}
export function tun_chr_name(): Errno {
  return ENOTSOCK
}
