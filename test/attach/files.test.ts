import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { Supervisor, type TraceEvent } from '../../src/attach/index.ts'
import { createHost } from '../../src/index.ts'
import { FakeHost } from './fakeHost.ts'
import { run } from './support.ts'

const sh = async (script: string, options: Parameters<typeof run>[2] = {}) => run('sh', ['-c', script], options)
const SYSCTL = '/proc/sys/net/ipv4/ip_forward'

t.test('reading', async (t) => {
  t.equal((await sh('cat /proc/net/dev')).out, 'Inter-| fake\n')
  t.equal((await sh('cat /proc/self/net/dev //proc/./net//dev')).out, 'Inter-| fake\nInter-| fake\n')
  t.equal((await sh('cat /proc/$$/net/dev')).out, 'Inter-| fake\n')
  t.equal((await sh(`read x <${SYSCTL}; echo "got $x"`)).out, 'got 0\n')
  t.match(await sh('cat /proc/net/nonsense'), { code: 1, err: /No such file/ })
  t.match(await sh('cat /proc/sys/net/nonsense'), { code: 1, err: /No such file/ }, 'not the real one either')
  t.match(await sh('cat /sys/class/net/lo/carrier'), { code: 1, err: /Invalid argument/ }, 'errors come from read()')
  t.equal((await sh('cat /proc/version')).out, readFileSync('/proc/version', 'latin1'), 'the rest is real')
  t.equal((await sh('cat /proc/net/dev', { files: false })).out.includes('fake'), false, 'files: false')
})

t.test("writing: the kernel's error comes back", async (t) => {
  const fake = new FakeHost()
  t.match(await sh(`echo 1 >${SYSCTL}; cat ${SYSCTL}`, { fake }), { code: 0, out: '1\n' }, 'shell builtin')
  t.match(await sh(`echo 7 >${SYSCTL}`, { fake }), { code: 1, err: /I\/O error/ }, 'as dash words it')
  t.match(await run('bash', ['-c', `echo 0 >${SYSCTL}; echo to stdout; cat ${SYSCTL}; echo 9 >${SYSCTL}`], { fake }), {
    code: 1,
    out: 'to stdout\n0\n',
    err: /Invalid argument/,
  })
  t.match(await sh(`echo 1 | tee ${SYSCTL}`, { fake }), { code: 0 })
  t.equal(fake.forwarding, '1\n')
  t.match(await sh(`printf 5 | dd of=${SYSCTL} status=none`, { fake }), { code: 1, err: /Invalid argument/ })
  t.match(await sh('echo 1 >/proc/net/dev', { fake }), { code: /[12]/ as unknown as number })
  const python = `f = open("${SYSCTL}", "r+")\nprint(f.read())\nf.seek(0)\nf.write("0")\nf.flush()\nf.seek(0)\nprint(f.read())`
  t.match(await run('python3', ['-c', python], { fake }), { code: 0, out: '1\n\n0\n\n' }, 'read and written through one descriptor')
  const refused = `import os\nfd = os.open("${SYSCTL}", os.O_WRONLY)\ntry:\n  os.write(fd, b"x")\nexcept OSError as e:\n  print(e.errno)`
  t.match(await run('python3', ['-c', refused], { fake }), { out: '22\n' })
})

t.test('output line by line is not trapped: it goes on while nobody serves', async (t) => {
  const temp = mkdtempSync(join(tmpdir(), 'netdouble-test-'))
  const file = join(temp, 'out')
  const line = 'a line as long as programs write'
  let seen = ''
  await run('sh', ['-c', `echo ready >&2; read x; echo ${line}; read x`], {
    stdio: ['pipe', openSync(file, 'w'), 'pipe'],
    onSpawn: (child) => {
      child.stderr?.once('data', () => {
        child.stdin?.write('go\n')
        for (let i = 0; i < 500 && seen === ''; i++) {
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
          seen = readFileSync(file, 'utf8')
        }
        child.stdin?.end()
      })
    },
  })
  rmSync(temp, { recursive: true })
  t.equal(seen, `${line}\n`)
})

