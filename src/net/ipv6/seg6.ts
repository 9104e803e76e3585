/**
 * net/ipv6/seg6.c: the generic netlink family "SEG6": the source of packets that are sent with a segment routing header, and
 * the keys of those that are signed (`ip sr`).
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { attr, attrs } from '../../lib/attrs.ts'
import { MessageBuilder } from '../../lib/message.ts'
import { binary, s32, u8, u32 } from '../../lib/types.ts'
import { EINVAL, ENOENT, type Errno } from '../../uapi/errno.ts'
import { GENL_ADMIN_PERM } from '../../uapi/linux/genetlink.ts'
import { NLM_F_MULTI } from '../../uapi/linux/netlink.ts'
import { type genl_family, type genl_info, genl_register_family, genlmsg_put, genlmsg_reply } from '../netlink/genetlink.ts'
import { NLA_BINARY, NLA_S32, NLA_U8, NLA_U32, policy } from '../netlink/policy.ts'
import type { netlink_callback } from '../netlink/types.ts'

const SEG6_CMD_SETHMAC = 1
const SEG6_CMD_DUMPHMAC = 2
const SEG6_CMD_SET_TUNSRC = 3
const SEG6_CMD_GET_TUNSRC = 4
const SEG6_ATTR_DST = attr(1, binary)
const SEG6_ATTR_HMACKEYID = attr(3, u32)
const SEG6_ATTR_SECRET = attr(4, binary)
const SEG6_ATTR_SECRETLEN = attr(5, u8)
const SEG6_ATTR_ALGID = attr(6, u8)
const SEG6_ATTR = attrs('SEG6_ATTR', {
  SEG6_ATTR_DST,
  SEG6_ATTR_DSTLEN: attr(2, s32),
  SEG6_ATTR_HMACKEYID,
  SEG6_ATTR_SECRET,
  SEG6_ATTR_SECRETLEN,
  SEG6_ATTR_ALGID,
  SEG6_ATTR_HMACINFO: attr(7, binary),
})
export const seg6_genl_policy = policy(
  SEG6_ATTR,
  {
    SEG6_ATTR_DST: NLA_BINARY(16),
    SEG6_ATTR_DSTLEN: NLA_S32,
    SEG6_ATTR_HMACKEYID: NLA_U32,
    SEG6_ATTR_SECRET: NLA_BINARY(),
    SEG6_ATTR_SECRETLEN: NLA_U8,
    SEG6_ATTR_ALGID: NLA_U8,
  },
  { name: 'seg6_genl_policy' },
)

export function seg6_genl_set_tunsrc(info: genl_info): Errno | undefined {
  const dst = info.attrs.payload(SEG6_ATTR_DST)
  if (dst === undefined || dst.length < 16) return EINVAL
  info.net.ipv6.seg6_tun_src = dst.slice(0, 16)
  return undefined
}
export function seg6_genl_get_tunsrc(info: genl_info): Errno | undefined {
  const skb = new MessageBuilder(4096, 128)
  genlmsg_put(skb, info.net, info.snd_portid, info.snd_seq, info.family, 0, SEG6_CMD_GET_TUNSRC)
  skb.putBytes(SEG6_ATTR_DST.nr, info.net.ipv6.seg6_tun_src)
  skb.end()
  return genlmsg_reply(skb, info)
}
/** Longest secret, and the algorithms: SHA-1 and SHA-256. */
const SEG6_HMAC_SECRET_LEN = 64
export const SEG6_HMAC_ALGO_SHA1 = 1
const SEG6_HMAC_ALGO_SHA256 = 2
/** A key, by its id: what comes in is checked with it, what goes out is not signed. */
export interface seg6_hmac_info {
  secret: Uint8Array
  alg_id: number
}
/** A secret of no length deletes the key; another replaces it. */
export function seg6_genl_sethmac({ net, attrs: tb }: genl_info): Errno | undefined {
  const id = tb.get(SEG6_ATTR_HMACKEYID)
  const slen = tb.get(SEG6_ATTR_SECRETLEN)
  const alg_id = tb.get(SEG6_ATTR_ALGID)
  if (!id || slen === undefined || alg_id === undefined || slen > SEG6_HMAC_SECRET_LEN) return EINVAL
  const { seg6_hmac_infos } = net.ipv6
  if (slen === 0) return seg6_hmac_infos.delete(id) ? undefined : ENOENT
  const secret = tb.payload(SEG6_ATTR_SECRET)
  if (secret === undefined || slen > secret.length) return EINVAL
  seg6_hmac_infos.delete(id)
  if (alg_id !== SEG6_HMAC_ALGO_SHA1 && alg_id !== SEG6_HMAC_ALGO_SHA256) return EINVAL
  seg6_hmac_infos.set(id, { secret: secret.slice(0, slen), alg_id })
  return undefined
}
/** cb.args: how many are told already. */
export function seg6_genl_dumphmac(skb: MessageBuilder, cb: netlink_callback): true | undefined {
  const all = [...cb.net.ipv6.seg6_hmac_infos]
  for (; cb.args[0] < all.length; cb.args[0]++) {
    const [id, { secret, alg_id }] = all[cb.args[0]]
    genlmsg_put(skb, cb.net, cb.portid, cb.seq, seg6_genl_family, NLM_F_MULTI, SEG6_CMD_DUMPHMAC)
    skb.put(SEG6_ATTR_HMACKEYID, id)
    skb.put(SEG6_ATTR_SECRETLEN, secret.length)
    skb.putBytes(SEG6_ATTR_SECRET.nr, secret)
    skb.put(SEG6_ATTR_ALGID, alg_id)
    if (!skb.end()) return true
  }
  return undefined
}

export const seg6_genl_family: genl_family = {
  name: 'SEG6',
  version: 1,
  maxattr: 7,
  policy: seg6_genl_policy,
  netnsok: true,
  parallel_ops: true,
  resv_start_op: SEG6_CMD_GET_TUNSRC + 1,
  ops: [
    { cmd: SEG6_CMD_SETHMAC, validate: 3, flags: GENL_ADMIN_PERM, doit: seg6_genl_sethmac },
    { cmd: SEG6_CMD_DUMPHMAC, validate: 3, flags: GENL_ADMIN_PERM, dumpit: seg6_genl_dumphmac },
    { cmd: SEG6_CMD_SET_TUNSRC, validate: 3, flags: GENL_ADMIN_PERM, doit: seg6_genl_set_tunsrc },
    { cmd: SEG6_CMD_GET_TUNSRC, validate: 3, flags: GENL_ADMIN_PERM, doit: seg6_genl_get_tunsrc },
  ],
}
/** Called from inet6_init(). */
export function seg6_init(kernel: Kernel): Errno | undefined {
  return genl_register_family(kernel, seg6_genl_family)
}
