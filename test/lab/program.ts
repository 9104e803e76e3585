/** A program in this process: a task with a netlink socket, and the requests of `ip`. */
import type { task_struct } from '../../src/kernel/task.ts'
import type { Host } from '../../src/lab/host.ts'
import { MessageBuilder } from '../../src/lib/message.ts'
import type { socket } from '../../src/net/socket.ts'
import * as syscalls from '../../src/syscalls/syscalls.ts'
import { isErrno } from '../../src/uapi/errno.ts'
import { IFA_ADDRESS, IFA_LOCAL, ifaddrmsg } from '../../src/uapi/linux/if_addr.ts'
import { IFLA_IFNAME, IFLA_INFO_KIND, IFLA_LINKINFO } from '../../src/uapi/linux/if_link.ts'
import { ifinfomsg, RTM_GETLINK, RTM_NEWADDR, RTM_NEWLINK } from '../../src/uapi/linux/rtnetlink.ts'

const NLM_F_REQUEST_ACK = 5
const NLM_F_CREATE_EXCL = 0x600
const NLM_F_DUMP = 0x300
const AF_NETLINK = 16
const SOCK_RAW = 3

export class Program {
  readonly host: Host
  readonly task: task_struct
  readonly sock: socket
  private seq = 1

  constructor(host: Host, pid: number) {
    this.host = host
    this.task = host.task({ tgid: pid })
    const sock = syscalls.sys_socket(this.task, AF_NETLINK, SOCK_RAW, 0)
    if (isErrno(sock)) throw new Error(String(sock))
    this.sock = sock
  }

  /** Sends a message; the errno of its ACK (0: none). */
  request(type: number, flags: number, fill: (skb: MessageBuilder) => void): number {
    const skb = new MessageBuilder()
    skb.begin(type, flags | NLM_F_REQUEST_ACK, this.seq++, 0)
    fill(skb)
    skb.end()
    const sent = syscalls.sys_sendmsg(this.task, this.sock, { data: skb.bytes(), flags: 0 })
    if (isErrno(sent)) throw new Error(String(sent))
    const [answer] = this.receive()
    return Buffer.from(answer).readInt32LE(16)
  }

  /** What lies in the socket. */
  receive(): Uint8Array[] {
    const all: Uint8Array[] = []
    for (;;) {
      const got = syscalls.sys_recvmsg(this.task, this.sock, { size: 65536, controlSize: 0, flags: 0 })
      if (isErrno(got)) return all
      all.push(got.data)
    }
  }

  addLink(name: string, kind: string): number {
    return this.request(RTM_NEWLINK, NLM_F_CREATE_EXCL, (skb) => {
      skb.struct(ifinfomsg, {})
      skb.put(IFLA_IFNAME, name)
      const nest = skb.nest(IFLA_LINKINFO)
      skb.put(IFLA_INFO_KIND, kind)
      skb.nestEnd(nest)
    })
  }
  setUp(name: string, up = true): number {
    return this.request(RTM_NEWLINK, 0, (skb) => {
      skb.struct(ifinfomsg, { ifi_flags: up ? 1 : 0, ifi_change: 1 })
      skb.put(IFLA_IFNAME, name)
    })
  }
  addAddress(ifindex: number, address: Uint8Array, prefixlen: number): number {
    return this.request(RTM_NEWADDR, NLM_F_CREATE_EXCL, (skb) => {
      skb.struct(ifaddrmsg, { ifa_family: 2, ifa_prefixlen: prefixlen, ifa_index: ifindex })
      skb.put(IFA_LOCAL, address)
      skb.put(IFA_ADDRESS, address)
    })
  }
  dumpLinks(): void {
    this.request(RTM_GETLINK, NLM_F_DUMP, (skb) => skb.struct(ifinfomsg, {}))
  }
  close(): void {
    syscalls.sys_close(this.sock)
    this.host.kernel.task_exit(this.task.pid)
  }
}
