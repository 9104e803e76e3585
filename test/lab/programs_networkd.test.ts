/** systemd-networkd as a daemon on a host: it finds devices by going through /sys from directory to directory. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { programLab, without, withoutAsRoot } from './programs.ts'

const WALK = `python3 -c "
import os
fd = os.open('/', os.O_PATH | os.O_DIRECTORY)
for name in 'sys/class/net'.split('/'): fd = os.open(name, os.O_PATH | os.O_NOFOLLOW, dir_fd=fd)
print(sorted(os.listdir(fd) if fd >= 512 else []))
link = os.open('eth0', os.O_PATH | os.O_NOFOLLOW, dir_fd=fd)
print(oct(os.fstat(link).st_mode >> 12), os.readlink('eth0', dir_fd=fd))
for name in os.readlink('eth0', dir_fd=fd).split('/'): fd = os.open(name, os.O_PATH | os.O_NOFOLLOW, dir_fd=fd)
print(os.read(os.open('ifindex', os.O_RDONLY, dir_fd=fd), 10))
"`
t.test('who goes through /sys by descriptors sees the devices of the host', { skip: without('python3') }, async (t) => {
  const { run } = programLab(t, { hosts: { a: {} } })
  const { stdout, stderr } = await run('a', WALK)
  t.match(stdout, /^\['eth0', 'lo'\]\n0o12 \.\.\/\.\.\/devices\/pci\S+\/net\/eth0\nb'2\\n'\n$/, stderr)
})

const NETWORKD = '/usr/lib/systemd/systemd-networkd'
const NETWORK = '/run/systemd/network/50-netdouble.network'
const UDEV = '/run/udev/data'
const skip = withoutAsRoot('ip') || (!existsSync(NETWORKD) && 'no systemd-networkd here') || (existsSync(UDEV) && 'udev is at work here')
t.test('systemd-networkd configures a device', { skip }, async (t) => {
  const { run, start, until } = programLab(t, { hosts: { a: {} } })
  t.teardown(() => {
    rmSync(NETWORK, { force: true })
    rmSync('/run/udev', { recursive: true, force: true })
  })
  mkdirSync('/run/systemd/network', { recursive: true })
  mkdirSync(UDEV, { recursive: true })
  // what udev would have said: that it knows the devices
  for (const ifindex of [1, 2]) writeFileSync(`${UDEV}/n${ifindex}`, 'I:1\n')
  writeFileSync(NETWORK, '[Match]\nName=eth0\n[Network]\nAddress=10.9.0.1/24\nGateway=10.9.0.254\nLinkLocalAddressing=no\n')
  const daemon = start('a', NETWORKD)
  t.match(await until('a', 'ip -4 -br addr show dev eth0', /10\.9/), /^eth0 +UP +10\.9\.0\.1\/24 /)
  t.match(await until('a', 'ip route', /default/), /^default via 10\.9\.0\.254 dev eth0 proto static/m)
  t.match((await run('a', 'ip -d addr show dev eth0')).stdout, /state UP/)
  await daemon.stop()
})
