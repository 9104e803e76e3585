/**
 * Intel's 82559 Ethernet controller as QEMU's i82559c shows itself: what a driver sees through its registers (the CSR), the
 * blocks of commands and frames that it reads and writes in memory, and its interrupt pin. Intel 8255x Open Source
 * Software Developer Manual: 6.3 (CSR), 6.4 (command blocks), 6.5 (statistics).
 */
import { timer_delete, timer_list } from '../kernel/time.ts'
import { get16, get32, put16, put32 } from '../lib/bytes.ts'
import type { cable_end } from './cable.ts'
import { eeprom93xx, eeprom_read, eeprom_write } from './eeprom93xx.ts'
import {
  CAUSE_MDI,
  CAUSE_SWI,
  CSR_SIZE,
  EEPROM_CTRL,
  GENERAL_STATUS,
  MDI_CTRL,
  PORT,
  SCB_ACK,
  SCB_COMMAND,
  SCB_MASK,
  SCB_POINTER,
  SCB_STATUS,
} from './i82559_csr.ts'
import { cu_command, cu_continue, cu_state_machine } from './i82559_cu.ts'
import { ru_command, ru_state_machine } from './i82559_ru.ts'
import { mii_phy, phy_read, phy_reset, phy_write } from './mii_phy.ts'
import { pci_dma_write, pci_function, type pci_model, pci_set_intx } from './pci.ts'

const MASK_ALL = 0x01
const GENERATE_SWI = 0x02

const EEPROM_SK = 1
const EEPROM_CS = 2
const EEPROM_DI = 4
const EEPROM_DO = 8

const MDI_READY = 1 << 28
const MDI_INTERRUPT = 1 << 29
const MDI_OP_WRITE = 1
const MDI_OP_READ = 2
const PHY_ADDRESS = 1
const PHY_REGISTERS = 7
const MII_BMCR = 0

/** Words of the EEPROM that software looks at; the last holds what makes the sum of all 0xbaba. */
const EEPROM_WORDS = 64
const EEPROM_ID = 5
const EEPROM_PHY = 6
const EEPROM_SUM = 0xbaba

export class i82559 implements pci_model {
  readonly fn: pci_function
  readonly csr = new Uint8Array(CSR_SIZE)
  readonly eeprom: eeprom93xx
  readonly phy = new mii_phy()
  /** Undefined: no cable. */
  end: cable_end | undefined = undefined
  readonly cu = new cu_state_machine()
  readonly ru = new ru_state_machine()
  /** What the configure, address and multicast commands have set. */
  readonly configuration = new Uint8Array(22)
  readonly address = new Uint8Array(6)
  readonly hash = new Uint8Array(8)
  /** Dwords in the order of the dump. */
  readonly statistics = new Uint32Array(20)
  /** Goes on with a list that is longer than one turn. */
  readonly turn: timer_list

  constructor(fn: pci_function, turn: timer_list, mac: Uint8Array) {
    this.fn = fn
    this.turn = turn
    this.eeprom = new eeprom93xx(EEPROM_WORDS)
    this.eeprom.words[EEPROM_ID] = 0x4000
    this.eeprom.words[EEPROM_PHY] = 1
    for (let i = 0; i < 3; i++) this.eeprom.words[i] = get16(mac, 2 * i)
    eeprom_seal(this.eeprom)
    this.reset()
  }

  /** The bus was reset, or PORT asks for it: all but EEPROM and cable is as at power-up. */
  reset(): void {
    timer_delete(this.turn)
    this.csr.fill(0)
    put32(this.csr, MDI_CTRL, 1 << 21)
    this.cu.reset()
    this.ru.reset()
    this.configuration.fill(0)
    this.configuration[6] = 0x30 // standard commands, standard statistics
    this.hash.fill(0)
    this.statistics.fill(0)
    for (let i = 0; i < 3; i++) put16(this.address, 2 * i, this.eeprom.words[i])
    phy_reset(this.phy)
    pci_set_intx(this.fn, false)
  }

  /** Memory and port space show the same registers; the flash is empty. */
  read(bar: number, offset: number, size: number): number {
    if (bar === 2) return size === 4 ? 0xffffffff : (1 << (8 * size)) - 1
    if (offset + size > CSR_SIZE) return 0
    this.csr[SCB_STATUS] = (this.cu.state << 6) | (this.ru.state << 2)
    if (size === 1 && offset < SCB_POINTER) return this.csr[offset]
    if (size === 1 && offset === EEPROM_CTRL) return this.pins()
    this.refresh(offset, offset + size)
    return size === 1 ? this.csr[offset] : size === 2 ? get16(this.csr, offset) : get32(this.csr, offset)
  }
  /** What stands in a register only when somebody looks. */
  private refresh(offset: number, end: number): void {
    const { csr } = this
    if (offset <= PORT + 3 && end > PORT) put32(csr, PORT, 0)
    if (offset <= EEPROM_CTRL && end > EEPROM_CTRL) csr[EEPROM_CTRL] = this.pins()
    if (offset <= MDI_CTRL + 3 && end > MDI_CTRL) csr[MDI_CTRL + 3] |= MDI_READY >>> 24
    if (offset <= GENERAL_STATUS && end > GENERAL_STATUS) csr[GENERAL_STATUS] = this.phy.link ? 7 : 0
  }
  private pins(): number {
    return (this.csr[EEPROM_CTRL] & ~EEPROM_DO) | (eeprom_read(this.eeprom) ? EEPROM_DO : 0)
  }
  write(bar: number, offset: number, size: number, value: number): void {
    if (bar === 2 || offset + size > CSR_SIZE) return
    // a driver that boots moves these pins some thousand times
    if (size === 1 && offset === EEPROM_CTRL) return this.serial(value)
    const end = offset + size
    for (let at = Math.max(offset, SCB_COMMAND); at < end; at++) this.csr[at] = (value >>> (8 * (at - offset))) & 0xff
    if (offset < SCB_POINTER) this.write_scb(offset, end, value)
    if (offset <= PORT + 3 && end > PORT + 3) this.port(get32(this.csr, PORT))
    if (offset <= EEPROM_CTRL && end > EEPROM_CTRL) this.serial(this.csr[EEPROM_CTRL])
    if (offset <= MDI_CTRL + 3 && end > MDI_CTRL + 3) this.mdi(get32(this.csr, MDI_CTRL))
  }
  private write_scb(offset: number, end: number, value: number): void {
    if (offset <= SCB_ACK && end > SCB_ACK) this.acknowledge((value >>> (8 * (SCB_ACK - offset))) & 0xff)
    if (offset <= SCB_MASK && end > SCB_MASK) this.mask()
    if (offset <= SCB_COMMAND && end > SCB_COMMAND) this.command(this.csr[SCB_COMMAND])
  }

