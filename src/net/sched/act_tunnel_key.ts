/** net/sched/act_tunnel_key.c: what a device without a fixed tunnel puts around a packet; or what came with it is forgotten. */
import type { Kernel } from '../../kernel/kernel.ts'
import type { AttrTable } from '../../lib/attrs.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import * as T from '../../uapi/linux/tc_act.ts'
import { getBe32 } from '../../lib/bytes.ts'
import {
  IP_TUNNEL_INFO_IPV6,
  IP_TUNNEL_INFO_TX,
  metadata_dst,
  TUNNEL_CSUM,
  TUNNEL_DONT_FRAGMENT,
  TUNNEL_KEY,
} from '../core/dst_metadata.ts'
import { type sk_buff, skb_dst_drop } from '../core/skbuff.ts'
import { nla_parse_nested_deprecated_at } from '../netlink/attr.ts'
import { NLA_NESTED, NLA_U8, NLA_U16, NLA_U32, NLA_UNSPEC, policy } from '../netlink/policy.ts'
import { type tc_action, type tc_action_ops, type tc_action_request, tc_pkt_len, tcf_action_used, tcf_register_action } from './act.ts'
import { tcf_action_take } from './act_take.ts'

const tunnel_key_policy = policy(
  T.TCA_TUNNEL_KEY,
  {
    TCA_TUNNEL_KEY_PARMS: NLA_UNSPEC(T.tc_tunnel_key.size),
    TCA_TUNNEL_KEY_ENC_IPV4_SRC: NLA_U32,
    TCA_TUNNEL_KEY_ENC_IPV4_DST: NLA_U32,
    TCA_TUNNEL_KEY_ENC_IPV6_SRC: NLA_UNSPEC(16),
    TCA_TUNNEL_KEY_ENC_IPV6_DST: NLA_UNSPEC(16),
    TCA_TUNNEL_KEY_ENC_KEY_ID: NLA_U32,
    TCA_TUNNEL_KEY_ENC_DST_PORT: NLA_U16,
    TCA_TUNNEL_KEY_NO_CSUM: NLA_U8,
    TCA_TUNNEL_KEY_ENC_OPTS: NLA_NESTED(),
    TCA_TUNNEL_KEY_ENC_TOS: NLA_U8,
    TCA_TUNNEL_KEY_ENC_TTL: NLA_U8,
  },
  { name: 'tunnel_key_policy' },
)
/** State. A port for one packet is kept and shown; devices send to their own. */
export interface tunnel_key_priv {
  t_action: number
  dst_port: number
  metadata: metadata_dst | undefined
}

/** What the packet shall carry; undefined: nothing any longer. */
function metadata_of({ req }: tc_action_request, tb: AttrTable, t_action: number): metadata_dst | Errno | undefined {
  const { extack } = req
  if (t_action === T.TCA_TUNNEL_KEY_ACT_RELEASE) return undefined
  if (t_action !== T.TCA_TUNNEL_KEY_ACT_SET) return extack.fail(EINVAL, 'Unknown tunnel key action')
  if (tb.has(T.TCA_TUNNEL_KEY_ENC_OPTS)) {
    req.net.kernel.unsupported.count('tc', 'options of a tunnel')
    return EOPNOTSUPP
  }
  const id = tb.payload(T.TCA_TUNNEL_KEY_ENC_KEY_ID)
  let tun_flags = id === undefined ? 0 : TUNNEL_KEY
  if ((tb.get(T.TCA_TUNNEL_KEY_NO_CSUM) ?? 0) === 0) tun_flags |= TUNNEL_CSUM
  if (tb.has(T.TCA_TUNNEL_KEY_NO_FRAG)) tun_flags |= TUNNEL_DONT_FRAGMENT
  const v4 = tb.has(T.TCA_TUNNEL_KEY_ENC_IPV4_SRC) && tb.has(T.TCA_TUNNEL_KEY_ENC_IPV4_DST)
  const src = tb.get(v4 ? T.TCA_TUNNEL_KEY_ENC_IPV4_SRC : T.TCA_TUNNEL_KEY_ENC_IPV6_SRC)
  const dst = tb.get(v4 ? T.TCA_TUNNEL_KEY_ENC_IPV4_DST : T.TCA_TUNNEL_KEY_ENC_IPV6_DST)
  if (src === undefined || dst === undefined) return extack.fail(EINVAL, 'Missing either ipv4 or ipv6 src and dst')
  const tos = tb.get(T.TCA_TUNNEL_KEY_ENC_TOS) ?? 0
  const ttl = tb.get(T.TCA_TUNNEL_KEY_ENC_TTL) ?? 0
  const mode = IP_TUNNEL_INFO_TX | (v4 ? 0 : IP_TUNNEL_INFO_IPV6)
  return new metadata_dst(id === undefined ? 0 : getBe32(id, 0), mode, { src, dst, tun_flags, tos, ttl })
}
export function tunnel_key_init(request: tc_action_request): tc_action | Errno {
  const { req, options } = request
  const { extack } = req
  if (options === 0) return extack.fail(EINVAL, 'Tunnel requires attributes to be passed')
  const tb = nla_parse_nested_deprecated_at(req, options, tunnel_key_policy)
  if (isErrno(tb)) return extack.fail(tb, 'Failed to parse nested tunnel key attributes')
  const bytes = tb.payload(T.TCA_TUNNEL_KEY_PARMS)
  if (bytes === undefined) return extack.fail(EINVAL, 'Missing tunnel key parameters')
  const { index, action, t_action } = T.tc_tunnel_key.get(bytes, 0)
  const metadata = metadata_of(request, tb, t_action)
  const taken = tcf_action_take(request, act_tunnel_key_ops, index, action, () => (isErrno(metadata) ? metadata : undefined))
  if (isErrno(taken)) return taken
  if (!taken.bound && !isErrno(metadata)) {
    taken.a.priv = { t_action, dst_port: tb.get(T.TCA_TUNNEL_KEY_ENC_DST_PORT) ?? 0, metadata } satisfies tunnel_key_priv
  }
  return taken.a
}

