// Views, actions on many tasks, the past and the preview, as the fixture knows them.
import {
  bulkFilter,
  type Bulk,
  type CreateView,
  type EditView,
  type History,
  type RouteName,
  type StartBulk,
  type StatisticsQuery,
  type TaskDetail,
  type View,
} from '@corch/contract';
import type { Answerer, Around, Asked } from './fixture-answers.js';
import { Failure } from './fixture-failure.js';
import { fitsFilter } from './fixture-filter.js';
import { ago, makeId } from './make.js';

export function makeView(n: number, part: Partial<View> = {}): View {
  return {
    ...{ id: makeId('view', n), name: `view ${n}`, filter: 'label:deps', sort: '-createdAt', columns: [] },
    ...{ shared: false, owner: 'admin', mine: true, createdAt: ago(900), updatedAt: ago(900) },
    ...part,
  };
}

function viewOf({ params }: Asked, { world }: Around): View {
  const view = world.views.find(({ id }) => id === params['viewId']);
  if (view === undefined) throw new Failure('view_not_found');
  return view;
}

/** Does it at once; what it cannot do is a failure of that task. */
function act(bulk: Bulk, tasks: readonly TaskDetail[], around: Around): Bulk {
  for (const task of tasks) {
    if (bulk.do.action === 'label') {
      const { add, remove } = bulk.do;
      task.labels = [...new Set([...task.labels, ...add])].filter((label) => !remove.includes(label));
    } else if (bulk.do.action === 'priority') task.priority = bulk.do.priority;
    else Object.assign(task, { status: bulk.do.action === 'cancel' ? 'cancelled' : 'queued', reason: null });
    Object.assign(task, { updatedAt: new Date().toISOString() });
    around.notify('task', task.id);
  }
  const endedAt = new Date().toISOString();
  return Object.assign(bulk, { done: tasks.length, status: 'finished', endedAt });
}

/** Three days with work in them, the last not over. */
export function sampleHistory({ range = '7d', groupBy }: StatisticsQuery, tasks: readonly TaskDetail[]): History {
  const dayMs = 86_400_000;
  const today = Math.floor(Date.now() / dayMs) * dayMs;
  const none = { succeeded: 0, failed: 0, timedOut: 0, cancelled: 0, costUsd: '0', waitMs: null, durationMs: null };
  const busy = (succeeded: number) => ({
    ...{ succeeded, failed: 2, timedOut: 1, cancelled: 1, costUsd: (succeeded * 0.31).toFixed(4) },
    ...{ waitMs: { p50: 900, p95: 12_000 }, durationMs: { p50: 95_000, p95: 640_000 } },
  });
  const isEmpty = tasks.length === 0;
  const buckets = Array.from({ length: 7 }, (_, index) => ({
    at: new Date(today - (6 - index) * dayMs).toISOString(),
    ...(isEmpty || index < 3 ? none : busy(4 + index * 2)),
  }));
  const total = isEmpty ? none : { ...busy(40), failed: 8, timedOut: 4, cancelled: 4 };
  const { waitMs: _, ...group } = busy(30);
  return {
    ...{ range, step: 'day', from: buckets[0]?.at ?? ago(0), to: ago(0), buckets, total },
    groups: isEmpty
      ? []
      : [
          { key: groupBy === 'repository' ? 'acme/api' : 'opus', ...group },
          { key: null, ...group, succeeded: 10 },
        ],
    groupsLeft: 0,
    isPartial: false,
  };
}

export const listAnswerers: Partial<Record<RouteName, Answerer>> = {
  readVersion: (_, { world }) => ({
    version: world.health.version,
    protocol: world.health.protocol,
    instance: world.instance,
  }),
  countTasks: ({ query }, { world }) => {
    const { filter = '' } = query as { filter?: string };
    return { value: world.tasks.filter((task) => fitsFilter(task, filter)).length, relation: 'eq' };
  },
  exportTasks: ({ query }, { world }) => {
    const { filter = '' } = query as { filter?: string };
    const fits = world.tasks.filter((task) => fitsFilter(task, filter));
    return ['id,title', ...fits.map(({ id, title }) => `${id},${title}`)].join('\r\n');
  },
  previewTask: ({ body }, { world }) => ({
    ...{ reason: null, reasonText: null, hint: null, ahead: 0, workers: [], ready: world.workers.length },
    similar: {
      repository: (body as { repository?: object }).repository === undefined ? null : 'acme/api',
      ...{ tasks: 12, succeeded: 11, medianDurationMs: 420_000 },
      medianCost: { amount: '0.62', currency: 'USD', basis: 'estimate' },
    },
  }),
  listViews: (_, { world }) => ({ data: world.views }),
  createView: ({ body }, around) => {
    const view = makeView(10 + around.world.views.length, body as CreateView);
    around.world.views.push(view);
    around.notify('view', view.id);
    return view;
  },
  editView: (asked, around) => Object.assign(viewOf(asked, around), asked.body as EditView),
  deleteView: (asked, around) => {
    const gone = viewOf(asked, around);
    around.world.views = around.world.views.filter((view) => view !== gone);
    around.notify('view', gone.id);
  },
  startBulk: ({ body }, around) => {
    const { do: asked, filter, ids, expectedCount } = body as StartBulk & { do: Bulk['do'] };
    const tasks = around.world.tasks.filter((task) =>
      filter === undefined ? ids?.includes(task.id) : fitsFilter(task, bulkFilter(asked.action, filter)),
    );
    if (expectedCount !== undefined && expectedCount !== tasks.length) throw new Failure('count_changed');
    const bulk: Bulk = {
      ...{ id: makeId('bulk', 1 + around.world.bulks.length), do: asked, filter: filter ?? null, by: 'admin' },
      ...{ status: 'running', total: tasks.length, done: 0, failed: 0, failures: [], createdAt: ago(0), endedAt: null },
    };
    around.world.bulks.unshift(act(bulk, tasks, around));
    around.notify('bulk', bulk.id);
    return bulk;
  },
  listBulks: (_, { world }) => ({ data: world.bulks }),
};
