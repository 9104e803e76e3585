/** /sys/bus/pci as programs see it: the same bytes as Linux on QEMU's 82559, and what writing to it does. */
import { spawnSync } from 'node:child_process'
import t from 'tap'
import type { i82559 } from '../../../src/hw/i82559.ts'
import { createHost } from '../../../src/index.ts'
import { bus_of } from '../../../src/init/pci.ts'

const host = () => createHost({ ipv6: false, devices: [{ name: 'eth0', model: '82559', mac: '52:54:00:12:34:58', slot: 6 }] })
const sh = async (h: ReturnType<typeof host>, script: string) => (await h.run('sh', ['-c', `exec 2>&1; ${script}`])).stdout

t.test('configuration space, as recorded but for addresses', async (t) => {
  const out = await sh(host(), 'od -A x -t x1 /sys/class/net/eth0/device/config')
  t.match(out, '000000 86 80 29 12 07 01 90 02 0c 00 00 02 00 20 00 00')
  t.match(out, / 86 80 40 00\n000030 00 00 00 00 dc 00 00 00 00 00 00 00 0a 01 08 18\n/)
  t.match(out, '0000d0 00 00 00 00 00 00 00 00 00 00 00 00 01 00 21 7e')
})

t.test('a device and its driver point at each other', async (t) => {
  const h = host()
  t.match(await sh(h, 'readlink /sys/class/net/eth0/device'), /^\.\.\/\.\.\/\.\.\/0000:00:06\.0$/m)
  t.match(await sh(h, 'readlink -f /sys/class/net/eth0/device'), '/sys/devices/pci0000:00/0000:00:06.0')
  t.match(await sh(h, 'basename $(readlink -f /sys/class/net/eth0/device/driver)'), 'e100')
  t.match(await sh(h, 'ls /sys/bus/pci/drivers/e100'), /^0000:00:06\.0\nbind\nmodule\nnew_id\nremove_id\nuevent\nunbind$/m)
  t.match(
    await sh(h, 'cat /sys/bus/pci/devices/*/uevent'),
    /DRIVER=e100\nPCI_CLASS=20000\nPCI_ID=8086:1229\nPCI_SUBSYS_ID=8086:0040\nPCI_SLOT_NAME=0000:00:06\.0\nMODALIAS=pci:v00008086d00001229sv00008086sd00000040bc02sc00i00\n/,
  )
  t.match(await sh(h, 'cat /sys/class/net/eth0/device/resource'), /0x0000000000042208\n.* 0x0000000000040101\n.* 0x0000000000040200\n/)
})

t.test('unbind takes the device away, bind brings it back, remove and rescan do too', async (t) => {
  const h = host()
  const driver = '/sys/bus/pci/drivers/e100'
  t.equal(await sh(h, `echo 0000:00:06.0 > ${driver}/unbind; ls /sys/class/net`), 'lo\n')
  t.equal(await sh(h, `echo 0000:00:06.0 > ${driver}/bind; ls /sys/class/net`), 'eth0\nlo\n')
  t.equal(
    await sh(h, 'echo 1 > /sys/bus/pci/devices/0000:00:06.0/remove; ls /sys/class/net /sys/bus/pci/devices'),
    '/sys/bus/pci/devices:\n\n/sys/class/net:\nlo\n',
  )
})

