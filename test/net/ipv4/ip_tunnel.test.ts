import t from 'tap'
import { CAP_FULL_SET } from '../../../src/kernel/capability.ts'
import type { task_struct } from '../../../src/kernel/task.ts'
import { getS32, putString } from '../../../src/lib/bytes.ts'
import { MessageBuilder } from '../../../src/lib/message.ts'
import type { Kernel } from '../../../src/kernel/kernel.ts'
import { copy_net_ns, type net } from '../../../src/net/core/net_namespace.ts'
import { Lab } from '../../../src/lab/lab.ts'
import { sys_ioctl, sys_recvmsg, sys_sendmsg, sys_socket } from '../../../src/syscalls/syscalls.ts'
import { EEXIST, EINVAL, ENODEV, EPERM, type Errno, errnoOf, isErrno } from '../../../src/uapi/errno.ts'
import { IFLA_IFNAME, IFLA_INFO_DATA, IFLA_INFO_KIND, IFLA_LINKINFO } from '../../../src/uapi/linux/if_link.ts'
import * as U from '../../../src/uapi/linux/if_tunnel.ts'
import { NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REQUEST } from '../../../src/uapi/linux/netlink.ts'
import { ifinfomsg, RTM_DELLINK, RTM_NEWLINK } from '../../../src/uapi/linux/rtnetlink.ts'
import { AF_INET, AF_NETLINK, SOCK_DGRAM, SOCK_RAW } from '../../../src/uapi/linux/socket.ts'

type Fill = (msg: MessageBuilder) => void
const A = Uint8Array.of(10, 0, 0, 1)
const B = Uint8Array.of(10, 0, 0, 2)

/** A host, and what `ip link` and `ip tunnel` ask of it. */
class Tunnels {
  readonly kernel: Kernel = new Lab({ seed: 1, time: 'virtual', transcript: 0 }).addHost('h', { ipv6: true, devices: [] }).kernel
  readonly task: task_struct = this.taskOf(CAP_FULL_SET)
  taskOf(capabilities: bigint): task_struct {
    return this.kernel.task_for({ tgid: 100, tid: 100, comm: 'ip', uid: 0, gid: 0, capabilities, netns: 0 })
  }
  add(kind: string, name: string, data: Fill = () => {}): Errno | undefined {
    return this.request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, (msg) => {
      msg.put(IFLA_IFNAME, name)
      const info = msg.nest(IFLA_LINKINFO)
      msg.put(IFLA_INFO_KIND, kind)
      const nest = msg.nest(IFLA_INFO_DATA)
      data(msg)
      msg.nestEnd(nest)
      msg.nestEnd(info)
    })
  }
  remove(name: string): Errno | undefined {
    return this.request(RTM_DELLINK, 0, (msg) => msg.put(IFLA_IFNAME, name))
  }
  request(type: number, flags: number, fill: Fill): Errno | undefined {
    const sock = sys_socket(this.task, AF_NETLINK, SOCK_RAW, 0)
    if (isErrno(sock)) throw new Error(`${sock}`)
    const msg = new MessageBuilder()
    msg.begin(type, NLM_F_REQUEST | NLM_F_ACK | flags, 1, 0)
    msg.struct(ifinfomsg, {})
    fill(msg)
    msg.end()
    sys_sendmsg(this.task, sock, { data: msg.bytes().slice(), flags: 0 })
    const got = sys_recvmsg(this.task, sock, { size: 65536, controlSize: 0, flags: 0 })
    if (isErrno(got)) throw new Error(`${got}`)
    const code = -getS32(got.data, 16)
    return code === 0 ? undefined : errnoOf(code)
  }
  /** SIOC*TUNNEL on a device: the ifreq at 0 points to the structure at 64. */
  ioctl(cmd: number, dev: string, parm: Uint8Array, task = this.task): { result: number | Errno; parm: Uint8Array } {
    const ram = new Uint8Array(256)
    putString(ram, 0, dev)
    ram[16] = 64
    ram.set(parm, 64)
    const sock = sys_socket(task, AF_INET, SOCK_DGRAM, 0)
    if (isErrno(sock)) throw new Error(`${sock}`)
    const memory = {
      read: (at: number, size: number) => ram.slice(at, at + size),
      write: (at: number, bytes: Uint8Array) => ram.set(bytes, at) as undefined,
    }
    return { result: sys_ioctl(task, sock, cmd, 0, memory as never), parm: ram.slice(64, 64 + parm.length) }
  }
  names(net: net = this.kernel.init_net): string[] {
    return net.dev_base_head.map((dev) => dev.name).filter((name) => name !== 'lo')
  }
}
function ends(msg: MessageBuilder): void {
  msg.put(U.IFLA_IPTUN_LOCAL, A)
  msg.put(U.IFLA_IPTUN_REMOTE, B)
}

