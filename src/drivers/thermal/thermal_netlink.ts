/**
 * drivers/thermal/thermal_netlink.c: the generic netlink family "thermal". A host has no thermal zones; the family is here
 * for its number and groups, which those behind it follow. Its commands are not built.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { type genl_family, genl_register_family } from '../../net/netlink/genetlink.ts'
import type { Errno } from '../../uapi/errno.ts'

export const thermal_genl_family: genl_family = { name: 'thermal', version: 1, mcgrps: [{ name: 'sampling' }, { name: 'event' }] }

export function thermal_init(kernel: Kernel): Errno | undefined {
  return genl_register_family(kernel, thermal_genl_family)
}
