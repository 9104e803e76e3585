/** Options that several commands take, checked where they come in. */
import { InvalidArgumentError, Option } from 'commander'
import type { LabOptions, LabTime } from '../lab/lab.ts'

export function parseTime(text: string): LabTime {
  if (text === 'real' || text === 'virtual') return text
  const scale = Number(/^(\d+(?:\.\d+)?)x?$/.exec(text)?.[1])
  if (!(scale > 0)) throw new InvalidArgumentError('real, virtual, or a factor such as 10 (lab seconds a second)')
  return { scale }
}

export function parseUid(text: string): number {
  const uid = Number(text)
  if (!/^\d+$/.test(text) || uid > 0xfffffffe) throw new InvalidArgumentError('a user id: 0 to 4294967294')
  return uid
}

export function parseDepth(text: string): number {
  if (!/^[0-8]$/.test(text)) throw new InvalidArgumentError('0 to 8')
  return Number(text)
}

/** `127.0.0.1:7070`, `[::1]:7070`, `:7070` or `7070`. */
export function parseListen(text: string): { host: string; port: number } {
  const found = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*))(?::(\d+))?$/.exec(/^\d+$/.test(text) ? `:${text}` : text)
  const port = Number(found?.[3])
  if (found === null || !Number.isInteger(port) || port > 65535) throw new InvalidArgumentError('ADDRESS:PORT, such as 127.0.0.1:7070')
  return { host: found[1] ?? (found[2] || '127.0.0.1'), port }
}

export interface LabFlags {
  seed?: string
  time?: LabTime
  topology?: string
  initcallDebug?: boolean
}

/** The options that make a lab. */
export function labOptions(): Option[] {
  return [
    new Option('--seed <seed>', 'where all chance comes from (1)'),
    new Option('--time <time>', 'real (the default), virtual, or lab seconds a second').argParser(parseTime),
    new Option('--topology <file>', 'hosts and devices from a YAML file (schemas/topology.json)'),
    new Option('--initcall-debug', 'log each initcall at boot: `run` prints it, and `netdouble dmesg` has that of a server'),
  ]
}

export function labOptionsOf(flags: LabFlags): LabOptions {
  const seed = flags.seed === undefined ? undefined : /^-?\d+$/.test(flags.seed) ? Number(flags.seed) : flags.seed
  return { seed, time: flags.time }
}
