/** What hosts say to each other is clean to tshark, and in virtual time the same seed gives the same capture, byte for byte. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Lab } from '../../src/lab/lab.ts'
import { buildLab } from '../../src/lab/topology.ts'
import type { socket } from '../../src/net/socket.ts'
import * as syscalls from '../../src/syscalls/syscalls.ts'
import { type Errno, isErrno } from '../../src/uapi/errno.ts'
import { sockaddr_in } from '../../src/uapi/linux/in.ts'
import { sockaddr_in6 } from '../../src/uapi/linux/in6.ts'
import { programLab, up, without } from './programs.ts'

const CHECKSUMS = ['ip', 'udp', 'icmp', 'icmpv6', 'igmp']
const CHECKED = ['ip', 'udp'].flatMap((protocol) => ['-o', `${protocol}.check_checksum:TRUE`])
const FIELDS = ['_ws.malformed', '_ws.expert.severity', '_ws.expert.message', ...CHECKSUMS.map((name) => `${name}.checksum.status`)]
const WARNING = 0x600000

/** Each packet that matches, by tshark's fields. */
function dissect(path: string, filter: string, fields: readonly string[]): string[][] {
  const args = ['-n', '-r', path, ...CHECKED, '-Y', filter, '-T', 'fields', ...fields.flatMap((field) => ['-e', field])]
  const { stdout } = spawnSync('tshark', args, { encoding: 'utf8', maxBuffer: 1 << 26 })
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'))
}
function clean(t: Test, path: string): void {
  const packets = dissect(path, 'frame', ['frame.number', ...FIELDS])
  t.ok(packets.length > 20, `${packets.length} packets`)
  for (const [number, malformed, severity, message, ...checksums] of packets) {
    if (malformed) t.fail(`packet ${number} is malformed`)
    if (severity?.split(',').some((level) => Number(level) >= WARNING)) t.fail(`packet ${number}: ${message}`)
    const bad = CHECKSUMS.filter((_, i) => checksums[i]?.split(',').some((status) => status === '0'))
    if (bad.length > 0) t.fail(`packet ${number}: checksum of ${bad}`)
  }
}

const RADVD = `interface eth0 { AdvSendAdvert on; MinRtrAdvInterval 3; MaxRtrAdvInterval 4;
  prefix 2001:db8:1::/64 { }; RDNSS 2001:db8:1::53 { }; DNSSL lab.example { }; route 2001:db8:2::/48 { }; };`
const DNSMASQ =
  '--keep-in-foreground --no-resolv --no-hosts --user=root --pid-file= --conf-file=/dev/null --dhcp-range=10.0.0.100,10.0.0.110,1h --address=/web.lab/10.0.0.7'

