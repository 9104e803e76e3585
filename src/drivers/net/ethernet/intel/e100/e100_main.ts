/** e100.c: the driver of Intel's 8255x: probing, opening, its interrupt and poll, the watchdog that looks after the link. */
import type { Kernel } from '../../../../../kernel/kernel.ts'
import { free_irq, IRQ_HANDLED, IRQ_NONE, request_irq } from '../../../../../kernel/irq.ts'
import { round_jiffies } from '../../../../../kernel/round_jiffies.ts'
import { mod_timer, NSEC_PER_SEC, timer_delete } from '../../../../../kernel/time.ts'
import { schedule_work } from '../../../../../kernel/workqueue.ts'
import {
  free_netdev,
  netdev_err,
  netdev_info,
  netif_carrier_off,
  netif_carrier_ok,
  netif_running,
  netif_stop_queue,
  netif_wake_queue,
  register_netdev,
  unregister_netdev,
} from '../../../../../net/core/dev.ts'
import { netif_device_attach, netif_device_detach } from '../../../../../net/core/dev_queue.ts'
import { napi_complete_done, napi_disable, napi_enable, napi_schedule } from '../../../../../net/core/dev_receive.ts'
import { mac_text } from '../../../../../net/core/net_sysfs.ts'
import type { napi_struct } from '../../../../../net/core/dev_softnet.ts'
import * as F from '../../../../../net/core/netdev_features_bits.ts'
import { NET_NAME_ENUM, type net_device, type net_device_ops, netdev_priv } from '../../../../../net/core/netdevice.ts'
import { alloc_etherdev, eth_hw_addr_set, eth_validate_addr, is_valid_ether_addr } from '../../../../../net/ethernet/eth.ts'
import { EADDRNOTAVAIL, EAGAIN, ENODEV, type Errno, isErrno } from '../../../../../uapi/errno.ts'
import {
  dma_alloc_coherent,
  dma_free_coherent,
  IORESOURCE_MEM,
  ioread8,
  type iomem,
  iowrite8,
  pci_disable_device,
  pci_enable_device,
  type pci_dev,
  type pci_driver,
  pci_iomap,
  pci_name,
  pci_pme_active,
  pci_release_regions,
  pci_request_regions,
  pci_set_master,
} from '../../../../pci/pci.ts'
import { pci_register_driver, pci_unregister_driver } from '../../../../pci/probe.ts'
import { generic_mii_ioctl, mii_check_link, mii_ethtool_get_link_ksettings, mii_if_info, mii_link_ok } from '../../../mii.ts'
import * as e from './e100.ts'
import { nic } from './e100.ts'
import {
  e100_alloc_cbs,
  e100_clean_cbs,
  e100_configure,
  e100_exec_cb,
  e100_set_multicast_list,
  e100_setup_iaaddr,
  e100_tx_clean,
  e100_xmit_frame,
} from './e100_cb.ts'
import { e100_ethtool_ops } from './e100_ethtool.ts'
import {
  e100_disable_irq,
  e100_eeprom_load,
  e100_enable_irq,
  e100_exec_cmd,
  e100_hw_reset,
  e100_phy_init,
  e100_self_test,
  mdio_read,
  mdio_write,
} from './e100_hw.ts'
import { e100_rx_alloc_list, e100_rx_clean, e100_rx_clean_list, e100_start_receiver } from './e100_rx.ts'
import { e100_update_stats } from './e100_stats.ts'

/** struct cb with what the device does not see. */
const SIZEOF_CB = 576
const E100_WATCHDOG_PERIOD = 2 * NSEC_PER_SEC
/** Word 10 of the EEPROM: wakes up by a magic packet. */
const eeprom_id = 0x0a
const eeprom_id_wol = 0x20

