import t from 'tap'
import { get32, hex, put32, unhex } from '../../../src/lib/bytes.ts'
import { sock_ioctl } from '../../../src/net/ioctl.ts'
import { isErrno } from '../../../src/uapi/errno.ts'
import * as S from '../../../src/uapi/linux/sockios.ts'
import { Ioctls, le32 } from './ioctlHarness.ts'

/** The union with `head` answered and the program's bytes behind it. */
const answer = (head: string) => head.padEnd(48, 'a5')

t.test('what a device is asked: only the bytes of the answer change', async (t) => {
  const h = new Ioctls()
  const dev = h.dummy('dum0')
  dev.irq = 9
  const rows: [string, number, string][] = [
    ['FLAGS', S.SIOCGIFFLAGS, '8200'],
    ['METRIC', S.SIOCGIFMETRIC, '00000000'],
    ['MTU', S.SIOCGIFMTU, 'dc050000'],
    ['INDEX', S.SIOCGIFINDEX, le32(dev.ifindex)],
    ['TXQLEN', S.SIOCGIFTXQLEN, 'e8030000'],
    ['HWADDR', S.SIOCGIFHWADDR, '0100' + '020000000301'],
    ['MAP', S.SIOCGIFMAP, '00'.repeat(18) + '09' + '0000'],
  ]
  for (const [name, cmd, want] of rows) {
    t.equal(h.ifreq(cmd, 'dum0'), answer(want), name)
    t.equal(h.ifreq(cmd, 'nosuch'), 'ENODEV', name)
  }
  t.equal(h.ifreq(S.SIOCGIFHWADDR, 'lo'), answer('0403' + '000000000000'))
  t.equal(h.ifreq(S.SIOCGIFSLAVE, 'dum0'), 'EINVAL')
})

t.test('SIOCGIFNAME goes by number and leaves what is behind the name', async (t) => {
  const h = new Ioctls()
  t.equal(h.ifreq(S.SIOCGIFNAME, 'a-long-name', le32(1)), answer('01000000'))
  t.equal(h.nameField(), '6c6f00' + hex(Buffer.from('ong-name')) + '00a5a5a500')
  t.equal(h.ifreq(S.SIOCGIFNAME, '', le32(77)), 'ENODEV')
})

t.test('a label asks for its device, and is back in the answer', async (t) => {
  const h = new Ioctls()
  h.dummy('dum0')
  t.equal(h.ifreq(S.SIOCGIFMTU, 'dum0:web'), answer('dc050000'))
  t.equal(h.nameField().slice(0, 18), hex(Buffer.from('dum0:web\0')))
})

t.test('a name without end is cut at 15', async (t) => {
  const h = new Ioctls()
  h.dummy('fifteen-letters')
  t.equal(h.ifreq(S.SIOCGIFMTU, 'fifteen-lettersX'.slice(0, 15)), answer('dc050000'))
})

t.test('what is changed shows, and is not written back', async (t) => {
  const h = new Ioctls()
  const dev = h.dummy('dum0')
  const change = (cmd: number, union: string) => h.ifreq(cmd, 'dum0:1', union)
  t.equal(change(S.SIOCSIFMTU, le32(1400)), answer('78050000'))
  t.equal(dev.mtu, 1400)
  t.equal(change(S.SIOCSIFMTU, le32(99999999)), answer(le32(99999999)), 'a dummy has no bound')
  t.equal(change(S.SIOCSIFTXQLEN, le32(55)), answer('37000000'))
  t.equal(dev.tx_queue_len, 55)
  t.equal(change(S.SIOCSIFTXQLEN, le32(-1)), 'EINVAL')
  t.equal(h.ifreq(S.SIOCSIFHWADDR, 'dum0', '0100' + '020000000377'), answer('0100020000000377'))
  t.equal(hex(dev.dev_addr.subarray(0, 6)), '020000000377')
  t.equal(change(S.SIOCSIFHWBROADCAST, '0100' + 'ffffffffff00'), answer('0100ffffffffff00'))
  t.equal(hex(dev.broadcast.subarray(0, 6)), 'ffffffffff00')
  t.equal(h.ifreq(S.SIOCSIFFLAGS, 'dum0', '8300'), answer('8300'))
  t.equal(h.ifreq(S.SIOCGIFFLAGS, 'dum0'), answer('c300'), 'up and running')
})

t.test('a hardware address is of the device\u2019s own type', async (t) => {
  const h = new Ioctls()
  h.dummy('dum0')
  t.equal(h.ifreq(S.SIOCSIFHWADDR, 'dum0', '0200020000000377'), 'EINVAL')
  t.equal(h.ifreq(S.SIOCSIFHWADDR, 'dum0', '0100010000000377'), 'EADDRNOTAVAIL', 'a multicast address')
  t.equal(h.ifreq(S.SIOCSIFHWBROADCAST, 'dum0', '0200ffffffffffff'), 'EINVAL')
  t.equal(h.ifreq(S.SIOCSIFHWADDR, 'lo', '0100020000000377'), 'EINVAL', 'lo is no Ethernet')
})

