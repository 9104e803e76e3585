/**
 * Where programs see the kernel's modules: /proc/modules (kernel/module/procfs.c), /sys/module (kernel/module/sysfs.c,
 * kernel/params.c), /lib/modules/<release> as depmod leaves it, and the options of modprobe.d.
 */
import { find_module, type loadable_module, module_params_of, module_refcount, module_users } from '../kernel/kmod.ts'
import { show_interrupts } from '../kernel/irq_proc.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { kstrtoul } from '../kernel/kstrtox.ts'
import type { task_struct } from '../kernel/task.ts'
import { moduleIndex } from '../lib/moduleIndex.ts'
import { moduleObject } from '../lib/moduleObject.ts'
import { UTS_RELEASE, UTS_SYSNAME, UTS_VERSION } from '../uapi/linux/utsname.ts'
import { EIO, ERANGE, type Errno, isErrno } from '../uapi/errno.ts'
import { type inode, textBytes, directory, leaf } from './inode.ts'
import { type attribute_dir, type device_attribute, type sysfs_child, sysfs_dir_inode } from './sysfs.ts'

/** A file whose content does not change while it is looked at. */
export class made_file extends leaf {
  readonly kind = 'file'
  readonly mode: number
  readonly target = undefined
  readonly fs = 'tmpfs'
  /** The module that lies in it, for finit_module(). */
  readonly module: string | undefined
  private readonly make: () => Uint8Array
  constructor(make: () => Uint8Array, mode = 0o444, module?: string) {
    super()
    this.make = make
    this.mode = mode
    this.module = module
  }
  get size(): number {
    return this.make().length
  }
  read(): Uint8Array {
    return this.make()
  }
  write(): Errno {
    return EIO
  }
}
export class made_dir extends directory {
  readonly fs = 'tmpfs'
  readonly entries = new Map<string, inode>()
  list(): string[] {
    return [...this.entries.keys()]
  }
  child(name: string): inode | undefined {
    return this.entries.get(name)
  }
  /** Puts a file at a path below, making the directories on the way. */
  put(path: string, file: inode): void {
    const [name, ...rest] = path.split('/')
    if (rest.length === 0) {
      this.entries.set(name, file)
      return
    }
    const dir = this.entries.get(name) ?? new made_dir()
    this.entries.set(name, dir)
    if (dir instanceof made_dir) dir.put(rest.join('/'), file)
  }
}
function text_file(make: () => string): made_file {
  return new made_file(() => textBytes(make()))
}

/** Where the first module lies. */
const MODULES_VADDR = 0xffffffffc0201000n

/** The newest first. */
function proc_modules(kernel: Kernel): string {
  const lines: string[] = []
  let address = MODULES_VADDR
  for (const name of kernel.kmod.loaded) {
    const module = find_module(kernel, name)
    const users = module_users(kernel, name).map((user) => `${user},`)
    const by = (module?.permanent ? '[permanent],' : '') + users.join('')
    lines.push(`${name} ${module?.size} ${module_refcount(kernel, name)} ${by || '-'} Live 0x${address.toString(16)}\n`)
    address += BigInt(module?.size ?? 0)
  }
  return lines.reverse().join('')
}
export function proc_modules_inode(kernel: Kernel): inode {
  return text_file(() => proc_modules(kernel))
}
export function proc_interrupts_inode(kernel: Kernel): inode {
  return text_file(() => show_interrupts(kernel.irqs))
}

interface module_object {
  kernel: Kernel
  module: loadable_module
}
const module_attr = (name: string, show: (m: module_object) => string): device_attribute<module_object> => ({ name, mode: 0o444, show })
const holders_dir: attribute_dir<module_object> = {
  attrs: [],
  children: ({ kernel, module }) => module_users(kernel, module.name).map((name) => ({ name, target: `../../${name}` })),
}
const module_dir: attribute_dir<module_object> = {
  attrs: [
    { name: 'uevent', mode: 0o200, store: () => undefined },
    module_attr('taint', () => '\n'),
    module_attr('coresize', ({ module }) => `${module.size}\n`),
    module_attr('initsize', () => '0\n'),
    module_attr('initstate', () => 'live\n'),
    module_attr('refcnt', ({ kernel, module }) => `${module_refcount(kernel, module.name)}\n`),
  ],
  children: (object) => [
    { name: 'holders', object, dir: holders_dir },
    ...(object.module.parameters === undefined ? [] : [{ name: 'parameters', object, dir: parameters_dir }]),
  ],
}
const parameters_dir: attribute_dir<module_object> = {
  attrs: [],
  more: ({ kernel, module }) =>
    Object.entries({ ...module.parameters }).map(([name, otherwise]) =>
      module_attr(name, () => `${shown_value(module_params_of(kernel, module.name)[name] ?? otherwise, bools(module).has(name))}\n`),
    ),
}
function bools({ parm = [] }: loadable_module): Set<string> {
  return new Set(parm.flatMap((text) => (text.endsWith(':bool') ? text.slice(0, -':bool'.length) : [])))
}
/** param_get_bool() says Y or N however it was set. */
function shown_value(text: string, bool: boolean): string {
  return !bool ? text : /^([yY1]|on)/i.test(text) ? 'Y' : 'N'
}
const ipv6_parameters: attribute_dir<Kernel> = {
  attrs: [
    { name: 'autoconf', mode: 0o444, show: () => '1\n' },
    { name: 'disable', mode: 0o444, show: (kernel) => (kernel.params.ipv6 ? '0\n' : '1\n') },
    { name: 'disable_ipv6', mode: 0o444, show: () => '0\n' },
  ],
}
const ipv6_dir: attribute_dir<Kernel> = {
  attrs: [{ name: 'uevent', mode: 0o200, store: () => undefined }],
  children: (object) => [{ name: 'parameters', object, dir: ipv6_parameters }],
}
/** kernel/power/suspend.c: how long a test of it (pm_test) lasts. */
const suspend_parameters: attribute_dir<Kernel> = {
  attrs: [
    {
      name: 'pm_test_delay',
      mode: 0o644,
      show: ({ pm }) => `${pm.test_delay}\n`,
      store: ({ pm }, text) => {
        const seconds = kstrtoul(text)
        if (isErrno(seconds)) return seconds
        if (seconds > 0xffffffff) return ERANGE
        pm.test_delay = seconds
        return undefined
      },
    },
  ],
}
const suspend_dir: attribute_dir<Kernel> = {
  attrs: [],
  children: (object) => [{ name: 'parameters', object, dir: suspend_parameters }],
}
/** Parts of the kernel that have parameters and are no modules. */
const BUILTIN = ['ipv6', 'suspend']
function sys_modules(kernel: Kernel): sysfs_child[] {
  const names = [...kernel.kmod.loaded].sort()
  return [
    { name: 'ipv6', object: kernel, dir: ipv6_dir },
    { name: 'suspend', object: kernel, dir: suspend_dir },
    ...names.map((name) => ({ name, object: { kernel, module: find_module(kernel, name) }, dir: module_dir })),
  ]
}
const sys_module_dir: attribute_dir<Kernel> = { attrs: [], children: sys_modules }

