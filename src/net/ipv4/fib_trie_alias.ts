/**
 * net/ipv4/fib_trie.c struct fib_alias, fib_find_alias, fib_insert_alias, fib_remove_alias: the routes of one address, long
 * prefixes first, and leaves that come and go with them. The first route of a leaf stands in the leaf itself, the others in
 * blocks of the same form; so a route is named by a block as long as no route of its leaf comes or goes.
 */
import { fib_rt_info } from './fib_rt_info.ts'
import type { fib_info } from './fib_semantics.ts'
import {
  block_alloc,
  block_free,
  child_length,
  child_shorter,
  type fib_table,
  fib_find_parent,
  get_child,
  get_index,
  leaf_new,
  leaf_next,
  leaf_walk_rcu,
  node_free,
  node_pos,
  node_slen,
  put_child,
  put_child_root,
  set_slen,
  type trie,
  tnode_new,
  ALIAS,
  INFO,
  KEYLENGTH,
  NEXT,
  PARENT,
  TABLE,
} from './fib_trie.ts'
import { trie_rebalance } from './fib_trie_resize.ts'

/** Bits behind the prefix: 32 less its length. */
export function fa_slen(t: trie, fa: number): number {
  return t.word[fa + ALIAS] & 0xff
}
/** RTN_* */
export function fa_type(t: trie, fa: number): number {
  return (t.word[fa + ALIAS] >> 8) & 0xff
}
export function fa_dscp(t: trie, fa: number): number {
  return t.word[fa + ALIAS] >> 16
}
export function fa_info(t: trie, fa: number): fib_info {
  return t.infos[t.word[fa + INFO]] as fib_info
}
export function fa_tb_id(t: trie, fa: number): number {
  return t.word[fa + TABLE] >>> 0
}
export function fa_next(t: trie, fa: number): number {
  return t.word[fa + NEXT]
}
export function fa_fill(t: trie, fa: number, fri: fib_rt_info): void {
  t.word[fa + INFO] = fri.fi.fib_nr
  t.word[fa + TABLE] = fri.tb_id
  t.word[fa + ALIAS] = (KEYLENGTH - fri.dst_len) | (fri.type << 8) | (fri.dscp << 16)
}

/** Where a route of this prefix, table, TOS and priority stands or would stand at leaf `l`; 0: behind all. */
export function fib_find_alias(t: trie, l: number, slen: number, dscp: number, prio: number, tb_id: number): number {
  for (let fa = l; fa !== 0; fa = fa_next(t, fa)) {
    if (fa_slen(t, fa) < slen) continue
    if (fa_slen(t, fa) !== slen) return 0
    if (fa_tb_id(t, fa) > tb_id) continue
    if (fa_tb_id(t, fa) !== tb_id) return 0
    if (fa_dscp(t, fa) > dscp) continue
    if (fa_dscp(t, fa) < dscp || fa_info(t, fa).fib_priority >= prio) return fa
  }
  return 0
}

/** Nodes above know the shortest prefix below them, so that a lookup goes back only to where there is one. */
function node_push_suffix(t: trie, from: number, slen: number): void {
  for (let n = from; node_slen(t, n) < slen; n = t.word[n + PARENT]) set_slen(t, n, slen)
}
export function update_suffix(t: trie, n: number): number {
  let slen = node_pos(t, n)
  for (let i = child_length(t, n) - 1; i >= 0; i--) {
    if (child_shorter(t, n, i)) slen = Math.max(slen, node_slen(t, get_child(t, n, i)))
  }
  set_slen(t, n, slen)
  return slen
}
function node_pull_suffix(t: trie, from: number, slen: number): void {
  for (let n = from; node_slen(t, n) > node_pos(t, n) && node_slen(t, n) > slen; n = t.word[n + PARENT])
    if (update_suffix(t, n) > slen) return
}

/** A new leaf: where another node stands in its place, a tnode goes above both. */
function fib_insert_node(t: trie, key: number, slen: number): number {
  let tp = fib_find_parent(t, key)
  const l = leaf_new(t, key, slen)
  const n = get_child(t, tp, get_index(t, key, tp))
  if (n !== 0) {
    const tn = tnode_new(t, key, 31 - Math.clz32(key ^ t.word[n]), 1)
    put_child(t, tn, get_index(t, key, tn) ^ 1, n)
    put_child_root(t, tp, key, tn)
    tp = tn
  }
  node_push_suffix(t, tp, slen)
  put_child_root(t, tp, key, l)
  return l
}

