/** include/net/ip_fib.h struct fib_rt_info: one route, apart from the trie that holds it. */
import type { fib_info } from './fib_semantics.ts'

export class fib_rt_info {
  readonly fi: fib_info
  readonly tb_id: number
  /** Host order, unsigned. */
  readonly dst: number
  readonly dst_len: number
  readonly dscp: number
  /** RTN_* */
  readonly type: number
  constructor(fi: fib_info, tb_id: number, dst: number, dst_len: number, dscp: number, type: number) {
    this.fi = fi
    this.tb_id = tb_id
    this.dst = dst
    this.dst_len = dst_len
    this.dscp = dscp
    this.type = type
  }
}
