/**
 * net/ethtool/{privflags,eee,fec,eeprom,module,pse-pd,plca,mm}.c: what needs a driver or a PHY that none here is: private
 * flags, energy saving, error correction, pluggable modules, power over Ethernet, collision avoidance, frame preemption.
 * Requests are checked as in Linux; then the answer is what Linux says of a device without the operation.
 */
import type { AttrTable } from '../../lib/attrs.ts'
import { EINVAL, EOPNOTSUPP, type Errno } from '../../uapi/errno.ts'
import * as E from '../../uapi/linux/ethtool_netlink.ts'
import { max, NLA_NESTED, NLA_NUL_STRING, NLA_U8, NLA_U32, policy, range } from '../netlink/policy.ts'
import {
  type ethnl_context,
  type ethnl_req_info,
  type ethnl_request_ops,
  ethnl_ops_begin,
  HEADER,
  HEADER_PHY,
  HEADER_STATS,
} from './request.ts'

function no_operation(): Errno {
  return EOPNOTSUPP
}
const nothing = () => undefined
const absent = { prepare_data: no_operation, fill_reply: nothing }

export const ethnl_privflags_request_ops: ethnl_request_ops = {
  ...absent,
  name: 'privflags',
  get: E.ETHTOOL_MSG.PRIVFLAGS_GET,
  reply: E.ETHTOOL_KMSG.PRIVFLAGS_GET_REPLY,
  set: E.ETHTOOL_MSG.PRIVFLAGS_SET,
  header: E.ETHTOOL_A_PRIVFLAGS_HEADER,
  get_policy: policy(E.ETHTOOL_A_PRIVFLAGS, { ETHTOOL_A_PRIVFLAGS_HEADER: HEADER }, { name: 'ethnl_privflags_get_policy', maxtype: 1 }),
  set_policy: policy(
    E.ETHTOOL_A_PRIVFLAGS,
    { ETHTOOL_A_PRIVFLAGS_HEADER: HEADER, ETHTOOL_A_PRIVFLAGS_FLAGS: NLA_NESTED() },
    { name: 'ethnl_privflags_set_policy' },
  ),
  set_validate: (_info, _req, tb) => (tb.has(E.ETHTOOL_A_PRIVFLAGS_FLAGS) ? EOPNOTSUPP : EINVAL),
}
export const ethnl_eee_request_ops: ethnl_request_ops = {
  ...absent,
  name: 'eee',
  get: E.ETHTOOL_MSG.EEE_GET,
  reply: E.ETHTOOL_KMSG.EEE_GET_REPLY,
  set: E.ETHTOOL_MSG.EEE_SET,
  header: E.ETHTOOL_A_EEE_HEADER,
  get_policy: policy(E.ETHTOOL_A_EEE, { ETHTOOL_A_EEE_HEADER: HEADER }, { name: 'ethnl_eee_get_policy', maxtype: 1 }),
  set_policy: policy(
    E.ETHTOOL_A_EEE,
    {
      ETHTOOL_A_EEE_HEADER: HEADER,
      ETHTOOL_A_EEE_MODES_OURS: NLA_NESTED(),
      ETHTOOL_A_EEE_ENABLED: NLA_U8,
      ETHTOOL_A_EEE_TX_LPI_ENABLED: NLA_U8,
      ETHTOOL_A_EEE_TX_LPI_TIMER: NLA_U32,
    },
    { name: 'ethnl_eee_set_policy' },
  ),
  set_validate: no_operation,
}
export const ethnl_fec_request_ops: ethnl_request_ops = {
  ...absent,
  name: 'fec',
  get: E.ETHTOOL_MSG.FEC_GET,
  reply: E.ETHTOOL_KMSG.FEC_GET_REPLY,
  set: E.ETHTOOL_MSG.FEC_SET,
  header: E.ETHTOOL_A_FEC_HEADER,
  get_policy: policy(E.ETHTOOL_A_FEC, { ETHTOOL_A_FEC_HEADER: HEADER_STATS }, { name: 'ethnl_fec_get_policy', maxtype: 1 }),
  set_policy: policy(
    E.ETHTOOL_A_FEC,
    { ETHTOOL_A_FEC_HEADER: HEADER, ETHTOOL_A_FEC_MODES: NLA_NESTED(), ETHTOOL_A_FEC_AUTO: max(NLA_U8, 1) },
    { name: 'ethnl_fec_set_policy', maxtype: E.ETHTOOL_A_FEC_AUTO.nr },
  ),
  set_validate: no_operation,
}

