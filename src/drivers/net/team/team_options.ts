/** drivers/net/team/team_core.c, team_mode_activebackup.c: the options of a team and of its ports, which users see by netlink. */
import { EBUSY, EINVAL, ENOENT, type Errno, isErrno } from '../../../uapi/errno.ts'
import { NLA_TYPE } from '../../../net/netlink/policy.ts'
import { netdev_err, netdev_info } from '../../../net/core/dev.ts'
import { NO_MODE, type team, team_option_inst, type team_port, team_port_enabled } from './team.ts'
import { team_modes } from './team_modes.ts'
import { team_carrier_check, team_port_disable, team_port_enable, team_refresh_port_linkup } from './team_port.ts'

export type option_value = number | boolean | string

export interface team_option {
  readonly name: string
  /** NLA_* */
  readonly type: number
  readonly per_port?: true
  readonly get: (team: team, port: team_port) => option_value
  readonly set: (team: team, port: team_port, value: any) => Errno | undefined | void
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
    if (kind === 'loadbalance') team.dev.nd_net.kernel.unsupported.count('team', `mode ${kind}`)
    netdev_err(team.dev, `Mode "${kind}" not found`)
    return EINVAL
  }
  team.mode = kind
  team.options = team.options.filter((inst) => inst.name !== 'activeport')
  team.active_port = undefined
  if (kind === 'activebackup') team.options.push(new team_option_inst('activeport'))
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
  { name: 'activeport', type: U32, get: (t) => t.active_port?.dev.ifindex ?? 0, set: (t, _p, n) => set_active_port(t, n) },
]

export function team_option_of(inst: team_option_inst): team_option {
  return team_option_table.find(({ name }) => name === inst.name) as team_option
}
export function team_options_register(team: team): void {
  for (const option of team_option_table)
    if (!option.per_port && option.name !== 'activeport') team.options.push(new team_option_inst(option.name))
}
export function team_option_inst_add_port(team: team, port: team_port): undefined {
  for (const option of team_option_table) if (option.per_port) team.options.push(new team_option_inst(option.name, port))
}
export function team_option_set(team: team, inst: team_option_inst, value: option_value): Errno | undefined {
  const error = team_option_of(inst).set(team, inst.port as team_port, value)
  return isErrno(error) ? error : undefined
}
