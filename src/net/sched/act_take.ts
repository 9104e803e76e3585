/** net/sched/act_api.c: how the kinds of actions begin their init: the action of that number is taken, or made. */
import { EEXIST, type Errno } from '../../uapi/errno.ts'
import { type tc_action, type tc_action_ops, type tc_action_request, tcf_idr_get, tcf_idr_release } from './act.ts'
import { tcf_action_check_ctrlact } from './act_check.ts'

/** `bound`: a filter has taken one that is there, which stays as it is. */
export interface taken_action {
  readonly a: tc_action
  readonly bound: boolean
}
/** `check` looks at what else the request says once it is clear that the action is not only bound. */
export function tcf_action_take(
  request: tc_action_request,
  ops: tc_action_ops,
  index: number,
  action: number,
  check?: () => Errno | undefined,
): taken_action | Errno {
  const { a, created } = tcf_idr_get(request, ops, index)
  if (!created && request.bind) return { a, bound: true }
  const wrong = check?.()
  if (!created) tcf_idr_release(a, false)
  const error = wrong ?? (!created && !request.replace ? EEXIST : tcf_action_check_ctrlact(request, action))
  if (error === undefined) {
    a.action = action
    return { a, bound: false }
  }
  if (created) tcf_idr_release(a, request.bind)
  return error
}