export function tunnel_key_act(skb: sk_buff, a: tc_action, at_ingress: boolean): number {
  tcf_action_used(a, skb, tc_pkt_len(skb, at_ingress))
  const { metadata } = a.priv as tunnel_key_priv
  skb_dst_drop(skb)
  if (metadata !== undefined) skb.dst = metadata
  return a.action
}
export function tunnel_key_dump(skb: MessageBuilder, a: tc_action, refcnt: number): void {
  const { index, action, bindcnt } = a
  const { t_action, metadata, dst_port } = a.priv as tunnel_key_priv
  skb.putBytes(T.TCA_TUNNEL_KEY_PARMS.nr, T.tc_tunnel_key.encode({ index, action, refcnt, bindcnt, t_action }))
  if (metadata === undefined) return
  const { tun_id, tun_flags, src, dst, tos, ttl } = metadata.tun_info.key
  const id = Uint8Array.of(tun_id >>> 24, tun_id >>> 16, tun_id >>> 8, tun_id)
  if (tun_flags & TUNNEL_KEY) skb.put(T.TCA_TUNNEL_KEY_ENC_KEY_ID, id)
  const v6 = (metadata.tun_info.mode & IP_TUNNEL_INFO_IPV6) !== 0
  skb.put(v6 ? T.TCA_TUNNEL_KEY_ENC_IPV6_SRC : T.TCA_TUNNEL_KEY_ENC_IPV4_SRC, src)
  skb.put(v6 ? T.TCA_TUNNEL_KEY_ENC_IPV6_DST : T.TCA_TUNNEL_KEY_ENC_IPV4_DST, dst)
  if (dst_port !== 0) skb.put(T.TCA_TUNNEL_KEY_ENC_DST_PORT, dst_port)
  skb.put(T.TCA_TUNNEL_KEY_NO_CSUM, tun_flags & TUNNEL_CSUM ? 0 : 1)
  if (tun_flags & TUNNEL_DONT_FRAGMENT) skb.putBytes(T.TCA_TUNNEL_KEY_NO_FRAG.nr, new Uint8Array(0))
  if (tos !== 0) skb.put(T.TCA_TUNNEL_KEY_ENC_TOS, tos)
  if (ttl !== 0) skb.put(T.TCA_TUNNEL_KEY_ENC_TTL, ttl)
}
export const act_tunnel_key_ops: tc_action_ops = {
  kind: 'tunnel_key',
  init: tunnel_key_init,
  act: tunnel_key_act,
  dump: tunnel_key_dump,
  tm: T.TCA_TUNNEL_KEY_TM.nr,
}

/** The module act_tunnel_key. */
export function tunnel_key_init_module(kernel: Kernel): Errno | undefined {
  tcf_register_action(kernel.netdev.sched, act_tunnel_key_ops)
  return undefined
}
