/** A table of many IPv4 routes, in one process: added by requests, dumped, looked up, and the memory that they take. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Lab } from '../../src/lab/lab.ts'
import { put32, putBe32 } from '../../src/lib/bytes.ts'
import { MessageBuilder } from '../../src/lib/message.ts'
import { RandomStream } from '../../src/lib/random.ts'
import { fib_result, fib_table_lookup, flowi4 } from '../../src/net/ipv4/fib_lookup.ts'
import { fib_get_table } from '../../src/net/ipv4/fib_tables.ts'
import { sys_recvmsg, sys_sendmsg, sys_setsockopt, sys_socket } from '../../src/syscalls/syscalls.ts'
import { isErrno } from '../../src/uapi/errno.ts'
import { NETLINK_ROUTE, NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLM_F_REQUEST } from '../../src/uapi/linux/netlink.ts'
import {
  RTA_DST,
  RTA_OIF,
  RTM_GETROUTE,
  RTM_NEWROUTE,
  RTN_UNICAST,
  RTPROT_BOOT,
  RT_SCOPE_LINK,
  RT_TABLE_MAIN,
  rtmsg,
} from '../../src/uapi/linux/rtnetlink.ts'
import { AF_INET, AF_NETLINK, SOCK_RAW, SOL_SOCKET } from '../../src/uapi/linux/socket.ts'

export interface Figure {
  what: string
  ours: number
  unit: string
  target: string
}
const SO_RCVBUF = 8

/** A collection on demand, so that what is left counts. */
export function collect(): void {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
}
/** Processor time: on a machine that others use too, the wall clock would count them. */
export const seconds = (work: () => void): number => {
  const start = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1e6
}

/** The n-th prefix: /24s first as in an Internet table, in an order that jumps about. */
export function prefix(i: number): { dst: number; length: number } {
  const n = Math.imul(i + 1, 0x9e3779b1) >>> 0
  return i % 4 === 3 ? { dst: (n & 0xfffff000) >>> 0, length: 20 } : { dst: (n & 0xffffff00) >>> 0, length: 24 }
}

export class Program {
  readonly host = new Lab({ time: 'virtual', transcript: 0 }).addHost('bench', { ipv6: false })
  readonly task = this.host.task()
  readonly sock = sys_socket(this.task, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)
  private readonly request: Uint8Array
  private readonly at: { head: number; dst: number }
  constructor() {
    const size = new Uint8Array(4)
    put32(size, 0, 1 << 20)
    sys_setsockopt(this.task, this.sock as never, SOL_SOCKET, SO_RCVBUF, size)
    const skb = new MessageBuilder()
    skb.begin(RTM_NEWROUTE, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, 1, 0)
    const head = skb.length
    skb.struct(rtmsg, {
      rtm_family: AF_INET,
      rtm_table: RT_TABLE_MAIN,
      rtm_protocol: RTPROT_BOOT,
      rtm_scope: RT_SCOPE_LINK,
      rtm_type: RTN_UNICAST,
    })
    skb.put(RTA_DST, new Uint8Array(4))
    const dst = skb.length - 4
    skb.put(RTA_OIF, 2)
    skb.end()
    this.request = skb.bytes().slice()
    this.at = { head, dst }
  }
  /** true: added, false: it was there already. */
  add(dst: number, length: number): boolean {
    // a program's own buffer comes from the supervisor as a new array each time
    const data = this.request.slice()
    data[this.at.head + 1] = length
    putBe32(data, this.at.dst, dst)
    sys_sendmsg(this.task, this.sock as never, { data, flags: 0 })
    const answer = sys_recvmsg(this.task, this.sock as never, { size: 32768, controlSize: 0, flags: 0 })
    if (isErrno(answer)) throw new Error(`no answer: ${answer}`)
    return answer.data[16] === 0
  }
  /** Bytes of the whole table. */
  dump(): number {
    const skb = new MessageBuilder()
    skb.begin(RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP, 1, 0)
    skb.struct(rtmsg, { rtm_family: AF_INET })
    skb.end()
    sys_sendmsg(this.task, this.sock as never, { data: skb.bytes().slice(), flags: 0 })
    for (let bytes = 0; ; ) {
      const part = sys_recvmsg(this.task, this.sock as never, { size: 32768, controlSize: 0, flags: 0 })
      if (isErrno(part)) return bytes
      bytes += part.data.length
    }
  }
  up(): void {
    const skb = new MessageBuilder()
    skb.begin(16, NLM_F_REQUEST, 1, 0)
    skb.room(16)
    put32(skb.buf, 20, 2)
    put32(skb.buf, 24, 1)
    put32(skb.buf, 28, 1)
    skb.end()
    sys_sendmsg(this.task, this.sock as never, { data: skb.bytes().slice(), flags: 0 })
  }
}

