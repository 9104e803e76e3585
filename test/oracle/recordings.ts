/**
 * The recordings of a real Linux beside this file, and the form of a recording (README.md tells how they are made).
 * A replay is written in the same form, so that `compare` can judge it.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { inPackage } from '../place.ts'

interface IoBase {
  /** Milliseconds since the command began. */
  t: number
  pid: number
}
export interface IoSocket extends IoBase {
  k: 'socket'
  family: number
  /** With SOCK_CLOEXEC and SOCK_NONBLOCK. */
  type: number
  proto: number
  /** The descriptor, or -errno. */
  ret: number
}
/** What calls on a socket carry; `type` is without flags. */
interface IoOnSocket extends IoBase {
  family: number
  type: number
  proto: number
  fd: number
  ret: number
}
export interface IoAddress extends IoOnSocket {
  k: 'bind' | 'connect'
  addr: string
}
export interface IoGetsockname extends IoBase {
  k: 'getsockname'
  fd: number
  ret: number
  addr: string
}
export interface IoSetsockopt extends IoBase {
  k: 'setsockopt'
  fd: number
  level: number
  opt: number
  ret: number
  val: string
}
export interface IoMessage extends IoOnSocket {
  k: 'send' | 'recv' | 'peek'
  /** Absent when it was read() or write(). */
  flags?: number
  msg_flags?: number
  /** The bytes; absent from peeks and failures. */
  hex?: string
}
export interface IoIoctl extends IoBase {
  k: 'ioctl_in' | 'ioctl'
  fd: number
  req: string
  /** Of a virtual file. */
  path?: string
  /** 'ioctl_in': the structure, what it points to; or the argument itself when it is a small number. */
  arg?: string
  arg_data?: string
  val?: number
  /** 'ioctl' */
  ret?: number
  out?: string
  out_data?: string
}
export interface IoExec extends IoBase {
  k: 'exec'
  argv: string[]
}
export interface IoFile extends IoBase {
  k: 'open' | 'read' | 'write'
  path: string
  /** 'open' */
  flags?: number
  ret: number
  /** Bytes as latin1. */
  text?: string
}
/**
 * Only in replays: the command's shell begins. In recordings of Linux its look-ups of users on AF_UNIX sockets show that
 * it is the first process; a replay does not see these, and `compare` counts processes by their first entry.
 */
export interface IoStart extends IoBase {
  k: 'start'
}
export type Io = IoStart | IoSocket | IoAddress | IoGetsockname | IoSetsockopt | IoMessage | IoIoctl | IoExec | IoFile

export interface Multicast {
  t: number
  k: 'mcast'
  /** NETLINK_ROUTE or NETLINK_GENERIC. */
  proto: number
  group: number
  /** Port id of the sender; 0: the kernel. */
  src: number
  hex: string
  /** Arrived after the command's end. */
  after: boolean
}

export interface RecordedCommand {
  n: number
  cmd: string
  argv: string[][]
  rc: number
  stdout: string
  stderr: string
  ms: number
  timeout?: true
  io: Io[]
  events: Multicast[]
}

export interface Recording {
  case: string
  kernel: string
  /** What Linux was booted with besides the usual, for example `ipv6.disable=1`. */
  kernel_args?: string
  backend: string
  accel: string
  events_before?: Multicast[]
  dmesg?: string[]
  commands: RecordedCommand[]
}

const here = inPackage('test/oracle')
export const comparePath = join(here, 'compare')

export function listCases(): string[] {
  return readdirSync(join(here, 'golden'))
    .filter((name) => name.endsWith('.json.gz'))
    .map((name) => name.slice(0, -'.json.gz'.length))
    .sort()
}

/** A case's name (`066-v4-addr`, or its number alone), or the path of a recording, to the path of its file. */
export function recordingPath(nameOrPath: string): string {
  if (/\.json(\.gz)?$/.test(nameOrPath)) return nameOrPath
  const found = listCases().find((name) => name === nameOrPath || name.startsWith(`${nameOrPath}-`))
  return join(here, 'golden', `${found ?? nameOrPath}.json.gz`)
}

/** A recording's text, decompressed if need be. */
export function recordingText(path: string): string {
  const raw = readFileSync(path)
  return (path.endsWith('.gz') ? gunzipSync(raw) : raw).toString('utf8')
}

export function readRecording(nameOrPath: string): Recording {
  const path = recordingPath(nameOrPath)
  const recording = JSON.parse(recordingText(path)) as Recording
  recording.case ??= basename(path).replace(/\.json(\.gz)?$/, '')
  return recording
}

/** As `oracle` writes it: one event a line, so that two files can be read side by side. */
export function writeRecording(path: string, recording: Recording): void {
  const { commands, ...head } = recording
  const field = (name: string, value: unknown) => {
    const lines = (name === 'io' || name === 'events') && Array.isArray(value) && value.length > 0
    return `${JSON.stringify(name)}:${lines ? `[\n  ${value.map((item) => JSON.stringify(item)).join(',\n  ')}]` : JSON.stringify(value)}`
  }
  const fields = (object: object) =>
    Object.entries(object)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => field(name, value))
  writeFileSync(path, `{${fields(head).join(',')},"commands":[\n${commands.map((c) => `{${fields(c).join(',\n ')}}`).join(',\n')}\n]}\n`)
}

/** What the `#@` lines of a case's script say to its runner. */
export interface CaseDirectives {
  /** Milliseconds after each command, one a command. */
  settle: number[]
  /** Seconds that each command may take. */
  timeout: number[]
  /** In the initial namespace of a machine of its own, with its NICs. */
  initNetns: boolean
  freshVm: boolean
  /** Emulated NICs handed to the case. */
  nics: string[]
  /** There is one more NIC, of this QEMU model, on the PCI bus. */
  e100: string | undefined
  /** eth1 is a virtio-net on the PCI bus, as in the oracle's machine; else a NIC without one. */
  virtio: boolean
  /** net.core.fb_tunnels_only_for_init_net while the case starts. */
  fbTunnels: number
}

/**
 * Reads a case's script as the oracle's runner does: directives hold from their line on. Recordings without a script
 * get the default settle time of the machine that made them.
 */
export function caseDirectives(recording: Recording): CaseDirectives {
  const path = join(here, 'cases', `${recording.case}.sh`)
  const text = existsSync(path) ? readFileSync(path, 'utf8').replaceAll('\\\n', ' ') : ''
  const result: CaseDirectives = {
    settle: [],
    timeout: [],
    initNetns: text.includes('#@ netns init'),
    freshVm: text.includes('#@ fresh-vm'),
    nics: [],
    e100: undefined,
    virtio: text.includes('#@ virtio'),
    fbTunnels: 2,
  }
  let settle = recording.accel === 'kvm' ? 60 : 150
  let timeout = 20
  for (const line of text.split('\n').map((line) => line.trim())) {
    const [, name, value] = /^#@ (\S+) (.*)/.exec(line) ?? []
    if (name === 'settle') settle = Number(value)
    else if (name === 'timeout') timeout = Number(value)
    else if (name === 'nic') result.nics.push(value)
    else if (name === 'e100') result.e100 = value
    else if (name === 'fb-tunnels') result.fbTunnels = Number(value)
    else if (line !== '' && !line.startsWith('#')) {
      result.settle.push(settle)
      result.timeout.push(timeout)
    }
  }
  while (result.settle.length < recording.commands.length) {
    result.settle.push(settle)
    result.timeout.push(timeout)
  }
  return result
}
