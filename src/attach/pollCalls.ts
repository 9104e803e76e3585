/**
 * poll(), select() and epoll: readiness is the real kernel's, by tokens in the pairs; but a pair cannot tell of an error or
 * of its own end, and programs that ask for a queue of errors (IP_RECVERR) look for POLLERR before they read it. So a poll()
 * that would find one is answered here, and every other call goes on to the real kernel, as soon as the tokens are right: what a program has
 * read from a mapped ring it has not told. DIVERGES: epoll sees such a socket readable, without EPOLLERR and EPOLLHUP.
 */
import { EFAULT, POLLERR, POLLHUP } from './abi.ts'
import type { Handlers } from './calls.ts'
import { AT_PAYLOAD, bytes, native } from './native.ts'
import { socketAt } from './socketCalls.ts'
import type { Call, Supervisor } from './supervisor.ts'
import { arg, CONTINUE, type Outcome } from './trap.ts'
import { VirtualSocket } from './virtualSocket.ts'

const AF_INET = 2
const AF_INET6 = 10
const AF_PACKET = 17
const SIZEOF_POLLFD = 8
const MOST = 1024

/** Both are told of without being asked for. */
const POLL_FAILED = POLLERR | POLLHUP

/** Whether an error waits, or a socket has ended; on the way, what is known of mapped rings is made what they say now. */
function hasErrors(call: Call): boolean {
  for (const described of call.process.descriptors.values()) {
    if (!(described instanceof VirtualSocket) || described.closed) continue
    const { family } = described
    if (described.mapped) described.refresh()
    if (family !== AF_INET && family !== AF_INET6 && family !== AF_PACKET) continue
    if (described.sys.sys_poll(described.sock) & POLL_FAILED) return true
  }
  return false
}

function poll(s: Supervisor, call: Call): Outcome {
  s.readinessMatters(call.process.attachment)
  const [at, count] = [arg(0), arg(1)]
  if (count === 0 || count > MOST || !hasErrors(call)) return CONTINUE
  if (native.read(call.trap.tid, at, count * SIZEOF_POLLFD, AT_PAYLOAD) < 0) return -EFAULT
  const asked = Buffer.from(bytes.subarray(AT_PAYLOAD, AT_PAYLOAD + count * SIZEOF_POLLFD))
  let ready = 0
  let failed = false
  for (let o = 0; o < asked.length; o += SIZEOF_POLLFD) {
    const fd = asked.readInt32LE(o)
    const socket = fd < 0 ? undefined : socketAt(s, call, fd)
    const wanted = asked.readUInt16LE(o + 4) | POLL_FAILED
    const mask = socket === undefined ? 0 : socket.sys.sys_poll(socket.sock) & wanted
    asked.writeUInt16LE(mask, o + 6)
    if (mask !== 0) ready++
    if (mask & POLL_FAILED) failed = true
  }
  if (!failed) return CONTINUE
  bytes.set(asked, AT_PAYLOAD)
  return native.write(call.trap.tid, at, asked.length, AT_PAYLOAD) < 0 ? -EFAULT : ready
}

/** An error makes it readable, as a token does. */
function select(s: Supervisor, call: Call): Outcome {
  s.readinessMatters(call.process.attachment)
  hasErrors(call)
  return CONTINUE
}

function epollCtl(s: Supervisor, call: Call): Outcome {
  s.readinessMatters(call.process.attachment)
  return CONTINUE
}

export const pollCalls: Handlers = { poll, ppoll: poll, select, pselect6: select, epoll_ctl: epollCtl }
