/** e100.c: the 8255x's registers: reset, self-test, commands, the EEPROM's serial pins, the PHY. */
import { get32, put32 } from '../../../../../lib/bytes.ts'
import { KERN_DEBUG } from '../../../../../kernel/printk.ts'
import { NETIF_MSG_HW, NETIF_MSG_PROBE, netdev_err, netif_err, netif_printk } from '../../../../../net/core/dev_printk.ts'
import { type net_device, netdev_priv } from '../../../../../net/core/netdevice.ts'
import { EAGAIN, EINVAL, type Errno, ETIMEDOUT } from '../../../../../uapi/errno.ts'
import * as M from '../../../../../uapi/linux/mii.ts'
import { ioread8, ioread32, iowrite8, iowrite32 } from '../../../../pci/pci.ts'
import {
  CSR_EEPROM,
  CSR_MDI,
  CSR_PORT,
  cuc_resume,
  irq_mask_all,
  irq_mask_none,
  MEM_SELFTEST,
  mac_82550_D102,
  e100_param,
  type nic,
  SCB_CMD_HI,
  SCB_CMD_LO,
  SCB_GEN_PTR,
  upper_hex,
} from './e100.ts'

// the lowest bits of PORT
const software_reset = 0
const selftest = 1
const selective_reset = 2

export function e100_enable_irq(nic: nic): void {
  iowrite8(nic.csr, SCB_CMD_HI, irq_mask_none)
}
export function e100_disable_irq(nic: nic): void {
  iowrite8(nic.csr, SCB_CMD_HI, irq_mask_all)
}

/** Off the bus first, then all of it; a reset unmasks the pin. */
export function e100_hw_reset(nic: nic): void {
  iowrite32(nic.csr, CSR_PORT, selective_reset)
  iowrite32(nic.csr, CSR_PORT, software_reset)
  e100_disable_irq(nic)
}
/** That the device writes its verdict shows that it reaches memory. */
export function e100_self_test(nic: nic): Errno | undefined {
  const { bytes, addr } = nic.mem
  put32(bytes, MEM_SELFTEST, 0)
  put32(bytes, MEM_SELFTEST + 4, 0xffffffff)
  iowrite32(nic.csr, CSR_PORT, addr + MEM_SELFTEST + selftest)
  e100_disable_irq(nic)
  const result = get32(bytes, MEM_SELFTEST + 4)
  if (result !== 0) return self_test_failed(nic, `result=0x${upper_hex(result, 8)}`)
  return get32(bytes, MEM_SELFTEST) === 0 ? self_test_failed(nic, 'timed out') : undefined
}
function self_test_failed(nic: nic, why: string): Errno {
  netif_err(nic, NETIF_MSG_HW, nic.netdev, `Self-test failed: ${why}`)
  return ETIMEDOUT
}

/** The command before is accepted when its byte has become 0. EAGAIN: it does not. */
export function e100_exec_cmd(nic: nic, cmd: number, dma_addr: number): Errno | undefined {
  if (ioread8(nic.csr, SCB_CMD_LO) !== 0) return EAGAIN
  if (cmd !== cuc_resume) iowrite32(nic.csr, SCB_GEN_PTR, dma_addr)
  iowrite8(nic.csr, SCB_CMD_LO, cmd)
  return undefined
}

const eesk = 1
const eecs = 2
const eedi = 4
const eedo = 8
const op_write = 5
const op_read = 6
const op_ewds = 0x10
const op_ewen = 0x13

