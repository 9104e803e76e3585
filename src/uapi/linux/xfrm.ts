/** include/uapi/linux/xfrm.h: messages of NETLINK_XFRM, their structures and attributes. */
import { type AttrSet, attr, attrs } from '../../lib/attrs.ts'
import { struct } from '../../lib/struct.ts'
import { be16, be32, binary, bytes, s32, u8, u16, u32, u64 } from '../../lib/types.ts'

export const XFRM_MSG_BASE = 16
export const XFRM_MSG_NEWSA = 16
export const XFRM_MSG_DELSA = 17
export const XFRM_MSG_GETSA = 18
export const XFRM_MSG_NEWPOLICY = 19
export const XFRM_MSG_DELPOLICY = 20
export const XFRM_MSG_GETPOLICY = 21
export const XFRM_MSG_ALLOCSPI = 22
export const XFRM_MSG_ACQUIRE = 23
export const XFRM_MSG_EXPIRE = 24
export const XFRM_MSG_UPDPOLICY = 25
export const XFRM_MSG_UPDSA = 26
export const XFRM_MSG_POLEXPIRE = 27
export const XFRM_MSG_FLUSHSA = 28
export const XFRM_MSG_FLUSHPOLICY = 29
export const XFRM_MSG_NEWAE = 30
export const XFRM_MSG_GETAE = 31
export const XFRM_MSG_REPORT = 32
export const XFRM_MSG_MIGRATE = 33
export const XFRM_MSG_NEWSADINFO = 34
export const XFRM_MSG_GETSADINFO = 35
export const XFRM_MSG_NEWSPDINFO = 36
export const XFRM_MSG_GETSPDINFO = 37
export const XFRM_MSG_MAPPING = 38
export const XFRM_MSG_SETDEFAULT = 39
export const XFRM_MSG_GETDEFAULT = 40
export const XFRM_MSG_MAX = 40

/** sizeof of what follows the header of each message, from XFRM_MSG_BASE on. */
export const xfrm_msg_min: readonly number[] = [
  224, 24, 24, 168, 64, 64, 232, 280, 232, 168, 224, 176, 1, 0, 48, 48, 60, 64, 0, 4, 4, 4, 64, 3, 3,
]

export const XFRMNLGRP_EXPIRE = 2
export const XFRMNLGRP_SA = 3
export const XFRMNLGRP_POLICY = 4
export const XFRMNLGRP_AEVENTS = 5
export const XFRMNLGRP_MAX = 8

export const XFRM_MODE_TRANSPORT = 0
export const XFRM_MODE_TUNNEL = 1
export const XFRM_MODE_ROUTEOPTIMIZATION = 2
export const XFRM_MODE_BEET = 4
export const XFRM_MODE_MAX = 6
/** usersa_info.flags */
export const XFRM_STATE_DECAP_DSCP = 2
export const XFRM_STATE_NOPMTUDISC = 4
export const XFRM_STATE_WILDRECV = 8
export const XFRM_STATE_ICMP = 16
export const XFRM_STATE_AF_UNSPEC = 32
export const XFRM_STATE_ESN = 128
export const XFRM_SA_XFLAG_DONT_ENCAP_DSCP = 1
export const XFRM_SA_XFLAG_OSEQ_MAY_WRAP = 2
export const XFRM_SA_DIR_IN = 1
export const XFRM_SA_DIR_OUT = 2
export const XFRM_POLICY_IN = 0
export const XFRM_POLICY_OUT = 1
export const XFRM_POLICY_FWD = 2
export const XFRM_POLICY_MAX = 3
export const XFRM_POLICY_ALLOW = 0
export const XFRM_POLICY_BLOCK = 1
export const XFRM_POLICY_TYPE_MAIN = 0
export const XFRM_POLICY_TYPE_SUB = 1
export const XFRM_SHARE_UNIQUE = 3
export const XFRM_USERPOLICY_BLOCK = 1
export const XFRM_USERPOLICY_ACCEPT = 2
export const XFRM_MAX_DEPTH = 6
export const XFRMA_REPLAY_ESN_MAX = 4096
export const XFRM_AE_RTHR = 1
export const XFRM_AE_ETHR = 8
export const XFRM_AE_CU = 32

