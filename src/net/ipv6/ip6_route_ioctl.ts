/** net/ipv6/route.c ipv6_route_ioctl: SIOCADDRT and SIOCDELRT on an AF_INET6 socket (route -A inet6). */
import { EINVAL, type Errno } from '../../uapi/errno.ts'
import { IP6_RT_PRIO_USER, in6_rtmsg } from '../../uapi/linux/ipv6_route.ts'
import { RT_TABLE_MAIN } from '../../uapi/linux/rtnetlink.ts'
import { SIOCADDRT, SIOCDELRT } from '../../uapi/linux/sockios.ts'
import { l3mdev_fib_table } from '../core/l3mdev.ts'
import type { net } from '../core/net_namespace.ts'
import { fib6_config } from './ip6_fib_info.ts'
import { ip6_route_del } from './ip6_route_del.ts'
import { ip6_route_add } from './route.ts'

/** `bytes`: a struct in6_rtmsg. */
export function ipv6_route_ioctl(net: net, cmd: number, bytes: Uint8Array): Errno | undefined {
  if (cmd !== SIOCADDRT && cmd !== SIOCDELRT) return EINVAL
  const rtmsg = in6_rtmsg.get(bytes, 0)
  const cfg = new fib6_config()
  const dev = net.dev_index_head.get(rtmsg.rtmsg_ifindex)
  cfg.fc_table = (dev && l3mdev_fib_table(dev)) || RT_TABLE_MAIN
  cfg.fc_ifindex = rtmsg.rtmsg_ifindex
  cfg.fc_metric = rtmsg.rtmsg_metric || IP6_RT_PRIO_USER
  cfg.fc_expires = rtmsg.rtmsg_info
  cfg.fc_dst_len = rtmsg.rtmsg_dst_len
  cfg.fc_src_len = rtmsg.rtmsg_src_len
  cfg.fc_flags = rtmsg.rtmsg_flags
  cfg.fc_type = rtmsg.rtmsg_type
  cfg.fc_dst = rtmsg.rtmsg_dst
  cfg.fc_src = rtmsg.rtmsg_src
  cfg.fc_gateway = rtmsg.rtmsg_gateway
  return cmd === SIOCADDRT ? ip6_route_add(net, cfg) : ip6_route_del(net, cfg)
}