/** Lookups a second, best of five: the machine may be busy with others. */
function lookups(program: Program, keys: Int32Array): number {
  const tb = fib_get_table(program.host.kernel.init_net, RT_TABLE_MAIN)
  if (tb === undefined) throw new Error('no main table')
  const fl = new flowi4(0, 0)
  const res = new fib_result()
  let found = 0
  const look = (count: number) => {
    for (let i = 0; i < count; i++) {
      fl.daddr = keys[i & (keys.length - 1)] >>> 0
      if (fib_table_lookup(tb, fl, res, 0) === undefined) found++
    }
  }
  look(200_000)
  const took = Math.min(...[1, 2, 3, 4, 5].map(() => seconds(() => look(1_000_000))))
  if (found === 0) throw new Error('no lookup found a route')
  return 1_000_000 / took
}
const random = () => new RandomStream(1, 'lookups')
function anywhere(): Int32Array {
  const r = random()
  return Int32Array.from({ length: 1 << 20 }, () => r.u32() | 0)
}
function in_routes(total: number): Int32Array {
  const r = random()
  return Int32Array.from({ length: 1 << 20 }, () => {
    const { dst, length } = prefix(r.below(total))
    return dst | (r.u32() >>> length)
  })
}

/** Calibration: ns of a read that waits for memory, each for the one before. A lookup in a big table is two or three such. */
function memory_latency(): number {
  const LINE = 16
  const lines = 1 << 20
  const order = Int32Array.from({ length: lines }, (_, i) => i)
  const r = random()
  const chain = new Int32Array(lines * LINE)
  for (let i = lines - 1; i > 0; i--) {
    const j = r.below(i)
    const x = order[i]
    order[i] = order[j]
    order[j] = x
  }
  for (let i = 0; i < lines; i++) chain[i * LINE] = order[i] * LINE
  const READS = 500_000
  let at = 0
  const follow = () => {
    for (let i = 0; i < READS; i++) at = chain[at]
  }
  return (Math.min(...[1, 2, 3, 4, 5].map(() => seconds(follow))) * 1e9) / READS
}

export function routes(total = 1_000_000): Figure[] {
  const program = new Program()
  program.up()
  // the code is compiled on a table of its own
  const warm = new Program()
  warm.up()
  for (let i = 0; i < 50_000; i++) warm.add(prefix(i).dst, prefix(i).length)
  collect()
  const before = process.memoryUsage()
  let added = 0
  const took = seconds(() => {
    for (let i = 0; i < total; i++) if (program.add(prefix(i).dst, prefix(i).length)) added++
  })
  collect()
  const after = process.memoryUsage()
  const used = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers
  const dump = Math.min(...[1, 2, 3].map(() => seconds(() => program.dump())))
  const found = lookups(program, anywhere())
  const routed = lookups(program, in_routes(total))
  return [
    { what: 'calibration: a read that waits for memory', ours: memory_latency(), unit: 'ns', target: '-' },
    { what: `in process: RTM_NEWROUTE (${added} routes)`, ours: total / took / 1000, unit: 'k/s', target: '>= 400' },
    { what: 'in process: RTM_NEWROUTE to its ACK', ours: (took * 1e6) / total, unit: 'µs', target: '<= 5 µs' },
    { what: `dump of ${added} routes`, ours: (dump * 1e6) / added, unit: 's a million', target: '<= 1.5 s' },
    { what: `memory of ${added} routes`, ours: ((used / added) * 1e6) / 1e6, unit: 'MB a million', target: '<= 200 MB' },
    { what: `longest prefix among ${added} routes`, ours: found / 1e6, unit: 'M/s', target: '>= 5 M/s' },
    { what: 'longest prefix, addresses of routes', ours: routed / 1e6, unit: 'M/s', target: '-' },
  ]
}

if (process.argv[1]?.endsWith('routes.ts')) {
  for (const r of routes(Number(process.argv[2] ?? 1_000_000)))
    console.log(`${r.what.padEnd(46)} ${r.ours.toFixed(2).padStart(10)} ${r.unit}  ${r.target}`)
}
