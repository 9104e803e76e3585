/** net/bridge/br_ioctl.c br_dev_siocdevprivate: the requests of old brctl on a bridge: numbers behind the ifreq's pointer. */
import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import { capable, type task_struct } from '../../kernel/task.ts'
import { get64 } from '../../lib/bytes.ts'
import type { UserMemory } from '../../syscalls/types.ts'
import { EFAULT, EINVAL, EOPNOTSUPP, EPERM, type Errno, isErrno } from '../../uapi/errno.ts'
import { __dev_get_by_index } from '../core/dev.ts'
import { ifr_pointer } from '../core/dev_ioctl.ts'
import type { net_device } from '../core/netdevice.ts'
import { br_add_if, br_del_if } from './br_if.ts'
import { br_priv } from './br_private.ts'

export const BRCTL_ADD_IF = 4
export const BRCTL_DEL_IF = 5

export function br_dev_siocdevprivate(
  dev: net_device,
  ifr: Uint8Array,
  memory: UserMemory,
  _cmd: number,
  task?: task_struct,
): Errno | undefined {
  const args = memory.read(ifr_pointer(ifr), 32)
  if (isErrno(args)) return EFAULT
  const request = get64(args, 0)
  if (request !== BRCTL_ADD_IF && request !== BRCTL_DEL_IF) {
    dev.nd_net.kernel.unsupported.count('ioctl', `brctl request ${request}`)
    return EOPNOTSUPP
  }
  if (task !== undefined && !capable(task, CAP_NET_ADMIN)) return EPERM
  const port = __dev_get_by_index(dev.nd_net, get64(args, 8))
  if (port === undefined) return EINVAL
  return request === BRCTL_ADD_IF ? br_add_if(br_priv(dev), port) : br_del_if(br_priv(dev), port)
}
