/** include/uapi/linux/net_tstamp.h: what timestamps there are. */
export const SOF_TIMESTAMPING_TX_HARDWARE = 1
export const SOF_TIMESTAMPING_TX_SOFTWARE = 2
export const SOF_TIMESTAMPING_RX_SOFTWARE = 8
export const SOF_TIMESTAMPING_SOFTWARE = 16
export const SOF_TIMESTAMPING_OPT_ID = 1 << 7
export const SOF_TIMESTAMPING_TX_SCHED = 1 << 8
export const SOF_TIMESTAMPING_TX_ACK = 1 << 9
export const SOF_TIMESTAMPING_OPT_CMSG = 1 << 10
export const SOF_TIMESTAMPING_OPT_TSONLY = 1 << 11
export const SOF_TIMESTAMPING_OPT_STATS = 1 << 12
export const SOF_TIMESTAMPING_BIND_PHC = 1 << 15
export const SOF_TIMESTAMPING_OPT_ID_TCP = 1 << 16
export const SOF_TIMESTAMPING_MASK = 0x3ffff
export const SOF_TIMESTAMPING_TX_RECORD_MASK =
  SOF_TIMESTAMPING_TX_HARDWARE | SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_TX_SCHED | SOF_TIMESTAMPING_TX_ACK

// include/uapi/linux/errqueue.h: which moment of a packet is told
export const SCM_TSTAMP_SND = 0
export const SCM_TSTAMP_SCHED = 1
