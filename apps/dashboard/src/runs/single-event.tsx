import { Brain, CircleHelp, Flag, GitPullRequest, Info, ListChecks, Play, TriangleAlert, User } from 'lucide-react';
import { outcomeRow, reasonRow } from '@corch/contract';
import type { ReactNode } from 'react';
import { costWords, statWords } from '../tasks/task-words.js';
import { StatusIcon, statusWords } from '../tasks/status-look.js';
import { Fold } from '../ui/fold.js';
import { Markdown } from '../ui/markdown.js';
import { Sentence } from '../ui/sentence.js';
import { absoluteTime, stepDuration } from '../ui/time-format.js';
import { useLinkedEvent } from './linked-event.js';
import type { Step } from './steps.js';

type Single = Extract<Step, { kind: 'single' }>['event'];

/** A step that is one event, each type in its own shape. */
export function SingleEvent({ event }: { event: Single }) {
  switch (event.type) {
    case 'text':
      return (
        <div>
          <span className="sr-only">claude: </span>
          <Markdown text={event.text} />
        </div>
      );
    case 'message':
      return <Words who={event.by} text={event.text} />;
    case 'prompt':
      // A message was shown when it was said.
      if (event.messageId != null) return <Line icon={<Info size={15} />}>Claude was told the message.</Line>;
      return <Words who="you" text={event.text} />;
    case 'thinking':
      return <Thought text={event.text} seq={event.seq} />;

    case 'status':
      return (
        <Line icon={<StatusIcon status={event.status} reason={event.reason} still />}>
          <strong className="font-medium">{statusWords(event)}</strong>
          {event.workerName != null && ` on ${event.workerName}`}
          <Sentence text={statusDetail(event)} />
        </Line>
      );
    case 'action':
      return (
        <Line icon={<User size={15} />}>
          {event.text}
          {!event.text.includes(event.by) && <span> ({event.by})</span>}
        </Line>
      );
    case 'note':
      return event.level === 'info' ? (
        <Line icon={<Info size={15} />}>{event.text}</Line>
      ) : (
        <Line icon={<TriangleAlert size={15} />} tone={event.level === 'error' ? 'text-red' : 'text-amber'}>
          {event.text}
        </Line>
      );
    case 'session':
      return (
        <Line icon={<Play size={15} />}>
          Claude Code{event.claudeVersion != null && ` ${event.claudeVersion}`} with {event.model}
          {event.permissionMode != null && `, permissions ${event.permissionMode}`}
        </Line>
      );
    case 'denied':
      return (
        <Line icon={<TriangleAlert size={15} />} tone="text-red">
          <span className="font-medium">{event.toolName} was denied.</span> {event.text}
        </Line>
      );
    case 'model_fallback':
      return (
        <Line icon={<TriangleAlert size={15} />} tone="text-amber">
          {event.text || `${event.to} answers instead of ${event.from}.`}
        </Line>
      );
    case 'limit':
      return (
        <Line icon={<Info size={15} />}>
          Plan limit{event.limitType !== null && ` (${event.limitType.replaceAll('_', ' ')})`}: {event.status}
          {event.resetsAt !== null && `, resets ${absoluteTime(Date.parse(event.resetsAt))}`}
        </Line>
      );
    case 'turn_result':
      return (
        <Line icon={<Flag size={15} />} tone={event.isError ? 'text-red' : 'text-muted'}>
          {turnWords(event)}
        </Line>
      );
    case 'exit':
      return (
        <Line
          icon={<Flag size={15} />}
          tone={['succeeded', 'cancelled'].includes(event.outcome) ? 'text-muted' : 'text-red'}
        >
          {outcomeRow(event.outcome).sentence}
          {event.text !== outcomeRow(event.outcome).sentence && ` ${event.text}`}
          {event.code !== null && event.code !== 0 && ` (exit code ${event.code})`}
          {event.signal !== null && ` (${event.signal})`}
        </Line>
      );
    case 'approval':
      return (
        <Line icon={<CircleHelp size={15} />} tone={event.status === 'open' ? 'text-amber' : 'text-muted'}>
          {event.text}
        </Line>
      );
    case 'change':
      return (
        <Line icon={<Flag size={15} />}>
          {event.stat.files === 0
            ? 'Nothing was changed.'
            : `${event.stat.files} ${event.stat.files === 1 ? 'file' : 'files'} changed, ${statWords(event.stat)}`}
          {event.branch !== null && event.stat.files > 0 && ` on ${event.branch}`}
        </Line>
      );
    case 'check':
      return (
        <Line icon={<ListChecks size={15} />} tone={checkTones[event.state]}>
          {checkWords(event)}
        </Line>
      );
    case 'delivery':
      return (
        <Line icon={<GitPullRequest size={15} />}>
          {event.text}{' '}
          {event.url !== null && (
            <a className="text-accent underline" href={event.url} rel="noreferrer" target="_blank">
              {event.url}
            </a>
          )}
        </Line>
      );
    case 'gap':
      return (
        <p className="border-y border-dashed border-amber py-1 text-center text-[0.8125rem] text-amber">{event.text}</p>
      );
  }
}

