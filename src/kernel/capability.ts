/** include/uapi/linux/capability.h: the capabilities that networking asks for. */
export const CAP_DAC_OVERRIDE = 1
export const CAP_DAC_READ_SEARCH = 2
export const CAP_SETUID = 7
export const CAP_NET_BIND_SERVICE = 10
export const CAP_NET_BROADCAST = 11
export const CAP_NET_ADMIN = 12
export const CAP_NET_RAW = 13
export const CAP_SYS_MODULE = 16
export const CAP_SYS_PTRACE = 19
export const CAP_SYS_ADMIN = 21
export const CAP_SYSLOG = 34
export const CAP_BPF = 39
export const CAP_LAST_CAP = 40
export const CAP_FULL_SET = (1n << BigInt(CAP_LAST_CAP + 1)) - 1n

/** Whether the effective set holds the capability. */
export function has_capability(effective: bigint, cap: number): boolean {
  // root's set is one constant, and BigInt arithmetic is dear on every request
  return effective === CAP_FULL_SET || ((effective >> BigInt(cap)) & 1n) !== 0n
}
