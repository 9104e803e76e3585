/** net/bridge/br_vlan.c br_vlan_rtm_dump: RTM_GETVLAN: the VLANs of bridges and ports, neighbours alike as ranges. */
import { attrs } from '../../lib/attrs.ts'
import { attr } from '../../lib/attrs.ts'
import { type MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { u32 } from '../../lib/types.ts'
import { EINVAL, ENODEV, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { br_vlan_msg } from '../../uapi/linux/if_bridge.ts'
import { NLM_F_MULTI } from '../../uapi/linux/netlink.ts'
import { RTM_NEWVLAN } from '../../uapi/linux/rtnetlink.ts'
import { AF_BRIDGE } from '../../uapi/linux/socket.ts'
import { __dev_get_by_index } from '../core/dev.ts'
import type { net_device } from '../core/netdevice.ts'
import { nlmsg_parse } from '../netlink/attr.ts'
import { NLA_U32, policy } from '../netlink/policy.ts'
import type { netlink_callback } from '../netlink/types.ts'
import { br_vlans_usable } from './br_netlink_fill.ts'
import { br_port_get_rtnl, br_priv, type net_bridge_vlan, netif_is_bridge_master } from './br_private.ts'
import { br_vlan_fill_vids } from './br_vlan.ts'

const BRIDGE_VLANDB_DUMP_FLAGS = attr(1, u32)
const BRIDGE_VLANDB_DUMP = attrs('BRIDGE_VLANDB_DUMP', { BRIDGE_VLANDB_DUMP_FLAGS })
export const br_vlan_db_dump_pol = policy(BRIDGE_VLANDB_DUMP, { BRIDGE_VLANDB_DUMP_FLAGS: NLA_U32 }, { name: 'br_vlan_db_dump_pol' })

function alike(a: net_bridge_vlan, b: net_bridge_vlan, pvid: number): boolean {
  const plain = a.vid !== pvid && b.vid !== pvid
  return plain && b.vid === a.vid + 1 && a.untagged === b.untagged && a.state === b.state && a.neigh_suppress === b.neigh_suppress
}
/** One message a device, with all its VLANs. */
function dump_dev(skb: MessageBuilder, cb: netlink_callback, dev: net_device): boolean {
  const p = br_port_get_rtnl(dev)
  if (p === undefined && !netif_is_bridge_master(dev)) return true
  const { vlgrp } = p ?? br_priv(dev)
  const list = br_vlans_usable(vlgrp)
  if (list.length === 0) return true
  skb.begin(RTM_NEWVLAN, NLM_F_MULTI, cb.seq, cb.portid)
  skb.struct(br_vlan_msg, { family: AF_BRIDGE, ifindex: dev.ifindex })
  for (let i = 0; i < list.length; i++) {
    const first = list[i]
    while (i + 1 < list.length && alike(list[i], list[i + 1], vlgrp.pvid)) i++
    br_vlan_fill_vids(skb, first.vid, list[i].vid, first, vlgrp.pvid)
  }
  return skb.end()
}
export function br_vlan_rtm_dump(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const mark = cb.pool.mark()
  const tb = nlmsg_parse(cb, br_vlan_msg.size, br_vlan_db_dump_pol)
  cb.pool.release(mark)
  if (isErrno(tb)) return tb
  const flags = tb.get(BRIDGE_VLANDB_DUMP_FLAGS) ?? 0
  if (flags !== 0) {
    cb.net.kernel.unsupported.count('bridge', `RTM_GETVLAN flags ${flags}`)
    return EOPNOTSUPP
  }
  const { ifindex } = br_vlan_msg.get(cb.buf, NLMSG_HDRLEN)
  if (ifindex !== 0) {
    const dev = __dev_get_by_index(cb.net, ifindex)
    if (dev === undefined) return ENODEV
    if (br_port_get_rtnl(dev) === undefined && !netif_is_bridge_master(dev)) {
      return cb.extack.fail(EINVAL, 'bridge: The device is not a valid bridge or bridge port')
    }
  }
  for (const [place, dev] of cb.net.dev_base_head.entries()) {
    if (place < cb.args[0] || (ifindex !== 0 && dev.ifindex !== ifindex)) continue
    cb.args[0] = place
    if (!dump_dev(skb, cb, dev)) return true
    cb.args[0] = place + 1
  }
  cb.args[0] = Number.MAX_SAFE_INTEGER
  return undefined
}
