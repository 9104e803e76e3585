/** net/mpls/af_mpls.c: MPLS comes up: its table of labels in each namespace, and what it does when devices change. */
import { type ctl_buffer, type ctl_table, register_net_sysctl, unregister_net_sysctl_table } from '../../fs/proc_sysctl.ts'
import { proc_dointvec_minmax } from '../../fs/sysctl.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { NOTIFY_DONE, notifier_block } from '../../kernel/notifier.ts'
import { ENODATA, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_LOWER_UP, IFF_RUNNING } from '../../uapi/linux/if.ts'
import {
  RTM_DELROUTE,
  RTM_GETNETCONF,
  RTM_GETROUTE,
  RTM_NEWROUTE,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
  RTPROT_KERNEL,
} from '../../uapi/linux/rtnetlink.ts'
import { ETH_P_MPLS_UC } from '../../uapi/linux/if_ether.ts'
import { put64 } from '../../lib/bytes.ts'
import { AF_MPLS, AF_PACKET } from '../../uapi/linux/socket.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { dev_add_pack, dev_get_flags, packet_type, register_netdevice_notifier } from '../core/dev.ts'
import { type net, type pernet_operations, register_pernet_subsys } from '../core/net_namespace.ts'
import {
  NETDEV_CHANGE,
  NETDEV_CHANGENAME,
  NETDEV_DOWN,
  NETDEV_REGISTER,
  NETDEV_UNREGISTER,
  NETDEV_UP,
  type net_device,
  type netdev_notifier_info,
} from '../core/netdevice.ts'
import { type rtnl_af_ops, rtnl_af_register, rtnl_register } from '../core/rtnetlink.ts'
import {
  mpls_add_dev,
  mpls_del_dev,
  mpls_dev_sysctl_register,
  mpls_dev_sysctl_unregister,
  mpls_netconf_dump_devconf,
  mpls_netconf_get_devconf,
} from './mpls_dev.ts'
import { mpls_forward } from './mpls_forward.ts'
import { MPLS_TTL_PROP_DEFAULT, mpls_dev_get, mpls_nh, mpls_route, netns_mpls, netns_mpls_of, netns_mpls_set } from './mpls_private.ts'
import { mpls_ifdown, mpls_ifup, mpls_route_update } from './mpls_route.ts'
import { mpls_dump_routes, mpls_getroute, mpls_rtm_delroute, mpls_rtm_newroute } from './mpls_rtm.ts'

const LABEL_LIMIT = 1 << 20
const MPLS_LABEL_IPV4NULL = 0
const MPLS_LABEL_IPV6NULL = 2
const MPLS_STATS_LINK = 1
/** struct mpls_link_stats: nine counters. */
const MPLS_LINK_STATS_SIZE = 72

/** resize_platform_label_table(): routes beyond it go; the explicit null labels are the host's own. */
function resize(net: net, limit: number): void {
  const mpls = netns_mpls_of(net)
  for (const [label] of mpls.platform_label.from(limit)) mpls_route_update(net, label, undefined, undefined)
  const old = mpls.platform_labels
  mpls.platform_labels = limit
  for (const label of [MPLS_LABEL_IPV6NULL, MPLS_LABEL_IPV4NULL]) {
    if (old > label || limit <= label) continue
    const lo = net.loopback_dev
    const rt = new mpls_route(RTPROT_KERNEL, MPLS_TTL_PROP_DEFAULT, false)
    const nh = new mpls_nh([], { family: AF_PACKET, addr: lo.dev_addr.slice(0, lo.addr_len) })
    nh.dev = lo
    rt.nhs.push(nh)
    mpls_route_update(net, label, rt, undefined)
  }
}
export function mpls_platform_labels(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  const net = ctl.data as net
  const value = { platform_labels: netns_mpls_of(net).platform_labels }
  const error = proc_dointvec_minmax({ ...ctl, data: value, key: 'platform_labels' }, write, buf)
  if (write && !isErrno(error)) resize(net, value.platform_labels)
  return error
}
function mpls_table(net: net, mpls: netns_mpls): ctl_table[] {
  const mode = 0o644
  return [
    { procname: 'platform_labels', mode, proc_handler: mpls_platform_labels, data: net, extra1: 0, extra2: LABEL_LIMIT },
    {
      procname: 'ip_ttl_propagate',
      mode,
      proc_handler: proc_dointvec_minmax,
      data: mpls,
      key: 'ip_ttl_propagate',
      extra1: 0,
      extra2: 1,
    },
    {
      procname: 'default_ttl',
      mode,
      proc_handler: proc_dointvec_minmax,
      data: mpls,
      key: 'default_ttl',
      extra1: 1,
      extra2: 255,
    },
  ]
}
export function mpls_net_init(net: net): Errno | undefined {
  const mpls = new netns_mpls()
  netns_mpls_set(net, mpls)
  mpls.ctl = register_net_sysctl(net, 'net/mpls', mpls_table(net, mpls))
  return undefined
}
export function mpls_net_exit(net: net): void {
  unregister_net_sysctl_table(netns_mpls_of(net).ctl)
  netns_mpls_set(net, undefined)
}
export const mpls_net_ops: pernet_operations = { name: 'mpls_net_ops', init: mpls_net_init, exit: mpls_net_exit }

