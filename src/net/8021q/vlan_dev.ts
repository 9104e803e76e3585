/** net/8021q/vlan_dev.c: the VLAN device. */
import { EADDRNOTAVAIL, EINVAL, ENETDOWN, EOPNOTSUPP, ERANGE, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_ALLMULTI, IFF_MASTER, IFF_PROMISC, IFF_SLAVE, IFF_UP } from '../../uapi/linux/if.ts'
import { ETH_ALEN, ETH_P_8021Q } from '../../uapi/linux/if_ether.ts'
import {
  VLAN_FLAG_BRIDGE_BINDING,
  VLAN_FLAG_GVRP,
  VLAN_FLAG_LOOSE_BINDING,
  VLAN_FLAG_MVRP,
  VLAN_FLAG_REORDER_HDR,
} from '../../uapi/linux/if_vlan.ts'
import { llc_init } from '../802/llc_input.ts'
import {
  dev_broadcast_set,
  dev_mc_sync,
  dev_mc_unsync,
  dev_uc_add,
  dev_uc_del,
  dev_uc_sync,
  dev_uc_unsync,
} from '../core/dev_addr_lists.ts'
import { netif_inherit_tso_max } from '../core/dev_alloc.ts'
import { call_netdevice_notifiers } from '../core/dev_notifier.ts'
import { netif_running } from '../core/dev.ts'
import { dev_set_allmulti, dev_set_promiscuity } from '../core/dev_rx_mode.ts'
import { netdev_intersect_features } from '../core/dev_stacked.ts'
import {
  type ethtool_drvinfo,
  type ethtool_ops,
  ethtool_get_ts_info_of,
  ethtool_op_get_link,
  type kernel_ethtool_ts_info,
} from '../core/ethtool_ops.ts'
import { netif_carrier_off, netif_carrier_ok, netif_carrier_on } from '../core/link_watch.ts'
import type { net } from '../core/net_namespace.ts'
import * as F from '../core/netdev_features_bits.ts'
import {
  MAX_ADDR_LEN,
  IFF_802_1Q_VLAN,
  IFF_NO_QUEUE,
  IFF_TX_SKB_SHARING,
  IFF_UNICAST_FLT,
  IFF_XMIT_DST_RELEASE,
  LINK_STATE_DORMANT,
  LINK_STATE_NOCARRIER,
  LINK_STATE_PRESENT,
  NET_ADDR_STOLEN,
  NETDEV_CHANGEADDR,
  NETIF_MAX_MTU_ETH,
  type net_device,
  type net_device_ops,
  netdev_priv,
} from '../core/netdevice.ts'
import { VLAN_HLEN, VLAN_PRIO_MASK, VLAN_PRIO_SHIFT } from '../core/skb_vlan.ts'
import {
  eth_hw_addr_set,
  eth_validate_addr,
  ether_addr_equal,
  ether_setup,
  is_valid_ether_addr,
  is_zero_ether_addr,
} from '../ethernet/eth.ts'
import { vlan_gvrp_request_join, vlan_gvrp_request_leave } from './vlan_gvrp.ts'
import { vlan_mvrp_request_join, vlan_mvrp_request_leave } from './vlan_mvrp.ts'
import { vlan_dev_hard_start_xmit, vlan_header_ops, vlan_header_ops_for } from './vlan_dev_xmit.ts'
import { vlan_mvrp_init } from './vlan_mvrp.ts'

const VLAN_FLAGS = VLAN_FLAG_REORDER_HDR | VLAN_FLAG_GVRP | VLAN_FLAG_LOOSE_BINDING | VLAN_FLAG_MVRP | VLAN_FLAG_BRIDGE_BINDING

export interface vlan_priority_tci_mapping {
  priority: number
  /** The priority's bits where they stand in the tag. */
  vlan_qos: number
}

export class vlan_dev_priv {
  real_dev!: net_device
  vlan_proto = ETH_P_8021Q
  vlan_id = 0
  flags = VLAN_FLAG_REORDER_HDR
  nr_ingress_mappings = 0
  ingress_priority_map: number[] = [0, 0, 0, 0, 0, 0, 0, 0]
  nr_egress_mappings = 0
  /** 16 buckets by the low bits of the packet's priority, newest first. */
  egress_priority_map: vlan_priority_tci_mapping[][] = Array.from({ length: 16 }, () => [])
  /** The lower device's address when this one was last brought in line with it. */
  real_dev_addr = new Uint8Array(ETH_ALEN)
}
export function vlan_dev_priv_of(dev: net_device): vlan_dev_priv {
  return netdev_priv<vlan_dev_priv>(dev)
}
export function is_vlan_dev(dev: net_device): boolean {
  return (dev.priv_flags & IFF_802_1Q_VLAN) !== 0
}

