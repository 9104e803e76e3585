/** net/ethtool/common.c: the names of what ethtool shows by bit or by number. */
import * as E from '../../uapi/linux/ethtool.ts'

/** A list in its order; `-`: a number that has no name. */
function names(text: string): readonly string[] {
  return text
    .trim()
    .split(/\s+/)
    .map((name) => (name === '-' ? '' : name))
}

/** NETIF_F_* by bit. */
export const netdev_features_strings = names(`
  tx-scatter-gather tx-checksum-ipv4 - tx-checksum-ip-generic tx-checksum-ipv6 highdma tx-scatter-gather-fraglist tx-vlan-hw-insert
  rx-vlan-hw-parse rx-vlan-filter vlan-challenged tx-generic-segmentation - - rx-gro rx-lro tx-tcp-segmentation tx-gso-robust
  tx-tcp-ecn-segmentation tx-tcp-mangleid-segmentation tx-tcp6-segmentation tx-fcoe-segmentation tx-gre-segmentation
  tx-gre-csum-segmentation tx-ipxip4-segmentation tx-ipxip6-segmentation tx-udp_tnl-segmentation tx-udp_tnl-csum-segmentation
  tx-gso-partial tx-tunnel-remcsum-segmentation tx-sctp-segmentation tx-esp-segmentation - tx-udp-segmentation tx-gso-list
  tx-checksum-fcoe-crc tx-checksum-sctp - rx-ntuple-filter rx-hashing rx-checksum tx-nocache-copy loopback rx-fcs rx-all
  tx-vlan-stag-hw-insert rx-vlan-stag-hw-parse rx-vlan-stag-filter l2-fwd-offload hw-tc-offload esp-hw-offload esp-tx-csum-hw-offload
  rx-udp_tunnel-port-offload tls-hw-tx-offload tls-hw-rx-offload rx-gro-hw tls-hw-record rx-gro-list macsec-hw-offload
  rx-udp-gro-forwarding hsr-tag-ins-offload hsr-tag-rm-offload hsr-fwd-offload hsr-dup-offload
`)
export const rss_hash_func_strings = names('toeplitz xor crc32')
export const tunable_strings = names('Unspec rx-copybreak tx-copybreak pfc-prevention-tout tx-copybreak-buf-size')
export const phy_tunable_strings = names('Unspec phy-downshift phy-fast-link-down phy-energy-detect-power-down')
/** ETHTOOL_LINK_MODE_*_BIT by number. */
export const link_mode_names = names(`
  10baseT/Half 10baseT/Full 100baseT/Half 100baseT/Full 1000baseT/Half 1000baseT/Full Autoneg TP AUI MII FIBRE BNC 10000baseT/Full
  Pause Asym_Pause 2500baseX/Full Backplane 1000baseKX/Full 10000baseKX4/Full 10000baseKR/Full 10000baseR_FEC 20000baseMLD2/Full
  20000baseKR2/Full 40000baseKR4/Full 40000baseCR4/Full 40000baseSR4/Full 40000baseLR4/Full 56000baseKR4/Full 56000baseCR4/Full
  56000baseSR4/Full 56000baseLR4/Full 25000baseCR/Full 25000baseKR/Full 25000baseSR/Full 50000baseCR2/Full 50000baseKR2/Full
  100000baseKR4/Full 100000baseSR4/Full 100000baseCR4/Full 100000baseLR4_ER4/Full 50000baseSR2/Full 1000baseX/Full 10000baseCR/Full
  10000baseSR/Full 10000baseLR/Full 10000baseLRM/Full 10000baseER/Full 2500baseT/Full 5000baseT/Full None RS BASER 50000baseKR/Full
  50000baseSR/Full 50000baseCR/Full 50000baseLR_ER_FR/Full 50000baseDR/Full 100000baseKR2/Full 100000baseSR2/Full 100000baseCR2/Full
  100000baseLR2_ER2_FR2/Full 100000baseDR2/Full 200000baseKR4/Full 200000baseSR4/Full 200000baseLR4_ER4_FR4/Full 200000baseDR4/Full
  200000baseCR4/Full 100baseT1/Full 1000baseT1/Full 400000baseKR8/Full 400000baseSR8/Full 400000baseLR8_ER8_FR8/Full 400000baseDR8/Full
  400000baseCR8/Full LLRS 100000baseKR/Full 100000baseSR/Full 100000baseLR_ER_FR/Full 100000baseCR/Full 100000baseDR/Full
  200000baseKR2/Full 200000baseSR2/Full 200000baseLR2_ER2_FR2/Full 200000baseDR2/Full 200000baseCR2/Full 400000baseKR4/Full
  400000baseSR4/Full 400000baseLR4_ER4_FR4/Full 400000baseDR4/Full 400000baseCR4/Full 100baseFX/Half 100baseFX/Full 10baseT1L/Full
  800000baseCR8/Full 800000baseKR8/Full 800000baseDR8/Full 800000baseDR8_2/Full 800000baseSR8/Full 800000baseVR8/Full 10baseT1S/Full
  10baseT1S/Half 10baseT1S_P2MP/Half 10baseT1BRR/Full
`)
export const netif_msg_class_names = names('drv probe link timer ifdown ifup rx_err tx_err tx_queued intr tx_done rx_status pktdata hw wol')
export const wol_mode_names = names('phy ucast mcast bcast arp magic magicsecure filter')
export const sof_timestamping_names = names(`
  hardware-transmit software-transmit hardware-receive software-receive software-system-clock hardware-legacy-clock hardware-raw-clock
  option-id sched-transmit ack-transmit option-cmsg option-tsonly option-stats option-pktinfo option-tx-swhw bind-phc option-id-tcp
  option-rx-filter
`)
export const ts_tx_type_names = names('off on onestep-sync onestep-p2p')
export const ts_rx_filter_names = names(`
  none all some ptpv1-l4-event ptpv1-l4-sync ptpv1-l4-delay-req ptpv2-l4-event ptpv2-l4-sync ptpv2-l4-delay-req ptpv2-l2-event
  ptpv2-l2-sync ptpv2-l2-delay-req ptpv2-event ptpv2-sync ptpv2-delay-req ntp-all
`)
export const udp_tunnel_type_names = names('vxlan geneve vxlan-gpe')
export const stats_std_names = names('eth-phy eth-mac eth-ctrl rmon')
export const stats_eth_phy_names = names('SymbolErrorDuringCarrier')
export const stats_eth_mac_names = names(`
  FramesTransmittedOK SingleCollisionFrames MultipleCollisionFrames FramesReceivedOK FrameCheckSequenceErrors AlignmentErrors
  OctetsTransmittedOK FramesWithDeferredXmissions LateCollisions FramesAbortedDueToXSColls FramesLostDueToIntMACXmitError
  CarrierSenseErrors OctetsReceivedOK FramesLostDueToIntMACRcvError MulticastFramesXmittedOK BroadcastFramesXmittedOK
  FramesWithExcessiveDeferral MulticastFramesReceivedOK BroadcastFramesReceivedOK InRangeLengthErrors OutOfRangeLengthField
  FrameTooLongErrors
`)
export const stats_eth_ctrl_names = names('MACControlFramesTransmitted MACControlFramesReceived UnsupportedOpcodesReceived')
export const stats_rmon_names = names('etherStatsUndersizePkts etherStatsOversizePkts etherStatsFragments etherStatsJabbers')