/** Shifts out 32 bits, highest first; what came in meanwhile. `seen` hears of each bit and may skip to a later one. */
function shift(nic: nic, command: number, seen?: (bit: number, high: boolean) => number | undefined): number {
  let data = 0
  iowrite8(nic.csr, CSR_EEPROM, eecs | eesk)
  for (let bit = 31; bit >= 0; bit--) {
    const pins = (command >>> bit) & 1 ? eecs | eedi : eecs
    iowrite8(nic.csr, CSR_EEPROM, pins)
    iowrite8(nic.csr, CSR_EEPROM, pins | eesk)
    // the chip has nothing to say before it has heard the address
    const high = (seen !== undefined || bit < 16) && (ioread8(nic.csr, CSR_EEPROM) & eedo) !== 0
    bit = seen?.(bit, high) ?? bit
    data = ((data << 1) | (high ? 1 : 0)) & 0xffff
  }
  iowrite8(nic.csr, CSR_EEPROM, 0)
  return data
}
/** The chip drives a 0 when it has all of the address: so it tells how long addresses are. */
function eeprom_address_length(nic: nic): number {
  let length = 8
  shift(nic, (op_read << length) << 16, (bit, high) => {
    if (high || bit <= 16) return undefined
    length -= bit - 16
    return 17
  })
  return length
}
function e100_eeprom_read(nic: nic, addr_len: number, addr: number): number {
  return shift(nic, ((op_read << addr_len) | addr) << 16)
}
function e100_eeprom_write(nic: nic, addr_len: number, addr: number, data: number): void {
  shift(nic, op_ewen << (addr_len - 2 + 16))
  shift(nic, (((op_write << addr_len) | addr) << 16) | data)
  shift(nic, op_ewds << (addr_len - 2 + 16))
}
const EEPROM_SUM = 0xbaba
function eeprom_checksum(nic: nic): number {
  let sum = 0
  for (let i = 0; i < nic.eeprom_wc - 1; i++) sum += nic.eeprom[i]
  return (EEPROM_SUM - sum) & 0xffff
}
/** All of it into the driver's copy. EAGAIN: the last word is not the checksum. */
export function e100_eeprom_load(nic: nic): Errno | undefined {
  const addr_len = eeprom_address_length(nic)
  nic.eeprom_wc = 1 << addr_len
  for (let addr = 0; addr < nic.eeprom_wc; addr++) nic.eeprom[addr] = e100_eeprom_read(nic, addr_len, addr)
  if (eeprom_checksum(nic) === nic.eeprom[nic.eeprom_wc - 1]) return undefined
  netif_err(nic, NETIF_MSG_PROBE, nic.netdev, 'EEPROM corrupted')
  return e100_param(nic.pdev.kernel, 'eeprom_bad_csum_allow', 0) === 0 ? EAGAIN : undefined
}
/** Words of the driver's copy into the chip, and the checksum after them. EINVAL: the checksum's place is among them. */
export function e100_eeprom_save(nic: nic, start: number, count: number): Errno | undefined {
  const addr_len = eeprom_address_length(nic)
  nic.eeprom_wc = 1 << addr_len
  if (start + count >= nic.eeprom_wc) return EINVAL
  for (let addr = start; addr < start + count; addr++) e100_eeprom_write(nic, addr_len, addr, nic.eeprom[addr])
  const last = nic.eeprom_wc - 1
  nic.eeprom[last] = eeprom_checksum(nic)
  e100_eeprom_write(nic, addr_len, last, nic.eeprom[last])
  return undefined
}

const mdi_write = 0x04000000
const mdi_read = 0x08000000
const mdi_ready = 0x10000000
function mdio_ctrl(nic: nic, addr: number, dir: number, reg: number, data: number): number {
  if (!(ioread32(nic.csr, CSR_MDI) & mdi_ready)) {
    netdev_err(nic.netdev, "e100.mdio_ctrl won't go Ready")
    return 0
  }
  iowrite32(nic.csr, CSR_MDI, ((reg << 16) | (addr << 21) | dir | data) >>> 0)
  const out = ioread32(nic.csr, CSR_MDI)
  if (nic.msg_enable & NETIF_MSG_HW) {
    const text = `addr=${addr}, reg=${reg}, data_in=0x${upper_hex(data, 4)}, data_out=0x${upper_hex(out, 4)}`
    netif_printk(nic, NETIF_MSG_HW, KERN_DEBUG, nic.netdev, `${dir === mdi_read ? 'READ' : 'WRITE'}:${text}`)
  }
  return out & 0xffff
}
export function mdio_read(dev: net_device, addr: number, reg: number): number {
  return mdio_ctrl(netdev_priv<nic>(dev), addr, mdi_read, reg, 0)
}
export function mdio_write(dev: net_device, addr: number, reg: number, data: number): void {
  mdio_ctrl(netdev_priv<nic>(dev), addr, mdi_write, reg, data)
}

const NCONFIG_AUTO_SWITCH = 0x80
/** Finds the PHY (1, 0, 2 … 31) and isolates what else may be there. EAGAIN: there is none. */
export function e100_phy_init(nic: nic): Errno | undefined {
  const { netdev, mii } = nic
  const candidates = [1, 0, ...Array.from({ length: 30 }, (_, i) => i + 2)]
  const found = candidates.find((addr) => phy_answers(netdev, addr))
  if (found === undefined) {
    netif_err(nic, NETIF_MSG_HW, netdev, 'Failed to locate any known PHY, aborting')
    return EAGAIN
  }
  netif_printk(nic, NETIF_MSG_HW, KERN_DEBUG, netdev, `phy_addr = ${found}`)
  mii.phy_id = found
  const low = mdio_read(netdev, found, M.MII_PHYSID1)
  nic.phy = ((mdio_read(netdev, found, M.MII_PHYSID2) << 16) | low) >>> 0
  netif_printk(nic, NETIF_MSG_HW, KERN_DEBUG, netdev, `phy ID = 0x${upper_hex(nic.phy, 8)}`)
  for (let addr = 0; addr < 32; addr++) {
    const isolated = addr === found ? mdio_read(netdev, addr, M.MII_BMCR) & ~M.BMCR_ISOLATE : M.BMCR_ISOLATE
    mdio_write(netdev, addr, M.MII_BMCR, isolated)
  }
  if (nic.mac >= mac_82550_D102) mdio_write(netdev, found, M.MII_NCONFIG, mii.force_media ? 0 : NCONFIG_AUTO_SWITCH)
  return undefined
}
function phy_answers(netdev: net_device, addr: number): boolean {
  const bmcr = mdio_read(netdev, addr, M.MII_BMCR)
  mdio_read(netdev, addr, M.MII_BMSR)
  const bmsr = mdio_read(netdev, addr, M.MII_BMSR)
  return bmcr !== 0xffff && (bmcr !== 0 || bmsr !== 0)
}
