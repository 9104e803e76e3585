/** net/bridge/br_ioctl.c: SIOCBR*: bridges and ports by the requests of brctl. */
import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import { capable, type task_struct } from '../../kernel/task.ts'
import { get64, getS32, getString, put32 } from '../../lib/bytes.ts'
import type { UserMemory } from '../../syscalls/types.ts'
import { EBUSY, EFAULT, EINVAL, ENODEV, ENOMEM, ENXIO, EOPNOTSUPP, EPERM, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_UP, IFNAMSIZ } from '../../uapi/linux/if.ts'
import { SIOCBRADDBR, SIOCBRADDIF, SIOCBRDELBR, SIOCGIFBR, SIOCSIFBR } from '../../uapi/linux/sockios.ts'
import {
  __dev_get_by_index,
  __dev_get_by_name,
  alloc_netdev,
  free_netdev,
  register_netdevice,
  rtnl_unlock,
  unregister_netdevice_many,
} from '../core/dev.ts'
import type { net } from '../core/net_namespace.ts'
import { NET_NAME_UNKNOWN, type net_device } from '../core/netdevice.ts'
import { br_dev_setup } from './br_device.ts'
import { br_add_if, br_del_if, br_dev_delete } from './br_if.ts'
import { br_link_ops } from './br_link.ts'
import { br_priv, netif_is_bridge_master } from './br_private.ts'

export function br_add_bridge(net: net, name: string): Errno | undefined {
  const dev = alloc_netdev(net, name, undefined, br_dev_setup, { name_assign_type: NET_NAME_UNKNOWN })
  dev.rtnl_link_ops = br_link_ops
  const error = register_netdevice(dev)
  if (isErrno(error)) free_netdev(dev)
  return error
}
export function br_del_bridge(net: net, name: string): Errno | undefined {
  const dev = __dev_get_by_name(net, name)
  if (dev === undefined) return ENXIO
  if (!netif_is_bridge_master(dev)) return EPERM
  if (dev.flags & IFF_UP) return EBUSY
  const list: net_device[] = []
  br_dev_delete(dev, list)
  unregister_netdevice_many(list)
  return undefined
}
/** add_del_if(): the port by its index in the ifreq. */
function add_del_if(net: net, task: task_struct, dev: net_device, ifindex: number, add: boolean): Errno | undefined {
  if (!capable(task, CAP_NET_ADMIN)) return EPERM
  const port = __dev_get_by_index(net, ifindex)
  if (port === undefined) return EINVAL
  return add ? br_add_if(br_priv(dev), port) : br_del_if(br_priv(dev), port)
}

/** br_ioctl_stub(): SIOCBRADDBR and SIOCBRDELBR name a bridge, SIOCBRADDIF and SIOCBRDELIF come with an ifreq. */
export function br_ioctl_stub(net: net, task: task_struct, cmd: number, arg: number, memory: UserMemory): number | Errno | undefined {
  const result = br_ioctl(net, task, cmd, arg, memory)
  rtnl_unlock(net.kernel)
  return result
}
function br_ioctl(net: net, task: task_struct, cmd: number, arg: number, memory: UserMemory): number | Errno | undefined {
  if (cmd === SIOCGIFBR || cmd === SIOCSIFBR) return old_deviceless(net, task, arg, memory)
  if (!capable(task, CAP_NET_ADMIN)) return EPERM
  const named = cmd === SIOCBRADDBR || cmd === SIOCBRDELBR
  const raw = memory.read(arg, named ? IFNAMSIZ : 40)
  if (isErrno(raw)) return EFAULT
  const name = getString(raw, 0, IFNAMSIZ - 1)
  if (named) return cmd === SIOCBRADDBR ? br_add_bridge(net, name) : br_del_bridge(net, name)
  const dev = __dev_get_by_name(net, name)
  if (dev === undefined) return ENODEV
  if (!netif_is_bridge_master(dev)) return EOPNOTSUPP
  return add_del_if(net, task, dev, getS32(raw, IFNAMSIZ), cmd === SIOCBRADDIF)
}

const BRCTL_VERSION = 1
const BRCTL_MAX_BRIDGES = 2048
const BRCTL_GET_VERSION = 0
const BRCTL_GET_BRIDGES = 1
const BRCTL_ADD_BRIDGE = 2
const BRCTL_DEL_BRIDGE = 3

/** old_deviceless(): the requests of brctl before there was sysfs: three words, the first says what. */
function old_deviceless(net: net, task: task_struct, arg: number, memory: UserMemory): number | Errno | undefined {
  const args = memory.read(arg, 24)
  if (isErrno(args)) return EFAULT
  const request = get64(args, 0)
  if (request === BRCTL_GET_VERSION) return BRCTL_VERSION
  if (request === BRCTL_GET_BRIDGES) return get_bridges(net, get64(args, 8), get64(args, 16), memory)
  if (request !== BRCTL_ADD_BRIDGE && request !== BRCTL_DEL_BRIDGE) return EOPNOTSUPP
  if (!capable(task, CAP_NET_ADMIN)) return EPERM
  const raw = memory.read(get64(args, 8), IFNAMSIZ)
  if (isErrno(raw)) return EFAULT
  const name = getString(raw, 0, IFNAMSIZ - 1)
  return request === BRCTL_ADD_BRIDGE ? br_add_bridge(net, name) : br_del_bridge(net, name)
}
/** get_bridge_ifindices(): their number is the result. */
function get_bridges(net: net, to: number, room: number, memory: UserMemory): number | Errno {
  if (room >= BRCTL_MAX_BRIDGES) return ENOMEM
  const bridges = net.dev_base_head.filter(netif_is_bridge_master).slice(0, room)
  // what the program has beyond them stays as it is
  const indices = new Uint8Array(bridges.length * 4)
  for (const [i, dev] of bridges.entries()) put32(indices, i * 4, dev.ifindex)
  return isErrno(memory.write(to, indices)) ? EFAULT : bridges.length
}
