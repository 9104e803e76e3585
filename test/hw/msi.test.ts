/** MSI: a function with the capability, as a driver uses it: a test for each row of its table. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { PCI_IRQ_INTX, PCI_IRQ_MSI, PCI_IRQ_MSIX, pci_alloc_irq_vectors, pci_free_irq_vectors } from '../../src/drivers/pci/msi.ts'
import { type pci_dev, pci_read_config, pci_set_master, pci_write_config } from '../../src/drivers/pci/pci.ts'
import { msi_create, msi_send } from '../../src/hw/msi.ts'
import { pci_function, pci_set_intx } from '../../src/hw/pci.ts'
import { plug_function } from '../../src/init/pci.ts'
import { IRQ_HANDLED, irq_to_desc, request_irq } from '../../src/kernel/irq.ts'
import type { Kernel } from '../../src/kernel/kernel.ts'
import { Lab } from '../../src/lab/lab.ts'
import { put16 } from '../../src/lib/bytes.ts'
import { ENOSPC } from '../../src/uapi/errno.ts'
import { cat, ls } from '../fs/support.ts'

const CAP = 0x50
const MASK = CAP + 16
const PENDING = CAP + 20
const DIR = '/sys/bus/pci/devices/0000:00:09.0'

/** A function that nobody drives, in slot 9: class 0xff, with a pin. */
class Bench {
  readonly kernel: Kernel = new Lab().addHost('h').kernel
  readonly fn = new pci_function([])
  readonly pdev: pci_dev
  constructor(vectors = 1, capability = true) {
    const { config } = this.fn
    put16(config, 0x00, 0x8086)
    put16(config, 0x02, 0x1234)
    put16(config, 0x0a, 0xff00)
    config[0x3d] = 1
    if (capability) {
      put16(config, 0x06, 0x10)
      config[0x34] = CAP
      msi_create(this.fn, CAP, 0, vectors)
    }
    this.pdev = plug_function(this.kernel, this.fn, 9)
    pci_set_master(this.pdev)
  }
  /** The line that a driver was given; it is served from now on. */
  line(kinds = PCI_IRQ_MSIX | PCI_IRQ_MSI | PCI_IRQ_INTX): number {
    const irqs = pci_alloc_irq_vectors(this.pdev, 1, kinds) as number[]
    request_irq(this.kernel.irqs, irqs[0], () => IRQ_HANDLED, 'test', this)
    return irqs[0]
  }
  served(irq: number): number {
    this.kernel.events.runDue()
    return irq_to_desc(this.kernel.irqs, irq).count
  }
}

t.test('not enabled: the pin is meant', async (t) => {
  const bench = new Bench()
  t.equal(msi_send(bench.fn), false)
  t.equal(new Bench(1, false).line(), bench.pdev.irq, 'a function without messages has its pin')
})
t.test('enabled, not masked: a message, on a line of its own; the pin is off', async (t) => {
  const bench = new Bench()
  const irq = bench.line()
  t.not(irq, bench.pdev.irq)
  t.equal(msi_send(bench.fn), true)
  t.equal(bench.served(irq), 1)
  pci_set_intx(bench.fn, true)
  t.equal(irq_to_desc(bench.kernel.irqs, bench.pdev.irq).holders.has(bench.fn), false)
})
t.test('enabled, masked: it waits, and goes when the mask is taken off', async (t) => {
  const bench = new Bench()
  const irq = bench.line()
  pci_write_config(bench.pdev, MASK, 4, 1)
  msi_send(bench.fn)
  msi_send(bench.fn)
  t.equal(bench.served(irq), 0)
  t.equal(pci_read_config(bench.pdev, PENDING, 4), 1)
  pci_write_config(bench.pdev, MASK, 4, 0)
  t.equal(bench.served(irq), 1, 'once')
  t.equal(pci_read_config(bench.pdev, PENDING, 4), 0)
})
t.test('more vectors than software allows: the last of those', async (t) => {
  const bench = new Bench(4)
  const irq = bench.line()
  msi_send(bench.fn, 3)
  t.equal(bench.served(irq), 1)
  t.equal(pci_alloc_irq_vectors(bench.pdev, 2, PCI_IRQ_MSI), ENOSPC)
})
t.test('freed: the pin again', async (t) => {
  const bench = new Bench()
  const irq = bench.line()
  pci_free_irq_vectors(bench.pdev)
  t.equal(msi_send(bench.fn), false)
  t.equal(bench.kernel.irqs.lines.has(irq), false)
  pci_set_intx(bench.fn, true)
  t.equal(irq_to_desc(bench.kernel.irqs, bench.pdev.irq).holders.has(bench.fn), true)
})
t.test('sysfs and /proc/interrupts say which', async (t) => {
  const bench = new Bench()
  const task = bench.kernel.task_for({ tgid: 1000, tid: 1000, comm: 'test', uid: 0, gid: 0, capabilities: 0n, netns: 0 })
  t.equal(cat(task, `${DIR}/irq`), `${bench.pdev.irq}\n`)
  const irq = bench.line()
  t.equal(cat(task, `${DIR}/irq`), `${irq}\n`)
  t.same(ls(task, `${DIR}/msi_irqs`), [String(irq)])
  t.equal(cat(task, `${DIR}/msi_irqs/${irq}`), 'msi\n')
  t.match(cat(task, '/proc/interrupts'), /PCI-MSI-0000:00:09\.0 {3}0-edge {6}test/)
})
const noPciutils = spawnSync('lspci', ['--version']).error === undefined ? false : 'pciutils is not installed'
t.test('lspci reads the capability', { skip: noPciutils }, async (t) => {
  const bench = new Bench(2)
  bench.line()
  const hex = [...bench.fn.config].map((b) => b.toString(16).padStart(2, '0'))
  const rows = Array.from(
    { length: 16 },
    (_, i) => `${(16 * i).toString(16).padStart(2, '0')}: ${hex.slice(16 * i, 16 * i + 16).join(' ')}`,
  )
  const dir = mkdtempSync(join(tmpdir(), 'netdouble-test-'))
  t.teardown(() => rmSync(dir, { recursive: true }))
  writeFileSync(join(dir, 'dump'), `00:09.0 Unclassified: test\n${rows.join('\n')}\n`)
  const { stdout } = spawnSync('lspci', ['-vv', '-F', join(dir, 'dump')], { encoding: 'utf8' })
  t.match(
    stdout,
    /MSI: Enable\+ Count=1\/2 Maskable\+ 64bit\+\n\s*Address: 00000000fee00000 {2}Data: 00[0-9a-f]{2}\n\s*Masking: 00000000 {2}Pending: 00000000/,
  )
})
