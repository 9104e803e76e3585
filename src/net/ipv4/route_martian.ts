/** net/ipv4/route.c ip_handle_martian_source: packets whose addresses cannot be (RFC 1812 5.3.8), as log_martians has them told. */
import { KERN_INFO, KERN_WARNING } from '../../kernel/printk.ts'
import { __ratelimit } from '../../kernel/ratelimit.ts'
import { ipv4_text } from '../../uapi/linux/in.ts'
import { IPV4_DEVCONF_LOG_MARTIANS } from '../../uapi/linux/ip.ts'
import type { net_device } from '../core/netdevice.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { type in_device, in_dev_orconf } from './in_device.ts'

/** A line about packets, unless there are too many (net_ratelimit, `func`: who asks). */
function net_ratelimited(level: number, dev: net_device, func: string, text: string): void {
  const { kernel } = dev.nd_net
  if (__ratelimit(kernel, kernel.inet.net_ratelimit, func)) kernel.printk(level, text)
}
export function net_warn_ratelimited(dev: net_device, func: string, text: string): void {
  net_ratelimited(KERN_WARNING, dev, func, text)
}
export function net_info_ratelimited(dev: net_device, func: string, text: string): void {
  net_ratelimited(KERN_INFO, dev, func, text)
}
export function ip_handle_martian_source(in_dev: in_device, skb: sk_buff | undefined, daddr: number, saddr: number): void {
  const { dev } = in_dev
  if (!in_dev_orconf(in_dev, IPV4_DEVCONF_LOG_MARTIANS)) return
  const { kernel } = dev.nd_net
  if (!__ratelimit(kernel, kernel.inet.net_ratelimit, 'net_ratelimit')) return
  kernel.printk(KERN_WARNING, `IPv4: martian source ${ipv4_text(daddr)} from ${ipv4_text(saddr)}, on dev ${dev.name}`)
  if (skb === undefined || dev.hard_header_len === 0 || skb.mac_header < 0) return
  const bytes = skb.buf.subarray(skb.mac_header, skb.mac_header + dev.hard_header_len)
  for (let at = 0; at < bytes.length; at += 16) {
    const hex = [...bytes.subarray(at, at + 16)].map((b) => b.toString(16).padStart(2, '0')).join(' ')
    kernel.printk(KERN_WARNING, `ll header: ${at.toString(16).padStart(8, '0')}: ${hex}`)
  }
}
export function ip_handle_martian_destination(in_dev: in_device, daddr: number, saddr: number): void {
  const { dev } = in_dev
  if (!in_dev_orconf(in_dev, IPV4_DEVCONF_LOG_MARTIANS)) return
  const text = `IPv4: martian destination ${ipv4_text(daddr)} from ${ipv4_text(saddr)}, dev ${dev.name}`
  net_warn_ratelimited(dev, 'net_ratelimit', text)
}
