import t from 'tap'
import { EventQueue } from '../../../src/kernel/time.ts'
import { RandomStream } from '../../../src/lib/random.ts'
import { netns_fib6 } from '../../../src/net/ipv6/ip6_fib.ts'
import { fib6_add } from '../../../src/net/ipv6/ip6_fib_add.ts'
import { fib6_del } from '../../../src/net/ipv6/ip6_fib_del.ts'
import { fib6_info, nl_info6_kernel } from '../../../src/net/ipv6/ip6_fib_info.ts'
import { fib6_table_lookup, flowi6 } from '../../../src/net/ipv6/ip6_fib_lookup.ts'
import { fib6_first_node, fib6_next_node, type fib6_node, type fib6_table } from '../../../src/net/ipv6/ip6_fib_node.ts'
import { ipv6_addr_prefix, ipv6_prefix_equal } from '../../../src/uapi/linux/in6.ts'

interface Prefix {
  addr: Uint8Array
  plen: number
}
/** A namespace as far as the trie knows it. */
function bare(): any {
  return { kernel: { events: new EventQueue(), jiffies: () => 0 }, ipv6: { fib6: new netns_fib6() } }
}
/** Addresses of few distinct bits, so that prefixes meet. */
function random_prefix(r: RandomStream): Prefix {
  const addr = new Uint8Array(16)
  for (let i = 0; i < 16; i++) addr[i] = [0, 1, 0x80, 0xff][r.below(4)]
  const plen = [0, 1, 7, 8, 9, 16, 31, 32, 63, 64, 65, 127, 128][r.below(13)]
  return { addr: ipv6_addr_prefix(addr, plen), plen }
}
function key({ addr, plen }: Prefix): string {
  return `${Buffer.from(addr).toString('hex')}/${plen}`
}
function make(tb: fib6_table, dst: Prefix, metric: number): fib6_info {
  const rt = new fib6_info(tb)
  rt.fib6_dst = dst.addr
  rt.fib6_dst_plen = dst.plen
  rt.fib6_metric = metric
  return rt
}
function walked(tb: fib6_table): string[] {
  const out: string[] = []
  for (let n: fib6_node | undefined = fib6_first_node(tb.tb6_root); n !== undefined; n = fib6_next_node(n)) {
    for (const rt of n.leaf) out.push(`${key({ addr: rt.fib6_dst, plen: rt.fib6_dst_plen })} ${rt.fib6_metric}`)
  }
  return out
}
/** Nodes without routes that refer to this one, which lies below them. */
function held(tb: fib6_table, rt: fib6_info): number {
  let count = 0
  for (let n: fib6_node | undefined = fib6_first_node(tb.tb6_root); n !== undefined; n = fib6_next_node(n)) {
    if (n.holder !== rt) continue
    if (n.leaf.length > 0 || !ipv6_prefix_equal(rt.fib6_dst, n.key, n.fn_bit))
      throw new Error('a node refers to a route that is not below it')
    count++
  }
  return count
}
/** By address; a prefix comes after all that lie in it; then by metric. */
function ordered(routes: readonly fib6_info[]): string[] {
  const inside = (a: fib6_info, b: fib6_info) =>
    a.fib6_dst_plen > b.fib6_dst_plen && ipv6_prefix_equal(a.fib6_dst, b.fib6_dst, b.fib6_dst_plen)
  const order = (a: fib6_info, b: fib6_info) => {
    if (inside(a, b)) return -1
    if (inside(b, a)) return 1
    return Buffer.compare(a.fib6_dst, b.fib6_dst) || a.fib6_metric - b.fib6_metric
  }
  return [...routes].sort(order).map((rt) => `${key({ addr: rt.fib6_dst, plen: rt.fib6_dst_plen })} ${rt.fib6_metric}`)
}
/** Nodes that a trie of these prefixes needs: theirs, and one where two ways part without a route. The root is not counted. */
function needed(routes: readonly fib6_info[]): number {
  const nodes = new Set<string>()
  const prefixes = [...new Map(routes.map((rt) => [key({ addr: rt.fib6_dst, plen: rt.fib6_dst_plen }), rt])).values()]
  for (const a of prefixes) {
    nodes.add(key({ addr: a.fib6_dst, plen: a.fib6_dst_plen }))
    for (const b of prefixes) {
      let plen = 0
      while (plen < Math.min(a.fib6_dst_plen, b.fib6_dst_plen) && ipv6_prefix_equal(a.fib6_dst, b.fib6_dst, plen + 1)) plen++
      nodes.add(key({ addr: ipv6_addr_prefix(a.fib6_dst, plen), plen }))
    }
  }
  nodes.delete(key({ addr: new Uint8Array(16), plen: 0 }))
  return nodes.size
}