/** From the device's reset to where it takes commands. */
export function e100_hw_init(nic: nic): Errno | undefined {
  e100_hw_reset(nic)
  return (
    e100_self_test(nic) ??
    e100_phy_init(nic) ??
    e100_exec_cmd(nic, e.cuc_load_base, 0) ??
    e100_exec_cmd(nic, e.ruc_load_base, 0) ??
    e100_exec_cb(nic, undefined, e100_configure) ??
    e100_exec_cb(nic, undefined, e100_setup_iaaddr) ??
    e100_exec_cmd(nic, e.cuc_dump_addr, nic.mem.addr + e.MEM_STATS) ??
    e100_exec_cmd(nic, e.cuc_dump_reset, 0)
  )
}
export function e100_up(nic: nic): Errno | undefined {
  e100_rx_alloc_list(nic)
  e100_alloc_cbs(nic)
  const error = e100_hw_init(nic)
  if (isErrno(error)) {
    e100_clean_cbs(nic)
    e100_rx_clean_list(nic)
    return error
  }
  e100_disable_irq(nic)
  e100_set_multicast_list(nic.netdev)
  e100_start_receiver(nic)
  const { kernel, irq } = nic.pdev
  mod_timer(nic.watchdog, kernel.now())
  request_irq(kernel.irqs, irq, e100_intr, nic.netdev.name, nic.netdev)
  netif_wake_queue(nic.netdev)
  napi_enable(nic.napi)
  e100_enable_irq(nic)
  return undefined
}
export function e100_down(nic: nic): void {
  napi_disable(nic.napi)
  netif_stop_queue(nic.netdev)
  e100_hw_reset(nic)
  free_irq(nic.pdev.kernel.irqs, nic.pdev.irq, nic.netdev)
  timer_delete(nic.watchdog)
  netif_carrier_off(nic.netdev)
  e100_clean_cbs(nic)
  e100_rx_clean_list(nic)
}

export function e100_open(dev: net_device): Errno | undefined {
  netif_carrier_off(dev)
  return e100_up(netdev_priv<nic>(dev))
}
export function e100_close(dev: net_device): undefined {
  e100_down(netdev_priv<nic>(dev))
}

/** The interrupt: acknowledged, then polling takes over. */
export function e100_intr(_irq: number, dev: net_device): number {
  const nic = netdev_priv<nic>(dev)
  const stat_ack = ioread8(nic.csr, e.SCB_STAT_ACK)
  if (stat_ack === e.stat_ack_not_ours || stat_ack === e.stat_ack_not_present) return IRQ_NONE
  iowrite8(nic.csr, e.SCB_STAT_ACK, stat_ack)
  if (stat_ack & e.stat_ack_rnr) nic.ru_running = e.RU_SUSPENDED
  if (!nic.napi.scheduled) {
    e100_disable_irq(nic)
    napi_schedule(nic.napi)
  }
  return IRQ_HANDLED
}
/** NAPI's function. */
export function e100_poll(napi: napi_struct, budget: number): number {
  const nic = netdev_priv<nic>(napi.dev as net_device)
  const work = e100_rx_clean(nic, budget)
  e100_tx_clean(nic)
  if (work >= budget) return budget
  napi_complete_done(napi)
  e100_enable_irq(nic)
  return work
}

/** The timer's function, every two seconds: says when the link comes or goes, and wakes a receiver that found no memory. */
export function e100_watchdog(nic: nic): void {
  const dev = nic.netdev
  const { speed, duplex } = mii_ethtool_get_link_ksettings(nic.mii)
  const up = mii_link_ok(nic.mii)
  const told = (nic.msg_enable & e.NETIF_MSG_LINK) !== 0
  if (told && up && !netif_carrier_ok(dev)) netdev_info(dev, `NIC Link is Up ${speed} Mbps ${duplex === 1 ? 'Full' : 'Half'} Duplex`)
  else if (told && !up && netif_carrier_ok(dev)) netdev_info(dev, 'NIC Link is Down')
  mii_check_link(nic.mii)
  iowrite8(nic.csr, e.SCB_CMD_HI, ioread8(nic.csr, e.SCB_CMD_HI) | e.irq_sw_gen)
  e100_update_stats(nic)
  adjust_adaptive_ifs(nic, speed, duplex === 1)
  mod_timer(nic.watchdog, round_jiffies(nic.pdev.kernel.now() + E100_WATCHDOG_PERIOD))
}
/** On half duplex: more space between frames when many collide, less when there are few frames. */
function adjust_adaptive_ifs(nic: nic, speed: number, full: boolean): void {
  if (full) return
  const before = nic.adaptive_ifs
  const few = speed === 100 ? 1000 : 100
  if (nic.tx_frames > few && Math.floor(nic.tx_frames / 32) < nic.tx_collisions) nic.adaptive_ifs = Math.min(60, before + 5)
  else if (nic.tx_frames < few) nic.adaptive_ifs = Math.max(0, before - 5)
  if (nic.adaptive_ifs !== before) e100_exec_cb(nic, undefined, e100_configure)
}

