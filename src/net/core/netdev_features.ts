/** net/core/dev.c: which features a device may have together, and who has a say in them. */
import { isErrno } from '../../uapi/errno.ts'
import { call_netdevice_notifiers } from './dev_notifier.ts'
import { netdev_dbg, netdev_err, netdev_warn } from './dev_printk.ts'
import { netdev_state_of } from './dev_state.ts'
import * as F from './netdev_features_bits.ts'
import { NETDEV_FEAT_CHANGE, type net_device } from './netdevice.ts'

/** %pNF */
function pNF(features: bigint): string {
  return `0x${features.toString(16).padStart(16, '0')}`
}

/** One rule: with any of `has` but all of `lacks` missing, `drop` goes. `alone`: `has` must be all there is of `among`. */
interface feature_rule {
  has: bigint
  /** Any of these satisfies the dependency. */
  lacks: bigint
  drop: bigint
  text?: string
}

/** netdev_fix_features(): dependencies in Linux's order, since one removal brings about the next. */
const dependencies: readonly feature_rule[] = [
  { has: F.NETIF_F_ALL_TSO, lacks: F.NETIF_F_SG, drop: F.NETIF_F_ALL_TSO, text: 'Dropping TSO features since no SG feature.' },
  {
    has: F.NETIF_F_TSO,
    lacks: F.NETIF_F_HW_CSUM | F.NETIF_F_IP_CSUM,
    drop: F.NETIF_F_TSO | F.NETIF_F_TSO_ECN,
    text: 'Dropping TSO features since no CSUM feature.',
  },
  {
    has: F.NETIF_F_TSO6,
    lacks: F.NETIF_F_HW_CSUM | F.NETIF_F_IPV6_CSUM,
    drop: F.NETIF_F_TSO6,
    text: 'Dropping TSO6 features since no CSUM feature.',
  },
  { has: F.NETIF_F_TSO_MANGLEID, lacks: F.NETIF_F_TSO, drop: F.NETIF_F_TSO_MANGLEID },
  { has: F.NETIF_F_TSO_ECN, lacks: F.NETIF_F_ALL_TSO & ~F.NETIF_F_TSO_ECN, drop: F.NETIF_F_TSO_ECN },
  { has: F.NETIF_F_GSO, lacks: F.NETIF_F_SG, drop: F.NETIF_F_GSO, text: 'Dropping NETIF_F_GSO since no SG feature.' },
]
const later_dependencies: readonly feature_rule[] = [
  { has: F.NETIF_F_GRO_HW, lacks: F.NETIF_F_RXCSUM, drop: F.NETIF_F_GRO_HW, text: 'Dropping NETIF_F_GRO_HW since no RXCSUM feature.' },
]
/** Pairs that exclude each other: with `has`, `drop` goes. */
const conflicts: readonly { has: bigint; drop: bigint; text: string }[] = [
  { has: F.NETIF_F_RXFCS, drop: F.NETIF_F_LRO, text: 'Dropping LRO feature since RX-FCS is requested.' },
  { has: F.NETIF_F_RXFCS, drop: F.NETIF_F_GRO_HW, text: 'Dropping HW-GRO feature since RX-FCS is requested.' },
  { has: F.NETIF_F_GRO_HW, drop: F.NETIF_F_LRO, text: 'Dropping LRO feature since HW-GRO is requested.' },
]

function apply(dev: net_device, features: bigint, rules: readonly feature_rule[]): bigint {
  for (const { has, lacks, drop, text } of rules) {
    if (!(features & has) || features & lacks) continue
    if (text !== undefined) netdev_dbg(dev, text)
    features &= ~drop
  }
  return features
}

/** Whether checksums are computed for both protocols. */
function full_csum(features: bigint): boolean {
  const both = F.NETIF_F_IP_CSUM | F.NETIF_F_IPV6_CSUM
  return (features & F.NETIF_F_HW_CSUM) !== 0n || (features & both) === both
}

export function netdev_fix_features(dev: net_device, wanted: bigint): bigint {
  let features = wanted
  if (features & F.NETIF_F_HW_CSUM && features & (F.NETIF_F_IP_CSUM | F.NETIF_F_IPV6_CSUM)) {
    netdev_warn(dev, 'mixed HW and IP checksum settings.')
    features &= ~(F.NETIF_F_IP_CSUM | F.NETIF_F_IPV6_CSUM)
  }
  features = apply(dev, features, dependencies)
  if (features & dev.gso_partial_features && !(features & F.NETIF_F_GSO_PARTIAL)) {
    netdev_dbg(dev, 'Dropping partially supported GSO features since no GSO partial.')
    features &= ~dev.gso_partial_features
  }
  features = apply(dev, features, later_dependencies)
  for (const { has, drop, text } of conflicts) {
    if (!(features & has) || !(features & drop)) continue
    netdev_dbg(dev, text)
    features &= ~drop
  }
  if (features & F.NETIF_F_HW_TLS_TX && !full_csum(features)) {
    netdev_dbg(dev, 'Dropping TLS TX HW offload feature since no CSUM feature.')
    features &= ~F.NETIF_F_HW_TLS_TX
  }
  if (features & F.NETIF_F_HW_TLS_RX && !(features & F.NETIF_F_RXCSUM)) {
    netdev_dbg(dev, 'Dropping TLS RX HW offload feature since no RXCSUM feature.')
    features &= ~F.NETIF_F_HW_TLS_RX
  }
  if (features & F.NETIF_F_GSO_UDP_L4 && !full_csum(features)) {
    netdev_dbg(dev, 'Dropping USO feature since no CSUM feature.')
    features &= ~F.NETIF_F_GSO_UDP_L4
  }
  return features
}

