/** e100.c e100_ethtool_ops. */
import { put32 } from '../../../../../lib/bytes.ts'
import { NETIF_MSG_DRV, netif_info } from '../../../../../net/core/dev_printk.ts'
import { dev_get_stats } from '../../../../../net/core/dev_stats.ts'
import {
  type ethtool_drvinfo,
  type ethtool_link_ksettings,
  type ethtool_ops,
  ethtool_op_get_ts_info,
  type ethtool_regs,
  type ethtool_ringparam,
  type ethtool_test_result,
  type ethtool_wolinfo,
} from '../../../../../net/core/ethtool_ops.ts'
import { netif_running } from '../../../../../net/core/link_watch.ts'
import { type net_device, netdev_priv } from '../../../../../net/core/netdevice.ts'
import { dev_alloc_skb, skb_put } from '../../../../../net/core/skbuff.ts'
import { EAGAIN, EINVAL, EOPNOTSUPP, type Errno, isErrno } from '../../../../../uapi/errno.ts'
import {
  ETH_SS_STATS,
  ETH_SS_TEST,
  ETHTOOL_ID_ACTIVE,
  ETHTOOL_ID_INACTIVE,
  ETHTOOL_ID_ON,
  WAKE_MAGIC,
} from '../../../../../uapi/linux/ethtool.ts'
import type { LinkStatName } from '../../../../../uapi/linux/if_link.ts'
import { BMCR_LOOPBACK, BMCR_RESET, MII_BMCR } from '../../../../../uapi/linux/mii.ts'
import { ioread8, ioread16, pci_name } from '../../../../pci/pci.ts'
import { mii_ethtool_get_link_ksettings, mii_ethtool_set_link_ksettings, mii_link_ok, mii_nway_restart } from '../../../mii.ts'
import * as e from './e100.ts'
import type { nic } from './e100.ts'
import { e100_alloc_cbs, e100_clean_cbs, e100_configure, e100_dump, e100_exec_cb, e100_xmit_frame } from './e100_cb.ts'
import { e100_eeprom_load, e100_eeprom_save, e100_hw_reset, e100_self_test, mdio_read, mdio_write } from './e100_hw.ts'
import { e100_down, e100_hw_init, e100_up } from './e100_main.ts'
import { e100_rx_alloc_list, e100_rx_clean_list, e100_start_receiver } from './e100_rx.ts'

const ETH_DATA_LEN = 1500

/** ETH_SS_STATS: the device's counters, then the driver's own. */
const net_stats: readonly LinkStatName[] = [
  'rx_packets',
  'tx_packets',
  'rx_bytes',
  'tx_bytes',
  'rx_errors',
  'tx_errors',
  'rx_dropped',
  'tx_dropped',
  'multicast',
  'collisions',
  'rx_length_errors',
  'rx_over_errors',
  'rx_crc_errors',
  'rx_frame_errors',
  'rx_fifo_errors',
  'rx_missed_errors',
  'tx_aborted_errors',
  'tx_carrier_errors',
  'tx_fifo_errors',
  'tx_heartbeat_errors',
  'tx_window_errors',
]
const own_stats = [
  ['tx_deferred', 'tx_deferred'],
  ['tx_single_collisions', 'tx_single_collisions'],
  ['tx_multi_collisions', 'tx_multiple_collisions'],
  ['tx_flow_control_pause', 'tx_fc_pause'],
  ['rx_flow_control_pause', 'rx_fc_pause'],
  ['rx_flow_control_unsupported', 'rx_fc_unsupported'],
  ['tx_tco_packets', 'tx_tco_frames'],
  ['rx_tco_packets', 'rx_tco_frames'],
  ['rx_short_frame_errors', 'rx_short_frame_errors'],
  ['rx_over_length_errors', 'rx_over_length_errors'],
] as const
/** ETH_SS_TEST */
const tests = [
  'Link test     (on/offline)',
  'Eeprom test   (on/offline)',
  'Self test        (offline)',
  'Mac loopback     (offline)',
  'Phy loopback     (offline)',
]
const E100_PHY_REGS = 0x1d
const E100_EEPROM_MAGIC = 0x1234
const MII_LED_CONTROL = 0x1b
const led_on_559 = 0x05
const led_off = 0x04
/** struct ethtool_regs.version */
const REGS_VERSION = 1 << 24

