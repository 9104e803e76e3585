/** net/ipv6/af_inet6.c ipv6_stub_impl: what IPv4 asks of IPv6. */
import { type Errno, isErrno } from '../../uapi/errno.ts'
import { ipv6_addr_any } from '../../uapi/linux/in6.ts'
import { RTF_GATEWAY } from '../../uapi/linux/route.ts'
import type { net } from '../core/net_namespace.ts'
import type { fib_nh_common } from '../ipv4/fib_nh.ts'
import type { fib6_nh_config, ipv6_stub } from '../ipv4/ipv6_stub.ts'
import type { nh_nl_info } from '../ipv4/nexthop.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { ipv6_dev_find } from './addrconf_core.ts'
import { fib6_config, type fib6_info, fib6_nh } from './ip6_fib_info.ts'
import { fib6_nh_init } from './ip6_route_create.ts'
import { fib6_rt_update } from './ip6_route_notify.ts'
import { ip6_del_rt } from './route.ts'

function stub_nh_init(net: net, asked: fib6_nh_config, extack: netlink_ext_ack | undefined): fib_nh_common | Errno {
  const cfg = new fib6_config()
  cfg.fc_table = asked.table
  cfg.fc_ifindex = asked.oif
  cfg.fc_gateway = asked.gw6
  cfg.fc_flags = asked.flags | (ipv6_addr_any(asked.gw6) ? 0 : RTF_GATEWAY)
  cfg.fc_is_fdb = asked.fdb
  const nh = new fib6_nh()
  const error = fib6_nh_init(net, nh, cfg, extack)
  return isErrno(error) ? error : nh
}
function stub_del_rt(net: net, f6i: fib6_info, skip_notify: boolean): void {
  ip6_del_rt(net, f6i, skip_notify)
}
function stub_rt_update(net: net, f6i: fib6_info, info: nh_nl_info): void {
  fib6_rt_update(net, f6i, { portid: info.portid, seq: info.seq, report: info.report, nlflags: info.nlflags, skip_notify: false })
}
export const ipv6_stub_impl: ipv6_stub = {
  fib6_nh_init: stub_nh_init,
  ip6_del_rt: stub_del_rt,
  fib6_rt_update: stub_rt_update,
  ipv6_dev_find,
}
