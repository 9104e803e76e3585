/** e100.c: the driver of Intel's 8255x: probing, opening, its interrupt and poll, the watchdog that looks after the link. */
import type { Kernel } from '../../../../../kernel/kernel.ts'
import { free_irq, IRQ_HANDLED, IRQ_NONE, request_irq } from '../../../../../kernel/irq.ts'
import { KERN_DEBUG } from '../../../../../kernel/printk.ts'
import { round_jiffies } from '../../../../../kernel/round_jiffies.ts'
import { mod_timer, NSEC_PER_SEC, timer_delete } from '../../../../../kernel/time.ts'
import { schedule_work } from '../../../../../kernel/workqueue.ts'
import {
  free_netdev,
  netif_carrier_off,
  netif_carrier_ok,
  netif_running,
  netif_stop_queue,
  netif_wake_queue,
  register_netdev,
  unregister_netdev,
} from '../../../../../net/core/dev.ts'
import {
  NETIF_MSG_DRV,
  NETIF_MSG_HW,
  NETIF_MSG_IFUP,
  NETIF_MSG_INTR,
  NETIF_MSG_PROBE,
  NETIF_MSG_TIMER,
  NETIF_MSG_TX_ERR,
  netdev_err,
  netdev_info,
  netif_err,
  netif_info,
  netif_printk,
} from '../../../../../net/core/dev_printk.ts'
import { netif_device_attach, netif_device_detach } from '../../../../../net/core/dev_queue.ts'
import { napi_complete_done, napi_disable, napi_enable, napi_schedule } from '../../../../../net/core/dev_receive.ts'
import { mac_text } from '../../../../../net/core/net_sysfs.ts'
import type { napi_struct } from '../../../../../net/core/dev_softnet.ts'
import * as F from '../../../../../net/core/netdev_features_bits.ts'
import { type net_device, type net_device_ops, netdev_priv } from '../../../../../net/core/netdevice.ts'
import { alloc_etherdev, eth_hw_addr_set, eth_validate_addr, is_valid_ether_addr } from '../../../../../net/ethernet/eth.ts'
import { EADDRNOTAVAIL, EAGAIN, ENODEV, ENOMEM, type Errno, isErrno } from '../../../../../uapi/errno.ts'
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
/** include/linux/jiffies.h, as of HZ 250: ticks wrap around after five minutes in 32 bits. */
const INITIAL_JIFFIES = 2 ** 32 - 300 * 250
const E100_WATCHDOG_PERIOD = 2 * NSEC_PER_SEC
/** Word 10 of the EEPROM: wakes up by a magic packet. */
const eeprom_id = 0x0a
const eeprom_id_wol = 0x20

/** From the device's reset to where it takes commands. */
export function e100_hw_init(nic: nic): Errno | undefined {
  e100_hw_reset(nic)
  netif_err(nic, NETIF_MSG_HW, nic.netdev, 'e100_hw_init')
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
  request_irq(kernel.irqs, irq, e100_intr, nic.netdev, nic.netdev)
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
  const nic = netdev_priv<nic>(dev)
  const error = e100_up(nic)
  if (isErrno(error)) netif_err(nic, NETIF_MSG_IFUP, dev, 'Cannot open interface, aborting')
  return error
}
export function e100_close(dev: net_device): undefined {
  e100_down(netdev_priv<nic>(dev))
}

