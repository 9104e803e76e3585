/** net/ipv4/fib_trie.c fib_table_insert, fib_table_delete, fib_table_flush: changes of a table and what is told of them. */
import { EEXIST, EINVAL, ENOENT, type Errno, ESRCH, isErrno } from '../../uapi/errno.ts'
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../uapi/linux/netlink.ts'
import { RT_SCOPE_NOWHERE, RTM_DELROUTE, RTM_NEWROUTE, RTNH_F_DEAD } from '../../uapi/linux/rtnetlink.ts'
import type { net } from '../core/net_namespace.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { rtmsg_fib } from './fib_dump.ts'
import { fib_metrics_match } from './fib_metrics.ts'
import { fib_props } from './fib_props.ts'
import { type fib_config, fib_create_info, type fib_info, fib_release_info, nl_kernel } from './fib_semantics.ts'
import { fib_tables_ordered } from './fib_tables.ts'
import { fib_alias, fib_drop_node, fib_each_node, fib_find_node, fib_make_node, type fib_node, type fib_table } from './fib_trie.ts'

/** fib_valid_key_len(): no bits beyond the prefix. */
function valid_key(cfg: fib_config, extack: netlink_ext_ack | undefined): Errno | undefined {
  if (cfg.fc_dst_len > 32) return extack?.fail(EINVAL, 'Invalid prefix length') ?? EINVAL
  if (cfg.fc_dst_len < 32 && cfg.fc_dst << cfg.fc_dst_len !== 0)
    return extack?.fail(EINVAL, 'Invalid prefix for given prefix length') ?? EINVAL
  return undefined
}

/** Where in the list a route of this TOS and priority stands or would stand (fib_find_alias). */
function find_alias(list: readonly fib_alias[], dscp: number, prio: number): number {
  const at = list.findIndex((fa) => fa.fa_dscp < dscp || (fa.fa_dscp === dscp && fa.fa_info.fib_priority >= prio))
  return at < 0 ? list.length : at
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
  let node = fib_find_node(tb, dst, plen)
  const list = node?.aliases
  let at = list === undefined ? 0 : find_alias(list, dscp, fi.fib_priority)
  let nlflags = NLM_F_EXCL
  if (list !== undefined && same_slot(list[at], dscp, fi.fib_priority)) {
    if (asked & NLM_F_EXCL) return EEXIST
    nlflags = 0
    let end = at
    let match = -1
    for (; same_slot(list[end], dscp, fi.fib_priority); end++) {
      if (list[end].fa_type !== cfg.fc_type || list[end].fa_info !== fi) continue
      match = end
      break
    }
    if (asked & NLM_F_REPLACE) return match < 0 ? replace_alias(net, tb, cfg, fi, list, at) : match === at ? undefined : EEXIST
    if (match >= 0) return EEXIST
    if (asked & NLM_F_APPEND) {
      nlflags = NLM_F_APPEND
      at = end
    }
  }
  if (!(asked & NLM_F_CREATE)) return ENOENT
  const fa = new fib_alias(fi, dscp, cfg.fc_type)
  node ??= fib_make_node(tb, dst, plen)
  if (node.aliases === undefined) node.aliases = [fa]
  else node.aliases.splice(at, 0, fa)
  tb.size++
  rtmsg_fib(net, RTM_NEWROUTE, dst, fa, plen, tb.tb_id, cfg.fc_nlinfo, nlflags | NLM_F_CREATE)
  return fi
}
function same_slot(fa: fib_alias | undefined, dscp: number, prio: number): boolean {
  return fa !== undefined && fa.fa_dscp === dscp && fa.fa_info.fib_priority === prio
}
function replace_alias(net: net, tb: fib_table, cfg: fib_config, fi: fib_info, list: fib_alias[], at: number): fib_info {
  const old = list[at]
  const fa = new fib_alias(fi, cfg.fc_dscp, cfg.fc_type)
  list[at] = fa
  rtmsg_fib(net, RTM_NEWROUTE, cfg.fc_dst, fa, cfg.fc_dst_len, tb.tb_id, cfg.fc_nlinfo, NLM_F_REPLACE)
  fib_release_info(net, old.fa_info)
  return fi
}

function remove_alias(net: net, tb: fib_table, node: fib_node, fa: fib_alias): void {
  const list = node.aliases as fib_alias[]
  list.splice(list.indexOf(fa), 1)
  if (list.length === 0) fib_drop_node(tb, node.key, node.plen)
  tb.size--
  fib_release_info(net, fa.fa_info)
}

/** fib_nh_match(): what the request leaves open fits any. */
function nh_match(cfg: fib_config, fi: fib_info): boolean {
  const { fib_nh: nh } = fi
  if (cfg.fc_priority !== 0 && cfg.fc_priority !== fi.fib_priority) return false
  if (cfg.fc_oif === 0 && cfg.fc_gw_family === 0) return true
  if (cfg.fc_flow !== 0 && cfg.fc_flow !== nh.nh_tclassid) return false
  if (cfg.fc_oif !== 0 && cfg.fc_oif !== nh.fib_nh_oif) return false
  return cfg.fc_gw_family === 0 || (cfg.fc_gw_family === nh.fib_nh_gw_family && cfg.fc_gw4 === nh.fib_nh_gw4)
}

/** Removes the first route that fits; ESRCH: none does. */
export function fib_table_delete(net: net, tb: fib_table, cfg: fib_config, extack?: netlink_ext_ack): Errno | undefined {
  const bad = valid_key(cfg, extack)
  if (bad !== undefined) return bad
  const node = fib_find_node(tb, cfg.fc_dst, cfg.fc_dst_len)
  const fa = node?.aliases?.find((a) => {
    const fi = a.fa_info
    return (
      a.fa_dscp === cfg.fc_dscp &&
      (cfg.fc_type === 0 || a.fa_type === cfg.fc_type) &&
      (cfg.fc_scope === RT_SCOPE_NOWHERE || fi.fib_scope === cfg.fc_scope) &&
      (cfg.fc_prefsrc === 0 || fi.fib_prefsrc === cfg.fc_prefsrc) &&
      (cfg.fc_protocol === 0 || fi.fib_protocol === cfg.fc_protocol) &&
      nh_match(cfg, fi) &&
      fib_metrics_match(cfg.fc_mx, fi.fib_metrics)
    )
  })
  if (node === undefined || fa === undefined) return ESRCH
  rtmsg_fib(net, RTM_DELROUTE, cfg.fc_dst, fa, cfg.fc_dst_len, tb.tb_id, cfg.fc_nlinfo, 0)
  remove_alias(net, tb, node, fa)
  return undefined
}

/**
 * Removes routes that have died; `all`: every one (the namespace ends). Silent, but for those that lost their preferred
 * source: these are told.
 */
export function fib_table_flush(net: net, tb: fib_table, all: boolean): number {
  const dead: [fib_node, fib_alias][] = []
  fib_each_node(tb, (node) => {
    for (const fa of node.aliases ?? []) {
      if (fa.fa_info.fib_flags & RTNH_F_DEAD || (all && fib_props[fa.fa_type].error !== undefined)) dead.push([node, fa])
    }
  })
  for (const [node, fa] of dead) {
    if (fa.fa_info.pfsrc_removed) rtmsg_fib(net, RTM_DELROUTE, node.key >>> 0, fa, node.plen, tb.tb_id, nl_kernel, 0)
    remove_alias(net, tb, node, fa)
  }
  return dead.length
}
export function fib_flush(net: net): void {
  for (const tb of fib_tables_ordered(net)) fib_table_flush(net, tb, false)
}
