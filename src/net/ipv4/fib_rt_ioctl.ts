/** net/ipv4/fib_frontend.c ip_rt_ioctl: SIOCADDRT and SIOCDELRT (route). */
import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import { capable, type task_struct } from '../../kernel/task.ts'
import { type Bytes, get16, getBe32, getString, put16, put32 } from '../../lib/bytes.ts'
import type { UserMemory } from '../../syscalls/types.ts'
import { EAFNOSUPPORT, EFAULT, EINVAL, ENODEV, EPERM, type Errno, ESRCH, isErrno } from '../../uapi/errno.ts'
import { IFNAMSIZ } from '../../uapi/linux/if.ts'
import { bad_mask, inet_mask_len } from '../../uapi/linux/in.ts'
import { NLM_F_CREATE } from '../../uapi/linux/netlink.ts'
import { RTF_GATEWAY, RTF_HOST, RTF_IRTT, RTF_MTU, RTF_REJECT, RTF_WINDOW, rtentry } from '../../uapi/linux/route.ts'
import {
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_NOWHERE,
  RT_SCOPE_UNIVERSE,
  RT_TABLE_MAIN,
  RTAX_ADVMSS,
  RTAX_RTT,
  RTAX_WINDOW,
  RTN_UNICAST,
  RTN_UNREACHABLE,
  RTPROT_BOOT,
} from '../../uapi/linux/rtnetlink.ts'
import { AF_INET } from '../../uapi/linux/socket.ts'
import { SIOCDELRT } from '../../uapi/linux/sockios.ts'
import { __dev_get_by_name } from '../core/dev.ts'
import type { net } from '../core/net_namespace.ts'
import type { raw_metrics } from './fib_metrics.ts'
import { fib_config } from './fib_semantics.ts'
import { fib_table_delete, fib_table_insert } from './fib_table.ts'
import { fib_get_table, fib_new_table, inet_addr_type_table } from './fib_tables.ts'

function family(sin: Bytes): number {
  return get16(sin, 0)
}
function sin_addr(sin: Bytes): number {
  return getBe32(sin, 4)
}

/** The device by name, or the address of the label ("eth0:1") as source. */
function apply_dev(cfg: fib_config, label: string): Errno | undefined {
  const colon = label.indexOf(':')
  const dev = __dev_get_by_name(cfg.net, colon < 0 ? label : label.slice(0, colon))
  if (dev === undefined) return ENODEV
  cfg.fc_oif = dev.ifindex
  if (colon < 0) return undefined
  const ifa = dev.ip_ptr?.ifa_list.find((a) => a.ifa_label === label)
  if (ifa === undefined) return ENODEV
  cfg.fc_prefsrc = ifa.ifa_local
  return undefined
}

/** The three metrics that the structure has, as RTA_METRICS would carry them. */
function metrics(rt: ReturnType<typeof rtentry.get>): raw_metrics | undefined {
  const list: [number, number][] = []
  if (rt.rt_flags & RTF_MTU) list.push([RTAX_ADVMSS.nr, rt.rt_mtu - 40])
  if (rt.rt_flags & RTF_WINDOW) list.push([RTAX_WINDOW.nr, rt.rt_window])
  if (rt.rt_flags & RTF_IRTT) list.push([RTAX_RTT.nr, rt.rt_irtt << 3])
  if (list.length === 0) return undefined
  const buf = new Uint8Array(list.length * 8)
  for (const [i, [nr, value]] of list.entries()) {
    put16(buf, i * 8, 8)
    put16(buf, i * 8 + 2, nr)
    put32(buf, i * 8 + 4, value)
  }
  return { buf, start: 0, end: buf.length }
}

function destination(cfg: fib_config, rt: ReturnType<typeof rtentry.get>): Errno | undefined {
  if (family(rt.rt_dst) !== AF_INET) return EAFNOSUPPORT
  cfg.fc_dst = sin_addr(rt.rt_dst)
  cfg.fc_dst_len = 32
  if (rt.rt_flags & RTF_HOST) return undefined
  const mask = sin_addr(rt.rt_genmask)
  // some programs leave the mask's family out, which is clear enough for the mask of all zeros
  if (family(rt.rt_genmask) !== AF_INET && (mask !== 0 || family(rt.rt_genmask) !== 0)) return EAFNOSUPPORT
  if (bad_mask(mask, cfg.fc_dst)) return EINVAL
  cfg.fc_dst_len = inet_mask_len(mask)
  return undefined
}

function rtentry_to_fib_config(net: net, cmd: number, rt: ReturnType<typeof rtentry.get>, memory: UserMemory): fib_config | Errno {
  const cfg = new fib_config(net)
  const error = destination(cfg, rt)
  if (isErrno(error)) return error
  if (cmd !== SIOCDELRT) {
    cfg.fc_nlflags = NLM_F_CREATE
    cfg.fc_protocol = RTPROT_BOOT
  }
  if (rt.rt_metric !== 0) cfg.fc_priority = rt.rt_metric - 1
  if (rt.rt_flags & RTF_REJECT) {
    cfg.fc_scope = RT_SCOPE_HOST
    cfg.fc_type = RTN_UNREACHABLE
    return cfg
  }
  cfg.fc_scope = RT_SCOPE_NOWHERE
  cfg.fc_type = RTN_UNICAST
  if (rt.rt_dev !== 0) {
    const name = memory.read(rt.rt_dev, IFNAMSIZ - 1)
    const bad = isErrno(name) ? EFAULT : apply_dev(cfg, getString(name, 0, name.length))
    if (isErrno(bad)) return bad
  }
  return gateway(cfg, cmd, rt) ?? cfg
}
function gateway(cfg: fib_config, cmd: number, rt: ReturnType<typeof rtentry.get>): Errno | undefined {
  const gw = sin_addr(rt.rt_gateway)
  if (family(rt.rt_gateway) === AF_INET && gw !== 0) {
    cfg.fc_gw4 = gw
    cfg.fc_gw_family = AF_INET
    const type = inet_addr_type_table(cfg.net, gw, cfg.fc_table)
    if (rt.rt_flags & RTF_GATEWAY && type === RTN_UNICAST) cfg.fc_scope = RT_SCOPE_UNIVERSE
  }
  if (cmd === SIOCDELRT) return undefined
  if (rt.rt_flags & RTF_GATEWAY && cfg.fc_gw_family === 0) return EINVAL
  if (cfg.fc_scope === RT_SCOPE_NOWHERE) cfg.fc_scope = RT_SCOPE_LINK
  cfg.fc_mx = metrics(rt)
  return undefined
}

/** `arg`: address of a struct rtentry. */
export function ip_rt_ioctl(net: net, task: task_struct, cmd: number, arg: number, memory: UserMemory): Errno | undefined {
  const bytes = memory.read(arg, rtentry.size)
  if (isErrno(bytes)) return EFAULT
  if (!capable(task, CAP_NET_ADMIN)) return EPERM
  const cfg = rtentry_to_fib_config(net, cmd, rtentry.get(bytes, 0), memory)
  if (isErrno(cfg)) return cfg
  if (cfg.fc_table === 0) cfg.fc_table = RT_TABLE_MAIN
  if (cmd !== SIOCDELRT) return fib_table_insert(net, fib_new_table(net, cfg.fc_table), cfg)
  const tb = fib_get_table(net, cfg.fc_table)
  return tb === undefined ? ESRCH : fib_table_delete(net, tb, cfg)
}
