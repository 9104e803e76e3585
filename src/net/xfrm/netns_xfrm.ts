/** include/net/netns/xfrm.h: what a namespace knows of IPsec; and who is told of what expires (struct xfrm_mgr). */
import type { net } from '../core/net_namespace.ts'
import { XFRM_USERPOLICY_ACCEPT } from '../../uapi/linux/xfrm.ts'
import type { xfrm_policy } from './xfrm_policy.ts'
import type { xfrm_state } from './xfrm_state.ts'

/** An exported constant. */
export interface xfrm_mgr {
  readonly state_expired: (x: xfrm_state, hard: boolean, portid: number) => void
  readonly policy_expired: (xp: xfrm_policy, hard: boolean, portid: number) => void
}
export class netns_xfrm {
  /** The newest first. */
  state_all: xfrm_state[] = []
  policy_all: xfrm_policy[] = []
  /** For the next policy without a number of its own. */
  idx_generator = 0
  /** By direction. */
  policy_default = [XFRM_USERPOLICY_ACCEPT, XFRM_USERPOLICY_ACCEPT, XFRM_USERPOLICY_ACCEPT]
  /** Prefixes from which on policies are hashed: of this side and the other one, of both families. Kept and shown. */
  hthresh4 = [32, 32]
  hthresh6 = [128, 128]
  km: xfrm_mgr | undefined = undefined
}
export function netns_xfrm_of(net: net): netns_xfrm {
  let found = net.gen.get('xfrm') as netns_xfrm | undefined
  if (found === undefined) net.gen.set('xfrm', (found = new netns_xfrm()))
  return found
}
