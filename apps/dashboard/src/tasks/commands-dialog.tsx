import { isFinal, routes, type Route, type Run, type TaskDetail } from '@corch/contract';
import { routePath } from '@corch/contract/client';
import { CommandLine } from '../ui/copy-button.js';
import { Dialog } from '../ui/dialog.js';
import { applyLine, isUnreachable } from './task-words.js';

/** A request as a curl line. The key stays in the environment, out of the history of the shell. */
function curlLine(route: Route, params: Record<string, string>): string {
  const method = route.method === 'GET' ? '' : ` -X ${route.method}`;
  return `curl -fsS${method} -H "Authorization: Bearer $CORCH_TOKEN" ${location.origin}${routePath(route, params)}`;
}

function releaseLines(byTask: { taskId: string }) {
  const cli = `corch task release ${byTask.taskId}`;
  const curl = `${curlLine(routes.releaseTask, byTask)} -H 'content-type: application/json' -d '{}'`;
  return { title: 'Take it from its worker', cli, curl };
}

/** What this page shows and does, from a terminal. */
export function CommandsDialog({ task, run, onClose }: { task: TaskDetail; run: Run; onClose: () => void }) {
  const byTask = { taskId: task.id };
  const byRun = { runId: run.id };
  const groups = [
    { title: 'See it', cli: `corch show ${task.id}`, curl: curlLine(routes.readTask, byTask) },
    { title: 'Follow the transcript', cli: `corch watch ${task.id}`, curl: curlLine(routes.listEvents, byRun) },
    ...(task.status === 'queued' || task.status === 'waiting'
      ? [{ title: 'See why it waits', cli: `corch task why ${task.id}`, curl: curlLine(routes.explainTask, byTask) }]
      : []),
    ...(isUnreachable(task) ? [releaseLines(byTask)] : []),
    { title: 'Take the change', cli: applyLine(task, run), curl: curlLine(routes.readPatch, byRun) },
    isFinal(task.status)
      ? { title: 'Run it again', cli: `corch retry ${task.id}`, curl: curlLine(routes.retryTask, byTask) }
      : { title: 'Cancel it', cli: `corch cancel ${task.id}`, curl: curlLine(routes.cancelTask, byTask) },
  ];
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
