/** include/linux/netdev_features.h: the feature bits of 6.12, by number. */
function bit(n: number): bigint {
  return 1n << BigInt(n)
}
export const NETIF_F_SG = bit(0)
export const NETIF_F_IP_CSUM = bit(1)
export const NETIF_F_HW_CSUM = bit(3)
export const NETIF_F_IPV6_CSUM = bit(4)
export const NETIF_F_HIGHDMA = bit(5)
export const NETIF_F_FRAGLIST = bit(6)
export const NETIF_F_HW_VLAN_CTAG_TX = bit(7)
export const NETIF_F_HW_VLAN_CTAG_RX = bit(8)
export const NETIF_F_HW_VLAN_CTAG_FILTER = bit(9)
export const NETIF_F_VLAN_CHALLENGED = bit(10)
export const NETIF_F_GSO = bit(11)
export const NETIF_F_GRO = bit(14)
export const NETIF_F_LRO = bit(15)
export const NETIF_F_TSO = bit(16)
export const NETIF_F_GSO_ROBUST = bit(17)
export const NETIF_F_TSO_ECN = bit(18)
export const NETIF_F_TSO_MANGLEID = bit(19)
export const NETIF_F_TSO6 = bit(20)
export const NETIF_F_FSO = bit(21)
export const NETIF_F_GSO_GRE = bit(22)
export const NETIF_F_GSO_GRE_CSUM = bit(23)
export const NETIF_F_GSO_IPXIP4 = bit(24)
export const NETIF_F_GSO_IPXIP6 = bit(25)
export const NETIF_F_GSO_UDP_TUNNEL = bit(26)
export const NETIF_F_GSO_UDP_TUNNEL_CSUM = bit(27)
export const NETIF_F_GSO_PARTIAL = bit(28)
export const NETIF_F_GSO_TUNNEL_REMCSUM = bit(29)
export const NETIF_F_GSO_SCTP = bit(30)
export const NETIF_F_GSO_ESP = bit(31)
export const NETIF_F_GSO_UDP = bit(32)
export const NETIF_F_GSO_UDP_L4 = bit(33)
export const NETIF_F_GSO_FRAGLIST = bit(34)
export const NETIF_F_FCOE_CRC = bit(35)
export const NETIF_F_SCTP_CRC = bit(36)
export const NETIF_F_NTUPLE = bit(38)
export const NETIF_F_RXHASH = bit(39)
export const NETIF_F_RXCSUM = bit(40)
export const NETIF_F_NOCACHE_COPY = bit(41)
export const NETIF_F_LOOPBACK = bit(42)
export const NETIF_F_RXFCS = bit(43)
export const NETIF_F_RXALL = bit(44)
export const NETIF_F_HW_VLAN_STAG_TX = bit(45)
export const NETIF_F_HW_VLAN_STAG_RX = bit(46)
export const NETIF_F_HW_VLAN_STAG_FILTER = bit(47)
export const NETIF_F_HW_L2FW_DOFFLOAD = bit(48)
export const NETIF_F_HW_TC = bit(49)
export const NETIF_F_HW_ESP = bit(50)
export const NETIF_F_HW_ESP_TX_CSUM = bit(51)
export const NETIF_F_RX_UDP_TUNNEL_PORT = bit(52)
export const NETIF_F_HW_TLS_TX = bit(53)
export const NETIF_F_HW_TLS_RX = bit(54)
export const NETIF_F_GRO_HW = bit(55)
export const NETIF_F_HW_TLS_RECORD = bit(56)
export const NETIF_F_GRO_FRAGLIST = bit(57)
export const NETIF_F_HW_MACSEC = bit(58)
export const NETIF_F_GRO_UDP_FWD = bit(59)

export const NETIF_F_CSUM_MASK = NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM | NETIF_F_HW_CSUM
export const NETIF_F_ALL_TSO = NETIF_F_TSO | NETIF_F_TSO6 | NETIF_F_TSO_ECN | NETIF_F_TSO_MANGLEID
export const NETIF_F_GSO_SOFTWARE = NETIF_F_ALL_TSO | NETIF_F_GSO_SCTP | NETIF_F_GSO_UDP_L4 | NETIF_F_GSO_FRAGLIST
export const NETIF_F_GSO_ENCAP_ALL =
  NETIF_F_GSO_GRE | NETIF_F_GSO_GRE_CSUM | NETIF_F_GSO_IPXIP4 | NETIF_F_GSO_IPXIP6 | NETIF_F_GSO_UDP_TUNNEL | NETIF_F_GSO_UDP_TUNNEL_CSUM
/** What the stack can do for every device: always on, or off until asked for. */
export const NETIF_F_SOFT_FEATURES = NETIF_F_GSO | NETIF_F_GRO
export const NETIF_F_SOFT_FEATURES_OFF = NETIF_F_GRO_FRAGLIST | NETIF_F_GRO_UDP_FWD
/** Off below when off above. */
export const NETIF_F_UPPER_DISABLES = NETIF_F_LRO
/** Of several devices below: on when one has it, or only when all have it. */
export const NETIF_F_ONE_FOR_ALL =
  NETIF_F_GSO_SOFTWARE | NETIF_F_GSO_ROBUST | NETIF_F_SG | NETIF_F_HIGHDMA | NETIF_F_FRAGLIST | NETIF_F_VLAN_CHALLENGED
export const NETIF_F_ALL_FOR_ALL = NETIF_F_NOCACHE_COPY | NETIF_F_FSO

/** What no user may switch: a fact of the device. */
export const NETIF_F_NEVER_CHANGE = NETIF_F_VLAN_CHALLENGED
/** What users may name in ethtool. */
export const NETIF_F_ETHTOOL_BITS = ((1n << 64n) - 1n) & ~NETIF_F_NEVER_CHANGE
