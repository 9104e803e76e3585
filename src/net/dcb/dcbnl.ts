/**
 * net/dcb/dcbnl.c: Data Center Bridging, for devices whose driver has none: who may ask, of which device, and that it cannot.
 *
 *   a request                          | is answered
 *   whose command has no number        | EINVAL
 *   of command 0                       | EOPNOTSUPP
 *   that changes something, by a user  | EPERM
 *   that names no device               | EINVAL
 *   for a device that is not there     | ENODEV
 *   for any other                      | EOPNOTSUPP
 */
import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { NLMSG_HDRLEN } from '../../lib/message.ts'
import * as D from '../../uapi/linux/dcbnl.ts'
import { EINVAL, ENODEV, EOPNOTSUPP, EPERM, type Errno, isErrno } from '../../uapi/errno.ts'
import { RTM_GETDCB, RTM_SETDCB } from '../../uapi/linux/rtnetlink.ts'
import { dcbmsg } from '../../uapi/linux/rtnetlink_more.ts'
import { AF_UNSPEC } from '../../uapi/linux/socket.ts'
import { __dev_get_by_name } from '../core/dev_state.ts'
import { rtnl_register } from '../core/rtnetlink.ts'
import { netlink_net_capable } from '../netlink/af_netlink.ts'
import { nlmsg_parse_deprecated } from '../netlink/attr.ts'
import { NLA_FLAG, NLA_NESTED, NLA_NUL_STRING, NLA_U8, policy } from '../netlink/policy.ts'
import type { Request } from '../netlink/types.ts'

const IFNAMSIZ = 16
/** Commands that change something, whatever message they come in. */
const setters: readonly number[] = [
  D.DCB_CMD_SSTATE,
  D.DCB_CMD_PGTX_SCFG,
  D.DCB_CMD_PGRX_SCFG,
  D.DCB_CMD_PFC_SCFG,
  D.DCB_CMD_SET_ALL,
  D.DCB_CMD_SNUMTCS,
  D.DCB_CMD_PFC_SSTATE,
  D.DCB_CMD_BCN_SCFG,
  D.DCB_CMD_SAPP,
  D.DCB_CMD_IEEE_SET,
  D.DCB_CMD_SDCBX,
  D.DCB_CMD_SFEATCFG,
  D.DCB_CMD_IEEE_DEL,
]

export const dcbnl_rtnl_policy = policy(
  D.DCB_ATTR,
  {
    DCB_ATTR_IFNAME: NLA_NUL_STRING(IFNAMSIZ - 1),
    DCB_ATTR_STATE: NLA_U8,
    DCB_ATTR_PFC_CFG: NLA_NESTED(),
    DCB_ATTR_PG_CFG: NLA_NESTED(),
    DCB_ATTR_SET_ALL: NLA_U8,
    DCB_ATTR_PERM_HWADDR: NLA_FLAG,
    DCB_ATTR_CAP: NLA_NESTED(),
    DCB_ATTR_PFC_STATE: NLA_U8,
    DCB_ATTR_BCN: NLA_NESTED(),
    DCB_ATTR_APP: NLA_NESTED(),
    DCB_ATTR_IEEE: NLA_NESTED(),
    DCB_ATTR_DCBX: NLA_U8,
    DCB_ATTR_FEATCFG: NLA_NESTED(),
  },
  { name: 'dcbnl_rtnl_policy' },
)

export function dcb_doit(req: Request): Errno | undefined {
  const tb = nlmsg_parse_deprecated(req, dcbmsg.size, dcbnl_rtnl_policy)
  if (isErrno(tb)) return tb
  const { cmd } = dcbmsg.get(req.buf, NLMSG_HDRLEN)
  if (cmd > D.DCB_CMD_MAX) return EINVAL
  if (cmd === D.DCB_CMD_UNDEFINED) return EOPNOTSUPP
  if (setters.includes(cmd) && !netlink_net_capable(req, req.task, CAP_NET_ADMIN)) return EPERM
  const name = tb.get(D.DCB_ATTR_IFNAME)
  if (name === undefined) return EINVAL
  return __dev_get_by_name(req.net, name) === undefined ? ENODEV : EOPNOTSUPP
}

export function dcbnl_init(kernel: Kernel): Errno | undefined {
  rtnl_register(kernel, AF_UNSPEC, RTM_GETDCB, { doit: dcb_doit })
  rtnl_register(kernel, AF_UNSPEC, RTM_SETDCB, { doit: dcb_doit })
  return undefined
}
