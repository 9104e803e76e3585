/** net/8021q/vlan_netlink.c: VLANs by request. */
import { type AttrTable, eachAttr } from '../../lib/attrs.ts'
import { get16, get32 } from '../../lib/bytes.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EADDRNOTAVAIL, EINVAL, ENODEV, EPROTONOSUPPORT, ERANGE, type Errno, isErrno } from '../../uapi/errno.ts'
import { ETH_ALEN, ETH_P_8021AD, ETH_P_8021Q } from '../../uapi/linux/if_ether.ts'
import { IFLA_ADDRESS, IFLA_LINK, IFLA_MTU } from '../../uapi/linux/if_link.ts'
import {
  IFLA_VLAN,
  IFLA_VLAN_EGRESS_QOS,
  IFLA_VLAN_FLAGS,
  IFLA_VLAN_ID,
  IFLA_VLAN_INGRESS_QOS,
  IFLA_VLAN_PROTOCOL,
  IFLA_VLAN_QOS,
  IFLA_VLAN_QOS_MAPPING,
  ifla_vlan_flags,
  ifla_vlan_qos_mapping,
} from '../../uapi/linux/if_link_stacked.ts'
import {
  VLAN_FLAG_BRIDGE_BINDING,
  VLAN_FLAG_GVRP,
  VLAN_FLAG_LOOSE_BINDING,
  VLAN_FLAG_MVRP,
  VLAN_FLAG_REORDER_HDR,
} from '../../uapi/linux/if_vlan.ts'
import { __dev_get_by_index } from '../core/dev_state.ts'
import type { net } from '../core/net_namespace.ts'
import { IFF_XMIT_DST_RELEASE, type net_device } from '../core/netdevice.ts'
import type { rtnl_link_ops } from '../core/rtnl_link_ops.ts'
import { is_valid_ether_addr } from '../ethernet/eth.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { NLA_NESTED, NLA_U16, NLA_UNSPEC, policy } from '../netlink/policy.ts'
import { register_vlan_dev, unregister_vlan_dev, vlan_check_real_dev } from './vlan.ts'
import {
  vlan_dev_change_flags,
  vlan_dev_priv_of,
  vlan_dev_set_egress_priority,
  vlan_dev_set_ingress_priority,
  vlan_get_link_net,
  vlan_setup,
} from './vlan_dev.ts'

const VLAN_VID_MASK = 0xfff
const VALID_FLAGS = VLAN_FLAG_REORDER_HDR | VLAN_FLAG_GVRP | VLAN_FLAG_LOOSE_BINDING | VLAN_FLAG_MVRP | VLAN_FLAG_BRIDGE_BINDING

export const vlan_policy = policy(
  IFLA_VLAN,
  {
    IFLA_VLAN_ID: NLA_U16,
    IFLA_VLAN_FLAGS: NLA_UNSPEC(ifla_vlan_flags.size),
    IFLA_VLAN_EGRESS_QOS: NLA_NESTED(),
    IFLA_VLAN_INGRESS_QOS: NLA_NESTED(),
    IFLA_VLAN_PROTOCOL: NLA_U16,
  },
  { name: 'vlan_policy' },
)
export const vlan_map_policy = policy(
  IFLA_VLAN_QOS,
  { IFLA_VLAN_QOS_MAPPING: NLA_UNSPEC(ifla_vlan_qos_mapping.size) },
  { name: 'vlan_map_policy' },
)

/** The mappings of a nest; undefined when one is too short to be one. Other attributes are passed over. */
function mappings(data: AttrTable, attr: typeof IFLA_VLAN_INGRESS_QOS): { from: number; to: number }[] | undefined {
  const at = data.at(attr)
  if (at === 0) return []
  const found: { from: number; to: number }[] = []
  let whole = true
  eachAttr(data.buf, at + 4, at + get16(data.buf, at), (nr, o) => {
    if (nr !== IFLA_VLAN_QOS_MAPPING.nr) return
    if (get16(data.buf, o) - 4 < ifla_vlan_qos_mapping.size) whole = false
    else found.push({ from: get32(data.buf, o + 4), to: get32(data.buf, o + 8) })
  })
  return whole ? found : undefined
}

