/** Cost of one request, from its bytes to its ACK's bytes, with no program and no attach layer between. */
import { Lab } from '../../src/lab/lab.ts'
import { put16, put32 } from '../../src/lib/bytes.ts'
import { MessageBuilder } from '../../src/lib/message.ts'
import { AF_INET, AF_NETLINK, SOCK_RAW } from '../../src/uapi/linux/socket.ts'
import { IFA_LOCAL, ifaddrmsg } from '../../src/uapi/linux/if_addr.ts'
import { IFLA_IFNAME, IFLA_INFO_KIND, IFLA_LINKINFO } from '../../src/uapi/linux/if_link.ts'
import { NETLINK_ROUTE, NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REQUEST } from '../../src/uapi/linux/netlink.ts'
import { ifinfomsg, RTM_NEWADDR, RTM_NEWLINK } from '../../src/uapi/linux/rtnetlink.ts'
import { isErrno } from '../../src/uapi/errno.ts'
import { sys_recvmsg, sys_sendmsg, sys_socket } from '../../src/syscalls/syscalls.ts'

const FLAGS = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL

function newlink(name: string): Uint8Array {
  const skb = new MessageBuilder()
  skb.begin(RTM_NEWLINK, FLAGS, 1, 0)
  skb.struct(ifinfomsg, {})
  skb.put(IFLA_IFNAME, name)
  const info = skb.nest(IFLA_LINKINFO)
  skb.put(IFLA_INFO_KIND, 'dummy')
  skb.nestEnd(info)
  skb.end()
  return skb.bytes().slice()
}

function newaddr(index: number, address: number): Uint8Array {
  const skb = new MessageBuilder()
  skb.begin(RTM_NEWADDR, FLAGS, 1, 0)
  skb.struct(ifaddrmsg, { ifa_family: AF_INET, ifa_prefixlen: 32, ifa_index: index })
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, address)
  skb.put(IFA_LOCAL, bytes)
  skb.end()
  return skb.bytes().slice()
}

/** µs a request, best of three rounds of `requests`. */
function time(what: string, make: (round: number) => Uint8Array[]): { what: string; ours: number; unit: string; target: string } {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 3; round++) {
    const host = new Lab({ time: 'virtual', transcript: 0 }).addHost('bench', { ipv6: false, devices: [] })
    const task = host.task()
    const sock = sys_socket(task, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)
    if (isErrno(sock)) throw new Error(String(sock))
    const send = (data: Uint8Array) => {
      put32(data, 8, 1)
      put16(data, 6, FLAGS)
      sys_sendmsg(task, sock, { data, flags: 0 })
      const answer = sys_recvmsg(task, sock, { size: 32768, controlSize: 0, flags: 0 })
      if (isErrno(answer) || answer.data[16] !== 0)
        throw new Error(`${what}: ${isErrno(answer) ? answer : `error -${256 - answer.data[16]}`}`)
    }
    for (let i = 0; i < 100; i++) send(newlink(`d${i}`))
    const requests = make(round)
    const start = process.hrtime.bigint()
    for (const data of requests) send(data)
    best = Math.min(best, Number(process.hrtime.bigint() - start) / 1000 / requests.length)
  }
  return { what: `in process: ${what} to its ACK`, ours: best, unit: 'µs', target: '<= 10 µs' }
}

export function inProcess(): { what: string; ours: number; unit: string; target: string }[] {
  return [
    time('RTM_NEWADDR', () => Array.from({ length: 20000 }, (_, i) => newaddr(2 + (i % 100), 0x0a000001 + i))),
    time('RTM_NEWLINK', () => Array.from({ length: 5000 }, (_, i) => newlink(`x${i}`))),
  ]
}
