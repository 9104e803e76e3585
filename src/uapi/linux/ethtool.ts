/** include/uapi/linux/ethtool.h: commands of SIOCETHTOOL. */
export const ETHTOOL_GSET = 0x01
export const ETHTOOL_SSET = 0x02
export const ETHTOOL_GDRVINFO = 0x03
export const ETHTOOL_GREGS = 0x04
export const ETHTOOL_GWOL = 0x05
export const ETHTOOL_SWOL = 0x06
export const ETHTOOL_GMSGLVL = 0x07
export const ETHTOOL_SMSGLVL = 0x08
export const ETHTOOL_NWAY_RST = 0x09
export const ETHTOOL_GLINK = 0x0a
export const ETHTOOL_GEEPROM = 0x0b
export const ETHTOOL_SEEPROM = 0x0c
export const ETHTOOL_GCOALESCE = 0x0e
export const ETHTOOL_SCOALESCE = 0x0f
export const ETHTOOL_GRINGPARAM = 0x10
export const ETHTOOL_SRINGPARAM = 0x11
export const ETHTOOL_GPAUSEPARAM = 0x12
export const ETHTOOL_SPAUSEPARAM = 0x13
export const ETHTOOL_GRXCSUM = 0x14
export const ETHTOOL_SRXCSUM = 0x15
export const ETHTOOL_GTXCSUM = 0x16
export const ETHTOOL_STXCSUM = 0x17
export const ETHTOOL_GSG = 0x18
export const ETHTOOL_SSG = 0x19
export const ETHTOOL_TEST = 0x1a
export const ETHTOOL_GSTRINGS = 0x1b
export const ETHTOOL_PHYS_ID = 0x1c
export const ETHTOOL_GSTATS = 0x1d
export const ETHTOOL_GTSO = 0x1e
export const ETHTOOL_STSO = 0x1f
export const ETHTOOL_GPERMADDR = 0x20
export const ETHTOOL_GUFO = 0x21
export const ETHTOOL_SUFO = 0x22
export const ETHTOOL_GGSO = 0x23
export const ETHTOOL_SGSO = 0x24
export const ETHTOOL_GFLAGS = 0x25
export const ETHTOOL_SFLAGS = 0x26
export const ETHTOOL_GPFLAGS = 0x27
export const ETHTOOL_SPFLAGS = 0x28
export const ETHTOOL_GRXFH = 0x29
export const ETHTOOL_SRXFH = 0x2a
export const ETHTOOL_GGRO = 0x2b
export const ETHTOOL_SGRO = 0x2c
export const ETHTOOL_GRXRINGS = 0x2d
export const ETHTOOL_GRXCLSRLCNT = 0x2e
export const ETHTOOL_GRXCLSRULE = 0x2f
export const ETHTOOL_GRXCLSRLALL = 0x30
export const ETHTOOL_SRXCLSRLDEL = 0x31
export const ETHTOOL_SRXCLSRLINS = 0x32
export const ETHTOOL_FLASHDEV = 0x33
export const ETHTOOL_RESET = 0x34
export const ETHTOOL_GSSET_INFO = 0x37
export const ETHTOOL_GRXFHINDIR = 0x38
export const ETHTOOL_SRXFHINDIR = 0x39
export const ETHTOOL_GFEATURES = 0x3a
export const ETHTOOL_SFEATURES = 0x3b
export const ETHTOOL_GCHANNELS = 0x3c
export const ETHTOOL_SCHANNELS = 0x3d
export const ETHTOOL_GET_TS_INFO = 0x41
export const ETHTOOL_GMODULEINFO = 0x42
export const ETHTOOL_GMODULEEEPROM = 0x43
export const ETHTOOL_GEEE = 0x44
export const ETHTOOL_SEEE = 0x45
export const ETHTOOL_GRSSH = 0x46
export const ETHTOOL_SRSSH = 0x47
export const ETHTOOL_GTUNABLE = 0x48
export const ETHTOOL_STUNABLE = 0x49
export const ETHTOOL_GPHYSTATS = 0x4a
export const ETHTOOL_PERQUEUE = 0x4b
export const ETHTOOL_GLINKSETTINGS = 0x4c
export const ETHTOOL_SLINKSETTINGS = 0x4d
export const ETHTOOL_PHY_GTUNABLE = 0x4e
export const ETHTOOL_PHY_STUNABLE = 0x4f
export const ETHTOOL_GFECPARAM = 0x50
export const ETHTOOL_SFECPARAM = 0x51

/** What net/ethtool/ioctl.c __dev_ethtool() grants without CAP_NET_ADMIN. */
export const ethtool_open_to_all: ReadonlySet<number> = new Set([
  ETHTOOL_GSET, ETHTOOL_GDRVINFO, ETHTOOL_GMSGLVL, ETHTOOL_GLINK, ETHTOOL_GCOALESCE, ETHTOOL_GRINGPARAM, ETHTOOL_GPAUSEPARAM,
  ETHTOOL_GRXCSUM, ETHTOOL_GTXCSUM, ETHTOOL_GSG, ETHTOOL_GSSET_INFO, ETHTOOL_GSTRINGS, ETHTOOL_GSTATS, ETHTOOL_GPHYSTATS, ETHTOOL_GTSO,
  ETHTOOL_GPERMADDR, ETHTOOL_GUFO, ETHTOOL_GGSO, ETHTOOL_GGRO, ETHTOOL_GFLAGS, ETHTOOL_GPFLAGS, ETHTOOL_GRXFH, ETHTOOL_GRXRINGS,
  ETHTOOL_GRXCLSRLCNT, ETHTOOL_GRXCLSRULE, ETHTOOL_GRXCLSRLALL, ETHTOOL_GRXFHINDIR, ETHTOOL_GRSSH, ETHTOOL_GFEATURES, ETHTOOL_GCHANNELS,
  ETHTOOL_GET_TS_INFO, ETHTOOL_GEEE, ETHTOOL_GTUNABLE, ETHTOOL_PHY_GTUNABLE, ETHTOOL_GLINKSETTINGS, ETHTOOL_GFECPARAM,
])

