import t from 'tap'
import { Lab } from '../../src/lab/lab.ts'
import { request_module } from '../../src/kernel/kmod.ts'
import { cat, ls } from './support.ts'

t.test('/proc/modules and /sys/module say what is loaded', async (t) => {
  const host = new Lab().addHost('a', { modules: [], devices: [] })
  const task = host.task()
  t.equal(cat(task, '/proc/modules'), '')
  request_module(host.kernel, 'ipip')
  const lines = String(cat(task, '/proc/modules')).split('\n')
  t.match(lines[0], /^ipip 16384 0 - Live 0x[0-9a-f]{16}$/)
  t.match(lines[1], /^tunnel4 12288 1 ipip, Live 0x/)
  t.match(lines[2], /^ip_tunnel 36864 1 ipip, Live 0x/)
  request_module(host.kernel, 'vrf')
  t.match(cat(task, '/proc/modules'), /^vrf 40960 0 \[permanent\], Live/)
  t.equal(cat(task, '/sys/module/tunnel4/refcnt'), '1\n')
  t.equal(cat(task, '/sys/module/tunnel4/initstate'), 'live\n')
  t.equal(cat(task, '/sys/module/tunnel4/coresize'), '12288\n')
  t.same(ls(task, '/sys/module/tunnel4/holders'), ['ipip'])
  t.equal(cat(task, '/sys/module/dummy/refcnt'), 'ENOENT', 'not loaded')
  t.equal(cat(task, '/sys/module/usbcore/refcnt'), undefined, 'none of ours')
  t.equal(cat(task, '/sys/module/ipv6/parameters/disable'), '0\n')
})

t.test('/lib/modules is as depmod leaves it', async (t) => {
  const host = new Lab().addHost('a')
  const task = host.task()
  const dir = '/lib/modules/6.12.117+deb12-amd64'
  t.match(
    cat(task, `${dir}/modules.dep`),
    /^kernel\/net\/ipv4\/ipip\.ko: kernel\/net\/ipv4\/tunnel4\.ko kernel\/net\/ipv4\/ip_tunnel\.ko$/m,
  )
  t.match(cat(task, `/usr${dir}/modules.alias`), /^alias rtnl-link-dummy dummy$/m)
  t.match(cat(task, `${dir}/modules.dep.bin`), /^\xb0\x07\xf4\x57\x00\x02\x00\x01/)
  t.match(cat(task, `${dir}/kernel/drivers/net/dummy.ko`), /^\x7fELF[\s\S]*\0name=dummy\0/)
  t.equal(cat(task, '/lib/modprobe.d/systemd.conf'), 'options bonding max_bonds=0\noptions dummy numdummies=0\noptions ifb numifbs=0\n')
  t.equal(cat(task, '/lib/other'), undefined)
})
