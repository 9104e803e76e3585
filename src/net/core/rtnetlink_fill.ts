/**
 * net/core/rtnetlink.c rtnl_fill_ifinfo: a link as a message. The order of the attributes is Linux 6.12's, and programs
 * see it. Written with plain stores: a dump of many links spends its time here.
 */
import { put16, put32, put64, putString } from '../../lib/bytes.ts'
import { type MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { isErrno } from '../../uapi/errno.ts'
import {
  IF_OPER_DOWN,
  IFLA_ADDRESS,
  IFLA_AF_SPEC,
  IFLA_ALLMULTI,
  IFLA_ALT_IFNAME,
  IFLA_BROADCAST,
  IFLA_CARRIER,
  IFLA_CARRIER_CHANGES,
  IFLA_CARRIER_DOWN_COUNT,
  IFLA_CARRIER_UP_COUNT,
  IFLA_DEVLINK_PORT,
  IFLA_DPLL_PIN,
  IFLA_EVENT,
  IFLA_GRO_IPV4_MAX_SIZE,
  IFLA_GRO_MAX_SIZE,
  IFLA_GROUP,
  IFLA_GSO_IPV4_MAX_SIZE,
  IFLA_GSO_MAX_SEGS,
  IFLA_GSO_MAX_SIZE,
  IFLA_IFALIAS,
  IFLA_IFNAME,
  IFLA_INFO_DATA,
  IFLA_INFO_KIND,
  IFLA_INFO_SLAVE_DATA,
  IFLA_INFO_SLAVE_KIND,
  IFLA_LINK,
  IFLA_LINK_NETNSID,
  IFLA_LINKINFO,
  IFLA_LINKMODE,
  IFLA_MAP,
  IFLA_MASTER,
  IFLA_MAX_MTU,
  IFLA_MIN_MTU,
  IFLA_MTU,
  IFLA_NEW_IFINDEX,
  IFLA_NEW_NETNSID,
  IFLA_NUM_RX_QUEUES,
  IFLA_NUM_TX_QUEUES,
  IFLA_NUM_VF,
  IFLA_OPERSTATE,
  IFLA_PARENT_DEV_BUS_NAME,
  IFLA_PARENT_DEV_NAME,
  IFLA_PERM_ADDRESS,
  IFLA_PHYS_PORT_NAME,
  IFLA_PROMISCUITY,
  IFLA_PROP_LIST,
  IFLA_PROTO_DOWN,
  IFLA_PROTO_DOWN_REASON,
  IFLA_PROTO_DOWN_REASON_VALUE,
  IFLA_QDISC,
  IFLA_STATS,
  IFLA_STATS64,
  IFLA_TARGET_NETNSID,
  IFLA_TSO_MAX_SEGS,
  IFLA_TSO_MAX_SIZE,
  IFLA_TXQLEN,
  IFLA_XDP,
  IFLA_XDP_ATTACHED,
  type LinkStatName,
  RTEXT_FILTER_VF,
  rtnl_link_ifmap,
  rtnl_link_stats,
  rtnl_link_stats64,
  XDP_ATTACHED_NONE,
} from '../../uapi/linux/if_link.ts'
import { ifinfomsg } from '../../uapi/linux/rtnetlink.ts'
import { dev_get_flags, dev_get_stats, netdev_master_upper_dev_get } from './dev.ts'
import { dev_get_iflink } from './dev_state.ts'
import { netif_carrier_ok, netif_running } from './link_watch.ts'
import type { net } from './net_namespace.ts'
import type { net_device } from './netdevice.ts'
import { peernet2id_alloc } from './rtnl_netns.ts'

/** What goes into the message beside the device. */
export interface ifinfo_request {
  type: number
  portid: number
  seq: number
  change: number
  flags: number
  ext_filter_mask: number
  /** The namespace id that the request named, or -1. */
  tgt_netnsid: number
  event?: number
  new_nsid?: number
  new_ifindex?: number
}

/** False when it did not fit: then nothing was written. `src_net` is the reader's, which namespace ids are told in. */
export function rtnl_fill_ifinfo(skb: MessageBuilder, dev: net_device, src_net: net, req: ifinfo_request): boolean {
  skb.begin(req.type, req.flags, req.seq, req.portid)
  put_ifinfomsg(skb, dev, req.change)
  if (req.tgt_netnsid >= 0) put_u32(skb, IFLA_TARGET_NETNSID.nr, req.tgt_netnsid)
  fill_settings(skb, dev)
  fill_carrier(skb, dev)
  if (req.event !== undefined) put_u32(skb, IFLA_EVENT.nr, req.event)
  fill_addresses(skb, dev)
  rtnl_fill_stats(skb, dev)
  rtnl_fill_vf(skb, dev, req.ext_filter_mask)
  rtnl_xdp_fill(skb)
  rtnl_link_fill(skb, dev)
  if (req.new_nsid !== undefined) put_u32(skb, IFLA_NEW_NETNSID.nr, req.new_nsid)
  if (req.new_ifindex !== undefined) put_u32(skb, IFLA_NEW_IFINDEX.nr, req.new_ifindex)
  if (!is_zero(dev.perm_addr, dev.addr_len)) put_address(skb, IFLA_PERM_ADDRESS.nr, dev.perm_addr, dev.addr_len)
  const put_iflink = rtnl_fill_link_netnsid(skb, dev, src_net)
  put_iflink_attr(skb, dev, put_iflink)
  if (dev.qdisc !== undefined) put_string(skb, IFLA_QDISC.nr, dev.qdisc.ops.id)
  rtnl_fill_link_af(skb, dev, req.ext_filter_mask)
  rtnl_fill_link_ifmap(skb, dev)
  rtnl_fill_prop_list(skb, dev)
  if (dev.parent !== undefined) {
    put_string(skb, IFLA_PARENT_DEV_NAME.nr, dev.parent.name)
    put_string(skb, IFLA_PARENT_DEV_BUS_NAME.nr, dev.parent.bus)
  }
  // Devices without a devlink port or a DPLL pin show the nests empty.
  skb.nestEnd(skb.nest(IFLA_DEVLINK_PORT))
  skb.nestEnd(skb.nest(IFLA_DPLL_PIN))
  return skb.end()
}

function put_ifinfomsg(skb: MessageBuilder, dev: net_device, change: number): void {
  const o = skb.room(ifinfomsg.size)
  if (o < 0) return
  put16(skb.buf, o + 2, dev.type)
  put32(skb.buf, o + 4, dev.ifindex)
  put32(skb.buf, o + 8, dev_get_flags(dev))
  put32(skb.buf, o + 12, change)
}

function fill_settings(skb: MessageBuilder, dev: net_device): void {
  put_string(skb, IFLA_IFNAME.nr, dev.name)
  put_u32(skb, IFLA_TXQLEN.nr, dev.tx_queue_len)
  put_u8(skb, IFLA_OPERSTATE.nr, netif_running(dev) ? dev.operstate : IF_OPER_DOWN)
  put_u8(skb, IFLA_LINKMODE.nr, dev.link_mode)
  put_u32(skb, IFLA_MTU.nr, dev.mtu)
  put_u32(skb, IFLA_MIN_MTU.nr, dev.min_mtu)
  put_u32(skb, IFLA_MAX_MTU.nr, dev.max_mtu)
  put_u32(skb, IFLA_GROUP.nr, dev.group)
  put_u32(skb, IFLA_PROMISCUITY.nr, dev.promiscuity)
  put_u32(skb, IFLA_ALLMULTI.nr, dev.allmulti)
  put_u32(skb, IFLA_NUM_TX_QUEUES.nr, dev.num_tx_queues)
  put_u32(skb, IFLA_GSO_MAX_SEGS.nr, dev.gso_max_segs)
  put_u32(skb, IFLA_GSO_MAX_SIZE.nr, dev.gso_max_size)
  put_u32(skb, IFLA_GRO_MAX_SIZE.nr, dev.gro_max_size)
  put_u32(skb, IFLA_GSO_IPV4_MAX_SIZE.nr, dev.gso_ipv4_max_size)
  put_u32(skb, IFLA_GRO_IPV4_MAX_SIZE.nr, dev.gro_ipv4_max_size)
  put_u32(skb, IFLA_TSO_MAX_SIZE.nr, dev.tso_max_size)
  put_u32(skb, IFLA_TSO_MAX_SEGS.nr, dev.tso_max_segs)
  put_u32(skb, IFLA_NUM_RX_QUEUES.nr, dev.num_rx_queues)
}

function fill_carrier(skb: MessageBuilder, dev: net_device): void {
  const master = netdev_master_upper_dev_get(dev)
  if (master !== undefined) put_u32(skb, IFLA_MASTER.nr, master.ifindex)
  put_u8(skb, IFLA_CARRIER.nr, netif_carrier_ok(dev) ? 1 : 0)
  if (dev.ifalias !== undefined) put_string(skb, IFLA_IFALIAS.nr, dev.ifalias)
  put_u32(skb, IFLA_CARRIER_CHANGES.nr, dev.carrier_up_count + dev.carrier_down_count)
  put_u32(skb, IFLA_CARRIER_UP_COUNT.nr, dev.carrier_up_count)
  put_u32(skb, IFLA_CARRIER_DOWN_COUNT.nr, dev.carrier_down_count)
  put_u8(skb, IFLA_PROTO_DOWN.nr, dev.proto_down ? 1 : 0)
  if (dev.proto_down_reason === 0) return
  const nest = skb.nest(IFLA_PROTO_DOWN_REASON)
  put_u32(skb, IFLA_PROTO_DOWN_REASON_VALUE.nr, dev.proto_down_reason)
  skb.nestEnd(nest)
}

function fill_addresses(skb: MessageBuilder, dev: net_device): void {
  if (dev.addr_len > 0) {
    put_address(skb, IFLA_ADDRESS.nr, dev.dev_addr, dev.addr_len)
    put_address(skb, IFLA_BROADCAST.nr, dev.broadcast, dev.addr_len)
  }
  const name = dev.netdev_ops.ndo_get_phys_port_name?.(dev)
  if (name !== undefined && !isErrno(name)) put_string(skb, IFLA_PHYS_PORT_NAME.nr, name)
}

/** 64 bits first, then the same counters cut to 32 (and one fewer: rx_otherhost_dropped came later). */
function rtnl_fill_stats(skb: MessageBuilder, dev: net_device): void {
  const o64 = skb.reserve(IFLA_STATS64.nr, rtnl_link_stats64.size)
  const o32 = skb.reserve(IFLA_STATS.nr, rtnl_link_stats.size)
  if (o64 < 0 || o32 < 0) return
  const stats = dev_get_stats(dev)
  for (let i = 0; i < stat_names.length; i++) {
    const value = stats[stat_names[i]]
    if (value === 0) continue
    put64(skb.buf, o64 + i * 8, value)
    if (i < rtnl_link_stats.fields.length) put32(skb.buf, o32 + i * 4, value % 4294967296)
  }
}
const stat_names = rtnl_link_stats64.fields.map((f) => f.name as LinkStatName)

export function rtnl_put_stats64(skb: MessageBuilder, nr: number, dev: net_device): void {
  const o = skb.reserve(nr, rtnl_link_stats64.size)
  if (o < 0) return
  const stats = dev_get_stats(dev)
  for (let i = 0; i < stat_names.length; i++) if (stats[stat_names[i]] !== 0) put64(skb.buf, o + i * 8, stats[stat_names[i]])
}

/** Only devices of a bus can have virtual functions; none of ours has any. */
function rtnl_fill_vf(skb: MessageBuilder, dev: net_device, ext_filter_mask: number): void {
  if (dev.parent !== undefined && (ext_filter_mask & RTEXT_FILTER_VF) !== 0) put_u32(skb, IFLA_NUM_VF.nr, 0)
}

function rtnl_xdp_fill(skb: MessageBuilder): void {
  const nest = skb.nestNoflag(IFLA_XDP)
  put_u8(skb, IFLA_XDP_ATTACHED.nr, XDP_ATTACHED_NONE)
  skb.nestEnd(nest)
}

/** IFLA_LINKINFO: the kind with its data, and the master's kind with what it says of this slave. */
function rtnl_link_fill(skb: MessageBuilder, dev: net_device): void {
  const ops = dev.rtnl_link_ops
  const master = netdev_master_upper_dev_get(dev)
  const m_ops = master?.rtnl_link_ops
  if (ops === undefined && m_ops === undefined) return
  const linkinfo = skb.nestNoflag(IFLA_LINKINFO)
  if (ops !== undefined) {
    put_string(skb, IFLA_INFO_KIND.nr, ops.kind)
    ops.fill_xstats?.(skb, dev)
    if (ops.fill_info !== undefined) {
      const data = skb.nestNoflag(IFLA_INFO_DATA)
      ops.fill_info(skb, dev)
      skb.nestEnd(data)
    }
  }
  if (master !== undefined && m_ops !== undefined) {
    put_string(skb, IFLA_INFO_SLAVE_KIND.nr, m_ops.kind)
    if (m_ops.fill_slave_info !== undefined) {
      const data = skb.nestNoflag(IFLA_INFO_SLAVE_DATA)
      m_ops.fill_slave_info(skb, master, dev)
      skb.nestEnd(data)
    }
  }
  skb.nestEnd(linkinfo)
}

/** True when the lower device lives elsewhere: then IFLA_LINK is written even if it equals the index. */
function rtnl_fill_link_netnsid(skb: MessageBuilder, dev: net_device, src_net: net): boolean {
  const link_net = dev.rtnl_link_ops?.get_link_net?.(dev)
  if (link_net === undefined || link_net === dev.nd_net) return false
  put_u32(skb, IFLA_LINK_NETNSID.nr, peernet2id_alloc(src_net, link_net))
  return true
}
function put_iflink_attr(skb: MessageBuilder, dev: net_device, force: boolean): void {
  const iflink = dev_get_iflink(dev)
  if (force || iflink !== dev.ifindex) put_u32(skb, IFLA_LINK.nr, iflink)
}

/** A family that has nothing on this device leaves no nest; IFLA_AF_SPEC itself stays, empty. */
function rtnl_fill_link_af(skb: MessageBuilder, dev: net_device, ext_filter_mask: number): void {
  const spec = skb.nestNoflag(IFLA_AF_SPEC)
  for (const af of dev.nd_net.kernel.rtnl.af_ops) {
    if (af.fill_link_af === undefined) continue
    const nest = skb.nestNoflag(af.family)
    if (isErrno(af.fill_link_af(skb, dev, ext_filter_mask))) skb.nestCancel(nest)
    else skb.nestEnd(nest)
  }
  skb.nestEnd(spec)
}

function rtnl_fill_link_ifmap(skb: MessageBuilder, dev: net_device): void {
  const o = skb.reserve(IFLA_MAP.nr, rtnl_link_ifmap.size)
  if (o < 0) return
  put64(skb.buf, o, dev.mem_start)
  put64(skb.buf, o + 8, dev.mem_end)
  put64(skb.buf, o + 16, dev.base_addr)
  put16(skb.buf, o + 24, dev.irq)
  skb.buf[o + 26] = dev.dma
  skb.buf[o + 27] = dev.if_port
}

function rtnl_fill_prop_list(skb: MessageBuilder, dev: net_device): void {
  if (dev.altnames.length === 0) return
  const nest = skb.nest(IFLA_PROP_LIST)
  for (const name of dev.altnames) put_string(skb, IFLA_ALT_IFNAME.nr, name)
  skb.nestEnd(nest)
}

function put_u32(skb: MessageBuilder, nr: number, value: number): void {
  const o = skb.reserve(nr, 4)
  if (o >= 0) put32(skb.buf, o, value)
}
function put_u8(skb: MessageBuilder, nr: number, value: number): void {
  const o = skb.reserve(nr, 1)
  if (o >= 0) skb.buf[o] = value
}
function put_string(skb: MessageBuilder, nr: number, value: string): void {
  const o = skb.reserve(nr, value.length + 1)
  if (o >= 0) putString(skb.buf, o, value)
}
function put_address(skb: MessageBuilder, nr: number, value: Uint8Array, length: number): void {
  const o = skb.reserve(nr, length)
  if (o < 0) return
  for (let i = 0; i < length; i++) skb.buf[o + i] = value[i]
}
function is_zero(bytes: Uint8Array, length: number): boolean {
  for (let i = 0; i < length; i++) if (bytes[i] !== 0) return false
  return true
}

/**
 * if_nlmsg_size(): what Linux sets aside for a link's message: each attribute at its largest, whether it will be written
 * or not. Decides how large a dump's buffers are.
 */
export function if_nlmsg_size(dev: net_device, ext_filter_mask: number): number {
  const nla = (n: number) => 4 + ((n + 3) & ~3)
  const kind = dev.rtnl_link_ops?.kind
  let size = NLMSG_HDRLEN + ifinfomsg.size + nla(16) + nla(256) + nla(32) + nla(rtnl_link_ifmap.size) + nla(rtnl_link_stats.size)
  size += nla(rtnl_link_stats64.size) + 2 * nla(32) + 27 * nla(4)
  if (kind !== undefined) size += nla(0) + nla(kind.length + 1)
  for (const af of dev.nd_net.kernel.rtnl.af_ops) size += nla(0) + (af.get_link_af_size?.(dev, ext_filter_mask) ?? 0)
  if (dev.altnames.length > 0) size += nla(0) + dev.altnames.length * nla(128)
  return size
}
