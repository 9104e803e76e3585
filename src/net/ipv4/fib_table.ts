/** net/ipv4/fib_trie.c fib_table_insert, fib_table_delete, fib_table_flush: changes of a table and what is told of them. */
import { EEXIST, EINVAL, ENOENT, type Errno, ESRCH, isErrno } from '../../uapi/errno.ts'
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../uapi/linux/netlink.ts'
import { RT_SCOPE_NOWHERE, RT_TABLE_LOCAL, RT_TABLE_MAIN, RTM_DELROUTE, RTM_NEWROUTE, RTNH_F_DEAD } from '../../uapi/linux/rtnetlink.ts'
import type { net } from '../core/net_namespace.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { rtmsg_fib } from './fib_dump.ts'
import { fib_metrics_match } from './fib_metrics.ts'
import { fib_nh_match } from './fib_nh_match.ts'
import { fib_props } from './fib_props.ts'
import { type fib_config, fib_create_info, type fib_info, fib_release_info, type nl_info, nl_kernel } from './fib_semantics.ts'
import { fib_tables_ordered } from './fib_tables.ts'
import {
  fib_alias,
  fib_each_alias,
  fib_find_node,
  fib_table,
  get_child,
  get_index,
  KEYLENGTH,
  node_free,
  put_child_root,
  type trie,
  BITS,
  POS,
  SLEN,
} from './fib_trie.ts'
import { fib_find_alias, fib_insert_alias, fib_remove_alias, fib_replace_alias, update_suffix } from './fib_trie_alias.ts'
import { resize } from './fib_trie_resize.ts'

/** fib_valid_key_len(): no bits beyond the prefix. */
function valid_key(cfg: fib_config, extack: netlink_ext_ack | undefined): Errno | undefined {
  if (cfg.fc_dst_len > 32) return extack?.fail(EINVAL, 'Invalid prefix length') ?? EINVAL
  if (cfg.fc_dst_len < 32 && cfg.fc_dst << cfg.fc_dst_len !== 0)
    return extack?.fail(EINVAL, 'Invalid prefix for given prefix length') ?? EINVAL
  return undefined
}

/** Adds a route as NLM_F_EXCL, REPLACE, APPEND and CREATE say. */
export function fib_table_insert(net: net, tb: fib_table, cfg: fib_config, extack?: netlink_ext_ack): Errno | undefined {
  const bad = valid_key(cfg, extack)
  if (bad !== undefined) return bad
  const fi = fib_create_info(cfg, extack)
  if (isErrno(fi)) return fi
  const done = insert_alias(net, tb, cfg, fi)
  if (done !== fi) fib_release_info(net, fi)
  return isErrno(done) ? done : undefined
}

