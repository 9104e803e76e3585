/** drivers/net/wireguard through ip and wg, as recording 141 has it; and what is not said there. */
import { execFileSync } from 'node:child_process'
import t from 'tap'
import { createHost } from '../../../../src/index.ts'

const wg_missing = !process.env.PATH?.split(':').some((dir) => {
  try {
    execFileSync('test', ['-x', `${dir}/wg`])
    return true
  } catch {
    return false
  }
})
const PRIVATE = 'YAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk='
const PUBLIC = 'Y2FD6uTgrq+/bbBAXCNOtE+PGk8Papoh7qaWBpQUXn0='
const ONE = 'xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg='
const TWO = 'TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0='

async function host() {
  const host = createHost({ devices: [] })
  const sh = async (script: string) => {
    const { stdout, stderr } = await host.run('sh', ['-c', script])
    return stdout + stderr
  }
  return { host, sh }
}

t.test('a link of its own kind, without link-layer addresses and IPv6 addresses', async (t) => {
  const { sh } = await host()
  t.match(
    await sh('ip link add wg0 type wireguard; ip -d link show wg0'),
    /wg0: <POINTOPOINT,NOARP> mtu 1420 .*\n +link\/none .* minmtu 0 maxmtu 2147483552 \n +wireguard addrgenmode eui64/,
  )
  t.match(
    await sh('ip link set wg0 up; ip -d addr show wg0'),
    /UP,LOWER_UP> mtu 1420 qdisc noqueue state UNKNOWN[\s\S]*wireguard[\s\S]*\n$/,
  )
  t.notMatch(await sh('ip addr show wg0'), /inet6/)
  t.match(await sh('ip link add link wg0 type vlan id 5'), /VLANs not supported on device/)
})

t.test('keys, peers and addresses', { skip: wg_missing && 'wg is missing' }, async (t) => {
  const { sh } = await host()
  await sh(
    `ip link add wg0 type wireguard; echo ${PRIVATE} >/tmp/netdouble-wg.$$; wg set wg0 private-key /tmp/netdouble-wg.$$; rm /tmp/netdouble-wg.$$`,
  )
  t.equal(await sh('wg show wg0 public-key; wg show wg0 private-key'), `${PUBLIC}\n${PRIVATE}\n`)
  await sh(`wg set wg0 peer ${ONE} allowed-ips 10.0.0.2/32,fd00::2/128 endpoint 192.0.2.2:51820 persistent-keepalive 25`)
  t.equal(await sh('wg show wg0 dump | tail -n 1'), `${ONE}\t(none)\t192.0.2.2:51820\t10.0.0.2/32,fd00::2/128\t0\t0\t0\t25\n`)
  await sh(`wg set wg0 peer ${TWO} allowed-ips 10.0.0.2/32,10.1.2.3/16`)
  t.equal(await sh('wg show wg0 allowed-ips'), `${ONE}\tfd00::2/128\n${TWO}\t10.0.0.2/32 10.1.0.0/16\n`, 'a range is of the last')
  await sh(`wg set wg0 peer ${TWO} allowed-ips 10.2.0.0/15; wg set wg0 peer ${ONE} remove`)
  t.equal(await sh('wg show wg0 allowed-ips'), `${TWO}\t10.2.0.0/15\n`)
  await sh(`wg set wg0 peer ${PUBLIC} allowed-ips 10.9.0.0/16`)
  t.equal(await sh('wg show wg0 peers'), `${TWO}\n`, 'not its own peer')
})

t.test('ports: in use, or any; they stay where the device was made', { skip: wg_missing && 'wg is missing' }, async (t) => {
  const { sh } = await host()
  await sh('ip link add wg0 type wireguard; ip link add wg1 type wireguard; ip link set wg0 up; ip link set wg1 up')
  const port = Number(await sh('wg show wg0 listen-port'))
  t.ok(port >= 32768, 'of the range for such')
  t.equal(await sh(`wg set wg1 listen-port ${port}`), 'Unable to modify interface: Address already in use\n')
  t.match(await sh(`ip link set wg1 down; wg set wg1 listen-port ${port}; ip link set wg1 up`), /Address already in use/)
  await sh('ip link set wg1 down; wg set wg1 listen-port 51820; ip netns add n; ip link set wg1 netns n; ip -n n link set wg1 up')
  t.match(await sh('ss -Hlun sport = :51820'), /51820/, 'not in n')
  t.equal(await sh('ip -n n link del wg1; ss -Hlun sport = :51820'), '')
})

t.test('more peers than a message holds', { skip: wg_missing && 'wg is missing' }, async (t) => {
  const { sh } = await host()
  const script = `
import base64, subprocess
peers = [base64.b64encode(bytes([i, 1] + [0] * 30)).decode() for i in range(64)]
ips = lambda i: ",".join(f"10.{i}.{j}.0/24" for j in range(64))
conf = "[Interface]\\n" + "".join(f"[Peer]\\nPublicKey = {p}\\nAllowedIPs = {ips(i)}\\n" for i, p in enumerate(peers))
subprocess.run(["wg", "setconf", "wg0", "/dev/stdin"], input=conf, text=True, check=True)
out = subprocess.run(["wg", "show", "wg0", "allowed-ips"], capture_output=True, text=True).stdout
print(out == "".join(f"{p}\\t{ips(i).replace(',', ' ')}\\n" for i, p in enumerate(peers)))
`
  await sh('ip link add wg0 type wireguard')
  t.equal(await sh(`python3 -c '${script.replaceAll("'", "'\\''")}'`), 'True\n')
})

t.test(
  'packets: nobody has the address; a peer without an endpoint; a peer that cannot answer',
  { skip: wg_missing && 'wg is missing' },
  async (t) => {
    const { host: h, sh } = await host()
    await sh('ip link set lo up; ip link add wg0 type wireguard; ip addr add 10.0.0.1/24 dev wg0; ip link set wg0 up')
    const errors = async () => /TX:[^\n]*\n *\d+ +\d+ +(\d+)/.exec(await sh('ip -s link show wg0'))?.[1]
    t.match(await sh('ping -c1 -W1 10.0.0.2'), /Destination Host Unreachable/)
    t.equal(await errors(), '1')
    await sh(`wg set wg0 peer ${ONE} allowed-ips 10.0.0.0/24`)
    t.match(await sh('ping -c1 -W1 10.0.0.2'), /Destination Host Unreachable/)
    t.equal(await errors(), '2')
    await sh(`wg set wg0 peer ${ONE} endpoint 192.0.2.2:51820`)
    t.match(await sh('ping -c1 -W1 10.0.0.2'), /100% packet loss/)
    t.strictSame(h.kernel.unsupported.toJson(), [{ kind: 'wireguard', what: 'handshake', count: 1 }])
  },
)
