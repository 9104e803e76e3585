/** Who looks at the sockets of a host, and ends them: ss in its modes, netstat. */
import t from 'tap'
import { programLab, without } from './programs.ts'

/** Binds what it is told (family, type, address, port), and says so; then says what each hears, at the end of its input. */
const HOLDER = `import socket, sys, time
S = []
def hold(family, kind, where, listen=False, mark=0):
  s = socket.socket(family, kind)
  if mark: s.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, mark)
  s.bind(where)
  if listen: s.listen(5)
  S.append(s)
hold(socket.AF_INET, socket.SOCK_DGRAM, ('127.0.0.1', 2000))
hold(socket.AF_INET, socket.SOCK_DGRAM, ('0.0.0.0', 2001), mark=7)
hold(socket.AF_INET6, socket.SOCK_DGRAM, ('::1', 2002))
hold(socket.AF_INET, socket.SOCK_STREAM, ('127.0.0.1', 2003), listen=True)
print('ready', flush=True)
for s in S[:2]:
  s.settimeout(50)
  try: s.recv(100)
  except OSError as e: print(e.strerror, flush=True)
`
const skip = without('ss', 'python3', 'ip')

t.test('ss and netstat find sockets, say whose they are, and ss ends them', { skip }, async (t) => {
  const { run, start, until, file } = programLab(t, { hosts: { a: {} } })
  await run('a', 'ip link set lo up')
  const said = file('said', '')
  const daemon = start('a', `sh -c 'python3 ${file('holder.py', HOLDER)} >${said}'`)
  await until('a', `cat ${said}`, /ready/)
  const ports = async (filter: string) => {
    const { stdout, stderr } = await run('a', `ss -H -n -a ${filter} | awk '{ print $4 }' | sed 's/.*://'`)
    t.equal(stderr, '', filter)
    return stdout.trim().split('\n').sort().join(' ')
  }
  t.equal(await ports('-u'), '2000 2001 2002')
  t.equal(await ports('-u sport = :2001'), '2001')
  t.equal(await ports('-u sport != :2001'), '2000 2002')
  t.equal(await ports('-u sport ge :2001'), '2001 2002')
  t.equal(await ports('-u src 127.0.0.0/8'), '2000')
  t.equal(await ports('-u fwmark = 7'), '2001')
  t.equal(await ports("-u 'sport = :2000 or ( src [::1] and sport != :9 )'"), '2000 2002')
  t.match((await run('a', 'ss -Hunap sport = :2000')).stdout, /users:\(\("python3",pid=\d+,fd=\d+\)\)/)
  t.match((await run('a', 'ss -Htnlm sport = :2003')).stdout, /skmem:\(r0,rb131072,t0,tb16384,f0,w0,o0,bl0,d0\)/)
  const { stdout, stderr } = await run('a', 'ss -Hune -a sport = :2000')
  t.match(stdout, / ino:\d{4,} sk:\w+ cgroup:\/ <->/)
  t.equal(stderr, '', "the group's name is found by its number")

  await run('a', 'ss -K -una sport = :2000')
  t.match(await until('a', `cat ${said}`, /abort/), /^ready\nSoftware caused connection abort\n$/)
  await run('a', 'ss -K -tnl sport = :2003')
  t.equal(await ports('-t'), '', 'listens no more')
  await daemon.stop()
})

t.test('netstat says which program has a socket', { skip: skip || without('netstat') }, async (t) => {
  const { run } = programLab(t, { hosts: { a: {} } })
  const script = `import socket, subprocess
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('127.0.0.1', 2000))
print(subprocess.run(['netstat', '-unlp'], capture_output=True, text=True).stdout)`
  const { stdout } = await run('a', `ip link set lo up; python3 -c "${script}"`)
  t.match(stdout, /127\.0\.0\.1:2000 +0\.0\.0\.0:\* +\d+\/python3/)
})
