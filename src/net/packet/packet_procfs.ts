/** net/packet/af_packet.c packet_seq_show: /proc/net/packet. */
import { proc_create, remove_proc_entry } from '../../fs/proc_net.ts'
import type { net } from '../core/net_namespace.ts'
import { sock_i_ino } from '../sock.ts'
import { netns_packet_of } from './packet_sock.ts'

const header = 'sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n'

/** Addresses of kernel memory are not known here: 0. Hooked sockets have a reference more. */
export function packet_seq_show(net: net): string {
  const lines = netns_packet_of(net).sklist.map((po) => {
    const refs = po.running ? 3 : 2
    const columns = [
      '0000000000000000',
      String(refs).padEnd(6),
      String(po.sk_type).padEnd(4),
      po.num.toString(16).padStart(4, '0').padEnd(6),
      String(po.ifindex).padEnd(5),
      po.running ? 1 : 0,
      String(po.sk_rmem_alloc).padEnd(6),
      String(po.sk_uid).padEnd(6),
      String(sock_i_ino(po)).padEnd(6),
    ]
    return `${columns.join(' ')}\n`
  })
  return header + lines.join('')
}
export function packet_proc_init(net: net): void {
  proc_create(net, 'packet', packet_seq_show)
}
export function packet_proc_exit(net: net): void {
  remove_proc_entry(net, 'packet')
}
