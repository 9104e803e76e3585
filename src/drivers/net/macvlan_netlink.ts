/** drivers/net/macvlan.c: macvlan by request; macvtap shares all of it. */
import { type AttrTable, eachAttr } from '../../lib/attrs.ts'
import { get16 } from '../../lib/bytes.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import {
  __dev_get_by_index,
  dev_set_promiscuity,
  linkwatch_fire_event,
  netdev_upper_dev_link,
  netdev_upper_dev_unlink,
  netif_stacked_transfer_operstate,
  register_netdevice,
  unregister_netdevice,
  unregister_netdevice_queue,
} from '../../net/core/dev.ts'
import type { net } from '../../net/core/net_namespace.ts'
import { IFF_MACVLAN, type net_device } from '../../net/core/netdevice.ts'
import { eth_hw_addr_random, eth_hw_addr_set, is_valid_ether_addr } from '../../net/ethernet/eth.ts'
import type { netlink_ext_ack } from '../../net/netlink/extack.ts'
import { NLA_BINARY, NLA_NESTED, NLA_REJECT, NLA_S32, NLA_U16, NLA_U32, policy } from '../../net/netlink/policy.ts'
import { EADDRNOTAVAIL, EINVAL, ENODEV, type Errno, isErrno } from '../../uapi/errno.ts'
import { ETH_ALEN, ETH_MIN_MTU } from '../../uapi/linux/if_ether.ts'
import { IFLA_ADDRESS, IFLA_LINK, IFLA_MTU } from '../../uapi/linux/if_link.ts'
import {
  IFLA_MACVLAN,
  IFLA_MACVLAN_BC_CUTOFF,
  IFLA_MACVLAN_BC_QUEUE_LEN,
  IFLA_MACVLAN_BC_QUEUE_LEN_USED,
  IFLA_MACVLAN_FLAGS,
  IFLA_MACVLAN_MACADDR,
  IFLA_MACVLAN_MACADDR_COUNT,
  IFLA_MACVLAN_MACADDR_DATA,
  IFLA_MACVLAN_MACADDR_MODE,
  IFLA_MACVLAN_MODE,
  MACVLAN_FLAG_NODST,
  MACVLAN_FLAG_NOPROMISC,
  MACVLAN_MACADDR_ADD,
  MACVLAN_MACADDR_DEL,
  MACVLAN_MACADDR_FLUSH,
  MACVLAN_MACADDR_SET,
  MACVLAN_MODE_BRIDGE,
  MACVLAN_MODE_PASSTHRU,
  MACVLAN_MODE_PRIVATE,
  MACVLAN_MODE_SOURCE,
  MACVLAN_MODE_VEPA,
} from '../../uapi/linux/if_link_stacked.ts'
import { validate_ether_address } from './link_address.ts'
import {
  macvlan_dev_of,
  macvlan_flush_sources,
  macvlan_hash_add_source,
  macvlan_hash_del_source,
  macvlan_port_create,
  macvlan_port_destroy,
  macvlan_port_get,
  macvlan_sources,
  netif_is_macvlan_port,
} from './macvlan_port.ts'

const MODES = [MACVLAN_MODE_PRIVATE, MACVLAN_MODE_VEPA, MACVLAN_MODE_BRIDGE, MACVLAN_MODE_PASSTHRU, MACVLAN_MODE_SOURCE]
const MACADDR_MODES = [MACVLAN_MACADDR_ADD, MACVLAN_MACADDR_DEL, MACVLAN_MACADDR_FLUSH, MACVLAN_MACADDR_SET]

export const macvlan_policy = policy(
  IFLA_MACVLAN,
  {
    IFLA_MACVLAN_MODE: NLA_U32,
    IFLA_MACVLAN_FLAGS: NLA_U16,
    IFLA_MACVLAN_MACADDR_MODE: NLA_U32,
    IFLA_MACVLAN_MACADDR: NLA_BINARY(32),
    IFLA_MACVLAN_MACADDR_DATA: NLA_NESTED(),
    IFLA_MACVLAN_MACADDR_COUNT: NLA_U32,
    IFLA_MACVLAN_BC_QUEUE_LEN: NLA_U32,
    IFLA_MACVLAN_BC_QUEUE_LEN_USED: NLA_REJECT(),
    IFLA_MACVLAN_BC_CUTOFF: NLA_S32,
  },
  { name: 'macvlan_policy' },
)

