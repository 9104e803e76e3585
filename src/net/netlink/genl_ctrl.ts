/** net/netlink/genetlink.c: the controller `nlctrl`: families as programs ask for them, and news about them. */

import { CAP_NET_ADMIN, CAP_SYS_ADMIN } from '../../kernel/capability.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { request_module } from '../../kernel/kmod.ts'
import { capable, type task_struct } from '../../kernel/task.ts'
import { MessageBuilder } from '../../lib/message.ts'
import { EEXIST, EINVAL, ENODATA, ENOENT, ENOSPC, EPERM, type Errno } from '../../uapi/errno.ts'
import {
  CTRL_ATTR,
  CTRL_ATTR_FAMILY_ID,
  CTRL_ATTR_FAMILY_NAME,
  CTRL_ATTR_HDRSIZE,
  CTRL_ATTR_MAXATTR,
  CTRL_ATTR_MCAST_GROUPS,
  CTRL_ATTR_MCAST_GRP_ID,
  CTRL_ATTR_MCAST_GRP_NAME,
  CTRL_ATTR_OP,
  CTRL_ATTR_OP_FLAGS,
  CTRL_ATTR_OP_ID,
  CTRL_ATTR_OP_POLICY,
  CTRL_ATTR_OPS,
  CTRL_ATTR_POLICY,
  CTRL_ATTR_POLICY_DO,
  CTRL_ATTR_POLICY_DUMP,
  CTRL_ATTR_VERSION,
  CTRL_CMD_DELFAMILY,
  CTRL_CMD_DELMCAST_GRP,
  CTRL_CMD_GETFAMILY,
  CTRL_CMD_GETPOLICY,
  CTRL_CMD_NEWFAMILY,
  CTRL_CMD_NEWMCAST_GRP,
  GENL_CMD_CAP_DO,
  GENL_CMD_CAP_DUMP,
  GENL_CMD_CAP_HASPOL,
} from '../../uapi/linux/genetlink.ts'
import { NETLINK_GENERIC, NLM_F_MULTI } from '../../uapi/linux/netlink.ts'
import type { net, pernet_operations } from '../core/net_namespace.ts'
import {
  genl_dumpit_info_of,
  type genl_family,
  type genl_info,
  genl_rcv,
  genlmsg_multicast_netns,
  genlmsg_put,
  genlmsg_reply,
} from './genetlink.ts'
import {
  GENL_DONT_VALIDATE_DUMP,
  GENL_DONT_VALIDATE_STRICT,
  GENL_MCAST_CAP_NET_ADMIN,
  GENL_MCAST_CAP_SYS_ADMIN,
  genl_alloc_id,
  genl_assign_mc_groups,
  genl_families_in_order,
  genl_family_by_id,
  genl_family_by_name,
  genl_family_by_object,
  genl_free_mc_groups,
  genl_get_cmd,
  type genl_op_pair,
  genl_op_pairs,
  genl_registered,
  genl_state,
} from './genl_family.ts'
import {
  NL_CFG_F_NONROOT_RECV,
  netlink_change_ngroups,
  type netlink_kernel_cfg,
  netlink_kernel_create,
  netlink_kernel_release,
  type netlink_sock,
} from './netlink_sock.ts'
import { netlink_clear_multicast_users } from './netlink_sockopt.ts'
import { NLA_NUL_STRING, NLA_U16, NLA_U32, type Policy, policy } from './policy.ts'
import { netlink_policy_collect, netlink_policy_write_attr } from './policy_dump.ts'
import type { netlink_callback } from './types.ts'

