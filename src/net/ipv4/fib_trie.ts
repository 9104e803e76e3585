/**
 * net/ipv4/fib_trie.c: the routes of a table (or of local and main, which share one until there are rules of one's own) by
 * destination address: a trie compressed in its paths and its levels, on typed arrays. A leaf is an address with all
 * prefixes that begin there, a tnode stands for `bits` bits at `pos`. Its shape is visible in /proc/net/fib_trie, so it
 * grows and shrinks by Linux's thresholds; fib_trie_resize.ts does that.
 */
import type { fib_info } from './fib_semantics.ts'

export const KEYLENGTH = 32

/** One route: what it is, and what it shares with others (fib_info). */
export class fib_alias {
  fa_info: fib_info
  readonly fa_dscp: number
  /** RTN_* */
  readonly fa_type: number
  /** Bits behind the prefix: 32 less its length. */
  readonly fa_slen: number
  readonly tb_id: number
  next: fib_alias | undefined = undefined
  constructor(fa_info: fib_info, fa_dscp: number, fa_type: number, fa_slen: number, tb_id: number) {
    this.fa_info = fa_info
    this.fa_dscp = fa_dscp
    this.fa_type = fa_type
    this.fa_slen = fa_slen
    this.tb_id = tb_id
  }
}

/**
 * A node is eight words of `node`, half a cache line, and named by the place of its first: its key (bits of the key, the
 * rest zero; signed), then these. Place 0 is the trie itself, above its only child; as a child 0 means none.
 */
export const POS = 1
/** 0: a leaf. */
export const BITS = 2
/** Longest fa_slen at or below. */
export const SLEN = 3
/** Where a node's children begin in `kids`. */
export const BASE = 4
export const PARENT = 5
export const EMPTY = 6
export const FULL = 7
const NODE_WORDS = 8

export class trie {
  node = new Int32Array(16 * NODE_WORDS)
  /** Routes of a leaf (by node / 8): long prefixes first. */
  leaf: (fib_alias | undefined)[] = [undefined]
  kids = new Int32Array(16)
  nodes = NODE_WORDS
  kids_top = 1
  /** Chain of given-up nodes by their parent, and of blocks of kids by size. */
  free_node = 0
  free_kids = new Int32Array(KEYLENGTH + 1)
  constructor() {
    this.node[POS] = KEYLENGTH
    this.node[SLEN] = KEYLENGTH
  }
}

export class fib_table {
  readonly tb_id: number
  /** Shared by local and main while they are one. */
  readonly trie: trie
  /** Default routes in the table. */
  tb_num_default = 0
  constructor(tb_id: number, shared?: trie) {
    this.tb_id = tb_id
    this.trie = shared ?? new trie()
  }
}

function alloc_node(t: trie): number {
  const n = t.free_node
  if (n !== 0) {
    t.free_node = t.node[n + PARENT]
    return n
  }
  if (t.nodes === t.node.length) {
    const wider = new Int32Array(t.nodes * 2)
    wider.set(t.node)
    t.node = wider
  }
  t.nodes += NODE_WORDS
  return t.nodes - NODE_WORDS
}
function alloc_kids(t: trie, bits: number): number {
  const size = 1 << bits
  const block = t.free_kids[bits]
  if (block !== 0) {
    t.free_kids[bits] = t.kids[block]
    t.kids.fill(0, block, block + size)
    return block
  }
  if (t.kids_top + size > t.kids.length) {
    const wider = new Int32Array(Math.max(t.kids.length * 2, t.kids_top + size))
    wider.set(t.kids)
    t.kids = wider
  }
  t.kids_top += size
  return t.kids_top - size
}

export function leaf_new(t: trie, key: number, fa: fib_alias): number {
  const n = alloc_node(t)
  t.node[n] = key
  t.node[n + POS] = 0
  t.node[n + BITS] = 0
  t.node[n + SLEN] = fa.fa_slen
  t.leaf[n >> 3] = fa
  return n
}
export function tnode_new(t: trie, key: number, pos: number, bits: number): number {
  const n = alloc_node(t)
  const shift = pos + bits
  t.node[n] = shift < KEYLENGTH ? (key >>> shift) << shift : 0
  t.node[n + POS] = pos
  t.node[n + BITS] = bits
  t.node[n + SLEN] = pos
  t.node[n + EMPTY] = 1 << bits
  t.node[n + FULL] = 0
  t.node[n + BASE] = alloc_kids(t, bits)
  t.leaf[n >> 3] = undefined
  return n
}
export function node_free(t: trie, n: number): void {
  if (t.node[n + BITS] !== 0) {
    t.kids[t.node[n + BASE]] = t.free_kids[t.node[n + BITS]]
    t.free_kids[t.node[n + BITS]] = t.node[n + BASE]
  }
  t.leaf[n >> 3] = undefined
  t.node[n + PARENT] = t.free_node
  t.free_node = n
}