function nic_of(dev: net_device): nic {
  return netdev_priv<nic>(dev)
}
export function e100_get_drvinfo(dev: net_device): ethtool_drvinfo {
  return { driver: 'e100', bus_info: pci_name(nic_of(dev).pdev) }
}
export function e100_get_link(dev: net_device): boolean {
  return mii_link_ok(nic_of(dev).mii)
}
export function e100_get_link_ksettings(dev: net_device): ethtool_link_ksettings {
  return mii_ethtool_get_link_ksettings(nic_of(dev).mii)
}
export function e100_set_link_ksettings(dev: net_device, settings: ethtool_link_ksettings): Errno | undefined {
  const nic = nic_of(dev)
  mdio_write(dev, nic.mii.phy_id, MII_BMCR, BMCR_RESET)
  const error = mii_ethtool_set_link_ksettings(nic.mii, settings)
  e100_exec_cb(nic, undefined, e100_configure)
  return error
}
export function e100_get_strings(_dev: net_device, set: number): readonly string[] | undefined {
  if (set === ETH_SS_TEST) return tests
  return set === ETH_SS_STATS ? [...net_stats, ...own_stats.map(([name]) => name)] : undefined
}
export function e100_get_ethtool_stats(dev: net_device): number[] {
  const stats = dev_get_stats(dev)
  const nic = nic_of(dev)
  return [...net_stats.map((name) => stats[name]), ...own_stats.map(([, field]) => nic[field])]
}
/** The SCB, the PHY's registers from the last to the first, and what the controller dumps. */
export function e100_get_regs(dev: net_device): ethtool_regs {
  const nic = nic_of(dev)
  const data = new Uint8Array(4 * (1 + E100_PHY_REGS) + e.DUMP_SIZE)
  const scb = (ioread8(nic.csr, e.SCB_CMD_HI) << 24) | (ioread8(nic.csr, e.SCB_CMD_LO) << 16) | ioread16(nic.csr, e.SCB_STATUS)
  put32(data, 0, scb >>> 0)
  for (let i = 0; i < E100_PHY_REGS; i++) put32(data, 4 + 4 * i, mdio_read(dev, nic.mii.phy_id, E100_PHY_REGS - 1 - i))
  const dumped = nic.mem.bytes.subarray(e.MEM_DUMP, e.MEM_DUMP + e.DUMP_SIZE)
  dumped.fill(0)
  e100_exec_cb(nic, undefined, e100_dump)
  data.set(dumped, 4 * (1 + E100_PHY_REGS))
  return { version: REGS_VERSION | nic.pdev.revision, data }
}
export function e100_get_wol(dev: net_device): ethtool_wolinfo {
  const nic = nic_of(dev)
  return { supported: nic.mac >= e.mac_82558_D101_A4 ? WAKE_MAGIC : 0, wolopts: nic.wol_magic ? WAKE_MAGIC : 0 }
}
export function e100_set_wol(dev: net_device, { wolopts }: ethtool_wolinfo): Errno | undefined {
  const nic = nic_of(dev)
  if ((wolopts !== 0 && wolopts !== WAKE_MAGIC) || !nic.pdev.can_wakeup) return EOPNOTSUPP
  nic.wol_magic = wolopts !== 0
  nic.pdev.wakeup_enabled = wolopts !== 0
  e100_exec_cb(nic, undefined, e100_configure)
  return undefined
}
export function e100_get_msglevel(dev: net_device): number {
  return nic_of(dev).msg_enable
}
export function e100_set_msglevel(dev: net_device, level: number): void {
  nic_of(dev).msg_enable = level
}
export function e100_nway_reset(dev: net_device): Errno | undefined {
  return mii_nway_restart(nic_of(dev).mii)
}

export function e100_get_eeprom_len(dev: net_device): number {
  return nic_of(dev).eeprom_wc * 2
}
function eeprom_bytes({ eeprom }: nic): Uint8Array {
  return new Uint8Array(eeprom.buffer)
}
/** From the driver's copy. */
export function e100_get_eeprom(dev: net_device, offset: number, length: number): { magic: number; data: Uint8Array } {
  return { magic: E100_EEPROM_MAGIC, data: eeprom_bytes(nic_of(dev)).slice(offset, offset + length) }
}
export function e100_set_eeprom(dev: net_device, magic: number, offset: number, data: Uint8Array): Errno | undefined {
  if (magic !== E100_EEPROM_MAGIC) return EINVAL
  const nic = nic_of(dev)
  eeprom_bytes(nic).set(data, offset)
  return e100_eeprom_save(nic, offset >> 1, (data.length >> 1) + 1)
}

