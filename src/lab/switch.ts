/** A switch of a lab, as a topology describes it; how it behaves is src/hw/switch.ts. */
import { DEFAULT_AGEING, ethernet_switch } from '../hw/switch.ts'
import type { EventQueue } from '../kernel/time.ts'

export interface PortSpec {
  /** VLAN of frames without a tag, which leave without one, or `null` for none; 1 when missing. */
  untagged?: number | null
  /** VLANs whose frames come and go with a tag. */
  tagged?: number[]
}
export interface SwitchSpec {
  /** ns after which a silent station is forgotten; 300 s when missing. */
  ageing?: number
  /** By name; `null`: as a port that is not named at all, untagged in VLAN 1. */
  ports?: Record<string, PortSpec | null>
}

/** Throws when a number is not possible. */
export function newSwitch(events: EventQueue, { ageing = DEFAULT_AGEING, ports = {} }: SwitchSpec): ethernet_switch {
  if (!Number.isSafeInteger(ageing) || ageing < 0) throw new RangeError(`ageing ${ageing}: a number of ns from 0 is needed`)
  const made = new ethernet_switch(events)
  made.ageing = ageing
  for (const [name, spec] of Object.entries(ports)) setPort(made, name, spec ?? {})
  return made
}

function setPort(owner: ethernet_switch, name: string, { untagged = 1, tagged = [] }: PortSpec): void {
  const port = owner.port(name)
  port.untagged = untagged === null ? 0 : vlan(untagged)
  port.tagged = new Set(tagged.map(vlan))
}
function vlan(vid: number): number {
  if (!(Number.isInteger(vid) && vid >= 1 && vid <= 4094)) throw new RangeError(`VLAN ${vid}: a whole number from 1 to 4094 is needed`)
  return vid
}
