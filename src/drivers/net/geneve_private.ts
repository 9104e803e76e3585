/** drivers/net/geneve.c: what a geneve device is, and the sockets of a namespace. */
import type { net } from '../../net/core/net_namespace.ts'
import { type net_device, netdev_priv } from '../../net/core/netdevice.ts'
import { GENEVE_DF_UNSET } from '../../uapi/linux/if_link_geneve.ts'
import type { geneve_sock } from './geneve_data.ts'

const GENEVE_UDP_PORT = 6081
const SOCKS = 'geneve_socks'

/** struct geneve_config */
export class geneve_config {
  vni = 0
  /** 4 bytes, or 16 over IPv6. */
  remote: Uint8Array = new Uint8Array(4)
  ttl = 0
  tos = 0
  label = 0
  port = GENEVE_UDP_PORT
  csum = false
  collect_md = false
  use_udp6_rx_checksums = false
  ttl_inherit = false
  df = GENEVE_DF_UNSET
  inner_proto_inherit = false
}
export class geneve_dev {
  net!: net
  dev!: net_device
  cfg = new geneve_config()
}
export function geneve_priv(dev: net_device): geneve_dev {
  return netdev_priv<geneve_dev>(dev)
}
/** struct geneve_net.sock_list */
export function geneve_socks(net: net): geneve_sock[] {
  let socks = net.gen.get(SOCKS) as geneve_sock[] | undefined
  if (socks === undefined) net.gen.set(SOCKS, (socks = []))
  return socks
}
