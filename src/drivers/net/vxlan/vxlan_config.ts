/** drivers/net/vxlan/vxlan_core.c vxlan_nl2conf, vxlan_config_validate, vxlan_config_apply: from a request to a device's settings. */
import type { Attr, AttrTable } from '../../../lib/attrs.ts'
import { __dev_get_by_index, netif_inherit_tso_max } from '../../../net/core/dev.ts'
import type { net } from '../../../net/core/net_namespace.ts'
import type { net_device } from '../../../net/core/netdevice.ts'
import type { netlink_ext_ack } from '../../../net/netlink/extack.ts'
import { EEXIST, EINVAL, ENODEV, EOPNOTSUPP, EPERM, type Errno, isErrno } from '../../../uapi/errno.ts'
import { ETH_HLEN, ETH_MIN_MTU } from '../../../uapi/linux/if_ether.ts'
import { IFLA_MTU } from '../../../uapi/linux/if_link.ts'
import * as V from '../../../uapi/linux/if_link_vxlan.ts'
import { __ipv6_addr_type, IPV6_ADDR_ANY, IPV6_ADDR_LINKLOCAL, IPV6_ADDR_UNICAST, ipv6_addr_type } from '../../../uapi/linux/in6.ts'
import { DEVCONF_DISABLE_IPV6 } from '../../../uapi/linux/ipv6.ts'
import * as P from './vxlan_private.ts'

const ETH_MAX_MTU = 0xffff

/** Attributes that are one bit of the settings, in the order in which they are looked at. */
interface flag_attr {
  readonly attr: Attr<any>
  readonly name: string
  readonly bit: number
  /** Its presence says yes, whatever is in it. */
  readonly bare?: boolean
  readonly changeable?: boolean
}
const flag = (attr: Attr<any>, name: string, bit: number, more: Partial<flag_attr> = {}): flag_attr => ({ attr, name, bit, ...more })
const TTL_INHERIT = flag(V.IFLA_VXLAN_TTL_INHERIT, 'TTL_INHERIT', P.VXLAN_F_TTL_INHERIT, { bare: true })
const LEARNING = flag(V.IFLA_VXLAN_LEARNING, 'LEARNING', P.VXLAN_F_LEARN, { changeable: true })
const COLLECT_METADATA = flag(V.IFLA_VXLAN_COLLECT_METADATA, 'COLLECT_METADATA', P.VXLAN_F_COLLECT_METADATA)
const LOCALBYPASS = flag(V.IFLA_VXLAN_LOCALBYPASS, 'LOCALBYPASS', P.VXLAN_F_LOCALBYPASS, { changeable: true })
const VNIFILTER = flag(V.IFLA_VXLAN_VNIFILTER, 'unknown', P.VXLAN_F_VNIFILTER)
const MISS_FLAGS = [
  flag(V.IFLA_VXLAN_PROXY, 'PROXY', P.VXLAN_F_PROXY),
  flag(V.IFLA_VXLAN_RSC, 'RSC', P.VXLAN_F_RSC),
  flag(V.IFLA_VXLAN_L2MISS, 'L2MISS', P.VXLAN_F_L2MISS),
  flag(V.IFLA_VXLAN_L3MISS, 'L3MISS', P.VXLAN_F_L3MISS),
]
const HEADER_FLAGS = [
  flag(V.IFLA_VXLAN_UDP_ZERO_CSUM6_TX, 'UDP_ZERO_CSUM6_TX', P.VXLAN_F_UDP_ZERO_CSUM6_TX),
  flag(V.IFLA_VXLAN_UDP_ZERO_CSUM6_RX, 'UDP_ZERO_CSUM6_RX', P.VXLAN_F_UDP_ZERO_CSUM6_RX),
  flag(V.IFLA_VXLAN_REMCSUM_TX, 'REMCSUM_TX', P.VXLAN_F_REMCSUM_TX),
  flag(V.IFLA_VXLAN_REMCSUM_RX, 'REMCSUM_RX', P.VXLAN_F_REMCSUM_RX),
  flag(V.IFLA_VXLAN_GBP, 'GBP', P.VXLAN_F_GBP, { bare: true }),
  flag(V.IFLA_VXLAN_GPE, 'GPE', P.VXLAN_F_GPE, { bare: true }),
  flag(V.IFLA_VXLAN_REMCSUM_NOPARTIAL, 'REMCSUM_NOPARTIAL', P.VXLAN_F_REMCSUM_NOPARTIAL, { bare: true }),
]