/** `fi` itself: it is in use now; undefined: all was there already; or the error. */
function insert_alias(net: net, tb: fib_table, cfg: fib_config, fi: fib_info): fib_info | Errno | undefined {
  const { fc_nlflags: asked, fc_dst: dst, fc_dst_len: plen, fc_dscp: dscp } = cfg
  const { trie: t } = tb
  const key = dst | 0
  const slen = KEYLENGTH - plen
  const l = fib_find_node(t, key)
  const first = l === 0 ? undefined : fib_find_alias(t.leaf[l >> 3], slen, dscp, fi.fib_priority, tb.tb_id)
  let at = first
  let nlflags = NLM_F_EXCL
  if (first !== undefined && same_slot(first, slen, tb.tb_id, dscp, fi.fib_priority)) {
    if (asked & NLM_F_EXCL) return EEXIST
    nlflags = 0
    let match: fib_alias | undefined
    for (; at !== undefined && same_slot(at, slen, tb.tb_id, dscp, fi.fib_priority); at = at.next) {
      if (at.fa_type !== cfg.fc_type || at.fa_info !== fi) continue
      match = at
      break
    }
    if (asked & NLM_F_REPLACE) {
      if (match !== undefined) return match === first ? undefined : EEXIST
      return replace_alias(net, tb, cfg, fi, l, first)
    }
    if (match !== undefined) return EEXIST
    if (asked & NLM_F_APPEND) nlflags = NLM_F_APPEND
    else at = first
  }
  if (!(asked & NLM_F_CREATE)) return ENOENT
  const fa = new fib_alias(fi, dscp, cfg.fc_type, slen, tb.tb_id)
  fib_insert_alias(t, l, fa, at, key)
  if (plen === 0) tb.tb_num_default++
  rtmsg_fib(net, RTM_NEWROUTE, dst, fa, plen, tb.tb_id, cfg.fc_nlinfo, nlflags | NLM_F_CREATE)
  return fi
}
function same_slot(fa: fib_alias, slen: number, tb_id: number, dscp: number, prio: number): boolean {
  return fa.fa_slen === slen && fa.tb_id === tb_id && fa.fa_dscp === dscp && fa.fa_info.fib_priority === prio
}
function replace_alias(net: net, tb: fib_table, cfg: fib_config, fi: fib_info, l: number, old: fib_alias): fib_info {
  const fa = new fib_alias(fi, cfg.fc_dscp, cfg.fc_type, old.fa_slen, tb.tb_id)
  fib_replace_alias(tb.trie, l, old, fa)
  rtmsg_fib(net, RTM_NEWROUTE, cfg.fc_dst, fa, cfg.fc_dst_len, tb.tb_id, cfg.fc_nlinfo, NLM_F_REPLACE)
  fib_release_info(net, old.fa_info)
  return fi
}

/** Removes the first route that fits; ESRCH: none does. */
export function fib_table_delete(net: net, tb: fib_table, cfg: fib_config, extack?: netlink_ext_ack): Errno | undefined {
  const bad = valid_key(cfg, extack)
  if (bad !== undefined) return bad
  const { trie: t } = tb
  const slen = KEYLENGTH - cfg.fc_dst_len
  const l = fib_find_node(t, cfg.fc_dst | 0)
  if (l === 0) return ESRCH
  let fa = fib_find_alias(t.leaf[l >> 3], slen, cfg.fc_dscp, 0, tb.tb_id)
  while (fa !== undefined && !wanted(fa, cfg, extack)) {
    fa = fa.next
    if (fa === undefined || fa.fa_slen !== slen || fa.tb_id !== tb.tb_id || fa.fa_dscp !== cfg.fc_dscp) return ESRCH
  }
  if (fa === undefined || fa.fa_dscp !== cfg.fc_dscp) return ESRCH
  rtmsg_fib(net, RTM_DELROUTE, cfg.fc_dst, fa, cfg.fc_dst_len, tb.tb_id, cfg.fc_nlinfo, 0)
  if (cfg.fc_dst_len === 0) tb.tb_num_default--
  fib_remove_alias(t, l, fa)
  fib_release_info(net, fa.fa_info)
  return undefined
}
function wanted(fa: fib_alias, cfg: fib_config, extack: netlink_ext_ack | undefined): boolean {
  const fi = fa.fa_info
  return (
    fa.fa_dscp === cfg.fc_dscp &&
    (cfg.fc_type === 0 || fa.fa_type === cfg.fc_type) &&
    (cfg.fc_scope === RT_SCOPE_NOWHERE || fi.fib_scope === cfg.fc_scope) &&
    (cfg.fc_prefsrc === 0 || fi.fib_prefsrc === cfg.fc_prefsrc) &&
    (cfg.fc_protocol === 0 || fi.fib_protocol === cfg.fc_protocol) &&
    fib_nh_match(cfg, fi, extack) &&
    fib_metrics_match(cfg.fc_mx, fi.fib_metrics)
  )
}

/** What a flush takes: told of where the preferred source is what went. */
type flush_fn = (fa: fib_alias, key: number) => boolean

/**
 * Walks all leaves, the highest address first, and takes the routes that `gone` answers for. Each tnode is given its new
 * size once its children are done, so that a flush costs one walk.
 */
