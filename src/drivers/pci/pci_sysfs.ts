/** drivers/pci/pci-sysfs.c: /sys/devices/pci0000:00, /sys/bus/pci with its devices and drivers. */
import type { Kernel } from '../../kernel/kernel.ts'
import { KERN_ERR, KERN_WARNING } from '../../kernel/printk.ts'
import type { task_struct } from '../../kernel/task.ts'
import { NSEC_PER_MSEC } from '../../kernel/time.ts'
import { bytesText } from '../../fs/inode.ts'
import type { attribute_dir, device_attribute, device_bus, sysfs_child } from '../../fs/sysfs.ts'
import { vfs_of } from '../../fs/vfs.ts'
import { net_device_dir } from '../../net/core/net_sysfs.ts'
import { net_device } from '../../net/core/netdevice.ts'
import { EBUSY, EEXIST, EINVAL, EIO, ENODEV, type Errno, isErrno } from '../../uapi/errno.ts'
import {
  IORESOURCE_IO,
  IORESOURCE_PREFETCH,
  type pci_dev,
  type pci_device_id,
  pci_disable_device,
  type pci_driver,
  pci_enable_device,
  pci_name,
  pci_read_config,
  pci_reset_function,
  type pci_state,
  pci_write_config,
} from './pci.ts'
import { device_attach, device_bind, device_unbind, pci_modalias, pci_remove_device, pci_rescan_bus } from './probe.ts'
import { pci_bus_slots } from './slot.ts'

const CONFIG_SIZE = 256
/** Rows of `resource`: six windows, the ROM, and those of bridges. */
const RESOURCES = 13
const hex = (n: number, width: number) => `0x${n.toString(16).padStart(width, '0')}`

/** pci_power_names[], by pci_power_t. */
const power_names = ['D0', 'D1', 'D2', 'D3hot']

type attribute = device_attribute<pci_dev>
function shown(name: string, show: (pdev: pci_dev) => string, mode = 0o444): attribute {
  return { name, mode, show: (pdev) => `${show(pdev)}\n` }
}
/** Settings that nothing here depends on: shown as they are after boot. */
function fixed(name: string, text: string, mode = 0o444): attribute {
  return {
    ...shown(name, () => text, mode),
    ...((mode & 0o222) === 0 ? {} : { store: ({ kernel }: pci_dev) => unsupported(kernel, name) }),
  }
}
function unsupported(kernel: Kernel, name: string): Errno {
  kernel.unsupported.count('sysfs', `pci/${name}`)
  return EINVAL
}
/** kstrtoul(): EINVAL for what is no number. */
function asked(text: string): Errno | undefined {
  return /^\+?[0-9]+\n?$/.test(text) ? undefined : EINVAL
}
function run_rescan(kernel: Kernel): undefined {
  pci_rescan_bus(kernel)
}
/** A file that does something when a 1 is written. */
function action(name: string, mode: number, act: (pdev: pci_dev) => void): attribute {
  const store = (pdev: pci_dev, text: string) => {
    const error = asked(text)
    if (error !== undefined) return error
    if (Number(text) !== 0) act(pdev)
    return undefined
  }
  return { name, mode, store }
}

function config_text(pdev: pci_dev): string {
  const bytes = new Uint8Array(CONFIG_SIZE)
  for (let i = 0; i < bytes.length; i++) bytes[i] = pci_read_config(pdev, i, 1)
  return bytesText(bytes)
}
/** pci_write_config(): in the largest pieces that are aligned. What is past the end is not written. */
function config_store(pdev: pci_dev, text: string, _task: task_struct, offset = 0): undefined {
  const end = Math.min(CONFIG_SIZE, offset + text.length)
  for (let at = offset; at < end; ) {
    const size = at % 4 === 0 && at + 4 <= end ? 4 : at % 2 === 0 && at + 2 <= end ? 2 : 1
    let value = 0
    for (let i = size - 1; i >= 0; i--) value = ((value << 8) | text.charCodeAt(at - offset + i)) >>> 0
    pci_write_config(pdev, at, size, value)
    at += size
  }
}
function resource_text(pdev: pci_dev): string {
  const rows = Array.from({ length: RESOURCES }, (_, i) => pdev.resource[i] ?? { start: 0, end: 0, flags: 0 })
  return rows.map(({ start, end, flags }) => [start, end, flags].map((n) => hex(n, 16)).join(' ')).join('\n')
}
function uevent_text(pdev: pci_dev): string {
  const up = (n: number, width = 4) => n.toString(16).toUpperCase().padStart(width, '0')
  return [
    ...(pdev.driver === undefined ? [] : [`DRIVER=${pdev.driver.name}`]),
    `PCI_CLASS=${up(pdev.class, 1)}`,
    `PCI_ID=${up(pdev.vendor)}:${up(pdev.device)}`,
    `PCI_SUBSYS_ID=${up(pdev.subsystem_vendor)}:${up(pdev.subsystem_device)}`,
    `PCI_SLOT_NAME=${pci_name(pdev)}`,
    `MODALIAS=${pci_modalias(pdev)}`,
  ].join('\n')
}
/** resource0 … are for mmap(2); ports can't be read this way either. */
function window_files(pdev: pci_dev): attribute[] {
  return pdev.resource.flatMap(({ start, end, flags }, i) => {
    if (flags === 0) return []
    const file = (name: string): attribute => ({ name, mode: 0o600, size: end - start + 1, show: () => EIO, store: () => EIO })
    return flags & IORESOURCE_PREFETCH && !(flags & IORESOURCE_IO)
      ? [file(`resource${i}`), file(`resource${i}_wc`)]
      : [file(`resource${i}`)]
  })
}

