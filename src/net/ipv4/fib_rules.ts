/** net/ipv4/fib_rules.c, net/core/fib_rules.c: policy rules. Built so far: the three default ones and their dump. */
import type { Kernel } from '../../kernel/kernel.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import type { Errno } from '../../uapi/errno.ts'
import { FR_ACT_TO_TBL, FRA_PRIORITY, FRA_PROTOCOL, FRA_SUPPRESS_PREFIXLEN, FRA_TABLE, fib_rule_hdr } from '../../uapi/linux/fib_rules.ts'
import { NLM_F_MULTI } from '../../uapi/linux/netlink.ts'
import {
  RT_TABLE_COMPAT,
  RT_TABLE_DEFAULT,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  RTM_GETRULE,
  RTM_NEWRULE,
  RTPROT_KERNEL,
} from '../../uapi/linux/rtnetlink.ts'
import { AF_INET } from '../../uapi/linux/socket.ts'
import type { net } from '../core/net_namespace.ts'
import { RTNL_FLAG_DUMP_UNLOCKED, rtnl_register } from '../core/rtnetlink.ts'
import type { netlink_callback } from '../netlink/types.ts'

export class fib_rule {
  readonly pref: number
  readonly table: number
  readonly proto: number
  constructor(pref: number, table: number, proto: number) {
    this.pref = pref
    this.table = table
    this.proto = proto
  }
}

export function fib_default_rules_init(net: net): void {
  net.ipv4.fib_rules = [
    new fib_rule(0, RT_TABLE_LOCAL, RTPROT_KERNEL),
    new fib_rule(0x7ffe, RT_TABLE_MAIN, RTPROT_KERNEL),
    new fib_rule(0x7fff, RT_TABLE_DEFAULT, RTPROT_KERNEL),
  ]
}

/** fib_nl_fill_rule(): priority 0 is not written. */
function fib_nl_fill_rule(skb: MessageBuilder, rule: fib_rule, cb: netlink_callback): boolean {
  skb.begin(RTM_NEWRULE, NLM_F_MULTI, cb.seq, cb.portid)
  skb.struct(fib_rule_hdr, { family: AF_INET, table: rule.table < 256 ? rule.table : RT_TABLE_COMPAT, action: FR_ACT_TO_TBL })
  skb.put(FRA_TABLE, rule.table)
  skb.put(FRA_SUPPRESS_PREFIXLEN, 0xffffffff)
  skb.put(FRA_PROTOCOL, rule.proto)
  if (rule.pref !== 0) skb.put(FRA_PRIORITY, rule.pref)
  return skb.end()
}

/** RTM_GETRULE dump. */
export function fib_nl_dumprule(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const rules = cb.net.ipv4.fib_rules
  for (; cb.args[1] < rules.length; cb.args[1]++) if (!fib_nl_fill_rule(skb, rules[cb.args[1]], cb)) return true
  return undefined
}

export function fib4_rules_register(kernel: Kernel): void {
  rtnl_register(kernel, AF_INET, RTM_GETRULE, { dumpit: fib_nl_dumprule, flags: RTNL_FLAG_DUMP_UNLOCKED })
}
