/**
 * include/net/neighbour.h, net/core/neighbour.c: the tables of who is where on a link. This file holds what they are made of;
 * neighbour_table.ts finds and makes entries, neighbour_nud.ts moves them through their states, neighbour_gc.ts lets them go.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { timer_list } from '../../kernel/time.ts'
import type { Errno } from '../../uapi/errno.ts'
import {
  NTF_EXT_MANAGED,
  NUD_DELAY,
  NUD_INCOMPLETE,
  NUD_NOARP,
  NUD_PERMANENT,
  NUD_PROBE,
  NUD_REACHABLE,
  NUD_STALE,
} from '../../uapi/linux/neighbour.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { conf_values } from './conf_values.ts'
import type { net } from './net_namespace.ts'
import { MAX_ADDR_LEN, type net_device } from './netdevice.ts'
import type { sk_buff } from './skbuff.ts'

/** States in which a timer runs, in which the link address is known, and in which it may be used without asking. */
export const NUD_IN_TIMER = NUD_INCOMPLETE | NUD_REACHABLE | NUD_DELAY | NUD_PROBE
export const NUD_VALID = NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY
export const NUD_CONNECTED = NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE

/** neighbour.flags: those of ndmsg in the low byte, those of NDA_FLAGS_EXT above. */
export const NTF_OLD_MASK = 0xff
export const NTF_EXT_SHIFT = 8
export const NTF_MANAGED = NTF_EXT_MANAGED << NTF_EXT_SHIFT

export const NEIGH_UPDATE_F_OVERRIDE = 1 << 0
export const NEIGH_UPDATE_F_WEAK_OVERRIDE = 1 << 1
export const NEIGH_UPDATE_F_OVERRIDE_ISROUTER = 1 << 2
export const NEIGH_UPDATE_F_USE = 1 << 3
export const NEIGH_UPDATE_F_MANAGED = 1 << 4
export const NEIGH_UPDATE_F_EXT_LEARNED = 1 << 5
export const NEIGH_UPDATE_F_ISROUTER = 1 << 6
export const NEIGH_UPDATE_F_ADMIN = 1 << 7

/** Settings of a table or device (neigh_parms.data); times in jiffies. */
export const NEIGH_VAR_MCAST_PROBES = 0
export const NEIGH_VAR_UCAST_PROBES = 1
export const NEIGH_VAR_APP_PROBES = 2
export const NEIGH_VAR_MCAST_REPROBES = 3
export const NEIGH_VAR_RETRANS_TIME = 4
export const NEIGH_VAR_BASE_REACHABLE_TIME = 5
export const NEIGH_VAR_DELAY_PROBE_TIME = 6
export const NEIGH_VAR_INTERVAL_PROBE_TIME_MS = 7
export const NEIGH_VAR_GC_STALETIME = 8
export const NEIGH_VAR_QUEUE_LEN_BYTES = 9
export const NEIGH_VAR_PROXY_QLEN = 10
export const NEIGH_VAR_ANYCAST_DELAY = 11
export const NEIGH_VAR_PROXY_DELAY = 12
export const NEIGH_VAR_LOCKTIME = 13
export const NEIGH_VAR_DATA_MAX = 14

/** SKB_TRUESIZE(ETH_FRAME_LEN): what one packet counts where a queue is given in packets. */
export const FRAME_TRUESIZE = 1514 + 256 + 320

export const NEIGH_ARP_TABLE = 0
export const NEIGH_ND_TABLE = 1
export const NEIGH_NR_TABLES = 2

/** struct neigh_parms: settings of one device, or (without a device) of the table: what new devices begin with. */
export class neigh_parms {
  readonly tbl: neigh_table
  readonly dev: net_device | undefined
  readonly net: net
  /** NEIGH_VAR_* */
  readonly values: conf_values
  /** Jiffies; drawn anew every five minutes from half to one and a half times the base. */
  reachable_time = 0
  /** One of its own, one an entry. */
  refcnt = 1
  qlen = 0
  dead = false
  /** Its directory is there. */
  listed = false
  constructor(tbl: neigh_table, net: net, dev: net_device | undefined, values: conf_values) {
    this.tbl = tbl
    this.net = net
    this.dev = dev
    this.values = values
  }
}

/** struct neigh_ops: exported constants. */
export interface neigh_ops {
  readonly name: string
  readonly family: number
  /** Asks who has the address. */
  readonly solicit?: (neigh: neighbour, skb: sk_buff | undefined) => void
  /** The sender of a packet that waited in vain is told. */
  readonly error_report?: (neigh: neighbour, skb: sk_buff) => void
  /** Sends a packet that waited, once the address is known. */
  readonly output?: (neigh: neighbour, skb: sk_buff) => unknown
}

/** struct neighbour. All fields in one order (hot object). Times are jiffies since boot. */
export class neighbour {
  readonly tbl: neigh_table
  readonly dev: net_device
  readonly primary_key: Uint8Array
  parms: neigh_parms
  next: neighbour | undefined = undefined
  nud_state = 0
  /** RTN_* */
  type = 0
  flags: number
  /** RTPROT_* */
  protocol = 0
  dead = true
  /** The table's, the timer's, and those of calls under way. */
  refcnt = 1
  probes = 0
  confirmed = 0
  used: number
  updated: number
  /** The link address; the device's addr_len counts. */
  readonly ha = new Uint8Array(MAX_ADDR_LEN)
  ops: neigh_ops
  readonly timer: timer_list
  /** Packets that wait for the address. */
  arp_queue: sk_buff[] = []
  arp_queue_len_bytes = 0
  /** The link's header is at hand: packets to a connected neighbour go without a note of the use (hh_cache). */
  hh = false
  constructor(tbl: neigh_table, dev: net_device, key: Uint8Array, flags: number) {
    this.tbl = tbl
    this.dev = dev
    this.primary_key = key.slice(0, tbl.key_len)
    this.parms = tbl.parms
    this.flags = flags
    this.ops = tbl.proto.default_ops
    this.used = this.updated = tbl.kernel.jiffies()
    this.timer = new timer_list(tbl.kernel.events, tbl.proto.timer, this)
  }
}

