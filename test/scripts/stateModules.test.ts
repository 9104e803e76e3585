import { readFileSync } from 'node:fs'
import t from 'tap'
import { modulesFile, stateModuleNames, withModules } from '../../scripts/stateModules.ts'
import { stateModules } from '../../src/init/modules.ts'

t.test('every module of the rooms that hold state is listed, so that what it exports can be saved', async (t) => {
  const names = await stateModuleNames()
  t.strictSame(
    stateModules.map(([name]) => name),
    names,
    'run `npm run modules`',
  )
  const text = readFileSync(modulesFile, 'utf8')
  t.equal(withModules(text, names), text, 'each under its own name')
})
