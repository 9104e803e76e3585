/** net/netlink/af_netlink.c: what happens when a program does not keep up. */
import t from 'tap'
import type { Kernel } from '../../../src/kernel/kernel.ts'
import { get32 } from '../../../src/lib/bytes.ts'
import { MessageBuilder } from '../../../src/lib/message.ts'
import { alloc_skb_truesize, netlink_set_err, nlmsg_notify } from '../../../src/net/netlink/af_netlink.ts'
import { sys_poll } from '../../../src/syscalls/syscalls.ts'
import { EAGAIN, ENOBUFS, type Errno, ESRCH, isErrno } from '../../../src/uapi/errno.ts'
import { NETLINK_BROADCAST_ERROR, NETLINK_GENERIC, NETLINK_NO_ENOBUFS } from '../../../src/uapi/linux/netlink.ts'
import { SO_MEMINFO, SO_RCVBUF, SO_RCVBUFFORCE, SOL_SOCKET } from '../../../src/uapi/linux/socket.ts'
import { bootNet, taskOf } from '../../lib/bootNet.ts'
import { NetlinkClient, nlmsg, sockaddr } from '../../lib/netlinkClient.ts'

function boot(): { kernel: Kernel; a: NetlinkClient; news: (n: number) => Errno | undefined } {
  const kernel = bootNet()
  const a = new NetlinkClient(taskOf(kernel, 10), NETLINK_GENERIC)
  a.bind(0, 1)
  const skb = new MessageBuilder()
  skb.begin(99, 0, 1, 0)
  skb.end()
  const news = (n: number) => {
    let error: Errno | undefined
    for (let i = 0; i < n; i++) error = nlmsg_notify(kernel.init_net, NETLINK_GENERIC, skb, 0, 1, false)
    return error
  }
  return { kernel, a, news }
}
function count(a: NetlinkClient): { got: number; errors: string } {
  let got = 0
  let errors = ''
  for (;;) {
    const r = a.receive()
    if (r === EAGAIN) return { got, errors }
    if (isErrno(r)) errors += `${r.name}@${got} `
    else got++
  }
}
const meminfo = (a: NetlinkClient) => {
  const b = a.get(SOL_SOCKET, SO_MEMINFO, 36) as Uint8Array
  return { rmem: get32(b, 0), rcvbuf: get32(b, 4), drops: get32(b, 32) }
}

t.test('what a message costs: 960 bytes up to 384 of data, then buckets of twos and the sk_buff', async (t) => {
  t.strictSame([1, 384, 385, 704, 705, 1729, 3776, 32448].map(alloc_skb_truesize), [960, 960, 1280, 1280, 2304, 4352, 4352, 33024])
})

t.test('SO_RCVBUF: doubled, bounded by net.core.rmem_max, at least 2304', async (t) => {
  const { a } = boot()
  const after = (option: number, value: number) => {
    a.setSocket(option, value)
    return get32(a.get(SOL_SOCKET, SO_RCVBUF) as Uint8Array, 0)
  }
  t.equal(get32(a.get(SOL_SOCKET, SO_RCVBUF) as Uint8Array, 0), 212992)
  t.strictSame(
    [0, 5000, 300000, -1].map((v) => after(SO_RCVBUF, v)),
    [2304, 10000, 425984, 425984],
  )
  t.strictSame(
    [0, 300000, -1].map((v) => after(SO_RCVBUFFORCE, v)),
    [2304, 600000, 2304],
  )
})

t.test('overrun: one ENOBUFS, first; nothing new until the queue has been emptied; the losses counted', async (t) => {
  const { a, news } = boot()
  a.setSocket(SO_RCVBUFFORCE, 960 * 2)
  t.strictSame(meminfo(a), { rmem: 0, rcvbuf: 3840, drops: 0 })
  news(7)
  t.strictSame(meminfo(a), { rmem: 3840, rcvbuf: 3840, drops: 3 })
  t.equal(sys_poll(a.sock) & 9, 9, 'POLLERR besides POLLIN')
  t.equal(a.receive(), ENOBUFS)
  a.receive()
  news(2)
  t.strictSame(count(a), { got: 3, errors: '' }, 'congested: what came meanwhile is lost without another error')
  t.equal(meminfo(a).drops, 5)
  news(5)
  t.strictSame(count(a), { got: 4, errors: 'ENOBUFS@0 ' })
})

