/** net/8021q/vlanproc.c: /proc/net/vlan. */
import { type proc_dir_entry, proc_create, proc_mkdir, remove_proc_entry } from '../../fs/proc_net.ts'
import { EINVAL, type Errno } from '../../uapi/errno.ts'
import { VLAN_FLAG_REORDER_HDR } from '../../uapi/linux/if_vlan.ts'
import { dev_get_stats } from '../core/dev_stats.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { is_vlan_dev, type vlan_dev_priv, vlan_dev_priv_of } from './vlan_dev.ts'

const name_conf = 'config'
const vlan_name_type_str = [
  'VLAN_NAME_TYPE_PLUS_VID',
  'VLAN_NAME_TYPE_RAW_PLUS_VID',
  'VLAN_NAME_TYPE_PLUS_VID_NO_PAD',
  'VLAN_NAME_TYPE_RAW_PLUS_VID_NO_PAD',
]

export function vlan_proc_init(net: net): proc_dir_entry {
  const dir = proc_mkdir(net, 'vlan')
  proc_create(net, name_conf, vlan_seq_show, { mode: 0o600, parent: dir })
  return dir
}
export function vlan_proc_cleanup(net: net): void {
  remove_proc_entry(net, 'vlan')
}

/** config: the way names are made, and all VLAN devices in the order of the device list. */
export function vlan_seq_show(net: net): string {
  const type = vlan_name_type_str[net.vlan?.name_type ?? -1] ?? 'UNKNOWN'
  const lines = net.dev_base_head.filter(is_vlan_dev).map((dev) => {
    const vlan = vlan_dev_priv_of(dev)
    return `${dev.name.padEnd(15)}| ${vlan.vlan_id}  | ${vlan.real_dev.name}\n`
  })
  return `VLAN Dev name\t | VLAN ID\nName-Type: ${type}\n${lines.join('')}`
}

function egress_text(vlan: vlan_dev_priv): string {
  return vlan.egress_priority_map.map((bucket) => bucket.map((mp) => `${mp.priority}:${(mp.vlan_qos >> 13) & 7} `).join('')).join('')
}
function ingress_text(vlan: vlan_dev_priv): string {
  const pairs = vlan.ingress_priority_map.map((to, from) => `${from}:${to}`)
  // one space before the last: so Linux writes it
  return `${pairs.slice(0, 7).join('  ')} ${pairs[7]}`
}
export function vlandev_seq_show(_net: net, dev: net_device): string {
  const vlan = vlan_dev_priv_of(dev)
  const stats = dev_get_stats(dev)
  const count = (text: string, n: number) => `${text.padStart(30)} ${String(n).padStart(12)}\n`
  return [
    `${dev.name}  VID: ${vlan.vlan_id}\t REORDER_HDR: ${vlan.flags & VLAN_FLAG_REORDER_HDR}  dev->priv_flags: ${(dev.priv_flags >>> 0).toString(16)}\n`,
    count('total frames received', stats.rx_packets),
    count('total bytes received', stats.rx_bytes),
    count('Broadcast/Multicast Rcvd', stats.multicast),
    '\n',
    count('total frames transmitted', stats.tx_packets),
    count('total bytes transmitted', stats.tx_bytes),
    `Device: ${vlan.real_dev.name}`,
    `\nINGRESS priority mappings: ${ingress_text(vlan)}\n`,
    ` EGRESS priority mappings: ${egress_text(vlan)}\n`,
  ].join('')
}

/** The file's name is the device's; that of config is not free. */
export function vlan_proc_add_dev(dev: net_device): Errno | undefined {
  const vn = dev.nd_net.vlan
  if (vn?.proc_vlan_dir === undefined) return undefined
  if (dev.name === name_conf) return EINVAL
  const entry = proc_create(dev.nd_net, dev.name, vlandev_seq_show, { mode: 0o600, parent: vn.proc_vlan_dir, data: dev })
  vn.proc_vlan_conf.set(dev, entry)
  return undefined
}
export function vlan_proc_rem_dev(dev: net_device): void {
  const vn = dev.nd_net.vlan
  const entry = vn?.proc_vlan_conf.get(dev)
  if (vn?.proc_vlan_dir === undefined || entry === undefined) return
  remove_proc_entry(dev.nd_net, entry.name, vn.proc_vlan_dir)
  vn.proc_vlan_conf.delete(dev)
}
