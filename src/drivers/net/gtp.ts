/**
 * drivers/net/gtp.c: GPRS tunnels: the kind of link and the generic netlink family. Devices need a daemon's sockets;
 * taking those over, and contexts, are not built: such requests are counted.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import type { AttrTable } from '../../lib/attrs.ts'
import type { net } from '../../net/core/net_namespace.ts'
import type { net_device, net_device_ops } from '../../net/core/netdevice.ts'
import { IFF_NO_QUEUE } from '../../net/core/netdevice.ts'
import { rtnl_link_register } from '../../net/core/rtnetlink.ts'
import type { rtnl_link_ops } from '../../net/core/rtnl_link_ops.ts'
import { type genl_family, type genl_info, genl_register_family } from '../../net/netlink/genetlink.ts'
import { NLA_BINARY, NLA_U8, NLA_U16, NLA_U32, NLA_U64, policy } from '../../net/netlink/policy.ts'
import { EINVAL, EOPNOTSUPP, type Errno } from '../../uapi/errno.ts'
import { GENL_ADMIN_PERM } from '../../uapi/linux/genetlink.ts'
import * as G from '../../uapi/linux/gtp.ts'
import { IFF_MULTICAST, IFF_NOARP, IFF_POINTOPOINT } from '../../uapi/linux/if.ts'
import { ARPHRD_NONE } from '../../uapi/linux/if_arp.ts'

export const gtp_netdev_ops: net_device_ops = { name: 'gtp_netdev_ops' }

export function gtp_link_setup(dev: net_device): void {
  dev.netdev_ops = gtp_netdev_ops
  dev.needs_free_netdev = true
  dev.type = ARPHRD_NONE
  dev.flags = IFF_POINTOPOINT | IFF_NOARP | IFF_MULTICAST
  dev.priv_flags |= IFF_NO_QUEUE
  dev.lltx = true
}
export function gtp_validate(_tb: AttrTable, data: AttrTable | undefined): Errno | undefined {
  return data === undefined ? EINVAL : undefined
}
export function gtp_newlink(src_net: net, _dev: net_device, _tb: AttrTable, data: AttrTable | undefined): Errno | undefined {
  if (data === undefined || (data.get(G.IFLA_GTP_ROLE) ?? G.GTP_ROLE_GGSN) > G.GTP_ROLE_SGSN) return EINVAL
  const sockets = data.has(G.IFLA_GTP_FD0) || data.has(G.IFLA_GTP_FD1) || data.has(G.IFLA_GTP_CREATE_SOCKETS)
  if (!sockets) return EINVAL
  src_net.kernel.unsupported.count('link', 'gtp with sockets')
  return EOPNOTSUPP
}

export const gtp_policy = policy(G.IFLA_GTP, {
  IFLA_GTP_FD0: NLA_U32,
  IFLA_GTP_FD1: NLA_U32,
  IFLA_GTP_PDP_HASHSIZE: NLA_U32,
  IFLA_GTP_ROLE: NLA_U32,
  IFLA_GTP_CREATE_SOCKETS: NLA_U8,
  IFLA_GTP_RESTART_COUNT: NLA_U8,
  IFLA_GTP_LOCAL: NLA_U32,
  IFLA_GTP_LOCAL6: NLA_BINARY(16),
})
export const gtp_link_ops: rtnl_link_ops = {
  kind: 'gtp',
  policy: gtp_policy,
  setup: gtp_link_setup,
  validate: gtp_validate,
  newlink: gtp_newlink,
}

export const gtp_genl_policy = policy(G.GTPA, {
  GTPA_LINK: NLA_U32,
  GTPA_VERSION: NLA_U32,
  GTPA_TID: NLA_U64,
  GTPA_PEER_ADDRESS: NLA_U32,
  GTPA_MS_ADDRESS: NLA_U32,
  GTPA_FLOW: NLA_U16,
  GTPA_NET_NS_FD: NLA_U32,
  GTPA_I_TEI: NLA_U32,
  GTPA_O_TEI: NLA_U32,
  GTPA_PEER_ADDR6: NLA_BINARY(16),
  GTPA_MS_ADDR6: NLA_BINARY(16),
  GTPA_FAMILY: NLA_U8,
})
export function gtp_genl_unsupported({ net, cmd }: genl_info): Errno {
  net.kernel.unsupported.count('genl', `gtp command ${cmd}`)
  return EOPNOTSUPP
}
/** No devices, no contexts. */
export function gtp_genl_dump_pdp(): undefined {
  return undefined
}
const LIBERAL = 3
export const gtp_genl_family: genl_family = {
  name: 'gtp',
  version: 0,
  maxattr: G.GTPA.max,
  policy: gtp_genl_policy,
  netnsok: true,
  ops: [
    { cmd: G.GTP_CMD_NEWPDP, validate: LIBERAL, flags: GENL_ADMIN_PERM, doit: gtp_genl_unsupported },
    { cmd: G.GTP_CMD_DELPDP, validate: LIBERAL, flags: GENL_ADMIN_PERM, doit: gtp_genl_unsupported },
    { cmd: G.GTP_CMD_GETPDP, validate: LIBERAL, flags: GENL_ADMIN_PERM, doit: gtp_genl_unsupported, dumpit: gtp_genl_dump_pdp },
    { cmd: G.GTP_CMD_ECHOREQ, validate: LIBERAL, flags: GENL_ADMIN_PERM, doit: gtp_genl_unsupported },
  ],
  mcgrps: [{ name: 'gtp' }],
}

export function gtp_init(kernel: Kernel): Errno | undefined {
  return rtnl_link_register(kernel, gtp_link_ops) ?? genl_register_family(kernel, gtp_genl_family)
}