t.test(
  'two hosts that come up, a lease, a router, groups, fragments',
  { skip: without('tshark', 'dnsmasq', 'dhclient', 'radvd', 'socat') },
  async (t) => {
    const { lab, folder, run, start, until, file } = programLab(t, {
      hosts: { client: {}, server: {} },
      wires: [{ name: 'cable', ends: ['client/eth0', 'server/eth0'], delay: 100_000 }],
    })
    const capture = lab.capture({ wire: 'cable' })
    await run('server', `sysctl -qw net.ipv6.conf.all.forwarding=1; ${up('10.0.0.254/24')}; ip addr add 2001:db8:1::1/64 dev eth0`)
    await until('server', 'ip -6 addr show dev eth0 tentative', /^$/)
    start('server', `dnsmasq ${DNSMASQ} --dhcp-leasefile=${file('leases', '')}`)
    await until('server', 'ss -uanH sport = :67', /:67 /)
    const radvd = start('server', `radvd -n -m stderr -C ${file('radvd.conf', RADVD)} -p ${folder}/radvd.pid`)
    await run('client', 'ip link set lo up; ip link set eth0 up')
    await until('client', 'ip -6 addr show dev eth0 scope global -tentative', /inet6/)
    const script = file('script', '#!/bin/sh\n[ $reason = BOUND ] && ip addr add $new_ip_address/24 dev $interface\nexit 0\n', 0o755)
    const dhclient = start('client', `dhclient -d -1 -lf ${file('client', '')} -pf /dev/null -sf ${script} eth0`)
    await until('client', 'ip -4 addr show dev eth0', /10\.0\.0\.1\d\d/)
    await dhclient.stop()
    await run('client', 'ping -c 1 -s 4000 10.0.0.254; ping -6 -c 1 -s 4000 2001:db8:1::1; ping -c 1 -R 10.0.0.254')
    const listener = start('client', 'socat -u UDP4-RECVFROM:5555,ip-add-membership=239.1.2.3:eth0 -')
    await until('client', 'ip maddr show dev eth0', /239\.1\.2\.3/)
    await listener.stop()
    const listener6 = start('client', 'socat -u "UDP6-RECVFROM:5555,ipv6-join-group=[ff02::1234]:eth0" -')
    await until('client', 'ip maddr show dev eth0', /ff02::1234/)
    await listener6.stop()
    await run('client', 'echo x | socat -T 1 - UDP4:10.0.0.254:9; ping -c 1 -W 4 10.0.0.99')
    // IGMP's answer to a leave comes by chance, within a second
    await until('client', 'ip maddr show dev eth0', /^(?![\s\S]*239\.1\.2\.3)/)
    await radvd.stop()
    const path = join(folder, 'cable.pcapng')
    writeFileSync(path, capture.close())
    clean(t, path)
    const exchanges: Record<string, string> = {
      'detection of duplicates': 'icmpv6.type == 135 && ipv6.src == ::',
      'ARP probe and answer': 'arp.opcode == 2',
      'router solicitation': 'icmpv6.type == 133',
      'router advertisement': 'icmpv6.type == 134 && icmpv6.opt.rdnss && icmpv6.opt.prefix',
      'reports of MLD': 'icmpv6.type == 143',
      'reports of IGMP': 'igmp.type == 0x22',
      'a ping in pieces': 'ip.flags.mf == 1 && ip.proto == 1',
      'the whole of it': 'ip.fragments && icmp.type == 8',
      'a ping of IPv6 in pieces': 'ipv6.fragments && icmpv6.type == 128',
      'a lease': 'dhcp.option.dhcp == 5',
      'a closed port': 'icmp.type == 3 && icmp.code == 3',
      'a recorded route': 'ip.opt.type.number == 7',
    }
    for (const [name, filter] of Object.entries(exchanges)) t.ok(dissect(path, filter, ['frame.number']).length > 0, name)
  },
)

const must = <T>(value: T | Errno): T => {
  if (isErrno(value)) throw new Error(String(value))
  return value
}
/** A minute of two hosts with a switch between them, a lossy wire and a program on each. */
function minute(seed: number): Uint8Array {
  const lab = new Lab({ seed })
  const device = (n: number) => ({ name: 'eth0', mac: `02:00:00:00:00:0${n}`, addresses: [`10.0.0.${n}/24`, `2001:db8::${n}/64`] })
  buildLab(lab, {
    hosts: { a: { devices: [device(1)] }, b: { devices: [device(2)] } },
    wires: [{ name: 'cable', ends: ['a/eth0', 'b/eth0'], delay: 1000, jitter: 500, loss: 0.1, duplicate: 0.05, reorder: 0.05 }],
  } as never)
  const capture = lab.capture({ wire: 'cable' })
  lab.advance(5e9)
  const task = lab.host('a').task()
  const socketOf = (family: number) => must<socket>(syscalls.sys_socket(task, family, 2, 0))
  const four = sockaddr_in.encode({ sin_family: 2, sin_port: 9, sin_addr: 0x0a000002 })
  const six = sockaddr_in6.encode({
    sin6_family: 10,
    sin6_port: 9,
    sin6_addr: Uint8Array.from([0x20, 1, 0xd, 0xb8, ...Array(11).fill(0), 2]),
  })
  const sockets = [
    { sock: socketOf(2), name: four },
    { sock: socketOf(10), name: six },
  ]
  syscalls.sys_setsockopt(task, sockets[0].sock, 0, 35, Uint8Array.from([239, 1, 2, 3, 0, 0, 0, 0, 2, 0, 0, 0]))
  for (let i = 0; i < 100; i++) {
    for (const { sock, name } of sockets) syscalls.sys_sendmsg(task, sock, { name, data: new Uint8Array(i * 40), flags: 0 })
    lab.advance(5e8)
  }
  return capture.close()
}
t.test('the same seed gives the same capture, another seed another', async (t) => {
  const first = minute(7)
  t.ok(first.length > 100_000, `${first.length} bytes`)
  t.ok(Buffer.compare(first, minute(7)) === 0, 'byte for byte')
  t.not(Buffer.compare(first, minute(8)), 0)
})
