/** net/core/sock.c sock_setsockopt, sock_getsockopt: the options of SOL_SOCKET. */
import { type Errno, ENOPROTOOPT } from '../uapi/errno.ts'
import type { task_struct } from '../kernel/task.ts'
import type { socket } from './socket.ts'
export function sock_setsockopt(_sock: socket, _optname: number, _optval: Uint8Array, _task: task_struct): Errno | undefined {
  return ENOPROTOOPT
}
export function sock_getsockopt(_sock: socket, _optname: number, _optlen: number, _task: task_struct): Uint8Array | Errno {
  return ENOPROTOOPT
}
