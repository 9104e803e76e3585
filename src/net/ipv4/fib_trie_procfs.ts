/** net/ipv4/fib_trie.c: /proc/net/fib_trie and fib_triestat: the tries as they are. */
import { proc_create, remove_proc_entry } from '../../fs/proc_net.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import type { Errno } from '../../uapi/errno.ts'
import { RT_TABLE_LOCAL, RT_TABLE_MAIN } from '../../uapi/linux/rtnetlink.ts'
import { type net, type pernet_operations, register_pernet_subsys } from '../core/net_namespace.ts'
import { fib_tables_ordered } from './fib_tables.ts'
import { child_length, type fib_table, get_child, KEYLENGTH, node_bits, node_pos, type trie, EMPTY, FULL } from './fib_trie.ts'
import { fa_dscp, fa_info, fa_next, fa_slen, fa_type } from './fib_trie_alias.ts'

const rtn_type_names = [
  'UNSPEC',
  'UNICAST',
  'LOCAL',
  'BROADCAST',
  'ANYCAST',
  'MULTICAST',
  'BLACKHOLE',
  'UNREACHABLE',
  'PROHIBIT',
  'THROW',
  'NAT',
  'XRESOLVE',
]
const scopes = new Map([
  [0, 'universe'],
  [200, 'site'],
  [253, 'link'],
  [254, 'host'],
  [255, 'nowhere'],
])

function dotted(key: number): string {
  return `${key >>> 24}.${(key >>> 16) & 255}.${(key >>> 8) & 255}.${key & 255}`
}
function title({ tb_id }: fib_table): string {
  if (tb_id === RT_TABLE_LOCAL) return 'Local:\n'
  return tb_id === RT_TABLE_MAIN ? 'Main:\n' : `Id ${tb_id}:\n`
}
function indent(depth: number): string {
  return `  ${'   '.repeat(depth)}`
}
function alias_line(t: trie, fa: number, depth: number): string {
  const { fib_scope } = fa_info(t, fa)
  const scope = scopes.get(fib_scope) ?? `scope=${fib_scope}`
  const type = rtn_type_names[fa_type(t, fa)] ?? `type ${fa_type(t, fa)}`
  const tos = fa_dscp(t, fa) === 0 ? '' : ` tos=${fa_dscp(t, fa)}`
  return `${indent(depth)}/${KEYLENGTH - fa_slen(t, fa)} ${scope} ${type}${tos}\n`
}
function node_lines(t: trie, n: number, depth: number): string {
  if (n === 0) return ''
  if (node_bits(t, n) === 0) {
    let out = `${indent(depth)}|-- ${dotted(t.word[n])}\n`
    for (let fa = n; fa !== 0; fa = fa_next(t, fa)) out += alias_line(t, fa, depth + 1)
    return out
  }
  const bits = node_bits(t, n)
  const plen = KEYLENGTH - node_pos(t, n) - bits
  let out = `${indent(depth)}+-- ${dotted(t.word[n])}/${plen} ${bits} ${t.word[n + FULL]} ${t.word[n + EMPTY]}\n`
  for (let i = 0; i < child_length(t, n); i++) out += node_lines(t, get_child(t, n, i), depth + 1)
  return out
}

/** Tables in the order of a dump, the empty ones without a title. */
export function fib_trie_seq_show(net: net): string {
  let out = ''
  for (const tb of fib_tables_ordered(net)) {
    const root = get_child(tb.trie, 0, 0)
    if (root !== 0) out += title(tb) + node_lines(tb.trie, root, 0)
  }
  return out
}

/** sizeof of Linux's structures on x86-64. */
const LEAF_SIZE = 48
const TNODE_SIZE = 40
const ALIAS_SIZE = 56
class trie_stat {
  totdepth = 0
  maxdepth = 0
  leaves = 0
  prefixes = 0
  tnodes = 0
  nullpointers = 0
  /** Tnodes by bits. */
  nodesizes: number[] = []
}
function collect(t: trie, n: number, depth: number, s: trie_stat): void {
  if (n === 0) return
  if (node_bits(t, n) === 0) {
    s.leaves++
    s.totdepth += depth
    s.maxdepth = Math.max(s.maxdepth, depth)
    for (let fa = n; fa !== 0; fa = fa_next(t, fa)) s.prefixes++
    return
  }
  s.tnodes++
  s.nodesizes[node_bits(t, n)] = (s.nodesizes[node_bits(t, n)] ?? 0) + 1
  s.nullpointers += t.word[n + EMPTY]
  for (let i = 0; i < child_length(t, n); i++) collect(t, get_child(t, n, i), depth + 1, s)
}
function stat_lines(s: trie_stat): string {
  const average = s.leaves === 0 ? 0 : Math.floor((s.totdepth * 100) / s.leaves)
  let sizes = ''
  let pointers = 0
  for (const [bits, count] of s.nodesizes.entries()) {
    if (!count) continue
    sizes += `  ${bits}: ${count}`
    pointers += count * 2 ** bits
  }
  const bytes = LEAF_SIZE * s.leaves + ALIAS_SIZE * s.prefixes + TNODE_SIZE * s.tnodes + 8 * pointers
  return [
    `\tAver depth:     ${Math.floor(average / 100)}.${String(average % 100).padStart(2, '0')}`,
    `\tMax depth:      ${s.maxdepth}`,
    `\tLeaves:         ${s.leaves}`,
    `\tPrefixes:       ${s.prefixes}`,
    `\tInternal nodes: ${s.tnodes}`,
    `\t${sizes}`,
    `\tPointers: ${pointers}`,
    `Null ptrs: ${s.nullpointers}`,
    `Total size: ${Math.ceil(bytes / 1024)}  kB\n`,
  ].join('\n')
}
export function fib_triestat_seq_show(net: net): string {
  let out = `Basic info: size of leaf: ${LEAF_SIZE} bytes, size of tnode: ${TNODE_SIZE} bytes.\n`
  for (const tb of fib_tables_ordered(net)) {
    const stat = new trie_stat()
    collect(tb.trie, get_child(tb.trie, 0, 0), 0, stat)
    out += title(tb) + stat_lines(stat)
  }
  return out
}

export const fib_proc_ops: pernet_operations = { name: 'fib_proc_ops', init: fib_proc_init, exit: fib_proc_exit }
export function fib_proc_init(net: net): Errno | undefined {
  proc_create(net, 'fib_trie', fib_trie_seq_show)
  proc_create(net, 'fib_triestat', fib_triestat_seq_show)
  return undefined
}
export function fib_proc_exit(net: net): void {
  remove_proc_entry(net, 'fib_trie')
  remove_proc_entry(net, 'fib_triestat')
}
export function fib_proc_register(kernel: Kernel): Errno | undefined {
  return register_pernet_subsys(kernel, fib_proc_ops)
}
