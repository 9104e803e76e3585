/**
 * `netdouble run`: a program on a fresh host in this process. (`run --connect` is the native launcher: bin/netdouble
 * executes it before any Node; here it only stands in the help.)
 */

import { spawnSync } from 'node:child_process'
import { constants } from 'node:os'
import { type Command, Option } from 'commander'
import { launcherPath, runAttached } from '../attach/index.ts'
import { Programs } from '../server/programs.ts'
import { RealTime } from '../server/realTime.ts'
import { labFromFlags } from './lab.ts'
import { type LabFlags, labOptions, parseUid } from './options.ts'

interface RunFlags extends LabFlags {
  connect?: string | true
  host?: string
  asUser?: number
  files: boolean
}

export function addRunCommand(program: Command): void {
  const command = program
    .command('run')
    .description('Run a program whose network is a simulated host: a fresh one, or with --connect one of a server.')
    .argument('<program>', 'searched in PATH')
    .argument('[arguments...]')
    .passThroughOptions()
    .option('--connect [socket]', 'a host of the server at SOCKET (or $NETDOUBLE_SOCKET, or the default path) instead of a fresh one')
    .option('--host <name>', 'which host, where there are several; LAB/HOST on a server')
    .addOption(new Option('--as-user <uid>', 'be this user on the host, without capabilities; root otherwise').argParser(parseUid))
    .option('--no-files', 'leave /proc, /sys and /run/netns to the real kernel')
  for (const option of labOptions()) command.addOption(option)
  command.addHelpText(
    'after',
    `
The exit code is the program's; 125 when it could not be attached, 126 and 127 as in sh.

Examples:
  netdouble run -- ip addr add 192.0.2.1/24 dev eth0
  netdouble run -- sh -c 'ifconfig eth0 192.0.2.1 up; ip addr'
  netdouble run --topology lab.yaml --host router -- bash
  netdouble run --connect -- ip monitor all`,
  )
  command.action(run)
}

async function run(file: string, args: string[], flags: RunFlags): Promise<void> {
  if (flags.connect !== undefined) return connect(file, args, flags)
  const lab = await labFromFlags(flags)
  const host = lab.host(flags.host)
  if (flags.initcallDebug) for (const line of host.dmesg()) console.error(line)
  const time = new RealTime(lab)
  const programs = new Programs()
  // the terminal sends these to the program as well; we go when it has gone
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) process.on(signal, () => {})
  const result = await runAttached(programs.supervisor, file, args, {
    host: programs.attachHost(host, time),
    hostName: host.name,
    asUser: flags.asUser,
    files: flags.files,
    onSpawn: (child) => {
      for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
    },
  })
  programs.close()
  time.stop()
  end(result.code, result.signal)
}

/** For callers that come here without bin/netdouble. */
function connect(file: string, args: string[], flags: RunFlags): void {
  const options = [flags.connect === true ? '--connect' : `--connect=${flags.connect}`]
  if (flags.host !== undefined) options.push('--host', flags.host)
  if (flags.asUser !== undefined) options.push('--as-user', String(flags.asUser))
  if (!flags.files) options.push('--no-files')
  const { status, signal } = spawnSync(launcherPath(), [...options, '--', file, ...args], { stdio: 'inherit' })
  end(status, signal)
}

/** Ends as the program ended: also by its signal, so that a shell sees what it would have seen. */
function end(code: number | null, signal: NodeJS.Signals | null): never {
  if (signal !== null) {
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
    // only where the signal does not end us
    process.exit(128 + (constants.signals[signal] ?? 0))
  }
  process.exit(code ?? 125)
}