  /** A cause of an interrupt has come up. */
  raise(cause: number): void {
    this.csr[SCB_ACK] |= cause
    this.drive()
  }
  private acknowledge(causes: number): void {
    this.csr[SCB_ACK] &= ~causes
    this.drive()
  }
  private mask(): void {
    if (this.csr[SCB_MASK] & GENERATE_SWI) {
      this.csr[SCB_MASK] &= ~GENERATE_SWI
      this.csr[SCB_ACK] |= CAUSE_SWI
    }
    this.drive()
  }
  /** The pin: a cause that is not masked by its own bit (high nibble), unless all are. */
  private drive(): void {
    const mask = this.csr[SCB_MASK]
    const causes = this.csr[SCB_ACK] & (~mask | 0x0f)
    pci_set_intx(this.fn, causes !== 0 && (mask & MASK_ALL) === 0)
  }

  /** Accepted as soon as it is written, which a zero shows. */
  private command(value: number): void {
    this.csr[SCB_COMMAND] = 0
    ru_command(this, value & 7)
    cu_command(this, value >> 4)
  }
  private port(value: number): void {
    const address = (value & ~15) >>> 0
    const selection = value & 15
    if (selection === 0 || selection === 2) this.reset()
    else if (selection === 1) {
      const result = new Uint8Array(8)
      put32(result, 0, 0xffffffff)
      pci_dma_write(this.fn, address, result)
    }
  }
  private serial(value: number): void {
    this.csr[EEPROM_CTRL] = value
    eeprom_write(this.eeprom, (value & EEPROM_CS) !== 0, (value & EEPROM_SK) !== 0, (value & EEPROM_DI) !== 0)
  }
  private mdi(value: number): void {
    const opcode = (value >>> 26) & 3
    const phy = (value >>> 21) & 31
    const reg = (value >>> 16) & 31
    let data = 0
    const there = phy === PHY_ADDRESS && reg < PHY_REGISTERS
    if (there && opcode === MDI_OP_READ) data = phy_read(this.phy, reg)
    else if (there && opcode === MDI_OP_WRITE) {
      phy_write(this.phy, reg, value & 0xffff)
      // what cleared itself by then is not seen
      data = reg === MII_BMCR ? this.phy.bmcr : value & 0xffff
    }
    put32(this.csr, MDI_CTRL, ((value & 0xffff0000) | data) >>> 0)
    // shown as a cause all the same; the pin goes up for those who asked, or with the next cause
    if (there) this.csr[SCB_ACK] |= CAUSE_MDI
    if (value & MDI_INTERRUPT) this.raise(CAUSE_MDI)
  }
}

/** Sets the last word so that the sum is right. */
export function eeprom_seal(chip: eeprom93xx): void {
  const last = chip.words.length - 1
  let sum = 0
  for (let i = 0; i < last; i++) sum += chip.words[i]
  chip.words[last] = EEPROM_SUM - sum
}

/** A controller with its configuration space, to be put into a slot. */
export function i82559_create(queue: timer_list['queue'], mac: Uint8Array): i82559 {
  const memory = { io: false, prefetchable: false }
  const fn = new pci_function(
    [
      { ...memory, size: 4096, prefetchable: true },
      { size: 64, io: true, prefetchable: false },
      { ...memory, size: 131072 },
    ],
    0xdc,
  )
  const { config } = fn
  put16(config, 0x00, 0x8086)
  put16(config, 0x02, 0x1229)
  put16(config, 0x06, 0x0290)
  config[0x08] = 0x0c
  put16(config, 0x0a, 0x0200)
  config[0x0d] = 0x20
  put16(config, 0x2c, 0x8086)
  put16(config, 0x2e, 0x0040)
  config[0x34] = 0xdc
  config[0x3d] = 1
  config[0x3e] = 8
  config[0x3f] = 0x18
  config[0xdc] = 1
  put16(config, 0xde, 0x7e21)
  // the timer names the function, which names the model: made before it
  const nic = new i82559(fn, new timer_list(queue, i82559_turn, fn), mac)
  fn.model = nic
  return nic
}
/** The timer's function. */
export function i82559_turn(fn: pci_function): void {
  cu_continue(fn.model as i82559)
}
