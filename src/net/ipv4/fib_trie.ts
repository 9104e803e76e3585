/**
 * net/ipv4/fib_trie.c: the routes of one table by destination prefix: a path-compressed binary trie with one node a prefix
 * (and a bare one where two prefixes part). The ways a user can see its shape are the order of a dump, by address and at
 * one address from long to short prefixes, and the time a change takes: at most 33 steps, whatever the table's size.
 * DIVERGES: Linux keys leaves by address and compresses levels too; /proc/net/fib_trie is not derived from this shape.
 */
import { inet_make_mask } from '../../uapi/linux/in.ts'
import type { fib_info } from './fib_semantics.ts'

/** One route: what it is, and what it shares with others (fib_info). */
export class fib_alias {
  fa_info: fib_info
  readonly fa_dscp: number
  /** RTN_* */
  readonly fa_type: number
  constructor(fa_info: fib_info, fa_dscp: number, fa_type: number) {
    this.fa_info = fa_info
    this.fa_dscp = fa_dscp
    this.fa_type = fa_type
  }
}

export class fib_node {
  /** The prefix's bits as a signed number (the fastest kind); the rest is zero. */
  readonly key: number
  readonly plen: number
  left: fib_node | undefined = undefined
  right: fib_node | undefined = undefined
  /** Routes of exactly this prefix, TOS descending, then priority ascending; undefined: a parting of ways only. */
  aliases: fib_alias[] | undefined = undefined
  constructor(key: number, plen: number) {
    this.key = key
    this.plen = plen
  }
}

export class fib_table {
  readonly tb_id: number
  /** 0.0.0.0/0; always there. */
  readonly root = new fib_node(0, 0)
  /** Routes in the table. */
  size = 0
  constructor(tb_id: number) {
    this.tb_id = tb_id
  }
}

function bit(key: number, pos: number): number {
  return (key >>> (31 - pos)) & 1
}
export function fib_contains(n: fib_node, addr: number): boolean {
  return ((n.key ^ addr) & inet_make_mask(n.plen)) === 0
}
/** Where a longer prefix of `key` would be. */
export function fib_child(n: fib_node, key: number): fib_node | undefined {
  return bit(key, n.plen) === 0 ? n.left : n.right
}
function attach(n: fib_node, c: fib_node): void {
  if (bit(c.key, n.plen) === 0) n.left = c
  else n.right = c
}

/** The node of exactly this prefix, if it has routes. */
export function fib_find_node(tb: fib_table, addr: number, plen: number): fib_node | undefined {
  const key = addr | 0
  let n: fib_node | undefined = tb.root
  while (n !== undefined && n.plen < plen) n = fib_child(n, key)
  return n !== undefined && n.plen === plen && n.key === key && n.aliases !== undefined ? n : undefined
}

/** The node of the prefix, made where it is missing. */
export function fib_make_node(tb: fib_table, addr: number, plen: number): fib_node {
  const key = addr | 0
  let n = tb.root
  while (n.plen < plen) {
    let c = fib_child(n, key)
    const common = c === undefined ? plen : Math.min(Math.clz32(c.key ^ key), c.plen, plen)
    if (c === undefined || common < c.plen) {
      // a prefix of the one below, or the place where the ways part: then the next turn adds the other side
      const above = new fib_node(key & inet_make_mask(common), common)
      if (c !== undefined) attach(above, c)
      attach(n, above)
      c = above
    }
    n = c
  }
  return n
}

/** Takes the node of the prefix away once its last route has gone, and a parting that parts no more with it. */
export function fib_drop_node(tb: fib_table, addr: number, plen: number): void {
  const key = addr | 0
  let grand: fib_node | undefined
  let parent: fib_node | undefined
  let n: fib_node | undefined = tb.root
  while (n !== undefined && n.plen < plen) {
    grand = parent
    parent = n
    n = fib_child(n, key)
  }
  if (n === undefined || n.plen !== plen || n.key !== key) return
  n.aliases = undefined
  if (parent === undefined || (n.left !== undefined && n.right !== undefined)) return
  const only = n.left ?? n.right
  replace(parent, n, only)
  if (
    only === undefined &&
    grand !== undefined &&
    parent.aliases === undefined &&
    (parent.left === undefined || parent.right === undefined)
  ) {
    replace(grand, parent, parent.left ?? parent.right)
  }
}
function replace(parent: fib_node, old: fib_node, by: fib_node | undefined): void {
  if (parent.left === old) parent.left = by
  else parent.right = by
}

/** Nodes with routes that contain `addr`, shortest prefix first. */
function fib_path(tb: fib_table, addr: number): fib_node[] {
  const key = addr | 0
  const path: fib_node[] = []
  let n: fib_node | undefined = tb.root
  while (n !== undefined && fib_contains(n, key)) {
    if (n.aliases !== undefined) path.push(n)
    n = n.plen === 32 ? undefined : fib_child(n, key)
  }
  return path
}

/** The least address from `from` on at which a prefix with routes begins; -1: none. */
export function fib_next_key(tb: fib_table, from: number): number {
  return next_key(tb.root, from)
}
function next_key(n: fib_node, from: number): number {
  const first = n.key >>> 0
  const last = (n.key | ~inet_make_mask(n.plen)) >>> 0
  if (last < from) return -1
  if (n.aliases !== undefined && first >= from) return first
  const left = n.left === undefined ? -1 : next_key(n.left, from)
  if (left >= 0 || n.right === undefined) return left
  return next_key(n.right, from)
}
/** Nodes with routes whose prefix begins at `addr`, longest first (the leaf's alias list). */
export function fib_leaf(tb: fib_table, addr: number): fib_node[] {
  const key = addr | 0
  return fib_path(tb, addr)
    .filter((n) => n.key === key)
    .reverse()
}

/** All nodes with routes in a dump's order. The table must not change during the walk: collect first. */
export function fib_each_node(tb: fib_table, visit: (n: fib_node) => void): void {
  for (let key = fib_next_key(tb, 0); key >= 0; key = key === 0xffffffff ? -1 : fib_next_key(tb, key + 1)) {
    for (const n of fib_leaf(tb, key)) visit(n)
  }
}
