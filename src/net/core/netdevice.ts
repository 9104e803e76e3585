/** include/linux/netdevice.h: the network device, its flags, events and operations. */

import type { attribute_dir, sysfs_child } from '../../fs/sysfs.ts'
import type { task_struct } from '../../kernel/task.ts'
import type { UserMemory } from '../../syscalls/types.ts'
import type { Errno } from '../../uapi/errno.ts'
import type { timer_list } from '../../kernel/time.ts'
import type { LinkStatName } from '../../uapi/linux/if_link.ts'
import type { list_member } from '../../lib/list.ts'
import type { vlan_info } from '../8021q/vlan_core.ts'
import type { in_device } from '../ipv4/devinet.ts'
import type { inet6_dev } from '../ipv6/if_inet6.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import type { Qdisc } from '../sched/qdisc.ts'
import type { netdev_adjacents } from './dev_adjacent.ts'
import type { sw_netstats } from './dev_stats.ts'
import type { ethtool_ops } from './ethtool_ops.ts'
import type { l3mdev_ops } from './l3mdev.ts'
import type { net } from './net_namespace.ts'
import type { netdev_rx_queue } from './rps.ts'
import type { rtnl_link_ops } from './rtnl_link_ops.ts'
import type { sk_buff } from './skbuff.ts'

/** NETDEV_* events, numbered as in Linux 6.12. */
export const NETDEV_UP = 1
export const NETDEV_DOWN = 2
export const NETDEV_REBOOT = 3
export const NETDEV_CHANGE = 4
export const NETDEV_REGISTER = 5
export const NETDEV_UNREGISTER = 6
export const NETDEV_CHANGEMTU = 7
export const NETDEV_CHANGEADDR = 8
export const NETDEV_PRE_CHANGEADDR = 9
export const NETDEV_GOING_DOWN = 10
export const NETDEV_CHANGENAME = 11
export const NETDEV_FEAT_CHANGE = 12
export const NETDEV_BONDING_FAILOVER = 13
export const NETDEV_PRE_UP = 14
export const NETDEV_PRE_TYPE_CHANGE = 15
export const NETDEV_POST_TYPE_CHANGE = 16
export const NETDEV_POST_INIT = 17
export const NETDEV_PRE_UNINIT = 18
export const NETDEV_RELEASE = 19
export const NETDEV_NOTIFY_PEERS = 20
export const NETDEV_JOIN = 21
export const NETDEV_CHANGEUPPER = 22
export const NETDEV_RESEND_IGMP = 23
export const NETDEV_PRECHANGEMTU = 24
export const NETDEV_CHANGEINFODATA = 25
export const NETDEV_BONDING_INFO = 26
export const NETDEV_PRECHANGEUPPER = 27
export const NETDEV_CHANGELOWERSTATE = 28
export const NETDEV_UDP_TUNNEL_PUSH_INFO = 29
export const NETDEV_UDP_TUNNEL_DROP_INFO = 30
export const NETDEV_CHANGE_TX_QUEUE_LEN = 31
export const NETDEV_CVLAN_FILTER_PUSH_INFO = 32
export const NETDEV_CVLAN_FILTER_DROP_INFO = 33
export const NETDEV_SVLAN_FILTER_PUSH_INFO = 34
export const NETDEV_SVLAN_FILTER_DROP_INFO = 35
export const NETDEV_OFFLOAD_XSTATS_ENABLE = 36
export const NETDEV_OFFLOAD_XSTATS_DISABLE = 37
export const NETDEV_OFFLOAD_XSTATS_REPORT_USED = 38
export const NETDEV_OFFLOAD_XSTATS_REPORT_DELTA = 39
export const NETDEV_XDP_FEAT_CHANGE = 40

/** dev.reg_state */
export const NETREG_UNINITIALIZED = 0
export const NETREG_REGISTERED = 1
export const NETREG_UNREGISTERING = 2
export const NETREG_UNREGISTERED = 3
export const NETREG_RELEASED = 4
export const NETREG_DUMMY = 5

