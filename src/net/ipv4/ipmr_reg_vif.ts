/** The device that stands for PIM's register tunnel (RFC 7761 4.9.3): what pimreg (ipmr.c) and pim6reg (ip6mr.c) have alike. */
import { type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_NOARP } from '../../uapi/linux/if.ts'
import { ARPHRD_PIMREG } from '../../uapi/linux/if_arp.ts'
import { netif_rx } from '../core/dev_receive.ts'
import { DEV_STATS_INC } from '../core/dev_stats.ts'
import { NETDEV_TX_OK, type net_device, type net_device_ops } from '../core/netdevice.ts'
import { CHECKSUM_NONE, kfree_skb, type sk_buff } from '../core/skbuff.ts'
import { IGMPMSG_WHOLEPKT, type mr_table } from './ipmr_base.ts'

export const IPPROTO_PIM = 103
export const PIM_HLEN = 8
/** ETH_DATA_LEN less a header of PIM; one of IP comes off as well. */
export const REG_VIF_MTU = 1500 - PIM_HLEN
const PIM_V2_REGISTER = 0x21
const PIM_NULL_REGISTER = 0x40

export function reg_vif_dev_setup(dev: net_device, ops: net_device_ops, mtu: number): void {
  dev.type = ARPHRD_PIMREG
  dev.mtu = mtu
  dev.flags = IFF_NOARP
  dev.netdev_ops = ops
  dev.needs_free_netdev = true
  dev.netns_local = true
}
/** It stands on no device, and says so (`pimreg@NONE`). */
export function reg_vif_get_iflink(): number {
  return 0
}
export function reg_vif_count_tx(dev: net_device, len: number): void {
  DEV_STATS_INC(dev, 'tx_packets')
  dev.stats.tx_bytes = (dev.stats.tx_bytes ?? 0) + len
}
/** What is sent by it goes to the daemon, which sends it on to the rendezvous point. `mrt`: the table that the rules name. */
export function reg_vif_dev_xmit(skb: sk_buff, dev: net_device, mrt: mr_table | Errno): number {
  if (!isErrno(mrt)) {
    reg_vif_count_tx(dev, skb.len)
    mrt.ops.report(mrt, skb, mrt.mroute_reg_vif_num, IGMPMSG_WHOLEPKT)
  }
  kfree_skb(skb)
  return NETDEV_TX_OK
}

/** Whether a packet of PIM is a register message with another packet, whose header has `hlen` bytes, in it. */
export function pim_has_packet({ buf, transport_header: at, tail }: sk_buff, hlen: number): boolean {
  return tail - at >= PIM_HLEN + hlen && buf[at] === PIM_V2_REGISTER && (buf[at + 4] & PIM_NULL_REGISTER) === 0
}
/** The packet in a register message, at `inner`, comes in by the register device. False: the table has none. */
export function pim_decapsulate(skb: sk_buff, mrt: mr_table | Errno, inner: number, protocol: number): boolean {
  const vif = isErrno(mrt) ? undefined : mrt.vif_table[mrt.mroute_reg_vif_num]
  if (vif === undefined) return false
  skb.mac_header = skb.network_header
  skb.data = skb.network_header = inner
  skb.protocol = protocol
  skb.ip_summed = CHECKSUM_NONE
  skb.dst = undefined
  skb.dev = vif.dev
  DEV_STATS_INC(vif.dev, 'rx_packets')
  vif.dev.stats.rx_bytes = (vif.dev.stats.rx_bytes ?? 0) + skb.len
  netif_rx(skb)
  return true
}
