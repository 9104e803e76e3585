/**
 * drivers/net/geneve.c geneve_open, geneve_xmit, geneve_rx: sockets, one for all devices of a port and family, and frames
 * in UDP behind geneve's header (RFC 8926): version and options' length, flags, protocol, network.
 */
import { getBe16, putBe16, putBe32 } from '../../lib/bytes.ts'
import { netif_rx } from '../../net/core/dev_receive.ts'
import { DEV_STATS_INC, dev_sw_netstats_rx_add } from '../../net/core/dev_stats.ts'
import {
  IP_TUNNEL_INFO_IPV6,
  IP_TUNNEL_INFO_TX,
  type ip_tunnel_key,
  metadata_dst,
  skb_tunnel_info,
  TUNNEL_CSUM,
  TUNNEL_DONT_FRAGMENT,
  TUNNEL_KEY,
} from '../../net/core/dst_metadata.ts'
import { INET_ECN_decapsulate, INET_ECN_encapsulate, ip_tunnel_get_dsfield, ip_tunnel_get_ttl } from '../../net/core/inet_ecn.ts'
import { type net_device, NETDEV_TX_OK } from '../../net/core/netdevice.ts'
import { skb_protocol, skb_vlan_inet_prepare } from '../../net/core/skb_vlan.ts'
import { kfree_skb, PACKET_HOST, type sk_buff, skb_cow, skb_pull, skb_push, skb_scrub_packet } from '../../net/core/skbuff.ts'
import { type udp_encap_ops, udp_tunnel_ops_of } from '../../net/core/udp_tunnel.ts'
import { eth_type_trans } from '../../net/ethernet/eth.ts'
import type { socket } from '../../net/socket.ts'
import { EAFNOSUPPORT, ELOOP, ENETUNREACH, type Errno, isErrno } from '../../uapi/errno.ts'
import { ETH_HLEN, ETH_P_IP, ETH_P_IPV6, ETH_P_TEB } from '../../uapi/linux/if_ether.ts'

import { AF_INET, AF_INET6 } from '../../uapi/linux/socket.ts'
import { type geneve_dev, geneve_priv, geneve_socks } from './geneve_private.ts'

const GENEVE_HLEN = 8
const GENEVE_CRITICAL = 0x40
const IP_DF = 0x4000
const GENEVE_DF_SET = 1
const GENEVE_DF_INHERIT = 2
/** Link, IPv6, UDP and geneve. */
const ROOM = 128 + 40 + 8 + GENEVE_HLEN

/** struct geneve_sock */
export class geneve_sock {
  readonly sock: socket
  readonly port: number
  readonly collect_md: boolean
  devs: geneve_dev[] = []
  constructor(sock: socket, port: number, collect_md: boolean) {
    this.sock = sock
    this.port = port
    this.collect_md = collect_md
  }
}

function sock_add(geneve: geneve_dev, family: number): Errno | undefined {
  const { net, cfg } = geneve
  const socks = geneve_socks(net)
  let gs = socks.find((other) => other.port === cfg.port && other.sock.family === family)
  if (gs === undefined) {
    const ops = udp_tunnel_ops_of(net)
    const use_udp6_rx_checksums = cfg.use_udp6_rx_checksums
    const sock = ops.udp_sock_create(net, { family, local_udp_port: cfg.port, bind_ifindex: 0, use_udp6_rx_checksums })
    if (isErrno(sock)) return sock
    gs = new geneve_sock(sock, cfg.port, cfg.collect_md)
    socks.push(gs)
    ops.setup_udp_tunnel_sock(sock, geneve_encap_ops, gs)
  }
  gs.devs.unshift(geneve)
  return undefined
}
function sock_release(geneve: geneve_dev): void {
  const socks = geneve_socks(geneve.net)
  for (const gs of [...socks]) {
    if (!gs.devs.includes(geneve)) continue
    gs.devs = gs.devs.filter((other) => other !== geneve)
    if (gs.devs.length > 0) continue
    socks.splice(socks.indexOf(gs), 1)
    udp_tunnel_ops_of(geneve.net).udp_tunnel_sock_release(gs.sock)
  }
}
/** Of both families where frames bring their ends with them; there a host without IPv6 does with IPv4. */
export function geneve_open(dev: net_device): Errno | undefined {
  const geneve = geneve_priv(dev)
  const { collect_md, remote } = geneve.cfg
  const ipv6 = collect_md || remote.length === 16
  let ipv4 = collect_md || !ipv6
  let error = ipv6 ? sock_add(geneve, AF_INET6) : undefined
  if (isErrno(error) && error !== EAFNOSUPPORT) ipv4 = false
  if (ipv4) error = sock_add(geneve, AF_INET)
  if (isErrno(error)) sock_release(geneve)
  return error
}
export function geneve_stop(dev: net_device): undefined {
  sock_release(geneve_priv(dev))
  return undefined
}

