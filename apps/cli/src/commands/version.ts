import { readVersion } from '../config.js';
import { askHealth } from '../connection/probe.js';
import type { Context } from '../context.js';
import type { CommandModule } from './command.js';

/** Nobody waits longer for a version. */
const patienceMs = 1000;

export const define: CommandModule['define'] = (command, invocation) => {
  command.action(() => invocation.run(version));
};

async function version(context: Context): Promise<void> {
  const { output, settings } = context;
  const own = readVersion();
  const health = await askHealth(settings.server, patienceMs, await context.transport()).catch(() => undefined);
  if (output.json) {
    const server = health && { url: settings.server, version: health.version, protocol: health.protocol };
    return output.document({ version: own, node: process.version, server: server ?? null });
  }
  output.data(`corch ${own} (Node ${process.versions.node})`);
  if (health) output.data(`orchestrator ${health.version}, protocol ${health.protocol}, at ${settings.server}`);
  else output.note(`no orchestrator answers at ${settings.server}`);
  if (health && health.version !== own) output.note('The two differ; bring both to the same version.');
}
