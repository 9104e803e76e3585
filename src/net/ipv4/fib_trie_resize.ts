/**
 * net/ipv4/fib_trie.c resize: how the trie keeps its shape after a change. A tnode doubles while that leaves it well
 * filled, halves while it is too empty, and goes when one child is left; the one below the trie itself may be emptier.
 */
import {
  get_child,
  get_index,
  node_free,
  put_child,
  put_child_root,
  type trie,
  tnode_full,
  tnode_new,
  BASE,
  BITS,
  EMPTY,
  FULL,
  PARENT,
  POS,
} from './fib_trie.ts'

const MAX_WORK = 10
const inflate_threshold = 50
const halve_threshold = 25
const inflate_threshold_root = 30
const halve_threshold_root = 15

function should_inflate(t: trie, tp: number, tn: number): boolean {
  const children = 1 << t.node[tn + BITS]
  const used = children - t.node[tn + EMPTY] + t.node[tn + FULL]
  return used > 1 && t.node[tn + POS] !== 0 && 50 * used >= children * (tp === 0 ? inflate_threshold_root : inflate_threshold)
}
function should_halve(t: trie, tp: number, tn: number): boolean {
  const children = 1 << t.node[tn + BITS]
  const used = children - t.node[tn + EMPTY]
  return used > 1 && t.node[tn + BITS] > 1 && 100 * used < children * (tp === 0 ? halve_threshold_root : halve_threshold)
}

/** Every child of `n` has it as parent. */
function adopt(t: trie, n: number): void {
  const base = t.node[n + BASE]
  for (let i = (1 << t.node[n + BITS]) - 1; i >= 0; i--) {
    const c = t.kids[base + i]
    if (c !== 0) t.node[c + PARENT] = n
  }
}
/** `tn` takes the place of `old`, and what it now holds without a gap is looked at in turn. */
function replace(t: trie, old: number, tn: number): number {
  const tp = t.node[old + PARENT]
  t.node[tn + PARENT] = tp
  put_child_root(t, tp, t.node[tn], tn)
  adopt(t, tn)
  node_free(t, old)
  for (let i = (1 << t.node[tn + BITS]) - 1; i >= 0; i--) {
    const c = get_child(t, tn, i)
    if (tnode_full(t, tn, c)) resize(t, c)
  }
  return tp
}

/** Twice the children: those that fill their place are split in two. */
function inflate(t: trie, old: number): number {
  const tn = tnode_new(t, t.node[old], t.node[old + POS] - 1, t.node[old + BITS] + 1)
  const given_up: number[] = []
  for (let i = (1 << t.node[old + BITS]) - 1; i >= 0; i--) {
    const c = get_child(t, old, i)
    if (c === 0) continue
    if (!tnode_full(t, old, c)) {
      put_child(t, tn, get_index(t, t.node[c], tn), c)
      continue
    }
    given_up.push(c)
    if (t.node[c + BITS] === 1) {
      put_child(t, tn, 2 * i + 1, get_child(t, c, 1))
      put_child(t, tn, 2 * i, get_child(t, c, 0))
    } else {
      split(t, tn, c, i)
    }
  }
  const tp = t.node[old + PARENT]
  for (const c of given_up) node_free(t, c)
  replace(t, old, tn)
  return tp
}
function split(t: trie, tn: number, c: number, i: number): void {
  const half = 1 << (t.node[c + BITS] - 1)
  const node1 = tnode_new(t, t.node[c] | (1 << t.node[tn + POS]), t.node[c + POS], t.node[c + BITS] - 1)
  const node0 = tnode_new(t, t.node[c], t.node[c + POS], t.node[c + BITS] - 1)
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
  const tn = tnode_new(t, t.node[old], t.node[old + POS] + 1, t.node[old + BITS] - 1)
  for (let i = (1 << t.node[old + BITS]) - 2; i >= 0; i -= 2) {
    const node1 = get_child(t, old, i + 1)
    const node0 = get_child(t, old, i)
    if (node1 === 0 || node0 === 0) {
      put_child(t, tn, i / 2, node1 === 0 ? node0 : node1)
      continue
    }
    const pair = tnode_new(t, t.node[node0], t.node[old + POS], 1)
    put_child(t, pair, 1, node1)
    put_child(t, pair, 0, node0)
    adopt(t, pair)
    put_child(t, tn, i / 2, pair)
  }
  replace(t, old, tn)
}
function collapse(t: trie, old: number): number {
  let c = 0
  for (let i = (1 << t.node[old + BITS]) - 1; c === 0 && i >= 0; i--) c = get_child(t, old, i)
  const tp = t.node[old + PARENT]
  put_child_root(t, tp, t.node[old], c)
  if (c !== 0) t.node[c + PARENT] = tp
  node_free(t, old)
  return tp
}

/** Gives `tn` the size that fits; the node above, whose turn is next. */
export function resize(t: trie, first: number): number {
  let tn = first
  const tp = t.node[tn + PARENT]
  const cindex = get_index(t, t.node[tn], tp)
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
  return (1 << t.node[tn + BITS]) - t.node[tn + EMPTY] < 2 ? collapse(t, tn) : t.node[tn + PARENT]
}
export function trie_rebalance(t: trie, from: number): void {
  for (let tn = from; tn !== 0; ) tn = resize(t, tn)
}
