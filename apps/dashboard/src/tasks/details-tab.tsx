import type { Run, TaskDetail } from '@corch/contract';
import type { ReactNode } from 'react';
import { Link } from 'react-router-dom';
import { CopyButton } from '../ui/copy-button.js';
import { limitDuration } from '../ui/time-format.js';
import { AbsoluteTime } from '../ui/time.js';
import { JsonBlock } from '../runs/json-block.js';
import { backoffWords, repositoryAddress } from './task-words.js';

/** Everything that was asked for and everything that is known, with ids to copy. */
export function DetailsTab({ task, run }: { task: TaskDetail; run: Run }) {
  return (
    <div className="flex flex-col gap-6">
      <Asked task={task} />
      <Options task={task} />
      <Section title={`Run ${run.attempt}`}>
        <Id name="Task" value={task.id} />
        <Id name="Run" value={run.id} />
        {run.sessionId !== null && <Id name="Claude session" value={run.sessionId} />}
        {run.branch !== null && <Id name="Branch" value={run.branch} />}
        {run.baseCommit !== null && <Id name="Base commit" value={run.baseCommit} />}
        <Time name="Created" at={run.createdAt} />
        {run.continuesRunId !== null && <Id name="Goes on from run" value={run.continuesRunId} />}
        <Time name={run.status === 'waiting' ? 'Goes on' : 'Not before'} at={run.readyAt} />
        <Time name="Started" at={run.startedAt} />
        <Time name="Cancel asked for" at={run.cancelRequestedAt} />
        <Time name="Ended" at={run.endedAt} />
        <Item name="Claims">{run.leaseEpoch}</Item>
        {run.exit !== null && (
          <Item name="Exit">
            {run.exit.outcome}
            {run.exit.code !== null && `, code ${run.exit.code}`}
            {run.exit.signal !== null && `, ${run.exit.signal}`}
            {run.exit.message !== null && <span className="block break-words">{run.exit.message}</span>}
          </Item>
        )}
        {run.confirmed !== null && <Item name="End confirmed">{run.confirmed ? 'yes' : 'not by the worker yet'}</Item>}
        {run.result?.turns != null && <Item name="Turns">{run.result.turns}</Item>}
      </Section>
    </div>
  );
}

function Asked({ task }: { task: TaskDetail }) {
  const { spec } = task;
  const text = spec.executor === 'command' ? (spec.command ?? []).join('\n') : (spec.prompt ?? '');
  return (
    <section className="flex flex-col gap-2">
      <h2 className="font-medium">{spec.executor === 'command' ? 'Command, one argument a line' : 'Prompt'}</h2>
      <div className="relative rounded-xl border border-line bg-surface p-4 pr-12">
        <div className="absolute top-2 right-2">
          <CopyButton text={text} label="Copy the prompt" />
        </div>
        <p className="max-h-[30rem] overflow-y-auto break-words whitespace-pre-wrap">{text}</p>
      </div>
      {spec.systemPrompt !== undefined && (
        <>
          <h3 className="text-sm font-medium">Added to the system prompt</h3>
          <p className="text-sm break-words whitespace-pre-wrap">{spec.systemPrompt}</p>
        </>
      )}
      {spec.answerSchema !== undefined && <JsonBlock label="Answer schema" value={spec.answerSchema} />}
    </section>
  );
}

function Options({ task }: { task: TaskDetail }) {
  const { spec } = task;
  return (
    <Section title="Options">
      {spec.repository !== undefined && <Item name="Repository">{repositoryAddress(spec.repository)}</Item>}
      {spec.ref !== undefined && (
        <Item name="Base">
          {spec.ref}
          {task.startsFrom !== null && (
            <>
              {' '}
              (the change of{' '}
              <Link to={`/tasks/${task.startsFrom.taskId}`} className="underline">
                another task
              </Link>
              )
            </>
          )}
        </Item>
      )}
      {spec.executor === 'claude' && (
        <>
          <Item name="Model">{spec.model ?? 'the default of Claude Code'}</Item>
          {spec.fallbackModel !== undefined && <Item name="Fallback model">{spec.fallbackModel}</Item>}
          <Item name="Permissions">{spec.permissionPolicy}</Item>
          <Item name="Denied tool">{spec.failOnDenied ? 'fails the run' : 'is counted'}</Item>
          {spec.tools !== undefined && <Item name="Tools">{spec.tools.join(', ')}</Item>}
          {spec.mcpServers !== undefined && <Item name="MCP servers">{Object.keys(spec.mcpServers).join(', ')}</Item>}
          {spec.maxTurns !== undefined && <Item name="Most turns">{spec.maxTurns}</Item>}
          {spec.budgetUsd !== undefined && <Item name="Budget">est. ${spec.budgetUsd}</Item>}
        </>
      )}
      <Item name="Timeout">{limitDuration(spec.timeoutSeconds)}</Item>
      <Item name="Idle timeout">{limitDuration(spec.idleTimeoutSeconds)}</Item>
      <Item name="Pool">{task.pool}</Item>
      {task.requirements.length > 0 && <Item name="Requires">{task.requirements.join(', ')}</Item>}
      <Item name="Priority">{task.priority}</Item>
      <Item name="Retries">{task.retries}</Item>
      <Item name="Pause before one">{backoffWords(task.backoff)}</Item>
      {task.concurrencyKey !== null && (
        <Item name="At once">
          {task.concurrencyLimit} of “{task.concurrencyKey}”
        </Item>
      )}
      <Time name="Start at" at={task.startAt} />
    </Section>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-2">
      <h2 className="font-medium">{title}</h2>
      <dl className="grid grid-cols-[minmax(7rem,auto)_1fr] gap-x-5 gap-y-1.5 rounded-xl border border-line bg-surface p-4 text-sm">
        {children}
      </dl>
    </section>
  );
}

function Item({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}

function Time({ name, at }: { name: string; at: string | null }) {
  return at === null ? null : (
    <Item name={name}>
      <AbsoluteTime at={at} />
    </Item>
  );
}

function Id({ name, value }: { name: string; value: string }) {
  return (
    <Item name={name}>
      <span className="flex items-center gap-1">
        <code className="min-w-0 font-mono text-[0.8125rem] break-all">{value}</code>
        <CopyButton text={value} label={`Copy ${name}`} />
      </span>
    </Item>
  );
}