t.test('a new name is in the union, and comes back', async (t) => {
  const h = new Ioctls()
  const dev = h.dummy('dum0')
  const name = (text: string) => hex(Buffer.from(`${text}\0`))
  t.equal(h.ifreq(S.SIOCSIFNAME, 'dum0', name('net7')), `${name('net7').padEnd(30, 'a5')}00${'a5'.repeat(8)}`)
  t.equal(dev.name, 'net7')
  t.equal(h.ifreq(S.SIOCSIFNAME, 'net7', name('lo')), 'EEXIST')
  t.equal(h.ifreq(S.SIOCSIFNAME, 'net7', name('a/b')), 'EINVAL')
})

t.test('multicast addresses: global ones, once', async (t) => {
  const h = new Ioctls()
  const dev = h.dummy('dum0')
  const addr = '0000' + '333300000099'
  t.equal(h.ifreq(S.SIOCADDMULTI, 'dum0', addr), answer(addr))
  t.equal(h.ifreq(S.SIOCADDMULTI, 'dum0', addr), answer(addr))
  t.same(
    dev.mc.map((ha) => [hex(ha.addr.subarray(0, 6)), ha.refcount, ha.global_use]),
    [['333300000099', 1, true]],
  )
  t.equal(h.ifreq(S.SIOCADDMULTI, 'dum0', '0100' + '333300000099'), 'EINVAL', 'the family is AF_UNSPEC')
  t.equal(h.ifreq(S.SIOCDELMULTI, 'dum0', '0000' + '333300000098'), 'ENOENT')
  t.equal(h.ifreq(S.SIOCDELMULTI, 'dum0', addr), answer(addr))
  t.same(dev.mc, [])
  t.equal(h.ifreq(S.SIOCADDMULTI, 'lo', addr), 'EINVAL', 'loopback has no filter')
})

t.test('changes need CAP_NET_ADMIN, before the device is looked for; questions do not', async (t) => {
  const h = new Ioctls()
  h.dummy('dum0')
  const user = h.as(1000)
  for (const cmd of [
    S.SIOCSIFFLAGS,
    S.SIOCSIFMTU,
    S.SIOCSIFHWADDR,
    S.SIOCSIFTXQLEN,
    S.SIOCSIFMAP,
    S.SIOCSIFMETRIC,
    S.SIOCSIFNAME,
    S.SIOCADDMULTI,
    S.SIOCSIFHWBROADCAST,
    S.SIOCBRADDIF,
    S.SIOCSHWTSTAMP,
    S.SIOCGMIIPHY,
    S.SIOCBONDENSLAVE,
  ]) {
    t.equal(h.ifreq(cmd, 'nosuch', '', user), 'EPERM', cmd.toString(16))
    t.equal(h.ifreq(cmd, 'nosuch'), 'ENODEV', cmd.toString(16))
  }
  t.equal(h.ifreq(S.SIOCGIFMTU, 'dum0', '', user), answer('dc050000'))
  t.equal(h.ifreq(S.SIOCBONDINFOQUERY, 'dum0', '', user), 'EOPNOTSUPP')
})

// request → answer for a dummy that is there; as measured where Linux has no driver for it
const refusals: [string, number, string][] = [
  ['SIOCSIFMETRIC', S.SIOCSIFMETRIC, 'EOPNOTSUPP'],
  ['SIOCSIFMAP', S.SIOCSIFMAP, 'EOPNOTSUPP'],
  ['SIOCSIFSLAVE', S.SIOCSIFSLAVE, 'EINVAL'],
  ['SIOCGIFMEM', S.SIOCGIFMEM, 'ENOTTY'],
  ['SIOCSIFMEM', S.SIOCSIFMEM, 'ENOTTY'],
  ['SIOCSIFLINK', S.SIOCSIFLINK, 'ENOTTY'],
  ['SIOCGIFENCAP', S.SIOCGIFENCAP, 'ENOTTY'],
  ['SIOCSIFENCAP', S.SIOCSIFENCAP, 'ENOTTY'],
  ['SIOCGIFCOUNT', S.SIOCGIFCOUNT, 'ENOTTY'],
  ['SIOCGMIIPHY', S.SIOCGMIIPHY, 'EOPNOTSUPP'],
  ['SIOCBRADDIF', S.SIOCBRADDIF, 'EOPNOTSUPP'],
  ['SIOCBONDENSLAVE', S.SIOCBONDENSLAVE, 'EOPNOTSUPP'],
  ['SIOCWANDEV', S.SIOCWANDEV, 'EOPNOTSUPP'],
  ['SIOCDEVPRIVATE', S.SIOCDEVPRIVATE, 'EOPNOTSUPP'],
  ['SIOCDEVPRIVATE+15', S.SIOCDEVPRIVATE + 15, 'EOPNOTSUPP'],
  ['SIOCGHWTSTAMP', S.SIOCGHWTSTAMP, 'EOPNOTSUPP'],
  ['SIOCBRADDBR', S.SIOCBRADDBR, 'EEXIST'],
  ['SIOCGIFVLAN', S.SIOCGIFVLAN, 'EOPNOTSUPP'],
  ['SIOCGIWNAME', 0x8b01, 'EOPNOTSUPP'],
  ['SIOCETHTOOL', S.SIOCETHTOOL, 'EFAULT'],
  ['SIOCPROTOPRIVATE', S.SIOCPROTOPRIVATE, 'ENOTTY'],
  ['TIOCGWINSZ', 0x5413, 'ENOTTY'],
]
t.test('requests that a dummy refuses', async (t) => {
  const h = new Ioctls()
  h.dummy('dum0')
  for (const [name, cmd, want] of refusals) t.equal(h.ifreq(cmd, 'dum0'), want, name)
})

