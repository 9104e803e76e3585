/** What stands in examples/ works as its first lines say. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { without } from '../lab/programs.ts'
import { inPackage } from '../place.ts'
import { cli } from './command.ts'
import { serving } from './serving.ts'

t.test('two-hosts.yaml: a pings b through two 82559 and a cable', async (t) => {
  const { on } = await serving(t, 'examples/two-hosts.yaml')
  t.match(await on('a', 'ping -c 3 -i 0.2 10.0.0.2'), /3 packets transmitted, 3 received, 0% packet loss/)
  t.match(await on('a', 'ip -br addr show eth0'), /^eth0 +UP +10\.0\.0\.1\/24 /)
  t.match(await on('a', 'ip -d link show eth0'), / parentbus pci parentdev 0000:00:03\.0/)
})

t.test('router.yaml: the networks reach each other, by both families', async (t) => {
  const { on, until } = await serving(t, 'examples/router.yaml')
  t.match(await on('left', 'ping -c 1 -W 5 192.0.2.2'), /icmp_seq=1 ttl=63 time=[1-9]\d/)
  t.match(await on('left', 'traceroute -n -w 2 192.0.2.2'), / 1 {2}198\.51\.100\.1 [\s\S]* 2 {2}192\.0\.2\.2 /)
  // its address is not used before nobody was found to have it
  t.ok(await until('right', 'ping -c 1 -W 5 2001:db8:1::2', /icmp_seq=1 ttl=63 /))
})

t.test('bond.yaml: the other port takes over when the wire is cut', async (t) => {
  const { on, setWire } = await serving(t, 'examples/bond.yaml')
  t.match(await on('client', 'ping -c 1 -W 5 10.0.0.1'), / 0% packet loss/)
  t.match(await on('server', 'cat /proc/net/bonding/bond0'), /Currently Active Slave: eth0\n/)
  await setWire('port1', { carrier: false })
  // the bond looks every 100 ms
  t.match(await on('client', 'ping -c 5 -i 0.3 -W 5 10.0.0.1'), / [1-5] received/)
  t.match(await on('server', 'cat /proc/net/bonding/bond0'), /Currently Active Slave: eth1\n/)
})

t.test('ospf.yaml: routers learn networks, and go around a wire that is cut', { skip: without('bird') }, async (t) => {
  const { directory, background, until, setWire } = await serving(t, 'examples/ospf.yaml')
  for (const host of ['r1', 'r2', 'r3'])
    background(host, `bird -f -c ${inPackage(`examples/ospf/${host}.conf`)} -s ${directory}/${host}.ctl`)
  t.ok(await until('r1', 'ip route show 10.3.0.0/24', /via 10\.0\.31\.1 dev left proto bird/))
  await setWire('r3-r1', { carrier: false })
  t.ok(await until('r1', 'ip route show 10.3.0.0/24', /via 10\.0\.12\.2 dev right proto bird/))
})

t.test('dhcp.yaml: a client has its address from the server', { skip: without('dnsmasq', 'dhclient') }, async (t) => {
  const { directory, on, background, until } = await serving(t, 'examples/dhcp.yaml')
  background('server', `dnsmasq --keep-in-foreground --conf-file=${inPackage('examples/dhcp/dnsmasq.conf')}`)
  await until('server', 'ss -uanH', /:67 /)
  background('desk', `dhclient -d -1 -sf ${inPackage('examples/dhcp/take')} -lf ${directory}/leases -pf /dev/null eth0`)
  t.ok(await until('desk', 'ip route', /^default via 10\.0\.0\.254 dev eth0/))
  t.match(await on('desk', 'ip -br addr show eth0'), / 10\.0\.0\.1\d\d\/24 /)
})

t.test('a setup that fails says which and why', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'netdouble-test-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  const file = join(directory, 'bad.yaml')
  writeFileSync(file, 'hosts: { a: { setup: "ip link set eth7 up" } }\n')
  const { code, stderr } = await cli(['run', '--topology', file, '--', 'true'])
  t.equal(code, 125)
  t.match(stderr, /netdouble: hosts\.a\.setup: ended with 1: Cannot find device "eth7"/)
})
