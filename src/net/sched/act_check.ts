/** net/sched/act_api.c tcf_action_check_ctrlact(): which verdicts an action may be given. */
import { EINVAL, type Errno } from '../../uapi/errno.ts'
import * as P from '../../uapi/linux/pkt_cls.ts'
import type { tc_action_request } from './act.ts'

const TC_ACT_EXT_OPCODE_MAX = P.TC_ACT_GOTO_CHAIN

/** A verdict, or an extended one that is known. */
export function tcf_action_valid(action: number): boolean {
  const opcode = action & ~P.TC_ACT_EXT_VAL_MASK
  if (opcode === 0) return action <= P.TC_ACT_VALUE_MAX
  return action === P.TC_ACT_UNSPEC || (opcode > 0 && opcode <= TC_ACT_EXT_OPCODE_MAX)
}
/** To go to a chain an action needs a filter that is in one. */
export function tcf_action_check_ctrlact({ req, bind }: tc_action_request, action: number): Errno | undefined {
  if (!tcf_action_valid(action)) return req.extack.fail(EINVAL, 'invalid control action')
  const to_chain = (action & ~P.TC_ACT_EXT_VAL_MASK) === P.TC_ACT_GOTO_CHAIN
  return to_chain && !bind ? req.extack.fail(EINVAL, "can't use goto chain with NULL proto") : undefined
}
