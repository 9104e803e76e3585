/** What recipes of requests are put together from. */
import type { AttrSet } from '../../src/lib/attrs.ts'
import { put32 } from '../../src/lib/bytes.ts'
import { NETLINK_ROUTE } from '../../src/uapi/linux/netlink.ts'
import { AF_INET, AF_INET6 } from '../../src/uapi/linux/socket.ts'
import { flagsFor, requestTypes, someAttrs } from './grammar.ts'
import type { AttrTree, MessageTree } from './tree.ts'
import { type Context, chance, pick } from './values.ts'

const numbers = new Map(requestTypes)
export function message(ctx: Context, name: string, head: Uint8Array, attrs: AttrTree[], extra: AttrSet): MessageTree {
  if (chance(ctx.random, 0.25)) attrs.push(...someAttrs(ctx, extra, 2))
  return { protocol: NETLINK_ROUTE, name, type: numbers.get(name) as number, flags: flagsFor(ctx, name), head, attrs }
}
export function bytes32(value: number): Uint8Array {
  const b = new Uint8Array(4)
  put32(b, 0, value >>> 0)
  return b
}
export const text = (s: string) => new Uint8Array(Buffer.from(`${s}\0`, 'latin1'))
export const device = (ctx: Context) => pick(ctx.random, [1, 2, 2, 3, 3, 4, 4, 5, 6, 7, 8, 99])
export const family = (ctx: Context) => (ctx.family = pick(ctx.random, [AF_INET, AF_INET, AF_INET6]))
