/**
 * What joins two NICs, or a NIC and a switch, or two switches: a cable with its times and faults, and the carrier that
 * both ends see. A NIC on no wire has its carrier all the same, as if plugged into a switch that says nothing.
 */
import type { cable, cable_end, cable_observer, cable_settings, frame_fate } from '../hw/cable.ts'
import { switch_plug, switch_port, switch_set_carrier } from '../hw/switch.ts'
import { type Nic, plug_nic, set_carrier } from '../init/devices.ts'
import type { Transcript } from './transcript.ts'

/** Of a frame on its way: see src/hw/cable.ts. Chances are from 0 to 1. */
export interface WireSettings {
  /** ns from end to end; 1000 when missing, 1 at least. */
  delay?: number
  /** ns more or less. */
  jitter?: number
  /** Bits a second; 0: no bound. */
  rate?: number
  /** Longest payload of a frame, bytes; longer ones are lost. 0: no bound. */
  mtu?: number
  loss?: number
  duplicate?: number
  reorder?: number
}
export interface WireSpec extends WireSettings {
  /** wire0, wire1 … when missing. */
  name?: string
  /** `HOST/DEVICE` or `SWITCH/PORT`, twice. */
  ends: [string, string]
  /** true when missing. */
  carrier?: boolean
}
export interface WireChange extends WireSettings {
  carrier?: boolean
}

const chances = ['loss', 'duplicate', 'reorder'] as const
const amounts = ['delay', 'jitter', 'rate', 'mtu'] as const

/** The settings among what a specification holds. Throws when one is not possible. */
export function wireSettings(from: WireSettings): Partial<cable_settings> {
  const out: Partial<cable_settings> = {}
  for (const key of [...amounts, ...chances]) {
    const value = from[key]
    if (value === undefined) continue
    const isChance = (chances as readonly string[]).includes(key)
    if (!(value >= 0) || (isChance ? value > 1 : !Number.isSafeInteger(value)))
      throw new RangeError(`${key} ${value}: ${isChance ? 'a number from 0 to 1' : 'a whole number from 0'} is needed`)
    out[key] = value
  }
  return out
}

/** What a cable's end is plugged into. */
export type Plug = Nic | switch_port

function plugIn(plug: Plug, end: cable_end): void {
  if (plug instanceof switch_port) switch_plug(plug, end)
  else plug_nic(plug, end)
}
function showCarrier(plug: Plug, up: boolean): void {
  if (plug instanceof switch_port) switch_set_carrier(plug, up)
  else set_carrier(plug, up)
}

/** Sees the frames of a wire: `from` is the index of the end that sent it. */
export type FrameObserver = (wire: Wire, from: number, bytes: Uint8Array, fate: frame_fate) => void

export class Wire implements cable_observer {
  readonly name: string
  /** As they were named when the wire was plugged in; the devices may have other names by now. */
  readonly ends: readonly string[]
  readonly plugs: readonly Plug[]
  readonly cable: cable
  private readonly transcript: Transcript
  /** Handles: observers of the outside. */
  private observers: FrameObserver[] = []
  constructor(name: string, ends: readonly string[], plugs: readonly Plug[], line: cable, transcript: Transcript) {
    this.name = name
    this.ends = ends
    this.plugs = plugs
    this.cable = line
    this.transcript = transcript
    line.observer = this
    for (const [i, plug] of plugs.entries()) plugIn(plug, line.ends[i])
  }
  get carrier(): boolean {
    return this.cable.carrier
  }
  get settings(): cable_settings {
    return this.cable.settings
  }

  frame(line: cable, from: number, bytes: Uint8Array, fate: frame_fate): void {
    if (this.transcript.limit > 0) this.transcript.addFrame(line.events.now, this.name, from, fate, bytes)
    for (const observer of this.observers) observer(this, from, bytes, fate)
  }
  /** Adds an observer of frames; the result takes it off again. */
  observe(observer: FrameObserver): () => void {
    this.observers = [...this.observers, observer]
    return () => {
      this.observers = this.observers.filter((other) => other !== observer)
    }
  }

  /** Both ends see it come or go; what follows (operstate, routes, notifications) is the kernels' business. */
  setCarrier(up: boolean): void {
    this.cable.carrier = up
    for (const plug of this.plugs) showCarrier(plug, up)
  }
  /** Frames under way keep their times. */
  set(settings: WireSettings): void {
    this.cable.settings = { ...this.cable.settings, ...wireSettings(settings) }
  }
}
