/** Topology files: YAML, checked against schemas/topology.json; a fault names the file, the line and the field. */
import { readFileSync } from 'node:fs'
import { isMap, LineCounter, parseDocument } from 'yaml'
import type { HostSpec, Topology } from '../lab/topology.ts'
import { ServerError } from './errors.ts'
import { type Fault, validator } from './validate.ts'

export function readTopology(file: string): Topology {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new ServerError('BAD_REQUEST', { field: 'topology', reason: (error as Error).message })
  }
  return parseTopology(text, file)
}

export function parseTopology(text: string, file: string): Topology {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true })
  const [broken] = document.errors
  if (broken !== undefined) {
    const at = lines.linePos(broken.pos[0])
    throw new ServerError('BAD_REQUEST', {
      field: `${file}:${at.line}:${at.col}`,
      reason: broken.message.split('\n')[0].replace(/ at line \d+, column \d+:?$/, ''),
    })
  }
  const topology = document.toJS() ?? {}
  const fault = validator('topology')(topology) ?? duplicateDevice(topology) ?? sameName(topology) ?? wrongWire(topology)
  if (fault !== undefined) {
    const line = lineOf(document, fault.field, lines)
    throw new ServerError('BAD_REQUEST', { field: `${file}:${line}${fault.field === '' ? '' : `: ${fault.field}`}`, reason: fault.reason })
  }
  return topology as Topology
}

function duplicateDevice(topology: Topology): Fault | undefined {
  for (const [host, spec] of Object.entries(topology.hosts ?? {})) {
    const names = ((spec as HostSpec | null)?.devices ?? []).map((d) => d.name)
    const twice = names.findIndex((name, i) => names.indexOf(name) !== i)
    if (twice >= 0) return { field: `hosts.${host}.devices[${twice}].name`, reason: `${names[twice]} is there already` }
  }
  return undefined
}

/** Ends of wires name hosts and switches alike. */
function sameName({ hosts = { default: null }, switches = {} }: Topology): Fault | undefined {
  const name = Object.keys(switches).find((name) => name in hosts)
  return name === undefined ? undefined : { field: `switches.${name}`, reason: 'a host has that name' }
}

/** Wires that join nothing, or what is joined already. */
function wrongWire(topology: Topology): Fault | undefined {
  const there = Object.entries(topology.hosts ?? { default: null }).flatMap(([host, spec]) =>
    (spec?.devices ?? [{ name: 'eth0' }]).map(({ name }) => `${host}/${name}`),
  )
  const used = new Set<string>()
  const names = new Set<string>()
  for (const [i, { name = `wire${i}`, ends }] of (topology.wires ?? []).entries()) {
    if (names.has(name)) return { field: `wires[${i}].name`, reason: `${name} is there already` }
    names.add(name)
    for (const [j, end] of ends.entries()) {
      if (!there.includes(end) && !onSwitch(topology, end)) return { field: `wires[${i}].ends[${j}]`, reason: `there is no ${end}` }
      if (used.has(end)) return { field: `wires[${i}].ends[${j}]`, reason: `${end} is on a wire already` }
      used.add(end)
    }
  }
  return undefined
}

const onSwitch = ({ switches = {} }: Topology, end: string) => end.split('/')[0] in switches

/** The line of a field, or of the nearest thing around it that is in the file. */
function lineOf(document: ReturnType<typeof parseDocument>, field: string, lines: LineCounter): number {
  const steps = [...field.matchAll(/\["([^"]+)"\]|\[(\d+)\]|([^.[\]]+)/g)].map((m) => m[1] ?? (m[2] === undefined ? m[3] : Number(m[2])))
  for (let n = steps.length; n > 0; n--) {
    const parent = document.getIn(steps.slice(0, n - 1), true) ?? document.contents
    const key = isMap(parent)
      ? parent.items.find((item) => String(item.key) === String(steps[n - 1]))?.key
      : document.getIn(steps.slice(0, n), true)
    const start = (key as { range?: [number, number, number] } | undefined)?.range?.[0]
    if (start !== undefined) return lines.linePos(start).line
  }
  return 1
}
