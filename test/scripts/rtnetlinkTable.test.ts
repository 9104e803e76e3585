import { readFileSync } from 'node:fs'
import t from 'tap'
import { readme, rtnetlinkTable, withTable } from '../../scripts/rtnetlinkTable.ts'

t.test('the table of messages in README.md is what a host answers', async (t) => {
  const text = readFileSync(readme, 'utf8')
  t.equal(withTable(text), text, 'run `npm run messages`')
})

t.test('a message is named with the families that answer it, its groups and what differs', async (t) => {
  const rows = new Map(
    rtnetlinkTable()
      .split('\n')
      .map((line) => line.split('|').map((cell) => cell.trim()))
      .map((cells) => [cells[1], cells]),
  )
  const qdisc = rows.get('NEWQDISC')
  t.same(qdisc?.slice(2, 5), ['any', '', 'TC'])
  t.match(qdisc?.[5], /`fq_codel`/, 'kinds are the ones that exist')
  t.equal(rows.get('GETQDISC')?.[3], 'any')
  t.match(rows.get('DELROUTE')?.[2], /IPv4, IPv6/)
  t.same(rows.get('NEWPREFIX')?.slice(2, 5), ['', '', 'IPV6_PREFIX'], 'only told')
  t.notOk(rows.has('NEWANYCAST'), 'what nobody answers or sends is not listed')
  t.equal(withTable('no place'), undefined)
})
