/** The log of a host as programs on it read and write it. */
import t from 'tap'
import { createHost } from '../../../src/index.ts'
import { without } from '../../lab/programs.ts'

const reader = `
import os
fd = os.open('/dev/kmsg', os.O_RDWR | os.O_NONBLOCK)
records = []
try:
    while True: records.append(os.read(fd, 8192).decode())
except BlockingIOError: print('end', 'eth0' in ''.join(records))
os.write(fd, b'<4>line of mine\\x07\\n')
os.write(fd, b'plain')
for _ in range(2): print(os.read(fd, 8192).decode().split(',')[0], end=' ')
try: os.write(fd, b'x' * 1025)
except OSError as e: print(e.errno)
`

t.test('/dev/kmsg: a record a read, to the end; lines of programs have their own priority', async (t) => {
  const host = createHost()
  t.teardown(() => host.lab.close())
  const { stdout, stderr } = await host.run('python3', ['-c', reader])
  t.equal(stderr, '')
  t.equal(stdout, 'end True\n12 14 22\n')
  t.equal((await host.run('sh', ['-c', 'echo "<2>from a shell" > /dev/kmsg'])).code, 0)
  const { records } = host.kernel.log
  t.match(records.at(-1), { level: 2, facility: 1, text: 'from a shell' })
  t.match(records.at(-3), { level: 4, facility: 1, text: 'line of mine\x07' })
})

t.test('dmesg shows the host, not the machine; who has no right to it hears so', { skip: without('dmesg', 'busybox') }, async (t) => {
  const host = createHost()
  t.teardown(() => host.lab.close())
  const dmesg = await host.run('dmesg', [])
  const log = host.kernel.log.records.map(({ text }) => text)
  t.same(
    dmesg.stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/^\[[ \d.]+\] /, '')),
    log,
  )
  t.equal((await host.run('busybox', ['dmesg'])).stdout, (await host.run('dmesg', ['-S'])).stdout)
  t.equal((await host.run('dmesg', ['-C'])).code, 0)
  t.equal((await host.run('busybox', ['dmesg'])).stdout, '')
  t.equal((await host.run('dmesg', [])).stdout, '', 'nor is it by /dev/kmsg')
})
