/** The `netdouble` command: its subcommands, and what its failures look like. */
import { Command, CommanderError } from 'commander'
import { readPackageJson } from '../server/packageRoot.ts'
import { addCaptureCommand } from './capture.ts'
import { addLookCommands } from './look.ts'
import { addRunCommand } from './run.ts'
import { addServeCommand } from './serve.ts'

/** As sh and env have it: the command itself failed, not the program that it should have run. */
export const EXIT_FAILED = 125

export function createProgram(): Command {
  const program = new Command('netdouble')
    .description('A test double of the Linux network kernel: unmodified programs configure a simulated host.')
    .version(readPackageJson('package.json').version)
    .enablePositionalOptions()
    .exitOverride()
    .showHelpAfterError('(netdouble --help shows all commands)')
    .addHelpText(
      'after',
      `
Examples:
  netdouble run -- ip addr add 192.0.2.1/24 dev eth0     a fresh host, for one command
  netdouble run -- bash                                  … or for a shell
  netdouble serve --http 127.0.0.1:7070 &                a server with a host named default
  netdouble run --connect -- ip monitor all              a program on the server's host
  netdouble dmesg                                        the log of the server's host
  netdouble inspect init_net.dev_base_head               a look into its kernel
  netdouble capture --wire cable | tshark -r -           what passes a wire, as pcapng`,
    )
  addRunCommand(program)
  addServeCommand(program)
  addLookCommands(program)
  addCaptureCommand(program)
  return program
}

export async function main(argv: readonly string[]): Promise<void> {
  try {
    await createProgram().parseAsync([...argv])
  } catch (error) {
    if (error instanceof CommanderError) {
      // help and version end here too, with 0
      process.exitCode = error.exitCode === 0 ? 0 : EXIT_FAILED
      return
    }
    process.stderr.write(`netdouble: ${error instanceof Error ? error.message : String(error)}\n`)
    if (process.env.NETDOUBLE_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`)
    process.exitCode = EXIT_FAILED
  }
}
