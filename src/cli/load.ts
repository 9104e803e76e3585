/** The bundle of the whole command, with what V8 made of it when it was built: most of a short run would be spent on compiling. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'

const file = fileURLToPath(new URL('program.cjs', import.meta.url))
export const cacheFile = `${file}.cache`

function readCache(): Buffer | undefined {
  try {
    return readFileSync(cacheFile)
  } catch {
    return undefined // then it is compiled
  }
}

export interface Loaded {
  program: typeof import('./program.ts')
  /** Whether V8 has taken what it compiled when the bundle was made. */
  wasCached: boolean
  /** What V8 has compiled by now; another version of V8, or one with other flags, does not accept it and compiles. */
  cache(): Buffer
}

export function load(): Loaded {
  const cachedData = readCache()
  const script = new Script(readFileSync(file, 'latin1'), { filename: file, cachedData }) // it is ASCII
  const module = { exports: {} as Loaded['program'] }
  script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file))
  const wasCached = cachedData !== undefined && script.cachedDataRejected === false
  return { program: module.exports, wasCached, cache: () => script.createCachedData() }
}
