/** A launcher at the door: its program is attached to the host that it names. */
import { native } from '../attach/native.ts'
import type { Labs } from './labs.ts'

export function attachLauncher(_labs: Labs, fd: number, _line: string, fds: number[]): void {
  for (const passed of [fd, ...fds]) native.close(passed)
}
