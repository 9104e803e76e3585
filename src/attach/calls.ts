/** Which handler serves which system call, by number. */
import { bpfCalls } from './bpfCalls.ts'
import { descriptorCalls } from './descriptorCalls.ts'
import { execCalls } from './execCalls.ts'
import { fileCalls } from './fileCalls.ts'
import { handleCalls } from './handleCalls.ts'
import { identityCalls } from './identityCalls.ts'
import { ioctlCalls } from './ioctlCalls.ts'
import { kernelCalls } from './kernelCalls.ts'
import { namespaceCalls } from './namespaceCalls.ts'
import { mapCalls } from './mapCalls.ts'
import { calls } from './native.ts'
import { pollCalls } from './pollCalls.ts'
import { receiveCalls } from './receiveCalls.ts'
import { sendCalls } from './sendCalls.ts'
import { socketCalls } from './socketCalls.ts'
import type { Call, Supervisor } from './supervisor.ts'
import type { Outcome } from './trap.ts'
import { workingDirectoryCalls } from './workingDirectoryCalls.ts'

export type Handler = (supervisor: Supervisor, call: Call) => Outcome
/** Handlers by name of the call. */
export type Handlers = Record<string, Handler>

function byNumber(...tables: Handlers[]): (Handler | undefined)[] {
  const table: (Handler | undefined)[] = []
  for (const handlers of tables) {
    for (const [name, handler] of Object.entries(handlers)) {
      const number = calls[name]
      if (number !== undefined) table[number] = handler // some calls do not exist on every machine
    }
  }
  return table
}

export const handlers = byNumber(
  socketCalls,
  sendCalls,
  receiveCalls,
  ioctlCalls,
  mapCalls,
  pollCalls,
  descriptorCalls,
  identityCalls,
  execCalls,
  fileCalls,
  workingDirectoryCalls,
  handleCalls,
  namespaceCalls,
  bpfCalls,
  kernelCalls,
)