t.test('the first tunnel of a kind brings the fallback device, which stays', async (t) => {
  const h = new Tunnels()
  t.equal(h.add('ipip', 't0', ends), undefined)
  t.same(h.names(), ['tunl0', 't0'])
  t.equal(h.add('gre', 't1'), EEXIST, 'a gre without ends is gre0')
  t.same(h.names(), ['tunl0', 't0', 'gre0', 'gretap0', 'erspan0'])
  t.equal(h.remove('tunl0'), undefined)
  t.ok(h.names().includes('tunl0'))
  const created = copy_net_ns(h.kernel)
  if (isErrno(created)) throw new Error(`${created}`)
  t.same(h.names(created), ['tunl0', 'gre0', 'gretap0', 'erspan0'], 'a new namespace has those of all loaded modules')
})

t.test('where fallback devices are forbidden there is none, and nothing to ask by ioctl', async (t) => {
  const h = new Tunnels()
  h.kernel.net_core.fb_tunnels_only_for_init_net = 2
  t.equal(h.add('sit', 's0', ends), undefined)
  t.same(h.names(), ['s0'])
  t.equal(h.ioctl(U.SIOCADDTUNNEL, 'sit0', U.ip_tunnel_parm.encode({})).result, ENODEV)
})

t.test('two tunnels of a kind cannot have the same ends and key; other kinds can', async (t) => {
  const h = new Tunnels()
  const key = (nr: number) => (msg: MessageBuilder) => {
    msg.put(U.IFLA_GRE_IFLAGS, U.GRE_KEY)
    msg.put(U.IFLA_GRE_IKEY, nr)
    msg.put(U.IFLA_GRE_LOCAL, A)
    msg.put(U.IFLA_GRE_REMOTE, B)
  }
  t.equal(h.add('gre', 'g1', key(1)), undefined)
  t.equal(h.add('gre', 'g2', key(2)), undefined)
  t.equal(h.add('gre', 'g3', key(1)), EEXIST)
  t.equal(h.add('gretap', 'g4', key(1)), undefined)
  t.equal(h.add('ipip', 'i1', ends), undefined)
  t.equal(h.add('ipip', 'i2', ends), EEXIST)
  t.equal(h.remove('i1'), undefined)
  t.equal(h.add('ipip', 'i2', ends), undefined, 'the ends are free again')
})

t.test('erspan has a sequence number and a key of ten bits', async (t) => {
  const h = new Tunnels()
  const keyed = (flags: number, key: number) => (msg: MessageBuilder) => {
    for (const a of [U.IFLA_GRE_IFLAGS, U.IFLA_GRE_OFLAGS]) msg.put(a, flags)
    for (const a of [U.IFLA_GRE_IKEY, U.IFLA_GRE_OKEY]) msg.put(a, key)
    msg.put(U.IFLA_GRE_REMOTE, B)
  }
  t.equal(h.add('erspan', 'e0', keyed(U.GRE_KEY, 1)), EINVAL)
  t.equal(h.add('erspan', 'e0', keyed(U.GRE_KEY | U.GRE_SEQ, 1024)), EINVAL)
  t.equal(h.add('erspan', 'e0', keyed(U.GRE_KEY | U.GRE_SEQ, 1023)), undefined)
})

t.test('ioctls make, show and delete tunnels through the fallback device', async (t) => {
  const h = new Tunnels()
  const parm = { name: 'tu0', version_ihl: 0x45, ttl: 9, protocol: 4, saddr: 0x0a000001, daddr: 0x0a000002 }
  t.equal(h.ioctl(U.SIOCADDTUNNEL, 'tunl0', U.ip_tunnel_parm.encode(parm)).result, 0, 'the module comes by the name of its device')
  t.same(h.names(), ['tunl0', 'tu0'])
  t.equal(h.ioctl(U.SIOCADDTUNNEL, 'tunl0', U.ip_tunnel_parm.encode(parm)).result, EEXIST)
  const shown = U.ip_tunnel_parm.get(h.ioctl(U.SIOCGETTUNNEL, 'tu0', new Uint8Array(U.ip_tunnel_parm.size)).parm, 0)
  t.match(shown, { ...parm, frag_off: 0x4000 }, 'a fixed TTL forbids fragments')
  t.equal(h.ioctl(U.SIOCDELTUNNEL, 'tunl0', U.ip_tunnel_parm.encode(parm)).result, 0)
  t.equal(h.ioctl(U.SIOCDELTUNNEL, 'tunl0', U.ip_tunnel_parm.encode({})).result, EPERM, 'not the fallback device itself')
  t.same(h.names(), ['tunl0'])
  t.equal(h.ioctl(U.SIOCADDTUNNEL, 'tunl0', U.ip_tunnel_parm.encode(parm), h.taskOf(0n)).result, EPERM)
})

t.test('a tunnel over IPv6 leaves room for its headers and the limit of encapsulations', async (t) => {
  const h = new Tunnels()
  const remote = new Uint8Array(16).fill(0x20)
  t.equal(
    h.add('ip6tnl', 'x0', (msg) => msg.put(U.IFLA_IPTUN_REMOTE, remote)),
    undefined,
  )
  t.equal(
    h.add('ip6gre', 'x1', (msg) => msg.put(U.IFLA_GRE_REMOTE, remote)),
    undefined,
  )
  const mtu = (name: string) => h.kernel.init_net.dev_name_head.get(name)?.mtu
  t.same([mtu('x0'), mtu('x1')], [1500 - 40 - 8, 1500 - 40 - 8 - 4])
})
