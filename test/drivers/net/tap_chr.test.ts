/** /dev/tapN: a program at the end of a macvtap. */
import t from 'tap'
import { macvlan_init_module } from '../../../src/drivers/net/macvlan.ts'
import { macvtap_init } from '../../../src/drivers/net/macvtap.ts'
import { get16, getString, hex, put16, put32, unhex } from '../../../src/lib/bytes.ts'
import { dev_get_stats, dev_open, dev_queue_xmit } from '../../../src/net/core/dev.ts'
import type { net_device } from '../../../src/net/core/netdevice.ts'
import { dev_alloc_skb, skb_put } from '../../../src/net/core/skbuff.ts'
import type { socket } from '../../../src/net/socket.ts'
import { sys_close, sys_ioctl, sys_open_device, sys_poll, sys_recvmsg, sys_sendmsg } from '../../../src/syscalls/syscalls.ts'
import { EACCES, EAGAIN, EINVAL, ENOLINK, type Errno, isErrno } from '../../../src/uapi/errno.ts'
import { IFLA_ADDRESS, IFLA_IFNAME, IFLA_LINK } from '../../../src/uapi/linux/if_link.ts'
import * as T from '../../../src/uapi/linux/if_tun.ts'
import { SIOCGIFHWADDR } from '../../../src/uapi/linux/sockios.ts'
import { Links } from './linkRequests.ts'

const MAC = '020000000033'
const FRAME = `${MAC}020000000009` + `88b5${'00'.repeat(46)}`
const VNET = '00'.repeat(10)
const POLLIN = 1

/** w and p are a pair; the macvtap m lies upon p. */
function host() {
  const h = new Links()
  macvlan_init_module(h.kernel)
  macvtap_init(h.kernel)
  h.newlink(
    'veth',
    'w',
    undefined,
    h.peer((msg) => msg.put(IFLA_IFNAME, 'p')),
  )
  h.newlink('macvtap', 'm', (msg) => {
    msg.put(IFLA_LINK, h.device('p').ifindex)
    msg.put(IFLA_ADDRESS, unhex(MAC))
  })
  for (const name of ['w', 'p', 'm']) dev_open(h.device(name))
  const m = h.device('m')
  const path = `/dev/tap${m.ifindex}`
  const open = (): Program => {
    const file = sys_open_device(h.task, path)
    if (file === undefined || isErrno(file)) throw new Error(`${file}`)
    return new Program(h, file)
  }
  return { h, m, w: h.device('w'), path, open }
}
class Program {
  readonly ram = new Uint8Array(64)
  readonly h: Links
  readonly file: socket
  constructor(h: Links, file: socket) {
    this.h = h
    this.file = file
  }
  ioctl(request: number, arg = 0): number | Errno {
    const memory = {
      read: (at: number, size: number) => this.ram.slice(at, at + size),
      write: (at: number, bytes: Uint8Array) => this.ram.set(bytes, at) as undefined,
    }
    return sys_ioctl(this.h.task, this.file, request, arg, memory as never)
  }
  read(size = 2048): string | Errno {
    const got = sys_recvmsg(this.h.task, this.file, { size, controlSize: 0, flags: 0 })
    return isErrno(got) ? got : hex(got.data)
  }
  write(frame: string): number | Errno {
    return sys_sendmsg(this.h.task, this.file, { data: unhex(frame), flags: 0 })
  }
}
function send(h: Links, dev: net_device, frame: string): void {
  const bytes = unhex(frame)
  const skb = dev_alloc_skb(dev, bytes.length)
  skb.buf.set(bytes, skb_put(skb, bytes.length))
  dev_queue_xmit(skb)
  h.settle()
}

