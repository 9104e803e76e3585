/** net/8021q/vlan.c vlan_ioctl_handler(): SIOCSIFVLAN and SIOCGIFVLAN, as vconfig uses them. */
import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import { capable, type task_struct } from '../../kernel/task.ts'
import { get32, getS32, getString, put32, putString } from '../../lib/bytes.ts'
import type { UserMemory } from '../../syscalls/types.ts'
import { EFAULT, EINVAL, ENODEV, ENOPKG, EOPNOTSUPP, EPERM, ERANGE, type Errno, isErrno } from '../../uapi/errno.ts'
import { ETH_P_8021Q } from '../../uapi/linux/if_ether.ts'
import * as V from '../../uapi/linux/if_vlan.ts'
import { alloc_netdev, free_netdev } from '../core/dev_alloc.ts'
import { __dev_get_by_name } from '../core/dev_state.ts'
import { rtnl_unlock } from '../core/dev_todo.ts'
import type { net } from '../core/net_namespace.ts'
import { IFF_XMIT_DST_RELEASE, NET_NAME_UNKNOWN, type net_device } from '../core/netdevice.ts'
import { register_vlan_dev, unregister_vlan_dev, type vlan_net, vlan_check_real_dev } from './vlan.ts'
import {
  is_vlan_dev,
  vlan_dev_change_flags,
  vlan_dev_priv_of,
  vlan_dev_set_egress_priority,
  vlan_dev_set_ingress_priority,
  vlan_setup,
} from './vlan_dev.ts'
import { vlan_link_ops } from './vlan_netlink.ts'

const { device1, u, vlan_qos } = V.vlan_ioctl_args.field
const NAME_LEN = 24

/** Commands that look for a device first; all but ADD want a VLAN. */
const with_device = new Set([
  V.SET_VLAN_INGRESS_PRIORITY_CMD,
  V.SET_VLAN_EGRESS_PRIORITY_CMD,
  V.SET_VLAN_FLAG_CMD,
  V.ADD_VLAN_CMD,
  V.DEL_VLAN_CMD,
  V.GET_VLAN_REALDEV_NAME_CMD,
  V.GET_VLAN_VID_CMD,
])

export function vlan_ioctl_handler(net: net, task: task_struct, arg: number, memory: UserMemory): Errno | undefined {
  if (net.vlan === undefined) return ENOPKG
  const args = memory.read(arg, V.vlan_ioctl_args.size)
  if (isErrno(args)) return EFAULT
  const error = handle(net, net.vlan, task, args)
  rtnl_unlock(net.kernel)
  if (isErrno(error)) return error
  const cmd = getS32(args, 0)
  const answers = cmd === V.GET_VLAN_REALDEV_NAME_CMD || cmd === V.GET_VLAN_VID_CMD
  return answers && isErrno(memory.write(arg, args)) ? EFAULT : undefined
}

function handle(net: net, vn: vlan_net, task: task_struct, args: Uint8Array): Errno | undefined {
  const cmd = getS32(args, 0)
  const name = getString(args, device1.offset, device1.offset + NAME_LEN - 1)
  const dev = with_device.has(cmd) ? __dev_get_by_name(net, name) : undefined
  if (with_device.has(cmd)) {
    if (dev === undefined) return ENODEV
    if (cmd !== V.ADD_VLAN_CMD && !is_vlan_dev(dev)) return EINVAL
  }
  if (cmd === V.GET_VLAN_REALDEV_NAME_CMD || cmd === V.GET_VLAN_VID_CMD) return answer(dev as net_device, cmd, args)
  if (!with_device.has(cmd) && cmd !== V.SET_VLAN_NAME_TYPE_CMD) return EOPNOTSUPP
  if (!capable(task, CAP_NET_ADMIN)) return EPERM
  return dev === undefined ? set_name_type(vn, get32(args, u.offset)) : change(dev, cmd, args)
}

function set_name_type(vn: vlan_net, type: number): Errno | undefined {
  if (type >= V.VLAN_NAME_TYPE_HIGHEST) return EINVAL
  vn.name_type = type
  return undefined
}
function answer(dev: net_device, cmd: number, args: Uint8Array): undefined {
  const vlan = vlan_dev_priv_of(dev)
  if (cmd === V.GET_VLAN_VID_CMD) {
    put32(args, u.offset, vlan.vlan_id)
    return
  }
  args.fill(0, u.offset, u.offset + NAME_LEN - 1)
  putString(args, u.offset, vlan.real_dev.name)
}
function change(dev: net_device, cmd: number, args: Uint8Array): Errno | undefined {
  const value = get32(args, u.offset)
  const qos = (args[vlan_qos.offset] | (args[vlan_qos.offset + 1] << 8)) & 0xffff
  switch (cmd) {
    case V.SET_VLAN_INGRESS_PRIORITY_CMD:
      vlan_dev_set_ingress_priority(dev, value, qos)
      return undefined
    case V.SET_VLAN_EGRESS_PRIORITY_CMD:
      vlan_dev_set_egress_priority(dev, value, qos)
      return undefined
    case V.SET_VLAN_FLAG_CMD:
      return vlan_dev_change_flags(dev, qos !== 0 ? value : 0, value)
    case V.ADD_VLAN_CMD:
      return register_vlan_device(dev, value & 0xffff)
    default:
      unregister_vlan_dev(dev)
      return undefined
  }
}

function name_of(type: number, real: string, vid: number): string {
  const padded = String(vid).padStart(4, '0')
  switch (type) {
    case V.VLAN_NAME_TYPE_RAW_PLUS_VID:
      return `${real}.${padded}`
    case V.VLAN_NAME_TYPE_PLUS_VID_NO_PAD:
      return `vlan${vid}`
    case V.VLAN_NAME_TYPE_RAW_PLUS_VID_NO_PAD:
      return `${real}.${vid}`
    default:
      return `vlan${padded}`
  }
}
/** register_vlan_device(): always 802.1Q, named by the namespace's name type. */
export function register_vlan_device(real_dev: net_device, vlan_id: number): Errno | undefined {
  if (vlan_id >= 0xfff) return ERANGE
  const error = vlan_check_real_dev(real_dev, ETH_P_8021Q, vlan_id)
  if (isErrno(error)) return error
  const net = real_dev.nd_net
  const name = name_of(net.vlan?.name_type ?? V.VLAN_NAME_TYPE_PLUS_VID, real_dev.name, vlan_id).slice(0, 15)
  const dev = alloc_netdev(net, name, undefined, vlan_setup, { name_assign_type: NET_NAME_UNKNOWN })
  dev.mtu = real_dev.mtu
  dev.priv_flags |= real_dev.priv_flags & IFF_XMIT_DST_RELEASE
  const vlan = vlan_dev_priv_of(dev)
  vlan.vlan_id = vlan_id
  vlan.real_dev = real_dev
  dev.rtnl_link_ops = vlan_link_ops
  const refused = register_vlan_dev(dev)
  if (isErrno(refused)) free_netdev(dev)
  return refused
}
