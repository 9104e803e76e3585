/** Programs that know nothing of each other see one host: whoever asks, and however. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { collect, unprivileged } from '../attach/unprivileged.ts'
import { createHost } from '../../src/index.ts'
import { inPackage, netdoubleCommand } from '../place.ts'

const directory = mkdtempSync(join(tmpdir(), 'netdouble-agree-'))
chmodSync(directory, 0o755)
const goProgram = join(directory, 'addresses')
execFileSync('go', ['build', '-o', goProgram, inPackage('test/agree/addresses.go')], {
  env: { ...process.env, CGO_ENABLED: '0', GO111MODULE: 'off', GOCACHE: join(directory, 'cache'), GOFLAGS: '' },
})
chmodSync(goProgram, 0o755)
t.teardown(() => rmSync(directory, { recursive: true, force: true }))

/** Sets the host up through four different programs, then asks five; each answer behind a line `== NAME`. */
const script = `
set -e
ip link set lo up
ifconfig eth0 192.0.2.1 netmask 255.255.255.0 up
ip addr add 192.0.2.9/24 brd + dev eth0
busybox ip addr add 198.51.100.7/28 dev eth0
busybox ifconfig eth0 mtu 1400
${goProgram} add eth0 203.0.113.5/32
echo == ip; ip -o addr
echo == busybox-ip; busybox ip -o addr
echo == ifconfig; ifconfig
echo == busybox-ifconfig; busybox ifconfig
echo == go; ${goProgram}
echo == python; python3 -c 'import socket; print(socket.if_nameindex())'
`
/** Primaries first, in order of scope and age; the secondary of the first subnet behind them. */
const expected = ['127.0.0.1/8', '192.0.2.1/24', '198.51.100.7/28', '203.0.113.5/32', '192.0.2.9/24']

function sections(output: string): Map<string, string> {
  return new Map(
    output
      .split('== ')
      .slice(1)
      .map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1)] as const),
  )
}

function check(test: Test, output: string): void {
  const seen = sections(output)
  for (const name of ['ip', 'busybox-ip', 'go']) {
    const addresses = [...(seen.get(name) ?? '').matchAll(/\d+\.\d+\.\d+\.\d+\/\d+/g)].map(([text]) => text)
    test.same(addresses, expected, `${name} lists every address in order`)
  }
  for (const name of ['ifconfig', 'busybox-ifconfig']) {
    const text = seen.get(name) ?? ''
    test.match(text, /inet (addr:)?192\.0\.2\.1 /, `${name} shows the first address`)
    test.match(text, /mtu:? ?1400/i, `${name} shows the MTU that busybox set`)
    test.match(text, /\blo\b/, `${name} shows lo`)
  }
  test.match(seen.get('go'), /^2 eth0 1400 /m, 'Go sees index, name and MTU')
  test.equal(seen.get('python'), "[(1, 'lo'), (2, 'eth0')]\n", 'Python sees both devices')
}
t.test('as root of the host', async (t) => {
  const { stdout, stderr, code } = await createHost({ ipv6: false }).run('sh', ['-c', script])
  t.equal(code, 0, stderr)
  check(t, stdout)
})

t.test('started as uid 65534 with an empty bounding set', async (t) => {
  // tap's own preloads write where nobody may not
  const node = ['env', '-u', 'NODE_OPTIONS', ...netdoubleCommand(), 'run', '--']
  const { out, err, code } = await collect([...unprivileged(65534), ...node, 'sh', '-c', script])
  t.equal(code, 0, err)
  check(t, out)
})