function has_carrier(dev: net_device): boolean {
  return (dev_get_flags(dev) & (IFF_RUNNING | IFF_LOWER_UP)) !== 0
}
export function mpls_dev_notify(_nb: notifier_block, event: number, { dev }: netdev_notifier_info): number {
  if (event === NETDEV_REGISTER) {
    mpls_add_dev(dev)
    return NOTIFY_DONE
  }
  const mdev = mpls_dev_get(dev)
  if (mdev === undefined) return NOTIFY_DONE
  switch (event) {
    case NETDEV_DOWN:
      mpls_ifdown(dev, RTNH_F_DEAD | RTNH_F_LINKDOWN, false)
      break
    case NETDEV_UP:
      mpls_ifup(dev, has_carrier(dev) ? RTNH_F_DEAD | RTNH_F_LINKDOWN : RTNH_F_DEAD)
      break
    case NETDEV_CHANGE:
      if (has_carrier(dev)) mpls_ifup(dev, RTNH_F_DEAD | RTNH_F_LINKDOWN)
      else mpls_ifdown(dev, RTNH_F_LINKDOWN, false)
      break
    case NETDEV_UNREGISTER:
      mpls_ifdown(dev, RTNH_F_DEAD | RTNH_F_LINKDOWN, true)
      mpls_del_dev(mdev)
      break
    case NETDEV_CHANGENAME:
      mpls_dev_sysctl_unregister(mdev)
      mpls_dev_sysctl_register(mdev)
  }
  return NOTIFY_DONE
}

export function mpls_fill_stats_af(skb: MessageBuilder, dev: net_device): Errno | undefined {
  const mdev = mpls_dev_get(dev)
  if (mdev === undefined) return ENODATA
  const o = skb.reserve(MPLS_STATS_LINK, MPLS_LINK_STATS_SIZE)
  if (o >= 0) Object.values(mdev.stats).forEach((n, i) => put64(skb.buf, o + 8 * i, n))
  return undefined
}
export const mpls_af_ops: rtnl_af_ops = { name: 'mpls_af_ops', family: AF_MPLS, fill_stats_af: mpls_fill_stats_af }

export function mpls_init(kernel: Kernel): Errno | undefined {
  const error = register_pernet_subsys(kernel, mpls_net_ops)
  if (isErrno(error)) return error
  register_netdevice_notifier(kernel, new notifier_block(mpls_dev_notify, kernel))
  rtnl_af_register(kernel, mpls_af_ops)
  dev_add_pack(kernel, new packet_type(ETH_P_MPLS_UC, mpls_forward))
  rtnl_register(kernel, AF_MPLS, RTM_NEWROUTE, { doit: mpls_rtm_newroute })
  rtnl_register(kernel, AF_MPLS, RTM_DELROUTE, { doit: mpls_rtm_delroute })
  rtnl_register(kernel, AF_MPLS, RTM_GETROUTE, { doit: mpls_getroute, dumpit: mpls_dump_routes })
  rtnl_register(kernel, AF_MPLS, RTM_GETNETCONF, { doit: mpls_netconf_get_devconf, dumpit: mpls_netconf_dump_devconf })
  return undefined
}
