/** net/ipv6/seg6.c: the generic netlink family "SEG6": the source of packets that are sent with a segment routing header. */
import type { Kernel } from '../../kernel/kernel.ts'
import { attr, attrs } from '../../lib/attrs.ts'
import { MessageBuilder } from '../../lib/message.ts'
import { binary, s32, u8, u32 } from '../../lib/types.ts'
import { EINVAL, ENOTSUPP, type Errno } from '../../uapi/errno.ts'
import { GENL_ADMIN_PERM } from '../../uapi/linux/genetlink.ts'
import { type genl_family, type genl_info, genl_register_family, genlmsg_put, genlmsg_reply } from '../netlink/genetlink.ts'
import { NLA_BINARY, NLA_S32, NLA_U8, NLA_U32, policy } from '../netlink/policy.ts'

const SEG6_CMD_SETHMAC = 1
const SEG6_CMD_DUMPHMAC = 2
const SEG6_CMD_SET_TUNSRC = 3
const SEG6_CMD_GET_TUNSRC = 4
const SEG6_ATTR_DST = attr(1, binary)
const SEG6_ATTR = attrs('SEG6_ATTR', {
  SEG6_ATTR_DST,
  SEG6_ATTR_DSTLEN: attr(2, s32),
  SEG6_ATTR_HMACKEYID: attr(3, u32),
  SEG6_ATTR_SECRET: attr(4, binary),
  SEG6_ATTR_SECRETLEN: attr(5, u8),
  SEG6_ATTR_ALGID: attr(6, u8),
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
/** As where CONFIG_IPV6_SEG6_HMAC is off. */
export function seg6_genl_sethmac(info: genl_info): Errno | undefined {
  info.net.kernel.unsupported.count('genetlink', 'SEG6 keys')
  return ENOTSUPP
}
/** There are no keys. */
export function seg6_genl_dumphmac(): undefined {
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