/** Bits of dev.state (__LINK_STATE_*), apart from registration state. */
export const LINK_STATE_START = 1 << 0
export const LINK_STATE_PRESENT = 1 << 1
export const LINK_STATE_NOCARRIER = 1 << 2
export const LINK_STATE_LINKWATCH_PENDING = 1 << 3
export const LINK_STATE_DORMANT = 1 << 4
export const LINK_STATE_TESTING = 1 << 5

/** Bits of dev.priv_flags. */
export const IFF_802_1Q_VLAN = 1 << 0
export const IFF_EBRIDGE = 1 << 1
export const IFF_BONDING = 1 << 2
export const IFF_ISATAP = 1 << 3
export const IFF_DONT_BRIDGE = 1 << 6
export const IFF_BRIDGE_PORT = 1 << 9
export const IFF_LIVE_ADDR_CHANGE = 1 << 15
/** The table of queues is the administrator's (ethtool -X). */
export const IFF_RXFH_CONFIGURED = 1 << 23
export const IFF_UNICAST_FLT = 1 << 12
export const IFF_XMIT_DST_RELEASE = 1 << 5
export const IFF_TEAM_PORT = 1 << 13
export const IFF_TEAM = 1 << 22
export const IFF_MACVLAN_PORT = 1 << 8
export const IFF_MACVLAN = 1 << 16
export const IFF_L3MDEV_MASTER = 1 << 18
export const IFF_L3MDEV_SLAVE = 1 << 21
export const IFF_L3MDEV_RX_HANDLER = 1 << 28
export const IFF_NO_RX_HANDLER = 1 << 26
export const IFF_TX_SKB_SHARING = 1 << 11
export const IFF_NO_QUEUE = 1 << 19
export const IFF_PHONY_HEADROOM = 1 << 24
export const IFF_CHANGE_PROTO_DOWN = 1 << 28
/** A port of another device: it has no addresses of itself. */
export const IFF_NO_ADDRCONF = 1 << 30

export const NETIF_MAX_MTU_ETH = 65535
export const MAX_ADDR_LEN = 32

/** dev.addr_assign_type: where the address came from. */
export const NET_ADDR_PERM = 0
export const NET_ADDR_RANDOM = 1
export const NET_ADDR_STOLEN = 2
export const NET_ADDR_SET = 3
/** dev.name_assign_type (/sys/class/net/X/name_assign_type). */
export const NET_NAME_UNKNOWN = 0
export const NET_NAME_ENUM = 1
export const NET_NAME_PREDICTABLE = 2
export const NET_NAME_USER = 3
export const NET_NAME_RENAMED = 4

export const GSO_MAX_SEGS = 65535
export const GSO_LEGACY_MAX_SIZE = 65536
export const GRO_LEGACY_MAX_SIZE = 65536
export const TSO_LEGACY_MAX_SIZE = 65536
/** 8 * GSO_MAX_SEGS: what a device without limits of its own shows. */
export const TSO_MAX_SIZE = 8 * GSO_MAX_SEGS
export const TSO_MAX_SEGS = 65535
export const DEFAULT_TX_QUEUE_LEN = 1000

export const NETDEV_TX_OK = 0
export const NETDEV_TX_BUSY = 16

/** netdev_hw_addr.type */
export const NETDEV_HW_ADDR_T_LAN = 1
export const NETDEV_HW_ADDR_T_SAN = 2
export const NETDEV_HW_ADDR_T_UNICAST = 3
export const NETDEV_HW_ADDR_T_MULTICAST = 4

/** One address of a device's unicast or multicast list. */
export interface netdev_hw_addr {
  addr: Uint8Array
  refcount: number
  global_use: boolean
  type: number
  /** Whether another device's list has been given to this one (dev_uc_sync), and to how many devices this one was given. */
  synced: number
  sync_cnt: number
}

/** struct net_device_core_stats */
export class net_device_core_stats {
  rx_dropped = 0
  tx_dropped = 0
  rx_nohandler = 0
  rx_otherhost_dropped = 0
}

