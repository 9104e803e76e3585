/** The small world that fuzzed messages talk about: names, indexes, addresses and numbers that often mean something. */
import { unhex } from '../../src/lib/bytes.ts'

export const names = ['lo', 'v0', 'v1', 'br0', 'vx0', 'ifb0', 'mv0', 'w0', 'w1', 'br1', 'n0', 'n1', 'absent0', 'v0:1']
export const odd_names = [
  '',
  'a',
  'x/y',
  'x y',
  '.',
  '..',
  'all',
  'default',
  'v%d',
  '%d%d',
  '%s',
  'abcdefghijklmno',
  'abcdefghijklmnop',
  'alt-0',
  'a:b',
]
export const indexes = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 100, 0x7fffffff, 0xffffffff]
export const tables = [0, 1, 100, 252, 253, 254, 255, 256, 1000, 70000]
export const ids = [0, 1, 2, 3, 4, 5, 6, 10, 11, 12, 20, 999]
export const priorities = [0, 1, 5, 100, 256, 1024, 20000, 32765, 32766, 32767, 0xffffffff]
export const mtus = [0, 67, 68, 576, 1279, 1280, 1400, 1500, 9000, 65535, 65536, 0x7fffffff, 0xffffffff]
export const numbers = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 16, 32, 33, 64, 100, 127, 128, 129, 200, 253, 254, 255, 256, 1000, 4094, 4095, 4096, 32767, 32768, 65535,
  65536, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
]
export const prefixes4 = [0, 1, 8, 16, 24, 30, 31, 32, 33, 255]
export const prefixes6 = [0, 1, 10, 48, 64, 127, 128, 129, 255]
export const v4 = [
  '00000000',
  '0a000000',
  '0a000001',
  '0a000002',
  '0a0000ff',
  '0a000100',
  '0a000101',
  '0a010203',
  'c0a80001',
  'c0a80002',
  '7f000001',
  'e0000001',
  'ffffffff',
  'a9fe0101',
  '0a000003',
  '08080808',
].map(unhex)
export const v6 = [
  '00000000000000000000000000000000',
  '00000000000000000000000000000001',
  'fe800000000000000000000000000001',
  'fe800000000000000000000000000002',
  '20010db8000000000000000000000000',
  '20010db8000000000000000000000001',
  '20010db8000000000000000000000002',
  '20010db8000100000000000000000000',
  '20010db8000100000000000000000005',
  'ff020000000000000000000000000001',
  'ff0e0000000000000000000000000101',
  '00000000000000000000ffff0a000001',
  'fd000000000000000000000000000001',
].map(unhex)
export const lladdrs = [
  '020000000001',
  '020000000002',
  '020000000003',
  '01005e000001',
  '000000000000',
  'ffffffffffff',
  '333300000001',
  '0180c2000000',
  '0200',
  '',
  '0200000000010203',
].map(unhex)
export const kinds = [
  'veth',
  'bridge',
  'vxlan',
  'ifb',
  'macvlan',
  'tun',
  'dummy',
  'vlan',
  'bond',
  'vrf',
  'ipvlan',
  'gre',
  'gretap',
  'erspan',
  'ipip',
  'sit',
  'ip6tnl',
  'ip6gre',
  'ip6gretap',
  'vti',
  'vti6',
  'geneve',
  'macvtap',
  'ipvtap',
  'nlmon',
  'team',
  'nosuchkind',
]
/** What the local real kernel has. */
export const real_kinds = ['veth', 'bridge', 'vxlan', 'ifb', 'macvlan', 'tun', 'nosuchkind']
/** What a Debian kernel has and that brings no fallback devices into new namespaces once it is loaded. */
export const plain_kinds = [
  'veth',
  'bridge',
  'vxlan',
  'bond',
  'ifb',
  'macvlan',
  'dummy',
  'vlan',
  'vrf',
  'ipvlan',
  'geneve',
  'macvtap',
  'ipvtap',
  'nlmon',
  'nosuchkind',
]
/** What a Debian kernel has where new namespaces get no fallback devices (fb_tunnels_only_for_init_net 2). */
export const oracle_kinds = [...plain_kinds, 'gre', 'gretap', 'erspan', 'ipip', 'sit', 'ip6tnl', 'ip6gre', 'ip6gretap', 'vti', 'vti6']
