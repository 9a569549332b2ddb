// What has to stay on this machine of a run: the worker's own secrets, and those that the task brought.
import type { ClaimedRun } from '@corch/contract';
import type { WorkerContext } from './context.js';
import { Redactor, secretsOf } from './redact.js';

export function redactorOf(context: WorkerContext, run: ClaimedRun): Redactor {
  return new Redactor([...secretsOf(context.config.environment), ...mcpSecrets(run.spec.mcpServers), run.runToken]);
}

/** Credentials that the task itself brought for its MCP servers. */
function mcpSecrets(servers: ClaimedRun['spec']['mcpServers']): string[] {
  return Object.values(servers ?? {}).flatMap((server) =>
    ['env', 'headers'].flatMap((part) => {
      const values = server[part];
      if (typeof values !== 'object' || values === null || Array.isArray(values)) return [];
      const texts = Object.entries(values).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
      return part === 'headers' ? texts.map(([, value]) => value) : secretsOf(Object.fromEntries(texts));
    }),
  );
}
