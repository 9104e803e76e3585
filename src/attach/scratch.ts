/**
 * Real directories that stand for virtual ones: empty ones, which programs' descriptors refer to (its entries are
 * served, directory.ts), and copies for inotify.
 */
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, unlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { native } from './native.ts'

/** The temporary directories of this process, which go with it. */
const temporary = new Set<string>()
function removeAll(): void {
  for (const path of temporary) rmSync(path, { recursive: true, force: true })
}
function makeTemporary(): string {
  if (temporary.size === 0) process.on('exit', removeAll)
  const path = mkdtempSync(join(tmpdir(), 'netdouble-'))
  temporary.add(path)
  return path
}
function removeTemporary(path: string): void {
  rmSync(path, { recursive: true, force: true })
  temporary.delete(path)
  if (temporary.size === 0) process.removeListener('exit', removeAll)
}

export class ScratchDirectory {
  private root: string | undefined

  /**
   * A new descriptor of the empty directory for a virtual path. There is one for each, named by the path: where fchdir()
   * leads is then seen in /proc/<pid>/cwd, and the addon finds relative paths there.
   */
  open(path: string): number {
    if (this.root === undefined) {
      this.root = makeTemporary()
      chmodSync(this.root, 0o755)
      native.scratchRoot(this.root)
    }
    const directory = join(this.root, path)
    mkdirSync(directory, { recursive: true })
    return openSync(directory, 'r')
  }

  /** The virtual path that a directory of ours stands for. */
  virtual(path: string): string | undefined {
    return this.root !== undefined && path.startsWith(`${this.root}/`) ? path.slice(this.root.length) : undefined
  }

  close(): void {
    if (this.root !== undefined) removeTemporary(this.root)
    this.root = undefined
  }
}

/** A directory that is given the names that a virtual one has, so that the real kernel tells of changes. */
export class MirrorDirectory {
  readonly path = makeTemporary()

  update(names: Iterable<string>): void {
    const wanted = new Set(names)
    const present = new Set(readdirSync(this.path))
    for (const name of present) if (!wanted.has(name)) unlinkSync(join(this.path, name))
    for (const name of wanted) if (!present.has(name)) closeSync(openSync(join(this.path, name), 'w'))
  }

  close(): void {
    removeTemporary(this.path)
  }
}