function flush_trie(t: trie, gone: flush_fn): number {
  let count = 0
  let pn = 0
  let cindex = 1
  for (;;) {
    if (cindex-- === 0) {
      if (pn === 0) return count
      const key = t.node[pn]
      if (t.node[pn + SLEN] > t.node[pn + POS]) update_suffix(t, pn)
      pn = resize(t, pn)
      cindex = get_index(t, key, pn)
      continue
    }
    const n = get_child(t, pn, cindex)
    if (n === 0) continue
    if (t.node[n + BITS] !== 0) {
      pn = n
      cindex = 2 ** t.node[n + BITS]
      continue
    }
    count += flush_leaf(t, n, gone)
    if (t.leaf[n >> 3] !== undefined) continue
    put_child_root(t, pn, t.node[n], 0)
    node_free(t, n)
  }
}
function flush_leaf(t: trie, n: number, gone: flush_fn): number {
  const key = t.node[n] >>> 0
  let count = 0
  let last: fib_alias | undefined
  for (let fa = t.leaf[n >> 3]; fa !== undefined; fa = fa.next) {
    if (!gone(fa, key)) {
      last = fa
      continue
    }
    if (last === undefined) t.leaf[n >> 3] = fa.next
    else last.next = fa.next
    count++
  }
  if (last !== undefined) t.node[n + SLEN] = last.fa_slen
  return count
}

/**
 * Removes routes that have died; `all`: every one (the namespace ends). Silent, but for those that lost their preferred
 * source: these are told.
 */
export function fib_table_flush(net: net, tb: fib_table, all: boolean): number {
  return flush_trie(tb.trie, (fa, key) => {
    if (fa.tb_id !== tb.tb_id) return false
    const fi = fa.fa_info
    const rejects = fib_props[fa.fa_type].error !== undefined
    if (rejects ? !all : !(fi.fib_flags & RTNH_F_DEAD)) return false
    if (fi.pfsrc_removed) rtmsg_fib(net, RTM_DELROUTE, key, fa, KEYLENGTH - fa.fa_slen, tb.tb_id, nl_kernel, 0)
    if (fa.fa_slen === KEYLENGTH) tb.tb_num_default--
    fib_release_info(net, fi)
    return true
  })
}
/** What local has left behind in a trie that is main's alone now. */
export function fib_table_flush_external(tb: fib_table): void {
  flush_trie(tb.trie, (fa) => fa.tb_id !== tb.tb_id)
}
export function fib_flush(net: net): void {
  for (const tb of fib_tables_ordered(net)) fib_table_flush(net, tb, false)
}

/** The routes of local in a trie of their own (fib_trie_unmerge). */
export function fib_trie_unmerge(from: fib_table, to: fib_table): void {
  fib_each_alias(from, (fa, key) => {
    const l = fib_find_node(to.trie, key | 0)
    fib_insert_alias(to.trie, l, new fib_alias(fa.fa_info, fa.fa_dscp, fa.fa_type, fa.fa_slen, to.tb_id), undefined, key | 0)
  })
}

/** Local gets a trie of its own: from now on rules choose between it and main. To be called before the first rule changes. */
export function fib_unmerge(net: net): void {
  const { fib_tables } = net.ipv4
  const local = fib_tables.get(RT_TABLE_LOCAL)
  const main = fib_tables.get(RT_TABLE_MAIN)
  if (local === undefined || main === undefined || local.trie !== main.trie) return
  const alone = new fib_table(RT_TABLE_LOCAL)
  alone.tb_num_default = local.tb_num_default
  fib_trie_unmerge(local, alone)
  fib_tables.set(RT_TABLE_LOCAL, alone)
  fib_table_flush_external(main)
}

/** fib_info_notify_update(): all routes whose next hops have changed with their nexthop object. */
export function fib_info_notify_update(net: net, info: nl_info): void {
  for (const tb of fib_tables_ordered(net)) {
    const changed: [fib_alias, number][] = []
    fib_each_alias(tb, (fa, key) => {
      if (fa.fa_info.nh_updated) changed.push([fa, key])
    })
    for (const [fa, key] of changed) rtmsg_fib(net, RTM_NEWROUTE, key, fa, KEYLENGTH - fa.fa_slen, tb.tb_id, info, NLM_F_REPLACE)
  }
}
