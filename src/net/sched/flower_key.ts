/**
 * net/sched/cls_flower.c fl_set_key(), fl_dump_key(): a filter's key and mask, from attributes and back. A key is only read
 * and only shown where those before it make it one: ports behind a protocol that has them, and so on.
 */
import { type AttrTable, NLA_HDRLEN } from '../../lib/attrs.ts'
import { get16 } from '../../lib/bytes.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, ENODEV, type Errno, EOPNOTSUPP } from '../../uapi/errno.ts'
import { ETH_P_ARP, ETH_P_IP, ETH_P_IPV6 } from '../../uapi/linux/if_ether.ts'
import { TCA_FLOWER_NR, type flower_name } from '../../uapi/linux/pkt_cls.ts'
import { __dev_get_by_index, __dev_get_by_name } from '../core/dev_state.ts'
import { be16_bytes, be32_bytes, type flow_key } from '../core/flow_dissector.ts'
import type { net } from '../core/net_namespace.ts'
import { eth_type_vlan } from '../core/skb_vlan.ts'
import type { action_context } from './cls_exts.ts'

const ETH_P_RARP = 0x8035

export interface flower_value {
  readonly key: Uint8Array
  readonly mask: Uint8Array
}
export type flower_key = Map<flow_key, flower_value>

interface field {
  readonly name: flow_key
  readonly width: number
  readonly attr: flower_name
  /** Absent: the mask is all ones. */
  readonly mask?: flower_name
}
function fields(width: number, ...list: [flow_key, flower_name, flower_name?][]): field[] {
  return list.map(([name, attr, mask]) => ({ name, width, attr, ...(mask === undefined ? {} : { mask }) }))
}
const link = [...fields(6, ['eth_dst', 'KEY_ETH_DST', 'KEY_ETH_DST_MASK'], ['eth_src', 'KEY_ETH_SRC', 'KEY_ETH_SRC_MASK'])]
const number_of_vlans = fields(1, ['num_of_vlans', 'KEY_NUM_OF_VLANS'])
const ip = fields(1, ['ip_proto', 'KEY_IP_PROTO'], ['ip_tos', 'KEY_IP_TOS', 'KEY_IP_TOS_MASK'], ['ip_ttl', 'KEY_IP_TTL', 'KEY_IP_TTL_MASK'])
const ipv4 = fields(4, ['ipv4_src', 'KEY_IPV4_SRC', 'KEY_IPV4_SRC_MASK'], ['ipv4_dst', 'KEY_IPV4_DST', 'KEY_IPV4_DST_MASK'])
const ipv6 = fields(16, ['ipv6_src', 'KEY_IPV6_SRC', 'KEY_IPV6_SRC_MASK'], ['ipv6_dst', 'KEY_IPV6_DST', 'KEY_IPV6_DST_MASK'])
const enc4 = fields(
  4,
  ['enc_ipv4_src', 'KEY_ENC_IPV4_SRC', 'KEY_ENC_IPV4_SRC_MASK'],
  ['enc_ipv4_dst', 'KEY_ENC_IPV4_DST', 'KEY_ENC_IPV4_DST_MASK'],
)
const enc6 = fields(
  16,
  ['enc_ipv6_src', 'KEY_ENC_IPV6_SRC', 'KEY_ENC_IPV6_SRC_MASK'],
  ['enc_ipv6_dst', 'KEY_ENC_IPV6_DST', 'KEY_ENC_IPV6_DST_MASK'],
)
const enc = [
  ...fields(4, ['enc_key_id', 'KEY_ENC_KEY_ID']),
  ...fields(1, ['enc_tos', 'KEY_ENC_IP_TOS', 'KEY_ENC_IP_TOS_MASK'], ['enc_ttl', 'KEY_ENC_IP_TTL', 'KEY_ENC_IP_TTL_MASK']),
]
const tcp = fields(
  2,
  ['tp_src', 'KEY_TCP_SRC', 'KEY_TCP_SRC_MASK'],
  ['tp_dst', 'KEY_TCP_DST', 'KEY_TCP_DST_MASK'],
  ['tcp_flags', 'KEY_TCP_FLAGS', 'KEY_TCP_FLAGS_MASK'],
)
const udp = fields(2, ['tp_src', 'KEY_UDP_SRC', 'KEY_UDP_SRC_MASK'], ['tp_dst', 'KEY_UDP_DST', 'KEY_UDP_DST_MASK'])
const sctp = fields(2, ['tp_src', 'KEY_SCTP_SRC', 'KEY_SCTP_SRC_MASK'], ['tp_dst', 'KEY_SCTP_DST', 'KEY_SCTP_DST_MASK'])
const icmp4 = fields(1, ['icmp_type', 'KEY_ICMPV4_TYPE', 'KEY_ICMPV4_TYPE_MASK'], ['icmp_code', 'KEY_ICMPV4_CODE', 'KEY_ICMPV4_CODE_MASK'])
const icmp6 = fields(1, ['icmp_type', 'KEY_ICMPV6_TYPE', 'KEY_ICMPV6_TYPE_MASK'], ['icmp_code', 'KEY_ICMPV6_CODE', 'KEY_ICMPV6_CODE_MASK'])
const arp = [
  ...fields(4, ['arp_sip', 'KEY_ARP_SIP', 'KEY_ARP_SIP_MASK'], ['arp_tip', 'KEY_ARP_TIP', 'KEY_ARP_TIP_MASK']),
  ...fields(1, ['arp_op', 'KEY_ARP_OP', 'KEY_ARP_OP_MASK']),
  ...fields(6, ['arp_sha', 'KEY_ARP_SHA', 'KEY_ARP_SHA_MASK'], ['arp_tha', 'KEY_ARP_THA', 'KEY_ARP_THA_MASK']),
]
const flags = fields(4, ['flags', 'KEY_FLAGS', 'KEY_FLAGS_MASK'])

