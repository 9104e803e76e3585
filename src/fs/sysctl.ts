/** kernel/sysctl.c: the handlers that tables name. Each parses and prints as Linux does, down to what one write takes. */
import { HZ, USER_HZ } from '../kernel/time.ts'
import { EINVAL, type Errno, isErrno } from '../uapi/errno.ts'
import type { ctl_buffer, ctl_table } from './proc_sysctl.ts'

const INT_MAX = 0x7fffffff
const UINT_MAX = 0xffffffff
/** Longest number, with its NUL (TMPBUFLEN). */
const TMPBUFLEN = 22
const PAGE_SIZE = 4096
const WHITESPACE = ' \t\n'

/** What is still to be read of a write. */
interface scanner {
  text: string
  at: number
}

/** proc_skip_spaces(): isspace(), wider than the separators below. */
function skip_spaces(s: scanner): void {
  while (s.at < s.text.length && /[\s\xa0]/.test(s.text[s.at])) s.at++
}

/**
 * proc_get_long(): a number in any C notation (010 is 8, 0x10 is 16), a minus sign before it, white space or the end
 * behind it. BigInt, so that 64 bits are exact.
 */
export function proc_get_long(s: scanner, separators = WHITESPACE): bigint | Errno {
  const rest = s.text.slice(s.at, s.at + TMPBUFLEN - 1)
  const match = /^(-?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)/.exec(rest)
  if (match === null || match[0].length === TMPBUFLEN - 1) return EINVAL
  const end = s.at + match[0].length
  if (end < s.text.length && !separators.includes(s.text[end])) return EINVAL
  const digits = /^0[0-7]+$/.test(match[2]) ? `0o${match[2].slice(1)}` : match[2]
  const value = BigInt(digits)
  if (value > 0xffffffffffffffffn) return EINVAL
  s.at = end
  return match[1] === '-' ? -value : value
}

/** The variable as a list: a number, or the first `maxlen` of an array. */
function vector(ctl: ctl_table): number[] {
  const value = ctl.data[ctl.key as string]
  return typeof value === 'object' ? Array.from(value as ArrayLike<number>).slice(0, ctl.maxlen) : [Number(value)]
}
function store(ctl: ctl_table, i: number, value: number): void {
  const now = ctl.data[ctl.key as string]
  if (typeof now === 'object') now[i] = value
  else ctl.data[ctl.key as string] = typeof now === 'boolean' ? value !== 0 : value
}

/** A value as written → as stored, or EINVAL; and back. */
interface conversion {
  in: (value: bigint, ctl: ctl_table) => number | Errno
  out: (value: number) => number
}

/**
 * do_proc_dointvec(): as many numbers as the variable has and the text gives; those before a bad one are kept. A write
 * takes what it read and white space behind it, no more.
 */
function do_proc_dointvec(ctl: ctl_table, write: boolean, buf: ctl_buffer, conv: conversion): Errno | undefined {
  const values = vector(ctl)
  if (!write) {
    buf.text = `${values.map((v) => conv.out(v)).join('\t')}\n`
    return undefined
  }
  const s = { text: buf.text.slice(0, PAGE_SIZE - 1), at: 0 }
  let error: Errno | undefined
  let count = 0
  for (; count < values.length; count++) {
    skip_spaces(s)
    if (s.at >= s.text.length) break
    const value = proc_get_long(s)
    const stored = isErrno(value) ? value : conv.in(value, ctl)
    if (isErrno(stored)) {
      error = stored
      break
    }
    store(ctl, count, stored)
  }
  if (count === 0) return error ?? EINVAL
  if (error === undefined) skip_spaces(s)
  buf.consumed = s.at
  return error
}

