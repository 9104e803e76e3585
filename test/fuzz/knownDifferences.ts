/** Where the local kernel (6.18) is not the one that netdouble is (6.12), or lacks an option: each with its reason. */
import type { Difference } from './differential.ts'

interface Known {
  /** Of the message type. */
  name: RegExp
  real: RegExp
  ours: RegExp
  reason: string
}
export const knownDifferences: readonly Known[] = []

export function known(d: Difference): boolean {
  return knownDifferences.some((k) => k.name.test(d.name) && k.real.test(d.real) && k.ours.test(d.ours))
}
