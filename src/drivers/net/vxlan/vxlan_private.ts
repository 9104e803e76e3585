/** drivers/net/vxlan/vxlan_private.h, include/net/vxlan.h: what a vxlan device is made of, and its forwarding table. */
import { timer_list } from '../../../kernel/time.ts'
import type { Kernel } from '../../../kernel/kernel.ts'
import { hlist } from '../../../lib/hlist.ts'
import { equalBytes } from '../../../lib/bytes.ts'
import type { net } from '../../../net/core/net_namespace.ts'
import { type net_device, netdev_priv } from '../../../net/core/netdevice.ts'
import type { nexthop } from '../../../net/ipv4/nexthop.ts'
import type { socket } from '../../../net/socket.ts'
import { VXLAN_DF_UNSET, VXLAN_LABEL_FIXED } from '../../../uapi/linux/if_link_vxlan.ts'
import type { vxlan_mdb_entry } from './vxlan_mdb_private.ts'

export const VXLAN_N_VID = 1 << 24
/** The port that Linux took before one was assigned. */
export const VXLAN_PORT = 8472
export const IANA_VXLAN_GPE_UDP_PORT = 4790
/** Seconds. */
export const FDB_AGE_DEFAULT = 300

export const VXLAN_F_LEARN = 0x01
export const VXLAN_F_PROXY = 0x02
export const VXLAN_F_RSC = 0x04
export const VXLAN_F_L2MISS = 0x08
export const VXLAN_F_L3MISS = 0x10
export const VXLAN_F_IPV6 = 0x20
export const VXLAN_F_UDP_ZERO_CSUM_TX = 0x40
export const VXLAN_F_UDP_ZERO_CSUM6_TX = 0x80
export const VXLAN_F_UDP_ZERO_CSUM6_RX = 0x100
export const VXLAN_F_REMCSUM_TX = 0x200
export const VXLAN_F_REMCSUM_RX = 0x400
export const VXLAN_F_GBP = 0x800
export const VXLAN_F_REMCSUM_NOPARTIAL = 0x1000
export const VXLAN_F_COLLECT_METADATA = 0x2000
export const VXLAN_F_GPE = 0x4000
export const VXLAN_F_IPV6_LINKLOCAL = 0x8000
export const VXLAN_F_TTL_INHERIT = 0x10000
export const VXLAN_F_VNIFILTER = 0x20000
export const VXLAN_F_MDB = 0x40000
export const VXLAN_F_LOCALBYPASS = 0x80000
/** Devices that differ in one of these cannot share a socket. */
export const VXLAN_F_RCV_FLAGS =
  VXLAN_F_GBP |
  VXLAN_F_GPE |
  VXLAN_F_UDP_ZERO_CSUM6_RX |
  VXLAN_F_REMCSUM_RX |
  VXLAN_F_REMCSUM_NOPARTIAL |
  VXLAN_F_COLLECT_METADATA |
  VXLAN_F_VNIFILTER
export const VXLAN_F_ALLOWED_GPE =
  VXLAN_F_GPE |
  VXLAN_F_IPV6 |
  VXLAN_F_IPV6_LINKLOCAL |
  VXLAN_F_UDP_ZERO_CSUM_TX |
  VXLAN_F_UDP_ZERO_CSUM6_TX |
  VXLAN_F_UDP_ZERO_CSUM6_RX |
  VXLAN_F_COLLECT_METADATA |
  VXLAN_F_VNIFILTER |
  VXLAN_F_LOCALBYPASS

/** union vxlan_addr: 4 or 16 bytes by family, none where no family is known. */
export type vxlan_addr = Uint8Array
export const NO_ADDR: vxlan_addr = new Uint8Array(0)
export function vxlan_addr_any(addr: vxlan_addr): boolean {
  return addr.every((byte) => byte === 0)
}
export function vxlan_addr_equal(a: vxlan_addr, b: vxlan_addr): boolean {
  return equalBytes(a, b)
}
export function vxlan_addr_multicast(addr: vxlan_addr): boolean {
  return addr.length === 16 ? addr[0] === 0xff : addr.length === 4 && addr[0] >> 4 === 0xe
}

/** vxlan_nla_get_addr(): the family is what the attribute's length leaves room for. Its policy wants 4 bytes at least. */
export function vxlan_nla_get_addr(payload: Uint8Array): vxlan_addr {
  return payload.slice(0, payload.length >= 16 ? 16 : 4)
}

