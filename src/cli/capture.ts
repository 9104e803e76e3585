/** `netdouble capture`: what passes a wire, a device or netlink on a running server, as pcapng. */
import { createWriteStream } from 'node:fs'
import { connect, type Socket } from 'node:net'
import type { Writable } from 'node:stream'
import type { Command } from 'commander'
import { defaultSocketPath } from '../attach/paths.ts'
import { noServer } from './client.ts'

interface CaptureFlags {
  connect?: string
  lab: string
  wire?: string
  host?: string
  device?: string
  netlink?: boolean
  write?: string
}

export function addCaptureCommand(program: Command): void {
  program
    .command('capture')
    .description('Capture packets or netlink messages of a running server as pcapng, until SIGINT or SIGTERM.')
    .option('--connect <socket>', `the server's socket (${defaultSocketPath()})`)
    .option('--lab <name>', 'the lab', 'default')
    .option('--wire <name>', 'what is sent from both ends of a wire')
    .option('--host <name>', 'what passes the devices of a host (the only one)')
    .option('--device <name>', '… one of them')
    .option('--netlink', 'netlink messages of the host instead of packets')
    .option('-w, --write <file>', 'where to; without it, or with -, standard output')
    .addHelpText(
      'after',
      `
Examples:
  netdouble capture --wire cable -w cable.pcapng
  netdouble capture --host a --device eth0 | tshark -l -r -
  netdouble capture --netlink | tshark -V -r -`,
    )
    .action(capture)
}

async function capture({ connect: path = defaultSocketPath(), write = '-', ...wanted }: CaptureFlags): Promise<void> {
  if (write === '-' && process.stdout.isTTY) throw new Error('pcapng is nothing for a terminal: give -w FILE, or a pipe')
  const stream = connect(path)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stream.end())
  const rest = await greet(stream, path, { mode: 'capture', ...wanted })
  process.stderr.write('netdouble: capturing\n')
  const out = write === '-' ? process.stdout : createWriteStream(write)
  await copy(stream, rest, out)
}

/** Sends the hello; what came behind the answer to it. */
function greet(stream: Socket, path: string, hello: object): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0)
    const onData = (chunk: Buffer) => {
      head = Buffer.concat([head, chunk])
      const end = head.indexOf(10)
      if (end < 0) return
      stream.off('data', onData).pause()
      const answer = JSON.parse(head.toString('utf8', 0, end))
      if (answer.error === undefined) resolve(head.subarray(end + 1))
      else reject(new Error(answer.error.message))
    }
    stream.on('connect', () => stream.write(`${JSON.stringify(hello)}\n`))
    stream.on('data', onData)
    stream.on('error', (error) => reject(noServer(path, error)))
  })
}

/** Until the server or we have ended it; who reads our output may go before that. */
function copy(stream: Socket, first: Buffer, out: Writable): Promise<void> {
  return new Promise((resolve, reject) => {
    out.on('error', (error: NodeJS.ErrnoException) => {
      stream.destroy()
      if (error.code === 'EPIPE') resolve()
      else reject(error)
    })
    out.write(first)
    stream.on('end', () => (out === process.stdout ? resolve() : out.end(resolve)))
    stream.on('data', (chunk) => {
      if (out.write(chunk)) return
      stream.pause()
      out.once('drain', () => stream.resume())
    })
    stream.resume()
  })
}
