/**
 * drivers/dpll/dpll_core.c: the generic netlink family "dpll". No device has such a clock; the family is here for its
 * number and group, which those behind it follow. Its commands are not built.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { type genl_family, genl_register_family } from '../../net/netlink/genetlink.ts'
import type { Errno } from '../../uapi/errno.ts'

export const dpll_nl_family: genl_family = { name: 'dpll', version: 1, netnsok: true, parallel_ops: true, mcgrps: [{ name: 'monitor' }] }

export function dpll_init(kernel: Kernel): Errno | undefined {
  return genl_register_family(kernel, dpll_nl_family)
}