/** Place of `key` among the children of `n`. */
export function get_index(t: trie, key: number, n: number): number {
  return n === 0 ? 0 : (key ^ t.node[n]) >>> t.node[n + POS]
}
export function get_child(t: trie, n: number, i: number): number {
  return t.kids[t.node[n + BASE] + i]
}
/** A child that begins where `n` ends: no bits are skipped between them. */
export function tnode_full(t: trie, n: number, c: number): boolean {
  return c !== 0 && t.node[c + BITS] !== 0 && t.node[c + POS] + t.node[c + BITS] === t.node[n + POS]
}
/** Sets a child and keeps the counts of `n`. */
export function put_child(t: trie, n: number, i: number, c: number): void {
  const at = t.node[n + BASE] + i
  const old = t.kids[at]
  if (c === 0 && old !== 0) t.node[n + EMPTY]++
  else if (c !== 0 && old === 0) t.node[n + EMPTY]--
  const was = tnode_full(t, n, old)
  const is = tnode_full(t, n, c)
  if (was && !is) t.node[n + FULL]--
  else if (!was && is) t.node[n + FULL]++
  if (c !== 0 && t.node[n + SLEN] < t.node[c + SLEN]) t.node[n + SLEN] = t.node[c + SLEN]
  t.kids[at] = c
}
export function put_child_root(t: trie, n: number, key: number, c: number): void {
  if (n === 0) t.kids[0] = c
  else put_child(t, n, get_index(t, key, n), c)
}

/** The leaf of exactly this address, 0: none. */
export function fib_find_node(t: trie, key: number): number {
  let n = t.kids[0]
  while (n !== 0) {
    const index = (key ^ t.node[n]) >>> t.node[n + POS]
    const bits = t.node[n + BITS]
    if (bits === 0) return index === 0 ? n : 0
    if (index >>> bits !== 0) return 0
    n = t.kids[t.node[n + BASE] + index]
  }
  return 0
}
/** The tnode under which a new leaf of this address goes. */
export function fib_find_parent(t: trie, key: number): number {
  let up = 0
  let n = t.kids[0]
  while (n !== 0 && t.node[n + BITS] !== 0) {
    const index = (key ^ t.node[n]) >>> t.node[n + POS]
    if (index >>> t.node[n + BITS] !== 0) break
    up = n
    n = t.kids[t.node[n + BASE] + index]
  }
  return up
}

/** The least leaf whose address is `from` (unsigned) or above; 0: none. */
export function leaf_walk_rcu(t: trie, from: number): number {
  return walk(t, t.kids[0], from)
}
function walk(t: trie, n: number, from: number): number {
  if (n === 0) return 0
  const first = t.node[n] >>> 0
  if (t.node[n + BITS] === 0) return first >= from ? n : 0
  const width = t.node[n + POS] + t.node[n + BITS]
  if (first + 2 ** width <= from) return 0
  for (let i = first >= from ? 0 : Math.floor((from - first) / 2 ** t.node[n + POS]); i < 1 << t.node[n + BITS]; i++) {
    const found = walk(t, t.kids[t.node[n + BASE] + i], from)
    if (found !== 0) return found
  }
  return 0
}

/** All routes of a table in a dump's order. The table must not change during the walk: collect first. */
export function fib_each_alias(tb: fib_table, visit: (fa: fib_alias, key: number) => void): void {
  each(tb, tb.trie.kids[0], visit)
}
function each(tb: fib_table, n: number, visit: (fa: fib_alias, key: number) => void): void {
  const t = tb.trie
  if (n === 0) return
  if (t.node[n + BITS] === 0) {
    for (let fa = t.leaf[n >> 3]; fa !== undefined; fa = fa.next) if (fa.tb_id === tb.tb_id) visit(fa, t.node[n] >>> 0)
    return
  }
  for (let i = 0; i < 1 << t.node[n + BITS]; i++) each(tb, t.kids[t.node[n + BASE] + i], visit)
}
