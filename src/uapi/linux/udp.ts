/** include/uapi/linux/udp.h: options of SOL_UDP. */
export const UDP_CORK = 1
export const UDPLITE_SEND_CSCOV = 10
export const UDPLITE_RECV_CSCOV = 11
export const UDP_ENCAP = 100
export const UDP_ENCAP_ESPINUDP = 2
export const UDP_ENCAP_L2TPINUDP = 3
export const UDP_NO_CHECK6_TX = 101
export const UDP_NO_CHECK6_RX = 102
export const UDP_SEGMENT = 103
export const UDP_GRO = 104
export const SOL_UDPLITE = 136
