/** Programs that look at the network: nmap for who is there, tshark for what goes by. */
import t from 'tap'
import { programLab, up, without } from './programs.ts'

t.test('nmap -sn, on the own network and behind a router', { skip: without('nmap') }, async (t) => {
  const { run } = programLab(t, {
    hosts: { a: {}, r: { devices: [{ name: 'eth0' }, { name: 'eth1' }] }, b: {} },
    wires: [
      { ends: ['a/eth0', 'r/eth0'], delay: 100_000 },
      { ends: ['r/eth1', 'b/eth0'], delay: 100_000 },
    ],
  })
  await run('a', `${up('10.0.0.1/24')}; ip route add default via 10.0.0.254`)
  await run('b', `${up('10.0.1.1/24')}; ip route add default via 10.0.1.254`)
  await run('r', `${up('10.0.0.254/24')}; ${up('10.0.1.254/24', 'eth1')}; sysctl -qw net.ipv4.ip_forward=1`)
  const mac = /ether (\S+)/.exec((await run('r', 'ip link show eth0')).stdout)?.[1].toUpperCase()
  const near = (await run('a', 'timeout 60 nmap -sn -n 10.0.0.252/30')).stdout
  t.match(near, /Nmap scan report for 10\.0\.0\.254\nHost is up \(0\.\d+s latency\)\./)
  t.match(near, `MAC Address: ${mac} `)
  t.match(near, /4 IP addresses \(1 host up\)/)
  const far = (await run('a', 'timeout 60 nmap -sn -n --reason -PE 10.0.1.1')).stdout
  t.match(far, /Nmap scan report for 10\.0\.1\.1\nHost is up, received echo-reply ttl 63 /)
  const tcp = (await run('a', 'timeout 60 nmap -sn -n --reason -PA80 10.0.1.1')).stdout
  t.match(tcp, /Host is up, received reset ttl 63 /)
  t.match((await run('a', 'timeout 60 nmap -sn -n --max-retries 0 10.0.1.2')).stdout, /Host seems down/)
})

t.test('tshark sees a ping, with checksums that are good', { skip: without('tshark') }, async (t) => {
  const { run, until, start } = programLab(t, { hosts: { a: {}, b: {} }, wires: [{ ends: ['a/eth0', 'b/eth0'], delay: 100_000 }] })
  await run('a', up('10.0.0.1/24'))
  await run('b', up('10.0.0.2/24'))
  const fields = 'ip.src ip.dst icmp.type ip.checksum.status icmp.checksum.status'.replace(/\S+/g, '-e $&')
  const seen = start('b', `sh -c "exec tshark -n -l -i eth0 -c 2 -f icmp -o ip.check_checksum:TRUE -T fields ${fields} 2>/dev/null"`)
  // it has its ring and its filter when it is listed so
  await until('b', 'ss -0anHb', /bpf filter/)
  await run('a', 'ping -c 1 -W 20 10.0.0.2')
  await until('b', 'ss -0anHb', /^$/)
  t.match(await seen.stop(), /^10\.0\.0\.1\t10\.0\.0\.2\t8\t1\t1\n10\.0\.0\.2\t10\.0\.0\.1\t0\t1\t1$/m)
})
