/**
 * What joins two NICs. Until packets move a wire carries one thing: the carrier that both ends see. A NIC on no wire has
 * its carrier all the same, as if plugged into a switch that says nothing.
 */
import { set_carrier } from '../init/devices.ts'
import type { net_device } from '../net/core/netdevice.ts'

export interface WireSpec {
  /** wire0, wire1 … when missing. */
  name?: string
  /** `HOST/DEVICE`, twice. */
  ends: [string, string]
  /** true when missing. */
  carrier?: boolean
}

export class Wire {
  readonly name: string
  /** As they were named when the wire was plugged in; the devices may have other names by now. */
  readonly ends: readonly string[]
  readonly devices: readonly net_device[]
  carrier = true
  constructor(name: string, ends: readonly string[], devices: readonly net_device[]) {
    this.name = name
    this.ends = ends
    this.devices = devices
  }

  /** Both ends see it come or go; what follows (operstate, routes, notifications) is the kernels' business. */
  setCarrier(up: boolean): void {
    this.carrier = up
    for (const dev of this.devices) set_carrier(dev, up)
  }
}
