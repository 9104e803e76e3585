/**
 * net/ipv4/igmp.c ip_mc_add_src, add_grec, net/ipv6/mcast.c alike: from whom a device wants to hear a group, which is what
 * all its users want together, and what of that is to be told (RFC 3376 3.2, 5.1; RFC 3810 4.2, 6.1).
 *
 * | the users' wishes change     | told, qrv times                                                   |
 * | ---------------------------- | ----------------------------------------------------------------- |
 * | mode INCLUDE to EXCLUDE      | CHANGE_TO_EXCLUDE with the sources that nobody wants               |
 * | mode EXCLUDE to INCLUDE      | CHANGE_TO_INCLUDE with the sources that somebody wants             |
 * | sources only                 | ALLOW_NEW_SOURCES, BLOCK_OLD_SOURCES with those that have changed  |
 */
import { MCAST_EXCLUDE, MCAST_INCLUDE } from '../../uapi/linux/in.ts'

export const MODE_IS_INCLUDE = 1
export const MODE_IS_EXCLUDE = 2
export const CHANGE_TO_INCLUDE = 3
export const CHANGE_TO_EXCLUDE = 4
export const ALLOW_NEW_SOURCES = 5
export const BLOCK_OLD_SOURCES = 6

/** struct ip_sf_list: users that include the source, and that exclude it; reports of its change still to be sent. */
export class mc_source {
  readonly addr: Uint8Array
  include = 0
  exclude = 0
  crcount = 0
  /** A query has asked for it. */
  gsresp = false
  constructor(addr: Uint8Array) {
    this.addr = addr
  }
}
/** A record of a report. */
export interface mc_record {
  type: number
  sources: Uint8Array[]
}
function key(addr: Uint8Array): string {
  return String.fromCharCode(...addr)
}

/** The part of ip_mc_list and ifmcaddr6 that sources have. */
export class mc_filter {
  sfmode: number
  /** Users by mode. */
  excluding = 0
  including = 0
  sources = new Map<string, mc_source>()
  /** Sources that do not count any more, until that has been told. */
  tomb = new Map<string, mc_source>()
  /** Reports of a changed mode still to be sent. */
  crcount = 0
  /** The answer that is due is about the sources that were asked for. */
  gsquery = false
  constructor(sfmode: number) {
    this.sfmode = sfmode
    if (sfmode === MCAST_EXCLUDE) this.excluding = 1
    else this.including = 1
  }
}
/** Whether the source is in the list that the mode is about (sf_markstate, sf_setstate). */
function active(f: mc_filter, s: mc_source): boolean {
  return f.excluding > 0 ? s.exclude === f.excluding && s.include === 0 : s.include > 0
}
/** Whether packets of the source are wanted (ip_check_mc_rcu). */
export function mc_filter_allows(f: mc_filter, source: Uint8Array): boolean {
  const s = f.sources.get(key(source))
  if (s === undefined) return f.excluding > 0
  return s.include > 0 || s.exclude !== f.excluding
}
/** What a user more or less means. */
export interface mc_change {
  mode: number
  sources: readonly Uint8Array[]
  /** Users of the mode that come (1) or go (-1); 0: only sources of one that stays. */
  users: number
  /** Sources that come (1) or go (-1). */
  by: number
}
/** ip_mc_add_src(), ip_mc_del_src(): true, when there is something to be told. `qrv`: how often. */
export function mc_filter_change(f: mc_filter, c: mc_change, qrv: number): boolean {
  const old = new Set([...f.sources.values()].filter((s) => active(f, s)).map((s) => key(s.addr)))
  const was_exclude = f.sfmode === MCAST_EXCLUDE
  if (c.mode === MCAST_EXCLUDE) f.excluding += c.users
  else f.including += c.users
  for (const addr of c.sources) count(f, addr, c)
  if (f.excluding > 0 ? !was_exclude : was_exclude && f.including > 0) {
    f.sfmode = f.excluding > 0 ? MCAST_EXCLUDE : MCAST_INCLUDE
    f.crcount = qrv
    for (const s of f.sources.values()) s.crcount = 0
    drop_unused(f)
    return true
  }
  return note_changes(f, old, qrv)
}
function count(f: mc_filter, addr: Uint8Array, { mode, by }: mc_change): void {
  let s = f.sources.get(key(addr))
  if (s === undefined) {
    if (by < 0) return
    s = new mc_source(addr.slice())
    f.sources.set(key(addr), s)
  }
  if (mode === MCAST_EXCLUDE) s.exclude += by
  else s.include += by
}
function drop_unused(f: mc_filter): void {
  for (const [k, s] of f.sources) if (s.include === 0 && s.exclude === 0) f.sources.delete(k)
}
/** sf_setstate() */
function note_changes(f: mc_filter, old: ReadonlySet<string>, qrv: number): boolean {
  let changed = false
  for (const [k, s] of f.sources) {
    const now = active(f, s)
    if (now === old.has(k)) continue
    changed = true
    if (now) {
      s.crcount = qrv
      f.tomb.delete(k)
    } else {
      s.crcount = 0
      const gone = new mc_source(s.addr)
      gone.crcount = qrv
      f.tomb.set(k, gone)
    }
  }
  drop_unused(f)
  return changed
}

/**
 * igmp_marksources(): a query for the group, or for `sources` of it: whether there is anything to answer. `running`: an answer
 * is due already, which then is for both.
 */
