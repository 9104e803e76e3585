/** include/uapi/linux/netlink.h */
import { type AttrSet, attr, attrs, nested } from '../../lib/attrs.ts'
import { struct } from '../../lib/struct.ts'
import { binary, s32, string, u16, u32 } from '../../lib/types.ts'

export const NETLINK_ROUTE = 0
export const NETLINK_USERSOCK = 2
export const NETLINK_FIREWALL = 3
export const NETLINK_SOCK_DIAG = 4
export const NETLINK_NFLOG = 5
export const NETLINK_XFRM = 6
export const NETLINK_SELINUX = 7
export const NETLINK_ISCSI = 8
export const NETLINK_AUDIT = 9
export const NETLINK_FIB_LOOKUP = 10
export const NETLINK_CONNECTOR = 11
export const NETLINK_NETFILTER = 12
export const NETLINK_KOBJECT_UEVENT = 15
export const NETLINK_GENERIC = 16
export const NETLINK_CRYPTO = 21
export const MAX_LINKS = 32

export const sockaddr_nl = struct('sockaddr_nl', { nl_family: u16, nl_pad: u16, nl_pid: u32, nl_groups: u32 })
export const nlmsghdr = struct('nlmsghdr', { nlmsg_len: u32, nlmsg_type: u16, nlmsg_flags: u16, nlmsg_seq: u32, nlmsg_pid: u32 })
export const nlmsgerr = struct('nlmsgerr', { error: s32, msg: nlmsghdr })

export const NLMSG_NOOP = 1
export const NLMSG_ERROR = 2
export const NLMSG_DONE = 3
export const NLMSG_OVERRUN = 4
export const NLMSG_MIN_TYPE = 0x10

export const NLM_F_REQUEST = 0x01
export const NLM_F_MULTI = 0x02
export const NLM_F_ACK = 0x04
export const NLM_F_ECHO = 0x08
export const NLM_F_DUMP_INTR = 0x10
export const NLM_F_DUMP_FILTERED = 0x20
export const NLM_F_ROOT = 0x100
export const NLM_F_MATCH = 0x200
export const NLM_F_ATOMIC = 0x400
export const NLM_F_DUMP = NLM_F_ROOT | NLM_F_MATCH
export const NLM_F_REPLACE = 0x100
export const NLM_F_EXCL = 0x200
export const NLM_F_CREATE = 0x400
export const NLM_F_APPEND = 0x800
export const NLM_F_NONREC = 0x100
export const NLM_F_BULK = 0x200
export const NLM_F_CAPPED = 0x100
export const NLM_F_ACK_TLVS = 0x200

export const NETLINK_ADD_MEMBERSHIP = 1
export const NETLINK_DROP_MEMBERSHIP = 2
export const NETLINK_PKTINFO = 3
export const NETLINK_BROADCAST_ERROR = 4
export const NETLINK_NO_ENOBUFS = 5
export const NETLINK_LISTEN_ALL_NSID = 8
export const NETLINK_LIST_MEMBERSHIPS = 9
export const NETLINK_CAP_ACK = 10
export const NETLINK_EXT_ACK = 11
export const NETLINK_GET_STRICT_CHK = 12

export const NLMSGERR_ATTR_MSG = attr(1, string())
export const NLMSGERR_ATTR_OFFS = attr(2, u32)
export const NLMSGERR_ATTR_COOKIE = attr(3, binary)
export const NLMSGERR_ATTR_POLICY = attr(4, nested(() => NL_POLICY_TYPE_ATTR))
export const NLMSGERR_ATTR_MISS_TYPE = attr(5, u32)
export const NLMSGERR_ATTR_MISS_NEST = attr(6, u32)
export const NLMSGERR: AttrSet = attrs('NLMSGERR', {
  NLMSGERR_ATTR_MSG, NLMSGERR_ATTR_OFFS, NLMSGERR_ATTR_COOKIE, NLMSGERR_ATTR_POLICY, NLMSGERR_ATTR_MISS_TYPE, NLMSGERR_ATTR_MISS_NEST,
})

export const NL_POLICY_TYPE_ATTR_TYPE = attr(1, u32)
export const NL_POLICY_TYPE_ATTR_MIN_VALUE_S = attr(2, binary)
export const NL_POLICY_TYPE_ATTR_MAX_VALUE_S = attr(3, binary)
export const NL_POLICY_TYPE_ATTR_MIN_VALUE_U = attr(4, binary)
export const NL_POLICY_TYPE_ATTR_MAX_VALUE_U = attr(5, binary)
export const NL_POLICY_TYPE_ATTR_MIN_LENGTH = attr(6, u32)
export const NL_POLICY_TYPE_ATTR_MAX_LENGTH = attr(7, u32)
export const NL_POLICY_TYPE_ATTR_POLICY_IDX = attr(8, u32)
export const NL_POLICY_TYPE_ATTR_POLICY_MAXTYPE = attr(9, u32)
export const NL_POLICY_TYPE_ATTR_BITFIELD32_MASK = attr(10, u32)
export const NL_POLICY_TYPE_ATTR_PAD = attr(11, binary)
export const NL_POLICY_TYPE_ATTR_MASK = attr(12, binary)
export const NL_POLICY_TYPE_ATTR: AttrSet = attrs('NL_POLICY_TYPE_ATTR', {
  NL_POLICY_TYPE_ATTR_TYPE, NL_POLICY_TYPE_ATTR_MIN_VALUE_S, NL_POLICY_TYPE_ATTR_MAX_VALUE_S, NL_POLICY_TYPE_ATTR_MIN_VALUE_U,
  NL_POLICY_TYPE_ATTR_MAX_VALUE_U, NL_POLICY_TYPE_ATTR_MIN_LENGTH, NL_POLICY_TYPE_ATTR_MAX_LENGTH, NL_POLICY_TYPE_ATTR_POLICY_IDX,
  NL_POLICY_TYPE_ATTR_POLICY_MAXTYPE, NL_POLICY_TYPE_ATTR_BITFIELD32_MASK, NL_POLICY_TYPE_ATTR_PAD, NL_POLICY_TYPE_ATTR_MASK,
})
/** NL_ATTR_TYPE_* of a policy dump. */
export const NL_ATTR_TYPE = {
  INVALID: 0, FLAG: 1, U8: 2, U16: 3, U32: 4, U64: 5, S8: 6, S16: 7, S32: 8, S64: 9, BINARY: 10, STRING: 11, NUL_STRING: 12,
  NESTED: 13, NESTED_ARRAY: 14, BITFIELD32: 15, SINT: 16, UINT: 17,
} as const
