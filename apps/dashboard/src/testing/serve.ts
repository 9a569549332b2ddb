// `pnpm --filter @corch/dashboard fixture`: the built dashboard on made-up data, to look at it without an orchestrator.
import { fileURLToPath } from 'node:url';
import { FixtureServer } from './fixture-server.js';
import { restingWorld } from './resting-world.js';

const fixture = await FixtureServer.start({
  port: 4872,
  dashboardDir: fileURLToPath(new URL('../../dist', import.meta.url)),
  open: true,
  world: restingWorld(),
});
console.log(`The dashboard on made-up data: ${fixture.url}`);
