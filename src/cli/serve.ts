/** `netdouble serve` */
import { type Command, Option } from 'commander'
import { defaultSocketPath } from '../attach/paths.ts'
import { labFromFlags } from './lab.ts'
import { type LabFlags, labOptions, parseListen } from './options.ts'

interface ServeFlags extends LabFlags {
  socket?: string
  http?: { host: string; port: number }
  token?: string
  origin?: string[]
}

export function addServeCommand(program: Command): void {
  const command = program
    .command('serve')
    .description('Serve a lab, named default, to attached programs and to clients until SIGTERM or SIGINT.')
    .option('--socket <path>', `unix socket (${defaultSocketPath()})`)
    .addOption(new Option('--http <address:port>', 'HTTP and WebSocket as well; port 0 takes a free one').argParser(parseListen))
    .addOption(new Option('--token <token>', 'asked of HTTP clients; needed where --http is no loopback address').env('NETDOUBLE_TOKEN'))
    .option('--origin <origin...>', 'origins of web pages that may use the server')
  for (const option of labOptions()) command.addOption(option)
  command.addHelpText(
    'after',
    `
Examples:
  netdouble serve --http 127.0.0.1:7070
  netdouble serve --socket /tmp/lab.sock --topology lab.yaml --time virtual
  curl -s http://127.0.0.1:7070/v1/labs/default/hosts/default`,
  )
  command.action(serve)
}

async function serve(flags: ServeFlags): Promise<void> {
  const [{ Labs }, { Server }] = await Promise.all([import('../server/labs.ts'), import('../server/serve.ts')])
  const labs = new Labs()
  labs.adopt('default', await labFromFlags(flags))
  const socket = flags.socket ?? defaultSocketPath()
  // before anybody can know that we are there
  const stopped = firstSignal(['SIGTERM', 'SIGINT'])
  const server = await Server.start({ ...flags, socket, labs, origins: flags.origin })
  process.stderr.write(`netdouble: listening on ${socket}${server.httpAddress === undefined ? '' : ` and ${server.httpAddress}`}\n`)
  const signal = await stopped
  await server.stop()
  process.stderr.write(`netdouble: stopped (${signal})\n`)
  // attached programs' handles may still be open; they end with us
  process.exit(0)
}

function firstSignal(signals: NodeJS.Signals[]): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of signals) process.once(signal, () => resolve(signal))
  })
}