/** netdev_sync_upper_features(): what an upper device has switched off is not switched on below it. */
function sync_upper_features(dev: net_device, upper: net_device, features: bigint): bigint {
  const off = F.NETIF_F_UPPER_DISABLES & features & ~upper.wanted_features
  if (off !== 0n) netdev_dbg(dev, `Dropping feature ${pNF(off)}, upper dev ${upper.name} has it off.`)
  return features & ~off
}
/** netdev_sync_lower_features(): … and what is switched off here is switched off below. */
function sync_lower_features(upper: net_device, lower: net_device, features: bigint): void {
  const off = F.NETIF_F_UPPER_DISABLES & ~features & lower.features
  if (off === 0n) return
  netdev_dbg(upper, `Disabling feature ${pNF(off)} on lower dev ${lower.name}.`)
  lower.wanted_features &= ~off
  __netdev_update_features(lower)
  if (lower.features & off) {
    netdev_warn(upper, `failed to disable ${pNF(off)} on ${lower.name}!`)
  } else {
    netdev_features_change(lower)
  }
}

/** True when features changed, or may have: the driver refused half-way. */
export function __netdev_update_features(dev: net_device): boolean {
  let features = (dev.features & ~dev.hw_features) | dev.wanted_features
  features = dev.netdev_ops.ndo_fix_features?.(dev, features) ?? features
  features = netdev_fix_features(dev, features)
  for (const { dev: upper } of dev.upper) features = sync_upper_features(dev, upper, features)
  const changed = features !== dev.features
  if (changed) {
    netdev_dbg(dev, `Features changed: ${pNF(dev.features)} -> ${pNF(features)}`)
    const error = dev.netdev_ops.ndo_set_features?.(dev, features)
    if (isErrno(error)) {
      netdev_err(dev, `set_features() failed (-${error.code}); wanted ${pNF(features)}, left ${pNF(dev.features)}`)
      return true
    }
  }
  for (const { dev: lower } of dev.lower) sync_lower_features(dev, lower, features)
  dev.features = features
  return changed
}

export function netdev_features_change(dev: net_device): void {
  call_netdevice_notifiers(NETDEV_FEAT_CHANGE, dev)
}
/** After a change of wanted_features or of what ndo_fix_features looks at. */
export function netdev_update_features(dev: net_device): void {
  if (__netdev_update_features(dev)) netdev_features_change(dev)
}
/** dev_disable_lro(): packets merged by the device, or by one below it, cannot be passed on. */
export function dev_disable_lro(dev: net_device): void {
  dev.wanted_features &= ~F.NETIF_F_LRO
  netdev_update_features(dev)
  for (const lower of dev.lower) dev_disable_lro(lower.dev)
}
/** netdev_change_features(): tells even when nothing changed, for uppers whose features depend on more. */
export function netdev_change_features(dev: net_device): void {
  __netdev_update_features(dev)
  netdev_features_change(dev)
}

/** register_netdevice(): features that users may switch, and what other devices inherit from this one. */
export function netdev_init_features(dev: net_device, loopback: boolean): void {
  dev.hw_features |= F.NETIF_F_SOFT_FEATURES | F.NETIF_F_SOFT_FEATURES_OFF
  dev.features |= F.NETIF_F_SOFT_FEATURES
  dev.wanted_features = dev.features & dev.hw_features
  if (!loopback) dev.hw_features |= F.NETIF_F_NOCACHE_COPY
  // a device that segments IPv4 can also do so with the IP id left alone
  const mangleid = (f: bigint) => (f & F.NETIF_F_TSO ? f | F.NETIF_F_TSO_MANGLEID : f)
  dev.hw_features = mangleid(dev.hw_features)
  dev.vlan_features = mangleid(dev.vlan_features) | F.NETIF_F_HIGHDMA
  dev.mpls_features = mangleid(dev.mpls_features) | F.NETIF_F_SG
  dev.hw_enc_features = mangleid(dev.hw_enc_features) | F.NETIF_F_SG | F.NETIF_F_GSO_PARTIAL
}

const same = (own: bigint, before: bigint): bigint => (own === before ? before : own)
/** Devices come by the thousand and alike: one has the very BigInts of the one before it, where they are equal. */
export function netdev_share_features(dev: net_device): void {
  const sets = netdev_state_of(dev.nd_net.kernel).feature_sets
  dev.features = sets.features = same(dev.features, sets.features)
  dev.hw_features = sets.hw_features = same(dev.hw_features, sets.hw_features)
  dev.wanted_features = sets.wanted_features = same(dev.wanted_features, sets.wanted_features)
  dev.vlan_features = sets.vlan_features = same(dev.vlan_features, sets.vlan_features)
  dev.hw_enc_features = sets.hw_enc_features = same(dev.hw_enc_features, sets.hw_enc_features)
  dev.mpls_features = sets.mpls_features = same(dev.mpls_features, sets.mpls_features)
}
