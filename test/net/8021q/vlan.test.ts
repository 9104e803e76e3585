import t from 'tap'
import { putString } from '../../../src/lib/bytes.ts'
import { vlan_proto_init } from '../../../src/net/8021q/vlan.ts'
import { vlan_ioctl_handler } from '../../../src/net/8021q/vlan_ioctl.ts'
import { vlan_seq_show, vlandev_seq_show } from '../../../src/net/8021q/vlanproc.ts'
import {
  dev_change_flags,
  dev_change_net_namespace,
  dev_set_mac_address,
  dev_set_mtu,
  netif_carrier_ok,
} from '../../../src/net/core/dev.ts'
import { copy_net_ns } from '../../../src/net/core/net_namespace.ts'
import type { net_device } from '../../../src/net/core/netdevice.ts'
import { EEXIST, EFAULT, EINVAL, ENETDOWN, ENODEV, ENOPKG, EOPNOTSUPP, ERANGE, type Errno, isErrno } from '../../../src/uapi/errno.ts'
import { IFF_UP } from '../../../src/uapi/linux/if.ts'
import { IFLA_LINK } from '../../../src/uapi/linux/if_link.ts'
import { IFLA_VLAN_FLAGS, IFLA_VLAN_ID } from '../../../src/uapi/linux/if_link_stacked.ts'
import * as V from '../../../src/uapi/linux/if_vlan.ts'
import { Links } from '../../drivers/net/linkRequests.ts'

function host(): Links {
  const h = new Links()
  vlan_proto_init(h.kernel)
  h.newlink('dummy', 'd0')
  h.settle()
  h.log()
  return h
}
function vlan(h: Links, name: string, id: number, flags = 1, on = 'd0'): Errno | undefined {
  const link = h.device(on).ifindex
  return h.newlink(
    'vlan',
    name,
    (msg) => msg.put(IFLA_LINK, link),
    (msg) => {
      msg.put(IFLA_VLAN_ID, id)
      msg.put(IFLA_VLAN_FLAGS, { flags, mask: 0x1f | flags })
    },
  )
}
const up = (dev: net_device) => dev_change_flags(dev, dev.flags | IFF_UP)
const down = (dev: net_device) => dev_change_flags(dev, dev.flags & ~IFF_UP)
const isUp = (h: Links, name: string) => (h.device(name).flags & IFF_UP) !== 0

/** vconfig: a command, the device and what the union holds. */
function vconfig(
  h: Links,
  cmd: number,
  device: string,
  value: number | string = 0,
  qos = 0,
): { error: Errno | undefined; args: Uint8Array } {
  const args = new Uint8Array(V.vlan_ioctl_args.size)
  V.vlan_ioctl_args.put(args, 0, { cmd, device1: device, vlan_qos: qos })
  if (typeof value === 'string') putString(args, 28, value)
  else args.set([value, value >> 8, value >> 16, value >> 24], 28)
  const memory = {
    read: (_at: number, n: number) => args.slice(0, n),
    write: (_at: number, bytes: Uint8Array) => {
      args.set(bytes)
      return undefined
    },
  }
  return { error: vlan_ioctl_handler(h.kernel.init_net, h.task, 0, memory as never), args }
}

t.test('the lower device is told between the registration of the VLAN and its announcement', async (t) => {
  const h = host()
  t.equal(vlan(h, 'd0.5', 5), undefined)
  t.same(
    h.log().filter((line) => /REGISTER|CHANGEUPPER|>/.test(line)),
    ['REGISTER d0.5', 'PRECHANGEUPPER d0', '> NEWLINK d0 flags=82 change=0', 'CHANGEUPPER d0', '> NEWLINK d0.5 flags=82 change=all'],
  )
  t.same(h.device('d0.5').dev_addr, h.device('d0').dev_addr, 'its address is the lower one')
})

t.test('what is refused', async (t) => {
  const h = host()
  t.equal(vlan(h, 'a', 5), undefined)
  t.equal(vlan(h, 'b', 5), EEXIST)
  t.equal(vlan(h, 'b', 4095), ERANGE)
  t.equal(vlan(h, 'b', 6, 0x20), EINVAL, 'unknown flags')
  t.equal(vlan(h, 'b', 6, 1, 'lo'), EOPNOTSUPP)
  t.equal(vlan(h, 'config', 6), EINVAL, 'the name of a file in /proc/net/vlan')
  t.same(h.names(), ['lo', 'd0', 'a'])
})

t.test('up and down follow the lower device, but for loose binding', async (t) => {
  const h = host()
  vlan(h, 'tight', 5)
  vlan(h, 'loose', 6, V.VLAN_FLAG_REORDER_HDR | V.VLAN_FLAG_LOOSE_BINDING)
  t.equal(up(h.device('tight')), ENETDOWN)
  t.equal(up(h.device('loose')), undefined)
  up(h.device('d0'))
  t.ok(isUp(h, 'tight'), 'came up with it')
  down(h.device('d0'))
  t.notOk(isUp(h, 'tight'))
  t.ok(isUp(h, 'loose'))
})

