/** Reads what a capture wrote: enough of pcapng for tests. */
export interface ReadPacket {
  interface: string
  linkType: number
  at: bigint
  bytes: Buffer
  direction: 'in' | 'out' | undefined
  comment: string | undefined
}

export function readPcapng(file: Uint8Array): { packets: ReadPacket[]; lost: number } {
  const b = Buffer.from(file)
  const interfaces: { name: string; linkType: number }[] = []
  const packets: ReadPacket[] = []
  let lost = 0
  for (let at = 0; at < b.length; ) {
    const type = b.readUInt32LE(at)
    const length = b.readUInt32LE(at + 4)
    if (length % 4 !== 0 || b.readUInt32LE(at + length - 4) !== length) throw new Error(`the block at ${at} has no end`)
    const body = b.subarray(at + 8, at + length - 4)
    if (type === 1) interfaces.push({ name: String(options(body, 8).get(2)), linkType: body.readUInt16LE(0) })
    else if (type === 5) lost = options(body, 12).get(5)?.readUInt32LE(0) ?? 0
    else if (type === 6) packets.push(packet(body, interfaces))
    at += length
  }
  return { packets, lost }
}

function packet(body: Buffer, interfaces: { name: string; linkType: number }[]): ReadPacket {
  const { name, linkType } = interfaces[body.readUInt32LE(0)]
  const size = body.readUInt32LE(12)
  const found = options(body, 20 + ((size + 3) & ~3))
  const flags = found.get(2)?.readUInt32LE(0) ?? 0
  return {
    interface: name,
    linkType,
    at: (BigInt(body.readUInt32LE(4)) << 32n) | BigInt(body.readUInt32LE(8)),
    bytes: body.subarray(20, 20 + size),
    direction: ([undefined, 'in', 'out'] as const)[flags & 3],
    comment: found.get(1)?.toString(),
  }
}

function options(body: Buffer, from: number): Map<number, Buffer> {
  const found = new Map<number, Buffer>()
  for (let at = from; at + 4 <= body.length; ) {
    const size = body.readUInt16LE(at + 2)
    found.set(body.readUInt16LE(at), body.subarray(at + 4, at + 4 + size))
    at += 4 + ((size + 3) & ~3)
  }
  return found
}
