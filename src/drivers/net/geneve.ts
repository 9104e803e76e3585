/** drivers/net/geneve.c: frames (or packets) in UDP, by a network's number. */
import type { Kernel } from '../../kernel/kernel.ts'
import type { Attr, AttrTable } from '../../lib/attrs.ts'
import { getBe32, hex } from '../../lib/bytes.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { register_netdevice, unregister_netdevice_batch, unregister_netdevice_queue } from '../../net/core/dev.ts'
import { type net, type pernet_operations, register_pernet_device } from '../../net/core/net_namespace.ts'
import { type ethtool_drvinfo, type ethtool_ops, ethtool_op_get_link } from '../../net/core/ethtool_ops.ts'
import * as F from '../../net/core/netdev_features_bits.ts'
import {
  IFF_LIVE_ADDR_CHANGE,
  IFF_NO_QUEUE,
  IFF_TX_SKB_SHARING,
  IFF_XMIT_DST_RELEASE,
  type net_device,
  type net_device_ops,
} from '../../net/core/netdevice.ts'
import { rtnl_link_register } from '../../net/core/rtnetlink.ts'
import type { rtnl_link_ops } from '../../net/core/rtnl_link_ops.ts'
import { udp_tunnel_ops_of } from '../../net/core/udp_tunnel.ts'
import { eth_hw_addr_random, eth_mac_addr, eth_validate_addr, ether_setup, is_valid_ether_addr } from '../../net/ethernet/eth.ts'
import type { netlink_ext_ack } from '../../net/netlink/extack.ts'
import { NLA_FLAG, NLA_U8, NLA_U16, NLA_U32, NLA_UNSPEC, policy } from '../../net/netlink/policy.ts'
import { EADDRNOTAVAIL, EBUSY, EINVAL, EOPNOTSUPP, EPERM, ERANGE, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_NOARP, IFF_POINTOPOINT } from '../../uapi/linux/if.ts'
import { ARPHRD_NONE } from '../../uapi/linux/if_arp.ts'
import { ETH_ALEN, ETH_HLEN, ETH_MIN_MTU } from '../../uapi/linux/if_ether.ts'
import { IFLA_ADDRESS, IFLA_MTU } from '../../uapi/linux/if_link.ts'
import { geneve_open, geneve_stop, geneve_xmit } from './geneve_data.ts'
import { geneve_config, geneve_dev, geneve_priv } from './geneve_private.ts'
import * as G from '../../uapi/linux/if_link_geneve.ts'
import { ipv4_is_multicast } from '../../uapi/linux/in.ts'
import { __ipv6_addr_type, IPV6_ADDR_LINKLOCAL } from '../../uapi/linux/in6.ts'

const geneve_net_id = 'geneve'
const GENEVE_N_VID = 1 << 24
/** Headers of UDP and geneve. */
const GENEVE_BASE_HLEN = 16
const IP_MAX_MTU = 0xffff

/** The namespace's devices, wherever they live. */
function geneve_list(net: net): geneve_dev[] {
  return net.gen.get(geneve_net_id)
}
function over_ipv6(cfg: geneve_config): boolean {
  return cfg.remote.length === 16
}

