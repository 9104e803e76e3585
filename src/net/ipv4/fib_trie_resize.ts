/**
 * net/ipv4/fib_trie.c resize: how the trie keeps its shape after a change. A tnode doubles while that leaves it well
 * filled, halves while it is too empty, and goes when one child is left; the one below the trie itself may be emptier.
 */
import {
  child_length,
  child_tnode,
  get_child,
  get_index,
  node_bits,
  node_free,
  node_pos,
  put_child,
  put_child_root,
  read_children,
  type trie,
  tnode_full,
  tnode_new,
  EMPTY,
  FULL,
  PARENT,
  TOGETHER,
} from './fib_trie.ts'

const MAX_WORK = 10
const inflate_threshold = 50
const halve_threshold = 25
const inflate_threshold_root = 30
const halve_threshold_root = 15

function should_inflate(t: trie, tp: number, tn: number): boolean {
  const children = child_length(t, tn)
  const used = children - t.word[tn + EMPTY] + t.word[tn + FULL]
  return used > 1 && node_pos(t, tn) !== 0 && 50 * used >= children * (tp === 0 ? inflate_threshold_root : inflate_threshold)
}
function should_halve(t: trie, tp: number, tn: number): boolean {
  const children = child_length(t, tn)
  const used = children - t.word[tn + EMPTY]
  return used > 1 && children > 2 && 100 * used < children * (tp === 0 ? halve_threshold_root : halve_threshold)
}

/** `tn` takes the place of `old`, and what it now holds without a gap is looked at in turn. */
function replace(t: trie, old: number, tn: number): void {
  put_child_root(t, t.word[old + PARENT], t.word[tn], tn)
  node_free(t, old)
  if (t.word[tn + FULL] === 0) return
  for (let i = child_length(t, tn) - 1; i >= 0; i--) {
    const c = child_tnode(t, tn, i)
    if (tnode_full(t, tn, c)) resize(t, c)
  }
}

/** Twice the children: those that fill their place are split in two. */
function inflate(t: trie, old: number): void {
  const tn = tnode_new(t, t.word[old], node_pos(t, old) - 1, node_bits(t, old) + 1)
  for (let end = child_length(t, old); end > 0; end -= TOGETHER) {
    const first = Math.max(end - TOGETHER, 0)
    read_children(t, old, first, end)
    for (let i = end - 1; i >= first; i--) move_up(t, tn, old, i)
  }
  replace(t, old, tn)
}
function move_up(t: trie, tn: number, old: number, i: number): void {
  const c = get_child(t, old, i)
  if (c === 0) return
  if (!tnode_full(t, old, c)) {
    put_child(t, tn, get_index(t, t.word[c], tn), c)
    return
  }
  if (node_bits(t, c) === 1) {
    put_child(t, tn, 2 * i + 1, get_child(t, c, 1))
    put_child(t, tn, 2 * i, get_child(t, c, 0))
  } else {
    split(t, tn, c, i)
  }
  node_free(t, c)
}
function split(t: trie, tn: number, c: number, i: number): void {
  const half = child_length(t, c) / 2
  const pos = node_pos(t, c)
  const bits = node_bits(t, c) - 1
  const node1 = tnode_new(t, t.word[c] | (1 << node_pos(t, tn)), pos, bits)
  const node0 = tnode_new(t, t.word[c], pos, bits)
  for (let j = half - 1; j >= 0; j--) {
    put_child(t, node1, j, get_child(t, c, half + j))
    put_child(t, node0, j, get_child(t, c, j))
  }
  put_child(t, tn, 2 * i + 1, node1)
  put_child(t, tn, 2 * i, node0)
}

/** Half the children: pairs go below a tnode of their own. */
function halve(t: trie, old: number): void {
  const tn = tnode_new(t, t.word[old], node_pos(t, old) + 1, node_bits(t, old) - 1)
  for (let i = child_length(t, old) - 2; i >= 0; i -= 2) {
    const node1 = get_child(t, old, i + 1)
    const node0 = get_child(t, old, i)
    if (node1 === 0 || node0 === 0) {
      put_child(t, tn, i / 2, node1 === 0 ? node0 : node1)
      continue
    }
    const pair = tnode_new(t, t.word[node0], node_pos(t, old), 1)
    put_child(t, pair, 1, node1)
    put_child(t, pair, 0, node0)
    put_child(t, tn, i / 2, pair)
  }
  replace(t, old, tn)
}
function collapse(t: trie, old: number): number {
  let c = 0
  for (let i = child_length(t, old) - 1; c === 0 && i >= 0; i--) c = get_child(t, old, i)
  const tp = t.word[old + PARENT]
  put_child_root(t, tp, t.word[old], c)
  node_free(t, old)
  return tp
}

/** Gives `tn` the size that fits; the node above, whose turn is next. */
export function resize(t: trie, first: number): number {
  let tn = first
  const tp = t.word[tn + PARENT]
  const cindex = get_index(t, t.word[tn], tp)
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
  return child_length(t, tn) - t.word[tn + EMPTY] < 2 ? collapse(t, tn) : t.word[tn + PARENT]
}
export function trie_rebalance(t: trie, from: number): void {
  for (let tn = from; tn !== 0; ) tn = resize(t, tn)
}