t.test('ethtool and wireless: order of refusals', async (t) => {
  const h = new Ioctls()
  h.dummy('dum0')
  h.memory.write(0x1100, unhex('02000000'))
  const at = '0011000000000000'
  t.equal(h.ifreq(S.SIOCETHTOOL, 'nosuch', at), 'ENODEV')
  t.equal(h.ifreq(S.SIOCETHTOOL, 'dum0', at, h.as(1000)), 'EPERM', 'SSET')
  t.equal(h.ifreq(S.SIOCETHTOOL, 'dum0', at), 'EOPNOTSUPP')
  t.same(h.kernel.unsupported.toJson(), [], 'a dummy has no such settings: nothing is missing here')
  t.equal(h.ifreq(0x8b01, 'nosuch'), 'ENODEV')
  t.equal(h.ifreq(0x8b04, 'dum0', '', h.as(1000)), 'EPERM', 'a setting')
  t.equal(h.ifreq(0x8b01, 'dum0', '', h.as(1000)), 'EOPNOTSUPP')
})

t.test('any socket reaches the devices; addresses belong to IPv4\u2019s', async (t) => {
  for (const kind of ['netlink', 'none'] as const) {
    const h = new Ioctls(kind)
    t.equal(h.ifreq(S.SIOCGIFMTU, 'lo'), answer('00000100'), kind)
    t.equal(h.ifreq(S.SIOCGIFADDR, 'lo'), 'ENOTTY', kind)
    t.equal(h.ifreq(S.SIOCADDRT, 'lo'), 'ENOTTY', kind)
  }
})

t.test('time stamps: none yet on an IPv4 socket, unknown to netlink', async (t) => {
  for (const cmd of [0x8906, 0x8907, 0x80108906, 0x80108907]) {
    t.equal(new Ioctls('inet').ifreq(cmd, ''), 'ENOENT', cmd.toString(16))
    t.equal(new Ioctls('netlink').ifreq(cmd, ''), 'ENOTTY', cmd.toString(16))
  }
})

t.test('memory that is not there', async (t) => {
  const h = new Ioctls()
  for (const cmd of [S.SIOCGIFMTU, S.SIOCSIFMTU, S.SIOCGIFCONF, S.SIOCDEVPRIVATE, 0x8b01, S.SIOCGIFNAME]) {
    const result = sock_ioctl(h.task, h.sock, cmd, 0x1ff8, h.memory)
    t.equal(isErrno(result) && result.name, 'EFAULT', cmd.toString(16))
  }
})

t.test('observers see the request and its answer', async (t) => {
  const h = new Ioctls()
  const seen: unknown[] = []
  h.kernel.trace = {
    ioctl: (_k, _n, cmd, before, after, result) => seen.push([cmd, hex(before.subarray(16, 20)), hex(after.subarray(16, 20)), result]),
  }
  h.ifreq(S.SIOCGIFMTU, 'lo')
  h.ifreq(S.SIOCGIFMTU, 'nosuch')
  t.same(seen, [
    [S.SIOCGIFMTU, 'a5a5a5a5', '00000100', 0],
    [S.SIOCGIFMTU, 'a5a5a5a5', 'a5a5a5a5', -19],
  ])
})

t.test('SIOCGIFCONF: length alone without a buffer, whole entries with one', async (t) => {
  const h = new Ioctls('inet')
  const conf = (len: number, buf: number) => {
    h.memory.page.fill(0xa5)
    const ifc = new Uint8Array(16)
    put32(ifc, 0, len)
    put32(ifc, 8, buf)
    h.memory.write(0x1000, ifc)
    const result = sock_ioctl(h.task, h.sock, S.SIOCGIFCONF, 0x1000, h.memory)
    return isErrno(result) ? result.name : get32(h.memory.page, 0)
  }
  t.equal(conf(0, 0), 0, 'no addresses yet')
  h.ifreq(S.SIOCSIFFLAGS, 'lo', '0100')
  t.equal(h.ifreq(S.SIOCSIFADDR, 'lo', '02000000' + '7f000001' + '00'.repeat(8)), answer('020000007f0000010000000000000000'))
  t.equal(conf(1, 0), 40, 'the length does not matter')
  t.equal(conf(80, 0x1100), 40)
  t.equal(hex(h.memory.page.subarray(0x100, 0x128)), '6c6f'.padEnd(32, '0') + '020000007f000001' + '00'.repeat(16))
  t.equal(h.memory.page[0x128], 0xa5)
  t.equal(conf(39, 0x1100), 0, 'no entry in part')
  t.equal(conf(40, 0x1ff0), 'EFAULT')
})