/** A request under way into `conf`. */
interface nl2conf {
  readonly tb: AttrTable
  readonly data: AttrTable
  readonly conf: P.vxlan_config
  readonly changelink: boolean
  readonly extack: netlink_ext_ack
}
/** Linux names the attribute of the same number of the link itself, where the request has that. */
function cannot(r: nl2conf, attr: Attr<any>, text: string): Errno {
  return r.extack.fail(EOPNOTSUPP, text, r.tb.atNr(attr.nr))
}
/** vxlan_nl2flag() */
function read_flag(r: nl2conf, f: flag_attr): Errno | undefined {
  if (!r.data.has(f.attr)) return undefined
  if (r.changelink && !f.changeable) return r.extack.fail(EOPNOTSUPP, `vxlan: cannot change ${f.name} flag`)
  if (f.bare || r.data.get(f.attr)) r.conf.flags |= f.bit
  else r.conf.flags &= ~f.bit
  return undefined
}
function read_flags(r: nl2conf, list: readonly flag_attr[]): Errno | undefined {
  for (const f of list) {
    const error = read_flag(r, f)
    if (isErrno(error)) return error
  }
  return undefined
}
function read_default_on(r: nl2conf, f: flag_attr): void {
  if (r.data.has(f.attr)) read_flag(r, f)
  else if (!r.changelink) r.conf.flags |= f.bit
}

/** The requests's settings, over those that the device has (`old`) when it is changed. */
export function vxlan_nl2conf(
  tb: AttrTable,
  data: AttrTable,
  old: P.vxlan_config | undefined,
  extack: netlink_ext_ack,
): P.vxlan_config | Errno {
  const conf = Object.assign(new P.vxlan_config(), old)
  const r: nl2conf = { tb, data, conf, changelink: old !== undefined, extack }
  return read_ends(r) ?? read_header(r) ?? read_table(r) ?? read_udp(r) ?? read_rest(r) ?? conf
}
function read_ends(r: nl2conf): Errno | undefined {
  const { data, conf, changelink } = r
  const vni = data.get(V.IFLA_VXLAN_ID)
  if (vni !== undefined) {
    if (changelink && vni !== conf.vni) return cannot(r, V.IFLA_VXLAN_ID, 'Cannot change VNI')
    conf.vni = vni
  }
  const group = data.has(V.IFLA_VXLAN_GROUP) ? V.IFLA_VXLAN_GROUP : V.IFLA_VXLAN_GROUP6
  const remote = data.payload(group)?.slice(0, group === V.IFLA_VXLAN_GROUP ? 4 : 16)
  if (remote !== undefined) {
    if (changelink && conf.remote_ip.length !== remote.length) {
      return cannot(r, group, 'New group address family does not match old group')
    }
    conf.remote_ip = remote
  }
  const local = data.has(V.IFLA_VXLAN_LOCAL) ? V.IFLA_VXLAN_LOCAL : V.IFLA_VXLAN_LOCAL6
  const saddr = data.payload(local)?.slice(0, local === V.IFLA_VXLAN_LOCAL ? 4 : 16)
  if (saddr !== undefined) {
    if (changelink && conf.saddr.length !== saddr.length) return cannot(r, local, 'New local address family does not match old')
    conf.saddr = saddr
  }
  conf.remote_ifindex = data.get(V.IFLA_VXLAN_LINK) ?? conf.remote_ifindex
  return undefined
}
function read_header(r: nl2conf): Errno | undefined {
  const { data, conf } = r
  conf.tos = data.get(V.IFLA_VXLAN_TOS) ?? conf.tos
  conf.ttl = data.get(V.IFLA_VXLAN_TTL) ?? conf.ttl
  const error = read_flag(r, TTL_INHERIT)
  if (isErrno(error)) return error
  const label = data.get(V.IFLA_VXLAN_LABEL)
  if (label !== undefined) conf.label = label & 0xfffff
  conf.label_policy = data.get(V.IFLA_VXLAN_LABEL_POLICY) ?? conf.label_policy
  return undefined
}
function read_table(r: nl2conf): Errno | undefined {
  const { data, conf, changelink } = r
  read_default_on(r, LEARNING)
  conf.age_interval = data.get(V.IFLA_VXLAN_AGEING) ?? conf.age_interval
  const error = read_flags(r, MISS_FLAGS)
  if (isErrno(error)) return error
  if (!data.has(V.IFLA_VXLAN_LIMIT)) return undefined
  if (changelink) return cannot(r, V.IFLA_VXLAN_LIMIT, 'Cannot change limit')
  conf.addrmax = data.get(V.IFLA_VXLAN_LIMIT) ?? 0
  return undefined
}
function read_udp(r: nl2conf): Errno | undefined {
  const { data, conf, changelink } = r
  const error = read_flag(r, COLLECT_METADATA)
  if (isErrno(error)) return error
  const ports = data.get(V.IFLA_VXLAN_PORT_RANGE)
  if (ports !== undefined) {
    if (changelink) return cannot(r, V.IFLA_VXLAN_PORT_RANGE, 'Cannot change port range')
    conf.port_min = ports.low ?? 0
    conf.port_max = ports.high ?? 0
  }
  const port = data.get(V.IFLA_VXLAN_PORT)
  if (port !== undefined) {
    if (changelink) return cannot(r, V.IFLA_VXLAN_PORT, 'Cannot change port')
    conf.dst_port = port
  }
  if (data.has(V.IFLA_VXLAN_UDP_CSUM)) {
    if (changelink) return cannot(r, V.IFLA_VXLAN_UDP_CSUM, 'Cannot change UDP_CSUM flag')
    if (data.get(V.IFLA_VXLAN_UDP_CSUM) === 0) conf.flags |= P.VXLAN_F_UDP_ZERO_CSUM_TX
  }
  read_default_on(r, LOCALBYPASS)
  return read_flags(r, HEADER_FLAGS)
}
function read_rest(r: nl2conf): Errno | undefined {
  const { data, conf, extack } = r
  const mtu = r.tb.get(IFLA_MTU)
  if (mtu !== undefined) {
    if (r.changelink) return extack.fail(EOPNOTSUPP, 'Cannot change mtu', r.tb.at(IFLA_MTU))
    conf.mtu = mtu
  }
  conf.df = data.get(V.IFLA_VXLAN_DF) ?? conf.df
  const error = read_flag(r, VNIFILTER)
  if (isErrno(error)) return error
  if (data.has(V.IFLA_VXLAN_VNIFILTER) && conf.flags & P.VXLAN_F_VNIFILTER && !(conf.flags & P.VXLAN_F_COLLECT_METADATA)) {
    return extack.fail(EINVAL, 'vxlan vnifilter only valid in collect metadata mode', data.at(V.IFLA_VXLAN_VNIFILTER))
  }
  return undefined
}

