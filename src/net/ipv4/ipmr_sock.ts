/** net/ipv4/ipmr.c ip_mroute_setsockopt, ipmr_ioctl: what a routing daemon asks of its raw socket of IGMP. */
import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import { capable, type task_struct } from '../../kernel/task.ts'
import { get16, get32, getS32, put32, put64 } from '../../lib/bytes.ts'
import type { UserMemory } from '../../syscalls/types.ts'
import {
  EACCES,
  EADDRINUSE,
  EADDRNOTAVAIL,
  EBUSY,
  EINVAL,
  ENOBUFS,
  ENFILE,
  ENOENT,
  ENOPROTOOPT,
  EOPNOTSUPP,
  type Errno,
  isErrno,
} from '../../uapi/errno.ts'
import { IPPROTO_IGMP } from '../../uapi/linux/in.ts'
import { MAXVIFS } from '../../uapi/linux/mroute.ts'
import { RT_TABLE_DEFAULT } from '../../uapi/linux/rtnetlink.ts'
import { SOCK_RAW } from '../../uapi/linux/socket.ts'
import type { inet_sock } from './inet_sock.ts'
import {
  IGMPMSG_WRVIFWHOLE,
  type mfc_config,
  mr_mfc_add,
  mr_mfc_delete,
  mr_mfc_find_parent,
  type mr_table,
  mroute_clean_tables,
  mrtsock_destruct,
  vif_delete,
} from './ipmr_base.ts'
import { ipmr_get_table, ipmr_new_table } from './ipmr_rules.ts'
import { vif_add } from './ipmr_vif.ts'

/** MRT_*, which MRT6_* have the same numbers as. */
export const MRT = {
  INIT: 200,
  DONE: 201,
  ADD_VIF: 202,
  DEL_VIF: 203,
  ADD_MFC: 204,
  DEL_MFC: 205,
  VERSION: 206,
  ASSERT: 207,
  PIM: 208,
  TABLE: 209,
  ADD_MFC_PROXY: 210,
  DEL_MFC_PROXY: 211,
  FLUSH: 212,
} as const
export function is_mroute_opt(optname: number): boolean {
  return optname >= MRT.INIT && optname <= MRT.FLUSH
}
const VIFCTL = 16
const MFCCTL = 60
const VERSION = 0x0305

function table_of(sk: inet_sock): mr_table | Errno {
  if (sk.sk_type !== SOCK_RAW || sk.inet_num !== IPPROTO_IGMP) return EOPNOTSUPP
  return ipmr_get_table(sk.sk_net, sk.ipmr_table || RT_TABLE_DEFAULT) ?? ENOENT
}
/** ip_ra_control(): packets with the router alert option are the socket's, once (IP_ROUTER_ALERT, MRT_INIT). */
export function ip_ra_control(sk: inet_sock, on: boolean): Errno | undefined {
  const { ipv4 } = sk.sk_net
  if (sk.sk_type !== SOCK_RAW || sk.inet_num === 255) return EINVAL
  if (ipv4.ra_chain.includes(sk)) {
    if (on) return EADDRINUSE
    ipv4.ra_chain = ipv4.ra_chain.filter((other) => other !== sk)
    ipmr_sk_done(sk)
    return undefined
  }
  if (!on) return ENOBUFS
  ipv4.ra_chain = [sk, ...ipv4.ra_chain]
  return undefined
}
/** The tables whose daemon it was are emptied. */
function ipmr_sk_done(sk: inet_sock): void {
  for (const mrt of sk.sk_net.ipv4.mr_tables.values()) if (mrt.mroute_sk === sk) mrtsock_destruct(mrt)
}
/** The socket is closed (raw_close). */
export function ipmr_sk_release(sk: inet_sock): void {
  if (sk.sk_net.ipv4.ra_chain.includes(sk)) ip_ra_control(sk, false)
}