/** A priority of 0 takes the mapping away. */
export function vlan_dev_set_ingress_priority(dev: net_device, skb_prio: number, vlan_prio: number): void {
  const vlan = vlan_dev_priv_of(dev)
  const at = vlan_prio & 7
  if (vlan.ingress_priority_map[at] !== 0 && skb_prio === 0) vlan.nr_ingress_mappings--
  else if (vlan.ingress_priority_map[at] === 0 && skb_prio !== 0) vlan.nr_ingress_mappings++
  vlan.ingress_priority_map[at] = skb_prio
}
export function vlan_dev_set_egress_priority(dev: net_device, skb_prio: number, vlan_prio: number): void {
  const vlan = vlan_dev_priv_of(dev)
  const vlan_qos = (vlan_prio << VLAN_PRIO_SHIFT) & VLAN_PRIO_MASK
  const bucket = vlan.egress_priority_map[skb_prio & 0xf]
  const found = bucket.find((mp) => mp.priority === skb_prio)
  if (found !== undefined) {
    if (found.vlan_qos !== 0 && vlan_qos === 0) vlan.nr_egress_mappings--
    else if (found.vlan_qos === 0 && vlan_qos !== 0) vlan.nr_egress_mappings++
    found.vlan_qos = vlan_qos
    return
  }
  bucket.unshift({ priority: skb_prio, vlan_qos })
  if (vlan_qos !== 0) vlan.nr_egress_mappings++
}

/** A running VLAN is declared, or withdrawn, at once. */
export function vlan_dev_change_flags(dev: net_device, flags: number, mask: number): Errno | undefined {
  if (mask & ~VLAN_FLAGS) return EINVAL
  const vlan = vlan_dev_priv_of(dev)
  const changed = (vlan.flags ^ flags) & mask
  vlan.flags = (vlan.flags & ~mask) | (flags & mask)
  if (!netif_running(dev)) return undefined
  if (changed & VLAN_FLAG_GVRP) (vlan.flags & VLAN_FLAG_GVRP ? vlan_gvrp_request_join : vlan_gvrp_request_leave)(dev)
  if (changed & VLAN_FLAG_MVRP) (vlan.flags & VLAN_FLAG_MVRP ? vlan_mvrp_request_join : vlan_mvrp_request_leave)(dev)
  return undefined
}

/** An address that came from the lower device goes on following it. */
export function vlan_dev_inherit_address(dev: net_device, real_dev: net_device): boolean {
  if (dev.addr_assign_type !== NET_ADDR_STOLEN) return false
  eth_hw_addr_set(dev, real_dev.dev_addr)
  call_netdevice_notifiers(NETDEV_CHANGEADDR, dev)
  return true
}

export function vlan_dev_open(dev: net_device): Errno | undefined {
  const vlan = vlan_dev_priv_of(dev)
  const { real_dev } = vlan
  if (!(real_dev.flags & IFF_UP) && !(vlan.flags & VLAN_FLAG_LOOSE_BINDING)) return ENETDOWN
  if (!ether_addr_equal(dev.dev_addr, real_dev.dev_addr) && !vlan_dev_inherit_address(dev, real_dev)) {
    const error = dev_uc_add(real_dev, dev.dev_addr)
    if (isErrno(error)) return error
  }
  vlan.real_dev_addr.set(real_dev.dev_addr.subarray(0, ETH_ALEN))
  if (vlan.flags & VLAN_FLAG_GVRP) vlan_gvrp_request_join(dev)
  if (vlan.flags & VLAN_FLAG_MVRP) vlan_mvrp_request_join(dev)
  if (netif_carrier_ok(real_dev) && !(vlan.flags & VLAN_FLAG_BRIDGE_BINDING)) netif_carrier_on(dev)
  return undefined
}
export function vlan_dev_stop(dev: net_device): Errno | undefined {
  const vlan = vlan_dev_priv_of(dev)
  const { real_dev } = vlan
  dev_mc_unsync(real_dev, dev)
  dev_uc_unsync(real_dev, dev)
  if (!ether_addr_equal(dev.dev_addr, real_dev.dev_addr)) dev_uc_del(real_dev, dev.dev_addr)
  if (!(vlan.flags & VLAN_FLAG_BRIDGE_BINDING)) netif_carrier_off(dev)
  return undefined
}

