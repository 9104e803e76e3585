/**
 * One host's kernel: the root of all its state. Subsystems put their state into the fields below when their initcall
 * runs; nothing lives in module variables. Types come from the rooms by `import type` only.
 */
import { AttrPool } from '../lib/attrs.ts'
import { RandomStream } from '../lib/random.ts'
import { type EventQueue, HZ, NSEC_PER_JIFFY, NSEC_PER_SEC, USER_HZ } from './time.ts'
import { cgroup_state } from './cgroup.ts'
import { dma_domain } from './dma_mapping.ts'
import { irq_state } from './irq.ts'
import { KERN_INFO, printk_ring } from './printk.ts'
import { softirq_state } from './softirq.ts'
import { pm_state } from './suspend.ts'
import { task_struct } from './task.ts'
import { unsupported_counts } from './unsupported.ts'
import type { tracepoints } from './trace.ts'
import { no_tracepoints } from './trace.ts'
import type { TaskIdentity } from '../syscalls/types.ts'
import type { net_namespace_state, net } from '../net/core/net_namespace.ts'
import type { netlink_state } from '../net/netlink/af_netlink.ts'
import type { genl_state } from '../net/netlink/genetlink.ts'
import type { neigh_state } from '../net/core/neighbour.ts'
import type { netdev_state } from '../net/core/dev.ts'
import type { rtnl_state } from '../net/core/rtnetlink.ts'
import type { ethnl_state } from '../net/ethtool/netlink.ts'
import type { sock_families } from '../net/socket.ts'
import type { inet_state } from '../net/ipv4/af_inet.ts'
import type { ipv6_stub } from '../net/ipv4/ipv6_stub.ts'
import type { inet_ops } from '../net/core/inet_ops.ts'
import type { inet6_state } from '../net/ipv6/af_inet6.ts'
import type { net_core_sysctls } from '../net/core/sysctl_net_core.ts'
import type { vfs } from '../fs/vfs.ts'
import type { kmod_state } from './kmod.ts'
import type { other_sysctls } from '../net/core/sysctl_others.ts'
import type { pci_state } from '../drivers/pci/pci.ts'
import type { virtio_state } from '../drivers/virtio/virtio.ts'
import type { sock_diag_state } from '../net/core/sock_diag.ts'

export interface kernel_params {
  /** uname -n, and the host's name in its lab. */
  hostname: string
  /** CPUs: queues and per-CPU data. */
  nr_cpus: number
  initcall_debug: boolean
  /** As `ipv6.disable=1` on Linux's command line when false. */
  ipv6: boolean
  /** Modules that are loaded at the end of the boot; more come when they are asked for. */
  modules: readonly string[]
  /** Options of modules (modprobe.d) by module and name; by default those of Debian's systemd. */
  modprobe: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/** What has been used on most hosts; loading it shows nothing but itself. */
const DEFAULT_MODULES = ['8021q', 'bridge', 'dummy', 'ifb', 'ipvlan', 'ipvtap', 'macvlan', 'macvtap', 'nlmon', 'veth']
/** /usr/lib/modprobe.d/systemd.conf: no devices that nobody asked for. */
const DEFAULT_MODPROBE = { bonding: { max_bonds: '0' }, dummy: { numdummies: '0' }, ifb: { numifbs: '0' } }
const DEFAULT_PARAMS: kernel_params = {
  hostname: 'default',
  nr_cpus: 1,
  initcall_debug: false,
  ipv6: true,
  modules: DEFAULT_MODULES,
  modprobe: DEFAULT_MODPROBE,
}

export class Kernel {
  readonly params: kernel_params
  readonly events: EventQueue
  readonly log = new printk_ring()
  readonly unsupported = new unsupported_counts()
  readonly nla_pool = new AttrPool()
  /** Chance of this host: random MACs, port ids, identifiers. */
  readonly random: RandomStream
  /** Not state: hooks of observers (transcript, WebSocket). */
  trace: tracepoints = no_tracepoints
  tasks = new Map<number, task_struct>()
  readonly softirq: softirq_state
  readonly irqs: irq_state
  readonly dma = new dma_domain()
  readonly pm: pm_state
  /** Whose request is being served. */
  current: task_struct | undefined = undefined

  // each set by its owner's initcall
  namespaces!: net_namespace_state
  init_net!: net
  netlink!: netlink_state
  genl!: genl_state
  netdev!: netdev_state
  rtnl!: rtnl_state
  neigh!: neigh_state
  families!: sock_families
  ethnl!: ethnl_state
  inet!: inet_state
  /** What IPv4 asks of IPv6; absent without it. */
  ipv6_stub: ipv6_stub | undefined = undefined
  /** What drivers ask of IPv4 and IPv6. */
  inet_ops: inet_ops | undefined = undefined
  /** Absent under ipv6.disable=1. */
  inet6: inet6_state | undefined = undefined
  net_core!: net_core_sysctls
  fs!: vfs
  kmod!: kmod_state
  sock_diag!: sock_diag_state
  /** The buses of a host that has them. */
  pci: pci_state | undefined = undefined
  virtio: virtio_state | undefined = undefined
  other_sysctls!: other_sysctls
  readonly cgroups = new cgroup_state()

  constructor(events: EventQueue, seed: number | string, params: Partial<kernel_params> = {}) {
    this.params = { ...DEFAULT_PARAMS, ...params }
    this.events = events
    this.softirq = new softirq_state(this)
    this.irqs = new irq_state(this)
    this.pm = new pm_state(this)
    this.random = new RandomStream(seed, `host ${this.params.hostname}`)
  }

  /** Lab time, ns. */
  now(): number {
    return this.events.now
  }
  /** Ticks since boot (Linux: jiffies - INITIAL_JIFFIES). */
  jiffies(): number {
    return Math.floor(this.events.now / NSEC_PER_JIFFY)
  }
  /** jiffies_to_clock_t(): hundredths of a second since boot. */
  clock_t(): number {
    return Math.floor((this.jiffies() * USER_HZ) / HZ)
  }
  /** Whole seconds since boot. */
  seconds(): number {
    return Math.floor(this.events.now / NSEC_PER_SEC)
  }

  printk(level: number, text: string, facility?: number): void {
    // logged whether or not somebody watches
    const record = this.log.add(level, this.now(), text, facility)
    this.trace.printk?.(this, record)
  }
  pr_info(text: string): void {
    this.printk(KERN_INFO, text)
  }

  /** The task for an outside identity: found by tid and brought up to date, or made. */
  task_for(identity: TaskIdentity): task_struct {
    let task = this.tasks.get(identity.tid)
    if (task === undefined) {
      task = new task_struct(this, identity)
      this.tasks.set(identity.tid, task)
    } else {
      task.update(identity)
    }
    return task
  }
  task_exit(tid: number): void {
    const task = this.tasks.get(tid)
    if (task === undefined) return
    this.tasks.delete(tid)
    task.exit()
  }
}
