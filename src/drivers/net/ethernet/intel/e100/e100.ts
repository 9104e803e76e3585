/** drivers/net/ethernet/intel/e100.c: the driver's view of an 8255x, and its private area. */
import type { Kernel } from '../../../../../kernel/kernel.ts'
import { module_params_of, param_int } from '../../../../../kernel/kmod.ts'
import { timer_list } from '../../../../../kernel/time.ts'
import { delayed_work } from '../../../../../kernel/workqueue.ts'
import { napi_struct } from '../../../../../net/core/dev_softnet.ts'
import type { net_device } from '../../../../../net/core/netdevice.ts'
import { NET_SKB_PAD, type sk_buff } from '../../../../../net/core/skbuff.ts'
import type { dma_buffer, iomem, pci_dev } from '../../../../pci/pci.ts'
import type { mii_if_info } from '../../../mii.ts'

// struct csr: offsets
export const SCB_STATUS = 0
export const SCB_STAT_ACK = 1
export const SCB_CMD_LO = 2
export const SCB_CMD_HI = 3
export const SCB_GEN_PTR = 4
export const CSR_PORT = 8
export const CSR_EEPROM = 14
export const CSR_MDI = 16

export const rus_no_res = 0x08
export const stat_ack_not_ours = 0x00
export const stat_ack_rnr = 0x10
export const stat_ack_not_present = 0xff
export const irq_mask_none = 0x00
export const irq_mask_all = 0x01
export const irq_sw_gen = 0x02

// commands of the SCB
export const ruc_start = 0x01
export const ruc_load_base = 0x06
export const cuc_start = 0x10
export const cuc_resume = 0x20
export const cuc_dump_addr = 0x40
export const cuc_load_base = 0x60
export const cuc_dump_reset = 0x70
/** Behind the statistics when they have been dumped and reset. */
export const cuc_dump_reset_complete = 0xa007

// a command block's or a frame descriptor's status and command words
export const cb_complete = 0x8000
export const cb_ok = 0x2000
export const cb_iaaddr = 0x0001
export const cb_config = 0x0002
export const cb_multi = 0x0003
export const cb_tx = 0x0004
export const cb_dump = 0x0006
export const cb_tx_sf = 0x0008
export const cb_tx_nc = 0x0010
export const cb_cid = 0x1f00
export const cb_i = 0x2000
export const cb_s = 0x4000
export const cb_el = 0x8000

/** enum mac: the revision of the function. */
export const mac_82558_D101_A4 = 4
export const mac_82559_D101M = 8
export const mac_82550_D102 = 12
export const mac_82551_10 = 16

/** struct mem: self-test result, statistics, dump. */
export const MEM_SELFTEST = 0
export const MEM_STATS = 8
export const MEM_DUMP = 8 + 84
export const DUMP_SIZE = 596
export const MEM_SIZE = MEM_DUMP + DUMP_SIZE

/** struct cb as the device sees it: status, command, link, then the longest command's part. */
export const CB_SIZE = 8 + 4 * 134
/** struct rfd: status, command, link, unused, actual size, size. */
export const RFD_SIZE = 16
/** A frame with a VLAN tag and its checksum. */
export const RX_FRAME = 1518 + 4

/** Bits 6 and 7 of configuration byte 10. */
export const lb_none = 0
export const lb_mac = 1
export const lb_phy = 3

export const RU_SUSPENDED = 0
export const RU_RUNNING = 1
export const RU_UNINITIALIZED = -1

/** Of a command block: what the device does not see. */
export class cb {
  skb: sk_buff | undefined = undefined
  dma_addr = 0
  /** Where the packet's buffer is mapped. */
  frame_addr = 0
}
/** Where the descriptor of a receive buffer stands: such that the IP header of the frame behind it is aligned. */
export const RFD_AT = NET_SKB_PAD + 2
/** A receive buffer, mapped whole: the descriptor stands in front of the frame. */
export class rx {
  /** Undefined: the packet has it. */
  bytes: Uint8Array | undefined = undefined
  /** Of the descriptor. */
  dma_addr = 0
}

