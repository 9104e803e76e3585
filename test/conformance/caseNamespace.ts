/**
 * The surroundings of an attached case: `asuser`, and (as root) process and mount namespaces with an empty /tmp and the
 * users and name services of the oracle's guest, so that process ids are those of its runner and a case cannot meet
 * another's files or processes.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inPackage } from '../place.ts'

/** As the oracle's runner sets it. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export class CaseNamespace {
  /** Environment of the commands. */
  readonly env: Record<string, string>
  /** False: not allowed here; commands share /tmp and process ids with everything else. */
  readonly isolated: boolean
  private readonly programs: string
  private readonly init: ChildProcess | undefined
  private readonly initPid: number

  private constructor(programs: string, init: ChildProcess | undefined, initPid: number) {
    this.programs = programs
    this.init = init
    this.initPid = initPid
    this.isolated = init !== undefined
    // in the namespaces of a case `asuser` is in a place of its own: runner.c install_asuser()
    this.env = { PATH: `${PATH}:${init === undefined ? programs : '/run/case'}`, HOME: '/root', LC_ALL: 'C', COLUMNS: '200' }
  }

  static async open(): Promise<CaseNamespace> {
    const programs = buildPrograms()
    if (process.getuid?.() !== 0) return new CaseNamespace(programs, undefined, 0)
    const init = spawn(join(programs, 'case-init'), { stdio: ['pipe', 'pipe', 'ignore'] })
    const [line] = await Promise.race([once(init.stdout, 'data'), once(init, 'exit').then(() => [''])])
    const pid = Number.parseInt(String(line), 10)
    return pid > 0 ? new CaseNamespace(programs, init, pid) : new CaseNamespace(programs, undefined, 0)
  }

  /** The command line that runs a shell command in here. */
  commandLine(command: string): string[] {
    const shell = ['bash', '--norc', '-c', command]
    return this.isolated ? [join(this.programs, 'case-enter'), String(this.initPid), ...shell] : shell
  }

  /** Is this the execution of a command's shell? The oracle does not record it. */
  isShell(argv: readonly string[]): boolean {
    return argv[0] === 'bash' && argv[1] === '--norc' && argv[2] === '-c'
  }
  /** Is this the execution of what stands before the shell? */
  isEntry(argv: readonly string[]): boolean {
    return argv[0]?.endsWith('/case-enter') ?? false
  }

  /** Kills what a command has left running. */
  killAll(): void {
    this.init?.stdin?.write('k')
  }

  async close(): Promise<void> {
    if (this.init === undefined) return
    this.init.stdin?.end()
    if (this.init.exitCode === null) await once(this.init, 'exit')
  }
}

/** Compiles runner.c once, into the build directory. */
function buildPrograms(): string {
  const source = inPackage('test/conformance/runner.c')
  const directory = inPackage('build/conformance')
  const program = join(directory, 'case-init')
  if (existsSync(program) && statSync(program).mtimeMs >= statSync(source).mtimeMs) return directory
  mkdirSync(directory, { recursive: true })
  const work = mkdtempSync(join(tmpdir(), 'netdouble-conform-'))
  compile(source, join(work, 'runner'))
  for (const name of ['asuser', 'case-enter']) {
    rmSync(join(directory, name), { force: true })
    symlinkSync('case-init', join(directory, name))
  }
  rmSync(program, { force: true })
  copyFileSync(join(work, 'runner'), program)
  rmSync(work, { recursive: true })
  return directory
}

/** Static if the machine has a static C library: what starts before each command's shell has then few calls to serve. */
function compile(source: string, target: string): void {
  const cc = process.env.CC ?? 'cc'
  try {
    execFileSync(cc, ['-O1', '-static', '-o', target, source], { stdio: 'ignore' })
  } catch {
    execFileSync(cc, ['-O1', '-o', target, source])
  }
}
