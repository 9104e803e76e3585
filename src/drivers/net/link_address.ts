/** The check of IFLA_ADDRESS that kinds of Ethernet devices share (dummy_validate, ifb_validate, veth_validate …). */
import type { AttrTable } from '../../lib/attrs.ts'
import { is_valid_ether_addr } from '../../net/ethernet/eth.ts'
import { EADDRNOTAVAIL, EINVAL, type Errno } from '../../uapi/errno.ts'
import { ETH_ALEN } from '../../uapi/linux/if_ether.ts'
import { IFLA_ADDRESS } from '../../uapi/linux/if_link.ts'

export function validate_ether_address(tb: AttrTable): Errno | undefined {
  const addr = tb.payload(IFLA_ADDRESS)
  if (addr === undefined) return undefined
  if (addr.length !== ETH_ALEN) return EINVAL
  return is_valid_ether_addr(addr) ? undefined : EADDRNOTAVAIL
}
