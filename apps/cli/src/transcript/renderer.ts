import type { EventBody, RunEvent } from '@corch/contract';
import { statText } from '../format/facts.js';
import { count, cut, oneLine, plain } from '../format/text.js';
import { clock } from '../format/time.js';
import { line, lines, type Line } from './line.js';
import { errorText, toolDetail, toolText } from './tool-call.js';

type Body<T extends EventBody['type']> = Extract<EventBody, { type: T }>;
type ToolUse = Body<'tool_use'> & { at: string };

/**
 * Turns the events of one run into lines that people read. A tool call and its result become one line, printed when the result is
 * there; `full` adds prompts, thinking, and what tools answered.
 */
export class TranscriptRenderer {
  private readonly open = new Map<string, ToolUse>();
  private readonly denied = new Set<string>();
  private readonly rest = { stdout: '', stderr: '' };
  private cwd: string | undefined;
  private unknown = 0;
  private lastText = '';

  constructor(private readonly full: boolean) {}

  /** The lines that `event` completes. */
  push(event: RunEvent): Line[] {
    if (event.type === 'raw' && !this.full) {
      this.unknown += 1;
      return [];
    }
    if (event.type === 'output') return [...this.flushUnknown(), ...this.output(event)];
    const before = [...this.flushUnknown(), ...this.flushOutput()];
    const shown = this.body(event);
    return [...before, ...(event.late ? shown.map((each) => line(each.kind, `${each.text}  (late)`)) : shown)];
  }

  /** What is still unfinished when the run is over. */
  end(): Line[] {
    const unanswered = [...this.open.values()].map((call) => line('tool', `${this.call(call)}  (no result)`));
    this.open.clear();
    return [...this.flushUnknown(), ...this.flushOutput(), ...unanswered];
  }

  /** The tool that is at work now, and since when. */
  get current(): { text: string; since: string } | undefined {
    const call = [...this.open.values()].at(-1);
    return call === undefined ? undefined : { text: this.call(call), since: call.at };
  }

  private body(event: Exclude<RunEvent, { type: 'output' }>): Line[] {
    const indent = 'parentToolUseId' in event && event.parentToolUseId ? '  ' : '';
    switch (event.type) {
      case 'status':
        return statusLines(event);
      case 'action':
        return [line('note', `· ${oneLine(event.text)} (${oneLine(event.by)})`)];
      case 'note':
        return [line(event.level === 'info' ? 'note' : event.level, `· ${oneLine(event.text)}`)];
      case 'prompt':
        // A message was shown when it was said.
        if (event.messageId != null) return this.full ? [line('note', '· Claude was told the message')] : [];
        return this.full ? lines('heading', plain(event.text).trimEnd(), '> ') : [];
      case 'message':
        return lines('heading', plain(event.text).trimEnd(), `${oneLine(event.by)}> `);
      case 'session':
        this.cwd = event.cwd;
        return this.full ? [line('note', `· turn begins: ${sessionText(event)}`)] : [];
      case 'text':
        this.lastText = event.text.trim();
        return lines('text', plain(event.text).trim(), indent);
      case 'thinking':
        return this.full ? lines('detail', plain(event.text).trim(), `${indent}  `) : [];
      case 'tool_use':
        this.open.set(event.toolUseId, event);
        return [];
      case 'tool_result':
        return this.toolResult(event, indent);
      case 'denied':
        return this.denial(event);
      case 'api_retry':
        return [line('warn', `· ${retryText(event)}`)];
      case 'model_fallback':
        return [line('warn', `· model ${event.from} gave way to ${event.to}: ${oneLine(event.text)}`)];
      case 'limit':
        return event.status === 'allowed' && !this.full ? [] : [line('warn', `· ${limitText(event)}`)];
      case 'turn_result':
        return this.turnResult(event);
      case 'exit':
        return event.outcome === 'succeeded' && !this.full ? [] : [line('note', `· ${exitText(event)}`)];
      case 'approval':
        return [line(event.status === 'open' ? 'warn' : 'note', `· ${oneLine(event.text)}`)];
      case 'change':
        return [line('note', `· change: ${statText(event.stat)}${event.branch ? ` on branch ${event.branch}` : ''}`)];
      case 'check':
        return [line(event.state === 'failed' ? 'error' : 'note', `· ${checkText(event)}`)];
      case 'delivery':
        return [line('note', `· ${oneLine(event.text)}${event.url === null ? '' : ` ${event.url}`}`)];
      case 'gap':
        return [line('warn', `· … ${oneLine(event.text)}`)];
      case 'raw':
        return [line('detail', `? ${oneLine(JSON.stringify(event.line))}`)];
    }
  }

  private toolResult(event: Body<'tool_result'> & { at: string }, indent: string): Line[] {
    const call = this.open.get(event.toolUseId);
    this.open.delete(event.toolUseId);
    // Claude Code also answers a denied call with the words of the denial.
    if (this.denied.delete(event.toolUseId)) return [];
    const failed = event.isError ? `  ✗ ${errorText(event.text)}` : '';
    const spent = call === undefined ? 0 : Date.parse(event.at) - Date.parse(call.at);
    const text = `${indent}${call === undefined ? '▸ a tool' : this.call(call)}${failed}${spent >= 1000 ? `  ${clock(spent)}` : ''}`;
    if (!this.full) return [line('tool', text)];
    const asked = call === undefined ? undefined : toolDetail(call.input);
    const answer = plain(event.text).trimEnd();
    return [
      line('tool', text),
      ...(asked === undefined ? [] : lines('detail', asked, `${indent}  $ `)),
      ...(answer === '' ? [] : lines('detail', answer, `${indent}    `)),
    ];
  }

