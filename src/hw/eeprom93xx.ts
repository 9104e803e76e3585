/**
 * A serial EEPROM of the 93C46 family (Microwire, 16-bit words). Software drives chip select, clock and data in; the chip
 * answers on data out. One command a selection: start bit, two bits of opcode, address, then 16 bits of data.
 *
 *   opcode | command
 *   10     | read: a 0, then the word, highest bit first; then the words that follow
 *   01     | write, when writing is enabled; done when the chip is deselected
 *   11     | erase a word, when writing is enabled
 *   00     | by the address's two highest bits: 00 disable writing, 01 write all, 10 erase all, 11 enable writing
 */
export class eeprom93xx {
  readonly words: Uint16Array
  readonly address_bits: number
  writable = false
  selected = false
  clock = false
  /** Of the selection: the start bit was seen, bits since, what they were. */
  started = false
  ticks = 0
  opcode = 0
  address = 0
  shift = 0
  data_out = true
  /** `size` is 64 or 256 words. */
  constructor(size: number) {
    this.words = new Uint16Array(size)
    this.address_bits = Math.log2(size)
  }
}

export function eeprom_read(chip: eeprom93xx): boolean {
  return chip.data_out
}
export function eeprom_write(chip: eeprom93xx, select: boolean, clock: boolean, data: boolean): void {
  if (select && !chip.selected) begin(chip)
  else if (!select && chip.selected) finish(chip)
  else if (select && clock && !chip.clock) tick(chip, data ? 1 : 0)
  chip.selected = select
  chip.clock = clock
}
function begin(chip: eeprom93xx): void {
  chip.started = false
  chip.ticks = 0
  chip.opcode = 0
  chip.address = 0
  chip.shift = 0
  chip.data_out = true
}
function tick(chip: eeprom93xx, bit: number): void {
  if (!chip.started) {
    chip.started = bit === 1
    return
  }
  chip.ticks++
  const data_from = 2 + chip.address_bits
  if (chip.ticks <= 2) chip.opcode = (chip.opcode << 1) | bit
  else if (chip.ticks <= data_from) {
    chip.address = (chip.address << 1) | bit
    if (chip.ticks === data_from) addressed(chip)
  } else data_bit(chip, bit)
}
/** A read answers the last bit of the address with a 0: so software learns how many bits there are. */
function addressed(chip: eeprom93xx): void {
  if (chip.opcode !== 2) return
  chip.shift = chip.words[chip.address]
  chip.data_out = false
}
function data_bit(chip: eeprom93xx, bit: number): void {
  if (chip.opcode === 2) {
    chip.data_out = (chip.shift & 0x8000) !== 0
    chip.shift = (chip.shift << 1) & 0xffff
    if ((chip.ticks - 2 - chip.address_bits) % 16 !== 0) return
    chip.address = (chip.address + 1) % chip.words.length
    chip.shift = chip.words[chip.address]
  } else chip.shift = ((chip.shift << 1) | bit) & 0xffff
}
function finish(chip: eeprom93xx): void {
  const complete = chip.ticks >= 2 + chip.address_bits
  const with_data = chip.ticks >= 2 + chip.address_bits + 16
  if (complete && chip.opcode === 0) special(chip, chip.address >> (chip.address_bits - 2), with_data)
  if (!chip.writable) return
  if (with_data && chip.opcode === 1) chip.words[chip.address] = chip.shift
  if (complete && chip.opcode === 3) chip.words[chip.address] = 0xffff
}
function special(chip: eeprom93xx, code: number, with_data: boolean): void {
  if (code === 0) chip.writable = false
  else if (code === 3) chip.writable = true
  else if (chip.writable && code === 2) chip.words.fill(0xffff)
  else if (chip.writable && with_data) chip.words.fill(chip.shift)
}
