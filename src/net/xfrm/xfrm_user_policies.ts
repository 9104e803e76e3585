/** net/xfrm/xfrm_user.c xfrma_policy: which attributes requests may carry. */
import * as X from '../../uapi/linux/xfrm.ts'
import { NLA_U8, NLA_U32, NLA_U64, NLA_UNSPEC, policy, range } from '../netlink/policy.ts'

const MIGRATE_SIZE = 76
const KMADDRESS_SIZE = 40
export const xfrma_policy = policy(
  X.XFRMA,
  {
    XFRMA_SA: NLA_UNSPEC(X.xfrm_usersa_info.size),
    XFRMA_POLICY: NLA_UNSPEC(X.xfrm_userpolicy_info.size),
    XFRMA_LASTUSED: NLA_U64,
    XFRMA_ALG_AUTH_TRUNC: NLA_UNSPEC(X.xfrm_algo_auth.size),
    XFRMA_ALG_AEAD: NLA_UNSPEC(X.xfrm_algo_auth.size),
    XFRMA_ALG_AUTH: NLA_UNSPEC(X.xfrm_algo.size),
    XFRMA_ALG_CRYPT: NLA_UNSPEC(X.xfrm_algo.size),
    XFRMA_ALG_COMP: NLA_UNSPEC(X.xfrm_algo.size),
    XFRMA_ENCAP: NLA_UNSPEC(X.XFRM_ENCAP_TMPL_SIZE),
    XFRMA_TMPL: NLA_UNSPEC(X.xfrm_user_tmpl.size),
    XFRMA_SEC_CTX: NLA_UNSPEC(8),
    XFRMA_LTIME_VAL: NLA_UNSPEC(X.xfrm_lifetime_cur.size),
    XFRMA_REPLAY_VAL: NLA_UNSPEC(X.xfrm_replay_state.size),
    XFRMA_REPLAY_THRESH: NLA_U32,
    XFRMA_ETIMER_THRESH: NLA_U32,
    XFRMA_SRCADDR: NLA_UNSPEC(16),
    XFRMA_COADDR: NLA_UNSPEC(16),
    XFRMA_POLICY_TYPE: NLA_UNSPEC(X.xfrm_userpolicy_type.size),
    XFRMA_MIGRATE: NLA_UNSPEC(MIGRATE_SIZE),
    XFRMA_KMADDRESS: NLA_UNSPEC(KMADDRESS_SIZE),
    XFRMA_MARK: NLA_UNSPEC(X.xfrm_mark.size),
    XFRMA_TFCPAD: NLA_U32,
    XFRMA_REPLAY_ESN_VAL: NLA_UNSPEC(X.xfrm_replay_state_esn.size),
    XFRMA_SA_EXTRA_FLAGS: NLA_U32,
    XFRMA_PROTO: NLA_U8,
    XFRMA_ADDRESS_FILTER: NLA_UNSPEC(X.xfrm_address_filter.size),
    XFRMA_OFFLOAD_DEV: NLA_UNSPEC(8),
    XFRMA_SET_MARK: NLA_U32,
    XFRMA_SET_MARK_MASK: NLA_U32,
    XFRMA_IF_ID: NLA_U32,
    XFRMA_MTIMER_THRESH: NLA_U32,
    XFRMA_SA_DIR: range(NLA_U8, X.XFRM_SA_DIR_IN, X.XFRM_SA_DIR_OUT),
    XFRMA_NAT_KEEPALIVE_INTERVAL: NLA_U32,
    XFRMA_SA_PCPU: NLA_U32,
  },
  { name: 'xfrma_policy', strict_start_type: X.XFRMA_SA_DIR.nr },
)
export const xfrma_spd_policy = policy(
  X.XFRMA_SPD,
  { XFRMA_SPD_IPV4_HTHRESH: NLA_UNSPEC(2), XFRMA_SPD_IPV6_HTHRESH: NLA_UNSPEC(2) },
  { name: 'xfrma_spd_policy' },
)
