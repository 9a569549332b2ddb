// `pnpm soak`: see e2e/src/soak/main.ts.
import { runSource } from './run-source.mjs';

process.exitCode = await runSource('e2e/src/soak/main.ts', process.argv.slice(2));
