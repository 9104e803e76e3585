/**
 * The processes of attached programs as the supervisor knows them: found at their first trapped call, forgotten when
 * they exit. What a process inherits over fork() without our seeing it, its virtual credentials and namespace, rides
 * in its soft RLIMIT_LOCKS, which the kernel itself copies at the right moment.
 */
import { readdirSync } from 'node:fs'
import type { TaskFiles } from '../syscalls/types.ts'
import type { Attachment } from './attachment.ts'
import type { Credentials } from './credentials.ts'
import { AT_RESULT, field, native } from './native.ts'

/** High word of a marked RLIMIT_LOCKS: this, and the index of the credentials in the low 16 bits; the low word is the namespace. */
const MARK = 0x4e440000

/** Something that a descriptor of a program stands for. */
export interface Described {
  /** Nobody holds it any more. */
  readonly closed: boolean
}

export class Process {
  readonly attachment: Attachment
  readonly tgid: number
  /** As the program itself sees it with getpid(). */
  readonly pid: number
  readonly pidfd: number
  comm: string
  credentials: Credentials
  /** Inode-like id of the simulated network namespace of the threads that have not left it. */
  netns = 0
  /** Namespaces of those that have, by thread. */
  private readonly left = new Map<number, number>()
  /** The namespace that children inherit: of the thread that called last. */
  private marked = 0
  /** The program's descriptors as the simulated kernel asks for them. */
  files: TaskFiles | undefined
  /** Descriptors known to be virtual; dropped on close, dup2 and exec, so it may be empty but never wrong. */
  descriptors = new Map<number, Described>()
  /** No number of the attachment's range below it is free, as far as we were told. */
  lowestFree = 0
  private tasks = new Map<number, any>()

  constructor(attachment: Attachment, tgid: number, pid: number, comm: string) {
    this.attachment = attachment
    this.tgid = tgid
    this.pid = pid
    this.comm = comm
    this.pidfd = native.pidfdOpen(tgid)
    this.credentials = attachment.credentials
    if (!this.readMark()) this.mark(0)
  }

  private readMark(): boolean {
    if (!isMarked(this.tgid)) return false
    this.netns = this.marked = field(AT_RESULT) >>> 0
    this.credentials = this.attachment.knownCredentials[field(AT_RESULT + 4) & 0xffff] ?? this.credentials
    return true
  }

  /** What children begin with. It also shows that a process is attached before it makes a trapped call. */
  private mark(netns: number): void {
    this.marked = netns
    native.setMark(this.tgid, netns, MARK | this.attachment.indexOf(this.credentials))
  }

  /** A child that clone(2) makes now begins in that namespace; until restoreMark(). */
  markForChild(netns: number): void {
    this.mark(netns)
  }
  restoreMark(tid: number): void {
    this.mark(this.netnsOf(tid))
  }

  private netnsOf(tid: number): number {
    return this.left.get(tid) ?? this.netns
  }

  /** The thread is in another namespace now; the only thread is the process. */
  moved(tid: number, netns: number): void {
    if (netns === this.netnsOf(tid)) return
    if (netns === this.netns) this.left.delete(tid)
    else if (threads(this.tgid) > 1) this.left.set(tid, netns)
    else {
      this.netns = netns
      this.left.clear()
    }
    this.mark(netns)
  }

  /** The simulated kernel's task for one of the threads. */
  task(tid: number): any {
    if (this.left.size > 0 && this.marked !== this.netnsOf(tid)) this.mark(this.netnsOf(tid))
    const known = this.tasks.get(tid)
    if (known !== undefined) return known
    const task = this.makeTask(tid)
    this.tasks.set(tid, task)
    return task
  }

  private makeTask(tid: number): any {
    return this.attachment.host.taskFor({
      tgid: this.pid,
      tid: tid === this.tgid ? this.pid : tid,
      comm: this.comm,
      uid: this.credentials.uid.e,
      gid: this.credentials.gid.e,
      capabilities: this.credentials.effective,
      netns: this.netnsOf(tid),
      cgroup: this.credentials.cgroup,
      files: this.files,
    })
  }

  /** Children get them too. What runs in other threads changes at once. */
  setCredentials(credentials: Credentials): void {
    if (credentials === this.credentials) return
    this.credentials = credentials
    this.mark(this.marked)
    this.refresh()
  }

  private refresh(): void {
    for (const tid of this.tasks.keys()) this.tasks.set(tid, this.makeTask(tid))
  }

  /** A descriptor is closed, or becomes another's. */
  forget(fd: number): void {
    this.descriptors.delete(fd)
    this.lowestFree = Math.min(this.lowestFree, fd)
  }

  /** A new program in thread `tid`: other threads are gone, and so are descriptors that were close-on-exec. */
  executed(tid: number, comm: string, credentials: Credentials): void {
    this.descriptors.clear()
    this.lowestFree = 0
    this.comm = comm
    this.netns = this.netnsOf(tid)
    this.left.clear()
    if (this.marked !== this.netns) this.mark(this.netns)
    for (const tid of this.tasks.keys()) if (tid !== this.tgid) this.forgetTask(tid)
    if (credentials !== this.credentials) this.setCredentials(credentials)
    else this.refresh()
  }

