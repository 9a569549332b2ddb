import { it } from '@jest/globals';
import fs from 'node:fs';
import { TaskQuery } from '@corch/contract';
import { openDomain, makeLines } from './testing/domain.js';
const log = (...a: unknown[]) => fs.appendFileSync('/tmp/perf.log', a.join(' ') + '\n');
it.each(['sqlite', 'postgres'] as const)('%s', async (kind) => {
  const d = await openDomain(kind);
  const w = await d.worker();
  for (let i = 0; i < 50; i++) await d.submit();
  let t = performance.now();
  for (let i = 0; i < 300; i++) await d.submit();
  log(kind, 'submit ms', (performance.now() - t) / 300);
  t = performance.now();
  const runs = [];
  for (let i = 0; i < 300; i++) runs.push(...(await d.claim(w)));
  log(kind, 'claim ms', (performance.now() - t) / 300, runs.length);
  t = performance.now();
  for (const r of runs) await d.transcripts.append(r.runId, { epoch: r.epoch, firstN: 1, events: makeLines(1, 20) });
  log(kind, 'append20 ms', (performance.now() - t) / 300);
  t = performance.now();
  for (const r of runs) await d.finish(r, { lastN: 20 });
  log(kind, 'finish ms', (performance.now() - t) / 300);
  t = performance.now();
  for (let i = 0; i < 50; i++) await d.tasks.list(TaskQuery.parse({}));
  log(kind, 'list50 ms', (performance.now() - t) / 50);
  t = performance.now();
  for (let i = 0; i < 50; i++) await d.tasks.statistics();
  log(kind, 'stats ms', (performance.now() - t) / 50);
  await d.database.write(async (m) => {
    if (kind === 'sqlite') {
      await m.query(`INSERT INTO tasks SELECT 'task_x' || n, 't', CASE WHEN n%10=0 THEN 'queued' ELSE 'succeeded' END, 'run_x' || n, 1, 'claude','p',null,null,'default','[]','[]',0,null,1,0,'{}',0,'me',null,1700000000000+n,0 FROM (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c WHERE n<200000) SELECT n FROM c)`);
      await m.query(`INSERT INTO runs SELECT 'run_x' || substr(id,7), id, 1, 'submit', status, null, pool, executor, 0, '[]', 'key' || (created_at%7), 1, created_at+9e11, created_at, 0, null,null,0,null,0,null,null,'s',null,null,created_at,null,null,null,null,null,null,0,0,0,0,0,0 FROM tasks WHERE id LIKE 'task_x%'`);
      await m.query('ANALYZE');
      for (const [n, sql] of Object.entries({
        claim: `SELECT id FROM runs r WHERE r.status = 'queued' AND r.pool = 'default' AND r.ready_at <= 1 AND (r.executor='claude') AND (r.concurrency_key IS NULL OR r.concurrency_limit > (SELECT count(*) FROM runs live WHERE live.status = 'running' AND live.concurrency_key = r.concurrency_key)) ORDER BY r.dispatch_key, r.id LIMIT 10`,
        list: `SELECT * FROM tasks t WHERE 1=1 AND (t.created_at, t.id) < (1700000100000,'x') ORDER BY t.created_at DESC, t.id DESC LIMIT 51`,
        liststatus: `SELECT * FROM tasks t WHERE t.status IN ('queued') AND (t.created_at, t.id) < (1700000100000,'x') ORDER BY t.created_at DESC, t.id DESC LIMIT 51`,
        expired: `SELECT * FROM runs r WHERE r.status = 'running' AND r.lease_expires_at <= 5 ORDER BY lease_expires_at`,
        sched: `SELECT id FROM runs r WHERE r.status = 'scheduled' AND r.ready_at <= 5 ORDER BY ready_at`,
        heads: `SELECT DISTINCT pool FROM runs WHERE status='queued'`,
        nextn: `SELECT max(last_n) FROM event_chunks c WHERE run_id='a' AND epoch=1 AND first_n IS NOT NULL`,
        count: `SELECT count(*) FROM (SELECT id FROM tasks t WHERE 1=1 LIMIT 10001)`,
        ended: `SELECT sum(1) FROM runs r INNER JOIN tasks t ON t.id=r.task_id LEFT JOIN run_results x ON x.run_id=r.id WHERE r.ended_at >= 5`,
      })) log(n, JSON.stringify((await m.query<{detail:string}[]>('EXPLAIN QUERY PLAN ' + sql)).map((x) => x.detail)));
    }
  });
  t = performance.now(); for (let i = 0; i < 20; i++) await d.claim(w); log(kind, 'claim big ms', (performance.now() - t) / 20);
  t = performance.now(); for (let i = 0; i < 20; i++) await d.tasks.list(TaskQuery.parse({})); log(kind, 'list big ms', (performance.now() - t) / 20);
  t = performance.now(); for (let i = 0; i < 20; i++) await d.tasks.list(TaskQuery.parse({status:'queued'})); log(kind, 'list queued big ms', (performance.now() - t) / 20);
  t = performance.now(); for (let i = 0; i < 20; i++) await d.tasks.statistics(); log(kind, 'stats big ms', (performance.now() - t) / 20);
  t = performance.now(); for (let i = 0; i < 5; i++) await d.reaper.reconcile(); log(kind, 'reconcile big ms', (performance.now() - t) / 5);
  await d.close();
}, 120000);
