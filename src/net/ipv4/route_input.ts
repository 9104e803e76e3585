/** net/ipv4/route.c ip_route_input_slow: where a packet that comes in goes: up to us, on to another device, or nowhere. */
import { EHOSTUNREACH, EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import { ipv4_is_lbcast, ipv4_is_loopback, ipv4_is_multicast, ipv4_is_zeronet } from '../../uapi/linux/in.ts'
import { IPV4_DEVCONF_FORWARDING } from '../../uapi/linux/ip.ts'
import { RTN_BROADCAST, RTN_LOCAL, RTN_UNICAST } from '../../uapi/linux/rtnetlink.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { fib_lookup, fib_result, type flowi4 } from './fib_lookup.ts'
import { fib_select_path, rt_set_nexthop, rtable } from './route.ts'

/** Sources that no packet from outside may have. */
function martian_source(fl: flowi4): boolean {
  if (ipv4_is_multicast(fl.saddr) || ipv4_is_lbcast(fl.saddr) || ipv4_is_loopback(fl.saddr)) return true
  return ipv4_is_zeronet(fl.saddr) && fl.saddr !== 0
}

export function ip_route_input(net: net, fl: flowi4, dev: net_device): rtable | Errno {
  const in_dev = dev.ip_ptr
  if (in_dev === undefined || martian_source(fl)) return EINVAL
  if (ipv4_is_lbcast(fl.daddr) || (fl.daddr === 0 && fl.saddr === 0)) return new rtable(net.loopback_dev, RTN_BROADCAST, fl.daddr, fl.saddr)
  if (ipv4_is_zeronet(fl.saddr) || ipv4_is_zeronet(fl.daddr) || ipv4_is_loopback(fl.daddr)) return EINVAL
  const res = new fib_result()
  const forwards = in_dev.cnf.get(IPV4_DEVCONF_FORWARDING) !== 0
  const error = fib_lookup(net, fl, res, 0)
  if (isErrno(error)) return forwards ? error : EHOSTUNREACH
  if (res.type === RTN_LOCAL || res.type === RTN_BROADCAST) return new rtable(net.loopback_dev, res.type, fl.daddr, fl.saddr, res)
  if (!forwards) return EHOSTUNREACH
  if (res.type !== RTN_UNICAST) return EINVAL
  fib_select_path(net, fl, res)
  const out = res.nh?.fib_nh_dev
  if (out === undefined) return EINVAL
  const rt = new rtable(out, RTN_UNICAST, fl.daddr, fl.saddr, res)
  rt_set_nexthop(rt, res)
  return rt
}