export const xfrm_selector = struct('xfrm_selector', {
  daddr: bytes(16), saddr: bytes(16), dport: be16, dport_mask: be16, sport: be16, sport_mask: be16, family: u16, prefixlen_d: u8,
  prefixlen_s: u8, proto: u8, ifindex: s32, user: u32,
})
export const xfrm_id = struct('xfrm_id', { daddr: bytes(16), spi: be32, proto: u8 })
/** Any number of bytes or packets may be "no limit": all bits. Read where they are times. */
export const xfrm_lifetime_cfg = struct('xfrm_lifetime_cfg', {
  soft_byte_limit: u64, hard_byte_limit: u64, soft_packet_limit: u64, hard_packet_limit: u64, soft_add_expires_seconds: u64,
  hard_add_expires_seconds: u64, soft_use_expires_seconds: u64, hard_use_expires_seconds: u64,
})
export const xfrm_lifetime_cur = struct('xfrm_lifetime_cur', { bytes: u64, packets: u64, add_time: u64, use_time: u64 })
export const xfrm_stats = struct('xfrm_stats', { replay_window: u32, replay: u32, integrity_failed: u32 })
export const xfrm_mark = struct('xfrm_mark', { v: u32, m: u32 })
export const xfrm_usersa_info = struct('xfrm_usersa_info', {
  sel: bytes(56), id: xfrm_id, saddr: bytes(16), lft: u64_bytes(), curlft: xfrm_lifetime_cur, stats: xfrm_stats, seq: u32, reqid: u32,
  family: u16, mode: u8, replay_window: u8, flags: u8,
})
export const xfrm_usersa_id = struct('xfrm_usersa_id', { daddr: bytes(16), spi: be32, family: u16, proto: u8 })
export const xfrm_userspi_info = struct('xfrm_userspi_info', { info: xfrm_usersa_info, min: u32, max: u32 })
export const xfrm_user_expire = struct('xfrm_user_expire', { state: xfrm_usersa_info, hard: u8 })
export const xfrm_aevent_id = struct('xfrm_aevent_id', { sa_id: xfrm_usersa_id, saddr: bytes(16), flags: u32, reqid: u32 })
export const xfrm_userpolicy_info = struct('xfrm_userpolicy_info', {
  sel: bytes(56), lft: u64_bytes(), curlft: xfrm_lifetime_cur, priority: u32, index: u32, dir: u8, action: u8, flags: u8, share: u8,
})
export const xfrm_userpolicy_id = struct('xfrm_userpolicy_id', { sel: bytes(56), index: u32, dir: u8 })
export const xfrm_user_polexpire = struct('xfrm_user_polexpire', { pol: xfrm_userpolicy_info, hard: u8 })
export const xfrm_user_tmpl = struct('xfrm_user_tmpl', {
  id: xfrm_id, family: u16, saddr: bytes(16), reqid: u32, mode: u8, share: u8, optional: u8, aalgos: u32, ealgos: u32, calgos: u32,
})
export const xfrm_userpolicy_type = struct('xfrm_userpolicy_type', { type: u8, reserved1: u16, reserved2: u8 })
export const xfrm_address_filter = struct('xfrm_address_filter', {
  saddr: bytes(16), daddr: bytes(16), family: u16, splen: u8, dplen: u8,
})
/** struct xfrm_algo, xfrm_algo_auth and xfrm_algo_aead without the key. */
export const XFRM_ALG_NAME = 64
export const xfrm_algo = struct('xfrm_algo', { alg_name: bytes(64), alg_key_len: u32 })
export const xfrm_algo_auth = struct('xfrm_algo_auth', { alg_name: bytes(64), alg_key_len: u32, alg_trunc_len: u32 })
export const xfrm_replay_state = struct('xfrm_replay_state', { oseq: u32, seq: u32, bitmap: u32 })
/** Without its bitmap. */
export const xfrm_replay_state_esn = struct('xfrm_replay_state_esn', {
  bmp_len: u32, oseq: u32, seq: u32, oseq_hi: u32, seq_hi: u32, replay_window: u32,
})
export const XFRM_ENCAP_TMPL_SIZE = 24

/** struct xfrm_lifetime_cfg as it came. */
function u64_bytes() {
  return { ...bytes(64), align: 8 }
}

