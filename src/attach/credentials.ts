/**
 * Credentials of programs *on the host*, which need not be those outside: the rules of kernel/sys.c and
 * security/commoncap.c as far as programs can see them. Values are immutable; every call gives a new one or -errno.
 */
import { EINVAL, EPERM } from './abi.ts'

export const CAP_SETGID = 6
export const CAP_SETUID = 7
export const CAP_SETPCAP = 8
export const CAP_SYS_ADMIN = 21
export const CAP_LAST = 40
export const ALL_CAPABILITIES = (1n << BigInt(CAP_LAST + 1)) - 1n

const SECBIT_NOROOT = 1
const SECBIT_NO_SETUID_FIXUP = 4

export interface Ids {
  /** real, effective, saved */
  readonly r: number
  readonly e: number
  readonly s: number
}

export interface Credentials {
  readonly uid: Ids
  readonly gid: Ids
  readonly groups: readonly number[]
  readonly permitted: bigint
  readonly effective: bigint
  readonly inheritable: bigint
  readonly bounding: bigint
  readonly ambient: bigint
  readonly keepcaps: boolean
  readonly securebits: number
  /** Not a credential, but inherited as they are: the control group, by its path. */
  readonly cgroup: string
}

const same = (id: number): Ids => ({ r: id, e: id, s: id })

/** A user of the host: root has all capabilities, others none. */
export function credentialsOf(uid: number): Credentials {
  const capabilities = uid === 0 ? ALL_CAPABILITIES : 0n
  return {
    uid: same(uid),
    gid: same(uid),
    groups: uid === 0 ? [0] : [],
    permitted: capabilities,
    effective: capabilities,
    inheritable: 0n,
    bounding: ALL_CAPABILITIES,
    ambient: 0n,
    keepcaps: false,
    securebits: 0,
    cgroup: '/',
  }
}

export function has(c: Credentials, capability: number): boolean {
  return ((c.effective >> BigInt(capability)) & 1n) === 1n
}

/** security/commoncap.c cap_emulate_setxuid() */
function fixup(old: Credentials, uid: Ids): Credentials {
  const next = { ...old, uid }
  if (old.securebits & SECBIT_NO_SETUID_FIXUP) return next
  const hadRoot = old.uid.r === 0 || old.uid.e === 0 || old.uid.s === 0
  const hasRoot = uid.r === 0 || uid.e === 0 || uid.s === 0
  if (hadRoot && !hasRoot) {
    next.ambient = 0n
    if (!old.keepcaps) next.permitted = next.effective = 0n
  }
  if (old.uid.e === 0 && uid.e !== 0) next.effective = 0n
  if (old.uid.e !== 0 && uid.e === 0) next.effective = next.permitted
  return next as Credentials
}

/** setuid() or setgid() on one triple. */
function setOne(ids: Ids, id: number, privileged: boolean): Ids | number {
  if (id < 0) return -EINVAL
  if (privileged) return same(id)
  return id === ids.r || id === ids.s ? { ...ids, e: id } : -EPERM
}

function setReal(ids: Ids, r: number, e: number, privileged: boolean): Ids | number {
  if (!privileged && r !== -1 && r !== ids.r && r !== ids.e) return -EPERM
  if (!privileged && e !== -1 && e !== ids.r && e !== ids.e && e !== ids.s) return -EPERM
  const real = r === -1 ? ids.r : r
  const effective = e === -1 ? ids.e : e
  const saved = r !== -1 || (e !== -1 && effective !== ids.r) ? effective : ids.s
  return { r: real, e: effective, s: saved }
}

function setThree(ids: Ids, wanted: readonly number[], privileged: boolean): Ids | number {
  const mine = [ids.r, ids.e, ids.s]
  if (!privileged && wanted.some((id) => id !== -1 && !mine.includes(id))) return -EPERM
  const [r, e, s] = wanted.map((id, i) => (id === -1 ? mine[i] : id))
  return { r, e, s }
}

export type IdCall = 'setuid' | 'setgid' | 'setreuid' | 'setregid' | 'setresuid' | 'setresgid'

/** The set*id() family; `args` are ints, -1: leave as it is. */
export function setIds(c: Credentials, call: IdCall, args: readonly number[]): Credentials | number {
  const group = call.endsWith('gid')
  const ids = group ? c.gid : c.uid
  const privileged = has(c, group ? CAP_SETGID : CAP_SETUID)
  const next = call.startsWith('setres')
    ? setThree(ids, args, privileged)
    : call.startsWith('setre')
      ? setReal(ids, args[0], args[1], privileged)
      : setOne(ids, args[0], privileged)
  if (typeof next === 'number') return next
  return group ? { ...c, gid: next } : fixup(c, next)
}