export function e100_get_ringparam(dev: net_device): Partial<ethtool_ringparam> {
  const { rfds, cbs_param } = nic_of(dev)
  return { rx_max_pending: rfds.max, tx_max_pending: cbs_param.max, rx_pending: rfds.count, tx_pending: cbs_param.count }
}
/** A running device is taken down for it: rings cannot change their size. */
export function e100_set_ringparam(dev: net_device, ring: ethtool_ringparam): Errno | undefined {
  if (ring.rx_mini_pending !== 0 || ring.rx_jumbo_pending !== 0) return EINVAL
  const nic = nic_of(dev)
  const running = netif_running(dev)
  if (running) e100_down(nic)
  const within = ({ min, max }: e.param_range, n: number) => Math.min(max, Math.max(min, n))
  nic.rfds.count = within(nic.rfds, ring.rx_pending)
  nic.cbs_param.count = within(nic.cbs_param, ring.tx_pending)
  netif_info(nic, NETIF_MSG_DRV, dev, `Ring Param settings: rx: ${nic.rfds.count}, tx ${nic.cbs_param.count}`)
  if (running) e100_up(nic)
  return undefined
}

/** A frame of ones has to come back. EAGAIN: it does not. */
function e100_loopback_test(nic: nic, mode: number): Errno | undefined {
  e100_rx_alloc_list(nic)
  e100_alloc_cbs(nic)
  nic.loopback = mode
  const error = e100_hw_init(nic) ?? loop_frame(nic)
  mdio_write(nic.netdev, nic.mii.phy_id, MII_BMCR, 0)
  nic.loopback = e.lb_none
  e100_clean_cbs(nic)
  e100_hw_reset(nic)
  e100_rx_clean_list(nic)
  return error
}
function loop_frame(nic: nic): Errno | undefined {
  if (nic.loopback === e.lb_phy) mdio_write(nic.netdev, nic.mii.phy_id, MII_BMCR, BMCR_LOOPBACK)
  e100_start_receiver(nic)
  const skb = dev_alloc_skb(nic.netdev, ETH_DATA_LEN)
  skb.buf.fill(0xff, skb_put(skb, ETH_DATA_LEN), skb.tail)
  e100_xmit_frame(skb, nic.netdev)
  const at = e.RFD_AT + e.RFD_SIZE
  const frame = nic.rxs[nic.rx_to_clean].bytes?.subarray(at, at + ETH_DATA_LEN)
  return frame?.every((b) => b === 0xff) ? undefined : EAGAIN
}
/** In Linux it takes four seconds more, whatever it finds. */
export function e100_diag_test(dev: net_device, offline: boolean): ethtool_test_result {
  const nic = nic_of(dev)
  const data: (Errno | number | undefined)[] = [mii_link_ok(nic.mii) ? 0 : 1, e100_eeprom_load(nic), 0, 0, 0]
  if (offline) {
    const before = mii_ethtool_get_link_ksettings(nic.mii)
    const running = netif_running(dev)
    if (running) e100_down(nic)
    data[2] = e100_self_test(nic)
    data[3] = e100_loopback_test(nic, e.lb_mac)
    data[4] = e100_loopback_test(nic, e.lb_phy)
    mii_ethtool_set_link_ksettings(nic.mii, before)
    if (running) e100_up(nic)
  }
  const numbers = data.map((found) => (isErrno(found) ? -found.code : (found ?? 0)))
  return { failed: numbers.some((n) => n !== 0), data: numbers }
}
/** Twice a second on and off; the number is how often a second. */
export function e100_set_phys_id(dev: net_device, state: number): number {
  const leds = state === ETHTOOL_ID_ON ? led_on_559 : led_off
  if (state === ETHTOOL_ID_ACTIVE) return 2
  mdio_write(dev, nic_of(dev).mii.phy_id, MII_LED_CONTROL, state === ETHTOOL_ID_INACTIVE ? 0 : leds)
  return 0
}

export const e100_ethtool_ops: ethtool_ops = {
  name: 'e100_ethtool_ops',
  get_drvinfo: e100_get_drvinfo,
  get_regs: e100_get_regs,
  get_wol: e100_get_wol,
  set_wol: e100_set_wol,
  get_msglevel: e100_get_msglevel,
  set_msglevel: e100_set_msglevel,
  nway_reset: e100_nway_reset,
  get_link: e100_get_link,
  get_eeprom_len: e100_get_eeprom_len,
  get_eeprom: e100_get_eeprom,
  set_eeprom: e100_set_eeprom,
  get_ringparam: e100_get_ringparam,
  set_ringparam: e100_set_ringparam,
  self_test: e100_diag_test,
  get_strings: e100_get_strings,
  set_phys_id: e100_set_phys_id,
  get_ethtool_stats: e100_get_ethtool_stats,
  get_ts_info: ethtool_op_get_ts_info,
  get_link_ksettings: e100_get_link_ksettings,
  set_link_ksettings: e100_set_link_ksettings,
}
