/** net/bridge/br_mdb.c, drivers/net/vxlan/vxlan_mdb.c: what messages of groups have alike, whichever device holds the groups. */
import type { MessageBuilder } from '../../lib/message.ts'
import * as B from '../../uapi/linux/if_bridge.ts'
import { AF_BRIDGE } from '../../uapi/linux/socket.ts'
import type { netlink_callback } from '../netlink/types.ts'
import type { net_device } from './netdevice.ts'

/** br_mdb_is_valid_source(), vxlan_mdb_is_valid_source(): what is wrong with a source address, as text. */
export function mdb_source_error(proto: number, src: Uint8Array): string | undefined {
  if (proto === 0x0800) {
    if (src.length !== 4) return 'IPv4 invalid source address length'
    return (src[0] & 0xf0) === 0xe0 ? 'IPv4 multicast source address is not allowed' : undefined
  }
  if (proto === 0x86dd) {
    if (src.length !== 16) return 'IPv6 invalid source address length'
    return src[0] === 0xff ? 'IPv6 multicast source address is not allowed' : undefined
  }
  return 'Invalid protocol used with source address'
}

/** A message of one group of a device; `fill` writes the members. */
export function mdb_fill_message(
  skb: MessageBuilder,
  dev: net_device,
  head: { type: number; seq: number; portid: number },
  fill: () => void,
): void {
  skb.begin(head.type, 0, head.seq, head.portid)
  skb.struct(B.br_port_msg, { family: AF_BRIDGE, ifindex: dev.ifindex })
  const mdb = skb.nestNoflag(B.MDBA_MDB)
  const entry = skb.nestNoflag(B.MDBA_MDB_ENTRY)
  fill()
  skb.nestEnd(entry)
  skb.nestEnd(mdb)
  skb.end()
}

/** A dump's groups, as many as fit; `args` 1 (groups) and 2 (members of the next) say where to go on. True: there is more. */
export function mdb_fill_groups<E, M>(
  skb: MessageBuilder,
  cb: netlink_callback,
  groups: readonly E[],
  members_of: (group: E) => readonly M[],
  fill: (group: E, member: M) => void,
): boolean {
  const mdb = skb.nestNoflag(B.MDBA_MDB)
  let full = false
  for (; cb.args[1] < groups.length && !full; cb.args[1]++) {
    const group = groups[cb.args[1]]
    const members = members_of(group)
    const entry = skb.nestNoflag(B.MDBA_MDB_ENTRY)
    for (; cb.args[2] < members.length; cb.args[2]++) {
      const at = skb.length
      fill(group, members[cb.args[2]])
      if (!skb.overflow) continue
      skb.overflow = false
      skb.length = at
      full = true
      break
    }
    skb.nestEnd(entry)
    if (full) break
    cb.args[2] = 0
  }
  skb.nestEnd(mdb)
  return full
}
