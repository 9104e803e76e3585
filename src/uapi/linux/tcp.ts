/** include/net/tcp.h TCPHDR_*: flags of a segment. */
export const TCPHDR_FIN = 0x01
export const TCPHDR_SYN = 0x02
export const TCPHDR_RST = 0x04
export const TCPHDR_ACK = 0x10
