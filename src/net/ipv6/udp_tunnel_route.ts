/** net/ipv4/udp_tunnel_core.c, net/ipv6/ip6_udp_tunnel.c: where a tunnel in UDP would send: for drivers, which lie beside the protocols. */
import { getBe32 } from '../../lib/bytes.ts'
import { isErrno } from '../../uapi/errno.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { flowi4 } from '../ipv4/fib_lookup.ts'
import { ip_route_output_key } from '../ipv4/route.ts'
import { flowi6 } from './ip6_fib_lookup.ts'
import { ip6_route_output } from './route.ts'

/** The device that packets to `remote` (4 or 16 bytes) leave by. */
export function udp_tunnel_lower_dev(net: net, remote: Uint8Array): net_device | undefined {
  if (remote.length === 4) {
    const rt = ip_route_output_key(net, new flowi4(getBe32(remote, 0)))
    return isErrno(rt) ? undefined : rt.dev
  }
  if (net.ipv6 === undefined) return undefined
  const rt = ip6_route_output(net, new flowi6(remote, new Uint8Array(16)))
  return isErrno(rt) || rt.error !== undefined ? undefined : rt.dev
}
