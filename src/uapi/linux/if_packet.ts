/** include/uapi/linux/if_packet.h: sockets of frames. */
import { struct } from '../../lib/struct.ts'
import { be16, bytes, s32, u8, u16, u32 } from '../../lib/types.ts'

export const SOL_PACKET = 263

/** Linux accepts any length that has the address; what is shorter than this is refused. */
export const sockaddr_ll = struct('sockaddr_ll', {
  sll_family: u16,
  sll_protocol: be16,
  sll_ifindex: s32,
  sll_hatype: u16,
  sll_pkttype: u8,
  sll_halen: u8,
  sll_addr: bytes(8),
})
/** Offset of sll_addr. */
export const SLL_ADDR_OFFSET = 12
/** struct sockaddr_pkt of SOCK_PACKET: family, device name of 14 bytes, protocol. */
export const SOCKADDR_PKT_SIZE = 18

export const packet_mreq = struct('packet_mreq', { mr_ifindex: s32, mr_type: u16, mr_alen: u16, mr_address: bytes(8) })
export const PACKET_MR_MULTICAST = 0
export const PACKET_MR_PROMISC = 1
export const PACKET_MR_ALLMULTI = 2
export const PACKET_MR_UNICAST = 3

export const tpacket_auxdata = struct('tpacket_auxdata', {
  tp_status: u32,
  tp_len: u32,
  tp_snaplen: u32,
  tp_mac: u16,
  tp_net: u16,
  tp_vlan_tci: u16,
  tp_vlan_tpid: u16,
})

export const TP_STATUS_KERNEL = 0
export const TP_STATUS_USER = 1
export const TP_STATUS_COPY = 2
export const TP_STATUS_LOSING = 4
export const TP_STATUS_CSUMNOTREADY = 8
export const TP_STATUS_VLAN_VALID = 0x10
export const TP_STATUS_BLK_TMO = 0x20
export const TP_STATUS_VLAN_TPID_VALID = 0x40
export const TP_STATUS_CSUM_VALID = 0x80
export const TP_STATUS_GSO_TCP = 0x100
export const TP_STATUS_SEND_REQUEST = 1
export const TP_STATUS_SENDING = 2
export const TP_STATUS_WRONG_FORMAT = 4
export const TP_STATUS_AVAILABLE = 0
export const TP_STATUS_TS_SOFTWARE = 0x20000000

export const TPACKET_V1 = 0
export const TPACKET_V2 = 1
export const TPACKET_V3 = 2
/** sizeof(struct tpacket_hdr), tpacket2_hdr, tpacket3_hdr */
export const TPACKET_HDR_SIZE: readonly number[] = [32, 32, 48]
export const TPACKET_ALIGNMENT = 16

export const tpacket_req = struct('tpacket_req', { tp_block_size: u32, tp_block_nr: u32, tp_frame_size: u32, tp_frame_nr: u32 })
export const tpacket_req3 = struct('tpacket_req3', {
  tp_block_size: u32,
  tp_block_nr: u32,
  tp_frame_size: u32,
  tp_frame_nr: u32,
  tp_retire_blk_tov: u32,
  tp_sizeof_priv: u32,
  tp_feature_req_word: u32,
})

// options of SOL_PACKET
export const PACKET_ADD_MEMBERSHIP = 1
export const PACKET_DROP_MEMBERSHIP = 2
export const PACKET_RX_RING = 5
export const PACKET_STATISTICS = 6
export const PACKET_COPY_THRESH = 7
export const PACKET_AUXDATA = 8
export const PACKET_ORIGDEV = 9
export const PACKET_VERSION = 10
export const PACKET_HDRLEN = 11
export const PACKET_RESERVE = 12
export const PACKET_TX_RING = 13
export const PACKET_LOSS = 14
export const PACKET_VNET_HDR = 15
export const PACKET_TX_TIMESTAMP = 16
export const PACKET_TIMESTAMP = 17
export const PACKET_FANOUT = 18
export const PACKET_TX_HAS_OFF = 19
export const PACKET_QDISC_BYPASS = 20
export const PACKET_ROLLOVER_STATS = 21
export const PACKET_FANOUT_DATA = 22
export const PACKET_IGNORE_OUTGOING = 23
export const PACKET_VNET_HDR_SZ = 24

export const PACKET_FANOUT_HASH = 0
export const PACKET_FANOUT_LB = 1
export const PACKET_FANOUT_CPU = 2
export const PACKET_FANOUT_ROLLOVER = 3
export const PACKET_FANOUT_RND = 4
export const PACKET_FANOUT_QM = 5
export const PACKET_FANOUT_CBPF = 6
export const PACKET_FANOUT_EBPF = 7
export const PACKET_FANOUT_FLAG_ROLLOVER = 0x1000
export const PACKET_FANOUT_FLAG_UNIQUEID = 0x2000
export const PACKET_FANOUT_FLAG_IGNORE_OUTGOING = 0x4000
export const PACKET_FANOUT_FLAG_DEFRAG = 0x8000

// include/uapi/linux/packet_diag.h
export const PACKET_DIAG_INFO = 0
export const PACKET_DIAG_MCLIST = 1
export const PACKET_DIAG_RX_RING = 2
export const PACKET_DIAG_TX_RING = 3
export const PACKET_DIAG_FANOUT = 4
export const PACKET_DIAG_UID = 5
export const PACKET_DIAG_MEMINFO = 6
export const PACKET_DIAG_FILTER = 7
export const PACKET_SHOW_INFO = 1
export const PACKET_SHOW_MCLIST = 2
export const PACKET_SHOW_RING_CFG = 4
export const PACKET_SHOW_FANOUT = 8
export const PACKET_SHOW_MEMINFO = 16
export const PACKET_SHOW_FILTER = 32