export const ctrl_policy_family = policy(
  CTRL_ATTR,
  { CTRL_ATTR_FAMILY_ID: NLA_U16, CTRL_ATTR_FAMILY_NAME: NLA_NUL_STRING(15) },
  {
    name: 'ctrl_policy_family',
    maxtype: CTRL_ATTR_FAMILY_NAME.nr,
  },
)
export const ctrl_policy_policy = policy(
  CTRL_ATTR,
  {
    CTRL_ATTR_FAMILY_ID: NLA_U16,
    CTRL_ATTR_FAMILY_NAME: NLA_NUL_STRING(15),
    CTRL_ATTR_OP: NLA_U32,
  },
  { name: 'ctrl_policy_policy' },
)

export const genl_ctrl: genl_family = {
  name: 'nlctrl',
  version: 2,
  netnsok: true,
  resv_start_op: CTRL_CMD_GETPOLICY + 1,
  mcgrps: [{ name: 'notify' }],
  split_ops: [
    {
      cmd: CTRL_CMD_GETFAMILY,
      validate: GENL_DONT_VALIDATE_STRICT,
      policy: ctrl_policy_family,
      doit: ctrl_getfamily,
      flags: GENL_CMD_CAP_DO,
    },
    {
      cmd: CTRL_CMD_GETFAMILY,
      validate: GENL_DONT_VALIDATE_DUMP,
      policy: ctrl_policy_family,
      dumpit: ctrl_dumpfamily,
      flags: GENL_CMD_CAP_DUMP,
    },
    {
      cmd: CTRL_CMD_GETPOLICY,
      policy: ctrl_policy_policy,
      start: ctrl_dumppolicy_start,
      dumpit: ctrl_dumppolicy,
      flags: GENL_CMD_CAP_DUMP,
    },
  ],
}

/** Tells the family's numbers, operations and groups; false when it did not fit. */
function ctrl_fill_info(
  skb: MessageBuilder,
  net: net,
  entry: genl_registered,
  portid: number,
  seq: number,
  flags: number,
  cmd: number,
): boolean {
  const { family } = entry
  genlmsg_put(skb, net, portid, seq, genl_ctrl, flags, cmd)
  skb.put(CTRL_ATTR_FAMILY_NAME, family.name)
  skb.put(CTRL_ATTR_FAMILY_ID, entry.id)
  skb.put(CTRL_ATTR_VERSION, family.version)
  skb.put(CTRL_ATTR_HDRSIZE, family.hdrsize ?? 0)
  skb.put(CTRL_ATTR_MAXATTR, family.maxattr ?? family.policy?.maxtype ?? 0)
  fill_ops(skb, genl_op_pairs(family))
  const groups = family.mcgrps ?? []
  if (groups.length > 0) {
    const nest = skb.nestNoflag(CTRL_ATTR_MCAST_GROUPS)
    groups.forEach((group, i) => fill_group(skb, i + 1, entry.mcgrp_offset + i, group.name))
    skb.nestEnd(nest)
  }
  return skb.end()
}

function fill_ops(skb: MessageBuilder, pairs: genl_op_pair[]): void {
  if (pairs.length === 0) return
  const list = skb.nestNoflag(CTRL_ATTR_OPS)
  pairs.forEach((pair, i) => {
    const has_policy = pair.doit?.policy !== undefined || pair.dumpit?.policy !== undefined
    const flags = (pair.doit?.flags ?? 0) | (pair.dumpit?.flags ?? 0) | (has_policy ? GENL_CMD_CAP_HASPOL : 0)
    const nest = skb.nestNoflag(i + 1)
    skb.put(CTRL_ATTR_OP_ID, pair.cmd)
    skb.put(CTRL_ATTR_OP_FLAGS, flags)
    skb.nestEnd(nest)
  })
  skb.nestEnd(list)
}

function fill_group(skb: MessageBuilder, nr: number, id: number, name: string): void {
  const nest = skb.nestNoflag(nr)
  skb.put(CTRL_ATTR_MCAST_GRP_ID, id)
  skb.put(CTRL_ATTR_MCAST_GRP_NAME, name)
  skb.nestEnd(nest)
}

