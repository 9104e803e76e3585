/** drivers/net/bonding/bond_alb.c: balance-tlb and balance-alb: addresses of the slaves, and which slave sends for whom. */
import { bond_queue_work } from './bond_timer.ts'
import { HZ } from '../../../kernel/time.ts'
import { dev_set_mac_address, dev_set_promiscuity } from '../../../net/core/dev.ts'
import type { net_device } from '../../../net/core/netdevice.ts'
import { ether_addr_equal, is_valid_ether_addr } from '../../../net/ethernet/eth.ts'
import { EADDRNOTAVAIL, EFAULT, EOPNOTSUPP, type Errno, isErrno } from '../../../uapi/errno.ts'
import { BOND_LINK_DOWN, BOND_LINK_UP, BOND_MODE_TLB } from '../../../uapi/linux/if_bonding.ts'
import { alb_send_learning_packets } from './bond_alb_learn.ts'
import {
  rlb_arp_recv,
  rlb_clear_slave,
  rlb_rebalance,
  rlb_req_update_slave_clients,
  rlb_teach_disabled_mac_on_primary,
  rlb_update_rx_clients,
} from './bond_alb_rlb.ts'
import { ALB_TIMER_TICKS_PER_SEC, BOND_TLB_REBALANCE_INTERVAL, TLB_HASH_TABLE_SIZE, tlb_slave_info } from './bond_alb_types.ts'
import { slave_err, slave_warn } from './bond_printk.ts'
import { bond_update_slave_arr } from './bond_slave_arr.ts'
import { bond_has_slaves, bond_is_lb, bond_of, bond_slave_can_tx, bond_slaves, type bonding, type slave } from './bonding.ts'

const BOND_TLB_REBALANCE_TICKS = BOND_TLB_REBALANCE_INTERVAL * ALB_TIMER_TICKS_PER_SEC
/** Ticks for which a primary listens to all, once a disabled slave's address was taught to it. */
const RLB_PROMISC_TIMEOUT = 10 * ALB_TIMER_TICKS_PER_SEC

function tlb_of(slave: slave): tlb_slave_info {
  return (slave.tlb_info ??= new tlb_slave_info())
}
/** tlb_clear_slave(): its clients are assigned anew; `save_load` keeps what they sent as their history. */
function tlb_clear_slave(bond: bonding, slave: slave, save_load: boolean): void {
  const table = bond.alb_info.tx_hashtbl
  for (const index of tlb_of(slave).clients) {
    const entry = table?.[index]
    if (entry === undefined) continue
    if (save_load) {
      entry.load_history = 1 + Math.floor(entry.tx_bytes / BOND_TLB_REBALANCE_INTERVAL)
      entry.tx_bytes = 0
    }
    entry.tx_slave = undefined
  }
  slave.tlb_info = new tlb_slave_info()
}
/** tlb_choose_channel(): a hash stays with its slave; a new one goes to whom most room is left (bits a second). */
export function tlb_choose_channel(bond: bonding, hash_index: number, len: number): slave | undefined {
  const entry = bond.alb_info.tx_hashtbl?.[hash_index]
  if (entry === undefined) return undefined
  if (entry.tx_slave === undefined) {
    let least: slave | undefined
    let max_gap = Number.NEGATIVE_INFINITY
    for (const s of bond_slaves(bond)) {
      const gap = (s.speed >>> 0) * 2 ** 20 - tlb_of(s).load * 8
      if (!bond_slave_can_tx(s) || gap <= max_gap) continue
      least = s
      max_gap = gap
    }
    if (least === undefined) return undefined
    entry.tx_slave = least
    tlb_of(least).clients.add(hash_index)
    tlb_of(least).load += entry.load_history
  }
  entry.tx_bytes += len
  return entry.tx_slave
}
export function tlb_forget_slave(bond: bonding, slave: slave): void {
  tlb_clear_slave(bond, slave, false)
}

export function bond_alb_initialize(bond: bonding, rlb_enabled: boolean): void {
  const { alb_info } = bond
  alb_info.tx_hashtbl = Array.from({ length: TLB_HASH_TABLE_SIZE }, () => ({ tx_slave: undefined, tx_bytes: 0, load_history: 0 }))
  alb_info.rlb_enabled = rlb_enabled
  alb_info.rx_hashtbl.clear()
  if (rlb_enabled) bond.recv_probe = rlb_arp_recv
}
export function bond_alb_deinitialize(bond: bonding): void {
  bond.alb_info.tx_hashtbl = undefined
  bond.alb_info.rx_hashtbl.clear()
}

