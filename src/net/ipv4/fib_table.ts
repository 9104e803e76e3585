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
import { fib_rt_info } from './fib_rt_info.ts'
import { type fib_config, fib_create_info, type fib_info, fib_release_info, type nl_info, nl_kernel } from './fib_semantics.ts'
import { fib_tables_ordered } from './fib_tables.ts'
import {
  fib_find_node,
  fib_table,
  get_child,
  get_index,
  KEYLENGTH,
  node_bits,
  node_free,
  node_pos,
  node_slen,
  put_child_root,
  trie,
} from './fib_trie.ts'
import {
  fa_dscp,
  fa_fill,
  fa_info,
  fa_next,
  fa_rt_info,
  fa_slen,
  fa_tb_id,
  fa_type,
  fib_each_alias,
  fib_find_alias,
  fib_flush_leaf,
  fib_insert_alias,
  fib_remove_alias,
  update_suffix,
} from './fib_trie_alias.ts'
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
  const fri = new fib_rt_info(fi, tb.tb_id, dst, plen, dscp, cfg.fc_type)
  const l = fib_find_node(t, dst | 0)
  const first = l === 0 ? 0 : fib_find_alias(t, l, KEYLENGTH - plen, dscp, fi.fib_priority, tb.tb_id)
  let at = first
  let nlflags = NLM_F_EXCL
  if (first !== 0 && same_slot(t, first, fri)) {
    if (asked & NLM_F_EXCL) return EEXIST
    nlflags = 0
    let match = 0
    for (; at !== 0 && same_slot(t, at, fri); at = fa_next(t, at)) {
      if (fa_type(t, at) !== cfg.fc_type || fa_info(t, at) !== fi) continue
      match = at
      break
    }
    if (asked & NLM_F_REPLACE) {
      if (match !== 0) return match === first ? undefined : EEXIST
      return replace_alias(net, t, cfg, first, fri)
    }
    if (match !== 0) return EEXIST
    if (asked & NLM_F_APPEND) nlflags = NLM_F_APPEND
    else at = first
  }
  if (!(asked & NLM_F_CREATE)) return ENOENT
  fib_insert_alias(t, l, at, fri)
  if (plen === 0) tb.tb_num_default++
  rtmsg_fib(net, RTM_NEWROUTE, fri, cfg.fc_nlinfo, nlflags | NLM_F_CREATE)
  return fi
}
function same_slot(t: trie, fa: number, { fi, tb_id, dst_len, dscp }: fib_rt_info): boolean {
  return (
    fa_slen(t, fa) === KEYLENGTH - dst_len &&
    fa_tb_id(t, fa) === tb_id &&
    fa_dscp(t, fa) === dscp &&
    fa_info(t, fa).fib_priority === fi.fib_priority
  )
}
function replace_alias(net: net, t: trie, cfg: fib_config, fa: number, fri: fib_rt_info): fib_info {
  const old = fa_info(t, fa)
  fa_fill(t, fa, fri)
  rtmsg_fib(net, RTM_NEWROUTE, fri, cfg.fc_nlinfo, NLM_F_REPLACE)
  fib_release_info(net, old)
  return fri.fi
}

/** Removes the first route that fits; ESRCH: none does. */
export function fib_table_delete(net: net, tb: fib_table, cfg: fib_config, extack?: netlink_ext_ack): Errno | undefined {
  const bad = valid_key(cfg, extack)
  if (bad !== undefined) return bad
  const { trie: t } = tb
  const slen = KEYLENGTH - cfg.fc_dst_len
  const l = fib_find_node(t, cfg.fc_dst | 0)
  if (l === 0) return ESRCH
  let fa = fib_find_alias(t, l, slen, cfg.fc_dscp, 0, tb.tb_id)
  while (fa !== 0 && !wanted(t, fa, cfg, extack)) {
    fa = fa_next(t, fa)
    if (fa === 0 || fa_slen(t, fa) !== slen || fa_tb_id(t, fa) !== tb.tb_id || fa_dscp(t, fa) !== cfg.fc_dscp) return ESRCH
  }
  if (fa === 0 || fa_dscp(t, fa) !== cfg.fc_dscp) return ESRCH
  const fri = fa_rt_info(t, l, fa)
  rtmsg_fib(net, RTM_DELROUTE, fri, cfg.fc_nlinfo, 0)
  if (cfg.fc_dst_len === 0) tb.tb_num_default--
  fib_remove_alias(t, l, fa)
  fib_release_info(net, fri.fi)
  return undefined
}
function wanted(t: trie, fa: number, cfg: fib_config, extack: netlink_ext_ack | undefined): boolean {
  const fi = fa_info(t, fa)
  return (
    fa_dscp(t, fa) === cfg.fc_dscp &&
    (cfg.fc_type === 0 || fa_type(t, fa) === cfg.fc_type) &&
    (cfg.fc_scope === RT_SCOPE_NOWHERE || fi.fib_scope === cfg.fc_scope) &&
    (cfg.fc_prefsrc === 0 || fi.fib_prefsrc === cfg.fc_prefsrc) &&
    (cfg.fc_protocol === 0 || fi.fib_protocol === cfg.fc_protocol) &&
    fib_nh_match(cfg, fi, extack) &&
    fib_metrics_match(cfg.fc_mx, fi.fib_metrics)
  )
}