export function vlan_dev_set_mac_address(dev: net_device, addr: Uint8Array): Errno | undefined {
  const { real_dev } = vlan_dev_priv_of(dev)
  if (!is_valid_ether_addr(addr)) return EADDRNOTAVAIL
  if (dev.flags & IFF_UP) {
    if (!ether_addr_equal(addr, real_dev.dev_addr)) {
      const error = dev_uc_add(real_dev, addr)
      if (isErrno(error)) return error
    }
    if (!ether_addr_equal(dev.dev_addr, real_dev.dev_addr)) dev_uc_del(real_dev, dev.dev_addr)
  }
  eth_hw_addr_set(dev, addr)
  return undefined
}
/** Never above the lower device's: Linux says so without a text. */
export function vlan_dev_change_mtu(dev: net_device, new_mtu: number): Errno | undefined {
  if (vlan_dev_priv_of(dev).real_dev.mtu < new_mtu) return ERANGE
  dev.mtu = new_mtu
  return undefined
}
/** At once, whether up or not, and never taken back: not when it goes down and not when it is deleted. */
export function vlan_dev_change_rx_flags(dev: net_device, change: number): void {
  const { real_dev } = vlan_dev_priv_of(dev)
  if (change & IFF_ALLMULTI) dev_set_allmulti(real_dev, dev.flags & IFF_ALLMULTI ? 1 : -1)
  if (change & IFF_PROMISC) dev_set_promiscuity(real_dev, dev.flags & IFF_PROMISC ? 1 : -1)
}
export function vlan_dev_set_rx_mode(dev: net_device): void {
  const { real_dev } = vlan_dev_priv_of(dev)
  dev_mc_sync(real_dev, dev)
  dev_uc_sync(real_dev, dev)
}
export function vlan_dev_get_iflink(dev: net_device): number {
  return vlan_dev_priv_of(dev).real_dev.ifindex
}
/** Requests of drivers (MII registers …) are the lower device's. */
export function vlan_dev_ioctl(dev: net_device, ifr: Uint8Array, cmd: number): Errno | undefined {
  const { real_dev } = vlan_dev_priv_of(dev)
  return real_dev.netdev_ops.ndo_eth_ioctl === undefined ? EOPNOTSUPP : real_dev.netdev_ops.ndo_eth_ioctl(real_dev, ifr, cmd)
}

/** What tunnels upon this device may leave to it: nothing, where the lower device cannot do it for VLANs. */
export function vlan_tnl_features(real_dev: net_device): bigint {
  const tnl = F.NETIF_F_CSUM_MASK | F.NETIF_F_RXCSUM | F.NETIF_F_SG | F.NETIF_F_HIGHDMA | F.NETIF_F_GSO_SOFTWARE | F.NETIF_F_GSO_ENCAP_ALL
  const ret = (real_dev.hw_enc_features & tnl) | F.NETIF_F_RXCSUM
  const segmentation = F.NETIF_F_ALL_TSO | F.NETIF_F_GSO_ENCAP_ALL
  if ((ret & segmentation) !== 0n && (ret & F.NETIF_F_CSUM_MASK) !== 0n) return ret & ~F.NETIF_F_CSUM_MASK
  return F.NETIF_F_RXCSUM
}
export function vlan_dev_fix_features(dev: net_device, wanted: bigint): bigint {
  const { real_dev } = vlan_dev_priv_of(dev)
  let lower = netdev_intersect_features(real_dev.vlan_features | F.NETIF_F_RXCSUM, real_dev.features)
  if (lower & (F.NETIF_F_IP_CSUM | F.NETIF_F_IPV6_CSUM)) lower |= F.NETIF_F_HW_CSUM
  return netdev_intersect_features(wanted, lower) | (wanted & (F.NETIF_F_SOFT_FEATURES | F.NETIF_F_GSO_SOFTWARE))
}