function bond_slave_has_mac(bond: bonding, mac: Uint8Array): slave | undefined {
  return bond_slaves(bond).find((s) => ether_addr_equal(mac, s.dev.dev_addr))
}
/** In tlb mode all slaves receive by the bond's address, and only send by their own: nobody is told of those. */
function alb_set_slave_mac_addr(slave: slave, addr: Uint8Array): Errno | undefined {
  const { dev, bond } = slave
  if (bond.params.mode === BOND_MODE_TLB) {
    dev.dev_addr.set(addr.subarray(0, dev.addr_len))
    return undefined
  }
  if (!isErrno(dev_set_mac_address(dev, addr.slice(0, dev.addr_len)))) return undefined
  const text =
    "dev_set_mac_address on slave failed! ALB mode requires that the base driver support setting the hw address also when the network device's interface is open"
  slave_err(bond.dev, dev, text)
  return EOPNOTSUPP
}
function alb_swap_mac_addr(slave1: slave, slave2: slave): void {
  const addr = slave1.dev.dev_addr.slice()
  alb_set_slave_mac_addr(slave1, slave2.dev.dev_addr.slice())
  alb_set_slave_mac_addr(slave2, addr)
}
/** alb_fasten_mac_swap(): the switch learns by a packet, the clients by ARP. */
function alb_fasten_mac_swap(bond: bonding, slave1: slave, slave2: slave): void {
  const { rlb_enabled } = bond.alb_info
  const able = [slave1, slave2].filter(bond_slave_can_tx)
  for (const s of able) {
    alb_send_learning_packets(s, s.dev.dev_addr, false)
    if (rlb_enabled) rlb_req_update_slave_clients(bond, s)
  }
  if (!rlb_enabled || able.length !== 1) return
  const disabled = able[0] === slave1 ? slave2 : slave1
  rlb_teach_disabled_mac_on_primary(bond, disabled.dev.dev_addr)
}
function alb_change_hw_addr_on_detach(bond: bonding, slave: slave): void {
  if (ether_addr_equal(slave.perm_hwaddr, slave.dev.dev_addr) || ether_addr_equal(slave.perm_hwaddr, bond.dev.dev_addr)) return
  const found = bond_slave_has_mac(bond, slave.perm_hwaddr)
  if (found === undefined) return
  alb_swap_mac_addr(slave, found)
  alb_fasten_mac_swap(bond, slave, found)
}
/** A slave whose address is taken gets the permanent one of a slave that does not use it now. */
function alb_handle_addr_collision_on_attach(bond: bonding, slave: slave): Errno | undefined {
  if (!bond_has_slaves(bond)) return undefined
  if (!ether_addr_equal(slave.perm_hwaddr, bond.dev.dev_addr)) {
    if (bond_slave_has_mac(bond, slave.dev.dev_addr) === undefined) return undefined
    alb_set_slave_mac_addr(slave, bond.dev.dev_addr)
  }
  const free = bond_slaves(bond).find((s) => bond_slave_has_mac(bond, s.perm_hwaddr) === undefined)
  if (free !== undefined) {
    alb_set_slave_mac_addr(slave, free.perm_hwaddr)
    slave_warn(bond.dev, slave.dev, `the slave hw address is in use by the bond; giving it the hw address of ${free.dev.name}`)
    return undefined
  }
  if (bond.curr_active_slave === undefined && bond_slave_has_mac(bond, bond.dev.dev_addr) === undefined) return undefined
  const text =
    "the slave hw address is in use by the bond; couldn't find a slave with a free hw address to give it (this should not have happened)"
  slave_err(bond.dev, slave.dev, text)
  return EFAULT
}

export function bond_alb_init_slave(bond: bonding, slave: slave): Errno | undefined {
  const error = alb_set_slave_mac_addr(slave, slave.perm_hwaddr) ?? alb_handle_addr_collision_on_attach(bond, slave)
  if (isErrno(error)) return error
  slave.tlb_info = new tlb_slave_info()
  rebalance_soon(bond)
  return undefined
}
function rebalance_soon({ alb_info }: bonding): void {
  alb_info.tx_rebalance_counter = BOND_TLB_REBALANCE_TICKS
  if (alb_info.rlb_enabled) alb_info.rlb_rebalance = true
}
export function bond_alb_deinit_slave(bond: bonding, slave: slave): void {
  if (bond_has_slaves(bond)) alb_change_hw_addr_on_detach(bond, slave)
  tlb_clear_slave(bond, slave, false)
  if (!bond.alb_info.rlb_enabled) return
  bond.alb_info.rx_slave = undefined
  rlb_clear_slave(bond, slave)
}

export function bond_alb_handle_link_change(bond: bonding, slave: slave, link: number): void {
  if (link === BOND_LINK_DOWN) {
    tlb_clear_slave(bond, slave, false)
    if (bond.alb_info.rlb_enabled) rlb_clear_slave(bond, slave)
  } else if (link === BOND_LINK_UP) {
    rebalance_soon(bond)
  }
  if (bond_is_lb(bond) && bond.params.tlb_dynamic_lb === 0) bond_update_slave_arr(bond)
}

