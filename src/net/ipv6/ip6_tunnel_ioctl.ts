/** SIOC*TUNNEL of the tunnels over IPv6 (ip6_tnl_siocdevprivate, ip6gre_tunnel_siocdevprivate, vti6_siocdevprivate): one for all kinds. */
import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import { capable, type task_struct } from '../../kernel/task.ts'
import type { UserMemory } from '../../syscalls/types.ts'
import { EEXIST, EFAULT, EINVAL, ENOENT, EPERM, type Errno, isErrno } from '../../uapi/errno.ts'
import * as U from '../../uapi/linux/if_tunnel.ts'
import { unregister_netdevice } from '../core/dev.ts'
import { ifr_pointer } from '../core/dev_ioctl.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { ip6_tnl_net_of, ip6_tnl_parm_from_user, ip6_tnl_parm_to_user } from './ip6_tunnel_core.ts'
import { type __ip6_tnl_parm, type ip6_tnl, ip6_tnl_priv } from './ip6_tunnel_state.ts'

declare module '../core/netdevice.ts' {
  interface net_device_ops {
    /** Of tunnels over IPv6: what ip6_tnl_siocdevprivate() calls. */
    readonly ip6_tnl_ctl?: ip6_tnl_ctl_ops
  }
}

/** What differs between the kinds. An exported constant each. */
export interface ip6_tnl_ctl_ops {
  readonly net_id: string
  /** The structure with flags and keys. */
  readonly keys: boolean
  /** What programs are told in the place of what the device has (ip6gre_tnl_parm_to_user(), vti6_parm_to_user()). */
  readonly told?: (p: __ip6_tnl_parm) => Partial<__ip6_tnl_parm>
  /** Refuses what the kind cannot do; may change `p`. */
  readonly check: (p: __ip6_tnl_parm) => Errno | undefined
  readonly locate: (net: net, p: __ip6_tnl_parm, type: number) => ip6_tnl | undefined
  readonly make: (net: net, p: __ip6_tnl_parm) => ip6_tnl | Errno
  readonly change: (t: ip6_tnl, p: __ip6_tnl_parm) => void
  /** The fallback device's own change; absent: the tunnel that `p` names is answered and nothing changes. */
  readonly change_fallback?: (t: ip6_tnl, p: __ip6_tnl_parm) => void
  /** What SIOCADDTUNNEL answers when the tunnel is there. */
  readonly duplicate: Errno
}

export function ip6_tnl_siocdevprivate(
  dev: net_device,
  ifr: Uint8Array,
  memory: UserMemory,
  cmd: number,
  task: task_struct,
): Errno | undefined {
  const ops = dev.netdev_ops.ip6_tnl_ctl as ip6_tnl_ctl_ops
  const t = ip6_tnl_priv(dev)
  const is_fb = dev === ip6_tnl_net_of(t.net, ops.net_id).fb_tnl_dev
  const at = ifr_pointer(ifr)
  if (cmd !== U.SIOCGETTUNNEL && cmd !== U.SIOCADDTUNNEL && cmd !== U.SIOCCHGTUNNEL && cmd !== U.SIOCDELTUNNEL) return EINVAL
  if (cmd !== U.SIOCGETTUNNEL && !capable(task, CAP_NET_ADMIN)) return EPERM
  const ours = !is_fb && (cmd === U.SIOCGETTUNNEL || cmd === U.SIOCDELTUNNEL)
  const raw = ours ? undefined : memory.read(at, ops.keys ? U.ip6_tnl_parm2.size : U.ip6_tnl_parm.size)
  if (isErrno(raw)) return EFAULT
  const p = raw === undefined ? undefined : ip6_tnl_parm_from_user(raw)
  const result = p === undefined ? t : named(dev, t, is_fb, p, cmd, ops)
  if (isErrno(result)) return result
  if (cmd === U.SIOCDELTUNNEL) {
    if (is_fb && result.dev === dev) return EPERM
    unregister_netdevice(result.dev)
    return undefined
  }
  const parms = { ...result.parms, ...ops.told?.(result.parms) }
  return isErrno(memory.write(at, ip6_tnl_parm_to_user(parms, ops.keys))) ? EFAULT : undefined
}

/** The tunnel that `p` names, made or changed as asked. */
function named(dev: net_device, own: ip6_tnl, is_fb: boolean, p: __ip6_tnl_parm, cmd: number, ops: ip6_tnl_ctl_ops): ip6_tnl | Errno {
  if (cmd === U.SIOCGETTUNNEL) return ops.locate(own.net, p, dev.type) ?? own
  if (cmd === U.SIOCDELTUNNEL) return ops.locate(own.net, p, dev.type) ?? ENOENT
  const error = ops.check(p)
  if (isErrno(error)) return error
  const t = ops.locate(own.net, p, dev.type)
  if (cmd === U.SIOCADDTUNNEL) return t !== undefined ? ops.duplicate : ops.make(own.net, p)
  if (is_fb) {
    if (ops.change_fallback === undefined) return t ?? ENOENT
    if (t !== undefined && t.dev !== dev) return EEXIST
    ops.change_fallback(own, p)
    return own
  }
  if (t !== undefined && t.dev !== dev) return EEXIST
  ops.change(own, p)
  return own
}
