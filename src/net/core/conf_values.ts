/**
 * Settings by number: of `default`, and of devices, which begin as `default` is. Devices come by the thousand and few of
 * their settings are ever changed, so those that began alike share their arrays until one of them is written to.
 */

interface conf_arrays {
  readonly data: readonly number[]
  readonly state: readonly number[]
}
export const none_chosen: readonly number[] = []

export class conf_values {
  data: readonly number[]
  /** 1: somebody has chosen this setting, and it no longer follows `default`. Empty: nobody has chosen any. */
  state: readonly number[]
  /** Others have the same arrays. */
  private shared: boolean
  /** What was copied last, and what somebody has made of a copy. */
  private copied: conf_arrays | undefined = undefined
  private made: conf_arrays | undefined = undefined

  /** Values of its own, or what `from` has now. */
  constructor(from: conf_values | readonly number[]) {
    const { data, state } = from instanceof conf_values ? from.copy() : { data: from.slice(), state: none_chosen }
    this.data = data
    this.state = state
    this.shared = from instanceof conf_values
  }
  private copy(): conf_arrays {
    if (!alike(this.copied, this))
      this.copied = { data: this.data.slice(), state: this.state.length > 0 ? this.state.slice() : none_chosen }
    return this.copied as conf_arrays
  }
  /** The copy has been changed where each of its kind is: those share from here on. */
  share(from: conf_values): void {
    if (!alike(from.made, this)) from.made = { data: this.data, state: this.state }
    const { data, state } = from.made as conf_arrays
    this.data = data
    this.state = state
    this.shared = true
  }

  /** The values, to be written to. */
  own(): number[] {
    if (this.shared) {
      this.data = this.data.slice()
      if (this.state.length > 0) this.state = this.state.slice()
      this.shared = false
    }
    return this.data as number[]
  }
  chosen(at: number): boolean {
    return this.state[at] === 1
  }
  choose(at: number): void {
    this.own()
    if (this.state.length === 0) this.state = new Array<number>(this.data.length).fill(0)
    ;(this.state as number[])[at] = 1
  }
  choose_all(): void {
    this.own()
    this.state = new Array<number>(this.data.length).fill(1)
  }
  /** None of them, whatever `from` has. */
  choose_none(): void {
    this.state = none_chosen
  }
}

function alike(a: conf_arrays | undefined, b: conf_arrays): boolean {
  return a !== undefined && same(a.data, b.data) && same(a.state, b.state)
}
function same(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
