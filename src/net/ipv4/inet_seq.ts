/** net/ipv4/{udp,tcp_ipv4,raw}.c, net/ipv6/…: the lists of sockets in /proc/net, as netstat reads them. */
import { hex } from '../../lib/bytes.ts'
import { AF_INET6 } from '../../uapi/linux/socket.ts'
import type { net } from '../core/net_namespace.ts'
import type { inet6_sock } from '../ipv6/inet6_sock.ts'
import { sock_i_ino } from '../sock.ts'
import type { inet_sock } from './inet_sock.ts'

/** Width of a line in the files of IPv4's datagram sockets, and of TCP's. */
const DATAGRAM_WIDTH = 127
const TCP_WIDTH = 149
/** Buckets of udp_table, in which the files list. */
const UDP_SLOTS = 8192

export interface inet_seq {
  readonly protocol: number
  readonly family: number
}

/** Sockets of a protocol that have a port, by port. */
export function inet_port_holders(net: net, protocol: number, family: number): inet_sock[] {
  const ports = (net.ipv4.ports.get(protocol) ?? new Map()) as Map<number, Set<inet_sock>>
  return [...ports]
    .sort((a, b) => a[0] - b[0])
    .flatMap(([, holders]) => [...holders])
    .filter((sk) => sk.sk_family === family)
}

const x = (value: number, width: number) => (value >>> 0).toString(16).toUpperCase().padStart(width, '0')
/** An address in host order as a little-endian machine prints the big-endian word. */
function raw4(addr: number): string {
  return x(((addr & 0xff) << 24) | ((addr & 0xff00) << 8) | ((addr >>> 8) & 0xff00) | (addr >>> 24), 8)
}
function raw6(addr: Uint8Array): string {
  let out = ''
  for (let at = 0; at < 16; at += 4) out += hex(addr.slice(at, at + 4).reverse()).toUpperCase()
  return out
}
function ends(sk: inet_sock): string {
  const six = sk as inet6_sock
  const [local, remote] =
    sk.sk_family === AF_INET6 ? [raw6(six.rcv_saddr), raw6(six.daddr)] : [raw4(sk.inet_rcv_saddr), raw4(sk.inet_daddr)]
  return `${local}:${x(sk.inet_num, 4)} ${remote}:${x(sk.inet_dport, 4)}`
}
/** Addresses of kernel memory are not known here: 0. */
function common(sk: inet_sock): string {
  const uid = String(sk.sk_uid).padStart(5)
  return `${ends(sk)} ${x(sk.sk_state, 2)} 00000000:${x(sk.sk_rmem_alloc, 8)} 00:00000000 00000000 ${uid}        0 ${sock_i_ino(sk)}`
}

const SIX_HEADER =
  '  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'
const FOUR_HEADER = 'sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'

/** udp, udplite, udp6, udplite6 */
export function udp_seq_show(net: net, { protocol, family }: inet_seq): string {
  const width = family === AF_INET6 ? 0 : DATAGRAM_WIDTH
  const header = family === AF_INET6 ? `${SIX_HEADER} ref pointer drops` : `   ${FOUR_HEADER} ref pointer drops`
  const lines = inet_port_holders(net, protocol, family).map((sk) => {
    const slot = String(sk.inet_num % UDP_SLOTS).padStart(5)
    return `${slot}: ${common(sk)} 2 0000000000000000 ${sk.sk_drops}`
  })
  return [header, ...lines].map((line) => `${line.padEnd(width)}\n`).join('')
}

/** raw, raw6, icmp, icmp6: only ping sockets of IPv4 are listed with a fixed width. */
export function raw_seq_show(net: net, { protocol, family }: inet_seq): string {
  const six = family === AF_INET6
  if (protocol !== 0) return `${six ? SIX_HEADER : `  ${FOUR_HEADER}`} ref pointer drops`.padEnd(six ? 0 : DATAGRAM_WIDTH).concat('\n')
  const sks = (six ? net.ipv6?.raw_sks : net.ipv4.raw_sks) ?? []
  const lines = [...sks].map((sk) => `${String(sk.inet_num % 256).padStart(4)}: ${common(sk)} 2 0000000000000000 ${sk.sk_drops}`)
  return `${[`${six ? SIX_HEADER : `  ${FOUR_HEADER}`} ref pointer drops`, ...lines].join('\n')}\n`
}

/** tcp, tcp6: sockets that listen */
export function tcp_seq_show(net: net, { protocol, family }: inet_seq): string {
  const width = family === AF_INET6 ? 0 : TCP_WIDTH
  const TCP_CLOSE = 7
  const listed = inet_port_holders(net, protocol, family).filter((sk) => sk.sk_state !== TCP_CLOSE)
  const lines = listed.map((sk, i) => `${String(i).padStart(4)}: ${common(sk)} 1 0000000000000000 100 0 0 10 0`)
  return [family === AF_INET6 ? SIX_HEADER : `  ${FOUR_HEADER}`, ...lines].map((line) => `${line.padEnd(width)}\n`).join('')
}
