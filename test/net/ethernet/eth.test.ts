import t from 'tap'
import { hex, unhex } from '../../../src/lib/bytes.ts'
import {
  alloc_skb,
  PACKET_BROADCAST,
  PACKET_HOST,
  PACKET_MULTICAST,
  PACKET_OTHERHOST,
  type sk_buff,
  skb_bytes,
  skb_copy,
  skb_headroom,
  skb_pull,
  skb_push,
  skb_put,
  skb_reserve,
  skb_tailroom,
  skb_trim,
} from '../../../src/net/core/skbuff.ts'
import {
  eth_header,
  eth_header_parse,
  eth_type_trans,
  is_broadcast_ether_addr,
  is_valid_ether_addr,
} from '../../../src/net/ethernet/eth.ts'
import { ETH_P_802_2, ETH_P_802_3, ETH_P_IP } from '../../../src/uapi/linux/if_ether.ts'
import { Devices } from '../core/deviceHarness.ts'

const header = 'ffffffffffff' + '020000000001' + '0800'

/** A packet with room for a header, full of 0xa5 so that forgotten bytes show. */
function packet(payload: string): sk_buff {
  const skb = alloc_skb(64)
  skb.buf.fill(0xa5)
  skb_reserve(skb, 14)
  const bytes = unhex(payload)
  skb.buf.set(bytes, skb_put(skb, bytes.length))
  return skb
}
/** One as it comes from a wire. */
function received(frame: string): sk_buff {
  const skb = packet(frame)
  skb.mac_header = -1
  return skb
}

t.test('a header is put together', async (t) => {
  const dev = new Devices().add('d0')
  const skb = packet('4500')
  t.equal(eth_header(skb, dev, ETH_P_IP, unhex('ffffffffffff'), undefined, 2), 14)
  t.equal(hex(skb_bytes(skb)), `${header}4500`)
  const unknown = packet('4500')
  t.equal(eth_header(unknown, dev, ETH_P_IP, undefined, unhex('0200000000aa'), 2), -14, 'destination not known yet')
  t.equal(hex(skb_bytes(unknown)), '0000000000000200000000aa08004500')
  const raw = packet('ffff')
  eth_header(raw, dev, ETH_P_802_3, unhex('ffffffffffff'), undefined, 2)
  t.equal(hex(skb_bytes(raw)).slice(24, 28), '0002', 'a length instead of a type')
})

t.test('and taken apart', async (t) => {
  const dev = new Devices().add('d0')
  const whom = (frame: string) => {
    const skb = received(frame)
    return [eth_type_trans(skb, dev), skb.pkt_type, hex(skb_bytes(skb)), hex(eth_header_parse(skb) as Uint8Array)]
  }
  t.same(whom(`${header}4500`), [ETH_P_IP, PACKET_BROADCAST, '4500', '020000000001'])
  t.same(whom('0200000000010200000000aa080045'), [ETH_P_IP, PACKET_HOST, '45', '0200000000aa'])
  t.same(whom('01005e0000010200000000aa080045')[1], PACKET_MULTICAST)
  t.same(whom('0200000000020200000000aa080045')[1], PACKET_OTHERHOST)
  t.same(whom('0200000000010200000000aa0004ffff0000')[0], ETH_P_802_3)
  t.same(whom('0200000000010200000000aa000442420300')[0], ETH_P_802_2)
})

t.test('addresses', async (t) => {
  for (const [addr, valid] of [
    ['020000000001', true],
    ['000000000000', false],
    ['ffffffffffff', false],
    ['01005e000001', false],
  ] as const)
    t.equal(is_valid_ether_addr(unhex(addr)), valid, addr)
  t.equal(is_broadcast_ether_addr(unhex('ffffffffffff')), true)
  t.equal(is_broadcast_ether_addr(unhex('fffffffffffe')), false)
})

t.test('room at both ends of a packet', async (t) => {
  const skb = packet('010203')
  t.same([skb_headroom(skb), skb.len, skb_tailroom(skb)], [14, 3, 47])
  const copy = skb_copy(skb)
  skb_push(skb, 2)
  t.equal(hex(skb_bytes(skb)), 'a5a5010203')
  t.equal(hex(skb_bytes(copy)), '010203')
  skb_pull(skb, 3)
  t.equal(hex(skb_bytes(skb)), '0203')
  skb_trim(skb, 1)
  t.equal(hex(skb_bytes(skb)), '02')
  t.equal(skb_pull(skb, 2), undefined)
  t.throws(() => skb_push(skb, 100))
  t.throws(() => skb_put(skb, 100))
})
