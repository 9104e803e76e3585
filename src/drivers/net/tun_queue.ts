/** drivers/net/tun.c tun_get_user, tun_net_xmit, tun_put_user: frames from and to programs. */
import { getBe16, put16, putBe16 } from '../../lib/bytes.ts'
import {
  DEV_STATS_INC,
  dev_core_stats_rx_dropped_inc,
  dev_core_stats_tx_dropped_inc,
  dev_sw_netstats_rx_add,
  dev_sw_netstats_tx_add,
} from '../../net/core/dev.ts'
import { netif_rx } from '../../net/core/dev_receive.ts'
import { type net_device, NETDEV_TX_OK } from '../../net/core/netdevice.ts'
import {
  consume_skb,
  dev_alloc_skb,
  kfree_skb,
  type sk_buff,
  skb_bytes,
  skb_orphan,
  skb_put,
  skb_reset_mac_header,
  skb_reset_network_header,
} from '../../net/core/skbuff.ts'
import { __vlan_hwaccel_push_inside } from '../../net/core/skb_vlan.ts'
import { type virtio_net_hdr, virtio_net_hdr_from_skb, virtio_net_hdr_parse, virtio_net_hdr_to_skb } from '../../net/core/virtio_net.ts'
import { skb_tx_timestamp } from '../../net/core/skb_tstamp.ts'
import { eth_type_trans } from '../../net/ethernet/eth.ts'
import type { ReceivedMessage, ReceiveRequest, SendMessage } from '../../syscalls/types.ts'
import { EAGAIN, EBADFD, EINVAL, EIO, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_UP } from '../../uapi/linux/if.ts'
import { ETH_HLEN, ETH_P_IP, ETH_P_IPV6 } from '../../uapi/linux/if_ether.ts'
import * as T from '../../uapi/linux/if_tun.ts'
import type { socket } from '../../net/socket.ts'
import { is_tap, type tun_file, tun_file_of, tun_priv, type tun_struct } from './tun_private.ts'

const NOTHING = new Uint8Array(0)

/** write(): one frame, or packet, with what the flags ask for before it. */
export function tun_sendmsg(sock: socket, { data }: SendMessage): number | Errno {
  const { tun } = tun_file_of(sock)
  if (tun === undefined) return EBADFD
  let rest = data
  let protocol = 0
  if (!(tun.flags & T.IFF_NO_PI)) {
    if (rest.length < T.TUN_PI_SIZE) return EINVAL
    protocol = getBe16(rest, 2)
    rest = rest.subarray(T.TUN_PI_SIZE)
  }
  const vnet_hdr_sz = vnet_size(tun)
  const vnet = vnet_hdr_sz === 0 ? undefined : virtio_net_hdr_parse(rest, vnet_hdr_sz)
  if (isErrno(vnet)) return vnet
  const error = receive(tun, rest.subarray(vnet_hdr_sz), protocol, vnet)
  return error ?? data.length
}
function vnet_size(tun: tun_struct): number {
  return tun.flags & T.IFF_VNET_HDR ? tun.vnet_hdr_sz : 0
}
function receive(tun: tun_struct, frame: Uint8Array, protocol: number, vnet: virtio_net_hdr | undefined): Errno | undefined {
  const { dev } = tun
  const hdr_len = vnet?.hdr_len ?? 0
  if (is_tap(tun) && (frame.length < ETH_HLEN || (hdr_len !== 0 && hdr_len < ETH_HLEN))) return EINVAL
  if (!is_tap(tun) && tun.flags & T.IFF_NO_PI) {
    const version = frame.length > 0 ? frame[0] >> 4 : 0
    if (version !== 4 && version !== 6) {
      dev_core_stats_rx_dropped_inc(dev)
      return EINVAL
    }
    protocol = version === 4 ? ETH_P_IP : ETH_P_IPV6
  }
  if (!(dev.flags & IFF_UP)) {
    dev_core_stats_rx_dropped_inc(dev)
    return EIO
  }
  const skb = dev_alloc_skb(dev, frame.length)
  skb.buf.set(frame, skb_put(skb, frame.length))
  const error = vnet === undefined ? undefined : virtio_net_hdr_to_skb(skb, vnet)
  if (isErrno(error)) {
    DEV_STATS_INC(dev, 'rx_frame_errors')
    kfree_skb(skb)
    return error
  }
  if (is_tap(tun)) {
    skb.protocol = eth_type_trans(skb, dev)
  } else {
    skb_reset_mac_header(skb)
    skb.protocol = protocol
    skb.dev = dev
  }
  skb_reset_network_header(skb)
  dev_sw_netstats_rx_add(dev, frame.length)
  netif_rx(skb)
  return undefined
}

/** ndo_start_xmit: into the queue of an open file, as far as it has room. */
export function tun_net_xmit(skb: sk_buff, dev: net_device): number {
  const tun = tun_priv(dev)
  const tfile = tun.tfiles[skb.queue_mapping % Math.max(1, tun.tfiles.length)]
  if (tfile === undefined || tfile.sk_receive_queue.qlen >= dev.tx_queue_len) {
    dev_core_stats_tx_dropped_inc(dev)
    kfree_skb(skb)
    return NETDEV_TX_OK
  }
  skb_tx_timestamp(skb)
  skb_orphan(skb)
  tfile.sk_receive_queue.push(skb)
  tfile.sk_socket?.watcher?.dataReady()
  return NETDEV_TX_OK
}
/** read(): the next frame, cut to the room given. */
export function tun_recvmsg(sock: socket, { size }: ReceiveRequest): ReceivedMessage | Errno {
  const tfile = tun_file_of(sock)
  const { tun } = tfile
  if (tun === undefined) return EBADFD
  const skb = tfile.sk_receive_queue.shift() as sk_buff | undefined
  if (skb === undefined) return EAGAIN
  const data = put_user(tun, skb, size)
  if (!isErrno(data)) dev_sw_netstats_tx_add(tun.dev, 1, skb.len)
  consume_skb(skb)
  if (isErrno(data)) return data
  const cut = data.subarray(0, size)
  return { data: cut, result: cut.length, name: NOTHING, control: NOTHING, flags: 0 }
}
/** tun_put_user(): a tag beside the bytes is put in; who has less room than the frame needs is told so in the first header. */
function put_user(tun: tun_struct, skb: sk_buff, size: number): Uint8Array | Errno {
  const pi = tun.flags & T.IFF_NO_PI ? 0 : T.TUN_PI_SIZE
  const { protocol } = skb
  if (skb.vlan_present) __vlan_hwaccel_push_inside(skb)
  const vnet = vnet_size(tun)
  if (size < pi + vnet) return EINVAL
  const header = vnet === 0 ? NOTHING : virtio_net_hdr_from_skb(skb, vnet)
  if (isErrno(header)) return header
  const out = new Uint8Array(pi + vnet + skb.len)
  if (pi !== 0) {
    put16(out, 0, out.length > size ? T.TUN_PKT_STRIP : 0)
    putBe16(out, 2, protocol)
  }
  out.set(header, pi)
  out.set(skb_bytes(skb), pi + vnet)
  return out
}
export function tun_queue_purge(tfile: tun_file): void {
  for (let skb = tfile.sk_receive_queue.shift(); skb !== undefined; skb = tfile.sk_receive_queue.shift()) kfree_skb(skb)
}
