import { sampleRepository } from '@corch/scripted-model';
import type { Client } from '@corch/contract/client';
import type { DataFolder } from './data-folder.js';

/** Whether nothing was ever submitted here. */
export async function isEmpty(client: Client): Promise<boolean> {
  const { tasks } = await client.readStatistics();
  return Object.values(tasks).every((amount) => amount === 0);
}

/** Submits the sample, once per database. It works with the scripted model, so it needs no login. Returns its id. */
export async function submitSample(client: Client, data: DataFolder): Promise<string> {
  const task = await client.submitTask({
    idempotencyKey: 'sample',
    body: {
      title: sampleRepository.title,
      prompt: sampleRepository.prompt,
      repository: { path: data.sampleRepository },
      labels: ['sample'],
      demo: true,
    },
  });
  return task.id;
}
