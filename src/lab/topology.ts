/** A lab described as a document (schemas/topology.json): what `--topology` files hold. */
import type { DeviceSpec } from '../init/devices.ts'
import { type HostOptions, Lab, type LabOptions, type LabTime } from './lab.ts'
import type { SwitchSpec } from './switch.ts'
import type { WireSpec } from './wire.ts'

export interface HostSpec {
  ipv6?: boolean
  cpus?: number
  devices?: DeviceSpec[]
  /** A script for sh, which a command that makes the lab runs on the host before anything else. */
  setup?: string
}

export interface Topology {
  seed?: number | string
  time?: LabTime
  /** By name; `null` stands for a host with everything as by default. */
  hosts?: Record<string, HostSpec | null>
  /** By name; `null` stands for one whose ports are all untagged in VLAN 1. */
  switches?: Record<string, SwitchSpec | null>
  wires?: WireSpec[]
}

/** `all` holds options for every host beside those of the document. */
export function buildLab(lab: Lab, topology: Topology, all: HostOptions = {}): void {
  for (const [name, spec] of Object.entries(topology.hosts ?? { default: null })) {
    const { cpus, setup: _, ...rest } = spec ?? {}
    lab.addHost(name, { ...all, ...rest, ...(cpus === undefined ? {} : { nr_cpus: cpus }) })
  }
  for (const [name, spec] of Object.entries(topology.switches ?? {})) lab.addSwitch(name, spec ?? {})
  for (const wire of topology.wires ?? []) lab.addWire(wire)
}

/** A lab as the file describes it; options given beside the file win. */
export function labFromTopology(topology: Topology, options: LabOptions = {}, hosts: HostOptions = {}): Lab {
  const lab = new Lab({
    ...(topology.seed === undefined ? {} : { seed: topology.seed }),
    ...(topology.time === undefined ? {} : { time: topology.time }),
    ...definedOnly(options),
  })
  buildLab(lab, topology, hosts)
  return lab
}

function definedOnly<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, v]) => v !== undefined)) as Partial<T>
}