/** bond_alb_handle_active_change(): the new active slave has the bond's address, in exchange for its own. */
export function bond_alb_handle_active_change(bond: bonding, new_slave: slave | undefined): void {
  const { alb_info } = bond
  const old = bond.curr_active_slave
  if (old === new_slave) return
  if (old !== undefined && alb_info.primary_is_promisc) {
    dev_set_promiscuity(old.dev, -1)
    alb_info.primary_is_promisc = false
    alb_info.rlb_promisc_timeout_counter = 0
  }
  bond.curr_active_slave = new_slave
  if (new_slave === undefined || !bond_has_slaves(bond)) return
  const swap = old ?? bond_slave_has_mac(bond, bond.dev.dev_addr)
  if (swap !== undefined) tlb_clear_slave(bond, swap, true)
  tlb_clear_slave(bond, new_slave, true)
  if (bond.params.mode === BOND_MODE_TLB) force_address(new_slave, bond.dev.dev_addr)
  if (swap !== undefined) {
    alb_swap_mac_addr(swap, new_slave)
    alb_fasten_mac_swap(bond, swap, new_slave)
  } else {
    alb_set_slave_mac_addr(new_slave, bond.dev.dev_addr)
    alb_send_learning_packets(new_slave, bond.dev.dev_addr, false)
  }
}
/** The driver filters by `addr`; what the device shows stays. */
function force_address({ dev }: slave, addr: Uint8Array): Errno | undefined {
  const shown = dev.dev_addr.slice()
  const error = dev_set_mac_address(dev, addr.slice(0, dev.addr_len))
  dev.dev_addr.set(shown)
  return error
}

/** bond_alb_set_mac_address(): the bond's address, and with it that of the active slave. */
export function bond_alb_set_mac_address(bond_dev: net_device, addr: Uint8Array): Errno | undefined {
  const bond = bond_of(bond_dev)
  if (!is_valid_ether_addr(addr)) return EADDRNOTAVAIL
  const error = alb_set_mac_address(bond, addr)
  if (isErrno(error)) return error
  bond_dev.dev_addr.set(addr.subarray(0, bond_dev.addr_len))
  const active = bond.curr_active_slave
  if (active === undefined) return undefined
  const swap = bond_slave_has_mac(bond, bond_dev.dev_addr)
  if (swap !== undefined) {
    alb_swap_mac_addr(swap, active)
    alb_fasten_mac_swap(bond, swap, active)
    return undefined
  }
  alb_set_slave_mac_addr(active, bond_dev.dev_addr)
  alb_send_learning_packets(active, bond_dev.dev_addr, false)
  if (bond.alb_info.rlb_enabled) rlb_req_update_slave_clients(bond, active)
  return undefined
}
function alb_set_mac_address(bond: bonding, addr: Uint8Array): Errno | undefined {
  if (bond.alb_info.rlb_enabled) return undefined
  const done: slave[] = []
  for (const s of bond_slaves(bond)) {
    const error = force_address(s, addr)
    if (isErrno(error)) {
      for (const undo of done) force_address(undo, bond.dev.dev_addr)
      return error
    }
    done.push(s)
  }
  return undefined
}

/** The work's function, ten times a second: learning packets, rebalancing, updates of the clients. */
export function bond_alb_monitor(bond: bonding): void {
  const { alb_info } = bond
  if (bond_has_slaves(bond)) balance(bond)
  else alb_info.tx_rebalance_counter = alb_info.lp_counter = 0
  bond_queue_work(bond.alb_work, HZ / ALB_TIMER_TICKS_PER_SEC)
}
function balance(bond: bonding): void {
  const { alb_info, params, curr_active_slave } = bond
  alb_info.tx_rebalance_counter++
  if (++alb_info.lp_counter >= params.lp_interval * ALB_TIMER_TICKS_PER_SEC) {
    for (const s of bond_slaves(bond)) alb_send_learning_packets(s, s.dev.dev_addr, s !== curr_active_slave || alb_info.rlb_enabled)
    alb_info.lp_counter = 0
  }
  if (alb_info.tx_rebalance_counter >= BOND_TLB_REBALANCE_TICKS) rebalance_tx(bond)
  if (!alb_info.rlb_enabled) return
  if (alb_info.primary_is_promisc && ++alb_info.rlb_promisc_timeout_counter >= RLB_PROMISC_TIMEOUT) {
    if (bond.rtnl_is_held) return
    alb_info.rlb_promisc_timeout_counter = 0
    if (curr_active_slave !== undefined) dev_set_promiscuity(curr_active_slave.dev, -1)
    alb_info.primary_is_promisc = false
  }
  if (alb_info.rlb_rebalance) {
    alb_info.rlb_rebalance = false
    rlb_rebalance(bond)
  }
  if (alb_info.rx_ntt) update_clients(bond)
}
function rebalance_tx(bond: bonding): void {
  const { alb_info } = bond
  for (const s of bond_slaves(bond)) {
    tlb_clear_slave(bond, s, true)
    if (s !== bond.curr_active_slave) continue
    tlb_of(s).load = Math.floor(alb_info.unbalanced_load / BOND_TLB_REBALANCE_INTERVAL)
    alb_info.unbalanced_load = 0
  }
  alb_info.tx_rebalance_counter = 0
}
function update_clients(bond: bonding): void {
  const { alb_info } = bond
  if (alb_info.rlb_update_delay_counter > 0) {
    alb_info.rlb_update_delay_counter--
    return
  }
  rlb_update_rx_clients(bond)
  if (alb_info.rlb_update_retry_counter > 0) alb_info.rlb_update_retry_counter--
  else alb_info.rx_ntt = false
}
