/** An empty real directory: what a program's descriptor of a virtual one refers to. Its entries are served (directory.ts). */
import { chmodSync, mkdtempSync, openSync, rmdirSync } from 'node:fs'
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
