/** The modules whose exports saved state may name. (While rooms are being built: whatever is there.) */
import { readdirSync } from 'node:fs'

export const stateModules: (readonly [name: string, exports: object])[] = []

const root = new URL('..', import.meta.url)
for (const room of ['lib', 'kernel', 'net', 'drivers', 'hw', 'fs']) {
  for (const file of readdirSync(new URL(room, root), { recursive: true }).map(String).sort()) {
    if (!/\.[jt]s$/.test(file) || file.endsWith('.d.ts')) continue
    try {
      stateModules.push([`${room}/${file.slice(0, -3)}`, await import(new URL(`${room}/${file}`, root).href)])
    } catch (error) {
      console.error(`init: ${room}/${file} does not load yet: ${(error as Error).message.split('\n')[0]}`)
    }
  }
}
stateModules.push(['uapi/errno', await import('../uapi/errno.ts')])
