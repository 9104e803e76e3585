import t from 'tap'
import { tun_priv } from '../../../src/drivers/net/tun_private.ts'
import { CAP_FULL_SET } from '../../../src/kernel/capability.ts'
import type { Kernel } from '../../../src/kernel/kernel.ts'
import type { task_struct } from '../../../src/kernel/task.ts'
import { get16, getString, hex, put16, put32, putString, unhex } from '../../../src/lib/bytes.ts'
import { dev_change_flags, netif_carrier_ok } from '../../../src/net/core/dev.ts'
import { dev_queue_xmit } from '../../../src/net/core/dev_xmit.ts'
import { dev_alloc_skb, skb_put } from '../../../src/net/core/skbuff.ts'
import type { socket } from '../../../src/net/socket.ts'
import { sys_close, sys_ioctl, sys_open_device, sys_poll, sys_recvmsg, sys_sendmsg } from '../../../src/syscalls/syscalls.ts'
import { EACCES, EAGAIN, EBADFD, EBUSY, EINVAL, EIO, type Errno, isErrno } from '../../../src/uapi/errno.ts'
import { IFF_UP } from '../../../src/uapi/linux/if.ts'
import * as T from '../../../src/uapi/linux/if_tun.ts'
import { bootHost } from '../../net/core/rtnetlink_client.ts'

const POLLIN = 1
const POLLERR = 8

/** A program with /dev/net/tun open. */
class Program {
  readonly kernel: Kernel
  readonly task: task_struct
  readonly file: socket
  readonly ram = new Uint8Array(64)
  constructor(kernel: Kernel, uid = 0) {
    this.kernel = kernel
    this.task = kernel.task_for({ tgid: 9, tid: 9, comm: 'vpn', uid, gid: uid, capabilities: uid === 0 ? CAP_FULL_SET : 0n, netns: 0 })
    const file = sys_open_device(this.task, '/dev/net/tun')
    if (file === undefined || isErrno(file)) throw new Error(`${file}`)
    this.file = file
  }
  ioctl(request: number, arg = 0): number | Errno {
    const memory = {
      read: (at: number, size: number) => this.ram.slice(at, at + size),
      write: (at: number, bytes: Uint8Array) => this.ram.set(bytes, at) as undefined,
    }
    return sys_ioctl(this.task, this.file, request, arg, memory as never)
  }
  setiff(name: string, flags: number): number | Errno {
    this.ram.fill(0)
    putString(this.ram, 0, name)
    put16(this.ram, 16, flags)
    return this.ioctl(T.TUNSETIFF)
  }
  get name(): string {
    return getString(this.ram, 0, 16)
  }
  read(size = 2048): string | Errno {
    const got = sys_recvmsg(this.task, this.file, { size, controlSize: 0, flags: 0 })
    return isErrno(got) ? got : hex(got.data)
  }
  write(frame: string): number | Errno {
    return sys_sendmsg(this.task, this.file, { data: unhex(frame), flags: 0 })
  }
  device(name: string) {
    return this.kernel.init_net.dev_name_head.get(name)
  }
}
const FRAME = `ffffffffffff${'020000000009'}88b5${'00'.repeat(46)}`

t.test('a device lives as long as its file, or stays when it was told to', async (t) => {
  const p = new Program(bootHost())
  t.equal(p.setiff('', T.IFF_TAP | T.IFF_NO_PI), 0)
  t.equal(p.name, 'tap0', 'the name is given back')
  t.ok(netif_carrier_ok(p.device('tap0')!))
  sys_close(p.file)
  t.equal(p.device('tap0'), undefined)

  const q = new Program(p.kernel)
  q.setiff('vpn', T.IFF_TUN | T.IFF_NO_PI)
  q.ioctl(T.TUNSETPERSIST, 1)
  sys_close(q.file)
  t.ok(q.device('vpn'))
  t.notOk(netif_carrier_ok(q.device('vpn')!), 'nobody reads')
})

