/** drivers/net/team/team_core.c: options and ports as messages of the family "team": answers and events, each with a NLMSG_DONE. */
import { MessageBuilder } from '../../../lib/message.ts'
import { genlmsg_multicast_netns, genlmsg_put, genlmsg_unicast } from '../../../net/netlink/genetlink.ts'
import { NLA_TYPE } from '../../../net/netlink/policy.ts'
import { type Errno, isErrno } from '../../../uapi/errno.ts'
import * as T from '../../../uapi/linux/if_team.ts'
import { NLM_F_ACK, NLM_F_MULTI, NLMSG_DONE } from '../../../uapi/linux/netlink.ts'
import type { team, team_option_inst, team_port } from './team.ts'
import { team_nl_family } from './team_nl.ts'
import { type option_value, team_option_of } from './team_options.ts'

export interface team_nl_asker {
  portid: number
  seq: number
}

function put_value(skb: MessageBuilder, type: number, value: option_value): void {
  skb.put(T.TEAM_ATTR_OPTION_TYPE, type)
  if (type === NLA_TYPE.FLAG) {
    if (value) skb.put(T.TEAM_ATTR_OPTION_DATA, new Uint8Array(0))
  } else if (value instanceof Uint8Array) {
    skb.put(T.TEAM_ATTR_OPTION_DATA, value)
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
  if (option.array_size !== undefined) skb.put(T.TEAM_ATTR_OPTION_ARRAY_INDEX, inst.array_index)
  put_value(skb, option.type, option.get(team, inst.port as team_port, inst.array_index))
  if (inst.removed) skb.put(T.TEAM_ATTR_OPTION_REMOVED, true)
  if (inst.changed) skb.put(T.TEAM_ATTR_OPTION_CHANGED, true)
  skb.nestEnd(item)
  if (!skb.overflow) inst.changed = false
}
function fill_port(skb: MessageBuilder, port: team_port): void {
  const item = skb.nestNoflag(T.TEAM_ATTR_ITEM_PORT)
  skb.put(T.TEAM_ATTR_PORT_IFINDEX, port.dev.ifindex)
  if (port.changed) skb.put(T.TEAM_ATTR_PORT_CHANGED, true)
  if (port.removed) skb.put(T.TEAM_ATTR_PORT_REMOVED, true)
  if (port.state.linkup) skb.put(T.TEAM_ATTR_PORT_LINKUP, true)
  skb.put(T.TEAM_ATTR_PORT_SPEED, port.state.speed)
  skb.put(T.TEAM_ATTR_PORT_DUPLEX, port.state.duplex)
  skb.nestEnd(item)
  if (!skb.overflow) port.changed = false
}

/** NLMSG_GOODSIZE: what a buffer holds. */
const GOODSIZE = 3776

/** Messages of as many items as fit, each in a buffer of its own; the last one has the NLMSG_DONE behind it. */
function build<Item>(
  team: team,
  asker: team_nl_asker | undefined,
  kind: { cmd: number; list: typeof T.TEAM_ATTR_LIST_OPTION },
  items: readonly Item[],
  fill: (skb: MessageBuilder, item: Item) => void,
): MessageBuilder[] {
  const { portid, seq } = asker ?? { portid: 0, seq: 0 }
  const flags = (asker === undefined ? 0 : NLM_F_ACK) | NLM_F_MULTI
  const skbs: MessageBuilder[] = []
  let next = 0
  do {
    const skb = new MessageBuilder(GOODSIZE)
    genlmsg_put(skb, team.dev.nd_net, portid, seq, team_nl_family, flags, kind.cmd)
    skb.put(T.TEAM_ATTR_TEAM_IFINDEX, team.dev.ifindex)
    const list = skb.nestNoflag(kind.list)
    for (; next < items.length; next++) {
      const at = skb.length
      fill(skb, items[next])
      if (!skb.overflow) continue
      skb.overflow = false
      skb.length = at
      break
    }
    skb.nestEnd(list)
    skb.end()
    skbs.push(skb)
  } while (next < items.length)
  done(skbs, flags, seq, portid)
  return skbs
}
function done(skbs: MessageBuilder[], flags: number, seq: number, portid: number): void {
  const last = skbs[skbs.length - 1]
  last.begin(NLMSG_DONE, flags, seq, portid)
  if (last.end()) return
  const own = new MessageBuilder(GOODSIZE)
  own.begin(NLMSG_DONE, flags, seq, portid)
  own.end()
  skbs.push(own)
}
function build_options(team: team, asker: team_nl_asker | undefined, insts: readonly team_option_inst[]): MessageBuilder[] {
  const kind = { cmd: T.TEAM_CMD_OPTIONS_GET, list: T.TEAM_ATTR_LIST_OPTION }
  return build(team, asker, kind, insts, (skb, inst) => fill_option(skb, team, inst))
}
function build_ports(team: team, asker: team_nl_asker | undefined, ports: readonly team_port[]): MessageBuilder[] {
  return build(team, asker, { cmd: T.TEAM_CMD_PORT_LIST_GET, list: T.TEAM_ATTR_LIST_PORT }, ports, fill_port)
}
function unicast(team: team, skbs: readonly MessageBuilder[], portid: number): Errno | undefined {
  for (const skb of skbs) {
    const error = genlmsg_unicast(team.dev.nd_net, skb, portid)
    if (isErrno(error)) return error
  }
  return undefined
}

export function team_nl_send_options(team: team, asker: team_nl_asker): Errno | undefined {
  return unicast(team, build_options(team, asker, team.options), asker.portid)
}
export function team_nl_send_ports(team: team, asker: team_nl_asker): Errno | undefined {
  return unicast(team, build_ports(team, asker, team.port_list), asker.portid)
}
/** By default those that have changed. */
export function team_nl_send_event_options(team: team, insts = team.options.filter(({ changed }) => changed)): void {
  for (const skb of build_options(team, undefined, insts)) genlmsg_multicast_netns(team_nl_family, team.dev.nd_net, skb, 0, 0)
}
export function team_nl_send_event_port(team: team, port: team_port): void {
  for (const skb of build_ports(team, undefined, [port])) genlmsg_multicast_netns(team_nl_family, team.dev.nd_net, skb, 0, 0)
}
