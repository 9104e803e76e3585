/** `host.run()`: unmodified programs on the hosts of a lab in this process. */
import { runAttached } from '../attach/index.ts'
import type { Host } from '../lab/host.ts'
import type { Lab, ProgramRunner, RunOptions, RunResult } from '../lab/lab.ts'
import type { Topology } from '../lab/topology.ts'
import { ServerError } from './errors.ts'
import { Programs } from './programs.ts'
import { RealTime } from './realTime.ts'

/** Gives a lab (a loaded one, say) the means to run programs. */
export function withPrograms(lab: Lab): Lab {
  lab.runner ??= new Runner(lab)
  return lab
}

/** Runs the `setup` scripts of a topology, host by host, each to its end. Throws what a script that fails has said. */
export async function runSetup(lab: Lab, { hosts }: Topology): Promise<void> {
  const scripts = Object.entries(hosts ?? {}).flatMap(([name, spec]) => (spec?.setup === undefined ? [] : [[name, spec.setup] as const]))
  if (scripts.length === 0) return
  withPrograms(lab)
  try {
    for (const [name, script] of scripts) {
      const { code, signal, stderr } = await lab.host(name).run('sh', ['-e', '-c', script])
      if (code !== 0)
        throw new ServerError('BAD_REQUEST', { field: `hosts.${name}.setup`, reason: `ended with ${signal ?? code}: ${stderr.trim()}` })
    }
  } finally {
    lab.close()
  }
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