/** vlan_dev_init(): flags, state bits, address and offloads begin as those of the lower device. */
export function vlan_dev_init(dev: net_device): Errno | undefined {
  const vlan = vlan_dev_priv_of(dev)
  const { real_dev } = vlan
  llc_init(dev.nd_net.kernel)
  vlan_mvrp_init(dev.nd_net.kernel)
  dev.flags = real_dev.flags & ~(IFF_UP | IFF_PROMISC | IFF_ALLMULTI | IFF_MASTER | IFF_SLAVE)
  dev.state = (real_dev.state & (LINK_STATE_NOCARRIER | LINK_STATE_DORMANT)) | LINK_STATE_PRESENT
  if (vlan.flags & VLAN_FLAG_BRIDGE_BINDING) dev.state |= LINK_STATE_NOCARRIER
  dev.hw_features =
    F.NETIF_F_HW_CSUM |
    F.NETIF_F_SG |
    F.NETIF_F_FRAGLIST |
    F.NETIF_F_GSO_SOFTWARE |
    F.NETIF_F_GSO_ENCAP_ALL |
    F.NETIF_F_HIGHDMA |
    F.NETIF_F_SCTP_CRC |
    F.NETIF_F_FCOE_CRC |
    F.NETIF_F_FSO
  dev.features |= dev.hw_features
  dev.lltx = true
  netif_inherit_tso_max(dev, real_dev)
  dev.vlan_features = real_dev.vlan_features & ~(F.NETIF_F_FCOE_CRC | F.NETIF_F_FSO)
  dev.hw_enc_features = vlan_tnl_features(real_dev)
  dev.mpls_features = real_dev.mpls_features
  dev.dev_id = real_dev.dev_id
  if (is_zero_ether_addr(dev.dev_addr)) {
    eth_hw_addr_set(dev, real_dev.dev_addr)
    dev.addr_assign_type = NET_ADDR_STOLEN
  }
  if (is_zero_ether_addr(dev.broadcast)) dev_broadcast_set(dev, real_dev.broadcast.subarray(0, dev.addr_len))
  dev.needed_headroom = real_dev.needed_headroom
  dev.header_ops = vlan_header_ops_for(real_dev, vlan.vlan_proto)
  // room for the tag, where it is put in here
  dev.hard_header_len = real_dev.hard_header_len + (dev.header_ops === vlan_header_ops ? VLAN_HLEN : 0)
  return undefined
}

export function vlan_ethtool_get_drvinfo(): ethtool_drvinfo {
  return { driver: '802.1Q VLAN Support', version: '1.8', fw_version: 'N/A' }
}
export function vlan_ethtool_get_link_ksettings(dev: net_device) {
  const { real_dev } = vlan_dev_priv_of(dev)
  return real_dev.ethtool_ops?.get_link_ksettings?.(real_dev) ?? EOPNOTSUPP
}
export function vlan_ethtool_get_ts_info(dev: net_device): kernel_ethtool_ts_info {
  return ethtool_get_ts_info_of(vlan_dev_priv_of(dev).real_dev)
}
export const vlan_ethtool_ops: ethtool_ops = {
  name: 'vlan_ethtool_ops',
  get_drvinfo: vlan_ethtool_get_drvinfo,
  get_ts_info: vlan_ethtool_get_ts_info,
  get_link: ethtool_op_get_link,
  get_link_ksettings: vlan_ethtool_get_link_ksettings,
}
export const vlan_netdev_ops: net_device_ops = {
  name: 'vlan_netdev_ops',
  ndo_init: vlan_dev_init,
  ndo_open: vlan_dev_open,
  ndo_stop: vlan_dev_stop,
  ndo_start_xmit: vlan_dev_hard_start_xmit,
  ndo_validate_addr: eth_validate_addr,
  ndo_set_rx_mode: vlan_dev_set_rx_mode,
  ndo_set_mac_address: vlan_dev_set_mac_address,
  ndo_change_mtu: vlan_dev_change_mtu,
  ndo_change_rx_flags: vlan_dev_change_rx_flags,
  ndo_eth_ioctl: vlan_dev_ioctl,
  ndo_fix_features: vlan_dev_fix_features,
  ndo_get_iflink: vlan_dev_get_iflink,
}

/** The broadcast address is left open: vlan_dev_init() takes the lower device's. */
export function vlan_setup(dev: net_device): void {
  ether_setup(dev)
  dev.priv = new vlan_dev_priv()
  dev.priv_flags |= IFF_802_1Q_VLAN | IFF_NO_QUEUE | IFF_UNICAST_FLT
  dev.priv_flags &= ~(IFF_TX_SKB_SHARING | IFF_XMIT_DST_RELEASE)
  dev.netdev_ops = vlan_netdev_ops
  dev.needs_free_netdev = true
  dev.ethtool_ops = vlan_ethtool_ops
  dev.min_mtu = 0
  dev.max_mtu = NETIF_MAX_MTU_ETH
  dev_broadcast_set(dev, new Uint8Array(MAX_ADDR_LEN))
}
/** The namespace of the device below. */
export function vlan_get_link_net(dev: net_device): net {
  return vlan_dev_priv_of(dev).real_dev.nd_net
}