export interface param_range {
  readonly min: number
  readonly max: number
  count: number
}

/**
 * struct nic. Its states, of which Linux has no variable: the flags of the device and the rings say them.
 *
 *   state  | event                             | next   | what happens
 *   closed | open, the hardware answers        | up     | rings made, receiver started, interrupt and polling on, watchdog at once
 *   closed | open, it does not                 | closed | rings freed, the error handed up
 *   up     | watchdog, every 2 s               | up     | carrier as the PHY says, counters fetched, a software interrupt
 *   up     | stop                              | closed | polling, interrupt and watchdog off, hardware reset, rings freed
 *   up     | transmit timeout, ring parameters | up     | as stop and open
 *   any    | suspend                           | asleep | detached; as stop when it was up; D3hot
 *   asleep | resume                            | before | attached; as open when it was up
 *   any    | remove                            | gone   | unregistered, which stops it; registers and memory given back
 */
export class nic {
  readonly netdev: net_device
  readonly pdev: pci_dev
  readonly csr: iomem
  readonly napi: napi_struct
  readonly watchdog: timer_list
  readonly tx_timeout_task: delayed_work
  mii!: mii_if_info
  mem!: dma_buffer
  mac: number
  phy = 0
  eeprom = new Uint16Array(256)
  eeprom_wc = 0
  rfds: param_range = { min: 16, max: 256, count: 256 }
  cbs_param: param_range = { min: 64, max: 256, count: 128 }

  /** The ring of command blocks; places in it. */
  cbs: cb[] = []
  cbs_mem: dma_buffer | undefined = undefined
  cb_to_use = 0
  cb_to_send = 0
  cb_to_clean = 0
  cbs_avail = 0
  cuc_cmd = cuc_start

  rxs: rx[] = []
  rx_to_use = 0
  rx_to_clean = 0
  ru_running = RU_UNINITIALIZED

  /** NETIF_MSG_*: which of its messages go to the log. */
  msg_enable: number
  loopback = lb_none
  promiscuous = false
  multicast_all = false
  wol_magic = false
  adaptive_ifs = 0
  tx_frames = 0
  tx_collisions = 0
  /** Counters that only ethtool shows. */
  tx_deferred = 0
  tx_single_collisions = 0
  tx_multiple_collisions = 0
  tx_fc_pause = 0
  rx_fc_pause = 0
  rx_fc_unsupported = 0
  tx_tco_frames = 0
  rx_tco_frames = 0
  rx_short_frame_errors = 0
  rx_over_length_errors = 0

  constructor(
    netdev: net_device,
    pdev: pci_dev,
    csr: iomem,
    poll: NonNullable<napi_struct['poll']>,
    watchdog: (self: nic) => void,
    tx_timeout_task: (self: nic) => void,
  ) {
    const { events } = pdev.kernel
    this.netdev = netdev
    this.pdev = pdev
    this.csr = csr
    this.mac = pdev.revision
    this.msg_enable = e100_msg_enable(pdev.kernel)
    this.napi = new napi_struct(netdev, E100_NAPI_WEIGHT, poll)
    this.watchdog = new timer_list(events, watchdog, this)
    this.watchdog.periodic = true
    this.tx_timeout_task = new delayed_work(events, tx_timeout_task, this)
  }
}
const E100_NAPI_WEIGHT = 16

/** A parameter of the module: debug (so many of NETIF_MSG_*), eeprom_bad_csum_allow, use_io (registers by ports). */
export function e100_param(kernel: Kernel, name: string, otherwise: number): number {
  return param_int(module_params_of(kernel, 'e100'), name, otherwise)
}
const DEBUG = 3
export function e100_msg_enable(kernel: Kernel): number {
  return (1 << e100_param(kernel, 'debug', DEBUG)) - 1
}
/** printk()'s %0nX */
export function upper_hex(n: number, width: number): string {
  return n.toString(16).toUpperCase().padStart(width, '0')
}
