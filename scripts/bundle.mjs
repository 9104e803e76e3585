// The command in few files: a short run would spend most of its time on finding and opening hundreds of modules.
// They lie as deep as those of dist/src, since some look for the package's files from where they are.
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const at = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url))

rmSync(at('dist/bundle'), { recursive: true, force: true })
await build({
  entryPoints: [at('dist/src/cli/main.js')],
  outdir: at('dist/bundle/cli'),
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  packages: 'external',
  // /proc/net/ptype and saved labs show names of functions and classes
  keepNames: true,
  logLevel: 'warning',
})
