/** net/ipv4/fib_trie.c fib_find_alias, fib_insert_alias, fib_remove_alias: the routes of one address, and leaves that come and go. */
import {
  type fib_alias,
  fib_find_parent,
  get_index,
  leaf_new,
  node_free,
  put_child,
  put_child_root,
  type trie,
  tnode_new,
  BASE,
  BITS,
  PARENT,
  POS,
  SLEN,
} from './fib_trie.ts'
import { trie_rebalance } from './fib_trie_resize.ts'

/** Where a route of this prefix, table, TOS and priority stands or would stand; undefined: behind all. */
export function fib_find_alias(
  first: fib_alias | undefined,
  slen: number,
  dscp: number,
  prio: number,
  tb_id: number,
): fib_alias | undefined {
  for (let fa = first; fa !== undefined; fa = fa.next) {
    if (fa.fa_slen < slen) continue
    if (fa.fa_slen !== slen) return undefined
    if (fa.tb_id > tb_id) continue
    if (fa.tb_id !== tb_id) return undefined
    if (fa.fa_dscp > dscp) continue
    if (fa.fa_dscp < dscp || fa.fa_info.fib_priority >= prio) return fa
  }
  return undefined
}

/** Nodes above know the shortest prefix below them, so that a lookup goes back only to where there is one. */
function node_push_suffix(t: trie, from: number, slen: number): void {
  for (let n = from; t.node[n + SLEN] < slen; n = t.node[n + PARENT]) t.node[n + SLEN] = slen
}
export function update_suffix(t: trie, n: number): number {
  let slen = t.node[n + POS]
  const end = t.node[n + BASE] + (1 << t.node[n + BITS])
  for (let at = t.node[n + BASE]; at < end; at++) {
    const c = t.kids[at]
    if (c !== 0 && t.node[c + SLEN] > slen) slen = t.node[c + SLEN]
  }
  t.node[n + SLEN] = slen
  return slen
}
function node_pull_suffix(t: trie, from: number, slen: number): void {
  for (let n = from; t.node[n + SLEN] > t.node[n + POS] && t.node[n + SLEN] > slen; n = t.node[n + PARENT])
    if (update_suffix(t, n) > slen) return
}

/** A new leaf: where another node stands in its place, a tnode goes above both. */
function fib_insert_node(t: trie, fa: fib_alias, key: number): void {
  let tp = fib_find_parent(t, key)
  const l = leaf_new(t, key, fa)
  const n = tp === 0 ? t.kids[0] : t.kids[t.node[tp + BASE] + get_index(t, key, tp)]
  if (n !== 0) {
    const tn = tnode_new(t, key, 31 - Math.clz32(key ^ t.node[n]), 1)
    t.node[tn + PARENT] = tp
    put_child(t, tn, get_index(t, key, tn) ^ 1, n)
    put_child_root(t, tp, key, tn)
    t.node[n + PARENT] = tn
    tp = tn
  }
  node_push_suffix(t, tp, fa.fa_slen)
  t.node[l + PARENT] = tp
  put_child_root(t, tp, key, l)
  trie_rebalance(t, tp)
}

/** Lists a route at leaf `l` (0: none yet) before `at`; undefined: as the last of its prefix and table. */
export function fib_insert_alias(t: trie, l: number, fa: fib_alias, at: fib_alias | undefined, key: number): void {
  if (l === 0) return fib_insert_node(t, fa, key)
  let prev: fib_alias | undefined
  for (let other = t.leaf[l >> 3]; other !== undefined && other !== at; other = other.next) {
    if (at === undefined && (fa.fa_slen < other.fa_slen || (fa.fa_slen === other.fa_slen && fa.tb_id > other.tb_id))) break
    prev = other
  }
  link_behind(t, l, prev, fa)
  if (t.node[l + SLEN] < fa.fa_slen) {
    t.node[l + SLEN] = fa.fa_slen
    node_push_suffix(t, t.node[l + PARENT], fa.fa_slen)
  }
}
function link_behind(t: trie, l: number, prev: fib_alias | undefined, fa: fib_alias): void {
  if (prev === undefined) {
    fa.next = t.leaf[l >> 3]
    t.leaf[l >> 3] = fa
  } else {
    fa.next = prev.next
    prev.next = fa
  }
}
export function fib_replace_alias(t: trie, l: number, old: fib_alias, fa: fib_alias): void {
  fa.next = old.next
  if (t.leaf[l >> 3] === old) t.leaf[l >> 3] = fa
  for (let other = t.leaf[l >> 3]; other !== undefined; other = other.next) if (other.next === old) other.next = fa
}

/** Takes a route off its leaf, and the leaf away with its last one. */
export function fib_remove_alias(t: trie, l: number, fa: fib_alias): void {
  let prev: fib_alias | undefined
  for (let other = t.leaf[l >> 3]; other !== undefined && other !== fa; other = other.next) prev = other
  if (prev === undefined) t.leaf[l >> 3] = fa.next
  else prev.next = fa.next
  const tp = t.node[l + PARENT]
  if (t.leaf[l >> 3] === undefined) {
    const key = t.node[l]
    const slen = t.node[l + SLEN]
    put_child_root(t, tp, key, 0)
    if (tp !== 0 && t.node[tp + SLEN] === slen) node_pull_suffix(t, tp, t.node[tp + POS])
    node_free(t, l)
    trie_rebalance(t, tp)
  } else if (fa.next === undefined && prev !== undefined) {
    t.node[l + SLEN] = prev.fa_slen
    node_pull_suffix(t, tp, prev.fa_slen)
  }
}
