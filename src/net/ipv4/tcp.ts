/** net/ipv4/tcp.c: a stream begins and ends. */
import { type inet_sock, tcp_part } from './inet_sock.ts'

/** tcp_init_sock(): with the buffers of net.ipv4.tcp_wmem and tcp_rmem, and the congestion control of the namespace. */
export function tcp_init_sock(sk: inet_sock): void {
  const { kept_sysctls: sysctls } = sk.sk_net.ipv4
  sk.tcp = new tcp_part(sysctls.tcp_congestion_control as string)
  sk.sk_sndbuf = (sysctls.tcp_wmem as number[])[1]
  sk.sk_rcvbuf = (sysctls.tcp_rmem as number[])[1]
  sk.sk_net.kernel.inet.tcp_sockets_allocated++
}
export function tcp_destroy_sock(sk: inet_sock): void {
  sk.sk_net.kernel.inet.tcp_sockets_allocated--
}
