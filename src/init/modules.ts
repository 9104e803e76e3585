/**
 * The modules whose exports saved state may name: every exported class, function and ops table of the rooms that hold
 * state. Made by `npm run modules`, after a module was added or went.
 */
import * as drivers_char_kmsg from '../drivers/char/kmsg.ts'
import * as drivers_dpll_dpll_core from '../drivers/dpll/dpll_core.ts'
import * as drivers_net_bonding_bond_3ad from '../drivers/net/bonding/bond_3ad.ts'
import * as drivers_net_bonding_bond_3ad_machines from '../drivers/net/bonding/bond_3ad_machines.ts'
import * as drivers_net_bonding_bond_3ad_port from '../drivers/net/bonding/bond_3ad_port.ts'
import * as drivers_net_bonding_bond_3ad_select from '../drivers/net/bonding/bond_3ad_select.ts'
import * as drivers_net_bonding_bond_3ad_send from '../drivers/net/bonding/bond_3ad_send.ts'
import * as drivers_net_bonding_bond_3ad_types from '../drivers/net/bonding/bond_3ad_types.ts'
import * as drivers_net_bonding_bond_active from '../drivers/net/bonding/bond_active.ts'
import * as drivers_net_bonding_bond_alb from '../drivers/net/bonding/bond_alb.ts'
import * as drivers_net_bonding_bond_alb_learn from '../drivers/net/bonding/bond_alb_learn.ts'
import * as drivers_net_bonding_bond_alb_rlb from '../drivers/net/bonding/bond_alb_rlb.ts'
import * as drivers_net_bonding_bond_alb_types from '../drivers/net/bonding/bond_alb_types.ts'
import * as drivers_net_bonding_bond_arp_frame from '../drivers/net/bonding/bond_arp_frame.ts'
import * as drivers_net_bonding_bond_arp_monitor from '../drivers/net/bonding/bond_arp_monitor.ts'
import * as drivers_net_bonding_bond_arp_send from '../drivers/net/bonding/bond_arp_send.ts'
import * as drivers_net_bonding_bond_arp_validate from '../drivers/net/bonding/bond_arp_validate.ts'
import * as drivers_net_bonding_bond_create from '../drivers/net/bonding/bond_create.ts'
import * as drivers_net_bonding_bond_enslave from '../drivers/net/bonding/bond_enslave.ts'
import * as drivers_net_bonding_bond_event from '../drivers/net/bonding/bond_event.ts'
import * as drivers_net_bonding_bond_features from '../drivers/net/bonding/bond_features.ts'
import * as drivers_net_bonding_bond_hash from '../drivers/net/bonding/bond_hash.ts'
import * as drivers_net_bonding_bond_ioctl from '../drivers/net/bonding/bond_ioctl.ts'
import * as drivers_net_bonding_bond_lag from '../drivers/net/bonding/bond_lag.ts'
import * as drivers_net_bonding_bond_main from '../drivers/net/bonding/bond_main.ts'
import * as drivers_net_bonding_bond_monitor from '../drivers/net/bonding/bond_monitor.ts'
import * as drivers_net_bonding_bond_netlink from '../drivers/net/bonding/bond_netlink.ts'
import * as drivers_net_bonding_bond_netlink_fill from '../drivers/net/bonding/bond_netlink_fill.ts'
import * as drivers_net_bonding_bond_ns_maddrs from '../drivers/net/bonding/bond_ns_maddrs.ts'
import * as drivers_net_bonding_bond_ops from '../drivers/net/bonding/bond_ops.ts'
import * as drivers_net_bonding_bond_opt_tables from '../drivers/net/bonding/bond_opt_tables.ts'
import * as drivers_net_bonding_bond_options from '../drivers/net/bonding/bond_options.ts'
import * as drivers_net_bonding_bond_options_set from '../drivers/net/bonding/bond_options_set.ts'
import * as drivers_net_bonding_bond_options_slave from '../drivers/net/bonding/bond_options_slave.ts'
import * as drivers_net_bonding_bond_options_targets from '../drivers/net/bonding/bond_options_targets.ts'
import * as drivers_net_bonding_bond_printk from '../drivers/net/bonding/bond_printk.ts'
import * as drivers_net_bonding_bond_procfs from '../drivers/net/bonding/bond_procfs.ts'
import * as drivers_net_bonding_bond_protocols from '../drivers/net/bonding/bond_protocols.ts'
import * as drivers_net_bonding_bond_receive from '../drivers/net/bonding/bond_receive.ts'
import * as drivers_net_bonding_bond_release from '../drivers/net/bonding/bond_release.ts'
import * as drivers_net_bonding_bond_slave_arr from '../drivers/net/bonding/bond_slave_arr.ts'
import * as drivers_net_bonding_bond_slave_state from '../drivers/net/bonding/bond_slave_state.ts'
import * as drivers_net_bonding_bond_stats from '../drivers/net/bonding/bond_stats.ts'
import * as drivers_net_bonding_bond_sysfs from '../drivers/net/bonding/bond_sysfs.ts'
import * as drivers_net_bonding_bond_sysfs_slave from '../drivers/net/bonding/bond_sysfs_slave.ts'
import * as drivers_net_bonding_bond_timer from '../drivers/net/bonding/bond_timer.ts'
import * as drivers_net_bonding_bond_vlan_path from '../drivers/net/bonding/bond_vlan_path.ts'
import * as drivers_net_bonding_bond_works from '../drivers/net/bonding/bond_works.ts'
import * as drivers_net_bonding_bond_xmit from '../drivers/net/bonding/bond_xmit.ts'
import * as drivers_net_bonding_bonding from '../drivers/net/bonding/bonding.ts'
import * as drivers_net_can_dev from '../drivers/net/can/dev.ts'
import * as drivers_net_can_vcan from '../drivers/net/can/vcan.ts'
import * as drivers_net_can_vxcan from '../drivers/net/can/vxcan.ts'
import * as drivers_net_dummy from '../drivers/net/dummy.ts'
import * as drivers_net_eql from '../drivers/net/eql.ts'
import * as drivers_net_ethernet from '../drivers/net/ethernet.ts'
import * as drivers_net_ethernet_intel_e100_e100 from '../drivers/net/ethernet/intel/e100/e100.ts'
import * as drivers_net_ethernet_intel_e100_e100_cb from '../drivers/net/ethernet/intel/e100/e100_cb.ts'
import * as drivers_net_ethernet_intel_e100_e100_ethtool from '../drivers/net/ethernet/intel/e100/e100_ethtool.ts'
import * as drivers_net_ethernet_intel_e100_e100_hw from '../drivers/net/ethernet/intel/e100/e100_hw.ts'
import * as drivers_net_ethernet_intel_e100_e100_main from '../drivers/net/ethernet/intel/e100/e100_main.ts'
import * as drivers_net_ethernet_intel_e100_e100_rx from '../drivers/net/ethernet/intel/e100/e100_rx.ts'
import * as drivers_net_ethernet_intel_e100_e100_stats from '../drivers/net/ethernet/intel/e100/e100_stats.ts'
import * as drivers_net_geneve from '../drivers/net/geneve.ts'
import * as drivers_net_geneve_data from '../drivers/net/geneve_data.ts'
import * as drivers_net_geneve_private from '../drivers/net/geneve_private.ts'
import * as drivers_net_gtp from '../drivers/net/gtp.ts'
import * as drivers_net_ifb from '../drivers/net/ifb.ts'
import * as drivers_net_ipvlan from '../drivers/net/ipvlan.ts'
import * as drivers_net_ipvlan_event from '../drivers/net/ipvlan_event.ts'
import * as drivers_net_ipvlan_port from '../drivers/net/ipvlan_port.ts'
import * as drivers_net_ipvlan_xmit from '../drivers/net/ipvlan_xmit.ts'
import * as drivers_net_link_address from '../drivers/net/link_address.ts'
import * as drivers_net_loopback from '../drivers/net/loopback.ts'
import * as drivers_net_macvlan from '../drivers/net/macvlan.ts'
import * as drivers_net_macvlan_netlink from '../drivers/net/macvlan_netlink.ts'
import * as drivers_net_macvlan_port from '../drivers/net/macvlan_port.ts'
import * as drivers_net_macvlan_xmit from '../drivers/net/macvlan_xmit.ts'
import * as drivers_net_macvtap from '../drivers/net/macvtap.ts'
import * as drivers_net_mii from '../drivers/net/mii.ts'
import * as drivers_net_netkit from '../drivers/net/netkit.ts'
import * as drivers_net_nlmon from '../drivers/net/nlmon.ts'
import * as drivers_net_peer_link from '../drivers/net/peer_link.ts'
import * as drivers_net_tap from '../drivers/net/tap.ts'
import * as drivers_net_tap_chr from '../drivers/net/tap_chr.ts'
import * as drivers_net_team_team from '../drivers/net/team/team.ts'
import * as drivers_net_team_team_core from '../drivers/net/team/team_core.ts'
import * as drivers_net_team_team_mode_loadbalance from '../drivers/net/team/team_mode_loadbalance.ts'
import * as drivers_net_team_team_modes from '../drivers/net/team/team_modes.ts'
import * as drivers_net_team_team_nl from '../drivers/net/team/team_nl.ts'
import * as drivers_net_team_team_nl_send from '../drivers/net/team/team_nl_send.ts'
import * as drivers_net_team_team_options from '../drivers/net/team/team_options.ts'
import * as drivers_net_team_team_port from '../drivers/net/team/team_port.ts'
import * as drivers_net_team_team_receive from '../drivers/net/team/team_receive.ts'
import * as drivers_net_tun from '../drivers/net/tun.ts'
import * as drivers_net_tun_chr from '../drivers/net/tun_chr.ts'
import * as drivers_net_tun_ioctl from '../drivers/net/tun_ioctl.ts'
import * as drivers_net_tun_private from '../drivers/net/tun_private.ts'
import * as drivers_net_tun_queue from '../drivers/net/tun_queue.ts'
import * as drivers_net_veth from '../drivers/net/veth.ts'
import * as drivers_net_veth_ethtool from '../drivers/net/veth_ethtool.ts'
import * as drivers_net_virtio_net from '../drivers/net/virtio_net.ts'
import * as drivers_net_virtio_net_ctrl from '../drivers/net/virtio_net_ctrl.ts'
import * as drivers_net_virtio_net_ethtool from '../drivers/net/virtio_net_ethtool.ts'
import * as drivers_net_virtio_net_rss from '../drivers/net/virtio_net_rss.ts'
import * as drivers_net_vrf from '../drivers/net/vrf.ts'
import * as drivers_net_vrf_xmit from '../drivers/net/vrf_xmit.ts'
import * as drivers_net_vsockmon from '../drivers/net/vsockmon.ts'
import * as drivers_net_vxlan_vxlan_config from '../drivers/net/vxlan/vxlan_config.ts'
import * as drivers_net_vxlan_vxlan_core from '../drivers/net/vxlan/vxlan_core.ts'
import * as drivers_net_vxlan_vxlan_fdb from '../drivers/net/vxlan/vxlan_fdb.ts'
import * as drivers_net_vxlan_vxlan_fdb_rtnl from '../drivers/net/vxlan/vxlan_fdb_rtnl.ts'
import * as drivers_net_vxlan_vxlan_header from '../drivers/net/vxlan/vxlan_header.ts'
import * as drivers_net_vxlan_vxlan_mdb from '../drivers/net/vxlan/vxlan_mdb.ts'
import * as drivers_net_vxlan_vxlan_mdb_private from '../drivers/net/vxlan/vxlan_mdb_private.ts'
import * as drivers_net_vxlan_vxlan_mdb_rtnl from '../drivers/net/vxlan/vxlan_mdb_rtnl.ts'
import * as drivers_net_vxlan_vxlan_mdb_xmit from '../drivers/net/vxlan/vxlan_mdb_xmit.ts'
import * as drivers_net_vxlan_vxlan_multicast from '../drivers/net/vxlan/vxlan_multicast.ts'
import * as drivers_net_vxlan_vxlan_netlink from '../drivers/net/vxlan/vxlan_netlink.ts'
import * as drivers_net_vxlan_vxlan_private from '../drivers/net/vxlan/vxlan_private.ts'
import * as drivers_net_vxlan_vxlan_rcv from '../drivers/net/vxlan/vxlan_rcv.ts'
import * as drivers_net_vxlan_vxlan_reduce from '../drivers/net/vxlan/vxlan_reduce.ts'
import * as drivers_net_vxlan_vxlan_sock from '../drivers/net/vxlan/vxlan_sock.ts'
import * as drivers_net_vxlan_vxlan_vnifilter from '../drivers/net/vxlan/vxlan_vnifilter.ts'
import * as drivers_net_vxlan_vxlan_vnifilter_rtnl from '../drivers/net/vxlan/vxlan_vnifilter_rtnl.ts'
import * as drivers_net_vxlan_vxlan_xmit from '../drivers/net/vxlan/vxlan_xmit.ts'
import * as drivers_net_vxlan_vxlan_xmit_one from '../drivers/net/vxlan/vxlan_xmit_one.ts'
import * as drivers_net_wireguard_device from '../drivers/net/wireguard/device.ts'
import * as drivers_net_wireguard_device_types from '../drivers/net/wireguard/device_types.ts'
import * as drivers_net_wireguard_netlink from '../drivers/net/wireguard/netlink.ts'
import * as drivers_net_wireguard_socket from '../drivers/net/wireguard/socket.ts'
import * as drivers_pci_msi from '../drivers/pci/msi.ts'
import * as drivers_pci_pci from '../drivers/pci/pci.ts'
import * as drivers_pci_pci_pm from '../drivers/pci/pci_pm.ts'
import * as drivers_pci_pci_sysfs from '../drivers/pci/pci_sysfs.ts'
import * as drivers_pci_probe from '../drivers/pci/probe.ts'
import * as drivers_pci_quirks from '../drivers/pci/quirks.ts'
import * as drivers_pci_setup_bus from '../drivers/pci/setup_bus.ts'
import * as drivers_pci_slot from '../drivers/pci/slot.ts'
import * as drivers_thermal_thermal_netlink from '../drivers/thermal/thermal_netlink.ts'
import * as drivers_virtio_virtio from '../drivers/virtio/virtio.ts'
import * as drivers_virtio_virtio_pci_modern from '../drivers/virtio/virtio_pci_modern.ts'
import * as drivers_virtio_virtio_ring from '../drivers/virtio/virtio_ring.ts'
import * as drivers_virtio_virtio_sysfs from '../drivers/virtio/virtio_sysfs.ts'
import * as fs_cgroup from '../fs/cgroup.ts'
import * as fs_chrdev from '../fs/chrdev.ts'
import * as fs_inode from '../fs/inode.ts'
import * as fs_known_files from '../fs/known_files.ts'
import * as fs_module_dirs from '../fs/module_dirs.ts'
import * as fs_nsfs from '../fs/nsfs.ts'
import * as fs_power from '../fs/power.ts'
import * as fs_proc_net from '../fs/proc_net.ts'
import * as fs_proc_sysctl from '../fs/proc_sysctl.ts'
import * as fs_run_netns from '../fs/run_netns.ts'
import * as fs_sysctl from '../fs/sysctl.ts'
import * as fs_sysfs from '../fs/sysfs.ts'
import * as fs_vfs from '../fs/vfs.ts'
import * as hw_cable from '../hw/cable.ts'
import * as hw_eeprom93xx from '../hw/eeprom93xx.ts'
import * as hw_i82559 from '../hw/i82559.ts'
import * as hw_i82559_cu from '../hw/i82559_cu.ts'
import * as hw_i82559_hash from '../hw/i82559_hash.ts'
import * as hw_i82559_ru from '../hw/i82559_ru.ts'
import * as hw_i82559_wake from '../hw/i82559_wake.ts'
import * as hw_mii_phy from '../hw/mii_phy.ts'
import * as hw_msi from '../hw/msi.ts'
import * as hw_msix from '../hw/msix.ts'
import * as hw_pci from '../hw/pci.ts'
import * as hw_switch from '../hw/switch.ts'
import * as hw_virtio_net from '../hw/virtio_net.ts'
import * as hw_virtio_pci from '../hw/virtio_pci.ts'
import * as hw_virtio_rss from '../hw/virtio_rss.ts'
import * as hw_virtqueue from '../hw/virtqueue.ts'
import * as init_loadable from '../init/loadable.ts'
import * as init_pci from '../init/pci.ts'
import * as kernel_bpf_cgroup from '../kernel/bpf_cgroup.ts'
import * as kernel_capability from '../kernel/capability.ts'
import * as kernel_cgroup from '../kernel/cgroup.ts'
import * as kernel_cpumask from '../kernel/cpumask.ts'
import * as kernel_dma_mapping from '../kernel/dma_mapping.ts'
import * as kernel_initcall from '../kernel/initcall.ts'
import * as kernel_irq from '../kernel/irq.ts'
import * as kernel_irq_proc from '../kernel/irq_proc.ts'
import * as kernel_kernel from '../kernel/kernel.ts'
import * as kernel_kmod from '../kernel/kmod.ts'
import * as kernel_kstrtox from '../kernel/kstrtox.ts'
import * as kernel_notifier from '../kernel/notifier.ts'
import * as kernel_printk from '../kernel/printk.ts'
import * as kernel_ratelimit from '../kernel/ratelimit.ts'
import * as kernel_round_jiffies from '../kernel/round_jiffies.ts'
import * as kernel_softirq from '../kernel/softirq.ts'
import * as kernel_suspend from '../kernel/suspend.ts'
import * as kernel_syslog from '../kernel/syslog.ts'
import * as kernel_task from '../kernel/task.ts'
import * as kernel_time from '../kernel/time.ts'
import * as kernel_trace from '../kernel/trace.ts'
import * as kernel_unsupported from '../kernel/unsupported.ts'
import * as kernel_workqueue from '../kernel/workqueue.ts'
import * as lib_attrs from '../lib/attrs.ts'
import * as lib_heap from '../lib/heap.ts'
import * as lib_hlist from '../lib/hlist.ts'
import * as lib_list from '../lib/list.ts'
import * as lib_message from '../lib/message.ts'
import * as lib_numbered from '../lib/numbered.ts'
import * as lib_random from '../lib/random.ts'
import * as net_802_applicant from '../net/802/applicant.ts'
import * as net_802_garp from '../net/802/garp.ts'
import * as net_802_llc_input from '../net/802/llc_input.ts'
import * as net_802_mrp from '../net/802/mrp.ts'
import * as net_8021q_vlan from '../net/8021q/vlan.ts'
import * as net_8021q_vlan_core from '../net/8021q/vlan_core.ts'
import * as net_8021q_vlan_dev from '../net/8021q/vlan_dev.ts'
import * as net_8021q_vlan_dev_xmit from '../net/8021q/vlan_dev_xmit.ts'
import * as net_8021q_vlan_do_receive from '../net/8021q/vlan_do_receive.ts'
import * as net_8021q_vlan_gvrp from '../net/8021q/vlan_gvrp.ts'
import * as net_8021q_vlan_ioctl from '../net/8021q/vlan_ioctl.ts'
import * as net_8021q_vlan_mvrp from '../net/8021q/vlan_mvrp.ts'
import * as net_8021q_vlan_netlink from '../net/8021q/vlan_netlink.ts'
import * as net_8021q_vlanproc from '../net/8021q/vlanproc.ts'
import * as net_bridge_br from '../net/bridge/br.ts'
import * as net_bridge_br_arp_nd_proxy from '../net/bridge/br_arp_nd_proxy.ts'
import * as net_bridge_br_device from '../net/bridge/br_device.ts'
import * as net_bridge_br_fdb from '../net/bridge/br_fdb.ts'
import * as net_bridge_br_fdb_fill from '../net/bridge/br_fdb_fill.ts'
import * as net_bridge_br_fdb_flush from '../net/bridge/br_fdb_flush.ts'
import * as net_bridge_br_fdb_rtnl from '../net/bridge/br_fdb_rtnl.ts'
import * as net_bridge_br_forward from '../net/bridge/br_forward.ts'
import * as net_bridge_br_forward_send from '../net/bridge/br_forward_send.ts'
import * as net_bridge_br_if from '../net/bridge/br_if.ts'
import * as net_bridge_br_input from '../net/bridge/br_input.ts'
import * as net_bridge_br_input_cb from '../net/bridge/br_input_cb.ts'
import * as net_bridge_br_ioctl from '../net/bridge/br_ioctl.ts'
import * as net_bridge_br_ioctl_old from '../net/bridge/br_ioctl_old.ts'
import * as net_bridge_br_link from '../net/bridge/br_link.ts'
import * as net_bridge_br_mdb from '../net/bridge/br_mdb.ts'
import * as net_bridge_br_mdb_fill from '../net/bridge/br_mdb_fill.ts'
import * as net_bridge_br_mst from '../net/bridge/br_mst.ts'
import * as net_bridge_br_multicast from '../net/bridge/br_multicast.ts'
import * as net_bridge_br_multicast_ctx from '../net/bridge/br_multicast_ctx.ts'
import * as net_bridge_br_multicast_group from '../net/bridge/br_multicast_group.ts'
import * as net_bridge_br_multicast_packet from '../net/bridge/br_multicast_packet.ts'
import * as net_bridge_br_multicast_parse from '../net/bridge/br_multicast_parse.ts'
import * as net_bridge_br_multicast_query from '../net/bridge/br_multicast_query.ts'
import * as net_bridge_br_multicast_rcv from '../net/bridge/br_multicast_rcv.ts'
import * as net_bridge_br_multicast_router from '../net/bridge/br_multicast_router.ts'
import * as net_bridge_br_multicast_set from '../net/bridge/br_multicast_set.ts'
import * as net_bridge_br_multicast_snoopers from '../net/bridge/br_multicast_snoopers.ts'
import * as net_bridge_br_multicast_sources from '../net/bridge/br_multicast_sources.ts'
import * as net_bridge_br_multicast_star from '../net/bridge/br_multicast_star.ts'
import * as net_bridge_br_multicast_stats from '../net/bridge/br_multicast_stats.ts'
import * as net_bridge_br_neigh_suppress from '../net/bridge/br_neigh_suppress.ts'
import * as net_bridge_br_netlink from '../net/bridge/br_netlink.ts'
import * as net_bridge_br_netlink_fill from '../net/bridge/br_netlink_fill.ts'
import * as net_bridge_br_private from '../net/bridge/br_private.ts'
import * as net_bridge_br_private_mcast from '../net/bridge/br_private_mcast.ts'
import * as net_bridge_br_set from '../net/bridge/br_set.ts'
import * as net_bridge_br_stp from '../net/bridge/br_stp.ts'
import * as net_bridge_br_stp_bpdu from '../net/bridge/br_stp_bpdu.ts'
import * as net_bridge_br_sysfs_br from '../net/bridge/br_sysfs_br.ts'
import * as net_bridge_br_sysfs_if from '../net/bridge/br_sysfs_if.ts'
import * as net_bridge_br_vlan from '../net/bridge/br_vlan.ts'
import * as net_bridge_br_vlan_binding from '../net/bridge/br_vlan_binding.ts'
import * as net_bridge_br_vlan_filter from '../net/bridge/br_vlan_filter.ts'
import * as net_bridge_br_vlan_find from '../net/bridge/br_vlan_find.ts'
import * as net_bridge_br_vlan_options from '../net/bridge/br_vlan_options.ts'
import * as net_bridge_br_vlan_opts_fill from '../net/bridge/br_vlan_opts_fill.ts'
import * as net_bridge_br_vlan_rtnl from '../net/bridge/br_vlan_rtnl.ts'
import * as net_bridge_br_vlan_tunnel from '../net/bridge/br_vlan_tunnel.ts'
import * as net_bridge_br_xstats from '../net/bridge/br_xstats.ts'
import * as net_core_checksum from '../net/core/checksum.ts'
import * as net_core_conf_values from '../net/core/conf_values.ts'
import * as net_core_datagram from '../net/core/datagram.ts'
import * as net_core_dev from '../net/core/dev.ts'
import * as net_core_dev_addr_lists from '../net/core/dev_addr_lists.ts'
import * as net_core_dev_adjacent from '../net/core/dev_adjacent.ts'
import * as net_core_dev_alloc from '../net/core/dev_alloc.ts'
import * as net_core_dev_config from '../net/core/dev_config.ts'
import * as net_core_dev_ioctl from '../net/core/dev_ioctl.ts'
import * as net_core_dev_names from '../net/core/dev_names.ts'
import * as net_core_dev_netns from '../net/core/dev_netns.ts'
import * as net_core_dev_notifier from '../net/core/dev_notifier.ts'
import * as net_core_dev_notify_flags from '../net/core/dev_notify_flags.ts'
import * as net_core_dev_open from '../net/core/dev_open.ts'
import * as net_core_dev_printk from '../net/core/dev_printk.ts'
import * as net_core_dev_ptype from '../net/core/dev_ptype.ts'
import * as net_core_dev_queue from '../net/core/dev_queue.ts'
import * as net_core_dev_receive from '../net/core/dev_receive.ts'
import * as net_core_dev_register from '../net/core/dev_register.ts'
import * as net_core_dev_rx_handler from '../net/core/dev_rx_handler.ts'
import * as net_core_dev_rx_mode from '../net/core/dev_rx_mode.ts'
import * as net_core_dev_softnet from '../net/core/dev_softnet.ts'
import * as net_core_dev_stacked from '../net/core/dev_stacked.ts'
import * as net_core_dev_state from '../net/core/dev_state.ts'
import * as net_core_dev_stats from '../net/core/dev_stats.ts'
import * as net_core_dev_todo from '../net/core/dev_todo.ts'
import * as net_core_dev_valid from '../net/core/dev_valid.ts'
import * as net_core_dev_xmit from '../net/core/dev_xmit.ts'
import * as net_core_dst_metadata from '../net/core/dst_metadata.ts'
import * as net_core_ethtool_ops from '../net/core/ethtool_ops.ts'
import * as net_core_fib_rules from '../net/core/fib_rules.ts'
import * as net_core_fib_rules_fill from '../net/core/fib_rules_fill.ts'
import * as net_core_fib_rules_list from '../net/core/fib_rules_list.ts'
import * as net_core_fib_rules_rtm from '../net/core/fib_rules_rtm.ts'
import * as net_core_flow_dissector from '../net/core/flow_dissector.ts'
import * as net_core_flow_keys from '../net/core/flow_keys.ts'
import * as net_core_gen_stats from '../net/core/gen_stats.ts'
import * as net_core_gso from '../net/core/gso.ts'
import * as net_core_inet_ecn from '../net/core/inet_ecn.ts'
import * as net_core_l3mdev from '../net/core/l3mdev.ts'
import * as net_core_link_watch from '../net/core/link_watch.ts'
import * as net_core_lwt_bpf from '../net/core/lwt_bpf.ts'
import * as net_core_lwtunnel from '../net/core/lwtunnel.ts'
import * as net_core_msg_zerocopy from '../net/core/msg_zerocopy.ts'
import * as net_core_neighbour from '../net/core/neighbour.ts'
import * as net_core_neighbour_dump from '../net/core/neighbour_dump.ts'
import * as net_core_neighbour_fill from '../net/core/neighbour_fill.ts'
import * as net_core_neighbour_gc from '../net/core/neighbour_gc.ts'
import * as net_core_neighbour_init from '../net/core/neighbour_init.ts'
import * as net_core_neighbour_neightbl from '../net/core/neighbour_neightbl.ts'
import * as net_core_neighbour_nud from '../net/core/neighbour_nud.ts'
import * as net_core_neighbour_output from '../net/core/neighbour_output.ts'
import * as net_core_neighbour_procfs from '../net/core/neighbour_procfs.ts'
import * as net_core_neighbour_proxy from '../net/core/neighbour_proxy.ts'
import * as net_core_neighbour_reply from '../net/core/neighbour_reply.ts'
import * as net_core_neighbour_rtm from '../net/core/neighbour_rtm.ts'
import * as net_core_neighbour_sysctl from '../net/core/neighbour_sysctl.ts'
import * as net_core_neighbour_table from '../net/core/neighbour_table.ts'
import * as net_core_net_namespace from '../net/core/net_namespace.ts'
import * as net_core_net_procfs from '../net/core/net_procfs.ts'
import * as net_core_net_sysfs from '../net/core/net_sysfs.ts'
import * as net_core_net_sysfs_dirs from '../net/core/net_sysfs_dirs.ts'
import * as net_core_net_sysfs_uevent from '../net/core/net_sysfs_uevent.ts'
import * as net_core_netconf from '../net/core/netconf.ts'
import * as net_core_netdev_features from '../net/core/netdev_features.ts'
import * as net_core_netdev_genl from '../net/core/netdev_genl.ts'
import * as net_core_netdev_kobject from '../net/core/netdev_kobject.ts'
import * as net_core_netdevice from '../net/core/netdevice.ts'
import * as net_core_rps from '../net/core/rps.ts'
import * as net_core_rtnetlink from '../net/core/rtnetlink.ts'
import * as net_core_rtnetlink_bridge from '../net/core/rtnetlink_bridge.ts'
import * as net_core_rtnetlink_dellink from '../net/core/rtnetlink_dellink.ts'
import * as net_core_rtnetlink_dump_all from '../net/core/rtnetlink_dump_all.ts'
import * as net_core_rtnetlink_fill from '../net/core/rtnetlink_fill.ts'
import * as net_core_rtnetlink_getlink from '../net/core/rtnetlink_getlink.ts'
import * as net_core_rtnetlink_linkprop from '../net/core/rtnetlink_linkprop.ts'
import * as net_core_rtnetlink_mdb from '../net/core/rtnetlink_mdb.ts'
import * as net_core_rtnetlink_mdb_fill from '../net/core/rtnetlink_mdb_fill.ts'
import * as net_core_rtnetlink_newlink from '../net/core/rtnetlink_newlink.ts'
import * as net_core_rtnetlink_notify from '../net/core/rtnetlink_notify.ts'
import * as net_core_rtnetlink_policy from '../net/core/rtnetlink_policy.ts'
import * as net_core_rtnetlink_rcv from '../net/core/rtnetlink_rcv.ts'
import * as net_core_rtnetlink_setlink from '../net/core/rtnetlink_setlink.ts'
import * as net_core_rtnetlink_setlink_nested from '../net/core/rtnetlink_setlink_nested.ts'
import * as net_core_rtnetlink_stats from '../net/core/rtnetlink_stats.ts'
import * as net_core_rtnl_fdb from '../net/core/rtnl_fdb.ts'
import * as net_core_rtnl_fdb_dump from '../net/core/rtnl_fdb_dump.ts'
import * as net_core_rtnl_netns from '../net/core/rtnl_netns.ts'
import * as net_core_skb_offload from '../net/core/skb_offload.ts'
import * as net_core_skb_tstamp from '../net/core/skb_tstamp.ts'
import * as net_core_skb_vlan from '../net/core/skb_vlan.ts'
import * as net_core_skbuff from '../net/core/skbuff.ts'
import * as net_core_skbuff_cache from '../net/core/skbuff_cache.ts'
import * as net_core_sock_cmsg from '../net/core/sock_cmsg.ts'
import * as net_core_sock_diag from '../net/core/sock_diag.ts'
import * as net_core_sock_procfs from '../net/core/sock_procfs.ts'
import * as net_core_sysctl_net_core from '../net/core/sysctl_net_core.ts'
import * as net_core_sysctl_others from '../net/core/sysctl_others.ts'
import * as net_core_udp_tunnel from '../net/core/udp_tunnel.ts'
import * as net_core_virtio_net from '../net/core/virtio_net.ts'
import * as net_core_xdp from '../net/core/xdp.ts'
import * as net_dcb_dcbnl from '../net/dcb/dcbnl.ts'
import * as net_ethernet_eth from '../net/ethernet/eth.ts'
import * as net_ethtool_absent from '../net/ethtool/absent.ts'
import * as net_ethtool_bitset from '../net/ethtool/bitset.ts'
import * as net_ethtool_channels from '../net/ethtool/channels.ts'
import * as net_ethtool_coalesce from '../net/ethtool/coalesce.ts'
import * as net_ethtool_common from '../net/ethtool/common.ts'
import * as net_ethtool_debug from '../net/ethtool/debug.ts'
import * as net_ethtool_features from '../net/ethtool/features.ts'
import * as net_ethtool_ioctl from '../net/ethtool/ioctl.ts'
import * as net_ethtool_ioctl_call from '../net/ethtool/ioctl_call.ts'
import * as net_ethtool_ioctl_features from '../net/ethtool/ioctl_features.ts'
import * as net_ethtool_ioctl_link from '../net/ethtool/ioctl_link.ts'
import * as net_ethtool_ioctl_rxfh from '../net/ethtool/ioctl_rxfh.ts'
import * as net_ethtool_ioctl_strings from '../net/ethtool/ioctl_strings.ts'
import * as net_ethtool_linkinfo from '../net/ethtool/linkinfo.ts'
import * as net_ethtool_linkmodes from '../net/ethtool/linkmodes.ts'
import * as net_ethtool_linkstate from '../net/ethtool/linkstate.ts'
import * as net_ethtool_netlink from '../net/ethtool/netlink.ts'
import * as net_ethtool_pause from '../net/ethtool/pause.ts'
import * as net_ethtool_request from '../net/ethtool/request.ts'
import * as net_ethtool_rings from '../net/ethtool/rings.ts'
import * as net_ethtool_rss from '../net/ethtool/rss.ts'
import * as net_ethtool_stats from '../net/ethtool/stats.ts'
import * as net_ethtool_strset from '../net/ethtool/strset.ts'
import * as net_ethtool_tsinfo from '../net/ethtool/tsinfo.ts'
import * as net_ethtool_wol from '../net/ethtool/wol.ts'
import * as net_ioctl from '../net/ioctl.ts'
import * as net_ipv4_af_inet from '../net/ipv4/af_inet.ts'
import * as net_ipv4_af_inet_ops from '../net/ipv4/af_inet_ops.ts'
import * as net_ipv4_arp from '../net/ipv4/arp.ts'
import * as net_ipv4_arp_ioctl from '../net/ipv4/arp_ioctl.ts'
import * as net_ipv4_arp_procfs from '../net/ipv4/arp_procfs.ts'
import * as net_ipv4_arp_rcv from '../net/ipv4/arp_rcv.ts'
import * as net_ipv4_arp_send from '../net/ipv4/arp_send.ts'
import * as net_ipv4_devinet from '../net/ipv4/devinet.ts'
import * as net_ipv4_devinet_addr from '../net/ipv4/devinet_addr.ts'
import * as net_ipv4_devinet_ioctl from '../net/ipv4/devinet_ioctl.ts'
import * as net_ipv4_devinet_lifetime from '../net/ipv4/devinet_lifetime.ts'
import * as net_ipv4_devinet_link_af from '../net/ipv4/devinet_link_af.ts'
import * as net_ipv4_devinet_netconf from '../net/ipv4/devinet_netconf.ts'
import * as net_ipv4_devinet_notify from '../net/ipv4/devinet_notify.ts'
import * as net_ipv4_devinet_rtm from '../net/ipv4/devinet_rtm.ts'
import * as net_ipv4_devinet_select from '../net/ipv4/devinet_select.ts'
import * as net_ipv4_devinet_sysctl from '../net/ipv4/devinet_sysctl.ts'
import * as net_ipv4_erspan from '../net/ipv4/erspan.ts'
import * as net_ipv4_fib_dump from '../net/ipv4/fib_dump.ts'
import * as net_ipv4_fib_frontend from '../net/ipv4/fib_frontend.ts'
import * as net_ipv4_fib_good_nh from '../net/ipv4/fib_good_nh.ts'
import * as net_ipv4_fib_ifaddr from '../net/ipv4/fib_ifaddr.ts'
import * as net_ipv4_fib_lookup from '../net/ipv4/fib_lookup.ts'
import * as net_ipv4_fib_metrics from '../net/ipv4/fib_metrics.ts'
import * as net_ipv4_fib_multipath from '../net/ipv4/fib_multipath.ts'
import * as net_ipv4_fib_nh from '../net/ipv4/fib_nh.ts'
import * as net_ipv4_fib_nh_match from '../net/ipv4/fib_nh_match.ts'
import * as net_ipv4_fib_nl_lookup from '../net/ipv4/fib_nl_lookup.ts'
import * as net_ipv4_fib_props from '../net/ipv4/fib_props.ts'
import * as net_ipv4_fib_rt_info from '../net/ipv4/fib_rt_info.ts'
import * as net_ipv4_fib_rt_ioctl from '../net/ipv4/fib_rt_ioctl.ts'
import * as net_ipv4_fib_rtm from '../net/ipv4/fib_rtm.ts'
import * as net_ipv4_fib_rules from '../net/ipv4/fib_rules.ts'
import * as net_ipv4_fib_semantics from '../net/ipv4/fib_semantics.ts'
import * as net_ipv4_fib_sync from '../net/ipv4/fib_sync.ts'
import * as net_ipv4_fib_table from '../net/ipv4/fib_table.ts'
import * as net_ipv4_fib_tables from '../net/ipv4/fib_tables.ts'
import * as net_ipv4_fib_trie from '../net/ipv4/fib_trie.ts'
import * as net_ipv4_fib_trie_alias from '../net/ipv4/fib_trie_alias.ts'
import * as net_ipv4_fib_trie_procfs from '../net/ipv4/fib_trie_procfs.ts'
import * as net_ipv4_fib_trie_resize from '../net/ipv4/fib_trie_resize.ts'
import * as net_ipv4_fib_via from '../net/ipv4/fib_via.ts'
import * as net_ipv4_gre_common from '../net/ipv4/gre_common.ts'
import * as net_ipv4_gre_demux from '../net/ipv4/gre_demux.ts'
import * as net_ipv4_icmp from '../net/ipv4/icmp.ts'
import * as net_ipv4_icmp_probe from '../net/ipv4/icmp_probe.ts'
import * as net_ipv4_icmp_ratelimit from '../net/ipv4/icmp_ratelimit.ts'
import * as net_ipv4_icmp_rfc4884 from '../net/ipv4/icmp_rfc4884.ts'
import * as net_ipv4_icmp_send from '../net/ipv4/icmp_send.ts'
import * as net_ipv4_igmp from '../net/ipv4/igmp.ts'
import * as net_ipv4_igmp_rcv from '../net/ipv4/igmp_rcv.ts'
import * as net_ipv4_igmp_report from '../net/ipv4/igmp_report.ts'
import * as net_ipv4_igmp_send from '../net/ipv4/igmp_send.ts'
import * as net_ipv4_igmp_sock from '../net/ipv4/igmp_sock.ts'
import * as net_ipv4_in_device from '../net/ipv4/in_device.ts'
import * as net_ipv4_inet_connection_sock from '../net/ipv4/inet_connection_sock.ts'
import * as net_ipv4_inet_diag from '../net/ipv4/inet_diag.ts'
import * as net_ipv4_inet_diag_bc from '../net/ipv4/inet_diag_bc.ts'
import * as net_ipv4_inet_diag_fill from '../net/ipv4/inet_diag_fill.ts'
import * as net_ipv4_inet_fragment from '../net/ipv4/inet_fragment.ts'
import * as net_ipv4_inet_hashtables from '../net/ipv4/inet_hashtables.ts'
import * as net_ipv4_inet_ioctl from '../net/ipv4/inet_ioctl.ts'
import * as net_ipv4_inet_ports from '../net/ipv4/inet_ports.ts'
import * as net_ipv4_inet_seq from '../net/ipv4/inet_seq.ts'
import * as net_ipv4_inet_sock from '../net/ipv4/inet_sock.ts'
import * as net_ipv4_inetpeer from '../net/ipv4/inetpeer.ts'
import * as net_ipv4_ip_fragment from '../net/ipv4/ip_fragment.ts'
import * as net_ipv4_ip_gre from '../net/ipv4/ip_gre.ts'
import * as net_ipv4_ip_gre_netlink from '../net/ipv4/ip_gre_netlink.ts'
import * as net_ipv4_ip_gre_rcv from '../net/ipv4/ip_gre_rcv.ts'
import * as net_ipv4_ip_gre_xmit from '../net/ipv4/ip_gre_xmit.ts'
import * as net_ipv4_ip_hdr from '../net/ipv4/ip_hdr.ts'
import * as net_ipv4_ip_input from '../net/ipv4/ip_input.ts'
import * as net_ipv4_ip_options from '../net/ipv4/ip_options.ts'
import * as net_ipv4_ip_options_build from '../net/ipv4/ip_options_build.ts'
import * as net_ipv4_ip_options_rcv from '../net/ipv4/ip_options_rcv.ts'
import * as net_ipv4_ip_output from '../net/ipv4/ip_output.ts'
import * as net_ipv4_ip_sockglue from '../net/ipv4/ip_sockglue.ts'
import * as net_ipv4_ip_sockglue_mcast from '../net/ipv4/ip_sockglue_mcast.ts'
import * as net_ipv4_ip_stats from '../net/ipv4/ip_stats.ts'
import * as net_ipv4_ip_tunnel from '../net/ipv4/ip_tunnel.ts'
import * as net_ipv4_ip_tunnel_core from '../net/ipv4/ip_tunnel_core.ts'
import * as net_ipv4_ip_tunnel_ioctl from '../net/ipv4/ip_tunnel_ioctl.ts'
import * as net_ipv4_ip_tunnel_lwt from '../net/ipv4/ip_tunnel_lwt.ts'
import * as net_ipv4_ip_tunnel_rcv from '../net/ipv4/ip_tunnel_rcv.ts'
import * as net_ipv4_ip_tunnel_state from '../net/ipv4/ip_tunnel_state.ts'
import * as net_ipv4_ip_tunnel_xmit from '../net/ipv4/ip_tunnel_xmit.ts'
import * as net_ipv4_ip_vti from '../net/ipv4/ip_vti.ts'
import * as net_ipv4_ip_vti_data from '../net/ipv4/ip_vti_data.ts'
import * as net_ipv4_ipip from '../net/ipv4/ipip.ts'
import * as net_ipv4_ipip_data from '../net/ipv4/ipip_data.ts'
import * as net_ipv4_ipmr from '../net/ipv4/ipmr.ts'
import * as net_ipv4_ipmr_base from '../net/ipv4/ipmr_base.ts'
import * as net_ipv4_ipmr_family from '../net/ipv4/ipmr_family.ts'
import * as net_ipv4_ipmr_fill from '../net/ipv4/ipmr_fill.ts'
import * as net_ipv4_ipmr_input from '../net/ipv4/ipmr_input.ts'
import * as net_ipv4_ipmr_proc from '../net/ipv4/ipmr_proc.ts'
import * as net_ipv4_ipmr_reg_vif from '../net/ipv4/ipmr_reg_vif.ts'
import * as net_ipv4_ipmr_rules from '../net/ipv4/ipmr_rules.ts'
import * as net_ipv4_ipmr_sock from '../net/ipv4/ipmr_sock.ts'
import * as net_ipv4_ipmr_vif from '../net/ipv4/ipmr_vif.ts'
import * as net_ipv4_ipv4_procfs from '../net/ipv4/ipv4_procfs.ts'
import * as net_ipv4_mc_filter from '../net/ipv4/mc_filter.ts'
import * as net_ipv4_netns_ipv4 from '../net/ipv4/netns_ipv4.ts'
import * as net_ipv4_nexthop from '../net/ipv4/nexthop.ts'
import * as net_ipv4_nexthop_bucket from '../net/ipv4/nexthop_bucket.ts'
import * as net_ipv4_nexthop_change from '../net/ipv4/nexthop_change.ts'
import * as net_ipv4_nexthop_fill from '../net/ipv4/nexthop_fill.ts'
import * as net_ipv4_nexthop_init from '../net/ipv4/nexthop_init.ts'
import * as net_ipv4_nexthop_res from '../net/ipv4/nexthop_res.ts'
import * as net_ipv4_nexthop_rtm from '../net/ipv4/nexthop_rtm.ts'
import * as net_ipv4_ping from '../net/ipv4/ping.ts'
import * as net_ipv4_proc from '../net/ipv4/proc.ts'
import * as net_ipv4_proc_names from '../net/ipv4/proc_names.ts'
import * as net_ipv4_protosw from '../net/ipv4/protosw.ts'
import * as net_ipv4_raw from '../net/ipv4/raw.ts'
import * as net_ipv4_route from '../net/ipv4/route.ts'
import * as net_ipv4_route_exception from '../net/ipv4/route_exception.ts'
import * as net_ipv4_route_get from '../net/ipv4/route_get.ts'
import * as net_ipv4_route_hash from '../net/ipv4/route_hash.ts'
import * as net_ipv4_route_input from '../net/ipv4/route_input.ts'
import * as net_ipv4_route_martian from '../net/ipv4/route_martian.ts'
import * as net_ipv4_route_pmtu from '../net/ipv4/route_pmtu.ts'
import * as net_ipv4_route_redirect from '../net/ipv4/route_redirect.ts'
import * as net_ipv4_route_sysctl from '../net/ipv4/route_sysctl.ts'
import * as net_ipv4_sock4 from '../net/ipv4/sock4.ts'
import * as net_ipv4_sysctl_ipv4_table from '../net/ipv4/sysctl_ipv4_table.ts'
import * as net_ipv4_sysctl_net_ipv4 from '../net/ipv4/sysctl_net_ipv4.ts'
import * as net_ipv4_tcp from '../net/ipv4/tcp.ts'
import * as net_ipv4_tcp_input from '../net/ipv4/tcp_input.ts'
import * as net_ipv4_tcp_ipv4 from '../net/ipv4/tcp_ipv4.ts'
import * as net_ipv4_tcp_metrics from '../net/ipv4/tcp_metrics.ts'
import * as net_ipv4_tcp_sockopt from '../net/ipv4/tcp_sockopt.ts'
import * as net_ipv4_tunnel4 from '../net/ipv4/tunnel4.ts'
import * as net_ipv4_udp_lookup from '../net/ipv4/udp_lookup.ts'
import * as net_ipv4_udp_opt from '../net/ipv4/udp_opt.ts'
import * as net_ipv4_udp_rcv from '../net/ipv4/udp_rcv.ts'
import * as net_ipv4_udp_recv from '../net/ipv4/udp_recv.ts'
import * as net_ipv4_udp_snd from '../net/ipv4/udp_snd.ts'
import * as net_ipv6_addrconf from '../net/ipv6/addrconf.ts'
import * as net_ipv6_addrconf_addr from '../net/ipv6/addrconf_addr.ts'
import * as net_ipv6_addrconf_core from '../net/ipv6/addrconf_core.ts'
import * as net_ipv6_addrconf_dad from '../net/ipv6/addrconf_dad.ts'
import * as net_ipv6_addrconf_dev from '../net/ipv6/addrconf_dev.ts'
import * as net_ipv6_addrconf_fixup from '../net/ipv6/addrconf_fixup.ts'
import * as net_ipv6_addrconf_gen from '../net/ipv6/addrconf_gen.ts'
import * as net_ipv6_addrconf_ifa from '../net/ipv6/addrconf_ifa.ts'
import * as net_ipv6_addrconf_ifinfo from '../net/ipv6/addrconf_ifinfo.ts'
import * as net_ipv6_addrconf_manual from '../net/ipv6/addrconf_manual.ts'
import * as net_ipv6_addrconf_netconf from '../net/ipv6/addrconf_netconf.ts'
import * as net_ipv6_addrconf_prefix from '../net/ipv6/addrconf_prefix.ts'
import * as net_ipv6_addrconf_procfs from '../net/ipv6/addrconf_procfs.ts'
import * as net_ipv6_addrconf_ra from '../net/ipv6/addrconf_ra.ts'
import * as net_ipv6_addrconf_rs from '../net/ipv6/addrconf_rs.ts'
import * as net_ipv6_addrconf_rtm from '../net/ipv6/addrconf_rtm.ts'
import * as net_ipv6_addrconf_saddr from '../net/ipv6/addrconf_saddr.ts'
import * as net_ipv6_addrconf_sysctl from '../net/ipv6/addrconf_sysctl.ts'
import * as net_ipv6_addrconf_tempaddr from '../net/ipv6/addrconf_tempaddr.ts'
import * as net_ipv6_addrconf_verify from '../net/ipv6/addrconf_verify.ts'
import * as net_ipv6_addrlabel from '../net/ipv6/addrlabel.ts'
import * as net_ipv6_addrlabel_table from '../net/ipv6/addrlabel_table.ts'
import * as net_ipv6_af_inet6 from '../net/ipv6/af_inet6.ts'
import * as net_ipv6_af_inet6_ops from '../net/ipv6/af_inet6_ops.ts'
import * as net_ipv6_anycast from '../net/ipv6/anycast.ts'
import * as net_ipv6_exthdrs from '../net/ipv6/exthdrs.ts'
import * as net_ipv6_exthdrs_routing from '../net/ipv6/exthdrs_routing.ts'
import * as net_ipv6_fib6_rules from '../net/ipv6/fib6_rules.ts'
import * as net_ipv6_icmp from '../net/ipv6/icmp.ts'
import * as net_ipv6_icmp_err from '../net/ipv6/icmp_err.ts'
import * as net_ipv6_if_inet6 from '../net/ipv6/if_inet6.ts'
import * as net_ipv6_inet6_ioctl from '../net/ipv6/inet6_ioctl.ts'
import * as net_ipv6_inet6_sock from '../net/ipv6/inet6_sock.ts'
import * as net_ipv6_inet_ops from '../net/ipv6/inet_ops.ts'
import * as net_ipv6_ioam6 from '../net/ipv6/ioam6.ts'
import * as net_ipv6_ip6_dst_lookup from '../net/ipv6/ip6_dst_lookup.ts'
import * as net_ipv6_ip6_fib from '../net/ipv6/ip6_fib.ts'
import * as net_ipv6_ip6_fib_add from '../net/ipv6/ip6_fib_add.ts'
import * as net_ipv6_ip6_fib_del from '../net/ipv6/ip6_fib_del.ts'
import * as net_ipv6_ip6_fib_dev from '../net/ipv6/ip6_fib_dev.ts'
import * as net_ipv6_ip6_fib_dump from '../net/ipv6/ip6_fib_dump.ts'
import * as net_ipv6_ip6_fib_gc from '../net/ipv6/ip6_fib_gc.ts'
import * as net_ipv6_ip6_fib_info from '../net/ipv6/ip6_fib_info.ts'
import * as net_ipv6_ip6_fib_lookup from '../net/ipv6/ip6_fib_lookup.ts'
import * as net_ipv6_ip6_fib_metrics from '../net/ipv6/ip6_fib_metrics.ts'
import * as net_ipv6_ip6_fib_multipath from '../net/ipv6/ip6_fib_multipath.ts'
import * as net_ipv6_ip6_fib_nexthop from '../net/ipv6/ip6_fib_nexthop.ts'
import * as net_ipv6_ip6_fib_node from '../net/ipv6/ip6_fib_node.ts'
import * as net_ipv6_ip6_flowlabel from '../net/ipv6/ip6_flowlabel.ts'
import * as net_ipv6_ip6_flowlabel_mgr from '../net/ipv6/ip6_flowlabel_mgr.ts'
import * as net_ipv6_ip6_gre from '../net/ipv6/ip6_gre.ts'
import * as net_ipv6_ip6_gre_data from '../net/ipv6/ip6_gre_data.ts'
import * as net_ipv6_ip6_gre_netlink from '../net/ipv6/ip6_gre_netlink.ts'
import * as net_ipv6_ip6_input from '../net/ipv6/ip6_input.ts'
import * as net_ipv6_ip6_output from '../net/ipv6/ip6_output.ts'
import * as net_ipv6_ip6_route_addr from '../net/ipv6/ip6_route_addr.ts'
import * as net_ipv6_ip6_route_config from '../net/ipv6/ip6_route_config.ts'
import * as net_ipv6_ip6_route_create from '../net/ipv6/ip6_route_create.ts'
import * as net_ipv6_ip6_route_del from '../net/ipv6/ip6_route_del.ts'
import * as net_ipv6_ip6_route_exception from '../net/ipv6/ip6_route_exception.ts'
import * as net_ipv6_ip6_route_gateway from '../net/ipv6/ip6_route_gateway.ts'
import * as net_ipv6_ip6_route_hash from '../net/ipv6/ip6_route_hash.ts'
import * as net_ipv6_ip6_route_init from '../net/ipv6/ip6_route_init.ts'
import * as net_ipv6_ip6_route_input from '../net/ipv6/ip6_route_input.ts'
import * as net_ipv6_ip6_route_ioctl from '../net/ipv6/ip6_route_ioctl.ts'
import * as net_ipv6_ip6_route_neigh from '../net/ipv6/ip6_route_neigh.ts'
import * as net_ipv6_ip6_route_notify from '../net/ipv6/ip6_route_notify.ts'
import * as net_ipv6_ip6_route_proc from '../net/ipv6/ip6_route_proc.ts'
import * as net_ipv6_ip6_route_ra from '../net/ipv6/ip6_route_ra.ts'
import * as net_ipv6_ip6_route_rtm from '../net/ipv6/ip6_route_rtm.ts'
import * as net_ipv6_ip6_send from '../net/ipv6/ip6_send.ts'
import * as net_ipv6_ip6_stats from '../net/ipv6/ip6_stats.ts'
import * as net_ipv6_ip6_tunnel from '../net/ipv6/ip6_tunnel.ts'
import * as net_ipv6_ip6_tunnel_core from '../net/ipv6/ip6_tunnel_core.ts'
import * as net_ipv6_ip6_tunnel_ioctl from '../net/ipv6/ip6_tunnel_ioctl.ts'
import * as net_ipv6_ip6_tunnel_rcv from '../net/ipv6/ip6_tunnel_rcv.ts'
import * as net_ipv6_ip6_tunnel_state from '../net/ipv6/ip6_tunnel_state.ts'
import * as net_ipv6_ip6_tunnel_xmit from '../net/ipv6/ip6_tunnel_xmit.ts'
import * as net_ipv6_ip6_vti from '../net/ipv6/ip6_vti.ts'
import * as net_ipv6_ip6mr from '../net/ipv6/ip6mr.ts'
import * as net_ipv6_ip6mr_family from '../net/ipv6/ip6mr_family.ts'
import * as net_ipv6_ip6mr_input from '../net/ipv6/ip6mr_input.ts'
import * as net_ipv6_ip6mr_proc from '../net/ipv6/ip6mr_proc.ts'
import * as net_ipv6_ip6mr_rules from '../net/ipv6/ip6mr_rules.ts'
import * as net_ipv6_ip6mr_sock from '../net/ipv6/ip6mr_sock.ts'
import * as net_ipv6_ipv6_hdr from '../net/ipv6/ipv6_hdr.ts'
import * as net_ipv6_ipv6_sockglue from '../net/ipv6/ipv6_sockglue.ts'
import * as net_ipv6_ipv6_sockglue_mcast from '../net/ipv6/ipv6_sockglue_mcast.ts'
import * as net_ipv6_ipv6_sockglue_rare from '../net/ipv6/ipv6_sockglue_rare.ts'
import * as net_ipv6_ipv6_stubs from '../net/ipv6/ipv6_stubs.ts'
import * as net_ipv6_ipv6_txoptions from '../net/ipv6/ipv6_txoptions.ts'
import * as net_ipv6_mcast from '../net/ipv6/mcast.ts'
import * as net_ipv6_mcast_query from '../net/ipv6/mcast_query.ts'
import * as net_ipv6_mcast_sock from '../net/ipv6/mcast_sock.ts'
import * as net_ipv6_mld from '../net/ipv6/mld.ts'
import * as net_ipv6_mld_send from '../net/ipv6/mld_send.ts'
import * as net_ipv6_ndisc from '../net/ipv6/ndisc.ts'
import * as net_ipv6_ndisc_options from '../net/ipv6/ndisc_options.ts'
import * as net_ipv6_ndisc_proxy from '../net/ipv6/ndisc_proxy.ts'
import * as net_ipv6_ndisc_rcv from '../net/ipv6/ndisc_rcv.ts'
import * as net_ipv6_ndisc_redirect from '../net/ipv6/ndisc_redirect.ts'
import * as net_ipv6_ndisc_router from '../net/ipv6/ndisc_router.ts'
import * as net_ipv6_ndisc_send from '../net/ipv6/ndisc_send.ts'
import * as net_ipv6_ndisc_sysctl from '../net/ipv6/ndisc_sysctl.ts'
import * as net_ipv6_netns_ipv6 from '../net/ipv6/netns_ipv6.ts'
import * as net_ipv6_ping from '../net/ipv6/ping.ts'
import * as net_ipv6_proc from '../net/ipv6/proc.ts'
import * as net_ipv6_raw from '../net/ipv6/raw.ts'
import * as net_ipv6_reassembly from '../net/ipv6/reassembly.ts'
import * as net_ipv6_route from '../net/ipv6/route.ts'
import * as net_ipv6_route_get from '../net/ipv6/route_get.ts'
import * as net_ipv6_route_sync from '../net/ipv6/route_sync.ts'
import * as net_ipv6_seg6 from '../net/ipv6/seg6.ts'
import * as net_ipv6_seg6_hmac from '../net/ipv6/seg6_hmac.ts'
import * as net_ipv6_seg6_iptunnel from '../net/ipv6/seg6_iptunnel.ts'
import * as net_ipv6_seg6_iptunnel_srh from '../net/ipv6/seg6_iptunnel_srh.ts'
import * as net_ipv6_seg6_local from '../net/ipv6/seg6_local.ts'
import * as net_ipv6_seg6_local_input from '../net/ipv6/seg6_local_input.ts'
import * as net_ipv6_seg6_srh from '../net/ipv6/seg6_srh.ts'
import * as net_ipv6_sit from '../net/ipv6/sit.ts'
import * as net_ipv6_sit_data from '../net/ipv6/sit_data.ts'
import * as net_ipv6_sit_ioctl from '../net/ipv6/sit_ioctl.ts'
import * as net_ipv6_sock6 from '../net/ipv6/sock6.ts'
import * as net_ipv6_sysctl_ipv6_more from '../net/ipv6/sysctl_ipv6_more.ts'
import * as net_ipv6_sysctl_net_ipv6 from '../net/ipv6/sysctl_net_ipv6.ts'
import * as net_ipv6_tcp_ipv6 from '../net/ipv6/tcp_ipv6.ts'
import * as net_ipv6_tunnel6 from '../net/ipv6/tunnel6.ts'
import * as net_ipv6_tunnel_pmtu from '../net/ipv6/tunnel_pmtu.ts'
import * as net_ipv6_udp_lookup from '../net/ipv6/udp_lookup.ts'
import * as net_ipv6_udp_rcv from '../net/ipv6/udp_rcv.ts'
import * as net_ipv6_udp_recv from '../net/ipv6/udp_recv.ts'
import * as net_ipv6_udp_snd from '../net/ipv6/udp_snd.ts'
import * as net_ipv6_udp_tunnel from '../net/ipv6/udp_tunnel.ts'
import * as net_ipv6_udp_tunnel_rcv from '../net/ipv6/udp_tunnel_rcv.ts'
import * as net_ipv6_udp_tunnel_route from '../net/ipv6/udp_tunnel_route.ts'
import * as net_ipv6_udp_tunnel_xmit from '../net/ipv6/udp_tunnel_xmit.ts'
import * as net_mpls_af_mpls from '../net/mpls/af_mpls.ts'
import * as net_mpls_mpls_dev from '../net/mpls/mpls_dev.ts'
import * as net_mpls_mpls_forward from '../net/mpls/mpls_forward.ts'
import * as net_mpls_mpls_iptunnel from '../net/mpls/mpls_iptunnel.ts'
import * as net_mpls_mpls_label from '../net/mpls/mpls_label.ts'
import * as net_mpls_mpls_private from '../net/mpls/mpls_private.ts'
import * as net_mpls_mpls_route from '../net/mpls/mpls_route.ts'
import * as net_mpls_mpls_rtm from '../net/mpls/mpls_rtm.ts'
import * as net_mptcp_pm_netlink from '../net/mptcp/pm_netlink.ts'
import * as net_netfilter_nfnetlink from '../net/netfilter/nfnetlink.ts'
import * as net_netlink_af_netlink from '../net/netlink/af_netlink.ts'
import * as net_netlink_attr from '../net/netlink/attr.ts'
import * as net_netlink_extack from '../net/netlink/extack.ts'
import * as net_netlink_genetlink from '../net/netlink/genetlink.ts'
import * as net_netlink_genl_ctrl from '../net/netlink/genl_ctrl.ts'
import * as net_netlink_genl_family from '../net/netlink/genl_family.ts'
import * as net_netlink_kobject_uevent from '../net/netlink/kobject_uevent.ts'
import * as net_netlink_netlink_dump from '../net/netlink/netlink_dump.ts'
import * as net_netlink_netlink_multicast from '../net/netlink/netlink_multicast.ts'
import * as net_netlink_netlink_rcv from '../net/netlink/netlink_rcv.ts'
import * as net_netlink_netlink_sock from '../net/netlink/netlink_sock.ts'
import * as net_netlink_netlink_socket from '../net/netlink/netlink_socket.ts'
import * as net_netlink_netlink_sockopt from '../net/netlink/netlink_sockopt.ts'
import * as net_netlink_netlink_tap from '../net/netlink/netlink_tap.ts'
import * as net_netlink_policy from '../net/netlink/policy.ts'
import * as net_netlink_policy_dump from '../net/netlink/policy_dump.ts'
import * as net_netlink_types from '../net/netlink/types.ts'
import * as net_packet_af_packet from '../net/packet/af_packet.ts'
import * as net_packet_packet_bind from '../net/packet/packet_bind.ts'
import * as net_packet_packet_diag from '../net/packet/packet_diag.ts'
import * as net_packet_packet_fanout from '../net/packet/packet_fanout.ts'
import * as net_packet_packet_mc from '../net/packet/packet_mc.ts'
import * as net_packet_packet_opt from '../net/packet/packet_opt.ts'
import * as net_packet_packet_procfs from '../net/packet/packet_procfs.ts'
import * as net_packet_packet_rcv from '../net/packet/packet_rcv.ts'
import * as net_packet_packet_ring from '../net/packet/packet_ring.ts'
import * as net_packet_packet_ring_tx from '../net/packet/packet_ring_tx.ts'
import * as net_packet_packet_ring_v3 from '../net/packet/packet_ring_v3.ts'
import * as net_packet_packet_rollover from '../net/packet/packet_rollover.ts'
import * as net_packet_packet_snd from '../net/packet/packet_snd.ts'
import * as net_packet_packet_sock from '../net/packet/packet_sock.ts'
import * as net_sched_act from '../net/sched/act.ts'
import * as net_sched_act_api from '../net/sched/act_api.ts'
import * as net_sched_act_check from '../net/sched/act_check.ts'
import * as net_sched_act_connmark from '../net/sched/act_connmark.ts'
import * as net_sched_act_csum from '../net/sched/act_csum.ts'
import * as net_sched_act_gact from '../net/sched/act_gact.ts'
import * as net_sched_act_mirred from '../net/sched/act_mirred.ts'
import * as net_sched_act_pedit from '../net/sched/act_pedit.ts'
import * as net_sched_act_police from '../net/sched/act_police.ts'
import * as net_sched_act_policy from '../net/sched/act_policy.ts'
import * as net_sched_act_skbedit from '../net/sched/act_skbedit.ts'
import * as net_sched_act_take from '../net/sched/act_take.ts'
import * as net_sched_act_tunnel_key from '../net/sched/act_tunnel_key.ts'
import * as net_sched_act_vlan from '../net/sched/act_vlan.ts'
import * as net_sched_cls from '../net/sched/cls.ts'
import * as net_sched_cls_api from '../net/sched/cls_api.ts'
import * as net_sched_cls_basic from '../net/sched/cls_basic.ts'
import * as net_sched_cls_block from '../net/sched/cls_block.ts'
import * as net_sched_cls_exts from '../net/sched/cls_exts.ts'
import * as net_sched_cls_flower from '../net/sched/cls_flower.ts'
import * as net_sched_cls_fw from '../net/sched/cls_fw.ts'
import * as net_sched_cls_matchall from '../net/sched/cls_matchall.ts'
import * as net_sched_cls_proto from '../net/sched/cls_proto.ts'
import * as net_sched_cls_run from '../net/sched/cls_run.ts'
import * as net_sched_cls_u32 from '../net/sched/cls_u32.ts'
import * as net_sched_codel from '../net/sched/codel.ts'
import * as net_sched_dev_watchdog from '../net/sched/dev_watchdog.ts'
import * as net_sched_flower_key from '../net/sched/flower_key.ts'
import * as net_sched_fq_codel_flows from '../net/sched/fq_codel_flows.ts'
import * as net_sched_fq_codel_queue from '../net/sched/fq_codel_queue.ts'
import * as net_sched_gen_estimator from '../net/sched/gen_estimator.ts'
import * as net_sched_htb_class from '../net/sched/htb_class.ts'
import * as net_sched_inet_ecn from '../net/sched/inet_ecn.ts'
import * as net_sched_netem_loss from '../net/sched/netem_loss.ts'
import * as net_sched_qdisc from '../net/sched/qdisc.ts'
import * as net_sched_qdisc_class_hash from '../net/sched/qdisc_class_hash.ts'
import * as net_sched_qdisc_hash from '../net/sched/qdisc_hash.ts'
import * as net_sched_qdisc_kinds from '../net/sched/qdisc_kinds.ts'
import * as net_sched_qdisc_run from '../net/sched/qdisc_run.ts'
import * as net_sched_qdisc_tree from '../net/sched/qdisc_tree.ts'
import * as net_sched_qdisc_watchdog from '../net/sched/qdisc_watchdog.ts'
import * as net_sched_sch_api from '../net/sched/sch_api.ts'
import * as net_sched_sch_api_class from '../net/sched/sch_api_class.ts'
import * as net_sched_sch_api_dump from '../net/sched/sch_api_dump.ts'
import * as net_sched_sch_api_fill from '../net/sched/sch_api_fill.ts'
import * as net_sched_sch_api_graft from '../net/sched/sch_api_graft.ts'
import * as net_sched_sch_codel from '../net/sched/sch_codel.ts'
import * as net_sched_sch_fifo from '../net/sched/sch_fifo.ts'
import * as net_sched_sch_fq from '../net/sched/sch_fq.ts'
import * as net_sched_sch_fq_codel from '../net/sched/sch_fq_codel.ts'
import * as net_sched_sch_generic from '../net/sched/sch_generic.ts'
import * as net_sched_sch_htb from '../net/sched/sch_htb.ts'
import * as net_sched_sch_htb_change from '../net/sched/sch_htb_change.ts'
import * as net_sched_sch_ingress from '../net/sched/sch_ingress.ts'
import * as net_sched_sch_init from '../net/sched/sch_init.ts'
import * as net_sched_sch_mq from '../net/sched/sch_mq.ts'
import * as net_sched_sch_netem from '../net/sched/sch_netem.ts'
import * as net_sched_sch_noop from '../net/sched/sch_noop.ts'
import * as net_sched_sch_pfifo_fast from '../net/sched/sch_pfifo_fast.ts'
import * as net_sched_sch_prio from '../net/sched/sch_prio.ts'
import * as net_sched_sch_rate from '../net/sched/sch_rate.ts'
import * as net_sched_sch_sfq from '../net/sched/sch_sfq.ts'
import * as net_sched_sch_stab from '../net/sched/sch_stab.ts'
import * as net_sched_sch_tbf from '../net/sched/sch_tbf.ts'
import * as net_sock from '../net/sock.ts'
import * as net_sock_limits from '../net/sock_limits.ts'
import * as net_socket from '../net/socket.ts'
import * as net_sockopt from '../net/sockopt.ts'
import * as net_sockopt_cmsg from '../net/sockopt_cmsg.ts'
import * as net_sockopt_filter from '../net/sockopt_filter.ts'
import * as net_sockopt_filter_skb from '../net/sockopt_filter_skb.ts'
import * as net_sockopt_get from '../net/sockopt_get.ts'
import * as net_xfrm_netns_xfrm from '../net/xfrm/netns_xfrm.ts'
import * as net_xfrm_xfrm_algo from '../net/xfrm/xfrm_algo.ts'
import * as net_xfrm_xfrm_interface_core from '../net/xfrm/xfrm_interface_core.ts'
import * as net_xfrm_xfrm_policy from '../net/xfrm/xfrm_policy.ts'
import * as net_xfrm_xfrm_state from '../net/xfrm/xfrm_state.ts'
import * as net_xfrm_xfrm_state_construct from '../net/xfrm/xfrm_state_construct.ts'
import * as net_xfrm_xfrm_user from '../net/xfrm/xfrm_user.ts'
import * as net_xfrm_xfrm_user_fill from '../net/xfrm/xfrm_user_fill.ts'
import * as net_xfrm_xfrm_user_policies from '../net/xfrm/xfrm_user_policies.ts'
import * as net_xfrm_xfrm_user_policy from '../net/xfrm/xfrm_user_policy.ts'
import * as net_xfrm_xfrm_user_sa from '../net/xfrm/xfrm_user_sa.ts'
import * as net_xfrm_xfrm_user_verify from '../net/xfrm/xfrm_user_verify.ts'
import * as uapi_errno from '../uapi/errno.ts'
import * as uapi_linux_in6 from '../uapi/linux/in6.ts'

