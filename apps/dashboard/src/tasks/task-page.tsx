import { isFinal, type Run, type TaskDetail } from '@corch/contract';
import { useState } from 'react';
import { useParams, useSearchParams } from 'react-router-dom';
import { ErrorNotice } from '../api/error-notice.js';
import { isNotFound } from '../api/describe-error.js';
import { ApprovalsPanel } from '../approvals/approvals-panel.js';
import { AnswerTab } from '../runs/answer-tab.js';
import { ChangesTab } from '../runs/changes-tab.js';
import { Conversation } from '../runs/conversation.js';
import { RawTab } from '../runs/raw-tab.js';
import { RunsTab } from '../runs/runs-tab.js';
import { TimelineTab } from '../runs/timeline-tab.js';
import { useTranscript } from '../runs/use-transcript.js';
import { ButtonLink } from '../ui/button.js';
import { Empty } from '../ui/notice.js';
import { Page } from '../ui/page.js';
import { SkeletonRows } from '../ui/skeleton.js';
import { Composer } from './composer.js';
import { DetailsTab } from './details-tab.js';
import { statusWords } from './status-look.js';
import { TaskBar } from './task-bar.js';
import { TaskHeader } from './task-header.js';
import { TaskTabs, readTab } from './task-tabs.js';
import { useRuns, useTask } from './use-task.js';

export function TaskPage() {
  const { taskId = '' } = useParams();
  const { data: task, error, refetch, isFetching } = useTask(taskId);
  if (task !== undefined && !isNotFound(error)) return <ShownTask task={task} />;
  if (error === null) {
    return (
      <Page title="Task">
        <SkeletonRows count={4} label="Reading the task" rowClass="h-16" />
      </Page>
    );
  }
  if (isNotFound(error)) return <NoSuchTask taskId={taskId} />;
  return (
    <Page title="Task">
      <ErrorNotice error={error} onRetry={() => void refetch()} pending={isFetching} />
    </Page>
  );
}

function NoSuchTask({ taskId }: { taskId: string }) {
  return (
    <Page title="No such task">
      <Empty title="There is no task with this id. It may have been deleted.">
        <code className="font-mono break-all">{taskId}</code>
        <ButtonLink to="/tasks">All tasks</ButtonLink>
      </Empty>
    </Page>
  );
}

function ShownTask({ task }: { task: TaskDetail }) {
  const [search] = useSearchParams();
  const runs = useRuns(task.id);
  const attempt = Number(search.get('run') ?? NaN);
  const chosen = runs.data?.data.find((run) => run.attempt === attempt);
  // The task's own copy of its current run is the fresher one.
  const run = chosen === undefined || chosen.id === task.currentRunId ? task.currentRun : chosen;
  return (
    <Page
      title={task.title}
      tabTitle={`${statusWords(task)}: ${task.title}`}
      header={<TaskHeader task={task} run={run} runs={runs.data?.data ?? []} />}
    >
      <RunView key={run.id} task={task} run={run} />
    </Page>
  );
}

function RunView({ task, run }: { task: TaskDetail; run: Run }) {
  const [search] = useSearchParams();
  const tab = readTab(search);
  const transcript = useTranscript(run.id, tab === 'conversation' || tab === 'timeline');
  // Decided when the page opens: a run that ends while somebody reads keeps its place and says its last words.
  const [wasFinal] = useState(isFinal(run.status));
  return (
    <>
      {run.id === task.currentRunId && <ApprovalsPanel task={task} />}
      <TaskBar task={task} run={run}>
        <TaskTabs tab={tab} run={run} runCount={task.runCount} />
      </TaskBar>
      {tab === 'conversation' && <Conversation run={run} isFinal={wasFinal} transcript={transcript} />}
      {tab === 'changes' && <ChangesTab task={task} run={run} />}
      {tab === 'answer' && <AnswerTab run={run} />}
      {tab === 'timeline' && <TimelineTab run={run} transcript={transcript} />}
      {tab === 'runs' && <RunsTab task={task} current={run} />}
      {tab === 'details' && <DetailsTab task={task} run={run} />}
      {tab === 'raw' && <RawTab run={run} />}
      {(tab === 'conversation' || tab === 'changes') && <Composer task={task} />}
    </>
  );
}
