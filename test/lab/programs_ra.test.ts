/** radvd tells a host its network, its router and its name servers (RFC 4861, RFC 4862, RFC 8106). */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { programLab, without } from './programs.ts'

const CONFIG = `interface eth0 {
  AdvSendAdvert on; MinRtrAdvInterval 3; MaxRtrAdvInterval 4; AdvDefaultLifetime 1800; AdvLinkMTU 1480;
  prefix 2001:db8:1::/64 { AdvValidLifetime 86400; AdvPreferredLifetime 14400; };
  route 2001:db8:2::/48 { AdvRouteLifetime 600; };
  RDNSS 2001:db8:1::53 { AdvRDNSSLifetime 600; };
  DNSSL lab.example { AdvDNSSLLifetime 600; };
};`

t.test('radvd, a host and rdnssd', { skip: without('radvd', 'rdnssd') }, async (t) => {
  const { folder, run, start, until, file } = programLab(t, {
    hosts: { host: {}, router: {} },
    wires: [{ ends: ['host/eth0', 'router/eth0'], delay: 100_000 }],
  })
  await run(
    'router',
    'ip link set lo up; sysctl -qw net.ipv6.conf.all.forwarding=1; ip link set eth0 up; ip addr add 2001:db8:1::1/64 dev eth0',
  )
  await run('host', 'ip link set lo up; sysctl -qw net.ipv6.conf.eth0.accept_ra_rt_info_max_plen=48')
  const told = start('host', 'ip -o monitor prefix route address')
  const resolv = file('resolv.conf', '')
  start('host', `rdnssd -f -u root -r ${resolv} -p ${folder}/rdnssd.pid`)
  const mac = /ether (\S+)/.exec((await run('host', 'ip link show eth0')).stdout)?.[1] as string
  await run('host', 'ip link set eth0 up')
  await until('router', 'ip -6 addr show dev eth0 tentative', /^$/)
  const radvd = start('router', `radvd -n -m stderr -C ${file('radvd.conf', CONFIG)} -p ${folder}/radvd.pid`)

  const bytes = mac.split(':').map((byte) => Number.parseInt(byte, 16))
  const eui64 = [bytes[0] ^ 2, bytes[1], bytes[2], 0xff, 0xfe, ...bytes.slice(3)]
  const words = [0, 2, 4, 6].map((i) => ((eui64[i] << 8) | eui64[i + 1]).toString(16))
  // a global address that is no longer tentative
  const addresses = await until('host', 'ip -6 addr show dev eth0 scope global -tentative', /inet6/)
  t.match(
    addresses,
    new RegExp(
      `inet6 2001:db8:1:0:${words.join(':')}/64 scope global dynamic mngtmpaddr \\n +valid_lft 86\\d{3}sec preferred_lft 14\\d{3}sec`,
    ),
  )
  const gateway = /inet6 (fe80::\S+)\/64/.exec((await run('router', 'ip -6 addr show dev eth0')).stdout)?.[1]
  const routes = (await run('host', 'ip -6 route')).stdout
  t.match(
    routes,
    new RegExp(`^default via ${gateway} dev eth0 proto ra metric 1024 expires 1[78]\\d\\dsec mtu 1480 hoplimit 64 pref medium$`, 'm'),
  )
  t.match(routes, /^2001:db8:1::\/64 dev eth0 proto kernel metric 256 expires 86\d{3}sec pref medium$/m)
  t.match(routes, new RegExp(`^2001:db8:2::/48 via ${gateway} dev eth0 proto ra metric 1024 expires [56]\\d\\dsec pref medium$`, 'm'))
  await until('host', `cat ${resolv}`, /nameserver/)
  t.equal(readFileSync(resolv, 'utf8'), 'search lab.example\nnameserver 2001:db8:1::53\n')
  t.match((await run('host', 'ping -c 1 -W 20 2001:db8:1::1')).stdout, / 0% packet loss/)
  t.match(await told.stop(), /^prefix 2001:db8:1::\/64dev eth0 valid 86400 preferred 14400/m)

  // radvd says goodbye: nobody's default router any more (RFC 4861 6.2.5)
  await radvd.stop()
  t.notMatch(await until('host', 'ip -6 route', /^(?![\s\S]*default)/), /default/)
})
