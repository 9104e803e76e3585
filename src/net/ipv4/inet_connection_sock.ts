/** net/ipv4/inet_connection_sock.c: sockets that wait for connections. None comes yet: see tcp_input.ts. */
import { EADDRINUSE, EAGAIN, EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import type { socket } from '../socket.ts'
import { inet_get_port, inet_put_port } from './inet_ports.ts'
import { type inet_sock, TCP_CLOSE, TCP_LISTEN } from './inet_sock.ts'

/** The port is asked for once more: another may listen at it since it was bound. */
export function inet_csk_listen_start(sk: inet_sock): Errno | undefined {
  sk.sk_ack_backlog = 0
  sk.sk_state = TCP_LISTEN
  if (isErrno(inet_get_port(sk, sk.inet_num))) {
    sk.sk_state = TCP_CLOSE
    return EADDRINUSE
  }
  sk.inet_sport = sk.inet_num
  return undefined
}
/** tcp_disconnect() of a listener; a port that was given stays. */
export function inet_csk_listen_stop(sk: inet_sock): void {
  sk.sk_state = TCP_CLOSE
  if (!sk.bindport_lock) inet_put_port(sk)
  sk.sk_shutdown = 0
}
export function inet_csk_accept(sk: inet_sock): socket | Errno {
  return sk.sk_state === TCP_LISTEN ? EAGAIN : EINVAL
}
