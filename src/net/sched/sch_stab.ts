/** net/sched/sch_api.c qdisc_get_stab(): how long a packet counts, where the link below adds cells or headers of its own. */
import { get16 } from '../../lib/bytes.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import { TCA_STAB_BASE, TCA_STAB_DATA, TCA_STAB_SET, type tc_sizespec } from '../../uapi/linux/pkt_sched.ts'
import { TCA_STAB } from '../../uapi/linux/rtnetlink.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { type ParseContext, nla_parse_nested_deprecated_at } from '../netlink/attr.ts'
import { NLA_BINARY, NLA_UNSPEC, policy } from '../netlink/policy.ts'
import type { Qdisc } from './qdisc.ts'

const STAB_SIZE_LOG_MAX = 30

/** A plain object of state. */
export interface qdisc_size_table {
  szopts: Required<ReturnType<typeof tc_sizespec.get>>
  data: number[]
}

export const stab_policy = policy(
  TCA_STAB_SET,
  { TCA_STAB_BASE: NLA_UNSPEC(TCA_STAB_BASE.type.size), TCA_STAB_DATA: NLA_BINARY() },
  { name: 'stab_policy' },
)

/** `at`: offset of TCA_STAB's header. */
export function qdisc_get_stab(req: ParseContext, at: number): qdisc_size_table | Errno {
  const { extack } = req
  const tb = nla_parse_nested_deprecated_at(req, at, stab_policy)
  if (isErrno(tb)) return tb
  const szopts = tb.get(TCA_STAB_BASE) as qdisc_size_table['szopts'] | undefined
  if (szopts === undefined) return extack.fail(EINVAL, 'Size table base parameters are missing')
  const bytes = szopts.tsize > 0 ? tb.payload(TCA_STAB_DATA) : undefined
  if (szopts.tsize > 0 && bytes === undefined) return extack.fail(EINVAL, 'Size table data is missing')
  const data = Array.from({ length: (bytes?.length ?? 0) >> 1 }, (_, i) => get16(bytes as Uint8Array, i * 2))
  if (data.length !== szopts.tsize) return extack.fail(EINVAL, 'Invalid size of size table')
  if (szopts.size_log > STAB_SIZE_LOG_MAX || szopts.cell_log > STAB_SIZE_LOG_MAX) {
    return extack.fail(EINVAL, 'Invalid logarithmic size of size table')
  }
  return { szopts, data }
}

export function qdisc_dump_stab(skb: MessageBuilder, stab: qdisc_size_table): void {
  const nest = skb.nestNoflag(TCA_STAB)
  skb.put(TCA_STAB_BASE, stab.szopts)
  skb.nestEnd(nest)
}

/** qdisc_pkt_len(): what the packet counts for here and in all disciplines below. */
export function qdisc_pkt_len(skb: sk_buff, sch: Qdisc): number {
  const stab = sch.dev?.qdisc?.stab
  if (stab === undefined) return skb.len
  const { szopts, data } = stab
  const len = skb.len + szopts.overhead
  if (szopts.tsize === 0) return Math.max(len, 1)
  const slot = Math.max(len + szopts.cell_align, 0) >> szopts.cell_log
  const cells = slot < szopts.tsize ? data[slot] : data[szopts.tsize - 1] * Math.trunc(slot / szopts.tsize) + data[slot % szopts.tsize]
  return Math.max(cells * 2 ** szopts.size_log, 1)
}