/** What the outer header takes from the inner one. */
function df_of(geneve: geneve_dev, skb: sk_buff): boolean {
  const { df } = geneve.cfg
  if (df !== GENEVE_DF_INHERIT) return df === GENEVE_DF_SET
  if (skb.protocol === ETH_P_IPV6) return true
  return skb.protocol === ETH_P_IP && (getBe16(skb.buf, skb.network_header + 6) & IP_DF) !== 0
}
function ttl_of(geneve: geneve_dev, skb: sk_buff): number {
  if (!geneve.cfg.ttl_inherit) return geneve.cfg.ttl
  return ip_tunnel_get_ttl(skb, skb.network_header, skb_protocol(skb))
}
function own_key(geneve: geneve_dev, skb: sk_buff, dsfield: number): ip_tunnel_key {
  const { cfg } = geneve
  return {
    tun_id: cfg.vni,
    src: new Uint8Array(0),
    dst: cfg.remote,
    tun_flags: (cfg.csum ? TUNNEL_CSUM : 0) | (df_of(geneve, skb) ? TUNNEL_DONT_FRAGMENT : 0),
    tos: cfg.tos === 1 ? dsfield : cfg.tos,
    ttl: ttl_of(geneve, skb),
    label: cfg.label,
    nhid: 0,
  }
}
function tx_error(skb: sk_buff, dev: net_device, error: Errno | undefined): number {
  if (error === ELOOP) DEV_STATS_INC(dev, 'collisions')
  else if (error === ENETUNREACH) DEV_STATS_INC(dev, 'tx_carrier_errors')
  DEV_STATS_INC(dev, 'tx_errors')
  kfree_skb(skb)
  return NETDEV_TX_OK
}
export function geneve_xmit(skb: sk_buff, dev: net_device): number {
  const geneve = geneve_priv(dev)
  const { net, cfg } = geneve
  if (!skb_vlan_inet_prepare(skb, cfg.inner_proto_inherit)) return tx_error(skb, dev, undefined)
  const dsfield = ip_tunnel_get_dsfield(skb, skb.network_header, skb_protocol(skb))
  const told = cfg.collect_md ? skb_tunnel_info(skb) : undefined
  if (cfg.collect_md && (told === undefined || !(told.mode & IP_TUNNEL_INFO_TX))) {
    DEV_STATS_INC(dev, 'tx_dropped')
    kfree_skb(skb)
    return NETDEV_TX_OK
  }
  const key = told?.key ?? own_key(geneve, skb, dsfield)
  const family = key.dst.length === 16 ? AF_INET6 : AF_INET
  if (!geneve_socks(net).some((gs) => gs.sock.family === family && gs.devs.includes(geneve))) return tx_error(skb, dev, undefined)
  const ops = udp_tunnel_ops_of(net)
  const sport = ops.flow_src_port(net, skb, 1, 0xffff)
  const length = skb.tail - skb.network_header
  const proto = cfg.inner_proto_inherit ? skb.protocol : ETH_P_TEB
  skb_cow(skb, ROOM)
  const at = skb_push(skb, GENEVE_HLEN)
  putBe16(skb.buf, at, 0)
  putBe16(skb.buf, at + 2, proto)
  putBe32(skb.buf, at + 4, (key.tun_id << 8) >>> 0)
  const result = ops.xmit(
    net,
    {
      skb,
      dev,
      length,
      saddr: key.src.length === key.dst.length ? key.src : new Uint8Array(key.dst.length),
      daddr: key.dst,
      sport,
      dport: cfg.port,
      ttl: key.ttl,
      tos: INET_ECN_encapsulate(key.tos, dsfield),
      label: key.label,
      df: (key.tun_flags & TUNNEL_DONT_FRAGMENT) !== 0,
      ifindex: 0,
      nocheck: (key.tun_flags & TUNNEL_CSUM) === 0,
    },
    false,
  )
  return isErrno(result) ? tx_error(skb, dev, result) : NETDEV_TX_OK
}

