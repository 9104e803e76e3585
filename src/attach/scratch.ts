/**
 * Real directories that stand for virtual ones: an empty one, which programs' descriptors refer to (its entries are
 * served, directory.ts), and copies for inotify.
 */
import { chmodSync, closeSync, mkdtempSync, openSync, readdirSync, rmdirSync, rmSync, unlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export class ScratchDirectory {
  private path: string | undefined

  /** A new descriptor of it. */
  open(): number {
    if (this.path === undefined) {
      this.path = mkdtempSync(join(tmpdir(), 'netdouble-'))
      chmodSync(this.path, 0o555)
      process.once('exit', this.close)
    }
    return openSync(this.path, 'r')
  }

  close = (): void => {
    if (this.path !== undefined) rmdirSync(this.path)
    this.path = undefined
    process.removeListener('exit', this.close)
  }
}

/** A directory that is given the names that a virtual one has, so that the real kernel tells of changes. */
export class MirrorDirectory {
  readonly path: string

  constructor() {
    this.path = mkdtempSync(join(tmpdir(), 'netdouble-'))
    process.once('exit', this.close)
  }

  update(names: Iterable<string>): void {
    const wanted = new Set(names)
    const present = new Set(readdirSync(this.path))
    for (const name of present) if (!wanted.has(name)) unlinkSync(join(this.path, name))
    for (const name of wanted) if (!present.has(name)) closeSync(openSync(join(this.path, name), 'w'))
  }

  close = (): void => {
    rmSync(this.path, { recursive: true, force: true })
    process.removeListener('exit', this.close)
  }
}
