/** net/sched/act_api.c: what requests for actions may carry. */
import { TCA_ACT, TCA_ACT_LIST } from '../../uapi/linux/pkt_cls.ts'
import { TCA_ROOT } from '../../uapi/linux/rtnetlink_more.ts'
import { NLA_BINARY, NLA_BITFIELD32, NLA_NESTED, NLA_STRING, NLA_U32, policy } from '../netlink/policy.ts'

const TC_COOKIE_MAX_SIZE = 16
const TCA_ACT_FLAGS_VALID = 3
const TCA_ACT_HW_STATS_VALID = 3

export const tca_root_none = policy(TCA_ROOT, {}, { name: 'tca_root' })
export const tca_act_list = policy(TCA_ACT_LIST, {}, { name: 'tca_act_list' })
export const tcf_action_policy = policy(
  TCA_ACT,
  {
    TCA_ACT_KIND: NLA_STRING(),
    TCA_ACT_INDEX: NLA_U32,
    TCA_ACT_COOKIE: NLA_BINARY(TC_COOKIE_MAX_SIZE),
    TCA_ACT_OPTIONS: NLA_NESTED(),
    TCA_ACT_FLAGS: NLA_BITFIELD32(TCA_ACT_FLAGS_VALID),
    TCA_ACT_HW_STATS: NLA_BITFIELD32(TCA_ACT_HW_STATS_VALID),
  },
  { name: 'tcf_action_policy' },
)
export const tcaa_policy = policy(TCA_ROOT, { TCA_ROOT_FLAGS: NLA_BITFIELD32(3), TCA_ROOT_TIME_DELTA: NLA_U32 }, { name: 'tcaa_policy' })
