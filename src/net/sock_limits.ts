/** include/net/sock.h: sizes that buffers are measured by (x86-64), and flags. */

/** SKB_DATA_ALIGN(sizeof(struct sk_buff)) */
export const SK_BUFF_SIZE = 256
/** SKB_DATA_ALIGN(sizeof(struct skb_shared_info)) */
export const SHARED_INFO_SIZE = 320
export const TCP_SKB_MIN_TRUESIZE = 2048 + SK_BUFF_SIZE
export const SOCK_MIN_SNDBUF = TCP_SKB_MIN_TRUESIZE * 2
export const SOCK_MIN_RCVBUF = TCP_SKB_MIN_TRUESIZE
/** Defaults of net.core.[rw]mem_default and _max. */
export const SK_MEM_DEFAULT = 212992

/** Bits of sk_flags that options set. */
export const SOCK_FLAG = {
  DBG: 1,
  BROADCAST: 2,
  KEEPOPEN: 4,
  URGINLINE: 8,
  LOCALROUTE: 0x10,
  LINGER: 0x20,
  RCVTSTAMP: 0x40,
  RCVTSTAMPNS: 0x80,
  RXQ_OVFL: 0x100,
  FILTER_LOCKED: 0x200,
  SELECT_ERR_QUEUE: 0x400,
  PASSCRED: 0x800,
  PASSSEC: 0x1000,
  NOFCS: 0x2000,
  ZEROCOPY: 0x4000,
  TXTIME: 0x8000,
  RCVMARK: 0x10000,
  TIMESTAMP_NEW: 0x20000,
  NO_CHECK_TX: 0x40000,
  WIFI_STATUS: 0x80000,
  RCVBUF_LOCK: 0x100000,
  SNDBUF_LOCK: 0x200000,
  PREFER_BUSY_POLL: 0x400000,
  TXREHASH: 0x800000,
  PASSPIDFD: 0x1000000,
  /** The time of the last packet is noted (SIOCGSTAMP). */
  TIMESTAMP: 0x2000000,
} as const