  private forgetTask(tid: number): void {
    this.tasks.delete(tid)
    this.left.delete(tid)
    this.attachment.host.taskExit?.(tid === this.tgid ? this.pid : tid)
  }

  exited(): void {
    for (const tid of [...this.tasks.keys()]) this.forgetTask(tid)
    if (this.pidfd >= 0) native.close(this.pidfd)
  }
}

/** Whether the process is one of an attached tree; its mark is at AT_RESULT. */
export function isMarked(tgid: number): boolean {
  return native.getMark(tgid) >= 0 && (field(AT_RESULT + 4) & 0xffff0000) === MARK
}

export function threads(tgid: number): number {
  try {
    return readdirSync(`/proc/${tgid}/task`).length
  } catch {
    return 1
  }
}

/** Finds the process of a calling thread. */
export class ProcessTable {
  private byTid = new Map<number, Process>()
  private byTgid = new Map<number, Process>()
  /** The parent of a tree's first process, to which all orphans of the tree return. */
  private launchers = new Map<Attachment, number>()
  /** Called with each new process, so that its end can be watched. */
  onAppear: (process: Process) => void = () => {}
  /** The descriptors of a new process. */
  filesOf: (process: Process) => TaskFiles | undefined = () => undefined

  /** Undefined when the thread is already gone. */
  find(attachment: Attachment, tid: number): Process | undefined {
    const known = this.byTid.get(tid)
    // A thread may have ended and its number be another process's; the main thread's end we are told.
    if (known !== undefined && (tid === known.tgid || native.isThread(known.tgid, tid) === 0)) return known
    const comm = native.status(tid)
    if (comm === undefined) return undefined
    const tgid = field(AT_RESULT)
    const pid = field(AT_RESULT + 8)
    let process = this.byTgid.get(tgid)
    if (!this.launchers.has(attachment)) this.launchers.set(attachment, field(AT_RESULT + 4))
    if (process === undefined) {
      process = new Process(attachment, tgid, pid, comm)
      process.files = this.filesOf(process)
      this.byTgid.set(tgid, process)
      this.byTid.set(tgid, process)
      this.onAppear(process)
    }
    this.byTid.set(tid, process)
    return process
  }

  get(tgid: number): Process | undefined {
    return this.byTgid.get(tgid)
  }

  /** By the number that programs themselves use. */
  byPid(pid: number): Process | undefined {
    for (const process of this.byTgid.values()) if (process.pid === pid) return process
    return undefined
  }

  /**
   * The attached process with that number in the pid namespace of `like`, also one that has not made a trapped call yet;
   * undefined: it is no attached one.
   */
  lookup(like: Process, pid: number): Process | undefined {
    const known = this.byPid(pid)
    if (known !== undefined) return known
    const tgid = like.pid === like.tgid ? pid : outerPid(pid)
    return tgid === undefined ? undefined : this.adopt(tgid)
  }

  /** An attached process by our number of it; it need not have made a trapped call yet. */
  adopt(tgid: number): Process | undefined {
    const known = this.byTgid.get(tgid)
    if (known !== undefined || !isMarked(tgid)) return known
    const attachment = this.treeOf(tgid)
    const found = attachment && this.find(attachment, tgid)
    found?.task(found.tgid)
    return found
  }

  /** All of them: they hold namespaces too. */
  adoptAll(): void {
    for (const name of readdirSync('/proc')) if (Number(name) > 0) this.adopt(Number(name))
  }

  /** The tree of a process that we have not met: that of the nearest ancestor that we have, or of its launcher. */
  private treeOf(tgid: number): Attachment | undefined {
    for (let pid = tgid, depth = 0; pid > 1 && depth < 100 && native.status(pid) !== undefined; depth++) {
      pid = field(AT_RESULT + 4)
      const known = this.byTgid.get(pid)
      if (known !== undefined) return known.attachment
      for (const [attachment, launcher] of this.launchers) if (launcher === pid) return attachment
    }
    return undefined
  }

  /** The tree is gone. */
  forget(attachment: Attachment): void {
    this.launchers.delete(attachment)
  }

  remove(process: Process): void {
    this.byTgid.delete(process.tgid)
    for (const [tid, owner] of this.byTid) if (owner === process) this.byTid.delete(tid)
    process.exited()
  }

  all(): IterableIterator<Process> {
    return this.byTgid.values()
  }
}

/** Our number of a process that is `pid` in a pid namespace of its own. */
function outerPid(pid: number): number | undefined {
  for (const name of readdirSync('/proc')) {
    const candidate = Number(name)
    if (candidate > 0 && native.status(candidate) !== undefined && field(AT_RESULT + 8) === pid) return candidate
  }
  return undefined
}
