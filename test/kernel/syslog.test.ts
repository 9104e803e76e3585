/** syslog(2): the host's log, formatted as Linux does. */
import t from 'tap'
import { CAP_FULL_SET } from '../../src/kernel/capability.ts'
import { do_syslog } from '../../src/kernel/syslog.ts'
import { Lab } from '../../src/lab/lab.ts'
import { EINVAL, EPERM } from '../../src/uapi/errno.ts'

const host = () => {
  const { kernel } = new Lab().addHost('a', { modules: [], devices: [] })
  const identity = { tgid: 9, tid: 9, comm: 'dmesg', uid: 0, gid: 0, capabilities: CAP_FULL_SET, netns: 0 }
  kernel.log.clear_seq = kernel.log.syslog_seq = kernel.log.next_seq
  return { kernel, task: kernel.task_for(identity), user: kernel.task_for({ ...identity, tid: 10, uid: 1000, capabilities: 0n }) }
}
const text = (answer: unknown) => (answer instanceof Uint8Array ? Buffer.from(answer).toString('latin1') : answer)

t.test('whole lines, the last that fit, until they are cleared', async (t) => {
  const { kernel, task } = host()
  kernel.printk(3, 'eth0: first')
  kernel.printk(6, 'eth0: second')
  const lines = '<3>[    0.000000] eth0: first\n<6>[    0.000000] eth0: second\n'
  t.equal(text(do_syslog(task, 3, true, 4096)), lines)
  t.equal(text(do_syslog(task, 3, true, lines.length - 1)), '<6>[    0.000000] eth0: second\n')
  t.equal(text(do_syslog(task, 4, true, 4096)), lines, 'read and clear')
  t.equal(text(do_syslog(task, 3, true, 4096)), '')
  t.equal(do_syslog(task, 9, false, 0), lines.length, 'clearing is not reading')
  t.equal(text(do_syslog(task, 2, true, 40)), '<3>[    0.000000] eth0: first\n')
  t.equal(text(do_syslog(task, 2, true, 4096)), '<6>[    0.000000] eth0: second\n')
  t.equal(do_syslog(task, 9, false, 0), 0)
  t.equal(do_syslog(task, 10, false, 0), 131072)
})

t.test('what is refused', async (t) => {
  const { task, user } = host()
  t.equal(do_syslog(user, 3, true, 4096), EPERM)
  t.equal(do_syslog(user, 10, false, 0), EPERM)
  t.equal(do_syslog(task, 3, false, 10), EINVAL)
  t.equal(do_syslog(task, 3, true, -1), EINVAL)
  t.equal(do_syslog(task, 8, false, 9), EINVAL)
  t.equal(do_syslog(task, 11, false, 0), EINVAL)
})
