/** A daemon routes groups: packets wait for it, go where it says, and it hears of them. */
import t from 'tap'
import { getBe16, put16, put32, putBe16 } from '../../../src/lib/bytes.ts'
import type { net_device } from '../../../src/net/core/netdevice.ts'
import { skb_bytes } from '../../../src/net/core/skbuff.ts'
import { ipmr_mfc_seq_show, ipmr_vif_seq_show } from '../../../src/net/ipv4/ipmr_proc.ts'
import { sys_close, sys_recvmsg, sys_setsockopt, sys_socket } from '../../../src/syscalls/syscalls.ts'
import { isErrno } from '../../../src/uapi/errno.ts'
import { root } from '../../fs/support.ts'
import { ipv4, NeighbourHost } from '../core/neighbourHost.ts'
import { listen } from '../core/packets.ts'
import { internet_checksum, send } from '../ipv6/ndFrames.ts'

const MRT = { INIT: 200, ADD_VIF: 202, ADD_MFC: 204, DEL_MFC: 205 }
const SENDER = '10.0.0.9'
const GROUP = '239.1.2.3'

/** What comes by d0 is to go out by d1, whose other end d0 is: there it is heard. */
function host() {
  const h = new NeighbourHost()
  const { d0, kernel } = h
  const d1 = kernel.init_net.dev_name_head.get('d1') as net_device
  const task = root(kernel)
  const daemon = sys_socket(task, 2, 3, 2)
  if (isErrno(daemon)) throw new Error(daemon.name)
  const set = (option: number, value: Uint8Array) => {
    const result = sys_setsockopt(task, daemon, 0, option, value)
    return isErrno(result) ? result.name : 'ok'
  }
  const word = new Uint8Array(4)
  put32(word, 0, 1)
  t.equal(set(MRT.INIT, word), 'ok')
  ;[d0, d1].forEach((dev, vifi) => {
    const vifctl = new Uint8Array(16)
    put16(vifctl, 0, vifi)
    vifctl[2] = 8
    vifctl[3] = 1
    put32(vifctl, 8, dev.ifindex)
    t.equal(set(MRT.ADD_VIF, vifctl), 'ok')
  })
  const mfcctl = new Uint8Array(60)
  mfcctl.set(ipv4(SENDER))
  mfcctl.set(ipv4(GROUP), 4)
  mfcctl[10 + 1] = 1
  const frame = (ttl: number) => {
    const b = Uint8Array.from([0x45, 0, 0, 0, 0, 1, 0, 0, ttl, 17, 0, 0, ...ipv4(SENDER), ...ipv4(GROUP), 0, 1, 0, 2, 0, 8, 0, 0])
    putBe16(b, 2, b.length)
    putBe16(b, 10, internet_checksum([...b.subarray(0, 20)]))
    send(d1, [1, 0, 0x5e, 1, 2, 3, 2, 0, 0, 0, 0, 9, 8, 0, ...b])
  }
  const log = listen(kernel, d0, 0x0800)
  /** Hops left of the group's packets heard on d0, since the last time. */
  const heard = () =>
    log.skbs
      .splice(0)
      .map(skb_bytes)
      .filter((b) => b[9] === 17)
      .map((b) => b[8])
  const read = () => sys_recvmsg(task, daemon, { size: 200, controlSize: 0, flags: 0 })
  return { kernel, daemon, set, mfcctl, frame, heard, read, d0 }
}

t.test('a packet without a route waits, and the daemon is told which', async (t) => {
  const { kernel, set, mfcctl, frame, heard, read } = host()
  frame(2)
  t.same(heard(), [2], 'it stays')
  const report = read()
  if (isErrno(report)) throw new Error(report.name)
  const b = report.data
  t.same([b[8], b[9], b[10]], [1, 0, 0], 'IGMPMSG_NOCACHE, no protocol, VIF 0')
  t.same([...b.subarray(12, 20)], [...ipv4(SENDER), ...ipv4(GROUP)])
  t.equal(getBe16(b, 2), 28)
  t.match(ipmr_mfc_seq_show(kernel.init_net), /030201EF 0900000A -1 /)
  t.equal(set(MRT.ADD_MFC, mfcctl), 'ok')
  t.same(heard(), [1], 'the route lets it go, one hop less')
  t.match(ipmr_mfc_seq_show(kernel.init_net), /030201EF 0900000A 0 {4}.* {2}1:1/)
  t.match(ipmr_vif_seq_show(kernel.init_net), /^ 1 d1 +0 +0 +28 +1 00008/m)
})
t.test('packets go out while their hops last, and no more when the route is gone', async (t) => {
  const { set, mfcctl, frame, heard } = host()
  t.equal(set(MRT.ADD_MFC, mfcctl), 'ok')
  frame(2)
  t.same(heard(), [2, 1])
  frame(1)
  t.same(heard(), [1], 'a VIF needs more hops than its threshold')
  t.equal(set(MRT.DEL_MFC, mfcctl), 'ok')
  frame(2)
  t.same(heard(), [2])
  t.equal(set(MRT.DEL_MFC, mfcctl), 'ENOENT')
})
t.test('the daemon goes, and everything with it', async (t) => {
  const { kernel, daemon, set, mfcctl, d0 } = host()
  t.equal(d0.allmulti, 1)
  t.equal(set(MRT.ADD_MFC, mfcctl), 'ok')
  sys_close(daemon)
  t.equal(d0.allmulti, 0)
  t.equal(ipmr_mfc_seq_show(kernel.init_net).split('\n').length, 2)
  t.equal(ipmr_vif_seq_show(kernel.init_net).split('\n').length, 2)
})