/** The interrupt: acknowledged, then polling takes over. */
export function e100_intr(_irq: number, dev: net_device): number {
  const nic = netdev_priv<nic>(dev)
  const stat_ack = ioread8(nic.csr, e.SCB_STAT_ACK)
  if (nic.msg_enable & NETIF_MSG_INTR) netif_printk(nic, NETIF_MSG_INTR, KERN_DEBUG, dev, `stat_ack = 0x${e.upper_hex(stat_ack, 2)}`)
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
  const { kernel } = nic.pdev
  netif_printk(nic, NETIF_MSG_TIMER, KERN_DEBUG, dev, `right now = ${INITIAL_JIFFIES + kernel.jiffies()}`)
  const { speed, duplex } = mii_ethtool_get_link_ksettings(nic.mii)
  const up = mii_link_ok(nic.mii)
  if (up && !netif_carrier_ok(dev)) netdev_info(dev, `NIC Link is Up ${speed} Mbps ${duplex === 1 ? 'Full' : 'Half'} Duplex`)
  else if (!up && netif_carrier_ok(dev)) netdev_info(dev, 'NIC Link is Down')
  mii_check_link(nic.mii)
  iowrite8(nic.csr, e.SCB_CMD_HI, ioread8(nic.csr, e.SCB_CMD_HI) | e.irq_sw_gen)
  e100_update_stats(nic)
  adjust_adaptive_ifs(nic, speed, duplex === 1)
  mod_timer(nic.watchdog, round_jiffies(kernel.now() + E100_WATCHDOG_PERIOD))
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
  const status = ioread8(nic.csr, e.SCB_STATUS)
  netif_printk(nic, NETIF_MSG_TX_ERR, KERN_DEBUG, nic.netdev, `scb.status=0x${e.upper_hex(status, 2)}`)
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

/** Until it has a name of its own the device is called as its function. */
export function e100_probe(pdev: pci_dev): Errno | undefined {
  const dev = alloc_etherdev(pdev.kernel.init_net, e100_netdev_ops)
  dev.name = pci_name(pdev)
  dev.hw_features |= F.NETIF_F_RXFCS | F.NETIF_F_RXALL
  dev.ethtool_ops = e100_ethtool_ops
  dev.watchdog_timeo = E100_WATCHDOG_PERIOD
  const error = enable_device(pdev, dev)
  if (isErrno(error)) free_netdev(dev)
  return error
}
function enable_device(pdev: pci_dev, dev: net_device): Errno | undefined {
  const log = { msg_enable: e.e100_msg_enable(pdev.kernel) }
  const enabled = pci_enable_device(pdev)
  if (isErrno(enabled)) {
    netif_err(log, NETIF_MSG_PROBE, dev, 'Cannot enable PCI device, aborting')
    return enabled
  }
  const csr = map_registers(pdev, dev, log)
  const failed = isErrno(csr) ? csr : make_device(pdev, dev, csr)
  if (!isErrno(failed)) return undefined
  pci_release_regions(pdev)
  pci_disable_device(pdev)
  return failed
}
function map_registers(pdev: pci_dev, dev: net_device, log: { msg_enable: number }): iomem | Errno {
  if (!((pdev.resource[0]?.flags ?? 0) & IORESOURCE_MEM)) {
    netif_err(log, NETIF_MSG_PROBE, dev, 'Cannot find proper PCI device base address, aborting')
    return ENODEV
  }
  const busy = pci_request_regions(pdev, 'e100')
  if (isErrno(busy)) {
    netif_err(log, NETIF_MSG_PROBE, dev, 'Cannot obtain PCI resources, aborting')
    return busy
  }
  dev.parent = { name: pci_name(pdev), bus: 'pci', driver: 'e100' }
  const use_io = e.e100_param(pdev.kernel, 'use_io', 0) !== 0
  if (use_io) netif_info(log, NETIF_MSG_PROBE, dev, 'using i/o access mode')
  const csr = pci_iomap(pdev, use_io ? 1 : 0)
  if (csr === undefined) netif_err(log, NETIF_MSG_PROBE, dev, 'Cannot map device registers, aborting')
  return csr ?? ENOMEM
}
function make_device(pdev: pci_dev, dev: net_device, csr: iomem): Errno | undefined {
  const self = new nic(dev, pdev, csr, e100_poll, e100_watchdog, e100_tx_timeout_task)
  self.mii = new mii_if_info(dev, mdio_read, mdio_write)
  dev.priv = self
  pdev.driver_data = dev
  e100_hw_reset(self)
  pci_set_master(pdev)
  self.mem = dma_alloc_coherent(pdev, e.MEM_SIZE)
  const error = read_identity(self) ?? register_device(self)
  if (isErrno(error)) {
    dma_free_coherent(pdev, self.mem)
    return error
  }
  pdev.dma_pools = [{ name: dev.name, size: self.cbs_param.max * SIZEOF_CB, blocks: 0, active: 0 }]
  const address = mac_text(dev.dev_addr, 6)
  netif_info(self, NETIF_MSG_PROBE, dev, `addr 0x${csr.base.toString(16)}, irq ${pdev.irq}, MAC addr ${address}`)
  return undefined
}
function register_device(nic: nic): Errno | undefined {
  const dev = nic.netdev
  dev.name = 'eth%d'
  const error = register_netdev(dev)
  if (isErrno(error)) netif_err(nic, NETIF_MSG_PROBE, dev, 'Cannot register net device, aborting')
  return error
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
      netif_err(nic, NETIF_MSG_PROBE, dev, 'Invalid MAC address from EEPROM, aborting')
      return EAGAIN
    }
    netif_err(nic, NETIF_MSG_PROBE, dev, 'Invalid MAC address from EEPROM, you MUST configure one.')
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
  if (e.e100_msg_enable(kernel) & NETIF_MSG_DRV) {
    kernel.pr_info('e100: Intel(R) PRO/100 Network Driver')
    kernel.pr_info('e100: Copyright(c) 1999-2006 Intel Corporation')
  }
  return pci_register_driver(kernel, e100_driver)
}
/** The module's exit. */
export function e100_cleanup_module(kernel: Kernel): void {
  pci_unregister_driver(kernel, e100_driver)
}
