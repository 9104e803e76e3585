/**
 * net/ipv4/fib_trie.c: the routes of a table (or of local and main, which share one until there are rules of one's own) by
 * destination address: a trie compressed in its paths and its levels, in one typed array. A leaf is an address with all
 * prefixes that begin there, a tnode stands for `bits` bits at `pos`. Its shape is visible in /proc/net/fib_trie, so it
 * grows and shrinks by Linux's thresholds; fib_trie_resize.ts does that.
 */
import type { fib_info } from './fib_semantics.ts'

export const KEYLENGTH = 32

/**
 * What `word` holds are blocks, named by the place of their first word; 0 is the trie itself, above its only child, and as
 * a child 0 means none. A lookup is a chain of reads that miss the cache, so all that a step asks for stands together: a
 * tnode with its children, a leaf with its first route.
 *
 * All nodes:  KEY (bits of the key, the rest zero; signed), SHAPE, PARENT
 * Leaves:     NEXT, INFO, TABLE, ALIAS: its first route (fib_trie_alias.ts); further ones have blocks of their own
 * Tnodes:     EMPTY, FULL: children of these kinds; from KIDS on a slot for each child
 *
 * Blocks begin at multiples of four. So a slot has room to tell, beside the child's place, what spares a lookup the reading
 * of it: whether it is a tnode, and whether a prefix below it is shorter than what the slot stands for.
 */
export const KEY = 0
/** pos, bits << 8 (0: a leaf), and << 16 the longest fa_slen at or below. Shifts by it are shifts by pos: they see five bits. */
export const SHAPE = 1
export const PARENT = 2
export const EMPTY = 3
export const FULL = 4
export const KIDS = 5
export const NEXT = 3
export const INFO = 4
export const TABLE = 5
export const ALIAS = 6
/** Of a slot. */
export const PLACE = -4
export const TNODE = 1
export const SHORTER = 2

/**
 * Blocks are of half a cache line or multiples of it. Big arrays begin 16 bytes into a page, behind the allocator's own
 * words; from the twelfth word on blocks are where lines are.
 */
const HALF_LINE = 8
const FIRST = 12

export class trie {
  /** By number (fib_info.fib_nr): those that INFO names. */
  readonly infos: readonly (fib_info | undefined)[]
  word = new Int32Array(16 * HALF_LINE)
  top = FIRST
  /** What read_children() has read: a read without a use would be left out. */
  read = 0
  /** Given-up blocks of each size (block_class()); apart from them, since to read one in order to use it is to wait for it. */
  free: number[][] = Array.from({ length: KEYLENGTH + 1 }, () => [])
  constructor(infos: readonly (fib_info | undefined)[]) {
    this.infos = infos
    this.word[SHAPE] = KEYLENGTH | (KEYLENGTH << 16)
  }
}

export class fib_table {
  readonly tb_id: number
  /** Shared by local and main while they are one. */
  readonly trie: trie
  /** Default routes in the table. */
  tb_num_default = 0
  constructor(tb_id: number, trie: trie) {
    this.tb_id = tb_id
    this.trie = trie
  }
}

export function node_pos(t: trie, n: number): number {
  return t.word[n + SHAPE] & 0xff
}
export function node_bits(t: trie, n: number): number {
  return (t.word[n + SHAPE] >> 8) & 0xff
}
export function node_slen(t: trie, n: number): number {
  return t.word[n + SHAPE] >> 16
}
function note_slen(t: trie, n: number, slen: number): void {
  t.word[n + SHAPE] = (t.word[n + SHAPE] & 0xffff) | (slen << 16)
}
/** Of a node that has its place in the trie: its slot knows too. */
export function set_slen(t: trie, n: number, slen: number): void {
  note_slen(t, n, slen)
  const up = t.word[n + PARENT]
  t.word[up + KIDS + get_index(t, t.word[n], up)] = slot_of(t, up, n)
}
export function child_length(t: trie, n: number): number {
  return n === 0 ? 1 : 1 << node_bits(t, n)
}

/** Blocks of equal size: those of tnodes of one bit are as big as leaves, those of two as those of three. */
function block_class(bits: number): number {
  return bits <= 1 ? 1 : bits === 2 ? 3 : bits
}
/** A block for a tnode of so many bits; 0: for a leaf, or one more route of a leaf. */
export function block_alloc(t: trie, bits: number): number {
  const cls = block_class(bits)
  const given_up = t.free[cls].pop()
  if (given_up !== undefined) return given_up
  const n = t.top
  t.top += (KIDS + (1 << cls) + HALF_LINE - 1) & -HALF_LINE
  if (t.top > t.word.length) {
    const wider = new Int32Array(Math.max(t.word.length * 2, t.top))
    wider.set(t.word)
    t.word = wider
  }
  return n
}
export function block_free(t: trie, n: number, bits: number): void {
  t.free[block_class(bits)].push(n)
}

/** A leaf whose route the caller fills in. */
export function leaf_new(t: trie, key: number, slen: number): number {
  const n = block_alloc(t, 0)
  t.word[n] = key
  t.word[n + SHAPE] = slen << 16
  return n
}
export function tnode_new(t: trie, key: number, pos: number, bits: number): number {
  const n = block_alloc(t, bits)
  const shift = pos + bits
  const { word } = t
  word[n] = shift < KEYLENGTH ? (key >>> shift) << shift : 0
  word[n + SHAPE] = pos | (bits << 8) | (pos << 16)
  word[n + EMPTY] = 1 << bits
  word[n + FULL] = 0
  for (let at = n + KIDS + (1 << bits) - 1; at >= n + KIDS; at--) word[at] = 0
  return n
}
export function node_free(t: trie, n: number): void {
  block_free(t, n, node_bits(t, n))
}