/** kobject_synth_uevent(): udev would hear of it. */
const uevent_actions = ['add', 'remove', 'change', 'move', 'online', 'offline', 'bind', 'unbind']
function set_uevent(pdev: pci_dev, text: string): Errno | undefined {
  if (uevent_actions.includes(text.trimEnd().split(' ')[0])) return undefined
  const { kernel } = pdev
  kernel.printk(KERN_WARNING, `synth uevent: /devices/pci0000:00/${pci_name(pdev)}: unknown uevent action string`)
  kernel.printk(KERN_ERR, `${pdev.driver?.name ?? 'pci'} ${pci_name(pdev)}: uevent: failed to send synthetic uevent: -22`)
  return EINVAL
}
/** An empty line takes it back. */
function set_driver_override(pdev: pci_dev, text: string): undefined {
  pdev.driver_override = /^[^\n]+/.exec(text)?.[0]
}
/** enable_store(): EBUSY: a driver has it. EIO: it is not enabled. */
function set_enable(pdev: pci_dev, text: string): Errno | undefined {
  const error = asked(text)
  if (error !== undefined) return error
  if (pdev.driver !== undefined) return EBUSY
  if (Number(text) !== 0) return pci_enable_device(pdev)
  if (pdev.enable_cnt === 0) return EIO
  pci_disable_device(pdev)
  return undefined
}
const attrs: readonly attribute[] = [
  fixed('ari_enabled', '0'),
  fixed('broken_parity_status', '0', 0o644),
  shown('class', (p) => hex(p.class, 6)),
  { name: 'config', mode: 0o644, size: 256, show: config_text, store: config_store },
  shown('consistent_dma_mask_bits', (p) => String(p.dma_mask_bits)),
  // a function without power management cannot leave D0
  shown('d3cold_allowed', (p) => (p.pm_cap === 0 ? '0' : '1'), 0o644),
  shown('device', (p) => hex(p.device, 4)),
  shown('dma_mask_bits', (p) => String(p.dma_mask_bits)),
  { ...shown('driver_override', (p) => p.driver_override ?? '(null)', 0o644), store: set_driver_override },
  { ...shown('enable', (p) => String(p.enable_cnt), 0o644), store: set_enable },
  // of MSI the first line; of MSI-X still the pin's
  shown('irq', (p) => String(p.msi_enabled ? p.msi_irqs[0] : p.irq)),
  fixed('local_cpulist', '0'),
  fixed('local_cpus', '1'),
  shown('modalias', pci_modalias),
  fixed('msi_bus', '1', 0o644),
  fixed('numa_node', '-1', 0o644),
  shown('power_state', (p) => power_names[p.current_state]),
  action('remove', 0o220, pci_remove_device),
  action('rescan', 0o200, (p) => pci_rescan_bus(p.kernel)),
  shown('resource', resource_text),
  shown('revision', (p) => hex(p.revision, 2)),
  shown('subsystem_device', (p) => hex(p.subsystem_device, 4)),
  shown('subsystem_vendor', (p) => hex(p.subsystem_vendor, 4)),
  { ...shown('uevent', uevent_text, 0o644), store: set_uevent },
  shown('vendor', (p) => hex(p.vendor, 4)),
]
const none: attribute_dir<pci_dev> = { attrs: [] }
const net_dir: attribute_dir<net_device> = {
  attrs: [],
  children: (dev) => [{ name: dev.name, object: dev, dir: net_device_dir }],
}
/** A file for each vector, by the number of its line. */
const msi_irqs: attribute_dir<pci_dev> = {
  attrs: [],
  more: (pdev) => pdev.msi_irqs.map((irq) => fixed(String(irq), pdev.msix_enabled ? 'msix' : 'msi')),
}
/** drivers/base/power/sysfs.c, of a function: runtime power management is there and forbidden, as by default. */
const power: attribute_dir<pci_dev> = {
  attrs: [
    fixed('async', 'enabled', 0o644),
    { name: 'autosuspend_delay_ms', mode: 0o644, show: () => EIO },
    fixed('control', 'on', 0o644),
    fixed('runtime_active_kids', '0'),
    shown('runtime_active_time', ({ kernel }) => String(Math.floor(kernel.now() / NSEC_PER_MSEC))),
    fixed('runtime_enabled', 'forbidden'),
    fixed('runtime_status', 'active'),
    fixed('runtime_suspended_time', '0'),
    fixed('runtime_usage', '2'),
  ],
  more: (pdev) => (pdev.can_wakeup ? wakeup : []),
}
/** Counters are empty lines while it may not wake the machine. */
const wakeup: readonly attribute[] = [
  { ...shown('wakeup', (p) => (p.wakeup_enabled ? 'enabled' : 'disabled'), 0o644), store: set_wakeup },
  ...['abort_count', 'active', 'active_count', 'count', 'expire_count', 'last_time_ms', 'max_time_ms', 'total_time_ms'].map((name) =>
    shown(`wakeup_${name}`, (p) => (p.wakeup_enabled ? '0' : '')),
  ),
]
function set_wakeup(pdev: pci_dev, text: string): Errno | undefined {
  const word = text.trimEnd()
  if (word !== 'enabled' && word !== 'disabled') return EINVAL
  pdev.wakeup_enabled = word === 'enabled'
  return undefined
}
function children(pdev: pci_dev): sysfs_child[] {
  const dev = pdev.driver_data instanceof net_device ? pdev.driver_data : undefined
  return [
    // the slot's place in ACPI's tree, which is not built
    { name: 'firmware_node', target: `../../LNXSYSTM:00/LNXSYBUS:00/PNP0A03:00/device:${hex(pdev.devfn >> 3, 2).slice(2)}` },
    { name: 'link', object: pdev, dir: none },
    { name: 'power', object: pdev, dir: power },
    { name: 'subsystem', target: '../../../bus/pci' },
    ...(pdev.driver === undefined ? [] : [{ name: 'driver', target: `../../../bus/pci/drivers/${pdev.driver.name}` }]),
    ...(dev === undefined ? [] : [{ name: 'net', object: dev, dir: net_dir }]),
    ...(pdev.msi_irqs.length === 0 ? [] : [{ name: 'msi_irqs', object: pdev, dir: msi_irqs }]),
    ...(pdev.children?.(pdev) ?? []),
  ]
}
/** mm/dmapool.c: of a device whose driver has pools of DMA memory. */
function pools_file(pdev: pci_dev): attribute[] {
  const pools = pdev.dma_pools.map(({ name, size, blocks, active }) =>
    [name.padEnd(16), `${active}`.padStart(4), `${blocks}`.padStart(4), `${size}`.padStart(4), `${blocks}`.padStart(2)].join(' '),
  )
  return pools.length === 0 ? [] : [shown('pools', () => ['poolinfo - 0.1', ...pools].join('\n'))]
}
/** Function reset by way of D3hot: of functions with power management. */
function reset_files(pdev: pci_dev): attribute[] {
  if (pdev.pm_cap === 0) return []
  return [action('reset', 0o200, pci_reset_function), fixed('reset_method', 'pm', 0o644)]
}
function more(pdev: pci_dev): attribute[] {
  return [...window_files(pdev), ...pools_file(pdev), ...reset_files(pdev)]
}
export const pci_dev_dir: attribute_dir<pci_dev> = { attrs, more, children }