/** Out of bounds is brought to the bound. */
export function geneve_change_mtu(dev: net_device, new_mtu: number): Errno | undefined {
  dev.mtu = Math.min(Math.max(new_mtu, dev.min_mtu), dev.max_mtu)
  return undefined
}
export const geneve_netdev_ops: net_device_ops = {
  name: 'geneve_netdev_ops',
  ndo_open: geneve_open,
  ndo_stop: geneve_stop,
  ndo_start_xmit: geneve_xmit,
  ndo_change_mtu: geneve_change_mtu,
  ndo_validate_addr: eth_validate_addr,
  ndo_set_mac_address: eth_mac_addr,
}
export function geneve_get_drvinfo(): ethtool_drvinfo {
  return { driver: 'geneve', version: '0.6' }
}
export const geneve_ethtool_ops: ethtool_ops = {
  name: 'geneve_ethtool_ops',
  get_drvinfo: geneve_get_drvinfo,
  get_link: ethtool_op_get_link,
}
export function geneve_setup(dev: net_device): void {
  ether_setup(dev)
  dev.priv = new geneve_dev()
  dev.netdev_ops = geneve_netdev_ops
  dev.ethtool_ops = geneve_ethtool_ops
  dev.needs_free_netdev = true
  const features = F.NETIF_F_SG | F.NETIF_F_HW_CSUM | F.NETIF_F_FRAGLIST | F.NETIF_F_RXCSUM | F.NETIF_F_GSO_SOFTWARE
  dev.features |= features
  dev.hw_features |= features
  dev.lltx = true
  dev.min_mtu = ETH_MIN_MTU
  dev.max_mtu = IP_MAX_MTU - GENEVE_BASE_HLEN - dev.hard_header_len
  dev.priv_flags &= ~(IFF_XMIT_DST_RELEASE | IFF_TX_SKB_SHARING)
  dev.priv_flags |= IFF_LIVE_ADDR_CHANGE | IFF_NO_QUEUE
  eth_hw_addr_random(dev)
}

export function geneve_validate(tb: AttrTable, data: AttrTable | undefined, extack: netlink_ext_ack): Errno | undefined {
  const address = tb.payload(IFLA_ADDRESS)
  if (address !== undefined) {
    const at = tb.at(IFLA_ADDRESS)
    if (address.length !== ETH_ALEN) return extack.fail(EINVAL, 'Provided link layer address is not Ethernet', at)
    if (!is_valid_ether_addr(address)) return extack.fail(EADDRNOTAVAIL, 'Provided Ethernet address is not unicast', at)
  }
  if (data === undefined) return extack.fail(EINVAL, 'Not enough attributes provided to perform the operation')
  if ((data.get(G.IFLA_GENEVE_ID) ?? 0) >= GENEVE_N_VID) {
    return extack.fail(ERANGE, 'Geneve ID must be lower than 16777216', data.at(G.IFLA_GENEVE_ID))
  }
  if ((data.get(G.IFLA_GENEVE_DF) ?? 0) > G.GENEVE_DF_MAX) return extack.fail(EINVAL, 'Invalid DF attribute', data.at(G.IFLA_GENEVE_DF))
  return undefined
}

/** Reads a request into `cfg`; for a change only what can be changed, in Linux's order of refusals. */
function geneve_nl2info(data: AttrTable, extack: netlink_ext_ack, cfg: geneve_config, changelink: boolean): Errno | undefined {
  return read_remote(data, extack, cfg, changelink) ?? read_header(data, extack, cfg, changelink) ?? read_udp(data, extack, cfg, changelink)
}
const CHANGE_NOT_SUPPORTED =
  'Changing VNI, Port, endpoint IP address family, external, inner_proto_inherit, and UDP checksum attributes are not supported'
