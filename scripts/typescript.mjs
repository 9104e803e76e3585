// Preloaded into every test: one that is TypeScript, named by hand (`npx tap test/X.test.ts`), gets the loader for it; compiled ones do without.
if (process.argv[1]?.endsWith('.ts')) await import('tsx')
