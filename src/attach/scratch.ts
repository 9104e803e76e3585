/**
 * Real directories that stand for virtual ones: empty ones, which programs' descriptors refer to (its entries are
 * served, directory.ts), and copies for inotify.
 */
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, unlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { native } from './native.ts'

export class ScratchDirectory {
  private root: string | undefined

  /**
   * A new descriptor of the empty directory for a virtual path. There is one for each, named by the path: where fchdir()
   * leads is then seen in /proc/<pid>/cwd, and the addon finds relative paths there.
   */
  open(path: string): number {
    if (this.root === undefined) {
      this.root = mkdtempSync(join(tmpdir(), 'netdouble-'))
      chmodSync(this.root, 0o755)
      native.scratchRoot(this.root)
      process.once('exit', this.close)
    }
    const directory = join(this.root, path)
    mkdirSync(directory, { recursive: true })
    return openSync(directory, 'r')
  }

  close = (): void => {
    if (this.root !== undefined) rmSync(this.root, { recursive: true, force: true })
    this.root = undefined
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
