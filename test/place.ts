/** Where files of the package lie and how modules of it are started, whether the tests run as TypeScript or compiled, in dist/test. */
import { fileURLToPath } from 'node:url'

const compiled = import.meta.filename.endsWith('.js')
export const home = fileURLToPath(new URL(compiled ? '../../' : '../', import.meta.url))

/** Path of a file of the package: `test/oracle/golden`. */
export function inPackage(name: string): string {
  return home + name
}

/** Command line, without arguments, of a module of the package: `src/cli/main`. Compiled tests start compiled modules. */
export function moduleCommand(name: string): string[] {
  return compiled ? [process.execPath, inPackage(`dist/${name}.js`)] : [process.execPath, '--import=tsx', inPackage(`${name}.ts`)]
}

/** Command line, without arguments, of netdouble itself: of compiled tests the bundle that users run. */
export function netdoubleCommand(): string[] {
  return compiled ? [process.execPath, inPackage('dist/bundle/cli/main.js')] : moduleCommand('src/cli/main')
}
