/** Pieces of packets: a test a row of the tables in src/net/ipv4/inet_fragment.ts, and where they end. */
import t from 'tap'
import { alloc_skb, skb_put } from '../../../src/net/core/skbuff.ts'
import {
  IPFRAG_DUP,
  IPFRAG_OK,
  IPFRAG_OVERLAP,
  inet_frag_find,
  inet_frag_length,
  inet_frag_queue_insert,
  inet_frag_reasm,
  type inet_frag_queue,
  inet_frags,
  frag_sockstat,
} from '../../../src/net/ipv4/inet_fragment.ts'
import { NeighbourHost } from '../core/neighbourHost.ts'

const expired: string[] = []
const note_expired = (fq: inet_frag_queue) => void expired.push(fq.key)

function frags({ time = 250, high_thresh = 10_000, low_thresh = 5_000 } = {}) {
  const { kernel } = new NeighbourHost()
  expired.length = 0
  return { kernel, table: new inet_frags(kernel.init_net, { time, high_thresh, low_thresh }, note_expired, 200) }
}
/** Pieces from … to, in their order; what came of each. */
function pieces(table: inet_frags, ...ranges: [number, number][]) {
  const fq = inet_frag_find(table, 'k') as inet_frag_queue
  return ranges.map(([from, to]) => {
    const skb = alloc_skb(100)
    skb_put(skb, to - from)
    skb.network_header = 0
    if (from === 0) fq.head = skb
    return inet_frag_queue_insert(fq, skb, from, new Uint8Array(to - from).fill(from))
  })
}
/** The length of the whole by what came before, and whether the next fits. */
function lengths(...ends: [number, boolean][]) {
  const fq = inet_frag_find(frags().table, 'k') as inet_frag_queue
  const fits = ends.map(([end, more]) => inet_frag_length(fq, end, more))
  return { fits: fits.at(-1), len: fq.len, last_in: fq.last_in }
}

t.test('the last piece is not there, this one is: the whole ends with it, unless something lies beyond', async (t) => {
  t.strictSame(lengths([16, true], [32, false]), { fits: true, len: 32, last_in: true })
  t.equal(lengths([40, true], [32, false]).fits, false)
})
t.test('the last piece is there, and this is the last: it must end where that does', async (t) => {
  t.equal(lengths([32, false], [32, false]).fits, true)
  t.equal(lengths([32, false], [40, false]).fits, false)
})
t.test('the last piece is not there, nor is this the last: the whole is as long at least', async (t) => {
  t.strictSame(lengths([16, true], [48, true]), { fits: true, len: 48, last_in: false })
})
t.test('the last piece is there, this one is not the last: it must not go beyond that', async (t) => {
  t.equal(lengths([32, false], [24, true]).fits, true)
  t.equal(lengths([32, false], [40, true]).fits, false)
})

t.test('pieces that do not touch, or follow each other, are kept', async (t) => {
  t.strictSame(pieces(frags().table, [0, 8], [24, 32], [8, 16], [16, 24]), [IPFRAG_OK, IPFRAG_OK, IPFRAG_OK, IPFRAG_OK])
})
t.test('a piece that lies within what came in one run is there already', async (t) => {
  t.strictSame(pieces(frags().table, [0, 16], [16, 32], [8, 24]), [IPFRAG_OK, IPFRAG_OK, IPFRAG_DUP])
})
t.test('one that overlaps in another way spoils the packet', async (t) => {
  t.strictSame(pieces(frags().table, [0, 16], [8, 24]), [IPFRAG_OK, IPFRAG_OVERLAP])
  t.strictSame(pieces(frags().table, [8, 16], [0, 24]), [IPFRAG_OK, IPFRAG_OVERLAP])
})
t.test('all of it is there: each byte from its piece, and nothing waits', async (t) => {
  const { table } = frags()
  const fq = inet_frag_find(table, 'k') as inet_frag_queue
  inet_frag_length(fq, 16, false)
  pieces(table, [8, 16])
  t.equal(inet_frag_reasm(fq), undefined, 'the first is missing')
  pieces(table, [0, 8])
  t.strictSame([...(inet_frag_reasm(fq) as Uint8Array)], [0, 0, 0, 0, 0, 0, 0, 0, 8, 8, 8, 8, 8, 8, 8, 8])
  t.equal(frag_sockstat('FRAG', table), 'FRAG: inuse 0 memory 0\n')
})
t.test('the time is up: it is told, and nothing waits', async (t) => {
  const { kernel, table } = frags({ time: 250 })
  pieces(table, [0, 8])
  t.equal(frag_sockstat('FRAG', table), 'FRAG: inuse 1 memory 904\n')
  kernel.events.runUntil(kernel.now() + 0.9e9)
  t.strictSame(expired, [])
  kernel.events.runUntil(kernel.now() + 0.2e9)
  t.strictSame(expired, ['k'])
  t.equal(frag_sockstat('FRAG', table), 'FRAG: inuse 0 memory 0\n')
})
t.test('more than the upper threshold waits: no packet is begun', async (t) => {
  const { table } = frags({ high_thresh: 900 })
  pieces(table, [0, 8])
  t.equal(inet_frag_find(table, 'other'), undefined)
  t.ok(inet_frag_find(table, 'k'), 'but one that is begun goes on')
  t.equal(inet_frag_find(frags({ high_thresh: 0 }).table, 'k'), undefined, 'and with none, none at all')
})
