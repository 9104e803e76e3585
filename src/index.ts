/** netdouble for programs in Node: labs and hosts in this process, and unmodified programs on them. */
import type { Host } from './lab/host.ts'
import { type HostOptions, Lab, type LabOptions } from './lab/lab.ts'
import { withPrograms } from './server/runner.ts'

export { Capture, type CaptureSpec } from './lab/capture.ts'
export { Host } from './lab/host.ts'
export { PathError } from './lab/inspect.ts'
export type { HostOptions, LabOptions, LabTime, RunOptions, RunResult } from './lab/lab.ts'
export { Lab } from './lab/lab.ts'
export { SaveError } from './lab/save.ts'
export type { TranscriptEntry } from './lab/transcript.ts'
export { Labs } from './server/labs.ts'
export { withPrograms } from './server/runner.ts'
export { type ServeOptions, Server } from './server/serve.ts'
export * as syscalls from './syscalls/syscalls.ts'
export type { ReceivedMessage, ReceiveRequest, SendMessage, TaskIdentity, UserMemory } from './syscalls/types.ts'

/** A lab whose hosts can run programs: `await lab.addHost('a').run('ip', ['addr'])`. */
export function createLab(options: LabOptions = {}): Lab {
  return withPrograms(new Lab(options))
}

/** A lab with one host, named default: the shortest way to `host.run()`. */
export function createHost(options: LabOptions & HostOptions = {}): Host {
  const { seed, time, transcript, ...host } = options
  return createLab({ seed, time, transcript }).addHost('default', host)
}
