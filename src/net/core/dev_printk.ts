/** include/linux/netdevice.h netdev_printk(): log lines headed by the device. */
import { KERN_CRIT, KERN_DEBUG, KERN_ERR, KERN_INFO, KERN_WARNING } from '../../kernel/printk.ts'
import {
  NETREG_DUMMY,
  NETREG_REGISTERED,
  NETREG_RELEASED,
  NETREG_UNINITIALIZED,
  NETREG_UNREGISTERED,
  NETREG_UNREGISTERING,
  type net_device,
} from './netdevice.ts'

const reg_state_text: Record<number, string> = {
  [NETREG_UNINITIALIZED]: ' (uninitialized)',
  [NETREG_REGISTERED]: '',
  [NETREG_UNREGISTERING]: ' (unregistering)',
  [NETREG_UNREGISTERED]: ' (unregistered)',
  [NETREG_RELEASED]: ' (released)',
  [NETREG_DUMMY]: ' (dummy)',
}

/** A template that has not become a name yet is not shown. */
export function netdev_name(dev: net_device): string {
  return dev.name === '' || dev.name.includes('%') ? '(unnamed net_device)' : dev.name
}
export function netdev_reg_state(dev: net_device): string {
  return reg_state_text[dev.reg_state] ?? ` (unknown ${dev.reg_state})`
}
function netdev_printk(level: number, dev: net_device, text: string): void {
  const parent = dev.parent === undefined ? '' : `${dev.parent.driver ?? dev.parent.bus} ${dev.parent.name} `
  dev.nd_net.kernel.printk(level, `${parent}${netdev_name(dev)}${netdev_reg_state(dev)}: ${text}`)
}
export function netdev_crit(dev: net_device, text: string): void {
  netdev_printk(KERN_CRIT, dev, text)
}
export function netdev_err(dev: net_device, text: string): void {
  netdev_printk(KERN_ERR, dev, text)
}
export function netdev_warn(dev: net_device, text: string): void {
  netdev_printk(KERN_WARNING, dev, text)
}
export function netdev_info(dev: net_device, text: string): void {
  netdev_printk(KERN_INFO, dev, text)
}
/** Logged only where dynamic debug is on, as in Linux. */
export function netdev_dbg(dev: net_device, text: string): void {
  if (dev.nd_net.kernel.netdev.dynamic_debug) netdev_printk(KERN_DEBUG, dev, text)
}

/** enum: kinds of a driver's messages, of which msg_enable says what it logs. */
export const NETIF_MSG_DRV = 0x0001
export const NETIF_MSG_PROBE = 0x0002
export const NETIF_MSG_TIMER = 0x0008
export const NETIF_MSG_IFUP = 0x0020
export const NETIF_MSG_TX_ERR = 0x0080
export const NETIF_MSG_INTR = 0x0200
export const NETIF_MSG_TX_DONE = 0x0400
export const NETIF_MSG_RX_STATUS = 0x0800
export const NETIF_MSG_HW = 0x2000

/** netif_printk(): by a driver's private area. Where frames pass, look at msg_enable before a text is put together. */
export function netif_printk(priv: { msg_enable: number }, type: number, level: number, dev: net_device, text: string): void {
  if (priv.msg_enable & type) netdev_printk(level, dev, text)
}
export function netif_err(priv: { msg_enable: number }, type: number, dev: net_device, text: string): void {
  netif_printk(priv, type, KERN_ERR, dev, text)
}
export function netif_info(priv: { msg_enable: number }, type: number, dev: net_device, text: string): void {
  netif_printk(priv, type, KERN_INFO, dev, text)
}
