/** Several observers of one kernel: its `trace` is one object, so that a tracepoint without observers costs one test. */
import { no_tracepoints, type tracepoints } from '../kernel/trace.ts'

const names = [
  'printk',
  'netlink_request',
  'netlink_reply',
  'netlink_multicast',
  'net_dev_start_xmit',
  'netif_receive_skb',
  'kfree_skb',
  'ioctl',
] as const satisfies readonly (keyof tracepoints)[]

/** One object that calls every observer's hook in turn; only hooks that somebody has are there. */
export function combineTracepoints(observers: readonly tracepoints[]): tracepoints {
  if (observers.length === 0) return no_tracepoints
  if (observers.length === 1) return observers[0]
  const combined: Record<string, (...args: unknown[]) => void> = {}
  for (const name of names) {
    const hooks = observers.flatMap((o) => (o[name] === undefined ? [] : [(o[name] as (...args: unknown[]) => void).bind(o)]))
    if (hooks.length === 1) combined[name] = hooks[0]
    else if (hooks.length > 1) combined[name] = (...args) => hooks.forEach((hook) => hook(...args))
  }
  return combined as tracepoints
}
