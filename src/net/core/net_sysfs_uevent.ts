/** The file uevent of a device: drivers/base/core.c uevent_show(), lib/kobject_uevent.c kobject_synth_uevent(). */
import { EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import { kobject_uevent } from '../netlink/kobject_uevent.ts'
import type { net_device } from './netdevice.ts'

const actions: ReadonlySet<string> = new Set(['add', 'remove', 'change', 'move', 'online', 'offline', 'bind', 'unbind'])
const UUID = /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/

/** netdev_uevent() */
export function netdev_uevent(dev: net_device): string[] {
  return [`INTERFACE=${dev.name}`, `IFINDEX=${dev.ifindex}`]
}

/** A UUID that comes back in the event, then words KEY=VALUE of letters and digits. */
function synth_words(args: string | undefined): string[] | Errno {
  if (args === undefined) return ['SYNTH_UUID=0']
  const [uuid, ...pairs] = args.split(/ +/)
  if (!UUID.test(uuid) || pairs.some((pair) => !/^[A-Za-z0-9]+=[A-Za-z0-9]*$/.test(pair))) return EINVAL
  return [`SYNTH_UUID=${uuid}`, ...pairs.map((pair) => `SYNTH_ARG_${pair}`)]
}

/** Whoever writes an action makes udev hear it again (`udevadm trigger`). `path` below /sys. */
export function uevent_store(dev: net_device, path: string, text: string): Errno | undefined {
  const line = /[\n\0]$/.test(text) ? text.slice(0, -1) : text
  const space = line.indexOf(' ')
  const action = space < 0 ? line : line.slice(0, space)
  const words = synth_words(space < 0 ? undefined : line.slice(space + 1))
  if (!actions.has(action) || isErrno(words)) return EINVAL
  kobject_uevent(dev.nd_net, action, `/${path}`, 'net', [...words, ...netdev_uevent(dev)])
  return undefined
}