/** By number, or by name, which wins. */
export function ctrl_getfamily(info: genl_info): Errno | undefined {
  const state = info.net.kernel.genl
  const id = info.attrs.get(CTRL_ATTR_FAMILY_ID)
  const name = info.attrs.get(CTRL_ATTR_FAMILY_NAME)
  if (id === undefined && name === undefined) return EINVAL
  let entry = name !== undefined ? genl_family_by_name(state, name) : genl_family_by_id(state, id as number)
  if (entry === undefined && name !== undefined && request_module(info.net.kernel, `net-pf-16-proto-16-family-${name}`)) {
    entry = genl_family_by_name(state, name)
  }
  if (entry === undefined) {
    info.net.kernel.unsupported.count('genetlink', `family ${name ?? id}`)
    return ENOENT
  }
  if (!entry.family.netnsok && info.net !== info.net.kernel.init_net) return ENOENT
  const skb = new MessageBuilder()
  ctrl_fill_info(skb, info.net, entry, info.snd_portid, info.snd_seq, 0, CTRL_CMD_NEWFAMILY)
  return genlmsg_reply(skb, info)
}

export function ctrl_dumpfamily(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const { kernel } = cb.net
  const shown = genl_families_in_order(kernel.genl).filter((e) => e.family.netnsok || cb.net === kernel.init_net)
  while (cb.args[0] < shown.length) {
    if (!ctrl_fill_info(skb, cb.net, shown[cb.args[0]], cb.portid, cb.seq, NLM_F_MULTI, CTRL_CMD_NEWFAMILY)) break
    cb.args[0]++
  }
  return skb.length > 0 ? true : undefined
}

/** Position of a policy dump: first the map of operations to policies, then each policy, attribute by attribute. */
export class ctrl_dump_policy_ctx {
  readonly fam_id: number
  readonly pairs: genl_op_pair[]
  readonly policies: Policy[]
  pair = 0
  policy = 0
  attr = 0
  constructor(fam_id: number, pairs: genl_op_pair[]) {
    this.fam_id = fam_id
    this.pairs = pairs
    const roots: Policy[] = []
    for (const { doit, dumpit } of pairs) {
      if (doit?.policy !== undefined) roots.push(doit.policy)
      if (dumpit?.policy !== undefined) roots.push(dumpit.policy)
    }
    this.policies = netlink_policy_collect(roots)
  }
}

export function ctrl_dumppolicy_start(cb: netlink_callback): Errno | undefined {
  const { attrs } = genl_dumpit_info_of(cb)
  const state = cb.net.kernel.genl
  const id = attrs.get(CTRL_ATTR_FAMILY_ID)
  const name = attrs.get(CTRL_ATTR_FAMILY_NAME)
  if (id === undefined && name === undefined) return EINVAL
  const entry = id !== undefined ? genl_family_by_id(state, id) : genl_family_by_name(state, name as string)
  if (entry === undefined) return ENOENT
  const op = attrs.get(CTRL_ATTR_OP)
  const pairs = op === undefined ? genl_op_pairs(entry.family) : one_pair(entry.family, op)
  if (pairs.length === 0 && op !== undefined) return cb.extack.badAttr(ENOENT, attrs.at(CTRL_ATTR_OP))
  cb.ctx = new ctrl_dump_policy_ctx(entry.id, pairs)
  return cb.ctx.policies.length === 0 ? ENODATA : undefined
}

/** genl_get_cmd_both: an operation without a policy is not given the one that rejects all. */
function one_pair(family: genl_family, cmd: number): genl_op_pair[] {
  const doit = genl_get_cmd(family, cmd, GENL_CMD_CAP_DO)
  const dumpit = genl_get_cmd(family, cmd, GENL_CMD_CAP_DUMP)
  return doit === undefined && dumpit === undefined ? [] : [{ cmd, doit, dumpit }]
}