function change_notsup(data: AttrTable, extack: netlink_ext_ack, a: Attr<any>): Errno {
  return extack.fail(EOPNOTSUPP, CHANGE_NOT_SUPPORTED, data.at(a))
}
function read_remote(data: AttrTable, extack: netlink_ext_ack, cfg: geneve_config, changelink: boolean): Errno | undefined {
  const remote = data.payload(G.IFLA_GENEVE_REMOTE)
  const remote6 = data.payload(G.IFLA_GENEVE_REMOTE6)
  if (remote !== undefined && remote6 !== undefined) {
    return extack.fail(EINVAL, 'Cannot specify both IPv4 and IPv6 Remote addresses')
  }
  if (remote !== undefined) {
    if (changelink && over_ipv6(cfg)) return change_notsup(data, extack, G.IFLA_GENEVE_REMOTE)
    cfg.remote = remote.slice(0, 4)
    if (ipv4_is_multicast(getBe32(remote, 0))) {
      return extack.fail(EINVAL, 'Remote IPv4 address cannot be Multicast', data.at(G.IFLA_GENEVE_REMOTE))
    }
  }
  if (remote6 === undefined) return undefined
  const at = data.at(G.IFLA_GENEVE_REMOTE6)
  if (changelink && !over_ipv6(cfg)) return change_notsup(data, extack, G.IFLA_GENEVE_REMOTE6)
  cfg.remote = remote6.slice(0, 16)
  if (__ipv6_addr_type(cfg.remote) & IPV6_ADDR_LINKLOCAL) return extack.fail(EINVAL, 'Remote IPv6 address cannot be link-local', at)
  if (cfg.remote[0] === 0xff) return extack.fail(EINVAL, 'Remote IPv6 address cannot be Multicast', at)
  cfg.csum = true
  cfg.use_udp6_rx_checksums = true
  return undefined
}
function read_header(data: AttrTable, extack: netlink_ext_ack, cfg: geneve_config, changelink: boolean): Errno | undefined {
  const vni = data.get(G.IFLA_GENEVE_ID)
  if (vni !== undefined) {
    if (changelink && vni !== cfg.vni) return change_notsup(data, extack, G.IFLA_GENEVE_ID)
    cfg.vni = vni
  }
  const ttl = data.get(G.IFLA_GENEVE_TTL)
  if (data.has(G.IFLA_GENEVE_TTL_INHERIT)) {
    cfg.ttl_inherit = data.get(G.IFLA_GENEVE_TTL_INHERIT) !== 0
  } else if (ttl !== undefined) {
    cfg.ttl = ttl
    cfg.ttl_inherit = false
  }
  cfg.tos = data.get(G.IFLA_GENEVE_TOS) ?? cfg.tos
  cfg.df = data.get(G.IFLA_GENEVE_DF) ?? cfg.df
  const label = data.get(G.IFLA_GENEVE_LABEL)
  if (label === undefined) return undefined
  cfg.label = label & 0xfffff
  if (cfg.label === 0 || over_ipv6(cfg)) return undefined
  return extack.fail(EINVAL, 'Label attribute only applies for IPv6 Geneve devices', data.at(G.IFLA_GENEVE_LABEL))
}
function read_udp(data: AttrTable, extack: netlink_ext_ack, cfg: geneve_config, changelink: boolean): Errno | undefined {
  const fixed = [
    G.IFLA_GENEVE_PORT,
    G.IFLA_GENEVE_COLLECT_METADATA,
    G.IFLA_GENEVE_UDP_CSUM,
    G.IFLA_GENEVE_UDP_ZERO_CSUM6_TX,
    G.IFLA_GENEVE_UDP_ZERO_CSUM6_RX,
    G.IFLA_GENEVE_INNER_PROTO_INHERIT,
  ]
  const refused = changelink ? fixed.find((a: Attr<any>) => data.has(a)) : undefined
  if (refused !== undefined) return change_notsup(data, extack, refused)
  cfg.port = data.get(G.IFLA_GENEVE_PORT) ?? cfg.port
  cfg.collect_md ||= data.has(G.IFLA_GENEVE_COLLECT_METADATA)
  if (data.get(G.IFLA_GENEVE_UDP_CSUM)) cfg.csum = true
  if (data.get(G.IFLA_GENEVE_UDP_ZERO_CSUM6_TX)) cfg.csum = false
  if (data.get(G.IFLA_GENEVE_UDP_ZERO_CSUM6_RX)) cfg.use_udp6_rx_checksums = false
  cfg.inner_proto_inherit ||= data.has(G.IFLA_GENEVE_INNER_PROTO_INHERIT)
  return undefined
}

