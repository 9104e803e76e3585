/** net/ipv6/addrlabel.c: the labels of a namespace in their order, the longest prefix first. */
import { list, type list_member } from '../../lib/list.ts'
import { addr6_key, type in6_addr } from '../../uapi/linux/in6.ts'

/** struct ip6addrlbl_entry */
export class ip6addrlbl_entry implements list_member<ip6addrlbl_entry> {
  readonly prefix: in6_addr
  readonly prefixlen: number
  /** 0: any device. */
  readonly ifindex: number
  /** IPV6_ADDR_* that an address must have; 0: any. */
  readonly addrtype: number
  label: number
  list_prev: ip6addrlbl_entry | undefined = undefined
  list_next: ip6addrlbl_entry | undefined = undefined
  constructor(prefix: in6_addr, prefixlen: number, ifindex: number, addrtype: number, label: number) {
    this.prefix = prefix
    this.prefixlen = prefixlen
    this.ifindex = ifindex
    this.addrtype = addrtype
    this.label = label
  }
}

const LENGTHS = 129

function key(prefix: in6_addr, prefixlen: number, ifindex: number): string {
  return `${addr6_key(prefix)}${prefixlen}/${ifindex}`
}
/** The neighbour, where it has the length, too. */
function of_length(p: ip6addrlbl_entry | undefined, prefixlen: number): ip6addrlbl_entry | undefined {
  return p?.prefixlen === prefixlen ? p : undefined
}

/**
 * Of a length stand first those of one device, the oldest first, and then those of any device, the newest first. Linux walks
 * from the longest prefix to an entry's place; here the ends of each length are known.
 */
export class ip6addrlbl_table {
  private readonly entries = new list<ip6addrlbl_entry>()
  /** Of each length: the first for any device, and the last of all. */
  private readonly any: (ip6addrlbl_entry | undefined)[] = new Array(LENGTHS).fill(undefined)
  private readonly last: (ip6addrlbl_entry | undefined)[] = new Array(LENGTHS).fill(undefined)
  /** Those of one prefix and device, the first in the list last: several, where Linux does not see the older one. */
  private readonly by_key = new Map<string, ip6addrlbl_entry[]>()

  get items(): readonly ip6addrlbl_entry[] {
    return this.entries.items
  }
  /** The entry that is met on the way to the place of a new one: of those for any device only the first of the length is. */
  met(prefix: in6_addr, prefixlen: number, ifindex: number): ip6addrlbl_entry | undefined {
    const found = this.find(prefix, prefixlen, ifindex)
    return ifindex !== 0 || found === this.any[prefixlen] ? found : undefined
  }
  find(prefix: in6_addr, prefixlen: number, ifindex: number): ip6addrlbl_entry | undefined {
    return this.by_key.get(key(prefix, prefixlen, ifindex))?.at(-1)
  }
  add(p: ip6addrlbl_entry): void {
    const { prefixlen, ifindex } = p
    const before = this.any[prefixlen]
    this.entries.add_behind(p, before === undefined ? this.last.slice(prefixlen).find((q) => q !== undefined) : before.list_prev)
    if (ifindex === 0) this.any[prefixlen] = p
    if (before === undefined) this.last[prefixlen] = p
    const k = key(p.prefix, prefixlen, ifindex)
    const same = this.by_key.get(k)
    if (same === undefined) this.by_key.set(k, [p])
    else same.push(p)
  }
  del(p: ip6addrlbl_entry): void {
    const { prefixlen } = p
    if (this.any[prefixlen] === p) this.any[prefixlen] = of_length(p.list_next, prefixlen)
    if (this.last[prefixlen] === p) this.last[prefixlen] = of_length(p.list_prev, prefixlen)
    this.entries.del(p)
    const k = key(p.prefix, prefixlen, p.ifindex)
    const same = this.by_key.get(k)
    if (same?.length === 1) this.by_key.delete(k)
    else same?.splice(same.indexOf(p), 1)
  }
}
