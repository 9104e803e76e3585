/** A module's file as programs read it: a relocatable ELF object that holds nothing but a .modinfo section. */
const SECTION_NAMES = '\0.modinfo\0.shstrtab\0'
const HEADER_SIZE = 64
const SHT_PROGBITS = 1
const SHT_STRTAB = 3

/** `info`: the lines of .modinfo, "name=value". */
export function moduleObject(info: readonly string[]): Uint8Array {
  const modinfo = Buffer.from(`${info.join('\0')}\0`)
  const names = Buffer.from(SECTION_NAMES)
  const tableAt = (HEADER_SIZE + modinfo.length + names.length + 7) & ~7
  const out = Buffer.alloc(tableAt + 3 * HEADER_SIZE)
  elfHeader(out, tableAt)
  modinfo.copy(out, HEADER_SIZE)
  names.copy(out, HEADER_SIZE + modinfo.length)
  section(out, tableAt + HEADER_SIZE, 1, SHT_PROGBITS, HEADER_SIZE, modinfo.length)
  section(out, tableAt + 2 * HEADER_SIZE, SECTION_NAMES.indexOf('.shstrtab'), SHT_STRTAB, HEADER_SIZE + modinfo.length, names.length)
  return out
}

function elfHeader(out: Buffer, tableAt: number): void {
  out.set([0x7f, 0x45, 0x4c, 0x46, 2 /* 64 bits */, 1 /* little-endian */, 1], 0)
  out.writeUInt16LE(1 /* ET_REL */, 16)
  out.writeUInt16LE(62 /* EM_X86_64 */, 18)
  out.writeUInt32LE(1, 20)
  out.writeBigUInt64LE(BigInt(tableAt), 40)
  out.writeUInt16LE(HEADER_SIZE, 52)
  out.writeUInt16LE(HEADER_SIZE, 58) // size of a section header
  out.writeUInt16LE(3, 60)
  out.writeUInt16LE(2, 62)
}

function section(out: Buffer, at: number, name: number, type: number, offset: number, size: number): void {
  out.writeUInt32LE(name, at)
  out.writeUInt32LE(type, at + 4)
  out.writeBigUInt64LE(BigInt(offset), at + 24)
  out.writeBigUInt64LE(BigInt(size), at + 32)
  out.writeBigUInt64LE(1n, at + 48)
}