export const stateModules: readonly (readonly [name: string, exports: object])[] = [
  ['drivers/char/kmsg', drivers_char_kmsg],
  ['drivers/dpll/dpll_core', drivers_dpll_dpll_core],
  ['drivers/net/bonding/bond_3ad', drivers_net_bonding_bond_3ad],
  ['drivers/net/bonding/bond_3ad_machines', drivers_net_bonding_bond_3ad_machines],
  ['drivers/net/bonding/bond_3ad_port', drivers_net_bonding_bond_3ad_port],
  ['drivers/net/bonding/bond_3ad_select', drivers_net_bonding_bond_3ad_select],
  ['drivers/net/bonding/bond_3ad_send', drivers_net_bonding_bond_3ad_send],
  ['drivers/net/bonding/bond_3ad_types', drivers_net_bonding_bond_3ad_types],
  ['drivers/net/bonding/bond_active', drivers_net_bonding_bond_active],
  ['drivers/net/bonding/bond_alb', drivers_net_bonding_bond_alb],
  ['drivers/net/bonding/bond_alb_learn', drivers_net_bonding_bond_alb_learn],
  ['drivers/net/bonding/bond_alb_rlb', drivers_net_bonding_bond_alb_rlb],
  ['drivers/net/bonding/bond_alb_types', drivers_net_bonding_bond_alb_types],
  ['drivers/net/bonding/bond_arp_frame', drivers_net_bonding_bond_arp_frame],
  ['drivers/net/bonding/bond_arp_monitor', drivers_net_bonding_bond_arp_monitor],
  ['drivers/net/bonding/bond_arp_send', drivers_net_bonding_bond_arp_send],
  ['drivers/net/bonding/bond_arp_validate', drivers_net_bonding_bond_arp_validate],
  ['drivers/net/bonding/bond_create', drivers_net_bonding_bond_create],
  ['drivers/net/bonding/bond_enslave', drivers_net_bonding_bond_enslave],
  ['drivers/net/bonding/bond_event', drivers_net_bonding_bond_event],
  ['drivers/net/bonding/bond_features', drivers_net_bonding_bond_features],
  ['drivers/net/bonding/bond_hash', drivers_net_bonding_bond_hash],
  ['drivers/net/bonding/bond_ioctl', drivers_net_bonding_bond_ioctl],
  ['drivers/net/bonding/bond_lag', drivers_net_bonding_bond_lag],
  ['drivers/net/bonding/bond_main', drivers_net_bonding_bond_main],
  ['drivers/net/bonding/bond_monitor', drivers_net_bonding_bond_monitor],
  ['drivers/net/bonding/bond_netlink', drivers_net_bonding_bond_netlink],
  ['drivers/net/bonding/bond_netlink_fill', drivers_net_bonding_bond_netlink_fill],
  ['drivers/net/bonding/bond_ns_maddrs', drivers_net_bonding_bond_ns_maddrs],
  ['drivers/net/bonding/bond_ops', drivers_net_bonding_bond_ops],
  ['drivers/net/bonding/bond_opt_tables', drivers_net_bonding_bond_opt_tables],
  ['drivers/net/bonding/bond_options', drivers_net_bonding_bond_options],
  ['drivers/net/bonding/bond_options_set', drivers_net_bonding_bond_options_set],
  ['drivers/net/bonding/bond_options_slave', drivers_net_bonding_bond_options_slave],
  ['drivers/net/bonding/bond_options_targets', drivers_net_bonding_bond_options_targets],
  ['drivers/net/bonding/bond_printk', drivers_net_bonding_bond_printk],
  ['drivers/net/bonding/bond_procfs', drivers_net_bonding_bond_procfs],
  ['drivers/net/bonding/bond_protocols', drivers_net_bonding_bond_protocols],
  ['drivers/net/bonding/bond_receive', drivers_net_bonding_bond_receive],
  ['drivers/net/bonding/bond_release', drivers_net_bonding_bond_release],
  ['drivers/net/bonding/bond_slave_arr', drivers_net_bonding_bond_slave_arr],
  ['drivers/net/bonding/bond_slave_state', drivers_net_bonding_bond_slave_state],
  ['drivers/net/bonding/bond_stats', drivers_net_bonding_bond_stats],
  ['drivers/net/bonding/bond_sysfs', drivers_net_bonding_bond_sysfs],
  ['drivers/net/bonding/bond_sysfs_slave', drivers_net_bonding_bond_sysfs_slave],
  ['drivers/net/bonding/bond_timer', drivers_net_bonding_bond_timer],
  ['drivers/net/bonding/bond_vlan_path', drivers_net_bonding_bond_vlan_path],
  ['drivers/net/bonding/bond_works', drivers_net_bonding_bond_works],
  ['drivers/net/bonding/bond_xmit', drivers_net_bonding_bond_xmit],
  ['drivers/net/bonding/bonding', drivers_net_bonding_bonding],
  ['drivers/net/can/dev', drivers_net_can_dev],
  ['drivers/net/can/vcan', drivers_net_can_vcan],
  ['drivers/net/can/vxcan', drivers_net_can_vxcan],
  ['drivers/net/dummy', drivers_net_dummy],
  ['drivers/net/eql', drivers_net_eql],
  ['drivers/net/ethernet', drivers_net_ethernet],
  ['drivers/net/ethernet/intel/e100/e100', drivers_net_ethernet_intel_e100_e100],
  ['drivers/net/ethernet/intel/e100/e100_cb', drivers_net_ethernet_intel_e100_e100_cb],
  ['drivers/net/ethernet/intel/e100/e100_ethtool', drivers_net_ethernet_intel_e100_e100_ethtool],
  ['drivers/net/ethernet/intel/e100/e100_hw', drivers_net_ethernet_intel_e100_e100_hw],
  ['drivers/net/ethernet/intel/e100/e100_main', drivers_net_ethernet_intel_e100_e100_main],
  ['drivers/net/ethernet/intel/e100/e100_rx', drivers_net_ethernet_intel_e100_e100_rx],
  ['drivers/net/ethernet/intel/e100/e100_stats', drivers_net_ethernet_intel_e100_e100_stats],
  ['drivers/net/geneve', drivers_net_geneve],
  ['drivers/net/geneve_data', drivers_net_geneve_data],
  ['drivers/net/geneve_private', drivers_net_geneve_private],
  ['drivers/net/gtp', drivers_net_gtp],
  ['drivers/net/ifb', drivers_net_ifb],
  ['drivers/net/ipvlan', drivers_net_ipvlan],
  ['drivers/net/ipvlan_event', drivers_net_ipvlan_event],
  ['drivers/net/ipvlan_port', drivers_net_ipvlan_port],
  ['drivers/net/ipvlan_xmit', drivers_net_ipvlan_xmit],
  ['drivers/net/link_address', drivers_net_link_address],
  ['drivers/net/loopback', drivers_net_loopback],
  ['drivers/net/macvlan', drivers_net_macvlan],
  ['drivers/net/macvlan_netlink', drivers_net_macvlan_netlink],
  ['drivers/net/macvlan_port', drivers_net_macvlan_port],
  ['drivers/net/macvlan_xmit', drivers_net_macvlan_xmit],
  ['drivers/net/macvtap', drivers_net_macvtap],
  ['drivers/net/mii', drivers_net_mii],
  ['drivers/net/netkit', drivers_net_netkit],
  ['drivers/net/nlmon', drivers_net_nlmon],
  ['drivers/net/peer_link', drivers_net_peer_link],
  ['drivers/net/tap', drivers_net_tap],
  ['drivers/net/tap_chr', drivers_net_tap_chr],
  ['drivers/net/team/team', drivers_net_team_team],
  ['drivers/net/team/team_core', drivers_net_team_team_core],
  ['drivers/net/team/team_mode_loadbalance', drivers_net_team_team_mode_loadbalance],
  ['drivers/net/team/team_modes', drivers_net_team_team_modes],
  ['drivers/net/team/team_nl', drivers_net_team_team_nl],
  ['drivers/net/team/team_nl_send', drivers_net_team_team_nl_send],
  ['drivers/net/team/team_options', drivers_net_team_team_options],
  ['drivers/net/team/team_port', drivers_net_team_team_port],
  ['drivers/net/team/team_receive', drivers_net_team_team_receive],
  ['drivers/net/tun', drivers_net_tun],
  ['drivers/net/tun_chr', drivers_net_tun_chr],
  ['drivers/net/tun_ioctl', drivers_net_tun_ioctl],
  ['drivers/net/tun_private', drivers_net_tun_private],
  ['drivers/net/tun_queue', drivers_net_tun_queue],
  ['drivers/net/veth', drivers_net_veth],
  ['drivers/net/veth_ethtool', drivers_net_veth_ethtool],
  ['drivers/net/virtio_net', drivers_net_virtio_net],
  ['drivers/net/virtio_net_ctrl', drivers_net_virtio_net_ctrl],
  ['drivers/net/virtio_net_ethtool', drivers_net_virtio_net_ethtool],
  ['drivers/net/virtio_net_rss', drivers_net_virtio_net_rss],
  ['drivers/net/vrf', drivers_net_vrf],
  ['drivers/net/vrf_xmit', drivers_net_vrf_xmit],
  ['drivers/net/vsockmon', drivers_net_vsockmon],
  ['drivers/net/vxlan/vxlan_config', drivers_net_vxlan_vxlan_config],
  ['drivers/net/vxlan/vxlan_core', drivers_net_vxlan_vxlan_core],
  ['drivers/net/vxlan/vxlan_fdb', drivers_net_vxlan_vxlan_fdb],
  ['drivers/net/vxlan/vxlan_fdb_rtnl', drivers_net_vxlan_vxlan_fdb_rtnl],
  ['drivers/net/vxlan/vxlan_header', drivers_net_vxlan_vxlan_header],
  ['drivers/net/vxlan/vxlan_mdb', drivers_net_vxlan_vxlan_mdb],
  ['drivers/net/vxlan/vxlan_mdb_private', drivers_net_vxlan_vxlan_mdb_private],
  ['drivers/net/vxlan/vxlan_mdb_rtnl', drivers_net_vxlan_vxlan_mdb_rtnl],
  ['drivers/net/vxlan/vxlan_mdb_xmit', drivers_net_vxlan_vxlan_mdb_xmit],
  ['drivers/net/vxlan/vxlan_multicast', drivers_net_vxlan_vxlan_multicast],
  ['drivers/net/vxlan/vxlan_netlink', drivers_net_vxlan_vxlan_netlink],
  ['drivers/net/vxlan/vxlan_private', drivers_net_vxlan_vxlan_private],
  ['drivers/net/vxlan/vxlan_rcv', drivers_net_vxlan_vxlan_rcv],
  ['drivers/net/vxlan/vxlan_reduce', drivers_net_vxlan_vxlan_reduce],
  ['drivers/net/vxlan/vxlan_sock', drivers_net_vxlan_vxlan_sock],
  ['drivers/net/vxlan/vxlan_vnifilter', drivers_net_vxlan_vxlan_vnifilter],
  ['drivers/net/vxlan/vxlan_vnifilter_rtnl', drivers_net_vxlan_vxlan_vnifilter_rtnl],
  ['drivers/net/vxlan/vxlan_xmit', drivers_net_vxlan_vxlan_xmit],
  ['drivers/net/vxlan/vxlan_xmit_one', drivers_net_vxlan_vxlan_xmit_one],
  ['drivers/net/wireguard/device', drivers_net_wireguard_device],
  ['drivers/net/wireguard/device_types', drivers_net_wireguard_device_types],
  ['drivers/net/wireguard/netlink', drivers_net_wireguard_netlink],
  ['drivers/net/wireguard/socket', drivers_net_wireguard_socket],
  ['drivers/pci/msi', drivers_pci_msi],
  ['drivers/pci/pci', drivers_pci_pci],
  ['drivers/pci/pci_pm', drivers_pci_pci_pm],
  ['drivers/pci/pci_sysfs', drivers_pci_pci_sysfs],
  ['drivers/pci/probe', drivers_pci_probe],
  ['drivers/pci/quirks', drivers_pci_quirks],
  ['drivers/pci/setup_bus', drivers_pci_setup_bus],
  ['drivers/pci/slot', drivers_pci_slot],
  ['drivers/thermal/thermal_netlink', drivers_thermal_thermal_netlink],
  ['drivers/virtio/virtio', drivers_virtio_virtio],
  ['drivers/virtio/virtio_pci_modern', drivers_virtio_virtio_pci_modern],
  ['drivers/virtio/virtio_ring', drivers_virtio_virtio_ring],
  ['drivers/virtio/virtio_sysfs', drivers_virtio_virtio_sysfs],
  ['fs/cgroup', fs_cgroup],
  ['fs/chrdev', fs_chrdev],
  ['fs/inode', fs_inode],
  ['fs/known_files', fs_known_files],
  ['fs/module_dirs', fs_module_dirs],
  ['fs/nsfs', fs_nsfs],
  ['fs/power', fs_power],
  ['fs/proc_net', fs_proc_net],
  ['fs/proc_sysctl', fs_proc_sysctl],
  ['fs/run_netns', fs_run_netns],
  ['fs/sysctl', fs_sysctl],
  ['fs/sysfs', fs_sysfs],
  ['fs/vfs', fs_vfs],
  ['hw/cable', hw_cable],
  ['hw/eeprom93xx', hw_eeprom93xx],
  ['hw/i82559', hw_i82559],
  ['hw/i82559_cu', hw_i82559_cu],
  ['hw/i82559_hash', hw_i82559_hash],
  ['hw/i82559_ru', hw_i82559_ru],
  ['hw/i82559_wake', hw_i82559_wake],
  ['hw/mii_phy', hw_mii_phy],
  ['hw/msi', hw_msi],
  ['hw/msix', hw_msix],
  ['hw/pci', hw_pci],
  ['hw/switch', hw_switch],
  ['hw/virtio_net', hw_virtio_net],
  ['hw/virtio_pci', hw_virtio_pci],
  ['hw/virtio_rss', hw_virtio_rss],
  ['hw/virtqueue', hw_virtqueue],
  ['init/loadable', init_loadable],
  ['init/pci', init_pci],
  ['kernel/bpf_cgroup', kernel_bpf_cgroup],
  ['kernel/capability', kernel_capability],
  ['kernel/cgroup', kernel_cgroup],
  ['kernel/cpumask', kernel_cpumask],
  ['kernel/dma_mapping', kernel_dma_mapping],
  ['kernel/initcall', kernel_initcall],
  ['kernel/irq', kernel_irq],
  ['kernel/irq_proc', kernel_irq_proc],
  ['kernel/kernel', kernel_kernel],
  ['kernel/kmod', kernel_kmod],
  ['kernel/kstrtox', kernel_kstrtox],
  ['kernel/notifier', kernel_notifier],
  ['kernel/printk', kernel_printk],
  ['kernel/ratelimit', kernel_ratelimit],
  ['kernel/round_jiffies', kernel_round_jiffies],
  ['kernel/softirq', kernel_softirq],
  ['kernel/suspend', kernel_suspend],
  ['kernel/syslog', kernel_syslog],
  ['kernel/task', kernel_task],
  ['kernel/time', kernel_time],
  ['kernel/trace', kernel_trace],
  ['kernel/unsupported', kernel_unsupported],
  ['kernel/workqueue', kernel_workqueue],
  ['lib/attrs', lib_attrs],
  ['lib/heap', lib_heap],
  ['lib/hlist', lib_hlist],
  ['lib/list', lib_list],
  ['lib/message', lib_message],
  ['lib/numbered', lib_numbered],
  ['lib/random', lib_random],
  ['net/802/applicant', net_802_applicant],
  ['net/802/garp', net_802_garp],
  ['net/802/llc_input', net_802_llc_input],
  ['net/802/mrp', net_802_mrp],
  ['net/8021q/vlan', net_8021q_vlan],
  ['net/8021q/vlan_core', net_8021q_vlan_core],
  ['net/8021q/vlan_dev', net_8021q_vlan_dev],
  ['net/8021q/vlan_dev_xmit', net_8021q_vlan_dev_xmit],
  ['net/8021q/vlan_do_receive', net_8021q_vlan_do_receive],
  ['net/8021q/vlan_gvrp', net_8021q_vlan_gvrp],
  ['net/8021q/vlan_ioctl', net_8021q_vlan_ioctl],
  ['net/8021q/vlan_mvrp', net_8021q_vlan_mvrp],
  ['net/8021q/vlan_netlink', net_8021q_vlan_netlink],
  ['net/8021q/vlanproc', net_8021q_vlanproc],
  ['net/bridge/br', net_bridge_br],
  ['net/bridge/br_arp_nd_proxy', net_bridge_br_arp_nd_proxy],
  ['net/bridge/br_device', net_bridge_br_device],
  ['net/bridge/br_fdb', net_bridge_br_fdb],
  ['net/bridge/br_fdb_fill', net_bridge_br_fdb_fill],
  ['net/bridge/br_fdb_flush', net_bridge_br_fdb_flush],
  ['net/bridge/br_fdb_rtnl', net_bridge_br_fdb_rtnl],
  ['net/bridge/br_forward', net_bridge_br_forward],
  ['net/bridge/br_forward_send', net_bridge_br_forward_send],
  ['net/bridge/br_if', net_bridge_br_if],
  ['net/bridge/br_input', net_bridge_br_input],
  ['net/bridge/br_input_cb', net_bridge_br_input_cb],
  ['net/bridge/br_ioctl', net_bridge_br_ioctl],
  ['net/bridge/br_ioctl_old', net_bridge_br_ioctl_old],
  ['net/bridge/br_link', net_bridge_br_link],
  ['net/bridge/br_mdb', net_bridge_br_mdb],
  ['net/bridge/br_mdb_fill', net_bridge_br_mdb_fill],
  ['net/bridge/br_mst', net_bridge_br_mst],
  ['net/bridge/br_multicast', net_bridge_br_multicast],
  ['net/bridge/br_multicast_ctx', net_bridge_br_multicast_ctx],
  ['net/bridge/br_multicast_group', net_bridge_br_multicast_group],
  ['net/bridge/br_multicast_packet', net_bridge_br_multicast_packet],
  ['net/bridge/br_multicast_parse', net_bridge_br_multicast_parse],
  ['net/bridge/br_multicast_query', net_bridge_br_multicast_query],
  ['net/bridge/br_multicast_rcv', net_bridge_br_multicast_rcv],
  ['net/bridge/br_multicast_router', net_bridge_br_multicast_router],
  ['net/bridge/br_multicast_set', net_bridge_br_multicast_set],
  ['net/bridge/br_multicast_snoopers', net_bridge_br_multicast_snoopers],
  ['net/bridge/br_multicast_sources', net_bridge_br_multicast_sources],
  ['net/bridge/br_multicast_star', net_bridge_br_multicast_star],
  ['net/bridge/br_multicast_stats', net_bridge_br_multicast_stats],
  ['net/bridge/br_neigh_suppress', net_bridge_br_neigh_suppress],
  ['net/bridge/br_netlink', net_bridge_br_netlink],
  ['net/bridge/br_netlink_fill', net_bridge_br_netlink_fill],
  ['net/bridge/br_private', net_bridge_br_private],
  ['net/bridge/br_private_mcast', net_bridge_br_private_mcast],
  ['net/bridge/br_set', net_bridge_br_set],
  ['net/bridge/br_stp', net_bridge_br_stp],
  ['net/bridge/br_stp_bpdu', net_bridge_br_stp_bpdu],
  ['net/bridge/br_sysfs_br', net_bridge_br_sysfs_br],
  ['net/bridge/br_sysfs_if', net_bridge_br_sysfs_if],
  ['net/bridge/br_vlan', net_bridge_br_vlan],
  ['net/bridge/br_vlan_binding', net_bridge_br_vlan_binding],
  ['net/bridge/br_vlan_filter', net_bridge_br_vlan_filter],
  ['net/bridge/br_vlan_find', net_bridge_br_vlan_find],
  ['net/bridge/br_vlan_options', net_bridge_br_vlan_options],
  ['net/bridge/br_vlan_opts_fill', net_bridge_br_vlan_opts_fill],
  ['net/bridge/br_vlan_rtnl', net_bridge_br_vlan_rtnl],
  ['net/bridge/br_vlan_tunnel', net_bridge_br_vlan_tunnel],
  ['net/bridge/br_xstats', net_bridge_br_xstats],
  ['net/core/checksum', net_core_checksum],
  ['net/core/conf_values', net_core_conf_values],
  ['net/core/datagram', net_core_datagram],
  ['net/core/dev', net_core_dev],
  ['net/core/dev_addr_lists', net_core_dev_addr_lists],
  ['net/core/dev_adjacent', net_core_dev_adjacent],
  ['net/core/dev_alloc', net_core_dev_alloc],
  ['net/core/dev_config', net_core_dev_config],
  ['net/core/dev_ioctl', net_core_dev_ioctl],
  ['net/core/dev_names', net_core_dev_names],
  ['net/core/dev_netns', net_core_dev_netns],
  ['net/core/dev_notifier', net_core_dev_notifier],
  ['net/core/dev_notify_flags', net_core_dev_notify_flags],
  ['net/core/dev_open', net_core_dev_open],
  ['net/core/dev_printk', net_core_dev_printk],
  ['net/core/dev_ptype', net_core_dev_ptype],
  ['net/core/dev_queue', net_core_dev_queue],
  ['net/core/dev_receive', net_core_dev_receive],
  ['net/core/dev_register', net_core_dev_register],
  ['net/core/dev_rx_handler', net_core_dev_rx_handler],
  ['net/core/dev_rx_mode', net_core_dev_rx_mode],
  ['net/core/dev_softnet', net_core_dev_softnet],
  ['net/core/dev_stacked', net_core_dev_stacked],
  ['net/core/dev_state', net_core_dev_state],
  ['net/core/dev_stats', net_core_dev_stats],
  ['net/core/dev_todo', net_core_dev_todo],
  ['net/core/dev_valid', net_core_dev_valid],
  ['net/core/dev_xmit', net_core_dev_xmit],
  ['net/core/dst_metadata', net_core_dst_metadata],
  ['net/core/ethtool_ops', net_core_ethtool_ops],
  ['net/core/fib_rules', net_core_fib_rules],
  ['net/core/fib_rules_fill', net_core_fib_rules_fill],
  ['net/core/fib_rules_list', net_core_fib_rules_list],
  ['net/core/fib_rules_rtm', net_core_fib_rules_rtm],
  ['net/core/flow_dissector', net_core_flow_dissector],
  ['net/core/flow_keys', net_core_flow_keys],
  ['net/core/gen_stats', net_core_gen_stats],
  ['net/core/gso', net_core_gso],
  ['net/core/inet_ecn', net_core_inet_ecn],
  ['net/core/l3mdev', net_core_l3mdev],
  ['net/core/link_watch', net_core_link_watch],
  ['net/core/lwt_bpf', net_core_lwt_bpf],
  ['net/core/lwtunnel', net_core_lwtunnel],
  ['net/core/msg_zerocopy', net_core_msg_zerocopy],
  ['net/core/neighbour', net_core_neighbour],
  ['net/core/neighbour_dump', net_core_neighbour_dump],
  ['net/core/neighbour_fill', net_core_neighbour_fill],
  ['net/core/neighbour_gc', net_core_neighbour_gc],
  ['net/core/neighbour_init', net_core_neighbour_init],
  ['net/core/neighbour_neightbl', net_core_neighbour_neightbl],
  ['net/core/neighbour_nud', net_core_neighbour_nud],
  ['net/core/neighbour_output', net_core_neighbour_output],
  ['net/core/neighbour_procfs', net_core_neighbour_procfs],
  ['net/core/neighbour_proxy', net_core_neighbour_proxy],
  ['net/core/neighbour_reply', net_core_neighbour_reply],
  ['net/core/neighbour_rtm', net_core_neighbour_rtm],
  ['net/core/neighbour_sysctl', net_core_neighbour_sysctl],
  ['net/core/neighbour_table', net_core_neighbour_table],
  ['net/core/net_namespace', net_core_net_namespace],
  ['net/core/net_procfs', net_core_net_procfs],
  ['net/core/net_sysfs', net_core_net_sysfs],
  ['net/core/net_sysfs_dirs', net_core_net_sysfs_dirs],
  ['net/core/net_sysfs_uevent', net_core_net_sysfs_uevent],
  ['net/core/netconf', net_core_netconf],
  ['net/core/netdev_features', net_core_netdev_features],
  ['net/core/netdev_genl', net_core_netdev_genl],
  ['net/core/netdev_kobject', net_core_netdev_kobject],
  ['net/core/netdevice', net_core_netdevice],
  ['net/core/rps', net_core_rps],
  ['net/core/rtnetlink', net_core_rtnetlink],
  ['net/core/rtnetlink_bridge', net_core_rtnetlink_bridge],
  ['net/core/rtnetlink_dellink', net_core_rtnetlink_dellink],
  ['net/core/rtnetlink_dump_all', net_core_rtnetlink_dump_all],
  ['net/core/rtnetlink_fill', net_core_rtnetlink_fill],
  ['net/core/rtnetlink_getlink', net_core_rtnetlink_getlink],
  ['net/core/rtnetlink_linkprop', net_core_rtnetlink_linkprop],
  ['net/core/rtnetlink_mdb', net_core_rtnetlink_mdb],
  ['net/core/rtnetlink_mdb_fill', net_core_rtnetlink_mdb_fill],
  ['net/core/rtnetlink_newlink', net_core_rtnetlink_newlink],
  ['net/core/rtnetlink_notify', net_core_rtnetlink_notify],
  ['net/core/rtnetlink_policy', net_core_rtnetlink_policy],
  ['net/core/rtnetlink_rcv', net_core_rtnetlink_rcv],
  ['net/core/rtnetlink_setlink', net_core_rtnetlink_setlink],
  ['net/core/rtnetlink_setlink_nested', net_core_rtnetlink_setlink_nested],
  ['net/core/rtnetlink_stats', net_core_rtnetlink_stats],
  ['net/core/rtnl_fdb', net_core_rtnl_fdb],
  ['net/core/rtnl_fdb_dump', net_core_rtnl_fdb_dump],
  ['net/core/rtnl_netns', net_core_rtnl_netns],
  ['net/core/skb_offload', net_core_skb_offload],
  ['net/core/skb_tstamp', net_core_skb_tstamp],
  ['net/core/skb_vlan', net_core_skb_vlan],
  ['net/core/skbuff', net_core_skbuff],
  ['net/core/skbuff_cache', net_core_skbuff_cache],
  ['net/core/sock_cmsg', net_core_sock_cmsg],
  ['net/core/sock_diag', net_core_sock_diag],
  ['net/core/sock_procfs', net_core_sock_procfs],
  ['net/core/sysctl_net_core', net_core_sysctl_net_core],
  ['net/core/sysctl_others', net_core_sysctl_others],
  ['net/core/udp_tunnel', net_core_udp_tunnel],
  ['net/core/virtio_net', net_core_virtio_net],
  ['net/core/xdp', net_core_xdp],
  ['net/dcb/dcbnl', net_dcb_dcbnl],
  ['net/ethernet/eth', net_ethernet_eth],
  ['net/ethtool/absent', net_ethtool_absent],
  ['net/ethtool/bitset', net_ethtool_bitset],
  ['net/ethtool/channels', net_ethtool_channels],
  ['net/ethtool/coalesce', net_ethtool_coalesce],
  ['net/ethtool/common', net_ethtool_common],
  ['net/ethtool/debug', net_ethtool_debug],
  ['net/ethtool/features', net_ethtool_features],
  ['net/ethtool/ioctl', net_ethtool_ioctl],
  ['net/ethtool/ioctl_call', net_ethtool_ioctl_call],
  ['net/ethtool/ioctl_features', net_ethtool_ioctl_features],
  ['net/ethtool/ioctl_link', net_ethtool_ioctl_link],
  ['net/ethtool/ioctl_rxfh', net_ethtool_ioctl_rxfh],
  ['net/ethtool/ioctl_strings', net_ethtool_ioctl_strings],
  ['net/ethtool/linkinfo', net_ethtool_linkinfo],
  ['net/ethtool/linkmodes', net_ethtool_linkmodes],
  ['net/ethtool/linkstate', net_ethtool_linkstate],
  ['net/ethtool/netlink', net_ethtool_netlink],
  ['net/ethtool/pause', net_ethtool_pause],
  ['net/ethtool/request', net_ethtool_request],
  ['net/ethtool/rings', net_ethtool_rings],
  ['net/ethtool/rss', net_ethtool_rss],
  ['net/ethtool/stats', net_ethtool_stats],
  ['net/ethtool/strset', net_ethtool_strset],
  ['net/ethtool/tsinfo', net_ethtool_tsinfo],
  ['net/ethtool/wol', net_ethtool_wol],
  ['net/ioctl', net_ioctl],
  ['net/ipv4/af_inet', net_ipv4_af_inet],
  ['net/ipv4/af_inet_ops', net_ipv4_af_inet_ops],
  ['net/ipv4/arp', net_ipv4_arp],
  ['net/ipv4/arp_ioctl', net_ipv4_arp_ioctl],
  ['net/ipv4/arp_procfs', net_ipv4_arp_procfs],
  ['net/ipv4/arp_rcv', net_ipv4_arp_rcv],
  ['net/ipv4/arp_send', net_ipv4_arp_send],
  ['net/ipv4/devinet', net_ipv4_devinet],
  ['net/ipv4/devinet_addr', net_ipv4_devinet_addr],
  ['net/ipv4/devinet_ioctl', net_ipv4_devinet_ioctl],
  ['net/ipv4/devinet_lifetime', net_ipv4_devinet_lifetime],
  ['net/ipv4/devinet_link_af', net_ipv4_devinet_link_af],
  ['net/ipv4/devinet_netconf', net_ipv4_devinet_netconf],
  ['net/ipv4/devinet_notify', net_ipv4_devinet_notify],
  ['net/ipv4/devinet_rtm', net_ipv4_devinet_rtm],
  ['net/ipv4/devinet_select', net_ipv4_devinet_select],
  ['net/ipv4/devinet_sysctl', net_ipv4_devinet_sysctl],
  ['net/ipv4/erspan', net_ipv4_erspan],
  ['net/ipv4/fib_dump', net_ipv4_fib_dump],
  ['net/ipv4/fib_frontend', net_ipv4_fib_frontend],
  ['net/ipv4/fib_good_nh', net_ipv4_fib_good_nh],
  ['net/ipv4/fib_ifaddr', net_ipv4_fib_ifaddr],
  ['net/ipv4/fib_lookup', net_ipv4_fib_lookup],
  ['net/ipv4/fib_metrics', net_ipv4_fib_metrics],
  ['net/ipv4/fib_multipath', net_ipv4_fib_multipath],
  ['net/ipv4/fib_nh', net_ipv4_fib_nh],
  ['net/ipv4/fib_nh_match', net_ipv4_fib_nh_match],
  ['net/ipv4/fib_nl_lookup', net_ipv4_fib_nl_lookup],
  ['net/ipv4/fib_props', net_ipv4_fib_props],
  ['net/ipv4/fib_rt_info', net_ipv4_fib_rt_info],
  ['net/ipv4/fib_rt_ioctl', net_ipv4_fib_rt_ioctl],
  ['net/ipv4/fib_rtm', net_ipv4_fib_rtm],
  ['net/ipv4/fib_rules', net_ipv4_fib_rules],
  ['net/ipv4/fib_semantics', net_ipv4_fib_semantics],
  ['net/ipv4/fib_sync', net_ipv4_fib_sync],
  ['net/ipv4/fib_table', net_ipv4_fib_table],
  ['net/ipv4/fib_tables', net_ipv4_fib_tables],
  ['net/ipv4/fib_trie', net_ipv4_fib_trie],
  ['net/ipv4/fib_trie_alias', net_ipv4_fib_trie_alias],
  ['net/ipv4/fib_trie_procfs', net_ipv4_fib_trie_procfs],
  ['net/ipv4/fib_trie_resize', net_ipv4_fib_trie_resize],
  ['net/ipv4/fib_via', net_ipv4_fib_via],
  ['net/ipv4/gre_common', net_ipv4_gre_common],
  ['net/ipv4/gre_demux', net_ipv4_gre_demux],
  ['net/ipv4/icmp', net_ipv4_icmp],
  ['net/ipv4/icmp_probe', net_ipv4_icmp_probe],
  ['net/ipv4/icmp_ratelimit', net_ipv4_icmp_ratelimit],
  ['net/ipv4/icmp_rfc4884', net_ipv4_icmp_rfc4884],
  ['net/ipv4/icmp_send', net_ipv4_icmp_send],
  ['net/ipv4/igmp', net_ipv4_igmp],
  ['net/ipv4/igmp_rcv', net_ipv4_igmp_rcv],
  ['net/ipv4/igmp_report', net_ipv4_igmp_report],
  ['net/ipv4/igmp_send', net_ipv4_igmp_send],
  ['net/ipv4/igmp_sock', net_ipv4_igmp_sock],
  ['net/ipv4/in_device', net_ipv4_in_device],
  ['net/ipv4/inet_connection_sock', net_ipv4_inet_connection_sock],
  ['net/ipv4/inet_diag', net_ipv4_inet_diag],
  ['net/ipv4/inet_diag_bc', net_ipv4_inet_diag_bc],
  ['net/ipv4/inet_diag_fill', net_ipv4_inet_diag_fill],
  ['net/ipv4/inet_fragment', net_ipv4_inet_fragment],
  ['net/ipv4/inet_hashtables', net_ipv4_inet_hashtables],
  ['net/ipv4/inet_ioctl', net_ipv4_inet_ioctl],
  ['net/ipv4/inet_ports', net_ipv4_inet_ports],
  ['net/ipv4/inet_seq', net_ipv4_inet_seq],
  ['net/ipv4/inet_sock', net_ipv4_inet_sock],
  ['net/ipv4/inetpeer', net_ipv4_inetpeer],
  ['net/ipv4/ip_fragment', net_ipv4_ip_fragment],
  ['net/ipv4/ip_gre', net_ipv4_ip_gre],
  ['net/ipv4/ip_gre_netlink', net_ipv4_ip_gre_netlink],
  ['net/ipv4/ip_gre_rcv', net_ipv4_ip_gre_rcv],
  ['net/ipv4/ip_gre_xmit', net_ipv4_ip_gre_xmit],
  ['net/ipv4/ip_hdr', net_ipv4_ip_hdr],
  ['net/ipv4/ip_input', net_ipv4_ip_input],
  ['net/ipv4/ip_options', net_ipv4_ip_options],
  ['net/ipv4/ip_options_build', net_ipv4_ip_options_build],
  ['net/ipv4/ip_options_rcv', net_ipv4_ip_options_rcv],
  ['net/ipv4/ip_output', net_ipv4_ip_output],
  ['net/ipv4/ip_sockglue', net_ipv4_ip_sockglue],
  ['net/ipv4/ip_sockglue_mcast', net_ipv4_ip_sockglue_mcast],
  ['net/ipv4/ip_stats', net_ipv4_ip_stats],
  ['net/ipv4/ip_tunnel', net_ipv4_ip_tunnel],
  ['net/ipv4/ip_tunnel_core', net_ipv4_ip_tunnel_core],
  ['net/ipv4/ip_tunnel_ioctl', net_ipv4_ip_tunnel_ioctl],
  ['net/ipv4/ip_tunnel_lwt', net_ipv4_ip_tunnel_lwt],
  ['net/ipv4/ip_tunnel_rcv', net_ipv4_ip_tunnel_rcv],
  ['net/ipv4/ip_tunnel_state', net_ipv4_ip_tunnel_state],
  ['net/ipv4/ip_tunnel_xmit', net_ipv4_ip_tunnel_xmit],
  ['net/ipv4/ip_vti', net_ipv4_ip_vti],
  ['net/ipv4/ip_vti_data', net_ipv4_ip_vti_data],
  ['net/ipv4/ipip', net_ipv4_ipip],
  ['net/ipv4/ipip_data', net_ipv4_ipip_data],
  ['net/ipv4/ipmr', net_ipv4_ipmr],
  ['net/ipv4/ipmr_base', net_ipv4_ipmr_base],
  ['net/ipv4/ipmr_family', net_ipv4_ipmr_family],
  ['net/ipv4/ipmr_fill', net_ipv4_ipmr_fill],
  ['net/ipv4/ipmr_input', net_ipv4_ipmr_input],
  ['net/ipv4/ipmr_proc', net_ipv4_ipmr_proc],
  ['net/ipv4/ipmr_reg_vif', net_ipv4_ipmr_reg_vif],
  ['net/ipv4/ipmr_rules', net_ipv4_ipmr_rules],
  ['net/ipv4/ipmr_sock', net_ipv4_ipmr_sock],
  ['net/ipv4/ipmr_vif', net_ipv4_ipmr_vif],
  ['net/ipv4/ipv4_procfs', net_ipv4_ipv4_procfs],
  ['net/ipv4/mc_filter', net_ipv4_mc_filter],
  ['net/ipv4/netns_ipv4', net_ipv4_netns_ipv4],
  ['net/ipv4/nexthop', net_ipv4_nexthop],
  ['net/ipv4/nexthop_bucket', net_ipv4_nexthop_bucket],
  ['net/ipv4/nexthop_change', net_ipv4_nexthop_change],
  ['net/ipv4/nexthop_fill', net_ipv4_nexthop_fill],
  ['net/ipv4/nexthop_init', net_ipv4_nexthop_init],
  ['net/ipv4/nexthop_res', net_ipv4_nexthop_res],
  ['net/ipv4/nexthop_rtm', net_ipv4_nexthop_rtm],
  ['net/ipv4/ping', net_ipv4_ping],
  ['net/ipv4/proc', net_ipv4_proc],
  ['net/ipv4/proc_names', net_ipv4_proc_names],
  ['net/ipv4/protosw', net_ipv4_protosw],
  ['net/ipv4/raw', net_ipv4_raw],
  ['net/ipv4/route', net_ipv4_route],
  ['net/ipv4/route_exception', net_ipv4_route_exception],
  ['net/ipv4/route_get', net_ipv4_route_get],
  ['net/ipv4/route_hash', net_ipv4_route_hash],
  ['net/ipv4/route_input', net_ipv4_route_input],
  ['net/ipv4/route_martian', net_ipv4_route_martian],
  ['net/ipv4/route_pmtu', net_ipv4_route_pmtu],
  ['net/ipv4/route_redirect', net_ipv4_route_redirect],
  ['net/ipv4/route_sysctl', net_ipv4_route_sysctl],
  ['net/ipv4/sock4', net_ipv4_sock4],
  ['net/ipv4/sysctl_ipv4_table', net_ipv4_sysctl_ipv4_table],
  ['net/ipv4/sysctl_net_ipv4', net_ipv4_sysctl_net_ipv4],
  ['net/ipv4/tcp', net_ipv4_tcp],
  ['net/ipv4/tcp_input', net_ipv4_tcp_input],
  ['net/ipv4/tcp_ipv4', net_ipv4_tcp_ipv4],
  ['net/ipv4/tcp_metrics', net_ipv4_tcp_metrics],
  ['net/ipv4/tcp_sockopt', net_ipv4_tcp_sockopt],
  ['net/ipv4/tunnel4', net_ipv4_tunnel4],
  ['net/ipv4/udp_lookup', net_ipv4_udp_lookup],
  ['net/ipv4/udp_opt', net_ipv4_udp_opt],
  ['net/ipv4/udp_rcv', net_ipv4_udp_rcv],
  ['net/ipv4/udp_recv', net_ipv4_udp_recv],
  ['net/ipv4/udp_snd', net_ipv4_udp_snd],
  ['net/ipv6/addrconf', net_ipv6_addrconf],
  ['net/ipv6/addrconf_addr', net_ipv6_addrconf_addr],
  ['net/ipv6/addrconf_core', net_ipv6_addrconf_core],
  ['net/ipv6/addrconf_dad', net_ipv6_addrconf_dad],
  ['net/ipv6/addrconf_dev', net_ipv6_addrconf_dev],
  ['net/ipv6/addrconf_fixup', net_ipv6_addrconf_fixup],
  ['net/ipv6/addrconf_gen', net_ipv6_addrconf_gen],
  ['net/ipv6/addrconf_ifa', net_ipv6_addrconf_ifa],
  ['net/ipv6/addrconf_ifinfo', net_ipv6_addrconf_ifinfo],
  ['net/ipv6/addrconf_manual', net_ipv6_addrconf_manual],
  ['net/ipv6/addrconf_netconf', net_ipv6_addrconf_netconf],
  ['net/ipv6/addrconf_prefix', net_ipv6_addrconf_prefix],
  ['net/ipv6/addrconf_procfs', net_ipv6_addrconf_procfs],
  ['net/ipv6/addrconf_ra', net_ipv6_addrconf_ra],
  ['net/ipv6/addrconf_rs', net_ipv6_addrconf_rs],
  ['net/ipv6/addrconf_rtm', net_ipv6_addrconf_rtm],
  ['net/ipv6/addrconf_saddr', net_ipv6_addrconf_saddr],
  ['net/ipv6/addrconf_sysctl', net_ipv6_addrconf_sysctl],
  ['net/ipv6/addrconf_tempaddr', net_ipv6_addrconf_tempaddr],
  ['net/ipv6/addrconf_verify', net_ipv6_addrconf_verify],
  ['net/ipv6/addrlabel', net_ipv6_addrlabel],
  ['net/ipv6/addrlabel_table', net_ipv6_addrlabel_table],
  ['net/ipv6/af_inet6', net_ipv6_af_inet6],
  ['net/ipv6/af_inet6_ops', net_ipv6_af_inet6_ops],
  ['net/ipv6/anycast', net_ipv6_anycast],
  ['net/ipv6/exthdrs', net_ipv6_exthdrs],
  ['net/ipv6/exthdrs_routing', net_ipv6_exthdrs_routing],
  ['net/ipv6/fib6_rules', net_ipv6_fib6_rules],
  ['net/ipv6/icmp', net_ipv6_icmp],
  ['net/ipv6/icmp_err', net_ipv6_icmp_err],
  ['net/ipv6/if_inet6', net_ipv6_if_inet6],
  ['net/ipv6/inet6_ioctl', net_ipv6_inet6_ioctl],
  ['net/ipv6/inet6_sock', net_ipv6_inet6_sock],
  ['net/ipv6/inet_ops', net_ipv6_inet_ops],
  ['net/ipv6/ioam6', net_ipv6_ioam6],
  ['net/ipv6/ip6_dst_lookup', net_ipv6_ip6_dst_lookup],
  ['net/ipv6/ip6_fib', net_ipv6_ip6_fib],
  ['net/ipv6/ip6_fib_add', net_ipv6_ip6_fib_add],
  ['net/ipv6/ip6_fib_del', net_ipv6_ip6_fib_del],
  ['net/ipv6/ip6_fib_dev', net_ipv6_ip6_fib_dev],
  ['net/ipv6/ip6_fib_dump', net_ipv6_ip6_fib_dump],
  ['net/ipv6/ip6_fib_gc', net_ipv6_ip6_fib_gc],
  ['net/ipv6/ip6_fib_info', net_ipv6_ip6_fib_info],
  ['net/ipv6/ip6_fib_lookup', net_ipv6_ip6_fib_lookup],
  ['net/ipv6/ip6_fib_metrics', net_ipv6_ip6_fib_metrics],
  ['net/ipv6/ip6_fib_multipath', net_ipv6_ip6_fib_multipath],
  ['net/ipv6/ip6_fib_nexthop', net_ipv6_ip6_fib_nexthop],
  ['net/ipv6/ip6_fib_node', net_ipv6_ip6_fib_node],
  ['net/ipv6/ip6_flowlabel', net_ipv6_ip6_flowlabel],
  ['net/ipv6/ip6_flowlabel_mgr', net_ipv6_ip6_flowlabel_mgr],
  ['net/ipv6/ip6_gre', net_ipv6_ip6_gre],
  ['net/ipv6/ip6_gre_data', net_ipv6_ip6_gre_data],
  ['net/ipv6/ip6_gre_netlink', net_ipv6_ip6_gre_netlink],
  ['net/ipv6/ip6_input', net_ipv6_ip6_input],
  ['net/ipv6/ip6_output', net_ipv6_ip6_output],
  ['net/ipv6/ip6_route_addr', net_ipv6_ip6_route_addr],
  ['net/ipv6/ip6_route_config', net_ipv6_ip6_route_config],
  ['net/ipv6/ip6_route_create', net_ipv6_ip6_route_create],
  ['net/ipv6/ip6_route_del', net_ipv6_ip6_route_del],
  ['net/ipv6/ip6_route_exception', net_ipv6_ip6_route_exception],
  ['net/ipv6/ip6_route_gateway', net_ipv6_ip6_route_gateway],
  ['net/ipv6/ip6_route_hash', net_ipv6_ip6_route_hash],
  ['net/ipv6/ip6_route_init', net_ipv6_ip6_route_init],
  ['net/ipv6/ip6_route_input', net_ipv6_ip6_route_input],
  ['net/ipv6/ip6_route_ioctl', net_ipv6_ip6_route_ioctl],
  ['net/ipv6/ip6_route_neigh', net_ipv6_ip6_route_neigh],
  ['net/ipv6/ip6_route_notify', net_ipv6_ip6_route_notify],
  ['net/ipv6/ip6_route_proc', net_ipv6_ip6_route_proc],
  ['net/ipv6/ip6_route_ra', net_ipv6_ip6_route_ra],
  ['net/ipv6/ip6_route_rtm', net_ipv6_ip6_route_rtm],
  ['net/ipv6/ip6_send', net_ipv6_ip6_send],
  ['net/ipv6/ip6_stats', net_ipv6_ip6_stats],
  ['net/ipv6/ip6_tunnel', net_ipv6_ip6_tunnel],
  ['net/ipv6/ip6_tunnel_core', net_ipv6_ip6_tunnel_core],
  ['net/ipv6/ip6_tunnel_ioctl', net_ipv6_ip6_tunnel_ioctl],
  ['net/ipv6/ip6_tunnel_rcv', net_ipv6_ip6_tunnel_rcv],
  ['net/ipv6/ip6_tunnel_state', net_ipv6_ip6_tunnel_state],
  ['net/ipv6/ip6_tunnel_xmit', net_ipv6_ip6_tunnel_xmit],
  ['net/ipv6/ip6_vti', net_ipv6_ip6_vti],
  ['net/ipv6/ip6mr', net_ipv6_ip6mr],
  ['net/ipv6/ip6mr_family', net_ipv6_ip6mr_family],
  ['net/ipv6/ip6mr_input', net_ipv6_ip6mr_input],
  ['net/ipv6/ip6mr_proc', net_ipv6_ip6mr_proc],
  ['net/ipv6/ip6mr_rules', net_ipv6_ip6mr_rules],
  ['net/ipv6/ip6mr_sock', net_ipv6_ip6mr_sock],
  ['net/ipv6/ipv6_hdr', net_ipv6_ipv6_hdr],
  ['net/ipv6/ipv6_sockglue', net_ipv6_ipv6_sockglue],
  ['net/ipv6/ipv6_sockglue_mcast', net_ipv6_ipv6_sockglue_mcast],
  ['net/ipv6/ipv6_sockglue_rare', net_ipv6_ipv6_sockglue_rare],
  ['net/ipv6/ipv6_stubs', net_ipv6_ipv6_stubs],
  ['net/ipv6/ipv6_txoptions', net_ipv6_ipv6_txoptions],
  ['net/ipv6/mcast', net_ipv6_mcast],
  ['net/ipv6/mcast_query', net_ipv6_mcast_query],
  ['net/ipv6/mcast_sock', net_ipv6_mcast_sock],
  ['net/ipv6/mld', net_ipv6_mld],
  ['net/ipv6/mld_send', net_ipv6_mld_send],
  ['net/ipv6/ndisc', net_ipv6_ndisc],
  ['net/ipv6/ndisc_options', net_ipv6_ndisc_options],
  ['net/ipv6/ndisc_proxy', net_ipv6_ndisc_proxy],
  ['net/ipv6/ndisc_rcv', net_ipv6_ndisc_rcv],
  ['net/ipv6/ndisc_redirect', net_ipv6_ndisc_redirect],
  ['net/ipv6/ndisc_router', net_ipv6_ndisc_router],
  ['net/ipv6/ndisc_send', net_ipv6_ndisc_send],
  ['net/ipv6/ndisc_sysctl', net_ipv6_ndisc_sysctl],
  ['net/ipv6/netns_ipv6', net_ipv6_netns_ipv6],
  ['net/ipv6/ping', net_ipv6_ping],
  ['net/ipv6/proc', net_ipv6_proc],
  ['net/ipv6/raw', net_ipv6_raw],
  ['net/ipv6/reassembly', net_ipv6_reassembly],
  ['net/ipv6/route', net_ipv6_route],
  ['net/ipv6/route_get', net_ipv6_route_get],
  ['net/ipv6/route_sync', net_ipv6_route_sync],
  ['net/ipv6/seg6', net_ipv6_seg6],
  ['net/ipv6/seg6_hmac', net_ipv6_seg6_hmac],
  ['net/ipv6/seg6_iptunnel', net_ipv6_seg6_iptunnel],
  ['net/ipv6/seg6_iptunnel_srh', net_ipv6_seg6_iptunnel_srh],
  ['net/ipv6/seg6_local', net_ipv6_seg6_local],
  ['net/ipv6/seg6_local_input', net_ipv6_seg6_local_input],
  ['net/ipv6/seg6_srh', net_ipv6_seg6_srh],
  ['net/ipv6/sit', net_ipv6_sit],
  ['net/ipv6/sit_data', net_ipv6_sit_data],
  ['net/ipv6/sit_ioctl', net_ipv6_sit_ioctl],
  ['net/ipv6/sock6', net_ipv6_sock6],
  ['net/ipv6/sysctl_ipv6_more', net_ipv6_sysctl_ipv6_more],
  ['net/ipv6/sysctl_net_ipv6', net_ipv6_sysctl_net_ipv6],
  ['net/ipv6/tcp_ipv6', net_ipv6_tcp_ipv6],
  ['net/ipv6/tunnel6', net_ipv6_tunnel6],
  ['net/ipv6/tunnel_pmtu', net_ipv6_tunnel_pmtu],
  ['net/ipv6/udp_lookup', net_ipv6_udp_lookup],
  ['net/ipv6/udp_rcv', net_ipv6_udp_rcv],
  ['net/ipv6/udp_recv', net_ipv6_udp_recv],
  ['net/ipv6/udp_snd', net_ipv6_udp_snd],
  ['net/ipv6/udp_tunnel', net_ipv6_udp_tunnel],
  ['net/ipv6/udp_tunnel_rcv', net_ipv6_udp_tunnel_rcv],
  ['net/ipv6/udp_tunnel_route', net_ipv6_udp_tunnel_route],
  ['net/ipv6/udp_tunnel_xmit', net_ipv6_udp_tunnel_xmit],
  ['net/mpls/af_mpls', net_mpls_af_mpls],
  ['net/mpls/mpls_dev', net_mpls_mpls_dev],
  ['net/mpls/mpls_forward', net_mpls_mpls_forward],
  ['net/mpls/mpls_iptunnel', net_mpls_mpls_iptunnel],
  ['net/mpls/mpls_label', net_mpls_mpls_label],
  ['net/mpls/mpls_private', net_mpls_mpls_private],
  ['net/mpls/mpls_route', net_mpls_mpls_route],
  ['net/mpls/mpls_rtm', net_mpls_mpls_rtm],
  ['net/mptcp/pm_netlink', net_mptcp_pm_netlink],
  ['net/netfilter/nfnetlink', net_netfilter_nfnetlink],
  ['net/netlink/af_netlink', net_netlink_af_netlink],
  ['net/netlink/attr', net_netlink_attr],
  ['net/netlink/extack', net_netlink_extack],
  ['net/netlink/genetlink', net_netlink_genetlink],
  ['net/netlink/genl_ctrl', net_netlink_genl_ctrl],
  ['net/netlink/genl_family', net_netlink_genl_family],
  ['net/netlink/kobject_uevent', net_netlink_kobject_uevent],
  ['net/netlink/netlink_dump', net_netlink_netlink_dump],
  ['net/netlink/netlink_multicast', net_netlink_netlink_multicast],
  ['net/netlink/netlink_rcv', net_netlink_netlink_rcv],
  ['net/netlink/netlink_sock', net_netlink_netlink_sock],
  ['net/netlink/netlink_socket', net_netlink_netlink_socket],
  ['net/netlink/netlink_sockopt', net_netlink_netlink_sockopt],
  ['net/netlink/netlink_tap', net_netlink_netlink_tap],
  ['net/netlink/policy', net_netlink_policy],
  ['net/netlink/policy_dump', net_netlink_policy_dump],
  ['net/netlink/types', net_netlink_types],
  ['net/packet/af_packet', net_packet_af_packet],
  ['net/packet/packet_bind', net_packet_packet_bind],
  ['net/packet/packet_diag', net_packet_packet_diag],
  ['net/packet/packet_fanout', net_packet_packet_fanout],
  ['net/packet/packet_mc', net_packet_packet_mc],
  ['net/packet/packet_opt', net_packet_packet_opt],
  ['net/packet/packet_procfs', net_packet_packet_procfs],
  ['net/packet/packet_rcv', net_packet_packet_rcv],
  ['net/packet/packet_ring', net_packet_packet_ring],
  ['net/packet/packet_ring_tx', net_packet_packet_ring_tx],
  ['net/packet/packet_ring_v3', net_packet_packet_ring_v3],
  ['net/packet/packet_rollover', net_packet_packet_rollover],
  ['net/packet/packet_snd', net_packet_packet_snd],
  ['net/packet/packet_sock', net_packet_packet_sock],
  ['net/sched/act', net_sched_act],
  ['net/sched/act_api', net_sched_act_api],
  ['net/sched/act_check', net_sched_act_check],
  ['net/sched/act_connmark', net_sched_act_connmark],
  ['net/sched/act_csum', net_sched_act_csum],
  ['net/sched/act_gact', net_sched_act_gact],
  ['net/sched/act_mirred', net_sched_act_mirred],
  ['net/sched/act_pedit', net_sched_act_pedit],
  ['net/sched/act_police', net_sched_act_police],
  ['net/sched/act_policy', net_sched_act_policy],
  ['net/sched/act_skbedit', net_sched_act_skbedit],
  ['net/sched/act_take', net_sched_act_take],
  ['net/sched/act_tunnel_key', net_sched_act_tunnel_key],
  ['net/sched/act_vlan', net_sched_act_vlan],
  ['net/sched/cls', net_sched_cls],
  ['net/sched/cls_api', net_sched_cls_api],
  ['net/sched/cls_basic', net_sched_cls_basic],
  ['net/sched/cls_block', net_sched_cls_block],
  ['net/sched/cls_exts', net_sched_cls_exts],
  ['net/sched/cls_flower', net_sched_cls_flower],
  ['net/sched/cls_fw', net_sched_cls_fw],
  ['net/sched/cls_matchall', net_sched_cls_matchall],
  ['net/sched/cls_proto', net_sched_cls_proto],
  ['net/sched/cls_run', net_sched_cls_run],
  ['net/sched/cls_u32', net_sched_cls_u32],
  ['net/sched/codel', net_sched_codel],
  ['net/sched/dev_watchdog', net_sched_dev_watchdog],
  ['net/sched/flower_key', net_sched_flower_key],
  ['net/sched/fq_codel_flows', net_sched_fq_codel_flows],
  ['net/sched/fq_codel_queue', net_sched_fq_codel_queue],
  ['net/sched/gen_estimator', net_sched_gen_estimator],
  ['net/sched/htb_class', net_sched_htb_class],
  ['net/sched/inet_ecn', net_sched_inet_ecn],
  ['net/sched/netem_loss', net_sched_netem_loss],
  ['net/sched/qdisc', net_sched_qdisc],
  ['net/sched/qdisc_class_hash', net_sched_qdisc_class_hash],
  ['net/sched/qdisc_hash', net_sched_qdisc_hash],
  ['net/sched/qdisc_kinds', net_sched_qdisc_kinds],
  ['net/sched/qdisc_run', net_sched_qdisc_run],
  ['net/sched/qdisc_tree', net_sched_qdisc_tree],
  ['net/sched/qdisc_watchdog', net_sched_qdisc_watchdog],
  ['net/sched/sch_api', net_sched_sch_api],
  ['net/sched/sch_api_class', net_sched_sch_api_class],
  ['net/sched/sch_api_dump', net_sched_sch_api_dump],
  ['net/sched/sch_api_fill', net_sched_sch_api_fill],
  ['net/sched/sch_api_graft', net_sched_sch_api_graft],
  ['net/sched/sch_codel', net_sched_sch_codel],
  ['net/sched/sch_fifo', net_sched_sch_fifo],
  ['net/sched/sch_fq', net_sched_sch_fq],
  ['net/sched/sch_fq_codel', net_sched_sch_fq_codel],
  ['net/sched/sch_generic', net_sched_sch_generic],
  ['net/sched/sch_htb', net_sched_sch_htb],
  ['net/sched/sch_htb_change', net_sched_sch_htb_change],
  ['net/sched/sch_ingress', net_sched_sch_ingress],
  ['net/sched/sch_init', net_sched_sch_init],
  ['net/sched/sch_mq', net_sched_sch_mq],
  ['net/sched/sch_netem', net_sched_sch_netem],
  ['net/sched/sch_noop', net_sched_sch_noop],
  ['net/sched/sch_pfifo_fast', net_sched_sch_pfifo_fast],
  ['net/sched/sch_prio', net_sched_sch_prio],
  ['net/sched/sch_rate', net_sched_sch_rate],
  ['net/sched/sch_sfq', net_sched_sch_sfq],
  ['net/sched/sch_stab', net_sched_sch_stab],
  ['net/sched/sch_tbf', net_sched_sch_tbf],
  ['net/sock', net_sock],
  ['net/sock_limits', net_sock_limits],
  ['net/socket', net_socket],
  ['net/sockopt', net_sockopt],
  ['net/sockopt_cmsg', net_sockopt_cmsg],
  ['net/sockopt_filter', net_sockopt_filter],
  ['net/sockopt_filter_skb', net_sockopt_filter_skb],
  ['net/sockopt_get', net_sockopt_get],
  ['net/xfrm/netns_xfrm', net_xfrm_netns_xfrm],
  ['net/xfrm/xfrm_algo', net_xfrm_xfrm_algo],
  ['net/xfrm/xfrm_interface_core', net_xfrm_xfrm_interface_core],
  ['net/xfrm/xfrm_policy', net_xfrm_xfrm_policy],
  ['net/xfrm/xfrm_state', net_xfrm_xfrm_state],
  ['net/xfrm/xfrm_state_construct', net_xfrm_xfrm_state_construct],
  ['net/xfrm/xfrm_user', net_xfrm_xfrm_user],
  ['net/xfrm/xfrm_user_fill', net_xfrm_xfrm_user_fill],
  ['net/xfrm/xfrm_user_policies', net_xfrm_xfrm_user_policies],
  ['net/xfrm/xfrm_user_policy', net_xfrm_xfrm_user_policy],
  ['net/xfrm/xfrm_user_sa', net_xfrm_xfrm_user_sa],
  ['net/xfrm/xfrm_user_verify', net_xfrm_xfrm_user_verify],
  ['uapi/errno', uapi_errno],
  ['uapi/linux/in6', uapi_linux_in6],
]
