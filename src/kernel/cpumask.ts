/** lib/bitmap-str.c, include/linux/cpumask.h: sets of processors as users write them: hexadecimal words with commas between. */
import { EINVAL, EOVERFLOW, type Errno } from '../uapi/errno.ts'

/** Bits of a word. */
const CHUNK = 32

/** bitmap_parse(): the CPUs in a text's first word, lowest first. EINVAL: no number; EOVERFLOW: more than the host has. */
export function cpumask_parse(text: string, nr_cpus: number): number[] | Errno {
  const line = text.split('\n', 1)[0].trim()
  if (!/^[0-9a-fA-F,\s]*$/.test(line)) return EINVAL
  const chunks = line.split(/[,\s]+/).filter((chunk) => chunk !== '')
  if (chunks.some((chunk) => chunk.length > CHUNK / 4) || chunks.length > Math.ceil(nr_cpus / CHUNK)) return EOVERFLOW
  const mask = chunks.reduce((bits, chunk) => (bits << BigInt(CHUNK)) | BigInt(`0x${chunk}`), 0n)
  if (mask >> BigInt(nr_cpus) !== 0n) return EOVERFLOW
  return Array.from({ length: nr_cpus }, (_, cpu) => cpu).filter((cpu) => (mask >> BigInt(cpu)) & 1n)
}
/** "%*pb": as many digits as the host has CPUs. */
export function cpumask_text(cpus: readonly number[], nr_cpus: number): string {
  const mask = cpus.reduce((bits, cpu) => bits | (1n << BigInt(cpu)), 0n)
  const digits = mask.toString(16).padStart(Math.ceil(nr_cpus / 4), '0')
  return digits.replace(/\B(?=([0-9a-f]{8})+$)/g, ',')
}