/** What a flush takes from leaf `l`: told of where the preferred source is what went. */
type flush_fn = (fa: number, l: number) => boolean

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
      const key = t.word[pn]
      if (node_slen(t, pn) > node_pos(t, pn)) update_suffix(t, pn)
      pn = resize(t, pn)
      cindex = get_index(t, key, pn)
      continue
    }
    const n = get_child(t, pn, cindex)
    if (n === 0) continue
    if (node_bits(t, n) !== 0) {
      pn = n
      cindex = 2 ** node_bits(t, n)
      continue
    }
    const flushed = fib_flush_leaf(t, n, (fa) => gone(fa, n))
    count += flushed.count
    if (flushed.left) continue
    put_child_root(t, pn, t.word[n], 0)
    node_free(t, n)
  }
}

/**
 * Removes routes that have died; `all`: also those that reject, which no device takes with it (the namespace ends). Silent, but for those that lost their preferred
 * source: these are told.
 */
export function fib_table_flush(net: net, tb: fib_table, all: boolean): number {
  const { trie: t } = tb
  return flush_trie(t, (fa, l) => {
    if (fa_tb_id(t, fa) !== tb.tb_id) return false
    const fi = fa_info(t, fa)
    const rejects = fib_props[fa_type(t, fa)].error !== undefined
    if (!(fi.fib_flags & RTNH_F_DEAD) && !(all && rejects)) return false
    if (fi.pfsrc_removed) rtmsg_fib(net, RTM_DELROUTE, fa_rt_info(t, l, fa), nl_kernel, 0)
    if (fa_slen(t, fa) === KEYLENGTH) tb.tb_num_default--
    fib_release_info(net, fi)
    return true
  })
}
/** What local has left behind in a trie that is main's alone now. */
export function fib_table_flush_external(tb: fib_table): void {
  flush_trie(tb.trie, (fa) => fa_tb_id(tb.trie, fa) !== tb.tb_id)
}
export function fib_flush(net: net): void {
  for (const tb of fib_tables_ordered(net)) fib_table_flush(net, tb, false)
}

/** The routes of local in a trie of their own (fib_trie_unmerge). */
export function fib_trie_unmerge(from: fib_table, to: fib_table): void {
  fib_each_alias(from, (fri) => fib_insert_alias(to.trie, fib_find_node(to.trie, fri.dst | 0), 0, fri))
}

/** Local gets a trie of its own: from now on rules choose between it and main. To be called before the first rule changes. */
export function fib_unmerge(net: net): void {
  const { fib_tables } = net.ipv4
  const local = fib_tables.get(RT_TABLE_LOCAL)
  const main = fib_tables.get(RT_TABLE_MAIN)
  if (local === undefined || main === undefined || local.trie !== main.trie) return
  const alone = new fib_table(RT_TABLE_LOCAL, new trie(net.ipv4.fib_infos))
  alone.tb_num_default = local.tb_num_default
  fib_trie_unmerge(local, alone)
  fib_tables.set(RT_TABLE_LOCAL, alone)
  fib_table_flush_external(main)
}

/** fib_info_notify_update(): all routes whose next hops have changed with their nexthop object. */
export function fib_info_notify_update(net: net, info: nl_info): void {
  for (const tb of fib_tables_ordered(net)) {
    const changed: fib_rt_info[] = []
    fib_each_alias(tb, (fri) => {
      if (fri.fi.nh_updated) changed.push(fri)
    })
    for (const fri of changed) rtmsg_fib(net, RTM_NEWROUTE, fri, info, NLM_F_REPLACE)
  }
}
