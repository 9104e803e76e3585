/**
 * Replays a recording as it was made: its commands, in order, each by `bash -c`, real programs attached to a simulated
 * host; what they do is recorded as the oracle's runner records it. A program's waiting is real. The recording machine
 * was an emulated, slow one, and what Linux does late (link watch, lifetimes) shows in the command that runs by then; so
 * when a command ends earlier than it did there, the host's clock skips what is left.
 */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type AttachHost, runAttached, Supervisor, type TraceEvent } from '../../src/attach/index.ts'
import type { Host } from '../../src/lab/host.ts'
import { RealTime, setClocks, wallNow } from '../../src/server/realTime.ts'
import { caseDirectives, type Io, type Multicast, type RecordedCommand, type Recording } from '../oracle/recordings.ts'
import { caseHost } from './caseHost.ts'
import { CaseNamespace } from './caseNamespace.ts'
import { MulticastRecorder } from './multicastRecorder.ts'
import { traceToIo } from './traceIo.ts'

/** What a boot leaves behind has settled when the case begins, ms. */
const BOOT_MS = 10_000
/** Real time for programs in the background to notice what a command has done, ms. */
const PAUSE_MS = 5
const NSEC_PER_MSEC = 1e6
/** Exit status of the launcher itself. */
const NOT_ATTACHED = 125

export interface AttachedResult {
  recording: Recording
  /** Bugs of ours: exceptions in serving calls. */
  crashes: string[]
  /** Process ids are as in the recording. */
  isolated: boolean
}

export async function replayAttached(golden: Recording): Promise<AttachedResult> {
  const surroundings = await CaseNamespace.open()
  const replay = new AttachedReplay(golden, surroundings)
  try {
    return { recording: await replay.run(), crashes: replay.crashes, isolated: surroundings.isolated }
  } finally {
    replay.close()
    await surroundings.close()
  }
}

class AttachedReplay {
  readonly crashes: string[] = []
  private readonly golden: Recording
  private readonly surroundings: CaseNamespace
  private readonly host: Host
  private readonly realTime: RealTime
  private readonly attachHost: AttachHost
  private readonly supervisor: Supervisor
  private readonly recorder: MulticastRecorder
  private readonly scratch = mkdtempSync(join(tmpdir(), 'netdouble-conform-'))
  /** By how much the host's clock is ahead of the wall clock, ns. */
  private skipped = 0
  /** When the current command began, by the host's clock, ns. */
  private start = 0
  /** How long the current command took, once it is known, ms. */
  private ended = Infinity
  private io: Io[] = []
  private events: Multicast[] = []

  constructor(golden: Recording, surroundings: CaseNamespace) {
    this.golden = golden
    this.surroundings = surroundings
    const { host, netns } = caseHost(golden, 'real')
    this.host = host
    const { lab } = this.host
    this.realTime = new RealTime(lab)
    lab.follow(() => wallNow() + this.skipped)
    const { kernel } = this.host
    this.attachHost = {
      syscalls: this.realTime.door,
      // 0 is where a program begins
      taskFor: (identity) => kernel.task_for(identity.netns === 0 ? { ...identity, netns } : identity),
      taskExit: (tid) => this.realTime.door.sys_exit(kernel, tid),
    }
    this.supervisor = new Supervisor({ record: true, onError: (error) => this.crashes.push(String((error as Error)?.stack ?? error)) })
    this.supervisor.trace = (event) => this.traced(event)
    this.recorder = new MulticastRecorder(this.host.kernel, netns)
    this.recorder.onReady = () => queueMicrotask(() => this.hear())
  }

  async run(): Promise<Recording> {
    const directives = caseDirectives(this.golden)
    this.skipTo(BOOT_MS)
    const commands: RecordedCommand[] = []
    for (const command of this.golden.commands)
      commands.push(await this.command(command, directives.settle[command.n], directives.timeout[command.n]))
    return { ...this.golden, backend: 'netdouble', accel: 'attached', dmesg: this.host.dmesg(), events_before: undefined, commands }
  }

