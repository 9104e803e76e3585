/** `netdouble dmesg` and `netdouble inspect`: looks into a running server's hosts. */
import { type Command, Option } from 'commander'
import { defaultSocketPath } from '../attach/paths.ts'
import { ask } from './client.ts'
import { parseDepth } from './options.ts'

interface LookFlags {
  connect?: string
  lab: string
  host: string
  depth?: number
}

export function addLookCommands(program: Command): void {
  look(program.command('dmesg'), 'Show the log of a host of a running server.').action(dmesg)
  look(program.command('inspect'), 'Show a value in the kernel of a host of a running server, as JSON.')
    .argument('[PATH]', 'where to look; without it the whole kernel')
    .addOption(new Option('--depth <n>', 'levels of objects to show (1)').argParser(parseDepth))
    .addHelpText(
      'after',
      `
Examples:
  netdouble inspect init_net.dev_base_head
  netdouble inspect 'init_net.dev_base_head[0].name'
  netdouble inspect init_net.dev_name_head.eth0 --depth 2`,
    )
    .action(inspect)
}

function look(command: Command, description: string): Command {
  return command
    .description(description)
    .option('--connect <socket>', `the server's socket (${defaultSocketPath()})`)
    .option('--lab <name>', 'the lab', 'default')
    .option('--host <name>', 'the host', 'default')
}

function hostPath(flags: LookFlags): string {
  return `/v1/labs/${encodeURIComponent(flags.lab)}/hosts/${encodeURIComponent(flags.host)}`
}

async function dmesg(flags: LookFlags): Promise<void> {
  const host = await ask(flags.connect ?? defaultSocketPath(), hostPath(flags))
  process.stdout.write(host.dmesg.map((line: string) => `${line}\n`).join(''))
}

async function inspect(path: string | undefined, flags: LookFlags): Promise<void> {
  const query = new URLSearchParams({ path: path ?? '', depth: String(flags.depth ?? 1) })
  const answer = await ask(flags.connect ?? defaultSocketPath(), `${hostPath(flags)}/inspect?${query}`)
  process.stdout.write(`${JSON.stringify(answer.value, null, 2)}\n`)
}