/** Sets that are the same for all devices. */
export const common_string_sets: ReadonlyMap<number, readonly string[]> = new Map([
  [E.ETH_SS_FEATURES, netdev_features_strings],
  [E.ETH_SS_RSS_HASH_FUNCS, rss_hash_func_strings],
  [E.ETH_SS_TUNABLES, tunable_strings],
  [E.ETH_SS_PHY_TUNABLES, phy_tunable_strings],
  [E.ETH_SS_LINK_MODES, link_mode_names],
  [E.ETH_SS_MSG_CLASSES, netif_msg_class_names],
  [E.ETH_SS_WOL_MODES, wol_mode_names],
  [E.ETH_SS_SOF_TIMESTAMPING, sof_timestamping_names],
  [E.ETH_SS_TS_TX_TYPES, ts_tx_type_names],
  [E.ETH_SS_TS_RX_FILTERS, ts_rx_filter_names],
  [E.ETH_SS_UDP_TUNNEL_TYPES, udp_tunnel_type_names],
  [E.ETH_SS_STATS_STD, stats_std_names],
  [E.ETH_SS_STATS_ETH_PHY, stats_eth_phy_names],
  [E.ETH_SS_STATS_ETH_MAC, stats_eth_mac_names],
  [E.ETH_SS_STATS_ETH_CTRL, stats_eth_ctrl_names],
  [E.ETH_SS_STATS_RMON, stats_rmon_names],
])

/** link_mode_params[]: what a mode's name says; undefined for the modes that are none of speed. */
export function link_mode_params(bit: number): { speed: number; lanes: number; duplex: number } | undefined {
  const name = link_mode_names[bit]
  if (name === '10000baseR_FEC') return { speed: 10000, lanes: 1, duplex: E.DUPLEX_FULL }
  const [, speed, type, duplex] = /^(\d+)base(\w+)\/(Half|Full)$/.exec(name) ?? []
  if (speed === undefined) return undefined
  const lanes = Number(/^(?:CR|DR|KR|KX|SR|LR|VR|MLD)(\d)/.exec(type)?.[1] ?? 1)
  return { speed: Number(speed), lanes, duplex: duplex === 'Half' ? E.DUPLEX_HALF : E.DUPLEX_FULL }
}
