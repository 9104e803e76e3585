/** Where the package's files lie, whether this file runs from src or from dist/src. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export function packageFile(name: string): string {
  for (const up of ['../../', '../../../']) {
    const path = fileURLToPath(new URL(up + name, import.meta.url))
    if (existsSync(path) && existsSync(fileURLToPath(new URL(`${up}package.json`, import.meta.url)))) return path
  }
  throw new Error(`netdouble: ${name} is missing in the package`)
}

export function readPackageJson(name: string): any {
  return JSON.parse(readFileSync(packageFile(name), 'utf8'))
}
