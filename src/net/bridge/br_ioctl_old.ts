/** net/bridge/br_ioctl.c br_dev_siocdevprivate: the requests of old brctl on a bridge: numbers behind the ifreq's pointer. */
import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import { capable, type task_struct } from '../../kernel/task.ts'
import { get64, put16, put32 } from '../../lib/bytes.ts'
import type { UserMemory } from '../../syscalls/types.ts'
import { EFAULT, EINVAL, EOPNOTSUPP, EPERM, type Errno, isErrno } from '../../uapi/errno.ts'
import { __dev_get_by_index, rtnl_unlock } from '../core/dev.ts'
import { ifr_pointer } from '../core/dev_ioctl.ts'
import type { net_device } from '../core/netdevice.ts'
import { br_add_if, br_del_if } from './br_if.ts'
import { set_path_cost, set_port_priority } from './br_netlink.ts'
import { BR_MAX_PORTS, br_priv, br_timer_value, jiffies_to_clock_t, type net_bridge, type net_bridge_port } from './br_private.ts'
import { br_set_ageing_time, br_set_forward_delay, br_set_hello_time, br_set_max_age } from './br_set.ts'
import { br_set_bridge_priority, br_stp_set_enabled } from './br_stp.ts'
import { br_fdb_fillbuf } from './br_sysfs_br.ts'

export const BRCTL_ADD_IF = 4
export const BRCTL_DEL_IF = 5
export const BRCTL_GET_BRIDGE_INFO = 6
export const BRCTL_GET_PORT_LIST = 7
export const BRCTL_SET_BRIDGE_FORWARD_DELAY = 8
export const BRCTL_SET_BRIDGE_HELLO_TIME = 9
export const BRCTL_SET_BRIDGE_MAX_AGE = 10
export const BRCTL_SET_AGEING_TIME = 11
export const BRCTL_GET_PORT_INFO = 13
export const BRCTL_SET_BRIDGE_STP_STATE = 14
export const BRCTL_SET_BRIDGE_PRIORITY = 15
export const BRCTL_SET_PORT_PRIORITY = 16
export const BRCTL_SET_PATH_COST = 17
export const BRCTL_GET_FDB_ENTRIES = 18

type answer = number | Errno | undefined

/** struct __bridge_info */
function bridge_info(br: net_bridge): Uint8Array {
  const b = new Uint8Array(72)
  b.set(br.designated_root, 0)
  b.set(br.bridge_id, 8)
  const times = [br.max_age, br.hello_time, br.forward_delay, br.bridge_max_age, br.bridge_hello_time, br.bridge_forward_delay]
  put32(b, 16, br.root_path_cost)
  for (const [i, time] of times.entries()) put32(b, 20 + i * 4, jiffies_to_clock_t(time))
  b.set([br.topology_change, br.topology_change_detected, br.root_port, br.stp_enabled], 44)
  put32(b, 48, jiffies_to_clock_t(br.ageing_time))
  // there is no interval of collection any more (52)
  const timers = [br.hello_timer, br.tcn_timer, br.topology_change_timer, br.gc_timer]
  for (const [i, timer] of timers.entries()) put32(b, 56 + i * 4, br_timer_value(timer))
  return b
}
/** struct __port_info */
function port_info(p: net_bridge_port): Uint8Array {
  const b = new Uint8Array(48)
  b.set(p.designated_root, 0)
  b.set(p.designated_bridge, 8)
  put16(b, 16, p.port_id)
  put16(b, 18, p.designated_port)
  put32(b, 20, p.path_cost)
  put32(b, 24, p.designated_cost)
  b.set([p.state, p.topology_change_ack, p.config_pending], 28)
  for (const [i, timer] of [p.message_age_timer, p.forward_delay_timer, p.hold_timer].entries()) put32(b, 32 + i * 4, br_timer_value(timer))
  return b
}
function write(memory: UserMemory, to: number, bytes: Uint8Array, result: answer = undefined): answer {
  return isErrno(memory.write(to, bytes)) ? EFAULT : result
}
function find_port(br: net_bridge, port_no: number): net_bridge_port | undefined {
  return br.port_list.find((p) => p.port_no === port_no)
}
/** Indexes of devices by number of port; the result is how many numbers there are. */
function port_list(br: net_bridge, memory: UserMemory, to: number, wanted: number): answer {
  const num = wanted === 0 ? 256 : Math.min(wanted, BR_MAX_PORTS)
  const b = new Uint8Array(num * 4)
  for (const p of br.port_list) if (p.port_no < num) put32(b, p.port_no * 4, p.dev.ifindex)
  return write(memory, to, b, num)
}
/** As many as fit, from one on; the result is their number. */
function fdb_entries(br: net_bridge, memory: UserMemory, to: number, room: number, offset: number): answer {
  const entries = br_fdb_fillbuf(br).slice(offset, offset + Math.min(room, 256))
  const b = new Uint8Array(entries.length * 16)
  for (const [i, entry] of entries.entries()) b.set(entry, i * 16)
  return write(memory, to, b, entries.length)
}
function read(br: net_bridge, memory: UserMemory, a: readonly number[]): answer | typeof not_a_read {
  switch (a[0]) {
    case BRCTL_GET_BRIDGE_INFO:
      return write(memory, a[1], bridge_info(br))
    case BRCTL_GET_PORT_LIST:
      return port_list(br, memory, a[1], a[2])
    case BRCTL_GET_PORT_INFO: {
      const p = find_port(br, a[2])
      return p === undefined ? EINVAL : write(memory, a[1], port_info(p))
    }
    case BRCTL_GET_FDB_ENTRIES:
      return fdb_entries(br, memory, a[1], a[2], a[3])
    default:
      return not_a_read
  }
}
const not_a_read = 'none of these'