/** What is not compared here. */
const unsupported: flower_name[] = [
  'KEY_MPLS_TTL',
  'KEY_MPLS_BOS',
  'KEY_MPLS_TC',
  'KEY_MPLS_LABEL',
  'KEY_MPLS_OPTS',
  'KEY_ENC_OPTS',
  'KEY_PORT_SRC_MIN',
  'KEY_PORT_DST_MIN',
  'KEY_CT_STATE',
  'KEY_CT_ZONE',
  'KEY_CT_MARK',
  'KEY_CT_LABELS',
  'KEY_HASH',
  'KEY_PPPOE_SID',
  'KEY_PPP_PROTO',
  'KEY_L2TPV3_SID',
  'KEY_CFM',
  'KEY_SPI',
  'KEY_ENC_FLAGS',
  'KEY_ENC_UDP_SRC_PORT',
  'KEY_ENC_UDP_DST_PORT',
  'L2_MISS',
]

export function value_of(tb: AttrTable, name: flower_name): Uint8Array | undefined {
  const at = tb.atNr(TCA_FLOWER_NR(name))
  return at === 0 ? undefined : tb.buf.subarray(at + NLA_HDRLEN, at + get16(tb.buf, at))
}
const ones = (width: number) => new Uint8Array(width).fill(255)
function number_of(key: flower_key, name: flow_key): number {
  let value = 0
  for (const byte of key.get(name)?.key ?? []) value = value * 256 + byte
  return value
}
/** Those behind the network header: of the protocols that the key names so far. */
function upper(key: flower_key): readonly field[] {
  const n_proto = number_of(key, 'n_proto')
  const ip_proto = number_of(key, 'ip_proto')
  if (ip_proto === 6) return tcp
  if (ip_proto === 17) return udp
  if (ip_proto === 132) return sctp
  if (n_proto === ETH_P_IP && ip_proto === 1) return icmp4
  if (n_proto === ETH_P_IPV6 && ip_proto === 58) return icmp6
  return n_proto === ETH_P_ARP || n_proto === ETH_P_RARP ? arp : []
}
function has_ip(key: flower_key): boolean {
  const n_proto = number_of(key, 'n_proto')
  return n_proto === ETH_P_IP || n_proto === ETH_P_IPV6
}

/** fl_set_key() */
export function fl_set_key(req: action_context, tb: AttrTable): flower_key | Errno {
  for (const name of unsupported) {
    if (value_of(tb, name) === undefined) continue
    req.net.kernel.unsupported.count('tc', `flower ${name}`)
    return EOPNOTSUPP
  }
  const key: flower_key = new Map()
  const indev = value_of(tb, 'INDEV')
  if (indev !== undefined) {
    const end = indev.indexOf(0)
    const dev = __dev_get_by_name(req.net, String.fromCharCode(...indev.subarray(0, end < 0 ? indev.length : end)))
    if (dev === undefined) return req.extack.fail(ENODEV, 'Network device not found', tb.atNr(TCA_FLOWER_NR('INDEV')))
    key.set('indev', { key: be32_bytes(dev.ifindex), mask: ones(4) })
  }
  const set = (list: readonly field[]) => {
    for (const { name, width, attr, mask } of list) {
      const value = value_of(tb, attr)
      if (value === undefined) continue
      const of = mask === undefined ? undefined : value_of(tb, mask)
      key.set(name, { key: value.slice(0, width), mask: of === undefined ? ones(width) : of.slice(0, width) })
    }
  }
  set(link)
  set(number_of_vlans)
  set_vlans(tb, key)
  if (has_ip(key)) set(ip)
  const is4 = value_of(tb, 'KEY_IPV4_SRC') !== undefined || value_of(tb, 'KEY_IPV4_DST') !== undefined
  set(is4 ? ipv4 : ipv6)
  set(upper(key))
  const enc_is6 = value_of(tb, 'KEY_ENC_IPV6_SRC') !== undefined || value_of(tb, 'KEY_ENC_IPV6_DST') !== undefined
  set(enc_is6 ? enc6 : enc4)
  set(enc)
  if (value_of(tb, 'KEY_FLAGS') !== undefined && value_of(tb, 'KEY_FLAGS_MASK') === undefined)
    return req.extack.fail(EINVAL, 'Missing flags mask')
  set(flags)
  return key
}

