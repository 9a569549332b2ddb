import type { Worker } from '@corch/contract';
import type { Client } from '@corch/contract/client';
import { oneLine } from './format/text.js';
import { matchIds, pickOne } from './ids.js';

/** The worker that a person means by its name, its id or the end of that. @throws {CliError} when there is none, or more than one */
export async function chooseWorker(client: Client, text: string): Promise<Worker> {
  const { data } = await client.listWorkers();
  const named = data.filter(({ name }) => name === text);
  const matches = named.length > 0 ? named : matchIds(text, data);
  return pickOne(text, matches, 'worker', describe, 'corch worker ls');
}

function describe({ id, name, state, host }: Worker): string {
  return `${id}  ${oneLine(name)}, ${state}, on ${oneLine(host)}`;
}
