/**
 * What Debian builds as modules: each file of module_files.ts with what it does when it is loaded and when it goes
 * (kernel/kmod.ts). Those that are not named here do nothing by themselves: their parts belong to who needs them.
 */
import { bonding_init, bond_net_ops } from '../drivers/net/bonding/bond_main.ts'
import { bond_link_ops } from '../drivers/net/bonding/bond_create.ts'
import { bond_netdev_event } from '../drivers/net/bonding/bond_event.ts'
import { can_dev_init, can_link_ops } from '../drivers/net/can/dev.ts'
import { vcan_init_module, vcan_link_ops } from '../drivers/net/can/vcan.ts'
import { vxcan_init, vxcan_link_ops } from '../drivers/net/can/vxcan.ts'
import { eql_init_module } from '../drivers/net/eql.ts'
import { vsockmon_link_ops, vsockmon_register } from '../drivers/net/vsockmon.ts'
import { dummy_init_module, dummy_link_ops } from '../drivers/net/dummy.ts'
import { e100_cleanup_module, e100_init_module } from '../drivers/net/ethernet/intel/e100/e100_main.ts'
import { geneve_init_module, geneve_link_ops, geneve_net_ops } from '../drivers/net/geneve.ts'
import { gtp_init } from '../drivers/net/gtp.ts'
import { ifb_init_module, ifb_link_ops } from '../drivers/net/ifb.ts'
import { ipvlan_init_module, ipvtap_init } from '../drivers/net/ipvlan.ts'
import { macvlan_init_module } from '../drivers/net/macvlan.ts'
import { macvtap_init } from '../drivers/net/macvtap.ts'
import { nlmon_link_ops, nlmon_register } from '../drivers/net/nlmon.ts'
import { team_module_init } from '../drivers/net/team/team_core.ts'
import { tun_init } from '../drivers/net/tun_chr.ts'
import { veth_init, veth_link_ops } from '../drivers/net/veth.ts'
import { virtio_net_driver_exit, virtio_net_driver_init } from '../drivers/net/virtio_net.ts'
import { vrf_init_module } from '../drivers/net/vrf.ts'
import { vxlan_init_module } from '../drivers/net/vxlan/vxlan_core.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { type loadable_module, type module_calls, param_int } from '../kernel/kmod.ts'
import type { notifier_fn_t } from '../kernel/notifier.ts'
import { wg_mod_init } from '../drivers/net/wireguard/device.ts'
import { vlan_proto_init } from '../net/8021q/vlan.ts'
import { br_init } from '../net/bridge/br.ts'
import { unregister_netdevice_notifier_of } from '../net/core/dev_notifier.ts'
import { type pernet_operations, unregister_pernet_operations } from '../net/core/net_namespace.ts'
import { rtnl_link_unregister } from '../net/core/rtnetlink.ts'
import type { rtnl_link_ops } from '../net/core/rtnl_link_ops.ts'
import {
  erspan_link_ops,
  erspan_net_ops,
  ipgre_init,
  ipgre_link_ops,
  ipgre_net_ops,
  ipgre_tap_ops,
  ipgre_tap_net_ops,
} from '../net/ipv4/ip_gre.ts'
import { vti_init, vti_link_ops, vti_net_ops } from '../net/ipv4/ip_vti.ts'
import { ipip_init, ipip_link_ops, ipip_net_ops } from '../net/ipv4/ipip.ts'
import { ip6gre_init } from '../net/ipv6/ip6_gre.ts'
import { ip6_link_ops, ip6_tnl_net_ops, ip6_tunnel_init } from '../net/ipv6/ip6_tunnel.ts'
import { vti6_link_ops, vti6_net_ops, vti6_tunnel_init } from '../net/ipv6/ip6_vti.ts'
import { sit_init, sit_link_ops, sit_net_ops } from '../net/ipv6/sit.ts'
import { mpls_init } from '../net/mpls/af_mpls.ts'
import { mpls_iptunnel_init } from '../net/mpls/mpls_iptunnel.ts'
import { nfnetlink_init, nfnetlink_net_ops } from '../net/netfilter/nfnetlink.ts'
import { gact_init_module } from '../net/sched/act_gact.ts'
import { mirred_init_module } from '../net/sched/act_mirred.ts'
import { connmark_init_module } from '../net/sched/act_connmark.ts'
import { csum_init_module } from '../net/sched/act_csum.ts'
import { pedit_init_module } from '../net/sched/act_pedit.ts'
import { police_init_module } from '../net/sched/act_police.ts'
import { skbedit_init_module } from '../net/sched/act_skbedit.ts'
import { tunnel_key_init_module } from '../net/sched/act_tunnel_key.ts'
import { vlan_init_module } from '../net/sched/act_vlan.ts'
import { init_basic } from '../net/sched/cls_basic.ts'
import { init_fw } from '../net/sched/cls_fw.ts'
import { init_u32 } from '../net/sched/cls_u32.ts'
import { cls_fl_init } from '../net/sched/cls_flower.ts'
import { cls_mall_init } from '../net/sched/cls_matchall.ts'
import { codel_module_init } from '../net/sched/sch_codel.ts'
import { htb_module_init } from '../net/sched/sch_htb.ts'
import { fq_module_init } from '../net/sched/sch_fq.ts'
import { netem_module_init } from '../net/sched/sch_netem.ts'
import { sfq_module_init } from '../net/sched/sch_sfq.ts'
import { ingress_module_init } from '../net/sched/sch_ingress.ts'
import { prio_module_init } from '../net/sched/sch_prio.ts'
import { tbf_module_init } from '../net/sched/sch_tbf.ts'
import { xfrmi_init, xfrmi_link_ops } from '../net/xfrm/xfrm_interface_core.ts'
import { xfrm_user_init, xfrm_user_net_ops } from '../net/xfrm/xfrm_user.ts'
import { module_files } from './module_files.ts'