/** Info that travels with an event on the netdev chain. */
export interface netdev_notifier_info {
  dev: net_device
  extack?: netlink_ext_ack
  /** NETDEV_CHANGE: the flags that changed. */
  flags_changed?: number
  /** NETDEV_PRECHANGEMTU/CHANGEMTU: the MTU asked for or before. */
  mtu?: number
  /** NETDEV_PRE_CHANGEADDR: the address asked for. */
  dev_addr?: Uint8Array
  /** NETDEV_(PRE)CHANGEUPPER */
  upper_dev?: net_device
  master?: boolean
  linking?: boolean
  upper_info?: unknown
}

/** include/linux/netdevice.h struct net_device_ops: exported constants, so that state can name them. */
export interface net_device_ops {
  readonly name: string
  readonly ndo_init?: (dev: net_device) => Errno | undefined
  readonly ndo_uninit?: (dev: net_device) => void
  readonly ndo_open?: (dev: net_device) => Errno | undefined
  readonly ndo_stop?: (dev: net_device) => Errno | undefined
  /** Takes the packet over; NETDEV_TX_OK (0) or NETDEV_TX_BUSY (16). */
  readonly ndo_start_xmit?: (skb: sk_buff, dev: net_device) => number
  /** A queue has been stopped for longer than watchdog_timeo. */
  readonly ndo_tx_timeout?: (dev: net_device, txqueue: number) => void
  readonly ndo_set_rx_mode?: (dev: net_device) => void
  readonly ndo_set_mac_address?: (dev: net_device, addr: Uint8Array) => Errno | undefined
  readonly ndo_validate_addr?: (dev: net_device) => Errno | undefined
  readonly ndo_change_mtu?: (dev: net_device, new_mtu: number) => Errno | undefined
  readonly ndo_change_carrier?: (dev: net_device, carrier: boolean) => Errno | undefined
  readonly ndo_change_rx_flags?: (dev: net_device, flags: number) => void
  readonly ndo_get_iflink?: (dev: net_device) => number
  readonly ndo_get_stats64?: (dev: net_device) => Partial<Record<LinkStatName, number>>
  readonly ndo_add_slave?: (dev: net_device, slave: net_device, extack?: netlink_ext_ack) => Errno | undefined
  readonly ndo_del_slave?: (dev: net_device, slave: net_device) => Errno | undefined
  readonly ndo_fix_features?: (dev: net_device, features: bigint) => bigint
  readonly ndo_set_features?: (dev: net_device, features: bigint) => Errno | undefined
  /** SIOCDEVPRIVATE and other driver ioctls: the ifreq in place. */
  readonly ndo_eth_ioctl?: (dev: net_device, ifr: Uint8Array, cmd: number) => Errno | undefined
  /** A number is what the call returns. */
  readonly ndo_siocdevprivate?: (
    dev: net_device,
    ifr: Uint8Array,
    memory: UserMemory,
    cmd: number,
    task: task_struct,
  ) => number | Errno | undefined
  /** The requests of ifenslave. */
  readonly ndo_siocbond?: (dev: net_device, ifr: Uint8Array, memory: UserMemory, cmd: number, task: task_struct) => Errno | undefined
  readonly ndo_vlan_rx_add_vid?: (dev: net_device, proto: number, vid: number) => Errno | undefined
  readonly ndo_vlan_rx_kill_vid?: (dev: net_device, proto: number, vid: number) => Errno | undefined
  /** Files of the driver's own in /sys/class/net/NAME (dev->sysfs_groups). */
  readonly sysfs_attrs?: readonly import('../../fs/sysfs.ts').device_attribute<net_device>[]
  readonly ndo_get_phys_port_name?: (dev: net_device) => string | Errno
}

