/** net/ipv6/ip6mr.c ip6_mroute_setsockopt, mif6_add: what a routing daemon asks of its raw socket of ICMPv6. */
import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import { capable, type task_struct } from '../../kernel/task.ts'
import { get16, get32, getS32, put64 } from '../../lib/bytes.ts'
import type { UserMemory } from '../../syscalls/types.ts'
import {
  EACCES,
  EADDRINUSE,
  EADDRNOTAVAIL,
  EBUSY,
  EINVAL,
  ENFILE,
  ENOBUFS,
  ENOENT,
  ENOPROTOOPT,
  EOPNOTSUPP,
  type Errno,
  isErrno,
} from '../../uapi/errno.ts'
import { in6addr_any, IPPROTO_ICMPV6 } from '../../uapi/linux/in6.ts'
import { MAXVIFS } from '../../uapi/linux/mroute.ts'
import { RT_TABLE_MAIN } from '../../uapi/linux/rtnetlink.ts'
import { SOCK_RAW } from '../../uapi/linux/socket.ts'
import { alloc_netdev, dev_set_allmulti } from '../core/dev.ts'
import { dev_open } from '../core/dev_open.ts'
import { register_netdevice, unregister_netdevice } from '../core/dev_register.ts'
import { dev_get_iflink } from '../core/dev_state.ts'
import { NET_NAME_UNKNOWN, type net_device, type net_device_ops } from '../core/netdevice.ts'
import type { sk_buff } from '../core/skbuff.ts'
import {
  type mfc_config,
  mr_mfc_find_parent,
  type mr_table,
  mrtsock_destruct,
  VIFF_STATIC,
  vif_delete,
  vif_device,
  vif_set,
} from '../ipv4/ipmr_base.ts'
import { REG_VIF_MTU, reg_vif_dev_setup, reg_vif_dev_xmit, reg_vif_get_iflink } from '../ipv4/ipmr_reg_vif.ts'
import { MRT, mroute_getsockopt, mrt_flag, mrt_mfc, SIOCGETSGCNT, SIOCGETVIFCNT, vif_counters } from '../ipv4/ipmr_sock.ts'
import type { inet6_sock } from './inet6_sock.ts'
import { flowi6 } from './ip6_fib_lookup.ts'
import { MIFF_REGISTER } from './ip6mr_family.ts'
import { IPV6_HLEN } from './ipv6_hdr.ts'
import { ip6mr_fib_lookup, ip6mr_get_table, ip6mr_new_table } from './ip6mr_rules.ts'

const MIF6CTL = 12
const MF6CCTL = 92

function table_of(sk: inet6_sock): mr_table | Errno {
  if (sk.sk_type !== SOCK_RAW || sk.inet_num !== IPPROTO_ICMPV6) return EOPNOTSUPP
  return ip6mr_get_table(sk.sk_net, sk.ipmr_table || RT_TABLE_MAIN) ?? ENOENT
}
/** ip6mr_sk_done(): the tables whose daemon it was are emptied; EACCES: it was none's. */
export function ip6mr_sk_done(sk: inet6_sock): Errno | undefined {
  let found = false
  for (const mrt of sk.sk_net.ipv6.mr6_tables.values()) {
    if (mrt.mroute_sk !== sk) continue
    mrtsock_destruct(mrt)
    found = true
  }
  return found ? undefined : EACCES
}

export function ip6_mroute_setsockopt(sk: inet6_sock, optname: number, optval: Uint8Array, task: task_struct): Errno | undefined {
  const mrt = table_of(sk)
  if (isErrno(mrt)) return mrt
  const daemon = sk === mrt.mroute_sk
  if (optname !== MRT.INIT && !daemon && !capable(task, CAP_NET_ADMIN)) return EACCES
  const { length } = optval
  switch (optname) {
    case MRT.INIT:
      if (length < 4) return EINVAL
      if (mrt.mroute_sk !== undefined) return EADDRINUSE
      mrt.mroute_sk = sk
      mrt.ops.all_forwarding(mrt.net, 1)
      return undefined
    case MRT.DONE:
      return ip6mr_sk_done(sk)
    case MRT.ADD_VIF:
      return length < MIF6CTL ? EINVAL : mif6_add(mrt, optval, daemon)
    case MRT.DEL_VIF:
      return length < 2 ? EINVAL : vif_delete(mrt, get16(optval, 0), false)
    case MRT.ADD_MFC:
    case MRT.DEL_MFC:
    case MRT.ADD_MFC_PROXY:
    case MRT.DEL_MFC_PROXY:
      return length < MF6CCTL ? EINVAL : mrt_mfc(mrt, optname, mf6cctl(optval), daemon)
    case MRT.FLUSH:
    case MRT.ASSERT:
    case MRT.PIM:
      return length === 4 ? mrt_flag(mrt, optname, getS32(optval, 0)) : EINVAL
    case MRT.TABLE:
      return length === 4 ? mrt6_table(sk, daemon, get32(optval, 0)) : EINVAL
    default:
      return ENOPROTOOPT
  }
}
function mrt6_table(sk: inet6_sock, daemon: boolean, id: number): Errno | undefined {
  if (daemon) return EBUSY
  const mrt = ip6mr_new_table(sk.sk_net, id)
  if (isErrno(mrt)) return mrt
  sk.ipmr_table = id
  return undefined
}
/** struct mf6cctl: two addresses as of sockets, the parent, and a set of interfaces. */
function mf6cctl(b: Uint8Array): mfc_config {
  const ttls = Array.from({ length: MAXVIFS }, (_, i) => (b[60 + (i >> 3)] & (1 << (i & 7)) ? 1 : 255))
  return { origin: b.slice(8, 24), group: b.slice(36, 52), parent: get16(b, 56), ttls }
}

