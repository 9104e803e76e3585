/** include/uapi/linux/if_bonding.h: modes, states and the structs of the bonding ioctls. */
import { struct } from '../../lib/struct.ts'
import { s32 } from '../../lib/types.ts'

/** Requests of ifenslave before 2.6, as private ioctls. */
export const BOND_ENSLAVE_OLD = 0x89f0
export const BOND_RELEASE_OLD = 0x89f1
export const BOND_SETHWADDR_OLD = 0x89f2
export const BOND_SLAVE_INFO_QUERY_OLD = 0x89fb
export const BOND_INFO_QUERY_OLD = 0x89fc
export const BOND_CHANGE_ACTIVE_OLD = 0x89fd

export const BOND_MODE_ROUNDROBIN = 0
export const BOND_MODE_ACTIVEBACKUP = 1
export const BOND_MODE_XOR = 2
export const BOND_MODE_BROADCAST = 3
export const BOND_MODE_8023AD = 4
export const BOND_MODE_TLB = 5
export const BOND_MODE_ALB = 6

/** Link as the monitor sees it: fail and back are on their way down and up. */
export const BOND_LINK_UP = 0
export const BOND_LINK_FAIL = 1
export const BOND_LINK_DOWN = 2
export const BOND_LINK_BACK = 3

export const BOND_STATE_ACTIVE = 0
export const BOND_STATE_BACKUP = 1

export const BOND_XMIT_POLICY_LAYER2 = 0
export const BOND_XMIT_POLICY_LAYER34 = 1
export const BOND_XMIT_POLICY_LAYER23 = 2
export const BOND_XMIT_POLICY_ENCAP23 = 3
export const BOND_XMIT_POLICY_ENCAP34 = 4
export const BOND_XMIT_POLICY_VLAN_SRCMAC = 5

/** Bits of a port's state in LACP (IEEE 802.3ad 43.4.2.2). */
export const LACP_STATE_LACP_ACTIVITY = 0x1
export const LACP_STATE_LACP_TIMEOUT = 0x2
export const LACP_STATE_AGGREGATION = 0x4
export const LACP_STATE_SYNCHRONIZATION = 0x8
export const LACP_STATE_COLLECTING = 0x10
export const LACP_STATE_DISTRIBUTING = 0x20
export const LACP_STATE_DEFAULTED = 0x40
export const LACP_STATE_EXPIRED = 0x80

export const ifbond = struct('ifbond', { bond_mode: s32, num_slaves: s32, miimon: s32 })
/** struct ifslave: its fields' offsets (the name is 16 bytes). */
export const IFSLAVE_SIZE = 28
export const IFSLAVE_NAME = 4
export const IFSLAVE_LINK = 20
export const IFSLAVE_STATE = 21
export const IFSLAVE_FAILURES = 24
