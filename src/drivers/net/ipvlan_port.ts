/** drivers/net/ipvlan/ipvlan_main.c: what the devices upon one lower device share. */
import type { delayed_work } from '../../kernel/workqueue.ts'
import { dev_change_flags } from '../../net/core/dev.ts'
import { IFF_L3MDEV_RX_HANDLER, type net_device, netdev_priv } from '../../net/core/netdevice.ts'
import type { sk_buff } from '../../net/core/skbuff.ts'
import type { netlink_ext_ack } from '../../net/netlink/extack.ts'
import { type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_NOARP } from '../../uapi/linux/if.ts'
import { IPVLAN_MODE_L2, IPVLAN_MODE_L3, IPVLAN_MODE_L3S } from '../../uapi/linux/if_link_stacked.ts'
import { ipvl_l3mdev_ops, ipvlan_handle_frame } from './ipvlan_xmit.ts'

/** Highest dev_id that is given out, and the one after it. */
const DEV_ID_END = 0xfffe

export class ipvlan_port {
  readonly dev: net_device
  mode = IPVLAN_MODE_L3
  flags = 0
  ipvlans: net_device[] = []
  count = 0
  /** dev_id tells devices with one address apart (IPv6's interface identifiers). */
  dev_ids = new Set<number>()
  dev_id_start = 1
  /** Multicasts that the work below copies to those who want them. */
  backlog: sk_buff[] = []
  wq: delayed_work | undefined = undefined
  constructor(dev: net_device) {
    this.dev = dev
  }
}
export class ipvlan_dev {
  phy_dev!: net_device
  /** Known from the registration on. */
  port: ipvlan_port | undefined = undefined
  /** NETIF_MSG_*: kept, nothing is logged by it. */
  msg_enable = 0
  /** Of an ipvtap: its character device. */
  minor = 0
}
export function ipvlan_dev_of(dev: net_device): ipvlan_dev {
  return netdev_priv<ipvlan_dev>(dev)
}
export function netif_is_ipvlan_port(dev: net_device): boolean {
  return dev.rx_handler === ipvlan_handle_frame
}
export function ipvlan_port_get(dev: net_device): ipvlan_port {
  return dev.rx_handler_data as ipvlan_port
}

/** The next above the last one given, from 1 again when there is none. */
export function ipvlan_alloc_dev_id(port: ipvlan_port): number {
  const free = (from: number, to: number) => {
    for (let id = from; id < to; id++) if (!port.dev_ids.has(id)) return id
    return undefined
  }
  const id = free(port.dev_id_start, DEV_ID_END) ?? free(1, port.dev_id_start) ?? 0
  port.dev_ids.add(id)
  port.dev_id_start = id + 1 === DEV_ID_END ? 1 : id + 1
  return id
}

/** ipvlan_l3s_register(), ipvlan_l3s_unregister() */
export function ipvlan_l3s(port: ipvlan_port, on: boolean): void {
  const { dev } = port
  if (on === (dev.l3mdev_ops === ipvl_l3mdev_ops)) return
  dev.l3mdev_ops = on ? ipvl_l3mdev_ops : undefined
  dev.priv_flags = on ? dev.priv_flags | IFF_L3MDEV_RX_HANDLER : dev.priv_flags & ~IFF_L3MDEV_RX_HANDLER
}
/** Devices that are already there change their flags along; an error puts back those that had changed. */
export function ipvlan_set_port_mode(port: ipvlan_port, mode: number, extack: netlink_ext_ack | undefined): Errno | undefined {
  if (port.mode === mode) return undefined
  const changed: net_device[] = []
  const set = (dev: net_device, noarp: boolean) => dev_change_flags(dev, noarp ? dev.flags | IFF_NOARP : dev.flags & ~IFF_NOARP, extack)
  for (const dev of port.ipvlans) {
    const error = set(dev, mode !== IPVLAN_MODE_L2)
    if (isErrno(error)) {
      for (const undo of changed.reverse()) set(undo, port.mode !== IPVLAN_MODE_L2)
      return error
    }
    changed.push(dev)
  }
  port.mode = mode
  ipvlan_l3s(port, mode === IPVLAN_MODE_L3S)
  return undefined
}