export function reg6_vif_xmit(skb: sk_buff, dev: net_device): number {
  const fl6 = new flowi6()
  fl6.flowi_oif = dev.ifindex
  fl6.flowi_iif = skb.skb_iif || dev.nd_net.loopback_dev.ifindex
  fl6.flowi_mark = skb.mark
  return reg_vif_dev_xmit(skb, dev, ip6mr_fib_lookup(dev.nd_net, fl6))
}
export const reg6_vif_netdev_ops: net_device_ops = {
  name: 'reg6_vif_netdev_ops',
  ndo_start_xmit: reg6_vif_xmit,
  ndo_get_iflink: reg_vif_get_iflink,
}
export function reg6_vif_setup(dev: net_device): void {
  reg_vif_dev_setup(dev, reg6_vif_netdev_ops, REG_VIF_MTU - IPV6_HLEN)
}
/** ip6mr_reg_vif() */
function ip6mr_reg_vif(mrt: mr_table): net_device | undefined {
  const name = mrt.id === RT_TABLE_MAIN ? 'pim6reg' : `pim6reg${mrt.id}`
  const dev = alloc_netdev(mrt.net, name, reg6_vif_netdev_ops, reg6_vif_setup, { name_assign_type: NET_NAME_UNKNOWN })
  if (isErrno(register_netdevice(dev))) return undefined
  if (!isErrno(dev_open(dev))) return dev
  unregister_netdevice(dev)
  return undefined
}
/** mif6_add(), by struct mif6ctl */
function mif6_add(mrt: mr_table, b: Uint8Array, daemon: boolean): Errno | undefined {
  const [mifi, flags, threshold, pifi] = [get16(b, 0), b[2], b[3], get16(b, 4)]
  if (mifi >= MAXVIFS) return ENFILE
  if (mrt.vif_table[mifi] !== undefined) return EADDRINUSE
  if (flags !== 0 && flags !== MIFF_REGISTER) return EINVAL
  if (flags === MIFF_REGISTER && mrt.mroute_reg_vif_num >= 0) return EADDRINUSE
  const dev = flags === MIFF_REGISTER ? ip6mr_reg_vif(mrt) : mrt.net.dev_index_head.get(pifi)
  if (dev === undefined) return flags === MIFF_REGISTER ? ENOBUFS : EADDRNOTAVAIL
  dev_set_allmulti(dev, 1)
  mrt.ops.forwarding(dev, 1)
  const link = flags & MIFF_REGISTER ? dev_get_iflink(dev) : dev.ifindex
  vif_set(mrt, mifi, new vif_device(dev, flags | (daemon ? 0 : VIFF_STATIC), threshold, link, in6addr_any, in6addr_any))
  if (flags & MIFF_REGISTER) mrt.mroute_reg_vif_num = mifi
  return undefined
}

export function ip6_mroute_getsockopt(sk: inet6_sock, optname: number, optlen: number): Uint8Array | Errno {
  const mrt = table_of(sk)
  return isErrno(mrt) ? mrt : mroute_getsockopt(mrt, optname, optlen)
}
const MIF_REQ = 40
const SG_REQ6 = 80
/** ip6mr_ioctl(); undefined: another request. */
export function ip6mr_sk_ioctl(sk: inet6_sock, cmd: number, arg: number, memory: UserMemory): number | Errno | undefined {
  if (sk.sk_type !== SOCK_RAW || (cmd !== SIOCGETVIFCNT && cmd !== SIOCGETSGCNT)) return undefined
  const mrt = ip6mr_get_table(sk.sk_net, sk.ipmr_table || RT_TABLE_MAIN)
  if (mrt === undefined) return ENOENT
  const b = memory.read(arg, cmd === SIOCGETVIFCNT ? MIF_REQ : SG_REQ6)
  if (isErrno(b)) return b
  const error = cmd === SIOCGETVIFCNT ? vif_counters(mrt, b) : mfc_counters(mrt, b)
  return error ?? memory.write(arg, b) ?? 0
}
/** struct sioc_sg_req6 */
function mfc_counters(mrt: mr_table, b: Uint8Array): Errno | undefined {
  const c = mr_mfc_find_parent(mrt, b.slice(8, 24), b.slice(36, 52))
  if (c === undefined) return EADDRNOTAVAIL
  ;[c.pkt, c.bytes, c.wrong_if].forEach((n, i) => put64(b, 56 + i * 8, n))
  return undefined
}
