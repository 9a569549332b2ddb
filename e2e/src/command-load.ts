import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { patient } from '@corch/contract/client';
import type { Stack } from './stack.js';
import { waitFor } from './wait-for.js';

/** Short commands without a pause, two at a time, each submitted until it is accepted; each notes in a file that it was done. */
export class CommandLoad {
  private isOver = false;
  private readonly names: string[] = [];
  private readonly taskIds: string[] = [];
  private readonly submitting = [this.submitAll(0), this.submitAll(1)];

  /**
   * @param name its own, of letters and hyphens
   * @param url where it submits; the first orchestrator by default
   */
  constructor(
    private readonly stack: Stack,
    private readonly name: string,
    private readonly url = stack.url,
  ) {}

  /** Waits until so many more were accepted. */
  async goOn(count = 5): Promise<void> {
    const before = this.taskIds.length;
    const accepted = waitFor('tasks to be accepted', () => this.taskIds.length >= before + count);
    // Whoever is refused tells at once.
    await Promise.race([accepted, Promise.all(this.submitting)]);
  }

  async end(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.submitting);
  }

  /** Waits for the end of all; gives what is wrong with them: tasks that did not succeed in one run, commands not done once. */
  async faults(): Promise<string[]> {
    const ends = await this.stack.untilAll(this.taskIds);
    const bad = ends.filter(({ status, runCount }) => status !== 'succeeded' || runCount !== 1);
    const done = readFileSync(this.file, 'utf8').trim().split('\n');
    const times = new Map(this.names.map((name) => [name, 0]));
    for (const name of done) times.set(name, (times.get(name) ?? 0) + 1);
    const counts = [...times].filter(([, count]) => count !== 1);
    return [
      ...bad.map(({ id, status, runCount }) => `${id}: ${status}, ${runCount} runs`),
      ...counts.map(([name, count]) => `${name} was done ${count} times`),
    ];
  }

  private get file(): string {
    return join(this.stack.folder, this.name);
  }

  private async submitAll(who: number): Promise<void> {
    const client = this.stack.clientOf(this.url);
    while (!this.isOver) {
      const name = `${who}-${this.names.length}`;
      this.names.push(name);
      const body = { executor: 'command' as const, command: ['sh', '-c', `echo ${name} >> ${this.file}`] };
      const retry = { ...patient, maxDelayMs: 500 };
      const { id } = await client.submitTask({ body, retry, idempotencyKey: `${this.name}-${name}` });
      this.stack.accepted.push(id);
      this.taskIds.push(id);
    }
  }
}
