/**
 * net/core/net-procfs.c: /proc/net/dev, dev_mcast, ptype, softnet_stat; with psched of net/sched/sch_api.c
 * and netlink of net/netlink/af_netlink.c.
 */

import { proc_create, remove_proc_entry } from '../../fs/proc_net.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { NSEC_PER_SEC } from '../../kernel/time.ts'
import { hex } from '../../lib/bytes.ts'
import { type Errno, isErrno } from '../../uapi/errno.ts'
import { ETH_P_ALL } from '../../uapi/linux/if_ether.ts'
import { netlink_proc_show } from '../netlink/netlink_socket.ts'
import type { packet_type } from './dev_ptype.ts'
import { dev_get_stats } from './dev_stats.ts'
import { type net, type pernet_operations, register_pernet_subsys } from './net_namespace.ts'
import type { net_device } from './netdevice.ts'

/** for_each_netdev_dump(): in order of ifindex, not of the device list. */
function by_ifindex(net: net): net_device[] {
  return [...net.dev_base_head].sort((a, b) => a.ifindex - b.ifindex)
}

function columns(values: number[], widths: number[]): string {
  return values.map((v, i) => String(v).padStart(widths[i])).join(' ')
}

const dev_header = [
  'Inter-|   Receive                                                |  Transmit\n',
  ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n',
].join('')
const receive_widths = [7, 7, 4, 4, 4, 5, 10, 9]
const transmit_widths = [8, 7, 4, 4, 4, 5, 7, 10]

function dev_line(dev: net_device): string {
  const s = dev_get_stats(dev)
  const receive = [
    s.rx_bytes,
    s.rx_packets,
    s.rx_errors,
    s.rx_dropped + s.rx_missed_errors,
    s.rx_fifo_errors,
    s.rx_length_errors + s.rx_over_errors + s.rx_crc_errors + s.rx_frame_errors,
    s.rx_compressed,
    s.multicast,
  ]
  const transmit = [
    s.tx_bytes,
    s.tx_packets,
    s.tx_errors,
    s.tx_dropped,
    s.tx_fifo_errors,
    s.collisions,
    s.tx_carrier_errors + s.tx_aborted_errors + s.tx_window_errors + s.tx_heartbeat_errors,
    s.tx_compressed,
  ]
  return `${dev.name.padStart(6)}: ${columns(receive, receive_widths)} ${columns(transmit, transmit_widths)}\n`
}

export function dev_seq_show(net: net): string {
  return dev_header + by_ifindex(net).map(dev_line).join('')
}

/** No header; a line an address, as `ip maddr` parses it. */
export function dev_mc_seq_show(net: net): string {
  return by_ifindex(net)
    .flatMap((dev) => dev.mc.map((ha) => dev_mc_line(dev, ha)))
    .join('')
}
function dev_mc_line(dev: net_device, ha: net_device['mc'][number]): string {
  const counts = `${String(ha.refcount).padEnd(5)} ${String(ha.global_use ? 1 : 0).padEnd(5)}`
  return `${String(dev.ifindex).padEnd(4)} ${dev.name.padEnd(15)} ${counts} ${hex(ha.addr.subarray(0, dev.addr_len))}\n`
}

/**
 * Taps of a device, by device; taps of all; then the buckets of ptype_base that a type hashes to (PTYPE_HASH_MASK). Handlers
 * of one protocol on one device are not shown.
 */
export function ptype_seq_show(net: net): string {
  const { all, base } = net.kernel.netdev.ptypes
  const of_all = base.filter((pt) => pt.dev === undefined)
  const hashed = of_all.map((pt, i) => ({ pt, key: (pt.type & 15) * 65536 + i })).sort((a, b) => a.key - b.key)
  const taps = by_ifindex(net).flatMap((dev) => all.filter((pt) => pt.dev === dev))
  const shown = [...taps, ...all.filter((pt) => pt.dev === undefined), ...hashed.map((h) => h.pt)].filter((pt) => visible(net, pt))
  return `Type Device      Function\n${shown.map(ptype_line).join('')}`
}
function visible(net: net, pt: packet_type): boolean {
  return (pt.net === undefined || pt.net === net) && (pt.dev === undefined || pt.dev.nd_net === net)
}
function ptype_line(pt: packet_type): string {
  const type = pt.type === ETH_P_ALL ? 'ALL ' : pt.type.toString(16).padStart(4, '0')
  return `${type} ${(pt.dev?.name ?? '').padEnd(8)} ${pt.func.name}\n`
}

