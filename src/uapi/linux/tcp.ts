/** include/net/tcp.h TCPHDR_*: flags of a segment. */
export const TCPHDR_FIN = 0x01
export const TCPHDR_SYN = 0x02
export const TCPHDR_RST = 0x04
export const TCPHDR_ACK = 0x10

/** include/uapi/linux/tcp.h: options of SOL_TCP. */
export const TCP_NODELAY = 1
export const TCP_MAXSEG = 2
export const TCP_CORK = 3
export const TCP_KEEPIDLE = 4
export const TCP_KEEPINTVL = 5
export const TCP_KEEPCNT = 6
export const TCP_SYNCNT = 7
export const TCP_LINGER2 = 8
export const TCP_DEFER_ACCEPT = 9
export const TCP_WINDOW_CLAMP = 10
export const TCP_QUICKACK = 12
export const TCP_CONGESTION = 13
export const TCP_THIN_LINEAR_TIMEOUTS = 16
export const TCP_THIN_DUPACK = 17
export const TCP_USER_TIMEOUT = 18
export const TCP_FASTOPEN = 23
export const TCP_SAVE_SYN = 27
export const TCP_FASTOPEN_CONNECT = 30
export const TCP_FASTOPEN_NO_COOKIE = 34
export const TCP_INQ = 36
