/**
 * Replays a recording without its programs: the recorded calls go straight into a simulated kernel under a virtual
 * clock that keeps the recorded times. What a program printed cannot be known here, so stdout, stderr and rc are the
 * golden's; replies, ioctls, files and multicasts are the host's own.
 */
import type { Kernel } from '../../src/kernel/kernel.ts'
import type { task_struct } from '../../src/kernel/task.ts'
import type { Host } from '../../src/lab/host.ts'
import type { Lab } from '../../src/lab/lab.ts'
import { caseDirectives, type Io, type Multicast, type RecordedCommand, type Recording } from '../oracle/recordings.ts'
import { caseHost } from './caseHost.ts'
import { MulticastRecorder } from './multicastRecorder.ts'
import { NetlinkIds } from './netlinkIds.ts'
import { ReplayedProcess } from './replayedProcess.ts'

const NSEC_PER_MSEC = 1e6
/** Lab time when the case begins: what a boot leaves behind has long settled. */
const CASE_START = 60e9

export interface DirectResult {
  recording: Recording
  /** Bugs of ours: exceptions that a call threw. */
  crashes: string[]
  /** What the host was asked for and has not (`kind what`). */
  unsupported: string[]
}

export function replayDirect(golden: Recording): DirectResult {
  const replay = new DirectReplay(golden)
  return replay.run()
}

class DirectReplay {
  private readonly golden: Recording
  private readonly host: Host
  private readonly netns: number
  private readonly lab: Lab
  private readonly kernel: Kernel
  private readonly recorder: MulticastRecorder
  private readonly ids = new NetlinkIds()
  private readonly crashes: string[] = []
  private events: Multicast[] = []
  /** Lab time at which the current command began, ns. */
  private start = CASE_START
  private command!: RecordedCommand

  constructor(golden: Recording) {
    this.golden = golden
    const { host, netns } = caseHost(golden, 'virtual')
    this.host = host
    this.netns = netns
    this.lab = this.host.lab
    this.kernel = this.host.kernel
    this.recorder = new MulticastRecorder(this.kernel, this.netns)
    this.advanceTo(CASE_START)
    this.events = []
  }

  run(): DirectResult {
    const { settle } = caseDirectives(this.golden)
    const commands = this.golden.commands.map((command, n) => this.replayCommand(command, settle[n]))
    const recording = { ...this.golden, backend: 'netdouble', accel: 'direct', dmesg: this.host.dmesg(), commands }
    return { recording, crashes: this.crashes, unsupported: [...this.kernel.unsupported.counts.keys()] }
  }

  private replayCommand(command: RecordedCommand, settle: number): RecordedCommand {
    this.command = command
    this.events = []
    const processes = new Map<number, ReplayedProcess>()
    const lastOf = new Map(command.io.map((io, n) => [io.pid, n]))
    const io = command.io.flatMap((step, n) => {
      this.advanceTo(this.start + step.t * NSEC_PER_MSEC)
      let process = processes.get(step.pid)
      if (process === undefined) processes.set(step.pid, (process = this.newProcess(step.pid)))
      const done = this.guarded(() => process.step(step), `${step.k} of pid ${step.pid}`) ?? []
      if (lastOf.get(step.pid) === n) done.push(...this.exit(process, step))
      this.hear()
      return done
    })
    this.advanceTo(this.start + (command.ms + settle) * NSEC_PER_MSEC)
    this.start = this.now()
    return { ...command, io, events: this.events }
  }

  private newProcess(pid: number): ReplayedProcess {
    // a shell's children are whoever the whole command runs as; others say so by executing `asuser` themselves
    const unprivileged = this.command.cmd.startsWith('asuser ') && !this.command.cmd.includes('&')
    const makeTask = (comm: string, uid: number, capabilities: bigint): task_struct =>
      this.kernel.task_for({ tgid: pid, tid: pid, comm, uid, gid: uid, capabilities, netns: this.netns })
    return new ReplayedProcess(pid, unprivileged, makeTask, this.ids)
  }

  private exit(process: ReplayedProcess, { pid, t }: Io): Io[] {
    const left = this.guarded(() => process.exit(t), 'exit') ?? []
    this.kernel.task_exit(pid)
    return left
  }

  private now(): number {
    return this.lab.events.now
  }

  /** To a moment, stopping at each timer on the way so that what it sends is heard at its time. */
  private advanceTo(time: number): void {
    const target = Math.round(time)
    for (let next = this.lab.events.nextAt(); next !== undefined && next <= target; next = this.lab.events.nextAt()) {
      const to = Math.max(next, this.now())
      this.guarded(() => this.lab.advance(to - this.now()), 'timer')
      this.hear()
    }
    if (target > this.now()) this.guarded(() => this.lab.advance(target - this.now()), 'timer')
  }

  private hear(): void {
    const t = Math.round((this.now() - this.start) / 1e4) / 100
    const after = this.command !== undefined && t > this.command.ms
    const heard = this.guarded(() => this.recorder.drain(), 'recorder') ?? []
    this.events.push(...heard.map((event) => ({ t, k: 'mcast' as const, ...event, after })))
  }

  /** A throw is a bug of ours; the rest of the case can still be judged. */
  private guarded<T>(call: () => T, what: string): T | undefined {
    try {
      return call()
    } catch (error) {
      const place = this.command === undefined ? 'boot' : `${this.golden.case}[${this.command.n}] ${this.command.cmd}`
      this.crashes.push(`${place}: ${what}: ${error instanceof Error ? error.stack : error}`)
      return undefined
    }
  }
}
