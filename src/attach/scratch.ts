/** Real directories that stand for virtual ones, so that getdents, and all that builds on it, is the real kernel's. */
import { mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DoorInode } from './syscallsDoor.ts'

export class ScratchTree {
  private root: string | undefined

  /** A descriptor of a directory with the names and kinds that `inode` lists. */
  open(path: string, inode: DoorInode): number {
    if (this.root === undefined) {
      this.root = mkdtempSync(join(tmpdir(), 'netdouble-'))
      process.once('exit', this.close)
    }
    const real = join(this.root, path)
    mkdirSync(real, { recursive: true })
    this.fill(real, inode)
    return openSync(real, 'r')
  }

  private fill(real: string, inode: DoorInode): void {
    const present = new Set(readdirSync(real))
    for (const name of inode.list?.() ?? []) {
      if (!present.delete(name)) make(join(real, name), inode.child?.(name))
    }
    for (const name of present) rmSync(join(real, name), { recursive: true, force: true })
  }

  close = (): void => {
    if (this.root !== undefined) rmSync(this.root, { recursive: true, force: true })
    this.root = undefined
    process.removeListener('exit', this.close)
  }
}

function make(path: string, inode: DoorInode | undefined): void {
  if (inode?.kind === 'dir') mkdirSync(path)
  else if (inode?.kind === 'symlink') symlinkSync(inode.target ?? '', path)
  else writeFileSync(path, '')
}
