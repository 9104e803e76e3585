import t from 'tap'
import { RandomStream } from '../../../src/lib/random.ts'
import { fib_result, fib_table_lookup, flowi4 } from '../../../src/net/ipv4/fib_lookup.ts'
import { fib_config, fib_info } from '../../../src/net/ipv4/fib_semantics.ts'
import {
  fib_alias,
  fib_drop_node,
  fib_each_node,
  fib_find_node,
  fib_make_node,
  type fib_node,
  fib_table,
} from '../../../src/net/ipv4/fib_trie.ts'
import { inet_make_mask } from '../../../src/uapi/linux/in.ts'

interface Prefix {
  addr: number
  plen: number
}
function alias(n: number): fib_alias {
  const cfg = new fib_config(undefined as any)
  cfg.fc_priority = n
  return new fib_alias(new fib_info(cfg), 0, 1)
}
function insert(tb: fib_table, { addr, plen }: Prefix, n: number): void {
  fib_make_node(tb, addr, plen).aliases = [alias(n)]
}
function listed(tb: fib_table): string[] {
  const out: string[] = []
  fib_each_node(tb, (n) => out.push(`${n.key >>> 0}/${n.plen}`))
  return out
}
/** Nodes in all, and how many stand for nothing: no route and fewer than two children. */
function census(n: fib_node, root = true): { nodes: number; idle: number } {
  const kids = [n.left, n.right].filter((c) => c !== undefined)
  const sums = kids.map((c) => census(c, false))
  const idle = !root && n.aliases === undefined && kids.length < 2 ? 1 : 0
  return { nodes: 1 + sums.reduce((s, c) => s + c.nodes, 0), idle: idle + sums.reduce((s, c) => s + c.idle, 0) }
}

t.test('a dump goes by address, at one address from long to short prefixes', async (t) => {
  const tb = new fib_table(254)
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
  const tb = new fib_table(254)
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
      fib_drop_node(tb, p.addr, p.plen)
    }
    if ((fib_find_node(tb, p.addr, p.plen) !== undefined) !== naive.has(key)) wrong++
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
  const { nodes, idle } = census(tb.root)
  t.equal(idle, 0, 'no node stands for nothing')
  t.ok(nodes <= 2 * naive.size + 1, 'at most one parting a prefix')
  for (const p of naive.values()) fib_drop_node(tb, p.addr, p.plen)
  t.same([tb.root.left, tb.root.right, tb.root.aliases], [undefined, undefined, undefined], 'an empty table is only its root')
})
