import { launchChromium, signIn } from './dashboard/browser.js';
import { makeRuns } from './dashboard/made-data.js';
import { measureChange, measureFilter, measureTranscript } from './dashboard/pages.js';
import { measureShell } from './dashboard/shell.js';
import { measureStreaming } from './dashboard/streaming.js';
import { openPlainSql } from './million/database.js';
import { fill } from './million/fill.js';
import type { Options } from './options.js';
import type { Row } from './report.js';
import { startOrchestrator } from './servers.js';

const stored = 10_000;

/** The budgets of the dashboard, in a real browser on the real orchestrator with SQLite. */
export async function* measureDashboard({ rounds, seconds, minutes }: Options): AsyncGenerator<Row> {
  // SQLite needs no other server.
  const { stack, stop } = await startOrchestrator({ postgres: '', redis: '' }, 'sqlite');
  try {
    const { long, wide, events } = await makeRuns(stack);
    const sql = await openPlainSql(undefined, stack.data);
    await fill(sql, stack, stored, async (work) => {
      await stack.orchestrator.stop();
      await work();
      await stack.startOrchestrator();
    });
    await sql.close();
    const browser = await launchChromium();
    try {
      const context = await signIn(browser, stack);
      const place = { context, url: stack.url, rounds };
      yield* measureShell(context, stack.url);
      yield* measureTranscript(place, { taskId: long, events, seconds });
      yield* measureFilter(place, stored);
      yield* measureChange(place, wide);
      const watched = { transcript: context, now: await signIn(browser, stack) };
      yield* measureStreaming(watched, stack, seconds, minutes);
    } finally {
      await browser.close();
    }
  } finally {
    await stop();
  }
}
