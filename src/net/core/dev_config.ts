/** net/core/dev.c: what can be set on a device: MTU, address, queue length, group, carrier, protocol-down. */
import { KERN_ERR } from '../../kernel/printk.ts'
import { equalBytes } from '../../lib/bytes.ts'
import { EINVAL, ENODEV, EOPNOTSUPP, ERANGE, type Errno, isErrno } from '../../uapi/errno.ts'
import { netlink_ext_ack } from '../netlink/extack.ts'
import { dev_qdisc_change_tx_queue_len } from '../sched/sch_generic.ts'
import { dev_pre_changeaddr_notify } from './dev_addr_lists.ts'
import { ask_netdevice_notifiers, call_netdevice_notifiers } from './dev_notifier.ts'
import { netdev_err } from './dev_printk.ts'
import { netif_carrier_off, netif_carrier_on, netif_device_present } from './link_watch.ts'
import {
  IFF_CHANGE_PROTO_DOWN,
  NET_ADDR_SET,
  NETDEV_CHANGE_TX_QUEUE_LEN,
  NETDEV_CHANGEADDR,
  NETDEV_CHANGEMTU,
  NETDEV_PRECHANGEMTU,
  type net_device,
} from './netdevice.ts'

/** dev_validate_mtu(): bounds of 0 bind nothing above; the number is signed. */
export function dev_validate_mtu(dev: net_device, new_mtu: number, extack?: netlink_ext_ack): Errno | undefined {
  if (new_mtu < 0 || new_mtu < dev.min_mtu) {
    extack?.fail(EINVAL, 'mtu less than device minimum')
    return EINVAL
  }
  if (dev.max_mtu > 0 && new_mtu > dev.max_mtu) {
    extack?.fail(EINVAL, 'mtu greater than device maximum')
    return EINVAL
  }
  return undefined
}

function __dev_set_mtu(dev: net_device, new_mtu: number): Errno | undefined {
  if (dev.netdev_ops.ndo_change_mtu !== undefined) return dev.netdev_ops.ndo_change_mtu(dev, new_mtu)
  dev.mtu = new_mtu
  return undefined
}

/** dev_set_mtu_ext(): who objects afterwards makes the old value come back, and everyone is told again. */
export function dev_set_mtu_ext(dev: net_device, new_mtu: number, extack?: netlink_ext_ack): Errno | undefined {
  if (new_mtu === dev.mtu) return undefined
  const invalid = dev_validate_mtu(dev, new_mtu, extack)
  if (isErrno(invalid)) return invalid
  if (!netif_device_present(dev)) return ENODEV
  const refused = ask_netdevice_notifiers(NETDEV_PRECHANGEMTU, dev, { mtu: new_mtu, extack })
  if (isErrno(refused)) return refused
  const orig_mtu = dev.mtu
  const failed = __dev_set_mtu(dev, new_mtu)
  if (isErrno(failed)) return failed
  const error = ask_netdevice_notifiers(NETDEV_CHANGEMTU, dev, { mtu: orig_mtu })
  if (!isErrno(error)) return undefined
  __dev_set_mtu(dev, orig_mtu)
  call_netdevice_notifiers(NETDEV_CHANGEMTU, dev, { mtu: new_mtu })
  return error
}

/** dev_set_mtu(): where nobody reads an extack (ioctl, drivers), its text goes to the log. */
export function dev_set_mtu(dev: net_device, new_mtu: number, extack?: netlink_ext_ack): Errno | undefined {
  if (extack !== undefined) return dev_set_mtu_ext(dev, new_mtu, extack)
  const own = new netlink_ext_ack()
  const error = dev_set_mtu_ext(dev, new_mtu, own)
  if (isErrno(error) && own._msg !== undefined) dev.nd_net.kernel.printk(KERN_ERR, `${dev.name}: ${own._msg}`)
  return error
}

/** dev_set_mac_address(): an equal address does not bother the driver, yet counts as set and is told. */
export function dev_set_mac_address(dev: net_device, addr: Uint8Array, extack?: netlink_ext_ack, sa_family = dev.type): Errno | undefined {
  const ndo = dev.netdev_ops.ndo_set_mac_address
  if (ndo === undefined) return EOPNOTSUPP
  if (sa_family !== dev.type) return EINVAL
  if (!netif_device_present(dev)) return ENODEV
  const refused = dev_pre_changeaddr_notify(dev, addr, extack)
  if (isErrno(refused)) return refused
  if (!equalBytes(dev.dev_addr.subarray(0, dev.addr_len), addr.subarray(0, dev.addr_len))) {
    const error = ndo(dev, addr)
    if (isErrno(error)) return error
  }
  dev.addr_assign_type = NET_ADDR_SET
  call_netdevice_notifiers(NETDEV_CHANGEADDR, dev)
  return undefined
}

export function dev_change_tx_queue_len(dev: net_device, new_len: number): Errno | undefined {
  if (new_len < 0 || new_len > 0xffffffff) return ERANGE
  const orig_len = dev.tx_queue_len
  if (new_len === orig_len) return undefined
  dev.tx_queue_len = new_len
  const error = ask_netdevice_notifiers(NETDEV_CHANGE_TX_QUEUE_LEN, dev) ?? dev_qdisc_change_tx_queue_len(dev)
  if (!isErrno(error)) return undefined
  netdev_err(dev, 'refused to change device tx_queue_len')
  dev.tx_queue_len = orig_len
  return error
}

export function dev_set_group(dev: net_device, new_group: number): void {
  dev.group = new_group
}

export function dev_change_carrier(dev: net_device, new_carrier: boolean): Errno | undefined {
  if (dev.netdev_ops.ndo_change_carrier === undefined) return EOPNOTSUPP
  if (!netif_device_present(dev)) return ENODEV
  return dev.netdev_ops.ndo_change_carrier(dev, new_carrier)
}

/** dev_change_proto_down(): a daemon holds the link down for protocols (MLAG …). */
export function dev_change_proto_down(dev: net_device, proto_down: boolean): Errno | undefined {
  if (!(dev.priv_flags & IFF_CHANGE_PROTO_DOWN)) return EOPNOTSUPP
  if (!netif_device_present(dev)) return ENODEV
  if (proto_down) netif_carrier_off(dev)
  else netif_carrier_on(dev)
  dev.proto_down = proto_down
  return undefined
}
/** dev_change_proto_down_reason_locked(): without a mask the value replaces all bits. */
export function dev_change_proto_down_reason(dev: net_device, mask: number, value: number): void {
  dev.proto_down_reason = mask === 0 ? value >>> 0 : ((dev.proto_down_reason & ~mask) | (value & mask)) >>> 0
}
