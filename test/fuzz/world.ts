/** A host with a small topology and the sockets of a fuzzer: requests in as bytes, everything that comes back out. */
import type { task_struct } from '../../src/kernel/task.ts'
import { Lab } from '../../src/lab/lab.ts'
import { request_module } from '../../src/kernel/kmod.ts'
import type { Host } from '../../src/lab/host.ts'
import type { AttrSet } from '../../src/lib/attrs.ts'
import { put16, put32 } from '../../src/lib/bytes.ts'
import { cleanup_net, copy_net_ns, type net } from '../../src/net/core/net_namespace.ts'
import type { socket } from '../../src/net/socket.ts'
import { sys_bind, sys_close, sys_recvmsg, sys_sendmsg, sys_setsockopt, sys_socket } from '../../src/syscalls/syscalls.ts'
import { isErrno } from '../../src/uapi/errno.ts'
import {
  NETLINK_ADD_MEMBERSHIP,
  NETLINK_CAP_ACK,
  NETLINK_EXT_ACK,
  NETLINK_GENERIC,
  NETLINK_GET_STRICT_CHK,
  NETLINK_ROUTE,
} from '../../src/uapi/linux/netlink.ts'
import { RTNLGRP_MAX } from '../../src/uapi/linux/rtnetlink.ts'
import { AF_INET, AF_NETLINK, SOCK_DGRAM, SOCK_RAW } from '../../src/uapi/linux/socket.ts'

const SOL_NETLINK = 270
const SOL_SOCKET = 1
const SO_RCVBUFFORCE = 33
/** How a socket asks: 0 plain, 1 extended ACKs, 2 with strict checks, 3 with quoted requests cut. */
export const socketKinds = [[], [NETLINK_EXT_ACK], [NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK], [NETLINK_EXT_ACK, NETLINK_CAP_ACK]] as const

/** More than any datagram: the error of a huge request quotes it whole. */
const MOST_BYTES = 1 << 20
/** A dump that gives more parts than any host of a fuzzer's size needs. */
const MOST_PARTS = 20_000

export class World {
  readonly lab: Lab
  readonly host: Host
  /** Everything happens in a namespace of its own, so that its end shows what stays behind. */
  net: net
  task: task_struct
  route: socket[]
  generic: socket
  listener: socket
  /** For ioctls of IPv4. */
  inet: socket

  readonly tgid: number

  /** `found`: a lab that has such a host, and the namespace to enter; `tgid`: of the process that is there. */
  constructor(seed: number, found?: { lab: Lab; inum?: number }, tgid = 5000) {
    this.tgid = tgid
    this.lab = found?.lab ?? new Lab({ seed, time: 'virtual', transcript: 0 })
    this.host = found?.lab.host('fuzzed') ?? this.lab.addHost('fuzzed', { devices: [] })
    ;({
      net: this.net,
      task: this.task,
      route: this.route,
      generic: this.generic,
      listener: this.listener,
      inet: this.inet,
    } = this.open(found?.inum))
  }
  static on(lab: Lab, inum: number): World {
    return new World(0, { lab, inum })
  }
  /** Another namespace of the same host, with a process of its own. */
  beside(tgid: number): World {
    return new World(0, { lab: this.lab }, tgid)
  }
  private open(inum?: number) {
    const { kernel } = this.host
    const net = inum === undefined ? copy_net_ns(kernel) : kernel.namespaces.by_id.get(inum)
    if (net === undefined || isErrno(net)) throw new Error(`no namespace: ${net}`)
    const task = this.host.task({ netns: net.inum, tgid: this.tgid, tid: this.tgid })
    const route = socketKinds.map((options) => openSocket(task, NETLINK_ROUTE, options))
    const generic = openSocket(task, NETLINK_GENERIC, [NETLINK_EXT_ACK])
    const listener = openSocket(task, NETLINK_ROUTE, [])
    option(task, listener, SO_RCVBUFFORCE, 1 << 25, SOL_SOCKET)
    for (let group = 1; group <= RTNLGRP_MAX; group++) option(task, listener, NETLINK_ADD_MEMBERSHIP, group)
    const inet = sys_socket(task, AF_INET, SOCK_DGRAM, 0)
    if (isErrno(inet)) throw new Error(`socket: ${inet}`)
    return { net, task, route, generic, listener, inet }
  }
  /** Ends the namespace with all that was made, and begins another. */
  renew(): void {
    this.end()
    this.reopen()
  }
  reopen(): void {
    Object.assign(this, this.open())
  }
  close(): void {
    for (const sock of [...this.route, this.generic, this.listener, this.inet]) sys_close(sock)
  }
  end(): void {
    this.close()
    this.host.kernel.task_exit(this.task.tgid)
    cleanup_net(this.host.kernel, [this.net])
    this.lab.runUntilIdle(60e9)
  }

  /** Answers to what is sent on a socket, datagram by datagram. */
  ask(sock: socket, data: Uint8Array): Uint8Array[] {
    const name = new Uint8Array(12)
    put16(name, 0, AF_NETLINK)
    sys_sendmsg(this.task, sock, { data, name, flags: 0 })
    return this.drain(sock)
  }
  drain(sock: socket): Uint8Array[] {
    const out: Uint8Array[] = []
    while (out.length < MOST_PARTS) {
      const got = sys_recvmsg(this.task, sock, { size: MOST_BYTES, controlSize: 0, flags: 0 })
      if (isErrno(got)) {
        if (got.name === 'ENOBUFS') continue
        return out
      }
      out.push(got.data)
    }
    throw new Error('an answer without end')
  }
  /** Whether links of a kind can be made (once asked for: modules come then). */
  knows(kind: string): boolean {
    request_module(this.host.kernel, `rtnl-link-${kind}`)
    return this.host.kernel.rtnl.link_ops.some((o) => o.kind === kind)
  }
  /** Attributes of a kind's own data, for the grammar. */
  dataOf(kind: string, slave: boolean): AttrSet | undefined {
    const ops = this.host.kernel.rtnl.link_ops.find((o) => o.kind === kind)
    return (slave ? ops?.slave_policy : ops?.policy)?.set
  }
}

function option(task: task_struct, sock: socket, name: number, value: number, level = SOL_NETLINK): void {
  const bytes = new Uint8Array(4)
  put32(bytes, 0, value)
  const error = sys_setsockopt(task, sock, level, name, bytes)
  if (isErrno(error)) throw new Error(`setsockopt ${name}: ${error}`)
}
function openSocket(task: task_struct, protocol: number, options: readonly number[]): socket {
  const sock = sys_socket(task, AF_NETLINK, SOCK_RAW, protocol)
  if (isErrno(sock)) throw new Error(`socket: ${sock}`)
  const address = new Uint8Array(12)
  put16(address, 0, AF_NETLINK)
  sys_bind(task, sock, address)
  for (const name of options) option(task, sock, name, 1)
  return sock
}