t.test('carrier, MTU and address come from below', async (t) => {
  const h = host()
  vlan(h, 'v', 5)
  const [d0, v] = [h.device('d0'), h.device('v')]
  up(d0)
  h.pass(2000)
  d0.netdev_ops.ndo_change_carrier?.(d0, false)
  h.pass(2000)
  t.notOk(netif_carrier_ok(v))
  t.equal(dev_set_mtu(v, 1501), ERANGE)
  dev_set_mtu(d0, 1300)
  t.equal(v.mtu, 1300)
  const addr = Uint8Array.of(2, 0, 0, 0, 0, 9)
  dev_set_mac_address(d0, addr)
  t.same(v.dev_addr.slice(0, 6), addr, 'an inherited address goes on following')
  const own = Uint8Array.of(2, 0, 0, 0, 0, 10)
  dev_set_mac_address(v, own)
  t.ok(
    d0.uc.some((ha) => ha.addr[5] === 10),
    'an address of its own is listened to below',
  )
  dev_set_mac_address(d0, own)
  t.same(d0.uc, [], 'and not when it is the lower one')
})

t.test('goes with the lower device, also from another namespace', async (t) => {
  const h = host()
  vlan(h, 'a', 5)
  vlan(h, 'b', 6)
  vlan(h, 'c', 7, 1, 'a')
  const other = copy_net_ns(h.kernel)
  if (isErrno(other)) throw new Error()
  dev_change_net_namespace(h.device('b'), other)
  h.log()
  t.equal(h.dellink(h.device('d0')), undefined)
  t.same(
    h.log().filter((line) => line.startsWith('> DEL')),
    [
      '> DELLINK c flags=82 change=all',
      '> DELLINK a flags=82 change=all',
      '> DELLINK b flags=82 change=all',
      '> DELLINK d0 flags=82 change=all',
    ],
  )
  t.same(h.names(), ['lo'])
  t.same(h.names(other), ['lo'])
})

t.test('vconfig: adds, changes, tells and removes', async (t) => {
  const h = host()
  const net = h.kernel.init_net
  t.equal(vconfig(h, V.ADD_VLAN_CMD, 'd0', 7).error, undefined)
  t.equal(vconfig(h, V.ADD_VLAN_CMD, 'd0', 7).error, EEXIST)
  t.equal(vconfig(h, V.ADD_VLAN_CMD, 'nope', 7).error, ENODEV)
  t.equal(vconfig(h, V.DEL_VLAN_CMD, 'd0').error, EINVAL)
  t.equal(vconfig(h, V.GET_VLAN_INGRESS_PRIORITY_CMD, 'd0.7').error, EOPNOTSUPP)
  t.equal(vconfig(h, V.SET_VLAN_FLAG_CMD, 'd0.7', 1, 0).error, undefined)
  t.equal(vconfig(h, V.SET_VLAN_FLAG_CMD, 'd0.7', 0x20, 1).error, EINVAL)
  vconfig(h, V.SET_VLAN_EGRESS_PRIORITY_CMD, 'd0.7', 1, 2)
  vconfig(h, V.SET_VLAN_INGRESS_PRIORITY_CMD, 'd0.7', 4, 3)
  t.equal(vconfig(h, V.GET_VLAN_VID_CMD, 'd0.7').args[28], 7)
  t.equal(Buffer.from(vconfig(h, V.GET_VLAN_REALDEV_NAME_CMD, 'd0.7').args.slice(28, 31)).toString('latin1'), 'd0\0')
  const text = vlandev_seq_show(net, h.device('d0.7'))
  t.match(text, /^d0\.7 {2}VID: 7\t REORDER_HDR: 0 {2}dev->priv_flags: 81021\n/)
  t.match(text, / 0:0 {2}1:0 {2}2:0 {2}3:4 {2}4:0 {2}5:0 {2}6:0 7:0\n EGRESS priority mappings: 1:2 \n$/)
  t.equal(vconfig(h, V.SET_VLAN_NAME_TYPE_CMD, '', V.VLAN_NAME_TYPE_PLUS_VID).error, undefined)
  t.equal(vconfig(h, V.SET_VLAN_NAME_TYPE_CMD, '', V.VLAN_NAME_TYPE_HIGHEST).error, EINVAL)
  vconfig(h, V.ADD_VLAN_CMD, 'd0', 9)
  const config = [
    'VLAN Dev name\t | VLAN ID',
    'Name-Type: VLAN_NAME_TYPE_PLUS_VID',
    'd0.7           | 7  | d0',
    'vlan0009       | 9  | d0',
    '',
  ]
  t.same(vlan_seq_show(net).split('\n'), config)
  t.equal(vconfig(h, V.DEL_VLAN_CMD, 'd0.7').error, undefined)
  t.same(h.names(), ['lo', 'd0', 'vlan0009'])
})

t.test('without the module, and with memory that cannot be read', async (t) => {
  const h = new Links()
  t.equal(vconfig(h, V.ADD_VLAN_CMD, 'd0', 7).error, ENOPKG)
  const full = host()
  const bad = { read: () => EFAULT, write: () => EFAULT }
  t.equal(vlan_ioctl_handler(full.kernel.init_net, full.task, 0, bad as never), EFAULT)
})
