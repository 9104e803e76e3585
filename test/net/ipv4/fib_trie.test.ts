import t from 'tap'
import { RandomStream } from '../../../src/lib/random.ts'
import { fib_result, fib_table_lookup, flowi4 } from '../../../src/net/ipv4/fib_lookup.ts'
import { fib_config, fib_info } from '../../../src/net/ipv4/fib_semantics.ts'
import { fib_rt_info } from '../../../src/net/ipv4/fib_rt_info.ts'
import {
  child_length,
  child_shorter,
  EMPTY,
  FULL,
  fib_find_node,
  fib_table,
  get_child,
  KIDS,
  node_bits,
  node_pos,
  node_slen,
  PARENT,
  tnode_full,
  trie,
} from '../../../src/net/ipv4/fib_trie.ts'
import {
  fa_info,
  fa_next,
  fa_slen,
  fib_each_alias,
  fib_flush_leaf,
  fib_find_alias,
  fib_insert_alias,
  fib_remove_alias,
} from '../../../src/net/ipv4/fib_trie_alias.ts'
import { inet_make_mask } from '../../../src/uapi/linux/in.ts'

interface Prefix {
  addr: number
  plen: number
}
const table = () => new fib_table(254, new trie([]))
/** 0: none. */
function found(tb: fib_table, { addr, plen }: Prefix): number {
  const l = fib_find_node(tb.trie, addr | 0)
  const fa = l === 0 ? 0 : fib_find_alias(tb.trie, l, 32 - plen, 0, 0, tb.tb_id)
  return fa !== 0 && fa_slen(tb.trie, fa) === 32 - plen ? fa : 0
}
function insert(tb: fib_table, p: Prefix, n: number): void {
  const cfg = new fib_config(undefined as any)
  cfg.fc_priority = n
  remove(tb, p)
  const fi = new fib_info(cfg)
  fi.fib_nr = (tb.trie.infos as fib_info[]).push(fi) - 1
  fi.nh = { nh_info: { nhc: { fib_nh_flags: 0 } } } as any
  fib_insert_alias(tb.trie, fib_find_node(tb.trie, p.addr | 0), 0, new fib_rt_info(fi, tb.tb_id, p.addr, p.plen, 0, 1))
}
function remove(tb: fib_table, p: Prefix): void {
  const fa = found(tb, p)
  if (fa !== 0) fib_remove_alias(tb.trie, fib_find_node(tb.trie, p.addr | 0), fa)
}
function listed(tb: fib_table): string[] {
  const out: string[] = []
  fib_each_alias(tb, ({ dst, dst_len }) => out.push(`${dst}/${dst_len}`))
  return out
}

/** What nodes know of their children, against the children themselves. */
function wrongly_known(t: trie, n: number): string[] {
  if (n === 0) return []
  if (node_bits(t, n) === 0) {
    let slen = 0
    for (let fa = n; fa !== 0; fa = fa_next(t, fa)) slen = Math.max(slen, fa_slen(t, fa))
    return slen === node_slen(t, n) ? [] : ['slen of a leaf']
  }
  const wrong: string[] = []
  let slen = node_pos(t, n)
  let empty = 0
  let full = 0
  for (let i = 0; i < child_length(t, n); i++) {
    const c = get_child(t, n, i)
    if (c === 0) empty++
    if (tnode_full(t, n, c)) full++
    if (c === 0) continue
    slen = Math.max(slen, node_slen(t, c))
    if (t.word[c + PARENT] !== n) wrong.push('parent')
    if (child_shorter(t, n, i) !== node_slen(t, c) > node_pos(t, n)) wrong.push('slot')
    wrong.push(...wrongly_known(t, c))
  }
  // as in Linux a node may think of a shorter prefix that has gone
  if (slen > node_slen(t, n)) wrong.push('slen')
  if (empty !== t.word[n + EMPTY] || full !== t.word[n + FULL]) wrong.push('counts')
  return wrong
}

