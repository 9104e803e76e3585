/** drivers/net/team/team_core.c, team_mode_activebackup.c: the options of a team and of its ports, which users see by netlink. */
import { EBUSY, EINVAL, ENOENT, EOPNOTSUPP, type Errno, isErrno } from '../../../uapi/errno.ts'
import { timer_delete } from '../../../kernel/time.ts'
import { NLA_TYPE } from '../../../net/netlink/policy.ts'
import { netdev_err, netdev_info } from '../../../net/core/dev.ts'
import { NO_MODE, type team, team_option_inst, type team_port, team_port_enabled } from './team.ts'
import { lb_options } from './team_mode_loadbalance.ts'
import { team_modes } from './team_modes.ts'
import { team_nl_send_event_options } from './team_nl_send.ts'
import { team_carrier_check, team_port_disable, team_port_enable, team_refresh_port_linkup } from './team_port.ts'

export type option_value = number | boolean | string | Uint8Array

export interface team_option {
  readonly name: string
  /** NLA_* */
  readonly type: number
  readonly per_port?: true
  /** There while the team is in this mode. */
  readonly mode?: string
  /** Undefined: a single value. */
  readonly array_size?: number
  readonly get: (team: team, port: team_port, index: number) => option_value
  /** Undefined: it is only read. */
  readonly set?: (team: team, port: team_port, value: any, index: number) => Errno | undefined | void
}

function add_insts(team: team, option: team_option, port?: team_port): void {
  for (let i = 0; i < (option.array_size ?? 1); i++) team.options.push(new team_option_inst(option.name, port, i))
}
/** team_options_unregister(): users hear of the mode's options that they are gone. */
function leave_mode(team: team): void {
  const gone = team.options.filter((inst) => team_option_of(inst).mode !== undefined)
  for (const inst of gone) inst.changed = inst.removed = true
  if (gone.length > 0) team_nl_send_event_options(team)
  team.options = team.options.filter((inst) => !gone.includes(inst))
  team.active_port = undefined
  if (team.lb !== undefined) timer_delete(team.lb.refresh)
  team.lb = undefined
}
/** A team without ports can change its mode. */
function team_change_mode(team: team, kind: string): Errno | undefined {
  if (team.port_list.length > 0) {
    netdev_err(team.dev, 'No ports can be present during mode change')
    return EBUSY
  }
  if (team.mode !== NO_MODE && team.mode === kind) {
    netdev_err(team.dev, 'Unable to change to the same mode the team is in')
    return EINVAL
  }
  const mode = team_modes.find((other) => other.kind === kind && kind !== NO_MODE)
  if (mode === undefined) {
    netdev_err(team.dev, `Mode "${kind}" not found`)
    return EINVAL
  }
  leave_mode(team)
  team.mode = kind
  for (const option of all_options()) if (option.mode === kind && !option.per_port) add_insts(team, option)
  if (team.options.some(({ changed }) => changed)) team_nl_send_event_options(team)
  netdev_info(team.dev, `Mode changed to "${kind}"`)
  return undefined
}
function linkup_changed(port: team_port): void {
  team_refresh_port_linkup(port)
  team_carrier_check(port.team)
}
function set_queue_id(team: team, port: team_port, id: number): Errno | undefined {
  if (id >= team.dev.real_num_tx_queues) return EINVAL
  port.queue_id = id
  return undefined
}
function set_active_port(team: team, ifindex: number): Errno | undefined {
  const port = team.port_list.find(({ dev }) => dev.ifindex === ifindex)
  if (port === undefined) return ENOENT
  team.active_port = port
  return undefined
}

const { U32, S32, STRING, FLAG } = NLA_TYPE
export const team_option_table: readonly team_option[] = [
  { name: 'mode', type: STRING, get: (t) => t.mode, set: (t, _p, kind) => team_change_mode(t, kind) },
  { name: 'notify_peers_count', type: U32, get: (t) => t.notify_peers.count, set: (t, _p, n) => void (t.notify_peers.count = n) },
  { name: 'notify_peers_interval', type: U32, get: (t) => t.notify_peers.interval, set: (t, _p, n) => void (t.notify_peers.interval = n) },
  { name: 'mcast_rejoin_count', type: U32, get: (t) => t.mcast_rejoin.count, set: (t, _p, n) => void (t.mcast_rejoin.count = n) },
  { name: 'mcast_rejoin_interval', type: U32, get: (t) => t.mcast_rejoin.interval, set: (t, _p, n) => void (t.mcast_rejoin.interval = n) },
  {
    name: 'enabled',
    type: FLAG,
    per_port: true,
    get: (_t, p) => team_port_enabled(p),
    set: (t, p, on) => (on ? team_port_enable(t, p) : team_port_disable(t, p)),
  },
  {
    name: 'user_linkup',
    type: FLAG,
    per_port: true,
    get: (_t, p) => p.user.linkup,
    set: (_t, p, on) => {
      p.user.linkup = on
      linkup_changed(p)
    },
  },
  {
    name: 'user_linkup_enabled',
    type: FLAG,
    per_port: true,
    get: (_t, p) => p.user.linkup_enabled,
    set: (_t, p, on) => {
      p.user.linkup_enabled = on
      linkup_changed(p)
    },
  },
  { name: 'priority', type: S32, per_port: true, get: (_t, p) => p.priority, set: (_t, p, n) => void (p.priority = n) },
  { name: 'queue_id', type: U32, per_port: true, get: (_t, p) => p.queue_id, set: set_queue_id },
  {
    name: 'activeport',
    mode: 'activebackup',
    type: U32,
    get: (t) => t.active_port?.dev.ifindex ?? 0,
    set: (t, _p, n) => set_active_port(t, n),
  },
]
/** Those of the modes too: in a function, for modes know the options and options the modes. */
function all_options(): readonly team_option[] {
  return [...team_option_table, ...lb_options]
}

export function team_option_of(inst: team_option_inst): team_option {
  const named = ({ name }: team_option): boolean => name === inst.name
  return (team_option_table.find(named) ?? lb_options.find(named)) as team_option
}
export function team_options_register(team: team): void {
  for (const option of all_options()) if (!option.per_port && option.mode === undefined) add_insts(team, option)
}
export function team_option_inst_add_port(team: team, port: team_port): undefined {
  for (const option of all_options()) {
    if (option.per_port && (option.mode === undefined || option.mode === team.mode)) add_insts(team, option, port)
  }
}
/** One that is only read: EOPNOTSUPP. */
export function team_option_set(team: team, inst: team_option_inst, value: option_value): Errno | undefined {
  const option = team_option_of(inst)
  if (option.set === undefined) return EOPNOTSUPP
  const error = option.set(team, inst.port as team_port, value, inst.array_index)
  return isErrno(error) ? error : undefined
}
