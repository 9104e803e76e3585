/** The 82559's filter for groups: six bits of the address's Ethernet checksum (8255x manual, 6.4.2.4). */
const POLYNOMIAL = 0x04c11db7

/** 0 to 63. */
export function etherHash(address: Uint8Array): number {
  let crc = 0xffffffff
  for (let i = 0; i < 6; i++) {
    let byte = address[i]
    for (let bit = 0; bit < 8; bit++, byte >>= 1) {
      const carry = (crc >>> 31) ^ (byte & 1)
      crc = (crc << 1) >>> 0
      if (carry) crc = (crc ^ POLYNOMIAL) >>> 0
    }
  }
  return (crc >>> 2) & 63
}