/** A module's exit that takes back what its init registered: a listener, kinds with their devices, namespaces' parts. */
function taken_back(kinds: rtnl_link_ops[], pernet: pernet_operations[] = [], listener?: notifier_fn_t): (kernel: Kernel) => void {
  return (kernel) => {
    if (listener !== undefined) unregister_netdevice_notifier_of(kernel, listener)
    for (const ops of kinds) rtnl_link_unregister(kernel, ops)
    for (const ops of pernet) unregister_pernet_operations(kernel, ops)
  }
}

const calls: Readonly<Record<string, module_calls>> = {
  '8021q': { init: vlan_proto_init },
  act_gact: { init: gact_init_module },
  act_connmark: { init: connmark_init_module },
  act_csum: { init: csum_init_module },
  act_pedit: { init: pedit_init_module },
  act_police: { init: police_init_module },
  act_skbedit: { init: skbedit_init_module },
  act_tunnel_key: { init: tunnel_key_init_module },
  act_vlan: { init: vlan_init_module },
  act_mirred: { init: mirred_init_module },
  bonding: {
    init: (kernel, params) => bonding_init(kernel, param_int(params, 'max_bonds', 1)),
    exit: taken_back([bond_link_ops], [bond_net_ops], bond_netdev_event),
  },
  bridge: { init: br_init },
  e100: { init: e100_init_module, exit: e100_cleanup_module },
  virtio_net: { init: virtio_net_driver_init, exit: virtio_net_driver_exit },
  cls_flower: { init: cls_fl_init },
  cls_basic: { init: init_basic },
  cls_fw: { init: init_fw },
  cls_u32: { init: init_u32 },
  cls_matchall: { init: cls_mall_init },
  can_dev: { init: can_dev_init, exit: taken_back([can_link_ops]) },
  dummy: { init: (kernel, params) => dummy_init_module(kernel, param_int(params, 'numdummies', 1)), exit: taken_back([dummy_link_ops]) },
  eql: { init: eql_init_module },
  geneve: { init: geneve_init_module, exit: taken_back([geneve_link_ops], [geneve_net_ops]) },
  gtp: { init: gtp_init },
  ifb: { init: (kernel, params) => ifb_init_module(kernel, param_int(params, 'numifbs', 2)), exit: taken_back([ifb_link_ops]) },
  ip6_gre: { init: ip6gre_init },
  ip6_tunnel: { init: ip6_tunnel_init, exit: taken_back([ip6_link_ops], [ip6_tnl_net_ops]) },
  ip6_vti: { init: vti6_tunnel_init, exit: taken_back([vti6_link_ops], [vti6_net_ops]) },
  ip_gre: {
    init: ipgre_init,
    exit: taken_back([ipgre_tap_ops, ipgre_link_ops, erspan_link_ops], [ipgre_tap_net_ops, ipgre_net_ops, erspan_net_ops]),
  },
  ip_vti: { init: vti_init, exit: taken_back([vti_link_ops], [vti_net_ops]) },
  ipip: { init: ipip_init, exit: taken_back([ipip_link_ops], [ipip_net_ops]) },
  ipvlan: { init: ipvlan_init_module },
  ipvtap: { init: ipvtap_init },
  macvlan: { init: macvlan_init_module },
  macvtap: { init: macvtap_init },
  mpls_iptunnel: { init: mpls_iptunnel_init },
  mpls_router: { init: mpls_init },
  nfnetlink: { init: nfnetlink_init, exit: taken_back([], [nfnetlink_net_ops]) },
  nlmon: { init: nlmon_register, exit: taken_back([nlmon_link_ops]) },
  sch_codel: { init: codel_module_init },
  sch_htb: { init: htb_module_init },
  sch_fq: { init: fq_module_init },
  sch_netem: { init: netem_module_init },
  sch_sfq: { init: sfq_module_init },
  sch_ingress: { init: ingress_module_init },
  sch_prio: { init: prio_module_init },
  sch_tbf: { init: tbf_module_init },
  sit: { init: sit_init, exit: taken_back([sit_link_ops], [sit_net_ops]) },
  team: { init: team_module_init },
  tun: { init: tun_init },
  veth: { init: veth_init, exit: taken_back([veth_link_ops]) },
  vcan: { init: vcan_init_module, exit: taken_back([vcan_link_ops]) },
  vrf: { init: vrf_init_module },
  vsockmon: { init: vsockmon_register, exit: taken_back([vsockmon_link_ops]) },
  vxcan: { init: vxcan_init, exit: taken_back([vxcan_link_ops]) },
  vxlan: { init: vxlan_init_module },
  wireguard: { init: wg_mod_init },
  xfrm_interface: { init: xfrmi_init, exit: taken_back([xfrmi_link_ops]) },
  xfrm_user: { init: xfrm_user_init, exit: taken_back([], [xfrm_user_net_ops]) },
}

export const loadable_modules: readonly loadable_module[] = module_files.map((file) => ({ ...file, ...calls[file.name] }))
