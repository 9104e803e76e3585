/** drivers/net/virtio_net.c: commands of the control queue. The device answers within the notification. */
import { KERN_WARNING } from '../../kernel/printk.ts'
import { put16, put32, putBig64 } from '../../lib/bytes.ts'
import { IFF_RXFH_CONFIGURED, type net_device } from '../../net/core/netdevice.ts'
import { call_netdevice_notifiers } from '../../net/core/dev_notifier.ts'
import { NETDEV_NOTIFY_PEERS } from '../../net/core/netdevice.ts'
import { EINVAL, EIO, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_ALLMULTI, IFF_PROMISC } from '../../uapi/linux/if.ts'
import * as N from '../../uapi/linux/virtio_net.ts'
import { virtio_has_feature } from '../virtio/virtio.ts'
import { virtqueue_add_sgs, virtqueue_get_buf, type vring_room } from '../virtio/virtio_ring.ts'
import { type virtnet_info, virtnet_kick, virtnet_priv } from './virtio_net.ts'
import { virtnet_commit_rss_command, virtnet_rss_update_by_qpairs } from './virtio_net_rss.ts'

function whole(bytes: Uint8Array): vring_room {
  return { bytes, at: 0, length: bytes.length }
}
/** virtnet_send_command(). EIO: the device refuses, or is gone. */
export function virtnet_send_command(vi: virtnet_info, kind: number, command: number, data: Uint8Array): Errno | undefined {
  const { cvq } = vi
  if (cvq === undefined) return EOPNOTSUPP
  const ack = Uint8Array.of(0xff)
  const error = virtqueue_add_sgs(cvq, [whole(Uint8Array.of(kind, command)), whole(data)], [whole(ack)], ack)
  if (isErrno(error)) return error
  virtnet_kick(vi, cvq)
  return virtqueue_get_buf(cvq) !== undefined && ack[0] === N.VIRTIO_NET_OK ? undefined : EIO
}
const can = ({ vdev }: virtnet_info, bit: number) => virtio_has_feature(vdev, bit)

/** ndo_set_rx_mode: the two flags, and the lists of addresses. */
export function virtnet_set_rx_mode(dev: net_device): void {
  const vi = virtnet_priv(dev)
  if (!can(vi, N.VIRTIO_NET_F_CTRL_RX)) return
  const flag = (command: number, on: boolean, what: string) => {
    const error = virtnet_send_command(vi, N.VIRTIO_NET_CTRL_RX, command, Uint8Array.of(on ? 1 : 0))
    if (error !== undefined) vi.vdev.kernel.printk(KERN_WARNING, `virtio_net: Failed to ${on ? 'en' : 'dis'}able ${what} mode.`)
  }
  flag(N.VIRTIO_NET_CTRL_RX_PROMISC, (dev.flags & IFF_PROMISC) !== 0, 'promisc')
  flag(N.VIRTIO_NET_CTRL_RX_ALLMULTI, (dev.flags & IFF_ALLMULTI) !== 0, 'allmulti')
  const { uc, mc } = dev
  const data = new Uint8Array(8 + 6 * (uc.length + mc.length))
  put32(data, 0, uc.length)
  for (const [i, { addr }] of uc.entries()) data.set(addr.subarray(0, 6), 4 + 6 * i)
  const rest = 4 + 6 * uc.length
  put32(data, rest, mc.length)
  for (const [i, { addr }] of mc.entries()) data.set(addr.subarray(0, 6), rest + 4 + 6 * i)
  virtnet_send_command(vi, N.VIRTIO_NET_CTRL_MAC, N.VIRTIO_NET_CTRL_MAC_TABLE_SET, data)
}
export function virtnet_change_mac(vi: virtnet_info, addr: Uint8Array): Errno | undefined {
  if (!can(vi, N.VIRTIO_NET_F_CTRL_MAC_ADDR)) return EINVAL
  return virtnet_send_command(vi, N.VIRTIO_NET_CTRL_MAC, N.VIRTIO_NET_CTRL_MAC_ADDR_SET, addr.slice(0, 6))
}
function vlan(dev: net_device, command: number, vid: number): undefined {
  const data = new Uint8Array(2)
  put16(data, 0, vid)
  virtnet_send_command(virtnet_priv(dev), N.VIRTIO_NET_CTRL_VLAN, command, data)
}
export function virtnet_vlan_rx_add_vid(dev: net_device, _proto: number, vid: number): undefined {
  vlan(dev, N.VIRTIO_NET_CTRL_VLAN_ADD, vid)
}
export function virtnet_vlan_rx_kill_vid(dev: net_device, _proto: number, vid: number): undefined {
  vlan(dev, N.VIRTIO_NET_CTRL_VLAN_DEL, vid)
}
/** The peers are told where the device is, and the device that they were. */
export function virtnet_ack_announce(vi: virtnet_info): void {
  call_netdevice_notifiers(NETDEV_NOTIFY_PEERS, vi.dev)
  virtnet_send_command(vi, N.VIRTIO_NET_CTRL_ANNOUNCE, N.VIRTIO_NET_CTRL_ANNOUNCE_ACK, new Uint8Array(1))
}
export const NO_OFFLOADS = 0n
export function virtnet_set_guest_offloads(vi: virtnet_info, offloads: bigint): Errno | undefined {
  const data = new Uint8Array(8)
  putBig64(data, 0, offloads)
  const error = virtnet_send_command(vi, N.VIRTIO_NET_CTRL_GUEST_OFFLOADS, N.VIRTIO_NET_CTRL_GUEST_OFFLOADS_SET, data)
  if (!isErrno(error)) return undefined
  vi.vdev.kernel.printk(KERN_WARNING, `net ${vi.dev.name}: Fail to set guest offload.`)
  return EINVAL
}
/** A table that nobody has set follows the number of pairs. */
export function virtnet_set_queues(vi: virtnet_info, pairs: number): Errno | undefined {
  if (!can(vi, N.VIRTIO_NET_F_MQ)) return pairs === 1 ? undefined : EINVAL
  if (can(vi, N.VIRTIO_NET_F_RSS) && !(vi.dev.priv_flags & IFF_RXFH_CONFIGURED)) {
    virtnet_rss_update_by_qpairs(vi.rss, pairs)
    return virtnet_commit_rss_command(vi)
  }
  const data = new Uint8Array(2)
  put16(data, 0, pairs)
  return virtnet_send_command(vi, N.VIRTIO_NET_CTRL_MQ, N.VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET, data)
}
