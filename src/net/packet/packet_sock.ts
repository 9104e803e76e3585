/** net/packet/internal.h struct packet_sock, packet_fanout, packet_ring_buffer: what a socket of frames has. */
import type { timer_list } from '../../kernel/time.ts'
import { TPACKET_V1 } from '../../uapi/linux/if_packet.ts'
import type { packet_type } from '../core/dev_ptype.ts'
import type { net_device } from '../core/netdevice.ts'
import type { net } from '../core/net_namespace.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { sock } from '../sock.ts'
import type { sk_filter } from '../sockopt_filter.ts'
import type { socket } from '../socket.ts'

/** A membership: the device hears what it asks for as long as somebody has it. */
export interface packet_mclist {
  ifindex: number
  type: number
  alen: number
  addr: Uint8Array
  count: number
}

/** Where a frame came from, as recvmsg() tells. */
export interface packet_skb_cb {
  ifindex: number
  hatype: number
  pkttype: number
  addr: Uint8Array
  /** Length before a filter cut it. */
  origlen: number
  /** SO_RXQ_OVFL: how many were lost before it. */
  dropcount: number
  /** SOCK_PACKET: name of the device. */
  name: string
}

/** struct packet_rollover: where a member's frames went that it had no room for, how many, and the flows of its latest. */
export class packet_rollover {
  sock = 0
  num = 0
  num_huge = 0
  num_failed = 0
  readonly history: Uint32Array
  constructor(length: number) {
    this.history = new Uint32Array(length)
  }
}

/** Several sockets that share what comes in. */
export class packet_fanout {
  readonly net: net
  readonly id: number
  readonly type: number
  readonly flags: number
  readonly max_num_members: number
  /** Members: those that have it, and those of them that are bound to something that is up. */
  members: packet_sock[] = []
  arr: packet_sock[] = []
  /** PACKET_FANOUT_LB: whose turn it is. */
  rr_cur = 0
  bpf_prog: sk_filter | undefined = undefined
  prot_hook!: packet_type
  constructor(net: net, id: number, type: number, flags: number, max_num_members: number) {
    this.net = net
    this.id = id
    this.type = type
    this.flags = flags
    this.max_num_members = max_num_members
  }
}

/** A frame of the ring that is on its way, and where in the ring it is. */
export interface tx_frame {
  skb: sk_buff
  at: number
}

/** Memory that the program maps: blocks of frames, or of packets after one another (TPACKET_V3). */
export class packet_ring {
  readonly block_size: number
  readonly block_nr: number
  readonly frame_size: number
  readonly frame_nr: number
  /** The frame that is next; of TPACKET_V3 the block. */
  head = 0
  /** The memory itself: a handle of the outside once a program has mapped it. */
  memory: Uint8Array
  // TPACKET_V3
  readonly sizeof_priv: number
  readonly feature_req_word: number
  readonly retire_ns: number
  timer: timer_list | undefined = undefined
  seq = 1
  /** Offset in the block where the next packet goes, and of the last one; -1: none. */
  nxt_offset = 0
  prev = -1
  /** The block that was open when the timer was armed. */
  timed_block = 0
  /** All blocks are the program's: nothing is written until it gives one back. */
  frozen = false
  // PACKET_TX_RING
  /** Frames that are on their way, and how many bytes the call that waits for them has given away. */
  pending: tx_frame[] = []
  len_sum = 0
  waits = false
  constructor(req: { block_size: number; block_nr: number; frame_size: number; frame_nr: number }, v3?: packet_ring_v3) {
    this.block_size = req.block_size
    this.block_nr = req.block_nr
    this.frame_size = req.frame_size
    this.frame_nr = req.frame_nr
    this.memory = new Uint8Array(req.block_size * req.block_nr)
    this.sizeof_priv = v3?.sizeof_priv ?? 0
    this.feature_req_word = v3?.feature_req_word ?? 0
    this.retire_ns = v3?.retire_ns ?? 0
  }
}
export interface packet_ring_v3 {
  sizeof_priv: number
  feature_req_word: number
  retire_ns: number
}

export class packet_sock extends sock {
  /** ETH_P_* in host order; 0: it hears nothing. */
  num = 0
  /** 0: all devices; -1: the one it was bound to is gone. */
  ifindex = 0
  prot_hook: packet_type
  running = false
  auxdata = false
  origdev = false
  /** Bytes of the virtio header that goes before each frame; 0: none. */
  vnet_hdr_sz = 0
  ignore_outgoing = false
  qdisc_bypass = false
  tx_has_off = false
  tp_loss = false
  copy_thresh = 0
  tp_version = TPACKET_V1
  tp_reserve = 0
  tp_tstamp = 0
  tp_packets = 0
  tp_drops = 0
  tp_freeze_q_cnt = 0
  mclist: packet_mclist[] = []
  fanout: packet_fanout | undefined = undefined
  rollover: packet_rollover | undefined = undefined
  pressure = false
  rx_ring: packet_ring | undefined = undefined
  tx_ring: packet_ring | undefined = undefined
  /** How often the ring is mapped. */
  mapped = 0
  constructor(net: net, sock: socket, protocol: number, prot_hook: packet_type) {
    super(net, sock, sock.family, sock.type, protocol)
    this.prot_hook = prot_hook
  }
}
export function pkt_sk(sock: socket): packet_sock {
  return sock.sk as packet_sock
}

/** What a namespace has of them. */
export class netns_packet {
  /** In order of coming. */
  sklist: packet_sock[] = []
  fanout_next_id = 0
}
export function netns_packet_of(net: net): netns_packet {
  return net.gen.get('packet')
}
export function packet_dev(po: packet_sock): net_device | undefined {
  return po.ifindex > 0 ? po.sk_net.dev_index_head.get(po.ifindex) : undefined
}