const MODULE_EEPROM_PAGE_LEN = 128
const MODULE_I2C_ADDRESS_MAX = 0x7f
/** eeprom_parse_request(): what has to be there, and what of a page may be asked for. */
function eeprom_parse_request({ extack }: ethnl_context, tb: AttrTable): Errno | undefined {
  const [offset, length] = [tb.get(E.ETHTOOL_A_MODULE_EEPROM_OFFSET), tb.get(E.ETHTOOL_A_MODULE_EEPROM_LENGTH)]
  const [page, i2c] = [tb.get(E.ETHTOOL_A_MODULE_EEPROM_PAGE), tb.get(E.ETHTOOL_A_MODULE_EEPROM_I2C_ADDRESS)]
  if (offset === undefined || length === undefined || page === undefined || i2c === undefined) return EINVAL
  const bad = (at: number, text: string) => extack.fail(EINVAL, text, at)
  if (page !== 0 && offset < MODULE_EEPROM_PAGE_LEN)
    return bad(tb.at(E.ETHTOOL_A_MODULE_EEPROM_PAGE), 'reading from lower half page is allowed for page 0 only')
  if (offset < MODULE_EEPROM_PAGE_LEN && offset + length > MODULE_EEPROM_PAGE_LEN)
    return bad(tb.at(E.ETHTOOL_A_MODULE_EEPROM_LENGTH), 'reading cross half page boundary is illegal')
  if (offset + length > 2 * MODULE_EEPROM_PAGE_LEN)
    return bad(tb.at(E.ETHTOOL_A_MODULE_EEPROM_LENGTH), 'reading cross page boundary is illegal')
  return undefined
}
export const ethnl_module_eeprom_request_ops: ethnl_request_ops = {
  ...absent,
  name: 'module_eeprom',
  get: E.ETHTOOL_MSG.MODULE_EEPROM_GET,
  reply: E.ETHTOOL_KMSG.MODULE_EEPROM_GET_REPLY,
  admin: true,
  header: E.ETHTOOL_A_MODULE_EEPROM_HEADER,
  get_policy: policy(
    E.ETHTOOL_A_MODULE_EEPROM,
    {
      ETHTOOL_A_MODULE_EEPROM_HEADER: HEADER,
      ETHTOOL_A_MODULE_EEPROM_OFFSET: max(NLA_U32, 2 * MODULE_EEPROM_PAGE_LEN - 1),
      ETHTOOL_A_MODULE_EEPROM_LENGTH: range(NLA_U32, 1, MODULE_EEPROM_PAGE_LEN),
      ETHTOOL_A_MODULE_EEPROM_PAGE: NLA_U8,
      ETHTOOL_A_MODULE_EEPROM_BANK: NLA_U8,
      ETHTOOL_A_MODULE_EEPROM_I2C_ADDRESS: range(NLA_U8, 0, MODULE_I2C_ADDRESS_MAX),
    },
    { name: 'ethnl_module_eeprom_get_policy', maxtype: E.ETHTOOL_A_MODULE_EEPROM_I2C_ADDRESS.nr },
  ),
  parse_request: eeprom_parse_request,
}
/** A device without modules answers, with nothing in it. */
export const ethnl_module_request_ops: ethnl_request_ops = {
  name: 'module',
  get: E.ETHTOOL_MSG.MODULE_GET,
  reply: E.ETHTOOL_KMSG.MODULE_GET_REPLY,
  set: E.ETHTOOL_MSG.MODULE_SET,
  header: E.ETHTOOL_A_MODULE_HEADER,
  get_policy: policy(E.ETHTOOL_A_MODULE, { ETHTOOL_A_MODULE_HEADER: HEADER }, { name: 'ethnl_module_get_policy', maxtype: 1 }),
  set_policy: policy(
    E.ETHTOOL_A_MODULE,
    { ETHTOOL_A_MODULE_HEADER: HEADER, ETHTOOL_A_MODULE_POWER_MODE_POLICY: range(NLA_U8, 1, 2) },
    { name: 'ethnl_module_set_policy', maxtype: E.ETHTOOL_A_MODULE_POWER_MODE_POLICY.nr },
  ),
  prepare_data: ({ dev }: ethnl_req_info) => ethnl_ops_begin(dev),
  fill_reply: nothing,
  set_validate(_info, { extack }, tb) {
    const at = tb.at(E.ETHTOOL_A_MODULE_POWER_MODE_POLICY)
    return at !== 0 && extack.fail(EOPNOTSUPP, 'Setting power mode policy is not supported by this device', at)
  },
}
export const ethnl_pse_request_ops: ethnl_request_ops = {
  ...absent,
  name: 'pse',
  get: E.ETHTOOL_MSG.PSE_GET,
  reply: E.ETHTOOL_KMSG.PSE_GET_REPLY,
  set: E.ETHTOOL_MSG.PSE_SET,
  header: E.ETHTOOL_A_PSE_HEADER,
  get_policy: policy(E.ETHTOOL_A_PSE, { ETHTOOL_A_PSE_HEADER: HEADER_PHY }, { name: 'ethnl_pse_get_policy', maxtype: 1 }),
  set_policy: policy(
    E.ETHTOOL_A_PSE,
    {
      ETHTOOL_A_PSE_HEADER: HEADER_PHY,
      ETHTOOL_A_PODL_PSE_ADMIN_CONTROL: range(NLA_U32, 2, 3),
      ETHTOOL_A_C33_PSE_ADMIN_CONTROL: range(NLA_U32, 2, 3),
      ETHTOOL_A_C33_PSE_AVAIL_PW_LIMIT: NLA_U32,
    },
    { name: 'ethnl_pse_set_policy' },
  ),
  prepare_data: (_info, req) => req?.extack.fail(EOPNOTSUPP, 'No PHY found') ?? EOPNOTSUPP,
  set_validate: (_info, { extack }) => extack.fail(EOPNOTSUPP, 'No PHY is attached'),
}
const plca_get = (name: string) =>
  policy(E.ETHTOOL_A_PLCA, { ETHTOOL_A_PLCA_HEADER: HEADER_PHY }, { name: `ethnl_plca_get_${name}_policy`, maxtype: 1 })
