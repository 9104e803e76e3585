/** net/ethtool/ioctl.c: one request of SIOCETHTOOL: a device, and a structure in the program's memory that begins with the command. */
import { get32, put32 } from '../../lib/bytes.ts'
import type { UserMemory } from '../../syscalls/types.ts'
import { EFAULT, type Errno, isErrno } from '../../uapi/errno.ts'
import type { ethtool_ops } from '../core/ethtool_ops.ts'
import type { net_device } from '../core/netdevice.ts'

export interface ethtool_call {
  readonly dev: net_device
  readonly ops: ethtool_ops
  readonly cmd: number
  readonly memory: UserMemory
  /** Where the structure is. */
  readonly addr: number
}
export type ethtool_handler = (call: ethtool_call) => number | Errno | undefined

/** copy_from_user() and copy_to_user(), from an offset in the structure. */
export function read_user({ memory, addr }: ethtool_call, length: number, offset = 0): Uint8Array | Errno {
  const bytes = memory.read(addr + offset, length)
  return isErrno(bytes) ? EFAULT : bytes
}
export function write_user({ memory, addr }: ethtool_call, bytes: Uint8Array, offset = 0): Errno | undefined {
  return isErrno(memory.write(addr + offset, bytes)) ? EFAULT : undefined
}
/** A structure of numbers of 32 bits, the command first. */
export function write_words(call: ethtool_call, words: readonly number[], cmd = call.cmd): Errno | undefined {
  const bytes = new Uint8Array(4 + 4 * words.length)
  put32(bytes, 0, cmd)
  for (const [i, word] of words.entries()) put32(bytes, 4 + 4 * i, word)
  return write_user(call, bytes)
}
/** The numbers behind the command. */
export function read_words(call: ethtool_call, count: number): number[] | Errno {
  const bytes = read_user(call, 4 + 4 * count)
  return isErrno(bytes) ? bytes : Array.from({ length: count }, (_, i) => get32(bytes, 4 + 4 * i))
}
