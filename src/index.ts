/** netdouble for programs in Node: labs and hosts in this process, and unmodified programs on them. */
import { runAttached } from './attach/index.ts'
import type { Host } from './lab/host.ts'
import { type HostOptions, Lab, type LabOptions, type ProgramRunner, type RunOptions, type RunResult } from './lab/lab.ts'
import { Programs } from './server/programs.ts'
import { RealTime } from './server/realTime.ts'

export { Capture, type CaptureSpec } from './lab/capture.ts'
export { Host } from './lab/host.ts'
export { PathError } from './lab/inspect.ts'
export type { HostOptions, LabOptions, LabTime, RunOptions, RunResult } from './lab/lab.ts'
export { Lab } from './lab/lab.ts'
export { SaveError } from './lab/save.ts'
export type { TranscriptEntry } from './lab/transcript.ts'
export { Labs } from './server/labs.ts'
export { type ServeOptions, Server } from './server/serve.ts'
export * as syscalls from './syscalls/syscalls.ts'
export type { ReceivedMessage, ReceiveRequest, SendMessage, TaskIdentity, UserMemory } from './syscalls/types.ts'

/** A lab whose hosts can run programs: `await lab.addHost('a').run('ip', ['addr'])`. */
export function createLab(options: LabOptions = {}): Lab {
  return withPrograms(new Lab(options))
}

/** Gives a lab (a loaded one, say) the means to run programs. */
export function withPrograms(lab: Lab): Lab {
  lab.runner ??= new Runner(lab)
  return lab
}

/** A lab with one host, named default: the shortest way to `host.run()`. */
export function createHost(options: LabOptions & HostOptions = {}): Host {
  const { seed, time, transcript, ...host } = options
  return createLab({ seed, time, transcript }).addHost('default', host)
}

class Runner implements ProgramRunner {
  private readonly programs = new Programs()
  private readonly time: RealTime
  constructor(lab: Lab) {
    this.time = new RealTime(lab)
  }

  async run(host: Host, file: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const output = { stdout: '', stderr: '' }
    const { code, signal } = await runAttached(this.programs.supervisor, file, args, {
      host: this.programs.attachHost(host, this.time),
      hostName: host.name,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: options.env,
      cwd: options.cwd,
      asUser: options.uid,
      files: options.files,
      onSpawn: (child) => {
        for (const name of ['stdout', 'stderr'] as const) {
          child[name]?.setEncoding('utf8').on('data', (text: string) => {
            output[name] += text
          })
        }
        // a program that reads none of its input is no error
        child.stdin?.on('error', () => {})
        child.stdin?.end(options.input ?? '')
        const stop = () => child.kill('SIGTERM')
        options.signal?.addEventListener('abort', stop, { once: true })
        child.once('close', () => options.signal?.removeEventListener('abort', stop))
      },
    })
    return { ...output, code, signal }
  }

  close(): void {
    this.programs.close()
    this.time.stop()
  }
}