/** is_vlan_key(), fl_set_key_vlan(): the type of the first tag, then of what is in it. */
function set_vlans(tb: AttrTable, key: flower_key): void {
  const count = key.get('num_of_vlans')?.key[0] ?? 0
  if (!vlan(tb, key, 'vlan', 'KEY_ETH_TYPE', 'KEY_VLAN', count > 0)) return
  if (!vlan(tb, key, 'cvlan', 'KEY_VLAN_ETH_TYPE', 'KEY_CVLAN', count > 1)) return
  const inner = value_of(tb, 'KEY_CVLAN_ETH_TYPE')
  if (inner !== undefined) key.set('n_proto', { key: inner.slice(0, 2), mask: ones(2) })
}
function vlan(
  tb: AttrTable,
  key: flower_key,
  name: 'vlan' | 'cvlan',
  type: flower_name,
  prefix: 'KEY_VLAN' | 'KEY_CVLAN',
  expected: boolean,
): boolean {
  const tpid = value_of(tb, type)
  const proto = tpid === undefined ? 0 : tpid[0] * 256 + tpid[1]
  if (tpid === undefined ? !expected : !expected && !eth_type_vlan(proto)) {
    if (tpid !== undefined) key.set('n_proto', { key: tpid.slice(0, 2), mask: ones(2) })
    return false
  }
  const id = value_of(tb, `${prefix}_ID`)
  // of the program's own byte order, unlike all others
  if (id !== undefined) key.set(`${name}_id`, { key: be16_bytes((id[0] | (id[1] << 8)) & 0x0fff), mask: be16_bytes(0x0fff) })
  const prio = value_of(tb, `${prefix}_PRIO`)
  if (prio !== undefined) key.set(`${name}_prio`, { key: Uint8Array.of(prio[0] & 7), mask: Uint8Array.of(7) })
  if (proto !== 0) key.set(`${name}_tpid`, { key: be16_bytes(proto), mask: ones(2) })
  const inner = value_of(tb, `${prefix}_ETH_TYPE`)
  if (inner !== undefined) key.set(`${name}_eth_type`, { key: inner.slice(0, 2), mask: ones(2) })
  return true
}

/** fl_dump_key() */
export function fl_dump_key(skb: MessageBuilder, net: net, key: flower_key): void {
  const put = (list: readonly field[]) => {
    for (const { name, attr, mask } of list) {
      const value = key.get(name)
      if (value?.mask.some((byte) => byte !== 0) !== true) continue
      skb.putBytes(TCA_FLOWER_NR(attr), value.key)
      if (mask !== undefined) skb.putBytes(TCA_FLOWER_NR(mask), value.mask)
    }
  }
  const indev = key.has('indev') ? __dev_get_by_index(net, number_of(key, 'indev')) : undefined
  if (indev !== undefined) skb.putBytes(TCA_FLOWER_NR('INDEV'), Buffer.from(`${indev.name}\0`, 'latin1'))
  put(link)
  put(fields(2, ['n_proto', 'KEY_ETH_TYPE']))
  put(number_of_vlans)
  dump_vlans(skb, key)
  if (has_ip(key)) put(ip)
  put(ipv4)
  put(ipv6)
  put(upper(key))
  put(enc4)
  put(enc6)
  put(enc)
  put(flags)
}
function dump_vlans(skb: MessageBuilder, key: flower_key): void {
  for (const [name, prefix] of [
    ['vlan', 'KEY_VLAN'],
    ['cvlan', 'KEY_CVLAN'],
  ] as const) {
    if (key.has(`${name}_id`)) {
      const id = number_of(key, `${name}_id`)
      skb.putBytes(TCA_FLOWER_NR(`${prefix}_ID`), Uint8Array.of(id & 255, id >> 8))
    }
    put_key(skb, key, `${name}_prio`, `${prefix}_PRIO`)
  }
  put_key(skb, key, 'cvlan_tpid', 'KEY_VLAN_ETH_TYPE')
  if (!key.has('n_proto')) return
  if (key.has('cvlan_eth_type')) put_key(skb, key, 'n_proto', 'KEY_CVLAN_ETH_TYPE')
  else put_key(skb, key, 'vlan_eth_type', 'KEY_VLAN_ETH_TYPE')
}
function put_key(skb: MessageBuilder, key: flower_key, name: flow_key, attr: flower_name): void {
  const value = key.get(name)
  if (value !== undefined) skb.putBytes(TCA_FLOWER_NR(attr), value.key)
}
