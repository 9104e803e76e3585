import { readdirSync } from 'node:fs'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { stateModules } from '../../src/init/modules.ts'

const src = new URL('../../src/', import.meta.url)
/** Of modules: these tests' own, since compiled tests test what was compiled. */
const ending = extname(import.meta.filename)
/** Rooms whose objects hang from a kernel. */
const rooms = ['kernel', 'net', 'drivers', 'fs', 'hw']

t.test('every module of the rooms that hold state is listed, so that what it exports can be saved', async (t) => {
  const listed = new Map(stateModules)
  const missing: string[] = []
  for (const room of rooms) {
    const files = readdirSync(fileURLToPath(src), { recursive: true }).map(String)
    for (const file of files.filter((f) => f.startsWith(`${room}/`) && f.endsWith(ending))) {
      const exports = await import(new URL(file, src).href)
      const nameable = Object.values(exports).some((v) => typeof v === 'function' || (typeof v === 'object' && v !== null))
      const name = file.slice(0, -ending.length)
      if (nameable && listed.get(name) === undefined) missing.push(name)
      if (listed.has(name)) t.equal(listed.get(name), exports, `${name} is under its own name`)
    }
  }
  t.strictSame(missing, [], 'add these to src/init/modules.ts')
})
