/**
 * A lab: one clock, one event queue, one seed, and the hosts that share them. It is a value: nothing lives outside of
 * it, so it can be saved, loaded and compared. It never looks at a wall clock itself; a driver outside tells it the time.
 */
import { cable } from '../hw/cable.ts'
import type { ethernet_switch } from '../hw/switch.ts'
import { add_device, type DeviceSpec, nic_of } from '../init/devices.ts'
import { end_programs, fresh_classes, handle_fields } from '../init/handles.ts'
import { boot } from '../init/main.ts'
import { stateModules } from '../init/modules.ts'
import { Kernel, type kernel_params } from '../kernel/kernel.ts'
import { EventQueue, NSEC_PER_SEC } from '../kernel/time.ts'
import { RandomStream } from '../lib/random.ts'
import { Capture, type CaptureSpec } from './capture.ts'
import { Constants } from './constants.ts'
import { Host } from './host.ts'
import { follow, parsePath, render } from './inspect.ts'
import { type Handles, loadState, saveState } from './save.ts'
import { newSwitch, type SwitchSpec } from './switch.ts'
import { Transcript, transcriptTracepoints } from './transcript.ts'
import { type Plug, Wire, type WireChange, type WireSpec, wireSettings } from './wire.ts'

/** Stepped by hand, as fast as the wall clock, or `scale` lab seconds a wall second. */
export type LabTime = 'virtual' | 'real' | { scale: number }

export interface LabOptions {
  seed?: number | string
  time?: LabTime
  /** Entries of the transcript to keep; 0: none. By default all under virtual time, none otherwise. */
  transcript?: number
}

export interface HostOptions extends Partial<Omit<kernel_params, 'hostname'>> {
  /** By default one Ethernet device eth0. */
  devices?: DeviceSpec[]
}

/** Lab time that follows a wall clock: a handle, set by the driver that owns the timers. */
export interface WallClock {
  /** ns, monotonic. */
  read(): number
  /** Where the two clocks met. */
  wall: number
  lab: number
}

/** Runs unmodified programs against a host; a handle, given by whoever can (attach). */
export interface ProgramRunner {
  run(host: Host, file: string, args: readonly string[], options?: RunOptions): Promise<RunResult>
  close(): void
}
export interface RunOptions {
  env?: Record<string, string | undefined>
  cwd?: string
  /** Written to the program's standard input; otherwise it is empty. */
  input?: string | Uint8Array
  /** The user on the host, without capabilities; root by default. */
  uid?: number
  /** Whether opens of /proc, /sys and /run/netns reach the host. */
  files?: boolean
  signal?: AbortSignal
}
export interface RunResult {
  stdout: string
  stderr: string
  /** Exit code, or null when a signal ended it. */
  code: number | null
  signal: string | null
}

/** Enough for a test's whole life; a lab that runs for ever asks for less. */
const DEFAULT_TRANSCRIPT = 1_000_000
/** runUntilIdle() gives up here: some timers re-arm for ever. */
const IDLE_LIMIT = 3600 * NSEC_PER_SEC

export class Lab {
  readonly seed: number | string
  readonly time: LabTime
  readonly events = new EventQueue()
  readonly hosts = new Map<string, Host>()
  readonly switches = new Map<string, ethernet_switch>()
  readonly wires = new Map<string, Wire>()
  readonly transcript: Transcript
  /** Chance of the lab itself; hosts have streams of their own. */
  readonly random: RandomStream
  /** Handles of the outside. */
  wall: WallClock | undefined = undefined
  runner: ProgramRunner | undefined = undefined
  private running = false
  private constants: Constants | undefined = undefined

  constructor(options: LabOptions = {}) {
    this.seed = options.seed ?? 1
    this.time = checkTime(options.time ?? 'virtual')
    this.transcript = new Transcript(options.transcript ?? (this.time === 'virtual' ? DEFAULT_TRANSCRIPT : 0))
    this.random = new RandomStream(this.seed, 'lab')
  }

  /** Boots a host; its log is in the transcript from the first line. */
  addHost(name: string, options: HostOptions = {}): Host {
    this.checkFree(name)
    const { devices = [{ name: 'eth0' }], ...params } = options
    const host = new Host(this, name, new Kernel(this.events, this.seed, { ...params, hostname: name }))
    this.watch(host)
    this.hosts.set(name, host)
    try {
      boot(host.kernel)
      for (const device of devices) add_device(host.kernel, device)
    } catch (error) {
      this.hosts.delete(name)
      throw error
    }
    this.events.runDue()
    return host
  }