t.test('a dump goes by address, at one address from long to short prefixes', async (t) => {
  const tb = table()
  const texts = [
    '10.0.0.0/8',
    '0.0.0.0/0',
    '10.0.0.0/24',
    '10.0.0.0/16',
    '10.0.0.1/32',
    '9.255.255.255/32',
    '255.255.255.255/32',
    '128.0.0.0/1',
    '10.0.0.0/32',
  ]
  for (const [i, text] of texts.entries()) {
    const [a, plen] = text.split('/')
    insert(tb, { addr: a.split('.').reduce((s, p) => s * 256 + Number(p), 0), plen: Number(plen) }, i)
  }
  const text = (key: string) => {
    const [a, plen] = key.split('/').map(Number)
    return `${a >>> 24}.${(a >>> 16) & 255}.${(a >>> 8) & 255}.${a & 255}/${plen}`
  }
  t.same(listed(tb).map(text), [
    '0.0.0.0/0',
    '9.255.255.255/32',
    '10.0.0.0/32',
    '10.0.0.0/24',
    '10.0.0.0/16',
    '10.0.0.0/8',
    '10.0.0.1/32',
    '128.0.0.0/1',
    '255.255.255.255/32',
  ])
})

t.test('random inserts, removals and lookups agree with a plain list', async (t) => {
  const random = new RandomStream(7, 'trie')
  const tb = table()
  const naive = new Map<string, Prefix & { n: number }>()
  // few distinct bits, so that prefixes nest and collide
  const prefix = (): Prefix => {
    const plen = random.below(33)
    return { addr: (random.u32() & 0xc0f0a503 & inet_make_mask(plen)) >>> 0, plen }
  }
  const longest = (addr: number) =>
    [...naive.values()].filter((p) => ((p.addr ^ addr) & inet_make_mask(p.plen)) === 0).sort((a, b) => b.plen - a.plen)[0]
  let wrong = 0
  for (let step = 0; step < 20000; step++) {
    const p = prefix()
    const key = `${p.addr}/${p.plen}`
    if (random.below(3) > 0) {
      insert(tb, p, step)
      naive.set(key, { ...p, n: step })
    } else if (naive.delete(key)) {
      remove(tb, p)
    }
    if ((found(tb, p) !== 0) !== naive.has(key)) wrong++
    if (step % 500 === 0) t.same(wrongly_known(tb.trie, get_child(tb.trie, 0, 0)), [])
    if (step % 20 === 0) {
      const addr = random.u32() & 0xc0f0a503
      const res = new fib_result()
      fib_table_lookup(tb, new flowi4(addr >>> 0), res, 0)
      if ((res.fi?.fib_priority ?? -1) !== (longest(addr)?.n ?? -1)) wrong++
    }
  }
  t.equal(wrong, 0)
  const expected = [...naive.values()].sort((a, b) => a.addr - b.addr || b.plen - a.plen).map((p) => `${p.addr}/${p.plen}`)
  t.same(listed(tb), expected)
  for (const p of naive.values()) remove(tb, p)
  t.equal(tb.trie.word[KIDS], 0, 'an empty table has no nodes')
})

t.test('a flushed leaf keeps the other routes in their order', async (t) => {
  const tb = table()
  const addr = 0x0a000000
  for (const plen of [8, 24, 16, 32, 12]) insert(tb, { addr, plen }, plen)
  const l = fib_find_node(tb.trie, addr)
  const without = (...gone: number[]) => fib_flush_leaf(tb.trie, l, (fa) => gone.includes(fa_info(tb.trie, fa).fib_priority))
  t.same(without(32, 12), { count: 2, left: true }, 'the first and one in the middle')
  t.same(listed(tb), [`${addr}/24`, `${addr}/16`, `${addr}/8`])
  t.same(without(8), { count: 1, left: true }, 'the last')
  t.equal(node_slen(tb.trie, l), 16)
  t.same(without(24, 16), { count: 2, left: false })
})
