/** drivers/net/team/team_mode_*.c: which port a packet leaves by. */
import { dev_queue_xmit, dev_set_mac_address } from '../../../net/core/dev.ts'
import { RX_HANDLER_ANOTHER, RX_HANDLER_EXACT } from '../../../net/core/netdevice.ts'
import { kfree_skb, type sk_buff, skb_clone } from '../../../net/core/skbuff.ts'
import type { Errno } from '../../../uapi/errno.ts'
import { type team, type team_port, team_port_txable } from './team.ts'
import { lb_port_disabled, lb_receive, lb_select_port } from './team_mode_loadbalance.ts'

export interface team_mode {
  readonly kind: string
  /** NETDEV_LAG_TX_TYPE_* */
  readonly lag_tx_type: number
  /** A port takes the team's address. */
  readonly common_address: boolean
  /** False: it was dropped. */
  readonly transmit?: (team: team, skb: sk_buff) => boolean
  readonly receive?: (team: team, port: team_port, skb: sk_buff) => number
  /** A port is no longer among those that packets leave by. */
  readonly port_disabled?: (team: team, port: team_port) => void
}

function send(port: team_port, skb: sk_buff): boolean {
  skb.dev = port.dev
  return dev_queue_xmit(skb) === 0
}
function drop(skb: sk_buff): boolean {
  kfree_skb(skb)
  return false
}

/** The port of that index, or the next one that has its link; ports go round. */
export function team_get_first_port_txable(team: team, index: number): team_port | undefined {
  const ports = team.en_ports
  for (let i = 0; i < ports.length; i++) {
    const port = ports[(index + i) % ports.length]
    if (team_port_txable(port)) return port
  }
  return undefined
}
export function rr_transmit(team: team, skb: sk_buff): boolean {
  const port = team_get_first_port_txable(team, team.sent_packets++ % team.en_ports.length)
  return port === undefined ? drop(skb) : send(port, skb)
}
export function rnd_transmit(team: team, skb: sk_buff): boolean {
  const index = team.dev.nd_net.kernel.random.below(team.en_ports.length)
  const port = team_get_first_port_txable(team, index)
  return port === undefined ? drop(skb) : send(port, skb)
}
export function bc_transmit(team: team, skb: sk_buff): boolean {
  const ports = team.port_list.filter(team_port_txable)
  if (ports.length === 0) return drop(skb)
  let sent = false
  for (const [i, port] of ports.entries()) sent = send(port, i === ports.length - 1 ? skb : skb_clone(skb)) || sent
  return sent
}
export function ab_transmit(team: team, skb: sk_buff): boolean {
  return team.active_port === undefined ? drop(skb) : send(team.active_port, skb)
}
export function ab_receive(team: team, port: team_port): number {
  return team.active_port === port ? RX_HANDLER_ANOTHER : RX_HANDLER_EXACT
}

export function lb_transmit(team: team, skb: sk_buff): boolean {
  const port = lb_select_port(team, skb)
  return port === undefined ? drop(skb) : send(port, skb)
}

export const team_modes: readonly team_mode[] = [
  { kind: '*NOMODE*', lag_tx_type: 0, common_address: false },
  { kind: 'roundrobin', lag_tx_type: 3, common_address: true, transmit: rr_transmit },
  { kind: 'random', lag_tx_type: 1, common_address: true, transmit: rnd_transmit },
  { kind: 'broadcast', lag_tx_type: 2, common_address: true, transmit: bc_transmit },
  { kind: 'activebackup', lag_tx_type: 4, common_address: false, transmit: ab_transmit, receive: ab_receive },
  {
    kind: 'loadbalance',
    lag_tx_type: 5,
    common_address: true,
    transmit: lb_transmit,
    receive: lb_receive,
    port_disabled: lb_port_disabled,
  },
]
export function team_mode_of(team: team): team_mode {
  return team_modes.find(({ kind }) => kind === team.mode) ?? team_modes[0]
}

/** team_modeop_port_enter() */
export function take_team_address(team: team, port: team_port): Errno | undefined {
  if (!team_mode_of(team).common_address) return undefined
  return dev_set_mac_address(port.dev, team.dev.dev_addr.slice(0, team.dev.addr_len))
}