/** geneve_lookup(): by network and sender; a device that is controlled from outside takes all. */
function lookup(gs: geneve_sock, vni: number, saddr: Uint8Array): geneve_dev | undefined {
  if (gs.collect_md) return gs.devs.find(({ cfg }) => cfg.collect_md)
  return gs.devs.find(
    ({ cfg }) => cfg.vni === vni && cfg.remote.length === saddr.length && cfg.remote.every((byte, i) => byte === saddr[i]),
  )
}
function fail(dev: net_device, skb: sk_buff, ...fields: Parameters<typeof DEV_STATS_INC>[1][]): void {
  for (const field of fields) DEV_STATS_INC(dev, field)
  kfree_skb(skb)
}
function own_address(skb: sk_buff, dev: net_device): boolean {
  const at = skb.mac_header + 6
  return dev.dev_addr.subarray(0, 6).every((byte, i) => byte === skb.buf[at + i])
}
/** At skb.data is the header. */
export function geneve_udp_encap_recv(gs: geneve_sock, skb: sk_buff, saddr: Uint8Array): void {
  const { buf, data } = skb
  if (skb.len < GENEVE_HLEN || buf[data] >> 6 !== 0) return kfree_skb(skb)
  const vni = (buf[data + 4] << 16) | (buf[data + 5] << 8) | buf[data + 6]
  const geneve = lookup(gs, vni, saddr)
  if (geneve === undefined) return kfree_skb(skb)
  const { dev, cfg } = geneve
  const proto = getBe16(buf, data + 2)
  const critical = (buf[data + 1] & GENEVE_CRITICAL) !== 0
  if (!cfg.inner_proto_inherit && proto !== ETH_P_TEB) return fail(dev, skb, 'rx_dropped')
  const v6 = saddr.length === 16
  const nh = skb.network_header
  const outer = v6 ? (getBe16(buf, nh) >> 4) & 0xff : buf[nh + 1]
  const daddr = v6 ? buf.slice(nh + 24, nh + 40) : buf.slice(nh + 16, nh + 20)
  if (skb_pull(skb, GENEVE_HLEN + (buf[data] & 0x3f) * 4) === undefined) return fail(dev, skb, 'rx_dropped')
  skb_scrub_packet(skb, geneve.net !== dev.nd_net)
  skb.vlan_present = false
  skb.hash = 0
  if (critical && !gs.collect_md) return fail(dev, skb, 'rx_frame_errors', 'rx_errors')
  const mode = v6 ? IP_TUNNEL_INFO_IPV6 : 0
  if (gs.collect_md) skb.dst = new metadata_dst(vni, mode, { src: saddr, dst: daddr, tun_flags: TUNNEL_KEY })
  if (!into_device(skb, dev, proto)) return
  skb.network_header = skb.data
  if (INET_ECN_decapsulate(skb, skb.data, skb.protocol, outer) > 1) return fail(dev, skb, 'rx_frame_errors', 'rx_errors')
  const { len } = skb
  if (netif_rx(skb) === 0) dev_sw_netstats_rx_add(dev, len)
}
/** A frame, or a packet. False: it was dropped. */
function into_device(skb: sk_buff, dev: net_device, proto: number): boolean {
  if (proto === ETH_P_TEB) {
    if (skb.len < ETH_HLEN) {
      kfree_skb(skb)
      return false
    }
    skb.protocol = eth_type_trans(skb, dev)
    if (own_address(skb, dev)) {
      fail(dev, skb, 'rx_errors')
      return false
    }
  } else {
    skb.mac_header = skb.data
    skb.dev = dev
    skb.protocol = proto
    skb.pkt_type = PACKET_HOST
  }
  const short = skb.protocol === ETH_P_IP ? skb.len < 20 : skb.protocol === ETH_P_IPV6 && skb.len < 40
  if (short) fail(dev, skb, 'rx_length_errors', 'rx_errors')
  return !short
}
export const geneve_encap_ops: udp_encap_ops = { name: 'geneve_encap_ops', encap_rcv: geneve_udp_encap_recv }