  /** The host of that name; without a name, the only one. */
  host(name?: string): Host {
    const found = name === undefined && this.hosts.size === 1 ? [...this.hosts.values()][0] : this.hosts.get(name ?? 'default')
    if (found === undefined)
      throw new Error(`no host named ${name ?? 'default'}; there are: ${[...this.hosts.keys()].join(', ') || 'none'}`)
    return found
  }

  /** A switch; its ports are those of `spec`, and those that wires are plugged into. */
  addSwitch(name: string, spec: SwitchSpec = {}): ethernet_switch {
    this.checkFree(name)
    const made = newSwitch(this.events, spec)
    this.switches.set(name, made)
    return made
  }
  /** Hosts and switches are named alike in the ends of wires. */
  private checkFree(name: string): void {
    if (this.hosts.has(name)) throw new Error(`host ${name} exists already`)
    if (this.switches.has(name)) throw new Error(`switch ${name} exists already`)
  }

  /** Joins two NICs, or switches. Throws when an end is not there or on a wire already. */
  addWire({ name = `wire${this.wires.size}`, ends, carrier = true, ...settings }: WireSpec): Wire {
    if (this.wires.has(name)) throw new Error(`wire ${name} exists already`)
    const plugs = ends.map((end) => this.wireEnd(end))
    if (plugs[0] === plugs[1]) throw new Error(`both ends of wire ${name} are ${ends[0]}`)
    const line = new cable(this.events, new RandomStream(this.seed, `wire ${name}`), wireSettings(settings))
    const wire = new Wire(name, ends, plugs, line, this.transcript)
    this.wires.set(name, wire)
    if (!carrier) this.setCarrier(name, false)
    return wire
  }

  private wireEnd(end: string): Plug {
    const [name, device] = end.split('/')
    const plug = this.switches.get(name)?.port(device) ?? this.nic(end, name, device)
    const taken = [...this.wires.values()].find((wire) => wire.plugs.includes(plug))
    if (taken !== undefined) throw new Error(`${end} is on ${taken.name} already`)
    return plug
  }
  private nic(end: string, host: string, device: string): Plug {
    const dev = this.hosts.get(host)?.kernel.init_net.dev_name_head.get(device)
    if (dev === undefined) throw new Error(`${end}: there is no such host or device`)
    const nic = nic_of(dev)
    if (nic === undefined) throw new Error(`${end} is no NIC`)
    return nic
  }

  /** Cuts a wire, or mends it. */
  setCarrier(name: string, up: boolean): void {
    this.setWire(name, { carrier: up })
  }
  /** Changes a wire: its carrier, its times and faults. Frames under way keep their times, those on a cut wire are lost. */
  setWire(name: string, { carrier, ...settings }: WireChange): void {
    const wire = this.wires.get(name)
    if (wire === undefined) throw new Error(`no wire named ${name}; there are: ${[...this.wires.keys()].join(', ') || 'none'}`)
    wire.set(settings)
    const up = carrier ?? wire.carrier
    if (this.transcript.limit > 0) {
      const changed = Object.keys(settings).length > 0 ? { settings } : {}
      this.transcript.add({ at: this.events.now, kind: 'wire', wire: name, carrier: up, ...changed })
    }
    if (carrier !== undefined) wire.setCarrier(carrier)
    this.events.runDue()
  }

  private watch(host: Host): void {
    if (this.transcript.limit > 0) host.observe(transcriptTracepoints(this.transcript))
  }

  // --- time

  /** Lab ns per wall ns; 0 under virtual time. */
  get scale(): number {
    return this.time === 'virtual' ? 0 : this.time === 'real' ? 1 : this.time.scale
  }

  /** From now on lab time follows the clock given (real and scaled time only). */
  follow(read: () => number): void {
    if (this.scale === 0) throw new Error('a lab under virtual time follows no clock')
    this.wall = { read, wall: read(), lab: this.events.now }
  }

