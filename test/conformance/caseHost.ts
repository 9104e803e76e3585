/** The simulated machine that a case runs on: what its recording says of Linux's command line and NICs. */
import { virtio_state_of } from '../../src/drivers/virtio/virtio.ts'
import { add_device } from '../../src/init/devices.ts'
import { bus_of } from '../../src/init/pci.ts'
import { irq_to_desc } from '../../src/kernel/irq.ts'
import { request_module } from '../../src/kernel/kmod.ts'
import type { Host } from '../../src/lab/host.ts'
import { Lab, type LabTime } from '../../src/lab/lab.ts'
import { dev_change_net_namespace } from '../../src/net/core/dev_netns.ts'
import { copy_net_ns } from '../../src/net/core/net_namespace.ts'
import { isErrno } from '../../src/uapi/errno.ts'
import { caseDirectives, type Recording } from '../oracle/recordings.ts'

/** The oracle's emulated NICs: an e1000, which has bounds of its own, and one of virtio. */
const NICS = [
  { name: 'eth0', mac: '52:54:00:12:34:56', parent: { bus: 'pci', name: '0000:00:04.0' }, mtu: [46, 16110] },
  { name: 'eth1', mac: '52:54:00:12:34:57', parent: { bus: 'virtio', name: 'virtio2' }, mtu: [68, 65535] },
]

/** The second one where its driver is what the case is about. */
const VIRTIO = { name: 'eth1', mac: '52:54:00:12:34:57', model: 'virtio-net', slot: 5 } as const

export interface CaseHost {
  host: Host
  /** Where the case's programs run: the first namespace, or one of its own. */
  netns: number
}

export function caseHost(golden: Recording, time: LabTime): CaseHost {
  const { initNetns, freshVm, nics, fbTunnels, e100, virtio } = caseDirectives(golden)
  const ipv6 = !/\bipv6\.disable=1\b/.test(golden.kernel_args ?? '')
  const present = NICS.filter(({ name }) => (initNetns || nics.includes(name)) && !(virtio && name === VIRTIO.name))
  const devices = present.map(({ name, mac }) => ({ name, mac, model: 'plain' as const }))
  // where many cases shared a machine the earlier ones had loaded modules; its modprobe had no configuration
  const modules = { ...(initNetns || freshVm ? { modules: [] } : {}), ...(initNetns ? { modprobe: {} } : {}) }
  const host = new Lab({ seed: 1, time, transcript: 0 }).addHost('linux', { ipv6, devices, ...modules })
  if (!initNetns && golden.commands.some(({ stdout }) => stdout.includes('bonding_masters'))) request_module(host.kernel, 'bonding')
  for (const { name, parent, mtu } of present) fitDevice(host, name, parent, mtu)
  if (virtio) addVirtio(host)
  if (e100 !== undefined) addE100(host)
  // as the recorded machine's before its case began
  host.kernel.log.clear_seq = host.kernel.log.next_seq
  if (initNetns) return { host, netns: 0 }
  // the runner's setting, and its first process
  host.kernel.net_core.fb_tunnels_only_for_init_net = fbTunnels
  const { random } = host.kernel
  const chance = { ...random }
  const made = copy_net_ns(host.kernel)
  if (isErrno(made)) throw new Error(`no namespace: ${made}`)
  host.task({ tgid: 1, tid: 1, comm: 'runner', netns: made.inum })
  for (const { name } of present) {
    const dev = host.kernel.init_net.dev_name_head.get(name)
    if (dev !== undefined) dev_change_net_namespace(dev, made)
  }
  host.lab.events.runDue()
  // what is drawn for a case does not depend on where it runs
  Object.assign(random, chance)
  return { host, netns: made.inum }
}

/** Behind two more devices of the machine. */
function addVirtio({ kernel }: Host): void {
  virtio_state_of(kernel).first_index = 2
  // their addresses and their vectors' lines are taken
  Object.assign(bus_of(kernel), { memory_top: 0xfebe3000, port_next: 0xc0a0 })
  for (let irq = 24; irq < 28; irq++) irq_to_desc(kernel.irqs, irq)
  add_device(kernel, VIRTIO)
}
/** QEMU's 82559C in slot 6; what is below it on the bus has taken these addresses. */
function addE100({ kernel }: Host): void {
  Object.assign(bus_of(kernel), { prefetch_top: 0xfebfd000, memory_top: 0xfebe0000, port_next: 0xc080 })
  add_device(kernel, { name: 'eth2', mac: '52:54:00:12:34:58', model: '82559', slot: 6 })
}

function fitDevice({ kernel }: Host, name: string, parent: { bus: string; name: string }, [min, max]: number[]): void {
  const dev = kernel.init_net.dev_name_head.get(name)
  if (dev === undefined) return
  dev.parent = parent
  dev.min_mtu = min
  dev.max_mtu = max
}