export function e100_tx_timeout(dev: net_device): void {
  schedule_work(netdev_priv<nic>(dev).tx_timeout_task)
}
/** Work: the device is reset. */
export function e100_tx_timeout_task(nic: nic): void {
  if (!netif_running(nic.netdev)) return
  e100_down(nic)
  e100_up(nic)
}

export function e100_set_mac_address(dev: net_device, addr: Uint8Array): Errno | undefined {
  if (!is_valid_ether_addr(addr)) return EADDRNOTAVAIL
  eth_hw_addr_set(dev, addr)
  e100_exec_cb(netdev_priv<nic>(dev), undefined, e100_setup_iaaddr)
  return undefined
}
export function e100_do_ioctl(dev: net_device, ifr: Uint8Array, cmd: number): Errno | undefined {
  return generic_mii_ioctl(netdev_priv<nic>(dev).mii, ifr, cmd)
}
export function e100_set_features(dev: net_device, features: bigint): undefined {
  if (!((features ^ dev.features) & (F.NETIF_F_RXFCS | F.NETIF_F_RXALL))) return
  dev.features = features
  e100_exec_cb(netdev_priv<nic>(dev), undefined, e100_configure)
}
export const e100_netdev_ops: net_device_ops = {
  name: 'e100_netdev_ops',
  ndo_open: e100_open,
  ndo_stop: e100_close,
  ndo_start_xmit: e100_xmit_frame,
  ndo_validate_addr: eth_validate_addr,
  ndo_set_rx_mode: e100_set_multicast_list,
  ndo_set_mac_address: e100_set_mac_address,
  ndo_eth_ioctl: e100_do_ioctl,
  ndo_tx_timeout: e100_tx_timeout,
  ndo_set_features: e100_set_features,
}