/** Everything but the port and what the device does with packets is zero. */
function is_tnl_info_zero(cfg: geneve_config): boolean {
  return !(cfg.vni || cfg.csum || cfg.tos || cfg.ttl || cfg.label) && cfg.remote.every((byte) => byte === 0)
}
/** One device an end and number; where one is controlled from outside, it is the port's only one. */
function geneve_configure(net: net, dev: net_device, extack: netlink_ext_ack, cfg: geneve_config): Errno | undefined {
  if (cfg.collect_md && !is_tnl_info_zero(cfg)) {
    const text = 'Device is externally controlled, so attributes (VNI, Port, and so on) must not be specified'
    return extack.fail(EINVAL, text)
  }
  const geneve = geneve_priv(dev)
  geneve.net = net
  geneve.dev = dev
  const same_port = geneve_list(net).filter((other) => other.cfg.port === cfg.port)
  if (same_port.some((other) => other.cfg.vni === cfg.vni && padded(other.cfg) === padded(cfg))) return EBUSY
  const iphdr = !cfg.collect_md && !over_ipv6(cfg) ? 20 : 40
  dev.max_mtu -= iphdr
  dev.needed_headroom = GENEVE_BASE_HLEN + ETH_HLEN + iphdr + ETH_HLEN
  if (cfg.collect_md && same_port.length > 0) {
    return extack.fail(EPERM, 'There can be only one externally controlled device on a destination port')
  }
  if (!cfg.collect_md && same_port.at(-1)?.cfg.collect_md) {
    return extack.fail(EPERM, 'There already exists an externally controlled device on this destination port')
  }
  geneve.cfg = cfg
  if (cfg.inner_proto_inherit) {
    dev.header_ops = undefined
    dev.type = ARPHRD_NONE
    dev.hard_header_len = 0
    dev.addr_len = 0
    dev.flags = IFF_POINTOPOINT | IFF_NOARP
  }
  const error = register_netdevice(dev)
  if (isErrno(error)) return error
  geneve_list(net).unshift(geneve)
  return undefined
}
function padded({ remote }: geneve_config): string {
  return hex(remote).padEnd(32, '0')
}

/** The MTU that the route to the other end leaves, set silently. */
function geneve_link_config(dev: net_device, cfg: geneve_config, tb: AttrTable): void {
  const mtu = tb.get(IFLA_MTU)
  if (mtu !== undefined) {
    geneve_change_mtu(dev, mtu)
    return
  }
  const { net } = geneve_priv(dev)
  if (over_ipv6(cfg) && dev.ip6_ptr === undefined) return
  const ldev = udp_tunnel_ops_of(net).lower_dev(net, cfg.remote)
  const ldev_mtu = ldev === undefined ? 0 : ldev.mtu - ETH_HLEN - GENEVE_BASE_HLEN - (over_ipv6(cfg) ? 40 : 20)
  if (ldev_mtu > 0) geneve_change_mtu(dev, ldev_mtu)
}