export function macvlan_validate(tb: AttrTable, data: AttrTable | undefined): Errno | undefined {
  const error = validate_ether_address(tb)
  if (isErrno(error) || data === undefined) return error
  if ((data.get(IFLA_MACVLAN_FLAGS) ?? 0) & ~(MACVLAN_FLAG_NOPROMISC | MACVLAN_FLAG_NODST)) return EINVAL
  const mode = data.get(IFLA_MACVLAN_MODE)
  if (mode !== undefined && !MODES.includes(mode)) return EINVAL
  const macmode = data.get(IFLA_MACVLAN_MACADDR_MODE)
  if (macmode !== undefined && !MACADDR_MODES.includes(macmode)) return EINVAL
  const addr = data.payload(IFLA_MACVLAN_MACADDR)
  if (addr !== undefined && addr.length !== ETH_ALEN) return EINVAL
  if (addr !== undefined && !is_valid_ether_addr(addr)) return EADDRNOTAVAIL
  return data.has(IFLA_MACVLAN_MACADDR_COUNT) ? EINVAL : validate_sources(data)
}
/** Nothing but addresses, and such as a station can have. */
function validate_sources(data: AttrTable): Errno | undefined {
  const at = data.at(IFLA_MACVLAN_MACADDR_DATA)
  if (at === 0) return undefined
  let error: Errno | undefined
  eachAttr(data.buf, at + 4, at + get16(data.buf, at), (nr, o) => {
    if (nr !== IFLA_MACVLAN_MACADDR.nr || get16(data.buf, o) - 4 !== ETH_ALEN) error ??= EINVAL
    else if (!is_valid_ether_addr(data.buf.subarray(o + 4, o + 4 + ETH_ALEN))) error ??= EADDRNOTAVAIL
  })
  return error
}

/** macvlan_changelink_sources() */
function change_sources(dev: net_device, macmode: number, data: AttrTable): Errno | undefined {
  const addr = data.payload(IFLA_MACVLAN_MACADDR)
  if (macmode === MACVLAN_MACADDR_ADD || macmode === MACVLAN_MACADDR_DEL) {
    if (addr === undefined) return EINVAL
    if (macmode === MACVLAN_MACADDR_ADD) macvlan_hash_add_source(dev, addr)
    else macvlan_hash_del_source(dev, addr)
    return undefined
  }
  macvlan_flush_sources(dev)
  return macmode === MACVLAN_MACADDR_SET ? set_sources(dev, data) : undefined
}
/** What is no address is passed over; one that no station can have ends it. */
function set_sources(dev: net_device, data: AttrTable): Errno | undefined {
  const at = data.at(IFLA_MACVLAN_MACADDR_DATA)
  if (at === 0) return undefined
  let error: Errno | undefined
  eachAttr(data.buf, at + 4, at + get16(data.buf, at), (nr, o) => {
    if (nr !== IFLA_MACVLAN_MACADDR.nr || get16(data.buf, o) - 4 !== ETH_ALEN || error !== undefined) return
    const addr = data.buf.subarray(o + 4, o + 4 + ETH_ALEN)
    if (is_valid_ether_addr(addr)) macvlan_hash_add_source(dev, addr)
    else error = EADDRNOTAVAIL
  })
  return error
}

/** The device to lie upon: that of a macvlan is taken in its place. */
function lower_of(src_net: net, tb: AttrTable): net_device | Errno {
  const link = tb.get(IFLA_LINK)
  if (link === undefined) return EINVAL
  const found = __dev_get_by_index(src_net, link)
  if (found === undefined) return ENODEV
  return found.priv_flags & IFF_MACVLAN ? macvlan_dev_of(found).lowerdev : found
}

/** macvlan_common_newlink() */
export function macvlan_newlink(
  src_net: net,
  dev: net_device,
  tb: AttrTable,
  data: AttrTable | undefined,
  extack: netlink_ext_ack,
): Errno | undefined {
  const lowerdev = lower_of(src_net, tb)
  if (isErrno(lowerdev)) return lowerdev
  if (!tb.has(IFLA_MTU)) dev.mtu = lowerdev.mtu
  else if (dev.mtu > lowerdev.mtu) return EINVAL
  dev.min_mtu = ETH_MIN_MTU
  dev.max_mtu = lowerdev.max_mtu
  if (!tb.has(IFLA_ADDRESS)) eth_hw_addr_random(dev)
  const create = !netif_is_macvlan_port(lowerdev)
  const uncreated = create ? macvlan_port_create(lowerdev) : undefined
  if (isErrno(uncreated)) return uncreated
  const error = prepare(dev, lowerdev, data) ?? register_netdevice(dev)
  if (isErrno(error)) {
    // the port may have gone with the device's uninit
    if (create && netif_is_macvlan_port(lowerdev)) macvlan_port_destroy(lowerdev)
    return error
  }
  return link(dev, lowerdev, extack)
}
/** What the request says of the device, and whether the port allows it. */
function prepare(dev: net_device, lowerdev: net_device, data: AttrTable | undefined): Errno | undefined {
  const port = macvlan_port_get(lowerdev)
  if (port.passthru) return EINVAL
  const vlan = macvlan_dev_of(dev)
  vlan.lowerdev = lowerdev
  vlan.port = port
  vlan.mode = data?.get(IFLA_MACVLAN_MODE) ?? MACVLAN_MODE_VEPA
  vlan.flags = data?.get(IFLA_MACVLAN_FLAGS) ?? 0
  if (vlan.mode === MACVLAN_MODE_PASSTHRU) {
    if (port.count > 0) return EINVAL
    port.passthru = true
    eth_hw_addr_set(dev, lowerdev.dev_addr)
  }
  const macmode = data?.get(IFLA_MACVLAN_MACADDR_MODE)
  if (data !== undefined && macmode !== undefined) {
    if (vlan.mode !== MACVLAN_MODE_SOURCE) return EINVAL
    const error = change_sources(dev, macmode, data)
    if (isErrno(error)) return error
  }
  vlan.bc_queue_len_req = data?.get(IFLA_MACVLAN_BC_QUEUE_LEN) ?? vlan.bc_queue_len_req
  port.bc_cutoff = data?.get(IFLA_MACVLAN_BC_CUTOFF) ?? port.bc_cutoff
  return undefined
}
function link(dev: net_device, lowerdev: net_device, extack: netlink_ext_ack): Errno | undefined {
  dev.priv_flags |= IFF_MACVLAN
  const error = netdev_upper_dev_link(lowerdev, dev, extack)
  if (isErrno(error)) {
    unregister_netdevice(dev)
    return error
  }
  const { port, bc_queue_len_req } = macvlan_dev_of(dev)
  port.vlans.add(dev)
  port.count_bc_queue_len(bc_queue_len_req, 1)
  netif_stacked_transfer_operstate(lowerdev, dev)
  linkwatch_fire_event(dev)
  return undefined
}

