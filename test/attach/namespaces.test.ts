/** Network namespaces as unmodified programs make and use them: `ip netns`, unshare, nsenter, /proc/<pid>/ns/net. */
import { readlinkSync } from 'node:fs'
import t from 'tap'
import { createHost, Lab, withPrograms } from '../../src/index.ts'
import { cli, start } from '../cli/command.ts'
import { netdoubleCommand } from '../place.ts'
import { unprivileged } from './unprivileged.ts'

const mine = readlinkSync('/proc/self/ns/net')

async function shell(script: string, host = createHost({ devices: [] })): Promise<string> {
  const { stdout, stderr } = await host.run('sh', ['-c', `exec 2>&1\n${script}`])
  return stdout + stderr
}

t.test('ip netns: names, ids, links between namespaces', async (t) => {
  const host = createHost({ devices: [] })
  t.equal(
    await shell('ip netns list; ip netns add a && ip netns add b && ip netns add a; ip netns', host),
    'Cannot create namespace file "/run/netns/a": File exists\nb\na\n',
  )
  t.equal(
    await shell('ip link add v0 type veth peer name v1 netns a; ip -n a -br link | cut -d" " -f1; ip netns list-id', host),
    'lo\nv1@if2\nnsid 0 (iproute2 netns name: a)\n',
  )
  t.match(await shell('ip link show v0', host), /v0@if2.*link-netns a\n$/s)
  t.equal(
    await shell('ip netns set b 7; ip netns set a 9; ip netns', host),
    'Error: Peer netns already has a nsid assigned.\nb (id: 7)\na (id: 0)\n',
  )
  t.equal(
    await shell('ip link set v0 netns b; ip -br link; ip -n b -br link | cut -c1-8', host),
    'lo               DOWN           00:00:00:00:00:00 <LOOPBACK> \nlo      \nv0@if2  \n',
  )
  t.equal(
    await shell('ip -n b link set v0 netns 1; ip -br link | cut -c1-8', host),
    'lo      \nv0@if2  \n',
    'process 1 is in the first namespace',
  )
  t.equal(
    await shell('rm /run/netns/a; ls /run/netns; ip netns del a; ip netns del b; ls /run/netns; ip -br link | cut -c1-8', host),
    "rm: cannot remove '/run/netns/a': Device or resource busy\na\nb\nlo      \n",
    'with the namespace goes its device, and the other end',
  )
})

t.test('what runs in a namespace sees it alone', async (t) => {
  const host = createHost({ devices: [] })
  t.equal(
    await shell('ip netns add a; ip netns exec a ip link add d0 type dummy; ls /sys/class/net; ip netns exec a ls /sys/class/net', host),
    'lo\nd0\nlo\n',
  )
  t.equal(
    await shell(
      'ip netns exec a sh -c "echo 1 >/proc/sys/net/ipv4/ip_forward"; cat /proc/sys/net/ipv4/ip_forward; ip netns exec a cat /proc/sys/net/ipv4/ip_forward',
      host,
    ),
    '0\n1\n',
  )
  t.equal(await shell('ip netns exec a sh -c "ip netns identify; ip netns identify $$; ip netns pids a | wc -l"', host), 'a\n\n3\n')
  t.equal(await shell('ip -all netns exec true', host), '\nnetns: a\n')
  t.equal(
    await shell('ip netns exec a sh -c "(sleep 1; ip -br link | wc -l) &"; ip netns del a; ip netns; wait; sleep 1.2', host),
    '2\n',
    'it lives as long as a process in it, known or not',
  )
})

t.test('descriptors and links that stand for namespaces', async (t) => {
  const host = createHost({ devices: [] })
  await shell('ip netns add a', host)
  const script = `
import os, fcntl, ctypes
libc = ctypes.CDLL(None, use_errno=True)
same = lambda x, y: (x.st_dev, x.st_ino) == (y.st_dev, y.st_ino)
me, a = os.stat("/proc/self/ns/net"), os.stat("/run/netns/a")
print("differ", not same(me, a), "link", os.readlink("/proc/self/ns/net") == "net:[%d]" % me.st_ino)
fd = os.open("/run/netns/a", os.O_RDONLY | os.O_CLOEXEC)
print("fstat", same(os.fstat(fd), a), same(os.fstat(os.dup(fd)), a), same(os.fstat(os.dup2(fd, 9)), a))
print("type", hex(fcntl.ioctl(fd, 0xb703)))
home = os.open("/proc/self/ns/net", os.O_RDONLY)
print("setns", libc.setns(9, 0x40000000), same(os.stat("/proc/self/ns/net"), a), os.listdir("/sys/class/net"))
print("back", libc.setns(home, 0), same(os.stat("/proc/self/ns/net"), me))
print("other kinds", libc.setns(os.open("/dev/null", 0), 0x40000000), ctypes.get_errno())
print("unshare", libc.unshare(0x40000000), same(os.stat("/proc/self/ns/net"), me))
`
  const { stdout, stderr } = await host.run('python3', ['-c', script])
  t.equal(stderr, '')
  t.equal(
    stdout,
    "differ True link True\nfstat True True True\ntype 0x40000000\nsetns 0 True ['lo']\nback 0 True\nother kinds -1 22\nunshare 0 False\n",
  )
  t.notMatch(await shell('readlink /proc/self/ns/net'), mine)
})

