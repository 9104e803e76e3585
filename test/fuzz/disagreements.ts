/** Where netlink, ioctl and /proc do not say the same of one object. */
import { get16, get32, getString, hex, put32, putString } from '../../src/lib/bytes.ts'
import { sys_ioctl } from '../../src/syscalls/syscalls.ts'
import type { UserMemory } from '../../src/syscalls/types.ts'
import { EFAULT, isErrno } from '../../src/uapi/errno.ts'
import * as R from '../../src/uapi/linux/rtnetlink.ts'
import * as S from '../../src/uapi/linux/sockios.ts'
import { dump } from './history.ts'
import { parse } from './views.ts'
import type { World } from './world.ts'

const AT = 0x1000
class Page implements UserMemory {
  readonly bytes = new Uint8Array(8192)
  read(addr: number, length: number) {
    const at = addr - AT
    return at >= 0 && at + length <= this.bytes.length ? this.bytes.slice(at, at + length) : EFAULT
  }
  write(addr: number, bytes: Uint8Array) {
    if (addr < AT || addr - AT + bytes.length > this.bytes.length) return EFAULT
    this.bytes.set(bytes, addr - AT)
    return undefined
  }
}
/** The 24 bytes behind the name in struct ifreq, or the errno's name. */
function ifreq(world: World, request: number, name: string): Uint8Array | string {
  const page = new Page()
  putString(page.bytes, 0, name)
  const result = sys_ioctl(world.task, world.inet, request, AT, page)
  return isErrno(result) ? result.name : page.bytes.slice(16, 40)
}
function lines(world: World, path: string): string[] {
  const node = world.task.kernel.fs.open(world.task, path, 0)
  if (node === undefined || isErrno(node)) return []
  const bytes = node.read()
  return isErrno(bytes) ? [] : Buffer.from(bytes).toString('latin1').split('\n').slice(0, -1)
}
const fields = (line: string) => line.trim().split(/\s+/)
/** What one list has and the other has not. */
function apart(what: string, netlink: readonly string[], other: readonly string[]): string[] {
  const [a, b] = [new Set(netlink), new Set(other)]
  return [
    ...netlink.filter((x) => !b.has(x)).map((x) => `${what}: only netlink has ${x}`),
    ...other.filter((x) => !a.has(x)).map((x) => `${what}: netlink has not ${x}`),
  ]
}

interface Link {
  index: number
  name: string
  type: number
  attrs: Map<number, Uint8Array>
  flags: number
  kind: string
}
function linksOf(world: World): Link[] {
  return dump(world, R.RTM_GETLINK, 16, 0).flatMap((message) => {
    const p = parse(message)
    if (p === undefined) return []
    const raw = p.attrs.get(3) as Uint8Array
    const info = Buffer.from(p.attrs.get(18) ?? []).toString('latin1')
    return [
      {
        index: get32(p.body, 4),
        name: getString(raw, 0, raw.length),
        type: get16(p.body, 2),
        attrs: p.attrs,
        flags: get32(p.body, 8),
        kind: /^..\x01\x00([a-z0-9]+)/s.exec(info)?.[1] ?? '',
      },
    ]
  })
}
function linkLines(world: World, links: readonly Link[]): string[] {
  const out: string[] = []
  for (const { name, index, attrs, flags, type } of links) {
    const same = (what: string, request: number, wanted: string, read: (b: Uint8Array) => string) => {
      const got = ifreq(world, request, name)
      const says = typeof got === 'string' ? got : read(got)
      if (says !== wanted) out.push(`${name}: ${what} by ioctl ${says}, by netlink ${wanted}`)
    }
    const number = (nr: number) => String(get32(attrs.get(nr) as Uint8Array, 0))
    same('index', S.SIOCGIFINDEX, String(index), (b) => String(get32(b, 0)))
    same('MTU', S.SIOCGIFMTU, number(4), (b) => String(get32(b, 0)))
    same('queue length', S.SIOCGIFTXQLEN, number(13), (b) => String(get32(b, 0)))
    same('flags', S.SIOCGIFFLAGS, String(flags & 0xffff), (b) => String(get16(b, 0)))
    const address = attrs.get(1)
    if (address?.length === 6) same('address', S.SIOCGIFHWADDR, `${type} ${hex(address)}`, (b) => `${get16(b, 0)} ${hex(b.subarray(2, 8))}`)
  }
  out.push(
    ...apart(
      '/proc/net/dev',
      links.map((l) => l.name),
      lines(world, '/proc/net/dev')
        .slice(2)
        .map((l) => fields(l)[0].slice(0, -1)),
    ),
  )
  const config = lines(world, '/proc/net/vlan/config')
    .slice(2)
    .map((l) => fields(l)[0])
  out.push(
    ...apart(
      '/proc/net/vlan/config',
      links.filter((l) => l.kind === 'vlan').map((l) => l.name),
      config,
    ),
  )
  return out
}

