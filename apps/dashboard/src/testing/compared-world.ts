import { ago, estimate, makeEvents, makeId, makeRun, makeTask } from './make.js';
import { sampleBodies, samplePatch } from './sample-events.js';
import type { World } from './fixture-world.js';

const totals = (lines: readonly string[]) => `diff --git a/src/totals.js b/src/totals.js
index 1111111..2222222 100644
--- a/src/totals.js
+++ b/src/totals.js
@@ -1,7 +1,${7 - 3 + lines.length} @@
 export function totals(orders) {
-  const sum = orders.reduce((total, order) => total + order.amount, 0);
-  const tax = sum*0.19;
-  return { sum, tax };
${lines.map((line) => `+${line}\n`).join('')} }
 // The end.
 
`;

const added = `diff --git a/test/totals.test.js b/test/totals.test.js
new file mode 100644
index 0000000..3333333
--- /dev/null
+++ b/test/totals.test.js
@@ -0,0 +1,1 @@
+test('rounds', () => assert.equal(totals([]).sum, 0));
`;

/** Adds task 13, of which two runs were made: one failed its checks, one succeeded near its budget. */
export function addComparedRuns(world: World): void {
  const first = makeRun(113, {
    taskId: makeId('task', 13),
    status: 'failed',
    reason: 'checks_failed',
    reasonText: 'The check `npm test` failed after 2 rounds.',
    createdAt: ago(90),
    startedAt: ago(89),
    endedAt: ago(80),
    cost: estimate('0.91'),
    stat: { files: 4, additions: 6, deletions: 5 },
  });
  const second = makeRun(13, {
    attempt: 2,
    trigger: 'retry',
    createdAt: ago(70),
    startedAt: ago(69),
    endedAt: ago(66),
    cost: estimate('1.74'),
    stat: { files: 2, additions: 5, deletions: 3 },
  });
  const task = makeTask(13, second, { title: 'Round the totals to cents' });
  world.tasks.push({ ...task, runCount: 2, spec: { ...task.spec, budgetUsd: 2 } });
  world.earlier.set(task.id, [first]);
  world.patches.set(
    first.id,
    totals([
      '  const sum = orders.reduce((total, order) => total + Math.round(order.amount), 0);',
      '  const tax = sum * 0.19;',
      '  return { sum, tax };',
    ]) + samplePatch,
  );
  world.patches.set(
    second.id,
    totals([
      '  const sum = cents(orders.reduce((total, order) => total + order.amount, 0));',
      '  const tax = cents(sum * 0.19);',
      '  return { sum, tax };',
    ]) + added,
  );
  world.events.set(first.id, makeEvents(sampleBodies));
  world.events.set(second.id, makeEvents([...sampleBodies, { type: 'text', text: 'Now it rounds once, at the end.' }]));
}