t.test('what is found while the machine runs gets the lowest addresses that are free, as recorded', async (t) => {
  const h = host()
  await sh(h, 'dmesg -C; echo 1 > /sys/bus/pci/devices/0000:00:06.0/remove; echo 1 > /sys/bus/pci/rescan')
  t.equal(
    await sh(h, "dmesg | sed 's/^[^]]*] //'"),
    `pci 0000:00:06.0: [8086:1229] type 00 class 0x020000 conventional PCI endpoint
pci 0000:00:06.0: BAR 0 [mem 0xfebff000-0xfebfffff pref]
pci 0000:00:06.0: BAR 1 [io  0xc000-0xc03f]
pci 0000:00:06.0: BAR 2 [mem 0xfeae0000-0xfeafffff]
pci 0000:00:06.0: supports D1 D2
pci 0000:00:06.0: PME# supported from D0 D1 D2 D3hot
resource: avoiding allocation from e820 entry [mem 0x0009fc00-0x000fffff]
pci 0000:00:06.0: BAR 2 [mem 0x30000000-0x3001ffff]: assigned
resource: avoiding allocation from e820 entry [mem 0x0009fc00-0x000fffff]
pci 0000:00:06.0: BAR 0 [mem 0x30020000-0x30020fff pref]: assigned
pci 0000:00:06.0: BAR 1 [io  0x1000-0x103f]: assigned
e100 0000:00:06.0 eth0: addr 0x30020000, irq 10, MAC addr 52:54:00:12:34:58
`,
  )
  t.match(await sh(h, 'ip link set eth0 up; cat /sys/class/net/eth0/device/resource'), /^0x0000000030020000 0x0000000030020fff /)
})
t.test('so does what is plugged in; its driver finds it switched off', async (t) => {
  const h = host()
  await sh(h, 'dmesg -C')
  h.plug({ name: 'eth1', model: 'virtio-net', slot: 7 })
  t.equal(
    await sh(h, "dmesg | sed 's/^[^]]*] //'"),
    `pci 0000:00:07.0: [1af4:1000] type 00 class 0x020000 conventional PCI endpoint
pci 0000:00:07.0: BAR 0 [io  0x0000-0x001f]
pci 0000:00:07.0: BAR 1 [mem 0x00000000-0x00000fff]
pci 0000:00:07.0: BAR 4 [mem 0x00000000-0x00003fff 64bit pref]
pci 0000:00:07.0: BAR 4 [mem 0x100000000-0x100003fff 64bit pref]: assigned
resource: avoiding allocation from e820 entry [mem 0x0009fc00-0x000fffff]
pci 0000:00:07.0: BAR 1 [mem 0x30000000-0x30000fff]: assigned
pci 0000:00:07.0: BAR 0 [io  0x1000-0x101f]: assigned
virtio-pci 0000:00:07.0: enabling device (0000 -> 0003)
`,
  )
  t.match(
    await sh(h, 'ip link set eth1 up; ip -br link show eth1; cat /sys/bus/pci/devices/0000:00:07.0/resource'),
    /UP[\s\S]*0x0000000100000000 0x0000000100003fff/,
  )
})
t.test('interrupts that firmware has left on are switched off before a driver comes', async (t) => {
  t.match(host().dmesg().join('\n'), 'pci 0000:00:06.0: Firmware left e100 interrupts enabled; disabling')
})

