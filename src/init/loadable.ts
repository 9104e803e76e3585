/**
 * What Debian builds as modules and a host loads when it is first asked for (kernel/kmod.ts): names, aliases and
 * dependencies as in modules.alias and modules.dep. Parts without a file of their own here (ip_tunnel, gre …) need no loading.
 */
import { bonding_init } from '../drivers/net/bonding/bond_main.ts'
import { geneve_init_module } from '../drivers/net/geneve.ts'
import { gtp_init } from '../drivers/net/gtp.ts'
import { tun_init } from '../drivers/net/tun_chr.ts'
import { vxlan_init_module } from '../drivers/net/vxlan/vxlan_core.ts'
import type { loadable_module } from '../kernel/kmod.ts'
import { ipgre_init } from '../net/ipv4/ip_gre.ts'
import { vti_init } from '../net/ipv4/ip_vti.ts'
import { ipip_init } from '../net/ipv4/ipip.ts'
import { ip6gre_init } from '../net/ipv6/ip6_gre.ts'
import { ip6_tunnel_init } from '../net/ipv6/ip6_tunnel.ts'
import { vti6_tunnel_init } from '../net/ipv6/ip6_vti.ts'
import { mpls_init } from '../net/mpls/af_mpls.ts'
import { mpls_iptunnel_init } from '../net/mpls/mpls_iptunnel.ts'
import { sit_init } from '../net/ipv6/sit.ts'
import { codel_module_init } from '../net/sched/sch_codel.ts'
import { ingress_module_init } from '../net/sched/sch_ingress.ts'
import { prio_module_init } from '../net/sched/sch_prio.ts'
import { tbf_module_init } from '../net/sched/sch_tbf.ts'

export const loadable_modules: readonly loadable_module[] = [
  { name: 'ipip', aliases: ['rtnl-link-ipip', 'netdev-tunl0'], depends: [], init: ipip_init },
  {
    name: 'ip_gre',
    aliases: ['rtnl-link-gre', 'rtnl-link-gretap', 'rtnl-link-erspan', 'netdev-gre0', 'netdev-gretap0', 'netdev-erspan0'],
    depends: [],
    init: ipgre_init,
  },
  { name: 'ip_vti', aliases: ['rtnl-link-vti', 'netdev-ip_vti0'], depends: [], init: vti_init },
  { name: 'sit', aliases: ['rtnl-link-sit', 'netdev-sit0'], depends: [], init: sit_init },
  { name: 'ip6_tunnel', aliases: ['rtnl-link-ip6tnl', 'netdev-ip6tnl0'], depends: [], init: ip6_tunnel_init },
  {
    name: 'ip6_gre',
    aliases: ['rtnl-link-ip6gre', 'rtnl-link-ip6gretap', 'rtnl-link-ip6erspan', 'netdev-ip6gre0'],
    depends: ['ip6_tunnel'],
    init: ip6gre_init,
  },
  { name: 'ip6_vti', aliases: ['rtnl-link-vti6', 'netdev-ip6_vti0'], depends: ['ip6_tunnel'], init: vti6_tunnel_init },
  { name: 'mpls_router', aliases: ['net-pf-28'], depends: [], init: mpls_init },
  { name: 'mpls_iptunnel', aliases: ['rtnl-lwt-MPLS'], depends: ['mpls_router'], init: mpls_iptunnel_init },
  { name: 'tun', aliases: ['char-major-10-200', 'devname:net/tun'], depends: [], init: tun_init },
  { name: 'gtp', aliases: ['rtnl-link-gtp', 'net-pf-16-proto-16-family-gtp'], depends: [], init: gtp_init },
  { name: 'bonding', aliases: ['rtnl-link-bond'], depends: [], init: bonding_init },
  { name: 'vxlan', aliases: ['rtnl-link-vxlan'], depends: [], init: vxlan_init_module },
  { name: 'geneve', aliases: ['rtnl-link-geneve'], depends: [], init: geneve_init_module },
  { name: 'sch_codel', aliases: ['net-sch-codel'], depends: [], init: codel_module_init },
  { name: 'sch_tbf', aliases: ['net-sch-tbf'], depends: [], init: tbf_module_init },
  { name: 'sch_prio', aliases: ['net-sch-prio'], depends: [], init: prio_module_init },
  { name: 'sch_ingress', aliases: ['net-sch-ingress', 'net-sch-clsact'], depends: [], init: ingress_module_init },
]
