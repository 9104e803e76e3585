/** drivers/net/bonding/bond_main.c: what a bond can do, by what its slaves can. */
import {
  netdev_change_features,
  netif_carrier_ok,
  netif_running,
  netif_set_tso_max_segs,
  netif_set_tso_max_size,
} from '../../../net/core/dev.ts'
import { netdev_add_tso_features, netdev_base_features, netdev_increment_features } from '../../../net/core/dev_stacked.ts'
import * as F from '../../../net/core/netdev_features_bits.ts'
import { type net_device, TSO_MAX_SEGS, TSO_MAX_SIZE } from '../../../net/core/netdevice.ts'
import { xdp_clear_features_flag, xdp_set_features_flag } from '../../../net/core/xdp.ts'
import { isErrno } from '../../../uapi/errno.ts'
import {
  BOND_MODE_8023AD,
  BOND_MODE_ACTIVEBACKUP,
  BOND_MODE_ROUNDROBIN,
  BOND_MODE_XOR,
  BOND_XMIT_POLICY_VLAN_SRCMAC,
} from '../../../uapi/linux/if_bonding.ts'
import { ETH_HLEN } from '../../../uapi/linux/if_ether.ts'
import {
  bond_has_slaves,
  bond_of,
  bond_slaves,
  type bonding,
  DUPLEX_FULL,
  DUPLEX_HALF,
  DUPLEX_UNKNOWN,
  type slave,
  SPEED_UNKNOWN,
} from './bonding.ts'

export const BOND_XFRM_FEATURES = F.NETIF_F_HW_ESP | F.NETIF_F_HW_ESP_TX_CSUM | F.NETIF_F_GSO_ESP
export const BOND_VLAN_FEATURES =
  F.NETIF_F_HW_CSUM |
  F.NETIF_F_SG |
  F.NETIF_F_FRAGLIST |
  F.NETIF_F_GSO_SOFTWARE |
  F.NETIF_F_GSO_ENCAP_ALL |
  F.NETIF_F_HIGHDMA |
  F.NETIF_F_LRO
const BOND_ENC_FEATURES = F.NETIF_F_HW_CSUM | F.NETIF_F_SG | F.NETIF_F_RXCSUM | F.NETIF_F_GSO_SOFTWARE | F.NETIF_F_GSO_PARTIAL
const BOND_MPLS_FEATURES = F.NETIF_F_HW_CSUM | F.NETIF_F_SG | F.NETIF_F_GSO_SOFTWARE
const BOND_GSO_PARTIAL_FEATURES = F.NETIF_F_GSO_ESP

/** Measured: without slaves nothing but the base remains, with what only all together could take away. */
export function bond_fix_features(dev: net_device, mask: bigint): bigint {
  let features = netdev_base_features(mask)
  const slaves = bond_slaves(bond_of(dev))
  if (slaves.length === 0) return features
  for (const s of slaves) features = netdev_increment_features(features, s.dev.features, mask)
  return netdev_add_tso_features(features, mask)
}

/** netdev_compute_master_upper_features(), of the bond's slaves: told whether or not something changed. */
export function bond_compute_features(bond: bonding): void {
  const { dev } = bond
  const slaves = bond_slaves(bond)
  const join = (from: bigint, of: (d: net_device) => bigint, all: bigint) =>
    slaves.reduce((features, s) => netdev_increment_features(features, of(s.dev), all), from)
  dev.vlan_features = join(netdev_base_features(BOND_VLAN_FEATURES), (d) => d.vlan_features, BOND_VLAN_FEATURES)
  const enc_features = join(netdev_base_features(BOND_ENC_FEATURES), (d) => d.hw_enc_features, BOND_ENC_FEATURES)
  const xfrm_features = join(BOND_XFRM_FEATURES, (d) => d.hw_enc_features, BOND_XFRM_FEATURES)
  dev.gso_partial_features = join(BOND_GSO_PARTIAL_FEATURES, (d) => d.gso_partial_features, BOND_GSO_PARTIAL_FEATURES)
  dev.mpls_features = join(netdev_base_features(BOND_MPLS_FEATURES), (d) => d.mpls_features, BOND_MPLS_FEATURES)
  dev.hw_enc_features = enc_features | xfrm_features | F.NETIF_F_GSO_ENCAP_ALL | F.NETIF_F_HW_VLAN_CTAG_TX | F.NETIF_F_HW_VLAN_STAG_TX
  dev.hard_header_len = Math.max(ETH_HLEN, ...slaves.map((s) => s.dev.hard_header_len))
  dev.needed_headroom = Math.max(0, ...slaves.map((s) => s.dev.needed_headroom))
  netif_set_tso_max_segs(dev, Math.min(TSO_MAX_SEGS, ...slaves.map((s) => s.dev.tso_max_segs)))
  netif_set_tso_max_size(dev, Math.min(TSO_MAX_SIZE, ...slaves.map((s) => s.dev.tso_max_size)))
  netdev_change_features(dev)
}

const NETDEV_XDP_ACT_MASK = 0x7f
const NETDEV_XDP_ACT_XSK_ZEROCOPY = 8
/** bond_xdp_check(): hashing by VLAN and source address needs a whole packet. */
function bond_xdp_check({ params }: bonding): boolean {
  if (params.mode === BOND_MODE_ROUNDROBIN || params.mode === BOND_MODE_ACTIVEBACKUP) return true
  if (params.mode !== BOND_MODE_8023AD && params.mode !== BOND_MODE_XOR) return false
  return params.xmit_policy !== BOND_XMIT_POLICY_VLAN_SRCMAC
}
export function bond_xdp_set_features(bond_dev: net_device): void {
  const bond = bond_of(bond_dev)
  if (!bond_xdp_check(bond) || !bond_has_slaves(bond)) {
    xdp_clear_features_flag(bond_dev)
    return
  }
  const common = bond_slaves(bond).reduce((val, s) => val & s.dev.xdp_features, NETDEV_XDP_ACT_MASK)
  xdp_set_features_flag(bond_dev, common & ~NETDEV_XDP_ACT_XSK_ZEROCOPY)
}

/** bond_update_speed_duplex(): false when the driver does not know them. */
export function bond_update_speed_duplex(slave: slave): boolean {
  slave.speed = SPEED_UNKNOWN
  slave.duplex = DUPLEX_UNKNOWN
  const settings = slave.dev.ethtool_ops?.get_link_ksettings?.(slave.dev)
  if (settings === undefined || isErrno(settings) || settings.speed === 0 || settings.speed === SPEED_UNKNOWN) return false
  if (settings.duplex !== DUPLEX_FULL && settings.duplex !== DUPLEX_HALF) return false
  slave.speed = settings.speed
  slave.duplex = settings.duplex
  return true
}
/** bond_check_dev_link(): whether the link is up; of a device that cannot be asked it is taken to be. */
export function bond_check_dev_link(bond: bonding, slave_dev: net_device): boolean {
  if (!netif_running(slave_dev)) return false
  if (bond.params.use_carrier) return netif_carrier_ok(slave_dev)
  return slave_dev.ethtool_ops?.get_link?.(slave_dev) ?? true
}