t.test('slots by their numbers: what is in them, and power off takes it out, as recorded', async (t) => {
  const h = host()
  const slot = '/sys/bus/pci/slots'
  t.equal(await sh(h, `ls ${slot} | sort -n | tr '\\n' ' '`), `${Array.from({ length: 30 }, (_, i) => i + 2).join(' ')} `)
  const files = ['adapter', 'address', 'cur_bus_speed', 'latch', 'max_bus_speed', 'power']
  const cat = (n: number) => sh(h, `cat ${files.map((file) => `${slot}/${n}/${file}`).join(' ')} | tr '\\n' ' '`)
  t.equal(await cat(6), '1 0000:00:06 Unknown 0 Unknown 1 ')
  t.equal(await cat(9), '0 0000:00:09 Unknown 1 Unknown 0 ')
  t.match(await sh(h, `cat ${slot}/9/attention`), /Invalid argument/)
  t.equal(await sh(h, `echo 1 > ${slot}/9/power; echo 0 > ${slot}/9/power; echo x > ${slot}/9/power`), '')
  t.match(await sh(h, `/bin/echo 2 > ${slot}/9/power`), /Invalid argument/)
  t.match(await sh(h, `/bin/echo 1 > ${slot}/9/attention`), /No such device/)
  t.equal(await sh(h, `echo 1 > /sys/bus/pci/devices/0000:00:06.0/remove; cat ${slot}/6/adapter ${slot}/6/power`), '1\n0\n')
  t.match(await sh(h, `echo 1 > ${slot}/6/power; ls /sys/class/net`), /eth0/, 'it is still there, and found')
  const ejected = `echo 0 > ${slot}/6/power; cat ${slot}/6/adapter ${slot}/6/power; echo 1 > ${slot}/6/power; ls /sys/bus/pci/devices`
  t.equal(await sh(h, ejected), '0\n0\n')
})
const noUdev = spawnSync('udevadm', ['--version']).error === undefined ? false : 'udev is not installed'
t.test('udev finds the names that predictable ones are made of', { skip: noUdev }, async (t) => {
  const said = await sh(host(), 'udevadm test-builtin net_id /sys/class/net/eth0')
  t.match(said, /^ID_NET_NAME_PATH=enp0s6$/m)
  t.match(said, /^ID_NET_NAME_SLOT=ens6$/m)
  t.match(said, /^ID_NET_NAME_MAC=enx525400123458$/m)
})
t.test('what has no driver is enabled by hand', async (t) => {
  const h = host()
  const at = '/sys/bus/pci/devices/0000:00:06.0'
  t.equal(await sh(h, `cat ${at}/power_state; /bin/echo 0 > ${at}/enable`), 'D0\n/bin/echo: write error: Device or resource busy\n')
  t.equal(await sh(h, `/bin/echo 0000:00:06.0 > /sys/bus/pci/drivers/e100/unbind; cat ${at}/power_state ${at}/enable`), 'D0\n0\n')
  t.equal(
    await sh(h, `/bin/echo 1 > ${at}/enable; cat ${at}/enable; /bin/echo 0 > ${at}/enable; /bin/echo 0 > ${at}/enable`),
    '1\n/bin/echo: write error: Input/output error\n',
  )
})

t.test('an override and identifiers given by name decide who takes a device', async (t) => {
  const h = host()
  const at = '/sys/bus/pci/devices/0000:00:06.0'
  const driver = '/sys/bus/pci/drivers/e100'
  await sh(h, `/bin/echo 0000:00:06.0 > ${driver}/unbind; /bin/echo other > ${at}/driver_override`)
  t.match(await sh(h, `cat ${at}/driver_override; /bin/echo 0000:00:06.0 > ${driver}/bind`), /^other\n.*No such device\n$/)
  t.equal(
    await sh(
      h,
      `/bin/echo > ${at}/driver_override; cat ${at}/driver_override; /bin/echo 0000:00:06.0 > /sys/bus/pci/drivers_probe; ls /sys/class/net`,
    ),
    '(null)\neth0\nlo\n',
  )
  t.match(await sh(h, `/bin/echo 8086 1229 > ${driver}/new_id`), /File exists\n$/)
  t.match(await sh(h, `/bin/echo 1234 > ${driver}/new_id`), /Invalid argument\n$/)
  t.equal(await sh(h, `/bin/echo 1234 5678 > ${driver}/new_id; /bin/echo 1234 5678 > ${driver}/remove_id`), '')
  t.match(await sh(h, `/bin/echo 1234 5678 > ${driver}/remove_id`), /No such device\n$/)
  t.match(await sh(h, `/bin/echo add > ${at}/uevent && /bin/echo foo > ${at}/uevent`), /Invalid argument\n$/)
})

t.test('what may wake the machine says so, and can be told to', async (t) => {
  const h = host()
  const power = '/sys/class/net/eth0/device/power'
  t.equal(await sh(h, `cat ${power}/control ${power}/runtime_status ${power}/wakeup`), 'on\nactive\ndisabled\n')
  await sh(h, 'ethtool -s eth0 wol g')
  t.equal(await sh(h, `cat ${power}/wakeup; /bin/echo disabled > ${power}/wakeup; cat ${power}/wakeup`), 'enabled\ndisabled\n')
  t.match(await sh(h, `/bin/echo yes > ${power}/wakeup`), /Invalid argument/)
})

