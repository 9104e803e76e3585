/** include/uapi/linux/tc_act/*.h, and struct tc_police of pkt_cls.h: what actions are told. */
import { type AttrSet, attr, attrs } from '../../lib/attrs.ts'
import { struct } from '../../lib/struct.ts'
import { be16, binary, bytes, s32, u8, u16, u32, u64 } from '../../lib/types.ts'
import { tc_ratespec } from './pkt_sched.ts'

const tc_gen = { index: u32, capab: u32, action: s32, refcnt: s32, bindcnt: s32 }

export const tc_police = struct('tc_police', {
  index: u32, action: s32, limit: u32, burst: u32, mtu: u32, rate: tc_ratespec, peakrate: tc_ratespec, refcnt: s32, bindcnt: s32,
  capab: u32,
})
/** What it was before it had a `capab`. */
export const TC_POLICE_COMPAT_SIZE = 52
export const TCA_POLICE_TBF = attr(1, binary)
export const TCA_POLICE_RATE = attr(2, binary)
export const TCA_POLICE_PEAKRATE = attr(3, binary)
export const TCA_POLICE_AVRATE = attr(4, u32)
export const TCA_POLICE_RESULT = attr(5, s32)
export const TCA_POLICE_TM = attr(6, binary)
export const TCA_POLICE_RATE64 = attr(8, u64)
export const TCA_POLICE_PEAKRATE64 = attr(9, u64)
export const TCA_POLICE_PKTRATE64 = attr(10, u64)
export const TCA_POLICE_PKTBURST64 = attr(11, u64)
export const TCA_POLICE: AttrSet = attrs('TCA_POLICE', {
  TCA_POLICE_TBF, TCA_POLICE_RATE, TCA_POLICE_PEAKRATE, TCA_POLICE_AVRATE, TCA_POLICE_RESULT, TCA_POLICE_TM, TCA_POLICE_RATE64,
  TCA_POLICE_PEAKRATE64, TCA_POLICE_PKTRATE64, TCA_POLICE_PKTBURST64,
})

export const tc_skbedit = struct('tc_skbedit', tc_gen)
export const TCA_SKBEDIT_TM = attr(1, binary)
export const TCA_SKBEDIT_PARMS = attr(2, binary)
export const TCA_SKBEDIT_PRIORITY = attr(3, u32)
export const TCA_SKBEDIT_QUEUE_MAPPING = attr(4, u16)
export const TCA_SKBEDIT_MARK = attr(5, u32)
export const TCA_SKBEDIT_PTYPE = attr(7, u16)
export const TCA_SKBEDIT_MASK = attr(8, u32)
export const TCA_SKBEDIT_FLAGS = attr(9, u64)
export const TCA_SKBEDIT_QUEUE_MAPPING_MAX = attr(10, u16)
export const TCA_SKBEDIT: AttrSet = attrs('TCA_SKBEDIT', {
  TCA_SKBEDIT_TM, TCA_SKBEDIT_PARMS, TCA_SKBEDIT_PRIORITY, TCA_SKBEDIT_QUEUE_MAPPING, TCA_SKBEDIT_MARK, TCA_SKBEDIT_PTYPE,
  TCA_SKBEDIT_MASK, TCA_SKBEDIT_FLAGS, TCA_SKBEDIT_QUEUE_MAPPING_MAX,
})
export const SKBEDIT_F_INHERITDSFIELD = 0x20
export const SKBEDIT_F_TXQ_SKBHASH = 0x40

export const tc_vlan = struct('tc_vlan', { ...tc_gen, v_action: s32 })
export const TCA_VLAN_ACT_POP = 1
export const TCA_VLAN_ACT_PUSH = 2
export const TCA_VLAN_ACT_MODIFY = 3
export const TCA_VLAN_ACT_POP_ETH = 4
export const TCA_VLAN_ACT_PUSH_ETH = 5
export const TCA_VLAN_TM = attr(1, binary)
export const TCA_VLAN_PARMS = attr(2, binary)
export const TCA_VLAN_PUSH_VLAN_ID = attr(3, u16)
export const TCA_VLAN_PUSH_VLAN_PROTOCOL = attr(4, be16)
export const TCA_VLAN_PUSH_VLAN_PRIORITY = attr(6, u8)
export const TCA_VLAN_PUSH_ETH_DST = attr(7, bytes(6))
export const TCA_VLAN_PUSH_ETH_SRC = attr(8, bytes(6))
export const TCA_VLAN: AttrSet = attrs('TCA_VLAN', {
  TCA_VLAN_TM, TCA_VLAN_PARMS, TCA_VLAN_PUSH_VLAN_ID, TCA_VLAN_PUSH_VLAN_PROTOCOL, TCA_VLAN_PUSH_VLAN_PRIORITY,
  TCA_VLAN_PUSH_ETH_DST, TCA_VLAN_PUSH_ETH_SRC,
})

