/** net/l3mdev/l3mdev.c: devices that are routed by a table of their own because of their master (VRF). */
import { netdev_master_upper_dev_get } from './dev_adjacent.ts'
import type { net } from './net_namespace.ts'
import { AF_INET, AF_INET6 } from '../../uapi/linux/socket.ts'
import type { sk_buff } from './skbuff.ts'
import { IFF_L3MDEV_MASTER, IFF_L3MDEV_RX_HANDLER, IFF_L3MDEV_SLAVE, type net_device } from './netdevice.ts'

/** include/net/l3mdev.h struct l3mdev_ops */
export interface l3mdev_ops {
  readonly name: string
  readonly l3mdev_fib_table?: (dev: net_device) => number
  /** A received packet of a port: the packet, now the master's, or undefined when it is gone. `proto`: AF_INET, AF_INET6. */
  readonly l3mdev_l3_rcv?: (dev: net_device, skb: sk_buff, proto: number) => sk_buff | undefined
  /** A packet of ours that leaves by a port; its header is at `data`. */
  readonly l3mdev_l3_out?: (dev: net_device, skb: sk_buff) => void
}

export function netif_is_l3_master(dev: net_device): boolean {
  return (dev.priv_flags & IFF_L3MDEV_MASTER) !== 0
}
export function netif_is_l3_slave(dev: net_device): boolean {
  return (dev.priv_flags & IFF_L3MDEV_SLAVE) !== 0
}
function master_of(dev: net_device): net_device | undefined {
  if (netif_is_l3_master(dev)) return dev
  return netif_is_l3_slave(dev) ? netdev_master_upper_dev_get(dev) : undefined
}
/** l3mdev_master_dev_rcu(): the device itself when it is a master, else the one above it. */
export function l3mdev_master_dev_rcu(dev: net_device | undefined): net_device | undefined {
  return dev && master_of(dev)
}
/** l3mdev_master_ifindex(): the master's index, or its own when it is one; else 0. */
export function l3mdev_master_ifindex(dev: net_device): number {
  return master_of(dev)?.ifindex ?? 0
}
/** l3mdev_master_upper_ifindex_by_index(): the nearest of it and of those above it that is a master; 0: none. */
export function l3mdev_master_upper_ifindex_by_index(net: net, ifindex: number): number {
  let dev = net.dev_index_head.get(ifindex)
  while (dev !== undefined && !netif_is_l3_master(dev)) dev = netdev_master_upper_dev_get(dev)
  return dev?.ifindex ?? 0
}
/** What lookups go by, and which master they belong to (struct flowi_common). */
interface l3mdev_flow {
  flowi_iif: number
  flowi_oif: number
  flowi_l3mdev: number
  flowi_l3mdev_table: number
  flowi_l3mdev_oif: boolean
}
/** l3mdev_update_flow(): the master that the flow names, that of the device given, or else of the one that the packet came in on. */
export function l3mdev_update_flow(net: net, fl: l3mdev_flow): void {
  const given = fl.flowi_oif !== 0 ? fl.flowi_oif : fl.flowi_iif
  const dev = given === 0 ? undefined : net.dev_index_head.get(given)
  if (dev !== undefined && fl.flowi_l3mdev === 0) {
    fl.flowi_l3mdev = l3mdev_master_ifindex(dev)
    fl.flowi_l3mdev_oif = fl.flowi_oif !== 0
  }
  const master = fl.flowi_l3mdev === 0 ? undefined : net.dev_index_head.get(fl.flowi_l3mdev)
  if (master !== undefined) fl.flowi_l3mdev_table = l3mdev_fib_table(master)
  // the master itself only says which table: routes need not lead through it
  if (dev !== undefined && fl.flowi_oif !== 0 && netif_is_l3_master(dev)) fl.flowi_oif = 0
}
/** l3mdev_fib_table(): the table of its routes, 0 when there is none of its own. */
export function l3mdev_fib_table(dev: net_device): number {
  const master = master_of(dev)
  return master?.l3mdev_ops?.l3mdev_fib_table?.(master) ?? 0
}

/** l3mdev_l3_rcv(): called by IPv4 and IPv6 at the beginning of their input. */
function l3mdev_l3_rcv(skb: sk_buff, proto: number): sk_buff | undefined {
  const dev = skb.dev as net_device
  if (!(dev.priv_flags & (IFF_L3MDEV_MASTER | IFF_L3MDEV_SLAVE | IFF_L3MDEV_RX_HANDLER))) return skb
  const master = dev.priv_flags & IFF_L3MDEV_RX_HANDLER && !netif_is_l3_slave(dev) ? dev : master_of(dev)
  const rcv = master?.l3mdev_ops?.l3mdev_l3_rcv
  return master === undefined || rcv === undefined ? skb : rcv(master, skb, proto)
}
/** l3mdev_l3_out(): called by IPv4 and IPv6 for packets that are sent here, before their own output. `dev`: the way out. */
export function l3mdev_l3_out(dev: net_device, skb: sk_buff): void {
  if (!(dev.priv_flags & IFF_L3MDEV_SLAVE)) return
  const master = master_of(dev)
  if (master !== undefined) master.l3mdev_ops?.l3mdev_l3_out?.(master, skb)
}
export function l3mdev_ip_rcv(skb: sk_buff): sk_buff | undefined {
  return l3mdev_l3_rcv(skb, AF_INET)
}
export function l3mdev_ip6_rcv(skb: sk_buff): sk_buff | undefined {
  return l3mdev_l3_rcv(skb, AF_INET6)
}