/** struct header_ops: the link layer's own headers. */
export interface header_ops {
  readonly name: string
  readonly create?: (
    skb: sk_buff,
    dev: net_device,
    type: number,
    daddr: Uint8Array | undefined,
    saddr: Uint8Array | undefined,
    len: number,
  ) => number
  readonly parse?: (skb: sk_buff) => Uint8Array | undefined
  /** A header stays the same while the neighbour's address does: it is kept with the neighbour (hh_cache). */
  readonly cache?: boolean
}

/** How a lower or upper neighbour is linked (struct netdev_adjacent). */
export interface netdev_adjacent extends list_member<netdev_adjacent> {
  dev: net_device
  master: boolean
  private: unknown
  ignore: boolean
  ref_nr: number
}

/** A directory of a device's attributes: a constant of the driver. */
export interface sysfs_group {
  readonly name: string
  readonly dir: attribute_dir<net_device>
  /** A link beside the directory. */
  readonly link?: (dev: net_device) => sysfs_child
}

export const no_address = new Uint8Array(MAX_ADDR_LEN)
export const nothing: readonly never[] = []

/**
 * include/linux/netdevice.h struct net_device. All fields are set here, in one order (hot object). Devices come by the
 * thousand, so what most do not have is shared and replaced, or made when it is needed.
 */
