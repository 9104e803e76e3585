/** include/linux/if_team.h: a team, its ports and its options as state. */
import { type net_device, netdev_priv } from '../../../net/core/netdevice.ts'
import type { lb_priv } from './team_mode_loadbalance.ts'

export const NO_MODE = '*NOMODE*'

export class team_port {
  readonly dev: net_device
  readonly team: team
  /** Among the enabled ones; -1: disabled. */
  index = -1
  /** What counts: the device's, or the user's word. */
  linkup = false
  state = { linkup: false, speed: 0, duplex: 0 }
  user = { linkup: false, linkup_enabled: false }
  changed = false
  removed = false
  priority = 0
  queue_id = 0
  readonly orig: { mtu: number; addr: Uint8Array }
  constructor(team: team, dev: net_device) {
    this.team = team
    this.dev = dev
    this.orig = { mtu: dev.mtu, addr: dev.dev_addr.slice(0, dev.addr_len) }
  }
}

/** One option of the team or of one of its ports. */
export class team_option_inst {
  readonly name: string
  readonly port: team_port | undefined
  /** Of an option that is an array. */
  readonly array_index: number
  changed = true
  removed = false
  constructor(name: string, port?: team_port, array_index = 0) {
    this.name = name
    this.port = port
    this.array_index = array_index
  }
}

export class team {
  readonly dev: net_device
  mode = NO_MODE
  port_list: team_port[] = []
  /** The enabled ones, by their index. */
  en_ports: team_port[] = []
  options: team_option_inst[] = []
  notify_peers = { count: 0, interval: 0 }
  mcast_rejoin = { count: 0, interval: 0 }
  user_carrier_enabled = false
  port_mtu_change_allowed = false
  notifier_ctx = false
  /** Of the mode: packets sent so far (roundrobin), the active port (activebackup). */
  sent_packets = 0
  active_port: team_port | undefined = undefined
  lb: lb_priv | undefined = undefined
  constructor(dev: net_device) {
    this.dev = dev
  }
}

export function team_of(dev: net_device): team {
  return netdev_priv<team>(dev)
}
export function team_port_enabled(port: team_port): boolean {
  return port.index !== -1
}
export function team_port_txable(port: team_port): boolean {
  return port.linkup && team_port_enabled(port)
}
