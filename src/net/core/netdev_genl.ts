/**
 * net/core/netdev-genl.c: the generic netlink family "netdev": XDP abilities of devices, and a notification when a device
 * comes, goes or changes them. Commands for queues, NAPI and page pools are not built: they are not registered, so that
 * they answer EOPNOTSUPP and are counted.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { NOTIFY_OK, notifier_block } from '../../kernel/notifier.ts'
import { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, ENODEV, type Errno } from '../../uapi/errno.ts'
import { GENL_CMD_CAP_DO, GENL_CMD_CAP_DUMP } from '../../uapi/linux/genetlink.ts'
import {
  NETDEV_A_DEV_GET,
  NETDEV_A_DEV_IFINDEX,
  NETDEV_A_DEV_XDP_FEATURES,
  NETDEV_A_DEV_XDP_RX_METADATA_FEATURES,
  NETDEV_A_DEV_XDP_ZC_MAX_SEGS,
  NETDEV_A_DEV_XSK_FEATURES,
  NETDEV_CMD_DEV_ADD_NTF,
  NETDEV_CMD_DEV_CHANGE_NTF,
  NETDEV_CMD_DEV_DEL_NTF,
  NETDEV_CMD_DEV_GET,
  NETDEV_FAMILY_NAME,
  NETDEV_FAMILY_VERSION,
  NETDEV_MCGRP_MGMT,
  NETDEV_MCGRP_PAGE_POOL,
  NETDEV_NLGRP_MGMT,
  NETDEV_XDP_ACT_XSK_ZEROCOPY,
} from '../../uapi/linux/netdev.ts'
import { NETLINK_GENERIC, NLM_F_MULTI } from '../../uapi/linux/netlink.ts'
import { netlink_has_listeners } from '../netlink/af_netlink.ts'
import {
  type genl_family,
  genl_group_id,
  type genl_info,
  genl_register_family,
  genlmsg_multicast_netns,
  genlmsg_put,
  genlmsg_reply,
} from '../netlink/genetlink.ts'
import { min, NLA_U32, policy } from '../netlink/policy.ts'
import type { netlink_callback } from '../netlink/types.ts'
import { register_netdevice_notifier } from './dev_notifier.ts'
import { netdevs_from } from './dev_names.ts'
import { __dev_get_by_index } from './dev_state.ts'
import { NETDEV_REGISTER, NETDEV_UNREGISTER, NETDEV_XDP_FEAT_CHANGE, type net_device, type netdev_notifier_info } from './netdevice.ts'

export const netdev_dev_get_nl_policy = policy(
  NETDEV_A_DEV_GET,
  {
    NETDEV_A_DEV_IFINDEX: min(NLA_U32, 1),
  },
  { name: 'netdev_dev_get_nl_policy' },
)

export const netdev_nl_family: genl_family = {
  name: NETDEV_FAMILY_NAME,
  version: NETDEV_FAMILY_VERSION,
  netnsok: true,
  parallel_ops: true,
  split_ops: [
    { cmd: NETDEV_CMD_DEV_GET, flags: GENL_CMD_CAP_DO, policy: netdev_dev_get_nl_policy, doit: netdev_nl_dev_get_doit },
    { cmd: NETDEV_CMD_DEV_GET, flags: GENL_CMD_CAP_DUMP, dumpit: netdev_nl_dev_get_dumpit },
  ],
  mcgrps: [{ name: NETDEV_MCGRP_MGMT }, { name: NETDEV_MCGRP_PAGE_POOL }],
}

interface genl_header {
  portid: number
  seq: number
  flags: number
  cmd: number
}

function netdev_nl_dev_fill(skb: MessageBuilder, dev: net_device, { portid, seq, flags, cmd }: genl_header): boolean {
  genlmsg_put(skb, dev.nd_net, portid, seq, netdev_nl_family, flags, cmd)
  skb.put(NETDEV_A_DEV_IFINDEX, dev.ifindex)
  skb.put(NETDEV_A_DEV_XDP_FEATURES, dev.xdp_features)
  skb.put(NETDEV_A_DEV_XDP_RX_METADATA_FEATURES, dev.xdp_rx_metadata_features)
  skb.put(NETDEV_A_DEV_XSK_FEATURES, dev.xsk_features)
  if ((dev.xdp_features & NETDEV_XDP_ACT_XSK_ZEROCOPY) !== 0) skb.put(NETDEV_A_DEV_XDP_ZC_MAX_SEGS, 1)
  return skb.end()
}

export function netdev_nl_dev_get_doit(info: genl_info): Errno | undefined {
  const ifindex = info.attrs.get(NETDEV_A_DEV_IFINDEX)
  if (ifindex === undefined) return info.extack.missing(EINVAL, NETDEV_A_DEV_IFINDEX.nr)
  const dev = __dev_get_by_index(info.net, ifindex)
  if (dev === undefined) return ENODEV
  const skb = new MessageBuilder(4096, 128)
  netdev_nl_dev_fill(skb, dev, { portid: info.snd_portid, seq: info.snd_seq, flags: 0, cmd: NETDEV_CMD_DEV_GET })
  return genlmsg_reply(skb, info)
}

export function netdev_nl_dev_get_dumpit(skb: MessageBuilder, cb: netlink_callback): true | undefined {
  for (const dev of netdevs_from(cb.net, cb.args[0])) {
    cb.args[0] = dev.ifindex
    if (!netdev_nl_dev_fill(skb, dev, { portid: cb.portid, seq: cb.seq, flags: NLM_F_MULTI, cmd: NETDEV_CMD_DEV_GET })) return true
  }
  cb.args[0] = 0x80000000
  return undefined
}

/** Seen by programs as messages of the group "mgmt". */
function netdev_genl_dev_notify(dev: net_device, cmd: number): void {
  const net = dev.nd_net
  if (!netlink_has_listeners(net, NETLINK_GENERIC, genl_group_id(net, netdev_nl_family, NETDEV_NLGRP_MGMT))) return
  const skb = new MessageBuilder(4096, 128)
  netdev_nl_dev_fill(skb, dev, { portid: 0, seq: 0, flags: 0, cmd })
  genlmsg_multicast_netns(netdev_nl_family, net, skb, 0, NETDEV_NLGRP_MGMT)
}

export function netdev_genl_netdevice_event(_nb: notifier_block, event: number, info: netdev_notifier_info): number {
  if (event === NETDEV_REGISTER) netdev_genl_dev_notify(info.dev, NETDEV_CMD_DEV_ADD_NTF)
  else if (event === NETDEV_UNREGISTER) netdev_genl_dev_notify(info.dev, NETDEV_CMD_DEV_DEL_NTF)
  else if (event === NETDEV_XDP_FEAT_CHANGE) netdev_genl_dev_notify(info.dev, NETDEV_CMD_DEV_CHANGE_NTF)
  return NOTIFY_OK
}

export function netdev_genl_init(kernel: Kernel): Errno | undefined {
  const error = register_netdevice_notifier(kernel, new notifier_block(netdev_genl_netdevice_event, kernel))
  return error ?? genl_register_family(kernel, netdev_nl_family)
}
