/** net/mpls/af_mpls.c mpls_add_dev, mpls_netconf_*: whether a device takes labelled packets: net.mpls.conf.DEV.input. */
import { type ctl_buffer, type ctl_table, register_net_sysctl, unregister_net_sysctl_table } from '../../fs/proc_sysctl.ts'
import { proc_dointvec } from '../../fs/sysctl.ts'
import { MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { EINVAL, ENOBUFS, type Errno, isErrno } from '../../uapi/errno.ts'
import { NETCONFA, NETCONFA_ALL, NETCONFA_IFINDEX, NETCONFA_INPUT, netconfmsg } from '../../uapi/linux/netconf.ts'
import { NLM_F_MULTI } from '../../uapi/linux/netlink.ts'
import { RTM_DELNETCONF, RTM_NEWNETCONF, RTNLGRP_MPLS_NETCONF } from '../../uapi/linux/rtnetlink.ts'
import { AF_MPLS } from '../../uapi/linux/socket.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { rtnl_notify, rtnl_unicast } from '../core/rtnetlink.ts'
import { nlmsg_parse_deprecated, nlmsg_parse_deprecated_strict } from '../netlink/attr.ts'
import { NLA_UNSPEC, policy } from '../netlink/policy.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'
import { mpls_dev, mpls_dev_get, netns_mpls_of } from './mpls_private.ts'

interface head {
  event: number
  flags: number
  portid: number
  seq: number
}
/** mpls_netconf_fill_devconf(); without `mdev` the index alone. */
function fill(skb: MessageBuilder, ifindex: number, mdev: mpls_dev | undefined, head: head, type: number): boolean {
  skb.begin(head.event, head.flags, head.seq, head.portid)
  skb.struct(netconfmsg, { ncm_family: AF_MPLS })
  skb.put(NETCONFA_IFINDEX, ifindex)
  if (mdev !== undefined && (type === NETCONFA_ALL || type === NETCONFA_INPUT.nr)) skb.put(NETCONFA_INPUT, mdev.input_enabled)
  return skb.end()
}
function mpls_netconf_notify_devconf(net: net, event: number, type: number, ifindex: number, mdev: mpls_dev | undefined): void {
  const skb = new MessageBuilder(undefined, 64)
  fill(skb, ifindex, mdev, { event, flags: 0, portid: 0, seq: 0 }, type)
  rtnl_notify(net, skb, 0, RTNLGRP_MPLS_NETCONF, false)
}

export const devconf_mpls_policy = policy(NETCONFA, { NETCONFA_IFINDEX: NLA_UNSPEC(4) }, { name: 'devconf_mpls_policy' })
export function mpls_netconf_get_devconf(req: Request): Errno | undefined {
  const { extack, net } = req
  if (req.buf.length < NLMSG_HDRLEN + netconfmsg.size) return extack.fail(EINVAL, 'mpls_router: Invalid header for netconf get request')
  const parse = req.strict_check ? nlmsg_parse_deprecated_strict : nlmsg_parse_deprecated
  const tb = parse(req, netconfmsg.size, devconf_mpls_policy)
  if (isErrno(tb)) return tb
  for (let nr = 2; req.strict_check && nr <= tb.max; nr++) {
    if (tb.atNr(nr) !== 0) return extack.fail(EINVAL, 'mpls_router: Unsupported attribute in netconf get request')
  }
  const ifindex = tb.get(NETCONFA_IFINDEX)
  const dev = ifindex === undefined ? undefined : net.dev_index_head.get(ifindex)
  const mdev = dev && mpls_dev_get(dev)
  if (mdev === undefined) return EINVAL
  const skb = new MessageBuilder(undefined, 64)
  fill(skb, mdev.dev.ifindex, mdev, { event: RTM_NEWNETCONF, flags: 0, portid: req.portid, seq: req.seq }, NETCONFA_ALL)
  return isErrno(rtnl_unicast(net, skb, req.portid)) ? ENOBUFS : undefined
}
/** args[0]: the index to go on from. */
export function mpls_netconf_dump_devconf(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const { net, extack } = cb
  if (cb.strict_check) {
    if (cb.request.length < NLMSG_HDRLEN + netconfmsg.size)
      return extack.fail(EINVAL, 'mpls_router: Invalid header for netconf dump request')
    if (cb.request.length !== NLMSG_HDRLEN + 4) return extack.fail(EINVAL, 'mpls_router: Invalid data after header in netconf dump request')
  }
  const head = { event: RTM_NEWNETCONF, flags: NLM_F_MULTI, portid: cb.portid, seq: cb.seq }
  // by index, which is not the order in which they came
  for (const dev of net.dev_base_head.toSorted((a, b) => a.ifindex - b.ifindex)) {
    const mdev = dev.ifindex < cb.args[0] ? undefined : mpls_dev_get(dev)
    if (mdev === undefined) continue
    cb.args[0] = dev.ifindex
    if (!fill(skb, dev.ifindex, mdev, head, NETCONFA_ALL)) return true
    cb.args[0] = dev.ifindex + 1
  }
  return undefined
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
