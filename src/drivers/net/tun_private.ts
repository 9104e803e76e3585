/** drivers/net/tun.c: what a device with programs at its far end is made of. */
import type { ethtool_link_ksettings } from '../../net/core/ethtool_ops.ts'
import type { net } from '../../net/core/net_namespace.ts'
import { type net_device, netdev_priv } from '../../net/core/netdevice.ts'
import { sock } from '../../net/sock.ts'
import type { socket } from '../../net/socket.ts'
import { AUTONEG_DISABLE, DUPLEX_FULL, PORT_TP } from '../../uapi/linux/ethtool.ts'
import * as T from '../../uapi/linux/if_tun.ts'

export const MAX_TAP_QUEUES = 256
export const TUN_FEATURES = T.IFF_NO_PI | T.IFF_ONE_QUEUE | T.IFF_VNET_HDR | T.IFF_MULTI_QUEUE | T.IFF_NAPI | T.IFF_NAPI_FRAGS
export const TUN_TYPE_MASK = 0x000f
/** sizeof(struct virtio_net_hdr) */
export const VNET_HDR_SIZE = 10

/** struct tun_file: an open /dev/net/tun, which reads and writes frames of one queue. */
export class tun_file extends sock {
  tun: tun_struct | undefined = undefined
  /** Of a queue that was taken out: the device that it belongs to. */
  detached: tun_struct | undefined = undefined
  /** The index that the device is to have (TUNSETIFINDEX). */
  ifindex = 0
  constructor(net: net, socket: socket) {
    super(net, socket, 0, socket.type, 0)
  }
}
export function tun_file_of(socket: socket): tun_file {
  return socket.sk as tun_file
}

/** struct tun_struct */
export class tun_struct {
  readonly dev: net_device
  /** IFF_TUN or IFF_TAP, IFF_PERSIST, TUN_FEATURES. */
  flags: number
  /** Who may attach; undefined: the privileged. */
  owner: number | undefined = undefined
  group: number | undefined = undefined
  tfiles: tun_file[] = []
  disabled: tun_file[] = []
  vnet_hdr_sz = VNET_HDR_SIZE
  sndbuf = 0x7fffffff
  /** TUN_F_* */
  offload = 0
  /** NETIF_MSG_*: kept, nothing is logged by it. */
  msg_enable = 0
  /** Frames that a writer may hold back for one another. */
  rx_batched = 0
  link_ksettings: ethtool_link_ksettings = { speed: 10000, duplex: DUPLEX_FULL, port: PORT_TP, autoneg: AUTONEG_DISABLE }
  constructor(dev: net_device, flags: number) {
    this.dev = dev
    this.flags = flags
  }
}
export function tun_priv(dev: net_device): tun_struct {
  return netdev_priv<tun_struct>(dev)
}
/** tun_flags(): what TUNGETIFF and sysfs show. */
export function tun_flags(tun: tun_struct): number {
  return tun.flags & (TUN_FEATURES | T.IFF_PERSIST | T.IFF_TUN | T.IFF_TAP)
}
export function is_tap(tun: tun_struct): boolean {
  return (tun.flags & T.IFF_TAP) !== 0
}
