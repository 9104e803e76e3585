/** dnsmasq gives addresses and names to the hosts of a lab: to each DHCP client that Debian has. */
import { rmSync } from 'node:fs'
import t from 'tap'
import { programLab, up, without, withoutApplets, withoutAsRoot } from './programs.ts'

const OPTIONS = [
  '--keep-in-foreground --no-resolv --no-hosts --user=root --pid-file= --conf-file=/dev/null',
  '--dhcp-range=10.0.0.100,10.0.0.110,1h --dhcp-option=option:router,10.0.0.254 --address=/web.lab/10.0.0.7',
].join(' ')
/** Asks for web.lab, as a resolver does: what the client was told is the server. */
const RESOLVE = `python3 -c "
import socket, struct
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(20)
s.sendto(struct.pack('>6H', 7, 0x100, 1, 0, 0, 0) + b'\\3web\\3lab\\0' + struct.pack('>2H', 1, 1), ('10.0.0.254', 53))
print(socket.inet_ntoa(s.recv(512)[-4:]))"`

/** A server and a client, whose device has no address yet. */
async function dhcp(t: Parameters<typeof programLab>[0], device = 'eth0') {
  const client = { devices: [{ name: device }] }
  const bench = programLab(t, { hosts: { client, server: {} }, wires: [{ ends: [`client/${device}`, 'server/eth0'], delay: 100_000 }] })
  await bench.run('server', up('10.0.0.254/24'))
  await bench.run('client', 'ip link set lo up')
  bench.start('server', `dnsmasq ${OPTIONS} --dhcp-leasefile=${bench.file('leases', '')}`)
  await bench.until('server', 'ss -uanH sport = :67; ss -tlnH sport = :53', /:67 [\s\S]*LISTEN .*:53 /)
  return bench
}
/** What a script of a client does with what it hears. */
const TAKE = 'ip addr add $address/24 dev $interface && ip route add default via $router'

t.test('dhclient, and the name server that it is told of', { skip: without('dnsmasq', 'dhclient') }, async (t) => {
  const { run, start, until, file } = await dhcp(t)
  const script = file(
    'script',
    `#!/bin/sh\ncase $reason in\nPREINIT) ip link set $interface up ;;\nBOUND) address=$new_ip_address router=$new_routers; ${TAKE} ;;\nesac\n`,
    0o755,
  )
  const client = start('client', `dhclient -d -v -1 -lf ${file('client', '')} -pf /dev/null -sf ${script} eth0`)
  t.match(await until('client', 'ip route', /default/), /^default via 10\.0\.0\.254 dev eth0 $/m)
  t.match(await client.stop(), /DHCPOFFER of (10\.0\.0\.1\d\d) from 10\.0\.0\.254\n.*\nDHCPACK of \1 from 10\.0\.0\.254\n/)
  t.match((await run('client', 'ip -4 addr show dev eth0')).stdout, /inet 10\.0\.0\.1\d\d\/24 /)
  t.equal((await run('client', RESOLVE)).stdout, '10.0.0.7\n')
})

t.test('udhcpc', { skip: without('dnsmasq') || withoutApplets('udhcpc') }, async (t) => {
  const { run, file } = await dhcp(t)
  await run('client', 'ip link set eth0 up')
  const script = file('script', `#!/bin/sh\n[ "$1" = bound ] || exit 0\naddress=$ip; ${TAKE}\n`, 0o755)
  const { stderr, code } = await run('client', `busybox udhcpc -i eth0 -n -q -t 20 -T 1 -s ${script}`)
  t.equal(code, 0)
  t.match(stderr, /lease of 10\.0\.0\.1\d\d obtained from 10\.0\.0\.254/)
  t.match((await run('client', 'ip route')).stdout, /^default via 10\.0\.0\.254 dev eth0 $/m)
})

t.test('dhcpcd', { skip: withoutAsRoot('dnsmasq', 'dhcpcd') }, async (t) => {
  // its files have the device's name
  const { run } = await dhcp(t, 'netdouble0')
  t.teardown(() => rmSync('/var/lib/dhcpcd/netdouble0.lease', { force: true }))
  const { stdout } = await run('client', 'timeout 90 dhcpcd -1 -B -4 -c /bin/true -f /dev/null netdouble0 2>&1')
  t.match(stdout, /leased 10\.0\.0\.1\d\d for 3600 seconds/)
  // it asks first whether somebody has the address (RFC 5227), and leaves the routes to nobody else
  t.match(
    (await run('client', 'ip -4 addr')).stdout,
    /inet 10\.0\.0\.1\d\d\/24 brd 10\.0\.0\.255 scope global dynamic noprefixroute netdouble0/,
  )
  const routes = (await run('client', 'ip route')).stdout
  t.match(routes, /^default via 10\.0\.0\.254 dev netdouble0 proto dhcp src 10\.0\.0\.1\d\d metric \d+ $/m)
  t.match(routes, /^10\.0\.0\.0\/24 dev netdouble0 proto dhcp scope link src 10\.0\.0\.1\d\d metric \d+ $/m)
})