t.test('a thread alone may move', async (t) => {
  const script = `
import os, threading, ctypes, subprocess
libc = ctypes.CDLL(None)
links = lambda: len(os.listdir("/sys/class/net"))
def away():
  libc.unshare(0x40000000)
  print("thread", links(), subprocess.run(["ip", "-br", "link"], capture_output=True, text=True).stdout.count("\\\\n"))
x = threading.Thread(target=away); x.start(); x.join()
print("main", links(), subprocess.run(["ip", "-br", "link"], capture_output=True, text=True).stdout.count("\\\\n"))
`.replaceAll('\\\\n', '\\n')
  const host = createHost({ devices: [] })
  await shell('ip link add d0 type dummy', host)
  t.equal((await host.run('python3', ['-c', script])).stdout, 'thread 1 1\nmain 2 2\n')
})

t.test('ip netns monitor hears of names', async (t) => {
  const out = await shell('timeout 2 stdbuf -oL ip netns monitor & sleep 0.3; ip netns add a; ip netns del a; wait')
  t.equal(out, 'add a\ndelete a\n')
})

t.test('users of the host without capabilities make none', async (t) => {
  const host = createHost({ devices: [] })
  await shell('ip netns add a', host)
  const run = async (script: string) => (await host.run('sh', ['-c', `exec 2>&1; ${script}`], { uid: 1000 })).stdout
  t.match(await run('ip netns add b'), /Permission denied|not permitted/)
  t.match(await run('ip netns exec a true'), /setting the network namespace "a" failed: Operation not permitted/)
  t.match(await run('ip netns del a'), /not permitted|Permission denied/)
  t.match(await run('unshare -n true'), /Operation not permitted/)
  t.equal(await shell('ip netns', host), 'a\n')
})

t.test('names and namespaces are saved with the lab', async (t) => {
  const host = createHost({ devices: [] })
  await shell('ip netns add a; ip -n a link add d0 type dummy', host)
  const again = withPrograms(Lab.load(host.lab.save())).host('default')
  t.equal(await shell('ip netns; ip -n a -br link | cut -c1-3; ip netns del a; ip netns', again), 'a\nlo \nd0 \n')
})

t.test('without root outside', { skip: process.getuid?.() !== 0 && 'needs root to become nobody' }, async (t) => {
  const script = 'ip netns add a && ip netns exec a ip -br link && unshare -n ip -br link && ip netns del a && ip netns'
  // tap's own preloads write where nobody may not
  const nobody = [...unprivileged(65534).slice(1), 'env', '-i', `PATH=${process.env.PATH}`, 'HOME=/tmp']
  const readable = await start('setpriv', [...nobody, 'test', '-r', 'src/cli/main.ts']).ended
  if (readable.code !== 0) return t.comment('nobody may not read the sources here')
  const command = [...netdoubleCommand(), 'run', '--', 'sh', '-c', script]
  const { stdout, stderr, code } = await start('setpriv', [...nobody, ...command]).ended
  const lo = 'lo               DOWN           00:00:00:00:00:00 <LOOPBACK> \n'
  t.match({ stdout, stderr, code }, { stdout: lo + lo, stderr: '', code: 0 })
})

t.test('the command', async (t) => {
  const { stdout } = await cli(['run', '--', 'sh', '-c', 'ip netns add x; ip netns'])
  t.equal(stdout, 'x\n')
})

t.test('ip vrf exec: sockets of what runs there belong to the VRF, and so do those of its children', async (t) => {
  const host = createHost({ devices: [] })
  await shell('ip link add red type vrf table 10; ip link set red up; ip link add d0 type dummy; ip link set d0 master red up', host)
  await shell('ip addr add 192.0.2.1/24 dev d0; ip link set lo up', host)
  const connect =
    'python3 -c "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect((\'192.0.2.9\', 9)); print(s.getsockname()[0])"'
  t.match(await shell(connect, host), /Network is unreachable/)
  t.equal(await shell(`ip vrf exec red ${connect}`, host), '192.0.2.1\n')
  t.equal(await shell(`ip vrf exec red sh -c 'ip vrf identify; sh -c "ip vrf identify $$; :"'`, host), 'red\nred\n')
  t.match(await shell('ip vrf exec red sh -c "ip vrf pids red"; ip vrf identify', host), /^ *\d+ +sh *\n *\d+ +ip *\n\s*$/)
  t.match(
    await shell('setpriv --reuid 1000 --clear-groups --bounding-set=-all --inh-caps=-all ip vrf exec red true', host),
    /Failed to load BPF prog: 'Operation not permitted'|Permission denied/,
  )
})