function Words({ who, text }: { who: string; text: string }) {
  return (
    <div className="rounded-xl bg-accent-soft px-4 py-3">
      <p className="mb-1 flex items-center gap-1.5 text-[0.8125rem] font-medium text-accent">
        <User size={14} aria-hidden />
        {who}
        <span className="sr-only">: </span>
      </p>
      <p className="break-words whitespace-pre-wrap">{text}</p>
    </div>
  );
}

function Thought({ text, seq }: { text: string; seq: number }) {
  const isLinked = useLinkedEvent() === seq;
  return (
    <Fold
      key={String(isLinked)}
      startsOpen={isLinked}
      summary={
        <span className="flex min-w-0 items-center gap-1.5 text-muted">
          <Brain size={16} aria-hidden className="shrink-0" />
          <span className="shrink-0">Thinking</span>
          <span className="min-w-0 truncate text-[0.8125rem]">{text.slice(0, 200)}</span>
        </span>
      }
    >
      {() => <p className="mb-2 ml-5 border-l border-line pl-3 break-words whitespace-pre-wrap text-muted">{text}</p>}
    </Fold>
  );
}

/** What the status alone does not say. */
function statusDetail({ status, reason, text }: Extract<Single, { type: 'status' }>): string {
  const detail = text ?? (reason === null ? '' : reasonRow(reason).sentence);
  return detail === '' || detail === `${statusWords({ status, reason })}.` ? '' : `. ${detail}`;
}

const checkTones = { started: 'text-muted', passed: 'text-muted', failed: 'text-red' };

/** `Check npm test failed with exit code 1 after 2 s.` */
function checkWords({ kind, name, round, state, exitCode, durationMs }: Extract<Single, { type: 'check' }>): string {
  const parts = [
    `${kind[0]?.toUpperCase()}${kind.slice(1)} ${name}`,
    round === 0 ? '' : `(round ${round})`,
    state,
    state === 'failed' && exitCode != null ? `with exit code ${exitCode}` : '',
    durationMs == null ? '' : `after ${stepDuration(durationMs)}`,
  ];
  return `${parts.filter((part) => part !== '').join(' ')}.`;
}

function turnWords(event: Extract<Single, { type: 'turn_result' }>): string {
  const parts = [
    event.isError ? `The turn ended with an error (${event.subtype.replaceAll('_', ' ')})` : 'The turn ended',
    event.turns === null ? '' : `${event.turns} ${event.turns === 1 ? 'turn' : 'turns'}`,
    event.durationMs === null ? '' : stepDuration(event.durationMs),
    event.costUsd === null ? '' : costWords({ amount: String(event.costUsd), basis: 'estimate' }),
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function Line({ icon, tone = 'text-muted', children }: { icon: ReactNode; tone?: string; children: ReactNode }) {
  return (
    <p className={`flex items-start gap-2 text-sm ${tone}`}>
      <span aria-hidden className="mt-[3px] inline-flex shrink-0">
        {icon}
      </span>
      <span className="min-w-0 break-words">{children}</span>
    </p>
  );
}
