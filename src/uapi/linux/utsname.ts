/** include/linux/utsname.h: which kernel a host says it is (Debian 12's linux-image-6.12-amd64). */
export const UTS_SYSNAME = 'Linux'
export const UTS_RELEASE = '6.12.117+deb12-amd64'
export const UTS_VERSION = '#1 SMP PREEMPT_DYNAMIC Debian 6.12.117-1~deb12u1 (2026-11-14)'
/** struct new_utsname: six texts of this many bytes. */
export const UTS_LEN = 65
