/** net/ipv4/devinet.c inet_af_ops: IFLA_AF_SPEC's AF_INET part, all settings of a device as one array. */
import { eachAttr, NLA_HDRLEN } from '../../lib/attrs.ts'
import { get16, get32, put32 } from '../../lib/bytes.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EAFNOSUPPORT, EINVAL, ENODATA, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFLA_INET, IFLA_INET_CONF } from '../../uapi/linux/if_link.ts'
import { IPV4_DEVCONF_MAX } from '../../uapi/linux/ip.ts'
import { AF_INET } from '../../uapi/linux/socket.ts'
import type { net_device } from '../core/netdevice.ts'
import type { link_request, rtnl_af_ops } from '../core/rtnetlink.ts'
import { nla_parse_nested_deprecated_at } from '../netlink/attr.ts'
import { NLA_NESTED, policy } from '../netlink/policy.ts'

export const inet_af_policy = policy(IFLA_INET, { IFLA_INET_CONF: NLA_NESTED() }, { name: 'inet_af_policy' })

export function inet_get_link_af_size(dev: net_device): number {
  return dev.ip_ptr === undefined ? 0 : NLA_HDRLEN + IPV4_DEVCONF_MAX * 4
}
export function inet_fill_link_af(skb: MessageBuilder, dev: net_device): Errno | undefined {
  if (dev.ip_ptr === undefined) return ENODATA
  const { data } = dev.ip_ptr.cnf
  const o = skb.reserve(IFLA_INET_CONF.nr, IPV4_DEVCONF_MAX * 4)
  if (o >= 0) for (let i = 0; i < IPV4_DEVCONF_MAX; i++) put32(skb.buf, o + i * 4, data[i])
  return undefined
}

/** Calls back for each setting in the request's IFLA_INET_CONF; the number is the setting's. */
function each_setting(req: link_request, at: number, visit: (nr: number, o: number, length: number) => void): Errno | undefined {
  const tb = nla_parse_nested_deprecated_at(req, at, inet_af_policy)
  if (isErrno(tb)) return tb
  const conf = tb.at(IFLA_INET_CONF)
  if (conf === 0) return undefined
  eachAttr(req.buf, conf + NLA_HDRLEN, conf + get16(req.buf, conf), (nr, o) => visit(nr, o + NLA_HDRLEN, get16(req.buf, o) - NLA_HDRLEN))
  return undefined
}
export function inet_validate_link_af(dev: net_device | undefined, req: link_request, at: number): Errno | undefined {
  if (dev !== undefined && dev.ip_ptr === undefined) return EAFNOSUPPORT
  let bad = false
  const error = each_setting(req, at, (nr, _o, length) => {
    if (length < 4 || nr <= 0 || nr > IPV4_DEVCONF_MAX) bad = true
  })
  return error ?? (bad ? EINVAL : undefined)
}
export function inet_set_link_af(dev: net_device, req: link_request, at: number): Errno | undefined {
  const in_dev = dev.ip_ptr
  if (in_dev === undefined) return EAFNOSUPPORT
  const error = each_setting(req, at, (nr, o) => in_dev.cnf.set(nr, get32(req.buf, o) | 0))
  return error === undefined ? undefined : EINVAL
}

export const inet_af_ops: rtnl_af_ops = {
  name: 'inet_af_ops',
  family: AF_INET,
  fill_link_af: inet_fill_link_af,
  get_link_af_size: inet_get_link_af_size,
  validate_link_af: inet_validate_link_af,
  set_link_af: inet_set_link_af,
}