/** The mode is set last: setting flags may fail. */
export function macvlan_changelink(dev: net_device, _tb: AttrTable, data: AttrTable | undefined): Errno | undefined {
  if (data === undefined) return undefined
  const vlan = macvlan_dev_of(dev)
  const mode = data.get(IFLA_MACVLAN_MODE)
  if (mode !== undefined) {
    if ((mode === MACVLAN_MODE_PASSTHRU) !== (vlan.mode === MACVLAN_MODE_PASSTHRU)) return EINVAL
    if (vlan.mode === MACVLAN_MODE_SOURCE && mode !== vlan.mode) macvlan_flush_sources(dev)
  }
  const error = change_flags(dev, data.get(IFLA_MACVLAN_FLAGS))
  if (isErrno(error)) return error
  if (data.has(IFLA_MACVLAN_BC_QUEUE_LEN)) {
    vlan.port.count_bc_queue_len(vlan.bc_queue_len_req, -1)
    vlan.bc_queue_len_req = data.get(IFLA_MACVLAN_BC_QUEUE_LEN) ?? 0
    vlan.port.count_bc_queue_len(vlan.bc_queue_len_req, 1)
  }
  vlan.port.bc_cutoff = data.get(IFLA_MACVLAN_BC_CUTOFF) ?? vlan.port.bc_cutoff
  vlan.mode = mode ?? vlan.mode
  const macmode = data.get(IFLA_MACVLAN_MACADDR_MODE)
  if (macmode === undefined) return undefined
  return vlan.mode === MACVLAN_MODE_SOURCE ? change_sources(dev, macmode, data) : EINVAL
}
function change_flags(dev: net_device, flags: number | undefined): Errno | undefined {
  if (flags === undefined) return undefined
  const vlan = macvlan_dev_of(dev)
  if (vlan.port.passthru && (flags ^ vlan.flags) & MACVLAN_FLAG_NOPROMISC) {
    const error = dev_set_promiscuity(vlan.lowerdev, flags & MACVLAN_FLAG_NOPROMISC ? -1 : 1)
    if (isErrno(error)) return error
  }
  vlan.flags = flags
  return undefined
}

/** Queued first, unlinked then: the lower device's message comes while this one is still up. */
export function macvlan_dellink(dev: net_device, list: net_device[]): void {
  const vlan = macvlan_dev_of(dev)
  if (vlan.mode === MACVLAN_MODE_SOURCE) macvlan_flush_sources(dev)
  if (vlan.port.vlans.delete(dev)) vlan.port.count_bc_queue_len(vlan.bc_queue_len_req, -1)
  unregister_netdevice_queue(dev, list)
  netdev_upper_dev_unlink(vlan.lowerdev, dev)
}

export function macvlan_fill_info(skb: MessageBuilder, dev: net_device): void {
  const vlan = macvlan_dev_of(dev)
  skb.put(IFLA_MACVLAN_MODE, vlan.mode)
  skb.put(IFLA_MACVLAN_FLAGS, vlan.flags)
  skb.put(IFLA_MACVLAN_MACADDR_COUNT, vlan.macaddr_count)
  if (vlan.macaddr_count > 0) {
    const nest = skb.nestNoflag(IFLA_MACVLAN_MACADDR_DATA)
    for (const addr of macvlan_sources(dev)) skb.putBytes(IFLA_MACVLAN_MACADDR.nr, addr)
    skb.nestEnd(nest)
  }
  skb.put(IFLA_MACVLAN_BC_QUEUE_LEN, vlan.bc_queue_len_req)
  skb.put(IFLA_MACVLAN_BC_QUEUE_LEN_USED, vlan.port.bc_queue_len_used)
  if (vlan.port.bc_cutoff !== 1) skb.put(IFLA_MACVLAN_BC_CUTOFF, vlan.port.bc_cutoff)
}