/** IPv4 addresses by their labels: SIOCGIFCONF lists them, and each can be asked for. */
function addressLines(world: World, links: readonly Link[]): string[] {
  const names = new Map(links.map((l) => [l.index, l.name]))
  const out: string[] = []
  const listed: string[] = []
  const seen = new Set<string>()
  for (const message of dump(world, R.RTM_GETADDR, 8, 2)) {
    const p = parse(message)
    const label = p?.attrs.get(3)
    const local = p?.attrs.get(2)
    if (p === undefined || label === undefined || local === undefined) continue
    const name = getString(label, 0, label.length)
    listed.push(`${name} ${hex(local)}`)
    // a label may begin with another device's name, or none's
    if (seen.has(name) || names.get(get32(p.body, 4)) !== name.replace(/:.*/, '')) continue
    seen.add(name)
    const plen = p.body[1]
    const mask = hex(Uint8Array.of(24, 16, 8, 0).map((shift) => (plen === 0 ? 0 : (0xffffffff << (32 - plen)) >>> shift)))
    const asked: [string, number, string][] = [
      ['address', S.SIOCGIFADDR, hex(local)],
      ['netmask', S.SIOCGIFNETMASK, mask],
      ['broadcast', S.SIOCGIFBRDADDR, hex(p.attrs.get(4) ?? new Uint8Array(4))],
      ['peer', S.SIOCGIFDSTADDR, hex(p.attrs.get(1) ?? new Uint8Array(4))],
    ]
    for (const [what, request, wanted] of asked) {
      const got = ifreq(world, request, name)
      const says = typeof got === 'string' ? got : hex(got.subarray(4, 8))
      if (says !== wanted) out.push(`${name}: ${what} by ioctl ${says}, by netlink ${wanted}`)
    }
  }
  return [...out, ...apart('SIOCGIFCONF', listed, configured(world))]
}
function configured(world: World): string[] {
  const page = new Page()
  put32(page.bytes, 0, 4000)
  put32(page.bytes, 8, AT + 64)
  const error = sys_ioctl(world.task, world.inet, S.SIOCGIFCONF, AT, page)
  if (isErrno(error)) return [error.name]
  const out: string[] = []
  for (let at = 64; at + 40 <= 64 + get32(page.bytes, 0); at += 40)
    out.push(`${getString(page.bytes, at, at + 16)} ${hex(page.bytes.subarray(at + 20, at + 24))}`)
  return out
}

const le32 = (text: string) => hex(new Uint8Array(Buffer.from(text, 'hex').reverse()))
/** /proc/net/if_inet6, ipv6_route, route, fib_trie. */
function routeLines(world: World, links: readonly Link[]): string[] {
  const names = new Map(links.map((l) => [l.index, l.name]))
  const six = dump(world, R.RTM_GETADDR, 8, 10).map((m) => {
    const p = parse(m) as NonNullable<ReturnType<typeof parse>>
    return `${hex(p.attrs.get(2) ?? (p.attrs.get(1) as Uint8Array))} ${p.body[1]} ${names.get(get32(p.body, 4))}`
  })
  const shown = lines(world, '/proc/net/if_inet6')
    .map(fields)
    .map((f) => `${f[0]} ${Number.parseInt(f[2], 16)} ${f[5]}`)
  const trie = new Set<string>()
  let leaf = ''
  for (const line of lines(world, '/proc/net/fib_trie')) {
    leaf = /\|-- (\S+)/.exec(line)?.[1] ?? leaf
    const entry = /^ +\/(\d+) (\S+) (\S+)/.exec(line)
    if (entry !== null) trie.add(`${leaf}/${entry[1]} ${entry[3]}`)
  }
  const four = dump(world, R.RTM_GETROUTE, 12, 2).map((m) => parse(m) as NonNullable<ReturnType<typeof parse>>)
  const keys = four.map((p) => `${[...(p.attrs.get(1) ?? new Uint8Array(4))].join('.')}/${p.body[1]} ${types[p.body[7]]}`)
  return [
    ...apart('/proc/net/if_inet6', six, shown),
    ...apart('/proc/net/fib_trie', [...new Set(keys)], [...trie]),
    ...apart(
      '/proc/net/route',
      mainRoutes(four, names),
      lines(world, '/proc/net/route')
        .slice(1)
        .map(fields)
        .map((f) => `${f[0]} ${le32(f[1])} ${le32(f[2])} ${f[6]}`),
    ),
    ...apart('/proc/net/ipv6_route', [...new Set(routes6(world, names))], [...new Set(procRoutes6(world))]),
  ]
}
const types = [
  'UNSPEC',
  'UNICAST',
  'LOCAL',
  'BROADCAST',
  'ANYCAST',
  'MULTICAST',
  'BLACKHOLE',
  'UNREACHABLE',
  'PROHIBIT',
  'THROW',
  'NAT',
  'XRESOLVE',
]
type Parsed = NonNullable<ReturnType<typeof parse>>
/** Routes of the main table that have one hop, as the file shows them. */
function mainRoutes(routes: readonly Parsed[], names: Map<number, string>): string[] {
  return routes.flatMap((p) => {
    const table = p.attrs.get(15)
    if (table === undefined || get32(table, 0) !== 254 || [3, 5].includes(p.body[7])) return []
    const metric = p.attrs.get(6)
    const [device, gateway] = firstHop(p)
    const name = device === 0 ? '*' : (names.get(device) ?? '?')
    return [`${name} ${hex(p.attrs.get(1) ?? new Uint8Array(4))} ${gateway} ${metric === undefined ? 0 : get32(metric, 0)}`]
  })
}
function firstHop(p: Parsed): [number, string] {
  const hops = p.attrs.get(9)
  if (hops === undefined) {
    const oif = p.attrs.get(4)
    return [oif === undefined ? 0 : get32(oif, 0), hex(p.attrs.get(5) ?? new Uint8Array(4))]
  }
  const has = get16(hops, 0) >= 16 && get16(hops, 10) === 5
  return [get32(hops, 4), has ? hex(hops.subarray(12, 16)) : '00000000']
}
function routes6(world: World, names: Map<number, string>): string[] {
  return dump(world, R.RTM_GETROUTE, 12, 10).flatMap((m) => {
    const p = parse(m) as Parsed
    const devices: number[] = []
    const hops = p.attrs.get(9)
    if (hops === undefined) devices.push(p.attrs.has(4) ? get32(p.attrs.get(4) as Uint8Array, 0) : 0)
    else for (let at = 0; at + 8 <= hops.length; at += (get16(hops, at) + 3) & ~3) devices.push(get32(hops, at + 4))
    const head = `${hex(p.attrs.get(1) ?? new Uint8Array(16))} ${p.body[1].toString(16).padStart(2, '0')} ${get32(p.attrs.get(6) as Uint8Array, 0)}`
    return devices.map((d) => `${head} ${names.get(d) ?? 'lo'}`)
  })
}
function procRoutes6(world: World): string[] {
  return lines(world, '/proc/net/ipv6_route')
    .map(fields)
    .filter((f) => f[5] !== 'ffffffff')
    .map((f) => `${f[0]} ${f[1]} ${Number.parseInt(f[5], 16)} ${f[9] ?? 'lo'}`)
}