  private denial(event: Body<'denied'>): Line[] {
    const id = event.toolUseId ?? undefined;
    const call = id === undefined ? undefined : this.open.get(id);
    if (id !== undefined && call !== undefined) this.denied.add(id);
    const what = call === undefined ? `▸ ${oneLine(event.toolName)}` : this.call(call);
    const why = this.full ? oneLine(event.text) : cut(oneLine(event.text), 160);
    return [line('tool', `${what}  ✗ denied: ${why}`)];
  }

  private turnResult(event: Body<'turn_result'>): Line[] {
    const said = event.text?.trim() ?? '';
    const answer = said === '' || said === this.lastText ? [] : lines(event.isError ? 'error' : 'text', plain(said));
    const facts = [
      event.isError ? `turn ended with ${event.terminalReason ?? event.subtype}` : 'turn done',
      event.turns === null ? '' : `${event.turns} model ${event.turns === 1 ? 'turn' : 'turns'}`,
      event.durationMs === null ? '' : clock(event.durationMs),
      event.costUsd === null ? '' : `est. $${event.costUsd.toFixed(event.costUsd < 0.1 ? 4 : 2)}`,
    ];
    const summary = facts.filter((fact) => fact !== '').join(' · ');
    return [...answer, line(event.isError ? 'warn' : 'note', `· ${summary}`)];
  }

  /** A command's bytes arrive in pieces; only whole lines are printed. */
  private output(event: Body<'output'>): Line[] {
    const other = event.stream === 'stdout' ? 'stderr' : 'stdout';
    const before = this.flushOutput(other);
    const pieces = (this.rest[event.stream] + event.text).split('\n');
    this.rest[event.stream] = pieces.pop() ?? '';
    return [...before, ...pieces.map((piece) => line('text', plain(lastOverwrite(piece))))];
  }

  /** Newer versions of Claude Code say things that nobody here knows yet; in short they are only counted. */
  private flushUnknown(): Line[] {
    const { unknown } = this;
    this.unknown = 0;
    return unknown === 0 ? [] : [line('detail', `? ${count(unknown, 'event')} of a kind that is not known here`)];
  }

  private flushOutput(only?: 'stdout' | 'stderr'): Line[] {
    const streams = only === undefined ? (['stdout', 'stderr'] as const) : [only];
    return streams.flatMap((stream) => {
      const text = this.rest[stream];
      this.rest[stream] = '';
      return text === '' ? [] : [line('text', plain(lastOverwrite(text)))];
    });
  }

  private call(call: ToolUse): string {
    return `▸ ${toolText(call.name, call.input, this.cwd)}`;
  }
}

/** A progress bar rewrites its line with carriage returns: what it said last stays. */
function lastOverwrite(text: string): string {
  return text.replace(/\r+$/, '').split('\r').at(-1) ?? '';
}

function statusLines(event: Body<'status'>): Line[] {
  const where = event.workerName ? ` on ${event.workerName}` : '';
  const why = event.text ? `: ${oneLine(event.text)}` : '';
  return [line('note', `· ${event.status}${where}${why}`)];
}

function sessionText(event: Body<'session'>): string {
  const version = event.claudeVersion ? `Claude Code ${event.claudeVersion}` : 'Claude Code';
  return `${version}, ${event.model}, ${event.permissionMode ?? 'default'} mode, ${event.cwd}`;
}

const apiWords: Readonly<Record<number, string>> = { 429: 'API limit reached', 529: 'API overloaded' };

function retryText(event: Body<'api_retry'>): string {
  const { httpStatus } = event;
  const known = httpStatus === null ? 'API out of reach' : (apiWords[httpStatus] ?? `API error ${httpStatus}`);
  return `${known}, try ${event.attempt} of ${event.maxRetries} in ${pauseText(event.delayMs)}`;
}

function pauseText(ms: number): string {
  return ms < 950 ? `${Math.round(ms)} ms` : `${Math.round(ms / 1000)} s`;
}

function limitText(event: Body<'limit'>): string {
  const kind = event.limitType === null ? 'plan limit' : `plan limit (${event.limitType.replaceAll('_', ' ')})`;
  const state = event.status === 'rejected' ? 'reached' : event.status.replaceAll('_', ' ');
  return `${kind} ${state}${event.resetsAt === null ? '' : `, resets ${event.resetsAt}`}`;
}

function exitText(event: Body<'exit'>): string {
  const how = event.signal !== null ? `signal ${event.signal}` : event.code !== null ? `exit code ${event.code}` : '';
  return [oneLine(event.text), how && !event.text.includes(how) ? `(${how})` : '']
    .filter((part) => part !== '')
    .join(' ');
}

/** `check npm test failed (exit code 1, 2.1 s)`. */
function checkText({ kind, name, round, state, exitCode, durationMs }: Body<'check'>): string {
  const again = round === 0 ? '' : ` (round ${round})`;
  if (state === 'started') return `${kind} ${oneLine(name)}${again} …`;
  const facts = [
    ...(state === 'failed' ? [exitCode == null ? 'no exit code' : `exit code ${exitCode}`] : []),
    ...(durationMs == null ? [] : [`${(durationMs / 1000).toFixed(1)} s`]),
  ];
  return `${kind} ${oneLine(name)}${again} ${state}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`;
}
