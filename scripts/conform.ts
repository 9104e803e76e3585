import { main } from '../test/conformance/cli.ts'

process.exitCode = await main(process.argv.slice(2))