/** vxlan_vni_in_use(): another device of the same port and kind of socket has the network. */
export function vxlan_vni_in_use(src_net: net, self: P.vxlan_dev | undefined, conf: P.vxlan_config, vni: number): boolean {
  const kind = P.VXLAN_F_RCV_FLAGS | P.VXLAN_F_IPV6
  return P.vxlan_net_of(src_net)
    .with_vni(conf.dst_port, vni)
    .some((other) => {
      if (other === self || other.cfg.dst_port !== conf.dst_port) return false
      if (other.cfg.flags & P.VXLAN_F_VNIFILTER) {
        if (P.vxlan_vnifilter_lookup(other, vni) === undefined) return false
      } else if (other.cfg.vni !== vni) {
        return false
      }
      if ((other.cfg.flags & kind) !== (conf.flags & kind)) return false
      return !(conf.flags & P.VXLAN_F_IPV6_LINKLOCAL) || other.cfg.remote_ifindex === conf.remote_ifindex
    })
}

/** vxlan_config_validate(): completes the settings; the lower device, if there is one. */
export function vxlan_config_validate(
  src_net: net,
  conf: P.vxlan_config,
  old: P.vxlan_dev | undefined,
  extack: netlink_ext_ack,
): net_device | undefined | Errno {
  const gpe = (conf.flags & P.VXLAN_F_GPE) !== 0
  if (gpe && (conf.flags & ~P.VXLAN_F_ALLOWED_GPE || !(conf.flags & P.VXLAN_F_COLLECT_METADATA))) {
    return extack.fail(EINVAL, 'VXLAN GPE does not support this combination of attributes')
  }
  const error = validate_addresses(conf, extack)
  if (isErrno(error)) return error
  const lower = lower_device(src_net, conf, extack)
  if (isErrno(lower)) return lower
  if (conf.dst_port === 0) conf.dst_port = gpe ? P.IANA_VXLAN_GPE_UDP_PORT : P.VXLAN_PORT
  if (conf.age_interval === 0) conf.age_interval = P.FDB_AGE_DEFAULT
  if (vxlan_vni_in_use(src_net, old, conf, conf.vni)) {
    return extack.fail(EEXIST, 'A VXLAN device with the specified VNI already exists')
  }
  return lower
}
/** The address that is not given has the family of the other, IPv4 without any. */
function validate_addresses(conf: P.vxlan_config, extack: netlink_ext_ack): Errno | undefined {
  const length = conf.remote_ip.length || conf.saddr.length || 4
  if (conf.remote_ip.length === 0) conf.remote_ip = new Uint8Array(length)
  if (conf.saddr.length === 0) conf.saddr = new Uint8Array(length)
  if (conf.saddr.length !== conf.remote_ip.length) {
    return extack.fail(EINVAL, 'Local and remote address must be from the same family')
  }
  if (P.vxlan_addr_multicast(conf.saddr)) return extack.fail(EINVAL, 'Local address cannot be multicast')
  const error = length === 16 ? validate_scopes(conf, extack) : undefined
  if (isErrno(error)) return error
  if (conf.label !== 0 && length !== 16) return extack.fail(EINVAL, 'Label attribute only applies to IPv6 VXLAN devices')
  if (conf.label_policy !== 0 && length !== 16) return extack.fail(EINVAL, 'Label policy only applies to IPv6 VXLAN devices')
  return undefined
}
/** Addresses of one link only go together with such, and only upon that link. */
function validate_scopes(conf: P.vxlan_config, extack: netlink_ext_ack): Errno | undefined {
  conf.flags |= P.VXLAN_F_IPV6
  if (conf.flags & P.VXLAN_F_COLLECT_METADATA) return undefined
  const text = 'Invalid combination of local and remote address scopes'
  const remote = ipv6_addr_type(conf.remote_ip)
  if (__ipv6_addr_type(conf.saddr) & IPV6_ADDR_LINKLOCAL) {
    if (!(remote & IPV6_ADDR_LINKLOCAL) && remote !== IPV6_ADDR_ANY) return extack.fail(EINVAL, text)
    conf.flags |= P.VXLAN_F_IPV6_LINKLOCAL
  } else {
    if (remote === (IPV6_ADDR_UNICAST | IPV6_ADDR_LINKLOCAL)) return extack.fail(EINVAL, text)
    conf.flags &= ~P.VXLAN_F_IPV6_LINKLOCAL
  }
  return undefined
}
function lower_device(src_net: net, conf: P.vxlan_config, extack: netlink_ext_ack): net_device | undefined | Errno {
  if (conf.remote_ifindex !== 0) {
    const lower = __dev_get_by_index(src_net, conf.remote_ifindex)
    if (lower === undefined) return extack.fail(ENODEV, 'Invalid local interface, device not found')
    if (conf.flags & P.VXLAN_F_IPV6 && lower.ip6_ptr?.cnf.get(DEVCONF_DISABLE_IPV6)) {
      return extack.fail(EPERM, 'IPv6 support disabled by administrator')
    }
    return lower
  }
  if (P.vxlan_addr_multicast(conf.remote_ip)) {
    return extack.fail(EINVAL, 'Local interface required for multicast remote destination')
  }
  if (conf.flags & P.VXLAN_F_IPV6_LINKLOCAL) {
    return extack.fail(EINVAL, 'Local interface required for link-local local/remote addresses')
  }
  return undefined
}