t.test('an empty queue takes one message of any size', async (t) => {
  const { kernel, a } = boot()
  a.setSocket(SO_RCVBUF, 0)
  const skb = new MessageBuilder()
  skb.begin(99, 0, 1, 0)
  skb.room(5000)
  skb.end()
  nlmsg_notify(kernel.init_net, NETLINK_GENERIC, skb, 0, 1, false)
  nlmsg_notify(kernel.init_net, NETLINK_GENERIC, skb, 0, 1, false)
  t.strictSame(count(a), { got: 1, errors: 'ENOBUFS@0 ' })
})

t.test('NETLINK_NO_ENOBUFS: losses without an error, and without congestion', async (t) => {
  const { a, news } = boot()
  a.setSocket(SO_RCVBUFFORCE, 960 * 2)
  a.set(NETLINK_NO_ENOBUFS, 1)
  news(7)
  a.receive()
  news(1)
  t.strictSame(count(a), { got: 4, errors: '' })
  t.equal(meminfo(a).drops, 3)
})

t.test('NETLINK_BROADCAST_ERROR: the notifier learns of the loss', async (t) => {
  const { a, news } = boot()
  a.setSocket(SO_RCVBUF, 0)
  t.equal(news(9), undefined)
  count(a)
  a.set(NETLINK_BROADCAST_ERROR, 1)
  t.equal(news(9), ENOBUFS)
  a.close()
  t.equal(news(1), undefined, `nobody there is no error (${ESRCH.name} inside)`)
})

t.test('ACKs overrun too', async (t) => {
  const { a } = boot()
  a.setSocket(SO_RCVBUFFORCE, 960 * 2)
  for (let i = 0; i < 6; i++) a.send(nlmsg(999, 5, i))
  t.strictSame(count(a), { got: 4, errors: 'ENOBUFS@0 ' })
})

t.test('a program that floods another is told to wait, and the other is not', async (t) => {
  const kernel = bootNet()
  const [a, b] = [10, 11].map((pid) => {
    const s = new NetlinkClient(taskOf(kernel, pid), 2)
    s.bind(pid)
    return s
  })
  b.setSocket(SO_RCVBUFFORCE, 960)
  const results = [1, 2, 3, 4].map(() => a.send(new Uint8Array(3), sockaddr(11)))
  t.strictSame(results, [3, 3, EAGAIN, EAGAIN])
  t.strictSame(count(b), { got: 2, errors: '' })
  b.setSocket(SO_RCVBUFFORCE, 3000)
  t.strictSame(
    [1, 2].map(() => a.send(new Uint8Array(5000), sockaddr(11))),
    [5000, EAGAIN],
    'big ones cost their pages: 5632',
  )
})

t.test('netlink_set_err: members hear that something was lost', async (t) => {
  const { kernel, a } = boot()
  netlink_set_err(kernel.init_net, NETLINK_GENERIC, 0, 1, ENOBUFS)
  t.strictSame(count(a), { got: 0, errors: 'ENOBUFS@0 ' })
  a.set(NETLINK_NO_ENOBUFS, 1)
  netlink_set_err(kernel.init_net, NETLINK_GENERIC, 0, 1, ENOBUFS)
  netlink_set_err(kernel.init_net, NETLINK_GENERIC, 0, 2, ESRCH)
  t.strictSame(count(a), { got: 0, errors: '' })
})

t.test('the watcher hears of messages and errors', async (t) => {
  const { a, news } = boot()
  let calls = 0
  a.sock.watcher = { dataReady: () => void calls++ }
  news(1)
  t.equal(calls, 1)
  a.setSocket(SO_RCVBUF, 0)
  count(a)
  calls = 0
  news(9)
  t.equal(calls, 3, 'two messages and one overrun')
})
