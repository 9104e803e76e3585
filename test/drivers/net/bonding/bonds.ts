/** A host with bonding, and bonds whose slaves are dummies (d0, d1 …) or one end of a veth (v0–p0 …). */
import { bonding_init } from '../../../../src/drivers/net/bonding/bond_main.ts'
import { bond_get_slave_by_dev, bond_of, type bonding, type slave } from '../../../../src/drivers/net/bonding/bonding.ts'
import type { MessageBuilder } from '../../../../src/lib/message.ts'
import { dev_open, netif_carrier_off, netif_carrier_on } from '../../../../src/net/core/dev.ts'
import { rtnl_unlock } from '../../../../src/net/core/dev.ts'
import type { net_device } from '../../../../src/net/core/netdevice.ts'
import { isErrno } from '../../../../src/uapi/errno.ts'
import { IFLA_IFNAME } from '../../../../src/uapi/linux/if_link.ts'
import { IFLA_BOND_MODE } from '../../../../src/uapi/linux/if_link_bond.ts'
import { Links } from '../linkRequests.ts'

export class Bonds extends Links {
  constructor() {
    super()
    bonding_init(this.kernel)
    this.log()
  }
  bond(mode: number, name = 'b0', data: (msg: MessageBuilder) => void = () => {}): bonding {
    const error = this.newlink('bond', name, undefined, (msg) => {
      msg.put(IFLA_BOND_MODE, mode)
      data(msg)
    })
    if (error !== undefined) throw new Error(`${name}: ${error}`)
    return bond_of(this.device(name))
  }
  enslave(bond: bonding, dev: net_device): slave {
    const error = bond.dev.netdev_ops.ndo_add_slave?.(bond.dev, dev)
    if (isErrno(error)) throw new Error(`${dev.name}: ${error}`)
    rtnl_unlock(this.kernel)
    return bond_get_slave_by_dev(bond, dev) as slave
  }
  /** d0, d1 … */
  dummies(bond: bonding, count: number): slave[] {
    return Array.from({ length: count }, (_, i) => {
      this.newlink('dummy', `d${i}`)
      return this.enslave(bond, this.device(`d${i}`))
    })
  }
  /** v0, v1 …; their peers p0, p1 … are up. */
  veths(bond: bonding, count: number): slave[] {
    return Array.from({ length: count }, (_, i) => {
      this.newlink(
        'veth',
        `v${i}`,
        undefined,
        this.peer((msg) => msg.put(IFLA_IFNAME, `p${i}`)),
      )
      dev_open(this.device(`p${i}`))
      return this.enslave(bond, this.device(`v${i}`))
    })
  }
  up(bond: bonding): void {
    dev_open(bond.dev)
    rtnl_unlock(this.kernel)
  }
  carrier(dev: net_device, on: boolean): void {
    if (on) netif_carrier_on(dev)
    else netif_carrier_off(dev)
  }
}
