/** drivers/net/team/team_nl.c: the generic netlink family "team". */
import { eachAttr } from '../../../lib/attrs.ts'
import { get16, get32, getS32, getString } from '../../../lib/bytes.ts'
import { MessageBuilder } from '../../../lib/message.ts'
import { __dev_get_by_index } from '../../../net/core/dev_state.ts'
import { nla_parse_nested_deprecated_at } from '../../../net/netlink/attr.ts'
import { type genl_family, type genl_info, genlmsg_put, genlmsg_reply } from '../../../net/netlink/genetlink.ts'
import { NLA_FLAG, NLA_NESTED, NLA_STRING, NLA_TYPE, NLA_U8, NLA_U32, NLA_BINARY, policy } from '../../../net/netlink/policy.ts'
import { EINVAL, ENOENT, type Errno, isErrno } from '../../../uapi/errno.ts'
import { GENL_ADMIN_PERM } from '../../../uapi/linux/genetlink.ts'
import * as T from '../../../uapi/linux/if_team.ts'
import { type team, team_of } from './team.ts'
import { is_team } from './team_core.ts'
import { team_nl_send_event_options, team_nl_send_options, team_nl_send_ports } from './team_nl_send.ts'
import { type option_value, team_option_of, team_option_set } from './team_options.ts'

function asked_team({ net, attrs }: genl_info): team | undefined {
  const ifindex = attrs.get(T.TEAM_ATTR_TEAM_IFINDEX)
  const dev = ifindex === undefined ? undefined : __dev_get_by_index(net, ifindex)
  return dev !== undefined && is_team(dev) ? team_of(dev) : undefined
}
const asker = (info: genl_info) => ({ portid: info.snd_portid, seq: info.snd_seq })

export function team_nl_noop_doit(info: genl_info): Errno | undefined {
  const skb = new MessageBuilder()
  genlmsg_put(skb, info.net, info.snd_portid, info.snd_seq, team_nl_family, 0, T.TEAM_CMD_NOOP)
  skb.end()
  return genlmsg_reply(skb, info)
}
export function team_nl_options_get_doit(info: genl_info): Errno | undefined {
  const team = asked_team(info)
  return team === undefined ? EINVAL : team_nl_send_options(team, asker(info))
}
export function team_nl_port_list_get_doit(info: genl_info): Errno | undefined {
  const team = asked_team(info)
  return team === undefined ? EINVAL : team_nl_send_ports(team, asker(info))
}
/** One option after the other; those set before one that is refused stay. */
export function team_nl_options_set_doit(info: genl_info): Errno | undefined {
  const team = asked_team(info)
  const list = info.attrs.at(T.TEAM_ATTR_LIST_OPTION)
  if (team === undefined || list === 0) return EINVAL
  const { buf } = info.req
  const items: { nr: number; at: number }[] = []
  eachAttr(buf, list + 4, list + get16(buf, list), (nr, at) => items.push({ nr, at }))
  for (const { nr, at } of items) {
    const error = nr === T.TEAM_ATTR_ITEM_OPTION.nr ? set_option(info, team, at) : EINVAL
    if (isErrno(error)) return error
  }
  return items.length === 0 ? EINVAL : undefined
}
function set_option(info: genl_info, team: team, at: number): Errno | undefined {
  const tb = nla_parse_nested_deprecated_at(info.req, at, team_attr_option_nl_policy)
  if (isErrno(tb)) return tb
  const name = tb.get(T.TEAM_ATTR_OPTION_NAME)
  const type = tb.get(T.TEAM_ATTR_OPTION_TYPE)
  if (name === undefined || type === undefined) return EINVAL
  const ifindex = tb.get(T.TEAM_ATTR_OPTION_PORT_IFINDEX) ?? 0
  const index = tb.get(T.TEAM_ATTR_OPTION_ARRAY_INDEX)
  const value = option_data(type, tb.payload(T.TEAM_ATTR_OPTION_DATA))
  if (value === undefined) return EINVAL
  const found = team.options.filter((inst) => {
    const option = team_option_of(inst)
    if (inst.name !== name || option.type !== type || (inst.port?.dev.ifindex ?? 0) !== ifindex) return false
    return option.array_size === undefined || inst.array_index === index
  })
  if (found.length === 0) return ENOENT
  for (const inst of found) {
    const error = team_option_set(team, inst, value)
    if (isErrno(error)) return error
    inst.changed = true
  }
  team_nl_send_event_options(team, found)
  return undefined
}
/** Undefined: no such type, or nothing for it. */
function option_data(type: number, data: Uint8Array | undefined): option_value | undefined {
  if (type === NLA_TYPE.FLAG) return data !== undefined
  if (data === undefined) return undefined
  if (type === NLA_TYPE.BINARY) return data.slice()
  if (type === NLA_TYPE.STRING) return data.length > T.TEAM_STRING_MAX_LEN ? undefined : getString(data, 0, data.length)
  if (data.length < 4) return undefined
  if (type === NLA_TYPE.U32) return get32(data, 0)
  return type === NLA_TYPE.S32 ? getS32(data, 0) : undefined
}

export const team_attr_option_nl_policy = policy(T.TEAM_ATTR_OPTION, {
  TEAM_ATTR_OPTION_NAME: NLA_STRING(T.TEAM_STRING_MAX_LEN),
  TEAM_ATTR_OPTION_CHANGED: NLA_FLAG,
  TEAM_ATTR_OPTION_TYPE: NLA_U8,
  TEAM_ATTR_OPTION_DATA: NLA_BINARY(),
  TEAM_ATTR_OPTION_PORT_IFINDEX: NLA_U32,
  TEAM_ATTR_OPTION_ARRAY_INDEX: NLA_U32,
})
export const team_nl_policy = policy(T.TEAM_ATTR_REQUEST, { TEAM_ATTR_TEAM_IFINDEX: NLA_U32, TEAM_ATTR_LIST_OPTION: NLA_NESTED() })
const LIBERAL = 3
export const team_nl_family: genl_family = {
  name: T.TEAM_GENL_NAME,
  version: T.TEAM_GENL_VERSION,
  maxattr: T.TEAM_ATTR_REQUEST.max,
  policy: team_nl_policy,
  netnsok: true,
  ops: [
    { cmd: T.TEAM_CMD_NOOP, validate: LIBERAL, flags: 0, doit: team_nl_noop_doit },
    { cmd: T.TEAM_CMD_OPTIONS_SET, validate: LIBERAL, flags: GENL_ADMIN_PERM, doit: team_nl_options_set_doit },
    { cmd: T.TEAM_CMD_OPTIONS_GET, validate: LIBERAL, flags: GENL_ADMIN_PERM, doit: team_nl_options_get_doit },
    { cmd: T.TEAM_CMD_PORT_LIST_GET, validate: LIBERAL, flags: GENL_ADMIN_PERM, doit: team_nl_port_list_get_doit },
  ],
  resv_start_op: T.TEAM_CMD_PORT_LIST_GET + 1,
  mcgrps: [{ name: T.TEAM_GENL_CHANGE_EVENT_MC_GRP_NAME }],
}
