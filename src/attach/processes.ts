/**
 * The processes of attached programs as the supervisor knows them: found at their first trapped call, forgotten when
 * they exit. What a process inherits over fork() without our seeing it, its virtual credentials and namespace, rides
 * in its soft RLIMIT_LOCKS, which the kernel itself copies at the right moment.
 */
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
  /** Inode-like id of the simulated network namespace. */
  netns = 0
  /** Descriptors known to be virtual; dropped on close, dup2 and exec, so it may be empty but never wrong. */
  descriptors = new Map<number, Described>()
  private tasks = new Map<number, any>()

  constructor(attachment: Attachment, tgid: number, pid: number, comm: string) {
    this.attachment = attachment
    this.tgid = tgid
    this.pid = pid
    this.comm = comm
    this.pidfd = native.pidfdOpen(tgid)
    this.credentials = attachment.credentials
    this.readMark()
  }

  private readMark(): void {
    if (native.getMark(this.tgid) < 0) return
    const high = field(AT_RESULT + 4)
    if ((high & 0xffff0000) !== MARK) return
    this.netns = field(AT_RESULT) >>> 0
    this.credentials = this.attachment.knownCredentials[high & 0xffff] ?? this.credentials
  }

  /** The simulated kernel's task for one of the threads. */
  task(tid: number): any {
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
      netns: this.netns,
    })
  }

  /** Children get them too. What runs in other threads changes at once. */
  setCredentials(credentials: Credentials): void {
    if (credentials === this.credentials) return
    this.credentials = credentials
    const index = this.attachment.indexOf(credentials)
    native.setMark(this.tgid, this.netns, MARK | index)
    this.refresh()
  }

  private refresh(): void {
    for (const tid of this.tasks.keys()) this.tasks.set(tid, this.makeTask(tid))
  }

  /** A new program: other threads are gone, and so are descriptors that were close-on-exec. */
  executed(comm: string, credentials: Credentials): void {
    this.descriptors.clear()
    this.comm = comm
    for (const tid of this.tasks.keys()) if (tid !== this.tgid) this.forgetTask(tid)
    if (credentials !== this.credentials) this.setCredentials(credentials)
    else this.refresh()
  }

  private forgetTask(tid: number): void {
    this.tasks.delete(tid)
    this.attachment.host.taskExit?.(tid === this.tgid ? this.pid : tid)
  }

  exited(): void {
    for (const tid of [...this.tasks.keys()]) this.forgetTask(tid)
    if (this.pidfd >= 0) native.close(this.pidfd)
  }
}

/** Finds the process of a calling thread. */
export class ProcessTable {
  private byTid = new Map<number, Process>()
  private byTgid = new Map<number, Process>()
  /** Called with each new process, so that its end can be watched. */
  onAppear: (process: Process) => void = () => {}

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
    if (process === undefined) {
      process = new Process(attachment, tgid, pid, comm)
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

  remove(process: Process): void {
    this.byTgid.delete(process.tgid)
    for (const [tid, owner] of this.byTid) if (owner === process) this.byTid.delete(tid)
    process.exited()
  }

  all(): IterableIterator<Process> {
    return this.byTgid.values()
  }
}
