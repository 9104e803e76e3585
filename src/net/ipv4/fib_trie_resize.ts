/**
 * net/ipv4/fib_trie.c resize: how the trie keeps its shape after a change. A tnode doubles while that leaves it well
 * filled, halves while it is too empty, and goes when one child is left; the one below the trie itself may be emptier.
 */
import { get_child, get_index, node_free, put_child, put_child_root, type trie, tnode_full, tnode_new } from './fib_trie.ts'

const MAX_WORK = 10
const inflate_threshold = 50
const halve_threshold = 25
const inflate_threshold_root = 30
const halve_threshold_root = 15

function should_inflate(t: trie, tp: number, tn: number): boolean {
  const children = 1 << t.bits[tn]
  const used = children - t.empty_children[tn] + t.full_children[tn]
  return used > 1 && t.pos[tn] !== 0 && 50 * used >= children * (tp === 0 ? inflate_threshold_root : inflate_threshold)
}
function should_halve(t: trie, tp: number, tn: number): boolean {
  const children = 1 << t.bits[tn]
  const used = children - t.empty_children[tn]
  return used > 1 && t.bits[tn] > 1 && 100 * used < children * (tp === 0 ? halve_threshold_root : halve_threshold)
}

/** Every child of `n` has it as parent. */
function adopt(t: trie, n: number): void {
  const base = t.base[n]
  for (let i = (1 << t.bits[n]) - 1; i >= 0; i--) {
    const c = t.kids[base + i]
    if (c !== 0) t.parent[c] = n
  }
}
/** `tn` takes the place of `old`, and what it now holds without a gap is looked at in turn. */
function replace(t: trie, old: number, tn: number): number {
  const tp = t.parent[old]
  t.parent[tn] = tp
  put_child_root(t, tp, t.key[tn], tn)
  adopt(t, tn)
  node_free(t, old)
  for (let i = (1 << t.bits[tn]) - 1; i >= 0; i--) {
    const c = get_child(t, tn, i)
    if (tnode_full(t, tn, c)) resize(t, c)
  }
  return tp
}

/** Twice the children: those that fill their place are split in two. */
function inflate(t: trie, old: number): number {
  const tn = tnode_new(t, t.key[old], t.pos[old] - 1, t.bits[old] + 1)
  const given_up: number[] = []
  for (let i = (1 << t.bits[old]) - 1; i >= 0; i--) {
    const c = get_child(t, old, i)
    if (c === 0) continue
    if (!tnode_full(t, old, c)) {
      put_child(t, tn, get_index(t, t.key[c], tn), c)
      continue
    }
    given_up.push(c)
    if (t.bits[c] === 1) {
      put_child(t, tn, 2 * i + 1, get_child(t, c, 1))
      put_child(t, tn, 2 * i, get_child(t, c, 0))
    } else {
      split(t, tn, c, i)
    }
  }
  const tp = t.parent[old]
  for (const c of given_up) node_free(t, c)
  replace(t, old, tn)
  return tp
}
function split(t: trie, tn: number, c: number, i: number): void {
  const half = 1 << (t.bits[c] - 1)
  const node1 = tnode_new(t, t.key[c] | (1 << t.pos[tn]), t.pos[c], t.bits[c] - 1)
  const node0 = tnode_new(t, t.key[c], t.pos[c], t.bits[c] - 1)
  for (let j = half - 1; j >= 0; j--) {
    put_child(t, node1, j, get_child(t, c, half + j))
    put_child(t, node0, j, get_child(t, c, j))
  }
  adopt(t, node1)
  adopt(t, node0)
  put_child(t, tn, 2 * i + 1, node1)
  put_child(t, tn, 2 * i, node0)
}

/** Half the children: pairs go below a tnode of their own. */
function halve(t: trie, old: number): void {
  const tn = tnode_new(t, t.key[old], t.pos[old] + 1, t.bits[old] - 1)
  for (let i = (1 << t.bits[old]) - 2; i >= 0; i -= 2) {
    const node1 = get_child(t, old, i + 1)
    const node0 = get_child(t, old, i)
    if (node1 === 0 || node0 === 0) {
      put_child(t, tn, i / 2, node1 === 0 ? node0 : node1)
      continue
    }
    const pair = tnode_new(t, t.key[node0], t.pos[old], 1)
    put_child(t, pair, 1, node1)
    put_child(t, pair, 0, node0)
    adopt(t, pair)
    put_child(t, tn, i / 2, pair)
  }
  replace(t, old, tn)
}
function collapse(t: trie, old: number): number {
  let c = 0
  for (let i = (1 << t.bits[old]) - 1; c === 0 && i >= 0; i--) c = get_child(t, old, i)
  const tp = t.parent[old]
  put_child_root(t, tp, t.key[old], c)
  if (c !== 0) t.parent[c] = tp
  node_free(t, old)
  return tp
}

/** Gives `tn` the size that fits; the node above, whose turn is next. */
export function resize(t: trie, first: number): number {
  let tn = first
  const tp = t.parent[tn]
  const cindex = get_index(t, t.key[tn], tp)
  let work = MAX_WORK
  while (work > 0 && should_inflate(t, tp, tn)) {
    inflate(t, tn)
    work--
    tn = get_child(t, tp, cindex)
  }
  if (work !== MAX_WORK) return tp
  while (work > 0 && should_halve(t, tp, tn)) {
    halve(t, tn)
    work--
    tn = get_child(t, tp, cindex)
  }
  return (1 << t.bits[tn]) - t.empty_children[tn] < 2 ? collapse(t, tn) : t.parent[tn]
}
export function trie_rebalance(t: trie, from: number): void {
  for (let tn = from; tn !== 0; ) tn = resize(t, tn)
}
