/** kernel/printk: the ring of log lines. */
export const KERN_EMERG = 0
export const KERN_CRIT = 2
export const KERN_ERR = 3
export const KERN_WARNING = 4
export const KERN_NOTICE = 5
export const KERN_INFO = 6
export const KERN_DEBUG = 7

export interface printk_record {
  level: number
  /** Lab time, ns. */
  at: number
  seq: number
  text: string
}

export class printk_ring {
  records: printk_record[] = []
  next_seq = 0
  /** Lines kept; older ones go. */
  readonly size: number
  constructor(size = 4096) {
    this.size = size
  }
  add(level: number, at: number, text: string): printk_record {
    const record = { level, at, seq: this.next_seq++, text }
    this.records.push(record)
    if (this.records.length > this.size) this.records.shift()
    return record
  }
}

/** A line the way dmesg shows it: `[    1.234567] text`. */
export function printk_line(r: printk_record): string {
  const us = Math.floor(r.at / 1000)
  return `[${String(Math.floor(us / 1e6)).padStart(5)}.${String(us % 1e6).padStart(6, '0')}] ${r.text}`
}