  private async command({ n, cmd, ms: goldenMs }: RecordedCommand, settle: number, timeout: number): Promise<RecordedCommand> {
    const [out, err] = ['out', 'err'].map((name) => join(this.scratch, `${n}.${name}`))
    this.io = []
    this.events = []
    this.ended = Infinity
    this.start = wallNow() + this.skipped
    const { rc, timedOut } = await this.execute(cmd, out, err, timeout)
    this.skipTo(goldenMs)
    const ms = this.elapsed()
    this.ended = ms
    await sleep(PAUSE_MS)
    this.skipTo(ms + settle)
    const argv = this.io.flatMap((io) => (io.k === 'exec' ? [io.argv] : []))
    return { n, cmd, argv, rc, stdout: text(out), stderr: text(err), ms, timeout: timedOut || undefined, io: this.io, events: this.events }
  }

  /** Ends when all processes of the command have ended, as the oracle's runner waits for all it traces. */
  private async execute(cmd: string, out: string, err: string, timeout: number): Promise<{ rc: number; timedOut: boolean }> {
    const outputs = [openSync(out, 'a'), openSync(err, 'a')]
    const [file, ...args] = this.surroundings.commandLine(cmd)
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      this.surroundings.killAll()
    }, timeout * 1000)
    try {
      const { promise: treeEnded, resolve: onEnd } = withResolvers()
      const { code, signal } = await runAttached(this.supervisor, file, args, {
        host: this.attachHost,
        env: this.surroundings.env,
        cwd: '/',
        stdio: ['ignore', ...outputs],
        onEnd,
      })
      if (code !== NOT_ATTACHED) await treeEnded
      return { rc: code ?? 128 + constants.signals[signal ?? 'SIGKILL'], timedOut }
    } finally {
      clearTimeout(timer)
      for (const fd of outputs) closeSync(fd)
    }
  }

  /** Milliseconds of the host's time since the command began. */
  private elapsed(): number {
    return Math.round((wallNow() + this.skipped - this.start) / 1e4) / 100
  }

  /** Sets the host's clock to so many ms after the command's beginning, if it is not later; timers on the way run at their times. */
  private skipTo(ms: number): void {
    const { lab } = this.host
    const target = ms - this.elapsed()
    lab.sync()
    const end = lab.events.now + Math.max(0, Math.ceil(target * NSEC_PER_MSEC))
    for (let next = lab.events.nextAt(); next !== undefined && next <= end; next = lab.events.nextAt()) {
      this.skipped += Math.max(0, Math.ceil(next - lab.events.now))
      lab.sync()
      this.hear()
    }
    this.skipped += Math.max(0, end - lab.events.now)
    lab.sync()
    setClocks(lab)
    this.hear()
    this.realTime.arm()
  }

  private traced(event: TraceEvent): void {
    const t = this.elapsed()
    if (event.kind === 'exec' && this.surroundings.isShell(event.argv)) this.io.push({ t, k: 'start', pid: event.pid })
    else if (event.kind !== 'exec' || !this.surroundings.isEntry(event.argv)) this.record(traceToIo(event, t))
    // the call is served: what it caused comes after it
    this.hear()
  }

  private record(io: Io | undefined): void {
    if (io !== undefined) this.io.push(io)
  }

  private hear(): void {
    const t = this.elapsed()
    const after = t > this.ended
    this.events.push(...this.recorder.drain().map((event) => ({ t, k: 'mcast' as const, ...event, after })))
  }

  close(): void {
    this.supervisor.close()
    this.realTime.stop()
    rmSync(this.scratch, { recursive: true })
  }
}

/** Output that is not UTF-8 keeps its bytes as the oracle writes them. */
function text(path: string): string {
  const bytes = readFileSync(path)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return bytes.toString('latin1').replace(/[\x80-\xff]/g, (c) => `\\udc${c.charCodeAt(0).toString(16)}`)
  }
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((done) => (resolve = done))
  return { promise, resolve }
}
