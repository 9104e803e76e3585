/** What in a kernel belongs to the outside: it is not saved, and a loaded lab begins without it. */

import { Kernel } from '../kernel/kernel.ts'
import { task_struct } from '../kernel/task.ts'
import { no_tracepoints } from '../kernel/trace.ts'
import { AttrPool } from '../lib/attrs.ts'
import { packet_ring } from '../net/packet/packet_sock.ts'
import { net } from '../net/core/net_namespace.ts'
import { napi_alloc_cache } from '../net/core/skbuff_cache.ts'
import { sock_release, socket } from '../net/socket.ts'

/** By class and field: the value that the field has after loading. */
export const handle_fields: ReadonlyMap<unknown, Record<string, unknown>> = new Map<unknown, Record<string, unknown>>([
  [Kernel, { trace: no_tracepoints, current: undefined }],
  [socket, { watcher: undefined }],
  [net, { dev_list: undefined, dev_sorted: undefined }],
  [task_struct, { files: undefined }],
  [packet_ring, { memory: undefined }],
])

/** Scratch memory: any fresh instance is as good. */
export const fresh_classes: ReadonlyMap<unknown, () => object> = new Map<unknown, () => object>([
  [AttrPool, () => new AttrPool()],
  [napi_alloc_cache, () => new napi_alloc_cache()],
])

/** Programs do not come along when a lab is loaded: their sockets are closed, as if they had been killed. */
export function end_programs(kernel: Kernel, sockets: readonly object[]): void {
  for (const sock of sockets) if (sock instanceof socket && sock.kernel === kernel) sock_release(sock)
  for (const tid of [...kernel.tasks.keys()]) kernel.task_exit(tid)
  kernel.events.runDue()
}
