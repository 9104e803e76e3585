/** net/netlink/genetlink.c: the registered families, their numbers and groups, and their operations in one form. */
import { attr, attrs } from '../../lib/attrs.ts'
import { binary } from '../../lib/types.ts'
import { GENL_CMD_CAP_DO, GENL_CMD_CAP_DUMP, GENL_ID_CTRL, GENL_MAX_ID } from '../../uapi/linux/genetlink.ts'
import type { genl_family, genl_ops, genl_split_ops } from './genetlink.ts'
import { NLA_REJECT, policy } from './policy.ts'

export const GENL_ID_VFS_DQUOT = 0x11
export const GENL_ID_PMCRAID = 0x12
/** First number for families that have no fixed one. */
const GENL_START_ALLOC = GENL_ID_PMCRAID + 1

// enum genl_validate_flags
export const GENL_DONT_VALIDATE_STRICT = 1
export const GENL_DONT_VALIDATE_DUMP = 2
export const GENL_DONT_VALIDATE_DUMP_STRICT = 4

// struct genl_multicast_group flags
export const GENL_MCAST_CAP_NET_ADMIN = 1
export const GENL_MCAST_CAP_SYS_ADMIN = 2

/** A family with what this kernel gave it. */
export class genl_registered {
  readonly family: genl_family
  readonly id: number
  /** Netlink group of its first multicast group. */
  mcgrp_offset = 0
  constructor(family: genl_family, id: number) {
    this.family = family
    this.id = id
  }
}

export class genl_state {
  families = new Map<number, genl_registered>()
  /** idr_alloc_cyclic's cursor. */
  next_id = 0
  /** Used group numbers. 0 is none, 1 was drop monitor's, 16 to 18 are their families' own. Grows by 64. */
  mc_groups: boolean[] = Array.from({ length: 64 }, (_, i) => i < 2 || (i >= GENL_ID_CTRL && i <= GENL_ID_PMCRAID))
}

export function genl_family_by_id(state: genl_state, id: number): genl_registered | undefined {
  return state.families.get(id)
}
export function genl_family_by_name(state: genl_state, name: string): genl_registered | undefined {
  for (const entry of state.families.values()) if (entry.family.name === name) return entry
  return undefined
}
export function genl_family_by_object(state: genl_state, family: genl_family): genl_registered | undefined {
  for (const entry of state.families.values()) if (entry.family === family) return entry
  return undefined
}
/** By number, as the controller dumps them. */
export function genl_families_in_order(state: genl_state): genl_registered[] {
  return [...state.families.values()].sort((a, b) => a.id - b.id)
}

/** lib/idr.c idr_alloc_cyclic: numbers of families that went are not given again until the range is used up. */
export function genl_alloc_id(state: genl_state, family: genl_family): number | undefined {
  const fixed = fixed_id(family.name)
  const start = fixed ?? GENL_START_ALLOC
  const end = fixed ?? GENL_MAX_ID
  const id = free_from(state, Math.max(start, state.next_id), end) ?? free_from(state, start, end)
  if (id !== undefined) state.next_id = id + 1
  return id
}
function fixed_id(name: string): number | undefined {
  if (name === 'nlctrl') return GENL_ID_CTRL
  if (name === 'VFS_DQUOT') return GENL_ID_VFS_DQUOT
  return name === 'pmcraid' ? GENL_ID_PMCRAID : undefined
}
function free_from(state: genl_state, start: number, end: number): number | undefined {
  for (let id = start; id <= end; id++) if (!state.families.has(id)) return id
  return undefined
}

/** genl_validate_assign_mc_groups: the first run of free numbers, four families excepted. */
export function genl_assign_mc_groups(state: genl_state, entry: genl_registered): void {
  const { name, mcgrps } = entry.family
  const n = mcgrps?.length ?? 0
  if (n === 0) return
  entry.mcgrp_offset = name === 'NET_DM' ? 1 : (fixed_id(name) ?? first_free_run(state, n))
  for (let i = 0; i < n; i++) state.mc_groups[entry.mcgrp_offset + i] = true
}
function first_free_run(state: genl_state, n: number): number {
  let start = 0
  for (let i = 0; i - start < n; i++) {
    if (i === state.mc_groups.length) state.mc_groups.push(...new Array(64 * Math.ceil(n / 64)).fill(false))
    if (state.mc_groups[i]) start = i + 1
  }
  return start
}
export function genl_free_mc_groups(state: genl_state, entry: genl_registered): void {
  const n = entry.family.mcgrps?.length ?? 0
  for (let i = 0; i < n; i++) if (entry.mcgrp_offset + i !== 1) state.mc_groups[entry.mcgrp_offset + i] = false
}

const NOTHING = attrs('NOTHING', { NOTHING_1: attr(1, binary) })
/** genl_policy_reject_all: what an operation without a policy gets where attributes are checked. */
export const genl_policy_reject_all = policy(NOTHING, { NOTHING_1: NLA_REJECT() }, { name: 'genl_policy_reject_all' })

/** One command's do and dump, in the form that dispatch and the controller use. */
export interface genl_op_pair {
  readonly cmd: number
  readonly doit: genl_split_ops | undefined
  readonly dumpit: genl_split_ops | undefined
}

/** genl_op_iter: operations of a family in order, halves of split ones joined. */
export function genl_op_pairs(family: genl_family): genl_op_pair[] {
  const pairs: genl_op_pair[] = []
  for (const op of family.ops ?? []) {
    pairs.push({ cmd: op.cmd, doit: half(family, op, GENL_CMD_CAP_DO), dumpit: half(family, op, GENL_CMD_CAP_DUMP) })
  }
  const split = family.split_ops ?? []
  for (let i = 0; i < split.length; ) {
    const doit = split[i].flags & GENL_CMD_CAP_DO ? with_policy(split[i++]) : undefined
    const next = split[i]
    const joins = next !== undefined && (next.flags & GENL_CMD_CAP_DUMP) !== 0 && (doit === undefined || next.cmd === doit.cmd)
    const dumpit = joins ? with_policy(split[i++]) : undefined
    pairs.push({ cmd: doit?.cmd ?? dumpit?.cmd ?? 0, doit, dumpit })
  }
  return pairs
}

/** genl_get_cmd: `way` is GENL_CMD_CAP_DO or GENL_CMD_CAP_DUMP. */
export function genl_get_cmd(family: genl_family, cmd: number, way: number): genl_split_ops | undefined {
  const legacy = family.ops?.find((op) => op.cmd === cmd)
  if (legacy !== undefined) return half(family, legacy, way)
  return family.split_ops?.find((op) => op.cmd === cmd && (op.flags & way) !== 0)
}

/** genl_cmd_full_to_split */
function half(family: genl_family, op: genl_ops, way: number): genl_split_ops | undefined {
  const dump = way === GENL_CMD_CAP_DUMP
  if ((dump ? op.dumpit : op.doit) === undefined) return undefined
  const strict = op.cmd >= (family.resv_start_op ?? 0) ? genl_policy_reject_all : undefined
  const unchecked = dump && ((op.validate ?? 0) & GENL_DONT_VALIDATE_DUMP) !== 0
  return {
    ...op,
    flags: (op.flags ?? 0) | way,
    policy: unchecked ? undefined : (op.policy ?? family.policy ?? strict),
    pre_doit: dump ? undefined : family.pre_doit,
    post_doit: dump ? undefined : family.post_doit,
  }
}
function with_policy(op: genl_split_ops): genl_split_ops {
  return op.policy !== undefined ? op : { ...op, policy: genl_policy_reject_all }
}
