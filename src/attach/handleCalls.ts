/**
 * Control groups by number: ss asks for the name of the group that a socket is in by a file handle (fs/fhandle.c), which for
 * cgroup2 is the number of the directory's inode.
 */
import { EFAULT, EINVAL, EOPNOTSUPP, EOVERFLOW, ESTALE } from './abi.ts'
import type { Handlers } from './calls.ts'
import { found, openServed } from './fileCalls.ts'
import { AT_PAYLOAD, bytes, native } from './native.ts'
import type { Call, Supervisor } from './supervisor.ts'
import type { DoorInode } from './syscallsDoor.ts'
import { ANSWERED, arg, CONTINUE, intArg, type Outcome } from './trap.ts'
import { VirtualFile } from './virtualFile.ts'

const CGROUPS = /^\/run\/cgroup2(\/|$)/
/** struct file_handle: bytes that follow, kind, those bytes. */
const HEADER = 8
const HANDLE_BYTES = 8
const FILEID_KERNFS = 0xfe
/** As /proc/self/mountinfo would number the mount. */
const MOUNT_ID = 30

function nameToHandleAt(s: Supervisor, call: Call): Outcome {
  const file = found(s, call, intArg(0), false)
  if (typeof file !== 'object') return file
  if (!CGROUPS.test(file.path) || file.inode.ino === undefined) return -EOPNOTSUPP
  const { tid } = call.trap
  if (native.read(tid, arg(2), HEADER, AT_PAYLOAD) < 0) return -EFAULT
  const fits = bytes.readUInt32LE(AT_PAYLOAD) >= HANDLE_BYTES
  bytes.writeUInt32LE(HANDLE_BYTES, AT_PAYLOAD)
  bytes.writeInt32LE(FILEID_KERNFS, AT_PAYLOAD + 4)
  bytes.writeBigUInt64LE(BigInt(file.inode.ino), AT_PAYLOAD + HEADER)
  if (native.write(tid, arg(2), fits ? HEADER + HANDLE_BYTES : 4, AT_PAYLOAD) < 0) return -EFAULT
  bytes.writeInt32LE(MOUNT_ID, AT_PAYLOAD)
  if (native.write(tid, arg(3), 4, AT_PAYLOAD) < 0) return -EFAULT
  return fits ? 0 : -EOVERFLOW
}

function openByHandleAt(s: Supervisor, call: Call): Outcome {
  const mount = s.described(call.process, intArg(0))
  if (!(mount instanceof VirtualFile) || !CGROUPS.test(mount.path)) return CONTINUE
  if (native.read(call.trap.tid, arg(1), HEADER + HANDLE_BYTES, AT_PAYLOAD) < 0) return -EFAULT
  if (bytes.readUInt32LE(AT_PAYLOAD) !== HANDLE_BYTES || bytes.readInt32LE(AT_PAYLOAD + 4) !== FILEID_KERNFS) return -EINVAL
  const ino = Number(bytes.readBigUInt64LE(AT_PAYLOAD + HEADER))
  const group = groupOf({ path: mount.path, inode: mount.inode }, ino)
  if (group === undefined) return -ESTALE
  const { attachment } = call.process
  const fd = openServed(s, call, { attachment, ...group, flags: intArg(2), far: s.scratch.open(group.path), near: -1 })
  return fd < 0 ? fd : ANSWERED
}

/** The directory of that number at or below a directory. */
function groupOf(from: { path: string; inode: DoorInode }, ino: number): { path: string; inode: DoorInode } | undefined {
  if (from.inode.ino === ino) return from
  for (const name of from.inode.list?.() ?? []) {
    const inode = from.inode.child?.(name)
    const group = inode?.kind === 'dir' ? groupOf({ path: `${from.path}/${name}`, inode }, ino) : undefined
    if (group !== undefined) return group
  }
  return undefined
}

export const handleCalls: Handlers = { name_to_handle_at: nameToHandleAt, open_by_handle_at: openByHandleAt }
