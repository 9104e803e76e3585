/** getdents64() on virtual directories. */
import { EINVAL } from './abi.ts'
import { pathNumber } from './fileStatus.ts'
import type { DoorInode } from './syscallsDoor.ts'

const HEADER = 19
const TYPES = { dir: 4, file: 8, symlink: 10 }

interface Entry {
  name: string
  type: number
  ino: number
}

/** The entries in the order in which Linux lists them, "." and ".." first: some programs skip two. */
function entries(path: string, inode: DoorInode): Entry[] {
  const dots = ['.', '..'].map((name) => ({ name, type: TYPES.dir, ino: pathNumber(path) }))
  const names = [...(inode.list?.() ?? [])].filter((name) => name !== '.' && name !== '..')
  return [...dots, ...names.map((name) => ({ name, type: TYPES[inode.child?.(name)?.kind ?? 'file'], ino: pathNumber(`${path}/${name}`) }))]
}

/**
 * struct linux_dirent64 of as many entries as fit into `room` bytes, from the `position`th on; and the position after
 * them. -EINVAL when not even one fits.
 */
export function packEntries(path: string, inode: DoorInode, position: number, room: number): { data: Uint8Array; next: number } | number {
  const all = entries(path, inode)
  const parts: Buffer[] = []
  let used = 0
  let next = position
  for (; next < all.length; next++) {
    const { name, type, ino } = all[next]
    const text = Buffer.from(name)
    const part = Buffer.alloc((HEADER + text.length + 8) & ~7)
    if (used + part.length > room) break
    part.writeBigUInt64LE(BigInt(ino), 0)
    part.writeBigInt64LE(BigInt(next + 1), 8)
    part.writeUInt16LE(part.length, 16)
    part[18] = type
    part.set(text, HEADER)
    parts.push(part)
    used += part.length
  }
  if (used === 0 && next < all.length) return -EINVAL
  return { data: Buffer.concat(parts), next }
}