/** Place of `key` among the children of `n`. */
export function get_index(t: trie, key: number, n: number): number {
  return n === 0 ? 0 : (key ^ t.word[n]) >>> t.word[n + SHAPE]
}
export function get_child(t: trie, n: number, i: number): number {
  return t.word[n + KIDS + i] & PLACE
}
/** A child that is no leaf; 0: there is none. */
export function child_tnode(t: trie, n: number, i: number): number {
  const slot = t.word[n + KIDS + i]
  return (slot & TNODE) === 0 ? 0 : slot & PLACE
}
/** Whether child `i` has a prefix that its siblings can have use of. */
export function child_shorter(t: trie, n: number, i: number): boolean {
  return (t.word[n + KIDS + i] & SHORTER) !== 0
}
function slot_of(t: trie, n: number, c: number): number {
  if (c === 0) return 0
  return c | (node_bits(t, c) === 0 ? 0 : TNODE) | (node_slen(t, c) > node_pos(t, n) ? SHORTER : 0)
}
/**
 * Children lie all over memory. Who goes through many reads them so many at a time first, for nothing but that the reads
 * wait for memory together.
 */
export const TOGETHER = 64
export function read_children(t: trie, n: number, first: number, end: number): void {
  const { word } = t
  let sum = 0
  for (let at = n + KIDS + first; at < n + KIDS + end; at++) sum ^= word[word[at] & PLACE]
  // small tnodes among them, whose children come next
  for (let at = n + KIDS + first; at < n + KIDS + end; at++) {
    if ((word[at] & TNODE) === 0) continue
    const c = word[at] & PLACE
    const few = Math.min(child_length(t, c), 4)
    for (let kid = c + KIDS; kid < c + KIDS + few; kid++) sum ^= word[word[kid] & PLACE]
  }
  t.read = sum
}
/** A child that begins where `n` ends: no bits are skipped between them. */
export function tnode_full(t: trie, n: number, c: number): boolean {
  const bits = node_bits(t, c)
  return c !== 0 && bits !== 0 && node_pos(t, c) + bits === node_pos(t, n)
}
/** Sets a child, which thereby has its parent, and keeps the counts of `n`. */
export function put_child(t: trie, n: number, i: number, c: number): void {
  const { word } = t
  const old = get_child(t, n, i)
  if (c === 0 && old !== 0) word[n + EMPTY]++
  else if (c !== 0 && old === 0) word[n + EMPTY]--
  const was = tnode_full(t, n, old)
  const is = tnode_full(t, n, c)
  if (was && !is) word[n + FULL]--
  else if (!was && is) word[n + FULL]++
  word[n + KIDS + i] = slot_of(t, n, c)
  if (c === 0) return
  word[c + PARENT] = n
  // only a tnode that is being made can learn something: the others were told before
  if (node_slen(t, n) < node_slen(t, c)) note_slen(t, n, node_slen(t, c))
}
export function put_child_root(t: trie, n: number, key: number, c: number): void {
  if (n !== 0) return put_child(t, n, get_index(t, key, n), c)
  t.word[KIDS] = slot_of(t, 0, c)
  if (c !== 0) t.word[c + PARENT] = 0
}

/** The leaf of exactly this address, 0: none. */
export function fib_find_node(t: trie, key: number): number {
  const up = fib_find_parent(t, key)
  const n = get_child(t, up, get_index(t, key, up))
  return t.word[n] === key && node_bits(t, n) === 0 ? n : 0
}
/** The tnode under which a new leaf of this address goes. */
export function fib_find_parent(t: trie, key: number): number {
  const { word } = t
  let up = 0
  let slot = word[KIDS]
  while ((slot & TNODE) !== 0) {
    const n = slot & PLACE
    const shape = word[n + SHAPE]
    const index = (key ^ word[n]) >>> shape
    if (index >>> (shape >> 8) !== 0) break
    up = n
    slot = word[n + KIDS + index]
  }
  return up
}

/** The least leaf whose address is `from` (unsigned) or above; 0: none. */
export function leaf_walk_rcu(t: trie, from: number): number {
  const up = fib_find_parent(t, from | 0)
  const n = get_child(t, up, get_index(t, from | 0, up))
  // all below it is on one side of the key
  return n !== 0 && t.word[n] >>> 0 >= from ? leftmost(t, n) : leaf_behind(t, up, from | 0)
}
/** The leaf that follows `l`; 0: it is the last. */
export function leaf_next(t: trie, l: number): number {
  return leaf_behind(t, t.word[l + PARENT], t.word[l])
}
/** The first leaf behind the child of `from` that `key` belongs to. */
function leaf_behind(t: trie, from: number, key: number): number {
  const { word } = t
  let n = from
  let below = key
  while (n !== 0) {
    const length = child_length(t, n)
    for (let i = get_index(t, below, n) + 1; i < length; i++) {
      if (i % TOGETHER === 0) read_children(t, n, i, Math.min(i + TOGETHER, length))
      if (word[n + KIDS + i] !== 0) return leftmost(t, word[n + KIDS + i] & PLACE)
    }
    below = word[n]
    n = word[n + PARENT]
  }
  return 0
}
/** A tnode has two children at least. */
function leftmost(t: trie, from: number): number {
  const { word } = t
  let n = from
  while (node_bits(t, n) !== 0) {
    let at = n + KIDS
    while (word[at] === 0) at++
    n = word[at] & PLACE
  }
  return n
}