/** struct vxlan_config */
export class vxlan_config {
  remote_ip = NO_ADDR
  saddr = NO_ADDR
  vni = 0
  remote_ifindex = 0
  mtu = 0
  dst_port = 0
  port_min = 0
  port_max = 0
  tos = 0
  ttl = 0
  label = 0
  label_policy = VXLAN_LABEL_FIXED
  flags = 0
  /** Seconds. */
  age_interval = 0
  addrmax = 0
  df = VXLAN_DF_UNSET
}

/** struct vxlan_rdst: where to send. */
export class vxlan_rdst {
  remote_ip: vxlan_addr
  remote_port: number
  remote_vni: number
  remote_ifindex: number
  constructor(remote_ip: vxlan_addr, remote_port: number, remote_vni: number, remote_ifindex: number) {
    this.remote_ip = remote_ip
    this.remote_port = remote_port
    this.remote_vni = remote_vni
    this.remote_ifindex = remote_ifindex
  }
}

/** NTF_VXLAN_ADDED_BY_USER: above the bits that programs see. */
export const NTF_VXLAN_ADDED_BY_USER = 0x100

/** struct vxlan_fdb: one Ethernet address, and its ends or the nexthop group that has them. */
export class vxlan_fdb {
  readonly eth_addr: Uint8Array
  /** NUD_* and NTF_*. */
  state: number
  flags: number
  /** The network that it is looked up in, of a device for many. */
  readonly vni: number
  /** Jiffies. */
  updated: number
  used: number
  remotes: vxlan_rdst[] = []
  nh: nexthop | undefined = undefined
  constructor(eth_addr: Uint8Array, state: number, vni: number, flags: number, now: number) {
    this.eth_addr = eth_addr.slice(0, 6)
    this.state = state
    this.vni = vni
    this.flags = flags
    this.updated = this.used = now
  }
}

export class vxlan_vni_stats {
  rx_packets = 0
  rx_bytes = 0
  rx_drops = 0
  rx_errors = 0
  tx_packets = 0
  tx_bytes = 0
  tx_drops = 0
  tx_errors = 0
}
/** struct vxlan_vni_node: a network that a filtering device takes part in. */
export class vxlan_vni_node {
  readonly vni: number
  remote_ip = NO_ADDR
  stats = new vxlan_vni_stats()
  constructor(vni: number) {
    this.vni = vni
  }
}

/** struct vxlan_sock: one UDP socket of devices that can share it. */
export class vxlan_sock {
  readonly sock: socket
  readonly port: number
  /** VXLAN_F_RCV_FLAGS, as far as set. */
  readonly flags: number
  refcnt = 1
  /** The devices that hear here, the newest first. */
  devs: vxlan_dev[] = []
  constructor(sock: socket, port: number, flags: number) {
    this.sock = sock
    this.port = port
    this.flags = flags
  }
}

/** struct vxlan_dev */
export class vxlan_dev {
  readonly dev: net_device
  /** Where its packets travel: not where the device lives, once that was moved. */
  net: net
  cfg = new vxlan_config()
  default_dst = new vxlan_rdst(NO_ADDR, 0, 0, 0)
  /** The lower device that it is linked to. */
  remote_dev: net_device | undefined = undefined
  vn4_sock: vxlan_sock | undefined = undefined
  vn6_sock: vxlan_sock | undefined = undefined
  readonly age_timer: timer_list
  addrcnt = 0
  /** Chains by hash, in the order of dumps; and entries by address (and network). */
  fdb_head: vxlan_fdb[][] = []
  /** How often an entry or an end has come or gone. */
  fdb_changes = 0
  fdb = new Map<string, vxlan_fdb>()
  /** The filter's networks in order (VXLAN_F_VNIFILTER). */
  vni_list: vxlan_vni_node[] = []
  vni_hash = new Map<number, vxlan_vni_node>()
  /** Multicast forwarding entries, the newest first, which is the order of dumps; and by group. */
  mdb_list: vxlan_mdb_entry[] = []
  mdb_tbl = new Map<string, vxlan_mdb_entry>()
  mdb_seq = 1
  constructor(dev: net_device, cleanup: (data: vxlan_dev) => void) {
    this.dev = dev
    this.net = dev.nd_net
    this.age_timer = new timer_list(dev.nd_net.kernel.events, cleanup, this)
  }
  get kernel(): Kernel {
    return this.dev.nd_net.kernel
  }
}
export function vxlan_priv(dev: net_device): vxlan_dev {
  return netdev_priv<vxlan_dev>(dev)
}
export function netif_is_vxlan(dev: net_device): boolean {
  return dev.rtnl_link_ops?.kind === 'vxlan'
}