const setters: Record<number, (br: net_bridge, value: number) => Errno | undefined | void> = {
  [BRCTL_SET_BRIDGE_FORWARD_DELAY]: br_set_forward_delay,
  [BRCTL_SET_BRIDGE_HELLO_TIME]: br_set_hello_time,
  [BRCTL_SET_BRIDGE_MAX_AGE]: br_set_max_age,
  [BRCTL_SET_AGEING_TIME]: br_set_ageing_time,
  [BRCTL_SET_BRIDGE_STP_STATE]: br_stp_set_enabled,
  [BRCTL_SET_BRIDGE_PRIORITY]: br_set_bridge_priority,
}
function change(dev: net_device, a: readonly number[]): Errno | undefined {
  const br = br_priv(dev)
  const set = setters[a[0]]
  if (set !== undefined) return set(br, a[1]) ?? undefined
  if (a[0] === BRCTL_SET_PORT_PRIORITY || a[0] === BRCTL_SET_PATH_COST) {
    const p = find_port(br, a[1])
    if (p === undefined) return EINVAL
    return a[0] === BRCTL_SET_PATH_COST ? set_path_cost(p, a[2]) : set_port_priority(p, a[2])
  }
  const port = __dev_get_by_index(dev.nd_net, a[1])
  if (port === undefined) return EINVAL
  return a[0] === BRCTL_ADD_IF ? br_add_if(br, port) : br_del_if(br, port)
}
const changes = new Set([BRCTL_ADD_IF, BRCTL_DEL_IF, BRCTL_SET_PORT_PRIORITY, BRCTL_SET_PATH_COST, ...Object.keys(setters).map(Number)])

export function br_dev_siocdevprivate(
  dev: net_device,
  ifr: Uint8Array,
  memory: UserMemory,
  _cmd: number,
  task?: task_struct,
): number | Errno | undefined {
  const args = memory.read(ifr_pointer(ifr), 32)
  if (isErrno(args)) return EFAULT
  const a = [0, 8, 16, 24].map((o) => get64(args, o))
  const got = read(br_priv(dev), memory, a)
  if (got !== not_a_read) return got
  if (!changes.has(a[0])) return EOPNOTSUPP
  if (task !== undefined && !capable(task, CAP_NET_ADMIN)) return EPERM
  const error = change(dev, a)
  rtnl_unlock(dev.nd_net.kernel)
  return error
}
