/**
 * net/ipv6/ip6_fib.c: a routing table as a path-compressed trie by destination; a node with source-specific routes has a
 * second trie by source below it. The shape decides the order of dumps: source trie, left, right, the node itself.
 */
import { in6addr_any, ipv6_addr_diff, ipv6_prefix_equal } from '../../uapi/linux/in6.ts'
import type { net } from '../core/net_namespace.ts'
import type { fib6_info } from './ip6_fib_info.ts'

export class fib6_node {
  parent: fib6_node | undefined
  left: fib6_node | undefined = undefined
  right: fib6_node | undefined = undefined
  subtree: fib6_node | undefined = undefined
  /** An address that begins with the prefix, shared with whoever has one; and the prefix's length. */
  readonly key: Uint8Array
  readonly fn_bit: number
  /** Routes by ascending metric. */
  leaf: fib6_info[] = []
  /** Of a node without routes: one from below that Linux takes the prefix from, and so refers to. */
  holder: fib6_info | undefined = undefined
  /** Root of a table or of a trie of sources. */
  readonly root: boolean
  constructor(key: Uint8Array, fn_bit: number, parent?: fib6_node, root = false) {
    this.key = key
    this.fn_bit = fn_bit
    this.parent = parent
    this.root = root
  }
}

/** struct fib6_table. Its root shows the null entry as long as it has no route. */
export class fib6_table {
  readonly tb6_id: number
  tb6_root: fib6_node = new fib6_node(in6addr_any, 0, undefined, true)
  /** Changes with every change of the trie: a dump that sees it starts again from the root. */
  sernum = 0
  constructor(id: number) {
    this.tb6_id = id
  }
}

export function addr_bit(addr: Uint8Array, bit: number): number {
  return (addr[bit >> 3] >> (7 - (bit & 7))) & 1
}
function child_of(n: fib6_node, key: Uint8Array): fib6_node | undefined {
  return addr_bit(key, n.fn_bit) === 0 ? n.left : n.right
}
function set_child(n: fib6_node, key: Uint8Array, c: fib6_node | undefined): void {
  if (addr_bit(key, n.fn_bit) === 0) n.left = c
  else n.right = c
}

/** The node of exactly this prefix below `root`, or undefined (fib6_locate_1). */
export function fib6_locate_1(root: fib6_node, key: Uint8Array, plen: number): fib6_node | undefined {
  let n: fib6_node | undefined = root
  while (n !== undefined && n.fn_bit < plen) n = child_of(n, key)
  return n !== undefined && n.fn_bit === plen && ipv6_prefix_equal(n.key, key, plen) ? n : undefined
}

/**
 * Where the bits of `key` lead to, down to the first node that is as long as `plen`. Whether the prefixes on the way agree
 * with it is not looked at: the last one's begins with all of them, so that one comparison tells for all.
 */
function descend(root: fib6_node, key: Uint8Array, plen: number): fib6_node {
  let n = root
  while (n.fn_bit < plen) {
    const below = child_of(n, key)
    if (below === undefined) break
    n = below
  }
  return n
}

/** The node of the prefix, made where it is missing (fib6_add_1). */
export function fib6_make_node(net: net, root: fib6_node, key: Uint8Array, plen: number): fib6_node {
  const end = descend(root, key, plen)
  const common = Math.min(ipv6_addr_diff(end.key, key), end.fn_bit, plen)
  if (common === end.fn_bit) return common === plen ? end : attach(net, end, key, plen)
  // what parts from the prefix stands between a shorter node, which agrees, and the end
  let c = end
  while ((c.parent as fib6_node).fn_bit > common) c = c.parent as fib6_node
  const between = split(net, c.parent as fib6_node, c, key, common, plen)
  return common === plen ? between : attach(net, between, key, plen)
}
function attach(net: net, n: fib6_node, key: Uint8Array, plen: number): fib6_node {
  const made = new fib6_node(key, plen, n)
  set_child(n, key, made)
  net.ipv6.fib6.rt6_stats.fib_nodes++
  return made
}
/** A node between `n` and its child `c`, at the length that both ways have in common. */
function split(net: net, n: fib6_node, c: fib6_node, key: Uint8Array, common: number, plen: number): fib6_node {
  const between = attach(net, n, key, common)
  set_child(between, c.key, c)
  c.parent = between
  if (common < plen) fib6_set_holder(between, c.leaf[0] ?? c.holder)
  return between
}

