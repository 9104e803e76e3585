/** NETDOUBLE_DEBUG: what hosts do, on standard error. `nl` shows every netlink message, taken apart and boxed. */
import type { Kernel } from '../kernel/kernel.ts'
import { NSEC_PER_SEC } from '../kernel/time.ts'
import type { tracepoints } from '../kernel/trace.ts'
import type { Lab } from '../lab/lab.ts'
import { dumpMessage } from '../uapi/messages.ts'

/** The parts of NETDOUBLE_DEBUG, separated by commas. */
export function debugParts(env: Record<string, string | undefined> = process.env): string[] {
  return (env.NETDOUBLE_DEBUG ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

export function debugTracepoints(write: (text: string) => void): tracepoints {
  const show = (kernel: Kernel, what: string, protocol: number, data: Uint8Array) => {
    const at = (kernel.now() / NSEC_PER_SEC).toFixed(6)
    write(`${at} ${kernel.params.hostname} ${what} (protocol ${protocol})\n${dumpMessage(protocol, data)}\n`)
  }
  return {
    netlink_request: (kernel, _net, protocol, portid, data) => show(kernel, `request from ${portid}`, protocol, data),
    netlink_reply: (kernel, _net, protocol, portid, data) => show(kernel, `reply to ${portid}`, protocol, data),
    netlink_multicast: (kernel, _net, protocol, group, _portid, data) => show(kernel, `multicast to group ${group}`, protocol, data),
  }
}

/** Switches on what the environment asks for, for all hosts of a lab. */
export function debugLab(lab: Lab): Lab {
  if (!debugParts().includes('nl')) return lab
  for (const host of lab.hosts.values()) host.observe(debugTracepoints((text) => process.stderr.write(text)))
  return lab
}
