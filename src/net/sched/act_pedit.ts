/** net/sched/act_pedit.c: words of the packet are changed: some bits stay, the others are set, or a number is added. */
import type { Kernel } from '../../kernel/kernel.ts'
import { KERN_INFO } from '../../kernel/printk.ts'
import { type AttrTable, eachAttr, NLA_HDRLEN } from '../../lib/attrs.ts'
import { get16, get32, put32 } from '../../lib/bytes.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import { ETH_P_IP, ETH_P_IPV6 } from '../../uapi/linux/if_ether.ts'
import { IPPROTO_TCP, IPPROTO_UDP } from '../../uapi/linux/in.ts'
import * as T from '../../uapi/linux/tc_act.ts'
import { net_ratelimit } from '../core/dev_state.ts'
import { type sk_buff, skb_cow } from '../core/skbuff.ts'
import { nla_parse_nested_deprecated_at } from '../netlink/attr.ts'
import { netlink_ext_ack } from '../netlink/extack.ts'
import { max, NLA_NESTED, NLA_U16, NLA_UNSPEC, policy } from '../netlink/policy.ts'
import { type tc_action, type tc_action_ops, type tc_action_request, tc_pkt_len, tcf_action_used, tcf_register_action } from './act.ts'
import { tcf_action_take } from './act_take.ts'

const pedit_policy = policy(
  T.TCA_PEDIT,
  { TCA_PEDIT_PARMS: NLA_UNSPEC(T.tc_pedit.size), TCA_PEDIT_PARMS_EX: NLA_UNSPEC(T.tc_pedit.size), TCA_PEDIT_KEYS_EX: NLA_NESTED() },
  { name: 'pedit_policy' },
)
const pedit_key_ex_policy = policy(
  T.TCA_PEDIT_KEY_EX_SET,
  { TCA_PEDIT_KEY_EX_HTYPE: max(NLA_U16, T.TCA_PEDIT_KEY_EX_HDR_TYPE_UDP), TCA_PEDIT_KEY_EX_CMD: max(NLA_U16, T.TCA_PEDIT_KEY_EX_CMD_ADD) },
  { name: 'pedit_key_ex_policy' },
)
interface key_ex {
  htype: number
  cmd: number
}
/** State. */
export interface pedit_priv {
  flags: number
  keys: ReturnType<typeof T.tc_pedit_key.get>[]
  /** Absent in requests of old programs: offsets from the network header, bits set. */
  keys_ex: key_ex[] | undefined
}

/** tcf_pedit_keys_ex_parse() */
function parse_keys_ex({ req }: tc_action_request, at: number, count: number): key_ex[] | Errno {
  const { extack } = req
  const out: key_ex[] = []
  let error: Errno | undefined
  eachAttr(req.buf, at + NLA_HDRLEN, at + get16(req.buf, at), (nr, o) => {
    if (error !== undefined) return
    const one =
      out.length === count ? extack.fail(EINVAL, "act_pedit: Can't parse more extended keys than requested") : parse_key_ex(req, nr, o)
    if (isErrno(one)) error = one
    else out.push(one)
  })
  if (error !== undefined) return error
  return out.length < count ? extack.fail(EINVAL, 'act_pedit: Not enough extended keys to parse') : out
}
function parse_key_ex(req: tc_action_request['req'], nr: number, at: number): key_ex | Errno {
  const { extack } = req
  if (nr !== T.TCA_PEDIT_KEY_EX.nr) return extack.fail(EINVAL, 'Unknown attribute, expected extended key', at)
  const tb = nla_parse_nested_deprecated_at({ ...req, extack: new netlink_ext_ack() }, at, pedit_key_ex_policy)
  if (isErrno(tb)) return tb
  const htype = tb.get(T.TCA_PEDIT_KEY_EX_HTYPE)
  const cmd = tb.get(T.TCA_PEDIT_KEY_EX_CMD)
  return htype === undefined || cmd === undefined ? extack.fail(EINVAL, 'Missing required attribute') : { htype, cmd }
}
export function tcf_pedit_init(request: tc_action_request): tc_action | Errno {
  const { req, options } = request
  const { extack } = req
  if (options === 0) return extack.fail(EINVAL, 'act_pedit: Pedit requires attributes to be passed')
  const tb: AttrTable | Errno = nla_parse_nested_deprecated_at({ ...req, extack: new netlink_ext_ack() }, options, pedit_policy)
  if (isErrno(tb)) return tb
  const parms = tb.has(T.TCA_PEDIT_PARMS) ? T.TCA_PEDIT_PARMS : T.TCA_PEDIT_PARMS_EX
  const bytes = tb.payload(parms)
  if (bytes === undefined) return extack.fail(EINVAL, 'act_pedit: Missing required TCA_PEDIT_PARMS or TCA_PEDIT_PARMS_EX pedit attribute')
  const { index, action, nkeys, flags } = T.tc_pedit.get(bytes, 0)
  if (nkeys === 0) return extack.fail(EINVAL, 'act_pedit: Pedit requires keys to be passed')
  if (bytes.length < T.tc_pedit.size + nkeys * T.tc_pedit_key.size) {
    return extack.fail(EINVAL, 'Length of TCA_PEDIT_PARMS or TCA_PEDIT_PARMS_EX pedit attribute is invalid', tb.at(parms))
  }
  const keys_ex = tb.has(T.TCA_PEDIT_KEYS_EX) ? parse_keys_ex(request, tb.at(T.TCA_PEDIT_KEYS_EX), nkeys) : undefined
  if (isErrno(keys_ex)) return keys_ex
  const at = (i: number) => T.tc_pedit.size + i * T.tc_pedit_key.size
  const keys = Array.from({ length: nkeys }, (_, i) => T.tc_pedit_key.get(bytes, at(i)))
  const odd = keys.some(({ offmask, off }) => offmask === 0 && off % 4 !== 0)
  const refused = () => (odd ? extack.fail(EINVAL, 'act_pedit: Offsets must be on 32bit boundaries') : undefined)
  const taken = tcf_action_take(request, act_pedit_ops, index, action, refused)
  if (isErrno(taken)) return taken
  if (!taken.bound) taken.a.priv = { flags, keys, keys_ex } satisfies pedit_priv
  return taken.a
}

