/** drivers/net/bonding/bond_main.c: the requests of ifenslave, old and new, and of mii-tool. */
import { CAP_NET_ADMIN } from '../../../kernel/capability.ts'
import { capable, type task_struct } from '../../../kernel/task.ts'
import { get16, getS32, getString, put16, put32, putString } from '../../../lib/bytes.ts'
import { __dev_get_by_name, netif_carrier_ok } from '../../../net/core/dev.ts'
import { IFR_UNION, ifr_pointer } from '../../../net/core/dev_ioctl.ts'
import type { net_device } from '../../../net/core/netdevice.ts'
import type { UserMemory } from '../../../syscalls/types.ts'
import { EFAULT, ENODEV, EOPNOTSUPP, EPERM, type Errno, isErrno } from '../../../uapi/errno.ts'
import { IFNAMSIZ } from '../../../uapi/linux/if.ts'
import * as B from '../../../uapi/linux/if_bonding.ts'
import * as S from '../../../uapi/linux/sockios.ts'
import { bond_set_dev_addr } from './bond_active.ts'
import { bond_enslave } from './bond_enslave.ts'
import { BOND_OPT_ACTIVE_SLAVE } from './bond_opt_tables.ts'
import { __bond_opt_set_notify, bond_opt_initstr } from './bond_options.ts'
import { bond_release } from './bond_release.ts'
import { bond_of, bond_slaves } from './bonding.ts'

const BMSR_LSTATUS = 4

function bond_info_query(dev: net_device, memory: UserMemory, at: number): Errno | undefined {
  const info = memory.read(at, B.ifbond.size)
  if (isErrno(info)) return EFAULT
  const { params } = bond_of(dev)
  const { bond_mode, num_slaves, miimon } = B.ifbond.field
  bond_mode.put(info, 0, params.mode)
  num_slaves.put(info, 0, dev.lower.length)
  miimon.put(info, 0, params.miimon)
  return isErrno(memory.write(at, info)) ? EFAULT : undefined
}
function bond_slave_info_query(dev: net_device, memory: UserMemory, at: number): Errno | undefined {
  const info = memory.read(at, B.IFSLAVE_SIZE)
  if (isErrno(info)) return EFAULT
  const slave = bond_slaves(bond_of(dev)).at(Math.max(getS32(info, 0), -1))
  if (slave === undefined || getS32(info, 0) < 0) return ENODEV
  info[putString(info, B.IFSLAVE_NAME, slave.dev.name)] = 0
  info[B.IFSLAVE_LINK] = slave.link
  info[B.IFSLAVE_STATE] = slave.backup
  put32(info, B.IFSLAVE_FAILURES, slave.link_failure_count)
  return isErrno(memory.write(at, info)) ? EFAULT : undefined
}

/** Queries are for everybody; the rest names a slave in the ifreq. */
export function bond_do_ioctl(dev: net_device, ifr: Uint8Array, memory: UserMemory, cmd: number, task: task_struct): Errno | undefined {
  if (cmd === S.SIOCBONDINFOQUERY) return bond_info_query(dev, memory, ifr_pointer(ifr))
  if (cmd === S.SIOCBONDSLAVEINFOQUERY) return bond_slave_info_query(dev, memory, ifr_pointer(ifr))
  if (!capable(task, CAP_NET_ADMIN)) return EPERM
  const slave_dev = __dev_get_by_name(dev.nd_net, getString(ifr, IFR_UNION, IFR_UNION + IFNAMSIZ))
  if (slave_dev === undefined) return ENODEV
  switch (cmd) {
    case S.SIOCBONDENSLAVE:
      return bond_enslave(dev, slave_dev)
    case S.SIOCBONDRELEASE:
      return bond_release(dev, slave_dev)
    case S.SIOCBONDSETHWADDR:
      return bond_set_dev_addr(dev, slave_dev)
    case S.SIOCBONDCHANGEACTIVE:
      return __bond_opt_set_notify(bond_of(dev), BOND_OPT_ACTIVE_SLAVE, bond_opt_initstr(slave_dev.name))
    default:
      return EOPNOTSUPP
  }
}
const old_requests = new Map([
  [B.BOND_ENSLAVE_OLD, S.SIOCBONDENSLAVE],
  [B.BOND_RELEASE_OLD, S.SIOCBONDRELEASE],
  [B.BOND_SETHWADDR_OLD, S.SIOCBONDSETHWADDR],
  [B.BOND_SLAVE_INFO_QUERY_OLD, S.SIOCBONDSLAVEINFOQUERY],
  [B.BOND_INFO_QUERY_OLD, S.SIOCBONDINFOQUERY],
  [B.BOND_CHANGE_ACTIVE_OLD, S.SIOCBONDCHANGEACTIVE],
])
export function bond_siocdevprivate(
  dev: net_device,
  ifr: Uint8Array,
  memory: UserMemory,
  cmd: number,
  task: task_struct,
): Errno | undefined {
  const now = old_requests.get(cmd)
  return now === undefined ? EOPNOTSUPP : bond_do_ioctl(dev, ifr, memory, now, task)
}
/** struct mii_ioctl_data in the ifreq: of the registers only the link's status is there. */
export function bond_eth_ioctl(dev: net_device, ifr: Uint8Array, cmd: number): Errno | undefined {
  if (cmd !== S.SIOCGMIIPHY && cmd !== S.SIOCGMIIREG) return EOPNOTSUPP
  if (cmd === S.SIOCGMIIPHY) put16(ifr, IFR_UNION, 0)
  if (get16(ifr, IFR_UNION + 2) === 1) put16(ifr, IFR_UNION + 6, netif_carrier_ok(dev) ? BMSR_LSTATUS : 0)
  return undefined
}
