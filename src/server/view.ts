/** Hosts as JSON, as a page or a test wants to see them. */
import type { ethernet_switch } from '../hw/switch.ts'
import type { Host } from '../lab/host.ts'
import { unhex } from '../lib/bytes.ts'
import type { Wire } from '../lab/wire.ts'
import { netnsId } from '../lab/transcript.ts'
import type { net_device } from '../net/core/netdevice.ts'
import { IFF_UP } from '../uapi/linux/if.ts'
import type { ServedLab } from './labs.ts'

const flagNames: readonly [number, string][] = [
  [0x1, 'UP'],
  [0x2, 'BROADCAST'],
  [0x8, 'LOOPBACK'],
  [0x10, 'POINTOPOINT'],
  [0x40, 'RUNNING'],
  [0x80, 'NOARP'],
  [0x100, 'PROMISC'],
  [0x200, 'ALLMULTI'],
  [0x400, 'MASTER'],
  [0x800, 'SLAVE'],
  [0x1000, 'MULTICAST'],
  [0x10000, 'LOWER_UP'],
  [0x20000, 'DORMANT'],
]
/** RFC 2863 states by number (IF_OPER_*). */
const operstates = ['UNKNOWN', 'NOTPRESENT', 'DOWN', 'LOWERLAYERDOWN', 'TESTING', 'DORMANT', 'UP']

export function labView(served: ServedLab): object {
  const { name, lab } = served
  return {
    name,
    seed: lab.seed,
    time: lab.time,
    now: lab.events.now,
    hosts: [...lab.hosts.keys()],
    switches: [...lab.switches].map(([name, it]) => switchView(name, it)),
    wires: [...lab.wires.values()].map(wireView),
  }
}

function switchView(name: string, it: ethernet_switch): object {
  const stations = [...it.stations].filter(([, station]) => it.fresh(station))
  return {
    name,
    ageing: it.ageing,
    ports: [...it.ports.values()].map((port) => ({
      name: port.name,
      untagged: port.untagged === 0 ? null : port.untagged,
      tagged: [...port.tagged],
      received: port.received,
      transmitted: port.transmitted,
      dropped: port.dropped,
    })),
    stations: stations.map(([key, { port, seen }]) => {
      const { vid, address } = it.station_of(key)
      return { vlan: vid, address: colons(unhex(address)), port: port.name, seen }
    }),
  }
}

function wireView({ name, ends, carrier, settings, cable }: Wire): object {
  return { name, ends, carrier, ...settings, sent: cable.sent, lost: cable.lost }
}

export function hostView(host: Host): object {
  const { kernel } = host
  return {
    name: host.name,
    now: kernel.now(),
    ipv6: kernel.params.ipv6,
    namespaces: kernel.namespaces.net_namespace_list.map((n) => ({
      id: netnsId(n),
      devices: n.dev_base_head.map((d) => deviceView(host, d)),
    })),
    unsupported: kernel.unsupported.toJson(),
    dmesg: host.dmesg(),
  }
}

function deviceView(host: Host, dev: net_device): object {
  const flags = host.flags(dev)
  const view: Record<string, unknown> = {
    name: dev.name,
    ifindex: dev.ifindex,
    flags: flagNames.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name),
    mtu: dev.mtu,
    // net/core/rtnetlink.c rtnl_fill_ifinfo(): a device that is not up shows as down, whatever it was
    operstate: (dev.flags & IFF_UP) === 0 ? 'DOWN' : (operstates[dev.operstate] ?? dev.operstate),
    address: colons(dev.dev_addr.subarray(0, dev.addr_len)),
    kind: dev.rtnl_link_ops?.kind ?? null,
    ipv4: ipv4Addresses(dev),
  }
  if (dev.ifalias !== undefined) view.alias = dev.ifalias
  if (dev.altnames.length > 0) view.altnames = [...dev.altnames]
  return view
}

function ipv4Addresses(dev: net_device): object[] {
  return (dev.ip_ptr?.ifa_list ?? []).map((ifa) => ({
    local: dotted(ifa.ifa_local),
    prefixlen: ifa.ifa_prefixlen,
    ...(ifa.ifa_address === ifa.ifa_local ? {} : { peer: dotted(ifa.ifa_address) }),
    ...(ifa.ifa_broadcast === 0 ? {} : { broadcast: dotted(ifa.ifa_broadcast) }),
    scope: ifa.ifa_scope,
    label: ifa.ifa_label,
  }))
}

function colons(b: Uint8Array): string {
  return Array.from(b, (x) => x.toString(16).padStart(2, '0')).join(':')
}
function dotted(v: number): string {
  return [v >>> 24, (v >>> 16) & 255, (v >>> 8) & 255, v & 255].join('.')
}