/** /proc/net/arp, igmp6 and dev_mcast. */
function listLines(world: World, links: readonly Link[]): string[] {
  const names = new Map(links.map((l) => [l.index, l.name]))
  const NUD_NOARP = 0x40
  const arp = dump(world, R.RTM_GETNEIGH, 12, 2)
    .map((m) => parse(m) as Parsed)
    .filter((p) => (get16(p.body, 8) & ~NUD_NOARP) !== 0)
    .map((p) => `${[...(p.attrs.get(1) ?? [])].join('.')} ${names.get(get32(p.body, 4))}`)
  const proc = lines(world, '/proc/net/arp')
    .slice(1)
    .map(fields)
    .filter((f) => f[2] !== '0xc')
  const joined = dump(world, R.RTM_GETMULTICAST, 8, 10)
    .map((m) => [get32(m, 20), m] as const)
    .map(([index, m]) => `${names.get(index)} ${hex(m.subarray(28, 44))}`)
  const groups6 = lines(world, '/proc/net/igmp6')
    .map(fields)
    .map((f) => `${f[1]} ${f[2]}`)
  const own = dump(world, R.RTM_GETNEIGH, 12, 7)
    .map((m) => parse(m) as Parsed)
    .filter((p) => !p.attrs.has(9) && ((p.attrs.get(2)?.[0] ?? 0) & 1) === 1)
    .map((p) => `${names.get(get32(p.body, 4))} ${hex(p.attrs.get(2) as Uint8Array)}`)
  const ethernet = new Set(links.filter((l) => l.type === 1 && l.kind !== 'vxlan').map((l) => l.name))
  const mcast = lines(world, '/proc/net/dev_mcast')
    .map(fields)
    .filter((f) => ethernet.has(f[1]))
    .map((f) => `${f[1]} ${f[4]}`)
  return [
    ...apart(
      '/proc/net/arp',
      arp,
      proc.map((f) => `${f[0]} ${f[5]}`),
    ),
    ...apart('/proc/net/igmp6', joined, groups6),
    ...apart('/proc/net/dev_mcast', own, mcast),
    ...igmpLines(world, links, mcast),
  ]
}
/** Groups of /proc/net/igmp of devices that are up are in their lists of link-layer addresses. */
function igmpLines(world: World, links: readonly Link[], mcast: readonly string[]): string[] {
  const out: string[] = []
  let device: Link | undefined
  for (const line of lines(world, '/proc/net/igmp').slice(1)) {
    const f = fields(line)
    if (!line.startsWith('\t')) device = links.find((l) => l.name === f[1])
    else if (device?.type === 1 && device.kind !== 'vxlan' && device.flags & 1) {
      const group = Number.parseInt(le32(f[0]), 16)
      const wanted = `${device.name} 01005e${(group & 0x7fffff).toString(16).padStart(6, '0')}`
      if (!mcast.includes(wanted)) out.push(`/proc/net/igmp has ${line.trim()}, /proc/net/dev_mcast has not ${wanted}`)
    }
  }
  return out
}

export function disagreements(world: World): string[] {
  const links = linksOf(world)
  return [...linkLines(world, links), ...addressLines(world, links), ...routeLines(world, links), ...listLines(world, links)]
}