t.test('a seeded history against a list: order of the walk, nodes, lookups', async (t) => {
  const net = bare()
  const { fib6 } = net.ipv6 as { fib6: netns_fib6 }
  const tb = fib6.fib6_main_tbl
  const r = new RandomStream(6, 'fib6')
  let routes: fib6_info[] = []
  for (let step = 0; step < 600; step++) {
    if (routes.length > 0 && r.below(5) < 2) {
      const gone = routes[r.below(routes.length)]
      t.equal(fib6_del(net, gone, nl_info6_kernel(true)), undefined)
      routes = routes.filter((rt) => rt !== gone)
    } else {
      const rt = make(tb, random_prefix(r), r.below(3))
      const twin = routes.some(
        (other) =>
          other.fib6_metric === rt.fib6_metric &&
          key({ addr: other.fib6_dst, plen: other.fib6_dst_plen }) === key({ addr: rt.fib6_dst, plen: rt.fib6_dst_plen }),
      )
      const error = fib6_add(net, tb, rt, nl_info6_kernel(true))
      t.equal(error !== undefined, twin)
      if (error === undefined) routes.push(rt)
    }
    if (step % 20 !== 0) continue
    t.same(walked(tb), ordered(routes))
    t.equal(fib6.rt6_stats.fib_nodes, needed(routes), 'no node more than the shape needs')
    t.equal(fib6.rt6_stats.fib_rt_entries, routes.length)
    t.same(
      routes.map((rt) => rt.fib6_ref),
      routes.map((rt) => 1 + held(tb, rt)),
      'references: the table, and nodes that take their prefix from the route',
    )
    for (let i = 0; i < 20; i++) {
      const { addr } = random_prefix(r)
      const found = fib6_table_lookup(net, tb, 0, new flowi6(addr), 0)?.f6i
      const best = routes
        .filter((rt) => ipv6_prefix_equal(rt.fib6_dst, addr, rt.fib6_dst_plen))
        .sort((a, b) => b.fib6_dst_plen - a.fib6_dst_plen || a.fib6_metric - b.fib6_metric)[0]
      t.equal(found, best)
    }
  }
  for (const rt of routes) fib6_del(net, rt, nl_info6_kernel(true))
  t.ok(routes.every((rt) => rt.fib6_ref === 1))
  t.equal(fib6.rt6_stats.fib_nodes, 0, 'an empty table is its root')
  t.equal(fib6.rt6_stats.fib_route_nodes, 0)
})

t.test('sources have a trie of their own, walked before what lies in the prefix', async (t) => {
  const net = bare()
  const { fib6 } = net.ipv6 as { fib6: netns_fib6 }
  const tb = fib6.fib6_main_tbl
  const prefix = (first: number, plen: number): Prefix => ({ addr: Uint8Array.of(first, ...new Array(15).fill(0)), plen })
  const add = (dst: Prefix, src: Prefix, metric: number) => {
    const rt = make(tb, dst, metric)
    rt.fib6_src = src.addr
    rt.fib6_src_plen = src.plen
    fib6_add(net, tb, rt, nl_info6_kernel(true))
    return rt
  }
  const any = prefix(0, 0)
  const list = [
    add(prefix(0x20, 8), any, 1),
    add(prefix(0x20, 16), any, 2),
    add(prefix(0x20, 8), prefix(0x80, 8), 3),
    add(prefix(0x20, 8), prefix(0x80, 4), 4),
    add(prefix(0x20, 8), prefix(0x40, 4), 5),
  ]
  t.same(
    walked(tb).map((line) => Number(line.split(' ')[1])),
    [5, 3, 4, 2, 1],
  )
  t.equal(fib6.subtrees, 1)
  const found = (src: number) =>
    fib6_table_lookup(net, tb, 0, new flowi6(prefix(0x20, 128).addr, prefix(src, 128).addr), 0)?.f6i.fib6_metric
  t.same([0x80, 0x88, 0x40, 0x10].map(found), [2, 2, 2, 2], 'the longer destination wins over any source')
  fib6_del(net, list[1], nl_info6_kernel(true))
  t.same([0x80, 0x88, 0x40].map(found), [3, 4, 5])
  for (const rt of list) if (rt !== list[1]) fib6_del(net, rt, nl_info6_kernel(true))
  t.equal(fib6.rt6_stats.fib_nodes, 0)
  t.equal(fib6.subtrees, 0)
})
