/** net/sched/act_csum.c: checksums are computed anew, of the headers that were asked for. */
import type { Kernel } from '../../kernel/kernel.ts'
import { getBe16, getBe32, putBe16 } from '../../lib/bytes.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import { ETH_P_IP, ETH_P_IPV6 } from '../../uapi/linux/if_ether.ts'
import { IPPROTO_ICMP, IPPROTO_IGMP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDPLITE } from '../../uapi/linux/in.ts'
import { IPPROTO_ICMPV6 } from '../../uapi/linux/in6.ts'
import * as T from '../../uapi/linux/tc_act.ts'
import { csum_ipv6_magic, csum_partial, csum_tcpudp_magic, ip_compute_csum } from '../core/checksum.ts'
import { CHECKSUM_NONE, CHECKSUM_PARTIAL, type sk_buff, skb_cow } from '../core/skbuff.ts'
import { nla_parse_nested_deprecated_at } from '../netlink/attr.ts'
import { netlink_ext_ack } from '../netlink/extack.ts'
import { NLA_UNSPEC, policy } from '../netlink/policy.ts'
import { type tc_action, type tc_action_ops, type tc_action_request, tc_pkt_len, tcf_action_used, tcf_register_action } from './act.ts'
import { tcf_action_take } from './act_take.ts'

const csum_policy = policy(T.TCA_CSUM, { TCA_CSUM_PARMS: NLA_UNSPEC(T.tc_csum.size) }, { name: 'csum_policy' })

export function tcf_csum_init(request: tc_action_request): tc_action | Errno {
  const { req, options } = request
  if (options === 0) return EINVAL
  const tb = nla_parse_nested_deprecated_at({ ...req, extack: new netlink_ext_ack() }, options, csum_policy)
  if (isErrno(tb)) return tb
  const bytes = tb.payload(T.TCA_CSUM_PARMS)
  if (bytes === undefined) return EINVAL
  const { index, action, update_flags } = T.tc_csum.get(bytes, 0)
  const taken = tcf_action_take(request, act_csum_ops, index, action)
  if (isErrno(taken)) return taken
  if (!taken.bound) taken.a.priv = update_flags
  return taken.a
}

/** Which flag a protocol goes by, and where its checksum is; ICMP and IGMP count no addresses. */
const protocols: Readonly<Record<number, { flag: number; at: number; pseudo: boolean }>> = {
  [IPPROTO_ICMP]: { flag: T.TCA_CSUM_UPDATE_FLAG_ICMP, at: 2, pseudo: false },
  [IPPROTO_IGMP]: { flag: T.TCA_CSUM_UPDATE_FLAG_IGMP, at: 2, pseudo: false },
  [IPPROTO_TCP]: { flag: T.TCA_CSUM_UPDATE_FLAG_TCP, at: 16, pseudo: true },
  [IPPROTO_UDP]: { flag: T.TCA_CSUM_UPDATE_FLAG_UDP, at: 6, pseudo: true },
  [IPPROTO_UDPLITE]: { flag: T.TCA_CSUM_UPDATE_FLAG_UDPLITE, at: 6, pseudo: true },
  [IPPROTO_ICMPV6]: { flag: T.TCA_CSUM_UPDATE_FLAG_ICMP, at: 2, pseudo: true },
}
/** UDP without a checksum stays without. */
function transport(
  skb: sk_buff,
  proto: number,
  flags: number,
  from: number,
  end: number,
  pseudo: (len: number, sum: number) => number,
): void {
  const how = protocols[proto]
  if (how === undefined || !(flags & how.flag) || end - from < how.at + 2) return
  const udp = proto === IPPROTO_UDP || proto === IPPROTO_UDPLITE
  if (udp && getBe16(skb.buf, from + how.at) === 0) return
  putBe16(skb.buf, from + how.at, 0)
  const len = end - from
  const sum = how.pseudo ? pseudo(len, csum_partial(skb.buf, from, len)) : ip_compute_csum(skb.buf, from, len)
  putBe16(skb.buf, from + how.at, udp && sum === 0 ? 0xffff : sum)
  if (skb.ip_summed === CHECKSUM_PARTIAL) skb.ip_summed = CHECKSUM_NONE
}
function ipv4(skb: sk_buff, flags: number): void {
  const ip = skb.network_header
  const ihl = (skb.buf[ip] & 15) * 4
  const end = Math.min(skb.tail, ip + getBe16(skb.buf, ip + 2))
  const proto = skb.buf[ip + 9]
  if ((getBe16(skb.buf, ip + 6) & 0x1fff) === 0) {
    const [saddr, daddr] = [getBe32(skb.buf, ip + 12), getBe32(skb.buf, ip + 16)]
    transport(skb, proto, flags, ip + ihl, end, (len, sum) => csum_tcpudp_magic(saddr, daddr, len, proto, sum))
  }
  if (!(flags & T.TCA_CSUM_UPDATE_FLAG_IPV4HDR)) return
  putBe16(skb.buf, ip + 10, 0)
  putBe16(skb.buf, ip + 10, ip_compute_csum(skb.buf, ip, ihl))
}
function ipv6(skb: sk_buff, flags: number): void {
  const ip = skb.network_header
  const end = Math.min(skb.tail, ip + 40 + getBe16(skb.buf, ip + 4))
  const proto = skb.buf[ip + 6]
  const [saddr, daddr] = [skb.buf.subarray(ip + 8, ip + 24), skb.buf.subarray(ip + 24, ip + 40)]
  transport(skb, proto, flags, ip + 40, end, (len, sum) => csum_ipv6_magic(saddr, daddr, len, proto, sum))
}
export function tcf_csum_act(skb: sk_buff, a: tc_action, at_ingress: boolean): number {
  tcf_action_used(a, skb, tc_pkt_len(skb, at_ingress))
  const flags = a.priv as number
  skb_cow(skb, 0)
  if (skb.protocol === ETH_P_IP) ipv4(skb, flags)
  else if (skb.protocol === ETH_P_IPV6) ipv6(skb, flags)
  return a.action
}
export function tcf_csum_dump(skb: MessageBuilder, a: tc_action, refcnt: number): void {
  const { index, action, bindcnt } = a
  skb.putBytes(T.TCA_CSUM_PARMS.nr, T.tc_csum.encode({ index, action, refcnt, bindcnt, update_flags: a.priv as number }))
}
export const act_csum_ops: tc_action_ops = {
  kind: 'csum',
  init: tcf_csum_init,
  act: tcf_csum_act,
  dump: tcf_csum_dump,
  tm: T.TCA_CSUM_TM.nr,
}

/** The module act_csum. */
export function csum_init_module(kernel: Kernel): Errno | undefined {
  tcf_register_action(kernel.netdev.sched, act_csum_ops)
  return undefined
}