function state_of(kernel: Kernel): pci_state | undefined {
  return kernel.pci
}
function by_name(driver: driver_object, text: string): pci_dev | undefined {
  return state_of(driver.kernel)?.devices.find((pdev) => pci_name(pdev) === text.trim())
}
interface driver_object {
  kernel: Kernel
  driver: pci_driver
}
const driver_dir: attribute_dir<driver_object> = {
  attrs: [
    { name: 'bind', mode: 0o200, store: bind },
    { name: 'new_id', mode: 0o200, store: new_id },
    { name: 'remove_id', mode: 0o200, store: remove_id },
    { name: 'uevent', mode: 0o200, store: () => undefined },
    { name: 'unbind', mode: 0o200, store: unbind },
  ],
  children: ({ kernel, driver }) => [
    ...(state_of(kernel)?.devices ?? [])
      .filter((pdev) => pdev.driver === driver)
      .map((pdev) => ({ name: pci_name(pdev), target: `../../../../devices/pci0000:00/${pci_name(pdev)}` })),
    { name: 'module', target: `../../../../module/${driver.name}` },
  ],
}
function bind(object: driver_object, text: string): Errno | undefined {
  const pdev = by_name(object, text)
  if (pdev === undefined || pdev.driver !== undefined) return ENODEV
  const error = device_bind(object.driver, pdev)
  return isErrno(error) ? error : undefined
}
/** "VENDOR DEVICE", hexadecimal; EINVAL: fewer numbers. */
function parse_id(text: string): pci_device_id | Errno {
  const found = /^\s*(?:0x)?([0-9a-f]+)\s+(?:0x)?([0-9a-f]+)/i.exec(text)
  return found === null ? EINVAL : { vendor: Number.parseInt(found[1], 16), device: Number.parseInt(found[2], 16) }
}
const same_id = (a: pci_device_id, b: pci_device_id) => a.vendor === b.vendor && a.device === b.device
/** new_id_store(): EEXIST: the driver knows it. Devices that are there are taken at once. */
function new_id({ kernel, driver }: driver_object, text: string): Errno | undefined {
  const id = parse_id(text)
  if (isErrno(id)) return id
  const { dynids, devices } = kernel.pci as pci_state
  const added = dynids.get(driver.name) ?? []
  if ([...added, ...driver.id_table].some((known) => same_id(known, id))) return EEXIST
  dynids.set(driver.name, [...added, id])
  for (const pdev of devices) device_bind(driver, pdev)
  return undefined
}
/** remove_id_store(): ENODEV: it was not given. */
function remove_id({ kernel, driver }: driver_object, text: string): Errno | undefined {
  const id = parse_id(text)
  if (isErrno(id)) return id
  const { dynids } = kernel.pci as pci_state
  const ids = dynids.get(driver.name) ?? []
  const at = ids.findIndex((known) => same_id(known, id))
  if (at < 0) return ENODEV
  dynids.set(
    driver.name,
    ids.filter((_, i) => i !== at),
  )
  return undefined
}
function unbind(object: driver_object, text: string): Errno | undefined {
  const pdev = by_name(object, text)
  if (pdev?.driver !== object.driver) return ENODEV
  device_unbind(pdev)
  return undefined
}

