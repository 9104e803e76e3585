/** net/core/rtnetlink.c do_setlink: the attributes with attributes inside: virtual functions, ports, address families, XDP. */
import { get16, get32 } from '../../lib/bytes.ts'
import { EBADF, EBUSY, EINVAL, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import {
  IFLA_AF_SPEC,
  IFLA_PORT_SELF,
  IFLA_PROTO_DOWN,
  IFLA_PROTO_DOWN_REASON,
  IFLA_PROTO_DOWN_REASON_MASK,
  IFLA_PROTO_DOWN_REASON_VALUE,
  IFLA_VF_BROADCAST,
  IFLA_VF_INFO,
  IFLA_VF_PORTS,
  IFLA_VF_RSS_QUERY_EN,
  IFLA_VF_STATS,
  IFLA_VFINFO_LIST,
  IFLA_XDP,
  IFLA_XDP_ATTACHED,
  IFLA_XDP_EXPECTED_FD,
  IFLA_XDP_FD,
  IFLA_XDP_FLAGS,
  IFLA_XDP_PROG_ID,
  XDP_FLAGS_MASK,
  XDP_FLAGS_MODES,
  XDP_FLAGS_REPLACE,
} from '../../uapi/linux/if_link.ts'
import { nla_parse_nested_deprecated, nla_parse_nested_deprecated_at } from '../netlink/attr.ts'
import { netlink_ext_ack } from '../netlink/extack.ts'
import type { Request } from '../netlink/types.ts'
import { dev_change_proto_down, dev_change_proto_down_reason } from './dev_config.ts'
import { IFF_CHANGE_PROTO_DOWN } from './netdevice.ts'
import { rtnl_af_lookup } from './rtnetlink.ts'
import { ifla_port_policy, ifla_proto_down_reason_policy, ifla_vf_policy, ifla_xdp_policy } from './rtnetlink_policy.ts'
import { DO_SETLINK_NOTIFY, done, nest_members, type setlink_state } from './rtnetlink_setlink.ts'

/** do_setvfinfo for devices without virtual functions: what a driver would have to do is EOPNOTSUPP, nothing to do is EINVAL. */
export function set_vf(s: setlink_state): Errno | undefined {
  for (const [type, at] of nest_members(s.req, s.tb.at(IFLA_VFINFO_LIST))) {
    if (type !== IFLA_VF_INFO || get16(s.req.buf, at) < 8) return EINVAL
    const vf = nla_parse_nested_deprecated_at(quiet(s.req), at, ifla_vf_policy)
    if (isErrno(vf)) return vf
    let asked = false
    for (let nr = 1; nr <= vf.max; nr++) {
      if (vf.atNr(nr) === 0 || nr === IFLA_VF_STATS.nr || nr === IFLA_VF_BROADCAST.nr) continue
      if (nr !== IFLA_VF_RSS_QUERY_EN.nr && get32(s.req.buf, vf.atNr(nr) + 4) >= 0x7fffffff) return EINVAL
      asked = true
    }
    return asked ? EOPNOTSUPP : EINVAL
  }
  return undefined
}
function quiet(req: Request): { buf: Uint8Array; pool: Request['pool']; extack: netlink_ext_ack } {
  return { buf: req.buf, pool: req.pool, extack: new netlink_ext_ack() }
}
export function set_vf_ports(s: setlink_state): Errno | undefined {
  if (s.tb.has(IFLA_VF_PORTS)) return EOPNOTSUPP
  if (!s.tb.has(IFLA_PORT_SELF)) return undefined
  const port = nla_parse_nested_deprecated(quiet(s.req), s.tb, IFLA_PORT_SELF, ifla_port_policy)
  return isErrno(port) ? port : EOPNOTSUPP
}

export function set_af_spec(s: setlink_state): Errno | undefined {
  for (const [family, at] of nest_members(s.req, s.tb.at(IFLA_AF_SPEC))) {
    const error = rtnl_af_lookup(s.req.net.kernel, family)?.set_link_af?.(s.dev, s.req, at, s.req.extack)
    if (isErrno(error)) return error
    s.status |= DO_SETLINK_NOTIFY
  }
  return undefined
}

export function set_proto_down(s: setlink_state): Errno | undefined {
  if (!s.tb.has(IFLA_PROTO_DOWN) && !s.tb.has(IFLA_PROTO_DOWN_REASON)) return undefined
  return done(s, do_set_proto_down(s), DO_SETLINK_NOTIFY)
}
function do_set_proto_down({ req, dev, tb }: setlink_state): Errno | undefined {
  const { extack } = req
  if ((dev.priv_flags & IFF_CHANGE_PROTO_DOWN) === 0) return extack.fail(EOPNOTSUPP, 'Protodown not supported by device')
  if (tb.has(IFLA_PROTO_DOWN_REASON)) {
    const reason = nla_parse_nested_deprecated(quiet(req), tb, IFLA_PROTO_DOWN_REASON, ifla_proto_down_reason_policy)
    if (isErrno(reason)) return reason
    const value = reason.get(IFLA_PROTO_DOWN_REASON_VALUE)
    if (value === undefined) return extack.fail(EINVAL, 'Invalid protodown reason value')
    dev_change_proto_down_reason(dev, reason.get(IFLA_PROTO_DOWN_REASON_MASK) ?? 0, value)
  }
  const proto_down = tb.get(IFLA_PROTO_DOWN)
  if (proto_down === undefined) return undefined
  if (proto_down === 0 && dev.proto_down_reason !== 0) return extack.fail(EBUSY, 'Cannot clear protodown, active reasons')
  return dev_change_proto_down(dev, proto_down !== 0)
}

/** Programs cannot be loaded here: what Linux checks is checked, then a descriptor is none. */
export function set_xdp(s: setlink_state): Errno | undefined {
  if (!s.tb.has(IFLA_XDP)) return undefined
  const xdp = nla_parse_nested_deprecated(quiet(s.req), s.tb, IFLA_XDP, ifla_xdp_policy)
  if (isErrno(xdp)) return xdp
  if (xdp.has(IFLA_XDP_ATTACHED) || xdp.has(IFLA_XDP_PROG_ID)) return EINVAL
  const flags = xdp.get(IFLA_XDP_FLAGS) ?? 0
  const modes = flags & XDP_FLAGS_MODES
  if ((flags & ~XDP_FLAGS_MASK) !== 0 || (modes & (modes - 1)) !== 0) return EINVAL
  const fd = xdp.get(IFLA_XDP_FD)
  if (fd === undefined) return undefined
  if ((flags & XDP_FLAGS_REPLACE) !== 0 && !xdp.has(IFLA_XDP_EXPECTED_FD)) return EINVAL
  return done(s, dev_change_xdp_fd(s, fd), DO_SETLINK_NOTIFY)
}
/** A negative descriptor takes the program away: nothing is attached, so nothing changes. */
function dev_change_xdp_fd(s: setlink_state, fd: number): Errno | undefined {
  if (fd < 0) return undefined
  s.req.net.kernel.unsupported.count('rtnetlink', 'IFLA_XDP_FD')
  return EBADF
}
