/**
 * The plain Ethernet NIC of a default host. It has no bus; to programs it looks like a virtio NIC whose cable is always
 * plugged in, into a wire of the lab or a switch that has nobody else. As with Linux's drivers of NICs there is a carrier
 * only while the device is open (drivers/net/virtio_net.c virtnet_open(), virtnet_close()).
 */
import { Kernel } from '../../kernel/kernel.ts'
import {
  dev_sw_netstats_rx_add,
  dev_sw_netstats_tx_add,
  dev_tstats,
  netif_carrier_off,
  netif_carrier_ok,
  netif_carrier_on,
  netif_queue_stopped,
  netif_running,
  netif_rx,
  netif_start_queue,
  netif_stop_queue,
  netif_tx_stop_all_queues,
  netif_wake_queue,
  register_netdev,
} from '../../net/core/dev.ts'
import type { ethtool_drvinfo, ethtool_link_ksettings, ethtool_ops } from '../../net/core/ethtool_ops.ts'
import type { net } from '../../net/core/net_namespace.ts'
import * as F from '../../net/core/netdev_features_bits.ts'
import {
  IFF_LIVE_ADDR_CHANGE,
  IFF_UNICAST_FLT,
  NET_ADDR_PERM,
  NET_NAME_ENUM,
  NET_NAME_USER,
  NETDEV_TX_BUSY,
  NETDEV_TX_OK,
  NETIF_MAX_MTU_ETH,
  type net_device,
  type net_device_ops,
  netdev_priv,
} from '../../net/core/netdevice.ts'
import { VLAN_HLEN } from '../../net/core/skb_vlan.ts'
import { type sk_buff, skb_put } from '../../net/core/skbuff.ts'
import { napi_alloc_skb, napi_consume_skb } from '../../net/core/skbuff_cache.ts'
import {
  alloc_etherdev,
  eth_hw_addr_random,
  eth_hw_addr_set,
  eth_mac_addr,
  eth_type_trans,
  eth_validate_addr,
  ether_addr_equal,
} from '../../net/ethernet/eth.ts'
import { type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_ALLMULTI, IFF_PROMISC } from '../../uapi/linux/if.ts'
import { ETH_HLEN } from '../../uapi/linux/if_ether.ts'

/** The filter reads the device's lists itself. */
export function ethernet_set_rx_mode(_dev: net_device): void {}
export function ethernet_get_drvinfo(): ethtool_drvinfo {
  return { driver: 'netdouble', version: '1.0.0' }
}
/** Speed and duplex are unknown, as of a NIC that is none. */
export function ethernet_get_link_ksettings(): ethtool_link_ksettings {
  return { speed: -1, duplex: 255, port: 255, autoneg: 0 }
}

/** What the NIC asks of its cable (src/hw/cable.ts): frames are bytes there. */
export interface ethernet_port {
  /** False when it cannot take the frame now. */
  transmit(bytes: Uint8Array): boolean
  ready(): boolean
}
export class ethernet_priv {
  /** Undefined: plugged into a switch that has nobody else. */
  port: ethernet_port | undefined = undefined
  /** What the NIC hears of its cable. */
  carrier = true
}

