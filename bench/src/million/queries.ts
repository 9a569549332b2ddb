import type { TaskQuery } from '@corch/contract';
import type { Client } from '@corch/contract/client';
import type { PlainSql } from './database.js';
import { needle } from './fill.js';

/** One thing that people look for, by the product and by hand. */
export interface List {
  readonly what: string;
  readonly target: 'list' | 'search';
  readonly http: () => Promise<unknown>;
  readonly plain: () => Promise<unknown>;
}

const page = (where: string, from = 'tasks t') =>
  `SELECT t.* FROM ${from} WHERE ${where} ORDER BY t.created_at DESC, t.id DESC LIMIT 51`;
const specs = 'tasks t JOIN run_specs s ON s.task_id = t.id';
const runs = 'tasks t JOIN runs r ON r.id = t.current_run_id';
const holds = (text: string) => `s.search LIKE '%${text}%'`;

/** What is looked for; the deep page begins in the middle of everything. */
export async function lists(client: Client, { all }: PlainSql, stored: number): Promise<List[]> {
  const half = `SELECT created_at, id FROM tasks ORDER BY created_at LIMIT 1 OFFSET ${stored >> 1}`;
  const [middle] = await all(half);
  const at = Number(middle?.created_at);
  const cursor = Buffer.from(JSON.stringify(['-createdAt', at, middle?.id])).toString('base64url');
  const list = (what: string, query: Partial<TaskQuery>, where: string): List => ({
    what: `list: ${what}`,
    target: 'list',
    http: () => client.listTasks({ query }),
    plain: () => all(page(where)),
  });
  const search = (what: string, q: string, more: Partial<TaskQuery> = {}, where = '1 = 1'): List => ({
    what: `search: ${what}`,
    target: 'search',
    http: () => client.listTasks({ query: { q, ...more } }),
    plain: () => all(page(`${holds(q)} AND ${where}`, specs)),
  });
  const filter = (what: string, text: string, where: string, from?: string): List => ({
    what: `filter: ${what}`,
    target: 'search',
    http: () => client.listTasks({ query: { filter: text } }),
    plain: () => all(page(where, from)),
  });
  return [
    list('first page', {}, '1 = 1'),
    list('page in the middle', { cursor }, `(t.created_at, t.id) < (${at}, '${String(middle?.id)}')`),
    list('status failed', { status: ['failed'] }, `t.status = 'failed'`),
    list('status queued', { status: ['queued'] }, `t.status = 'queued'`),
    list('pool gpu', { pool: ['gpu'] }, `t.pool = 'gpu'`),
    list('label of 1 in 1,000', { label: ['team-123'] }, `t.labels LIKE '%"team-123"%'`),
    list('a pool that has none', { pool: ['none'] }, `t.pool = 'none'`),
    search('a word of 1 in 8', 'login page'),
    search('a word of 1 in 8, failed', 'login page', { status: ['failed'] }, `t.status = 'failed'`),
    search('one task', needle),
    search('nothing', 'no such text anywhere'),
    search('two letters that are nowhere', 'zq'),
    filter(
      'a reason',
      'status:failed reason:command_failed',
      `t.status = 'failed' AND r.reason = 'command_failed'`,
      runs,
    ),
    filter('a repository that there is not', 'repo:acme/api', `lower(t.repo) = 'acme/api'`),
    filter('longer than any', 'duration:>1000d', 'r.ended_at - r.started_at > 86400000000', runs),
    filter(
      'dearer than any',
      'cost:>1000',
      'x.cost_micros > 1000000000',
      `${runs} LEFT JOIN run_results x ON x.run_id = r.id`,
    ),
    {
      what: 'statistics of 30 days',
      target: 'search',
      http: () => client.readStatistics({ query: { range: '30d' } }),
      plain: () => all('SELECT ended_at / 86400000, status, count(*) FROM runs GROUP BY ended_at / 86400000, status'),
    },
    {
      what: 'statistics',
      target: 'list',
      http: () => client.readStatistics(),
      plain: () => all('SELECT status, count(*) FROM tasks GROUP BY status'),
    },
  ];
}

/** Takes the next run in line as a queue of one table would. */
export async function plainClaim({ kind, all }: PlainSql): Promise<void> {
  const lock = kind === 'sqlite' ? '' : ' FOR UPDATE SKIP LOCKED';
  const next = `SELECT id FROM runs WHERE status = 'queued' AND pool = 'default' ORDER BY dispatch_key, id LIMIT 1${lock}`;
  await all(`UPDATE runs SET status = 'running' WHERE id = (${next})`);
}
