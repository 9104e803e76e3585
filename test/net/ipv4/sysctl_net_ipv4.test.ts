/** /proc/sys/net: settings that act, and those that are kept and counted; the values and errors of Linux 6.12. */
import t from 'tap'
import { createHost } from '../../../src/index.ts'
import { readRecording } from '../../oracle/recordings.ts'

const sh = async (script: string, host = createHost({ devices: [] })) => (await host.run('sh', ['-c', `exec 2>&1\n${script}`])).stdout

t.test('each variable that Linux shows in a namespace is there, with its value', async (t) => {
  const golden = readRecording('114').commands[0].stdout.trim().split('\n')
  const mine = new Set((await sh("ip netns add a; ip netns exec a sysctl -a -r '^net\\.'")).split('\n'))
  t.same(
    golden.filter((line) => !mine.has(line)),
    [],
  )
})

t.test("what is the host's is in its first namespace alone", async (t) => {
  const host = createHost({ devices: [{ name: 'eth0' }, { name: 'eth1' }] })
  const ask = 'net.ipv4.inet_peer_maxttl net.ipv4.tcp_mem net.ipv4.tcp_available_ulp net.ipv4.fib_sync_mem net.ipv6.mld_qrv'
  t.equal(await sh(`sysctl -n ${ask}`, host), '600\n7281\t9709\t14562\nmptcp\n524288\n2\n')
  t.match(await sh(`ip netns add a; ip netns exec a sysctl ${ask} | wc -l`, host), /^(sysctl: cannot stat .*\n){5}0\n$/)
  t.equal(await sh('sysctl -n net.ipv4.tcp_ehash_entries; ip netns exec a sysctl -n net.ipv4.tcp_ehash_entries', host), '8192\n-8192\n')
  t.match(await sh('sysctl -w net.ipv4.fib_sync_mem=1', host), /Invalid argument/)
  t.match(await sh('sysctl -w net.ipv6.mld_qrv=0', host), /Invalid argument/)
  t.equal(await sh("sysctl -a -r '^net\\.' | wc -l", host), readRecording('054').commands[5].stdout)
})

t.test('what is read has its effect', async (t) => {
  const host = createHost({ devices: [] })
  const { ipv4 } = host.kernel.init_net
  t.equal(
    await sh(
      "sysctl -qw net.ipv4.ip_local_port_range='40000 40000'; python3 -c 'import socket; s = socket.socket(2, 2); s.bind((\"\", 0)); print(s.getsockname()[1])'",
      host,
    ),
    '40000\n',
  )
  await sh('sysctl -qw net.ipv4.nexthop_compat_mode=0 net.ipv4.fib_multipath_hash_policy=1 net.ipv4.ip_default_ttl=7', host)
  t.same([ipv4.sysctl_nexthop_compat_mode, ipv4.sysctl_fib_multipath_hash_policy, ipv4.sysctl_ip_default_ttl], [0, 1, 7])
  t.match(await sh('sysctl -w net.ipv4.ip_unprivileged_port_start=50000', host), /Invalid argument/, 'above the range that is given out')
  t.equal(await sh('sysctl -w net.ipv4.ip_unprivileged_port_start=80', host), 'net.ipv4.ip_unprivileged_port_start = 80\n')
  t.equal(ipv4.sysctl_ip_prot_sock, 80)
})

t.test('what nothing reads is kept, and counted', async (t) => {
  const host = createHost({ devices: [] })
  t.equal(
    await sh('sysctl -qw net.ipv4.tcp_sack=0 net.ipv6.route.gc_thresh=9; sysctl -n net.ipv4.tcp_sack net.ipv6.route.gc_thresh', host),
    '0\n9\n',
  )
  t.same(
    host.kernel.unsupported
      .toJson()
      .map(({ what }) => what)
      .sort(),
    ['net/ipv4/tcp_sack', 'net/ipv6/route/gc_thresh'],
  )
})

t.test('lists of ports are merged, and checked', async (t) => {
  const host = createHost({ devices: [] })
  t.equal(
    await sh('sysctl -qw net.ipv4.ip_local_reserved_ports=9000-9002,80,9003; sysctl -n net.ipv4.ip_local_reserved_ports', host),
    '80,9000-9003\n',
  )
  t.match(await sh('sysctl -w net.ipv4.ip_local_reserved_ports=9-8', host), /Invalid argument/)
})