export function setGroups(c: Credentials, groups: readonly number[]): Credentials | number {
  return has(c, CAP_SETGID) ? { ...c, groups } : -EPERM
}

export interface CapabilitySets {
  effective: bigint
  permitted: bigint
  inheritable: bigint
}

/** security/commoncap.c cap_capset() */
export function setCapabilities(c: Credentials, sets: CapabilitySets): Credentials | number {
  const { effective, permitted, inheritable } = sets
  if (!has(c, CAP_SETPCAP) && (inheritable & ~(c.inheritable | c.permitted)) !== 0n) return -EPERM
  if ((inheritable & ~(c.inheritable | c.bounding)) !== 0n) return -EPERM
  if ((permitted & ~c.permitted) !== 0n || (effective & ~permitted) !== 0n) return -EPERM
  return { ...c, effective, permitted, inheritable, ambient: c.ambient & permitted & inheritable }
}

/** What execve() leaves (security/commoncap.c cap_bprm_creds_from_file(), files without capabilities). */
export function afterExec(c: Credentials): Credentials {
  const asRoot = !(c.securebits & SECBIT_NOROOT) && (c.uid.r === 0 || c.uid.e === 0)
  const permitted = asRoot ? c.inheritable | c.bounding : c.ambient
  const effective = asRoot ? (c.uid.e === 0 ? permitted : 0n) : c.ambient
  const unchanged = permitted === c.permitted && effective === c.effective && !c.keepcaps && c.uid.s === c.uid.e && c.gid.s === c.gid.e
  if (unchanged) return c
  return { ...c, permitted, effective, keepcaps: false, uid: { ...c.uid, s: c.uid.e }, gid: { ...c.gid, s: c.gid.e } }
}

const PR_GET_KEEPCAPS = 7
const PR_SET_KEEPCAPS = 8
const PR_CAPBSET_READ = 23
const PR_CAPBSET_DROP = 24
const PR_GET_SECUREBITS = 27
const PR_SET_SECUREBITS = 28
const PR_CAP_AMBIENT = 47

/** prctl()'s capability calls: new credentials, or the result (-errno on failure). */
export function prctl(c: Credentials, option: number, a: number, b: number): Credentials | number {
  switch (option) {
    case PR_GET_KEEPCAPS:
      return c.keepcaps ? 1 : 0
    case PR_SET_KEEPCAPS:
      return a > 1 ? -EINVAL : { ...c, keepcaps: a === 1 }
    case PR_CAPBSET_READ:
      return a > CAP_LAST ? -EINVAL : Number((c.bounding >> BigInt(a)) & 1n)
    case PR_CAPBSET_DROP:
      if (!has(c, CAP_SETPCAP)) return -EPERM
      return a > CAP_LAST ? -EINVAL : { ...c, bounding: c.bounding & ~(1n << BigInt(a)) }
    case PR_GET_SECUREBITS:
      return c.securebits
    case PR_SET_SECUREBITS:
      return has(c, CAP_SETPCAP) ? { ...c, securebits: a } : -EPERM
    case PR_CAP_AMBIENT:
      return ambient(c, a, b)
  }
  return -EINVAL
}

function ambient(c: Credentials, operation: number, capability: number): Credentials | number {
  const PR_CAP_AMBIENT_IS_SET = 1
  const PR_CAP_AMBIENT_RAISE = 2
  const PR_CAP_AMBIENT_LOWER = 3
  const PR_CAP_AMBIENT_CLEAR_ALL = 4
  if (operation === PR_CAP_AMBIENT_CLEAR_ALL) return capability === 0 ? { ...c, ambient: 0n } : -EINVAL
  if (capability > CAP_LAST) return -EINVAL
  const bit = 1n << BigInt(capability)
  if (operation === PR_CAP_AMBIENT_IS_SET) return (c.ambient & bit) !== 0n ? 1 : 0
  if (operation === PR_CAP_AMBIENT_LOWER) return { ...c, ambient: c.ambient & ~bit }
  if (operation !== PR_CAP_AMBIENT_RAISE) return -EINVAL
  return (c.permitted & c.inheritable & bit) !== 0n ? { ...c, ambient: c.ambient | bit } : -EPERM
}
