/** pcapng blocks, byte by byte as the format's draft has them. */
import t from 'tap'
import { hex } from '../../src/lib/bytes.ts'
import { enhancedPacket, INBOUND, interfaceDescription, interfaceStatistics, sectionHeader } from '../../src/lib/pcapng.ts'

t.test('a section, an interface with times in ns, a packet with a comment, what was lost', async (t) => {
  t.equal(
    hex(sectionHeader('nd')),
    '0a0d0d0a' + '28000000' + '4d3c2b1a' + '01000000' + 'ffffffffffffffff' + '04000200' + '6e640000' + '00000000' + '28000000',
  )
  t.equal(
    hex(interfaceDescription(1, 'eth0')),
    '01000000' + '28000000' + '01000000' + '00000000' + '02000400' + '65746830' + '09000100' + '09000000' + '00000000' + '28000000',
  )
  t.equal(
    hex(enhancedPacket({ interfaceId: 1, at: 0x1122334455667788n, bytes: Uint8Array.of(1, 2, 3), direction: INBOUND, comment: 'no' })),
    '06000000' +
      '38000000' +
      '01000000' +
      '44332211' +
      '88776655' +
      '03000000' +
      '03000000' +
      '01020300' +
      '01000200' +
      '6e6f0000' +
      '02000400' +
      '01000000' +
      '00000000' +
      '38000000',
  )
  t.equal(
    hex(enhancedPacket({ interfaceId: 0, at: 1n, bytes: Uint8Array.of(1, 2, 3, 4) })),
    '06000000' + '24000000' + '00000000' + '00000000' + '01000000' + '04000000' + '04000000' + '01020304' + '24000000',
  )
  t.equal(
    hex(interfaceStatistics(0, 1n, 7)),
    '05000000' + '28000000' + '00000000' + '00000000' + '01000000' + '05000800' + '0700000000000000' + '00000000' + '28000000',
  )
})
