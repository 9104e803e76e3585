/** drivers/net/bonding/bond_options.c: setting an option by netlink, sysfs or ioctl: the checks that all share, and their words. */
import { call_netdevice_notifiers, netdev_err } from '../../../net/core/dev.ts'
import { NETDEV_CHANGEINFODATA, NETREG_REGISTERED, type net_device } from '../../../net/core/netdevice.ts'
import type { netlink_ext_ack } from '../../../net/netlink/extack.ts'
import { EACCES, EBUSY, EINVAL, ENODEV, ENOTEMPTY, type Errno, isErrno } from '../../../uapi/errno.ts'
import { IFF_UP } from '../../../uapi/linux/if.ts'
import { BOND_OPT_MODE, bond_opt_bound, bond_opt_name, type bond_option, bond_opts } from './bond_opt_tables.ts'
import { bond_option_set } from './bond_options_set.ts'
import { bond_has_slaves, type bonding } from './bonding.ts'

/** What is to be set: a text, a number, or bytes with a device. */
export interface bond_opt_value {
  string?: string
  value: number
  extra?: Uint8Array
  slave_dev?: net_device
}
/** ULLONG_MAX: there is a text in place of a number. */
const NO_NUMBER = Number.NaN

export function bond_opt_initval(value: number): bond_opt_value {
  return { value }
}
export function bond_opt_initstr(string: string): bond_opt_value {
  return { string, value: NO_NUMBER }
}

function bond_opt_check_range(opt: bond_option, value: number): boolean {
  const max = bond_opt_bound(opt, 'max')
  return max !== undefined && value >= (bond_opt_bound(opt, 'min') ?? 0) && value <= max
}
/** bond_opt_parse(): a number that is in the table or in the range, or a name; "default" is one. */
export function bond_opt_parse(opt: bond_option, val: bond_opt_value): bond_opt_value | undefined {
  const { values } = opt
  if (values === undefined) return val
  let { value } = val
  if (Number.isNaN(value)) {
    if (val.string === undefined) return undefined
    const text = val.string.split('\n')[0]
    if (!/^[0-9\s]*$/.test(text)) {
      const word = text.trim().split(/\s+/)[0].slice(0, 32)
      const found = values.find((v) => (word === 'default' && v.flag?.endsWith('default')) || v.string === word)
      return found && { string: found.string, value: found.value }
    }
    if (text.trim() === '') return undefined
    value = Number(text.trim().split(/\s+/)[0])
  }
  const found = values.find((v) => v.value === value)
  if (found !== undefined) return { string: found.string, value }
  return bond_opt_check_range(opt, value) ? { ...val, value } : undefined
}

function bond_opt_check_deps(bond: bonding, opt: bond_option): Errno | undefined {
  if (opt.unsuppmodes?.includes(bond.params.mode)) return EACCES
  if (opt.noslaves && bond_has_slaves(bond)) return ENOTEMPTY
  if (opt.ifdown && bond.dev.flags & IFF_UP) return EBUSY
  return undefined
}

/** As printk shows the number: a u64. */
function u64(value: number): string {
  if (Number.isNaN(value)) return '18446744073709551615'
  return String(BigInt.asUintN(64, BigInt(value)))
}
/** bond_opt_error_interpret(): what the log and the one who asked are told. */
function explain(bond: bonding, opt: bond_option, error: Errno, val: bond_opt_value, at: number, extack?: netlink_ext_ack): void {
  const { dev } = bond
  const line = val.string?.split('\n')[0]
  if (error === EINVAL) {
    extack?.fail(error, 'invalid option value', at)
    netdev_err(dev, `option ${opt.name}: invalid value (${line ?? u64(val.value)})`)
    const max = bond_opt_bound(opt, 'max')
    if (max !== undefined) netdev_err(dev, `option ${opt.name}: allowed values ${bond_opt_bound(opt, 'min') ?? 0} - ${max}`)
  } else if (error === EACCES && opt.unsuppmodes?.includes(bond.params.mode)) {
    const { mode } = bond.params
    netdev_err(dev, `option ${opt.name}: mode dependency failed, not supported in mode ${bond_opt_name(BOND_OPT_MODE, mode)}(${mode})`)
    extack?.fail(error, 'option not supported in mode', at)
  } else if (error === ENOTEMPTY) {
    extack?.fail(error, 'unable to set option because the bond device has slaves', at)
    netdev_err(dev, `option ${opt.name}: unable to set because the bond device has slaves`)
  } else if (error === EBUSY) {
    extack?.fail(error, 'unable to set option because the bond is up', at)
    netdev_err(dev, `option ${opt.name}: unable to set because the bond device is up`)
  } else if (error === ENODEV && line !== undefined) {
    netdev_err(dev, `option ${opt.name}: interface ${line} does not exist!`)
    extack?.fail(error, 'interface does not exist', at)
  }
}

/** `at`: the attribute that an error names. */
export function __bond_opt_set(bond: bonding, id: number, val: bond_opt_value, at = 0, extack?: netlink_ext_ack): Errno | undefined {
  const opt = bond_opts[id]
  const error = bond_opt_check_deps(bond, opt) ?? set_parsed(bond, opt, val)
  if (isErrno(error)) explain(bond, opt, error, val, at, extack)
  return error
}
function set_parsed(bond: bonding, opt: bond_option, val: bond_opt_value): Errno | undefined {
  const parsed = bond_opt_parse(opt, val)
  return parsed === undefined ? EINVAL : bond_option_set(bond, opt.id, parsed)
}
/** __bond_opt_set_notify(): where no netlink request tells of the change. */
export function __bond_opt_set_notify(bond: bonding, id: number, val: bond_opt_value): Errno | undefined {
  const error = __bond_opt_set(bond, id, val)
  if (!isErrno(error) && bond.dev.reg_state === NETREG_REGISTERED) call_netdevice_notifiers(NETDEV_CHANGEINFODATA, bond.dev)
  return error
}