/** /sys/module; undefined below it: a part of the kernel that the host says nothing of. */
export function sys_module_root(task: task_struct, name: string | undefined): inode | undefined {
  const { kernel } = task
  const known = name === undefined || BUILTIN.includes(name) || find_module(kernel, name) !== undefined
  return known ? new sysfs_dir_inode(sys_module_dir, kernel, task) : undefined
}

/** A module's file: what modinfo shows. */
function module_info(release: string, { name, aliases = [], depends = [], parm = [] }: loadable_module): string[] {
  return [
    'license=GPL',
    ...aliases.map((alias) => `alias=${alias}`),
    `depends=${depends.join(',')}`,
    'intree=Y',
    `name=${name}`,
    `vermagic=${release} SMP preempt mod_unload modversions `,
    ...parm.map((text) => `parmtype=${text}`),
  ]
}

/** /lib/modules/<release>, whichever release the program has been told. */
export function lib_modules_dir(kernel: Kernel, release: string): inode {
  const { table, builtin } = kernel.kmod
  const root = new made_dir()
  const path_of = (name: string) => find_module(kernel, name)?.path ?? name
  const deps = table.map((m) => [m.name, `${m.path}:${(m.depends ?? []).map((name) => ` ${path_of(name)}`).join('')}`] as const)
  const aliases = table.flatMap((m) => (m.aliases ?? []).map((alias) => [alias, m.name] as const))
  const builtin_names = builtin.map((path) => [module_name(path), ''] as const)
  const binary = (entries: (readonly [string, string])[]) => new made_file(() => moduleIndex(entries))
  root.put(
    'modules.dep',
    text_file(() => deps.map(([, line]) => `${line}\n`).join('')),
  )
  root.put('modules.dep.bin', binary(deps))
  root.put(
    'modules.alias',
    text_file(() => aliases.map(([alias, name]) => `alias ${alias} ${name}\n`).join('')),
  )
  root.put('modules.alias.bin', binary(aliases))
  root.put('modules.symbols.bin', binary([]))
  root.put(
    'modules.softdep',
    text_file(() => ''),
  )
  root.put(
    'modules.builtin',
    text_file(() => builtin.map((path) => `${path}\n`).join('')),
  )
  root.put('modules.builtin.bin', binary(builtin_names))
  root.put('modules.builtin.alias.bin', binary([]))
  root.put(
    'modules.builtin.modinfo',
    text_file(() => ''),
  )
  root.put(
    'modules.order',
    text_file(() => table.map((m) => `${m.path}\n`).join('')),
  )
  for (const m of table) root.put(m.path, new made_file(() => moduleObject(module_info(release, m)), 0o644, m.name))
  return root
}
function module_name(path: string): string {
  return (path.split('/').pop() as string).replace('.ko', '').replaceAll('-', '_')
}

/** /proc/version and the like: which kernel this is. Undefined: not one of these. */
export function version_inode(names: readonly string[]): inode | undefined {
  const text = version_files.get(names.join('/'))
  return text === undefined ? undefined : text_file(() => `${text}\n`)
}
const version_files: ReadonlyMap<string, string> = new Map([
  ['proc/sys/kernel/ostype', UTS_SYSNAME],
  ['proc/sys/kernel/osrelease', UTS_RELEASE],
  ['proc/sys/kernel/version', UTS_VERSION],
  ['proc/version', `${UTS_SYSNAME} version ${UTS_RELEASE} (netdouble) ${UTS_VERSION}`],
])

/** /lib/modprobe.d: the host's options, as a file. */
export function modprobe_dir(kernel: Kernel): inode {
  const root = new made_dir()
  const options = Object.entries(kernel.params.modprobe)
  const text = options
    .map(([name, values]) => `options ${[name, ...Object.entries(values).map(([k, v]) => `${k}=${v}`)].join(' ')}\n`)
    .join('')
  if (options.length > 0)
    root.put(
      'systemd.conf',
      text_file(() => text),
    )
  return root
}
