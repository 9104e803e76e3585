/** net/core/neighbour.c neigh_dump_info: all entries, table by table, chain by chain, or the proxy entries. */
import type { MessageBuilder } from '../../lib/message.ts'
import { NLMSG_HDRLEN } from '../../lib/message.ts'
import { EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import { NDA_IFINDEX, NDA_MASTER, NTF_PROXY, ndmsg } from '../../uapi/linux/neighbour.ts'
import { NLM_F_DUMP_FILTERED, NLM_F_MULTI } from '../../uapi/linux/netlink.ts'
import { RTM_NEWNEIGH } from '../../uapi/linux/rtnetlink.ts'
import { nlmsg_parse_deprecated, nlmsg_parse_deprecated_strict } from '../netlink/attr.ts'
import type { netlink_callback } from '../netlink/types.ts'
import { netdev_master_upper_dev_get } from './dev.ts'
import { NEIGH_NR_TABLES, type neigh_table, type neighbour, PNEIGH_HASHMASK } from './neighbour.ts'
import { neigh_fill_info, pneigh_fill_info } from './neighbour_fill.ts'
import { nda_policy } from './neighbour_rtm.ts'
import type { net_device } from './netdevice.ts'

/** 0: any. A master of -1: those without one. */
interface neigh_dump_filter {
  dev_idx: number
  master_idx: number
}

/** Sockets without strict checking get all for what cannot be read. */
function valid_dump_req(cb: netlink_callback, filter: neigh_dump_filter): Errno | undefined {
  const { buf, extack, strict_check } = cb
  if (strict_check) {
    if (buf.length < NLMSG_HDRLEN + ndmsg.size) return extack.fail(EINVAL, 'Invalid header for neighbor dump request')
    const ndm = ndmsg.get(buf, NLMSG_HDRLEN)
    if (ndm.__pad1 || ndm.__pad2 || ndm.ndm_ifindex || ndm.ndm_state || ndm.ndm_type) {
      return extack.fail(EINVAL, 'Invalid values in header for neighbor dump request')
    }
    if (ndm.ndm_flags & ~NTF_PROXY) return extack.fail(EINVAL, 'Invalid flags in header for neighbor dump request')
  }
  const parse = strict_check ? nlmsg_parse_deprecated_strict : nlmsg_parse_deprecated
  const tb = parse(cb, ndmsg.size, nda_policy)
  if (isErrno(tb)) return tb
  for (let nr = 1; nr <= tb.max; nr++) {
    if (tb.atNr(nr) === 0) continue
    if (nr === NDA_IFINDEX.nr) filter.dev_idx = (tb.get(NDA_IFINDEX) as number) | 0
    else if (nr === NDA_MASTER.nr) filter.master_idx = (tb.get(NDA_MASTER) as number) | 0
    else if (strict_check) return extack.fail(EINVAL, 'Unsupported attribute in neighbor dump request')
  }
  return undefined
}

function filtered(dev: net_device | undefined, { dev_idx, master_idx }: neigh_dump_filter): boolean {
  if (dev_idx !== 0 && dev?.ifindex !== dev_idx) return true
  if (master_idx === 0) return false
  const master = dev === undefined ? undefined : netdev_master_upper_dev_get(dev)
  return master_idx === -1 ? master !== undefined : master?.ifindex !== master_idx
}

/** cb.args: table, then chain and place in it for entries, the same for proxy entries. */
export function neigh_dump_info(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const { net, buf } = cb
  const filter: neigh_dump_filter = { dev_idx: 0, master_idx: 0 }
  const family = buf[NLMSG_HDRLEN]
  const proxy = buf.length >= NLMSG_HDRLEN + ndmsg.size && ndmsg.field.ndm_flags.get(buf, NLMSG_HDRLEN) === NTF_PROXY
  const error = valid_dump_req(cb, filter)
  if (isErrno(error) && cb.strict_check) return error
  for (let t = cb.args[0]; t < NEIGH_NR_TABLES; t++) {
    if (t > cb.args[0]) cb.args.fill(0, 1)
    cb.args[0] = t
    const tbl = net.kernel.neigh.tables[t]
    if (tbl === undefined || (family !== 0 && tbl.family !== family)) continue
    const done = proxy ? pneigh_dump_table(tbl, skb, cb, filter) : neigh_dump_table(tbl, skb, cb, filter)
    if (!done) return true
  }
  cb.args[0] = NEIGH_NR_TABLES
  return undefined
}
function dump_msg(cb: netlink_callback, { dev_idx, master_idx }: neigh_dump_filter) {
  const flags = dev_idx !== 0 || master_idx !== 0 ? NLM_F_MULTI | NLM_F_DUMP_FILTERED : NLM_F_MULTI
  return { portid: cb.portid, seq: cb.seq, type: RTM_NEWNEIGH, flags }
}
function neigh_dump_table(tbl: neigh_table, skb: MessageBuilder, cb: netlink_callback, filter: neigh_dump_filter): boolean {
  const msg = dump_msg(cb, filter)
  const { buckets } = tbl.nht
  for (let h = cb.args[1]; h < buckets.length; h++) {
    const skip = h > cb.args[1] ? 0 : cb.args[2]
    let idx = 0
    for (let n: neighbour | undefined = buckets[h]; n !== undefined; n = n.next, idx++) {
      if (idx < skip || n.dev.nd_net !== cb.net || filtered(n.dev, filter) || neigh_fill_info(skb, n, msg)) continue
      cb.args[1] = h
      cb.args[2] = idx
      return false
    }
  }
  return true
}
function pneigh_dump_table(tbl: neigh_table, skb: MessageBuilder, cb: netlink_callback, filter: neigh_dump_filter): boolean {
  const msg = dump_msg(cb, filter)
  for (let h = cb.args[3]; h <= PNEIGH_HASHMASK; h++) {
    const skip = h > cb.args[3] ? 0 : cb.args[4]
    for (const [idx, pn] of tbl.phash_buckets[h].entries()) {
      if (idx < skip || pn.net !== cb.net || filtered(pn.dev, filter) || pneigh_fill_info(skb, pn, tbl, msg)) continue
      cb.args[3] = h
      cb.args[4] = idx
      return false
    }
  }
  return true
}
