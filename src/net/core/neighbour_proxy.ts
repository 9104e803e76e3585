/** net/core/neighbour.c pneigh_*: addresses that we answer for in place of others, on one device or on all. */
import { get32 } from '../../lib/bytes.ts'
import { ENOENT, type Errno, isErrno } from '../../uapi/errno.ts'
import { mod_timer, NSEC_PER_JIFFY, timer_list } from '../../kernel/time.ts'
import { dev_hold, dev_put, netif_running } from './dev.ts'
import {
  NEIGH_VAR,
  NEIGH_VAR_PROXY_DELAY,
  NEIGH_VAR_PROXY_QLEN,
  type neigh_parms,
  type neigh_table,
  PNEIGH_HASHMASK,
  pneigh_entry,
} from './neighbour.ts'
import type { net } from './net_namespace.ts'
import type { net_device } from './netdevice.ts'
import { kfree_skb, type sk_buff } from './skbuff.ts'

/** By the last four bytes of the address: dumps go chain by chain. */
function pneigh_hash(key: Uint8Array, key_len: number): number {
  let h = get32(key, key_len - 4)
  h ^= h >>> 16
  h ^= h >>> 8
  h ^= h >>> 4
  return h & PNEIGH_HASHMASK
}
function same_key(a: Uint8Array, b: Uint8Array, len: number): boolean {
  for (let i = 0; i < len; i++) if (a[i] !== b[i]) return false
  return true
}

/** An entry without a device counts for every device. */
export function pneigh_lookup(tbl: neigh_table, net: net, key: Uint8Array, dev: net_device | undefined): pneigh_entry | undefined {
  return tbl.phash_buckets[pneigh_hash(key, tbl.key_len)].find(
    (n) => n.net === net && (n.dev === dev || n.dev === undefined) && same_key(n.key, key, tbl.key_len),
  )
}
/** Found or made; undefined when the protocol refuses. */
export function pneigh_create(tbl: neigh_table, net: net, key: Uint8Array, dev: net_device | undefined): pneigh_entry | undefined {
  const found = pneigh_lookup(tbl, net, key, dev)
  if (found !== undefined) return found
  const n = new pneigh_entry(net, dev, key.slice(0, tbl.key_len))
  if (isErrno(tbl.proto.pconstructor?.(n))) return undefined
  if (dev !== undefined) dev_hold(dev)
  tbl.phash_buckets[pneigh_hash(key, tbl.key_len)].unshift(n)
  return n
}

function pneigh_free(tbl: neigh_table, n: pneigh_entry): void {
  tbl.proto.pdestructor?.(n)
  if (n.dev !== undefined) dev_put(n.dev)
}
/** Exactly that device's, or the one without a device. */
export function pneigh_delete(tbl: neigh_table, net: net, key: Uint8Array, dev: net_device | undefined): Errno | undefined {
  const chain = tbl.phash_buckets[pneigh_hash(key, tbl.key_len)]
  const at = chain.findIndex((n) => n.net === net && n.dev === dev && same_key(n.key, key, tbl.key_len))
  if (at < 0) return ENOENT
  pneigh_free(tbl, chain.splice(at, 1)[0])
  return undefined
}
/** The device's entries go, silently. */
export function pneigh_ifdown(tbl: neigh_table, dev: net_device): void {
  tbl.phash_buckets.forEach((chain, i) => {
    const gone = chain.filter((n) => n.dev === dev)
    if (gone.length === 0) return
    tbl.phash_buckets[i] = chain.filter((n) => n.dev !== dev)
    for (const n of gone.reverse()) pneigh_free(tbl, n)
  })
}
/** A namespace is gone: entries without a device would stay for ever. */
export function pneigh_forget_net(tbl: neigh_table, net: net): void {
  tbl.phash_buckets = tbl.phash_buckets.map((chain) => chain.filter((n) => n.net !== net || n.dev !== undefined))
}

/** pneigh_enqueue(): others who have the address may answer first; more questions than proxy_qlen are not kept. */
export function pneigh_enqueue(tbl: neigh_table, p: neigh_parms, skb: sk_buff): void {
  const { kernel } = tbl
  if (p.qlen > NEIGH_VAR(p, NEIGH_VAR_PROXY_QLEN)) {
    kfree_skb(skb)
    return
  }
  const at = kernel.jiffies() + kernel.random.below(Math.max(1, NEIGH_VAR(p, NEIGH_VAR_PROXY_DELAY)))
  tbl.proxy_queue.push({ skb, at, parms: p })
  p.qlen++
  arm(tbl)
}
function arm(tbl: neigh_table): void {
  tbl.proxy_timer ??= new timer_list(tbl.kernel.events, neigh_proxy_process, tbl)
  let next = Infinity
  for (const { at } of tbl.proxy_queue) if (at < next) next = at
  if (next !== Infinity) mod_timer(tbl.proxy_timer, next * NSEC_PER_JIFFY)
}
/** A timer's function: questions whose time has come. */
export function neigh_proxy_process(tbl: neigh_table): void {
  const now = tbl.kernel.jiffies()
  const due = tbl.proxy_queue.filter(({ at }) => at <= now)
  tbl.proxy_queue = tbl.proxy_queue.filter(({ at }) => at > now)
  for (const { skb, parms } of due) {
    parms.qlen--
    if (skb.dev !== undefined && netif_running(skb.dev)) tbl.proto.proxy_redo?.(skb)
    else kfree_skb(skb)
  }
  arm(tbl)
}
