/** include/uapi/linux/dcbnl.h: Data Center Bridging. */
import { type AttrSet, attr, attrs } from '../../lib/attrs.ts'
import { binary, flag, string, u8 } from '../../lib/types.ts'

export const DCB_CMD_UNDEFINED = 0
export const DCB_CMD_GSTATE = 1
export const DCB_CMD_SSTATE = 2
export const DCB_CMD_PGTX_SCFG = 4
export const DCB_CMD_PGRX_SCFG = 6
export const DCB_CMD_PFC_SCFG = 8
export const DCB_CMD_SET_ALL = 9
export const DCB_CMD_SNUMTCS = 13
export const DCB_CMD_PFC_SSTATE = 15
export const DCB_CMD_BCN_SCFG = 17
export const DCB_CMD_SAPP = 19
export const DCB_CMD_IEEE_SET = 20
export const DCB_CMD_SDCBX = 23
export const DCB_CMD_SFEATCFG = 25
export const DCB_CMD_IEEE_DEL = 27
export const DCB_CMD_MAX = 27

export const DCB_ATTR_IFNAME = attr(1, string(15))
export const DCB_ATTR_STATE = attr(2, u8)
export const DCB_ATTR_PFC_STATE = attr(3, u8)
export const DCB_ATTR_PFC_CFG = attr(4, binary)
export const DCB_ATTR_NUM_TC = attr(5, u8)
export const DCB_ATTR_PG_CFG = attr(6, binary)
export const DCB_ATTR_SET_ALL = attr(7, u8)
export const DCB_ATTR_PERM_HWADDR = attr(8, flag)
export const DCB_ATTR_CAP = attr(9, binary)
export const DCB_ATTR_NUMTCS = attr(10, binary)
export const DCB_ATTR_BCN = attr(11, binary)
export const DCB_ATTR_APP = attr(12, binary)
export const DCB_ATTR_IEEE = attr(13, binary)
export const DCB_ATTR_DCBX = attr(14, u8)
export const DCB_ATTR_FEATCFG = attr(15, binary)
export const DCB_ATTR: AttrSet = attrs(
  'DCB_ATTR',
  {
    DCB_ATTR_IFNAME, DCB_ATTR_STATE, DCB_ATTR_PFC_STATE, DCB_ATTR_PFC_CFG, DCB_ATTR_NUM_TC, DCB_ATTR_PG_CFG, DCB_ATTR_SET_ALL,
    DCB_ATTR_PERM_HWADDR, DCB_ATTR_CAP, DCB_ATTR_NUMTCS, DCB_ATTR_BCN, DCB_ATTR_APP, DCB_ATTR_IEEE, DCB_ATTR_DCBX, DCB_ATTR_FEATCFG,
  },
  16,
)
