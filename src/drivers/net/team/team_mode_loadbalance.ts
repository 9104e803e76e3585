/**
 * drivers/net/team/team_mode_loadbalance.c: a packet leaves by the port that its hash falls to, which a program of the user's
 * (BPF) computes: of the enabled ones by number, or where a table says so.
 */
import { mod_timer, NSEC_PER_SEC, timer_list } from '../../../kernel/time.ts'
import { putBig64 } from '../../../lib/bytes.ts'
import { RX_HANDLER_ANOTHER, RX_HANDLER_EXACT } from '../../../net/core/netdevice.ts'
import { type sk_buff, skb_bytes } from '../../../net/core/skbuff.ts'
import { is_link_local_ether_addr } from '../../../net/ethernet/eth.ts'
import { NLA_TYPE } from '../../../net/netlink/policy.ts'
import { type sk_filter, sk_filter_make, sk_filter_run } from '../../../net/sockopt_filter.ts'
import { EINVAL, ENODEV, type Errno, isErrno } from '../../../uapi/errno.ts'
import { ETH_P_SLOW } from '../../../uapi/linux/if_ether.ts'
import { type team, type team_port, team_port_enabled } from './team.ts'
import { team_nl_send_event_options } from './team_nl_send.ts'
import type { team_option } from './team_options.ts'

const LB_TX_HASHTABLE_SIZE = 256
const SOCK_FILTER_SIZE = 8
type lb_tx_method = 'hash' | 'hash_to_port_mapping'

/** struct lb_stats_info: bytes sent, as counted and as last shown. */
export class lb_stats {
  tx_bytes = 0
  shown = 0
}
/** struct lb_priv: what the mode keeps with a team. */
export class lb_priv {
  fp: sk_filter | undefined = undefined
  orig_fprog = new Uint8Array(0)
  method: lb_tx_method = 'hash'
  /** By hash; undefined: by number. */
  mapping: (team_port | undefined)[] = new Array(LB_TX_HASHTABLE_SIZE).fill(undefined)
  hash_stats: lb_stats[] = Array.from({ length: LB_TX_HASHTABLE_SIZE }, () => new lb_stats())
  port_stats = new Map<team_port, lb_stats>()
  /** Tenths of a second; 0: never. */
  refresh_interval = 0
  readonly refresh: timer_list
  constructor(team: team) {
    this.refresh = new timer_list(team.dev.nd_net.kernel.events, lb_stats_refresh, team)
  }
}
function lb_of(team: team): lb_priv {
  team.lb ??= new lb_priv(team)
  return team.lb
}
function port_stats(team: team, port: team_port): lb_stats {
  const { port_stats: all } = lb_of(team)
  const found = all.get(port) ?? new lb_stats()
  all.set(port, found)
  return found
}

/** lb_get_skb_hash(): the program's word, folded to a byte; without a program 0. */
function hash_of(lb: lb_priv, skb: sk_buff): number {
  if (lb.fp === undefined) return 0
  const word = sk_filter_run(lb.fp, skb_bytes(skb), skb.protocol, skb)
  return (word ^ (word >>> 8) ^ (word >>> 16) ^ (word >>> 24)) & 0xff
}
/** lb_select_tx_port_func */
export function lb_select_port(team: team, skb: sk_buff): team_port | undefined {
  const lb = lb_of(team)
  const hash = hash_of(lb, skb)
  const mapped = lb.method === 'hash_to_port_mapping' ? lb.mapping[hash] : undefined
  const port = mapped ?? team.en_ports[hash % team.en_ports.length]
  if (port === undefined) return undefined
  const { len } = skb
  lb.hash_stats[hash].tx_bytes += len
  port_stats(team, port).tx_bytes += len
  return port
}
/** lb_receive(): LACP's frames are for whoever listens on the port. */
export function lb_receive(_team: team, _port: team_port, skb: sk_buff): number {
  const slow = skb.protocol === ETH_P_SLOW && is_link_local_ether_addr(skb.buf.subarray(skb.mac_header, skb.mac_header + 6))
  return slow ? RX_HANDLER_EXACT : RX_HANDLER_ANOTHER
}
/** lb_port_disabled(): what was led to the port goes by number again, and users hear of it. */
export function lb_port_disabled(team: team, port: team_port): void {
  const { lb } = team
  if (lb === undefined) return
  for (const [hash, mapped] of lb.mapping.entries()) {
    if (mapped !== port) continue
    lb.mapping[hash] = undefined
    const inst = team.options.find(({ name, array_index }) => name === MAPPING && array_index === hash)
    if (inst !== undefined) inst.changed = true
  }
  if (team.options.some(({ changed }) => changed)) team_nl_send_event_options(team)
}

