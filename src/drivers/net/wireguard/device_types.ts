/** drivers/net/wireguard/device.h, peer.h, allowedips.c: a device, its peers, and which addresses are whose. */
import type { net } from '../../../net/core/net_namespace.ts'
import { type net_device, netdev_priv } from '../../../net/core/netdevice.ts'
import type { sk_buff } from '../../../net/core/skbuff.ts'
import type { socket } from '../../../net/socket.ts'
import { WG_KEY_LEN } from '../../../uapi/linux/wireguard.ts'

/** struct allowedips_node, as far as it holds a peer: `ip` has 4 or 16 bytes, none behind `cidr`. */
export class allowedips_node {
  readonly ip: Uint8Array
  readonly cidr: number
  constructor(ip: Uint8Array, cidr: number) {
    this.ip = masked(ip, cidr)
    this.cidr = cidr
  }
}
function masked(ip: Uint8Array, cidr: number): Uint8Array {
  return ip.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, cidr - 8 * i))))
}

export class wg_peer {
  readonly public_key: Uint8Array
  preshared_key: Uint8Array = new Uint8Array(WG_KEY_LEN)
  /** struct sockaddr_in or sockaddr_in6; empty: none is known. */
  endpoint: Uint8Array = new Uint8Array(0)
  persistent_keepalive_interval = 0
  /** In the order in which they were given. */
  allowedips: allowedips_node[] = []
  /** Packets that wait for a handshake. */
  staged_packet_queue: sk_buff[] = []
  /** False once it was removed: a dump that stands at it ends. */
  listed = true
  constructor(public_key: Uint8Array) {
    this.public_key = public_key
  }
}

export class wg_device {
  dev!: net_device
  /** Where its sockets are; undefined once that is gone. */
  creating_net: net | undefined = undefined
  sock4: socket | undefined = undefined
  sock6: socket | undefined = undefined
  incoming_port = 0
  fwmark = 0
  has_identity = false
  static_private: Uint8Array = new Uint8Array(WG_KEY_LEN)
  static_public: Uint8Array = new Uint8Array(WG_KEY_LEN)
  peer_list: wg_peer[] = []
  device_update_gen = 1
}
export function wg_priv(dev: net_device): wg_device {
  return netdev_priv<wg_device>(dev)
}

export function same_bytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

/** wg_allowedips_insert_v4 and _v6: an address range belongs to one peer, the last that it was given to. */
export function wg_allowedips_insert(wg: wg_device, peer: wg_peer, ip: Uint8Array, cidr: number): void {
  const node = new allowedips_node(ip, cidr)
  for (const other of wg.peer_list) {
    other.allowedips = other.allowedips.filter((n) => n.cidr !== cidr || !same_bytes(n.ip, node.ip))
  }
  peer.allowedips.push(node)
}
/** wg_allowedips_lookup_dst: the longest match. */
export function wg_allowedips_lookup(wg: wg_device, ip: Uint8Array): wg_peer | undefined {
  let best: wg_peer | undefined
  let longest = -1
  for (const peer of wg.peer_list) {
    for (const { ip: of, cidr } of peer.allowedips) {
      if (cidr <= longest || of.length !== ip.length || !same_bytes(masked(ip, cidr), of)) continue
      best = peer
      longest = cidr
    }
  }
  return best
}

export function wg_pubkey_lookup(wg: wg_device, public_key: Uint8Array): wg_peer | undefined {
  return wg.peer_list.find((peer) => same_bytes(peer.public_key, public_key))
}
export function wg_peer_create(wg: wg_device, public_key: Uint8Array): wg_peer {
  const peer = new wg_peer(public_key.slice())
  wg.peer_list.push(peer)
  return peer
}
export function wg_peer_remove(wg: wg_device, peer: wg_peer): void {
  peer.listed = false
  peer.allowedips = []
  peer.staged_packet_queue = []
  wg.peer_list = wg.peer_list.filter((other) => other !== peer)
}
export function wg_peer_remove_all(wg: wg_device): void {
  for (const peer of wg.peer_list) wg_peer_remove(wg, peer)
}