/** What begins with a 0 turns it off, all else on. */
function set_autoprobe(kernel: Kernel, text: string): undefined {
  ;(kernel.pci as pci_state).drivers_autoprobe = !text.startsWith('0')
}
/** drivers_probe_store(): the device of that name is offered to the drivers. */
function drivers_probe(kernel: Kernel, text: string): Errno | undefined {
  const pdev = state_of(kernel)?.devices.find((d) => pci_name(d) === text.trim())
  if (pdev === undefined) return ENODEV
  device_attach(pdev)
  return undefined
}
export const pci_bus_type: device_bus = {
  name: 'pci',
  devices: (kernel) => (state_of(kernel)?.devices ?? []).map((pdev) => ({ name: pci_name(pdev), object: pdev })),
  path: (pdev: pci_dev) => `devices/pci0000:00/${pci_name(pdev)}`,
  dir: pci_dev_dir,
  bus_attrs: [
    { name: 'drivers_autoprobe', mode: 0o644, show: (kernel) => `${state_of(kernel)?.drivers_autoprobe ? 1 : 0}\n`, store: set_autoprobe },
    { name: 'drivers_probe', mode: 0o200, store: drivers_probe },
    { name: 'rescan', mode: 0o200, store: (kernel, text) => asked(text) ?? run_rescan(kernel) },
    { name: 'uevent', mode: 0o200, store: () => undefined },
  ],
  drivers: (kernel) =>
    (state_of(kernel)?.drivers ?? []).map((driver) => ({ name: driver.name, object: { kernel, driver }, dir: driver_dir })),
  more: pci_bus_slots,
}
/** With the host's bus. */
export function pci_driver_init(kernel: Kernel): void {
  vfs_of(kernel).buses.set(pci_bus_type.name, pci_bus_type)
}
