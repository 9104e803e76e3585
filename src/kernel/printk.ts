/** kernel/printk: the ring of log lines. */
export const KERN_EMERG = 0
export const KERN_CRIT = 2
export const KERN_ERR = 3
export const KERN_WARNING = 4
export const KERN_NOTICE = 5
export const KERN_INFO = 6
export const KERN_DEBUG = 7

/** Who said a line: the kernel, or a program by way of /dev/kmsg. */
export const LOG_KERN = 0
export const LOG_USER = 1

export interface printk_record {
  level: number
  facility: number
  /** Lab time, ns. */
  at: number
  seq: number
  text: string
}

/** Who waits for lines. */
export interface log_reader {
  log_added(): void
}

export class printk_ring {
  records: printk_record[] = []
  next_seq = 0
  /** syslog(2): the first line that has not been cleared, and the first that has not been read. */
  clear_seq = 0
  syslog_seq = 0
  readonly readers = new Set<log_reader>()
  /** Lines kept; older ones go. */
  readonly size: number
  constructor(size = 4096) {
    this.size = size
  }
  add(level: number, at: number, text: string, facility = LOG_KERN): printk_record {
    const record = { level, facility, at, seq: this.next_seq++, text }
    this.records.push(record)
    if (this.records.length > this.size) this.records.shift()
    for (const reader of this.readers) reader.log_added()
    return record
  }
  /** The lines from number `seq` on. */
  since(seq: number): printk_record[] {
    const first = this.records[0]?.seq ?? this.next_seq
    return this.records.slice(Math.max(0, seq - first))
  }
}

/** A line the way dmesg shows it: `[    1.234567] text`. */
export function printk_line(r: printk_record): string {
  const us = Math.floor(r.at / 1000)
  return `[${String(Math.floor(us / 1e6)).padStart(5)}.${String(us % 1e6).padStart(6, '0')}] ${r.text}`
}
/** The priority before a line: its facility and its level. */
export function printk_priority({ facility, level }: printk_record): number {
  return (facility << 3) | level
}
