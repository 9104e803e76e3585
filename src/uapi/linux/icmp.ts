/** include/uapi/linux/icmp.h */
export const ICMP_ECHOREPLY = 0
export const ICMP_DEST_UNREACH = 3
export const ICMP_SOURCE_QUENCH = 4
export const ICMP_REDIRECT = 5
export const ICMP_ECHO = 8
export const ICMP_TIME_EXCEEDED = 11
export const ICMP_PARAMETERPROB = 12
export const ICMP_TIMESTAMP = 13
export const ICMP_TIMESTAMPREPLY = 14
export const ICMP_ADDRESS = 17
export const ICMP_ADDRESSREPLY = 18
export const NR_ICMP_TYPES = 18
export const ICMP_EXT_ECHO = 42
export const ICMP_EXT_ECHOREPLY = 43

/** Codes of ICMP_DEST_UNREACH. */
export const ICMP_NET_UNREACH = 0
export const ICMP_HOST_UNREACH = 1
export const ICMP_PROT_UNREACH = 2
export const ICMP_PORT_UNREACH = 3
export const ICMP_FRAG_NEEDED = 4
export const ICMP_SR_FAILED = 5
export const ICMP_PKT_FILTERED = 13
export const NR_ICMP_UNREACH = 15
/** Of ICMP_REDIRECT. */
export const ICMP_REDIR_HOST = 1
/** Of ICMP_TIME_EXCEEDED. */
export const ICMP_EXC_TTL = 0
export const ICMP_EXC_FRAGTIME = 1

/** Of SOL_RAW. */
export const ICMP_FILTER = 1
