/** The devices that a host is given from outside: its hardware. */
import type { Kernel } from '../kernel/kernel.ts'
import { stateModules } from '../init/modules.ts'

export interface DeviceSpec {
  name: string
  /** Ethernet address; drawn from the host's stream when missing. */
  mac?: string
}

export function addDevice(kernel: Kernel, spec: DeviceSpec): void {
  const create = stateModules.map(([, e]) => (e as any).ethernet_create).find((f) => f !== undefined)
  create?.(kernel, spec)
}
