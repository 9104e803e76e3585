/** A failure as text: its seed, and the smallest history that shows it. */
import { type Bytes, hex as fullHex } from '../../src/lib/bytes.ts'
import { dumpMessage } from '../../src/uapi/messages.ts'
import type { Failure } from './fuzzer.ts'
import type { Step } from './steps.ts'

const hex = (b: Bytes) => (b.length > 2000 ? `${fullHex(b.subarray(0, 200))}…(${b.length} bytes)` : fullHex(b))

function showStep(step: Step): string {
  if (step.kind === 'advance') return `advance ${step.ns}`
  if (step.kind === 'ioctl') return `ioctl ${step.request.toString(16)} ${hex(step.data)}`
  return `send ${step.sock} ${hex(step.data)}`
}
export function report(failure: Failure, steps: readonly Step[]): string {
  const lines = [`seed ${failure.seed}, step ${failure.index}: ${failure.what}`, `last: ${failure.last}`, ...steps.map(showStep)]
  const last = steps.at(-1)
  if (last?.kind === 'send' && last.sock < 4) lines.push(boxed(last.data))
  return lines.join('\n')
}
function boxed(data: Uint8Array): string {
  try {
    return dumpMessage(0, data)
  } catch (error) {
    return `(cannot be shown: ${error})`
  }
}