/** One line a CPU: fifteen words, of which some are history. */
export function softnet_seq_show(net: net): string {
  return net.kernel.netdev.softnet
    .filter((sd) => sd.online)
    .map((sd) => {
      const input = sd.input_pkt_queue.length
      const process = sd.process_queue.length
      const words = [
        sd.processed,
        sd.dropped,
        sd.time_squeeze,
        0,
        0,
        0,
        0,
        0,
        0,
        sd.received_rps,
        0,
        input + process,
        sd.cpu,
        input,
        process,
      ]
      return `${words.map((w) => (w >>> 0).toString(16).padStart(8, '0')).join(' ')}\n`
    })
    .join('')
}

/** tc's clock: ns a µs, ns a tick (PSCHED_SHIFT 6), ticks a second, and the resolution of high resolution timers. */
export function psched_show(): string {
  return `${[1000, 64, 1000000, NSEC_PER_SEC].map((w) => w.toString(16).padStart(8, '0')).join(' ')}\n`
}

function dev_proc_net_init(net: net): Errno | undefined {
  proc_create(net, 'dev', dev_seq_show)
  proc_create(net, 'softnet_stat', softnet_seq_show)
  proc_create(net, 'ptype', ptype_seq_show)
  return undefined
}
function dev_proc_net_exit(net: net): void {
  for (const name of ['ptype', 'softnet_stat', 'dev']) remove_proc_entry(net, name)
}
function dev_mc_net_init(net: net): Errno | undefined {
  proc_create(net, 'dev_mcast', dev_mc_seq_show)
  return undefined
}
function dev_mc_net_exit(net: net): void {
  remove_proc_entry(net, 'dev_mcast')
}
function psched_net_init(net: net): Errno | undefined {
  proc_create(net, 'psched', psched_show)
  return undefined
}
function psched_net_exit(net: net): void {
  remove_proc_entry(net, 'psched')
}

/** net/netlink/af_netlink.c netlink_net_init(): that room lies below namespaces, so its file is made here. */
function netlink_net_init(net: net): Errno | undefined {
  proc_create(net, 'netlink', netlink_proc_show)
  return undefined
}
function netlink_net_exit(net: net): void {
  remove_proc_entry(net, 'netlink')
}

export const netlink_net_ops: pernet_operations = { name: 'netlink_net_ops', init: netlink_net_init, exit: netlink_net_exit }
export const dev_proc_ops: pernet_operations = { name: 'dev_proc_ops', init: dev_proc_net_init, exit: dev_proc_net_exit }
export const dev_mc_net_ops: pernet_operations = { name: 'dev_mc_net_ops', init: dev_mc_net_init, exit: dev_mc_net_exit }
export const psched_net_ops: pernet_operations = { name: 'psched_net_ops', init: psched_net_init, exit: psched_net_exit }

/** Called from net_dev_init(). */
export function dev_proc_init(kernel: Kernel): Errno | undefined {
  const error = register_pernet_subsys(kernel, dev_proc_ops)
  return isErrno(error) ? error : register_pernet_subsys(kernel, dev_mc_net_ops)
}
/** Part of netlink_proto_init(). */
export function netlink_proc_init(kernel: Kernel): Errno | undefined {
  return register_pernet_subsys(kernel, netlink_net_ops)
}
/** Part of pktsched_init(). */
export function psched_proc_init(kernel: Kernel): Errno | undefined {
  return register_pernet_subsys(kernel, psched_net_ops)
}
