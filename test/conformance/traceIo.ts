/** What attach tells of an attached program's calls, in the form in which the oracle's recorder writes them. */
import type { TraceAddress, TraceEvent, TraceIoctl, TraceReceive, TraceSend, TraceSocketBase } from '../../src/attach/trace.ts'
import { hex } from '../../src/lib/bytes.ts'
import { ENOTTY } from '../../src/uapi/errno.ts'
import { AF_NETLINK } from '../../src/uapi/linux/socket.ts'
import type { Io } from '../oracle/recordings.ts'
import { structSize } from './ioctlSizes.ts'

/** Smaller arguments of an ioctl are values, not addresses. */
const LOWEST_ADDRESS = 4096

/** The recorder's entry for an event at `t` ms, or undefined when it does not look at such calls. */
export function traceToIo(event: TraceEvent, t: number): Io | undefined {
  const { pid } = event
  switch (event.kind) {
    case 'exec':
      return { t, k: 'exec', pid, argv: event.argv }
    case 'socket':
      return { t, k: 'socket', pid, family: event.family, type: event.type, proto: event.proto, ret: event.ret }
    case 'bind':
    case 'connect':
      return { t, k: event.kind, pid, ...socketFields(event), addr: hex(event.addr) }
    case 'getsockname':
      return event.family === AF_NETLINK ? { t, k: 'getsockname', pid, fd: event.fd, ret: event.ret, addr: hex(event.addr) } : undefined
    case 'setsockopt':
      if (event.family !== AF_NETLINK) return undefined
      return {
        t,
        k: 'setsockopt',
        pid,
        fd: event.fd,
        level: event.level,
        opt: event.opt,
        ret: event.ret,
        val: hex(event.val.subarray(0, 64)),
      }
    case 'send':
      return { t, k: 'send', pid, ...socketFields(event), flags: event.flags, hex: hex(event.data) }
    case 'recv':
    case 'peek':
      return receive(event, t)
    case 'ioctl_in':
    case 'ioctl':
      return ioctl(event, t)
    case 'open':
      // which descriptor a real file got is not told, and not compared
      return isRecordedPath(event.path) ? { t, k: 'open', pid, path: event.path, flags: event.flags, ret: event.ret ?? 3 } : undefined
    case 'read':
    case 'write':
      if (!isRecordedPath(event.path)) return undefined
      return {
        t,
        k: event.kind,
        pid,
        path: event.path,
        ret: event.ret,
        text: event.data.length > 0 ? Buffer.from(event.data).toString('latin1') : undefined,
      }
    case 'getpeername':
      return undefined
  }
}

function socketFields(event: TraceSocketBase | TraceAddress | TraceSend): {
  family: number
  type: number
  proto: number
  fd: number
  ret: number
} {
  return { family: event.family, type: event.type, proto: event.proto, fd: event.fd, ret: event.ret }
}

function receive(event: TraceReceive, t: number): Io {
  const bytes = event.kind === 'recv' && event.ret > 0 ? hex(event.data) : undefined
  return { t, k: event.kind, pid: event.pid, ...socketFields(event), flags: event.flags, msg_flags: event.msgFlags, hex: bytes }
}

function ioctl(event: TraceIoctl, t: number): Io {
  const { pid, fd, path } = event
  const struct = event.struct.length > 0 ? hex(event.struct.subarray(0, structSize(event.request))) : ''
  const data = event.data && hex(event.data)
  const req = `0x${event.request.toString(16)}`
  const pointer = event.arg > LOWEST_ADDRESS
  if (event.kind === 'ioctl_in')
    return { t, k: 'ioctl_in', pid, fd, req, path, ...(pointer ? { arg: struct, arg_data: data } : { val: event.arg }) }
  return { t, k: 'ioctl', pid, fd, req, ret: event.ret ?? -ENOTTY.code, ...(pointer ? { out: struct, out_data: data } : {}) }
}

/** Files that the recorder looks at. */
function isRecordedPath(path: string): boolean {
  if (path.startsWith('/proc/self/') && !path.includes('/net')) return false
  return /^(\/proc\/|\/sys\/|\/dev\/net|\/(var\/)?run\/netns)/.test(path)
}
