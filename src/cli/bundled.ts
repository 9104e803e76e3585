/** Where bin/netdouble enters: main.ts, of the bundle. */
import { load } from './load.ts'

await load().program.main(process.argv)