/** The ring's last descriptor stops the queue; the discipline holds what comes then. */
export function ethernet_xmit(skb: sk_buff, dev: net_device): number {
  const { port } = netdev_priv<ethernet_priv>(dev)
  if (port !== undefined) {
    if (!port.transmit(skb.buf.slice(skb.data, skb.tail))) {
      netif_stop_queue(dev)
      return NETDEV_TX_BUSY
    }
    if (!port.ready()) netif_stop_queue(dev)
  }
  dev_sw_netstats_tx_add(dev, 1, skb.len)
  napi_consume_skb(dev.nd_net.kernel, skb)
  return NETDEV_TX_OK
}
export function ethernet_open(dev: net_device): undefined {
  if (netdev_priv<ethernet_priv>(dev).carrier) netif_carrier_on(dev)
  netif_start_queue(dev)
}
export function ethernet_stop(dev: net_device): undefined {
  netif_tx_stop_all_queues(dev)
  netif_carrier_off(dev)
}
/** The cable was cut or mended. */
export function ethernet_set_carrier(dev: net_device, up: boolean): void {
  netdev_priv<ethernet_priv>(dev).carrier = up
  if (!netif_running(dev)) return
  if (up) netif_carrier_on(dev)
  else netif_carrier_off(dev)
}
/** A frame has left the ring. */
export function ethernet_tx_done(dev: net_device): void {
  if (netif_running(dev) && netif_queue_stopped(dev)) netif_wake_queue(dev)
}
/** A frame has arrived: the NIC takes those for itself, unless it was told to take all. */
export function ethernet_receive(dev: net_device, bytes: Uint8Array): void {
  if (!netif_running(dev) || bytes.length < ETH_HLEN || !filter_passes(dev, bytes)) return
  if (bytes.length > dev.mtu + ETH_HLEN + VLAN_HLEN) {
    dev_tstats(dev).rx_errors++
    return
  }
  const skb = napi_alloc_skb(dev, bytes.length)
  skb.buf.set(bytes, skb_put(skb, bytes.length))
  dev_sw_netstats_rx_add(dev, bytes.length)
  skb.protocol = eth_type_trans(skb, dev)
  netif_rx(skb)
}
/** What dev_set_rx_mode() asks for: the lists, or all multicasts, or all. */
function filter_passes(dev: net_device, bytes: Uint8Array): boolean {
  if (dev.flags & IFF_PROMISC) return true
  if ((bytes[0] & 1) === 0) return ether_addr_equal(bytes, dev.dev_addr) || dev.uc.some((ha) => ether_addr_equal(bytes, ha.addr))
  if (dev.flags & IFF_ALLMULTI || ether_addr_equal(bytes, dev.broadcast)) return true
  return dev.mc.some((ha) => ether_addr_equal(bytes, ha.addr))
}

export const ethernet_ethtool_ops: ethtool_ops = {
  name: 'ethernet_ethtool_ops',
  get_drvinfo: ethernet_get_drvinfo,
  get_link: netif_carrier_ok,
  get_link_ksettings: ethernet_get_link_ksettings,
}
export const ethernet_netdev_ops: net_device_ops = {
  name: 'ethernet_netdev_ops',
  ndo_open: ethernet_open,
  ndo_stop: ethernet_stop,
  ndo_start_xmit: ethernet_xmit,
  ndo_validate_addr: eth_validate_addr,
  ndo_set_mac_address: eth_mac_addr,
  ndo_set_rx_mode: ethernet_set_rx_mode,
}

export interface ethernet_options {
  /** May be a template; `eth%d` by default. */
  name?: string
  /** Six bytes; drawn from the host's chance by default, and then the permanent one all the same. */
  address?: Uint8Array
}

/** Makes and registers the device; in init_net when a kernel is given. */
export function ethernet_create(where: Kernel | net, { name, address }: ethernet_options = {}): net_device | Errno {
  const net = where instanceof Kernel ? where.init_net : where
  const dev = alloc_etherdev(net, ethernet_netdev_ops, { name_assign_type: name === undefined ? NET_NAME_ENUM : NET_NAME_USER })
  if (name !== undefined) dev.name = name
  dev.ethtool_ops = ethernet_ethtool_ops
  dev.priv_flags |= IFF_UNICAST_FLT | IFF_LIVE_ADDR_CHANGE
  dev.priv = new ethernet_priv()
  dev.features |= F.NETIF_F_HIGHDMA
  dev.hw_features |= F.NETIF_F_SG | F.NETIF_F_HW_CSUM
  dev.features |= F.NETIF_F_SG | F.NETIF_F_HW_CSUM
  dev.vlan_features = dev.features
  dev.max_mtu = NETIF_MAX_MTU_ETH
  if (address === undefined) eth_hw_addr_random(dev)
  else eth_hw_addr_set(dev, address)
  dev.addr_assign_type = NET_ADDR_PERM
  const error = register_netdev(dev)
  if (isErrno(error)) return error
  // an event for the link watch: from now on the state is DOWN, not UNKNOWN
  netif_carrier_off(dev)
  return dev
}