function set_program(team: team, data: Uint8Array): Errno | undefined {
  const lb = lb_of(team)
  if (data.length % SOCK_FILTER_SIZE !== 0) return EINVAL
  const fp = data.length === 0 ? undefined : sk_filter_make(data.slice())
  if (isErrno(fp)) return fp
  lb.fp = fp
  lb.orig_fprog = data.slice()
  return undefined
}
function set_method(team: team, name: string): Errno | undefined {
  if (name !== 'hash' && name !== 'hash_to_port_mapping') return EINVAL
  lb_of(team).method = name
  return undefined
}
function set_mapping(team: team, ifindex: number, hash: number): Errno | undefined {
  const port = team.port_list.find((other) => other.dev.ifindex === ifindex && team_port_enabled(other))
  if (port === undefined) return ENODEV
  lb_of(team).mapping[hash] = port
  return undefined
}
function set_interval(team: team, tenths: number): void {
  const lb = lb_of(team)
  const now = tenths !== 0 && lb.refresh_interval === 0
  lb.refresh_interval = tenths
  if (now) mod_timer(lb.refresh, team.dev.nd_net.kernel.events.now)
}
/** What has been counted since is shown, and users hear of what is not as it was. */
export function lb_stats_refresh(team: team): void {
  const { lb } = team
  if (lb === undefined || lb.refresh_interval === 0) return
  let changed = false
  for (const inst of team.options) {
    const stats =
      inst.name === HASH_STATS
        ? lb.hash_stats[inst.array_index]
        : inst.name === PORT_STATS && inst.port
          ? port_stats(team, inst.port)
          : undefined
    if (stats === undefined || stats.shown === stats.tx_bytes) continue
    stats.shown = stats.tx_bytes
    inst.changed = changed = true
  }
  if (changed) team_nl_send_event_options(team)
  mod_timer(lb.refresh, team.dev.nd_net.kernel.events.now + (lb.refresh_interval * NSEC_PER_SEC) / 10)
}
/** struct lb_stats */
function bytes_of({ shown }: lb_stats): Uint8Array {
  const out = new Uint8Array(8)
  putBig64(out, 0, BigInt(shown))
  return out
}

const MAPPING = 'lb_tx_hash_to_port_mapping'
const HASH_STATS = 'lb_hash_stats'
const PORT_STATS = 'lb_port_stats'
const mode = 'loadbalance'
const array_size = LB_TX_HASHTABLE_SIZE
const { BINARY, STRING, U32 } = NLA_TYPE
export const lb_options: readonly team_option[] = [
  { name: 'bpf_hash_func', mode, type: BINARY, get: (t) => lb_of(t).orig_fprog, set: (t, _p, data) => set_program(t, data) },
  { name: 'lb_tx_method', mode, type: STRING, get: (t) => lb_of(t).method, set: (t, _p, name) => set_method(t, name) },
  {
    name: MAPPING,
    mode,
    array_size,
    type: U32,
    get: (t, _p, i) => lb_of(t).mapping[i]?.dev.ifindex ?? 0,
    set: (t, _p, ifindex, i) => set_mapping(t, ifindex, i),
  },
  { name: HASH_STATS, mode, array_size, type: BINARY, get: (t, _p, i) => bytes_of(lb_of(t).hash_stats[i]) },
  { name: PORT_STATS, mode, per_port: true, type: BINARY, get: (t, p) => bytes_of(port_stats(t, p)) },
  {
    name: 'lb_stats_refresh_interval',
    mode,
    type: U32,
    get: (t) => lb_of(t).refresh_interval,
    set: (t, _p, tenths) => set_interval(t, tenths),
  },
]