export const ethnl_plca_cfg_request_ops: ethnl_request_ops = {
  ...absent,
  name: 'plca_cfg',
  get: E.ETHTOOL_MSG.PLCA_GET_CFG,
  reply: E.ETHTOOL_KMSG.PLCA_GET_CFG_REPLY,
  set: E.ETHTOOL_MSG.PLCA_SET_CFG,
  header: E.ETHTOOL_A_PLCA_HEADER,
  get_policy: plca_get('cfg'),
  set_policy: policy(
    E.ETHTOOL_A_PLCA,
    {
      ETHTOOL_A_PLCA_HEADER: HEADER_PHY,
      ETHTOOL_A_PLCA_ENABLED: max(NLA_U8, 1),
      ETHTOOL_A_PLCA_NODE_ID: max(NLA_U32, 255),
      ETHTOOL_A_PLCA_NODE_CNT: range(NLA_U32, 1, 255),
      ETHTOOL_A_PLCA_TO_TMR: max(NLA_U32, 255),
      ETHTOOL_A_PLCA_BURST_CNT: max(NLA_U32, 255),
      ETHTOOL_A_PLCA_BURST_TMR: max(NLA_U32, 255),
    },
    { name: 'ethnl_plca_set_cfg_policy' },
  ),
  set_validate: no_operation,
}
export const ethnl_plca_status_request_ops: ethnl_request_ops = {
  ...absent,
  name: 'plca_status',
  get: E.ETHTOOL_MSG.PLCA_GET_STATUS,
  reply: E.ETHTOOL_KMSG.PLCA_GET_STATUS_REPLY,
  header: E.ETHTOOL_A_PLCA_HEADER,
  get_policy: plca_get('status'),
}
export const ethnl_mm_request_ops: ethnl_request_ops = {
  ...absent,
  name: 'mm',
  get: E.ETHTOOL_MSG.MM_GET,
  reply: E.ETHTOOL_KMSG.MM_GET_REPLY,
  set: E.ETHTOOL_MSG.MM_SET,
  header: E.ETHTOOL_A_MM_HEADER,
  get_policy: policy(E.ETHTOOL_A_MM, { ETHTOOL_A_MM_HEADER: HEADER_STATS }, { name: 'ethnl_mm_get_policy', maxtype: 1 }),
  set_policy: policy(
    E.ETHTOOL_A_MM,
    {
      ETHTOOL_A_MM_HEADER: HEADER,
      ETHTOOL_A_MM_VERIFY_ENABLED: max(NLA_U8, 1),
      ETHTOOL_A_MM_VERIFY_TIME: range(NLA_U32, 1, 128),
      ETHTOOL_A_MM_TX_ENABLED: max(NLA_U8, 1),
      ETHTOOL_A_MM_PMAC_ENABLED: max(NLA_U8, 1),
      ETHTOOL_A_MM_TX_MIN_FRAG_SIZE: range(NLA_U32, 60, 252),
    },
    { name: 'ethnl_mm_set_policy' },
  ),
  set_validate: no_operation,
}

