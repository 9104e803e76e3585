/** What programs print on the hosts of a lab is what they print in namespaces of the real kernel, which is asked in the same run. */
import t from 'tap'
import { without } from './programs.ts'
import { labWorld, realWorld, serverWorld, type World, withoutNamespaces } from './worlds.ts'

interface Conversation {
  name: string
  needs: readonly string[]
  /** Programs that serve, each with the host's `ss` or the like by which it is seen to do so. */
  servers?: readonly { host: string; command: string; ready: string }[]
  host?: string
  command: string
  /** What differs from time to time. */
  hide?: readonly [RegExp, string][]
}
const times: readonly [RegExp, string][] = [
  [/\d+(\.\d+)?( ?(ms|msec|usec|s|us)\b)/g, 'T$2'],
  [/(rtt min.* = |round-trip min.* = )[\d./]+.*/g, '$1T'],
  [/^\[\d+\.\d+\] /gm, '[T] '],
]
/** Whether it took long enough to be told. */
const own: readonly [RegExp, string][] = [
  [/(\[LOCALHOST\]) +(Tms )?/g, '$1 '],
  [/ +Tms/g, ' Tms'],
]
const scanned: readonly [RegExp, string][] = [
  [/Starting .*/, ''],
  [/\(\S+ latency\)/g, ''],
  [/scanned in .*/, ''],
]
const ping = (name: string, command: string, hide: readonly [RegExp, string][] = []): Conversation => ({
  name,
  needs: ['ping'],
  command: `ping -n ${command}`,
  hide,
})
const datagrams = (address: string, server: string, client: string): Conversation => ({
  name: `${client.split(' ')[0]} ${address}`,
  needs: [client.split(' ')[0], server.split(' ')[0]],
  servers: [{ host: 'b', command: `timeout 5 ${server}`, ready: 'ss -uanH sport = :5555 | grep -q 5555' }],
  command: `echo one | ${client}`,
})
const BERKELEY = "python3 -c \"import socket; s = socket.socket(2, 2); s.setsockopt(1, 6, 1); s.sendto(b'all', ('10.0.0.255', 5555))\""
const conversations: readonly Conversation[] = [
  ping('ping', '-c 2 -i 0.2 10.0.1.1'),
  ping('ping -6', '-6 -c 2 -i 0.2 2001:db8:1::1'),
  ping('ping of many bytes', '-c 1 -s 5000 10.0.1.1'),
  ping('ping -6 of many bytes', '-6 -c 1 -s 5000 2001:db8:1::1'),
  ping('ping -M do', '-c 1 -W 1 -M do -s 2000 10.0.1.1'),
  ping('ping -6 -M do', '-6 -c 1 -W 1 -M do -s 2000 2001:db8:1::1'),
  ping('ping -t 1', '-c 1 -W 1 -t 1 10.0.1.1'),
  ping('ping -6 -t 1', '-6 -c 1 -W 1 -t 1 2001:db8:1::1'),
  ping('ping of nobody', '-c 1 -W 4 10.0.0.77'),
  ping('ping of nobody behind the router', '-c 1 -W 4 10.0.1.77'),
  ping('ping -6 of nobody', '-6 -c 1 -W 4 2001:db8::77'),
  ping('ping of no network', '-c 1 -W 1 192.0.2.1'),
  ping('ping -R', '-c 2 -i 0.2 -R 10.0.1.1'),
  ping('ping -T tsonly', '-c 1 -T tsonly 10.0.1.1', [[/-?\d+( absolute)?$/gm, 'T']]),
  ping('ping -T tsandaddr', '-c 1 -T tsandaddr 10.0.1.1', [[/-?\d+( absolute)?$/gm, 'T']]),
  ping('ping by way of', '-c 1 10.0.0.254 10.0.1.1'),
  ping('ping of all', '-b -c 1 -W 1 10.0.0.255'),
  ping('ping of a group', '-c 1 -W 1 -I eth0 224.0.0.1'),
  ping('ping -6 of a group', '-6 -c 1 -W 1 -I eth0 ff02::2', [[/fe80::\S+/g, 'LL']]),
  ping('ping -Q, -m, -D', '-c 1 -Q 0x28 -m 7 -D 10.0.1.1'),
  ping('ping -6 -F', '-6 -c 1 -F 0x12345 2001:db8:1::1'),
  ping('ping -6 -N', '-6 -c 1 -W 1 -N name 2001:db8:1::1', [[/[0-9a-f]{16}/g, 'N']]),
  ping('ping -A -f', '-A -c 20 -q 10.0.1.1', [[/, ipg.*/g, '']]),
  ...[
    '10.0.1.1',
    '-I 10.0.1.1',
    '-U 10.0.1.1',
    '-UL 10.0.1.1',
    '-T 10.0.1.1',
    '-6 2001:db8:1::1',
    '-6 -I 2001:db8:1::1',
    '-6 -T 2001:db8:1::1',
    '--mtu 10.0.1.1',
    '-e -A 10.0.1.1',
    '-g 10.0.0.254 10.0.1.1',
    '-m 3 10.0.1.77',
  ].map((args) => ({ name: `traceroute ${args}`, needs: ['traceroute'], command: `traceroute -n -q 1 -w 4 ${args}` })),
  { name: 'tracepath', needs: ['tracepath'], command: 'tracepath -n 10.0.1.1', hide: own },
  { name: 'tracepath -6', needs: ['tracepath'], command: 'tracepath -6 -n 2001:db8:1::1', hide: own },
  {
    name: 'arping',
    needs: ['arping'],
    command: 'arping -c 2 -i eth0 10.0.0.254',
    hide: [
      [/time=\S+ \S+/g, 'time=T'],
      [/ = .*/g, ' = T'],
      [/^\d+ bytes/gm, 'bytes'],
    ],
  },
  { name: 'busybox arping', needs: ['busybox'], command: 'busybox arping -c 1 -I eth0 10.0.0.254' },
  { name: 'nmap -sn', needs: ['nmap'], command: 'nmap -sn -n 10.0.0.254 10.0.1.1 10.0.1.2', hide: scanned },
  { name: 'nmap -sU', needs: ['nmap'], command: 'nmap -sU -n -p 9,53 10.0.1.1', hide: scanned },
  ...['', '-u ', '-6 '].map((how) => ({
    name: `mtr ${how}`,
    needs: ['mtr'],
    command: `mtr ${how}-n -r -c 2 -i 0.3 ${how === '-6 ' ? '2001:db8:1::1' : '10.0.1.1'}`,
    hide: [
      [/^(Start|HOST).*/gm, ''],
      [/( +\d+\.\d){5}$/gm, ' T'],
    ] as const,
  })),
  {
    name: 'fping',
    needs: ['fping'],
    command: 'fping -q -C 2 -p 100 10.0.0.254 10.0.1.1 10.0.1.77; fping -q -6 -c 1 2001:db8:1::1',
    hide: [
      [/\d+(\.\d+)?(\/\d+(\.\d+)?)+/g, 'T'],
      [/\d+\.\d+ (ms|avg|\d+\.\d+)/g, 'T'],
      [/: (\d+\.\d+ )*(\d+\.\d+)$/gm, ': T'],
    ],
  },
  {
    name: 'clockdiff',
    needs: ['clockdiff'],
    // the clocks are one, but for what the way takes
    command: 'for how in "" -o -o1; do clockdiff $how 10.0.1.1 | tail -n 1; done',
    hide: [[/^\d+ -?\d+ -?\d+$/gm, 'T D D']],
  },
  {
    name: 'ndisc6, rdisc6',
    needs: ['ndisc6', 'rdisc6'],
    command: 'ndisc6 -m 2001:db8::254 eth0; ndisc6 -1 -s 2001:db8::1 2001:db8::77 eth0; rdisc6 -1 -r 1 -w 500 eth0',
  },
  {
    name: 'rltraceroute6',
    needs: ['rltraceroute6'],
    command: 'for how in "" -I -S -U; do rltraceroute6 -n -q 1 $how 2001:db8:1::1; done',
    hide: [[/from port \d+/g, 'from port P']],
  },
  {
    name: 'socat over a tunnel of its own',
    needs: ['socat', 'ping'],
    servers: [
      {
        host: 'b',
        command: 'timeout 6 socat UDP4-DATAGRAM:10.0.0.1:4444,bind=10.0.1.1:4444 TUN:192.168.255.2/24,up 2>/dev/null',
        ready: 'ip -4 -o addr show tun0 | grep -q 192',
      },
      {
        host: 'a',
        command: 'timeout 6 socat UDP4-DATAGRAM:10.0.1.1:4444,bind=10.0.0.1:4444 TUN:192.168.255.1/24,up 2>/dev/null',
        ready: 'ip -4 -o addr show tun0 | grep -q 192',
      },
    ],
    command: 'ping -n -c 2 -i 0.2 -W 4 192.168.255.2; ping -n -c 1 -s 1400 -W 4 192.168.255.2',
  },
  {
    name: 'node dgram',
    needs: ['node'],
    servers: [
      {
        host: 'b',
        command: `timeout 9 node -e "${[
          "const s = require('dgram').createSocket('udp6')",
          "s.on('message', (m, r) => { console.log(String(m), r.address, r.size); s.send('pong', r.port, r.address, () => s.close()) })",
          's.bind(5555)',
        ].join('; ')}"`,
        ready: 'ss -uanH sport = :5555 | grep -q 5555',
      },
    ],
    command: `timeout 9 node -e "${[
      "const s = require('dgram').createSocket('udp4')",
      "s.on('message', (m, r) => { console.log(String(m), r.address, r.port); s.close() })",
      "s.bind(0, () => { s.setBroadcast(true); s.setTTL(9); s.connect(5555, '10.0.1.1', () => s.send('ping')) })",
    ].join('; ')}"`,
  },
  datagrams('-u', 'nc -u -l -p 5555 -W 1', 'nc -u -w 1 10.0.1.1 5555'),
  datagrams('-6u', 'nc -6 -u -l -p 5555 -W 1', 'nc -6 -u -w 1 2001:db8:1::1 5555'),
  datagrams('4', 'socat -u UDP4-RECVFROM:5555 -', 'socat -u - UDP4-SENDTO:10.0.1.1:5555'),
  datagrams('6', 'socat -u UDP6-RECVFROM:5555 -', 'socat -u - "UDP6-SENDTO:[2001:db8:1::1]:5555"'),
  datagrams('echo', 'socat UDP4-RECVFROM:5555 EXEC:rev', 'socat -T 1 - UDP4:10.0.1.1:5555'),
  {
    name: 'socat to a group',
    needs: ['socat'],
    servers: [
      {
        host: 'r',
        command: 'timeout 5 socat -u UDP4-RECVFROM:5555,ip-add-membership=239.1.2.3:eth0 -',
        ready: 'ss -uanH sport = :5555 | grep -q 5555',
      },
    ],
    command: 'echo group | socat -u - UDP4-DATAGRAM:239.1.2.3:5555,ip-multicast-ttl=2,ip-multicast-if=10.0.0.1',
  },
  {
    name: 'socat to a group of IPv6',
    needs: ['socat'],
    servers: [
      {
        host: 'r',
        command: 'timeout 5 socat -u "UDP6-RECVFROM:5555,ipv6-join-group=[ff02::1234]:eth0" -',
        ready: 'ss -uanH sport = :5555 | grep -q 5555',
      },
    ],
    command: 'echo group | socat -u - "UDP6-SENDTO:[ff02::1234%eth0]:5555"',
  },
  {
    name: 'to all of a network',
    needs: ['socat', 'python3'],
    servers: [{ host: 'r', command: 'timeout 5 socat -u UDP4-RECVFROM:5555 -', ready: 'ss -uanH sport = :5555 | grep -q 5555' }],
    command: BERKELEY,
  },
  {
    name: 'nobody listens',
    needs: ['socat'],
    command: 'echo x | socat -T 1 - UDP4:10.0.1.1:9',
    hide: [
      [/^.* E /gm, ''],
      [/read\(\d+, \w+/g, 'read(N, A'],
    ],
  },
  {
    name: 'dnsmasq and nslookup',
    needs: ['dnsmasq', 'busybox'],
    servers: [
      {
        host: 'b',
        command:
          'timeout 6 dnsmasq -k --no-resolv --no-hosts --user=root --pid-file= --conf-file=/dev/null --address=/web.lab/10.0.1.7 --address=/web.lab/2001:db8:1::7 --txt-record=lab,hello 2>/dev/null',
        ready: 'ss -uanH sport = :53 | grep -q :53',
      },
    ],
    command: 'busybox nslookup web.lab 10.0.1.1; busybox nslookup web.lab 2001:db8:1::1; busybox nslookup none.lab 10.0.1.1',
  },
  {
    name: 'tcpdump',
    needs: ['tcpdump', 'ping'],
    servers: [
      {
        host: 'b',
        command: 'timeout 10 tcpdump -nlvve -i eth0 -c 2 icmp 2>/dev/null',
        ready: 'ss -0anHb | grep -q "bpf filter"',
      },
    ],
    command: 'ping -n -c 1 -R -s 24 10.0.1.1',
    hide: [
      [/^\d\d:\S+ /gm, ''],
      [/id \d+/g, 'id N'],
    ],
  },
  {
    name: 'tshark',
    needs: ['tshark', 'ping'],
    servers: [
      {
        host: 'b',
        command: 'timeout 20 tshark -nlV -i eth0 -c 2 -f "icmp6[0] & 0xfe == 128" 2>/dev/null',
        ready: 'ss -0anHb | grep -q "bpf filter"',
      },
    ],
    command: 'ping -6 -n -c 1 -W 9 2001:db8:1::1',
    hide: [
      [/.*(Time|time|Identifier|Checksum: 0x|Interface id|Encapsulation type|Flow Label).*\n/g, ''],
      [/^0000 .*$/gm, ''],
      [/ +Data: .*$/gm, ''],
      [/^[\s\S]*?(Ethernet II)/g, '$1'],
    ],
  },
]

/** Everything that the programs of a conversation say. */
async function said(world: World, { servers = [], host = 'a', command, hide = [] }: Conversation): Promise<string> {
  const serving = servers.map((server) => world.run(server.host, server.command))
  for (const { host, ready } of servers) await world.run(host, `for i in $(seq 60); do ${ready} && break; sleep 0.2; done`)
  const answers = [await world.run(host, command), ...(await Promise.all(serving))]
  const text = answers.map(({ stdout, stderr, code }) => `${stdout}${stderr}= ${code}\n`).join('')
  return [...times, ...hide].reduce((all, [pattern, by]) => all.replace(pattern, by), text)
}

const missing = withoutNamespaces() || without('nsenter', 'ip', 'ss')
t.test('programs on hosts of ours and in namespaces of Linux', { skip: missing }, async (t) => {
  const worlds = await Promise.all([realWorld(), labWorld(), serverWorld()])
  t.teardown(() => Promise.all(worlds.map((world) => world.close())))
  for (const conversation of conversations) {
    t.test(conversation.name, { skip: without(...conversation.needs) }, async (t) => {
      const [real, lab, server] = await Promise.all(worlds.map((world) => said(world, conversation)))
      t.equal(lab, real, 'on hosts of this process')
      t.equal(server, real, 'on hosts of a server')
    })
  }
})
