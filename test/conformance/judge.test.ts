import t from 'tap'
import { type IoMessage, readRecording, recordingPath } from '../oracle/recordings.ts'
import { DIRECT_PARTS, judge } from './judge.ts'

const name = '066-v4-addr'

t.test('a recording is identical with itself', async (t) => {
  const [verdict] = judge([{ golden: recordingPath(name), recording: readRecording(name) }])
  t.equal(verdict.identical.length, verdict.commands)
  t.same(verdict.different, [])
})

t.test('one changed byte of one reply makes one command differ, and is named', async (t) => {
  const recording = readRecording(name)
  const shown = recording.commands.findIndex((c) => c.cmd === 'ip addr show dum0')
  const reply = recording.commands[shown].io.findLast((io): io is IoMessage => io.k === 'recv' && (io.hex?.length ?? 0) > 100)
  // the second byte of struct ifaddrmsg: the prefix length
  if (reply?.hex === undefined) return t.fail('no reply in the recording')
  reply.hex = `${reply.hex.slice(0, 34)}07${reply.hex.slice(36)}`
  const [verdict] = judge([{ golden: recordingPath(name), recording }], { parts: DIRECT_PARTS })
  t.same(
    verdict.different.map((d) => d.n),
    [shown],
  )
  t.match(verdict.different[0].differences[0], { part: 'replies', what: /NEWADDR\.prefixlen: golden \d+, replay 7/ })
})