/** Acts that have no reply of the usual kind. */
export const ethnl_cable_test_act_policy = policy(
  E.ETHTOOL_A_CABLE_TEST,
  { ETHTOOL_A_CABLE_TEST_HEADER: HEADER_PHY },
  { name: 'ethnl_cable_test_act_policy' },
)
export const ethnl_cable_test_tdr_act_policy = policy(
  E.ETHTOOL_A_CABLE_TEST_TDR,
  { ETHTOOL_A_CABLE_TEST_TDR_HEADER: HEADER_PHY, ETHTOOL_A_CABLE_TEST_TDR_CFG: NLA_NESTED() },
  { name: 'ethnl_cable_test_tdr_act_policy' },
)
export const ethnl_tunnel_info_get_policy = policy(
  E.ETHTOOL_A_TUNNEL_INFO,
  { ETHTOOL_A_TUNNEL_INFO_HEADER: HEADER },
  { name: 'ethnl_tunnel_info_get_policy' },
)
export const ethnl_module_fw_flash_act_policy = policy(
  E.ETHTOOL_A_MODULE_FW_FLASH,
  {
    ETHTOOL_A_MODULE_FW_FLASH_HEADER: HEADER,
    ETHTOOL_A_MODULE_FW_FLASH_FILE_NAME: NLA_NUL_STRING(),
    ETHTOOL_A_MODULE_FW_FLASH_PASSWORD: NLA_U32,
  },
  { name: 'ethnl_module_fw_flash_act_policy' },
)
export const ethnl_phy_get_policy = policy(E.ETHTOOL_A_PHY, { ETHTOOL_A_PHY_HEADER: HEADER }, { name: 'ethnl_phy_get_policy' })
