/** include/uapi/linux/if.h: device flags and the structures of the SIOC* ioctls (x86-64). */
import { struct } from '../../lib/struct.ts'
import { bytes, chars, s16, s32, u8, u16, u64 } from '../../lib/types.ts'

export const IFNAMSIZ = 16
export const IFALIASZ = 256
export const ALTIFNAMSIZ = 128
export const IFF_UP = 1 << 0
export const IFF_BROADCAST = 1 << 1
export const IFF_DEBUG = 1 << 2
export const IFF_LOOPBACK = 1 << 3
export const IFF_POINTOPOINT = 1 << 4
export const IFF_NOTRAILERS = 1 << 5
export const IFF_RUNNING = 1 << 6
export const IFF_NOARP = 1 << 7
export const IFF_PROMISC = 1 << 8
export const IFF_ALLMULTI = 1 << 9
export const IFF_MASTER = 1 << 10
export const IFF_SLAVE = 1 << 11
export const IFF_MULTICAST = 1 << 12
export const IFF_PORTSEL = 1 << 13
export const IFF_AUTOMEDIA = 1 << 14
export const IFF_DYNAMIC = 1 << 15
export const IFF_LOWER_UP = 1 << 16
export const IFF_DORMANT = 1 << 17
export const IFF_ECHO = 1 << 18
export const IFF_VOLATILE = IFF_LOOPBACK | IFF_POINTOPOINT | IFF_BROADCAST | IFF_ECHO | IFF_MASTER | IFF_SLAVE | IFF_RUNNING | IFF_LOWER_UP | IFF_DORMANT

/** struct ifreq: a name and 24 bytes of union. */
export const ifreq = struct('ifreq', { ifr_name: chars(16), ifr_data: bytes(24) })
export const ifmap = struct('ifmap', { mem_start: u64, mem_end: u64, base_addr: u16, irq: u8, dma: u8, port: u8, __pad: bytes(3) })
export const ifconf = struct('ifconf', { ifc_len: s32, __pad: s32, ifc_buf: u64 })
export const sockaddr = struct('sockaddr', { sa_family: u16, sa_data: bytes(14) })
export const ifreq_flags = struct('ifreq_flags', { ifr_name: chars(16), ifr_flags: s16 })
