/** From whom a device wants a group, by the wishes of all its users, and what of that is told (RFC 3376 3.2, 5.1). */
import t from 'tap'
import {
  mc_filter,
  mc_filter_allows,
  mc_filter_answer,
  mc_filter_back,
  mc_filter_buried,
  mc_filter_change,
  mc_filter_changes,
  mc_filter_epitaph,
  mc_filter_queried,
  mc_filter_state,
  type mc_record,
  mc_records_fit,
} from '../../../src/net/ipv4/mc_filter.ts'
import { MCAST_EXCLUDE, MCAST_INCLUDE } from '../../../src/uapi/linux/in.ts'

const [A, B, C] = [1, 2, 3].map((n) => Uint8Array.of(10, 0, 0, n))
const names = new Map([
  [1, 'A'],
  [2, 'B'],
  [3, 'C'],
])
const types = ['', 'IS_IN', 'IS_EX', 'TO_IN', 'TO_EX', 'ALLOW', 'BLOCK']
const text = (records: mc_record[]) => records.map(({ type, sources }) => `${types[type]}(${sources.map((s) => names.get(s[3])).join('')})`)
const join = (f: mc_filter, mode: number, ...sources: Uint8Array[]) => mc_filter_change(f, { mode, sources, users: 1, by: 1 }, 2)
const leave = (f: mc_filter, mode: number, ...sources: Uint8Array[]) => mc_filter_change(f, { mode, sources, users: -1, by: -1 }, 2)
const source = (f: mc_filter, mode: number, addr: Uint8Array, by: 1 | -1) => mc_filter_change(f, { mode, sources: [addr], users: 0, by }, 2)

t.test('included sources: each that comes or goes is told twice', async (t) => {
  const f = new mc_filter(MCAST_INCLUDE)
  t.equal(source(f, MCAST_INCLUDE, A, 1), true)
  t.equal(source(f, MCAST_INCLUDE, B, 1), true)
  t.same(text(mc_filter_changes(f)), ['ALLOW(AB)'])
  t.equal(source(f, MCAST_INCLUDE, A, -1), true)
  t.same(text(mc_filter_changes(f)), ['ALLOW(B)', 'BLOCK(A)'])
  t.same(text(mc_filter_changes(f)), ['BLOCK(A)'])
  t.same(text(mc_filter_changes(f)), [])
  t.same(text([mc_filter_state(f)]), ['IS_IN(B)'])
  t.same(
    [A, B].map((s) => mc_filter_allows(f, s)),
    [false, true],
  )
})
t.test('a user of all sources changes the mode; while that is told sources are not', async (t) => {
  const f = new mc_filter(MCAST_INCLUDE)
  source(f, MCAST_INCLUDE, A, 1)
  t.equal(join(f, MCAST_EXCLUDE, B), true)
  t.same(text([mc_filter_state(f)]), ['IS_EX(B)'])
  t.same(text(mc_filter_changes(f)), ['TO_EX(B)'])
  t.equal(source(f, MCAST_EXCLUDE, C, 1), true)
  t.same(text(mc_filter_changes(f)), ['TO_EX(BC)'])
  t.same(
    [A, B, C].map((s) => mc_filter_allows(f, s)),
    [true, false, false],
    'who is included by one is heard',
  )
  t.equal(leave(f, MCAST_EXCLUDE, B, C), true)
  t.same(text(mc_filter_changes(f)), ['TO_IN(A)'])
})
t.test('a source is excluded only where all users exclude it', async (t) => {
  const f = new mc_filter(MCAST_EXCLUDE)
  source(f, MCAST_EXCLUDE, A, 1)
  t.equal(mc_filter_allows(f, A), false)
  t.same(text(mc_filter_changes(f)), ['BLOCK(A)'])
  t.equal(join(f, MCAST_EXCLUDE), true)
  t.equal(mc_filter_allows(f, A), true)
  t.same(text(mc_filter_changes(f)), ['ALLOW(A)'])
})
t.test('what is left of a group is told too, unless it comes back', async (t) => {
  const all = mc_filter_buried(new mc_filter(MCAST_EXCLUDE), 2)
  t.same(
    [1, 2, 3].map(() => text(mc_filter_epitaph(all))),
    [['TO_IN()'], ['TO_IN()'], []],
  )
  const f = new mc_filter(MCAST_INCLUDE)
  source(f, MCAST_INCLUDE, A, 1)
  mc_filter_changes(f)
  leave(f, MCAST_INCLUDE, A)
  const gone = mc_filter_buried(f, 2)
  t.same(text(mc_filter_epitaph(gone)), ['BLOCK(A)'])
  const again = new mc_filter(MCAST_INCLUDE)
  source(again, MCAST_INCLUDE, B, 1)
  mc_filter_back(again, gone, 2)
  t.same(text(mc_filter_changes(again)), ['ALLOW(B)', 'BLOCK(A)'])
})
t.test('records that do not fit go into the next packet', async (t) => {
  const record = { type: 1, sources: [A, B, C] }
  const packets = mc_records_fit([record, record], 20, 8, 4)
  t.same(packets.map(text), [['IS_IN(ABC)'], ['IS_IN(ABC)']])
  t.same(mc_records_fit([record], 12, 8, 4).map(text), [['IS_IN(A)'], ['IS_IN(B)'], ['IS_IN(C)']])
})

t.test('a query for sources is answered for those of them that are wanted, and once', async (t) => {
  const f = new mc_filter(MCAST_INCLUDE)
  source(f, MCAST_INCLUDE, A, 1)
  source(f, MCAST_INCLUDE, B, 1)
  t.notOk(mc_filter_queried(f, [C], false), 'of none: no answer')
  t.ok(mc_filter_queried(f, [A, C], false))
  t.same(text([mc_filter_answer(f)]), ['IS_IN(A)'])
  t.same(text([mc_filter_answer(f)]), ['IS_IN(AB)'], 'the next answer is about all')
  t.ok(mc_filter_queried(f, [], false))
  t.ok(mc_filter_queried(f, [B], true))
  t.same(text([mc_filter_answer(f)]), ['IS_IN(AB)'], 'an answer for the group that is due stays one')
})

t.test('where sources are excluded, a query for those alone has no answer, for others the whole', async (t) => {
  const f = new mc_filter(MCAST_EXCLUDE)
  source(f, MCAST_EXCLUDE, A, 1)
  t.notOk(mc_filter_queried(f, [A], false))
  t.ok(mc_filter_queried(f, [A, B], false))
  t.same(text([mc_filter_answer(f)]), ['IS_EX(A)'])
})