/** struct pneigh_entry: an address that we answer for. */
export class pneigh_entry {
  readonly net: net
  readonly dev: net_device | undefined
  readonly key: Uint8Array
  flags = 0
  protocol = 0
  constructor(net: net, dev: net_device | undefined, key: Uint8Array) {
    this.net = net
    this.dev = dev
    this.key = key
  }
}

/** The constant part of struct neigh_table: an exported constant of the protocol. */
export interface neigh_proto {
  readonly id: string
  readonly family: number
  readonly key_len: number
  /** sizeof, as ndt_config shows it. */
  readonly entry_size: number
  /** Settings that the protocol begins with, by NEIGH_VAR_*. */
  readonly data: readonly number[]
  readonly default_ops: neigh_ops
  /** The entries' timer_function: neigh_timer_handler. */
  readonly timer: (neigh: neighbour) => void
  /** A u32 from the key, the device and the table's random words. */
  readonly hash: (key: Uint8Array, dev: net_device, rnd: Uint32Array) => number
  /** Sets the type, the settings, and the state where nothing has to be asked. */
  readonly constructor_: (neigh: neighbour) => Errno | undefined
  readonly pconstructor?: (pn: pneigh_entry) => Errno | undefined
  readonly pdestructor?: (pn: pneigh_entry) => void
  /** A question that was put off (pneigh_enqueue). */
  readonly proxy_redo?: (skb: sk_buff) => void
  readonly is_multicast: (key: Uint8Array) => boolean
  readonly allow_add?: (dev: net_device, extack: netlink_ext_ack) => boolean
}

/** struct neigh_statistics */
export class neigh_statistics {
  allocs = 0
  destroys = 0
  hash_grows = 0
  res_failed = 0
  lookups = 0
  hits = 0
  rcv_probes_mcast = 0
  rcv_probes_ucast = 0
  periodic_gc_runs = 0
  forced_gc_runs = 0
  unres_discards = 0
  table_fulls = 0
}

/** struct neigh_hash_table: chains, the newest entry first. */
export class neigh_hash_table {
  readonly hash_shift: number
  readonly buckets: (neighbour | undefined)[]
  readonly hash_rnd: Uint32Array
  constructor(hash_shift: number, hash_rnd: Uint32Array) {
    this.hash_shift = hash_shift
    this.buckets = new Array(1 << hash_shift).fill(undefined)
    this.hash_rnd = hash_rnd
  }
}

/** Chains of proxy entries. */
export const PNEIGH_HASHMASK = 0xf

/** struct neigh_table: one for the whole kernel; its entries belong to their devices' namespaces. */
export class neigh_table {
  readonly kernel: Kernel
  readonly proto: neigh_proto
  readonly family: number
  readonly key_len: number
  readonly parms: neigh_parms
  /** In order of coming; dumps go from the newest back. */
  dev_parms = new Map<net_device, neigh_parms>()
  /** Jiffies */
  gc_interval: number
  gc_thresh1 = 128
  gc_thresh2 = 512
  gc_thresh3 = 1024
  last_flush: number
  last_rand = 0
  entries = 0
  gc_entries = 0
  /** What garbage collection may take, oldest first; and what is kept resolved. */
  gc_list = new Set<neighbour>()
  managed_list = new Set<neighbour>()
  nht: neigh_hash_table
  /** Newest first in each chain. */
  phash_buckets: pneigh_entry[][]
  stats = new neigh_statistics()
  /** Jiffies of the next runs, whether or not something waits for them. */
  gc_next = 0
  managed_next = 0
  gc_timer!: timer_list
  managed_timer!: timer_list
  /** Packets that a proxy will answer later, with the jiffies of their turn. */
  proxy_queue: { skb: sk_buff; at: number; parms: neigh_parms }[] = []
  proxy_timer: timer_list | undefined = undefined
  constructor(kernel: Kernel, proto: neigh_proto, gc_interval: number, nht: neigh_hash_table) {
    this.kernel = kernel
    this.proto = proto
    this.family = proto.family
    this.key_len = proto.key_len
    this.parms = new neigh_parms(this, kernel.init_net, undefined, new conf_values(proto.data))
    this.gc_interval = gc_interval
    this.last_flush = kernel.jiffies()
    this.nht = nht
    this.phash_buckets = Array.from({ length: PNEIGH_HASHMASK + 1 }, () => [])
  }
}

/** The tables by NEIGH_*_TABLE, in the order of a dump. */
export class neigh_state {
  tables: (neigh_table | undefined)[] = new Array(NEIGH_NR_TABLES).fill(undefined)
}

export function NEIGH_VAR(parms: neigh_parms, nr: number): number {
  return parms.values.data[nr]
}
/** Chosen from now on. */
export function NEIGH_VAR_SET(parms: neigh_parms, nr: number, value: number): void {
  parms.values.choose(nr)
  parms.values.own()[nr] = value
}

/** By address family, or undefined. */
export function neigh_find_table(kernel: Kernel, family: number): neigh_table | undefined {
  return kernel.neigh.tables.find((tbl) => tbl?.family === family)
}
/** The device's settings, while its protocol has them. */
export function neigh_get_dev_parms(tbl: neigh_table, dev: net_device): neigh_parms | undefined {
  return tbl.dev_parms.get(dev)
}
