/** What ss, netstat and nstat see of sockets and counters, through the programs themselves. */
import t from 'tap'
import { createHost } from '../../../src/index.ts'
import { IP_INC_STATS, NET_INC_STATS } from '../../../src/net/ipv4/ip_stats.ts'
import { IPSTATS_MIB_OUTREQUESTS } from '../../../src/uapi/linux/snmp.ts'

const sockets = (then: string) => `
import socket, subprocess
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udp.bind(("127.0.0.1", 5353))
six = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); six.bind(("::", 5354))
${then}
`
async function python(script: string): Promise<string> {
  const { stdout, stderr } = await createHost({ devices: [] }).run('python3', ['-c', script])
  return stderr + stdout
}

t.test('ss lists bound sockets, and filters them by port', async (t) => {
  const host = createHost({ devices: [] })
  t.equal((await host.run('ss', ['-Htuln'])).stdout, '', 'none')
  const columns = 'print("\\n".join(" ".join(line.split()) for line in out.splitlines()))'
  const ss = (...args: string[]) =>
    python(sockets(`out = subprocess.run(${JSON.stringify(['ss', ...args])}, capture_output=True, text=True).stdout\n${columns}`))
  t.equal(await ss('-Hun', '-a'), 'UNCONN 0 0 127.0.0.1:5353 0.0.0.0:*\nUNCONN 0 0 *:5354 *:*\n')
  t.equal(await ss('-Hun', '-a', 'sport = :5353'), 'UNCONN 0 0 127.0.0.1:5353 0.0.0.0:*\n')
  t.equal(await ss('-Hun', '-a', 'sport > :5353'), 'UNCONN 0 0 *:5354 *:*\n')
  t.equal(await ss('-Hun', '-a', 'src 127.0.0.0/8'), 'UNCONN 0 0 127.0.0.1:5353 0.0.0.0:*\n')
})

t.test('a socket has the inode of its file, by which ss and netstat find the program; ss shows its memory', async (t) => {
  const [file, shown, memory] = (
    await python(
      sockets(
        'import os\nprint(os.readlink(f"/proc/self/fd/{udp.fileno()}"), flush=True)\n' +
          'print(subprocess.run(["ss", "-Hunaem", "sport = :5353"], capture_output=True, text=True).stdout)',
      ),
    )
  ).split('\n')
  const inode = /socket:\[(\d+)\]/.exec(file)?.[1]
  t.match(shown, new RegExp(`127\\.0\\.0\\.1:5353 .* ino:${inode} sk:[1-9]`))
  t.match(memory, /skmem:\(r0,rb212992,t0,tb212992,f0,w0,o0,bl0,d0\)/)
  const proc = await python(
    sockets('import os\nprint(os.readlink(f"/proc/self/fd/{udp.fileno()}"), open("/proc/net/udp").readlines()[1].split()[9])'),
  )
  t.match(proc, /^socket:\[(\d+)\] \1\n$/)
})

t.test('/proc/net/udp, udp6 and sockstat', async (t) => {
  const out = await python(
    sockets(
      'print(open("/proc/net/udp").readlines()[1][:55]); print(open("/proc/net/udp6").readlines()[1][:85])\nprint(open("/proc/net/sockstat").read().split("\\n")[2])',
    ),
  )
  t.equal(
    out,
    ' 5353: 0100007F:14E9 00000000:0000 07 00000000:00000000\n' +
      ' 5354: 00000000000000000000000000000000:14EA 00000000000000000000000000000000:0000 07\n' +
      'UDP: inuse 1 mem 0\n',
  )
})

t.test('counters by name', async (t) => {
  const host = createHost({ devices: [] })
  IP_INC_STATS(host.kernel.init_net, IPSTATS_MIB_OUTREQUESTS)
  NET_INC_STATS(host.kernel.init_net, 'TCPTimeouts')
  const { stdout } = await host.run('nstat', ['-as', 'IpOutRequests', 'TcpExtTCPTimeouts', 'IpOutDiscards'])
  t.match(stdout, /^#kernel\nIpOutRequests +1 +0.0\nTcpExtTCPTimeouts +1 +0.0\n/)
  t.match((await host.run('netstat', ['-s'])).stdout, /1 requests sent out/)
})

t.test('each namespace counts for itself, and each device', async (t) => {
  const host = createHost({ devices: [] })
  IP_INC_STATS(host.kernel.init_net, IPSTATS_MIB_OUTREQUESTS)
  const script =
    'ip netns add a; ip netns exec a nstat -as IpOutRequests | wc -l; ls /proc/net/dev_snmp6; ip link add d0 type dummy; ls /proc/net/dev_snmp6; head -1 /proc/net/dev_snmp6/d0'
  t.match((await host.run('sh', ['-c', script])).stdout, /^1\nlo\nd0\nlo\nifIndex +\t2\n$/)
})