export function e100_probe(pdev: pci_dev): Errno | undefined {
  const error = pci_enable_device(pdev)
  if (isErrno(error)) return error
  const csr = map_registers(pdev)
  const failed = isErrno(csr) ? csr : make_device(pdev, csr)
  if (!isErrno(failed)) return undefined
  pci_release_regions(pdev)
  pci_disable_device(pdev)
  return failed
}
function map_registers(pdev: pci_dev): iomem | Errno {
  if (!((pdev.resource[0]?.flags ?? 0) & IORESOURCE_MEM)) return ENODEV
  return pci_request_regions(pdev, 'e100') ?? pci_iomap(pdev, e.e100_param(pdev.kernel, 'use_io', 0) === 0 ? 0 : 1) ?? ENODEV
}
function make_device(pdev: pci_dev, csr: iomem): Errno | undefined {
  const dev = alloc_etherdev(pdev.kernel.init_net, e100_netdev_ops, { name_assign_type: NET_NAME_ENUM })
  dev.hw_features |= F.NETIF_F_RXFCS | F.NETIF_F_RXALL
  dev.ethtool_ops = e100_ethtool_ops
  dev.watchdog_timeo = E100_WATCHDOG_PERIOD
  dev.parent = { name: pci_name(pdev), bus: 'pci', driver: 'e100' }
  const self = new nic(dev, pdev, csr, e100_poll, e100_watchdog, e100_tx_timeout_task)
  self.mii = new mii_if_info(dev, mdio_read, mdio_write)
  dev.priv = self
  pdev.driver_data = dev
  e100_hw_reset(self)
  pci_set_master(pdev)
  self.mem = dma_alloc_coherent(pdev, e.MEM_SIZE)
  const error = read_identity(self) ?? register_netdev(dev)
  if (isErrno(error)) {
    dma_free_coherent(pdev, self.mem)
    free_netdev(dev)
    return error
  }
  pdev.dma_pools = [{ name: dev.name, size: self.cbs_param.max * SIZEOF_CB, blocks: 0, active: 0 }]
  const start = csr.base.toString(16)
  if (self.msg_enable & e.NETIF_MSG_PROBE) netdev_info(dev, `addr 0x${start}, irq ${pdev.irq}, MAC addr ${mac_text(dev.dev_addr, 6)}`)
  return undefined
}
/** What the EEPROM and the PHY say. */
function read_identity(nic: nic): Errno | undefined {
  const dev = nic.netdev
  const error = e100_eeprom_load(nic)
  if (isErrno(error)) return error
  e100_phy_init(nic)
  const address = new Uint8Array(nic.eeprom.buffer, 0, 6).slice()
  eth_hw_addr_set(dev, address)
  if (!is_valid_ether_addr(address)) {
    if (e.e100_param(nic.pdev.kernel, 'eeprom_bad_csum_allow', 0) === 0) {
      netdev_err(dev, 'Invalid MAC address from EEPROM, aborting')
      return EAGAIN
    }
    netdev_err(dev, 'Invalid MAC address from EEPROM, you MUST configure one.')
  }
  nic.wol_magic = nic.mac >= e.mac_82558_D101_A4 && (nic.eeprom[eeprom_id] & eeprom_id_wol) !== 0
  nic.pdev.wakeup_enabled = nic.wol_magic
  pci_pme_active(nic.pdev, false)
  return undefined
}
export function e100_remove(pdev: pci_dev): void {
  const dev = pdev.driver_data as net_device
  const nic = netdev_priv<nic>(dev)
  unregister_netdev(dev)
  dma_free_coherent(pdev, nic.mem)
  pdev.dma_pools = []
  pci_release_regions(pdev)
  pci_disable_device(pdev)
}

/** The device stops, what it may wake for is the EEPROM's address by then: a reset sets it so. */
export function e100_suspend(pdev: pci_dev): undefined {
  const dev = pdev.driver_data as net_device
  netif_device_detach(dev)
  if (netif_running(dev)) e100_down(netdev_priv<nic>(dev))
  pci_disable_device(pdev)
}
export function e100_resume(pdev: pci_dev): Errno | undefined {
  const dev = pdev.driver_data as net_device
  const error = pci_enable_device(pdev)
  if (isErrno(error)) {
    netdev_err(dev, 'Resume cannot enable PCI device, aborting')
    return error
  }
  pci_set_master(pdev)
  if (netif_running(dev)) e100_up(netdev_priv<nic>(dev))
  netif_device_attach(dev)
  return undefined
}

const intel = (device: number) => ({ vendor: 0x8086, device })
export const e100_driver: pci_driver = {
  name: 'e100',
  id_table: [intel(0x1209), intel(0x1229)],
  probe: e100_probe,
  remove: e100_remove,
  suspend: e100_suspend,
  resume: e100_resume,
}
/** The module's init. */
export function e100_init_module(kernel: Kernel): Errno | undefined {
  if (e.e100_msg_enable(kernel) & e.NETIF_MSG_DRV) {
    kernel.pr_info('e100: Intel(R) PRO/100 Network Driver')
    kernel.pr_info('e100: Copyright(c) 1999-2006 Intel Corporation')
  }
  return pci_register_driver(kernel, e100_driver)
}
/** The module's exit. */
export function e100_cleanup_module(kernel: Kernel): void {
  pci_unregister_driver(kernel, e100_driver)
}
