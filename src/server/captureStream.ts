/** A capture on its way to a client: pcapng bytes as packets pass, until the client goes. */
import type { Writable } from 'node:stream'
import type { Capture, CaptureSpec } from '../lab/capture.ts'
import { ServerError } from './errors.ts'
import type { Labs } from './labs.ts'

export interface CaptureRequest extends CaptureSpec {
  lab?: string
}

/** Begins the capture that a client asks for. Throws a ServerError that names the field. */
export function startCapture(labs: Labs, { lab = 'default', ...spec }: CaptureRequest): Capture {
  const served = labs.get(lab)
  if (spec.wire !== undefined) {
    const other = (['host', 'device', 'netlink'] as const).find((field) => spec[field] !== undefined)
    if (other !== undefined) throw new ServerError('BAD_REQUEST', { field: other, reason: 'a wire is captured, or a host' })
    if (!served.lab.wires.has(spec.wire)) throw new ServerError('UNKNOWN_WIRE', { lab, wire: spec.wire, field: 'wire' })
    return served.lab.capture(spec)
  }
  const { host } = labs.host(lab, spec.host)
  if (spec.netlink && spec.device !== undefined)
    throw new ServerError('BAD_REQUEST', { field: 'device', reason: 'netlink messages are of no device' })
  if (spec.device !== undefined && !host.hasDevice(spec.device))
    throw new ServerError('UNKNOWN_DEVICE', { host: host.name, device: spec.device, field: 'device' })
  return served.lab.capture({ ...spec, host: host.name })
}

/**
 * Writes what is captured at the end of each turn of the event loop, so that packets have the reasons for which they
 * were dropped. While the client does not read, packets wait, and are lost when there are too many.
 */
export function streamCapture(capture: Capture, stream: Writable): void {
  let draining = false
  let scheduled = false
  const flush = () => {
    scheduled = false
    if (stream.destroyed || stream.writableEnded || draining) return
    draining = !stream.write(capture.take())
  }
  capture.ready = () => {
    if (scheduled || draining) return
    scheduled = true
    setImmediate(flush)
  }
  stream.on('drain', () => {
    draining = false
    flush()
  })
  // a client that has ended its side reads the rest
  stream.prependOnceListener('end', () => void stream.write(capture.close()))
  stream.on('close', () => capture.close())
  flush()
}