export function geneve_newlink(
  net: net,
  dev: net_device,
  tb: AttrTable,
  data: AttrTable | undefined,
  extack: netlink_ext_ack,
): Errno | undefined {
  if (data === undefined) return EINVAL
  const cfg = new geneve_config()
  const error = geneve_nl2info(data, extack, cfg, false) ?? geneve_configure(net, dev, extack, cfg)
  if (isErrno(error)) return error
  geneve_link_config(dev, cfg, tb)
  return undefined
}
export function geneve_changelink(dev: net_device, tb: AttrTable, data: AttrTable | undefined, extack: netlink_ext_ack): Errno | undefined {
  const geneve = geneve_priv(dev)
  if (geneve.cfg.collect_md || data === undefined) return EOPNOTSUPP
  const cfg = Object.assign(new geneve_config(), geneve.cfg)
  const error = geneve_nl2info(data, extack, cfg, true)
  if (isErrno(error)) return error
  if (hex(cfg.remote) !== hex(geneve.cfg.remote)) geneve_link_config(dev, cfg, tb)
  geneve.cfg = cfg
  return undefined
}
function forget(dev: net_device): void {
  const list = geneve_list(geneve_priv(dev).net)
  const at = list.indexOf(geneve_priv(dev))
  if (at >= 0) list.splice(at, 1)
}
export function geneve_dellink(dev: net_device, list: net_device[]): void {
  forget(dev)
  unregister_netdevice_queue(dev, list)
}
export function geneve_get_link_net(dev: net_device): net {
  return geneve_priv(dev).net
}
export function geneve_fill_info(skb: MessageBuilder, dev: net_device): void {
  const { cfg } = geneve_priv(dev)
  skb.put(G.IFLA_GENEVE_ID, cfg.vni)
  if (!cfg.collect_md && !over_ipv6(cfg)) {
    skb.put(G.IFLA_GENEVE_REMOTE, cfg.remote)
    skb.put(G.IFLA_GENEVE_UDP_CSUM, cfg.csum ? 1 : 0)
  } else if (!cfg.collect_md) {
    skb.put(G.IFLA_GENEVE_REMOTE6, cfg.remote)
    skb.put(G.IFLA_GENEVE_UDP_ZERO_CSUM6_TX, cfg.csum ? 0 : 1)
  }
  skb.put(G.IFLA_GENEVE_TTL, cfg.ttl)
  skb.put(G.IFLA_GENEVE_TOS, cfg.tos)
  skb.put(G.IFLA_GENEVE_LABEL, cfg.label)
  skb.put(G.IFLA_GENEVE_DF, cfg.df)
  skb.put(G.IFLA_GENEVE_PORT, cfg.port)
  if (cfg.collect_md) skb.put(G.IFLA_GENEVE_COLLECT_METADATA, true)
  skb.put(G.IFLA_GENEVE_UDP_ZERO_CSUM6_RX, cfg.use_udp6_rx_checksums ? 0 : 1)
  skb.put(G.IFLA_GENEVE_TTL_INHERIT, cfg.ttl_inherit ? 1 : 0)
  if (cfg.inner_proto_inherit) skb.put(G.IFLA_GENEVE_INNER_PROTO_INHERIT, true)
}

export const geneve_policy = policy(
  G.IFLA_GENEVE,
  {
    IFLA_GENEVE_ID: NLA_U32,
    IFLA_GENEVE_REMOTE: NLA_UNSPEC(4),
    IFLA_GENEVE_REMOTE6: NLA_UNSPEC(16),
    IFLA_GENEVE_TTL: NLA_U8,
    IFLA_GENEVE_TOS: NLA_U8,
    IFLA_GENEVE_LABEL: NLA_U32,
    IFLA_GENEVE_PORT: NLA_U16,
    IFLA_GENEVE_COLLECT_METADATA: NLA_FLAG,
    IFLA_GENEVE_UDP_CSUM: NLA_U8,
    IFLA_GENEVE_UDP_ZERO_CSUM6_TX: NLA_U8,
    IFLA_GENEVE_UDP_ZERO_CSUM6_RX: NLA_U8,
    IFLA_GENEVE_TTL_INHERIT: NLA_U8,
    IFLA_GENEVE_DF: NLA_U8,
    IFLA_GENEVE_INNER_PROTO_INHERIT: NLA_FLAG,
  },
  { strict_start_type: 14 },
)
export const geneve_link_ops: rtnl_link_ops = {
  kind: 'geneve',
  policy: geneve_policy,
  setup: geneve_setup,
  validate: geneve_validate,
  newlink: geneve_newlink,
  changelink: geneve_changelink,
  dellink: geneve_dellink,
  fill_info: geneve_fill_info,
  get_link_net: geneve_get_link_net,
}

export function geneve_init_net(net: net): Errno | undefined {
  net.gen.set(geneve_net_id, [])
  return undefined
}
/** The namespace's own tunnels, wherever their devices live; those of others that live here move or go with the device core. */
export function geneve_exit_batch_net(nets: net[]): void {
  const list: net_device[] = []
  for (const net of nets) for (const geneve of [...geneve_list(net)]) geneve_dellink(geneve.dev, list)
  unregister_netdevice_batch(list)
}
export const geneve_net_ops: pernet_operations = { name: 'geneve_net_ops', init: geneve_init_net, exit_batch: geneve_exit_batch_net }

export function geneve_init_module(kernel: Kernel): Errno | undefined {
  return register_pernet_device(kernel, geneve_net_ops) ?? rtnl_link_register(kernel, geneve_link_ops)
}