function validate_address(tb: AttrTable, extack: netlink_ext_ack): Errno | undefined {
  const address = tb.payload(IFLA_ADDRESS)
  if (address === undefined) return undefined
  if (address.length !== ETH_ALEN) return extack.fail(EINVAL, '8021q: Invalid link address')
  return is_valid_ether_addr(address) ? undefined : extack.fail(EADDRNOTAVAIL, '8021q: Invalid link address')
}
export function vlan_validate(tb: AttrTable, data: AttrTable | undefined, extack: netlink_ext_ack): Errno | undefined {
  const error = validate_address(tb, extack)
  if (isErrno(error)) return error
  if (data === undefined) return extack.fail(EINVAL, '8021q: VLAN properties not specified')
  const proto = data.get(IFLA_VLAN_PROTOCOL)
  if (proto !== undefined && proto !== ETH_P_8021Q && proto !== ETH_P_8021AD) {
    return extack.fail(EPROTONOSUPPORT, '8021q: Invalid VLAN protocol')
  }
  if ((data.get(IFLA_VLAN_ID) ?? 0) >= VLAN_VID_MASK) return extack.fail(ERANGE, '8021q: Invalid VLAN id')
  const flags = data.get(IFLA_VLAN_FLAGS)
  if (flags !== undefined && (flags.flags ?? 0) & (flags.mask ?? 0) & ~VALID_FLAGS) return extack.fail(EINVAL, '8021q: Invalid VLAN flags')
  if (mappings(data, IFLA_VLAN_INGRESS_QOS) === undefined) return extack.fail(ERANGE, '8021q: Invalid ingress QOS map')
  if (mappings(data, IFLA_VLAN_EGRESS_QOS) === undefined) return extack.fail(ERANGE, '8021q: Invalid egress QOS map')
  return undefined
}

export function vlan_changelink(dev: net_device, _tb: AttrTable, data: AttrTable | undefined): Errno | undefined {
  const flags = data?.get(IFLA_VLAN_FLAGS)
  if (flags !== undefined) {
    const error = vlan_dev_change_flags(dev, flags.flags ?? 0, flags.mask ?? 0)
    if (isErrno(error)) return error
  }
  if (data === undefined) return undefined
  for (const m of mappings(data, IFLA_VLAN_INGRESS_QOS) ?? []) vlan_dev_set_ingress_priority(dev, m.to, m.from)
  for (const m of mappings(data, IFLA_VLAN_EGRESS_QOS) ?? []) vlan_dev_set_egress_priority(dev, m.from, m.to)
  return undefined
}

export function vlan_newlink(
  src_net: net,
  dev: net_device,
  tb: AttrTable,
  data: AttrTable | undefined,
  extack: netlink_ext_ack,
): Errno | undefined {
  const id = data?.get(IFLA_VLAN_ID)
  if (data === undefined || id === undefined) return extack.fail(EINVAL, '8021q: VLAN id not specified')
  const link = tb.get(IFLA_LINK)
  if (link === undefined) return extack.fail(EINVAL, '8021q: link not specified')
  const real_dev = __dev_get_by_index(src_net, link)
  if (real_dev === undefined) return extack.fail(ENODEV, '8021q: link does not exist')
  const vlan = vlan_dev_priv_of(dev)
  vlan.vlan_proto = data.get(IFLA_VLAN_PROTOCOL) ?? ETH_P_8021Q
  vlan.vlan_id = id
  vlan.real_dev = real_dev
  dev.priv_flags |= real_dev.priv_flags & IFF_XMIT_DST_RELEASE
  const error = vlan_check_real_dev(real_dev, vlan.vlan_proto, id, extack)
  if (isErrno(error)) return error
  if (!tb.has(IFLA_MTU)) dev.mtu = real_dev.mtu
  else if (dev.mtu > real_dev.mtu) return EINVAL
  return vlan_changelink(dev, tb, data) ?? register_vlan_dev(dev, extack)
}

function fill_mappings(skb: MessageBuilder, attr: typeof IFLA_VLAN_INGRESS_QOS, list: readonly { from: number; to: number }[]): void {
  const nest = skb.nestNoflag(attr)
  for (const m of list) skb.put(IFLA_VLAN_QOS_MAPPING, m)
  skb.nestEnd(nest)
}
export function vlan_fill_info(skb: MessageBuilder, dev: net_device): void {
  const vlan = vlan_dev_priv_of(dev)
  skb.put(IFLA_VLAN_PROTOCOL, vlan.vlan_proto)
  skb.put(IFLA_VLAN_ID, vlan.vlan_id)
  if (vlan.flags !== 0) skb.put(IFLA_VLAN_FLAGS, { flags: vlan.flags, mask: 0xffffffff })
  if (vlan.nr_ingress_mappings > 0) {
    const ingress = vlan.ingress_priority_map.map((to, from) => ({ from, to }))
    fill_mappings(
      skb,
      IFLA_VLAN_INGRESS_QOS,
      ingress.filter((m) => m.to !== 0),
    )
  }
  if (vlan.nr_egress_mappings > 0) {
    const egress = vlan.egress_priority_map.flat().filter((mp) => mp.vlan_qos !== 0)
    fill_mappings(
      skb,
      IFLA_VLAN_EGRESS_QOS,
      egress.map((mp) => ({ from: mp.priority, to: (mp.vlan_qos >> 13) & 7 })),
    )
  }
}

export const vlan_link_ops: rtnl_link_ops = {
  kind: 'vlan',
  policy: vlan_policy,
  setup: vlan_setup,
  validate: vlan_validate,
  newlink: vlan_newlink,
  changelink: vlan_changelink,
  dellink: unregister_vlan_dev,
  fill_info: vlan_fill_info,
  get_link_net: vlan_get_link_net,
}