t.test('a long text to a file takes effect too', async (t) => {
  const fake = new FakeHost()
  t.match(await sh(`echo "                              1" >${SYSCTL}; cat ${SYSCTL}`, { fake }), { code: 0, out: '1\n' })
})

t.test('directories, status and links', async (t) => {
  t.equal((await sh('ls /sys/class/net')).out, 'lo\nnd0\nnd1\n')
  t.equal((await sh('ls -fa /sys/class/net')).out, '.\n..\nlo\nnd0\nnd1\n', 'in the order of the host, dots first')
  t.equal((await sh('find /sys/class/net -type l | wc -l')).out, '3\n')
  t.equal((await sh('ls -d /sys/class/net/*')).out, '/sys/class/net/lo\n/sys/class/net/nd0\n/sys/class/net/nd1\n')
  t.equal((await sh('busybox stat -c "%F %a" /sys/class/net')).out, 'directory 555\n')
  t.equal((await sh(`stat -c '%F %a %s' ${SYSCTL}`)).out, 'regular empty file 644 0\n')
  t.equal((await sh(`test -r ${SYSCTL} && test -w ${SYSCTL} && test ! -x ${SYSCTL} && echo yes`)).out, 'yes\n')
  t.match(await sh('test -e /proc/net/nonsense'), { code: 1 })
  t.match(await sh('ls -ld /sys/class/net'), { out: /^dr-xr-xr-x /, err: '' }, 'no attributes, and no complaint of them')
  const supervisor = new Supervisor()
  const { out } = await run(
    'python3',
    ['-c', 'import os\nfd = os.open("/proc/sys/net/ipv4/ip_forward", 0)\nprint(fd, os.listdir("/sys/class/net"))'],
    {
      supervisor,
    },
  )
  t.match(out, /^3 \[.*'nd1'.*\]/, 'ordinary files have ordinary numbers')
  supervisor.close()
  t.notOk(existsSync('/sys/class/net/nd0'))
})

t.test('what would change the real machine is refused', async (t) => {
  t.match(await run('ip', ['netns', 'add', 'x']), { code: 1, err: /Operation not permitted/ })
  t.match(await run('unshare', ['-n', 'true']), { code: 1, err: /Operation not permitted/ })
  t.match(await run('ip', ['tuntap', 'add', 'dev', 'tap0', 'mode', 'tap']), { code: 1, err: /No such file/ })
})

t.test('recording shows every read', async (t) => {
  const events: TraceEvent[] = []
  const supervisor = new Supervisor({ record: true })
  supervisor.trace = (event) => events.push(event)
  await run('sh', ['-c', `cat /proc/net/dev; echo 1 >${SYSCTL}; echo 4 >${SYSCTL}`], { supervisor })
  supervisor.close()
  const seen = events.map((e) => {
    if (e.kind === 'exec') return `exec ${e.argv.join(' ')}`
    if (e.kind === 'open') return `open ${e.path} ${(e.ret ?? -1) >= 0}`
    if (e.kind === 'read' || e.kind === 'write') return `${e.kind} ${e.path} ${e.ret} ${Buffer.from(e.data).toString()}`
    return e.kind
  })
  t.strictSame(
    seen.filter((line) => !line.startsWith('exec sh')),
    [
      'exec cat /proc/net/dev',
      'open /proc/net/dev true',
      'read /proc/net/dev 13 Inter-| fake\n',
      'read /proc/net/dev 0 ',
      `open ${SYSCTL} true`,
      `write ${SYSCTL} 2 1\n`,
      `open ${SYSCTL} true`,
      `write ${SYSCTL} -22 4\n`,
    ],
  )
})

