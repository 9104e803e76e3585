/**
 * drivers/net/virtio_net.c: receive-side scaling: the table of queues, the hash's key and what is hashed, as the device is
 * told by one command of the control queue.
 */
import { KERN_WARNING } from '../../kernel/printk.ts'
import { put16, put32 } from '../../lib/bytes.ts'
import type { ethtool_rxfh, ethtool_rxfh_param } from '../../net/core/ethtool_ops.ts'
import type { net_device } from '../../net/core/netdevice.ts'
import { EINVAL, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import * as T from '../../uapi/linux/ethtool.ts'
import * as N from '../../uapi/linux/virtio_net.ts'
import { virtio_cread, virtio_has_feature, virtio_name } from '../virtio/virtio.ts'
import { type virtnet_info, virtnet_priv } from './virtio_net.ts'
import { virtnet_send_command } from './virtio_net_ctrl.ts'

/** struct virtio_net_ctrl_rss; both sizes are 0 without RSS. */
export class virtnet_rss {
  hash_types = 0
  indirection_table: number[] = []
  max_tx_vq = 0
  key: Uint8Array = new Uint8Array(0)
  /** What the device can hash. */
  hash_types_supported = 0
}
const IPv4 = N.VIRTIO_NET_RSS_HASH_TYPE_IPv4
const IPv6 = N.VIRTIO_NET_RSS_HASH_TYPE_IPv6

/** virtnet_init_default_rss(): all queues in turn, a key of the host's chance. */
export function virtnet_init_default_rss({ vdev, rss, curr_queue_pairs }: virtnet_info): void {
  if (!virtio_has_feature(vdev, N.VIRTIO_NET_F_RSS)) return
  const size = virtio_cread(vdev, N.VIRTIO_NET_CONFIG_RSS_MAX_INDIRECTION_TABLE_LENGTH, 2)
  rss.hash_types_supported = virtio_cread(vdev, N.VIRTIO_NET_CONFIG_SUPPORTED_HASH_TYPES, 4) & N.VIRTIO_NET_RSS_HASH_TYPES
  rss.hash_types = rss.hash_types_supported
  rss.indirection_table = new Array<number>(size).fill(0)
  virtnet_rss_update_by_qpairs(rss, curr_queue_pairs)
  rss.key = vdev.kernel.random.bytes(virtio_cread(vdev, N.VIRTIO_NET_CONFIG_RSS_MAX_KEY_SIZE, 1))
}
export function virtnet_rss_update_by_qpairs(rss: virtnet_rss, pairs: number): void {
  rss.indirection_table = rss.indirection_table.map((_, i) => i % pairs)
  rss.max_tx_vq = pairs
}
/** virtnet_commit_rss_command(): struct virtio_net_rss_config. EINVAL: the device refuses. */
export function virtnet_commit_rss_command(vi: virtnet_info): Errno | undefined {
  const { hash_types, indirection_table: table, max_tx_vq, key } = vi.rss
  const data = new Uint8Array(8 + 2 * table.length + 3 + key.length)
  put32(data, 0, hash_types)
  put16(data, 4, table.length === 0 ? 0 : table.length - 1)
  for (const [i, queue] of table.entries()) put16(data, 8 + 2 * i, queue)
  const after = 8 + 2 * table.length
  put16(data, after, max_tx_vq)
  data[after + 2] = key.length
  data.set(key, after + 3)
  const error = virtnet_send_command(vi, N.VIRTIO_NET_CTRL_MQ, N.VIRTIO_NET_CTRL_MQ_RSS_CONFIG, data)
  if (!isErrno(error)) return undefined
  vi.vdev.kernel.printk(KERN_WARNING, `virtio_net ${virtio_name(vi.vdev)}: VIRTIONET issue with committing RSS sgs`)
  return EINVAL
}

export function virtnet_get_rxfh(dev: net_device): ethtool_rxfh {
  const { indirection_table, key } = virtnet_priv(dev).rss
  return { hfunc: T.ETH_RSS_HASH_TOP, indir: indirection_table, key }
}
export function virtnet_set_rxfh(dev: net_device, { hfunc, indir, key }: ethtool_rxfh_param): Errno | undefined {
  const vi = virtnet_priv(dev)
  if (hfunc !== 0 && hfunc !== T.ETH_RSS_HASH_TOP) return EOPNOTSUPP
  if (indir === undefined && key === undefined) return undefined
  if (!virtio_has_feature(vi.vdev, N.VIRTIO_NET_F_RSS)) return EOPNOTSUPP
  if (indir !== undefined) vi.rss.indirection_table = [...indir]
  if (key !== undefined) vi.rss.key = key.slice()
  virtnet_commit_rss_command(vi)
  return undefined
}

/** Of a kind of flow: the bits of its own and of its version of IP. */
function bits_of(flow: number): { l4: number; ip: number } | undefined {
  switch (flow) {
    case T.TCP_V4_FLOW:
      return { l4: N.VIRTIO_NET_RSS_HASH_TYPE_TCPv4, ip: IPv4 }
    case T.UDP_V4_FLOW:
      return { l4: N.VIRTIO_NET_RSS_HASH_TYPE_UDPv4, ip: IPv4 }
    case T.IPV4_FLOW:
      return { l4: 0, ip: IPv4 }
    case T.TCP_V6_FLOW:
      return { l4: N.VIRTIO_NET_RSS_HASH_TYPE_TCPv6, ip: IPv6 }
    case T.UDP_V6_FLOW:
      return { l4: N.VIRTIO_NET_RSS_HASH_TYPE_UDPv6, ip: IPv6 }
    case T.IPV6_FLOW:
      return { l4: 0, ip: IPv6 }
    default:
      return undefined
  }
}
const ADDRESSES = T.RXH_IP_SRC | T.RXH_IP_DST
const ALL = ADDRESSES | T.RXH_L4_B_0_1 | T.RXH_L4_B_2_3
/** virtnet_get_hashflow() */
export function virtnet_get_rxfh_fields(dev: net_device, flow: number): number {
  const { hash_types } = virtnet_priv(dev).rss
  const bits = bits_of(flow)
  if (bits === undefined) return 0
  if (hash_types & bits.l4) return ALL
  return hash_types & bits.ip ? ADDRESSES : 0
}
/** virtnet_set_hashflow(): addresses, addresses and ports, or nothing. The device hears of it with the next table or key. */
export function virtnet_set_rxfh_fields(dev: net_device, flow: number, fields: number): Errno | undefined {
  const { rss } = virtnet_priv(dev)
  const none = fields >= T.RXH_DISCARD
  const bits = bits_of(flow)
  if (bits === undefined || (fields !== ADDRESSES && fields !== ALL && !none)) return EINVAL
  const cleared = rss.hash_types & ~(bits.ip | bits.l4)
  const wanted = none ? cleared : cleared | bits.ip | (fields === ALL ? bits.l4 : 0)
  if (wanted & ~rss.hash_types_supported) return EINVAL
  rss.hash_types = wanted
  return undefined
}
