/** net/mpls/internal.h, include/net/netns/mpls.h: label routes, and what MPLS keeps for a device and a namespace. */
import { numbered } from '../../lib/numbered.ts'
import type { ctl_table_header } from '../../fs/proc_sysctl.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { RTNH_F_DEAD, RTNH_F_LINKDOWN } from '../../uapi/linux/rtnetlink.ts'

/** include/uapi/linux/mpls.h */
export const MPLS_LABEL_IMPLNULL = 3
export const MPLS_LABEL_FIRST_UNRESERVED = 16
export const LABEL_NOT_SPECIFIED = 1 << 20
export const MAX_NEW_LABELS = 30
export const MAX_VIA_ALEN = 16

/** What the TTL of a packet that loses its last label becomes. */
export const MPLS_TTL_PROP_DEFAULT = 0
export const MPLS_TTL_PROP_ENABLED = 1
export const MPLS_TTL_PROP_DISABLED = 2

/** A neighbour: of AF_INET, AF_INET6, AF_PACKET, or (0) none. */
export interface mpls_via {
  readonly family: number
  readonly addr: Uint8Array
}
export class mpls_nh {
  dev: net_device | undefined
  flags = 0
  readonly labels: readonly number[]
  readonly via: mpls_via | undefined
  constructor(labels: readonly number[], via: mpls_via | undefined) {
    this.labels = labels
    this.via = via
  }
  get alive(): boolean {
    return (this.flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN)) === 0
  }
}
export class mpls_route {
  readonly protocol: number
  /** MPLS_TTL_PROP_* */
  readonly ttl_propagate: number
  nhs: mpls_nh[] = []
  /** Named several next hops, were it one. */
  readonly multipath: boolean
  constructor(protocol: number, ttl_propagate: number, multipath: boolean) {
    this.protocol = protocol
    this.ttl_propagate = ttl_propagate
    this.multipath = multipath
  }
}

/** struct mpls_link_stats, in its order. */
export class mpls_link_stats {
  rx_packets = 0
  tx_packets = 0
  rx_bytes = 0
  tx_bytes = 0
  rx_errors = 0
  tx_errors = 0
  rx_dropped = 0
  tx_dropped = 0
  rx_noroute = 0
}
/** struct mpls_dev */
export class mpls_dev {
  readonly dev: net_device
  input_enabled = 0
  stats = new mpls_link_stats()
  sysctl: ctl_table_header | undefined = undefined
  constructor(dev: net_device) {
    this.dev = dev
  }
}

/** include/net/netns/mpls.h */
export class netns_mpls {
  ip_ttl_propagate = 1
  default_ttl = 255
  platform_labels = 0
  platform_label = new numbered<mpls_route>()
  devs = new Map<net_device, mpls_dev>()
  ctl: ctl_table_header | undefined = undefined
}
const KEY = 'mpls'
export function netns_mpls_of(net: net): netns_mpls {
  return net.gen.get(KEY)
}
export function netns_mpls_set(net: net, mpls: netns_mpls | undefined): void {
  if (mpls === undefined) net.gen.delete(KEY)
  else net.gen.set(KEY, mpls)
}
export function mpls_dev_get(dev: net_device): mpls_dev | undefined {
  return netns_mpls_of(dev.nd_net)?.devs.get(dev)
}
