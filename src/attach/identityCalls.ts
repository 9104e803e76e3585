/**
 * Calls that tell or change who a process is. They act on its virtual credentials, which decide EPERM on the host.
 * Where the process is really root outside, set*id() is also let through, so that files look right to it afterwards.
 */
import { readFileSync } from 'node:fs'
import { EFAULT, EINVAL } from './abi.ts'
import type { Handlers } from './calls.ts'
import {
  CAP_SETGID,
  CAP_SETUID,
  type CapabilitySets,
  type Credentials,
  type IdCall,
  type Ids,
  prctl,
  setCapabilities,
  setGroups,
  setIds,
} from './credentials.ts'
import { AT_PAYLOAD, bytes, native } from './native.ts'
import type { Call, Supervisor } from './supervisor.ts'
import { arg, CONTINUE, intArg, type Outcome } from './trap.ts'

const CAP_SYS_PTRACE = 19
const PR_SET_KEEPCAPS = 8

/** Capabilities outside. */
export function realCapabilities(pid: number | 'self', set: 'CapEff' | 'CapPrm' = 'CapEff'): bigint {
  const found = new RegExp(`^${set}:\\s+([0-9a-f]+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'latin1'))
  return found === null ? 0n : BigInt(`0x${found[1]}`)
}

const hasBit = (set: bigint, capability: number): boolean => ((set >> BigInt(capability)) & 1n) === 1n

/** Whether we could still serve a process that is another user outside. */
const mayFollowAnyone = hasBit(realCapabilities('self'), CAP_SYS_PTRACE)

/** Whether an allowed change is made outside too. Not where it would fail: capset() is virtual, so a process may have more here. */
function changesForReal(call: Call, capability: number): boolean {
  if (call.process.attachment.outsideUid !== 0 || !mayFollowAnyone) return false
  return hasBit(realCapabilities(call.trap.tid), capability)
}

function changed(call: Call, next: Credentials | number, really: boolean): Outcome {
  if (typeof next === 'number') return next
  call.process.setCredentials(next)
  return really ? CONTINUE : 0
}

function setter(name: IdCall): (s: Supervisor, call: Call) => Outcome {
  return (_s, call) =>
    changed(
      call,
      setIds(call.process.credentials, name, [intArg(0), intArg(1), intArg(2)]),
      changesForReal(call, name.endsWith('gid') ? CAP_SETGID : CAP_SETUID),
    )
}

function setgroups(_s: Supervisor, call: Call): Outcome {
  const count = intArg(0)
  if (count < 0 || count > 65536) return -EINVAL
  if (native.read(call.trap.tid, arg(1), count * 4, AT_PAYLOAD) < 0) return -EFAULT
  const groups = Array.from({ length: count }, (_, i) => bytes.readUInt32LE(AT_PAYLOAD + 4 * i))
  return changed(call, setGroups(call.process.credentials, groups), changesForReal(call, CAP_SETGID))
}

function getgroups(_s: Supervisor, call: Call): Outcome {
  const { groups } = call.process.credentials
  const room = intArg(0)
  if (room === 0) return groups.length
  if (room < groups.length) return -EINVAL
  groups.forEach((group, i) => bytes.writeUInt32LE(group, AT_PAYLOAD + 4 * i))
  return native.write(call.trap.tid, arg(1), groups.length * 4, AT_PAYLOAD) < 0 ? -EFAULT : groups.length
}

function threeIds(of: 'uid' | 'gid'): (s: Supervisor, call: Call) => Outcome {
  return (_s, call) => {
    const ids: Ids = call.process.credentials[of]
    for (const [i, id] of [ids.r, ids.e, ids.s].entries()) {
      bytes.writeUInt32LE(id, AT_PAYLOAD)
      if (native.write(call.trap.tid, arg(i), 4, AT_PAYLOAD) < 0) return -EFAULT
    }
    return 0
  }
}

/** _LINUX_CAPABILITY_VERSION_1 to _3, and how many words each set has. */
const VERSIONS = new Map([
  [0x19980330, 1],
  [0x20071026, 2],
  [0x20080522, 2],
])
const NEWEST = 0x20080522

/** The header of capget() and capset(): words per set and pid, or -errno. */
function capabilityHeader(call: Call): { words: number; pid: number } | number {
  if (native.read(call.trap.tid, arg(0), 8, AT_PAYLOAD) < 0) return -EFAULT
  const words = VERSIONS.get(bytes.readUInt32LE(AT_PAYLOAD))
  const pid = bytes.readInt32LE(AT_PAYLOAD + 4)
  if (words !== undefined) return { words, pid }
  bytes.writeUInt32LE(NEWEST, AT_PAYLOAD)
  if (native.write(call.trap.tid, arg(0), 4, AT_PAYLOAD) < 0) return -EFAULT
  return arg(1) === 0 ? 0 : -EINVAL
}

function capget(s: Supervisor, call: Call): Outcome {
  const header = capabilityHeader(call)
  if (typeof header === 'number') return header
  if (arg(1) === 0) return 0
  const process = header.pid === 0 ? call.process : s.processes.byPid(header.pid)
  if (process === undefined) return CONTINUE
  const { effective, permitted, inheritable } = process.credentials
  for (let i = 0; i < header.words; i++) {
    for (const [j, set] of [effective, permitted, inheritable].entries()) {
      bytes.writeUInt32LE(Number((set >> BigInt(32 * i)) & 0xffffffffn), AT_PAYLOAD + 12 * i + 4 * j)
    }
  }
  return native.write(call.trap.tid, arg(1), 12 * header.words, AT_PAYLOAD) < 0 ? -EFAULT : 0
}

function capset(_s: Supervisor, call: Call): Outcome {
  const header = capabilityHeader(call)
  if (typeof header === 'number') return header
  if (header.pid !== 0 && header.pid !== call.process.pid) return -1 // EPERM
  if (native.read(call.trap.tid, arg(1), 12 * header.words, AT_PAYLOAD) < 0) return -EFAULT
  const set = (j: number): bigint => {
    let value = 0n
    for (let i = 0; i < header.words; i++) value |= BigInt(bytes.readUInt32LE(AT_PAYLOAD + 12 * i + 4 * j)) << BigInt(32 * i)
    return value
  }
  const sets: CapabilitySets = { effective: set(0), permitted: set(1), inheritable: set(2) }
  // Also outside, where the process has them: what is done next may need what is made effective here.
  const mine = realCapabilities(call.trap.tid, 'CapPrm')
  const really = mayFollowAnyone && call.process.attachment.outsideUid === 0 && ((sets.permitted | sets.inheritable) & ~mine) === 0n
  return changed(call, setCapabilities(call.process.credentials, sets), really)
}

function prctlCall(_s: Supervisor, call: Call): Outcome {
  const next = prctl(call.process.credentials, intArg(0), arg(1), arg(2))
  return changed(call, next, intArg(0) === PR_SET_KEEPCAPS && mayFollowAnyone)
}

export const identityCalls: Handlers = {
  setuid: setter('setuid'),
  setgid: setter('setgid'),
  setreuid: setter('setreuid'),
  setregid: setter('setregid'),
  setresuid: setter('setresuid'),
  setresgid: setter('setresgid'),
  setgroups,
  getgroups,
  getuid: (_s, call) => call.process.credentials.uid.r,
  geteuid: (_s, call) => call.process.credentials.uid.e,
  getgid: (_s, call) => call.process.credentials.gid.r,
  getegid: (_s, call) => call.process.credentials.gid.e,
  getresuid: threeIds('uid'),
  getresgid: threeIds('gid'),
  capget,
  capset,
  prctl: prctlCall,
}