t.test("frames come to the reader in place of the protocols, and leave by the device below; virtio's header before them", async (t) => {
  const { h, m, w, open } = host()
  const p = open()
  t.equal(p.read(), EAGAIN)
  send(h, w, FRAME)
  t.equal(sys_poll(p.file) & POLLIN, POLLIN)
  t.equal(p.read(), VNET + FRAME)
  send(h, w, FRAME)
  t.equal(p.read(4), EINVAL, 'no room for the header')
  const before = dev_get_stats(w).rx_packets
  t.equal(p.write(VNET + FRAME), 70)
  h.settle()
  t.equal(dev_get_stats(w).rx_packets - before, 1)
  t.equal(p.write(VNET + FRAME.slice(0, 20)), EINVAL, 'less than a header')
  t.equal(p.write('00'.repeat(4)), EINVAL)
  t.equal(dev_get_stats(m).tx_dropped, 2)
  put16(p.ram, 16, T.IFF_TAP | T.IFF_NO_PI)
  t.equal(p.ioctl(T.TUNSETIFF), 0)
  send(h, w, FRAME)
  t.equal(p.read(), FRAME, 'without the header')
})

t.test('its node is there as long as the device; for root alone', async (t) => {
  const { h, m, path, open } = host()
  const p = open()
  const nobody = h.kernel.task_for({ tgid: 7, tid: 7, comm: 'x', uid: 65534, gid: 65534, capabilities: 0n, netns: 0 })
  t.equal(sys_open_device(nobody, path), EACCES)
  h.dellink(m)
  t.equal(sys_open_device(h.task, path), undefined)
  t.equal(p.ioctl(T.TUNGETIFF), ENOLINK)
  t.equal(p.write(VNET + FRAME), 70, 'to nobody')
  t.same(sys_close(p.file), undefined)
})

t.test('queues: all of those open, but the ones that were taken out', async (t) => {
  const { h, w, open } = host()
  const [a, b] = [open(), open()]
  put16(a.ram, 16, T.IFF_DETACH_QUEUE)
  t.equal(a.ioctl(T.TUNSETQUEUE), 0)
  t.equal(a.ioctl(T.TUNSETQUEUE), EINVAL, 'it is out')
  send(h, w, FRAME)
  t.equal(a.read(), EAGAIN)
  t.equal(b.read(), VNET + FRAME)
  put16(a.ram, 16, T.IFF_ATTACH_QUEUE)
  t.equal(a.ioctl(T.TUNSETQUEUE), 0)
  sys_close(b.file)
  send(h, w, FRAME)
  t.equal(a.read(), VNET + FRAME)
})

t.test('requests', async (t) => {
  const { h, open } = host()
  const p = open()
  t.equal(p.ioctl(T.TUNGETIFF), 0)
  t.same([getString(p.ram, 0, 16), get16(p.ram, 16)], ['m', T.IFF_TAP | T.IFF_NO_PI | T.IFF_VNET_HDR])
  p.ioctl(SIOCGIFHWADDR)
  t.equal(hex(p.ram.subarray(18, 24)), MAC)
  put16(p.ram, 16, T.IFF_TUN)
  t.equal(p.ioctl(T.TUNSETIFF), EINVAL)
  put32(p.ram, 0, 9)
  t.equal(p.ioctl(T.TUNSETVNETHDRSZ), EINVAL)
  put32(p.ram, 0, 12)
  t.equal(p.ioctl(T.TUNSETVNETHDRSZ), 0)
  send(h, h.device('w'), FRAME)
  t.equal(p.read(), `${VNET}0000${FRAME}`)
  t.equal(p.ioctl(T.TUNSETOFFLOAD, 0x20), EINVAL)
  t.equal(p.ioctl(T.TUNSETPERSIST, 1), EINVAL, 'of /dev/net/tun')
})

t.test('a datagram in one piece of several is one of its own; of a protocol that nobody knows it is refused', async (t) => {
  const { open } = host()
  const p = open()
  const header = (flags: string) => `${flags}032a00c80522000600`
  const frame = (protocol: string) => `${MAC}020000000009${protocol}${'00'.repeat(200)}`
  t.equal(p.write(header('01') + frame('0800')), 224)
  t.equal(p.write(header('00') + frame('0000')), EINVAL)
})
