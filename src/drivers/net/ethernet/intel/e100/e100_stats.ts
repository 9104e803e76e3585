/** e100.c e100_update_stats(): the device's counters, added to the driver's; it is asked for the next ones at once. */
import { get16, get32, put32 } from '../../../../../lib/bytes.ts'
import { KERN_DEBUG } from '../../../../../kernel/printk.ts'
import { NETIF_MSG_TX_ERR, netif_printk } from '../../../../../net/core/dev_printk.ts'
import { isErrno } from '../../../../../uapi/errno.ts'
import type { LinkStatName } from '../../../../../uapi/linux/if_link.ts'
import * as e from './e100.ts'
import type { nic } from './e100.ts'
import { e100_exec_cmd } from './e100_hw.ts'

/** Dwords of the dump. */
const TX_GOOD = 0
const TX_MAX_COLLISIONS = 1
const TX_LATE_COLLISIONS = 2
const TX_UNDERRUNS = 3
const TX_LOST_CRS = 4
const TX_DEFERRED = 5
const TX_SINGLE = 6
const TX_MULTIPLE = 7
const TX_COLLISIONS = 8
const RX_CRC = 10
const RX_ALIGNMENT = 11
const RX_RESOURCE = 12
const RX_OVERRUN = 13
const RX_CDT = 14
const RX_SHORT = 15
const FC_XMT = 16
const FC_RCV = 17
const FC_UNSUPPORTED = 18
const TCO = 19

/** The dump's length goes with the device: its end says that it is complete. */
function complete_at(nic: nic): number {
  return e.MEM_STATS + 4 * (nic.mac < e.mac_82558_D101_A4 ? 16 : nic.mac < e.mac_82559_D101M ? 19 : 20)
}
export function e100_update_stats(nic: nic): void {
  const { bytes } = nic.mem
  const complete = complete_at(nic)
  if (get32(bytes, complete) === e.cuc_dump_reset_complete) {
    put32(bytes, complete, 0)
    add(nic, (i) => get32(bytes, e.MEM_STATS + 4 * i))
  }
  if (isErrno(e100_exec_cmd(nic, e.cuc_dump_reset, 0)))
    netif_printk(nic, NETIF_MSG_TX_ERR, KERN_DEBUG, nic.netdev, 'exec cuc_dump_reset failed')
}
function add(nic: nic, counter: (i: number) => number): void {
  const { stats } = nic.netdev
  const count = (name: LinkStatName, n: number) => {
    if (n !== 0) stats[name] = (stats[name] ?? 0) + n
  }
  nic.tx_frames = counter(TX_GOOD)
  nic.tx_collisions = counter(TX_COLLISIONS)
  count('tx_aborted_errors', counter(TX_MAX_COLLISIONS))
  count('tx_window_errors', counter(TX_LATE_COLLISIONS))
  count('tx_carrier_errors', counter(TX_LOST_CRS))
  count('tx_fifo_errors', counter(TX_UNDERRUNS))
  count('collisions', nic.tx_collisions)
  count('tx_errors', counter(TX_MAX_COLLISIONS) + counter(TX_LOST_CRS))
  nic.rx_short_frame_errors += counter(RX_SHORT)
  stats.rx_length_errors = nic.rx_short_frame_errors + nic.rx_over_length_errors
  count('rx_crc_errors', counter(RX_CRC))
  count('rx_frame_errors', counter(RX_ALIGNMENT))
  count('rx_over_errors', counter(RX_OVERRUN))
  count('rx_fifo_errors', counter(RX_OVERRUN))
  count('rx_missed_errors', counter(RX_RESOURCE))
  count('rx_errors', counter(RX_CRC) + counter(RX_ALIGNMENT) + counter(RX_SHORT) + counter(RX_CDT))
  nic.tx_deferred += counter(TX_DEFERRED)
  nic.tx_single_collisions += counter(TX_SINGLE)
  nic.tx_multiple_collisions += counter(TX_MULTIPLE)
  if (nic.mac < e.mac_82558_D101_A4) return
  nic.tx_fc_pause += counter(FC_XMT)
  nic.rx_fc_pause += counter(FC_RCV)
  nic.rx_fc_unsupported += counter(FC_UNSUPPORTED)
  if (nic.mac < e.mac_82559_D101M) return
  nic.tx_tco_frames += get16(nic.mem.bytes, e.MEM_STATS + 4 * TCO)
  nic.rx_tco_frames += get16(nic.mem.bytes, e.MEM_STATS + 4 * TCO + 2)
}