export function mc_filter_queried(f: mc_filter, sources: readonly Uint8Array[], running: boolean): boolean {
  f.gsquery = sources.length > 0 && (f.gsquery || !running)
  if (!f.gsquery) return true
  const asked = [...f.sources.values()].filter((s) => sources.some((addr) => key(addr) === key(s.addr)))
  if (f.sfmode === MCAST_EXCLUDE) {
    f.gsquery = false
    return asked.filter((s) => active(f, s)).length !== sources.length
  }
  for (const s of asked) s.gsresp = true
  f.gsquery = asked.length > 0
  return f.gsquery
}
/** The answer to a query: the whole of what is wanted, or of the sources that were asked for. */
export function mc_filter_answer(f: mc_filter): mc_record {
  const { type, sources } = mc_filter_state(f)
  const marked = new Set([...f.sources.values()].filter((s) => s.gsresp).map((s) => s.addr))
  const record = { type, sources: f.gsquery ? sources.filter((addr) => marked.has(addr)) : sources }
  f.gsquery = false
  for (const s of f.sources.values()) s.gsresp = false
  return record
}
/** The whole of what is wanted; with `change` as a new mode. */
export function mc_filter_state(f: mc_filter, change = false): mc_record {
  const exclude = f.sfmode === MCAST_EXCLUDE
  const sources = [...f.sources.values()].filter((s) => (exclude ? active(f, s) : s.include > 0)).map((s) => s.addr)
  const type = exclude ? (change ? CHANGE_TO_EXCLUDE : MODE_IS_EXCLUDE) : change ? CHANGE_TO_INCLUDE : MODE_IS_INCLUDE
  return { type, sources }
}
/** Sources of which a change is still to be told, and one report less of each. */
function take(list: Map<string, mc_source>, forget: boolean, silent: boolean): Uint8Array[] {
  const out: Uint8Array[] = []
  for (const [k, s] of list) {
    if (s.crcount === 0) continue
    if (!silent) out.push(s.addr)
    if (--s.crcount === 0 && forget) list.delete(k)
  }
  return out
}
function present({ sources }: mc_record): boolean {
  return sources.length > 0
}
/** igmpv3_send_cr() of a group that is wanted. */
export function mc_filter_changes(f: mc_filter): mc_record[] {
  const exclude = f.excluding > 0
  // while the mode itself is told, its list says all (RFC 3376 5.1)
  const silent = f.crcount > 0
  const now = { type: exclude ? BLOCK_OLD_SOURCES : ALLOW_NEW_SOURCES, sources: take(f.sources, false, silent) }
  const gone = { type: exclude ? ALLOW_NEW_SOURCES : BLOCK_OLD_SOURCES, sources: take(f.tomb, true, silent) }
  const records = [now, gone].filter(present)
  if (f.crcount === 0) return records
  f.crcount--
  return [...records, mc_filter_state(f, true)]
}

/** igmpv3_add_delrec(): what is left of a group that nobody wants any more, until that has been told. */
export function mc_filter_buried(f: mc_filter, qrv: number): mc_filter {
  const gone = new mc_filter(f.sfmode)
  gone.crcount = qrv
  if (f.sfmode === MCAST_EXCLUDE) return gone
  for (const [k, s] of [...f.sources, ...f.tomb]) {
    const left = new mc_source(s.addr)
    left.crcount = qrv
    gone.tomb.set(k, left)
  }
  return gone
}
/** The records of such a group, and one report less of it. */
export function mc_filter_epitaph(f: mc_filter): mc_record[] {
  if (f.crcount === 0) return []
  f.crcount--
  if (f.sfmode === MCAST_EXCLUDE) return [{ type: CHANGE_TO_INCLUDE, sources: [] }]
  return [{ type: BLOCK_OLD_SOURCES, sources: take(f.tomb, true, false) }].filter(present)
}
/** igmpv3_del_delrec(): it is wanted again before that was told; a group of sources has its own news. */
export function mc_filter_back(f: mc_filter, gone: mc_filter, qrv: number): void {
  if (f.sfmode === MCAST_EXCLUDE) {
    f.crcount = qrv
    return
  }
  for (const [k, s] of gone.tomb) if (!f.sources.has(k)) f.tomb.set(k, s)
  for (const s of f.sources.values()) s.crcount = qrv
}

/** Records with their groups cut to packets of so many bytes: a record has `head` bytes and those of its sources. */
export function mc_records_fit<T extends { sources: Uint8Array[] }>(
  records: readonly T[],
  room: number,
  head: number,
  size: number,
): T[][] {
  const packets: T[][] = [[]]
  let left = room
  for (const r of records) {
    let rest = r.sources
    do {
      if (left < head + (rest.length > 0 ? size : 0) && packets[packets.length - 1].length > 0) {
        packets.push([])
        left = room
      }
      const n = Math.max(0, Math.min(rest.length, Math.floor((left - head) / size)))
      packets[packets.length - 1].push({ ...r, sources: rest.slice(0, n) })
      left -= head + n * size
      rest = n === 0 ? [] : rest.slice(n)
    } while (rest.length > 0)
  }
  return packets.filter((p) => p.length > 0)
}

/** igmp_mcf_seq_show(), igmp6_mcf_seq_show(): a line for each source that users of the group include or exclude. */
export function mcf_seq_lines(
  f: mc_filter,
  dev: { ifindex: number; name: string },
  group: string,
  text: (addr: Uint8Array) => string,
): string {
  const head = `${String(dev.ifindex).padStart(3)} ${dev.name.slice(0, 6).padStart(6)} ${group}`
  const lines = [...f.sources.values()].map(({ addr, include, exclude }) => {
    return `${head} ${text(addr)} ${String(include).padStart(6)} ${String(exclude).padStart(6)}\n`
  })
  return lines.join('')
}
