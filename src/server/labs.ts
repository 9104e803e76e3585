/** The labs that a server holds, by name, each with the driver of its time. */
import type { Host } from '../lab/host.ts'
import { type HostOptions, Lab, type LabOptions } from '../lab/lab.ts'
import type { WireChange } from '../lab/wire.ts'
import { ServerError } from './errors.ts'
import { RealTime } from './realTime.ts'

const MAX_LABS = 1000
const MAX_HOSTS = 1000
/** The lab, and the host, of those who name none. */
const DEFAULT = 'default'
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/

export interface ServedLab {
  name: string
  lab: Lab
  time: RealTime
}

export class Labs {
  readonly all = new Map<string, ServedLab>()

  add(name: string, options: LabOptions = {}): ServedLab {
    return this.adopt(name, new Lab(options))
  }

  adopt(name: string, lab: Lab): ServedLab {
    checkName('lab', name)
    if (this.all.has(name)) throw new ServerError('EXISTS', { field: 'lab', what: name })
    if (this.all.size >= MAX_LABS) throw new ServerError('LIMIT', { what: 'labs', limit: MAX_LABS })
    const served = { name, lab, time: new RealTime(lab) }
    this.all.set(name, served)
    return served
  }

  remove(name: string): void {
    this.get(name).time.stop()
    this.all.delete(name)
  }

  get(name: string): ServedLab {
    const served = this.all.get(name)
    if (served === undefined) throw new ServerError('UNKNOWN_LAB', { lab: name, field: 'lab' })
    return served
  }

  /** Without names: the lab named default; in a lab the only host, or the one named default. */
  host(lab: string = DEFAULT, host?: string): { served: ServedLab; host: Host } {
    const served = this.get(lab)
    const { hosts } = served.lab
    const name = host ?? (hosts.size === 1 ? [...hosts.keys()][0] : DEFAULT)
    const found = hosts.get(name)
    if (found === undefined) throw new ServerError('UNKNOWN_HOST', { lab, host: name, field: 'host' })
    return { served, host: found }
  }

  addHost(lab: string, name: string, options: HostOptions): Host {
    const served = this.get(lab)
    checkName('host', name)
    if (served.lab.hosts.has(name)) throw new ServerError('EXISTS', { field: 'host', what: name })
    if (served.lab.hosts.size >= MAX_HOSTS) throw new ServerError('LIMIT', { what: 'hosts', limit: MAX_HOSTS })
    const host = served.lab.addHost(name, options)
    served.time.arm()
    return host
  }

  /** Cuts or mends a wire, changes its times and faults, and waits for what follows from it. */
  setWire(lab: string, wire: string, change: WireChange): ServedLab {
    const served = this.get(lab)
    if (!served.lab.wires.has(wire)) throw new ServerError('UNKNOWN_WIRE', { lab, wire, field: 'wire' })
    served.lab.sync()
    served.lab.setWire(wire, change)
    served.time.arm()
    return served
  }

  stop(): void {
    for (const served of this.all.values()) served.time.stop()
  }
}

function checkName(field: string, name: string): void {
  if (!NAME.test(name))
    throw new ServerError('BAD_REQUEST', { field, reason: `${JSON.stringify(name)} is no name (letters, digits, ._-, at most 63)` })
}
