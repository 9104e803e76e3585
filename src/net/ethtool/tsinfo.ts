/** net/ethtool/tsinfo.c, phc_vclocks.c: which timestamps a device can take. No device here has a clock of its own (PHC). */
import { type Errno, isErrno } from '../../uapi/errno.ts'
import * as E from '../../uapi/linux/ethtool_netlink.ts'
import { SOF_TIMESTAMPING_RX_SOFTWARE, SOF_TIMESTAMPING_SOFTWARE } from '../../uapi/linux/net_tstamp.ts'
import { ethtool_get_ts_info_of, type kernel_ethtool_ts_info } from '../core/ethtool_ops.ts'
import type { net_device } from '../core/netdevice.ts'
import { policy } from '../netlink/policy.ts'
import { ethnl_put_bitset } from './bitset.ts'
import { sof_timestamping_names, ts_rx_filter_names, ts_tx_type_names } from './common.ts'
import { compact_of, type ethnl_req_info, type ethnl_request_ops, ethnl_ops_begin, HEADER, HEADER_STATS } from './request.ts'

/** common.c __ethtool_get_ts_info(): what the stack does for every device, and what the driver adds. */
export function __ethtool_get_ts_info(dev: net_device): kernel_ethtool_ts_info {
  const info = ethtool_get_ts_info_of(dev)
  return { ...info, so_timestamping: info.so_timestamping | SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE }
}
function prepare({ dev }: ethnl_req_info): kernel_ethtool_ts_info | Errno | undefined {
  const absent = ethnl_ops_begin(dev)
  return absent ?? (dev && __ethtool_get_ts_info(dev))
}

export const ethnl_tsinfo_request_ops: ethnl_request_ops = {
  name: 'tsinfo',
  get: E.ETHTOOL_MSG.TSINFO_GET,
  reply: E.ETHTOOL_KMSG.TSINFO_GET_REPLY,
  header: E.ETHTOOL_A_TSINFO_HEADER,
  get_policy: policy(E.ETHTOOL_A_TSINFO, { ETHTOOL_A_TSINFO_HEADER: HEADER_STATS }, { name: 'ethnl_tsinfo_get_policy', maxtype: 1 }),
  prepare_data: prepare,
  fill_reply(skb, info, ts: kernel_ethtool_ts_info) {
    for (const [attr, bits, names] of [
      [E.ETHTOOL_A_TSINFO_TIMESTAMPING, ts.so_timestamping, sof_timestamping_names],
      [E.ETHTOOL_A_TSINFO_TX_TYPES, ts.tx_types, ts_tx_type_names],
      [E.ETHTOOL_A_TSINFO_RX_FILTERS, ts.rx_filters, ts_rx_filter_names],
    ] as const)
      if (bits !== 0) ethnl_put_bitset(skb, attr, BigInt(bits), undefined, { nbits: names.length, names }, compact_of(info))
    if (ts.phc_index >= 0) skb.put(E.ETHTOOL_A_TSINFO_PHC_INDEX, ts.phc_index)
    // no driver here counts its timestamps
    if ((info.flags & E.ETHTOOL_FLAG_STATS) !== 0) skb.nestEnd(skb.nest(E.ETHTOOL_A_TSINFO_STATS))
    return undefined
  },
}
/** Clocks derived from the device's: none. */
export const ethnl_phc_vclocks_request_ops: ethnl_request_ops = {
  name: 'phc_vclocks',
  get: E.ETHTOOL_MSG.PHC_VCLOCKS_GET,
  reply: E.ETHTOOL_KMSG.PHC_VCLOCKS_GET_REPLY,
  header: E.ETHTOOL_A_PHC_VCLOCKS_HEADER,
  get_policy: policy(
    E.ETHTOOL_A_PHC_VCLOCKS,
    { ETHTOOL_A_PHC_VCLOCKS_HEADER: HEADER },
    { name: 'ethnl_phc_vclocks_get_policy', maxtype: 1 },
  ),
  prepare_data(info) {
    const ts = prepare(info)
    return isErrno(ts) ? ts : undefined
  },
  fill_reply: () => undefined,
}