/** pedit_skb_hdr_offset(): where the header begins in the packet's bytes. */
function header_of(skb: sk_buff, htype: number): number | undefined {
  if (htype === T.TCA_PEDIT_KEY_EX_HDR_TYPE_ETH) return skb.mac_header >= 0 ? skb.mac_header : undefined
  if (htype !== T.TCA_PEDIT_KEY_EX_HDR_TYPE_TCP && htype !== T.TCA_PEDIT_KEY_EX_HDR_TYPE_UDP) return skb.network_header
  const wanted = htype === T.TCA_PEDIT_KEY_EX_HDR_TYPE_TCP ? IPPROTO_TCP : IPPROTO_UDP
  const ip = skb.network_header
  if (skb.protocol === ETH_P_IP) return skb.buf[ip + 9] === wanted ? ip + (skb.buf[ip] & 15) * 4 : undefined
  return skb.protocol === ETH_P_IPV6 && skb.buf[ip + 6] === wanted ? ip + 40 : undefined
}
/** False: the packet does not have what is to be changed. */
function edit(skb: sk_buff, key: pedit_priv['keys'][number], { htype, cmd }: key_ex): boolean {
  const header = header_of(skb, htype)
  if (header === undefined) return false
  let at = header + key.off
  if (key.offmask !== 0) {
    const where = header + key.at
    if (where < 0 || where >= skb.tail) return false
    at += (skb.buf[where] & key.offmask) >>> key.shift
    if ((at - header) % 4 !== 0) return false
  }
  if (at < 0 || at + 4 > skb.tail) return false
  const before = skb.data
  skb_cow(skb, 0)
  at += skb.data - before
  const word = get32(skb.buf, at)
  const value = cmd === T.TCA_PEDIT_KEY_EX_CMD_ADD ? (word + key.val) & ~key.mask : key.val
  put32(skb.buf, at, ((word & key.mask) ^ value) >>> 0)
  return true
}
const plain: key_ex = { htype: T.TCA_PEDIT_KEY_EX_HDR_TYPE_NETWORK, cmd: T.TCA_PEDIT_KEY_EX_CMD_SET }
export function tcf_pedit_act(skb: sk_buff, a: tc_action, at_ingress: boolean): number {
  const { keys, keys_ex } = a.priv as pedit_priv
  tcf_action_used(a, skb, tc_pkt_len(skb, at_ingress))
  for (const [i, key] of keys.entries()) {
    if (edit(skb, key, keys_ex?.[i] ?? plain)) continue
    a.qstats.overlimits++
    const { kernel } = a.net
    if (net_ratelimit(kernel)) kernel.printk(KERN_INFO, `tc action pedit offset ${key.off} out of bounds`)
    break
  }
  return a.action
}
export function tcf_pedit_dump(skb: MessageBuilder, a: tc_action, refcnt: number): void {
  const { index, action, bindcnt } = a
  const { flags, keys, keys_ex } = a.priv as pedit_priv
  if (keys_ex !== undefined) {
    const all = skb.nestNoflag(T.TCA_PEDIT_KEYS_EX)
    for (const { htype, cmd } of keys_ex) {
      const one = skb.nestNoflag(T.TCA_PEDIT_KEY_EX)
      skb.put(T.TCA_PEDIT_KEY_EX_HTYPE, htype)
      skb.put(T.TCA_PEDIT_KEY_EX_CMD, cmd)
      skb.nestEnd(one)
    }
    skb.nestEnd(all)
  }
  const bytes = new Uint8Array(T.tc_pedit.size + keys.length * T.tc_pedit_key.size)
  T.tc_pedit.put(bytes, 0, { index, action, refcnt, bindcnt, nkeys: keys.length, flags })
  for (const [i, key] of keys.entries()) T.tc_pedit_key.put(bytes, T.tc_pedit.size + i * T.tc_pedit_key.size, key)
  skb.putBytes(keys_ex === undefined ? T.TCA_PEDIT_PARMS.nr : T.TCA_PEDIT_PARMS_EX.nr, bytes)
}
/** All keys the same way; old programs do not say which. */
export function tcf_pedit_offload(a: tc_action): boolean | string {
  const { keys_ex } = a.priv as pedit_priv
  const same = keys_ex?.every(({ cmd }) => cmd === keys_ex[0].cmd) ?? false
  return same || 'act_pedit: Unsupported pedit command offload'
}
export const act_pedit_ops: tc_action_ops = {
  kind: 'pedit',
  init: tcf_pedit_init,
  act: tcf_pedit_act,
  dump: tcf_pedit_dump,
  offload: tcf_pedit_offload,
  tm: T.TCA_PEDIT_TM.nr,
}

/** The module act_pedit. */
export function pedit_init_module(kernel: Kernel): Errno | undefined {
  tcf_register_action(kernel.netdev.sched, act_pedit_ops)
  return undefined
}
