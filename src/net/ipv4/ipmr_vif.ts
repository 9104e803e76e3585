/** net/ipv4/ipmr.c vif_add, reg_vif_setup: interfaces that groups are routed by, and the device that stands for PIM's register tunnel. */
import { EADDRINUSE, EADDRNOTAVAIL, EINVAL, ENOBUFS, type Errno, isErrno } from '../../uapi/errno.ts'
import { getBe32 } from '../../lib/bytes.ts'
import { IPV4_DEVCONF_RP_FILTER } from '../../uapi/linux/ip.ts'
import { RT_TABLE_DEFAULT } from '../../uapi/linux/rtnetlink.ts'
import { alloc_netdev, dev_set_allmulti } from '../core/dev.ts'
import { dev_open } from '../core/dev_open.ts'
import { register_netdevice, unregister_netdevice } from '../core/dev_register.ts'
import { dev_get_iflink } from '../core/dev_state.ts'
import type { net } from '../core/net_namespace.ts'
import { NET_NAME_UNKNOWN, type net_device, type net_device_ops } from '../core/netdevice.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { ipv4_devconf_setall } from './devinet_addr.ts'
import { flowi4 } from './fib_lookup.ts'
import { inetdev_by_index } from './in_device.ts'
import { IP_HLEN } from './ip_hdr.ts'
import { type mr_table, VIFF_REGISTER, VIFF_STATIC, VIFF_TUNNEL, VIFF_USE_IFINDEX, vif_device, vif_set } from './ipmr_base.ts'
import { REG_VIF_MTU, reg_vif_dev_setup, reg_vif_dev_xmit, reg_vif_get_iflink } from './ipmr_reg_vif.ts'
import { ipmr_fib_lookup } from './ipmr_rules.ts'
import { ip_dev_find } from './route.ts'

export function reg_vif_xmit(skb: sk_buff, dev: net_device): number {
  const { nd_net: net } = dev
  const fl = new flowi4(0, dev.ifindex)
  fl.iif = skb.skb_iif || net.loopback_dev.ifindex
  fl.mark = skb.mark
  return reg_vif_dev_xmit(skb, dev, ipmr_fib_lookup(net, fl))
}
export const reg_vif_netdev_ops: net_device_ops = {
  name: 'reg_vif_netdev_ops',
  ndo_start_xmit: reg_vif_xmit,
  ndo_get_iflink: reg_vif_get_iflink,
}
export function reg_vif_setup(dev: net_device): void {
  reg_vif_dev_setup(dev, reg_vif_netdev_ops, REG_VIF_MTU - IP_HLEN)
}
/** ipmr_reg_vif() */
function ipmr_reg_vif(mrt: mr_table): net_device | undefined {
  const name = mrt.id === RT_TABLE_DEFAULT ? 'pimreg' : `pimreg${mrt.id}`
  const dev = alloc_netdev(mrt.net, name, reg_vif_netdev_ops, reg_vif_setup, { name_assign_type: NET_NAME_UNKNOWN })
  if (isErrno(register_netdevice(dev))) return undefined
  const { ip_ptr: in_dev } = dev
  if (in_dev === undefined || isErrno(dev_open(dev))) {
    unregister_netdevice(dev)
    return undefined
  }
  // its settings do not follow the defaults, and packets out of the tunnel come from anywhere
  ipv4_devconf_setall(in_dev)
  in_dev.cnf.own()[IPV4_DEVCONF_RP_FILTER - 1] = 0
  return dev
}

/** struct vifctl */
export interface vifctl {
  vifi: number
  flags: number
  threshold: number
  /** An address of the device, or with VIFF_USE_IFINDEX its index in the order of the host. */
  local: Uint8Array
  ifindex: number
  remote: Uint8Array
}
function device_of(net: net, mrt: mr_table, v: vifctl): net_device | Errno {
  if (v.flags === VIFF_REGISTER) return mrt.mroute_reg_vif_num >= 0 ? EADDRINUSE : (ipmr_reg_vif(mrt) ?? ENOBUFS)
  if (v.flags === VIFF_TUNNEL) {
    net.kernel.unsupported.count('ipmr', 'VIFF_TUNNEL')
    return ENOBUFS
  }
  if (v.flags !== 0 && v.flags !== VIFF_USE_IFINDEX) return EINVAL
  const dev = v.flags === VIFF_USE_IFINDEX ? inetdev_by_index(net, v.ifindex)?.dev : ip_dev_find(net, getBe32(v.local, 0))
  return dev ?? EADDRNOTAVAIL
}
/** vif_add(); `daemon`: by the socket that routes. */
export function vif_add(mrt: mr_table, v: vifctl, daemon: boolean): Errno | undefined {
  if (mrt.vif_table[v.vifi] !== undefined) return EADDRINUSE
  const dev = device_of(mrt.net, mrt, v)
  if (isErrno(dev)) return dev
  dev_set_allmulti(dev, 1)
  if (dev.ip_ptr === undefined) return EADDRNOTAVAIL
  mrt.ops.forwarding(dev, 1)
  const tunnel = (v.flags & (VIFF_TUNNEL | VIFF_REGISTER)) !== 0
  const flags = v.flags | (daemon ? 0 : VIFF_STATIC)
  vif_set(mrt, v.vifi, new vif_device(dev, flags, v.threshold, tunnel ? dev_get_iflink(dev) : dev.ifindex, v.local, v.remote))
  if (v.flags & VIFF_REGISTER) mrt.mroute_reg_vif_num = v.vifi
  return undefined
}