function vni_key(port: number, vni: number): number {
  return port * VXLAN_N_VID + vni
}
function include(index: Map<number, Set<vxlan_dev>>, key: number, vxlan: vxlan_dev): void {
  const found = index.get(key)
  if (found === undefined) index.set(key, new Set([vxlan]))
  else found.add(vxlan)
}
function exclude(index: Map<number, Set<vxlan_dev>>, key: number, vxlan: vxlan_dev): void {
  const found = index.get(key)
  found?.delete(vxlan)
  if (found?.size === 0) index.delete(key)
}

/** struct vxlan_net: devices (wherever they live) and sockets, the newest first. */
export class vxlan_net {
  readonly vxlan_list = new hlist<vxlan_dev>()
  /** The same by port and network, and by lower device; and those that have several networks. */
  private readonly by_vni = new Map<number, Set<vxlan_dev>>()
  private readonly by_lower = new Map<number, Set<vxlan_dev>>()
  private readonly filtering = new Set<vxlan_dev>()
  sock_list: vxlan_sock[] = []
  /** Spreads the chains of devices for many networks. */
  salt = 0

  add(vxlan: vxlan_dev): void {
    const { cfg, default_dst } = vxlan
    this.vxlan_list.add_head(vxlan)
    if (cfg.flags & VXLAN_F_VNIFILTER) this.filtering.add(vxlan)
    include(this.by_vni, vni_key(cfg.dst_port, cfg.vni), vxlan)
    include(this.by_lower, default_dst.remote_ifindex, vxlan)
  }
  del(vxlan: vxlan_dev): void {
    const { cfg, default_dst } = vxlan
    this.vxlan_list.del(vxlan)
    this.filtering.delete(vxlan)
    exclude(this.by_vni, vni_key(cfg.dst_port, cfg.vni), vxlan)
    exclude(this.by_lower, default_dst.remote_ifindex, vxlan)
  }
  /** It lies upon another device than that of the index `from`. */
  moved(vxlan: vxlan_dev, from: number): void {
    exclude(this.by_lower, from, vxlan)
    include(this.by_lower, vxlan.default_dst.remote_ifindex, vxlan)
  }
  /** Who may have the network. */
  with_vni(port: number, vni: number): vxlan_dev[] {
    return [...(this.by_vni.get(vni_key(port, vni)) ?? []), ...this.filtering]
  }
  /** Those upon a device, the newest first. */
  upon(ifindex: number): readonly vxlan_dev[] {
    const found = this.by_lower.get(ifindex)
    return found === undefined ? [] : this.vxlan_list.items.filter((vxlan) => found.has(vxlan))
  }
}
const vxlan_net_id = 'vxlan'
export function vxlan_net_of(net: net): vxlan_net {
  return net.gen.get(vxlan_net_id)
}
export function vxlan_net_set(net: net, vn: vxlan_net): void {
  net.gen.set(vxlan_net_id, vn)
}

/** vxlan_find_sock(): of a family, port and kind, and (`ifindex`) of the VRF that it is bound to. */
export function vxlan_find_sock(net: net, family: number, port: number, flags: number, ifindex: number): vxlan_sock | undefined {
  return vxlan_net_of(net).sock_list.find(
    (vs) =>
      vs.port === port && vs.sock.family === family && vs.flags === (flags & VXLAN_F_RCV_FLAGS) && vs.sock.sk?.sk_bound_dev_if === ifindex,
  )
}

/** Bytes of headers that a frame gets: IP, UDP and vxlan, and its own Ethernet header. */
export function vxlan_headroom(flags: number): number {
  return (flags & VXLAN_F_IPV6 ? 40 : 20) + 8 + 8 + (flags & VXLAN_F_GPE ? 0 : 14)
}
export function vxlan_vnifilter_lookup(vxlan: vxlan_dev, vni: number): vxlan_vni_node | undefined {
  return vxlan.vni_hash.get(vni)
}
