/** Multiplicative hashes by the golden ratio, as include/linux/hash.h has them: buckets decide about orders that users see. */
const GOLDEN_RATIO_64 = 0x61c8864680b583ebn

/** The top `bits` bits of the product. */
export function hash_64(value: bigint, bits: number): number {
  return Number(BigInt.asUintN(64, value * GOLDEN_RATIO_64) >> BigInt(64 - bits))
}