/** References that show in /proc/net/ipv6_route. */
export function fib6_set_holder(n: fib6_node, rt: fib6_info | undefined): void {
  if (n.holder !== undefined) n.holder.fib6_ref--
  n.holder = rt
  if (rt !== undefined) rt.fib6_ref++
}
/** fib6_find_prefix(): a route from below; the root of a trie of sources has the null entry. */
function find_prefix(n: fib6_node): fib6_info | undefined {
  const below = n.root ? undefined : (n.left ?? n.right ?? n.subtree)
  return below === undefined ? undefined : (below.leaf[0] ?? below.holder ?? find_prefix(below))
}
/** A route has gone: nodes above that refer to it take another (fib6_purge_rt). */
export function fib6_purge_rt(rt: fib6_info, from: fib6_node): void {
  for (let n: fib6_node | undefined = from; n !== undefined; n = n.parent) if (n.holder === rt) fib6_set_holder(n, find_prefix(n))
}

/** Takes nodes away that neither hold routes nor part ways, from `n` upwards (fib6_repair_tree); returns the one that stays. */
export function fib6_repair_tree(net: net, n: fib6_node): fib6_node {
  let fn = n
  while (fn.leaf.length === 0 && fn.subtree === undefined && fn.parent !== undefined) {
    const { parent, left, right } = fn
    if (left !== undefined && right !== undefined) break
    const only = left ?? right
    if (fn.root) {
      // the root of a trie of sources goes with its last child
      if (only !== undefined) break
      parent.subtree = undefined
      net.ipv6.fib6.subtrees--
    } else {
      set_child(parent, fn.key, only)
      if (only !== undefined) only.parent = parent
    }
    net.ipv6.fib6.rt6_stats.fib_nodes--
    fib6_set_holder(fn, undefined)
    fn = parent
  }
  if (fn.leaf.length === 0 && fn.parent !== undefined) fib6_set_holder(fn, find_prefix(fn))
  return fn
}

/** The next node of a walk, or the first; undefined: done. */
export function fib6_first_node(root: fib6_node): fib6_node {
  let n = root
  for (;;) {
    const below = n.subtree ?? n.left ?? n.right
    if (below === undefined) return n
    n = below
  }
}
export function fib6_next_node(n: fib6_node): fib6_node | undefined {
  const { parent } = n
  if (parent === undefined) return undefined
  let next: fib6_node | undefined
  if (parent.subtree === n) next = parent.left ?? parent.right
  else if (parent.left === n) next = parent.right
  return next === undefined ? parent : fib6_first_node(next)
}

/** The node that a lookup begins at: of the longest prefix with routes, else the root (fib6_node_lookup). */
export function fib6_node_lookup(root: fib6_node, daddr: Uint8Array | undefined, saddr: Uint8Array): fib6_node {
  return node_lookup(root, daddr ?? saddr, daddr === undefined ? undefined : saddr) ?? root
}
/**
 * fib6_node_lookup_1(): a node whose sources do not match is passed over here, own routes and all; fib6_backtrack() would
 * take those.
 */
function node_lookup(root: fib6_node, addr: Uint8Array, saddr: Uint8Array | undefined): fib6_node | undefined {
  let n = descend(root, addr, 128)
  const common = ipv6_addr_diff(n.key, addr)
  while (n.fn_bit > common) n = n.parent as fib6_node
  for (let fn: fib6_node | undefined = n; fn !== undefined; fn = fn.root ? undefined : fn.parent) {
    if (fn.subtree !== undefined && saddr !== undefined) {
      const sn = node_lookup(fn.subtree, saddr, undefined)
      if (sn !== undefined) return sn
    } else if (fn.leaf.length > 0) {
      return fn
    }
  }
  return undefined
}
/** The next node to try, of a shorter prefix or source; undefined: there is none (fib6_backtrack). */
export function fib6_backtrack(from: fib6_node, saddr: Uint8Array): fib6_node | undefined {
  let fn = from
  for (;;) {
    const { parent } = fn
    if (parent === undefined) return undefined
    const { subtree } = parent
    fn = subtree !== undefined && subtree !== fn ? fib6_node_lookup(subtree, undefined, saddr) : parent
    // the table's own root always counts: its null entry ends the search
    if (fn.leaf.length > 0 || fn.parent === undefined) return fn
  }
}

/** The node of exactly this destination and source prefix, if it has routes (fib6_locate). */
export function fib6_locate(
  root: fib6_node,
  daddr: Uint8Array,
  dst_len: number,
  saddr: Uint8Array,
  src_len: number,
): fib6_node | undefined {
  const fn = fib6_locate_1(root, daddr, dst_len)
  const found = src_len !== 0 && fn?.subtree !== undefined ? fib6_locate_1(fn.subtree, saddr, src_len) : fn
  return found !== undefined && found.leaf.length > 0 ? found : undefined
}
