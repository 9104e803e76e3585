/** drivers/net/vrf.c: a device whose ports are routed by a table of their own. */
import { type ctl_buffer, type ctl_table, register_net_sysctl } from '../../fs/proc_sysctl.ts'
import { proc_dointvec_minmax } from '../../fs/sysctl.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { NOTIFY_DONE, notifier_block } from '../../kernel/notifier.ts'
import { CAP_FULL_SET } from '../../kernel/capability.ts'
import { task_struct } from '../../kernel/task.ts'
import type { AttrTable } from '../../lib/attrs.ts'
import { MessageBuilder } from '../../lib/message.ts'
import {
  dev_change_flags,
  netdev_err,
  netdev_master_upper_dev_get,
  netdev_master_upper_dev_link,
  netdev_upper_dev_unlink,
  netif_running,
  register_netdevice,
  register_netdevice_notifier,
  unregister_netdevice,
  unregister_netdevice_queue,
} from '../../net/core/dev.ts'
import type { ethtool_drvinfo, ethtool_ops } from '../../net/core/ethtool_ops.ts'
import { type l3mdev_ops, netif_is_l3_master, netif_is_l3_slave } from '../../net/core/l3mdev.ts'
import { type net, type pernet_operations, register_pernet_subsys } from '../../net/core/net_namespace.ts'
import * as F from '../../net/core/netdev_features_bits.ts'
import {
  IFF_L3MDEV_MASTER,
  IFF_L3MDEV_SLAVE,
  IFF_LIVE_ADDR_CHANGE,
  IFF_NO_QUEUE,
  IFF_NO_RX_HANDLER,
  NETDEV_UNREGISTER,
  type net_device,
  type net_device_ops,
  type netdev_notifier_info,
  netdev_priv,
} from '../../net/core/netdevice.ts'
import { rtnl_get_link, rtnl_link_register } from '../../net/core/rtnetlink.ts'
import type { rtnl_link_ops } from '../../net/core/rtnl_link_ops.ts'
import { vrf_l3_out, vrf_l3_rcv, vrf_xmit } from './vrf_xmit.ts'
import { eth_hw_addr_random, eth_mac_addr, ether_setup, is_valid_ether_addr } from '../../net/ethernet/eth.ts'
import type { netlink_sock } from '../../net/netlink/af_netlink.ts'
import { netlink_ext_ack } from '../../net/netlink/extack.ts'
import { NLA_U32, policy } from '../../net/netlink/policy.ts'
import { EADDRNOTAVAIL, EAFNOSUPPORT, EBUSY, EEXIST, EINVAL, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { FRA_L3MDEV, FRA_PRIORITY, FRA_PROTOCOL, FR_ACT_TO_TBL, fib_rule_hdr } from '../../uapi/linux/fib_rules.ts'
import { IFF_MASTER, IFF_NOARP, IFF_UP } from '../../uapi/linux/if.ts'
import { ETH_ALEN } from '../../uapi/linux/if_ether.ts'
import { IF_OPER_UP, IFLA_ADDRESS } from '../../uapi/linux/if_link.ts'
import { IFLA_VRF, IFLA_VRF_PORT_TABLE, IFLA_VRF_TABLE } from '../../uapi/linux/if_link_stacked.ts'
import { NLM_F_EXCL } from '../../uapi/linux/netlink.ts'
import { RTM_NEWRULE } from '../../uapi/linux/rtnetlink.ts'
import { AF_INET, AF_INET6 } from '../../uapi/linux/socket.ts'

/** include/uapi/linux/rtnetlink.h */
const RTPROT_KERNEL = 2
const RTNL_FAMILY_IPMR = 128
const RTNL_FAMILY_IP6MR = 129
const FIB_RULE_PREF = 1000
const IPV6_MIN_MTU = 1280
const IP6_MAX_MTU = 65575

export class vrf_priv {
  tb_id = 0
}
/** What a namespace keeps. */
export class vrf_net {
  /** Until the first VRF: the rules are added once and stay. */
  add_fib_rules = true
  /** net.vrf.strict_mode: no two of a table. */
  strict_mode = 0
}

export function vrf_fib_table(dev: net_device): number {
  return netdev_priv<vrf_priv>(dev).tb_id
}
export const vrf_l3mdev_ops: l3mdev_ops = {
  name: 'vrf_l3mdev_ops',
  l3mdev_fib_table: vrf_fib_table,
  l3mdev_l3_rcv: vrf_l3_rcv,
  l3mdev_l3_out: vrf_l3_out,
}

/** Its tables are there from now on, and stay. Its state does not depend on anything: it is up, to avoid confusion. */
export function vrf_dev_init(dev: net_device): Errno | undefined {
  const net = dev.nd_net
  net.kernel.inet_ops?.fib_new_table(net, vrf_fib_table(dev))
  net.kernel.inet_ops?.fib6_new_table(net, vrf_fib_table(dev))
  dev.flags = IFF_MASTER | IFF_NOARP
  dev.operstate = IF_OPER_UP
  return undefined
}

/** cycle_netdev(): down and up again, so that routes come in the other table. */
function cycle_netdev(dev: net_device, extack?: netlink_ext_ack): void {
  if (!netif_running(dev)) return
  const { flags } = dev
  if (!isErrno(dev_change_flags(dev, flags & ~IFF_UP, extack))) dev_change_flags(dev, flags, extack)
}
export function vrf_add_slave(dev: net_device, port_dev: net_device, extack?: netlink_ext_ack): Errno | undefined {
  if (netif_is_l3_master(port_dev)) return extack?.fail(EINVAL, 'Can not enslave an L3 master device to a VRF') ?? EINVAL
  if (netif_is_l3_slave(port_dev)) return EINVAL
  if (port_dev === dev.nd_net.loopback_dev) return extack?.fail(EOPNOTSUPP, 'Can not enslave loopback device to a VRF') ?? EOPNOTSUPP
  port_dev.priv_flags |= IFF_L3MDEV_SLAVE
  const error = netdev_master_upper_dev_link(port_dev, dev, undefined, undefined, extack)
  if (isErrno(error)) {
    port_dev.priv_flags &= ~IFF_L3MDEV_SLAVE
    return error
  }
  cycle_netdev(port_dev, extack)
  return undefined
}
export function vrf_del_slave(dev: net_device, port_dev: net_device): Errno | undefined {
  netdev_upper_dev_unlink(port_dev, dev)
  port_dev.priv_flags &= ~IFF_L3MDEV_SLAVE
  cycle_netdev(port_dev)
  return undefined
}

export function vrf_get_drvinfo(): ethtool_drvinfo {
  return { driver: 'vrf', version: '1.1' }
}
export const vrf_ethtool_ops: ethtool_ops = { name: 'vrf_ethtool_ops', get_drvinfo: vrf_get_drvinfo }
export const vrf_netdev_ops: net_device_ops = {
  name: 'vrf_netdev_ops',
  ndo_init: vrf_dev_init,
  ndo_start_xmit: vrf_xmit,
  ndo_set_mac_address: eth_mac_addr,
  ndo_add_slave: vrf_add_slave,
  ndo_del_slave: vrf_del_slave,
}

/** Its own MTU bounds nothing, but a small one would switch the protocols off. */
export function vrf_setup(dev: net_device): void {
  ether_setup(dev)
  dev.priv = new vrf_priv()
  dev.netdev_ops = vrf_netdev_ops
  dev.l3mdev_ops = vrf_l3mdev_ops
  dev.ethtool_ops = vrf_ethtool_ops
  dev.needs_free_netdev = true
  eth_hw_addr_random(dev)
  dev.lltx = true
  dev.netns_local = true
  const offloads =
    F.NETIF_F_GSO_SOFTWARE |
    F.NETIF_F_RXCSUM |
    F.NETIF_F_HW_CSUM |
    F.NETIF_F_SCTP_CRC |
    F.NETIF_F_SG |
    F.NETIF_F_FRAGLIST |
    F.NETIF_F_HIGHDMA
  dev.features |= F.NETIF_F_VLAN_CHALLENGED | offloads
  dev.hw_features = dev.features
  dev.hw_enc_features = dev.features
  dev.priv_flags |= IFF_NO_QUEUE | IFF_NO_RX_HANDLER | IFF_LIVE_ADDR_CHANGE
  dev.min_mtu = IPV6_MIN_MTU
  dev.max_mtu = IP6_MAX_MTU
  dev.mtu = dev.max_mtu
}
export function vrf_validate(tb: AttrTable, _data: AttrTable | undefined, extack: netlink_ext_ack): Errno | undefined {
  const address = tb.payload(IFLA_ADDRESS)
  if (address === undefined) return undefined
  if (address.length !== ETH_ALEN) return extack.fail(EINVAL, 'Invalid hardware address')
  return is_valid_ether_addr(address) ? undefined : extack.fail(EADDRNOTAVAIL, 'Invalid hardware address')
}

/** vrf_fib_rule(): a request as a program would send it; that the rule is there already is no error. */
function add_fib_rule(net: net, family: number): Errno | undefined {
  const doit = rtnl_get_link(net.kernel, family, RTM_NEWRULE)?.doit ?? rtnl_get_link(net.kernel, 0, RTM_NEWRULE)?.doit
  if (doit === undefined) return undefined
  const msg = new MessageBuilder()
  msg.begin(0, NLM_F_EXCL, 0, 0)
  msg.struct(fib_rule_hdr, { family, action: FR_ACT_TO_TBL })
  msg.put(FRA_PROTOCOL, RTPROT_KERNEL)
  msg.put(FRA_L3MDEV, 1)
  msg.put(FRA_PRIORITY, FIB_RULE_PREF)
  msg.end()
  const pool = net.kernel.nla_pool
  const mark = pool.mark()
  const error = doit({
    net,
    sk: net.rtnl as netlink_sock,
    task: new task_struct(net.kernel, { tgid: 0, tid: 0, comm: 'swapper/0', uid: 0, gid: 0, capabilities: CAP_FULL_SET, netns: 0 }),
    portid: 0,
    type: 0,
    flags: NLM_F_EXCL,
    seq: 0,
    buf: msg.bytes(),
    extack: new netlink_ext_ack(),
    pool,
    strict_check: false,
    addressed: false,
    ack_flags: 0,
  })
  pool.release(mark)
  if (error === EAFNOSUPPORT) {
    net.kernel.unsupported.count('fib_rules', `rules of family ${family}`)
    return undefined
  }
  return error === EEXIST ? undefined : error
}
/** vrf_add_fib_rules(): for routes and for multicast routes of both families. */
function add_fib_rules(dev: net_device): Errno | undefined {
  const net = dev.nd_net
  const v6 = net.kernel.params.ipv6
  const families = [AF_INET, ...(v6 ? [AF_INET6] : []), RTNL_FAMILY_IPMR, ...(v6 ? [RTNL_FAMILY_IP6MR] : [])]
  for (const family of families) {
    const error = add_fib_rule(net, family)
    if (isErrno(error)) {
      netdev_err(dev, 'Failed to add FIB rules.')
      return error
    }
  }
  return undefined
}

export function vrf_newlink(
  _src_net: net,
  dev: net_device,
  _tb: AttrTable,
  data: AttrTable | undefined,
  extack: netlink_ext_ack,
): Errno | undefined {
  const tb_id = data?.get(IFLA_VRF_TABLE)
  if (data === undefined || tb_id === undefined) return extack.fail(EINVAL, 'VRF table id is missing')
  if (tb_id === 0) return extack.fail(EINVAL, 'Invalid VRF table id', data.at(IFLA_VRF_TABLE))
  netdev_priv<vrf_priv>(dev).tb_id = tb_id
  dev.priv_flags |= IFF_L3MDEV_MASTER
  const error = register_netdevice(dev)
  if (isErrno(error)) return error
  const vn = dev.nd_net.vrf
  if (vn?.strict_mode && vrf_devs_of(dev.nd_net, tb_id).length > 1) {
    unregister_netdevice(dev)
    return extack.fail(EBUSY, 'Table is used by another VRF')
  }
  if (vn === undefined || !vn.add_fib_rules) return undefined
  const refused = add_fib_rules(dev)
  if (isErrno(refused)) {
    unregister_netdevice(dev)
    return refused
  }
  vn.add_fib_rules = false
  return undefined
}
/** Its ports are set free first. */
export function vrf_dellink(dev: net_device, list: net_device[]): void {
  for (const adj of [...dev.lower]) vrf_del_slave(dev, adj.dev)
  unregister_netdevice_queue(dev, list)
}
export function vrf_fillinfo(skb: MessageBuilder, dev: net_device): void {
  skb.put(IFLA_VRF_TABLE, vrf_fib_table(dev))
}
export function vrf_fill_slave_info(skb: MessageBuilder, dev: net_device): void {
  skb.put(IFLA_VRF_PORT_TABLE, vrf_fib_table(dev))
}

/** vrf_device_event(): a port that is deleted leaves. */
export function vrf_device_event(_nb: notifier_block, event: number, { dev }: netdev_notifier_info): number {
  if (event !== NETDEV_UNREGISTER || !netif_is_l3_slave(dev)) return NOTIFY_DONE
  const master = netdev_master_upper_dev_get(dev)
  if (master !== undefined) vrf_del_slave(master, dev)
  return NOTIFY_DONE
}

export const vrf_nl_policy = policy(IFLA_VRF, { IFLA_VRF_TABLE: NLA_U32 }, { name: 'vrf_nl_policy' })
export const vrf_link_ops: rtnl_link_ops = {
  kind: 'vrf',
  policy: vrf_nl_policy,
  setup: vrf_setup,
  validate: vrf_validate,
  newlink: vrf_newlink,
  dellink: vrf_dellink,
  fill_info: vrf_fillinfo,
  fill_slave_info: vrf_fill_slave_info,
}

function vrf_devs_of(net: net, tb_id: number): net_device[] {
  return net.dev_base_head.filter((dev) => netif_is_l3_master(dev) && vrf_fib_table(dev) === tb_id)
}
/** vrf_shared_table_handler(): not while a table is shared. */
export function vrf_shared_table_handler(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  const net = ctl.data as net
  const value = { strict_mode: net.vrf?.strict_mode ?? 0 }
  const error = proc_dointvec_minmax({ ...ctl, data: value, key: 'strict_mode' }, write, buf)
  if (!write || isErrno(error) || net.vrf === undefined) return error
  const tables = net.dev_base_head.filter(netif_is_l3_master).map(vrf_fib_table)
  if (value.strict_mode === 1 && new Set(tables).size < tables.length) return EBUSY
  net.vrf.strict_mode = value.strict_mode
  return undefined
}
export function vrf_netns_init(net: net): undefined {
  net.vrf = new vrf_net()
  const strict = { procname: 'strict_mode', mode: 0o644, proc_handler: vrf_shared_table_handler, data: net, extra1: 0, extra2: 1 }
  register_net_sysctl(net, 'net/vrf', [strict])
}
export const vrf_net_ops: pernet_operations = { name: 'vrf_net_ops', init: vrf_netns_init }

export function vrf_init_module(kernel: Kernel): Errno | undefined {
  const error =
    register_netdevice_notifier(kernel, new notifier_block(vrf_device_event, kernel)) ?? register_pernet_subsys(kernel, vrf_net_ops)
  return isErrno(error) ? error : rtnl_link_register(kernel, vrf_link_ops)
}