/** Lists a route at leaf `l` (0: none yet) before `at`; 0: as the last of its prefix and table. */
export function fib_insert_alias(t: trie, l: number, at: number, fri: fib_rt_info): void {
  const slen = KEYLENGTH - fri.dst_len
  if (l === 0) {
    const leaf = fib_insert_node(t, fri.dst | 0, slen)
    t.word[leaf + NEXT] = 0
    fa_fill(t, leaf, fri)
    return trie_rebalance(t, t.word[leaf + PARENT])
  }
  let prev = 0
  for (let other = l; other !== 0 && other !== at; other = fa_next(t, other)) {
    if (at === 0 && (slen < fa_slen(t, other) || (slen === fa_slen(t, other) && fri.tb_id > fa_tb_id(t, other)))) break
    prev = other
  }
  fa_fill(t, link_behind(t, l, prev), fri)
  if (node_slen(t, l) < slen) {
    set_slen(t, l, slen)
    node_push_suffix(t, t.word[l + PARENT], slen)
  }
}
/** Room for one more route; as the first (`prev` is 0) it takes the leaf, and what stood there moves. */
function link_behind(t: trie, l: number, prev: number): number {
  const fa = block_alloc(t, 0)
  if (prev === 0) {
    move_alias(t, l, fa)
    t.word[l + NEXT] = fa
    return l
  }
  t.word[fa + NEXT] = t.word[prev + NEXT]
  t.word[prev + NEXT] = fa
  return fa
}
function move_alias(t: trie, from: number, to: number): void {
  t.word.copyWithin(to + NEXT, from + NEXT, from + ALIAS + 1)
}

/** Unlinks the route behind `prev` (0: the first). The route that follows, where it is now; 0: there is none. */
function unlink_alias(t: trie, l: number, prev: number): number {
  const gone = prev === 0 ? t.word[l + NEXT] : t.word[prev + NEXT]
  if (prev === 0) move_alias(t, gone, l)
  else t.word[prev + NEXT] = t.word[gone + NEXT]
  block_free(t, gone, 0)
  return prev === 0 ? l : t.word[prev + NEXT]
}
/** Takes a route off its leaf, and the leaf away with its last one. */
export function fib_remove_alias(t: trie, l: number, fa: number): void {
  if (fa_next(t, l) === 0) return remove_leaf(t, l)
  let prev = 0
  for (let other = l; other !== fa; other = fa_next(t, other)) prev = other
  if (unlink_alias(t, l, prev) !== 0) return
  set_slen(t, l, fa_slen(t, prev))
  node_pull_suffix(t, t.word[l + PARENT], fa_slen(t, prev))
}
function remove_leaf(t: trie, l: number): void {
  const tp = t.word[l + PARENT]
  const slen = node_slen(t, l)
  put_child_root(t, tp, t.word[l], 0)
  if (tp !== 0 && node_slen(t, tp) === slen) node_pull_suffix(t, tp, node_pos(t, tp))
  node_free(t, l)
  trie_rebalance(t, tp)
}
/** Takes off a leaf what `gone` answers for. How many; `left`: whether any is left. */
export function fib_flush_leaf(t: trie, l: number, gone: (fa: number) => boolean): { count: number; left: boolean } {
  let count = 0
  let prev = 0
  for (let fa = l; fa !== 0; ) {
    if (!gone(fa)) {
      prev = fa
      fa = fa_next(t, fa)
      continue
    }
    count++
    if (prev === 0 && fa_next(t, l) === 0) return { count, left: false }
    fa = unlink_alias(t, l, prev)
  }
  set_slen(t, l, fa_slen(t, prev))
  return { count, left: true }
}

export function fa_rt_info(t: trie, l: number, fa: number): fib_rt_info {
  return new fib_rt_info(fa_info(t, fa), fa_tb_id(t, fa), t.word[l] >>> 0, KEYLENGTH - fa_slen(t, fa), fa_dscp(t, fa), fa_type(t, fa))
}
/** All routes of a table in a dump's order. The table must not change during the walk: collect first. */
export function fib_each_alias(tb: fib_table, visit: (fri: fib_rt_info) => void): void {
  const t = tb.trie
  for (let l = leaf_walk_rcu(t, 0); l !== 0; l = leaf_next(t, l))
    for (let fa = l; fa !== 0; fa = fa_next(t, fa)) if (fa_tb_id(t, fa) === tb.tb_id) visit(fa_rt_info(t, l, fa))
}
