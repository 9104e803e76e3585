/**
 * The 82559 asleep (D1 to D3): it looks for magic packets (8255x manual 5.4.3) and signals PME#, unless byte 19 of its
 * configuration says otherwise. A reset sets that byte to 0: it wakes for them then.
 *
 *   power | configuration byte 19, bit 1 | a magic packet for this station
 *   D0    | any                          | is a frame as any other
 *   below | 0                            | PME status; PME# too when PME is enabled
 *   below | 1                            | is lost, as all frames are
 */
import type { i82559 } from './i82559.ts'
import { pci_signal_pme } from './pci.ts'

const MAGIC_DISABLED = 0x02
const COPIES = 16
const SYNC = 6

export function i82559_wake(nic: i82559, frame: Uint8Array): void {
  if ((nic.configuration[19] & MAGIC_DISABLED) === 0 && is_magic(frame, nic.address)) pci_signal_pme(nic.fn)
}
/** Six bytes of ones and sixteen times the address, anywhere. */
function is_magic(frame: Uint8Array, address: Uint8Array): boolean {
  const length = SYNC + COPIES * 6
  for (let at = 0; at + length <= frame.length; at++) {
    let i = 0
    while (i < length && frame[at + i] === (i < SYNC ? 0xff : address[(i - SYNC) % 6])) i++
    if (i === length) return true
  }
  return false
}
