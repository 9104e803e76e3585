/** include/uapi/linux/virtio_net.h, virtio_ids.h: features, configuration, header and control commands of network devices. */
export const VIRTIO_ID_NET = 1
export const VIRTIO_NET_F_CTRL_GUEST_OFFLOADS = 2
export const VIRTIO_NET_F_MAC = 5
export const VIRTIO_NET_F_MRG_RXBUF = 15
export const VIRTIO_NET_F_STATUS = 16
export const VIRTIO_NET_F_CTRL_VQ = 17
export const VIRTIO_NET_F_CTRL_RX = 18
export const VIRTIO_NET_F_CTRL_VLAN = 19
export const VIRTIO_NET_F_GUEST_ANNOUNCE = 21
export const VIRTIO_NET_F_MQ = 22
export const VIRTIO_NET_F_CTRL_MAC_ADDR = 23
export const VIRTIO_NET_F_RSS = 60
// struct virtio_net_config
export const VIRTIO_NET_CONFIG_MAC = 0
export const VIRTIO_NET_CONFIG_STATUS = 6
export const VIRTIO_NET_CONFIG_MAX_PAIRS = 8
export const VIRTIO_NET_CONFIG_RSS_MAX_KEY_SIZE = 17
export const VIRTIO_NET_CONFIG_RSS_MAX_INDIRECTION_TABLE_LENGTH = 18
export const VIRTIO_NET_CONFIG_SUPPORTED_HASH_TYPES = 20
export const VIRTIO_NET_S_LINK_UP = 1
export const VIRTIO_NET_S_ANNOUNCE = 2
/** sizeof(struct virtio_net_hdr_mrg_rxbuf), and where it says how many buffers a frame is in. */
export const VIRTIO_NET_HDR_SIZE = 12
export const VIRTIO_NET_HDR_NUM_BUFFERS = 10
// control: classes and commands
export const VIRTIO_NET_OK = 0
export const VIRTIO_NET_CTRL_RX = 0
export const VIRTIO_NET_CTRL_RX_PROMISC = 0
export const VIRTIO_NET_CTRL_RX_ALLMULTI = 1
export const VIRTIO_NET_CTRL_MAC = 1
export const VIRTIO_NET_CTRL_MAC_TABLE_SET = 0
export const VIRTIO_NET_CTRL_MAC_ADDR_SET = 1
export const VIRTIO_NET_CTRL_VLAN = 2
export const VIRTIO_NET_CTRL_VLAN_ADD = 0
export const VIRTIO_NET_CTRL_VLAN_DEL = 1
export const VIRTIO_NET_CTRL_ANNOUNCE = 3
export const VIRTIO_NET_CTRL_ANNOUNCE_ACK = 0
export const VIRTIO_NET_CTRL_MQ = 4
export const VIRTIO_NET_CTRL_GUEST_OFFLOADS = 5
export const VIRTIO_NET_CTRL_GUEST_OFFLOADS_SET = 0
export const VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET = 0
export const VIRTIO_NET_CTRL_MQ_RSS_CONFIG = 1
// what is hashed of a packet
export const VIRTIO_NET_RSS_HASH_TYPE_IPv4 = 1
export const VIRTIO_NET_RSS_HASH_TYPE_TCPv4 = 2
export const VIRTIO_NET_RSS_HASH_TYPE_UDPv4 = 4
export const VIRTIO_NET_RSS_HASH_TYPE_IPv6 = 8
export const VIRTIO_NET_RSS_HASH_TYPE_TCPv6 = 16
export const VIRTIO_NET_RSS_HASH_TYPE_UDPv6 = 32
/** The rest of them, of packets with extension headers, is not this driver's. */
export const VIRTIO_NET_RSS_HASH_TYPES = 63
