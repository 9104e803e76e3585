/** struct stat, struct statx and struct statfs of virtual files, as bytes. */
import { calls } from './native.ts'
import type { DoorInode } from './syscallsDoor.ts'

const S_IFREG = 0o100000
const S_IFDIR = 0o040000
const S_IFLNK = 0o120000
const S_IFSOCK = 0o140000
const FORMAT = { file: S_IFREG, dir: S_IFDIR, symlink: S_IFLNK }

/** Numbers that no real file system has. */
const DEVICES = { nsfs: 0xff004, tmpfs: 0xff006, proc: 0xff005, sysfs: 0xff007, sockfs: 0xff008 }
/** linux/magic.h */
const MAGIC = { nsfs: 0x6e736673, tmpfs: 0x01021994, proc: 0x9fa0, sysfs: 0x62656572, sockfs: 0x534f434b }
type FileSystem = keyof typeof MAGIC

export interface Status {
  fs: FileSystem
  device: number
  mode: number
  size: number
  nlink: number
  ino: number
  /** Seconds since 1970, for all three times. */
  time: number
}

/** `time`: of all three times, seconds since 1970. Sizes are those of proc and sysctl (0) and sysfs (a page). */
export function statusOf(path: string, inode: DoorInode, time: number): Status {
  const size = inode.size ?? (inode.kind === 'file' && path.startsWith('/sys/') ? 4096 : 0)
  const fs = fileSystemOf(path, inode)
  const nlink = inode.kind !== 'dir' ? 1 : fs === 'sysfs' ? 2 + directoriesIn(inode) : 2
  const ino = inode.ino ?? pathNumber(path)
  return { fs, device: DEVICES[fs], mode: FORMAT[inode.kind] | inode.mode, size, nlink, ino, time }
}

/** Of a socket's inode (fs/stat.c, sockfs). */
export function statusOfSocket(ino: number, time: number): Status {
  return { fs: 'sockfs', device: DEVICES.sockfs, mode: S_IFSOCK | 0o777, size: 0, nlink: 1, ino, time }
}

/** Each names the one above as "..", which sysfs counts. */
function directoriesIn(inode: DoorInode): number {
  let count = 0
  for (const name of inode.list?.() ?? []) if (inode.child?.(name)?.kind === 'dir') count++
  return count
}
function fileSystemOf(path: string, inode: DoorInode): FileSystem {
  return inode.fs ?? (path.startsWith('/sys/') ? 'sysfs' : 'proc')
}

/** A steady inode number for a path (FNV-1a). */
export function pathNumber(path: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < path.length; i++) h = Math.imul(h ^ path.charCodeAt(i), 0x01000193)
  return h >>> 0
}

/** asm/stat.h of this machine; the layouts of x86-64 and of the generic one differ in the head. */
export function packStat(status: Status): Uint8Array {
  const isX86 = calls.stat !== undefined
  const out = new Uint8Array(isX86 ? 144 : 128)
  const view = new DataView(out.buffer)
  const u64 = (at: number, value: number) => view.setBigUint64(at, BigInt(value), true)
  u64(0, status.device)
  u64(8, status.ino)
  if (isX86) u64(16, status.nlink)
  view.setUint32(isX86 ? 24 : 16, status.mode, true)
  if (!isX86) view.setUint32(20, status.nlink, true)
  u64(48, status.size)
  u64(56, 4096)
  for (const at of [72, 88, 104]) u64(at, status.time)
  return out
}

/** struct statx of linux/stat.h, the basic fields. */
export function packStatx(status: Status): Uint8Array {
  const STATX_BASIC_STATS = 0x7ff
  const out = new Uint8Array(256)
  const view = new DataView(out.buffer)
  const u64 = (at: number, value: number) => view.setBigUint64(at, BigInt(value), true)
  view.setUint32(0, STATX_BASIC_STATS, true)
  view.setUint32(4, 4096, true)
  view.setUint32(16, status.nlink, true)
  view.setUint16(28, status.mode, true)
  u64(32, status.ino)
  u64(40, status.size)
  for (const at of [64, 96, 112]) u64(at, status.time)
  view.setUint32(136, (status.device >> 8) & 0xfff, true)
  view.setUint32(140, (status.device & 0xff) | ((status.device >> 12) & 0xfff00), true)
  return out
}

/** struct statfs of asm-generic/statfs.h: nothing can be stored there. */
export function packStatfs(status: Status): Uint8Array {
  const out = new Uint8Array(120)
  const view = new DataView(out.buffer)
  const u64 = (at: number, value: number) => view.setBigUint64(at, BigInt(value), true)
  u64(0, MAGIC[status.fs])
  u64(8, 4096)
  u64(64, 255)
  u64(72, 4096)
  return out
}