/** struct tc_pedit_sel without its keys. */
export const tc_pedit = struct('tc_pedit', { ...tc_gen, nkeys: u8, flags: u8 })
export const tc_pedit_key = struct('tc_pedit_key', { mask: u32, val: u32, off: s32, at: s32, offmask: u32, shift: u32 })
export const TCA_PEDIT_TM = attr(1, binary)
export const TCA_PEDIT_PARMS = attr(2, binary)
export const TCA_PEDIT_PARMS_EX = attr(4, binary)
export const TCA_PEDIT_KEYS_EX = attr(5, binary)
export const TCA_PEDIT_KEY_EX = attr(6, binary)
export const TCA_PEDIT: AttrSet = attrs('TCA_PEDIT', {
  TCA_PEDIT_TM, TCA_PEDIT_PARMS, TCA_PEDIT_PARMS_EX, TCA_PEDIT_KEYS_EX, TCA_PEDIT_KEY_EX,
})
export const TCA_PEDIT_KEY_EX_HTYPE = attr(1, u16)
export const TCA_PEDIT_KEY_EX_CMD = attr(2, u16)
export const TCA_PEDIT_KEY_EX_SET: AttrSet = attrs('TCA_PEDIT_KEY_EX', { TCA_PEDIT_KEY_EX_HTYPE, TCA_PEDIT_KEY_EX_CMD })
/** Where a key's offset begins. */
export const TCA_PEDIT_KEY_EX_HDR_TYPE_NETWORK = 0
export const TCA_PEDIT_KEY_EX_HDR_TYPE_ETH = 1
export const TCA_PEDIT_KEY_EX_HDR_TYPE_TCP = 4
export const TCA_PEDIT_KEY_EX_HDR_TYPE_UDP = 5
export const TCA_PEDIT_KEY_EX_CMD_SET = 0
export const TCA_PEDIT_KEY_EX_CMD_ADD = 1

export const tc_csum = struct('tc_csum', { ...tc_gen, update_flags: u32 })
export const TCA_CSUM_PARMS = attr(1, binary)
export const TCA_CSUM_TM = attr(2, binary)
export const TCA_CSUM: AttrSet = attrs('TCA_CSUM', { TCA_CSUM_PARMS, TCA_CSUM_TM }, 3)
export const TCA_CSUM_UPDATE_FLAG_IPV4HDR = 1
export const TCA_CSUM_UPDATE_FLAG_ICMP = 2
export const TCA_CSUM_UPDATE_FLAG_IGMP = 4
export const TCA_CSUM_UPDATE_FLAG_TCP = 8
export const TCA_CSUM_UPDATE_FLAG_UDP = 16
export const TCA_CSUM_UPDATE_FLAG_UDPLITE = 32

export const tc_tunnel_key = struct('tc_tunnel_key', { ...tc_gen, t_action: s32 })
export const TCA_TUNNEL_KEY_ACT_SET = 1
export const TCA_TUNNEL_KEY_ACT_RELEASE = 2
export const TCA_TUNNEL_KEY_TM = attr(1, binary)
export const TCA_TUNNEL_KEY_PARMS = attr(2, binary)
export const TCA_TUNNEL_KEY_ENC_IPV4_SRC = attr(3, bytes(4))
export const TCA_TUNNEL_KEY_ENC_IPV4_DST = attr(4, bytes(4))
export const TCA_TUNNEL_KEY_ENC_IPV6_SRC = attr(5, bytes(16))
export const TCA_TUNNEL_KEY_ENC_IPV6_DST = attr(6, bytes(16))
export const TCA_TUNNEL_KEY_ENC_KEY_ID = attr(7, bytes(4))
export const TCA_TUNNEL_KEY_ENC_DST_PORT = attr(9, be16)
export const TCA_TUNNEL_KEY_NO_CSUM = attr(10, u8)
export const TCA_TUNNEL_KEY_ENC_OPTS = attr(11, binary)
export const TCA_TUNNEL_KEY_ENC_TOS = attr(12, u8)
export const TCA_TUNNEL_KEY_ENC_TTL = attr(13, u8)
export const TCA_TUNNEL_KEY_NO_FRAG = attr(14, binary)
export const TCA_TUNNEL_KEY: AttrSet = attrs('TCA_TUNNEL_KEY', {
  TCA_TUNNEL_KEY_TM, TCA_TUNNEL_KEY_PARMS, TCA_TUNNEL_KEY_ENC_IPV4_SRC, TCA_TUNNEL_KEY_ENC_IPV4_DST, TCA_TUNNEL_KEY_ENC_IPV6_SRC,
  TCA_TUNNEL_KEY_ENC_IPV6_DST, TCA_TUNNEL_KEY_ENC_KEY_ID, TCA_TUNNEL_KEY_ENC_DST_PORT, TCA_TUNNEL_KEY_NO_CSUM,
  TCA_TUNNEL_KEY_ENC_OPTS, TCA_TUNNEL_KEY_ENC_TOS, TCA_TUNNEL_KEY_ENC_TTL, TCA_TUNNEL_KEY_NO_FRAG,
})

export const tc_connmark = struct('tc_connmark', { ...tc_gen, zone: u16 })
export const TCA_CONNMARK_PARMS = attr(1, binary)
export const TCA_CONNMARK_TM = attr(2, binary)
export const TCA_CONNMARK: AttrSet = attrs('TCA_CONNMARK', { TCA_CONNMARK_PARMS, TCA_CONNMARK_TM }, 3)