export const ETHTOOL_FWVERS_LEN = 32
export const ETHTOOL_BUSINFO_LEN = 32
export const ETH_GSTRING_LEN = 32

// sets of strings
export const ETH_SS_TEST = 0
export const ETH_SS_STATS = 1
export const ETH_SS_PRIV_FLAGS = 2
export const ETH_SS_FEATURES = 4
export const ETH_SS_RSS_HASH_FUNCS = 5
export const ETH_SS_TUNABLES = 6
export const ETH_SS_PHY_STATS = 7
export const ETH_SS_PHY_TUNABLES = 8
export const ETH_SS_LINK_MODES = 9
export const ETH_SS_MSG_CLASSES = 10
export const ETH_SS_WOL_MODES = 11
export const ETH_SS_SOF_TIMESTAMPING = 12
export const ETH_SS_TS_TX_TYPES = 13
export const ETH_SS_TS_RX_FILTERS = 14
export const ETH_SS_UDP_TUNNEL_TYPES = 15
export const ETH_SS_STATS_STD = 16
export const ETH_SS_STATS_ETH_PHY = 17
export const ETH_SS_STATS_ETH_MAC = 18
export const ETH_SS_STATS_ETH_CTRL = 19
export const ETH_SS_STATS_RMON = 20
export const ETH_SS_COUNT = 21

export const SPEED_UNKNOWN = -1
export const DUPLEX_HALF = 0
export const DUPLEX_FULL = 1
export const DUPLEX_UNKNOWN = 255
export const PORT_TP = 0
export const PORT_AUI = 1
export const PORT_MII = 2
export const PORT_FIBRE = 3
export const PORT_BNC = 4
export const PORT_NONE = 0xef
export const PORT_OTHER = 0xff
export const XCVR_INTERNAL = 0
export const AUTONEG_DISABLE = 0
export const AUTONEG_ENABLE = 1
export const ETH_MDIO_SUPPORTS_C22 = 1
export const MASTER_SLAVE_CFG_UNSUPPORTED = 0

export const WAKE_MAGIC = 0x20
export const WAKE_MAGICSECURE = 0x40

// struct ethtool_test's flags, struct ethtool_sfeatures' answer
export const ETH_TEST_FL_OFFLINE = 1
export const ETH_TEST_FL_FAILED = 2
export const ETHTOOL_F_UNSUPPORTED = 1
export const ETHTOOL_F_WISH = 2

// flags of ETHTOOL_GFLAGS
export const ETH_FLAG_TXVLAN = 0x80
export const ETH_FLAG_RXVLAN = 0x100
export const ETH_FLAG_LRO = 0x8000
export const ETH_FLAG_NTUPLE = 0x08000000
export const ETH_FLAG_RXHASH = 0x10000000

// states of ethtool_ops.set_phys_id
export const ETHTOOL_ID_INACTIVE = 0
export const ETHTOOL_ID_ACTIVE = 1
export const ETHTOOL_ID_ON = 2
export const ETHTOOL_ID_OFF = 3

// kinds of flows, and the fields of theirs that are hashed
export const TCP_V4_FLOW = 1
export const UDP_V4_FLOW = 2
export const TCP_V6_FLOW = 5
export const UDP_V6_FLOW = 6
export const IPV4_FLOW = 0x10
export const IPV6_FLOW = 0x11
export const RXH_IP_SRC = 1 << 4
export const RXH_IP_DST = 1 << 5
export const RXH_L4_B_0_1 = 1 << 6
export const RXH_L4_B_2_3 = 1 << 7
export const RXH_DISCARD = 2 ** 31
export const ETH_RSS_HASH_TOP = 1

// link modes by bit
export const ETHTOOL_LINK_MODE_10baseT_Half = 1n << 0n
export const ETHTOOL_LINK_MODE_10baseT_Full = 1n << 1n
export const ETHTOOL_LINK_MODE_100baseT_Half = 1n << 2n
export const ETHTOOL_LINK_MODE_100baseT_Full = 1n << 3n
export const ETHTOOL_LINK_MODE_1000baseT_Half = 1n << 4n
export const ETHTOOL_LINK_MODE_1000baseT_Full = 1n << 5n
export const ETHTOOL_LINK_MODE_Autoneg = 1n << 6n
export const ETHTOOL_LINK_MODE_TP = 1n << 7n
export const ETHTOOL_LINK_MODE_MII = 1n << 9n
export const ETHTOOL_LINK_MODE_Pause = 1n << 13n
export const ETHTOOL_LINK_MODE_Asym_Pause = 1n << 14n

// struct ethtool_ops.supported_coalesce_params
export const ETHTOOL_COALESCE_RX_USECS = 1 << 0
export const ETHTOOL_COALESCE_RX_MAX_FRAMES = 1 << 1
export const ETHTOOL_COALESCE_TX_USECS = 1 << 4
export const ETHTOOL_COALESCE_TX_MAX_FRAMES = 1 << 5
export const ETHTOOL_COALESCE_USE_ADAPTIVE_RX = 1 << 9
