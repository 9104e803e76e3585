/** include/uapi/linux/neighbour.h */
import { type AttrSet, attr, attrs, nested } from '../../lib/attrs.ts'
import { struct } from '../../lib/struct.ts'
import { address, be16, binary, lladdr, s32, string, u8, u16, u32, u64 } from '../../lib/types.ts'

export const ndmsg = struct('ndmsg', {
  ndm_family: u8, __pad1: u8, __pad2: u16, ndm_ifindex: s32, ndm_state: u16, ndm_flags: u8, ndm_type: u8,
})
/** Ages in hundredths of a second. */
export const nda_cacheinfo = struct('nda_cacheinfo', { ndm_confirmed: u32, ndm_used: u32, ndm_updated: u32, ndm_refcnt: u32 })

export const NTF_USE = 1 << 0
export const NTF_SELF = 1 << 1
export const NTF_MASTER = 1 << 2
export const NTF_PROXY = 1 << 3
export const NTF_EXT_LEARNED = 1 << 4
export const NTF_OFFLOADED = 1 << 5
export const NTF_STICKY = 1 << 6
export const NTF_ROUTER = 1 << 7
export const NTF_EXT_MANAGED = 1 << 0
export const NTF_EXT_LOCKED = 1 << 1
/** What the tables of neighbours take in NDA_FLAGS_EXT; the rest is a bridge's. */
export const NTF_EXT_MASK = NTF_EXT_MANAGED
export const NUD_INCOMPLETE = 0x01
export const NUD_REACHABLE = 0x02
export const NUD_STALE = 0x04
export const NUD_DELAY = 0x08
export const NUD_PROBE = 0x10
export const NUD_FAILED = 0x20
export const NUD_NOARP = 0x40
export const NUD_PERMANENT = 0x80
export const NUD_NONE = 0x00

export const NDA_DST = attr(1, address)
export const NDA_LLADDR = attr(2, lladdr)
export const NDA_CACHEINFO = attr(3, nda_cacheinfo)
export const NDA_PROBES = attr(4, u32)
export const NDA_VLAN = attr(5, u16)
export const NDA_PORT = attr(6, be16)
export const NDA_VNI = attr(7, u32)
export const NDA_IFINDEX = attr(8, u32)
export const NDA_MASTER = attr(9, u32)
export const NDA_LINK_NETNSID = attr(10, s32)
export const NDA_SRC_VNI = attr(11, u32)
export const NDA_PROTOCOL = attr(12, u8)
export const NDA_NH_ID = attr(13, u32)
export const NDA_FDB_EXT_ATTRS = attr(14, nested(() => NFEA))
export const NDA_FLAGS_EXT = attr(15, u32)
export const NDA_NDM_STATE_MASK = attr(16, u16)
export const NDA_NDM_FLAGS_MASK = attr(17, u8)
export const NDA: AttrSet = attrs('NDA', {
  NDA_DST, NDA_LLADDR, NDA_CACHEINFO, NDA_PROBES, NDA_VLAN, NDA_PORT, NDA_VNI, NDA_IFINDEX, NDA_MASTER, NDA_LINK_NETNSID, NDA_SRC_VNI,
  NDA_PROTOCOL, NDA_NH_ID, NDA_FDB_EXT_ATTRS, NDA_FLAGS_EXT, NDA_NDM_STATE_MASK, NDA_NDM_FLAGS_MASK,
})
export const NFEA_ACTIVITY_NOTIFY = attr(1, u8)
export const NFEA_DONT_REFRESH = attr(2, binary)
export const NFEA: AttrSet = attrs('NFEA', { NFEA_ACTIVITY_NOTIFY, NFEA_DONT_REFRESH })

export const ndtmsg = struct('ndtmsg', { ndtm_family: u8, __pad1: u8, __pad2: u16 })
export const ndt_stats = struct('ndt_stats', {
  ndts_allocs: u64, ndts_destroys: u64, ndts_hash_grows: u64, ndts_res_failed: u64, ndts_lookups: u64, ndts_hits: u64,
  ndts_rcv_probes_mcast: u64, ndts_rcv_probes_ucast: u64, ndts_periodic_gc_runs: u64, ndts_forced_gc_runs: u64, ndts_table_fulls: u64,
})
export const ndt_config = struct('ndt_config', {
  ndtc_key_len: u16, ndtc_entry_size: u16, ndtc_entries: u32, ndtc_last_flush: u32, ndtc_last_rand: u32, ndtc_hash_rnd: u32,
  ndtc_hash_mask: u32, ndtc_hash_chain_gc: u32, ndtc_proxy_qlen: u32,
})
export const NDTA_NAME = attr(1, string())
export const NDTA_THRESH1 = attr(2, u32)
export const NDTA_THRESH2 = attr(3, u32)
export const NDTA_THRESH3 = attr(4, u32)
export const NDTA_CONFIG = attr(5, ndt_config)
export const NDTA_PARMS = attr(6, nested(() => NDTPA))
export const NDTA_STATS = attr(7, ndt_stats)
export const NDTA_GC_INTERVAL = attr(8, u64)
export const NDTA_PAD = attr(9, binary)
export const NDTA: AttrSet = attrs('NDTA', {
  NDTA_NAME, NDTA_THRESH1, NDTA_THRESH2, NDTA_THRESH3, NDTA_CONFIG, NDTA_PARMS, NDTA_STATS, NDTA_GC_INTERVAL, NDTA_PAD,
})
/** Times are in ms. */
export const NDTPA_IFINDEX = attr(1, u32)
export const NDTPA_REFCNT = attr(2, u32)
export const NDTPA_REACHABLE_TIME = attr(3, u64)
export const NDTPA_BASE_REACHABLE_TIME = attr(4, u64)
export const NDTPA_RETRANS_TIME = attr(5, u64)
export const NDTPA_GC_STALETIME = attr(6, u64)
export const NDTPA_DELAY_PROBE_TIME = attr(7, u64)
export const NDTPA_QUEUE_LEN = attr(8, u32)
export const NDTPA_APP_PROBES = attr(9, u32)
export const NDTPA_UCAST_PROBES = attr(10, u32)
export const NDTPA_MCAST_PROBES = attr(11, u32)
export const NDTPA_ANYCAST_DELAY = attr(12, u64)
export const NDTPA_PROXY_DELAY = attr(13, u64)
export const NDTPA_PROXY_QLEN = attr(14, u32)
export const NDTPA_LOCKTIME = attr(15, u64)
export const NDTPA_QUEUE_LENBYTES = attr(16, u32)
export const NDTPA_MCAST_REPROBES = attr(17, u32)
export const NDTPA_PAD = attr(18, binary)
export const NDTPA_INTERVAL_PROBE_TIME_MS = attr(19, u64)
export const NDTPA: AttrSet = attrs('NDTPA', {
  NDTPA_IFINDEX, NDTPA_REFCNT, NDTPA_REACHABLE_TIME, NDTPA_BASE_REACHABLE_TIME, NDTPA_RETRANS_TIME, NDTPA_GC_STALETIME,
  NDTPA_DELAY_PROBE_TIME, NDTPA_QUEUE_LEN, NDTPA_APP_PROBES, NDTPA_UCAST_PROBES, NDTPA_MCAST_PROBES, NDTPA_ANYCAST_DELAY,
  NDTPA_PROXY_DELAY, NDTPA_PROXY_QLEN, NDTPA_LOCKTIME, NDTPA_QUEUE_LENBYTES, NDTPA_MCAST_REPROBES, NDTPA_PAD,
  NDTPA_INTERVAL_PROBE_TIME_MS,
})
