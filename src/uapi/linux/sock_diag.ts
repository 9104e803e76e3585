/** include/uapi/linux/{sock_diag,inet_diag}.h */
import { struct } from '../../lib/struct.ts'
import { u8, u32 } from '../../lib/types.ts'

export const TCPDIAG_GETSOCK = 18
export const DCCPDIAG_GETSOCK = 19
export const SOCK_DIAG_BY_FAMILY = 20
export const SOCK_DESTROY = 21

export const sock_diag_req = struct('sock_diag_req', { sdiag_family: u8, sdiag_protocol: u8 })
/** Then struct inet_diag_sockid, 48 bytes. */
export const inet_diag_req_v2 = struct('inet_diag_req_v2', { sdiag_family: u8, sdiag_protocol: u8, idiag_ext: u8, pad: u8, idiag_states: u32 })
export const INET_DIAG_REQ_V2_SIZE = 56
export const INET_DIAG_MSG_SIZE = 72

export const INET_DIAG_REQ_BYTECODE = 1
export const INET_DIAG_REQ_PROTOCOL = 3

/** Attributes of answers; a request names those it wants by bit (idiag_ext), counted from 1. */
export const INET_DIAG_MEMINFO = 1
export const INET_DIAG_CONG = 4
export const INET_DIAG_TOS = 5
export const INET_DIAG_TCLASS = 6
export const INET_DIAG_SKMEMINFO = 7
export const INET_DIAG_SHUTDOWN = 8
export const INET_DIAG_PROTOCOL = 10
export const INET_DIAG_SKV6ONLY = 11
export const INET_DIAG_MARK = 15
export const INET_DIAG_CLASS_ID = 17
export const INET_DIAG_CGROUP_ID = 21
export const INET_DIAG_SOCKOPT = 22

/** struct inet_diag_req, of old programs: family, two lengths, idiag_ext, struct inet_diag_sockid, states, dbs. */
export const INET_DIAG_REQ_SIZE = 60

// inet_diag_bc_op.code
export const INET_DIAG_BC_NOP = 0
export const INET_DIAG_BC_JMP = 1
export const INET_DIAG_BC_S_GE = 2
export const INET_DIAG_BC_S_LE = 3
export const INET_DIAG_BC_D_GE = 4
export const INET_DIAG_BC_D_LE = 5
export const INET_DIAG_BC_AUTO = 6
export const INET_DIAG_BC_S_COND = 7
export const INET_DIAG_BC_D_COND = 8
export const INET_DIAG_BC_DEV_COND = 9
export const INET_DIAG_BC_MARK_COND = 10
export const INET_DIAG_BC_S_EQ = 11
export const INET_DIAG_BC_D_EQ = 12
export const INET_DIAG_BC_CGROUP_COND = 13