export function ctrl_dumppolicy(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const ctx = cb.ctx as ctrl_dump_policy_ctx
  for (; ctx.pair < ctx.pairs.length; ctx.pair++) if (!put_op(skb, cb, ctx, ctx.pairs[ctx.pair])) return true
  while (skip_hidden(ctx)) {
    if (!put_attr(skb, cb, ctx)) return true
    ctx.attr++
  }
  return skb.length > 0 ? true : undefined
}

/** Goes to the next attribute that shows; false at the end. */
function skip_hidden(ctx: ctrl_dump_policy_ctx): boolean {
  for (; ctx.policy < ctx.policies.length; ctx.policy++, ctx.attr = 0) {
    const { entries } = ctx.policies[ctx.policy]
    for (; ctx.attr < entries.length; ctx.attr++) {
      if (netlink_policy_write_attr(new MessageBuilder(0), undefined, entries[ctx.attr], 0)) return true
    }
  }
  return false
}

function policy_begin(skb: MessageBuilder, cb: netlink_callback, ctx: ctrl_dump_policy_ctx): void {
  genlmsg_put(skb, cb.net, cb.portid, cb.seq, genl_ctrl, NLM_F_MULTI, CTRL_CMD_GETPOLICY)
  skb.put(CTRL_ATTR_FAMILY_ID, ctx.fam_id)
}

function put_op(skb: MessageBuilder, cb: netlink_callback, ctx: ctrl_dump_policy_ctx, pair: genl_op_pair): boolean {
  const { doit, dumpit } = pair
  if (doit?.policy === undefined && dumpit?.policy === undefined) return true
  policy_begin(skb, cb, ctx)
  const list = skb.nest(CTRL_ATTR_OP_POLICY)
  const nest = skb.nest(doit?.cmd ?? 0)
  if (doit?.policy !== undefined) skb.put(CTRL_ATTR_POLICY_DO, ctx.policies.indexOf(doit.policy))
  if (dumpit?.policy !== undefined) skb.put(CTRL_ATTR_POLICY_DUMP, ctx.policies.indexOf(dumpit.policy))
  skb.nestEnd(nest)
  skb.nestEnd(list)
  return skb.end()
}

function put_attr(skb: MessageBuilder, cb: netlink_callback, ctx: ctrl_dump_policy_ctx): boolean {
  policy_begin(skb, cb, ctx)
  const list = skb.nest(CTRL_ATTR_POLICY)
  const nest = skb.nest(ctx.policy)
  netlink_policy_write_attr(skb, ctx.policies, ctx.policies[ctx.policy].entries[ctx.attr], ctx.attr)
  skb.nestEnd(nest)
  skb.nestEnd(list)
  return skb.end()
}

/** Gives the family its numbers and tells listeners: the family first, then each of its groups. */
export function genl_register_family(kernel: Kernel, family: genl_family): Errno | undefined {
  const state = kernel.genl
  if (genl_family_by_name(state, family.name) !== undefined) return EEXIST
  const id = genl_alloc_id(state, family)
  if (id === undefined) return ENOSPC
  const entry = new genl_registered(family, id)
  state.families.set(id, entry)
  genl_assign_mc_groups(state, entry)
  const sk = kernel.init_net.genl_sock as netlink_sock | undefined
  if (sk !== undefined && (family.mcgrps?.length ?? 0) > 0) netlink_change_ngroups(sk, state.mc_groups.length)
  ctrl_event(kernel, entry, CTRL_CMD_NEWFAMILY)
  family.mcgrps?.forEach((_, i) => ctrl_event(kernel, entry, CTRL_CMD_NEWMCAST_GRP, i))
  return undefined
}

