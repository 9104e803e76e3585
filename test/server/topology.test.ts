import t from 'tap'
import { ServerError } from '../../src/server/errors.ts'
import { labFromTopology } from '../../src/lab/topology.ts'
import { parseTopology, readTopology } from '../../src/server/topologyFile.ts'

t.test('a file makes a lab: clock, seed, hosts and their devices', async (t) => {
  const lab = labFromTopology(
    parseTopology(
      `
seed: fruit
time: virtual
hosts:
  router:
    ipv6: false
    cpus: 2
    devices:
      - name: eth0
        mac: 02:00:00:00:00:01
      - name: wan
  plain:
`,
      'lab.yaml',
    ),
  )
  t.equal(lab.seed, 'fruit')
  t.same([...lab.hosts.keys()], ['router', 'plain'])
  const { kernel } = lab.host('router')
  t.equal(kernel.params.ipv6, false)
  t.equal(kernel.params.nr_cpus, 2)
  t.same(
    kernel.init_net.dev_base_head.map((dev) => dev.name),
    ['lo', 'eth0', 'wan'],
  )
  t.equal(Buffer.from(kernel.init_net.dev_name_head.get('eth0')!.dev_addr.subarray(0, 6)).toString('hex'), '020000000001')
  t.same(
    lab.host('plain').kernel.init_net.dev_base_head.map((dev) => dev.name),
    ['lo', 'eth0'],
  )
})

t.test('an empty file is a lab with one host named default; options given beside it win', async (t) => {
  t.same([...labFromTopology(parseTopology('', 'lab.yaml')).hosts.keys()], ['default'])
  const lab = labFromTopology(parseTopology('seed: 1\ntime: real', 'lab.yaml'), { seed: 2, time: 'virtual' })
  t.same([lab.seed, lab.time], [2, 'virtual'])
})

t.test('faults name the file, the line and the field', async (t) => {
  const cases: [string, string][] = [
    ['sede: 1', 'lab.yaml:1: sede: unknown key'],
    ['hosts:\n  a:\n    ipv6: no thanks', 'lab.yaml:3: hosts.a.ipv6: must be boolean'],
    ['hosts:\n  a:\n    devices:\n      - name: eth0\n      - name: eth0', 'lab.yaml:5: hosts.a.devices[1].name: eth0 is there already'],
    ['hosts:\n  a:\n    devices:\n      - mac: 02:00:00:00:00:01', 'lab.yaml:4: hosts.a.devices[0].name: missing'],
    ['hosts:\n  a:\n    devices:\n      - name: averyverylongname', 'lab.yaml:4: hosts.a.devices[0].name: not well-formed'],
    ['hosts:\n  a:\n    devices:\n      - name: lo', 'lab.yaml:4: hosts.a.devices[0].name: this value is not allowed'],
    ['hosts:\n  a:\n    devices:\n      - name: e\n        mac: 01:00:00:00:00:01', 'lab.yaml:5: hosts.a.devices[0].mac: not well-formed'],
    ['hosts:\n  a:\n    cpus: 0', 'lab.yaml:3: hosts.a.cpus: must be >= 1'],
    ['hosts:\n  "a b":\n    cpus: 1', 'lab.yaml:2: hosts["a b"]: no name'],
    ['hosts: {}', 'lab.yaml:1: hosts: must NOT have fewer than 1 properties'],
    ['hosts: {a: }\nwires:\n  - ends: [a/eth0, b/eth0]', 'lab.yaml:3: wires[0].ends[1]: there is no b/eth0'],
    ['hosts: {a: }\nwires:\n  - ends: [a/eth0, a/eth0]', 'lab.yaml:3: wires[0].ends[1]: a/eth0 is on a wire already'],
    ['wires:\n  - ends: [default/eth0]', 'lab.yaml:2: wires[0].ends: must NOT have fewer than 2 items'],
    ['wires:\n  - ends: [eth0, default/eth0]', 'lab.yaml:2: wires[0].ends[0]: not well-formed'],
    ['switches: {sw: }\nhosts: {sw: }', 'lab.yaml:1: switches.sw: a host has that name'],
    ['switches:\n  sw: {ports: {1: {tagged: [4095]}}}', 'lab.yaml:2: switches.sw.ports[1].tagged[0]: must be <= 4094'],
    ['switches: {sw: }\nwires:\n  - ends: [sw/1, sw/1]', 'lab.yaml:3: wires[0].ends[1]: sw/1 is on a wire already'],
    ['wires:\n  - {ends: [default/eth0, default/eth0], loss: 2}', 'lab.yaml:2: wires[0].loss: must be <= 1'],
    ['wires:\n  - {ends: [default/eth0, default/eth0], colour: 2}', 'lab.yaml:2: wires[0].colour: unknown key'],
    ['time: fast', 'lab.yaml:1: time: must be one of virtual, real'],
    ['time: {scale: 0}', 'lab.yaml:1: time.scale: must be > 0'],
    ['- a', 'lab.yaml:1: must be object'],
    ['seed: 1\nhosts: [', 'lab.yaml:2:9: '],
    ['seed: 1\nseed: 2', 'lab.yaml:2:1: Map keys must be unique'],
  ]
  for (const [text, message] of cases) {
    let told = 'no fault'
    try {
      parseTopology(text, 'lab.yaml')
    } catch (error) {
      told = (error as Error).message
    }
    t.equal(told.slice(0, message.length), message, told)
  }
  t.throws(() => readTopology('/nonexistent/lab.yaml'), ServerError)
})
