/**
 * The table of rtnetlink's messages in README.md, made from what a booted host with all its modules has registered:
 * `npm run messages` writes it, test/scripts/rtnetlinkTable.test.ts compares.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { loadable_modules } from '../src/init/loadable.ts'
import { request_module } from '../src/kernel/kmod.ts'
import type { Kernel } from '../src/kernel/kernel.ts'
import { Lab } from '../src/lab/lab.ts'
import { packageFile } from '../src/server/packageRoot.ts'
import * as rtnetlink from '../src/uapi/linux/rtnetlink.ts'

export const readme = packageFile('README.md')
const BEGIN = '<!-- rtnetlink: made by npm run messages -->'
const END = '<!-- /rtnetlink -->'

const families: Record<number, string> = { 0: 'any', 2: 'IPv4', 7: 'bridge', 10: 'IPv6', 28: 'MPLS', 128: 'ipmr', 129: 'ip6mr' }

/** Who is told of a change, by what the message is about. */
const groups: Record<string, string> = {
  LINK: 'LINK, IPV6_IFINFO',
  LINKPROP: 'LINK',
  ADDR: 'IPV4_IFADDR, IPV6_IFADDR',
  ROUTE: 'IPV4_ROUTE, IPV6_ROUTE, MPLS_ROUTE',
  NEIGH: 'NEIGH',
  RULE: 'IPV4_RULE, IPV6_RULE',
  QDISC: 'TC',
  TCLASS: 'TC',
  TFILTER: 'TC',
  CHAIN: 'TC',
  ACTION: 'TC',
  PREFIX: 'IPV6_PREFIX',
  NDUSEROPT: 'ND_USEROPT',
  DCB: 'DCB',
  NETCONF: 'IPV4_NETCONF, IPV6_NETCONF, MPLS_NETCONF',
  MDB: 'MDB',
  NSID: 'NSID',
  STATS: 'STATS',
  CACHEREPORT: 'IPV4_MROUTE_R, IPV6_MROUTE_R',
  NEXTHOP: 'NEXTHOP',
  VLAN: 'BRVLAN',
  TUNNEL: 'TUNNEL',
}

/** What differs from Linux 6.12 with all of Debian's modules; kinds are read from the host. */
function differences(kernel: Kernel): Record<string, string> {
  const kinds = (list: readonly { kind: string }[]) => list.map(({ kind }) => `\`${kind}\``).join(', ')
  return {
    LINK: `kinds: ${kinds([...kernel.rtnl.link_ops].sort((a, b) => (a.kind < b.kind ? -1 : 1)))}`,
    QDISC: `kinds: ${kinds(kernel.netdev.sched.qdisc_base.map(({ id }) => ({ kind: id })))}; others are unknown`,
    TCLASS: 'classes can be added to `htb`; those of the others come with them',
    TFILTER: `kinds: ${kinds(kernel.netdev.sched.tcf_proto_base)}`,
    ACTION: `kinds: ${kinds(kernel.netdev.sched.act_base)}`,
    CHAIN: 'without templates',
    DCB: 'no driver has it: EOPNOTSUPP',
    STATS: 'no hardware counts: `l3_stats` are 0',
  }
}

/** Numbers that have a name and that 6.12 neither takes nor sends. */
const unused = ['NEWMULTICAST', 'DELMULTICAST', 'NEWANYCAST', 'DELANYCAST', 'GETLINKPROP']

/** A message that has a number and a name. */
interface message {
  verb: string
  about: string
  type: number
}

/** In the order of their numbers. */
function messageTypes(): message[] {
  const all = Object.entries(rtnetlink).flatMap(([key, value]) => {
    const match = /^RTM_(NEW|DEL|GET|SET)(\w+)$/.exec(key)
    return match === null || typeof value !== 'number' || unused.includes(match[1] + match[2]) ? [] : [{ verb: match[1], about: match[2], type: value }]
  })
  return all.sort((a, b) => a.type - b.type)
}

/** The families that answer it. */
function answered(kernel: Kernel, { type }: message, how: 'doit' | 'dumpit'): string {
  const names = kernel.rtnl.handlers.flatMap((table, family) =>
    table?.[type - rtnetlink.RTM_BASE]?.[how] === undefined ? [] : [families[family] ?? `family ${family}`],
  )
  return names.join(', ')
}

function bootedKernel(): Kernel {
  const { kernel } = new Lab({ seed: 1, time: 'virtual' }).addHost('messages', {})
  for (const { name } of loadable_modules) request_module(kernel, name)
  return kernel
}

/** The table's text. */
export function rtnetlinkTable(): string {
  const kernel = bootedKernel()
  const differs = differences(kernel)
  const rows = messageTypes().map((message) => {
    const { verb, about } = message
    const told = verb === 'GET' ? '' : (groups[about] ?? '')
    return { message, one: answered(kernel, message, 'doit'), list: answered(kernel, message, 'dumpit'), told }
  })
  const requests = rows.filter(({ one, list }) => one !== '' || list !== '').length
  const shown = rows.filter(({ one, list, told }) => one !== '' || list !== '' || told !== '')
  // said once, at the first message about it
  const differ = (row: (typeof rows)[number]) => {
    const { about } = row.message
    return shown.find((other) => other.message.about === about) === row ? (differs[about] ?? '') : ''
  }
  return [
    `${requests} types of requests are answered; the others are only told.`,
    '',
    '| RTM_… | answered for | listed for | told to RTNLGRP_… | what differs |',
    '|---|---|---|---|---|',
    ...shown.map((row) => `| ${row.message.verb}${row.message.about} | ${row.one} | ${row.list} | ${row.told} | ${differ(row)} |`),
  ].join('\n')
}

/** README with the table in its place; undefined when it has no place for it. */
export function withTable(text: string): string | undefined {
  const begin = text.indexOf(BEGIN)
  const end = text.indexOf(END)
  return begin < 0 || end < begin ? undefined : `${text.slice(0, begin)}${BEGIN}\n${rtnetlinkTable()}\n${text.slice(end)}`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = withTable(readFileSync(readme, 'utf8'))
  if (text === undefined) throw new Error(`README.md lacks ${BEGIN} … ${END}`)
  writeFileSync(readme, text)
}