t.test('trees are walked as programs walk them: by copies of descriptors, fchdir() and relative paths', async (t) => {
  const host = createHost({ devices: [{ name: 'x0' }] })
  const count = async (script: string) => Number((await host.run('sh', ['-c', script])).stdout)
  const files = await count('python3 -c "import os; print(sum(len(f) for _, _, f in os.walk(\'/proc/sys/net\')))"')
  t.ok(files > 100)
  t.equal(await count('find /proc/sys/net -type f | wc -l'), files)
  t.equal(await count('busybox find /proc/sys/net -type f | wc -l'), files)
  t.equal(await count('ls -R /proc/sys/net/core | tail -n +2 | wc -l'), await count('ls /proc/sys/net/core | wc -l'))
  t.equal(await count('grep -rh . /sys/class/net/x0/ 2>/dev/null | grep -cx 1500'), 1)
  t.equal(await count('cd /proc/sys/net/ipv4 && cat ip_forward'), 0, 'relative to where the real kernel has such a directory, too')
  t.equal(await count('cd / && cat sys/class/net/x0/mtu'), 1500)
  t.equal(await count('cd /sys/class/net/x0 && cat mtu'), 1500)
  const script = 'import os\nos.fchdir(os.open("/sys/class/net/x0", os.O_RDONLY))\nprint(open("mtu").read())'
  t.equal(Number((await host.run('python3', ['-c', script])).stdout), 1500)
})

t.test('access() asks the file itself: a sysctl that is read only in a namespace is so for root, too', async (t) => {
  const host = createHost()
  const may = (of: string) => `[ -${of} /proc/sys/net/core/rmem_default ]; echo $?`
  const { stdout } = await host.run('sh', ['-c', `${may('w')}; ${may('x')}; unshare -n sh -c '${may('r')}; ${may('w')}'`])
  t.equal(stdout, '0\n1\n0\n1\n')
})

t.test('cd into directories that only the host has, and out of them', async (t) => {
  const host = createHost({ devices: [{ name: 'x0' }] })
  const said = async (script: string) => (await host.run('sh', ['-c', `${script} 2>&1`])).stdout
  t.match(await said('cd /sys/class/net/x0; pwd; pwd -P; ls -d m*'), /^\/sys\/class\/net\/x0\n\/sys\/devices\/\S+\/x0\nmtu\n$/)
  t.equal(await said('cd /sys/class/net; (cd x0 && cat mtu); ls'), '1500\nlo\nx0\n', 'children are where their parent is')
  t.equal(await said('cd /sys/class/net; exec readlink /proc/self/cwd'), '/sys/class/net\n')
  t.equal(await said('cd /sys/class/net; cd -P ../..; pwd; cd class/net; pwd'), '/sys\n/sys/class/net\n')
  t.match(await said('cd /proc/sys/net/ipv4/conf/x0; echo 1 >forwarding; cat forwarding; cd mtu'), /^1\n.*can't cd to mtu/)
  t.equal(await said('cd /sys/class/net; cd /; pwd -P'), '/\n')
  const threads = `import os, threading
def go(): os.chdir('/sys/class/net/x0')
thread = threading.Thread(target=go); thread.start(); thread.join()
print(open('mtu').read().strip(), os.path.basename(os.getcwd()))`
  t.match(await host.run('python3', ['-c', threads]), { stdout: '1500 x0\n', stderr: '' }, 'all threads go')
  const alarms = `import os, signal
heard = []
signal.signal(signal.SIGALRM, lambda *a: heard.append(1))
signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
for i in range(100):
  for place in ("/sys/class/net/x0", "/"):
    try: os.chdir(place)
    except InterruptedError: pass # the trap itself can be
signal.setitimer(signal.ITIMER_REAL, 0)
os.chdir('/sys/class/net')
print(os.listdir('.'), len(heard) > 0)`
  t.match(await host.run('python3', ['-c', alarms]), { stdout: "['lo', 'x0'] True\n", stderr: '' }, 'also while signals come')
})

t.test('a program has as many sockets as its limit says, and the lowest free number comes next', async (t) => {
  const script = `import errno, resource, socket
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 3000), hard))
made = []
def more():
  try:
    while True: made.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
  except OSError as e: return e.errno == errno.EMFILE
print(more(), len(made) >= min(hard, 3000) - 512)
gone = [made[7].fileno(), made[-7].fileno()]
made[7].close(), made[-7].close()
print([socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).detach() for _ in gone] == gone, more())`
  const { stdout, stderr } = await createHost().run('python3', ['-c', script])
  t.equal(stdout, 'True True\nTrue True\n', stderr)
})
