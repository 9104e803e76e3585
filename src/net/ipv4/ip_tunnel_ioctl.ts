/** net/ipv4/ip_tunnel.c ip_tunnel_ctl, ip_tunnel_siocdevprivate: SIOC*TUNNEL, as `ip tunnel` and iptunnel use them. */
import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import { capable, type task_struct } from '../../kernel/task.ts'
import type { UserMemory } from '../../syscalls/types.ts'
import { EEXIST, EFAULT, EINVAL, ENOENT, EPERM, type Errno, isErrno } from '../../uapi/errno.ts'
import * as U from '../../uapi/linux/if_tunnel.ts'
import { unregister_netdevice } from '../core/dev.ts'
import { ifr_pointer } from '../core/dev_ioctl.ts'
import type { net_device } from '../core/netdevice.ts'
import { ip_tunnel_create, ip_tunnel_update, peer_change_refused } from './ip_tunnel.ts'
import {
  IP_DF,
  type ip_tunnel,
  ip_tunnel_find,
  type ip_tunnel_net,
  ip_tunnel_net_of,
  ip_tunnel_parm_kern,
  ip_tunnel_priv,
} from './ip_tunnel_state.ts'

declare module '../core/netdevice.ts' {
  interface net_device_ops {
    /** SIOC*TUNNEL as the kind does them: reads and answers in `p`. */
    readonly ndo_tunnel_ctl?: (dev: net_device, p: ip_tunnel_parm_kern, cmd: number, task: task_struct) => Errno | undefined
  }
}

/** ip_tunnel_siocdevprivate(): the structure out of the program's memory and back; between them the kind's ndo_tunnel_ctl. */
export function ip_tunnel_siocdevprivate(
  dev: net_device,
  ifr: Uint8Array,
  memory: UserMemory,
  cmd: number,
  task: task_struct,
): Errno | undefined {
  const raw = memory.read(ifr_pointer(ifr), U.ip_tunnel_parm.size)
  if (isErrno(raw)) return EFAULT
  const p = ip_tunnel_parm_from_user(raw)
  const error = dev.netdev_ops.ndo_tunnel_ctl?.(dev, p, cmd, task)
  if (isErrno(error)) return error
  return isErrno(memory.write(ifr_pointer(ifr), ip_tunnel_parm_to_user(p))) ? EFAULT : undefined
}
export function ip_tunnel_parm_from_user(raw: Uint8Array): ip_tunnel_parm_kern {
  const { version_ihl, tot_len, id, check, ...fields } = U.ip_tunnel_parm.get(raw, 0)
  return Object.assign(new ip_tunnel_parm_kern(), fields, { version: version_ihl >> 4, ihl: version_ihl & 15 })
}
export function ip_tunnel_parm_to_user(p: ip_tunnel_parm_kern): Uint8Array {
  return U.ip_tunnel_parm.encode({ ...p, version_ihl: (p.version << 4) | p.ihl })
}

export function ip_tunnel_ctl(dev: net_device, p: ip_tunnel_parm_kern, cmd: number, task: task_struct): Errno | undefined {
  const t = ip_tunnel_priv(dev)
  const itn = ip_tunnel_net_of(t.net, t.net_id)
  switch (cmd) {
    case U.SIOCGETTUNNEL:
      Object.assign(p, (dev === itn.fb_tunnel_dev ? ip_tunnel_find(itn, p, dev.type) : undefined)?.parms ?? t.parms)
      return undefined
    case U.SIOCADDTUNNEL:
    case U.SIOCCHGTUNNEL:
      if (!capable(task, CAP_NET_ADMIN)) return EPERM
      return add_or_change(dev, t, itn, p, cmd)
    case U.SIOCDELTUNNEL:
      if (!capable(task, CAP_NET_ADMIN)) return EPERM
      return delete_tunnel(dev, itn, p)
    default:
      return EINVAL
  }
}

function add_or_change(dev: net_device, tunnel: ip_tunnel, itn: ip_tunnel_net, p: ip_tunnel_parm_kern, cmd: number): Errno | undefined {
  if (p.ttl !== 0) p.frag_off |= IP_DF
  if (itn.rtnl_link_ops.kind !== 'vti') {
    if (!(p.i_flags & U.GRE_KEY)) p.i_key = 0
    if (!(p.o_flags & U.GRE_KEY)) p.o_key = 0
  }
  const t = ip_tunnel_find(itn, p, itn.type)
  if (cmd === U.SIOCADDTUNNEL) return t !== undefined ? EEXIST : ip_tunnel_create(tunnel.net, itn, p)
  if (dev !== itn.fb_tunnel_dev) {
    if (t !== undefined && t.dev !== dev) return EEXIST
    if (t === undefined && peer_change_refused(dev, p.daddr)) return EINVAL
    ip_tunnel_update(itn, tunnel, dev, p, true, 0)
    return undefined
  }
  if (t === undefined) return ENOENT
  ip_tunnel_update(itn, t, t.dev, p, true, 0)
  return undefined
}

/** On the fallback device the ends in `p` name the tunnel. */
function delete_tunnel(dev: net_device, itn: ip_tunnel_net, p: ip_tunnel_parm_kern): Errno | undefined {
  if (dev !== itn.fb_tunnel_dev) {
    unregister_netdevice(dev)
    return undefined
  }
  const t = ip_tunnel_find(itn, p, dev.type)
  if (t === undefined) return ENOENT
  if (t.dev === dev) return EPERM
  unregister_netdevice(t.dev)
  return undefined
}
