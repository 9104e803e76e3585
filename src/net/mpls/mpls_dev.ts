/** net/mpls/af_mpls.c mpls_add_dev, mpls_netconf_*: whether a device takes labelled packets: net.mpls.conf.DEV.input. */
import { type ctl_buffer, type ctl_table, register_net_sysctl, unregister_net_sysctl_table } from '../../fs/proc_sysctl.ts'
import { proc_dointvec } from '../../fs/sysctl.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { type Errno, isErrno } from '../../uapi/errno.ts'
import { NETCONFA, NETCONFA_ALL, NETCONFA_INPUT } from '../../uapi/linux/netconf.ts'
import { RTM_DELNETCONF, RTM_NEWNETCONF, RTNLGRP_MPLS_NETCONF } from '../../uapi/linux/rtnetlink.ts'
import { AF_MPLS } from '../../uapi/linux/socket.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { type netconf_family, netconf_dump, netconf_get, netconf_notify } from '../core/netconf.ts'
import { NLA_UNSPEC, policy } from '../netlink/policy.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'
import { mpls_dev, mpls_dev_get, netns_mpls_of } from './mpls_private.ts'

export const devconf_mpls_policy = policy(NETCONFA, { NETCONFA_IFINDEX: NLA_UNSPEC(4) }, { name: 'devconf_mpls_policy' })

/** MPLS's part of net/core/netconf.ts. */
const netconf_mpls: netconf_family<mpls_dev> = {
  family: AF_MPLS,
  name: 'mpls_router',
  group: RTNLGRP_MPLS_NETCONF,
  policy: devconf_mpls_policy,
  shown: [[NETCONFA_INPUT, NETCONFA_INPUT.nr]],
  value: (mdev) => mdev.input_enabled,
  of_device: mpls_dev_get,
}
function mpls_netconf_notify_devconf(net: net, event: number, type: number, ifindex: number, mdev: mpls_dev | undefined): void {
  netconf_notify(netconf_mpls, net, event, type, ifindex, mdev)
}
export function mpls_netconf_get_devconf(req: Request): Errno | undefined {
  return netconf_get(netconf_mpls, req)
}
export function mpls_netconf_dump_devconf(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  return netconf_dump(netconf_mpls, skb, cb)
}

/** mpls_conf_proc(): a change is told. */
export function mpls_conf_proc(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  const mdev = ctl.data as mpls_dev
  const before = mdev.input_enabled
  const error = proc_dointvec(ctl, write, buf)
  if (write && !isErrno(error) && mdev.input_enabled !== before) {
    mpls_netconf_notify_devconf(mdev.dev.nd_net, RTM_NEWNETCONF, NETCONFA_INPUT.nr, mdev.dev.ifindex, mdev)
  }
  return error
}
/** Its file in net/mpls/conf and the news of it. */
export function mpls_dev_sysctl_register(mdev: mpls_dev): void {
  const { dev } = mdev
  const input = { procname: 'input', mode: 0o644, proc_handler: mpls_conf_proc, data: mdev, key: 'input_enabled' }
  mdev.sysctl = register_net_sysctl(dev.nd_net, `net/mpls/conf/${dev.name}`, [input])
  mpls_netconf_notify_devconf(dev.nd_net, RTM_NEWNETCONF, NETCONFA_ALL, dev.ifindex, mdev)
}
export function mpls_dev_sysctl_unregister(mdev: mpls_dev): void {
  const { dev } = mdev
  unregister_net_sysctl_table(mdev.sysctl)
  mdev.sysctl = undefined
  mpls_netconf_notify_devconf(dev.nd_net, RTM_DELNETCONF, 0, dev.ifindex, undefined)
}
export function mpls_add_dev(dev: net_device): void {
  const mdev = new mpls_dev(dev)
  netns_mpls_of(dev.nd_net).devs.set(dev, mdev)
  mpls_dev_sysctl_register(mdev)
}
export function mpls_del_dev(mdev: mpls_dev): void {
  mpls_dev_sysctl_unregister(mdev)
  netns_mpls_of(mdev.dev.nd_net).devs.delete(mdev.dev)
}
