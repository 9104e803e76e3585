/** net/core/neighbour.c neigh_init: the messages of all families; each family brings its table when it begins. */
import type { Kernel } from '../../kernel/kernel.ts'
import { RTM_DELNEIGH, RTM_GETNEIGH, RTM_GETNEIGHTBL, RTM_NEWNEIGH, RTM_SETNEIGHTBL } from '../../uapi/linux/rtnetlink.ts'
import { AF_UNSPEC } from '../../uapi/linux/socket.ts'
import { neigh_state } from './neighbour.ts'
import { neigh_dump_info } from './neighbour_dump.ts'
import { neightbl_dump_info, neightbl_set } from './neighbour_neightbl.ts'
import { pneigh_forget_net } from './neighbour_proxy.ts'
import { neigh_add, neigh_delete, neigh_get } from './neighbour_rtm.ts'
import { type net, type pernet_operations, register_pernet_subsys } from './net_namespace.ts'
import { RTNL_FLAG_DUMP_SPLIT_NLM_DONE, RTNL_FLAG_DUMP_UNLOCKED, rtnl_register } from './rtnetlink.ts'

export const neigh_net_ops: pernet_operations = { name: 'neigh_net_ops', exit: neigh_net_exit }
/** Linux leaves them to leak; a namespace here can come back under the same address only by chance, so they go. */
export function neigh_net_exit(net: net): void {
  for (const tbl of net.kernel.neigh.tables) if (tbl !== undefined) pneigh_forget_net(tbl, net)
}

/** subsys_initcall */
export function neigh_init(kernel: Kernel): void {
  kernel.neigh = new neigh_state()
  register_pernet_subsys(kernel, neigh_net_ops)
  rtnl_register(kernel, AF_UNSPEC, RTM_NEWNEIGH, { doit: neigh_add })
  rtnl_register(kernel, AF_UNSPEC, RTM_DELNEIGH, { doit: neigh_delete })
  rtnl_register(kernel, AF_UNSPEC, RTM_GETNEIGH, { doit: neigh_get, dumpit: neigh_dump_info, flags: RTNL_FLAG_DUMP_UNLOCKED })
  rtnl_register(kernel, AF_UNSPEC, RTM_GETNEIGHTBL, { dumpit: neightbl_dump_info, flags: RTNL_FLAG_DUMP_SPLIT_NLM_DONE })
  rtnl_register(kernel, AF_UNSPEC, RTM_SETNEIGHTBL, { doit: neightbl_set })
}
