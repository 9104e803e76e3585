/** drivers/net/team/team_core.c: options and ports as messages of the family "team": answers and events, each with a NLMSG_DONE. */
import { MessageBuilder } from '../../../lib/message.ts'
import { genlmsg_multicast_netns, genlmsg_put, genlmsg_unicast } from '../../../net/netlink/genetlink.ts'
import { NLA_TYPE } from '../../../net/netlink/policy.ts'
import type { Errno } from '../../../uapi/errno.ts'
import * as T from '../../../uapi/linux/if_team.ts'
import { NLM_F_ACK, NLM_F_MULTI, NLMSG_DONE } from '../../../uapi/linux/netlink.ts'
import type { team, team_option_inst, team_port } from './team.ts'
import { team_nl_family } from './team_nl.ts'
import { team_option_of } from './team_options.ts'

export interface team_nl_asker {
  portid: number
  seq: number
}

function put_value(skb: MessageBuilder, type: number, value: number | boolean | string): void {
  skb.put(T.TEAM_ATTR_OPTION_TYPE, type)
  if (type === NLA_TYPE.FLAG) {
    if (value) skb.put(T.TEAM_ATTR_OPTION_DATA, new Uint8Array(0))
  } else if (typeof value === 'string') {
    skb.put(T.TEAM_ATTR_OPTION_DATA, Buffer.from(`${value}\0`))
  } else {
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setInt32(0, Number(value), true)
    skb.put(T.TEAM_ATTR_OPTION_DATA, bytes)
  }
}
function fill_option(skb: MessageBuilder, team: team, inst: team_option_inst): void {
  const option = team_option_of(inst)
  const item = skb.nestNoflag(T.TEAM_ATTR_ITEM_OPTION)
  skb.put(T.TEAM_ATTR_OPTION_NAME, inst.name)
  if (inst.port !== undefined) skb.put(T.TEAM_ATTR_OPTION_PORT_IFINDEX, inst.port.dev.ifindex)
  put_value(skb, option.type, option.get(team, inst.port as team_port))
  if (inst.removed) skb.put(T.TEAM_ATTR_OPTION_REMOVED, true)
  if (inst.changed) skb.put(T.TEAM_ATTR_OPTION_CHANGED, true)
  inst.changed = false
  skb.nestEnd(item)
}
function fill_port(skb: MessageBuilder, port: team_port): void {
  const item = skb.nestNoflag(T.TEAM_ATTR_ITEM_PORT)
  skb.put(T.TEAM_ATTR_PORT_IFINDEX, port.dev.ifindex)
  if (port.changed) skb.put(T.TEAM_ATTR_PORT_CHANGED, true)
  port.changed = false
  if (port.removed) skb.put(T.TEAM_ATTR_PORT_REMOVED, true)
  if (port.state.linkup) skb.put(T.TEAM_ATTR_PORT_LINKUP, true)
  skb.put(T.TEAM_ATTR_PORT_SPEED, port.state.speed)
  skb.put(T.TEAM_ATTR_PORT_DUPLEX, port.state.duplex)
  skb.nestEnd(item)
}

/** The message and the NLMSG_DONE behind it. */
function build(team: team, asker: team_nl_asker | undefined, cmd: number, fill: (skb: MessageBuilder) => void): MessageBuilder {
  const skb = new MessageBuilder()
  const { portid, seq } = asker ?? { portid: 0, seq: 0 }
  const flags = (asker === undefined ? 0 : NLM_F_ACK) | NLM_F_MULTI
  genlmsg_put(skb, team.dev.nd_net, portid, seq, team_nl_family, flags, cmd)
  skb.put(T.TEAM_ATTR_TEAM_IFINDEX, team.dev.ifindex)
  fill(skb)
  skb.end()
  skb.begin(NLMSG_DONE, flags, seq, portid)
  skb.end()
  return skb
}
function build_options(team: team, asker: team_nl_asker | undefined, insts: readonly team_option_inst[]): MessageBuilder {
  return build(team, asker, T.TEAM_CMD_OPTIONS_GET, (skb) => {
    const list = skb.nestNoflag(T.TEAM_ATTR_LIST_OPTION)
    for (const inst of insts) fill_option(skb, team, inst)
    skb.nestEnd(list)
  })
}
function build_ports(team: team, asker: team_nl_asker | undefined, ports: readonly team_port[]): MessageBuilder {
  return build(team, asker, T.TEAM_CMD_PORT_LIST_GET, (skb) => {
    const list = skb.nestNoflag(T.TEAM_ATTR_LIST_PORT)
    for (const port of ports) fill_port(skb, port)
    skb.nestEnd(list)
  })
}

export function team_nl_send_options(team: team, asker: team_nl_asker): Errno | undefined {
  return genlmsg_unicast(team.dev.nd_net, build_options(team, asker, team.options), asker.portid)
}
export function team_nl_send_ports(team: team, asker: team_nl_asker): Errno | undefined {
  return genlmsg_unicast(team.dev.nd_net, build_ports(team, asker, team.port_list), asker.portid)
}
/** By default those that have changed. */
export function team_nl_send_event_options(team: team, insts = team.options.filter(({ changed }) => changed)): void {
  genlmsg_multicast_netns(team_nl_family, team.dev.nd_net, build_options(team, undefined, insts), 0, 0)
}
export function team_nl_send_event_port(team: team, port: team_port): void {
  genlmsg_multicast_netns(team_nl_family, team.dev.nd_net, build_ports(team, undefined, [port]), 0, 0)
}
