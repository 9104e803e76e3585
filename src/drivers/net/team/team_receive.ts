/** drivers/net/team/team_core.c team_handle_frame(): what arrives on a port arrives on the team, if the mode says so. */
import { dev_sw_netstats_rx_add } from '../../../net/core/dev.ts'
import { dev_tstats } from '../../../net/core/dev_stats.ts'
import { type net_device, RX_HANDLER_ANOTHER, RX_HANDLER_EXACT } from '../../../net/core/netdevice.ts'
import { PACKET_MULTICAST, type sk_buff } from '../../../net/core/skbuff.ts'
import { type team_port, team_port_enabled } from './team.ts'
import { team_mode_of } from './team_modes.ts'

export function team_handle_frame(skb: sk_buff, dev: net_device): number {
  const port = dev.rx_handler_data as team_port
  const { team } = port
  // link-local frames of a disabled port are for whoever listens on the port itself
  const result = team_port_enabled(port) ? (team_mode_of(team).receive?.(team, port, skb) ?? RX_HANDLER_ANOTHER) : RX_HANDLER_EXACT
  if (result === RX_HANDLER_ANOTHER) {
    dev_sw_netstats_rx_add(team.dev, skb.len)
    if (skb.pkt_type === PACKET_MULTICAST) dev_tstats(team.dev).multicast++
    skb.dev = team.dev
  } else if (result !== RX_HANDLER_EXACT) {
    dev_tstats(team.dev).rx_dropped++
  }
  return result
}
