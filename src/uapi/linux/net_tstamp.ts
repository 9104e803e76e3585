/** include/uapi/linux/net_tstamp.h: what timestamps there are. */
export const SOF_TIMESTAMPING_TX_SOFTWARE = 2
export const SOF_TIMESTAMPING_RX_SOFTWARE = 8
export const SOF_TIMESTAMPING_SOFTWARE = 16
