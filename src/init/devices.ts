/** The hardware that a host is given from outside. */

import { ethernet_create } from '../drivers/net/ethernet.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { unhex } from '../lib/bytes.ts'
import { isErrno } from '../uapi/errno.ts'

export interface DeviceSpec {
  name: string
  /** Ethernet address with colons; drawn from the host's chance when missing. */
  mac?: string
}

export function add_device(kernel: Kernel, spec: DeviceSpec): void {
  const address = spec.mac === undefined ? undefined : unhex(spec.mac.replaceAll(':', ''))
  const dev = ethernet_create(kernel, { name: spec.name, address })
  if (isErrno(dev)) throw new Error(`device ${spec.name}: ${dev}`)
}
