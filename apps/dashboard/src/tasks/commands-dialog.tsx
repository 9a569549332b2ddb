import { isFinal, routes, type Route, type Run, type TaskDetail } from '@corch/contract';
import { routePath } from '@corch/contract/client';
import { CommandLine } from '../ui/copy-button.js';
import { Dialog } from '../ui/dialog.js';
import { shellWord } from '../ui/shell-word.js';
import { applyLine, deliveryOffer, hasSession, isUnreachable } from './task-words.js';

/** A request as a curl line. The key stays in the environment, out of the history of the shell. */
function curlLine(route: Route, params: Record<string, string>): string {
  const method = route.method === 'GET' ? '' : ` -X ${route.method}`;
  return `curl -fsS${method} -H "Authorization: Bearer $CORCH_TOKEN" ${location.origin}${routePath(route, params)}`;
}

function bodyOf(body: unknown): string {
  return ` -H 'content-type: application/json' -d ${shellWord(JSON.stringify(body))}`;
}

interface Lines {
  title: string;
  cli: string;
  curl: string;
}

/** What can be seen of a run. */
function seeing(task: TaskDetail, run: Run): Lines[] {
  const byTask = { taskId: task.id };
  const byRun = { runId: run.id };
  const which = run.id === task.currentRunId ? '' : ` --run ${run.attempt}`;
  const isWaiting = task.status === 'queued' || task.status === 'waiting';
  return [
    { title: 'See it', cli: `corch show ${task.id}`, curl: curlLine(routes.readTask, byTask) },
    { title: 'Follow the transcript', cli: `corch watch ${task.id}`, curl: curlLine(routes.listEvents, byRun) },
    ...(isWaiting
      ? [{ title: 'See why it waits', cli: `corch task why ${task.id}`, curl: curlLine(routes.explainTask, byTask) }]
      : []),
    { title: 'Take the change', cli: applyLine(task, run), curl: curlLine(routes.readPatch, byRun) },
    {
      title: 'Get the kept files',
      cli: `corch artifact get ${task.id}${which}`,
      curl: curlLine(routes.listBlobs, byRun),
    },
  ];
}

/** What can be done with a task, as it stands. */
function doing(task: TaskDetail, run: Run): Lines[] {
  const byTask = { taskId: task.id };
  const line = (title: string, cli: string, route: Route, body?: unknown): Lines => ({
    title,
    cli: `corch ${cli}`,
    curl: curlLine(route, byTask) + (body === undefined ? '' : bodyOf(body)),
  });
  const isOver = isFinal(task.status);
  const goesOn = hasSession(task, run);
  const offer = deliveryOffer(task, task.currentRun);
  return [
    ...(isUnreachable(task)
      ? [line('Take it from its worker', `task release ${task.id}`, routes.releaseTask, {})]
      : []),
    ...(task.executor === 'claude'
      ? [
          line('Say something', `send ${task.id} "…"`, routes.sendMessage, { text: '…' }),
          ...(task.status === 'running' ? [line('Interrupt it', `interrupt ${task.id}`, routes.interruptTask)] : []),
          ...(goesOn ? [line('Fork it', `fork ${task.id} "…"`, routes.forkTask, { prompt: '…' })] : []),
        ]
      : []),
    ...(offer === null
      ? []
      : [
          line(
            'Deliver the change',
            `pr ${task.id}${offer === 'pull request' ? '' : ' --retry'}`,
            routes.deliverTask,
            offer === 'again' ? {} : { mode: offer === 'branch' ? 'branch' : 'pr' },
          ),
        ]),
    line('Rename it', `task set ${task.id} --title "…"`, routes.editTask, { title: '…' }),
    ...(isOver
      ? [
          line('Run it again', `retry ${task.id}`, routes.retryTask),
          ...(goesOn
            ? [line('Continue its session', `retry ${task.id} --continue`, routes.retryTask, { from: 'continue' })]
            : []),
          line('Delete it', `rm ${task.id}`, routes.deleteTask),
        ]
      : [line('Cancel it', `cancel ${task.id}`, routes.cancelTask)]),
  ];
}

/** What this page shows and does, from a terminal. */
export function CommandsDialog({ task, run, onClose }: { task: TaskDetail; run: Run; onClose: () => void }) {
  const groups = [...seeing(task, run), ...doing(task, run)];
  return (
    <Dialog title="The same from a terminal" onClose={onClose}>
      <div className="flex flex-col gap-4">
        {groups.map(({ title, cli, curl }) => (
          <section key={title} className="flex flex-col gap-1.5">
            <h3 className="text-sm font-medium">{title}</h3>
            <CommandLine text={cli} label={`Copy: ${cli}`} />
            <CommandLine text={curl} label={`Copy the curl line: ${title}`} />
          </section>
        ))}
        <p className="text-[0.8125rem] text-muted">
          The curl lines need an API key in CORCH_TOKEN; make one with{' '}
          <code className="font-mono">corch key create</code>.
        </p>
      </div>
    </Dialog>
  );
}