  /** Brings a following lab to the present; no effect under virtual time or while it is already running events. */
  sync(): void {
    if (this.wall === undefined || this.running) return
    const target = Math.floor(this.wall.lab + (this.wall.read() - this.wall.wall) * this.scale)
    if (target > this.events.now) this.runTo(target)
  }

  /** Steps the clock: everything due on the way runs at its own time. */
  advance(ns: number): void {
    if (!Number.isSafeInteger(ns) || ns < 0) throw new RangeError(`advance(${ns}): a number of ns from 0 to 2^53 is needed`)
    if (this.wall !== undefined) throw new Error('this lab follows a clock; only a lab under virtual time is stepped')
    const to = this.events.now + ns
    if (this.transcript.limit > 0) this.transcript.add({ at: this.events.now, kind: 'clock', to })
    this.runTo(to)
  }

  /**
   * Steps to event after event until none is left but watchdogs that have looked and found nothing (true), or for at most
   * an hour of lab time (false).
   */
  runUntilIdle(limit = IDLE_LIMIT): boolean {
    const end = this.events.now + limit
    /** When all watchdogs will have looked since the last other event. */
    let quiet: number | undefined
    for (;;) {
      const next = this.events.nextAt()
      if (next === undefined) return true
      const last = this.events.lastPeriodic()
      quiet = last === undefined ? undefined : (quiet ?? last)
      if (quiet !== undefined && this.events.now >= quiet) return true
      if (next > end) return false
      this.advance(Math.max(0, next - this.events.now))
    }
  }

  /** Captures from now on what passes a wire, a host's devices or its netlink sockets. Throws when there is none of that name. */
  capture(spec: CaptureSpec = {}): Capture {
    return new Capture(this, spec)
  }

  /** Lets go of what the outside holds for this lab: programs and the clock. Its state stays. */
  close(): void {
    this.runner?.close()
    this.runner = undefined
    this.wall = undefined
  }

  private runTo(target: number): void {
    this.running = true
    try {
      this.events.runUntil(target)
    } finally {
      this.running = false
    }
  }

  // --- state

  /** All of the lab as bytes; loading them gives a lab that goes on in the same way. */
  save(): Uint8Array {
    this.transcript.settle()
    return saveState(this, this.names(), handles)
  }

  /** Programs do not come along: their sockets are closed in the loaded lab, as if they had been killed. */
  static load(bytes: Uint8Array): Lab {
    const { root, objects } = loadState(bytes, makeConstants(), handles)
    const lab = root as Lab
    for (const host of lab.hosts.values()) {
      host.observers = []
      end_programs(host.kernel, objects)
      lab.watch(host)
    }
    return lab
  }

  /**
   * The value at a path, as JSON of `depth` levels. A path begins with a host's name, or is in the only host's kernel
   * (`init_net.dev_base_head`), or in the lab itself (`events.now`).
   */
  inspect(path: string, depth = 1): unknown {
    const first = parsePath(path)[0]
    if (first === undefined) return this.inspectFrom(this, '', depth)
    if (this.hosts.has(first)) return this.inspectFrom(new Map([...this.hosts].map(([name, host]) => [name, host.kernel])), path, depth)
    if (Object.hasOwn(this, first) || this.hosts.size !== 1) return this.inspectFrom(this, path, depth)
    return this.host().inspect(path, depth)
  }

  inspectFrom(root: object, path: string, depth: number): unknown {
    return render(follow(root, parsePath(path)), this.names(), depth)
  }

  private names(): Constants {
    this.constants ??= makeConstants()
    return this.constants
  }
}

function checkTime(time: LabTime): LabTime {
  if (typeof time === 'object' && !(Number.isFinite(time.scale) && time.scale > 0))
    throw new RangeError(`time scale ${time.scale}: a number above 0 is needed`)
  return time
}

function makeConstants(): Constants {
  return new Constants([
    ...stateModules,
    ['lab/lab', { Lab }],
    ['lab/host', { Host }],
    ['lab/transcript', { Transcript }],
    ['lab/wire', { Wire }],
  ])
}

/** What belongs to the outside and is not saved, with the value it has after loading. */
const handles: Handles = {
  fields: new Map([
    ...handle_fields,
    [Host, { observers: undefined }],
    [Wire, { observers: [] }],
    [Lab, { wall: undefined, runner: undefined, running: false, constants: undefined }],
  ]),
  fresh: fresh_classes,
}