const noPciutils = spawnSync('lspci', ['--version']).error === undefined ? false : 'pciutils is not installed'
t.test('lspci and setpci', { skip: noPciutils }, async (t) => {
  const h = host()
  t.match(await sh(h, 'lspci -n'), /^00:06\.0 0200: 8086:1229 \(rev 0c\)\n$/)
  const seen = await sh(h, 'lspci -vv -s 6')
  t.match(seen, /Control: I\/O\+ Mem\+ BusMaster\+/)
  t.match(seen, /Region 0: Memory at febff000 \(32-bit, prefetchable\) \[size=4K\]\n\tRegion 1: I\/O ports at c000 \[size=64\]/)
  t.match(seen, /PME\(D0\+,D1\+,D2\+,D3hot\+,D3cold-\)\n[\s\S]*Kernel driver in use: e100/)
  t.equal(
    await sh(h, 'setpci -s 6 LATENCY_TIMER=48; setpci -s 6 LATENCY_TIMER; setpci -s 6 VENDOR_ID=0; setpci -s 6 VENDOR_ID'),
    '48\n8086\n',
  )
})
t.test('the driver does what its module is told, and sysfs shows that', async (t) => {
  const h = host()
  const at = '/sys/module/e100/parameters'
  t.equal(await sh(h, `ls ${at}; cat ${at}/use_io`), 'eeprom_bad_csum_allow\nuse_io\n0\n')
  t.match(
    await sh(h, `rmmod e100; modprobe e100 use_io=1 debug=2; cat ${at}/use_io; ethtool eth0 | grep 'message level'`),
    /^1\n\s*Current message level: 0x00000003 \(3\)\n$/,
  )
  t.match(h.dmesg().at(-1), /eth0: addr 0xc000, irq 10, MAC addr 52:54:00:12:34:58/)
  const nic = bus_of(h.kernel).functions.get(6 << 3)?.model as i82559
  nic.eeprom.words[10] ^= 1
  t.equal(await sh(h, 'rmmod e100; modprobe e100; ls /sys/class/net'), 'lo\n', 'a bad EEPROM is refused')
  t.equal(await sh(h, 'rmmod e100; modprobe e100 eeprom_bad_csum_allow=1; ls /sys/class/net'), 'eth0\nlo\n')
  t.match(h.dmesg().join('\n'), /EEPROM corrupted/)
})

t.test('above a link is what its target is in', async (t) => {
  const h = createHost({ ipv6: false, devices: [{ name: 'eth0', model: 'virtio-net', slot: 5 }] })
  t.equal(
    await sh(h, 'cat /sys/class/net/eth0/device/../vendor /sys/class/net/eth0/../lo/ifindex'),
    '0x1af4\ncat: /sys/class/net/eth0/../lo/ifindex: No such file or directory\n',
  )
})

t.test('more NICs than slots share them as functions', async (t) => {
  const h = createHost({ ipv6: false, devices: Array.from({ length: 31 }, (_, i) => ({ name: `eth${i}` })) })
  t.match(await sh(h, 'basename $(readlink -f /sys/class/net/eth29/device)'), '0000:00:03.1')
  await sh(h, 'echo 1 > /sys/bus/pci/devices/0000:00:03.1/remove')
  t.match(await sh(h, 'echo 1 > /sys/bus/pci/rescan; ls /sys/bus/pci/devices'), /^0000:00:03\.0\n0000:00:03\.1\n/)
})

t.test('an interrupt is called as its device, when that has another name too', async (t) => {
  const h = host()
  t.equal(await sh(h, 'ip link set eth0 up; ip link set eth0 name lan0; grep -o lan0 /proc/interrupts'), 'lan0\n')
})
t.test('a queue has the limits of one whose driver tells of no bytes, as recorded', async (t) => {
  const h = host()
  const at = '/sys/class/net/eth0/queues/tx-0/byte_queue_limits'
  t.equal(
    await sh(h, `cd ${at}; grep . *`),
    'hold_time:1000\ninflight:0\nlimit:0\nlimit_max:1879048192\nlimit_min:0\nstall_cnt:0\nstall_max:0\nstall_thrs:0\n',
  )
  t.equal(await sh(h, 'ls /sys/class/net/lo/queues/tx-0 | grep -c limits'), '0\n')
})