export class net_device {
  name: string
  ifindex = 0
  nd_net: net
  flags = 0
  gflags = 0
  priv_flags = 0
  /** LINK_STATE_* bits. */
  state = LINK_STATE_PRESENT
  reg_state = NETREG_UNINITIALIZED
  mtu = 0
  min_mtu = 0
  max_mtu = 0
  /** ARPHRD_* */
  type = 0
  hard_header_len = 0
  min_header_len = 0
  needed_headroom = 0
  addr_len = 0
  /** MAX_ADDR_LEN bytes; the first addr_len count. */
  dev_addr = new Uint8Array(MAX_ADDR_LEN)
  /** These two are replaced, never written to: most devices have the same. */
  broadcast = no_address
  perm_addr = no_address
  /** NET_ADDR_* */
  addr_assign_type = 0
  /** NET_NAME_* */
  name_assign_type = 0
  dev_id = 0
  dev_port = 0
  tx_queue_len = 0
  num_tx_queues = 1
  real_num_tx_queues = 1
  num_rx_queues = 1
  real_num_rx_queues = 1
  /** What is set of receive queues, by their number; undefined: nothing of any. */
  rx_queues: Map<number, netdev_rx_queue> | undefined = undefined
  operstate = 0
  link_mode = 0
  dormant = false
  group = 0
  promiscuity = 0
  allmulti = 0
  uc_promisc = false
  uc: readonly netdev_hw_addr[] = nothing
  mc: readonly netdev_hw_addr[] = nothing
  ifalias: string | undefined = undefined
  altnames: readonly string[] = nothing
  proto_down = false
  proto_down_reason = 0
  carrier_up_count = 0
  carrier_down_count = 0
  gso_max_size = 65536
  gso_max_segs = 65535
  tso_max_size = 65536
  tso_max_segs = 65535
  gro_max_size = 65536
  gso_ipv4_max_size = 65536
  gro_ipv4_max_size = 65536
  features = 0n
  hw_features = 0n
  wanted_features = 0n
  vlan_features = 0n
  hw_enc_features = 0n
  mpls_features = 0n
  gso_partial_features = 0n
  /** Bound to its namespace (loopback): cannot be moved. */
  netns_local = false
  /** The driver needs no transmit lock. */
  lltx = false
  /** Those that are to be unregistered together with it, while they are being gathered. */
  unreg_list: net_device[] | undefined = undefined
  /** Being unregistered (from the close on). */
  dismantle = false
  /** NETDEV_XDP_ACT_* and NETDEV_XDP_RX_METADATA_* of the netdev genl family. */
  xdp_features = 0
  xdp_rx_metadata_features = 0
  xsk_features = 0
  /** Levels of nesting above and below (MAX_NEST_DEV bounds their sum). */
  upper_level = 1
  lower_level = 1
  /** struct ifmap's numbers (SIOCGIFMAP). */
  mem_start = 0
  mem_end = 0
  base_addr = 0
  irq = 0
  dma = 0
  if_port = 0
  netdev_ops: net_device_ops
  header_ops: header_ops | undefined = undefined
  ethtool_ops: ethtool_ops | undefined = undefined
  rtnl_link_ops: rtnl_link_ops | undefined = undefined
  /** True between rtnl_newlink's allocation and configuration. */
  rtnl_link_initializing = false
  needs_free_netdev = false
  priv_destructor: ((dev: net_device) => void) | undefined = undefined
  /** Neighbours above and below, made with the first. */
  adj_upper: netdev_adjacents | undefined = undefined
  adj_lower: netdev_adjacents | undefined = undefined
  ip_ptr: in_device | undefined = undefined
  ip6_ptr: inet6_dev | undefined = undefined
  /** One root qdisc a transmit queue; [0] is shown. */
  qdisc: Qdisc | undefined = undefined
  tx_qdiscs: Qdisc[] = []
  /** Disciplines below the roots, by handle. */
  qdisc_hash: Qdisc[][] | undefined = undefined
  ingress_queue: Qdisc | undefined = undefined
  /** Whether the transmit queues run their disciplines (else: noop). */
  tx_active = false
  /** Queues that the driver has stopped. */
  tx_stopped: Set<number> | undefined = undefined
  /** ns; 0: five seconds, where the driver has a ndo_tx_timeout. */
  watchdog_timeo = 0
  watchdog_timer: timer_list | undefined = undefined
  /** When the driver last took a packet, and timeouts so far. */
  trans_start = 0
  trans_timeout = 0
  /** Made with the first that is counted. */
  own_stats: Partial<Record<LinkStatName, number>> | undefined = undefined
  /** Made with the first packet. */
  tstats: sw_netstats | undefined = undefined
  /** Somebody wants what hardware forwards to be counted (netdev_offload_xstats_enable). */
  offload_xstats_l3 = false
  /** What the stack itself drops, added to the driver's counters; made with the first. */
  core_stats: net_device_core_stats | undefined = undefined
  /** References besides the registration's own; a non-zero count holds back unregistration. */
  refcnt = 0
  /** Parent on a bus (PCI …): IFLA_PARENT_DEV_NAME and its bus name; `driver` heads its log lines. */
  parent: { name: string; bus: string; driver?: string; path?: string } | undefined = undefined
  /** Who takes packets that arrive here before the protocols do: bridge, bond, macvlan … One at a time. */
  rx_handler: rx_handler_func | undefined = undefined
  rx_handler_data: unknown = undefined
  /** Directories that drivers add in /sys/class/net/DEV. */
  sysfs_groups: readonly sysfs_group[] = nothing
  l3mdev_ops: l3mdev_ops | undefined = undefined
  /** The VLAN devices upon this one (net/8021q). */
  vlan_info: vlan_info | undefined = undefined
  /** The driver's private area (netdev_priv). */
  priv: any = undefined

  constructor(net: net, name: string, ops: net_device_ops) {
    this.name = name
    this.nd_net = net
    this.netdev_ops = ops
  }
  get upper(): readonly netdev_adjacent[] {
    return this.adj_upper?.items ?? nothing
  }
  get lower(): readonly netdev_adjacent[] {
    return this.adj_lower?.items ?? nothing
  }
  /** To be written to: who only reads looks at own_stats. */
  get stats(): Partial<Record<LinkStatName, number>> {
    return (this.own_stats ??= {})
  }
}

/** What becomes of the packet: RX_HANDLER_*. An exported function: devices are state. */
export type rx_handler_func = (skb: sk_buff, dev: net_device) => number
export const RX_HANDLER_CONSUMED = 0
export const RX_HANDLER_ANOTHER = 1
export const RX_HANDLER_EXACT = 2
export const RX_HANDLER_PASS = 3

export function netdev_priv<T>(dev: net_device): T {
  return dev.priv as T
}