export function ip_mroute_setsockopt(sk: inet_sock, optname: number, optval: Uint8Array, task: task_struct): Errno | undefined {
  const mrt = table_of(sk)
  if (isErrno(mrt)) return mrt
  const daemon = sk === mrt.mroute_sk
  if (optname !== MRT.INIT && !daemon && !capable(task, CAP_NET_ADMIN)) return EACCES
  switch (optname) {
    case MRT.INIT:
      return optval.length === 4 ? mrt_init(sk, mrt) : EINVAL
    case MRT.DONE:
      return daemon ? ip_ra_control(sk, false) : EACCES
    case MRT.ADD_VIF:
    case MRT.DEL_VIF:
      return optval.length === VIFCTL ? mrt_vif(mrt, optname, optval, daemon) : EINVAL
    case MRT.ADD_MFC:
    case MRT.DEL_MFC:
    case MRT.ADD_MFC_PROXY:
    case MRT.DEL_MFC_PROXY:
      return optval.length === MFCCTL ? mrt_mfc(mrt, optname, mfcctl(optval), daemon) : EINVAL
    case MRT.FLUSH:
    case MRT.ASSERT:
    case MRT.PIM:
      return optval.length === 4 ? mrt_flag(mrt, optname, getS32(optval, 0)) : EINVAL
    case MRT.TABLE:
      return optval.length === 4 ? mrt_table(sk, daemon, get32(optval, 0)) : EINVAL
    default:
      return ENOPROTOOPT
  }
}
function mrt_init(sk: inet_sock, mrt: mr_table): Errno | undefined {
  if (mrt.mroute_sk !== undefined) return EADDRINUSE
  const error = ip_ra_control(sk, true)
  if (isErrno(error)) return error
  mrt.mroute_sk = sk
  mrt.ops.all_forwarding(mrt.net, 1)
  return undefined
}
function mrt_vif(mrt: mr_table, optname: number, b: Uint8Array, daemon: boolean): Errno | undefined {
  const vifi = get16(b, 0)
  if (vifi >= MAXVIFS) return ENFILE
  if (optname === MRT.DEL_VIF) return vif_delete(mrt, vifi, false)
  const [local, remote] = [b.slice(8, 12), b.slice(12, 16)]
  return vif_add(mrt, { vifi, flags: b[2], threshold: b[3], local, ifindex: getS32(b, 8), remote }, daemon)
}
function mfcctl(b: Uint8Array): mfc_config {
  return { origin: b.slice(0, 4), group: b.slice(4, 8), parent: get16(b, 8), ttls: [...b.subarray(10, 10 + MAXVIFS)] }
}
/** The _PROXY options name an entry by its parent too. */
export function mrt_mfc(mrt: mr_table, optname: number, cfg: mfc_config, daemon: boolean): Errno | undefined {
  const parent = optname === MRT.ADD_MFC_PROXY || optname === MRT.DEL_MFC_PROXY ? cfg.parent : -1
  if (optname === MRT.DEL_MFC || optname === MRT.DEL_MFC_PROXY) return mr_mfc_delete(mrt, cfg, parent)
  return mr_mfc_add(mrt, cfg, daemon, parent)
}
export function mrt_flag(mrt: mr_table, optname: number, value: number): undefined {
  if (optname === MRT.FLUSH) {
    mroute_clean_tables(mrt, value)
  } else if (optname === MRT.ASSERT) {
    mrt.mroute_do_assert = value !== 0
  } else if ((value !== 0) !== mrt.mroute_do_pim) {
    mrt.mroute_do_pim = mrt.mroute_do_assert = value !== 0
    mrt.mroute_do_wrvifwhole = value === IGMPMSG_WRVIFWHOLE
  }
  return undefined
}
function mrt_table(sk: inet_sock, daemon: boolean, id: number): Errno | undefined {
  if (daemon) return EBUSY
  const mrt = ipmr_new_table(sk.sk_net, id)
  if (isErrno(mrt)) return mrt
  sk.ipmr_table = id
  return undefined
}

export function ip_mroute_getsockopt(sk: inet_sock, optname: number, optlen: number): Uint8Array | Errno {
  const mrt = table_of(sk)
  if (isErrno(mrt)) return mrt
  return mroute_getsockopt(mrt, optname, optlen)
}
export function mroute_getsockopt(mrt: mr_table, optname: number, optlen: number): Uint8Array | Errno {
  if (optname !== MRT.VERSION && optname !== MRT.PIM && optname !== MRT.ASSERT) return ENOPROTOOPT
  if (optlen < 0) return EINVAL
  const answer = new Uint8Array(4)
  const value = optname === MRT.VERSION ? VERSION : Number(optname === MRT.PIM ? mrt.mroute_do_pim : mrt.mroute_do_assert)
  put32(answer, 0, value)
  return answer.subarray(0, Math.min(4, optlen))
}

export const SIOCGETVIFCNT = 0x89e0
export const SIOCGETSGCNT = 0x89e1
const VIF_REQ = 40
const SG_REQ = 32
/** ipmr_ioctl(): counters of a VIF, or of an entry; undefined: another request. */
export function ipmr_sk_ioctl(sk: inet_sock, cmd: number, arg: number, memory: UserMemory): number | Errno | undefined {
  if (sk.sk_type !== SOCK_RAW || (cmd !== SIOCGETVIFCNT && cmd !== SIOCGETSGCNT)) return undefined
  const mrt = ipmr_get_table(sk.sk_net, sk.ipmr_table || RT_TABLE_DEFAULT)
  if (mrt === undefined) return ENOENT
  const b = memory.read(arg, cmd === SIOCGETVIFCNT ? VIF_REQ : SG_REQ)
  if (isErrno(b)) return b
  const error = cmd === SIOCGETVIFCNT ? vif_counters(mrt, b) : mfc_counters(mrt, b)
  return error ?? memory.write(arg, b) ?? 0
}
/** struct sioc_vif_req, and IPv6's sioc_mif_req6. */
export function vif_counters(mrt: mr_table, b: Uint8Array): Errno | undefined {
  const vifi = get16(b, 0)
  if (vifi >= mrt.maxvif) return EINVAL
  const v = mrt.vif_table[vifi]
  if (v === undefined) return EADDRNOTAVAIL
  ;[v.pkt_in, v.pkt_out, v.bytes_in, v.bytes_out].forEach((n, i) => put64(b, 8 + i * 8, n))
  return undefined
}
function mfc_counters(mrt: mr_table, b: Uint8Array): Errno | undefined {
  const c = mr_mfc_find_parent(mrt, b.slice(0, 4), b.slice(4, 8))
  if (c === undefined) return EADDRNOTAVAIL
  ;[c.pkt, c.bytes, c.wrong_if].forEach((n, i) => put64(b, 8 + i * 8, n))
  return undefined
}