t.test('who may attach, and to what', async (t) => {
  const owner = new Program(bootHost())
  owner.setiff('tap0', T.IFF_TAP)
  const { kernel } = owner
  t.equal(new Program(kernel).setiff('tap0', T.IFF_TAP), EBUSY, 'one queue')
  t.equal(new Program(kernel).setiff('tap0', T.IFF_TUN), EINVAL, 'of the other kind')
  t.equal(new Program(kernel).setiff('lo', T.IFF_TAP), EINVAL)
  t.equal(new Program(kernel).setiff('tap0', T.IFF_TAP | T.IFF_TUN_EXCL), EBUSY)
  t.equal(new Program(kernel).setiff('x', 0), EINVAL, 'of no kind')
  const nobody = kernel.task_for({ tgid: 7, tid: 7, comm: 'x', uid: 65534, gid: 65534, capabilities: 0n, netns: 0 })
  t.equal(sys_open_device(nobody, '/dev/net/tun'), EACCES)
  t.equal(owner.ioctl(T.TUNSETOWNER, 1000), 0)
  t.equal(tun_priv(owner.device('tap0')!).owner, 1000)
})

t.test('queues: several files of one device, taken out and put back', async (t) => {
  const a = new Program(bootHost())
  const b = new Program(a.kernel)
  const flags = T.IFF_TAP | T.IFF_MULTI_QUEUE
  t.equal(a.setiff('tap0', flags), 0)
  t.equal(b.setiff('tap0', flags), 0)
  const dev = a.device('tap0')!
  t.equal(dev.real_num_tx_queues, 2)
  put16(b.ram, 16, T.IFF_DETACH_QUEUE)
  t.equal(b.ioctl(T.TUNSETQUEUE), 0)
  t.equal(dev.real_num_tx_queues, 1)
  t.equal(b.read(), EBADFD)
  put16(b.ram, 16, T.IFF_ATTACH_QUEUE)
  t.equal(b.ioctl(T.TUNSETQUEUE), 0)
  t.equal(dev.real_num_tx_queues, 2)
  sys_close(a.file)
  t.ok(a.device('tap0'), 'b has it')
  sys_close(b.file)
  t.notOk(a.device('tap0'))
})

t.test('frames come to the reader, and from it', async (t) => {
  const p = new Program(bootHost())
  p.setiff('tap0', T.IFF_TAP | T.IFF_NO_PI)
  const dev = p.device('tap0')!
  t.equal(p.write(FRAME), EIO, 'down')
  dev_change_flags(dev, dev.flags | IFF_UP)
  t.equal(p.read(), EAGAIN)
  const frame = unhex(FRAME)
  const skb = dev_alloc_skb(dev, frame.length)
  skb.buf.set(frame, skb_put(skb, frame.length))
  dev_queue_xmit(skb)
  t.ok(sys_poll(p.file) & POLLIN)
  t.equal(p.read(), FRAME)
  t.equal(p.write(FRAME), FRAME.length / 2)
  t.equal(dev.netdev_ops.ndo_get_stats64?.(dev).rx_packets, 1)
  t.equal(p.write('0011'), EINVAL, 'no header')
})

t.test('packet information and the header of offloads lie before the frame', async (t) => {
  const p = new Program(bootHost())
  p.setiff('tun0', T.IFF_TUN)
  const dev = p.device('tun0')!
  dev_change_flags(dev, dev.flags | IFF_UP)
  t.equal(p.write(`00000800${'45'.padEnd(40, '0')}`), 24)
  t.equal(p.write('0000'), EINVAL)
  t.equal(p.ioctl(T.TUNGETIFF), 0)
  t.equal(get16(p.ram, 16) & T.IFF_NO_PI, T.IFF_NOFILTER, 'the same bit says that no filter is attached')
  put32(p.ram, 0, 9)
  t.equal(p.ioctl(T.TUNSETVNETHDRSZ), EINVAL)
})

t.test('the device goes while the file is open', async (t) => {
  const p = new Program(bootHost())
  t.equal(p.ioctl(T.TUNGETIFF), EBADFD, 'not attached yet')
  p.setiff('tun0', T.IFF_TUN)
  const dev = p.device('tun0')!
  dev.netdev_ops.ndo_uninit?.(dev)
  t.equal(sys_poll(p.file), POLLERR)
  t.equal(p.read(), EBADFD)
})