/** vxlan_config_apply(): the device takes the settings over, and from its lower device the MTU that is left. */
export function vxlan_config_apply(vxlan: P.vxlan_dev, conf: P.vxlan_config, lowerdev: net_device | undefined, changelink: boolean): void {
  const { dev, default_dst } = vxlan
  let needed_headroom = ETH_HLEN
  let max_mtu = ETH_MAX_MTU
  if (!changelink && conf.mtu !== 0) dev.mtu = conf.mtu
  default_dst.remote_vni = conf.vni
  default_dst.remote_ip = conf.remote_ip
  if (lowerdev !== undefined) {
    default_dst.remote_ifindex = conf.remote_ifindex
    netif_inherit_tso_max(dev, lowerdev)
    needed_headroom = lowerdev.hard_header_len + lowerdev.needed_headroom
    max_mtu = Math.max(lowerdev.mtu - P.vxlan_headroom(conf.flags), ETH_MIN_MTU)
    if (!changelink && conf.mtu === 0) dev.mtu = max_mtu
  }
  if (dev.mtu > max_mtu) dev.mtu = max_mtu
  const flags = conf.flags & P.VXLAN_F_COLLECT_METADATA ? conf.flags | P.VXLAN_F_IPV6 : conf.flags
  dev.needed_headroom = needed_headroom + P.vxlan_headroom(flags)
  vxlan.cfg = conf
}