export function int_in(value: bigint): number | Errno {
  return value > INT_MAX || value < -INT_MAX - 1 ? EINVAL : Number(value)
}
function minmax_in(value: bigint, ctl: ctl_table): number | Errno {
  const n = int_in(value)
  if (isErrno(n)) return n
  return (ctl.extra1 !== undefined && n < ctl.extra1) || (ctl.extra2 !== undefined && n > ctl.extra2) ? EINVAL : n
}
function same(value: number): number {
  return value
}
const as_int: conversion = { in: int_in, out: same }
const as_int_minmax: conversion = { in: minmax_in, out: same }
const as_jiffies: conversion = {
  in: (v) => (v > INT_MAX / HZ || v < -INT_MAX ? EINVAL : Number(v) * HZ),
  out: (v) => Math.trunc(v / HZ),
}
const as_userhz_jiffies: conversion = {
  in: (v) => (v < 0n || v * BigInt(HZ) > BigInt(INT_MAX) * BigInt(USER_HZ) ? EINVAL : Math.trunc((Number(v) * HZ) / USER_HZ)),
  out: (v) => Math.trunc((v * USER_HZ) / HZ),
}
const as_ms_jiffies: conversion = {
  in: (v) => (v < 0n || v > INT_MAX ? EINVAL : Math.ceil((Number(v) * HZ) / 1000)),
  out: (v) => Math.trunc((v * 1000) / HZ),
}

export function proc_dointvec(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  return do_proc_dointvec(ctl, write, buf, as_int)
}
/** Bounds: extra1 (least) and extra2 (most). */
export function proc_dointvec_minmax(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  return do_proc_dointvec(ctl, write, buf, as_int_minmax)
}
/** Seconds outside, jiffies inside. */
export function proc_dointvec_jiffies(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  return do_proc_dointvec(ctl, write, buf, as_jiffies)
}
/** Hundredths of a second outside. */
export function proc_dointvec_userhz_jiffies(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  return do_proc_dointvec(ctl, write, buf, as_userhz_jiffies)
}
/** Milliseconds outside. */
export function proc_dointvec_ms_jiffies(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  return do_proc_dointvec(ctl, write, buf, as_ms_jiffies)
}
export function proc_dobool(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  return do_proc_dointvec(ctl, write, buf, { in: int_in, out: Number })
}

/** do_proc_douintvec(): one number; the whole write counts as taken, whatever stands behind it. */
function do_proc_douintvec(ctl: ctl_table, write: boolean, buf: ctl_buffer, most: number): Errno | undefined {
  if (!write) {
    buf.text = `${ctl.data[ctl.key as string] >>> 0}\n`
    return undefined
  }
  const s = { text: buf.text.slice(0, PAGE_SIZE - 1), at: 0 }
  skip_spaces(s)
  const value = proc_get_long(s)
  if (isErrno(value) || value < 0n || value > BigInt(most)) return EINVAL
  const n = Number(value)
  if ((ctl.extra1 !== undefined && n < ctl.extra1) || (ctl.extra2 !== undefined && n > ctl.extra2)) return EINVAL
  store(ctl, 0, n)
  buf.consumed = buf.text.length
  return undefined
}
export function proc_douintvec(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  return do_proc_douintvec(ctl, write, buf, UINT_MAX)
}
export function proc_douintvec_minmax(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  return do_proc_douintvec(ctl, write, buf, UINT_MAX)
}
export function proc_dou8vec_minmax(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  return do_proc_douintvec(ctl, write, buf, 255)
}

/** Numbers beyond 2^53 lose their low bits; negative ones are passed over, as in Linux. */
export function proc_doulongvec_minmax(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  return do_proc_dointvec(ctl, write, buf, { in: (v, c) => (v < 0n ? EINVAL : ulong_in(Number(v), c)), out: same })
}
function ulong_in(n: number, ctl: ctl_table): number | Errno {
  return (ctl.extra1 !== undefined && n < ctl.extra1) || (ctl.extra2 !== undefined && n > ctl.extra2) ? EINVAL : n
}

/** Up to the first NUL or newline, at most `maxlen` - 1 characters; the rest of the write is swallowed. */
export function proc_dostring(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  if (!write) {
    buf.text = `${ctl.data[ctl.key as string]}\n`
    return undefined
  }
  const line = buf.text.split(/[\0\n]/, 1)[0]
  ctl.data[ctl.key as string] = ctl.maxlen === undefined ? line : line.slice(0, ctl.maxlen - 1)
  buf.consumed = buf.text.length
  return undefined
}
