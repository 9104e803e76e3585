/** net/ipv6/af_inet6.c: PF_INET6 comes up. */
import type { Kernel } from '../../kernel/kernel.ts'
import { raw_notifier_head } from '../../kernel/notifier.ts'
import type { task_struct } from '../../kernel/task.ts'
import { type Errno, isErrno } from '../../uapi/errno.ts'
import { ETH_P_IPV6 } from '../../uapi/linux/if_ether.ts'
import { IPPROTO_IP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDPLITE } from '../../uapi/linux/in.ts'
import { IPPROTO_ICMPV6 } from '../../uapi/linux/in6.ts'
import { AF_INET6, SOCK_DGRAM, SOCK_RAW, SOCK_STREAM } from '../../uapi/linux/socket.ts'
import { dev_add_pack, packet_type } from '../core/dev.ts'
import { type net, type pernet_operations, register_pernet_subsys } from '../core/net_namespace.ts'
import { udp_part } from '../ipv4/inet_sock.ts'
import { inet_choose_protocol, type inet_protosw } from '../ipv4/protosw.ts'
import { type net_proto_family, sock_register, type socket } from '../socket.ts'
import { addrconf_init } from './addrconf.ts'
import { if6_proc_init } from './addrconf_procfs.ts'
import { ipv6_misc_proc_init } from './proc.ts'
import { ipv6_sysctl_more_init } from './sysctl_ipv6_more.ts'
import { inet6_sock_ops } from './af_inet6_ops.ts'
import { icmpv6_init } from './icmp.ts'
import { MLD_QRV_DEFAULT } from './if_inet6.ts'
import { inet6_sock } from './inet6_sock.ts'
import { ioam6_init } from './ioam6.ts'
import { seg6_init } from './seg6.ts'
import { type inet6_protocol, ipv6_rcv } from './ip6_input.ts'
import { ipv6_stub_impl } from './ipv6_stubs.ts'
import { ndisc_init, ndisc_late_init } from './ndisc.ts'
import { netns_ipv6 } from './netns_ipv6.ts'
import { ipv6_exthdrs_init } from './reassembly.ts'
import { seg6_iptunnel_init } from './seg6_iptunnel.ts'
import { seg6_local_init } from './seg6_local.ts'
import { ip6_route_init } from './route.ts'
import type { xfrm6_tunnel } from './tunnel6.ts'
import { tcp_init_sock } from '../ipv4/tcp.ts'
import { tcpv6_init } from './tcp_ipv6.ts'
import { udpv6_init } from './udp_rcv.ts'
import { ipv6_sysctl_register } from './sysctl_net_ipv6.ts'

/** IPv6's part of a kernel. */
export class inet6_state {
  /** NETDEV_UP and NETDEV_DOWN with the inet6_ifaddr. */
  inet6addr_chain = new raw_notifier_head()
  /** Asked before an address is listed, with an in6_validator_info. */
  inet6addr_validator_chain = new raw_notifier_head()
  /** Handlers of what follows the fixed header, by number. */
  protos = new Map<number, inet6_protocol>()
  /** Of tunnels, by what they carry; the first ones are asked first (tunnel6_handlers). */
  tunnel6 = new Map<number, xfrm6_tunnel[]>()
  /** Sources that a socket may name of a group (net.ipv6.mld_max_msf, of the first namespace for all). */
  mld_max_msf = 64
  /** How often what changes is told (net.ipv6.mld_qrv, the same). */
  mld_qrv = MLD_QRV_DEFAULT
  calipso = { cache_enable: 1, cache_bucket_size: 10 }
  ip6frag_secret_interval = 0
}

/** In the order that a search for protocol 0 goes. */
export const inetsw6: readonly inet_protosw[] = [
  { type: SOCK_STREAM, protocol: IPPROTO_TCP },
  { type: SOCK_DGRAM, protocol: IPPROTO_UDP },
  { type: SOCK_DGRAM, protocol: IPPROTO_UDPLITE },
  { type: SOCK_DGRAM, protocol: IPPROTO_ICMPV6 },
  { type: SOCK_RAW, protocol: IPPROTO_IP },
]

/** inet6_create() */
export function inet6_create(net: net, sock: socket, protocol: number, task: task_struct | undefined): Errno | undefined {
  const chosen = inet_choose_protocol(net, sock.type, protocol, task, inetsw6)
  if (isErrno(chosen)) return chosen
  sock.ops = inet6_sock_ops
  const sk = new inet6_sock(net, sock, chosen)
  if (sk.sk_type === SOCK_DGRAM && (chosen === IPPROTO_UDP || chosen === IPPROTO_UDPLITE)) sk.udp = new udp_part()
  if (sock.type === SOCK_RAW) {
    sk.inet_num = sk.inet_sport = chosen
    net.ipv6.raw_sks.push(sk)
  }
  // nothing else is heard (pingv6_prot)
  if (sock.type === SOCK_DGRAM && chosen === IPPROTO_ICMPV6) sk.ipv6only = true
  if (sk.sk_type === SOCK_STREAM) tcp_init_sock(sk)
  // INET_PROTOSW_REUSE
  else if (sk.udp === undefined) sk.sk_reuse = true
  net.kernel.namespaces.get_net(net)
  return undefined
}
export const inet6_family_ops: net_proto_family = { family: AF_INET6, name: 'PF_INET6', create: inet6_create }

export const inet6_net_ops: pernet_operations = { name: 'inet6_net_ops', init: inet6_net_init }
export function inet6_net_init(net: net): Errno | undefined {
  net.ipv6 = new netns_ipv6()
  return undefined
}

/**
 * device_initcall: under ipv6.disable=1 nothing but the module is there. Neighbours and routes come before addresses, so
 * that both are ready when the first device is; but on the netdev chain neighbours hear of it last.
 */
export function inet6_init(kernel: Kernel): Errno | undefined {
  if (!kernel.params.ipv6) return undefined
  kernel.inet6 = new inet6_state()
  const steps = [
    inet6_net,
    ndisc_init,
    ip6_route_init,
    if6_proc_init,
    ipv6_misc_proc_init,
    ipv6_sysctl_more_init,
    addrconf_init,
    ndisc_late_init,
    ipv6_sysctl_register,
    inet6_family,
    ipv6_packet_init,
    seg6_init,
    ioam6_init,
    seg6_iptunnel_init,
    seg6_local_init,
  ]
  for (const step of steps) {
    const error = step(kernel)
    if (isErrno(error)) return error
  }
  return undefined
}
function inet6_net(kernel: Kernel): Errno | undefined {
  kernel.ipv6_stub = ipv6_stub_impl
  return register_pernet_subsys(kernel, inet6_net_ops)
}
/** Protocols, then the packet type: from now on packets come in. */
function ipv6_packet_init(kernel: Kernel): Errno | undefined {
  icmpv6_init(kernel.init_net)
  ipv6_exthdrs_init(kernel.init_net)
  udpv6_init(kernel.init_net)
  tcpv6_init(kernel.init_net)
  dev_add_pack(kernel, new packet_type(ETH_P_IPV6, ipv6_rcv))
  return undefined
}
function inet6_family(kernel: Kernel): Errno | undefined {
  return sock_register(kernel, inet6_family_ops)
}
