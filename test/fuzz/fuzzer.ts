/** One seed's run: messages by the grammar, likely ones between, most of them mutated, on hosts that are renewed now and then. */
import { put16, put32, putString } from '../../src/lib/bytes.ts'
import { RandomStream } from '../../src/lib/random.ts'
import * as sockios from '../../src/uapi/linux/sockios.ts'
import { NETLINK_GENERIC } from '../../src/uapi/linux/netlink.ts'
import { declared, NLM_F_ACK, NLM_F_REQUEST, requestTypes, someAttrs } from './grammar.ts'
import { likely, type Recipe, recipes } from './likely.ts'
import { mutate, rough } from './mutate.ts'
import { type Step, take } from './steps.ts'
import { describe, encode, type MessageTree } from './tree.ts'
import { type Context, chance, pick } from './values.ts'
import * as words from './vocabulary.ts'
import { World } from './world.ts'

/** Steps in one namespace before it ends and another begins. */
const EPOCH = 2000
const IOCTL_SHARE = 0.03

export interface Failure {
  seed: number
  /** Of the step within the run. */
  index: number
  what: string
  /** Since the namespace began. */
  steps: Step[]
  last: string
}

export class Fuzzer {
  readonly seed: number
  readonly random: RandomStream
  readonly ctx: Context
  world: World
  private steps: Step[] = []
  private last: MessageTree | string = ''

  constructor(seed: number) {
    this.seed = seed
    this.random = new RandomStream(seed, 'fuzz')
    this.world = new World(seed)
    this.ctx = { random: this.random, family: 0, kinds: words.kinds, data: (kind, slave) => this.world.dataOf(kind, slave) }
  }

  /** Runs `count` steps; `beat` before each. */
  run(count: number, beat: (index: number) => void = () => {}): Failure | undefined {
    for (let index = 0; index < count; index++) {
      beat(index)
      if (index % EPOCH === 0) {
        const bad = this.begin()
        if (bad !== undefined) return this.failure(index, bad)
      }
      const step = this.next(index)
      this.steps.push(step)
      const bad = attempt(() => take(this.world, step))
      if (bad !== undefined) return this.failure(index, bad)
    }
    return undefined
  }
  private begin(): string | undefined {
    const bad = attempt(() => void this.world.renew())
    if (bad === undefined) this.steps = []
    return bad
  }
  private failure(index: number, what: string): Failure {
    return { seed: this.seed, index, what, steps: this.steps, last: typeof this.last === 'string' ? this.last : describe(this.last) }
  }

  private next(index: number): Step {
    const { random } = this
    if (chance(random, 0.01)) return { kind: 'advance', ns: pick(random, [0, 1e6, 1e9, 10e9, 70e9]) }
    if (chance(random, IOCTL_SHARE)) return this.ioctl()
    const generic = chance(random, 0.04)
    const m = generic ? this.generic() : this.message(index % EPOCH)
    this.last = m
    let data = encode(m, 1 + (index % 0xffff))
    if (chance(random, 0.03)) data = this.corrupt(data)
    return { kind: 'send', sock: generic ? this.world.route.length : pick(random, [0, 1, 1, 2, 2, 2, 3]), data }
  }
  /** The first messages of a namespace are not mutated, so that there is something to talk about. */
  private message(at: number): MessageTree {
    const { random, ctx } = this
    if (at < 40) return likely(ctx, at < 12 ? ['linkAdd'] : ['addr', 'linkSet', 'route', 'nexthop'])
    const m = chance(random, 0.5) ? likely(ctx, Object.keys(recipes) as Recipe[]) : declared(ctx, ...pick(random, requestTypes))
    if (chance(random, 0.6)) mutate(random, m, rough)
    return m
  }
  private generic(): MessageTree {
    const { random, ctx } = this
    const families = [...this.world.host.kernel.genl.families.values()]
    const { family, id } = pick(random, families)
    const ops = [...(family.ops ?? []), ...(family.split_ops ?? [])]
    const op = ops.length === 0 ? undefined : pick(random, ops)
    const set = op?.policy?.set ?? family.policy?.set
    const head = new Uint8Array(4 + (family.hdrsize ?? 0))
    head[0] = chance(random, 0.9) && op !== undefined ? op.cmd : random.below(256)
    head[1] = random.below(3)
    const m: MessageTree = {
      protocol: NETLINK_GENERIC,
      name: family.name,
      type: id,
      flags: NLM_F_REQUEST | NLM_F_ACK | pick(random, [0, 0, 0x300, 0x400]),
      head,
      attrs: set === undefined ? [] : someAttrs(ctx, set, 4),
    }
    if (chance(random, 0.5)) mutate(random, m, rough)
    return m
  }
  private corrupt(data: Uint8Array): Uint8Array {
    const { random } = this
    if (chance(random, 0.3)) return data.slice(0, random.below(data.length + 1))
    for (let n = 1 + random.below(4); n > 0; n--) data[random.below(data.length)] = random.u32() & 255
    return data
  }
  private ioctl(): Step {
    const { random } = this
    const request = chance(random, 0.95) ? pick(random, ioctls) : 0x8900 + random.below(256)
    const data = chance(random, 0.2) ? random.bytes(128) : new Uint8Array(128)
    putString(data, 0, chance(random, 0.9) ? pick(random, words.names) : pick(random, words.odd_names))
    if (chance(random, 0.7)) this.fillUnion(data)
    this.last = `ioctl ${request.toString(16)}`
    return { kind: 'ioctl', request, data }
  }
  /** Behind the name: an address, a number, or a pointer into the page. */
  private fillUnion(data: Uint8Array): void {
    const { random } = this
    const way = random.below(3)
    if (way === 0) {
      put16(data, 16, 2)
      data.set(pick(random, words.v4), 20)
    } else if (way === 1) put32(data, 16, pick(random, words.numbers))
    else put32(data, 16, 0x1000 + random.below(8192))
  }
}

const ioctls = Object.entries(sockios).flatMap(([name, value]) => (name.startsWith('SIOC') && typeof value === 'number' ? [value] : []))

/** What a piece of work says is wrong, or what it throws. */
export function attempt(work: () => string | undefined): string | undefined {
  try {
    return work()
  } catch (error) {
    const stack = (error as Error).stack ?? String(error)
    return stack
      .split('\n')
      .slice(0, 6)
      .join('\n')
      .replaceAll(/file:\/\/\S*\/(src|test)\//g, '$1/')
  }
}
