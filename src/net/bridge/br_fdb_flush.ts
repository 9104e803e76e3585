/** net/bridge/br_fdb.c br_fdb_delete_bulk: RTM_DELNEIGH with NLM_F_BULK, all entries that match a description. */
import { NLMSG_HDRLEN } from '../../lib/message.ts'
import { EINVAL, ENODEV, type Errno, isErrno } from '../../uapi/errno.ts'
import * as N from '../../uapi/linux/neighbour.ts'
import { __dev_get_by_index } from '../core/dev.ts'
import type { net_device } from '../core/netdevice.ts'
import { nlmsg_parse } from '../netlink/attr.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { min, NLA_S32, NLA_U8, NLA_U16, policy, range } from '../netlink/policy.ts'
import type { Request } from '../netlink/types.ts'
import { fdb_delete } from './br_fdb.ts'
import { br_port_get_rtnl, br_priv, type net_bridge, type net_bridge_fdb_entry, netif_is_bridge_master } from './br_private.ts'

export const br_fdb_del_bulk_policy = policy(
  N.NDA,
  { NDA_VLAN: range(NLA_U16, 1, 4094), NDA_IFINDEX: min(NLA_S32, 1), NDA_NDM_STATE_MASK: NLA_U16, NDA_NDM_FLAGS_MASK: NLA_U8 },
  { name: 'br_fdb_del_bulk_policy' },
)

/** NUD_* and NTF_* that describe entries, each a bit of its own. */
const allowed_states = N.NUD_PERMANENT | N.NUD_NOARP
const allowed_flags = N.NTF_USE | N.NTF_EXT_LEARNED | N.NTF_STICKY | N.NTF_OFFLOADED
const bits = (state: number, flags: number) => ((state & allowed_states) << 8) | (flags & allowed_flags)
function bits_of(f: net_bridge_fdb_entry): number {
  const state = (f.is_static ? N.NUD_NOARP : 0) | (f.is_local ? N.NUD_PERMANENT : 0)
  const flags = (f.added_by_user ? N.NTF_USE : 0) | (f.is_sticky ? N.NTF_STICKY : 0) | (f.added_by_extern_learn ? N.NTF_EXT_LEARNED : 0)
  return bits(state, flags)
}

/** __fdb_flush_validate_ifindex(): the bridge itself or a port of it. */
function flush_index_error(br: net_bridge, dev: net_device | undefined, extack: netlink_ext_ack): Errno | undefined {
  if (dev === undefined) return extack.fail(ENODEV, 'bridge: Unknown flush device ifindex')
  const p = br_port_get_rtnl(dev)
  if (netif_is_bridge_master(dev)) {
    return dev === br.dev ? undefined : extack.fail(EINVAL, 'bridge: Flush bridge device does not match target bridge device')
  }
  if (p === undefined) return extack.fail(EINVAL, 'bridge: Flush device is not a bridge or bridge port')
  return p.br === br ? undefined : extack.fail(EINVAL, 'bridge: Port belongs to a different bridge device')
}

/** What a mask names of an entry must be all that the description says, also where the mask does not name it. */
export function br_fdb_delete_bulk(req: Request, dev: net_device): Errno | undefined {
  const { extack } = req
  const tb = nlmsg_parse(req, N.ndmsg.size, br_fdb_del_bulk_policy)
  if (isErrno(tb)) return tb
  const ndm = N.ndmsg.get(req.buf, NLMSG_HDRLEN)
  const p = br_port_get_rtnl(dev)
  if (p === undefined && !netif_is_bridge_master(dev)) return extack.fail(EINVAL, 'bridge: Device is not a bridge port')
  const br = p?.br ?? br_priv(dev)
  const flags = ndm.ndm_flags & ~(N.NTF_MASTER | N.NTF_SELF)
  if (flags & ~allowed_flags) return extack.fail(EINVAL, 'Unsupported fdb flush ndm flag bits set')
  if (ndm.ndm_state & ~allowed_states) return extack.fail(EINVAL, 'Unsupported fdb flush ndm state bits set')
  const index = tb.get(N.NDA_IFINDEX) ?? p?.dev.ifindex
  const error = tb.has(N.NDA_IFINDEX) ? flush_index_error(br, __dev_get_by_index(req.net, index as number), extack) : undefined
  if (isErrno(error)) return error
  const wanted = bits(ndm.ndm_state, flags)
  const mask = bits(tb.get(N.NDA_NDM_STATE_MASK) ?? 0, tb.get(N.NDA_NDM_FLAGS_MASK) ?? 0)
  const vid = tb.get(N.NDA_VLAN)
  for (const f of br.fdb_list) {
    if (vid !== undefined && f.vid !== vid) continue
    if (index !== undefined && index !== (f.dst?.dev ?? br.dev).ifindex) continue
    if (mask === 0 || (bits_of(f) & mask) === wanted) fdb_delete(br, f)
  }
  return undefined
}
