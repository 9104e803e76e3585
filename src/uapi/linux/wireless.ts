/** include/uapi/linux/wireless.h: the range of the wireless extensions. Odd numbers ask, even ones set. */
export const SIOCIWFIRST = 0x8b00
export const SIOCIWLAST = 0x8bff
export const SIOCGIWNAME = 0x8b01
export const SIOCGIWSTATS = 0x8b0f
export const SIOCGIWENCODE = 0x8b2b
export const SIOCGIWENCODEEXT = 0x8b35
