/** Routing daemons on the hosts of a lab speak OSPF over its wires, and notice when one is cut. */
import t from 'tap'
import { programLab, up, without, withoutAsRoot } from './programs.ts'

const device = (name: string) => ({ name })
/** A network that lies behind a host. */
const network = (n: number) =>
  `ip link add dummy0 type dummy; ip link set dummy0 up; ip addr add 10.${n}.0.1/24 dev dummy0; sysctl -qw net.ipv4.ip_forward=1`

t.test('bird: three routers in a ring, two wires of which are cut', { skip: without('bird', 'birdc') }, async (t) => {
  const hosts = ['a', 'b', 'c']
  const { lab, folder, run, start, until, file } = programLab(t, {
    hosts: Object.fromEntries(hosts.map((host) => [host, { devices: [device('left'), device('right')] }])),
    wires: [
      { name: 'ab', ends: ['a/right', 'b/left'], delay: 100_000 },
      { name: 'bc', ends: ['b/right', 'c/left'], delay: 100_000 },
      { name: 'ca', ends: ['c/right', 'a/left'], delay: 100_000 },
    ],
  })
  for (const [i, host] of hosts.entries()) {
    // wire n is 10.0.n.0/24, and the left end is .1
    await run(host, `${up(`10.0.${(i + 2) % 3}.2/24`, 'left')}; ${up(`10.0.${i}.1/24`, 'right')}; ${network(i + 1)}`)
    const config = file(
      `bird-${host}.conf`,
      `router id 10.${i + 1}.0.1;
      protocol device { scan time 1; }
      protocol kernel { ipv4 { export where source ~ [ RTS_OSPF ]; }; }
      protocol ospf v2 { tick 1; area 0 {
        interface "left", "right" { type ptp; hello 1; dead 5; retransmit 2; };
        interface "dummy0" { stub; };
      }; }\n`,
    )
    start(host, `bird -f -c ${config} -s ${folder}/${host}.ctl -P ${folder}/${host}.pid`)
  }
  const route = (pattern: RegExp) => until('a', 'ip route show 10.3.0.0/24', pattern)
  t.match(await route(/left/), /^10\.3\.0\.0\/24 via 10\.0\.2\.1 dev left proto bird metric 32 $/m)
  t.match(await until('a', 'ping -c 1 -W 2 -I 10.1.0.1 10.3.0.1', / ttl=64 /), / ttl=64 /)
  lab.setWire('ca', { carrier: false })
  t.match(await route(/right/), /^10\.3\.0\.0\/24 via 10\.0\.0\.2 dev right proto bird metric 32 $/m)
  t.match(await until('c', 'ip route show 10.1.0.0/24', /left/), /via 10\.0\.1\.1 dev left/)
  t.match(await until('a', 'ping -c 1 -W 2 -I 10.1.0.1 10.3.0.1', / ttl=63 /), / ttl=63 /)
  // frames are lost, but nobody is told: the neighbour is not heard any more
  lab.setWire('bc', { loss: 1 })
  t.equal(await route(/^$/), '')
  lab.setWire('bc', { loss: 0 })
  t.match(await route(/right/), /via 10\.0\.0\.2 dev right/)
})

t.test("FRR's zebra and ospfd", { skip: withoutAsRoot('zebra', 'ospfd') }, async (t) => {
  const { lab, folder, run, start, until, file } = programLab(t, {
    hosts: { a: {}, b: {} },
    wires: [{ ends: ['a/eth0', 'b/eth0'], delay: 100_000 }],
  })
  for (const [i, host] of ['a', 'b'].entries()) {
    await run(host, `${up(`10.0.0.${i + 1}/24`)}; ${network(i + 1)}`)
    const common = `-u frr -g frr -P 0 --vty_socket ${folder} -z ${folder}/${host}.api`
    start(host, `zebra ${common} -f ${file(`${host}-zebra.conf`, '')} -i ${folder}/${host}-zebra.pid`)
    await until(host, `ls ${folder}`, new RegExp(`^${host}\\.api$`, 'm'))
    const config = file(
      `${host}-ospfd.conf`,
      `interface eth0\n ip ospf network point-to-point\n ip ospf hello-interval 1\n ip ospf dead-interval 4
router ospf\n ospf router-id 10.${i + 1}.0.1\n timers throttle spf 0 0 0\n network 10.0.0.0/8 area 0\n`,
    )
    start(host, `ospfd ${common} -f ${config} -i ${folder}/${host}-ospfd.pid`)
  }
  t.match(
    await until('a', 'ip route show 10.2.0.0/24', /ospf/),
    /^10\.2\.0\.0\/24 nhid \d+ via 10\.0\.0\.2 dev eth0 proto ospf metric 20 $/m,
  )
  t.match((await run('a', 'ip nexthop')).stdout, /^id \d+ via 10\.0\.0\.2 dev eth0 scope link proto zebra $/m)
  await until('b', 'ip route show 10.1.0.0/24', /ospf/)
  t.match(await until('a', 'ping -c 1 -W 2 -I 10.1.0.1 10.2.0.1', / 0% packet loss/), / 0% packet loss/)
  lab.setWire('wire0', { loss: 1 })
  t.equal(await until('a', 'ip route show 10.2.0.0/24', /^$/), '')
})
