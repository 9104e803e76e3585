/** What e100 says in the log, as a user reads it: by its message level, and when hardware fails. */
import t from 'tap'
import { NSEC_PER_SEC } from '../../../../../src/kernel/time.ts'
import { pci_config_read, pci_config_write } from '../../../../../src/hw/pci.ts'
import { createHost } from '../../../../../src/index.ts'
import { bus_of } from '../../../../../src/init/pci.ts'

const SLOT = 6 << 3
const host = createHost({ ipv6: false, devices: [{ name: 'eth0', model: '82559', mac: '52:54:00:12:34:58', slot: 6 }] })
/** What a script adds to the log, without times and the device's name. */
const said = async (script: string) => (await run(`dmesg -C; ${script}; dmesg | sed 's/^[^]]*] e100 0000:00:06.0 eth0: //'`)).stdout
const run = (script: string) => host.run('sh', ['-c', script])

t.test('nothing at level 0, its own doings at 1', async (t) => {
  t.equal(await said('ethtool -s eth0 msglvl 0; ethtool -G eth0 rx 64'), '')
  t.equal(await said('ethtool -s eth0 msglvl drv on; ethtool -G eth0 rx 256'), 'Ring Param settings: rx: 256, tx 128\n')
})
t.test('hw: each access to the PHY, and what the controller is told', async (t) => {
  const text = await said('ethtool -s eth0 msglvl hw on; ip link set eth0 up')
  t.match(text, /^e100_hw_init\nREAD:addr=1, reg=0, data_in=0x0000, data_out=0x18203000\n/)
  t.match(text, /\nphy_addr = 1\n.*\n.*\nphy ID = 0x015402A8\nWRITE:addr=0, reg=0, data_in=0x0400, data_out=0x14000000\n/)
  t.match(text, /\nWRITE:addr=1, reg=28, data_in=0x0080, data_out=0x143C0000\n/, 'there is no such register')
  t.match(text, /\n\[00-07\]=16 08 00 01 00 00 26 07\n\[08-15\]=01 00 2e 00 60 00 f2 48\n\[16-23\]=00 40 fa 86 3f 05 00 00\n/)
  t.match(text, /\nmc_count=1, flags=0x1003\n/)
})
t.test('frames, interrupts and the timer', async (t) => {
  const ping = 'ip addr add 10.9.9.1/24 dev eth0; ping -c 1 -W 1 10.9.9.9 > /dev/null'
  t.match(await said(`ethtool -s eth0 msglvl 0; ethtool -s eth0 msglvl tx_done on; ${ping}`), /^cb\[\d+\]->status = 0xA000\n/)
  await run('ethtool -s eth0 msglvl 0xa08; dmesg -C')
  host.lab.advance(2 * NSEC_PER_SEC)
  t.match((await run('dmesg')).stdout, /eth0: right now = 4294892796\n.* eth0: stat_ack = 0x0C\n.* eth0: status=0x0000\n/)
})
t.test('hardware that cannot reach memory', async (t) => {
  const bus = bus_of(host.kernel)
  await run('ip link set eth0 down; ethtool -s eth0 msglvl 0x7fff')
  pci_config_write(bus, SLOT, 4, 2, pci_config_read(bus, SLOT, 4, 2) & ~4)
  t.equal(
    await said('ip link set eth0 up 2>&1'),
    'RTNETLINK answers: Connection timed out\ne100_hw_init\nSelf-test failed: result=0xFFFFFFFF\nCannot open interface, aborting\n',
  )
})
t.test('before it has a name it is called as its function', async (t) => {
  await run('rmmod e100')
  const text = await said('modprobe e100 debug=16')
  t.match(text, /\] e100 0000:00:06\.0 0000:00:06\.0 \(uninitialized\): READ:addr=1, reg=0, data_in=0x0000, data_out=0x18203000\n/)
  t.match(await said('rmmod e100; modprobe e100 debug=0'), /^$/)
})
