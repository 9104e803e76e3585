/** include/net/sock.h: sizes that buffers are measured by, x86-64. */

/** SKB_DATA_ALIGN(sizeof(struct sk_buff)) */
export const SK_BUFF_SIZE = 256
/** SKB_DATA_ALIGN(sizeof(struct skb_shared_info)) */
export const SHARED_INFO_SIZE = 320
export const TCP_SKB_MIN_TRUESIZE = 2048 + SK_BUFF_SIZE
export const SOCK_MIN_SNDBUF = TCP_SKB_MIN_TRUESIZE * 2
export const SOCK_MIN_RCVBUF = TCP_SKB_MIN_TRUESIZE
/** Defaults of net.core.[rw]mem_default and _max. */
export const SK_MEM_DEFAULT = 212992
