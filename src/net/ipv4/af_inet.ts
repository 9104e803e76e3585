/** net/ipv4/af_inet.c: PF_INET comes up. */
import type { Kernel } from '../../kernel/kernel.ts'
import { raw_notifier_head } from '../../kernel/notifier.ts'
import { ratelimit_state } from '../../kernel/ratelimit.ts'
import type { task_struct } from '../../kernel/task.ts'
import { HZ } from '../../kernel/time.ts'
import { type Errno, isErrno } from '../../uapi/errno.ts'
import { ETH_P_IP } from '../../uapi/linux/if_ether.ts'
import { IP_HDRINCL, IPPROTO_RAW, IPPROTO_UDP, IPPROTO_UDPLITE } from '../../uapi/linux/in.ts'
import { AF_INET, SOCK_DGRAM, SOCK_RAW, SOCK_STREAM } from '../../uapi/linux/socket.ts'
import { dev_add_pack, packet_type } from '../core/dev.ts'
import type { net } from '../core/net_namespace.ts'
import { type net_proto_family, sock_register, type socket } from '../socket.ts'
import { inet_sock_ops } from './af_inet_ops.ts'
import { arp_init } from './arp.ts'
import { devinet_init } from './devinet.ts'
import { ip_fib_init } from './fib_frontend.ts'
import { icmp_init } from './icmp.ts'
import { igmp_init } from './igmp_rcv.ts'
import { inet_sock, udp_part } from './inet_sock.ts'
import { ip_rcv, type net_protocol } from './ip_input.ts'
import { inet_choose_protocol } from './protosw.ts'
import { tcp_init_sock } from './tcp.ts'
import { tcp_v4_init } from './tcp_ipv4.ts'
import { ip_tunnel_core_init } from './ip_tunnel_lwt.ts'
import { ip_mr_init } from './ipmr_rules.ts'
import { ip_rt_init } from './route_get.ts'
import { route_sysctl_headers, route_sysctls } from './route_sysctl.ts'
import type { xfrm_tunnel } from './tunnel4.ts'
import { host_sysctls } from './sysctl_ipv4_table.ts'
import { tcp_metrics_init } from './tcp_metrics.ts'
import { udp_init } from './udp_rcv.ts'

export { inet_ioctl } from './inet_ioctl.ts'

/** IPv4's part of a kernel. */
export class inet_state {
  /** NETDEV_UP and NETDEV_DOWN with the in_ifaddr. */
  inetaddr_chain = new raw_notifier_head()
  /** Asked before an address is listed, with an in_validator_info. */
  inetaddr_validator_chain = new raw_notifier_head()
  /** Sockets of TCP, of both families and all namespaces (tcp_sockets_allocated). */
  tcp_sockets_allocated = 0
  /** Handlers of what IPv4 carries, by number (inet_protos). */
  protos = new Map<number, net_protocol>()
  /** Of tunnels, by what they carry; the first ones are asked first (tunnel4_handlers). */
  tunnel4 = new Map<number, xfrm_tunnel[]>()
  /** net_ratelimit(): lines that packets cause. */
  net_ratelimit = new ratelimit_state(5 * HZ, 10)
  /** What places flows among next hops; 0: not drawn yet. */
  multipath_key = 0
  route_sysctls = new route_sysctls()
  route_headers = new route_sysctl_headers()
  host_sysctls = new host_sysctls()
}

/** inet_create() */
export function inet_create(net: net, sock: socket, protocol: number, task: task_struct | undefined): Errno | undefined {
  const chosen = inet_choose_protocol(net, sock.type, protocol, task)
  if (isErrno(chosen)) return chosen
  sock.ops = inet_sock_ops
  const sk = new inet_sock(net, sock, chosen)
  if (sk.sk_type === SOCK_DGRAM && (chosen === IPPROTO_UDP || chosen === IPPROTO_UDPLITE)) sk.udp = new udp_part()
  if (sock.type === SOCK_RAW) {
    sk.inet_num = sk.inet_sport = chosen
    net.ipv4.raw_sks.push(sk)
    if (sk.inet_num === IPPROTO_RAW) sk.options.set(IP_HDRINCL, 1)
  }
  if (sk.sk_type === SOCK_STREAM) tcp_init_sock(sk)
  // INET_PROTOSW_REUSE
  else if (sk.udp === undefined) sk.sk_reuse = true
  net.kernel.namespaces.get_net(net)
  return undefined
}
export const inet_family_ops: net_proto_family = { family: AF_INET, name: 'PF_INET', create: inet_create }

/** fs_initcall. Neighbours, then addresses, then routes hear of what happens to a device. */
export function inet_init(kernel: Kernel): Errno | undefined {
  kernel.inet = new inet_state()
  const error = sock_register(kernel, inet_family_ops)
  if (isErrno(error)) return error
  arp_init(kernel)
  devinet_init(kernel)
  ip_fib_init(kernel)
  ip_rt_init(kernel)
  ip_tunnel_core_init(kernel)
  const refused = ip_mr_init(kernel)
  if (isErrno(refused)) return refused
  icmp_init(kernel.init_net)
  tcp_v4_init(kernel.init_net)
  udp_init(kernel.init_net)
  igmp_init(kernel.init_net)
  dev_add_pack(kernel, new packet_type(ETH_P_IP, ip_rcv))
  const full = tcp_metrics_init(kernel)
  if (isErrno(full)) return full
  return undefined
}