/** Its groups lose their members, then are told gone, then the family. */
export function genl_unregister_family(kernel: Kernel, family: genl_family): Errno | undefined {
  const entry = genl_family_by_object(kernel.genl, family)
  if (entry === undefined) return ENOENT
  family.mcgrps?.forEach((_, i) => netlink_clear_multicast_users(kernel, NETLINK_GENERIC, entry.mcgrp_offset + i))
  genl_free_mc_groups(kernel.genl, entry)
  family.mcgrps?.forEach((_, i) => ctrl_event(kernel, entry, CTRL_CMD_DELMCAST_GRP, i))
  kernel.genl.families.delete(entry.id)
  ctrl_event(kernel, entry, CTRL_CMD_DELFAMILY)
  return undefined
}

/** genl_ctrl_event: to `notify` in all namespaces that have the family. `group`: of the family, for MCAST_GRP events. */
function ctrl_event(kernel: Kernel, entry: genl_registered, cmd: number, group = -1): void {
  const net = kernel.init_net
  if (net.genl_sock === undefined) return
  const skb = new MessageBuilder()
  if (group < 0) ctrl_fill_info(skb, net, entry, 0, 0, 0, cmd)
  else fill_group_event(skb, net, entry, group, cmd)
  const nets = entry.family.netnsok ? kernel.namespaces.net_namespace_list : [net]
  for (const each of nets) genlmsg_multicast_netns(genl_ctrl, each, skb, 0, 0)
}

function fill_group_event(skb: MessageBuilder, net: net, entry: genl_registered, group: number, cmd: number): void {
  genlmsg_put(skb, net, 0, 0, genl_ctrl, 0, cmd)
  skb.put(CTRL_ATTR_FAMILY_NAME, entry.family.name)
  skb.put(CTRL_ATTR_FAMILY_ID, entry.id)
  const nest = skb.nestNoflag(CTRL_ATTR_MCAST_GROUPS)
  fill_group(skb, 1, entry.mcgrp_offset + group, entry.family.mcgrps?.[group].name ?? '')
  skb.nestEnd(nest)
  skb.end()
}

/** genl_bind: some groups want more than NL_CFG_F_NONROOT_RECV gives. */
export function genl_bind(net: net, group: number, task: task_struct): Errno | undefined {
  for (const { family, mcgrp_offset } of net.kernel.genl.families.values()) {
    const grp = family.mcgrps?.[group - mcgrp_offset]
    if (grp === undefined) continue
    const flags = grp.flags ?? 0
    if ((flags & GENL_MCAST_CAP_NET_ADMIN) !== 0 && !capable(task, CAP_NET_ADMIN)) return EPERM
    if ((flags & GENL_MCAST_CAP_SYS_ADMIN) !== 0 && !capable(task, CAP_SYS_ADMIN)) return EPERM
    family.bind?.(group - mcgrp_offset)
    return undefined
  }
  return undefined
}
export function genl_unbind(net: net, group: number): void {
  for (const { family, mcgrp_offset } of net.kernel.genl.families.values()) {
    if (family.mcgrps?.[group - mcgrp_offset] !== undefined) family.unbind?.(group - mcgrp_offset)
  }
}

export const genl_cfg: netlink_kernel_cfg = {
  name: 'generic',
  input: genl_rcv,
  flags: NL_CFG_F_NONROOT_RECV,
  bind: genl_bind,
  unbind: genl_unbind,
}

export function genl_pernet_init(net: net): Errno | undefined {
  net.genl_sock = netlink_kernel_create(net, NETLINK_GENERIC, genl_cfg)
  return undefined
}
export function genl_pernet_exit(net: net): void {
  netlink_kernel_release(net.genl_sock as netlink_sock)
  net.genl_sock = undefined
}
export const genl_pernet_ops: pernet_operations = { name: 'genl_pernet_ops', init: genl_pernet_init, exit: genl_pernet_exit }

/** core_initcall. The controller registers before there is a socket that could tell about it. */
export function genl_init(kernel: Kernel): Errno | undefined {
  kernel.genl = new genl_state()
  return genl_register_family(kernel, genl_ctrl) ?? kernel.namespaces.register_subsys(kernel, genl_pernet_ops)
}