export const XFRMA_ALG_AUTH = attr(1, binary)
export const XFRMA_ALG_CRYPT = attr(2, binary)
export const XFRMA_ALG_COMP = attr(3, binary)
export const XFRMA_ENCAP = attr(4, binary)
export const XFRMA_TMPL = attr(5, binary)
export const XFRMA_SA = attr(6, binary)
export const XFRMA_POLICY = attr(7, binary)
export const XFRMA_SEC_CTX = attr(8, binary)
export const XFRMA_LTIME_VAL = attr(9, xfrm_lifetime_cur)
export const XFRMA_REPLAY_VAL = attr(10, xfrm_replay_state)
export const XFRMA_REPLAY_THRESH = attr(11, u32)
export const XFRMA_ETIMER_THRESH = attr(12, u32)
export const XFRMA_SRCADDR = attr(13, bytes(16))
export const XFRMA_COADDR = attr(14, bytes(16))
export const XFRMA_LASTUSED = attr(15, u64)
export const XFRMA_POLICY_TYPE = attr(16, xfrm_userpolicy_type)
export const XFRMA_MIGRATE = attr(17, binary)
export const XFRMA_ALG_AEAD = attr(18, binary)
export const XFRMA_KMADDRESS = attr(19, binary)
export const XFRMA_ALG_AUTH_TRUNC = attr(20, binary)
export const XFRMA_MARK = attr(21, xfrm_mark)
export const XFRMA_TFCPAD = attr(22, u32)
export const XFRMA_REPLAY_ESN_VAL = attr(23, binary)
export const XFRMA_SA_EXTRA_FLAGS = attr(24, u32)
export const XFRMA_PROTO = attr(25, u8)
export const XFRMA_ADDRESS_FILTER = attr(26, xfrm_address_filter)
export const XFRMA_OFFLOAD_DEV = attr(28, binary)
export const XFRMA_SET_MARK = attr(29, u32)
export const XFRMA_SET_MARK_MASK = attr(30, u32)
export const XFRMA_IF_ID = attr(31, u32)
export const XFRMA_MTIMER_THRESH = attr(32, u32)
export const XFRMA_SA_DIR = attr(33, u8)
export const XFRMA_NAT_KEEPALIVE_INTERVAL = attr(34, u32)
export const XFRMA_SA_PCPU = attr(35, u32)
export const XFRMA: AttrSet = attrs('XFRMA', {
  XFRMA_ALG_AUTH, XFRMA_ALG_CRYPT, XFRMA_ALG_COMP, XFRMA_ENCAP, XFRMA_TMPL, XFRMA_SA, XFRMA_POLICY, XFRMA_SEC_CTX, XFRMA_LTIME_VAL,
  XFRMA_REPLAY_VAL, XFRMA_REPLAY_THRESH, XFRMA_ETIMER_THRESH, XFRMA_SRCADDR, XFRMA_COADDR, XFRMA_LASTUSED, XFRMA_POLICY_TYPE,
  XFRMA_MIGRATE, XFRMA_ALG_AEAD, XFRMA_KMADDRESS, XFRMA_ALG_AUTH_TRUNC, XFRMA_MARK, XFRMA_TFCPAD, XFRMA_REPLAY_ESN_VAL,
  XFRMA_SA_EXTRA_FLAGS, XFRMA_PROTO, XFRMA_ADDRESS_FILTER, XFRMA_OFFLOAD_DEV, XFRMA_SET_MARK, XFRMA_SET_MARK_MASK, XFRMA_IF_ID,
  XFRMA_MTIMER_THRESH, XFRMA_SA_DIR, XFRMA_NAT_KEEPALIVE_INTERVAL, XFRMA_SA_PCPU,
})

export const XFRMA_SAD_CNT = attr(1, u32)
export const XFRMA_SAD_HINFO = attr(2, binary)
export const XFRMA_SPD_INFO = attr(1, binary)
export const XFRMA_SPD_HINFO = attr(2, binary)
export const XFRMA_SPD_IPV4_HTHRESH = attr(3, binary)
export const XFRMA_SPD_IPV6_HTHRESH = attr(4, binary)
export const XFRMA_SPD: AttrSet = attrs('XFRMA_SPD', {
  XFRMA_SPD_INFO, XFRMA_SPD_HINFO, XFRMA_SPD_IPV4_HTHRESH, XFRMA_SPD_IPV6_HTHRESH,
})
